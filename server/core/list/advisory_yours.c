/*
 * What an advisory says to a member alone: its hosts in the campaigns that
 * belong to it.  See advisory.h.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/list/advisory_priv.h"

enum { LINE = 72 };

DESC_TABLE(advisory_yours, ADVISORY_YOURS);
DESC_TABLE(advisory_campaign, ADVISORY_CAMPAIGN);

static const char *
day(struct arena *a, int64_t t, bool with_year)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct when_fields f;

	when_fields(t, &f);
	return with_year
	    ? arena_printf(a, "%d %.3s %d", f.day, names + 3 * (f.month - 1),
		  f.year)
	    : arena_printf(a, "%d %.3s", f.day, names + 3 * (f.month - 1));
}

static int
year(int64_t t)
{
	struct when_fields f;

	when_fields(t, &f);
	return f.year;
}

/* " on 21 Nov", " from 19 Nov to 21 Nov", or nothing. */
static const char *
when_seen(struct arena *a, const struct advisory_yours *y, int64_t now)
{
	const char *first, *last;
	bool old;

	if (y->first == DESC_NULL)
		return "";
	old = year(y->first) != year(now) || year(y->last) != year(now);
	first = day(a, y->first, old);
	last = day(a, y->last, old);
	return strcmp(first, last) == 0 ? arena_printf(a, " on %s", last)
	    : arena_printf(a, " from %s to %s", first, last);
}

/* Words of text behind s, broken before they pass the end of a line. */
static void
wrap(GString *s, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	size_t at = s->len;

	for (size_t i = 0; words[i] != NULL; i++) {
		size_t n = strlen(words[i]);

		if (at + 1 + n > LINE) {
			g_string_append(s, "\n ");
			at = 1;
		}
		g_string_append_printf(s, " %s", words[i]);
		at += 1 + n;
	}
}

static const char *
line(struct arena *a, const struct advisory_yours *y, int64_t now)
{
	GString *s = arena_gstring(a);
	int64_t more = y->hosts - ADVISORY_HOSTS_SHOWN;

	g_string_append_printf(s, "Yours: %" PRId64 " host%s seen with this%s:",
	    y->hosts, y->hosts == 1 ? "" : "s", when_seen(a, y, now));
	/* (Names that strangers gave: one line, whatever they hold.) */
	wrap(s, text_squash(a, text_repair(a, y->sample, strlen(y->sample))));
	if (more > 0)
		wrap(s, arena_printf(a, "and %" PRId64 " more", more));
	return s->str;
}

bool
advisory_campaigns(struct db *db, struct arena *a, int64_t number,
    struct list *out, GError **err)
{
	return db_list(db, a, Q_ADVISORY_CAMPAIGNS, DB_ARGS(DB_INT(number)),
	    &desc_advisory_campaign, out, err);
}

bool
advisory_yours(struct db *db, struct arena *a, int64_t number, int64_t now,
    struct list *out, GError **err)
{
	if (!db_list(db, a, Q_ADVISORY_YOURS, DB_ARGS(DB_INT(number)),
		&desc_advisory_yours, out, err))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		struct advisory_yours *y = LIST_AT(advisory_yours, *out, i);

		y->line = line(a, y, now);
	}
	return true;
}
