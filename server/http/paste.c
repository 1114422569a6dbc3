/*
 * "Paste your log": what a pasted log, header or mail says, read in the
 * parser children as a mail would be, and put into the fields of the report
 * form that are still empty.  Nothing is stored and nothing is sent; who
 * reports looks at it, and only what is missing is asked.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/member/constituency.h"
#include "core/outgoing/keyring.h"
#include "http/priv.h"
#include "http/report.h"

enum { SHOWN_MAX = 10, ADDRESSES_MAX = 100, PORTS_MAX = 20 };

DESC_TABLE(paste_row, PASTE_ROW);

/* Texts that are not there yet, in their order. */
static void
once(GPtrArray *all, const char *s, guint most)
{
	if (s == NULL || all->len >= most)
		return;
	for (guint i = 0; i < all->len; i++)
		if (strcmp(all->pdata[i], s) == 0)
			return;
	g_ptr_array_add(all, (char *)s);
}

static const char *
joined(struct arena *a, const GPtrArray *all, const char *by)
{
	GString *s = arena_gstring(a);

	for (guint i = 0; i < all->len; i++)
		g_string_append_printf(s, "%s%s", i > 0 ? by : "",
		    (const char *)all->pdata[i]);
	return all->len > 0 ? s->str : NULL;
}

static const char *
port_text(struct arena *a, int64_t port)
{
	return port == DESC_NULL ? NULL : arena_printf(a, "%" PRId64, port);
}

/* Which of the kinds of the form it is; NULL: it does not say. */
static const char *
kind_of(const char *type)
{
	static const struct {
		const char *class, *kind;
	} kinds[] = {{"information-gathering/", "scan"},
	    {"intrusion-attempts/", "scan"}, {"availability/", "dos"},
	    {"abusive-content/", "mail"}, {"fraud/phishing", "phishing"},
	    {"fraud/copyright", "copyright"}, {"malicious-code/", "malware"},
	    {"intrusions/", "compromise"}};

	for (size_t i = 0; type != NULL && i < COUNT_OF(kinds); i++)
		if (g_str_has_prefix(type, kinds[i].class))
			return kinds[i].kind;
	return NULL;
}

/* The first event of each source, with the words for who reports. */
static bool
row(struct req *r, const struct inspect_event *e, struct paste_row *out,
    GError **err)
{
	struct constituency_verdict got = {0};

	*out = (struct paste_row){.source_ip = e->source_ip,
	    .port = e->source_port, .time = e->time,
	    .time_given = e->time == DESC_NULL ? e->time_given : NULL};
	if (!constituency_lookup(r->db, r->a, e->source_ip, e->time, false,
		&got, err))
		return false;
	out->verdict = got.verdict;
	out->organisation = got.organisation;
	return true;
}

/* Times in UTC, or as they were written when the zone of one is unknown. */
static void
times(struct arena *a, const struct inspection *in, struct paste *out)
{
	int64_t first = DESC_NULL, last = DESC_NULL;
	const char *given = NULL;

	for (size_t i = 0; i < in->events.n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, in->events, i);

		if (e->time == DESC_NULL) {
			given = given != NULL ? given : e->time_given;
			continue;
		}
		first = first == DESC_NULL ? e->time : MIN(first, e->time);
		last = last == DESC_NULL ? e->time : MAX(last, e->time);
	}
	if (given != NULL) {
		out->start = out->no_zone = given;
	} else if (first != DESC_NULL) {
		out->start = when_rfc3339(a, first);
		if (last > first)
			out->end = when_rfc3339(a, last);
	}
}

static bool
read_paste(struct req *r, struct inspection *in)
{
	struct reader_set readers = {.parsers = req_parsers(r),
	    .keeper = req_keeper(r), .db = r->db};
	GString *mail = arena_gstring(r->a);
	g_autoptr(GError) why = NULL;

	g_string_append(mail, "Subject: report\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: 8bit\r\n\r\n");
	g_string_append(mail, form_get(r, "evidence"));
	return readers.parsers != NULL && keyring_read(&readers, r->a,
	    blob_of(r->a, mail->str, mail->len), in, &why);
}

bool
paste_read(struct req *r, struct paste *out, GError **err)
{
	struct inspection in;
	GPtrArray *sources = arena_ptr_array(r->a);
	GPtrArray *targets = arena_ptr_array(r->a);
	GPtrArray *from = arena_ptr_array(r->a);
	GPtrArray *to = arena_ptr_array(r->a);

	*out = (struct paste){.read = true};
	if (!read_paste(r, &in))
		return true;
	out->rows.items = ARENA_ARRAY(r->a, struct paste_row, SHOWN_MAX);
	for (size_t i = 0; i < in.events.n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, in.events, i);
		guint had = sources->len;

		once(sources, e->source_ip, ADDRESSES_MAX);
		if (sources->len > had && out->rows.n < SHOWN_MAX &&
		    !row(r, e, LIST_AT(paste_row, out->rows, out->rows.n++),
			err))
			return false;
		once(targets, e->destination_ip, ADDRESSES_MAX);
		once(from, port_text(r->a, e->source_port), 2);
		once(to, port_text(r->a, e->destination_port), PORTS_MAX);
		if (out->type == NULL)
			out->type = kind_of(e->type);
		if (out->protocol == NULL)
			out->protocol = e->protocol;
		if (out->url == NULL)
			out->url = e->url;
	}
	out->more = (int64_t)sources->len - (int64_t)out->rows.n;
	out->source_ip = joined(r->a, sources, "\n");
	out->destination_ip = joined(r->a, targets, ", ");
	/* Of many hosts each had its own, which stands in the log. */
	out->source_port = from->len == 1 ? from->pdata[0] : NULL;
	out->ports = from->len > 0;
	out->destination_port = joined(r->a, to, ", ");
	times(r->a, &in, out);
	return true;
}
