/* Prefixes of members, with their periods: see import.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/member/import_priv.h"

#define HELD(F, S)                                                            \
	F(S, INT, id, none)                                                   \
	F(S, INT, organisation_id, none)                                      \
	F(S, TEXT, handle, none)                                              \
	F(S, TIME, since, none)   /* null: for ever */                        \
	F(S, TIME, until, none)
DESC_PRIVATE(held, HELD);

#define GONE(F, S) F(S, TEXT, prefix, none) F(S, TEXT, handle, none)
DESC_PRIVATE(gone, GONE);

struct given {
	int line;
	const char *net;    /* canonical */
	const struct import_owner *owner;
	int64_t from, to;   /* DESC_NULL: open */
};

static const char *
period_of(struct arena *a, int64_t since, int64_t until)
{
	return arena_printf(a, "%s%s%s",
	    since != DESC_NULL ? when_rfc3339(a, since) : "ever",
	    until != DESC_NULL ? " to " : " on",
	    until != DESC_NULL ? when_rfc3339(a, until) : "");
}

static bool
add(struct db *db, struct import *im, const struct given *g, int64_t from,
    GError **err)
{
	if (db_exec(db, Q_PREFIX_ADD,
		DB_ARGS(DB_TEXT(g->net), DB_INT(g->owner->id), DB_TIME(from),
		    DB_TIME(g->to), DB_INT(im->id)),
		NULL, err))
		return true;
	g_prefix_error(err, "Line %d: ", g->line);
	return false;
}

static bool
seen(struct db *db, struct import *im, const struct held *h, GError **err)
{
	return db_exec(db, Q_PREFIX_SEEN,
	    DB_ARGS(DB_INT(h->id), DB_INT(im->id)), NULL, err);
}

/* The prefix has the same holder already: at most its end is news. */
static bool
same_holder(struct db *db, struct import *im, const struct given *g,
    const struct held *h, GError **err)
{
	if (g->to != DESC_NULL && h->until == DESC_NULL) {
		import_say(im, IMPORT_ENDED, g->line, "prefix %s %s at %s",
		    g->net, g->owner->handle, when_rfc3339(im->a, g->to));
		return db_exec(db, Q_PREFIX_END,
			   DB_ARGS(DB_INT(h->id), DB_TIME(g->to)), NULL,
			   err) &&
		    seen(db, im, h, err);
	}
	import_say(im, IMPORT_UNCHANGED, g->line, "prefix");
	return seen(db, im, h, err);
}

static bool
take(struct db *db, struct import *im, const struct given *g, GError **err)
{
	struct list rows;
	const struct held *h;
	int64_t from = g->from != DESC_NULL ? g->from : when_now();

	if (!db_list(db, im->a, Q_PREFIX_OVERLAPS,
		DB_ARGS(DB_TEXT(g->net), DB_TIME(g->from), DB_TIME(g->to)),
		&desc_held, &rows, err))
		return false;
	if (rows.n == 0) {
		import_say(im, IMPORT_ADDED, g->line, "prefix %s %s", g->net,
		    g->owner->handle);
		return add(db, im, g, g->from, err);
	}
	/* Without a period the file speaks of today: the last holder. */
	h = LIST_AT(held, rows, rows.n - 1);
	if (h->organisation_id == g->owner->id &&
	    (rows.n == 1 || g->from == DESC_NULL))
		return same_holder(db, im, g, h, err);
	/* It changes hands; the past stays with the former. */
	if (h->until == DESC_NULL && g->to == DESC_NULL &&
	    (rows.n == 1 || g->from == DESC_NULL) &&
	    (h->since == DESC_NULL || h->since < from)) {
		import_say(im, IMPORT_CHANGED, g->line,
		    "prefix %s %s was %s until %s", g->net, g->owner->handle,
		    h->handle, when_rfc3339(im->a, from));
		return db_exec(db, Q_PREFIX_END,
			   DB_ARGS(DB_INT(h->id), DB_TIME(from)), NULL,
			   err) &&
		    add(db, im, g, from, err);
	}
	import_refuse(im, IMPORT_OVERLAP, g->line,
	    "Line %d: prefix %s for %s %s, but %s has it %s", g->line, g->net,
	    g->owner->handle, period_of(im->a, g->from, g->to), h->handle,
	    period_of(im->a, h->since, h->until));
	return true;
}

static bool
time_field(const struct import *im, const struct csv_row *row,
    const char *column, int64_t *out, GError **err)
{
	const char *s = import_field(im, row, column);
	char full[WHEN_TEXT_MAX];

	*out = DESC_NULL;
	if (*s == '\0')
		return true;
	/* A day alone begins at midnight UTC. */
	g_snprintf(full, sizeof(full), "%s%s", s,
	    strlen(s) == 10 ? "T00:00:00Z" : "");
	return when_parse_rfc3339(full, out) ||
	    import_fault(err, row->line, "%s is no day (2026-11-23) and no "
		"time (2026-11-23T04:10:00Z).", column);
}

/* The first column that says something says whose it is. */
static const struct {
	const char *column, *kind;
} owner_columns[] = {{"organisation", "handle"}, {"registry_org", "org"},
    {"netname", "netname"}};

static bool
csv_row(struct db *db, struct import *im, const struct csv_row *row,
    GError **err)
{
	struct given g = {.line = row->line};
	const char *named = "";
	struct net net;

	if (!net_parse(import_field(im, row, "prefix"), true, &net))
		return import_fault(err, row->line,
		    "this is no prefix, or has bits behind its length.");
	if (net_too_wide(&net))
		return import_fault(err, row->line,
		    "nobody has a net that is wider than /8.");
	g.net = net_text(im->a, &net);
	if (!time_field(im, row, "valid_from", &g.from, err) ||
	    !time_field(im, row, "valid_to", &g.to, err))
		return false;
	if (g.from != DESC_NULL && g.to != DESC_NULL && g.from >= g.to)
		return import_fault(err, row->line,
		    "valid_to is not after valid_from.");
	for (size_t i = 0; i < COUNT_OF(owner_columns) && *named == '\0';
	     i++) {
		named = import_field(im, row, owner_columns[i].column);
		if (*named != '\0')
			g.owner = import_owner_of(im, owner_columns[i].kind,
			    named);
	}
	if (g.owner == NULL) {
		import_refuse(im, IMPORT_ORPHAN, row->line,
		    "Line %d: prefix %s: there is no member \"%s\"; import it "
		    "first", row->line, g.net, named);
		return true;
	}
	return take(db, im, &g, err);
}

static bool
registry_row(struct db *db, struct import *im, const struct registry_net *n,
    GError **err)
{
	struct net parts[NET_SPLIT_MAX];
	struct given g = {.line = n->line, .from = DESC_NULL,
	    .to = DESC_NULL};
	size_t k;

	if (*n->org != '\0')
		g.owner = import_owner_of(im, "org", n->org);
	if (g.owner == NULL && *n->netname != '\0')
		g.owner = import_owner_of(im, "netname", n->netname);
	if (g.owner == NULL) {
		import_refuse(im, IMPORT_ORPHAN, n->line,
		    "%s %s: no member has %s%s%sthis netname", n->object,
		    n->netname, *n->org != '\0' ? "the registry handle " : "",
		    n->org, *n->org != '\0' ? " or " : "");
		return true;
	}
	k = net_split(&n->first, &n->last, parts);
	for (size_t i = 0; i < k; i++) {
		g.net = net_text(im->a, &parts[i]);
		if (!take(db, im, &g, err))
			return false;
	}
	return true;
}

/* Prefixes that earlier imports had and this file has not. */
static bool
vanished(struct db *db, struct import *im, GError **err)
{
	bool end = im->rq->complete;
	struct list rows;

	if (!db_list(db, im->a, Q_PREFIX_VANISHED, DB_ARGS(DB_INT(im->id)),
		&desc_gone, &rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct gone *g = LIST_AT(gone, rows, i);

		import_say(im, end ? IMPORT_ENDED : IMPORT_ORPHAN, 0,
		    "prefix %s %s is not in the file%s", g->prefix, g->handle,
		    end ? "" : "; it stays");
	}
	return !end || db_exec(db, Q_PREFIX_END_VANISHED,
			   DB_ARGS(DB_INT(im->id)), NULL, err);
}

bool
import_prefixes(struct db *db, struct import *im, GError **err)
{
	if (im->is_csv &&
	    (!import_needs(im, "prefix", err) ||
		(!import_has(im, "registry_org") &&
		    !import_has(im, "netname") &&
		    !import_needs(im, "organisation", err))))
		return false;
	if (!import_read_owners(db, im, err))
		return false;
	for (size_t i = 0; i < im->csv.n; i++)
		if (!csv_row(db, im, &im->csv.rows[i], err))
			return false;
	for (size_t i = 0; i < im->registry.n_nets; i++)
		if (!registry_row(db, im, &im->registry.nets[i], err))
			return false;
	return vanished(db, im, err);
}
