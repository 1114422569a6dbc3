/*
 * Mail made to hurt its reader.  Each of these must be understood, or not,
 * within a bound of CPU time and with the limits of base/limits.h and
 * inspect/inspect.h kept; what is cut is told as a defect.
 */
#include "base/base.h"
#include "base/conf.h"
#include "inspect/inspect.h"
#include "inspect/recognise.h"
#include "mail/canonical.h"
#include "unit.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SLOWER = 20 };
#else
enum { SLOWER = 1 };
#endif

enum { HOSTILE_SECONDS = 2 }; /* of CPU for one of these, on a slow machine */

static const struct conf *conf;
static const struct recognisers *known;

static const char head[] = "From: a@b.example\r\nTo: report@c.example\r\n"
			   "Subject: hostile\r\n";

static void
repeat(GString *s, size_t n, const char *what)
{
	while (n-- > 0)
		g_string_append(s, what);
}

/* A literal with two %d, so that the compiler sees them: a macro. */
#define counted(s, n, fmt)                                                    \
	do {                                                                  \
		for (int i_ = 0; i_ < (n); i_++)                              \
			g_string_append_printf(s, fmt, i_, i_);               \
	} while (0)

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

/* ---- HTML ------------------------------------------------------------------------ */

static void
html(GString *s)
{
	g_string_append(s, "Content-Type: text/html\r\n\r\n");
}

static void
html_divs(GString *s)
{
	html(s);
	repeat(s, 200000, "<div>");
	g_string_append(s, "deep");
}

static void
html_inline(GString *s)
{
	html(s);
	repeat(s, 100000, "<b><i><a href=http://x.example/>");
	g_string_append(s, "deep");
}

/* the end of a div that gumbo does not see: the count before it is fooled */
static void
html_fooled(GString *s)
{
	html(s);
	repeat(s, 35000, "<div><object></div></object>");
}

/* formatting that each paragraph opens again */
static void
html_reopened(GString *s)
{
	html(s);
	counted(s, 400, "<b x=%d><a y=%d>");
	repeat(s, 60000, "<p>x</p>");
}

static void
html_lists(GString *s)
{
	html(s);
	repeat(s, 60000, "<ul><li>x");
}

static void
html_selects(GString *s)
{
	html(s);
	repeat(s, 20000, "<select><option>x<select><optgroup><dd><dt>");
}

static void
html_tables(GString *s)
{
	html(s);
	repeat(s, 100000, "<table><tr><td>");
	g_string_append(s, "deep");
}

static void
html_comments(GString *s)
{
	html(s);
	repeat(s, 250000, "<!--");
}

static void
html_open(GString *s)
{
	html(s);
	repeat(s, 1000000, "<");
}

static void
html_quotes(GString *s)
{
	html(s);
	repeat(s, 120000, "<a href=\"");
}

static void
html_scripts(GString *s)
{
	html(s);
	repeat(s, 120000, "<script>");
}

static void
html_attributes(GString *s)
{
	html(s);
	g_string_append(s, "<a ");
	repeat(s, 200000, "a=b ");
	g_string_append(s, ">x</a>");
}

static void
html_entities(GString *s)
{
	html(s);
	repeat(s, 300000, "&#x41;&");
}

static const struct {
	const char *what;
	void (*make)(GString *s);
	bool defect; /* something is cut, and said so */
} mails[] = {
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
    {"at signs and dots", at_signs, true},
    {"a number of 1 MB", numbers, false},
    {"base64 of nothing", base64_of_nothing, false},
    {"quoted-printable of nothing", quoted_equals, true},
    {"flowed text of nothing", flowed, true},
    {"quote marks", quote_marks, false},
    {"a bounce of colons", bounce_of_colons, false},
    {"a bounce of one line", bounce_one_line, false},
    {"60,000 recipients", dsn_of_recipients, false},
    {"60,000 recipients in one block", dsn_without_ends, false},
    {"divs", html_divs, false},
    {"inline elements", html_inline, false},
    {"ends within other elements", html_fooled, true},
    {"reopened formatting", html_reopened, true},
    {"lists in lists", html_lists, true},
    {"selects", html_selects, true},
    {"tables in tables", html_tables, false},
    {"open comments of HTML", html_comments, false},
    {"open tags", html_open, false},
    {"open quotes", html_quotes, false},
    {"open scripts", html_scripts, false},
    {"attributes", html_attributes, false},
    {"entities", html_entities, false},
};

/* In a child, as in life (inspect/pool.h): 0 when all is well. */
static int
read_one(size_t i)
{
	struct rlimit lim = {(rlim_t)conf->parser_cpu * SLOWER,
	    (rlim_t)conf->parser_cpu * SLOWER};
	struct arena *a = arena_new("hostile");
	GString *s = g_string_new(head), *json = arena_gstring(a);
	struct inspection in;
	struct rusage ru;
	const char *bytes;
	double used;
	size_t n;

	mails[i].make(s);
	bytes = mail_canonical(a, s->str, s->len, &n);
	getrusage(RUSAGE_SELF, &ru);
	used = -(double)ru.ru_utime.tv_sec - (double)ru.ru_utime.tv_usec / 1e6;
	setrlimit(RLIMIT_CPU, &lim);
	if (SLOWER == 1) {
		lim.rlim_cur = lim.rlim_max = (rlim_t)conf->parser_memory;
		setrlimit(RLIMIT_AS, &lim);
	}
	inspect_message(a, conf, known, bytes, n, false, &in);
	inspect_to_json(&in, true, false, json);
	getrusage(RUSAGE_SELF, &ru);
	used += (double)ru.ru_utime.tv_sec + (double)ru.ru_utime.tv_usec / 1e6;
	print_message("# %s: %.2f s, %ld MB, %zu defects\n", mails[i].what,
	    used, ru.ru_maxrss / 1024, in.defects.n);
	/* the parent takes what the child says */
	if (!inspect_from_json(a, json->str, json->len, &in, NULL))
		return 4;
	g_string_free(s, TRUE);
	arena_free(a);
	return (used > HOSTILE_SECONDS * SLOWER ? 2 : 0) |
	    (mails[i].defect && in.defects.n == 0 ? 1 : 0);
}

static void
test_hostile(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(mails); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(read_one(i));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status == 0)
			continue;
		bad++;
		if (WIFSIGNALED(status))
			print_message("# %s: died by signal %d\n",
			    mails[i].what, WTERMSIG(status));
		else
			print_message("# %s:%s%s%s\n", mails[i].what,
			    WEXITSTATUS(status) & 1 ? " no defect" : "",
			    WEXITSTATUS(status) & 2 ? " slow" : "",
			    WEXITSTATUS(status) & 4 ? " refused by the parent"
						    : "");
	}
	assert_int_equal(bad, 0);
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
	    cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
