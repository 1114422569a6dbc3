/* See today.h. */
#include "base/base.h"
#include "core/ticket/news.h"
#include "core/case/lifecycle.h"
#include "core/ticket/today.h"

DESC_TABLE(today_ticket, TODAY_TICKET);
DESC_TABLE(today_section, TODAY_SECTION);
DESC_TABLE(today_change, TODAY_CHANGE);

#define SEEN(F, S) F(S, INT, audit, none) F(S, TIME, at, none)
DESC_PRIVATE(seen, SEEN);

/* In the order of the page; the keys are those of sql/query/today.sql and of
 * the queue's views. */
static const struct {
	const char *key, *title, *hint, *url;
	size_t count; /* where ticket_counts has its number */
	bool late;
} sections[] = {
    {"unlinked", "New, on no incident",
	"A report that comes in stands here until somebody takes it.",
	"/desk?view=new", offsetof(struct ticket_counts, fresh), false},
    {"mine", "Mine", "What you take stands here, by the time it is due.",
	"/desk?view=mine", offsetof(struct ticket_counts, mine), false},
    {"unowned", "Begun, and nobody's", "Everything that is open has an owner.",
	"/desk?view=unowned&status=open",
	offsetof(struct ticket_counts, unowned), false},
    {"overdue", "Overdue", "Nothing is late.", "/desk?view=overdue",
	offsetof(struct ticket_counts, overdue), true},
    {"waiting", "Waiting for an answer",
	"Whoever was asked and has not answered stands here, the longest "
	"silence first.",
	"/desk?view=waiting", offsetof(struct ticket_counts, waiting), false},
    {"answered", "Answers on closed tickets",
	"An answer to a closed ticket does not open it: it stands here until "
	"it is read.",
	"/desk?view=answered", offsetof(struct ticket_counts, answered),
	false},
};

/* The rows come section by section. */
static struct list
rows_of(const struct list *all, const char *key)
{
	struct list l = {0};

	for (size_t i = 0; i < all->n; i++) {
		struct today_ticket *t = LIST_AT(today_ticket, *all, i);

		if (strcmp(t->section, key) != 0)
			continue;
		if (l.n++ == 0)
			l.items = t;
	}
	return l;
}

bool
today_sections(struct db *db, struct arena *a, int64_t me,
    const struct ticket_counts *counts, struct list *out, GError **err)
{
	struct list all;

	if (!db_list(db, a, Q_TODAY_TICKETS, DB_ARGS(DB_INT(me)),
		&desc_today_ticket, &all, err))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		struct today_ticket *t = LIST_AT(today_ticket, all, i);

		t->many = t->reports > 1;
		t->urgent = t->priority == 1 && !lifecycle_closed(t->status);
	}
	out->n = COUNT_OF(sections);
	out->items = ARENA_ARRAY(a, struct today_section, out->n);
	for (size_t i = 0; i < out->n; i++) {
		int64_t total = *(const int64_t *)(const void *)
		    ((const char *)counts + sections[i].count);
		struct list items = rows_of(&all, sections[i].key);

		/* What is new is nobody's too, and stands above. */
		if (strcmp(sections[i].key, "unowned") == 0)
			total -= counts->fresh;
		/* (The counts are up to a second old.) */
		*LIST_AT(today_section, *out, i) = (struct today_section){
		    .key = sections[i].key, .title = sections[i].title,
		    .hint = sections[i].hint, .url = sections[i].url,
		    .total = MAX(total, (int64_t)items.n),
		    .late = sections[i].late && items.n > 0,
		    .items = items};
	}
	return true;
}

bool
today_junk(struct db *db, struct arena *a, struct list *out, GError **err)
{
	return db_list(db, a, Q_TODAY_JUNK, DB_NONE, &desc_message_row, out,
	    err);
}

bool
today_changes(struct db *db, struct arena *a, int64_t me, int64_t last,
    struct list *out, int64_t *seen, GError **err)
{
	struct seen s = {0};

	if (!db_one(db, a, Q_TODAY_SEEN, DB_ARGS(DB_INT(me)), &desc_seen, &s,
		err))
		return false;
	/* (To be planned once.) */
	db_ahead(db,
	    &(struct db_ask){Q_TODAY_CHANGES,
		DB_ARGS(DB_INT(me), DB_INT(s.audit), DB_INT(last))},
	    1);
	if (!db_list(db, a, Q_TODAY_CHANGES,
		DB_ARGS(DB_INT(me), DB_INT(s.audit), DB_INT(last)),
		&desc_today_change, out, err))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		struct today_change *c = LIST_AT(today_change, *out, i);

		c->text = news_sentence(a, c->who, c->what, c->value,
		    c->person);
		c->more = c->changes > 1 ? c->changes - 1 : DESC_NULL;
	}
	*seen = s.at;
	return true;
}

bool
today_look(struct db *db, int64_t me, int64_t audit, GError **err)
{
	return db_exec(db, Q_TODAY_LOOK, DB_ARGS(DB_INT(me), DB_INT(audit)),
	    NULL, err);
}
