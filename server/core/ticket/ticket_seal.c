/*
 * What the page says of encrypted and signed parts, from the JSON that the
 * message row keeps (inspect.h: INSPECT_SEAL, INSPECT_SIGNATURE).
 */
#include "base/base.h"
#include "base/json.h"
#include "base/when.h"
#include "core/ticket/ticket_priv.h"

DESC_TABLE(ticket_seal, TICKET_SEAL);
DESC_TABLE(ticket_signature, TICKET_SIGNATURE);

static const char *
text(const struct json *o, const char *key)
{
	return json_str(json_get(o, key), NULL);
}

static bool
is(const struct json *o, const char *key, const char *value)
{
	return strcmp(json_str(json_get(o, key), ""), value) == 0;
}

static const char *
smime(const struct json *o)
{
	return g_str_has_prefix(json_str(json_get(o, "kind"), ""), "smime")
	    ? "S/MIME" : NULL;
}

static struct list
read_seals(struct arena *a, const struct json *rows)
{
	struct list l = {.items = ARENA_ARRAY(a, struct ticket_seal,
	    json_len(rows) + 1)};

	for (size_t i = 0; i < json_len(rows); i++) {
		const struct json *o = json_at(rows, i);

		/* what is only signed has its row among the signatures */
		if (is(o, "state", "signed"))
			continue;
		*LIST_AT(ticket_seal, l, l.n++) = (struct ticket_seal){
		    .part = text(o, "part"),
		    .smime = smime(o),
		    .keys = text(o, "keys"),
		    .reason = text(o, "reason"),
		    .partly = !json_is_true(json_get(o, "whole")),
		    .opened = is(o, "state", "opened"),
		    .closed = is(o, "state", "closed"),
		};
	}
	return l;
}

static struct list
read_signatures(struct arena *a, const struct json *rows)
{
	struct list l = {ARENA_ARRAY(a, struct ticket_signature,
	    json_len(rows) + 1), json_len(rows)};

	for (size_t i = 0; i < l.n; i++) {
		const struct json *o = json_at(rows, i);
		struct ticket_signature *s = LIST_AT(ticket_signature, l, i);
		const char *made = text(o, "made");

		*s = (struct ticket_signature){
		    .part = text(o, "part"),
		    .smime = smime(o),
		    .fingerprint = text(o, "fingerprint"),
		    .signer = text(o, "signer"),
		    .reason = text(o, "reason"),
		    .made = DESC_NULL,
		    .partly = !json_is_true(json_get(o, "whole")),
		    .inside = json_is_true(json_get(o, "inside")),
		    .good = is(o, "state", "good"),
		    .untrusted = is(o, "state", "untrusted"),
		    .bad = is(o, "state", "bad"),
		    .unknown = is(o, "state", "unknown-key"),
		    .expired = is(o, "state", "expired"),
		    .revoked = is(o, "state", "revoked"),
		    .unchecked = is(o, "state", "unchecked"),
		};
		/* Only of a match may it be said whose it is not. */
		s->stranger = (s->good || s->untrusted) &&
		    !json_is_true(json_get(o, "from_matches"));
		if (made == NULL || !when_parse_rfc3339(made, &s->made))
			s->made = DESC_NULL;
	}
	return l;
}

void
ticket_read_crypto(struct arena *a, struct ticket_message *m)
{
	const struct json *j;

	if (m->crypto == NULL ||
	    !json_parse(a, m->crypto, strlen(m->crypto), &j, NULL))
		return;
	m->seals = read_seals(a, json_get(j, "seals"));
	m->signatures = read_signatures(a, json_get(j, "signatures"));
	m->crypto_told = m->seals.n > 0;
}
