/* See case.h: merging, and splitting again. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/case/case.h"
#include "core/ticket/ticket_priv.h"

DESC_TABLE(case_merge, CASE_MERGE);

/* What may be merged into what, and the state of the one that ends. */
static const struct {
	const char *from, *into, *becomes;
} mergers[] = {
    {"report", "report", "resolved"},
    /* an answer that came as a report of its own */
    {"report", "investigation", "resolved"},
    {"incident", "incident", "resolved"},
    {"investigation", "investigation", "resolved"},
};

static const char *
becomes(const char *from, const char *into)
{
	for (size_t i = 0; i < COUNT_OF(mergers); i++)
		if (strcmp(mergers[i].from, from) == 0 &&
		    strcmp(mergers[i].into, into) == 0)
			return mergers[i].becomes;
	return NULL;
}

#define HEAD(F, S)                                                            \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, status, none)                                              \
	F(S, INT, version, none)                                              \
	F(S, INT, merged_into, none)                                          \
	F(S, INT, grouped_into, none)
DESC_PRIVATE(head, HEAD);

#define SAME(F, S) F(S, BOOL, same, none)
DESC_PRIVATE(same, SAME);

/* An investigation is a thread with one party: the link in its notice shows
 * what went out last, so nobody else's may come onto it. */
static bool
same_party(struct db *db, struct arena *a, int64_t from, const struct head *f,
    int64_t into, const struct head *t, bool *same, GError **err)
{
	struct same s = {0};

	*same = true;
	if (strcmp(f->kind, "investigation") != 0 ||
	    strcmp(t->kind, "investigation") != 0)
		return true;
	if (!db_one(db, a, Q_CASE_SAME_PARTY,
		DB_ARGS(DB_INT(from), DB_INT(into)), &desc_same, &s, err))
		return false;
	*same = s.same;
	return true;
}

static const char *
refusal(struct arena *a, int64_t from, const struct head *f, int64_t into,
    const struct head *t, bool same)
{
	if (from == into)
		return "A ticket cannot be merged into itself.";
	if (f->merged_into != DESC_NULL || t->merged_into != DESC_NULL)
		return arena_printf(a, "Ticket #%" PRId64
		    " was merged already.",
		    f->merged_into != DESC_NULL ? from : into);
	if (f->grouped_into != DESC_NULL || t->grouped_into != DESC_NULL)
		return arena_printf(a, "Ticket #%" PRId64 " is one of several "
		    "reports of the same: merge the one that stands for them, "
		    "or take it out first.",
		    f->grouped_into != DESC_NULL ? from : into);
	if (becomes(f->kind, t->kind) == NULL)
		return arena_printf(a, "A %s cannot be merged into a %s.",
		    f->kind, t->kind);
	if (!same)
		return "These investigations ask different parties, and "
		       "neither may read what the other was told.";
	return NULL;
}

static bool
head_of(struct db *db, struct arena *a, int64_t number, struct head *h,
    GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_CASE_HEAD, DB_ARGS(DB_INT(number)), &desc_head, h,
		&found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no ticket #%" PRId64 ".", number);
	return true;
}

bool
case_merge_preview(struct db *db, struct arena *a, int64_t from, int64_t into,
    struct case_merge *out, GError **err)
{
	struct case_merge m = {0};
	struct head f = {0}, t = {0};
	bool same;

	if (!head_of(db, a, from, &f, err) || !head_of(db, a, into, &t, err) ||
	    !same_party(db, a, from, &f, into, &t, &same, err) ||
	    !db_one(db, a, Q_CASE_MERGE_COUNT,
		DB_ARGS(DB_INT(from), DB_INT(into)), &desc_case_merge, &m,
		err))
		return false;
	m.from = from;
	m.from_kind = f.kind;
	m.from_subject = f.subject;
	m.from_status = f.status;
	m.from_version = f.version;
	m.into = into;
	m.into_kind = t.kind;
	m.into_subject = t.subject;
	m.into_status = t.status;
	m.becomes = becomes(f.kind, t.kind);
	m.refused = refusal(a, from, &f, into, &t, same);
	*out = m;
	return true;
}

struct merge {
	const struct actor *who;
	struct arena *a;
	int64_t from, version, into;
};

#define LINK(F, S) F(S, INT, incident, none) F(S, INT, child, none)
DESC_PRIVATE(link, LINK);

/* Its links become the other's, as far as the other may have them. */
static bool
move_links(struct db *db, struct merge *m, const char *into_kind,
    GError **err)
{
	const struct db_args both = DB_ARGS(DB_INT(m->from), DB_INT(m->into));
	struct list links;

	if (!db_list(db, m->a, Q_CASE_MERGE_UNLINK,
		(struct db_args){both.v, 1}, &desc_link, &links, err))
		return false;
	for (size_t i = 0; i < links.n; i++) {
		const struct link *l = LIST_AT(link, links, i);
		bool above = l->incident == m->from;

		/* an investigation has one incident: its own */
		if (!above && strcmp(into_kind, "report") != 0)
			continue;
		if (!db_exec(db, Q_CASE_LINK,
			DB_ARGS(DB_INT(above ? m->into : l->incident),
			    DB_INT(above ? l->child : m->into)),
			NULL, err))
			return false;
	}
	return true;
}

static bool
move_all(struct db *db, struct merge *m, const struct ticket_locked *from,
    const struct ticket_locked *into, GError **err)
{
	const struct db_args both = DB_ARGS(DB_INT(m->from), DB_INT(m->into));

	/* What a misfiled answer reports stays where it is: an investigation
	 * has events of its party alone. */
	return db_exec(db, Q_CASE_MERGE_MESSAGES, both, NULL, err) &&
	    (strcmp(into->kind, "report") != 0 ||
		db_exec(db, Q_CASE_MERGE_EVENTS, both, NULL, err)) &&
	    db_exec(db, Q_CASE_MERGE_NOTICES, both, NULL, err) &&
	    db_exec(db, Q_CASE_MERGE_ABOUT, both, NULL, err) &&
	    db_exec(db, Q_CASE_MERGE_PARTIES, both, NULL, err) &&
	    move_links(db, m, into->kind, err) &&
	    (strcmp(from->kind, "report") != 0 ||
		strcmp(into->kind, "report") != 0 ||
		(db_exec(db, Q_CASE_MERGE_FOLDED, both, NULL, err) &&
		    db_exec(db, Q_CASE_MERGE_REPORTS, both, NULL, err)));
}

static bool
merge(struct db *db, void *p, GError **err)
{
	struct merge *m = p;
	struct ticket_locked from = {0}, into = {0};
	struct head f = {0}, t = {0};
	bool first = m->from < m->into, same;
	const char *no, *end;

	/* By number, so that two who merge wait and never in a circle. */
	if (!ticket_lock(db, m->a, first ? m->from : m->into,
		first ? m->version : 0, first ? &from : &into, err) ||
	    !ticket_lock(db, m->a, first ? m->into : m->from,
		first ? 0 : m->version, first ? &into : &from, err) ||
	    !head_of(db, m->a, m->from, &f, err) ||
	    !head_of(db, m->a, m->into, &t, err) ||
	    !same_party(db, m->a, m->from, &f, m->into, &t, &same, err))
		return false;
	no = refusal(m->a, m->from, &f, m->into, &t, same);
	if (no != NULL)
		return fault_set(err, FAULT_INPUT, "%s", no);
	end = becomes(f.kind, t.kind);
	return deed_begin(db, m->who, "merge", m->into, NULL, err) &&
	    move_all(db, m, &from, &into, err) &&
	    db_exec(db, Q_CASE_MERGE_CLOSE,
		DB_ARGS(DB_INT(m->from), DB_INT(m->into), DB_TEXT(end)), NULL,
		err) &&
	    db_exec(db, Q_CASE_MERGE_INTO,
		DB_ARGS(DB_INT(m->from), DB_INT(m->into)), NULL, err) &&
	    audit_write(db, m->who, "case.merge", m->from, 0, NULL,
		from.status, arena_printf(m->a, "#%" PRId64, m->into), err) &&
	    audit_write(db, m->who, "case.merge", m->into, 0,
		arena_printf(m->a, "ticket %" PRId64, m->from), NULL, NULL,
		err);
}

bool
case_merge(struct db *db, const struct actor *who, int64_t from,
    int64_t version, int64_t into, GError **err)
{
	ARENA_AUTO(a, "merge");
	struct merge m = {who, a, from, version, into};

	if (from == into)
		return fault_set(err, FAULT_INPUT,
		    "A ticket cannot be merged into itself.");
	return db_tx(db, merge, &m, err);
}

struct split {
	const struct actor *who;
	struct arena *a;
	int64_t number, version, made;
	const char *subject;
	const char *const *messages, *const *events;
};

#define LEFT(F, S)                                                            \
	F(S, INT, messages, none)                                             \
	F(S, INT, events, none)                                               \
	F(S, INT, moved_messages, none)                                       \
	F(S, INT, moved_events, none)
DESC_PRIVATE(left, LEFT);
#define NUMBER(F, S) F(S, INT, number, none)
DESC_PRIVATE(number, NUMBER);

static bool
split(struct db *db, void *p, GError **err)
{
	struct split *s = p;
	struct ticket_locked row = {0};
	struct number n = {0};
	struct left left = {0};

	if (!ticket_lock(db, s->a, s->number, s->version, &row, err))
		return false;
	if (strcmp(row.kind, "report") != 0)
		return fault_set(err, FAULT_INPUT,
		    "Reports are split; #%" PRId64 " is a %s.", s->number,
		    row.kind);
	if (!db_one(db, s->a, Q_CASE_RESERVE, DB_NONE, &desc_number, &n, err))
		return false;
	s->made = n.number;
	if (!deed_begin(db, s->who, "split", s->number, NULL, err) ||
	    !db_exec(db, Q_CASE_SPLIT_REPORT,
		DB_ARGS(DB_INT(s->number), DB_INT(s->made),
		    DB_TEXT(text_blank(s->subject) ? row.subject
						   : s->subject)),
		NULL, err) ||
	    !db_exec(db, Q_CASE_SPLIT_PARTIES,
		DB_ARGS(DB_INT(s->number), DB_INT(s->made)), NULL, err) ||
	    !db_exec(db, Q_CASE_SPLIT_MESSAGES,
		DB_ARGS(DB_INT(s->number), DB_INT(s->made),
		    DB_TEXTS(s->messages)),
		NULL, err) ||
	    !db_exec(db, Q_CASE_SPLIT_EVENTS,
		DB_ARGS(DB_INT(s->number), DB_INT(s->made),
		    DB_TEXTS(s->events)),
		NULL, err) ||
	    !db_one(db, s->a, Q_CASE_SPLIT_LEFT,
		DB_ARGS(DB_INT(s->number), DB_INT(s->made)), &desc_left,
		&left, err))
		return false;
	if (left.moved_messages != (int64_t)text_count(s->messages) ||
	    left.moved_events != (int64_t)text_count(s->events))
		return fault_set(err, FAULT_CONFLICT,
		    "Some of these messages or events are not on ticket "
		    "#%" PRId64 ".", s->number);
	if (left.messages == 0)
		return fault_set(err, FAULT_INPUT,
		    "A message has to stay on the first ticket.");
	return db_exec(db, Q_TICKET_SET_VERDICT, DB_ARGS(DB_INT(s->made)),
		   NULL, err) &&
	    db_exec(db, Q_TICKET_SET_VERDICT, DB_ARGS(DB_INT(s->number)),
		NULL, err) &&
	    audit_write(db, s->who, "case.split", s->number, 0, NULL, NULL,
		arena_printf(s->a, "#%" PRId64, s->made), err) &&
	    audit_write(db, s->who, "case.split", s->made, 0,
		arena_printf(s->a, "ticket %" PRId64, s->number), NULL, NULL,
		err);
}

bool
case_split(struct db *db, const struct actor *who, int64_t number,
    int64_t version, const char *subject, const char *const *messages,
    const char *const *events, int64_t *made, GError **err)
{
	ARENA_AUTO(a, "split");
	static const char *const none[] = {NULL};
	struct split s = {who, a, number, version, 0, subject,
	    messages != NULL ? messages : none,
	    events != NULL ? events : none};

	if (text_count(s.messages) + text_count(s.events) == 0)
		return fault_set(err, FAULT_INPUT,
		    "Say which messages or events go to the new ticket.");
	if (text_count(s.messages) > CASE_MOVED_MAX ||
	    text_count(s.events) > CASE_MOVED_MAX)
		return fault_set(err, FAULT_LARGE,
		    "At most %d messages and events are split off at once.",
		    CASE_MOVED_MAX);
	if (!db_tx(db, split, &s, err))
		return false;
	*made = s.made;
	return true;
}
