/* See intake.h: the path of a mail. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/bounce.h"
#include "core/feed.h"
#include "core/intake_priv.h"
#include "core/roster.h"
#include "core/zone_rule.h"

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

bool
intake_ask(struct db *db, const struct site *s, struct arena *a,
    const struct intake_doors *doors, const struct smtp_envelope *env,
    const struct inspection *in, struct intake_context *ctx, GError **err)
{
	/* Rows of feeds have thousands of addresses: see feed_take(). */
	struct event_arrays ev = arrays_of(a,
	    feed_is(s, in) ? &(struct list){0} : &in->events);

	return db_one(db, a, Q_INTAKE_CONTEXT,
	    DB_ARGS(DB_TEXT(in->digest),
		DB_INT(s->conf->intake_duplicate_days),
		DB_INT(doors->ticket != 0 ? doors->ticket : DESC_NULL),
		DB_TEXTS(in->references), DB_INT(in->subject_number),
		/* what a host that we do not trust says of itself proves
		 * nothing */
		DB_TEXT(in->from),
		DB_TEXT(env->trusted ? in->auth_domain : NULL),
		DB_TEXTS(ev.ips), DB_TEXTS(ev.times), DB_TEXTS(ev.domains),
		DB_INT(s->conf->intake_acks_per_hour),
		/* not From: that may be another one in every mail */
		DB_TEXT(env->from), DB_TEXTS(ev.types), DB_TEXTS(ev.ports)),
	    &desc_intake_context, ctx, err);
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

/* A command, a bounce or a feed does more than to be stored. */
struct after {
	struct db *db;
	const struct site *s;
	struct arena *a;
	const struct smtp_envelope *env;
	const void *bytes;
	size_t len;
	const struct inspection *in;
	const struct intake_context *ctx;
	const struct intake_plan *plan;
	struct intake_result *out;
};

static bool
store_and_act(struct db *db, void *p, GError **err)
{
	struct after *t = p;
	const struct intake_plan *plan = t->plan;

	if (!intake_store(db, t->s, t->a, t->env, t->bytes, t->len, t->in,
		t->ctx, plan, NULL, t->out, err))
		return false;
	if (strcmp(t->out->disposition, "duplicate") == 0)
		return true;
	if (strcmp(plan->disposition, "bounce") == 0)
		return bounce_apply(db, t->s, plan->delivery, t->in,
		    t->out->message, err);
	if (strcmp(plan->disposition, "feed") == 0)
		return feed_take(db, t->s, t->out->message, t->in, err);
	if (plan->subscriber != 0)
		return roster_leave(db, t->s, plan->subscriber, "mail", err);
	if (plan->list != NULL && t->in->from != NULL)
		return roster_command(db, t->s, t->in->from, plan->list,
		    t->in->subject, t->in->text, err);
	return true;
}

bool
intake_mail(struct db *db, const struct site *s, struct arena *a,
    const struct smtp_envelope *env, struct blob *body,
    const struct inspection *in, const char *how, struct intake_result *out,
    GError **err)
{
	struct inspection unread;
	struct intake_doors doors;
	struct intake_context ctx;
	struct intake_plan plan;
	const void *bytes = blob_bytes(body);
	size_t len = blob_len(body);
	struct intake_new fresh = {.how = how, .priority = 2};
	bool ok;

	if (in == NULL) {
		unparsed(a, env, bytes, len, &unread);
		in = &unread;
	}
	intake_doors(s, env, &doors);
	if (!zone_rule_apply(db, a, in, &in, &fresh.zone_name, err) ||
	    !intake_ask(db, s, a, &doors, env, in, &ctx, err))
		return false;
	intake_decide(s, env, &doors, in, &ctx, &plan);
	if (strcmp(plan.disposition, "bounce") == 0 ||
	    strcmp(plan.disposition, "command") == 0 ||
	    strcmp(plan.disposition, "feed") == 0 || len > INTAKE_CHUNK) {
		struct after t = {db, s, a, env, bytes, len, in, &ctx, &plan,
		    out};

		if (strcmp(plan.disposition, "report") == 0) {
			ok = intake_store(db, s, a, env, bytes, len, in, &ctx,
			    &plan, &fresh, out, err);
		} else {
			ok = db_tx(db, store_and_act, &t, err);
		}
	} else {
		ok = intake_store(db, s, a, env, bytes, len, in, &ctx, &plan,
		    &fresh, out, err);
	}
	if (!ok)
		return false;
	log_info("intake.stored", LOG_I("message", out->message),
	    LOG_S("disposition", out->disposition),
	    LOG_I("ticket", out->ticket), LOG_S("format", in->format),
	    LOG_I("events", (int64_t)in->events.n),
	    LOG_I("size", (int64_t)len), LOG_S("client", env->client),
	    LOG_S("from", env->from));
	return true;
}
