/* See intake.h: the path of a mail. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/feed/feed.h"
#include "core/intake/intake_priv.h"
#include "core/intake/zone_rule.h"
#include "core/list/roster.h"
#include "core/notice/notice.h"
#include "core/outgoing/bounce.h"

DESC_TABLE(intake_context, INTAKE_CONTEXT);

/* What a look-up needs to know of events, as arrays of the same length;
 * an absent one is the empty string, which SQL turns into NULL. */
struct event_arrays {
	const char **ips, **times, **domains, **types, **ports;
};

static struct event_arrays
arrays_of(struct arena *a, const struct list *events)
{
	struct event_arrays r;

	r.ips = ARENA_ARRAY(a, const char *, events->n + 1);
	r.times = ARENA_ARRAY(a, const char *, events->n + 1);
	r.domains = ARENA_ARRAY(a, const char *, events->n + 1);
	r.types = ARENA_ARRAY(a, const char *, events->n + 1);
	r.ports = ARENA_ARRAY(a, const char *, events->n + 1);
	for (size_t i = 0; i < events->n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, *events, i);

		r.ips[i] = e->source_ip != NULL ? e->source_ip : "";
		r.times[i] =
		    e->time != DESC_NULL ? when_rfc3339(a, e->time) : "";
		r.domains[i] =
		    e->domain != NULL ? text_lower(a, e->domain) : "";
		r.types[i] = e->type != NULL ? e->type : "";
		r.ports[i] = e->destination_port != DESC_NULL
		    ? arena_printf(a, "%" PRId64, e->destination_port)
		    : "";
	}
	return r;
}

/* The mails that a message says it belongs to: what it answers, and what a
 * report brings back. */
static const char *const *
ids_of(struct arena *a, const struct inspection *in)
{
	size_t n = 0;
	const char **ids;

	if (in->returned.message_id == NULL || strcmp(in->format, "arf") == 0)
		return in->references;
	while (in->references != NULL && in->references[n] != NULL)
		n++;
	ids = ARENA_ARRAY(a, const char *, n + 2);
	if (n > 0)
		memcpy(ids, in->references, n * sizeof(*ids));
	ids[n] = in->returned.message_id;
	return ids;
}

bool
intake_ask(struct db *db, struct intake_job *const *jobs, size_t n,
    GError **err)
{
	const struct conf *c = jobs[0]->s->conf;
	struct arena *a = jobs[0]->a;
	struct db_args rows[INTAKE_TOGETHER_MAX];
	struct list found;

	for (size_t i = 0; i < n; i++) {
		const struct intake_job *j = jobs[i];
		const struct inspection *in = j->in;
		/* Rows of feeds have thousands of addresses: feed_take(). */
		struct event_arrays ev = arrays_of(a, feed_is(j->s, in)
			? &(struct list){0} : &in->events);
		const struct db_arg args[] = {
		    DB_TEXT(in->digest),
		    DB_INT(j->doors.ticket != 0 ? j->doors.ticket : DESC_NULL),
		    DB_TEXTS(ids_of(a, in)), DB_INT(in->subject_number),
		    DB_TEXT(in->from),
		    /* what a host that we do not trust says of itself proves
		     * nothing */
		    DB_TEXT(j->env->trusted ? in->auth_domain : NULL),
		    DB_TEXTS(ev.ips), DB_TEXTS(ev.times), DB_TEXTS(ev.domains),
		    /* not From: that may be another one in every mail */
		    DB_TEXT(j->env->from), DB_TEXTS(ev.types),
		    DB_TEXTS(ev.ports),
		};

		rows[i].v = arena_memdup(a, args, sizeof(args));
		rows[i].n = COUNT_OF(args);
	}
	if (!db_each(db, a, Q_INTAKE_CONTEXT,
		DB_ARGS(DB_INT(c->intake_duplicate_days),
		    DB_INT(c->intake_acks_per_hour)),
		rows, n, &desc_intake_context, &found, err))
		return false;
	g_assert(found.n == n);
	for (size_t i = 0; i < n; i++) {
		struct intake_context *x = LIST_AT(intake_context, found, i);

		jobs[x->n - 1]->ctx = *x;
	}
	return true;
}

/* What is known of a message that no child could read. */
static void
unparsed(struct arena *a, const struct smtp_envelope *env, const void *bytes,
    size_t len, struct inspection *in)
{
	static const char *const none[] = {NULL};

	*in = (struct inspection){
	    .format = "unparsed",
	    .robot = true, /* unknown: so no machine answers */
	    .subject = "(this message could not be read)",
	    .sha256 = text_sha256(a, bytes, len),
	    .size = (int64_t)len,
	    .date = DESC_NULL,
	    .subject_number = DESC_NULL,
	    .references = none,
	};
	in->digest = in->sha256;
	if (text_address_ok(env->from))
		in->from = text_address_norm(a, env->from);
}

/* May it be the answer to a notice of ours? */
static bool
on_thread(const struct intake_plan *p)
{
	return p->ticket != 0 && (strcmp(p->disposition, "reply") == 0 ||
	    strcmp(p->disposition, "robot") == 0);
}

/* (Of what could not be read, a person has to say who wrote it.) */
static bool
from_robot(const struct intake_job *j)
{
	return strcmp(j->plan.disposition, "robot") == 0 ||
	    (j->in->robot && strcmp(j->in->format, "unparsed") != 0);
}

/* Whose word it is: of the domain that our mail server vouches for.  Where it
 * vouches for none (conf smtp_authserv_ids), of what From says: the mail got
 * on the thread by its address or its Message-ID, which those have whom we
 * wrote to. */
static const char *
proven_domain(const struct intake_job *j)
{
	const char *const *ids = j->s->conf->smtp_authserv_ids;

	if (ids != NULL && *ids != NULL)
		return j->env->trusted ? j->in->auth_domain : NULL;
	return j->in->from != NULL && strchr(j->in->from, '@') != NULL ?
		strrchr(j->in->from, '@') + 1 : NULL;
}

/* A command, a bounce, a feed or an answer does more than to be stored. */
static bool
store_and_act(struct db *db, void *p, GError **err)
{
	const struct intake_job *j = p;
	const struct intake_plan *plan = &j->plan;

	if (!intake_store(db, j, err))
		return false;
	if (strcmp(j->out->disposition, "duplicate") == 0)
		return true;
	if (strcmp(plan->disposition, "bounce") == 0)
		return bounce_apply(db, j->s, plan->delivery, j->in,
		    j->out->message, err);
	if (strcmp(plan->disposition, "feed") == 0)
		return feed_take(db, j->s, j->out->message, j->in, err);
	if (on_thread(plan) && j->out->ticket != 0) {
		const struct notice_heard m = {.ticket = j->out->ticket,
		    .message = j->out->message, .answers = j->ctx.ref_message,
		    .robot = from_robot(j), .text = j->in->text,
		    .proven = proven_domain(j)};

		return notice_heard(db, j->s, &m, err);
	}
	if (plan->subscriber != 0)
		return roster_leave(db, j->s, plan->subscriber, "mail", err);
	if (plan->list != NULL && j->in->from != NULL)
		return roster_command(db, j->s, j->in->from, plan->list,
		    j->in->subject, j->in->text, err);
	return true;
}

static bool
does_more(const struct intake_plan *p)
{
	return strcmp(p->disposition, "bounce") == 0 ||
	    strcmp(p->disposition, "command") == 0 ||
	    strcmp(p->disposition, "feed") == 0 || on_thread(p);
}

static void
log_stored(const struct intake_job *j)
{
	log_info("intake.stored", LOG_I("message", j->out->message),
	    LOG_S("disposition", j->out->disposition),
	    LOG_I("ticket", j->out->ticket), LOG_S("format", j->in->format),
	    LOG_I("events", (int64_t)j->in->events.n),
	    LOG_I("size", (int64_t)j->len), LOG_S("client", j->env->client),
	    LOG_S("from", j->env->from));
}

static void
store_one(struct db *db, struct intake_item *t, struct intake_job *j)
{
	bool ok = does_more(&j->plan) ? db_tx(db, store_and_act, j, &t->err)
				      : intake_store(db, j, &t->err);

	if (ok)
		log_stored(j);
}

static bool
job_of(struct db *db, const struct site *s, struct intake_item *t,
    struct intake_job *j)
{
	*j = (struct intake_job){
	    .s = s, .a = t->a, .env = t->env, .in = t->in, .out = &t->out,
	    .bytes = blob_bytes(t->body), .len = blob_len(t->body),
	    .fresh = {.how = t->how, .priority = 2},
	};
	if (t->in == NULL) {
		struct inspection *unread = ARENA_NEW(t->a, struct inspection);

		unparsed(t->a, t->env, j->bytes, j->len, unread);
		j->in = unread;
	}
	intake_doors(s, t->env, &j->doors);
	return zone_rule_apply(db, t->a, j->in, &j->in, &j->fresh.zone_name,
	    &t->err);
}

/* The reports among them by one statement, if there are several; what that
 * did not store is left for store_one(). */
static bool
store_together(struct db *db, struct intake_job *const *jobs, size_t n,
    bool *stored)
{
	const struct intake_job *some[INTAKE_TOGETHER_MAX];
	size_t of[INTAKE_TOGETHER_MAX], k = 0;
	g_autoptr(GError) why = NULL;

	for (size_t i = 0; i < n; i++)
		if (strcmp(jobs[i]->plan.disposition, "report") == 0 &&
		    jobs[i]->len <= INTAKE_CHUNK) {
			of[k] = i;
			some[k++] = jobs[i];
		}
	if (k < 2)
		return true;
	if (!intake_store_reports(db, some, k, &why)) {
		/* Not known whether they are there: then nobody stores them
		 * again without being asked to. */
		log_fault("intake.together", why);
		return !fault_is(why, FAULT_UNSURE);
	}
	for (size_t i = 0; i < k; i++)
		if (some[i]->out->message != 0) {
			stored[of[i]] = true;
			log_stored(some[i]);
		}
	return true;
}

void
intake_mails(struct db *db, const struct site *s,
    struct intake_item *const *items, size_t n)
{
	struct intake_job own[INTAKE_TOGETHER_MAX], *jobs[INTAKE_TOGETHER_MAX];
	struct intake_item *of[INTAKE_TOGETHER_MAX];
	bool stored[INTAKE_TOGETHER_MAX] = {false}, sure = true;
	size_t m = 0;
	g_autoptr(GError) why = NULL;

	g_assert(n > 0 && n <= INTAKE_TOGETHER_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!job_of(db, s, items[i], &own[m]))
			continue; /* this one has its error */
		of[m] = items[i];
		jobs[m] = &own[m];
		m++;
	}
	if (m == 0)
		return;
	n = m;
	items = of;
	if (!intake_ask(db, jobs, n, &why)) {
		/* Whose fault it was only shows when each asks alone. */
		if (n == 1)
			items[0]->err = g_steal_pointer(&why);
		else
			for (size_t i = 0; i < n; i++)
				intake_mails(db, s, &items[i], 1);
		return;
	}
	for (size_t i = 0; i < n; i++)
		intake_decide(s, own[i].env, &own[i].doors, own[i].in,
		    &own[i].ctx, &own[i].plan);
	if (n > 1)
		sure = store_together(db, jobs, n, stored);
	for (size_t i = 0; i < n; i++) {
		if (stored[i])
			continue;
		if (sure || does_more(&own[i].plan))
			store_one(db, items[i], &own[i]);
		else
			fault_set(&items[i]->err, FAULT_UNSURE,
			    "The connection to the database broke off while "
			    "this was being stored.");
	}
}

bool
intake_mail(struct db *db, const struct site *s, struct arena *a,
    const struct smtp_envelope *env, struct blob *body,
    const struct inspection *in, const char *how, struct intake_result *out,
    GError **err)
{
	struct intake_item item = {.a = a, .env = env, .body = body, .in = in,
	    .how = how}, *one = &item;

	intake_mails(db, s, &one, 1);
	if (item.err != NULL) {
		g_propagate_error(err, item.err);
		return false;
	}
	*out = item.out;
	return true;
}
