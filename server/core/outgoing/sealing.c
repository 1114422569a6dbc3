/* See sealing.h. */
#include "base/base.h"
#include "core/outgoing/sealing.h"

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

DESC_TABLE(sealing_key, SEALING_KEY);

#define SEALING_TLP(F, S) F(S, INT, number, none)
DESC_PRIVATE(sealing_tlp, SEALING_TLP);

enum { KEY_ID = 16 }; /* last digits of a fingerprint, as people know it */

/* The robots' own mail; any other purpose, one that is new too, is what
 * "notices" means. */
static const char *const robots[] = {"ack", "confirm", "leave", "help",
    "alert"};

static bool
is_notice(const char *purpose)
{
	for (size_t i = 0; i < COUNT_OF(robots); i++)
		if (strcmp(robots[i], purpose) == 0)
			return false;
	return true;
}

static bool
is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static const char *
key_id(const char *fingerprint)
{
	size_t n = strlen(fingerprint);

	return fingerprint + (n > KEY_ID ? n - KEY_ID : 0);
}

/* ---- what is wanted ------------------------------------------------------- */

static void
wish_sign(const struct site *s, const struct sealing_ask *ask,
    struct sealing *out)
{
	const char *set = s->conf->pgp_sign;

	switch (ask->choice.sign) {
	case SEALING_NO:
		return;
	case SEALING_YES:
		out->sign = out->must_sign = true;
		return;
	case SEALING_AS_SET:
		out->sign = s->sealer != NULL && (is(set, "all") ||
		    (is(set, "notices") && is_notice(ask->purpose)));
		out->must_sign = out->sign && ask->person;
		return;
	}
}

/* Must it not leave in the open, as the settings say? */
static bool
is_red(struct db *db, struct arena *a, const struct site *s,
    const struct sealing_ask *ask, bool *red, GError **err)
{
	struct sealing_tlp row = {0};

	*red = false;
	return ask->ticket == 0 || !is(s->conf->pgp_encrypt, "red") ||
	    !is_notice(ask->purpose) ||
	    db_opt(db, a, Q_KEYRING_RED, DB_ARGS(DB_INT(ask->ticket)),
		&desc_sealing_tlp, &row, red, err);
}

static bool
wish_encrypt(struct db *db, struct arena *a, const struct site *s,
    const struct sealing_ask *ask, struct sealing *out, GError **err)
{
	bool red;

	if (!is_red(db, a, s, ask, &red, err))
		return false;
	if (red && ask->choice.encrypt == SEALING_NO)
		return fault_set(err, FAULT_INPUT,
		    "Mail of a TLP:RED ticket is sent encrypted only.");
	switch (ask->choice.encrypt) {
	case SEALING_NO:
		break;
	case SEALING_YES:
		out->encrypt = out->must_encrypt = true;
		break;
	case SEALING_AS_SET:
		out->must_encrypt = red;
		out->encrypt = red ||
		    (s->sealer != NULL &&
			!is(s->conf->pgp_encrypt, "off") &&
			is_notice(ask->purpose));
		break;
	}
	return true;
}

/* ---- keys ----------------------------------------------------------------- */

bool
sealing_keys(struct db *db, struct arena *a, const char *const *to,
    struct list *keys, GError **err)
{
	return db_list(db, a, Q_KEYRING_FOR, DB_ARGS(DB_TEXTS(to)),
	    &desc_sealing_key, keys, err);
}

static bool
unusable(const struct sealing_key *k, GError **err)
{
	if (k->fingerprint == NULL)
		return fault_set(err, FAULT_INPUT,
		    "It cannot be encrypted: there is no key of %s.",
		    k->address);
	return fault_set(err, FAULT_INPUT,
	    "It cannot be encrypted: the key %s of %s is %s.",
	    key_id(k->fingerprint), k->address, k->state);
}

/* The keys of all and the team's own; false: of one there is none. */
static bool
gather(struct db *db, struct arena *a, const struct sealing_ask *ask,
    struct sealing *out, GError **err)
{
	GString *keys = arena_gstring(a), *told = arena_gstring(a);
	GPtrArray *to = arena_ptr_array(a);
	struct list rows, own;

	if (!sealing_keys(db, a, ask->to, &rows, err) ||
	    !db_list(db, a, Q_KEYRING_OWN, DB_NONE, &desc_keyring_key, &own,
		err))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct sealing_key *k = LIST_AT(sealing_key, rows, i);

		if (!is(k->state, "valid"))
			return unusable(k, err);
		g_ptr_array_add(to, (void *)(uintptr_t)k->fingerprint);
		g_string_append(keys, k->data);
		g_string_append_printf(told, "%s%s %s", i > 0 ? ", " : "",
		    k->address, key_id(k->fingerprint));
	}
	if (own.n == 0)
		return fault_set(err, FAULT_INPUT,
		    "It cannot be encrypted: the team's own key is not "
		    "published, or no longer valid.");
	for (size_t i = 0; i < own.n; i++) {
		const struct keyring_key *k = LIST_AT(keyring_key, own, i);

		g_ptr_array_add(to, (void *)(uintptr_t)k->fingerprint);
		g_string_append(keys, k->data);
	}
	g_ptr_array_add(to, NULL);
	out->to = (const char *const *)to->pdata;
	out->keys = keys->str;
	out->told = told->str;
	return true;
}

/* Under "possible" a mail to somebody without a key is not encrypted. */
static bool
give_up(struct sealing *out, GError *why, GError **err)
{
	if (out->must_encrypt || !fault_is(why, FAULT_INPUT)) {
		g_propagate_error(err, why);
		return false;
	}
	g_error_free(why);
	out->encrypt = false;
	return true;
}

bool
sealing_plan(struct db *db, struct arena *a, const struct site *s,
    const struct sealing_ask *ask, struct sealing *out, GError **err)
{
	GError *why = NULL;

	*out = (struct sealing){.keeper = s->sealer};
	wish_sign(s, ask, out);
	if (db != NULL && !wish_encrypt(db, a, s, ask, out, err))
		return false;
	if ((out->must_sign || out->must_encrypt) && s->sealer == NULL)
		return fault_set(err, FAULT_INPUT,
		    "It cannot be %s: this desk has no OpenPGP key.",
		    out->must_encrypt ? "encrypted" : "signed");
	return !out->encrypt || gather(db, a, ask, out, &why) ||
	    give_up(out, why, err);
}

/* ---- doing it ------------------------------------------------------------- */

static bool
encrypt(struct sealing *p, struct arena *a, const char *entity, size_t len,
    struct keeper_sealed *out, GError **err)
{
	g_autoptr(GError) why = NULL;

	if (keeper_encrypt(p->keeper, a, entity, len, p->to, p->keys, p->sign,
		out, &why))
		return true;
	/* Where the signature may be left out, that is no reason to send it
	 * in the open. */
	if (p->sign && !p->must_sign && fault_is(why, FAULT_INPUT) &&
	    keeper_encrypt(p->keeper, a, entity, len, p->to, p->keys, false,
		out, NULL)) {
		log_warning("outbox.not_signed", LOG_S("why", why->message));
		return true;
	}
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

static bool
seal(void *ctx, struct arena *a, const char *entity, size_t len,
    struct compose_sealed *out, GError **err)
{
	struct sealing *p = ctx;
	struct keeper_sealed k;

	if (!(p->encrypt ? encrypt(p, a, entity, len, &k, err)
			 : keeper_sign(p->keeper, a, entity, len, &k, err)))
		return false;
	p->signer = k.signer;
	p->encrypted = p->encrypt;
	*out = (struct compose_sealed){.signature = k.signature,
	    .micalg = k.micalg, .cipher = k.cipher, .len = k.len};
	return true;
}

/* What it is without, when it cannot be all that was planned; false: then
 * it is not sent. */
static bool
lessen(struct sealing *p, const GError *why)
{
	if (p->encrypt && (p->must_encrypt || !fault_is(why, FAULT_INPUT)))
		return false;
	if (p->encrypt) {
		log_warning("outbox.not_encrypted", LOG_S("why", why->message));
		p->encrypt = false;
		return true;
	}
	if (p->must_sign)
		return false;
	log_warning("outbox.not_signed", LOG_S("why", why->message));
	p->sign = false;
	return true;
}

bool
sealing_compose(struct arena *a, struct sealing *p, struct compose_mail *m,
    struct compose_bytes *out, GError **err)
{
	p->sealer = (struct compose_sealer){seal, p};
	for (;;) {
		g_autoptr(GError) why = NULL;

		m->sealer = p->sign || p->encrypt ? &p->sealer : NULL;
		if (compose_mail(a, m, out, &why))
			return true;
		if (m->sealer == NULL || !lessen(p, why)) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
	}
}

const char *
sealing_json(struct arena *a, const struct sealing *p)
{
	GString *json = arena_gstring(a);
	struct json_out w = json_out(json);

	if (p->signer == NULL && !p->encrypted)
		return NULL;
	json_begin(&w, '{');
	json_text(&w, "crypto", p->encrypted ? "encrypted" : "signed");
	json_key(&w, "seals");
	json_begin(&w, '[');
	if (p->encrypted) {
		json_begin(&w, '{');
		json_text(&w, "kind", "pgp-mime");
		json_text(&w, "state", "sent");
		json_bool(&w, "whole", true);
		json_text(&w, "keys", p->told);
		json_end(&w, '}');
	}
	json_end(&w, ']');
	json_key(&w, "signatures");
	json_begin(&w, '[');
	if (p->signer != NULL) {
		json_begin(&w, '{');
		json_text(&w, "kind", p->encrypted ? "pgp-mime"
						   : "pgp-signed");
		json_text(&w, "state", "made");
		json_bool(&w, "whole", true);
		json_bool(&w, "inside", p->encrypted);
		json_bool(&w, "from_matches", true);
		json_text(&w, "fingerprint", p->signer);
		json_end(&w, '}');
	}
	json_end(&w, ']');
	json_end(&w, '}');
	return json->str;
}
