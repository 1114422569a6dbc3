/* See campaign.h: lists, a draft and its parties. */
#include "base/base.h"
#include "base/lang.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/campaign/campaign_priv.h"
#include "core/notice/notice.h"
#include "core/outgoing/mail_views.h"
#include "core/ticket/text_template.h"

enum {
	TO_MAX = 20,         /* addresses of one party, as of any notice */
	ADDRESSES_SAID = 10, /* in {{addresses}} */
};

DESC_TABLE(campaign_row, CAMPAIGN_ROW);
DESC_TABLE(campaign_words, CAMPAIGN_WORDS);
DESC_TABLE(campaign, CAMPAIGN);
DESC_TABLE(campaign_left, CAMPAIGN_LEFT);
DESC_TABLE(campaign_party, CAMPAIGN_PARTY);
DESC_TABLE(campaign_sum, CAMPAIGN_SUM);
DESC_TABLE(campaign_file, CAMPAIGN_FILE);
DESC_TABLE(campaign_mail, CAMPAIGN_MAIL);
DESC_TABLE(campaign_contact, CAMPAIGN_CONTACT);
DESC_TABLE(campaign_ladder, CAMPAIGN_LADDER);
DESC_TABLE(campaign_locked, CAMPAIGN_LOCKED);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);
#define NUMBER(F, S) F(S, INT, number, none)
DESC_PRIVATE(number, NUMBER);
/* As the query has it: a tick may be missing. */
#define PARTY_ROW(F, S)                                                       \
	F(S, INT, n, none)                                                    \
	F(S, TEXT, key, none)                                                 \
	F(S, INT, organisation, none)                                         \
	F(S, TEXT, attach, none)                                              \
	F(S, TEXT, lang, none)                                                \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, to_reason, none)                                           \
	F(S, INT, rows, none)                                                 \
	F(S, TEXT, ticked, none) /* "true", "false" or null */                       \
	F(S, INT, told, none)                                                 \
	F(S, INT, investigation, none)
DESC_PRIVATE(party_row, PARTY_ROW);

bool
campaign_list(struct db *db, struct arena *a, bool digests, int64_t page,
    struct list *rows, int64_t *total, GError **err)
{
	struct total t = {0};

	if (!db_list(db, a, Q_CAMPAIGN_LIST,
		DB_ARGS(DB_INT(page), DB_BOOL(digests)), &desc_campaign_row,
		rows, err) ||
	    !db_one(db, a, Q_CAMPAIGN_TOTAL, DB_ARGS(DB_BOOL(digests)),
		&desc_total, &t, err))
		return false;
	*total = t.total;
	return true;
}

bool
campaign_load(struct db *db, struct arena *a, int64_t id,
    struct campaign *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_CAMPAIGN_BY_ID, DB_ARGS(DB_INT(id)),
		&desc_campaign, out, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such campaign.");
	return db_list(db, a, Q_CAMPAIGN_TRANSLATIONS, DB_ARGS(DB_INT(id)),
	    &desc_campaign_words, &out->translations, err);
}

/* What a party reads: the words that serve its language best, or as they
 * were written. */
static const char *
words_for(const struct campaign *c, struct campaign_party *p)
{
	const char *words = c->words;
	size_t best = 0;

	for (size_t i = 0; i < c->translations.n; i++) {
		const struct campaign_words *w =
		    LIST_AT(campaign_words, c->translations, i);

		if (!lang_serves(w->lang, p->lang) || strlen(w->lang) <= best)
			continue;
		best = strlen(w->lang);
		words = w->words;
		p->words_lang = w->lang;
	}
	return words;
}

bool
campaign_is_digest(const struct campaign *c)
{
	return strcmp(c->source, "digest") == 0;
}

bool
campaign_left_out(struct db *db, struct arena *a, int64_t id,
    struct list *rows, GError **err)
{
	return db_list(db, a, Q_CAMPAIGN_LEFT_OUT, DB_ARGS(DB_INT(id)),
	    &desc_campaign_left, rows, err);
}

bool
campaign_of_ticket(struct db *db, struct arena *a, int64_t ticket,
    struct list *rows, GError **err)
{
	return db_list(db, a, Q_CAMPAIGN_OF_TICKET, DB_ARGS(DB_INT(ticket)),
	    &desc_campaign_row, rows, err);
}

bool
campaign_lock_in(struct db *db, struct arena *a, int64_t id,
    const char *wanted, int64_t version, struct campaign_locked *out,
    GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_CAMPAIGN_LOCK, DB_ARGS(DB_INT(id)),
		&desc_campaign_locked, out, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such campaign.");
	if (strcmp(out->state, wanted) != 0)
		return fault_set(err, FAULT_CONFLICT, "This campaign is %s.",
		    out->state);
	if (version != 0 && version != out->version)
		return fault_set(err, FAULT_CONFLICT,
		    "Somebody has changed this campaign since you saw it: "
		    "look at it again.");
	return true;
}

bool
campaign_lock(struct db *db, struct arena *a, int64_t id, int64_t version,
    struct campaign_locked *out, GError **err)
{
	return campaign_lock_in(db, a, id, "draft", version, out, err);
}

/* ---- facts ---------------------------------------------------------------- */

/* Rows of the query from *at on that are of party n. */
static struct list
slice(const struct list *all, size_t *at, int64_t n)
{
	struct list l = {.items = LIST_AT(campaign_contact, *all, *at)};

	while (*at < all->n &&
	    LIST_AT(campaign_contact, *all, *at)->n == n) {
		(*at)++;
		l.n++;
	}
	return l;
}

/* An address that no mail can go to is none: one party's mistyped contact is
 * no reason not to tell the others. */
static void
add_contact(struct list *l, struct constituency_contact c)
{
	if (l->n < TO_MAX && outbox_address_ok(c.email))
		*LIST_AT(constituency_contact, *l, l->n++) = c;
}

static struct list
contacts_of(struct arena *a, const struct campaign_party *p,
    const struct list *some)
{
	struct list l = {0};

	l.items = ARENA_ARRAY(a, struct constituency_contact, TO_MAX);
	if (p->organisation == DESC_NULL)
		add_contact(&l, (struct constituency_contact){.role = "other",
		    .name = p->name, .email = p->key, .phone = "",
		    .reason = p->to_reason});
	for (size_t i = 0; p->organisation != DESC_NULL && i < some->n; i++) {
		const struct campaign_contact *c =
		    LIST_AT(campaign_contact, *some, i);

		add_contact(&l, (struct constituency_contact){c->role,
		    c->name, c->email, c->phone, c->reason});
	}
	return l;
}

static void
addressed(struct arena *a, const struct investigate_facts *f,
    struct campaign_party *p)
{
	GString *to = arena_gstring(a), *why = arena_gstring(a);

	for (size_t i = 0; i < f->contacts.n; i++) {
		const struct constituency_contact *w =
		    LIST_AT(constituency_contact, f->contacts, i);

		g_string_append_printf(to, "%s%s", i > 0 ? ", " : "",
		    w->email);
		if (f->contacts.n > 1)
			g_string_append_printf(why, "%s%s: ",
			    i > 0 ? "; " : "", w->email);
		g_string_append(why, w->reason != NULL ? w->reason : w->role);
	}
	p->to = to->str;
	p->to_reason = why->str;
	p->refused = investigate_refusal(a, f);
	p->all_told = p->told >= p->rows;
	/* A member that was not told of all of it; who is outside, only when
	 * somebody says so. */
	p->chosen = p->asked ? p->ticked
	    : f->member && !p->all_told && p->refused == NULL;
}

bool
campaign_gather(struct db *db, struct arena *a, const struct campaign *c,
    int64_t from, int64_t to, bool events, struct campaign_facts *out,
    GError **err)
{
	const struct db_args args =
	    DB_ARGS(DB_INT(c->id), DB_INT(from), DB_INT(to));
	struct list raw, contacts, rows = {0};
	size_t at = 0, row = 0;

	if (!db_list(db, a, Q_CAMPAIGN_PARTIES, args, &desc_party_row, &raw,
		err) ||
	    !db_list(db, a, Q_CAMPAIGN_CONTACTS, args, &desc_campaign_contact,
		&contacts, err) ||
	    (events && !db_list(db, a, Q_CAMPAIGN_EVENTS, args,
		&desc_ticket_event, &rows, err)))
		return false;
	if (events)
		ticket_trace_events(a, c->type, &rows, NULL);
	out->parties.n = raw.n;
	out->parties.items = ARENA_ARRAY(a, struct campaign_party, raw.n + 1);
	out->facts = ARENA_ARRAY(a, struct investigate_facts, raw.n + 1);
	for (size_t i = 0; i < raw.n; i++) {
		const struct party_row *r = LIST_AT(party_row, raw, i);
		struct campaign_party *p =
		    LIST_AT(campaign_party, out->parties, i);
		struct list some = slice(&contacts, &at, r->n);

		*p = (struct campaign_party){.n = r->n, .key = r->key,
		    .organisation = r->organisation, .name = r->name,
		    .to_reason = r->to_reason, .rows = r->rows,
		    .attach = r->attach != NULL ? r->attach : "csv",
		    .lang = r->lang,
		    .told = r->told, .investigation = r->investigation,
		    .asked = r->ticked != NULL,
		    .ticked = g_strcmp0(r->ticked, "true") == 0};
		out->facts[i] = (struct investigate_facts){
		    .member = r->organisation != DESC_NULL,
		    .organisation = r->organisation,
		    .party = r->name, .key = r->key,
		    .type = c->type, .tlp = c->tlp,
		    .title = c->title, .words = words_for(c, p),
		    .attach = r->attach,
		    .contacts = contacts_of(a, p, &some),
		};
		if (events) {
			out->facts[i].events = (struct list){
			    LIST_AT(ticket_event, rows, row),
			    (size_t)r->rows};
			row += (size_t)r->rows;
			g_assert(row <= rows.n);
		}
		addressed(a, &out->facts[i], p);
	}
	return true;
}

/* The first few, each once; and the first time. */
static void
look(struct arena *a, const struct list *events, struct text_facts *out)
{
	GString *s = arena_gstring(a);
	const char *last = NULL;
	int n = 0;

	for (size_t i = 0; i < events->n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, *events, i);

		if (e->time != DESC_NULL && (out->first == DESC_NULL ||
			e->time < out->first))
			out->first = e->time;
		if (e->source_ip == NULL || n == ADDRESSES_SAID ||
		    g_strcmp0(e->source_ip, last) == 0)
			continue;
		g_string_append_printf(s, "%s%s", n++ > 0 ? ", " : "",
		    last = e->source_ip);
	}
	if (n == ADDRESSES_SAID && events->n > ADDRESSES_SAID)
		g_string_append(s, " and others");
	out->addresses = s->str;
}

void
campaign_fill(struct arena *a, const struct site *s, const struct actor *who,
    int64_t number, struct investigate_facts *f)
{
	struct text_facts facts = {.number = number, .subject = f->title,
	    .type = f->type, .kind = "investigation",
	    .organisation = f->party, .first = DESC_NULL,
	    .received = when_now()};

	look(a, &f->events, &facts);
	f->words = text_fill(a, s, who, &facts, f->words, false);
}

static void
add(struct campaign_sum *sum, const struct campaign_party *p)
{
	bool member = p->organisation != DESC_NULL;

	sum->members += member;
	sum->outside += !member;
	sum->no_contact += member && *p->to == '\0';
	sum->told += p->all_told;
	sum->chosen += p->chosen;
	sum->chosen_rows += p->chosen ? p->rows : 0;
}

bool
campaign_parties(struct db *db, const struct site *s, struct arena *a,
    const struct campaign *c, int64_t page, struct list *parties,
    struct campaign_sum *sum, GError **err)
{
	struct campaign_facts f;
	size_t from = (size_t)page * CAMPAIGN_PAGE;

	(void)s;
	if (!campaign_gather(db, a, c, 1, CAMPAIGN_PARTIES_MAX, false, &f,
		err))
		return false;
	*sum = (struct campaign_sum){0};
	for (size_t i = 0; i < f.parties.n; i++)
		add(sum, LIST_AT(campaign_party, f.parties, i));
	from = MIN(from, f.parties.n);
	*parties = (struct list){LIST_AT(campaign_party, f.parties, from),
	    MIN(f.parties.n - from, (size_t)CAMPAIGN_PAGE)};
	return true;
}

bool
campaign_mail(struct db *db, const struct site *s, struct arena *a,
    const struct actor *who, const struct campaign *c, int64_t n, struct campaign_mail *out,
    GError **err)
{
	struct campaign_facts f = {0};
	const struct campaign_party *p;
	struct outbox_file files[INVESTIGATE_FILES_MAX];
	struct list l = {0};
	struct number drawn = {0};

	if (campaign_is_digest(c))
		return fault_set(err, FAULT_ABSENT, "A digest is not written "
		    "again: what was sent is on the ticket of each member.");
	if (n <= CAMPAIGN_PARTIES_MAX &&
	    !campaign_gather(db, a, c, n, n, true, &f, err))
		return false;
	if (f.parties.n == 0)
		return fault_set(err, FAULT_ABSENT,
		    "This campaign has no such party.");
	p = LIST_AT(campaign_party, f.parties, 0);
	if (!db_one(db, a, Q_CASE_RESERVE, DB_NONE, &desc_number, &drawn,
		err) ||
	    !notice_first(db, s, c->type, p->organisation, when_now(),
		&f.facts->answer_by, &f.facts->next_at, err))
		return false;
	campaign_fill(a, s, who, drawn.number, f.facts);
	l.n = investigate_files(a, s, f.facts, drawn.number, files);
	l.items = ARENA_ARRAY(a, struct campaign_file, l.n + 1);
	for (size_t i = 0; i < l.n; i++)
		*LIST_AT(campaign_file, l, i) = (struct campaign_file){
		    files[i].name, files[i].type,
		    arena_strndup(a, files[i].bytes, files[i].len)};
	*out = (struct campaign_mail){
	    .n = p->n, .name = p->name, .to = p->to,
	    .to_reason = p->to_reason, .refused = p->refused,
	    .lang = p->lang, .words_lang = p->words_lang,
	    .subject = mail_subject(a, s, drawn.number, NULL,
		investigate_subject(a, f.facts)),
	    .text = investigate_text(s, a, f.facts, drawn.number),
	    .files = l,
	};
	return true;
}

/* ---- acts on a draft ------------------------------------------------------ */

struct act {
	const struct actor *who;
	struct arena *a;
	int64_t id, version, from;
	const char *from_state, *to_state;
	const char *const *ns;
};

static bool
choose(struct db *db, void *ctx, GError **err)
{
	struct act *t = ctx;
	struct campaign_locked c = {0};

	return campaign_lock(db, t->a, t->id, t->version, &c, err) &&
	    db_exec(db, Q_CAMPAIGN_CHOOSE,
		DB_ARGS(DB_INT(t->id), DB_INT(t->from),
		    DB_INT(t->from + CAMPAIGN_PAGE - 1), DB_TEXTS(t->ns)),
		NULL, err) &&
	    db_exec(db, Q_CAMPAIGN_TOUCH, DB_ARGS(DB_INT(t->id)), NULL, err);
}

bool
campaign_choose(struct db *db, const struct actor *who, int64_t id,
    int64_t version, int64_t page, const char *const *ns, GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct act t = {.who = who, .a = a, .id = id, .version = version,
	    .from = page * CAMPAIGN_PAGE + 1, .ns = ns};
	int64_t n;

	for (size_t i = 0; ns[i] != NULL; i++) {
		if (!text_int(ns[i], 1, CAMPAIGN_PARTIES_MAX, &n))
			return fault_set(err, FAULT_INPUT,
			    "A party is chosen by its number.");
		if (n < t.from || n >= t.from + CAMPAIGN_PAGE)
			return fault_set(err, FAULT_INPUT, "Party %" PRId64
			    " is not on page %" PRId64 ".", n, page);
	}
	return db_tx(db, choose, &t, err);
}

static bool
move(struct db *db, void *ctx, GError **err)
{
	struct act *t = ctx;
	struct campaign_locked c = {0};

	return campaign_lock_in(db, t->a, t->id, t->from_state, t->version,
		   &c, err) &&
	    db_exec(db, Q_CAMPAIGN_SET_STATE,
		DB_ARGS(DB_INT(t->id), DB_TEXT(t->to_state), DB_NULL,
		    DB_INT(t->who->id)), NULL, err) &&
	    audit_write(db, t->who, "campaign.status",
		c.incident != DESC_NULL ? c.incident : 0, 0,
		arena_printf(t->a, "campaign %" PRId64, t->id),
		t->from_state, t->to_state, err);
}

bool
campaign_abandon(struct db *db, const struct actor *who, int64_t id,
    int64_t version, GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct act t = {.who = who, .a = a, .id = id, .version = version,
	    .from_state = "draft", .to_state = "abandoned"};

	return db_tx(db, move, &t, err);
}

/* Also of one that is sending: its version is another then, and what was
 * composed is nobody's. */
bool
campaign_resume(struct db *db, const struct actor *who, int64_t id,
    int64_t version, GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct act t = {.who = who, .a = a, .id = id, .version = version,
	    .from_state = "abandoned", .to_state = "draft"};
	struct campaign c = {0};

	if (!campaign_load(db, a, id, &c, err))
		return false;
	if (strcmp(c.state, "sending") == 0)
		t.from_state = "sending";
	return db_tx(db, move, &t, err);
}
