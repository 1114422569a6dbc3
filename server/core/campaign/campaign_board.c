/* What came of a campaign: see campaign.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/campaign/campaign_priv.h"
#include "core/case/deed.h"
#include "core/case/lifecycle.h"
#include "core/notice/notice_priv.h"
#include "core/ticket/bulk.h"

DESC_TABLE(campaign_on_board, CAMPAIGN_ON_BOARD);
DESC_TABLE(campaign_state, CAMPAIGN_STATE);
DESC_TABLE(campaign_bar, CAMPAIGN_BAR);
DESC_TABLE(campaign_progress, CAMPAIGN_PROGRESS);

/* Which campaigns have a state. */
enum { ASKS = 1, TELLS = 2 };

typedef bool is_so(const struct campaign_on_board *p);

static bool
result_is(const struct campaign_on_board *p, const char *result)
{
	return p->result != NULL && strcmp(p->result, result) == 0;
}

static bool
all(const struct campaign_on_board *p)
{
	(void)p;
	return true;
}

static bool
cleaned(const struct campaign_on_board *p)
{
	return result_is(p, "CLEANED");
}

static bool
not_traced(const struct campaign_on_board *p)
{
	return result_is(p, "NOT-TRACED");
}

static bool
authorised(const struct campaign_on_board *p)
{
	return result_is(p, "AUTHORISED");
}

static bool
need_more(const struct campaign_on_board *p)
{
	return result_is(p, "NEED-MORE");
}

static bool
answered(const struct campaign_on_board *p)
{
	return p->result != NULL;
}

static bool
told(const struct campaign_on_board *p)
{
	return p->ticket != DESC_NULL;
}

static bool
not_told(const struct campaign_on_board *p)
{
	return !told(p);
}

static bool
open(const struct campaign_on_board *p)
{
	return told(p) && p->asked && p->result == NULL && !p->closed;
}

static bool
to_read(const struct campaign_on_board *p)
{
	return (open(p) && p->to_read != DESC_NULL) || p->wrote;
}

static bool
delivered(const struct campaign_on_board *p)
{
	return g_strcmp0(p->mail, "delivered") == 0;
}

static bool
received(const struct campaign_on_board *p)
{
	return open(p) && p->to_read == DESC_NULL && p->received != DESC_NULL;
}

static bool
silent(const struct campaign_on_board *p)
{
	return open(p) && p->received == DESC_NULL && !p->bounced;
}

static bool
late(const struct campaign_on_board *p)
{
	return p->late;
}

static bool
bounced(const struct campaign_on_board *p)
{
	return p->bounced;
}

static bool
queued(const struct campaign_on_board *p)
{
	return p->queued;
}

static bool
fixed(const struct campaign_on_board *p)
{
	return p->all_fixed;
}

static bool
to_close(const struct campaign_on_board *p)
{
	return !p->closed && p->result != NULL && !need_more(p);
}

static bool
closed(const struct campaign_on_board *p)
{
	return p->closed;
}

static const struct {
	const char *state, *label;
	is_so *is;
	unsigned of;
} states[] = {
    {"all", "All", all, ASKS | TELLS},
    {"delivered", "Delivered", delivered, TELLS},
    {"silent", "Silent", silent, ASKS},
    {"late", "Late", late, ASKS},
    {"received", "Received, no answer", received, ASKS},
    {"read", "Answer to read", to_read, ASKS | TELLS},
    {"answered", "Answered", answered, ASKS},
    {"cleaned", "CLEANED", cleaned, ASKS},
    {"not-traced", "NOT-TRACED", not_traced, ASKS},
    {"authorised", "AUTHORISED", authorised, ASKS},
    {"need-more", "NEED-MORE", need_more, ASKS},
    {"close", "Answered, to close", to_close, ASKS},
    {"fixed", "Fixed", fixed, ASKS | TELLS},
    {"bounced", "Bounced", bounced, ASKS | TELLS},
    {"queued", "Still to leave", queued, ASKS | TELLS},
    {"closed", "Closed", closed, ASKS},
    {"not-told", "Not told", not_told, ASKS | TELLS},
};

static is_so *
state_of(const char *word, unsigned of)
{
	for (size_t i = 0; word != NULL && i < COUNT_OF(states); i++)
		if ((states[i].of & of) != 0 &&
		    strcmp(states[i].state, word) == 0)
			return states[i].is;
	return word == NULL ? all : NULL;
}

/* So many of its parties, from that one on. */
static bool
load(struct db *db, struct arena *a, int64_t id, int64_t from, int64_t n,
    struct list *rows, GError **err)
{
	if (!db_list(db, a, Q_CAMPAIGN_BOARD,
		DB_ARGS(DB_INT(id), DB_INT(from), DB_INT(n)),
		&desc_campaign_on_board, rows, err))
		return false;
	for (size_t i = 0; i < rows->n; i++) {
		struct campaign_on_board *p =
		    LIST_AT(campaign_on_board, *rows, i);

		p->bounced = g_strcmp0(p->mail, "bounced") == 0;
		p->queued = g_strcmp0(p->mail, "queued") == 0;
		p->wrote = told(p) && !p->asked && !p->closed;
		p->all_fixed = p->findings != DESC_NULL &&
		    p->fixed == p->findings;
	}
	return true;
}

static void
count(const struct campaign_on_board *p, unsigned of, struct campaign_tally *t)
{
	struct campaign_bar *bar = &t->bar;

	for (size_t i = 0; i < COUNT_OF(states); i++)
		t->n[i] += states[i].is(p);
	if (!told(p))
		return;
	if (of == TELLS)
		*(p->bounced ? &bar->bounced : p->queued ? &bar->queued
							  : &bar->delivered) += 1;
	else if (p->result != NULL || p->closed)
		bar->answered++;
	else if (p->received != DESC_NULL)
		bar->heard++;
	else if (p->bounced)
		bar->bounced++;
	else if (p->queued)
		bar->queued++;
	else
		bar->silent++;
}

static struct list
words_of(struct arena *a, const struct campaign_tally *t, unsigned of,
    is_so *chosen)
{
	struct list l = {.items = ARENA_ARRAY(a, struct campaign_state,
	    COUNT_OF(states))};

	for (size_t i = 0; i < COUNT_OF(states); i++)
		if ((states[i].of & of) != 0)
			*LIST_AT(campaign_state, l, l.n++) =
			    (struct campaign_state){states[i].state,
				states[i].label, t->n[i],
				states[i].is == chosen};
	return l;
}

/* All are read and counted; of those in that state the page. */
static bool
count_all(struct db *db, struct arena *a, const struct campaign *c, is_so *is,
    int64_t page, struct list *rows, int64_t *total, struct campaign_tally *t,
    GError **err)
{
	unsigned of = campaign_is_digest(c) ? TELLS : ASKS;
	size_t n = 0, from = (size_t)page * CAMPAIGN_PAGE;
	struct list every;

	if (!load(db, a, c->id, 0, CAMPAIGN_PARTIES_MAX + 1, &every, err))
		return false;
	*t = (struct campaign_tally){0};
	for (size_t i = 0; i < every.n; i++) {
		struct campaign_on_board *p =
		    LIST_AT(campaign_on_board, every, i);

		count(p, of, t);
		if (is(p))
			*LIST_AT(campaign_on_board, every, n++) = *p;
	}
	*total = (int64_t)n;
	from = MIN(from, n);
	*rows = (struct list){LIST_AT(campaign_on_board, every, from),
	    MIN(n - from, (size_t)CAMPAIGN_PAGE)};
	return true;
}

bool
campaign_board(struct db *db, struct arena *a, const struct campaign *c,
    const char *state, int64_t page, bool known, struct list *rows,
    int64_t *total, struct list *words, struct campaign_tally *tally,
    GError **err)
{
	unsigned of = campaign_is_digest(c) ? TELLS : ASKS;
	is_so *is = state_of(state, of);

	G_STATIC_ASSERT(COUNT_OF(states) <= CAMPAIGN_STATES_MAX);
	if (is == NULL)
		return fault_set(err, FAULT_INPUT,
		    "There is no state \"%s\".", text_cut(a, state, 60));
	if (known && is == all) {
		if (!load(db, a, c->id, page * CAMPAIGN_PAGE, CAMPAIGN_PAGE,
			rows, err))
			return false;
		*total = MAX(tally->n[0], page * CAMPAIGN_PAGE +
		    (int64_t)rows->n); /* (the first state is all) */
	} else if (!count_all(db, a, c, is, page, rows, total, tally, err)) {
		return false;
	}
	*words = words_of(a, tally, of, is);
	return true;
}

bool
campaign_progress(struct db *db, struct arena *a, int64_t id,
    struct campaign_progress *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_CAMPAIGN_PROGRESS, DB_ARGS(DB_INT(id)),
		&desc_campaign_progress, out, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such campaign.");
	out->busy = strcmp(out->state, "sending") == 0 ||
	    out->done < out->total;
	out->left = out->busy && out->rate > 0
	    ? (out->total - out->done) / out->rate : DESC_NULL;
	return true;
}

/* ---- acts ----------------------------------------------------------------- */

struct act {
	const struct site *s;
	const struct actor *who;
	struct arena *a;
	int64_t id, done;
	const char *state;
	const char *const *ns;
	const char *act;        /* as bulk.h has it */
	is_so *fits;
	size_t at_once;
	const char **tickets;   /* that it is done to, ended by NULL */
	size_t n;
};

static bool
is_named(const struct act *t, int64_t n)
{
	int64_t k;

	for (size_t i = 0; t->ns[i] != NULL; i++)
		if (text_int(t->ns[i], 1, CAMPAIGN_PARTIES_MAX, &k) && k == n)
			return true;
	return false;
}

static bool
nothing(const struct act *t, GError **err)
{
	return fault_set(err, FAULT_INPUT, t->fits == to_close
		? "None of these is open and has an answer that ends it."
		: "None of these waits for an answer and was not reminded "
		  "just now.");
}

/* The threads of those that were chosen and it can be done to. */
static bool
choose(struct db *db, struct act *t, GError **err)
{
	is_so *is = t->ns[0] != NULL ? all : state_of(t->state, ASKS);
	struct campaign c = {0};
	struct list rows;

	if (is == NULL || (t->ns[0] == NULL && t->state == NULL))
		return fault_set(err, FAULT_INPUT,
		    "Choose at least one of them.");
	if (!campaign_load(db, t->a, t->id, &c, err) ||
	    !load(db, t->a, t->id, 0, CAMPAIGN_PARTIES_MAX + 1, &rows, err))
		return false;
	t->tickets = ARENA_ARRAY(t->a, const char *, rows.n + 1);
	for (size_t i = 0; i < rows.n; i++) {
		const struct campaign_on_board *p =
		    LIST_AT(campaign_on_board, rows, i);

		if (told(p) && p->asked && t->fits(p) &&
		    (t->ns[0] != NULL ? is_named(t, p->n) : is(p)))
			t->tickets[t->n++] = arena_printf(t->a, "%" PRId64,
			    p->ticket);
	}
	return t->n > 0 || nothing(t, err);
}

/* What is wrong by the time it is locked stops none of the others. */
static bool
on_each(struct db *db, void *ctx, GError **err)
{
	struct act *t = ctx;

	t->done = 0;
	if (t->fits == to_close && !deed_begin(db, t->who, "bulk", 0, NULL,
		err))
		return false;
	for (size_t i = 0; i < t->n; i++) {
		int64_t ticket = g_ascii_strtoll(t->tickets[i], NULL, 10), sent;
		struct ticket_locked row = {0};
		bool done;

		if (t->fits == to_close) {
			if (!ticket_lock(db, t->a, ticket, 0, &row, err) ||
			    !notice_close_now(db, t->who, &row, &done, err))
				return false;
		} else {
			if (!notice_remind_now(db, t->s, t->who, ticket,
				&sent, err))
				return false;
			done = sent != DESC_NULL;
		}
		t->done += done;
	}
	return t->done > 0 || nothing(t, err);
}

/* Many are a bulk act, with progress and a button that stops it. */
static bool
on_many(struct db *db, struct act *t, int64_t *bulk, GError **err)
{
	const struct bulk_plan plan = {.act = t->act, .others = true};
	const char *field;

	return bulk_choose(db, t->who, t->tickets, NULL, bulk, err) &&
	    bulk_set_plan(db, t->who, *bulk, &plan, &field, err) &&
	    bulk_run(db, t->s, t->who, *bulk, 0, err);
}

static bool
do_act(struct db *db, struct act *t, int64_t *done, int64_t *bulk,
    GError **err)
{
	*bulk = *done = 0;
	if (!choose(db, t, err))
		return false;
	*done = (int64_t)t->n;
	if (t->n > t->at_once)
		return on_many(db, t, bulk, err);
	if (!db_tx(db, on_each, t, err) || !outbox_kick(db, err))
		return false;
	*done = t->done;
	return true;
}

bool
campaign_remind(struct db *db, const struct site *s, const struct actor *who,
    int64_t id, const char *state, const char *const *ns, int64_t *done,
    int64_t *bulk, GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct act t = {.s = s, .who = who, .a = a, .id = id, .state = state,
	    .ns = ns, .act = "remind", .fits = open,
	    .at_once = BULK_MAIL_AT_ONCE};

	return do_act(db, &t, done, bulk, err);
}

bool
campaign_close(struct db *db, const struct site *s, const struct actor *who,
    int64_t id, const char *state, const char *const *ns, int64_t *done,
    int64_t *bulk, GError **err)
{
	ARENA_AUTO(a, "campaign");
	struct act t = {.s = s, .who = who, .a = a, .id = id, .state = state,
	    .ns = ns, .act = "close", .fits = to_close,
	    .at_once = BULK_AT_ONCE};

	return do_act(db, &t, done, bulk, err);
}
