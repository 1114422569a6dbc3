/* See ticket.h: the queue, its views, and what is looked for. */
#include "base/base.h"
#include "core/case/lifecycle.h"
#include "core/ticket/ticket_priv.h"

#define TICKET_FOUND(F, S)                                                    \
	TICKET_ROW(F, S)                                                      \
	F(S, INT, of_all, none)                                               \
	F(S, BOOL, often, none)
DESC_PRIVATE(ticket_found, TICKET_FOUND);
#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);
#define OFTEN(F, S) F(S, BOOL, often, none)
DESC_PRIVATE(often, OFTEN);

enum {
	OFTEN_ARGS = 15,   /* of ticket_found_often: eleven of ticket_list()'s */
	OFTEN_FIRST = 64,  /* numbers that are looked at first, */
	OFTEN_GROWS = 8,   /* then so many times more; */
	OFTEN_EACH = 512,  /* of so many each is looked at by itself */
	OFTEN_PAGES = 100, /* further ones are collected, and counted */
	FOUND_ARGS = 13,   /* of ticket_found: all of ticket_list()'s */
	NEAR_ARGS = 13,    /* of ticket_found_near: eleven of ticket_list()'s */
	NEAR_PAGES = 8,
	NEAR_FIRST = 200,  /* tickets of the member that a page looks at */
};

/* No filter at all: the one query that must be fast. */
static bool
is_plain(const struct ticket_filter *f)
{
	return f->status == NULL && f->view == NULL && f->type == NULL &&
	    f->org == NULL && f->q == NULL && f->ip == NULL &&
	    f->kind == NULL && f->since == 0 && f->until == 0 && !f->folded;
}

static bool
is_mine(const struct ticket_filter *f)
{
	struct ticket_filter rest = *f;

	rest.view = NULL;
	return g_strcmp0(f->view, "mine") == 0 && is_plain(&rest);
}

static bool
total_of(struct db *db, struct arena *a, struct db_args args, int64_t *total,
    GError **err)
{
	struct total t = {0};

	if (!db_one(db, a, Q_TICKET_SEARCH_TOTAL,
		(struct db_args){args.v, args.n - 1}, &desc_total, &t, err))
		return false;
	*total = t.total;
	return true;
}

/* Does pg_trgm find three characters to look for?  A blank on a side that is
 * not open counts, twice before a word; signs are blanks, wildcards open. */
static bool
has_trigram(const char *words)
{
	bool bound = false;
	int run = 0;

	for (const char *p = words; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_isalnum(g_utf8_get_char(p))) {
			if (++run == 3 || bound)
				return true;
			continue;
		}
		bound = *p != '%' && *p != '_' && *p != '\\';
		if (bound && run == 2)
			return true;
		run = 0;
	}
	return false;
}

/* The number that is likely to be in few subjects, with the blank or sign
 * before it; NULL when there is none, or nothing else. */
static const char *
rarest(struct arena *a, const char *words)
{
	const char *best = NULL, *before = NULL, *p = words;
	size_t best_len = 0;
	int64_t most = 2;

	while (*p != '\0') {
		const char *from = p;
		int64_t n = 0;
		bool digit = false;

		for (; g_unichar_isalnum(g_utf8_get_char(p));
		     p = g_utf8_next_char(p), n++)
			digit |= g_ascii_isdigit(*p);
		/* (Two figures are enough for a trigram behind a blank.) */
		if (digit && before != NULL)
			n++;
		if (digit && n > most) {
			most = n;
			best = before != NULL ? before : from;
			best_len = (size_t)(p - best);
		}
		if (*p == '\0')
			break;
		before = strchr("%_\\", *p) == NULL ? p : NULL;
		p = g_utf8_next_char(p);
	}
	return best == NULL || best_len == strlen(words) ? NULL :
	    arena_strndup(a, best, best_len);
}

static void
take_rows(struct arena *a, const struct list *found, struct list *rows)
{
	G_STATIC_ASSERT(offsetof(struct ticket_found, of_all) ==
	    sizeof(struct ticket_row));
	rows->n = found->n;
	rows->items = ARENA_ARRAY(a, struct ticket_row, MAX(found->n, 1));
	for (size_t i = 0; i < found->n; i++)
		memcpy(LIST_AT(ticket_row, *rows, i),
		    LIST_AT(ticket_found, *found, i),
		    sizeof(struct ticket_row));
}

/* Words that are in very many tickets: among the newest numbers, then among
 * eight times as many older ones, until the page is full; and is there more? */
static bool
find_often(struct db *db, struct arena *a, const struct ticket_filter *f,
    struct db_args all, struct list *rows, int64_t *total, bool *more,
    GError **err)
{
	int64_t skip = f->page * TICKET_PAGE, seen = 0;
	struct db_arg v[OFTEN_ARGS];
	struct total newest = {0};

	if (!db_one(db, a, Q_TICKET_NEWEST, DB_NONE, &desc_total, &newest, err))
		return false;
	memcpy(v, all.v, (OFTEN_ARGS - 4) * sizeof(*v));
	rows->n = 0;
	rows->items = ARENA_ARRAY(a, struct ticket_row, TICKET_PAGE + 1);
	for (int64_t last = newest.total, span = OFTEN_FIRST;
	     last > 0 && rows->n <= TICKET_PAGE; span *= OFTEN_GROWS) {
		int64_t first = MAX(last - span, 0) + 1;
		struct list l;

		v[OFTEN_ARGS - 4] = DB_INT(first);
		v[OFTEN_ARGS - 3] = DB_INT(last);
		v[OFTEN_ARGS - 2] = DB_INT(skip + TICKET_PAGE + 1 - seen);
		v[OFTEN_ARGS - 1] = DB_BOOL(span <= OFTEN_EACH);
		if (!db_list(db, a, Q_TICKET_FOUND_OFTEN,
			(struct db_args){v, OFTEN_ARGS}, &desc_ticket_row, &l,
			err))
			return false;
		for (size_t i = 0; i < l.n; i++)
			if (seen++ >= skip)
				*LIST_AT(ticket_row, *rows, rows->n++) =
				    *LIST_AT(ticket_row, l, i);
		last = first - 1;
	}
	*more = rows->n > TICKET_PAGE;
	*total = seen;
	rows->n = MIN(rows->n, TICKET_PAGE);
	return true;
}

/* Those words beside a member or an address.  Where they are rare among its
 * tickets, *enough is false: they are collected, as all others. */
static bool
find_near(struct db *db, struct arena *a, const struct ticket_filter *f,
    struct db_args all, struct list *rows, int64_t *total, bool *more,
    bool *enough, GError **err)
{
	int64_t skip = f->page * TICKET_PAGE;
	struct db_arg v[NEAR_ARGS];
	struct list found;

	memcpy(v, all.v, (NEAR_ARGS - 2) * sizeof(*v));
	v[NEAR_ARGS - 2] = DB_INT(skip);
	v[NEAR_ARGS - 1] = DB_INT((f->page + 1) * NEAR_FIRST);
	if (!db_list(db, a, Q_TICKET_FOUND_NEAR,
		(struct db_args){v, NEAR_ARGS}, &desc_ticket_found, &found,
		err))
		return false;
	*more = found.n > TICKET_PAGE;
	*enough = *more || (found.n > 0 &&
	    !LIST_AT(ticket_found, found, 0)->often);
	*total = skip + (int64_t)found.n;
	found.n = MIN(found.n, TICKET_PAGE);
	take_rows(a, &found, rows);
	return true;
}

/* Words beside other filters. */
static bool
is_often(struct db *db, struct arena *a, const struct ticket_filter *f,
    bool *often, GError **err)
{
	const struct db_ask ask = {Q_TICKET_WORDS_OFTEN,
	    DB_ARGS(DB_TEXT(f->q), DB_BOOL(!has_trigram(f->q)))};
	struct often o = {0};

	db_ahead(db, &ask, 1); /* planned once */
	if (!db_one(db, a, ask.q, ask.args, &desc_often, &o, err))
		return false;
	*often = o.often;
	return true;
}

/* The page and how many there are.  What is asked for most, a member, an
 * address or words and nothing else, has its own plan: making one costs more
 * than what it finds. */
static bool
find(struct db *db, struct arena *a, const struct ticket_filter *f,
    struct db_args all, struct list *rows, int64_t *total, bool *more,
    GError **err)
{
	struct ticket_filter rest = *f;
	const struct db_arg one[] = {DB_TEXT(f->status),
	    DB_TEXT(f->org != NULL ? f->org : f->ip != NULL ? f->ip : f->q),
	    DB_INT(f->page), DB_BOOL(f->q != NULL && !has_trigram(f->q)),
	    DB_TEXT(f->q != NULL ? rarest(a, f->q) : NULL)};
	struct db_arg any[FOUND_ARGS];
	struct db_ask ask = {Q_TICKET_FOUND, {any, FOUND_ARGS}};
	struct list found;
	/* a mail address is looked for among people, too */
	bool somebody = f->q != NULL && strchr(f->q, '@') != NULL;
	bool near = !somebody && f->q != NULL &&
	    (f->org != NULL || f->ip != NULL);
	bool often = false, enough = false;

	rest.status = rest.org = rest.ip = rest.q = NULL;
	rest.folded = !f->folded;
	if (!somebody && is_plain(&rest) && f->page < OFTEN_PAGES &&
	    (f->org != NULL) + (f->ip != NULL) + (f->q != NULL) == 1) {
		ask.q = f->org != NULL ? Q_TICKET_FOUND_MEMBER :
		    f->ip != NULL      ? Q_TICKET_FOUND_ADDRESS :
					 Q_TICKET_FOUND_WORDS;
		ask.args = (struct db_args){one, f->q != NULL ? 5 : 3};
		db_ahead(db, &ask, 1); /* planned once */
	} else if (!somebody && f->q != NULL &&
	    (near || f->page < OFTEN_PAGES) &&
	    !is_often(db, a, f, &often, err)) {
		return false;
	}
	near = near && often;
	if (near && f->page < NEAR_PAGES &&
	    (!find_near(db, a, f, all, rows, total, more, &enough, err) ||
		enough))
		return enough;
	often = often && !near;
	memcpy(any, all.v, all.n * sizeof(*any));
	any[FOUND_ARGS - 1] = DB_BOOL(near);
	if (!often && !db_list(db, a, ask.q, ask.args, &desc_ticket_found,
		&found, err))
		return false;
	if (often || (found.n > 0 && LIST_AT(ticket_found, found, 0)->often))
		return find_often(db, a, f, all, rows, total, more, err);
	if (found.n > 0 && LIST_AT(ticket_found, found, 0)->number == DESC_NULL)
		found.n = 0; /* the row that says that it is not often */
	take_rows(a, &found, rows);
	if (found.n == 0 && f->page > 0)
		return total_of(db, a, all, total, err);
	*total = found.n > 0 ? LIST_AT(ticket_found, found, 0)->of_all : 0;
	return true;
}

bool
ticket_list(struct db *db, struct arena *a, const struct ticket_filter *f,
    struct list *rows, int64_t *total, bool *uncounted, GError **err)
{
	const struct db_args args = DB_ARGS(DB_TEXT(f->status),
	    DB_TEXT(f->view), DB_TEXT(f->type), DB_TEXT(f->org), DB_TEXT(f->q),
	    DB_TEXT(f->ip), DB_INT(f->me), DB_BOOL(f->folded),
	    DB_TEXT(f->kind), DB_TIME_OR_NULL(f->since),
	    DB_TIME_OR_NULL(f->until), DB_INT(f->page));
	struct list l;

	if (is_plain(f) && f->page == 0) {
		if (!db_list(db, a, Q_TICKET_ACTIVE_FIRST, DB_NONE,
			&desc_ticket_row, &l, err))
			return false;
	} else if (is_plain(f)) {
		if (!db_list(db, a, Q_TICKET_ACTIVE, DB_ARGS(DB_INT(f->page)),
			&desc_ticket_row, &l, err))
			return false;
	} else if (is_mine(f)) {
		if (!db_list(db, a, Q_TICKET_MINE,
			DB_ARGS(DB_INT(f->me), DB_INT(f->page)),
			&desc_ticket_row, &l, err))
			return false;
	} else if (total != NULL) {
		if (!find(db, a, f, args, &l, total, uncounted, err))
			return false;
		total = NULL;
	} else if (!db_list(db, a, Q_TICKET_SEARCH, args, &desc_ticket_row, &l,
		       err)) {
		return false;
	}
	if (total != NULL && !total_of(db, a, args, total, err))
		return false;
	for (size_t i = 0; i < l.n; i++) {
		struct ticket_row *row = LIST_AT(ticket_row, l, i);

		row->complete = ticket_complete(a, row->completeness);
		row->many = row->reports > 1;
		row->urgent = row->priority == 1 &&
		    !lifecycle_closed(row->status);
	}
	*rows = l;
	return true;
}
