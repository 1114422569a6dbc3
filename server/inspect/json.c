/*
 * The object of `tocsinctl inspect`, written and read (inspect.h).
 */
#include "base/base.h"
#include "inspect/read.h"

#include "base/net.h"
#include "inspect/pack.h"

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

static void
put_parts(struct json_out *w, const struct inspection *in, bool texts)
{
	json_key(w, "parts");
	json_begin(w, '[');
	for (size_t i = 0; i < in->parts.n; i++) {
		const struct inspect_part *p =
		    LIST_AT(inspect_part, in->parts, i);

		json_begin(w, '{');
		json_text(w, "path", p->path);
		json_text(w, "type", p->type);
		json_text(w, "charset", p->charset);
		json_int(w, "size", p->size);
		json_text(w, "filename", p->filename);
		if (texts)
			json_text(w, "text",
			    in->part_texts != NULL ? in->part_texts[i] : NULL);
		json_end(w, '}');
	}
	json_end(w, ']');
}

/* For the parent: members without a value are left out, which is most. */
static void
put_brief(struct json_out *w, const struct desc *d, const struct list *l)
{
	json_begin(w, '[');
	for (size_t i = 0; i < l->n; i++) {
		const char *s = (const char *)l->items + i * d->size;

		json_begin(w, '{');
		for (size_t f = 0; f < d->n; f++) {
			const struct desc_field *x = &d->fields[f];
			const void *at = s + x->offset;

			if (x->kind == DESC_TEXT) {
				const char *t = *(const char *const *)at;

				if (t != NULL)
					json_text(w, x->name, t);
			} else if (x->kind == DESC_BOOL) {
				json_bool(w, x->name, *(const bool *)at);
			} else if (*(const int64_t *)at != DESC_NULL) {
				json_int(w, x->name, *(const int64_t *)at);
			}
		}
		json_end(w, '}');
	}
	json_end(w, ']');
}

static void
put_list(struct json_out *w, const char *key, const struct desc *d,
    const struct list *l, bool internal)
{
	json_key(w, key);
	if (internal)
		put_brief(w, d, l);
	else
		json_put_list(w, d, l);
}

static void
put_returned(struct json_out *w, const struct inspect_returned *t)
{
	json_key(w, "returned");
	if (t->message_id == NULL && t->list_id == NULL &&
	    t->envelope_from == NULL && t->to == NULL)
		json_put_null(w);
	else
		json_put_struct(w, &desc_inspect_returned, t);
}

static void
put_crypto(struct json_out *w, const struct inspection *in, bool internal)
{
	json_text(w, "crypto", in->crypto != NULL ? in->crypto : "none");
	json_text(w, "outer_subject", in->outer_subject);
	put_list(w, "seals", &desc_inspect_seal, &in->seals, internal);
	put_list(w, "signatures", &desc_inspect_signature, &in->signatures,
	    internal);
}

void
inspect_crypto_to_json(const struct inspection *in, GString *out)
{
	struct json_out w = json_out(out);

	json_begin(&w, '{');
	put_crypto(&w, in, false);
	json_end(&w, '}');
}

static void
put_internal(struct json_out *w, const struct inspection *in)
{
	json_text(w, "from_name", in->from_name);
	json_text(w, "reply_to", in->reply_to);
	json_text(w, "digest", in->digest);
	json_text(w, "text", in->text);
	json_text(w, "to", in->to);
	json_text(w, "cc", in->cc);
	json_int(w, "date", in->date);
	json_key(w, "references");
	json_begin(w, '[');
	for (size_t i = 0; in->references != NULL &&
	    in->references[i] != NULL; i++)
		json_put_text(w, in->references[i]);
	json_end(w, ']');
	json_int(w, "subject_number", in->subject_number);
	json_text(w, "their_ref", in->their_ref);
	json_text(w, "auth_results", in->auth_results);
	json_text(w, "auth_domain", in->auth_domain);
	json_bool(w, "spam", in->spam);
}

void
inspect_to_json(const struct inspection *in, bool internal, bool texts,
    GString *out)
{
	struct json_out w = json_out(out);

	json_begin(&w, '{');
	json_text(&w, "format", in->format);
	json_text(&w, "recognised", in->recognised);
	json_bool(&w, "robot", in->robot);
	json_bool(&w, "may_reply", in->may_reply);
	json_text(&w, "message_id", in->message_id);
	json_text(&w, "from", in->from);
	json_text(&w, "subject", in->subject);
	json_text(&w, "sha256", in->sha256);
	json_int(&w, "size", in->size);
	if (!internal)
		put_list(&w, "events", &desc_inspect_event, &in->events,
		    false);
	put_list(&w, "bounces", &desc_inspect_bounce, &in->bounces, internal);
	put_returned(&w, &in->returned);
	put_list(&w, "observables", &desc_inspect_observable,
	    &in->observables, internal);
	put_parts(&w, in, texts);
	json_key(&w, "defects");
	json_begin(&w, '[');
	for (size_t i = 0; i < in->defects.n; i++)
		json_put_text(&w,
		    LIST_AT(inspect_defect, in->defects, i)->text);
	json_end(&w, ']');
	put_crypto(&w, in, internal);
	if (internal)
		put_internal(&w, in);
	json_end(&w, '}');
}

void
inspect_pack_events(const struct inspection *in, GString *out)
{
	pack_list(&desc_inspect_event, &in->events, out);
}

/* ---- the parent's side -------------------------------------------------- */

struct check {
	struct arena *a;
	const char *wrong; /* the first thing that does not hold */
};

static const char *
text_max(struct check *k, const struct json *j, const char *key, size_t max)
{
	const char *s = json_str(json_get(j, key), NULL);

	if (s != NULL && strlen(s) > max && k->wrong == NULL)
		k->wrong = key;
	return s;
}

static const char *
field(struct check *k, const struct json *j, const char *key)
{
	return text_max(k, j, key, INSPECT_FIELD_MAX);
}

static int64_t
number(const struct json *j, const char *key)
{
	return json_num(json_get(j, key), DESC_NULL);
}

static void
one_of(struct check *k, const char *s, const char *const *list, size_t n,
    const char *what)
{
	for (size_t i = 0; s != NULL && i < n; i++)
		if (strcmp(s, list[i]) == 0)
			return;
	if (k->wrong == NULL)
		k->wrong = what;
}

static void
address(struct check *k, const char *s, const char *what)
{
	struct net n;

	if (s != NULL && !net_parse(s, false, &n) && k->wrong == NULL)
		k->wrong = what;
}

static void
range(struct check *k, int64_t n, int64_t max, const char *what)
{
	if (n != DESC_NULL && (n < 0 || n > max) && k->wrong == NULL)
		k->wrong = what;
}

/* Structs of a descriptor; every string within the limit of a field. */
static struct list
read_list(struct check *k, const struct json *obj, const char *key,
    const struct desc *d, size_t max)
{
	const struct json *list = json_get(obj, key);
	size_t n = json_len(list);
	char *items;

	if (!json_is_array(list) || n > max) {
		if (k->wrong == NULL)
			k->wrong = key;
		return (struct list){0};
	}
	items = arena_alloc_n(k->a, MAX(n, 1), d->size);
	for (size_t i = 0; i < n; i++) {
		const struct json *o = json_at(list, i);

		for (size_t f = 0; f < d->n; f++) {
			const struct desc_field *x = &d->fields[f];
			char *at = items + i * d->size + x->offset;

			switch (x->kind) {
			case DESC_TEXT:
				*(const char **)at = field(k, o, x->name);
				break;
			case DESC_INT:
				*(int64_t *)at = number(o, x->name);
				break;
			case DESC_BOOL:
				*(bool *)at = json_is_true(json_get(o, x->name));
				break;
			default:
				break;
			}
		}
	}
	return (struct list){items, n};
}

static void
check_event(struct check *k, const struct inspect_event *e)
{
	address(k, e->source_ip, "source_ip");
	address(k, e->destination_ip, "destination_ip");
	range(k, e->source_port, 65535, "source_port");
	range(k, e->destination_port, 65535, "destination_port");
	range(k, e->count, INT32_MAX, "count");
	if (e->time != DESC_NULL && (e->time < TIME_MIN ||
		e->time > TIME_MAX) && k->wrong == NULL)
		k->wrong = "time";
	one_of(k, e->zone, zones, COUNT_OF(zones), "zone");
	if (e->severity != NULL)
		one_of(k, e->severity, severities, COUNT_OF(severities),
		    "severity");
}

static void
check_signatures(struct check *k, const struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct inspect_signature *s =
		    LIST_AT(inspect_signature, *l, i);

		one_of(k, s->state, signature_states,
		    COUNT_OF(signature_states), "signatures");
		if (s->made != DESC_NULL && (s->made < TIME_MIN ||
			s->made > TIME_MAX) && k->wrong == NULL)
			k->wrong = "made";
	}
}

static void
check_lists(struct check *k, const struct inspection *in)
{
	for (size_t i = 0; i < in->observables.n; i++) {
		const struct inspect_observable *o =
		    LIST_AT(inspect_observable, in->observables, i);

		one_of(k, o->kind, kinds, COUNT_OF(kinds), "kind");
		if (o->value == NULL && k->wrong == NULL)
			k->wrong = "value";
	}
	for (size_t i = 0; i < in->seals.n; i++) {
		const struct inspect_seal *s =
		    LIST_AT(inspect_seal, in->seals, i);

		one_of(k, s->kind, seal_kinds, COUNT_OF(seal_kinds), "seals");
		one_of(k, s->state, seal_states, COUNT_OF(seal_states),
		    "seals");
	}
	check_signatures(k, &in->signatures);
	for (size_t i = 0; i < in->parts.n; i++) {
		const struct inspect_part *p =
		    LIST_AT(inspect_part, in->parts, i);

		if ((p->path == NULL || p->type == NULL) && k->wrong == NULL)
			k->wrong = "parts";
	}
}

static void
read_returned(struct check *k, const struct json *j,
    struct inspect_returned *out)
{
	const struct json *o = json_get(j, "returned");

	out->message_id = field(k, o, "message_id");
	out->list_id = field(k, o, "list_id");
	out->envelope_from = field(k, o, "envelope_from");
	out->to = field(k, o, "to");
}

static void
read_texts(struct check *k, const struct json *j, struct inspection *out)
{
	const struct json *parts = json_get(j, "parts");
	const struct json *refs = json_get(j, "references");
	const struct json *defects = json_get(j, "defects");
	const char **t = ARENA_ARRAY(k->a, const char *, out->parts.n + 1);
	const char **r;
	size_t n = MIN(json_len(refs), INSPECT_REFS_MAX), kept = 0;

	for (size_t i = 0; i < out->parts.n; i++)
		t[i] = text_max(k, json_at(parts, i), "text",
		    INSPECT_TEXT_MAX * 3);
	out->part_texts = t;
	r = ARENA_ARRAY(k->a, const char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		const char *s = json_str(json_at(refs, i), NULL);

		if (s != NULL && strlen(s) <= INSPECT_FIELD_MAX)
			r[kept++] = s;
	}
	out->references = r;
	n = MIN(json_len(defects), INSPECT_DEFECTS_MAX);
	out->defects.items = ARENA_ARRAY(k->a, struct inspect_defect, n + 1);
	out->defects.n = n;
	for (size_t i = 0; i < n; i++)
		LIST_AT(inspect_defect, out->defects, i)->text =
		    text_cut(k->a, json_str(json_at(defects, i), ""),
			INSPECT_FIELD_MAX);
}

bool
inspect_from_json(struct arena *a, const char *json, size_t len,
    struct inspection *out, GError **err)
{
	struct check k = {.a = a};
	struct inspection in = {0};
	const struct json *j;
	GError *why = NULL;

	if (len > INSPECT_JSON_MAX)
		return fault_set(err, FAULT_BUG,
		    "The parser's answer is too long.");
	if (!json_parse(a, json, len, &j, &why) || !json_is_object(j)) {
		fault_set(err, FAULT_BUG, "The parser's answer is no JSON: %s",
		    why != NULL ? why->message : "not an object");
		g_clear_error(&why);
		return false;
	}
	in.format = field(&k, j, "format");
	one_of(&k, in.format, formats, COUNT_OF(formats), "format");
	in.recognised = field(&k, j, "recognised");
	in.robot = json_is_true(json_get(j, "robot"));
	in.may_reply = json_is_true(json_get(j, "may_reply"));
	in.message_id = field(&k, j, "message_id");
	in.from = field(&k, j, "from");
	in.from_name = field(&k, j, "from_name");
	in.reply_to = field(&k, j, "reply_to");
	in.subject = field(&k, j, "subject");
	in.sha256 = field(&k, j, "sha256");
	in.size = number(j, "size");
	in.digest = field(&k, j, "digest");
	in.date = number(j, "date");
	in.text = text_max(&k, j, "text", INSPECT_TEXT_MAX * 3);
	in.to = field(&k, j, "to");
	in.cc = field(&k, j, "cc");
	in.subject_number = number(j, "subject_number");
	in.their_ref = field(&k, j, "their_ref");
	in.auth_results = field(&k, j, "auth_results");
	in.auth_domain = field(&k, j, "auth_domain");
	in.spam = json_is_true(json_get(j, "spam"));
	in.bounces = read_list(&k, j, "bounces", &desc_inspect_bounce,
	    INSPECT_BOUNCES_MAX);
	in.observables = read_list(&k, j, "observables",
	    &desc_inspect_observable, INSPECT_OBSERVABLES_MAX);
	in.parts = read_list(&k, j, "parts", &desc_inspect_part,
	    INSPECT_PARTS_MAX);
	read_returned(&k, j, &in.returned);
	in.outer_subject = field(&k, j, "outer_subject");
	in.crypto = field(&k, j, "crypto");
	one_of(&k, in.crypto, cryptos, COUNT_OF(cryptos), "crypto");
	in.seals = read_list(&k, j, "seals", &desc_inspect_seal,
	    INSPECT_SEALS_MAX);
	in.signatures = read_list(&k, j, "signatures",
	    &desc_inspect_signature, INSPECT_SIGNATURES_MAX);
	check_lists(&k, &in);
	read_texts(&k, j, &in);
	if (k.wrong == NULL && (in.sha256 == NULL ||
		strlen(in.sha256) != 64 || in.size < 0))
		k.wrong = "sha256";
	if (k.wrong != NULL)
		return fault_set(err, FAULT_BUG,
		    "The parser's answer has a bad \"%s\".", k.wrong);
	*out = in;
	return true;
}

bool
inspect_unpack_events(struct arena *a, const char *bytes, size_t len,
    struct inspection *out, GError **err)
{
	struct check k = {.a = a};
	struct list events;

	k.wrong = len > INSPECT_PACK_MAX ? "events" :
	    unpack_list(a, &desc_inspect_event, bytes, len,
		INSPECT_EVENTS_MAX, INSPECT_FIELD_MAX, INSPECT_EXTRA_MAX,
		&events);
	for (size_t i = 0; k.wrong == NULL && i < events.n; i++)
		check_event(&k, LIST_AT(inspect_event, events, i));
	if (k.wrong != NULL)
		return fault_set(err, FAULT_BUG,
		    "The parser's answer has a bad \"%s\".", k.wrong);
	out->events = events;
	return true;
}

bool
inspect_signatures_from_json(struct arena *a, const struct json *obj,
    struct list *out, GError **err)
{
	struct check k = {.a = a};
	struct list l = read_list(&k, obj, "signatures",
	    &desc_inspect_signature, INSPECT_SIGNATURES_MAX);

	check_signatures(&k, &l);
	if (k.wrong != NULL)
		return fault_set(err, FAULT_BUG,
		    "The keeper's answer has a bad \"%s\".", k.wrong);
	*out = l;
	return true;
}

bool
inspect_encrypted(const struct inspection *in)
{
	for (size_t i = 0; i < in->seals.n; i++)
		if (strcmp(LIST_AT(inspect_seal, in->seals, i)->state,
			"signed") != 0)
			return true;
	return false;
}

void
inspect_set_crypto(struct inspection *in)
{
	bool encrypted = inspect_encrypted(in), is_signed = false;

	for (size_t i = 0; i < in->seals.n; i++)
		is_signed |= strcmp(LIST_AT(inspect_seal, in->seals, i)
		    ->state, "signed") == 0;
	is_signed |= in->signatures.n > 0;
	in->crypto = encrypted && is_signed ? "encrypted-signed"
	    : encrypted			    ? "encrypted"
	    : is_signed			    ? "signed"
					    : "none";
}

DESC_TABLE(inspect_event, INSPECT_EVENT);
DESC_TABLE(inspect_seal, INSPECT_SEAL);
DESC_TABLE(inspect_signature, INSPECT_SIGNATURE);
DESC_TABLE(inspect_bounce, INSPECT_BOUNCE);
DESC_TABLE(inspect_returned, INSPECT_RETURNED);
DESC_TABLE(inspect_observable, INSPECT_OBSERVABLE);
DESC_TABLE(inspect_part, INSPECT_PART);
DESC_TABLE(inspect_defect, INSPECT_DEFECT);
