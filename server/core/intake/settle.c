/* See settle.h. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/intake/complete.h"
#include "core/intake/intake_priv.h"
#include "core/intake/settle.h"
#include "core/intake/zone_rule.h"
#include "core/ticket/ticket_priv.h"

DESC_TABLE(settled, SETTLED);

#define SETTLE_EVENT(F, S)                                                    \
	INSPECT_EVENT(F, S)                                                   \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, zone_name, none)                                           \
	F(S, BOOL, as_given, none)                                            \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, reason, none)                                              \
	F(S, INT, organisation_id, none)                                      \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, prefix, none)                                              \
	F(S, INT, scanner, none)                                              \
	F(S, TEXT, sender, none)   /* From: of its message */                 \
	F(S, TEXT, format, none)                                              \
	F(S, TIME, seen, none)     /* it happened before */                   \
	F(S, TEXT, nat, none)
DESC_PRIVATE(settle_event, SETTLE_EVENT);

/* A changed event on its way to the database. */
#define SETTLE_ROW(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, TIME, time, none)                                                \
	F(S, TEXT, zone, none)                                                \
	F(S, TEXT, zone_name, none)                                           \
	F(S, BOOL, as_given, none)                                            \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, reason, none)                                              \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, prefix, none)                                              \
	F(S, INT, scanner, none)
DESC_PRIVATE(settle_row, SETTLE_ROW);

struct job {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t number, version;
	const struct settle *what;
	struct settled *out;
	/* of one run of the transaction */
	struct ticket_locked ticket;
	struct list events;     /* settle_event, changed in place */
	GPtrArray *changed;     /* of struct settle_event * */
	const char *was;        /* the first one's zone before, for the trail */
	struct zone zone;
	const char *rule;       /* sender of ALWAYS */
};

static bool
is(const char *a, const char *b)
{
	return g_strcmp0(a, b) == 0;
}

static bool
settled_by_us(const struct settle_event *e)
{
	return is(e->zone, "chosen") || is(e->zone, "rule");
}

static const char *
state_text(struct arena *a, const struct settle_event *e)
{
	if (e->as_given)
		return "as given, zone not stated";
	if (e->zone_name == NULL)
		return arena_printf(a, "zone %s", e->zone);
	return arena_printf(a, "%s (%s)", e->zone_name, e->zone);
}

/* ---- which events ---------------------------------------------------------- */

static bool
has_sender(struct job *t, const struct settle_event *e)
{
	const char *const *s = zone_rule_senders(t->a, e->sender, e->feed,
	    e->format);

	while (*s != NULL)
		if (is(*s++, t->rule))
			return true;
	return false;
}

/* Is it meant, when all that can be are? */
static bool
meant(struct job *t, const struct settle_event *e)
{
	switch (t->what->act) {
	case SETTLE_ZONE:
	case SETTLE_AS_GIVEN:
		return is(e->zone, "unknown") && e->time_given != NULL &&
		    !e->as_given;
	case SETTLE_ALWAYS:
		return e->time_given != NULL && has_sender(t, e) &&
		    (is(e->zone, "unknown") || is(e->zone, "rule") ||
			(e->id == t->what->event && settled_by_us(e)));
	case SETTLE_UNDO:
		return settled_by_us(e) || e->as_given;
	}
	return false;
}

/* May it be done to this one, which was named? */
static bool
allowed(const struct settle *w, const struct settle_event *e, GError **err)
{
	if (w->act == SETTLE_UNDO) {
		if (settled_by_us(e) || e->as_given)
			return true;
		return fault_set(err, FAULT_INPUT,
		    "The zone of this time was not settled here, so there is "
		    "nothing to undo.");
	}
	if (!is(e->zone, "unknown") && !settled_by_us(e) &&
	    !(e->time == DESC_NULL && w->time != NULL))
		return fault_set(err, FAULT_INPUT,
		    "The report itself tells the zone of this time.");
	if (e->time_given == NULL && w->time == NULL)
		return fault_set(err, FAULT_INPUT,
		    "This event has no time to read: ask the reporter, or "
		    "write the time as well.");
	return true;
}

/* ---- what becomes of one --------------------------------------------------- */

static bool
change(struct job *t, struct settle_event *e, GError **err)
{
	const struct settle *w = t->what;
	const char *was = state_text(t->a, e), *name;
	int64_t when;
	bool own;

	switch (w->act) {
	case SETTLE_ZONE:
	case SETTLE_ALWAYS:
		if (!event_time_read(t->a, &t->zone,
			w->time != NULL ? w->time : e->time_given, e->seen,
			&when, &name, &own, err))
			return false;
		e->time = when;
		e->zone = w->act == SETTLE_ZONE ? "chosen" : "rule";
		e->zone_name = name;
		e->as_given = false;
		break;
	case SETTLE_AS_GIVEN:
	case SETTLE_UNDO:
		e->time = DESC_NULL;
		e->zone = "unknown";
		e->zone_name = NULL;
		e->as_given = w->act == SETTLE_AS_GIVEN;
		break;
	}
	if (t->was == NULL)
		t->was = was;
	g_ptr_array_add(t->changed, e);
	return true;
}

static bool
change_one(struct job *t, GError **err)
{
	for (size_t i = 0; i < t->events.n; i++) {
		struct settle_event *e = LIST_AT(settle_event, t->events, i);

		if (e->id == t->what->event)
			return allowed(t->what, e, err) && change(t, e, err);
	}
	return fault_set(err, FAULT_ABSENT,
	    "Ticket #%" PRId64 " has no event %" PRId64 ".", t->number,
	    t->what->event);
}

static bool
change_all(struct job *t, GError **err)
{
	size_t tried = 0;

	for (size_t i = 0; i < t->events.n; i++) {
		struct settle_event *e = LIST_AT(settle_event, t->events, i);
		g_autoptr(GError) why = NULL;

		if (!meant(t, e))
			continue;
		tried++;
		if (!change(t, e, &why)) {
			t->out->left++;
			if (t->out->why == NULL)
				t->out->why = arena_strdup(t->a, why->message);
		}
	}
	if (t->changed->len > 0 || t->what->act == SETTLE_ALWAYS)
		return true;
	if (tried > 0)
		return fault_set(err, FAULT_INPUT, "%s", t->out->why);
	return fault_set(err, FAULT_INPUT,
	    t->what->act == SETTLE_UNDO
		? "No zone was settled on this ticket."
		: "No time on this ticket waits for a zone.");
}

/* ---- verdicts at the new time ---------------------------------------------- */

/* Asks as intake does, by the same query. */
static bool
look_up(struct db *db, struct job *t, struct intake_verdict **out,
    GError **err)
{
	static const char *const none[] = {NULL};
	const struct smtp_envelope env = {.from = ""};
	struct inspection in = {.format = "plain", .date = DESC_NULL,
	    .subject_number = DESC_NULL, .references = none};
	/* an address's token: no number is drawn for a new ticket */
	struct intake_job j = {.s = t->s, .a = t->a, .env = &env, .in = &in,
	    .doors = {.ticket = t->number}};
	struct intake_job *one = &j;
	struct list named;
	size_t n = t->changed->len;

	in.events.n = named.n = n;
	in.events.items = ARENA_ARRAY(t->a, struct inspect_event, MAX(n, 1));
	named.items = ARENA_ARRAY(t->a, struct inspect_event, MAX(n, 1));
	for (size_t i = 0; i < n; i++) {
		const struct settle_event *e = g_ptr_array_index(t->changed, i);
		struct inspect_event *asked =
		    LIST_AT(inspect_event, in.events, i);

		desc_copy(&desc_settle_event, e, &desc_inspect_event, asked);
		*LIST_AT(inspect_event, named, i) = *asked;
		/* Without a time it is the holder when the report came in. */
		if (asked->time == DESC_NULL)
			asked->time = e->seen;
	}
	if (!intake_ask(db, &one, 1, err))
		return false;
	*out = intake_verdicts(t->a, j.ctx.verdicts, &named);
	return true;
}

static const char *
verdict_text(struct arena *a, const char *verdict, const char *organisation,
    const char *prefix)
{
	return arena_printf(a, "%s%s%s%s%s", verdict,
	    organisation != NULL ? ", " : "",
	    organisation != NULL ? organisation : "",
	    prefix != NULL ? " " : "", prefix != NULL ? prefix : "");
}

/* One line of the trail for each pair of verdicts, however many events. */
static bool
tell_verdicts(struct db *db, struct job *t, GHashTable *moves, GError **err)
{
	GHashTableIter it;
	gpointer key, count;

	g_hash_table_iter_init(&it, moves);
	while (g_hash_table_iter_next(&it, &key, &count)) {
		char *old = arena_strdup(t->a, key);
		char *new = strchr(old, '\n');

		*new++ = '\0';
		if (!audit_write(db, t->who, "event.verdict", t->number, 0,
			arena_printf(t->a, "%u events at their new time",
			    GPOINTER_TO_UINT(count)),
			old, new, err))
			return false;
	}
	return true;
}

static bool
apply_verdicts(struct db *db, struct job *t, GError **err)
{
	g_autoptr(GHashTable) moves =
	    g_hash_table_new(g_str_hash, g_str_equal);
	struct intake_verdict *v;

	if (!look_up(db, t, &v, err))
		return false;
	for (size_t i = 0; i < t->changed->len; i++) {
		struct settle_event *e = g_ptr_array_index(t->changed, i);

		if (!is(e->verdict, v[i].verdict) ||
		    e->organisation_id != v[i].organisation ||
		    !is(e->prefix, v[i].prefix) ||
		    e->scanner != v[i].scanner) {
			char *key = arena_printf(t->a, "%s\n%s",
			    verdict_text(t->a, e->verdict, e->organisation,
				e->prefix),
			    verdict_text(t->a, v[i].verdict,
				v[i].organisation_name, v[i].prefix));
			guint n = GPOINTER_TO_UINT(
			    g_hash_table_lookup(moves, key));

			g_hash_table_insert(moves, key,
			    GUINT_TO_POINTER(n + 1));
			t->out->verdicts++;
		}
		e->verdict = v[i].verdict;
		e->reason = v[i].reason;
		e->organisation_id = v[i].organisation;
		e->organisation = v[i].organisation_name;
		e->prefix = v[i].prefix;
		e->scanner = v[i].scanner;
	}
	return tell_verdicts(db, t, moves, err);
}

/* ---- storing --------------------------------------------------------------- */

static const char *
rows_json(struct job *t)
{
	GString *s = arena_gstring(t->a);
	struct json_out w = json_out(s);

	json_begin(&w, '[');
	for (size_t i = 0; i < t->changed->len; i++) {
		const struct settle_event *e = g_ptr_array_index(t->changed, i);
		const struct settle_row row = {
		    .id = e->id, .time = e->time, .zone = e->zone,
		    .zone_name = e->zone_name, .as_given = e->as_given,
		    .verdict = e->verdict, .reason = e->reason,
		    .organisation = e->organisation_id, .prefix = e->prefix,
		    .scanner = e->scanner};

		json_put_struct(&w, &desc_settle_row, &row);
	}
	json_end(&w, ']');
	return s->str;
}

static int64_t
score(const struct list *events, const char *of, const char **missing)
{
	const char *type = of;
	struct complete c = {0};

	for (size_t i = 0; i < events->n; i++) {
		const struct settle_event *e =
		    LIST_AT(settle_event, *events, i);
		struct inspect_event ie = {0};

		if (type == NULL)
			type = e->type;
		desc_copy(&desc_settle_event, e, &desc_inspect_event, &ie);
		complete_add(&c, of, &ie, trace_nat(e->nat));
	}
	return complete_score(&c, type, missing);
}

bool
settle_score(struct db *db, struct arena *a, int64_t number,
    const char *type, GError **err)
{
	const char **missing = ARENA_ARRAY(a, const char *, FACT_N + 1);
	struct list events;
	int64_t n;

	if (!db_list(db, a, Q_SETTLE_EVENTS, DB_ARGS(DB_INT(number)),
		&desc_settle_event, &events, err))
		return false;
	n = score(&events, type, missing);
	return db_exec(db, Q_SETTLE_SCORE,
	    DB_ARGS(DB_INT(number), DB_INT(n), DB_TEXTS(missing)), NULL, err);
}

static bool
store(struct db *db, struct job *t, GError **err)
{
	const char **missing = ARENA_ARRAY(t->a, const char *, FACT_N + 1);

	t->out->completeness = score(&t->events, t->ticket.type, missing);
	return db_exec(db, Q_SETTLE_STORE,
		   DB_ARGS(DB_INT(t->number), DB_TEXT(rows_json(t))), NULL,
		   err) &&
	    db_exec(db, Q_SETTLE_TICKET,
		DB_ARGS(DB_INT(t->number), DB_INT(t->out->completeness),
		    DB_TEXTS(missing)),
		NULL, err) &&
	    (t->out->verdicts == 0 || db_exec(db, Q_TICKET_SET_VERDICT,
		DB_ARGS(DB_INT(t->number)), NULL, err));
}

/* "event 12: 2026-11-21T04:10:00Z" for the trail, or how many. */
static bool
tell(struct db *db, struct job *t, GError **err)
{
	const struct settle_event *e;
	const char *object, *now;

	if (t->changed->len == 0)
		return true;
	e = g_ptr_array_index(t->changed, 0);
	now = state_text(t->a, e);
	if (t->changed->len == 1) {
		object = arena_printf(t->a, "event %" PRId64, e->id);
		if (e->time != DESC_NULL)
			now = arena_printf(t->a, "%s: %s", now,
			    when_rfc3339(t->a, e->time));
	} else {
		const struct settle_event *last = g_ptr_array_index(t->changed,
		    t->changed->len - 1);

		object = arena_printf(t->a,
		    "%u events, %" PRId64 " to %" PRId64, t->changed->len,
		    e->id, last->id);
	}
	return audit_write(db, t->who, "event.zone", t->number, 0, object,
	    t->was, now, err);
}

/* ---- the act ---------------------------------------------------------------- */

/* For whom the rule is: what was asked for, or the sender of the event. */
static bool
name_rule(struct job *t, GError **err)
{
	const struct settle_event *from = NULL;

	for (size_t i = 0; i < t->events.n && from == NULL; i++) {
		const struct settle_event *e =
		    LIST_AT(settle_event, t->events, i);

		if (t->what->event == 0 ? is(e->zone, "unknown")
					: e->id == t->what->event)
			from = e;
	}
	if (from == NULL && t->what->event != 0)
		return fault_set(err, FAULT_ABSENT,
		    "Ticket #%" PRId64 " has no event %" PRId64 ".",
		    t->number, t->what->event);
	if (from == NULL)
		return fault_set(err, FAULT_INPUT,
		    "No time on this ticket waits for a zone.");
	if (text_blank(t->what->sender) && from->sender == NULL)
		return fault_set(err, FAULT_INPUT,
		    "This report has no sender's address to make a rule for.");
	if (!zone_rule_sender(t->a,
		text_blank(t->what->sender) ? from->sender : t->what->sender,
		&t->rule, err))
		return false;
	/* A rule made here is about this report. */
	if (!has_sender(t, from))
		return fault_set(err, FAULT_INPUT,
		    "This report did not come from %s.", t->rule);
	return true;
}

static bool
settle(struct db *db, void *p, GError **err)
{
	struct job *t = p;
	const struct settle *w = t->what;

	*t->out = (struct settled){.number = t->number};
	t->changed = arena_ptr_array(t->a);
	t->was = NULL;
	if (!ticket_lock(db, t->a, t->number, t->version, &t->ticket, err) ||
	    !db_list(db, t->a, Q_SETTLE_EVENTS, DB_ARGS(DB_INT(t->number)),
		&desc_settle_event, &t->events, err))
		return false;
	if (w->act == SETTLE_ALWAYS) {
		if (!name_rule(t, err) ||
		    !zone_rule_set(db, t->who, t->rule, t->zone.name,
			t->number, err))
			return false;
		t->out->rule = t->rule;
	}
	if (w->act == SETTLE_ALWAYS || w->event == 0) {
		if (!change_all(t, err))
			return false;
	} else if (!change_one(t, err)) {
		return false;
	}
	t->out->settled = t->changed->len;
	if ((t->changed->len > 0 && !apply_verdicts(db, t, err)) ||
	    !store(db, t, err) || !tell(db, t, err))
		return false;
	/* (a new verdict is a write of its own) */
	t->out->version = t->ticket.version + 1 + (t->out->verdicts > 0);
	return true;
}

bool
settle_zone(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, int64_t number, int64_t version,
    const struct settle *what, struct settled *out, GError **err)
{
	struct job t = {.s = s, .who = who, .a = a, .number = number,
	    .version = version, .what = what, .out = out};

	if ((what->act == SETTLE_ZONE || what->act == SETTLE_ALWAYS) &&
	    !zone_parse(a, what->zone, &t.zone, err))
		return false;
	return db_tx(db, settle, &t, err);
}
