/* One batch: claim, sessions, verdicts.  See sender.h and core/outgoing/ledger.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/when.h"
#include "core/outgoing/address.h"
#include "jobs/sender_priv.h"

enum { LAND_TRIES_STOPPING = 3, BODY_KEEP = 1024 * 1024 };

/* One session over a piece of the batch. */
struct run {
	struct worker *w;
	struct arena *a;   /* of the session */
	struct arena *own; /* of the message in hand */
	const struct ledger_row *rows;
	size_t n, marked;  /* rows below are marked `handing` */
	bool granted[SEND_MESSAGES_MAX];
	GString *block;
	bool broken;       /* the database failed: no more messages */
	int64_t began;     /* ticks when the message in hand was given */
};

static const struct ledger_verdict *
verdicts(const GArray *list)
{
	return (const struct ledger_verdict *)(const void *)list->data;
}

bool
worker_flush(struct worker *w, struct db *db, GError **err)
{
	size_t n = w->pending->len;

	if (n == 0)
		return true;
	if (!ledger_verdicts(db, w->sender->site, w->by,
		verdicts(w->pending), n, err))
		return false;
	ledger_turn(db, verdicts(w->pending), n);
	g_array_set_size(w->pending, 0); /* frees the replies */
	return true;
}

/* Waits for the verdicts under way.  They are the truth, and nobody else
 * knows it: they are written before anything else happens, however long the
 * database is away. */
static void
land(struct worker *w)
{
	bool ok = w->flight->len == 0;
	g_autoptr(GError) why = NULL;

	if (w->flying)
		ok = db_collect(w->scribe, NULL, &why);
	w->flying = false;
	for (int tries = 1; !ok; tries++) {
		g_autoptr(GError) err = NULL;

		ok = ledger_verdicts(w->scribe, w->sender->site, w->flight_by,
		    verdicts(w->flight), w->flight->len, &err);
		if (ok)
			break;
		log_fault("delivery.unwritten", err);
		if (sender_stopping(w->sender) &&
		    tries >= LAND_TRIES_STOPPING) {
			log_error("delivery.forgotten",
			    LOG_I("verdicts", w->flight->len));
			break;
		}
		g_usleep(G_USEC_PER_SEC);
	}
	if (ok)
		ledger_turn(w->scribe, verdicts(w->flight), w->flight->len);
	g_array_set_size(w->flight, 0); /* frees the replies */
}

/* Sends what is pending on its way to the disk, after what went before it
 * has arrived: so never more than one group is neither written nor under
 * way. */
static void
launch(struct worker *w)
{
	g_autoptr(GError) err = NULL;
	GArray *empty;

	land(w);
	g_mutex_lock(&w->lock);
	empty = w->flight;
	w->flight = w->pending;
	w->pending = empty;
	g_strlcpy(w->flight_by, w->by, sizeof(w->flight_by));
	g_mutex_unlock(&w->lock);
	if (w->flight->len == 0)
		return;
	w->flying = ledger_verdicts_send(w->scribe, w->sender->site,
	    w->flight_by, verdicts(w->flight), w->flight->len, &err);
	/* Not even sent: then nothing else may go on before it. */
	if (!w->flying) {
		log_fault("delivery.unwritten", err);
		land(w);
	}
}

void
worker_settle(struct worker *w)
{
	launch(w);
	land(w);
}

/* The next group.  Its mark follows the verdicts of the one before, so never
 * more than one group is handed over with neither. */
static bool
mark_group(struct run *r, GError **err)
{
	struct worker *w = r->w;
	size_t n = MIN(r->n - r->marked, (size_t)LEDGER_GROUP);
	int64_t ids[LEDGER_GROUP];

	launch(w);
	for (size_t i = 0; i < n; i++)
		ids[i] = r->rows[r->marked + i].id;
	if (!ledger_hand(w->db, w->by, ids, n, r->granted + r->marked, err))
		return false;
	r->marked += n;
	return true;
}

static bool
load_body(struct worker *w, const struct ledger_row *row, GError **err)
{
	if (w->body_of == row->message)
		return true;
	w->body_of = 0;
	/* A large mail must not be kept by a thread that rests. */
	if (w->body->len > BODY_KEEP) {
		g_byte_array_unref(w->body);
		w->body = g_byte_array_new();
	}
	g_byte_array_set_size(w->body, 0);
	if (!ledger_load(w->db, row->message, w->body, err))
		return false;
	if ((int64_t)w->body->len != row->size)
		return fault_set(err, FAULT_BUG,
		    "Message %" PRId64 " has %u of its %" PRId64 " bytes.",
		    row->message, w->body->len, row->size);
	w->body_of = row->message;
	return true;
}

static bool
give(void *ctx, size_t i, struct send_part parts[SEND_PARTS])
{
	struct run *r = ctx;
	const struct ledger_row *row = &r->rows[i];
	g_autoptr(GError) err = NULL;

	if (i >= r->marked) {
		/* Those between were refused without being asked for.  They
		 * must not be in the mark: their verdict is in the same
		 * statement, and a row can be changed only once in one. */
		r->marked = i;
		if (!mark_group(r, &err))
			goto fail;
	}
	if (!r->granted[i]) {
		log_notice("delivery.taken", LOG_I("delivery", row->id));
		return false;
	}
	arena_free(r->own);
	r->own = arena_new("delivery");
	if (!load_body(r->w, row, &err))
		goto fail;
	parts[0] = parts[1] = (struct send_part){NULL, 0};
	if (row->advisory > 0) {
		if (!sender_block(r->own, r->w->sender->site, row,
			r->w->list_blocks, r->block, &err))
			goto fail;
		parts[0] = (struct send_part){r->block->str, r->block->len};
	}
	parts[1] = (struct send_part){r->w->body->data, r->w->body->len};
	r->began = when_ticks();
	return true;
fail:
	log_fault("delivery.withheld", err);
	r->broken = true;
	return false;
}

/* What the relay said becomes what the ledger keeps. */
static const struct {
	enum ledger_outcome outcome;
	enum log_level level;
	const char *event;
} translate[] = {
    [SEND_UNTRIED] = {LEDGER_QUEUED, LOG_DEBUG, "delivery.untried"},
    [SEND_SENT] = {LEDGER_SENT, LOG_INFO, "delivery.sent"},
    [SEND_DEFERRED] = {LEDGER_DEFERRED, LOG_NOTICE, "delivery.deferred"},
    [SEND_REFUSED] = {LEDGER_REFUSED, LOG_NOTICE, "delivery.refused"},
    [SEND_UNSURE] = {LEDGER_UNSURE, LOG_WARNING, "delivery.unsure"},
};

static void
verdict(void *ctx, size_t i, const struct send_verdict *v)
{
	struct run *r = ctx;
	struct worker *w = r->w;
	const struct ledger_row *row = &r->rows[i];
	struct ledger_verdict p = {
	    .id = row->id,
	    .outcome = translate[v->outcome].outcome,
	    .code = v->code,
	};
	int64_t now = when_ticks();
	bool late;

	log_at(translate[v->outcome].level, translate[v->outcome].event,
	    LOG_I("delivery", row->id), LOG_S("to", row->address),
	    LOG_I("code", v->code), LOG_S("reply", v->reply),
	    LOG_I("ms", r->began != 0 ? (now - r->began) / 1000 : 0));
	r->began = 0;
	/* What was neither marked nor tried goes back with the batch. */
	if (v->outcome == SEND_UNTRIED && i >= r->marked) {
		g_array_append_val(w->untried, row->id);
		return;
	}
	if (p.outcome == LEDGER_DEFERRED || p.outcome == LEDGER_UNSURE)
		p.delay = ledger_delay(w->sender->site->conf, row->attempts);
	p.reply = g_strdup(v->reply);
	g_mutex_lock(&w->lock);
	late = w->pending->len > 0 &&
	    (now - w->oldest > LEDGER_FLUSH_MS * 1000 ||
		w->pending->len >= LEDGER_GROUP);
	g_mutex_unlock(&w->lock);
	if (late)
		launch(w);
	g_mutex_lock(&w->lock);
	if (w->pending->len == 0)
		w->oldest = now;
	g_array_append_val(w->pending, p);
	g_mutex_unlock(&w->lock);
}

static bool
stop(void *ctx)
{
	struct run *r = ctx;

	return r->broken || sender_stopping(r->w->sender);
}

static bool
run_session(struct worker *w, const struct ledger_row *rows, size_t n,
    bool *broken, GError **err)
{
	const struct site *s = w->sender->site;
	ARENA_AUTO(a, "session");
	struct run r = {.w = w, .a = a, .rows = rows, .n = n};
	struct send_calls calls = {.ctx = &r, .give = give,
	    .verdict = verdict, .stop = stop, .line = &w->line};
	struct send_message *m = ARENA_ARRAY(a, struct send_message, n);
	bool ok;

	r.block = arena_gstring(a);
	for (size_t i = 0; i < n; i++)
		m[i] = (struct send_message){
		    .from = rows[i].null_sender
			? "" : address_bounce(a, s, rows[i].id),
		    .to = rows[i].address,
		    .size = (size_t)rows[i].size,
		};
	ok = send_session(w->sender->send, m, n, &calls, err);
	arena_free(r.own);
	*broken = r.broken;
	return ok;
}

static void
batch_begin(struct worker *w)
{
	g_mutex_lock(&w->lock);
	g_snprintf(w->by, sizeof(w->by), "%s:%u:%u", w->sender->name,
	    w->index, ++w->batches);
	g_mutex_unlock(&w->lock);
}

static void
batch_forget(struct worker *w)
{
	g_mutex_lock(&w->lock);
	w->by[0] = '\0';
	g_mutex_unlock(&w->lock);
}

/* Gives back what was not tried; all: the whole batch, of which we know
 * nothing.  A database that breaks off is asked again: nobody's mail shall
 * wait for a lease that nobody needs. */
static void
give_back(struct worker *w, bool all, const char *why)
{
	int64_t end = when_ticks() +
	    w->sender->site->conf->sender_lease * WHEN_SECOND;

	for (int tries = 1;; tries++) {
		g_autoptr(GError) err = NULL;

		if (all ? ledger_disclaim(w->db, w->by, &err)
			: ledger_release(w->db, w->by,
			      (const int64_t *)(void *)w->untried->data,
			      w->untried->len, why, &err))
			break;
		if (tries == 1)
			log_fault("delivery.unreleased", err);
		/* (Now the lease frees them.) */
		if (when_ticks() > end || (sender_stopping(w->sender) &&
		    tries >= LAND_TRIES_STOPPING))
			break;
		g_usleep(G_USEC_PER_SEC);
	}
}

static void
batch_end(struct worker *w, const char *why)
{
	launch(w);
	give_back(w, false, why);
	batch_forget(w);
	if (w->body->len > BODY_KEEP) {
		g_byte_array_unref(w->body);
		w->body = g_byte_array_new();
		w->body_of = 0;
	}
}

bool
worker_batch(struct worker *w, int64_t limit, size_t *claimed, GError **err)
{
	const struct site *s = w->sender->site;
	size_t piece = (size_t)s->conf->sender_session_messages;
	ARENA_AUTO(a, "batch");
	g_autofree char *why = NULL;
	struct list rows;
	size_t at = 0;
	bool broken = false;

	w->db = db_take(w->sender->pool);
	g_array_set_size(w->untried, 0);
	batch_begin(w);
	if (!ledger_claim(w->db, a, s, w->by, limit, &rows, err)) {
		/* It may have been made, and only its answer been lost. */
		give_back(w, true, NULL);
		batch_forget(w);
		db_put(w->db);
		return false;
	}
	for (; at < rows.n && !broken && !sender_stopping(w->sender) &&
	     why == NULL; at += piece) {
		g_autoptr(GError) lost = NULL;

		if (run_session(w, LIST_AT(ledger_row, rows, at),
			MIN(piece, rows.n - at), &broken, &lost)) {
			sender_relay_found(w->sender);
		} else {
			sender_relay_lost(w->sender, lost);
			why = g_strdup(lost->message);
		}
	}
	for (; at < rows.n; at++)
		g_array_append_val(w->untried,
		    LIST_AT(ledger_row, rows, at)->id);
	if (rows.n > 0) {
		batch_end(w, why);
	} else {
		batch_forget(w);
	}
	db_put(w->db);
	w->db = NULL;
	*claimed = rows.n;
	return true;
}
