/* GMime is spared most header fields: no part may read otherwise for it. */
#include "base/base.h"
#include "mail/parse.h"
#include "unit.h"

enum { TOO_LONG = 70 * 1024 }; /* for lean.c: GMime sees all of it */

#define NESTED                                                               \
	"Received: from a.example by b.example; 1 Nov 2026 10:00:00 +0000\n" \
	"From: Eve <eve@a.example>\nTo: ann@b.example\nSubject: inner\n"     \
	"X-Long: one\n two\n"

/* Multiparts of boundary b, without what closes them. */
static const char *const bodies[] = {
    "--b\nContent-Type: text/plain\nX-Odd: 1\n\ntext\n"
    "--b\nContent-Disposition: attachment; filename=\"a b.txt\"\n"
    "Content-Description: d\n\nfile\n",
    /* a part without a field, and one of nothing */
    "--b\n\ntext\n--b\n\n",
    /* messages within messages */
    "--b\nContent-Type: message/rfc822\n\n" NESTED
    "Content-Type: message/rfc822\nContent-Disposition: inline\n\n"
    NESTED "Content-Type: text/plain; name=x.txt\n"
    "Content-Disposition: attachment; filename=y.txt\n\nbody\n",
    "--b\nContent-Type: message/rfc822\n\n" NESTED
    "Content-Type: multipart/mixed; boundary=c\n\n"
    "--c\nContent-Type: text/plain\nContent-ID: <1>\n\none\n"
    "--c\nContent-Type: text/html\n\ntwo\n--c--\n",
    /* without a body, and without a field of their own */
    "--b\nContent-Type: message/rfc822\n\n" NESTED "\n"
    "--b\nContent-Type: message/rfc822\n\n\nbody\n",
    /* heads with a line that is no field: where the body begins is a guess */
    "--b\nContent-Type: message/rfc822\n\nFrom eve Sun Nov  1\n" NESTED
    "\nbody\n--b\nContent-Type: text/plain\nno field\n\nbody\n",
    "--b\nContent-Type: message/rfc822\n\n>From eve Sun Nov  1\n" NESTED
    "no field\n\nbody\n",
    /* these are not opened, or only by us */
    "--b\nContent-Type: text/rfc822-headers\n\n" NESTED "\nbody\n",
    "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
    "U3ViamVjdDogYQoKYgo=\n",
    "--b\nContent-Type: message/rfc822\n"
    "Content-Transfer-Encoding: 7bit\n\n" NESTED "\nbody\n",
    "--b\nContent-Type: text/plain; name=\"message/rfc822\"\n\n" NESTED
    "\nbody\n",
    "--b\nContent-Type:\n message/rfc822\n\n" NESTED "\nbody\n",
    /* what a part is on the next line, or said twice */
    "--b\nContent-Type:\n text/html; name=x.html\nContent-Transfer-Encoding:\n"
    " base64\n\nYQo=\n",
    "--b\nContent-Type: message/rfc822\n\n" NESTED
    "Content-Type:\n\tmultipart/mixed; boundary=c\n\n--c\n\none\n--c--\n",
    "--b\nContent-Type: text/html; name=x\nContent-Type: text/plain\n\n"
    "one\n--b\nContent-Type: multipart/mixed; boundary=c\n"
    "Content-Type: text/plain\n\n--c\n\ntwo\n--c--\n",
    /* delimiters that are none, or of somebody else */
    "--b\nContent-Type: text/plain; boundary=c\n\none\n--c\n" NESTED
    "\ntwo\n",
    "--b\nContent-Type: multipart/mixed; boundary=bb\n\n"
    "--bb\nContent-Type: text/plain\nX-A: 1\n\none\n--bb--\n--bb\n" NESTED
    "\nepilogue\n",
    "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n"
    "--b\nContent-Type: text/plain\nX-A: 1\n\ntwo\n--c\nX-A: 1\n\nthree\n",
    "--b \nX-A: 1\n\none\n--b\t\nX-A: 1\n\ntwo\n--bx\nX-A: 1\n\nthree\n",
    "--b\nContent-Type: multipart/digest; boundary=c\n\n--c\n\n" NESTED
    "\none\n--c\n\n" NESTED "\ntwo\n--c--\n",
    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n"
    "Final-Recipient: rfc822; a@b.example\n",
};

static void
tell(GString *out, const struct mail_headers *h)
{
	for (size_t i = 0; i < h->n; i++)
		g_string_append_printf(out, " %s:%.*s\n", h->items[i].name,
		    (int)h->items[i].raw_len, h->items[i].raw);
}

static const char *
told(struct arena *a, const GString *raw)
{
	struct mail *m = mail_parse(a, raw->str, raw->len);
	GString *out = arena_gstring(a);

	for (size_t i = 0; i < m->n; i++) {
		struct mail_part *p = &m->parts[i];

		g_string_append_printf(out, "%s %d %d %s %s %s\n", p->path,
		    p->kind, p->parent, p->type,
		    p->disposition != NULL ? p->disposition : "-",
		    p->filename != NULL ? p->filename : "-");
		if (i > 0)
			tell(out, &p->headers);
		tell(out, &p->message);
		/* the pads stand behind the last delimiter, or in the text */
		if (p->kind == MAIL_LEAF)
			g_string_append_len(out, mail_text(m, p, NULL),
			    (gssize)MIN(p->text_len, 1000));
		g_string_append_c(out, '\n');
	}
	return out->str;
}

/* The same message, once short and once too long to be spared. */
static void
same(struct arena *a, const char *body, const char *closes, const char *nl)
{
	GString *raw = arena_gstring(a);
	const char *lean;

	g_string_append(raw, "From: ann@b.example\nSubject: outer\n"
	    "Content-Type: multipart/mixed; boundary=b\n\nprologue\n");
	g_string_append(raw, body);
	g_string_append(raw, closes);
	g_string_replace(raw, "\n", nl, 0);
	lean = told(a, raw);
	/* in long lines: too many of them would be a header's */
	while (raw->len < TOO_LONG)
		g_string_append_printf(raw, "%0900d\n", 0);
	assert_string_equal(lean, told(a, raw));
}

static void
test_no_part_reads_otherwise(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(bodies); i++) {
		ARENA_AUTO(a, "lean");

		same(a, bodies[i], "--b--\n", "\n");
		same(a, bodies[i], "--b--\n", "\r\n");
	}
}

/* More heads than are noted: the rest is GMime's. */
static void
test_many_parts(void **state)
{
	ARENA_AUTO(a, "lean");
	GString *body = arena_gstring(a);

	(void)state;
	for (int i = 0; i < MAIL_HEADS_MAX + 3; i++)
		g_string_append_printf(body, "--b\nContent-Type: "
		    "message/rfc822\nX-N: %d\n\n" NESTED "\nbody %d\n", i, i);
	same(a, body->str, "--b--\n", "\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_part_reads_otherwise),
	    cmocka_unit_test(test_many_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
