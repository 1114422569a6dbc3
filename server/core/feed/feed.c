/* See feed.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/feed/feed.h"
#include "core/notice/investigate.h"
#include "core/ticket/ticket_priv.h"

static const struct inspect_event *
event(const struct inspection *in, size_t i)
{
	return LIST_AT(inspect_event, in->events, i);
}

/* "reports@feed.example" or "feed.example", which holds for its subdomains
 * too. */
static bool
listed(const char *const *senders, const char *from)
{
	const char *at = from != NULL ? strrchr(from, '@') : NULL;

	if (at == NULL)
		return false;
	for (size_t i = 0; senders[i] != NULL; i++) {
		const char *s = senders[i];

		if (text_ieq(strchr(s, '@') != NULL ? from : at + 1, s))
			return true;
		if (strchr(s, '@') == NULL && text_iends(at + 1, s) &&
		    (at + 1)[strlen(at + 1) - strlen(s) - 1] == '.')
			return true;
	}
	return false;
}

bool
feed_is(const struct site *s, const struct inspection *in)
{
	const char *const *senders = s->conf->feeds_senders;

	if (in->events.n == 0 || event(in, 0)->feed == NULL)
		return false;
	return senders == NULL || senders[0] == NULL || listed(senders, in->from);
}

/* An event without what it lacks: a row of ten fields has twenty others. */
static void
put_event(struct arena *a, struct json_out *w, const struct inspect_event *e)
{
	json_begin(w, '{');
	for (size_t i = 0; i < desc_inspect_event.n; i++) {
		const struct desc_field *f = &desc_inspect_event.fields[i];
		const void *at = (const char *)e + f->offset;

		switch (f->kind) {
		case DESC_TEXT:
			if (*(const char *const *)at != NULL)
				json_text(w, f->name, *(const char *const *)at);
			break;
		case DESC_JSON:
			if (*(const char *const *)at == NULL)
				break;
			json_key(w, f->name);
			json_put_raw(w, *(const char *const *)at);
			break;
		case DESC_INT:
			if (*(const int64_t *)at != DESC_NULL)
				json_int(w, f->name, *(const int64_t *)at);
			break;
		case DESC_TIME:
			if (*(const int64_t *)at != DESC_NULL)
				json_text(w, f->name,
				    when_rfc3339(a, *(const int64_t *)at));
			break;
		default:
			g_assert_not_reached();
		}
	}
	json_end(w, '}');
}

static const char *
rows_json(struct arena *a, const struct inspection *in)
{
	GString *s = arena_gstring(a);
	struct json_out w = json_out(s);

	json_begin(&w, '[');
	for (size_t i = 0; i < in->events.n; i++)
		put_event(a, &w, event(in, i));
	json_end(&w, ']');
	return s->str;
}

/* The feeds of the mail, each with its earliest and its latest row. */
struct span {
	const char *name;
	int64_t first, last; /* DESC_NULL: no row has a time */
};

static void
span_add(struct span *s, int64_t t)
{
	if (t == DESC_NULL)
		return;
	s->first = s->first == DESC_NULL ? t : MIN(s->first, t);
	s->last = s->last == DESC_NULL ? t : MAX(s->last, t);
}

static bool
look(struct db *db, struct arena *a, const struct inspection *in,
    GError **err)
{
	struct span spans[FEED_NAMES_MAX];
	const char *names[2 * FEED_NAMES_MAX + 1] = {NULL};
	const char *times[2 * FEED_NAMES_MAX + 1] = {NULL};
	size_t n = 0, k;

	for (size_t i = 0; i < in->events.n; i++) {
		const struct inspect_event *e = event(in, i);
		const char *name =
		    e->feed != NULL ? e->feed : event(in, 0)->feed;

		for (k = 0; k < n && strcmp(spans[k].name, name) != 0; k++)
			;
		if (k == FEED_NAMES_MAX)
			return fault_set(err, FAULT_INPUT,
			    "One mail has rows of more than %d feeds.",
			    FEED_NAMES_MAX);
		if (k == n)
			spans[n++] = (struct span){name, DESC_NULL, DESC_NULL};
		span_add(&spans[k], e->time);
	}
	for (k = 0; k < n; k++) {
		names[2 * k] = names[2 * k + 1] = spans[k].name;
		times[2 * k] = spans[k].first != DESC_NULL
		    ? when_rfc3339(a, spans[k].first) : "";
		times[2 * k + 1] = spans[k].last != DESC_NULL
		    ? when_rfc3339(a, spans[k].last) : "";
	}
	return db_exec(db, Q_FEED_LOOK, DB_ARGS(DB_TEXTS(names),
		DB_TEXTS(times)), NULL, err);
}

/* -- what the policy wants told at once -- */

#define FEED_DUE(F, S)                                                        \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, feed, none)                                                \
	F(S, TEXT, day, none)                                                 \
	F(S, TEXT, action, none)                                              \
	F(S, INT, rows, none)                                                 \
	F(S, TEXT, type, none)                                                \
	F(S, INT, ticket, none)                                               \
	F(S, BOOL, reachable, none)
DESC_PRIVATE(feed_due, FEED_DUE);

#define FEED_TICKET(F, S) F(S, INT, ticket, none)
DESC_PRIVATE(feed_ticket, FEED_TICKET);

static bool
tell(struct db *db, const struct site *s, struct arena *a, int64_t message,
    const struct feed_due *d, GError **err)
{
	static const struct actor policy = {.id = 0, .name = "policy"};
	/* A notice that cannot go out is work for the desk. */
	bool notice = strcmp(d->action, "notice") == 0 && d->reachable;
	struct feed_ticket t = {.ticket = d->ticket};
	int64_t mail;

	if (t.ticket == DESC_NULL &&
	    !db_one(db, a, Q_FEED_TICKET_MAKE,
		DB_ARGS(DB_TEXT(arena_printf(a,
			    "%s of %s: %" PRId64 " row%s at %s", d->feed,
			    d->day, d->rows, d->rows == 1 ? "" : "s",
			    d->name != NULL ? d->name : "no member")),
		    DB_TEXT(d->type), DB_INT(d->organisation),
		    DB_TEXT(d->feed), DB_TEXT(d->day), DB_TEXT(d->action),
		    DB_BOOL(notice)),
		&desc_feed_ticket, &t, err))
		return false;
	if (!db_exec(db, Q_FEED_TICKET_ROWS,
		DB_ARGS(DB_INT(t.ticket), DB_INT(message),
		    DB_INT(d->organisation), DB_TEXT(d->feed),
		    DB_TEXT(d->action)),
		NULL, err))
		return false;
	return !notice ||
	    (investigate_send_within(db, s, &policy, t.ticket, &mail, err) &&
		db_exec(db, Q_FEED_NOTICE_CLOCK,
		    DB_ARGS(DB_INT(mail), DB_INT(d->organisation),
			DB_TEXT(d->feed)),
		    NULL, err) &&
		db_exec(db, Q_FEED_TOLD,
		    DB_ARGS(DB_INT(message), DB_INT(d->organisation),
			DB_TEXT(d->feed)),
		    NULL, err));
}

static bool
tell_all(struct db *db, const struct site *s, struct arena *a,
    int64_t message, GError **err)
{
	struct list due;

	if (!db_list(db, a, Q_FEED_DUE, DB_ARGS(DB_INT(message)),
		&desc_feed_due, &due, err))
		return false;
	for (size_t i = 0; i < due.n; i++)
		if (!tell(db, s, a, message, LIST_AT(feed_due, due, i), err))
			return false;
	return true;
}

#define FEED_TAKEN(F, S)                                                      \
	F(S, INT, rows, none)                                                 \
	F(S, INT, ours, none)                                                 \
	F(S, INT, outside, none)                                              \
	F(S, INT, unassigned, none)                                           \
	F(S, INT, ignored, none)                                              \
	F(S, INT, findings, none)                                             \
	F(S, INT, fresh, none)                                                \
	F(S, INT, due, none)
DESC_PRIVATE(feed_taken, FEED_TAKEN);

bool
feed_take(struct db *db, const struct site *s, int64_t message,
    const struct inspection *in, GError **err)
{
	ARENA_AUTO(a, "feed");
	struct feed_taken n = {0};
	int64_t began = when_ticks();

	g_assert(db_in_tx(db) && in->events.n > 0);
	if (!look(db, a, in, err) ||
	    !db_one(db, a, Q_FEED_TAKE,
		DB_ARGS(DB_INT(message), DB_TEXT(rows_json(a, in)),
		    DB_TEXT(event(in, 0)->feed)),
		&desc_feed_taken, &n, err) ||
	    (n.due > 0 && !tell_all(db, s, a, message, err)))
		return false;
	log_info("feed.taken", LOG_I("message", message),
	    LOG_S("feed", event(in, 0)->feed), LOG_I("rows", n.rows),
	    LOG_I("ours", n.ours), LOG_I("outside", n.outside),
	    LOG_I("findings", n.findings), LOG_I("new", n.fresh),
	    LOG_I("ms", (when_ticks() - began) / 1000));
	return true;
}
