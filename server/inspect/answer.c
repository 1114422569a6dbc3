/*
 * What a parser child says of a message, packed, and how its parent takes it
 * (inspect.h): shape, limits and enumerations are checked, because the child
 * may have been taken over by the mail.
 */
#include "base/base.h"
#include "inspect/read.h"

#include "base/net.h"
#include "inspect/process/pack.h"

/* The years 1 to 9999: what the database and RFC 3339 can say. */
#define TIME_MIN (INT64_C(-62135596800) * WHEN_SECOND)
#define TIME_MAX (INT64_C(253402300799) * WHEN_SECOND)

static const char *const formats[] = {"arf", "xarf", "iodef", "acns",
    "shadowserver", "csv", "dmarc-aggregate", "forward", "plain", "encrypted",
    "dsn", "mdn", "auto-reply", "command", "unparsed"};
static const char *const zones[] = {"given", "header", "rule", "chosen",
    "unknown"};
static const char *const severities[] = {"critical", "high", "medium", "low",
    "info"};
static const char *const cryptos[] = {"none", "signed", "encrypted",
    "encrypted-signed"};
static const char *const seal_kinds[] = {"pgp-mime", "pgp-inline",
    "pgp-signed", "pgp-clear", "smime-signed", "smime-opaque",
    "smime-encrypted"};
static const char *const seal_states[] = {"closed", "opened", "signed"};
static const char *const signature_states[] = {"good", "untrusted", "bad",
    "unknown-key", "expired", "revoked", "unchecked"};
static const char *const kinds[] = {"ipv4", "ipv6", "cidr", "domain", "url",
    "email", "hash", "cve", "port", "asn"};

/* The members of struct inspection itself, but for text. */
#define INSPECTION(F, S)                                                      \
	F(S, TEXT, format, none)                                              \
	F(S, TEXT, recognised, none)                                          \
	F(S, BOOL, robot, none)                                               \
	F(S, BOOL, may_reply, none)                                           \
	F(S, TEXT, message_id, none)                                          \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, from_name, none)                                           \
	F(S, TEXT, reply_to, none)                                            \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, outer_subject, none)                                       \
	F(S, TEXT, sha256, none)                                              \
	F(S, INT, size, none)                                                 \
	F(S, TEXT, digest, none)                                              \
	F(S, TIME, date, none)                                                \
	F(S, TEXT, to, none)                                                  \
	F(S, TEXT, cc, none)                                                  \
	F(S, INT, subject_number, none)                                       \
	F(S, TEXT, their_ref, none)                                           \
	F(S, TEXT, auth_results, none)                                        \
	F(S, TEXT, auth_domain, none)                                         \
	F(S, BOOL, spam, none)                                                \
	F(S, TEXT, crypto, none)
DESC_TABLE(inspection, INSPECTION);

#define INSPECT_REFERENCE(F, S) F(S, TEXT, id, none)
DESC_PRIVATE(inspect_reference, INSPECT_REFERENCE);

static const struct {
	const struct desc *desc;
	size_t offset; /* in struct inspection */
	size_t max;
} lists[] = {
#define LIST(type, member, max)                                              \
	{&desc_inspect_##type, offsetof(struct inspection, member), max}
    LIST(event, events, INSPECT_EVENTS_MAX),
    LIST(bounce, bounces, INSPECT_BOUNCES_MAX),
    LIST(observable, observables, INSPECT_OBSERVABLES_MAX),
    LIST(part, parts, INSPECT_PARTS_MAX),
    LIST(defect, defects, INSPECT_DEFECTS_MAX),
    LIST(seal, seals, INSPECT_SEALS_MAX),
    LIST(signature, signatures, INSPECT_SIGNATURES_MAX),
#undef LIST
};

/* ---- the child's side --------------------------------------------------- */

static void
pack_one(const struct desc *d, const void *s, GString *out)
{
	/* the list is only read */
	pack_list(d, &(struct list){(void *)(uintptr_t)s, 1}, out);
}

static void
pack_references(const char *const *refs, GString *out)
{
	struct inspect_reference list[INSPECT_REFS_MAX];
	size_t n = 0;

	for (; refs != NULL && *refs != NULL && n < COUNT_OF(list); refs++)
		if (strlen(*refs) <= INSPECT_FIELD_MAX)
			list[n++].id = *refs;
	pack_list(&desc_inspect_reference, &(struct list){list, n}, out);
}

void
inspect_pack(const struct inspection *in, GString *out)
{
	pack_one(&desc_inspection, in, out);
	pack_one(&desc_inspect_returned, &in->returned, out);
	pack_references(in->references, out);
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		pack_list(lists[i].desc, (const struct list *)(const void *)
		    ((const char *)in + lists[i].offset), out);
	pack_text(in->text, out);
}

/* ---- the parent's side -------------------------------------------------- */

struct check {
	const char *wrong; /* the first thing that does not hold */
};

static void
is_wrong(struct check *k, const char *what)
{
	if (k->wrong == NULL)
		k->wrong = what;
}

static void
one_of(struct check *k, const char *s, const char *const *list, size_t n,
    const char *what)
{
	for (size_t i = 0; s != NULL && i < n; i++)
		if (strcmp(s, list[i]) == 0)
			return;
	is_wrong(k, what);
}

static void
address(struct check *k, const char *s, const char *what)
{
	struct net n;

	if (s != NULL && !net_parse(s, false, &n))
		is_wrong(k, what);
}

static void
range(struct check *k, int64_t n, int64_t min, int64_t max, const char *what)
{
	if (n != DESC_NULL && (n < min || n > max))
		is_wrong(k, what);
}

static void
check_event(struct check *k, const struct inspect_event *e)
{
	address(k, e->source_ip, "source_ip");
	address(k, e->destination_ip, "destination_ip");
	range(k, e->source_port, 0, 65535, "source_port");
	range(k, e->destination_port, 0, 65535, "destination_port");
	range(k, e->count, 0, INT32_MAX, "count");
	range(k, e->time, TIME_MIN, TIME_MAX, "time");
	one_of(k, e->zone, zones, COUNT_OF(zones), "zone");
	if (e->severity != NULL)
		one_of(k, e->severity, severities, COUNT_OF(severities),
		    "severity");
}

static void
check_signature(struct check *k, const struct inspect_signature *s)
{
	one_of(k, s->state, signature_states, COUNT_OF(signature_states),
	    "signatures");
	range(k, s->made, TIME_MIN, TIME_MAX, "made");
}

static void
check_seal(struct check *k, const struct inspect_seal *s)
{
	one_of(k, s->kind, seal_kinds, COUNT_OF(seal_kinds), "seals");
	one_of(k, s->state, seal_states, COUNT_OF(seal_states), "seals");
}

#define EACH(type, list, fn)                                                  \
	do                                                                    \
		for (size_t i_ = 0; i_ < (list)->n; i_++)                     \
			fn(k, LIST_AT(inspect_##type, *(list), i_));          \
	while (0)

static void
check_observable(struct check *k, const struct inspect_observable *o)
{
	one_of(k, o->kind, kinds, COUNT_OF(kinds), "kind");
	if (o->value == NULL)
		is_wrong(k, "value");
}

static void
check_part(struct check *k, const struct inspect_part *p)
{
	if (p->path == NULL || p->type == NULL)
		is_wrong(k, "parts");
}

static void
check_defect(struct check *k, const struct inspect_defect *d)
{
	if (d->text == NULL)
		is_wrong(k, "defects");
}

static void
check(struct check *k, const struct inspection *in)
{
	one_of(k, in->format, formats, COUNT_OF(formats), "format");
	one_of(k, in->crypto, cryptos, COUNT_OF(cryptos), "crypto");
	if (in->sha256 == NULL || strlen(in->sha256) != 64)
		is_wrong(k, "sha256");
	if (in->size < 0)
		is_wrong(k, "size");
	EACH(event, &in->events, check_event);
	EACH(observable, &in->observables, check_observable);
	EACH(part, &in->parts, check_part);
	EACH(defect, &in->defects, check_defect);
	EACH(seal, &in->seals, check_seal);
	EACH(signature, &in->signatures, check_signature);
}

/* The only element of a list, or NULL. */
static const void *
unpack_one(struct unpacking *u, const struct desc *d, struct check *k)
{
	struct list l;
	const char *wrong = unpack_list(u, d, 1, &l);

	if (wrong == NULL && l.n != 1)
		wrong = d->name;
	k->wrong = wrong;
	return wrong == NULL ? l.items : NULL;
}

static void
unpack_references(struct unpacking *u, struct inspection *in, struct check *k)
{
	struct list l;
	const char **refs;
	size_t kept = 0;

	k->wrong = unpack_list(u, &desc_inspect_reference, INSPECT_REFS_MAX,
	    &l);
	refs = ARENA_ARRAY(u->a, const char *, l.n + 1);
	for (size_t i = 0; k->wrong == NULL && i < l.n; i++) {
		const struct inspect_reference *r =
		    LIST_AT(inspect_reference, l, i);

		if (r->id != NULL)
			refs[kept++] = r->id;
	}
	in->references = refs;
}

static void
unpack_all(struct unpacking *u, struct inspection *in, struct check *k)
{
	const struct inspection *head = unpack_one(u, &desc_inspection, k);
	const struct inspect_returned *returned;

	if (head == NULL)
		return;
	*in = *head;
	in->part_texts = NULL;
	returned = unpack_one(u, &desc_inspect_returned, k);
	if (returned == NULL)
		return;
	in->returned = *returned;
	unpack_references(u, in, k);
	for (size_t i = 0; k->wrong == NULL && i < COUNT_OF(lists); i++)
		k->wrong = unpack_list(u, lists[i].desc, lists[i].max,
		    (struct list *)(void *)((char *)in + lists[i].offset));
	if (k->wrong == NULL)
		k->wrong = unpack_text(u, INSPECT_TEXT_MAX * 3, &in->text);
	if (k->wrong == NULL && u->p != u->end)
		k->wrong = "end";
}

bool
inspect_unpack(struct arena *a, const char *bytes, size_t len,
    struct inspection *out, GError **err)
{
	struct unpacking u = {a, bytes, bytes + len, INSPECT_FIELD_MAX,
	    INSPECT_EXTRA_MAX};
	struct inspection in = {0};
	struct check k = {NULL};

	unpack_all(&u, &in, &k);
	if (k.wrong == NULL)
		check(&k, &in);
	if (k.wrong != NULL)
		return fault_set(err, FAULT_BUG,
		    "The parser's answer has a bad \"%s\".", k.wrong);
	*out = in;
	return true;
}

/* ---- the keeper's signatures -------------------------------------------- */

static bool
read_signature(const struct json *o, struct inspect_signature *s)
{
	const struct desc *d = &desc_inspect_signature;

	for (size_t f = 0; f < d->n; f++) {
		const struct desc_field *x = &d->fields[f];
		const struct json *v = json_get(o, x->name);
		char *at = (char *)s + x->offset;

		if (x->kind == DESC_BOOL) {
			*(bool *)at = json_is_true(v);
		} else if (x->kind == DESC_TEXT) {
			const char *t = json_str(v, NULL);

			if (t != NULL && strlen(t) > INSPECT_FIELD_MAX)
				return false;
			*(const char **)at = t;
		} else {
			*(int64_t *)at = json_num(v, DESC_NULL);
		}
	}
	return true;
}

bool
inspect_signatures_from_json(struct arena *a, const struct json *obj,
    struct list *out, GError **err)
{
	const struct json *list = json_get(obj, "signatures");
	size_t n = json_is_array(list) ? json_len(list) : SIZE_MAX;
	struct inspect_signature *items;
	struct check wrong = {NULL}, *k = &wrong;

	if (n > INSPECT_SIGNATURES_MAX) {
		is_wrong(k, "signatures");
		n = 0;
	}
	items = ARENA_ARRAY(a, struct inspect_signature, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!read_signature(json_at(list, i), &items[i]))
			is_wrong(k, "signatures");
	*out = (struct list){items, n};
	EACH(signature, out, check_signature);
	if (k->wrong != NULL)
		return fault_set(err, FAULT_BUG,
		    "The keeper's answer has a bad \"%s\".", k->wrong);
	return true;
}
