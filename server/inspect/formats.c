/*
 * The table of formats, most specific first: a machine-readable part wins
 * over the envelope that carries it, a letter of a person comes last.
 * Formats without a read function are recognised by name only; their
 * events are those that plain text shows.
 */
#include "base/base.h"
#include "inspect/read.h"

static bool
always(struct reading *r)
{
	(void)r;
	return true;
}

static bool
name_has(const struct mail_part *p, const char *end)
{
	return p->filename != NULL && text_iends(p->filename, end);
}

static bool
shadowserver_look(struct reading *r)
{
	const char *s = r->out->subject;
	bool told = s != NULL && strstr(s, "Shadowserver ") != NULL &&
	    strstr(s, "Report: ") != NULL;

	for (size_t i = 0; told && i < r->m->n; i++)
		if (name_has(&r->m->parts[i], ".csv") ||
		    name_has(&r->m->parts[i], ".csv.zip"))
			return true;
	return told && r->out->from != NULL &&
	    text_iends(r->out->from, "shadowserver.org");
}

static bool
dmarc_look(struct reading *r)
{
	const char *s = r->out->subject;

	if (s == NULL || !text_istarts(s, "report domain:"))
		return false;
	for (size_t i = 0; i < r->m->n; i++)
		if (name_has(&r->m->parts[i], ".xml.gz") ||
		    name_has(&r->m->parts[i], ".zip") ||
		    name_has(&r->m->parts[i], ".xml"))
			return true;
	return false;
}

/* A table: a header line of names, and columns that name an address. */
static bool
csv_look(struct reading *r)
{
	static const char *const names[] = {"ip", "src_ip", "source.ip",
	    "source_ip", "ip_address", "address", "sourceip", "srcip"};

	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *s;
		char **cols;
		bool found = false;
		size_t n;

		if (p->kind != MAIL_LEAF || read_nested(r, i) ||
		    (strcmp(p->type, "text/csv") != 0 &&
			!name_has(p, ".csv")))
			continue;
		s = mail_text(r->m, p, &n);
		s = arena_strndup(r->a, s, strcspn(s, "\n"));
		cols = g_strsplit_set(s, ",;\t", 200);
		for (size_t k = 0; cols[k] != NULL && !found; k++) {
			g_strdelimit(cols[k], "\"' #\r", ' ');
			g_strstrip(cols[k]);
			for (size_t j = 0; j < COUNT_OF(names); j++)
				found |= text_ieq(cols[k], names[j]);
		}
		g_strfreev(cols);
		if (found)
			return true;
	}
	return false;
}

const struct reader readers[] = {
    {"xarf", true, xarf_look, xarf_read},
    {"arf", true, arf_look, arf_read},
    {"mdn", true, mdn_look, mdn_read},
    {"dsn", true, dsn_look, dsn_read},
    {"iodef", true, iodef_look, iodef_read},
    {"acns", true, acns_look, acns_read},
    {"xarf", true, xarf_said, plain_read},
    {"shadowserver", true, shadowserver_look, NULL},
    {"dmarc-aggregate", true, dmarc_look, NULL},
    {"dsn", true, bounce_look, bounce_read},
    {"auto-reply", true, auto_look, NULL},
    {"csv", true, csv_look, NULL},
    {"forward", false, forward_look, forward_read},
    {"plain", false, always, plain_read},
    {NULL, false, NULL, NULL},
};
