/* See unseal.h. */
#include "base/base.h"
#include "inspect/process/unseal.h"

#include "base/log.h"
#include "base/text.h"

static const char no_key[] = "This desk has no OpenPGP key.";
static const char not_ours[] =
    "Its key is not in this desk's table of keys.";

struct job {
	struct pool *parsers;
	struct keeper *keeper;
	const struct unseal_keys *keys;
	struct arena *a;
	struct inspection *in;
	const char *from;
	GPtrArray *signatures; /* of struct inspect_signature * */
	struct inspect_piece pieces[INSPECT_PIECES_MAX];
	size_t n;
};

static bool
is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

static bool
is_smime(const struct inspect_seal *s)
{
	return g_str_has_prefix(s->kind, "smime-");
}

/* ---- signatures ----------------------------------------------------------- */

static void
add_signature(struct job *j, const struct inspect_seal *s,
    const struct inspect_signature *g, bool inside)
{
	struct inspect_signature *row =
	    ARENA_NEW(j->a, struct inspect_signature);

	*row = *g;
	row->kind = s->kind;
	row->part = s->part;
	row->whole = s->whole;
	row->inside = inside;
	if (j->signatures->len < INSPECT_SIGNATURES_MAX)
		g_ptr_array_add(j->signatures, row);
}

static void
not_checked(struct job *j, const struct inspect_seal *s, const char *why)
{
	add_signature(j, s, &(struct inspect_signature){.state = "unchecked",
	    .made = DESC_NULL, .reason = why}, s->inside);
}

static bool
has_address(const char *addresses, const char *from)
{
	g_auto(GStrv) list = g_strsplit(addresses, " ", -1);
	bool found = false;

	for (size_t i = 0; from != NULL && list[i] != NULL; i++)
		found |= text_ieq(list[i], from);
	return found;
}

/* gpg says which key made it; whose key that is, our table says. */
static void
judge(struct job *j, struct inspect_signature *g)
{
	struct unseal_key key;
	bool found = g->fingerprint != NULL &&
	    j->keys->find(j->keys->ctx, j->a, g->fingerprint, &key) &&
	    text_ieq(key.fingerprint, g->fingerprint);

	g->from_matches = found && has_address(key.addresses, j->from);
	if (found) {
		g->signer = key.uid;
	} else if (is(g->state, "good")) {
		g->state = "unknown-key";
		g->reason = not_ours;
	}
}

/* The keys in our table that gpg lacked; true: it has one more now. */
static bool
supply(struct job *j, const struct keeper_answer *answer)
{
	bool more = false;

	for (size_t i = 0; i < answer->signatures.n; i++) {
		const struct inspect_signature *g = LIST_AT(inspect_signature,
		    answer->signatures, i);
		struct unseal_key key;
		struct list imported;

		if (is(g->state, "unknown-key") && g->fingerprint != NULL &&
		    j->keys->find(j->keys->ctx, j->a, g->fingerprint, &key))
			more |= keeper_import(j->keeper, j->a, key.data,
			    strlen(key.data), &imported, NULL);
	}
	return more;
}

static bool
ask(struct job *j, const struct keeper_source *from,
    const struct inspect_seal *s, struct keeper_answer *out, GError **err)
{
	if (!keeper_open(j->keeper, j->a, from, s, out, err))
		return false;
	return !supply(j, out) ||
	    keeper_open(j->keeper, j->a, from, s, out, err);
}

static void
take_signatures(struct job *j, const struct inspect_seal *s,
    const struct keeper_answer *answer, bool inside)
{
	for (size_t i = 0; i < answer->signatures.n; i++) {
		struct inspect_signature *g = LIST_AT(inspect_signature,
		    answer->signatures, i);

		judge(j, g);
		add_signature(j, s, g, inside);
	}
}

/* ---- seals ---------------------------------------------------------------- */

static void
one_seal(struct job *j, const struct keeper_source *from,
    struct inspect_seal *s, size_t number)
{
	bool is_signed = is(s->state, "signed");
	struct keeper_answer answer;
	g_autoptr(GError) why = NULL;

	if (is_smime(s))
		return;
	if (j->keeper == NULL) {
		s->reason = is_signed ? NULL : no_key;
		if (is_signed)
			not_checked(j, s, no_key);
		return;
	}
	if (!ask(j, from, s, &answer, &why)) {
		const char *text = arena_strdup(j->a, why->message);

		log_fault("intake.sealed", why);
		if (is_signed)
			not_checked(j, s, text);
		else
			s->reason = text;
		return;
	}
	if (!is_signed) {
		s->keys = answer.keys;
		s->reason = answer.reason;
		if (!answer.opened)
			return;
		if (j->n == INSPECT_PIECES_MAX) {
			s->reason = "Too many encrypted parts.";
			return;
		}
		j->pieces[j->n++] = (struct inspect_piece){.seal = number,
		    .fd = answer.fd, .len = answer.len};
		s->state = answer.encrypted ? "opened" : "signed";
	}
	take_signatures(j, s, &answer,
	    s->inside || (!is_signed && answer.encrypted));
}

/* Of the second reading: what we knew of the seals outside, and the
 * signatures inside. */
static void
second(struct job *j, const struct inspection *first)
{
	struct inspection *in = j->in;
	struct keeper_source inside = {.fd = -1};

	for (size_t i = 0; i < first->seals.n && i < in->seals.n; i++) {
		struct inspect_seal *s = LIST_AT(inspect_seal, in->seals, i);
		bool shown = !is(s->state, "closed");

		*s = *LIST_AT(inspect_seal, first->seals, i);
		if (!shown && is(s->state, "opened")) {
			s->state = "closed";
			s->reason = "Another part is shown in its place.";
		}
	}
	for (size_t i = 0; i < j->n && inside.fd < 0; i++)
		if (j->pieces[i].seal < first->seals.n &&
		    is(LIST_AT(inspect_seal, first->seals, j->pieces[i].seal)
			->kind, "pgp-mime"))
			inside = (struct keeper_source){j->pieces[i].fd,
			    j->pieces[i].len};
	for (size_t i = first->seals.n; i < in->seals.n; i++) {
		struct inspect_seal *s = LIST_AT(inspect_seal, in->seals, i);

		if (is(s->state, "signed"))
			one_seal(j, &inside, s, i);
		else if (s->reason == NULL)
			s->reason = "It is encrypted inside what was "
			    "encrypted.";
	}
}

/* Opened, and a parser child died of it: it counts as closed. */
static void
close_again(struct job *j, const GError *why)
{
	for (size_t i = 0; i < j->n; i++) {
		struct inspect_seal *s = LIST_AT(inspect_seal, j->in->seals,
		    j->pieces[i].seal);

		s->state = "closed";
		s->reason = arena_printf(j->a, "It was opened, but %s",
		    why->message);
	}
}

static void
finish(struct job *j)
{
	struct inspection *in = j->in;
	size_t n = MIN(in->signatures.n + j->signatures->len,
	    INSPECT_SIGNATURES_MAX);
	struct list l = {ARENA_ARRAY(j->a, struct inspect_signature, n + 1),
	    n};

	for (size_t i = 0; i < n; i++)
		*LIST_AT(inspect_signature, l, i) = i < in->signatures.n
		    ? *LIST_AT(inspect_signature, in->signatures, i)
		    : *(struct inspect_signature *)j->signatures
			  ->pdata[i - in->signatures.n];
	in->signatures = l;
	inspect_set_crypto(in);
}

void
unseal(struct pool *parsers, struct keeper *keeper,
    const struct unseal_keys *keys, struct arena *a, struct blob *body,
    struct inspection *in)
{
	struct job j = {.parsers = parsers, .keeper = keeper, .keys = keys,
	    .a = a, .in = in, .from = in->from,
	    .signatures = arena_ptr_array(a)};
	struct keeper_source whole = {.fd = -1, .len = blob_len(body)};
	struct inspection first = *in, again;
	g_autoptr(GError) why = NULL;

	if (in->seals.n == 0)
		return;
	whole.fd = blob_fd(body, NULL);
	for (size_t i = 0; i < in->seals.n; i++) {
		struct inspect_seal *s = LIST_AT(inspect_seal, in->seals, i);

		/* (inside what a child opened by itself: S/MIME) */
		if (s->inside && !is_smime(s))
			not_checked(&j, s, "It stands inside an S/MIME "
			    "signature.");
		else
			one_seal(&j, &whole, s, i);
	}
	if (j.n > 0) {
		if (pool_inspect_opened(parsers, a, body, j.pieces, j.n,
			&again, &why)) {
			*in = again;
			second(&j, &first);
		} else {
			log_fault("intake.opened_unparsed", why);
			close_again(&j, why);
		}
	}
	finish(&j);
}
