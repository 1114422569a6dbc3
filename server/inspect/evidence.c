/*
 * The log that is attached to a report whose fields say no source port: the
 * line that names the address at the very second of the event tells it.  A
 * port of any other second would lead to somebody else behind the same
 * address, so no other line will do.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

enum {
	CLOCK = 8,       /* "11:35:51" */
	EVENTS_MAX = 50, /* of a mail that are looked up */
};

static bool
is_clock(const char *s)
{
	for (int i = 0; i < CLOCK; i++)
		if (i % 3 == 2 ? s[i] != ':' : !g_ascii_isdigit(s[i]))
			return false;
	return true;
}

/* The clock of a time as written, or NULL. */
static const char *
clock_of(struct arena *a, const char *given)
{
	size_t n = strlen(given);

	for (size_t i = 0; i + CLOCK <= n; i++)
		if (is_clock(given + i))
			return arena_strndup(a, given + i, CLOCK);
	return NULL;
}

/* The line around p. */
static struct line
line_around(const char *text, const char *p)
{
	const char *s = p;

	while (s > text && s[-1] != '\n')
		s--;
	return (struct line){.s = s, .n = strcspn(s, "\n")};
}

/* Does the line name the source, with a port? */
static bool
take(struct reading *r, const struct line *l, struct inspect_event *e)
{
	struct scan_hit hit;
	struct facts f;
	size_t pos = 0;

	while (scan_next(r->a, l->s, l->n, &pos, &hit)) {
		if ((hit.kind != SCAN_IPV4 && hit.kind != SCAN_IPV6) ||
		    strcmp(hit.value, e->source_ip) != 0)
			continue;
		plain_port_behind(l, &hit);
		if (hit.port == DESC_NULL || hit.port == 0)
			continue;
		facts_read(r->a, read_lower(r->a, l->s, l->n), &f);
		e->source_port = hit.port;
		if (e->protocol == NULL)
			e->protocol = f.protocol;
		if (e->destination_port == DESC_NULL)
			e->destination_port = f.target_port;
		return true;
	}
	return false;
}

void
evidence_read(struct reading *r, struct inspect_event *e)
{
	const char *clock;

	if (e->source_port != DESC_NULL || e->source_ip == NULL ||
	    e->time_given == NULL || r->events->len > EVENTS_MAX)
		return;
	clock = clock_of(r->a, e->time_given);
	if (clock == NULL)
		return;
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *text, *s;

		if (p->kind != MAIL_LEAF || read_nested(r, i) ||
		    strcmp(p->type, "text/plain") != 0 ||
		    strcmp(p->path, e->evidence_part) == 0)
			continue;
		text = mail_text(r->m, p, NULL);
		for (s = text; (s = strstr(s, clock)) != NULL; s += CLOCK) {
			struct line l = line_around(text, s);

			if (take(r, &l, e))
				return;
			s = MAX(s, l.s + l.n - CLOCK);
		}
	}
}
