/*
 * Mail made to hurt its reader.  Each of these must be understood, or not,
 * within a bound of CPU time and with the limits of base/limits.h and
 * inspect/inspect.h kept; what is cut is told as a defect.
 */
#include "hostile.h"

/* ---- header ------------------------------------------------------------------- */

/* GMime reads groups within groups by recursion. */
static void
nested_groups(GString *s)
{
	g_string_append(s, "Cc: ");
	repeat(s, 60000, "a:");
	repeat(s, 60000, ";");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
nested_groups_folded(GString *s)
{
	g_string_append(s, "Reply-To :");
	repeat(s, 900, "a:b:c:d:e:f:g:h:i:j:k:l:m:n:o:p:q:r:s:t:u:v:\r\n ");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
nested_groups_inside(GString *s)
{
	g_string_append(s, "Content-Type: message/rfc822\r\n\r\nTo: ");
	repeat(s, 100000, "a:");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

/* whose type stands on a folded line, or goes without saying */
static void
nested_groups_folded_type(GString *s)
{
	g_string_append(s, "Content-Type:\r\n Message/RFC822\r\n\r\nTo: ");
	repeat(s, 60000, "a:");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
nested_groups_digest(GString *s)
{
	g_string_append(s, "Content-Type: multipart/Digest; boundary=b\r\n\r\n"
	    "--b\r\n\r\nTo: ");
	repeat(s, 60000, "a:");
	g_string_append(s, "\r\n\r\nbody\r\n--b--\r\n");
}

static void
digest_headers(GString *s)
{
	g_string_append(s, "Content-Type: multipart/digest; boundary=b\r\n\r\n"
	    "--b\r\n\r\n");
	counted(s, 300000, "X-%d: %d\r\n");
	g_string_append(s, "\r\nbody\r\n--b--\r\n");
}

/* the same behind an encoding that GMime leaves alone and we do not */
static void
nested_groups_encoded(GString *s)
{
	GString *in = g_string_new("To: ");
	char *b;

	repeat(in, 100000, "a:");
	g_string_append(in, "\r\n\r\nbody\r\n");
	b = g_base64_encode((guchar *)in->str, in->len);
	g_string_append_printf(s, "Content-Type: message/rfc822\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n", b);
	g_free(b);
	g_string_free(in, TRUE);
}

static void
many_headers(GString *s)
{
	counted(s, 300000, "X-%d: %d\r\n");
	g_string_append(s, "\r\nbody\r\n");
}

static void
many_equal_headers(GString *s)
{
	repeat(s, 300000, "To: a@b.example\r\n");
	g_string_append(s, "\r\nbody\r\n");
}

static void
many_addresses(GString *s)
{
	g_string_append(s, "Cc: x@y.example");
	counted(s, 500000, ",\r\n a%d@b%d.example");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
comments(GString *s)
{
	g_string_append(s, "Cc: ");
	repeat(s, 120000, "(");
	g_string_append(s, "\r\nContent-Type: ");
	repeat(s, 60000, "(");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
angles(GString *s)
{
	g_string_append(s, "Cc: ");
	repeat(s, 60000, "<@a,");
	g_string_append(s, "\r\nReferences: ");
	repeat(s, 60000, "<");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
encoded_words(GString *s)
{
	g_string_append(s, "X-A: =?utf-8?Q?a?=");
	repeat(s, 9000, "\r\n =?utf-8?Q?=41_?= =?iso-8859-1?B?w6Q=?=");
	g_string_append(s, "\r\nSubject:");
	repeat(s, 900, "\r\n =?x?Q?=41_?= =?utf-8?B?w6Q?= =?utf-8?Q?=?");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
broken_words(GString *s)
{
	g_string_append(s, "Subject: ");
	repeat(s, 60000, "=?a?");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
continuations(GString *s)
{
	g_string_append(s, "Content-Type: text/plain");
	counted(s, 900, ";\r\n name*%d*=utf-8''%d");
	counted(s, 90, ";\r\n name*99999999%d*=utf-8''%d");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

static void
one_long_header(GString *s)
{
	g_string_append(s, "Content-Type: text/plain; name=\"");
	repeat(s, 1000000, "%41 x'y''");
	g_string_append(s, "\r\n\r\nbody\r\n");
}

/* ---- parts ------------------------------------------------------------------- */

static void
empty_parts(GString *s)
{
	g_string_append(s, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	repeat(s, 1000000, "--b\r\n");
	g_string_append(s, "--b--\r\n");
}

static void
nested_multiparts(GString *s)
{
	g_string_append(s, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	g_string_append(s, "--b\r\nContent-Type: multipart/mixed; "
	    "boundary=b0\r\n\r\n");
	for (int i = 0; i < 20000; i++)
		g_string_append_printf(s, "--b%d\r\nContent-Type: multipart/"
		    "mixed; boundary=b%d\r\n\r\n", i, i + 1);
}

static void
same_boundary(GString *s)
{
	g_string_append(s, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	repeat(s, 5000, "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n"
	    "\r\n");
}

/* each boundary is the beginning of the next */
static void
prefix_boundaries(GString *s)
{
	GString *b = g_string_new("b");

	g_string_append(s, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 0; i < 150; i++) {
		g_string_append_printf(s, "--%s\r\nContent-Type: multipart/"
		    "mixed; boundary=%sb\r\n\r\n", b->str, b->str);
		g_string_append_c(b, 'b');
	}
	repeat(s, 20000, "--bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	    "\r\n\r\nx\r\n");
	g_string_free(b, TRUE);
}

static void
long_boundary(GString *s)
{
	GString *b = g_string_new("");

	repeat(b, 1000, "b");
	g_string_append_printf(s, "Content-Type: multipart/mixed; boundary=%s"
	    "\r\n\r\n--%s\r\n\r\nx\r\n--%s--\r\n", b->str, b->str, b->str);
	g_string_free(b, TRUE);
}

static void
empty_boundary(GString *s)
{
	g_string_append(s, "Content-Type: multipart/mixed; boundary=\"\"\r\n"
	    "\r\n");
	repeat(s, 100000, "--\r\n");
}

static void
nested_messages(GString *s)
{
	repeat(s, 50000, "Content-Type: message/rfc822\r\n\r\n");
	g_string_append(s, "\r\nbody\r\n");
}

static void
encoded_messages(GString *s)
{
	GString *in = g_string_new("Subject: innermost\r\n\r\nbody\r\n");

	for (int i = 0; i < 12; i++) {
		char *b = g_base64_encode((guchar *)in->str, in->len);

		g_string_printf(in, "Content-Type: message/rfc822\r\n"
		    "Content-Transfer-Encoding: base64\r\n\r\n%s\r\n", b);
		g_free(b);
	}
	g_string_append(s, in->str);
	g_string_free(in, TRUE);
}

static void
digest(GString *s)
{
	g_string_append(s, "Content-Type: multipart/digest; boundary=b\r\n\r\n");
	repeat(s, 100000, "--b\r\n\r\nSubject: x\r\n\r\ny\r\n");
}

/* ---- bodies -------------------------------------------------------------------- */

static void
one_line(GString *s)
{
	g_string_append(s, "\r\n");
	repeat(s, 1000000, "192.0.2.1 ");
	g_string_append(s, "\r\n");
}

static void
nuls(GString *s)
{
	g_string_append(s, "\r\n");
	g_string_set_size(s, s->len + 3000000);
	memset(s->str + s->len - 3000000, 0, 3000000);
}

static void
links(GString *s)
{
	g_string_append(s, "\r\n");
	counted(s, 200000, "http://h%d.example/%d\r\n");
}

static void
addresses(GString *s)
{
	g_string_append(s, "\r\nThese hosts attacked us:\r\n\r\n");
	counted(s, 15000, "2001:db8::%x:%x\r\n");
}

static void
at_signs(GString *s)
{
	g_string_append(s, "\r\n");
	repeat(s, 500000, "a@");
	repeat(s, 500000, "a.");
	repeat(s, 500000, "://");
	repeat(s, 300000, "1:");
	repeat(s, 300000, "[.]");
}

static void
numbers(GString *s)
{
	g_string_append(s, "\r\n");
	repeat(s, 500000, "1.");
}

static void
base64_of_nothing(GString *s)
{
	g_string_append(s, "Content-Transfer-Encoding: base64\r\n\r\n");
	repeat(s, 2000000, "=\r\n");
}

static void
quoted_equals(GString *s)
{
	g_string_append(s, "Content-Transfer-Encoding: quoted-printable\r\n"
	    "\r\n");
	repeat(s, 3000000, "= ");
}

static void
uuencoded(GString *s)
{
	g_string_append(s, "\r\n");
	repeat(s, 50000, "begin 644 a\r\nM\r\n");
	repeat(s, 50000, "begin 644 a\r\n#0V%T\r\n`\r\nend\r\n");
	repeat(s, 50000, "begin 644 a\r\n#0V%T\r\n");
}

static void
flowed(GString *s)
{
	g_string_append(s, "Content-Type: text/plain; format=flowed\r\n\r\n");
	repeat(s, 1000000, "> \r\n");
}

static void
quote_marks(GString *s)
{
	g_string_append(s, "\r\n");
	repeat(s, 20000, ">>>>>>>>>>>>>>>>>>>>>>>>>>>>> On x wrote:\r\n");
}

static void
bounce_of_colons(GString *s)
{
	g_string_append(s, "X-Failed-Recipients: x@y.example\r\n"
	    "Return-Path: <>\r\n\r\nThis could not be delivered to:\r\n");
	repeat(s, 30000, "  a:\r\n");
	counted(s, 30000, "<a%d@b.example>: 550 %d\r\n");
}

static void
bounce_one_line(GString *s)
{
	g_string_append(s, "Return-Path: <>\r\nSubject: Undeliverable\r\n"
	    "\r\nDelivery failed to: ");
	counted(s, 30000, "a%d@b%d.example ");
}

static void
dsn_of_recipients(GString *s)
{
	g_string_append(s, "Content-Type: multipart/report; "
	    "report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
	    "Content-Type: message/delivery-status\r\n\r\n");
	counted(s, 60000, "Final-Recipient: rfc822; a%d@b.example\r\n"
	    "Action: failed\r\nStatus: 5.1.%d\r\n\r\n");
	g_string_append(s, "--b--\r\n");
}

static void
dsn_without_ends(GString *s)
{
	g_string_append(s, "Content-Type: multipart/report; "
	    "report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
	    "Content-Type: message/delivery-status\r\n\r\n");
	counted(s, 60000, "Final-Recipient: rfc822; a%d@b.example\r\n"
	    "Diagnostic-Code: smtp; 550 %d\r\n");
	g_string_append(s, "--b--\r\n");
}

static const struct hostile_mail mails[] = {
    {"groups in groups", nested_groups, true},
    {"groups in groups, folded", nested_groups_folded, true},
    {"groups in groups of an attached message", nested_groups_inside, true},
    {"groups, the type on a folded line", nested_groups_folded_type, true},
    {"groups in a digest", nested_groups_digest, true},
    {"300,000 headers in a digest", digest_headers, true},
    {"groups in groups of an encoded message", nested_groups_encoded, true},
    {"300,000 headers", many_headers, true},
    {"300,000 equal headers", many_equal_headers, true},
    {"500,000 addresses", many_addresses, true},
    {"open comments", comments, false},
    {"open angles", angles, true},
    {"encoded words", encoded_words, false},
    {"broken encoded words", broken_words, false},
    {"continued parameters", continuations, false},
    {"a header of 9 MB", one_long_header, true},
    {"1,000,000 empty parts", empty_parts, true},
    {"20,000 multiparts in each other", nested_multiparts, true},
    {"one boundary for all", same_boundary, true},
    {"boundaries that begin each other", prefix_boundaries, true},
    {"a boundary of 1,000 bytes", long_boundary, false},
    {"an empty boundary", empty_boundary, false},
    {"50,000 messages in each other", nested_messages, true},
    {"encoded messages in each other", encoded_messages, false},
    {"a digest of 100,000", digest, true},
    {"a line of 10 MB", one_line, true},
    {"NULs", nuls, false},
    {"200,000 links", links, true},
    {"15,000 attackers", addresses, true},
    {"at signs and dots", at_signs, true},
    {"a number of 1 MB", numbers, false},
    {"base64 of nothing", base64_of_nothing, false},
    {"quoted-printable of nothing", quoted_equals, true},
    {"50,000 uuencoded files", uuencoded, true},
    {"flowed text of nothing", flowed, true},
    {"quote marks", quote_marks, false},
    {"a bounce of colons", bounce_of_colons, false},
    {"a bounce of one line", bounce_one_line, false},
    {"60,000 recipients", dsn_of_recipients, false},
    {"60,000 recipients in one block", dsn_without_ends, false},
};

static void
test_hostile(void **state)
{
	(void)state;
	read_all(mails, COUNT_OF(mails));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
