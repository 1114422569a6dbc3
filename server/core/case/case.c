/* See case.h: incidents and links. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/case/case.h"
#include "core/case/cascade.h"
#include "core/case/lifecycle.h"
#include "core/ticket/ticket_priv.h"

enum { SUBJECT_MAX = 250 };

DESC_TABLE(case_ticket, CASE_TICKET);
DESC_TABLE(case_merged, CASE_MERGED);

#define MADE(F, S) F(S, INT, number, none)
DESC_PRIVATE(made, MADE);

static void
finish(int64_t asked, struct list *tickets)
{
	for (size_t i = 0; i < tickets->n; i++) {
		struct case_ticket *t = LIST_AT(case_ticket, *tickets, i);

		t->asked = asked;
		t->is_report = strcmp(t->kind, "report") == 0;
		t->is_investigation = strcmp(t->kind, "investigation") == 0;
		t->is_countermeasure = strcmp(t->kind, "countermeasure") == 0;
	}
}

bool
case_children(struct db *db, struct arena *a, int64_t incident,
    struct list *tickets, GError **err)
{
	if (!db_list(db, a, Q_CASE_CHILDREN, DB_ARGS(DB_INT(incident)),
		&desc_case_ticket, tickets, err))
		return false;
	finish(incident, tickets);
	return true;
}

bool
case_incidents(struct db *db, struct arena *a, int64_t child,
    struct list *tickets, GError **err)
{
	if (!db_list(db, a, Q_CASE_INCIDENTS, DB_ARGS(DB_INT(child)),
		&desc_case_ticket, tickets, err))
		return false;
	finish(child, tickets);
	return true;
}

bool
case_merged(struct db *db, struct arena *a, int64_t number,
    struct list *merged, GError **err)
{
	return db_list(db, a, Q_CASE_MERGED, DB_ARGS(DB_INT(number)),
	    &desc_case_merged, merged, err);
}

bool
case_number(struct db *db, struct arena *a, int64_t number, int64_t *now,
    GError **err)
{
	struct made m = {0};
	bool found;

	if (!db_opt(db, a, Q_CASE_NUMBER, DB_ARGS(DB_INT(number)), &desc_made,
		&m, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no ticket #%" PRId64 ".", number);
	*now = m.number;
	return true;
}

struct act {
	const struct actor *who;
	struct arena *a;
	int64_t number, version, other, expires, made;
	const char *subject, *type;
};

/* number and incident as deed and history know them. */
static bool
link_within(struct db *db, struct arena *a, const struct actor *who,
    int64_t incident, const struct ticket_locked *child, GError **err)
{
	int64_t hit;

	if (!db_exec(db, Q_CASE_LINK,
		DB_ARGS(DB_INT(incident), DB_INT(child->number)), &hit, err))
		return false;
	if (hit == 0)
		return fault_set(err, FAULT_CONFLICT,
		    "Ticket #%" PRId64 " hangs on #%" PRId64 " already.",
		    child->number, incident);
	return audit_write(db, who, "case.link", child->number, 0, NULL, NULL,
		   arena_printf(a, "#%" PRId64, incident), err) &&
	    audit_write(db, who, "case.link", incident, 0,
		arena_printf(a, "ticket %" PRId64, child->number), NULL, NULL,
		err) &&
	    (strcmp(child->status, "new") != 0 ||
		ticket_move_within(db, who, child, "open", NULL, err));
}

bool
case_incident_within(struct db *db, struct arena *a, const struct actor *who,
    const struct ticket_locked *row, const char *subject, const char *type,
    int64_t *number, GError **err)
{
	static const struct ticket_locked nothing = {
	    .subject = "Incident", .priority = 2, .due = DESC_NULL,
	    .organisation = DESC_NULL};
	const struct ticket_locked *from = row != NULL ? row : &nothing;
	struct made m = {0};

	if (!db_one(db, a, Q_CASE_MAKE,
		DB_ARGS(DB_NULL, DB_TEXT("incident"),
		    DB_TEXT(text_blank(subject) ? from->subject : subject),
		    DB_TEXT(text_blank(type) ? from->type : type),
		    DB_INT(who->id > 0 ? who->id : DESC_NULL),
		    DB_INT(from->priority), DB_TIME(from->due),
		    DB_TEXT(from->tlp), DB_INT(from->organisation), DB_NULL,
		    DB_NULL),
		&desc_made, &m, err) ||
	    !audit_write(db, who, "ticket.create", m.number, 0,
		row != NULL ? arena_printf(a, "ticket %" PRId64, row->number)
			    : NULL,
		NULL, "incident", err))
		return false;
	*number = m.number;
	if (row == NULL)
		return true;
	return link_within(db, a, who, m.number, row, err) &&
	    (who->id <= 0 ||
		cascade_owner(db, who, m.number, "incident", who->id,
		    who->name, err));
}

static bool
incident(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0};

	if (t->number != 0 &&
	    !ticket_lock(db, t->a, t->number, t->version, &row, err))
		return false;
	if (t->number != 0 && strcmp(row.kind, "report") != 0)
		return fault_set(err, FAULT_INPUT,
		    "An incident is made from a report; #%" PRId64
		    " is a %s.", t->number, row.kind);
	return deed_begin(db, t->who, "incident", t->number, NULL, err) &&
	    case_incident_within(db, t->a, t->who,
		t->number != 0 ? &row : NULL, t->subject, t->type, &t->made,
		err);
}

static bool
subject_ok(const char *subject, bool needed, GError **err)
{
	if (needed && text_blank(subject))
		return fault_set(err, FAULT_INPUT, "A subject is needed.");
	if (subject != NULL && strlen(subject) > 4 * SUBJECT_MAX)
		return fault_set(err, FAULT_LARGE,
		    "The subject is longer than %d characters.", SUBJECT_MAX);
	return true;
}

bool
case_incident(struct db *db, const struct actor *who, int64_t report,
    int64_t version, const char *subject, const char *type, int64_t *number,
    GError **err)
{
	ARENA_AUTO(a, "incident");
	struct act t = {.who = who, .a = a, .number = report,
	    .version = version, .subject = subject, .type = type};

	if (!subject_ok(subject, report == 0, err) ||
	    !db_tx(db, incident, &t, err))
		return false;
	*number = t.made;
	return true;
}

static bool
countermeasure(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked row = {0}, child = {0};
	struct made m = {0};

	if (!ticket_lock(db, t->a, t->number, t->version, &row, err))
		return false;
	if (strcmp(row.kind, "incident") != 0)
		return fault_set(err, FAULT_INPUT,
		    "A countermeasure belongs to an incident; #%" PRId64
		    " is a %s.", t->number, row.kind);
	if (lifecycle_closed(row.status))
		return fault_set(err, FAULT_INPUT,
		    "Incident #%" PRId64 " is %s: reopen it first.",
		    t->number, row.status);
	if (!deed_begin(db, t->who, "countermeasure", t->number, NULL, err) ||
	    !db_one(db, t->a, Q_CASE_MAKE,
		DB_ARGS(DB_NULL, DB_TEXT("countermeasure"),
		    DB_TEXT(t->subject), DB_TEXT(row.type),
		    DB_INT(t->who->id), DB_INT(row.priority), DB_TIME(row.due),
		    DB_TEXT(row.tlp), DB_INT(row.organisation), DB_NULL,
		    DB_TIME(t->expires)),
		&desc_made, &m, err) ||
	    !audit_write(db, t->who, "ticket.create", m.number, 0,
		arena_printf(t->a, "ticket %" PRId64, t->number), NULL,
		"countermeasure", err) ||
	    !ticket_lock(db, t->a, m.number, 0, &child, err) ||
	    !link_within(db, t->a, t->who, t->number, &child, err))
		return false;
	t->made = m.number;
	return true;
}

bool
case_countermeasure(struct db *db, const struct actor *who, int64_t incident,
    int64_t version, const char *subject, int64_t expires, int64_t *number,
    GError **err)
{
	ARENA_AUTO(a, "countermeasure");
	struct act t = {.who = who, .a = a, .number = incident,
	    .version = version, .subject = subject, .expires = expires};

	if (!subject_ok(subject, true, err) ||
	    !db_tx(db, countermeasure, &t, err))
		return false;
	*number = t.made;
	return true;
}

/* The incident first, as everybody who takes both. */
static bool
lock_both(struct db *db, struct act *t, struct ticket_locked *above,
    struct ticket_locked *below, GError **err)
{
	return ticket_lock(db, t->a, t->other, 0, above, err) &&
	    ticket_lock(db, t->a, t->number, t->version, below, err);
}

bool
case_link_open(int64_t incident, const char *status, GError **err)
{
	return !lifecycle_closed(status) ||
	    fault_set(err, FAULT_INPUT,
		"Ticket #%" PRId64 " is %s: reopen it first.", incident,
		status);
}

bool
case_link_within(struct db *db, struct arena *a, const struct actor *who,
    const struct ticket_locked *incident, const struct ticket_locked *child,
    GError **err)
{
	return case_link_open(incident->number, incident->status, err) &&
	    link_within(db, a, who, incident->number, child, err);
}

static bool
link_them(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked above = {0}, below = {0};

	return lock_both(db, t, &above, &below, err) &&
	    deed_begin(db, t->who, "link", t->number, NULL, err) &&
	    case_link_within(db, t->a, t->who, &above, &below, err);
}

bool
case_link(struct db *db, const struct actor *who, int64_t incident,
    int64_t child, int64_t child_version, GError **err)
{
	ARENA_AUTO(a, "link");
	struct act t = {.who = who, .a = a, .number = child,
	    .version = child_version, .other = incident};

	return db_tx(db, link_them, &t, err);
}

static bool
unlink_them(struct db *db, void *p, GError **err)
{
	struct act *t = p;
	struct ticket_locked above = {0}, below = {0};
	int64_t hit;

	if (!lock_both(db, t, &above, &below, err))
		return false;
	if (strcmp(below.kind, "countermeasure") == 0)
		return fault_set(err, FAULT_INPUT,
		    "A countermeasure needs its incident: remove it instead.");
	if (!deed_begin(db, t->who, "unlink", t->number, NULL, err) ||
	    !db_exec(db, Q_CASE_UNLINK,
		DB_ARGS(DB_INT(t->other), DB_INT(t->number)), &hit, err))
		return false;
	if (hit == 0)
		return fault_set(err, FAULT_CONFLICT,
		    "Ticket #%" PRId64 " does not hang on #%" PRId64 ".",
		    t->number, t->other);
	return audit_write(db, t->who, "case.unlink", t->number, 0, NULL,
		   arena_printf(t->a, "#%" PRId64, t->other), NULL, err) &&
	    audit_write(db, t->who, "case.unlink", t->other, 0,
		arena_printf(t->a, "ticket %" PRId64, t->number), NULL, NULL,
		err);
}

bool
case_unlink(struct db *db, const struct actor *who, int64_t incident,
    int64_t child, int64_t child_version, GError **err)
{
	ARENA_AUTO(a, "unlink");
	struct act t = {.who = who, .a = a, .number = child,
	    .version = child_version, .other = incident};

	return db_tx(db, unlink_them, &t, err);
}
