/*
 * What intake understands: tests/mail/NAME.eml against NAME.json, which
 * holds what must be there (more may be): `printed` of what `tocsinctl
 * inspect` prints, `inside` of what only intake sees; every beginning of
 * each sample;
 * and, where ../shared/corpus is, how many of its mails come out right.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/json.h"
#include "base/text.h"
#include "inspect/inspect.h"
#include "inspect/recognise/recognise.h"
#include "mail/canonical.h"
#include "unit.h"

#include <gio/gio.h>
#include <stdio.h>

#define SAMPLES SRCDIR "/tests/mail"
#define CORPUS  SRCDIR "/../shared/corpus"

static const struct conf *conf;
static const struct recognisers *known;

static GString *
file(struct arena *a, const char *path)
{
	GString *s = arena_gstring(a);
	char *bytes;
	gsize n;

	if (!g_file_get_contents(path, &bytes, &n, NULL))
		return NULL;
	g_string_append_len(s, bytes, (gssize)n);
	g_free(bytes);
	return s;
}

/* What only intake sees of it: the members of one object. */
static const struct json *
told_inside(struct arena *a, const struct inspection *in)
{
	GString *s = arena_gstring(a);
	struct json_out w = json_out(s);
	const struct json *j;

	json_put_struct(&w, &desc_inspection, in);
	g_string_truncate(s, s->len - 1); /* its brace */
	json_key(&w, "returned");
	json_put_struct(&w, &desc_inspect_returned, &in->returned);
	json_text(&w, "text", in->text);
	json_key(&w, "references");
	json_begin(&w, '[');
	for (size_t i = 0; in->references[i] != NULL; i++)
		json_put_text(&w, in->references[i]);
	json_end(&w, ']');
	json_end(&w, '}');
	assert_true(json_parse(a, s->str, s->len, &j, NULL));
	return j;
}

/* The inspection of a file as the parent, to whom a child told it, prints
 * it, and what is not printed of it. */
static const struct json *
inspected(struct arena *a, const char *path, struct inspection *in,
    const struct json **inside)
{
	GString *s = file(a, path), *packed = arena_gstring(a);
	GString *printed = arena_gstring(a);
	const char *const *texts;
	const struct json *j;
	const char *bytes;
	size_t n;

	assert_non_null(s);
	bytes = mail_canonical(a, s->str, s->len, &n);
	inspect_message(a, conf, known, bytes, n, true, in);
	texts = in->part_texts;
	inspect_pack(in, packed);
	assert_true(inspect_unpack(a, packed->str, packed->len, in, NULL));
	in->part_texts = texts;
	if (inside != NULL)
		*inside = told_inside(a, in);
	inspect_to_json(in, true, printed);
	assert_true(json_parse(a, printed->str, printed->len, &j, NULL));
	return j;
}

/* Everything of want is in got; lists have the same length. */
static bool
holds(struct arena *a, const struct json *want, const struct json *got,
    const char *where)
{
	if (where == NULL || want == NULL)
		return true;
	if (json_is_object(want)) {
		bool ok = true;

		for (size_t i = 0; i < json_len(want); i++) {
			const char *key = json_key_at(want, i);

			ok &= holds(a, json_value_at(want, i),
			    json_get(got, key),
			    arena_printf(a, "%s.%s", where, key));
		}
		return ok;
	}
	if (json_is_array(want)) {
		bool ok = json_len(want) == json_len(got);

		if (!ok)
			printf("# %s: %zu instead of %zu\n", where,
			    json_len(got), json_len(want));
		for (size_t i = 0; ok && i < json_len(want); i++)
			ok &= holds(a, json_at(want, i), json_at(got, i),
			    arena_printf(a, "%s[%zu]", where, i));
		return ok;
	}
	{
		const char *w = json_scalar(a, want), *g = json_scalar(a, got);

		if (g_strcmp0(w, g) == 0)
			return true;
		printf("# %s: \"%s\" instead of \"%s\"\n", where,
		    g != NULL ? g : "null", w != NULL ? w : "null");
		return false;
	}
}

static void
test_samples(void **state)
{
	GDir *dir = g_dir_open(SAMPLES, 0, NULL);
	const char *name;
	int bad = 0, n = 0;

	assert_non_null(dir);
	while ((name = g_dir_read_name(dir)) != NULL) {
		ARENA_AUTO(a, "sample");
		const struct json *want, *got, *inside;
		struct inspection in;
		GString *s;

		if (!g_str_has_suffix(name, ".eml"))
			continue;
		s = file(a, arena_printf(a, SAMPLES "/%.*s.json",
		    (int)strlen(name) - 4, name));
		assert_non_null(s);
		assert_true(json_parse(a, s->str, s->len, &want, NULL));
		got = inspected(a, arena_printf(a, SAMPLES "/%s", name), &in,
		    &inside);
		bad += !holds(a, json_get(want, "printed"), got, name) ||
		    !holds(a, json_get(want, "inside"), inside, name);
		n++;
	}
	g_dir_close(dir);
	assert_int_not_equal(n, 0);
	assert_int_equal(bad, 0);
}

static void
test_truncated(void **state)
{
	GDir *dir = g_dir_open(SAMPLES, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		ARENA_AUTO(a, "sample");
		GString *s;

		if (!g_str_has_suffix(name, ".eml"))
			continue;
		s = file(a, arena_printf(a, SAMPLES "/%s", name));
		for (size_t n = 0; n < s->len; n += 64) {
			ARENA_AUTO(b, "piece");
			struct inspection in;

			inspect_message(b, conf, known,
			    arena_memdup(b, s->str, n), n, false, &in);
			assert_non_null(in.format);
			assert_int_equal(in.size, n);
		}
	}
	g_dir_close(dir);
}

/* The same report by another route is the same, another one is not. */
static void
test_digest(void **state)
{
	static const char *const mails[] = {
	    "Received: a\r\nFrom: x@y.example\r\nSubject: a\r\n b\r\n\r\nhi\r\n",
	    "Return-Path: <z@y.example>\r\nReceived: q\r\nX-Spam-Flag: NO\r\n"
	    "From: x@y.example\r\nSubject: a b\r\n\r\nhi\r\n\r\n",
	    "From: x@y.example\r\nSubject: a b\r\n\r\nho\r\n",
	};
	ARENA_AUTO(a, "test");
	struct inspection in[3];

	for (size_t i = 0; i < COUNT_OF(mails); i++)
		inspect_message(a, conf, known, mails[i], strlen(mails[i]), false,
		    &in[i]);
	assert_string_equal(in[0].digest, in[1].digest);
	assert_string_not_equal(in[0].digest, in[2].digest);
	assert_string_not_equal(in[0].sha256, in[1].sha256);
}

/* What no reader understands or has room for still tells mails apart: a
 * wrong "duplicate" is a report that nobody sees. */
static void
test_digest_of_the_unreadable(void **state)
{
	ARENA_AUTO(a, "test");
	GString *long_head = g_string_new("From: x@y.example\r\n");
	const char *mails[4] = {"garbage\r\nmore\r\n", "", NULL, NULL};
	struct inspection in[COUNT_OF(mails)];

	for (int i = 0; i < 20000; i++)
		g_string_append(long_head, "X-Filler: abcdefghijkl\r\n");
	mails[2] = arena_printf(a, "%sSubject: one\r\n\r\nhi\r\n",
	    long_head->str);
	mails[3] = arena_printf(a, "%sSubject: two\r\n\r\nhi\r\n",
	    long_head->str);
	g_string_free(long_head, TRUE);
	for (size_t i = 0; i < COUNT_OF(mails); i++)
		inspect_message(a, conf, known, mails[i], strlen(mails[i]), false,
		    &in[i]);
	for (size_t i = 0; i < COUNT_OF(mails); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(in[i].digest, in[k].digest);
}

/* ---- a child's answer is as hostile as the mail --------------------------- */

static struct inspection
good_answer(void)
{
	return (struct inspection){.format = "plain", .crypto = "signed",
	    .sha256 = "01234567890123456789012345678901"
		      "23456789012345678901234567890123",
	    .size = 1, .date = DESC_NULL, .subject_number = DESC_NULL};
}

static bool
taken(struct arena *a, const struct inspection *in)
{
	struct inspection out;
	GString *s = arena_gstring(a);

	inspect_pack(in, s);
	return inspect_unpack(a, s->str, s->len, &out, NULL);
}

static void
test_hostile_answers(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspection in = good_answer();
	struct inspect_seal seal = {.kind = "pgp-mime", .state = "closed"};
	struct inspect_part part = {.path = "1", .type = "text/plain"};
	struct inspect_observable seen = {.kind = "ipv4", .value = "192.0.2.1"};
	struct inspect_signature signature = {.state = "good",
	    .made = DESC_NULL};
	struct inspect_defect defect = {.text = "broken"};

	in.seals = (struct list){&seal, 1};
	in.parts = (struct list){&part, 1};
	in.observables = (struct list){&seen, 1};
	in.signatures = (struct list){&signature, 1};
	in.defects = (struct list){&defect, 1};
	assert_true(taken(a, &in));
#define REFUSED(member, value)                                                \
	do {                                                                  \
		__typeof__(member) was_ = (member);                           \
		(member) = (value);                                           \
		assert_false(taken(a, &in));                                  \
		(member) = was_;                                              \
		assert_true(taken(a, &in));                                   \
	} while (0)
	REFUSED(seal.kind, "wax");
	REFUSED(seal.state, "ajar");
	REFUSED(part.path, NULL);
	REFUSED(part.type, NULL);
	REFUSED(seen.kind, "colour");
	REFUSED(seen.value, NULL);
	REFUSED(signature.state, "fine");
	REFUSED(signature.made, INT64_MAX);
	REFUSED(defect.text, NULL);
	REFUSED(in.format, "odd");
	REFUSED(in.format, NULL);
	REFUSED(in.crypto, NULL);
	REFUSED(in.sha256, "01");
	REFUSED(in.size, -1);
	REFUSED(in.subject, arena_printf(a, "%*s", INSPECT_FIELD_MAX + 1, ""));
	REFUSED(in.text, arena_printf(a, "%*s", INSPECT_TEXT_MAX * 3 + 1, ""));
#undef REFUSED
}

/* A child's word and the keeper's, which is JSON: it was lost on both ways. */
static void
test_when_a_signature_was_made(void **state)
{
	static const char keeper[] = "{\"signatures\":[{\"state\":\"good\","
	    "\"made\":1700000000000000}]}";
	ARENA_AUTO(a, "test");
	struct inspection in = good_answer(), out;
	struct inspect_signature s = {.state = "good",
	    .made = INT64_C(1700000000000000)};
	GString *packed = arena_gstring(a);
	const struct json *j;
	struct list l;

	in.signatures = (struct list){&s, 1};
	inspect_pack(&in, packed);
	assert_true(inspect_unpack(a, packed->str, packed->len, &out, NULL));
	assert_int_equal(LIST_AT(inspect_signature, out.signatures, 0)->made,
	    s.made);
	assert_true(json_parse(a, keeper, strlen(keeper), &j, NULL));
	assert_true(inspect_signatures_from_json(a, j, &l, NULL));
	assert_int_equal(LIST_AT(inspect_signature, l, 0)->made, s.made);
}

/* What no reader repaired is, on the way. */
static void
test_bad_bytes_are_repaired(void **state)
{
	ARENA_AUTO(a, "test");
	struct inspection in = good_answer(), out;
	GString *s = arena_gstring(a);

	in.subject = "caf\xe9";
	inspect_pack(&in, s);
	assert_true(inspect_unpack(a, s->str, s->len, &out, NULL));
	assert_string_equal(out.subject, "caf\xef\xbf\xbd");
	/* and a child that does not is not believed */
	*(char *)memmem(s->str, s->len, "caf\xef", 4) = (char)0xff;
	assert_false(inspect_unpack(a, s->str, s->len, &out, NULL));
}

static bool
events_taken(struct arena *a, struct inspect_event *e, size_t n)
{
	struct inspection in = good_answer();

	in.events = (struct list){e, n};
	return taken(a, &in);
}

static void
test_hostile_events(void **state)
{
	const struct inspect_event good = {.zone = "given",
	    .source_port = DESC_NULL, .destination_port = 22,
	    .time = DESC_NULL, .count = 1, .source_ip = "192.0.2.7",
	    .extra = "{\"a\":\"b\"}"};
	ARENA_AUTO(a, "test");
	struct inspect_event e = good, pair[2] = {good, good};
	struct inspection in = good_answer(), out;
	GString *s = arena_gstring(a);

	assert_true(events_taken(a, &e, 1));
	e.source_ip = "1.2.3";
	assert_false(events_taken(a, &e, 1));
	e = good;
	e.zone = "mine";
	assert_false(events_taken(a, &e, 1));
	e = good;
	e.source_port = 70000;
	assert_false(events_taken(a, &e, 1));
	e = good;
	e.time = INT64_MAX;
	assert_false(events_taken(a, &e, 1));
	e = good;
	e.severity = "bad";
	assert_false(events_taken(a, &e, 1));
	e = good;
	e.extra = "[1]";
	assert_false(events_taken(a, &e, 1));
	e = good;
	e.url = arena_printf(a, "%*s", INSPECT_FIELD_MAX + 1, "");
	assert_false(events_taken(a, &e, 1));

	/* what is the same as before is not said twice, and comes back */
	in.events = (struct list){pair, 2};
	inspect_pack(&in, s);
	assert_true(inspect_unpack(a, s->str, s->len, &out, NULL));
	assert_int_equal(out.events.n, 2);
	assert_string_equal(LIST_AT(inspect_event, out.events, 1)->extra,
	    good.extra);
	/* no beginning of it is whole, and nothing may come behind it */
	for (size_t n = 0; n < s->len; n++)
		assert_false(inspect_unpack(a, s->str, n, &out, NULL));
	g_string_append_c(s, 0);
	assert_false(inspect_unpack(a, s->str, s->len, &out, NULL));
}

/* ---- the corpus, where it is there --------------------------------------- */

static void
walk(struct arena *a, const char *path, GPtrArray *out)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	if (dir == NULL)
		return;
	while ((name = g_dir_read_name(dir)) != NULL) {
		char *p = arena_printf(a, "%s/%s", path, name);

		if (g_file_test(p, G_FILE_TEST_IS_DIR))
			walk(a, p, out);
		else if (g_str_has_suffix(name, ".eml"))
			g_ptr_array_add(out, p);
	}
	g_dir_close(dir);
}

/* No robot of the corpus is ever answered; what says Source-IP or Source
 * has an event for it. */
static void
test_corpus_abuse(void **state)
{
	ARENA_AUTO(a, "corpus");
	GPtrArray *files = arena_ptr_array(a);
	int sources = 0, found = 0;

	walk(a, CORPUS "/abuse", files);
	/* Without the corpus our own samples, above, say the same. */
	if (files->len == 0)
		return;
	for (guint i = 0; i < files->len; i++) {
		ARENA_AUTO(b, "file");
		struct inspection in;
		GString *s = file(b, files->pdata[i]);
		const char *p = s->str;

		inspected(b, files->pdata[i], &in, NULL);
		assert_true(in.robot);
		assert_false(in.may_reply);
		while ((p = strstr(p, "\nSource")) != NULL) {
			const char *v = p + 7;
			bool ip = false;

			p++;
			if (g_str_has_prefix(v, "-IP: "))
				v += 5;
			else if (g_str_has_prefix(v, ": "))
				v += 2;
			else
				continue;
			v = arena_strndup(b, v, strcspn(v, "\r\n"));
			ip = g_hostname_is_ip_address(v);
			if (!ip)
				continue;
			sources++;
			for (size_t k = 0; k < in.events.n; k++) {
				const char *e = LIST_AT(inspect_event,
				    in.events, k)->source_ip;
				GInetAddress *x, *y;

				if (e == NULL)
					continue;
				x = g_inet_address_new_from_string(v);
				y = g_inet_address_new_from_string(e);
				if (x != NULL && y != NULL &&
				    g_inet_address_equal(x, y)) {
					found++;
					k = in.events.n;
				}
				g_clear_object(&x);
				g_clear_object(&y);
			}
		}
	}
	printf("# abuse: %d of %d named sources\n", found, sources);
	assert_int_equal(found, sources);
}

static void
test_corpus_bounces(void **state)
{
	ARENA_AUTO(a, "corpus");
	GString *s = file(a, CORPUS "/bounces/expected.json");
	const struct json *want;
	int all = 0, found = 0, hard = 0;

	if (s == NULL)
		return;
	assert_true(json_parse(a, s->str, s->len, &want, NULL));
	for (size_t i = 0; i < json_len(want); i++) {
		ARENA_AUTO(b, "file");
		const struct json *list = json_value_at(want, i);
		struct inspection in;

		inspected(b, arena_printf(b, CORPUS "/bounces/%s",
		    json_key_at(want, i)), &in, NULL);
		assert_true(in.robot);
		assert_false(in.may_reply);
		for (size_t k = 0; k < json_len(list); k++) {
			const struct json *w = json_at(list, k);
			const char *addr =
			    json_str(json_get(w, "recipient"), "");

			all++;
			for (size_t n = 0; n < in.bounces.n; n++) {
				const struct inspect_bounce *g = LIST_AT(
				    inspect_bounce, in.bounces, n);

				if (!text_ieq(g->recipient, addr))
					continue;
				found++;
				hard += g->hard ==
				    (json_num(json_get(w, "hard"), 0) == 1);
				break;
			}
		}
	}
	printf("# bounces: %d recipients, %d found, %d of them right in "
	    "hard\n", all, found, hard);
	assert_in_range(found * 1000 / all, 985, 1000);
	assert_in_range(hard * 1000 / all, 970, 1000);
}

static int
load(void **state)
{
	static struct arena *a;

	a = arena_new("conf");
	*state = a;
	return conf_load(a, NULL, &conf, NULL) &&
		recognise_load(a, SRCDIR "/templates/recognise", NULL, &known,
		    NULL) ? 0 : 1;
}

static int
unload(void **state)
{
	arena_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_digest),
	    cmocka_unit_test(test_digest_of_the_unreadable),
	    cmocka_unit_test(test_hostile_answers),
	    cmocka_unit_test(test_when_a_signature_was_made),
	    cmocka_unit_test(test_bad_bytes_are_repaired),
	    cmocka_unit_test(test_hostile_events),
	    cmocka_unit_test(test_corpus_abuse),
	    cmocka_unit_test(test_corpus_bounces),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
