/* See ticket.h: lists and one ticket. */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "core/case/lifecycle.h"
#include "core/feed/finding.h"
#include "core/intake/trace.h"
#include "core/ticket/ticket_priv.h"
#include "inspect/text/lines.h"

DESC_TABLE(ticket_row, TICKET_ROW);
DESC_TABLE(ticket_beside, TICKET_BESIDE);
DESC_TABLE(ticket_trace, TICKET_TRACE);
DESC_TABLE(ticket_event, TICKET_EVENT);
DESC_TABLE(ticket_delivery, TICKET_DELIVERY);
DESC_TABLE(ticket_message, TICKET_MESSAGE);
DESC_TABLE(ticket_history, TICKET_HISTORY);
DESC_TABLE(ticket_party, TICKET_PARTY);
DESC_TABLE(ticket_move, TICKET_MOVE);
DESC_TABLE(ticket_full, TICKET_FULL);
DESC_TABLE(ticket_counts, TICKET_COUNTS);
DESC_TABLE(ticket_piece, TICKET_PIECE);

const char *
ticket_complete(struct arena *a, int64_t score)
{
	if (score == DESC_NULL || score == 100)
		return NULL;
	return arena_printf(a, "%" PRId64 " %%", score);
}

bool
ticket_count(struct db *db, struct arena *a, int64_t me,
    struct ticket_counts *out, GError **err)
{
	return db_one(db, a, Q_TICKET_COUNTS, DB_ARGS(DB_INT(me)),
	    &desc_ticket_counts, out, err);
}

/* The ledger's rows of one mail: made by our own query as JSON for the API,
 * read back here for the page. */
static struct list
read_deliveries(struct arena *a, const char *text)
{
	const struct json *rows = NULL;
	struct list l = {0};

	if (text == NULL || !json_parse(a, text, strlen(text), &rows, NULL))
		return l;
	l.n = json_len(rows);
	l.items = ARENA_ARRAY(a, struct ticket_delivery, MAX(l.n, 1));
	for (size_t i = 0; i < l.n; i++) {
		const struct json *row = json_at(rows, i);

		*LIST_AT(ticket_delivery, l, i) = (struct ticket_delivery){
		    .address = json_str(json_get(row, "address"), ""),
		    .state = json_str(json_get(row, "state"), ""),
		    .code = json_num(json_get(row, "code"), DESC_NULL),
		    .reply = json_str(json_get(row, "reply"), NULL),
		    .bounce = json_str(json_get(row, "bounce"), NULL),
		    .bounce_status =
			json_str(json_get(row, "bounce_status"), NULL),
		    .bounce_reason =
			json_str(json_get(row, "bounce_reason"), NULL),
		    .bounce_raw = json_str(json_get(row, "bounce_raw"), NULL),
		};
	}
	return l;
}

/* Quotes of this many lines are folded; a line or two is quicker read. */
enum { FOLD_LINES = 3 };

/* What stands between two quotes, and each quote, as one piece.  Nothing is
 * lost: the pieces together are the text. */
static struct list
pieces_of(struct arena *a, const char *text)
{
	size_t n, done = 0;
	const struct line *lines = lines_of(a, text, &n);
	struct list l = {.items = ARENA_ARRAY(a, struct ticket_piece,
	    2 * (n / FOLD_LINES) + 2)};
	const char *from = text;

	for (size_t i = 0; i < n;) {
		size_t k = i;

		while (k < n && (lines[k].kind == LINE_QUOTE ||
			(k > i && lines[k].kind == LINE_BLANK)))
			k++;
		while (k > i && lines[k - 1].kind == LINE_BLANK)
			k--;
		if (k - i < FOLD_LINES) {
			i = MAX(k, i + 1);
			continue;
		}
		if (i > done)
			*LIST_AT(ticket_piece, l, l.n++) = (struct ticket_piece){
			    arena_strndup(a, from, (size_t)(lines[i].s - from)),
			    false, (int64_t)(i - done)};
		from = k < n ? lines[k].s : text + strlen(text);
		*LIST_AT(ticket_piece, l, l.n++) = (struct ticket_piece){
		    arena_strndup(a, lines[i].s, (size_t)(from - lines[i].s)),
		    true, (int64_t)(k - i)};
		i = done = k;
	}
	if (*from != '\0')
		*LIST_AT(ticket_piece, l, l.n++) = (struct ticket_piece){
		    arena_strdup(a, from), false, (int64_t)(n - done)};
	return l;
}

/* The kind of the ticket that a message of the case is on. */
static const char *
kind_of(const struct ticket_full *t, int64_t number)
{
	for (size_t i = 0; i < t->children.n; i++) {
		const struct case_ticket *c =
		    LIST_AT(case_ticket, t->children, i);

		if (c->number == number)
			return c->kind;
	}
	return "ticket";
}

/* Comments have no bytes to download. */
static void
finish_messages(struct arena *a, struct ticket_full *t)
{
	for (size_t i = 0; i < t->messages.n; i++) {
		struct ticket_message *m =
		    LIST_AT(ticket_message, t->messages, i);

		m->thread = DESC_NULL;
		if (m->ticket != t->number) {
			m->thread = m->ticket;
			m->thread_kind = kind_of(t, m->ticket);
		}

		if (strcmp(m->direction, "comment") == 0)
			m->raw = NULL;
		m->recipients_of = read_deliveries(a, m->deliveries);
		if (m->disposition != NULL && m->text != NULL)
			m->pieces = pieces_of(a, m->text);
		ticket_read_crypto(a, m);
		ticket_read_parts(a, m);
	}
}

/* What the report says of it and no column holds. */
static void
read_extra(struct arena *a, struct ticket_event *e)
{
	const struct json *j;

	if (e->extra == NULL ||
	    !json_parse(a, e->extra, strlen(e->extra), &j, NULL))
		return;
	e->until = json_str(json_get(j, "end"), NULL);
	if (json_len(j) > (e->until != NULL))
		e->more = finding_row_text(a, e->extra);
}

static void
defang_events(struct arena *a, struct list *events)
{
	for (size_t i = 0; i < events->n; i++) {
		struct ticket_event *e = LIST_AT(ticket_event, *events, i);
		const struct {
			const char *from;
			const char **to;
		} pairs[] = {{e->source_ip, &e->source_shown},
		    {e->destination_ip, &e->destination_shown},
		    {e->url, &e->url_shown}, {e->domain, &e->domain_shown}};

		for (size_t k = 0; k < COUNT_OF(pairs); k++)
			if (pairs[k].from != NULL)
				*pairs[k].to = text_defang(a, pairs[k].from);
		read_extra(a, e);
	}
}

static void
trace_one(struct arena *a, const char *type, struct ticket_event *e)
{
	const struct trace t = trace_event(&(struct trace_facts){
	    .type = e->type != NULL ? e->type : type,
	    .source_ip = e->source_ip, .source_port = e->source_port,
	    .time = e->time, .time_given = e->time_given, .zone = e->zone,
	    .elsewhere = e->url != NULL || e->domain != NULL,
	    .nat = trace_nat(e->nat),
	    .held = e->organisation != NULL && e->prefix != NULL});
	GString *json = arena_gstring(a);
	struct json_out w = json_out(json);

	json_begin(&w, '[');
	for (size_t i = 0; t.lacks[i] != NULL; i++)
		json_put_text(&w, t.lacks[i]);
	json_end(&w, ']');
	e->traceable = t.verdict;
	e->trace_missing = json->str;
	e->trace = ARENA_NEW(a, struct ticket_trace);
	*e->trace = (struct ticket_trace){
	    .verdict = t.verdict,
	    .lacks = t.lacks[0] != NULL ? ticket_joined(a, t.lacks) : NULL,
	    .needed = strcmp(t.verdict, "not needed") != 0,
	    .address = t.address, .time = t.time, .zone = t.zone,
	    .port = t.port, .port_lacks = t.port_needed && !t.port};
}

void
ticket_trace_events(struct arena *a, const char *type, struct list *events,
    int64_t *open)
{
	int64_t n = 0;

	for (size_t i = 0; i < events->n; i++) {
		struct ticket_event *e = LIST_AT(ticket_event, *events, i);

		trace_one(a, type, e);
		e->zone_settled = e->as_given ||
		    strcmp(e->zone, "chosen") == 0 ||
		    strcmp(e->zone, "rule") == 0;
		e->zone_open = !e->as_given && e->time_given != NULL &&
		    strcmp(e->zone, "unknown") == 0;
		n += e->zone_open;
	}
	if (open != NULL)
		*open = n;
}

#define FOREIGN(F, S)                                                         \
	F(S, TEXT, ip, none)                                                  \
	F(S, TEXT, holder, none)                                              \
	F(S, TEXT, email, none)                                               \
	F(S, TEXT, reason, none)
DESC_PRIVATE(foreign, FOREIGN);

/* Whom to tell of each address outside; asked only when there is one. */
static bool
add_foreign(struct db *db, struct arena *a, int64_t number,
    struct list *events, GError **err)
{
	g_autoptr(GHashTable) by_ip = NULL;
	struct list rows;
	bool any = false;

	for (size_t i = 0; i < events->n && !any; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, *events, i);

		any = e->source_ip != NULL &&
		    strcmp(e->verdict, "outside") == 0;
	}
	if (!any)
		return true;
	if (!db_list(db, a, Q_TICKET_FOREIGN, DB_ARGS(DB_INT(number)),
		&desc_foreign, &rows, err))
		return false;
	by_ip = g_hash_table_new(g_str_hash, g_str_equal);
	for (size_t i = 0; i < rows.n; i++) {
		struct foreign *f = LIST_AT(foreign, rows, i);

		g_hash_table_insert(by_ip, (gpointer)f->ip, f);
	}
	for (size_t i = 0; i < events->n; i++) {
		struct ticket_event *e = LIST_AT(ticket_event, *events, i);
		const struct foreign *f = NULL;

		if (e->source_ip != NULL &&
		    strcmp(e->verdict, "outside") == 0)
			f = g_hash_table_lookup(by_ip, e->source_ip);
		if (f == NULL)
			continue;
		e->abuse = f->email;
		e->abuse_reason = arena_printf(a, "%s%s%s", f->holder,
		    *f->holder != '\0' ? "; " : "", f->reason);
	}
	return true;
}

bool
ticket_beside(struct db *db, struct arena *a, int64_t number,
    struct list *rows, GError **err)
{
	if (!db_list(db, a, Q_TICKET_BESIDE, DB_NONE, &desc_ticket_beside,
		rows, err))
		return false;
	for (size_t i = 0; i < rows->n; i++) {
		struct ticket_beside *t = LIST_AT(ticket_beside, *rows, i);

		t->current = t->number == number;
	}
	return true;
}

void
ticket_ahead(struct db *db, int64_t number, const struct db_ask *more,
    size_t n)
{
	const struct db_args t = DB_ARGS(DB_INT(number));
	const struct db_ask load[] = {
	    {Q_TICKET_BY_NUMBER, t}, {Q_TICKET_MESSAGES, t},
	    {Q_TICKET_EVENTS, t}, {Q_TICKET_HISTORY, t},
	    {Q_TICKET_PARTIES, t}, {Q_CASE_INCIDENTS, t},
	    {Q_CASE_CHILDREN, t}, {Q_CASE_MERGED, t}, {Q_DEED_RECENT, t},
	    {Q_GROUP_OF, DB_ARGS(DB_INT(number), DB_INT(GROUP_SHOWN))},
	    {Q_GROUP_RELATED,
		DB_ARGS(DB_INT(number), DB_INT(GROUP_RELATED_SHOWN))},
	};
	struct db_ask all[COUNT_OF(load) + TICKET_MORE_ASKS];

	g_assert(n <= TICKET_MORE_ASKS);
	memcpy(all, load, sizeof(load));
	if (n > 0)
		memcpy(all + COUNT_OF(load), more, n * sizeof(*more));
	db_ahead(db, all, COUNT_OF(load) + n);
}

#define EVENTS_TOTAL(F, S) F(S, INT, n, none)
DESC_PRIVATE(events_total, EVENTS_TOTAL);

/* How many there are, where there may be more than are listed. */
static bool
count_events(struct db *db, struct arena *a, int64_t number,
    struct ticket_full *t, GError **err)
{
	struct events_total all = {(int64_t)t->events.n};

	if (t->events.n >= TICKET_EVENTS_SHOWN &&
	    !db_one(db, a, Q_TICKET_EVENTS_TOTAL, DB_ARGS(DB_INT(number)),
		&desc_events_total, &all, err))
		return false;
	t->events_total = all.n;
	t->unlisted = all.n - (int64_t)t->events.n;
	return true;
}

bool
ticket_load(struct db *db, struct arena *a, int64_t number,
    struct ticket_full *out, GError **err)
{
	struct ticket_full t = {0};
	const struct db_args n = DB_ARGS(DB_INT(number));

	if (!db_one(db, a, Q_TICKET_BY_NUMBER, n, &desc_ticket_full, &t,
		err)) {
		if (err != NULL && fault_is(*err, FAULT_ABSENT)) {
			g_clear_error(err);
			fault_set(err, FAULT_ABSENT,
			    "There is no ticket #%" PRId64 ".", number);
		}
		return false;
	}
	if (!db_list(db, a, Q_TICKET_MESSAGES, n, &desc_ticket_message,
		&t.messages, err) ||
	    !db_list(db, a, Q_TICKET_EVENTS, n, &desc_ticket_event, &t.events,
		err) ||
	    !db_list(db, a, Q_TICKET_HISTORY, n, &desc_ticket_history,
		&t.history, err) ||
	    !db_list(db, a, Q_TICKET_PARTIES, n, &desc_ticket_party,
		&t.parties, err) ||
	    (t.restricted &&
		!restrict_readers(db, a, number, &t.readers, err)) ||
	    !add_foreign(db, a, number, &t.events, err) ||
	    !case_incidents(db, a, number, &t.incidents, err) ||
	    !case_children(db, a, number, &t.children, err) ||
	    !case_merged(db, a, number, &t.merged, err) ||
	    !deed_list(db, a, number, &t.deeds, err) ||
	    !group_of(db, a, number, &t.group, err) ||
	    !group_related_to(db, a, number, &t.related, err))
		return false;
	if (!count_events(db, a, number, &t, err))
		return false;
	t.many = t.reports > 1;
	t.urgent = t.priority == 1 && !lifecycle_closed(t.status);
	group_split(&t.group, &t.group_head, &t.group_rest);
	finish_messages(a, &t);
	defang_events(a, &t.events);
	ticket_trace_events(a, t.type, &t.events, &t.zones_open);
	t.zones_many = t.zones_open > 1;
	t.complete = ticket_complete(a, t.completeness);
	t.lacks_any = t.missing != NULL && strcmp(t.missing, "[]") != 0;
	for (size_t i = 0; i < t.events.n; i++)
		t.lacks_any |= LIST_AT(ticket_event, t.events, i)->trace->lacks
		    != NULL;
	t.moves = lifecycle_moves(a, t.kind, t.status);
	t.is_report = strcmp(t.kind, "report") == 0;
	t.is_incident = strcmp(t.kind, "incident") == 0;
	t.is_investigation = strcmp(t.kind, "investigation") == 0;
	t.is_countermeasure = strcmp(t.kind, "countermeasure") == 0;
	t.is_closed = lifecycle_closed(t.status);
	*out = t;
	return true;
}
