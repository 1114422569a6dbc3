/* See investigate.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/case/case.h"
#include "core/case/cascade.h"
#include "core/case/deed.h"
#include "core/ticket/draft.h"
#include "core/outgoing/mail_views.h"
#include "core/notice/notice.h"
#include "core/notice/investigate_priv.h"

DESC_TABLE(investigate_party, INVESTIGATE_PARTY);

/* Which labels may go where (TLP 2.0): a party outside is no client of ours. */
static const struct {
	const char *tlp;
	bool member, outside;
} exits[] = {
    {"RED", false, false},
    {"AMBER+STRICT", false, false},
    {"AMBER", true, false},
    {"GREEN", true, true},
    {"CLEAR", true, true},
};

#define HEAD(F, S)                                                            \
	F(S, INT, number, none)                                               \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TEXT, from, none)                                                \
	F(S, BOOL, name_reporter, none)                                       \
	F(S, TEXT, how_reported, none)                                        \
	F(S, INT, organisation_id, none)                                      \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, attach, none)                                              \
	F(S, TEXT, lang, none)                                                \
	F(S, TEXT, open_subject, none)
DESC_PRIVATE(head, HEAD);
#define NUMBER(F, S) F(S, INT, number, none)
DESC_PRIVATE(number, NUMBER);
#define ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(id, ID);

const char *
investigate_refusal(struct arena *a, const struct investigate_facts *f)
{
	for (size_t i = 0; i < COUNT_OF(exits); i++)
		if (g_strcmp0(exits[i].tlp, f->tlp) == 0 &&
		    !(f->member ? exits[i].member : exits[i].outside))
			return arena_printf(a, "%s is TLP:%s: ask its "
			    "sender before it goes to %s.", f->title != NULL
				? "What this rests on" : "The report",
			    f->tlp, f->party);
	if (f->contacts.n == 0)
		return arena_printf(a, "%s has no contact for this: add one, "
		    "or say to whom the notice goes.", f->party);
	return NULL;
}

static bool
head_of(struct db *db, struct arena *a, int64_t number, struct head *h,
    GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_INVESTIGATE_HEAD, DB_ARGS(DB_INT(number)), &desc_head,
		h, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no ticket #%" PRId64 ".", number);
	return true;
}

/* A thread with its party: the notice goes out on it. */
static bool
is_thread(const struct head *h)
{
	return strcmp(h->kind, "investigation") == 0 ||
	    strcmp(h->how_reported, "feed") == 0;
}

/* The facts of one party of the ticket h. */
static bool
facts_of(struct db *db, const struct site *s, struct arena *a,
    const struct head *h, const struct excerpt *x,
    const struct investigate_party *p, struct investigate_facts *f, GError **err)
{
	bool thread = is_thread(h);
	struct constituency_contact *who;

	*f = (struct investigate_facts){
	    .member = p->organisation != DESC_NULL,
	    .organisation = p->organisation,
	    .party = p->name, .key = p->key, .type = h->type, .tlp = h->tlp,
	    .about = strcmp(h->kind, "report") != 0 ? NULL
		: h->name_reporter ? h->open_subject
				   : excerpt_masked(a, x, h->open_subject),
	    .reporter = h->name_reporter ? h->from : NULL,
	    .attach = p->attach,
	};
	if (!notice_first(db, s, f->type, f->organisation, when_now(),
		&f->answer_by, &f->next_at, err) ||
	    !db_list(db, a, Q_INVESTIGATE_EVENTS,
		DB_ARGS(DB_INT(h->number), DB_INT(p->organisation),
		    DB_TEXT(thread || f->member ? NULL : p->key)),
		&desc_ticket_event, &f->events, err))
		return false;
	ticket_trace_events(a, f->type, &f->events, NULL);
	f->log = excerpt_lines(a, x, &f->events, &f->n_log);
	if (f->member)
		return db_list(db, a, Q_INVESTIGATE_TO,
		    DB_ARGS(DB_INT(h->number), DB_INT(p->organisation)),
		    &desc_constituency_contact, &f->contacts, err);
	if (thread)
		return db_list(db, a, Q_INVESTIGATE_TO_THREAD,
		    DB_ARGS(DB_INT(h->number)), &desc_constituency_contact,
		    &f->contacts, err);
	who = ARENA_NEW(a, struct constituency_contact);
	*who = (struct constituency_contact){.role = "other",
	    .name = p->name, .email = p->key, .phone = "",
	    .reason = p->to_reason};
	f->contacts = (struct list){who, 1};
	return true;
}

static const char *
names_of(struct arena *a, const struct outbox_file *files, size_t n)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; i < n; i++)
		g_string_append_printf(s, "%s%s", i > 0 ? ", " : "",
		    files[i].name);
	return n > 0 ? s->str : NULL;
}

static void
draft(const struct site *s, struct arena *a, const struct investigate_facts *f,
    struct investigate_party *p)
{
	struct outbox_file files[INVESTIGATE_FILES_MAX];
	size_t n = investigate_files(a, s, f, p->number, files);
	GString *to = arena_gstring(a), *why = arena_gstring(a);

	for (size_t i = 0; i < f->contacts.n; i++) {
		const struct constituency_contact *who =
		    LIST_AT(constituency_contact, f->contacts, i);

		g_string_append_printf(to, "%s%s", i > 0 ? ", " : "",
		    who->email);
		g_string_append_printf(why, "%s%s: %s", i > 0 ? "; " : "",
		    who->email, who->reason);
	}
	p->to = to->str;
	p->to_reason = why->str;
	p->subject = mail_subject(a, s, p->number, NULL, investigate_subject(a, f));
	p->text = investigate_text(s, a, f, p->number);
	p->attachment = names_of(a, files, n);
	p->refused = investigate_refusal(a, f);
}

/* A thread has one party, however its rows are spread. */
static bool
party_of_thread(struct db *db, struct arena *a, const struct head *h,
    struct list *parties, GError **err)
{
	struct investigate_party *p = ARENA_NEW(a, struct investigate_party);
	struct list to;

	*p = (struct investigate_party){
	    .organisation = h->organisation_id,
	    .name = h->organisation, .key = h->handle,
	    .number = h->number, .investigation = h->number,
	    .member = true, .chosen = true, .attach = h->attach,
	    .lang = h->lang};
	if (h->organisation_id == DESC_NULL) {
		if (!db_list(db, a, Q_INVESTIGATE_TO_THREAD,
			DB_ARGS(DB_INT(h->number)),
			&desc_constituency_contact, &to, err))
			return false;
		p->member = false;
		p->name = p->key = to.n > 0
		    ? LIST_AT(constituency_contact, to, 0)->email
		    : "the other side";
	}
	*parties = (struct list){p, 1};
	return true;
}

static bool
parties_of(struct db *db, struct arena *a, const struct head *h,
    struct list *parties, GError **err)
{
	if (is_thread(h))
		return party_of_thread(db, a, h, parties, err);
	if (!db_list(db, a, Q_INVESTIGATE_PARTIES, DB_ARGS(DB_INT(h->number)),
		&desc_investigate_party, parties, err))
		return false;
	for (size_t i = 0; i < parties->n; i++) {
		struct investigate_party *p = LIST_AT(investigate_party, *parties, i);

		p->member = p->organisation != DESC_NULL;
		p->number = p->investigation;
		p->chosen = p->told < p->rows ||
		    (p->rows == 0 && p->investigation == DESC_NULL);
	}
	return true;
}

static bool
reserve(struct db *db, struct arena *a, int64_t *number, GError **err)
{
	struct number n = {0};

	if (!db_one(db, a, Q_CASE_RESERVE, DB_NONE, &desc_number, &n, err))
		return false;
	*number = n.number;
	return true;
}

bool
investigate_parties(struct db *db, const struct site *s, struct arena *a,
    int64_t number, bool drafts, struct list *parties, GError **err)
{
	struct excerpt x;
	struct head h = {0};

	if (!head_of(db, a, number, &h, err) ||
	    !parties_of(db, a, &h, parties, err) ||
	    (drafts && !excerpt_load(db, a, number, &x, err)))
		return false;
	for (size_t i = 0; drafts && i < parties->n; i++) {
		struct investigate_party *p = LIST_AT(investigate_party, *parties, i);
		struct investigate_facts f;

		if (p->number == DESC_NULL &&
		    !reserve(db, a, &p->number, err))
			return false;
		if (!facts_of(db, s, a, &h, &x, p, &f, err))
			return false;
		draft(s, a, &f, p);
	}
	return true;
}

struct send {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t number, version;
	const struct investigate_choice *choices;
	size_t n;
	struct excerpt x;
	struct sealing_choice seal;
	int64_t sent, investigation, message;
};

static const char *const *
addresses(struct arena *a, const struct list *contacts)
{
	const char **to = ARENA_ARRAY(a, const char *, contacts->n + 1);

	for (size_t i = 0; i < contacts->n; i++)
		to[i] = LIST_AT(constituency_contact, *contacts, i)->email;
	return to;
}

/* The mail, and all that says that it went out, on p->number. */
static bool
hand_out(struct db *db, struct send *t, const struct investigate_facts *f,
    struct investigate_party *p, const struct investigate_choice *c, GError **err)
{
	const char *const *to =
	    c != NULL && c->to != NULL && c->to[0] != NULL
		? c->to : addresses(t->a, &f->contacts);
	struct outbox_file files[INVESTIGATE_FILES_MAX];
	struct id made = {0};

	p->refused = NULL;
	draft(t->s, t->a, f, p);
	if (p->refused != NULL && (f->contacts.n > 0 || to[0] == NULL))
		return fault_set(err, FAULT_INPUT, "%s", p->refused);
	/* A thread of its own: the party never sees the reporter's
	 * Message-IDs. */
	return outbox_queue(db, t->s,
		   &(struct outbox_mail){
		       .purpose = "notice",
		       .ticket = p->number,
		       .author = t->who,
		       .to = to,
		       .subject = c == NULL || text_blank(c->subject)
			   ? p->subject
			   : mail_subject(t->a, t->s, p->number, NULL,
				 c->subject),
		       .text = c == NULL || text_blank(c->text) ? p->text
								: c->text,
		       .files = files,
		       .n_files = investigate_files(t->a, t->s, f,
			   p->number, files),
		       .choice = t->seal,
		   },
		   &t->message, err) &&
	    ticket_add_parties(db, p->number, to, "member", err) &&
	    db_exec(db, Q_TICKET_TOUCH,
		DB_ARGS(DB_INT(p->number), DB_BOOL(true)), NULL, err) &&
	    db_one(db, t->a, Q_INVESTIGATE_MAKE,
		DB_ARGS(DB_INT(p->number), DB_INT(p->organisation),
		    DB_TEXT(p->name), DB_INT(t->message),
		    DB_TIME(f->answer_by), DB_TIME(f->next_at)),
		&desc_id, &made, err) &&
	    audit_write(db, t->who, "ticket.notify", p->number, 0,
		arena_printf(t->a, "message %" PRId64, t->message), NULL,
		ticket_joined(t->a, to), err);
}

/* The thread with the party: the one under way, or a new one. */
static bool
open_thread(struct db *db, struct send *t, const struct ticket_locked *row,
    int64_t incident, const struct investigate_facts *f, struct investigate_party *p,
    GError **err)
{
	struct ticket_locked thread = {0};
	struct number made = {0};

	if (p->investigation == DESC_NULL) {
		if (!db_one(db, t->a, Q_CASE_MAKE,
			DB_ARGS(DB_INT(p->number), DB_TEXT("investigation"),
			    DB_TEXT(investigate_subject(t->a, f)),
			    DB_TEXT(f->type),
			    DB_INT(t->who->id > 0 ? t->who->id : DESC_NULL),
			    DB_INT(row->priority), DB_TIME(f->answer_by),
			    DB_TEXT(f->tlp), DB_INT(p->organisation), DB_NULL,
			    DB_NULL),
			&desc_number, &made, err) ||
		    !audit_write(db, t->who, "ticket.create", made.number, 0,
			arena_printf(t->a, "ticket %" PRId64, t->number),
			NULL, "investigation", err) ||
		    !db_exec(db, Q_CASE_LINK,
			DB_ARGS(DB_INT(incident), DB_INT(made.number)), NULL,
			err))
			return false;
		p->number = p->investigation = made.number;
	} else if (!ticket_lock(db, t->a, p->investigation, 0, &thread, err)) {
		return false;
	}
	return db_exec(db, Q_INVESTIGATE_ABOUT,
	    DB_ARGS(DB_INT(t->number), DB_INT(p->organisation),
		DB_TEXT(f->member ? NULL : p->key), DB_INT(p->number)),
	    NULL, err);
}

/* The incident that stands over it all; a report without one gets one. */
static bool
incident_of(struct db *db, struct send *t, const struct ticket_locked *row,
    int64_t *incident, GError **err)
{
	struct number n = {0};
	bool found;

	if (strcmp(row->kind, "incident") == 0) {
		*incident = row->number;
		return true;
	}
	if (strcmp(row->kind, "report") != 0)
		return fault_set(err, FAULT_INPUT,
		    "A %s has nobody to notify.", row->kind);
	if (!db_opt(db, t->a, Q_INVESTIGATE_INCIDENT, DB_ARGS(DB_INT(t->number)),
		&desc_number, &n, &found, err))
		return false;
	if (found) {
		*incident = n.number;
		return true;
	}
	return case_incident_within(db, t->a, t->who, row, NULL, NULL,
	    incident, err);
}

/* "" is the only party there is. */
static const struct investigate_choice *
choice_of(const struct send *t, const struct investigate_party *p,
    size_t parties)
{
	for (size_t i = 0; i < t->n; i++)
		if (g_ascii_strcasecmp(t->choices[i].key, p->key) == 0 ||
		    (parties == 1 && *t->choices[i].key == '\0'))
			return &t->choices[i];
	return NULL;
}

/* A number that was drawn for the draft, and not used meanwhile. */
static bool
number_ok(struct db *db, struct arena *a, int64_t number, bool *ok,
    GError **err)
{
#define FREE(F, S) F(S, BOOL, free, none)
	DESC_PRIVATE(free, FREE);
	struct free f = {0};

	if (!db_one(db, a, Q_CASE_RESERVED, DB_ARGS(DB_INT(number)),
		&desc_free, &f, err))
		return false;
	*ok = f.free;
	return true;
}

bool
investigate_again(struct db *db, const struct site *s, struct arena *a,
    int64_t drawn, struct investigate_party *p, const char **subject,
    const char **text, GError **err)
{
	bool ok = false;

	if (p->investigation == DESC_NULL && drawn > 0 &&
	    !number_ok(db, a, drawn, &ok, err))
		return false;
	if (ok)
		p->number = drawn;
	*subject = investigate_renumbered(a, s, *subject, drawn, p->number);
	*text = investigate_renumbered(a, s, *text, drawn, p->number);
	return true;
}

static bool
send_one(struct db *db, struct send *t, const struct head *h,
    const struct ticket_locked *row, int64_t incident,
    struct investigate_party *p, const struct investigate_choice *c, GError **err)
{
	struct investigate_facts f;
	bool ok = false;

	if (p->investigation == DESC_NULL) {
		p->number = DESC_NULL;
		if (c != NULL && c->number > 0 &&
		    !number_ok(db, t->a, c->number, &ok, err))
			return false;
		if (ok)
			p->number = c->number;
		else if (c != NULL && c->number > 0 && !text_blank(c->text))
			return fault_set(err, FAULT_CONFLICT, "Number #%"
			    PRId64 " in this mail was used meanwhile: look at "
			    "the notice again.", c->number);
		else if (!reserve(db, t->a, &p->number, err))
			return false;
	} else if (c != NULL && c->number > 0 && !text_blank(c->text) &&
	    c->number != p->investigation) {
		return fault_set(err, FAULT_CONFLICT, "This mail is of #%"
		    PRId64 ", and there is #%" PRId64 " with this party by "
		    "now: look at the notice again.", c->number,
		    p->investigation);
	}
	if (!facts_of(db, t->s, t->a, h, &t->x, p, &f, err))
		return false;
	if (!is_thread(h) &&
	    !open_thread(db, t, row, incident, &f, p, err))
		return false;
	if (!hand_out(db, t, &f, p, c, err))
		return false;
	t->investigation = p->number;
	t->sent++;
	return true;
}

static bool
send(struct db *db, void *ctx, GError **err)
{
	struct send *t = ctx;
	struct ticket_locked row = {0};
	struct list parties;
	struct head h = {0};
	GPtrArray *keys;
	int64_t incident = 0;

	t->sent = 0;
	keys = arena_ptr_array(t->a);
	if (!ticket_lock(db, t->a, t->number, t->version, &row, err) ||
	    !head_of(db, t->a, t->number, &h, err) ||
	    !parties_of(db, t->a, &h, &parties, err) ||
	    !excerpt_load(db, t->a, t->number, &t->x, err))
		return false;
	if (parties.n == 0)
		return fault_set(err, FAULT_INPUT,
		    "No address on this ticket belongs to anybody we know, so "
		    "there is nobody to notify.");
	if (!deed_begin(db, t->who, "investigate", t->number, NULL, err) ||
	    (!is_thread(&h) && !incident_of(db, t, &row, &incident, err)))
		return false;
	for (size_t i = 0; i < parties.n; i++) {
		struct investigate_party *p = LIST_AT(investigate_party, parties, i);
		const struct investigate_choice *c = choice_of(t, p, parties.n);

		if (t->n > 0 ? c == NULL : !p->chosen)
			continue;
		if (!send_one(db, t, &h, &row, incident, p, c, err))
			return false;
		g_ptr_array_add(keys, (char *)(uintptr_t)p->key);
	}
	g_ptr_array_add(keys, NULL);
	if (t->sent == 0)
		return fault_set(err, FAULT_INPUT, t->n > 0
			? "Choose whom to tell: one of those concerned."
			: "All parties were told of all rows already: choose "
			  "whom to tell again.");
	return draft_drop(db, t->who, t->number, "notify",
		   (const char *const *)keys->pdata, err) &&
	    outbox_kick(db, err);
}

bool
investigate_send(struct db *db, const struct site *s, const struct actor *who,
    int64_t number, int64_t version, const struct investigate_choice *choices,
    size_t n, struct sealing_choice seal, int64_t *sent,
    int64_t *investigation, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "notice");
	struct send t = {.s = s, .who = who, .a = a, .number = number,
	    .version = version, .choices = choices, .n = n, .seal = seal};

	if (!db_tx(db, send, &t, err))
		return false;
	if (sent != NULL)
		*sent = t.sent;
	if (investigation != NULL)
		*investigation = t.investigation;
	if (message != NULL)
		*message = t.message;
	return true;
}

bool
investigate_send_within(struct db *db, const struct site *s,
    const struct actor *who, int64_t thread, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "notice");
	struct send t = {.s = s, .who = who, .a = a, .number = thread};

	g_assert(db_in_tx(db));
	if (!send(db, &t, err))
		return false;
	*message = t.message;
	return true;
}
