/*
 * A campaign is made: its rows are read, looked up and sorted by whom they
 * concern.  See campaign.h.
 */
#include "base/base.h"
#include "base/json.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/campaign/campaign_priv.h"
#include "core/intake/event_time.h"
#include "core/intake/intake_priv.h"
#include "core/ticket/text_template.h"

enum { AHEAD = 300 /* seconds that clocks may differ */ };

#define ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(id, ID);
#define SET(F, S) F(S, TEXT, set, none)
DESC_PRIVATE(set, SET);

struct making {
	const struct site *s;
	struct arena *a;
	const struct actor *who;
	const struct campaign_new *c;
	const char *title, *type, *tlp, *words, *source;
	const char *text, *rows; /* of the evidence; the rows as JSON */
	GString *evidence;
	int64_t id;
};

const char *
campaign_type_known(const char *type)
{
	size_t n;
	const char *const *types = inspect_types(&n);

	for (size_t i = 0; i < n; i++)
		if (text_ieq(types[i], type))
			return types[i];
	return NULL;
}

/* ---- what is wrong with a row --------------------------------------------- */

/* What the reader of lines has to say of it. */
static const char *
not_read(struct arena *a, const struct inspect_event *e)
{
	const struct json *j = NULL;

	if (e->extra != NULL)
		json_parse(a, e->extra, strlen(e->extra), &j, NULL);
	return json_str(json_get(j, "refused"),
	    "No address, URL or name was found in it.");
}

static const char *
address_refused(struct arena *a, const char *ip)
{
	struct net net;
	int least;

	if (!net_parse(ip, false, &net))
		return "This is no address.";
	least = net.v6 ? CAMPAIGN_BITS6_MIN : CAMPAIGN_BITS4_MIN;
	if (net.bits < least)
		return arena_printf(a, "A prefix of /%d says nothing of a "
		    "host: write down the addresses, or prefixes of /%d or "
		    "longer.", net.bits, least);
	return NULL;
}

static const char *
refused(struct arena *a, const struct inspect_event *e,
    const struct intake_verdict *v)
{
	const char *why;

	if (e->source_ip == NULL && e->url == NULL && e->domain == NULL)
		return not_read(a, e);
	if (e->time != DESC_NULL &&
	    e->time > when_now() + AHEAD * WHEN_SECOND)
		return "This time has not come yet: check day and zone.";
	why = e->source_ip != NULL ? address_refused(a, e->source_ip) : NULL;
	if (why == NULL && intake_nowhere(e, v))
		why = "A private address exists in many networks: the public "
		      "one is needed.";
	return why;
}

/* What makes two rows the same to whom it is told. */
static char *
sameness(const struct inspect_event *e)
{
	return g_strdup_printf("%s|%s|%" PRId64 "|%" PRId64 "|%s|%" PRId64
	    "|%s|%s|%s|%s|%s", e->source_ip, e->destination_ip,
	    e->source_port, e->destination_port, e->protocol, e->time,
	    e->time_given, e->url, e->domain, e->cve, e->malware);
}

/* A row that is there already is told once; NULL: it is the first. */
static const char *
said_before(struct arena *a, GHashTable *seen, const struct inspect_event *e)
{
	g_autofree char *key = sameness(e);
	const char *line = g_hash_table_lookup(seen, key);

	if (line != NULL)
		return arena_printf(a, "The same as line %s.", line);
	g_hash_table_insert(seen, g_steal_pointer(&key),
	    (char *)(uintptr_t)(e->evidence_part != NULL ? e->evidence_part
							 : ""));
	return NULL;
}

/* ---- reading -------------------------------------------------------------- */

/* Times without a zone are read in the one that was chosen. */
static void
settle(struct arena *a, const struct zone *z, struct inspect_event *e)
{
	const char *name;
	bool own;

	if (e->time != DESC_NULL || e->time_given == NULL)
		return;
	/* One that cannot be read stays as it was written. */
	if (event_time_read(a, z, e->time_given, when_now(), &e->time, &name,
		&own, NULL))
		e->zone = own ? "given" : "chosen";
	else
		e->time = DESC_NULL;
}

/* Rows with verdicts, as JSON. */
static bool
judge(struct db *db, struct making *m, const struct inspection *in,
    GError **err)
{
	static const char *const none[] = {NULL};
	struct inspection own = *in;
	struct smtp_envelope env = {.from = "", .n = 0};
	struct intake_job j = {.s = m->s, .a = m->a, .env = &env, .in = &own};
	struct intake_job *one = &j;
	g_autoptr(GHashTable) seen = NULL;
	struct intake_verdict *v;
	struct zone z;
	bool zone = !text_blank(m->c->zone);

	if (zone && !zone_parse(m->a, m->c->zone, &z, err))
		return false;
	own.references = none;
	own.digest = NULL;
	own.from = NULL;
	own.format = "plain";
	own.subject_number = DESC_NULL;
	own.events.items = arena_memdup(m->a, in->events.items,
	    in->events.n * sizeof(struct inspect_event));
	for (size_t i = 0; zone && i < own.events.n; i++)
		settle(m->a, &z, LIST_AT(inspect_event, own.events, i));
	if (!intake_ask(db, &one, 1, err))
		return false;
	seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	v = intake_verdicts(m->a, j.ctx.verdicts, &own.events);
	for (size_t i = 0; i < own.events.n; i++) {
		struct inspect_event *e =
		    LIST_AT(inspect_event, own.events, i);
		const char *why = refused(m->a, e, &v[i]);

		if (why == NULL)
			why = said_before(m->a, seen, e);
		if (why == NULL)
			continue;
		v[i] = (struct intake_verdict){.verdict = "refused",
		    .reason = why, .organisation = DESC_NULL,
		    .scanner = DESC_NULL};
	}
	m->rows = intake_events_json(m->a, &own.events, v,
	    zone ? z.name : NULL);
	return true;
}

/* The evidence as a message of our own making: no header holds a byte that
 * somebody typed. */
static void
make_evidence(struct making *m)
{
	const struct campaign_new *c = m->c;
	GString *s = m->evidence = arena_gstring(m->a);
	g_autofree char *b64 = NULL;

	g_string_append_printf(s,
	    "Date: %s\r\nSubject: Rows of a campaign\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    when_rfc5322(m->a, when_now()),
	    c->file != NULL ? "text/csv" : "text/plain");
	m->text = c->bytes != NULL ? text_repair(m->a, c->bytes, c->len)
	    : arena_printf(m->a, "Rows of %s: %s\n",
		  c->search != NULL ? "the tickets found by" : "the findings",
		  text_blank(c->query) ? "all that are there" : c->query);
	b64 = c->bytes != NULL ? g_base64_encode(c->bytes, c->len)
	    : g_base64_encode((const guchar *)m->text, strlen(m->text));
	for (size_t i = 0, n = strlen(b64); i < n; i += 76)
		g_string_append_printf(s, "%.76s\r\n", b64 + i);
}

/* ---- storing -------------------------------------------------------------- */

static bool
store_evidence(struct db *db, struct making *m, int64_t *message,
    GError **err)
{
	const GString *s = m->evidence;
	struct id row = {0};

	if (!db_one(db, m->a, Q_CAMPAIGN_EVIDENCE,
		DB_ARGS(DB_TEXT(m->who->email), DB_TEXT(m->who->name),
		    DB_TEXT(arena_printf(m->a, "Rows of a campaign: %s",
			m->title)),
		    DB_TEXT(text_sha256(m->a, s->str, s->len)),
		    DB_INT((int64_t)s->len),
		    DB_TEXT(text_cut(m->a, m->text, INTAKE_TEXT_MAX)),
		    DB_BYTES(s->str, MIN(s->len, (size_t)INTAKE_CHUNK))),
		&desc_id, &row, err))
		return false;
	for (size_t at = INTAKE_CHUNK, seq = 1; at < s->len;
	     at += INTAKE_CHUNK, seq++)
		if (!db_exec(db, Q_OUTBOX_CHUNK,
			DB_ARGS(DB_INT(row.id), DB_INT((int64_t)seq),
			    DB_BYTES(s->str + at,
				MIN(s->len - at, (size_t)INTAKE_CHUNK))),
			NULL, err))
			return false;
	*message = row.id;
	return true;
}

static bool
store_rows(struct db *db, struct making *m, int64_t *n, GError **err)
{
	const struct ticket_filter *t = m->c->search;
	const struct finding_filter *f = m->c->findings;

	if (t != NULL) {
		const struct db_args args = DB_ARGS(DB_INT(m->id),
		    DB_TEXT(t->status), DB_TEXT(t->view), DB_TEXT(t->type),
		    DB_TEXT(t->org), DB_TEXT(t->q), DB_TEXT(t->ip),
		    DB_INT(t->me), DB_BOOL(true), DB_TEXT(t->kind),
		    DB_TIME_OR_NULL(t->since),
		    DB_TIME_OR_NULL(t->until));

		return db_exec(db, Q_CAMPAIGN_ROWS_SEARCH, args, n, err) &&
		    db_exec(db, Q_CAMPAIGN_SEARCH_TLP, args, NULL, err);
	}
	if (f != NULL)
		return db_exec(db, Q_CAMPAIGN_ROWS_FINDINGS,
		    DB_ARGS(DB_INT(m->id), DB_TEXT(f->state), DB_TEXT(f->org),
			DB_TEXT(f->type), DB_TEXT(f->feed), DB_TEXT(f->ip)),
		    n, err);
	return db_exec(db, Q_CAMPAIGN_ROWS_READ,
	    DB_ARGS(DB_INT(m->id), DB_TEXT(m->rows)), n, err);
}

static bool
incident_ok(struct db *db, struct making *m, GError **err)
{
	struct ticket_locked row = {0};

	if (m->c->incident == 0)
		return true;
	if (!ticket_lock(db, m->a, m->c->incident, 0, &row, err))
		return false;
	return strcmp(row.kind, "incident") == 0 ||
	    fault_set(err, FAULT_INPUT, "Ticket #%" PRId64 " is no incident, "
		"but a %s.", row.number, row.kind);
}

static bool
make(struct db *db, void *ctx, GError **err)
{
	struct making *m = ctx;
	const struct campaign_new *c = m->c;
	struct campaign made = {0};
	struct id row = {0};
	struct set set = {0};
	int64_t message, n = 0;

	if (!db_patient(db, CAMPAIGN_MS, err) ||
	    !incident_ok(db, m, err) ||
	    !store_evidence(db, m, &message, err) ||
	    !db_one(db, m->a, Q_CAMPAIGN_MAKE,
		DB_ARGS(DB_TEXT(m->title), DB_TEXT(m->type), DB_TEXT(m->tlp),
		    DB_TEXT(m->words),
		    DB_INT(c->incident > 0 ? c->incident : DESC_NULL),
		    DB_TEXT(m->source), DB_TEXT(c->query), DB_INT(message),
		    DB_INT(m->who->id), DB_TEXT(m->who->name)),
		&desc_id, &row, err))
		return false;
	m->id = row.id;
	if (c->text > 0 && !db_exec(db, Q_CAMPAIGN_TRANSLATE,
		DB_ARGS(DB_INT(m->id), DB_INT(c->text)), NULL, err))
		return false;
	if (!store_rows(db, m, &n, err))
		return false;
	if (n == 0)
		return fault_set(err, FAULT_INPUT, c->bytes != NULL
			? "There is no line in it."
			: "Nothing with an address is found by this.");
	if (n > CAMPAIGN_ROWS_MAX)
		return fault_set(err, FAULT_LARGE, "These are more than %d "
		    "rows: narrow it down.", CAMPAIGN_ROWS_MAX);
	if (!db_one(db, m->a, Q_CAMPAIGN_LARGE, DB_NONE, &desc_set, &set,
		err) ||
	    !db_exec(db, Q_CAMPAIGN_SORT, DB_ARGS(DB_INT(m->id)), NULL, err) ||
	    !campaign_load(db, m->a, m->id, &made, err))
		return false;
	if (made.parties > CAMPAIGN_PARTIES_MAX)
		return fault_set(err, FAULT_LARGE, "These concern more than "
		    "%d organisations: make several campaigns of it.",
		    CAMPAIGN_PARTIES_MAX);
	return audit_write(db, m->who, "campaign.create",
	    c->incident, 0, arena_printf(m->a, "campaign %" PRId64, m->id),
	    NULL, m->title, err);
}

/* ---- what is asked for ---------------------------------------------------- */

static bool
check(struct making *m, GError **err)
{
	static const char *const labels[] = {
	    "RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"};
	const struct campaign_new *c = m->c;
	bool known = text_blank(c->tlp);

	if (text_blank(c->title))
		return fault_set(err, FAULT_INPUT, "Say what it is about: it "
		    "becomes the subject of the mails.");
	m->title = text_squash(m->a, c->title);
	if (g_utf8_strlen(m->title, -1) > CAMPAIGN_TITLE_MAX)
		return fault_set(err, FAULT_INPUT, "The title is longer than "
		    "%d characters.", CAMPAIGN_TITLE_MAX);
	m->type = text_blank(c->type) ? NULL
	    : campaign_type_known(text_squash(m->a, c->type));
	if (m->type == NULL)
		return fault_set(err, FAULT_INPUT, "Choose a type, such as "
		    "vulnerable/vulnerable-system.");
	for (size_t i = 0; !known && i < COUNT_OF(labels); i++)
		if (strcmp(labels[i], c->tlp) == 0)
			known = true;
	if (!known)
		return fault_set(err, FAULT_INPUT,
		    "Choose one of the TLP labels.");
	m->tlp = text_blank(c->tlp) ? NULL : c->tlp;
	m->words = text_blank(c->words) ? "" : c->words;
	if (strlen(m->words) > CAMPAIGN_WORDS_MAX)
		return fault_set(err, FAULT_LARGE, "What to do is longer than "
		    "%d bytes.", CAMPAIGN_WORDS_MAX);
	if (!text_check(m->a, "notice", m->words, err))
		return false;
	if (c->bytes != NULL && c->len > CAMPAIGN_BYTES_MAX)
		return fault_set(err, FAULT_LARGE, "These are more than %d "
		    "MB.", CAMPAIGN_BYTES_MAX / 1024 / 1024);
	if (c->rows != NULL && c->rows->defects.n > 0)
		return fault_set(err, FAULT_LARGE, "%s Make several campaigns "
		    "of it.",
		    LIST_AT(inspect_defect, c->rows->defects, 0)->text);
	return true;
}

bool
campaign_create(struct db *db, const struct site *s, const struct actor *who,
    const struct campaign_new *c, int64_t *id, GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct making m = {.s = s, .a = a, .who = who, .c = c};

	m.source = c->search != NULL ? "search" : c->findings != NULL
	    ? "findings" : c->file != NULL ? "csv" : "paste";
	if (!check(&m, err) ||
	    (c->rows != NULL && !judge(db, &m, c->rows, err)))
		return false;
	make_evidence(&m);
	if (!db_tx(db, make, &m, err))
		return false;
	*id = m.id;
	return true;
}
