/*
 * What becomes of a message: doors, trust, threads.  Pure functions, so
 * that every rule can be tried in a table (tests/unit/30-intake-decide.c).
 */
#include "base/base.h"
#include "base/text.h"
#include "core/feed/feed.h"
#include "core/intake/intake_priv.h"
#include "core/outgoing/bounce.h"
#include "core/outgoing/outbox.h"

void
intake_doors(const struct site *s, const struct smtp_envelope *env,
    struct intake_doors *out)
{
	*out = (struct intake_doors){0};
	for (size_t i = 0; i < env->n; i++) {
		int64_t id = 0;
		const char *list = NULL;

		switch (address_door(s, env->rcpts[i], &id, &list)) {
		case DOOR_REPORT:
			out->report = true;
			break;
		case DOOR_TICKET:
			out->ticket = id;
			break;
		case DOOR_BOUNCE:
			out->delivery = id;
			break;
		case DOOR_LEAVE:
			out->subscriber = id;
			break;
		case DOOR_REQUEST:
			out->list = list;
			break;
		case DOOR_NONE:
			break;
		}
	}
}

static bool
is(const struct inspection *in, const char *format)
{
	return strcmp(in->format, format) == 0;
}

static int64_t
known(int64_t n)
{
	return n == DESC_NULL ? 0 : n;
}

/*
 * Our MTA's word that the sender is forged or the mail is spam.  Only hosts
 * that we trust may say so; SPF alone fails for every forwarded mail, so
 * DMARC must have failed too.
 */
static bool
is_junk(const struct smtp_envelope *env, const struct inspection *in)
{
	if (!env->trusted)
		return false;
	if (in->spam)
		return true;
	return in->auth_results != NULL &&
	    strstr(in->auth_results, "spf=fail") != NULL &&
	    strstr(in->auth_results, "dmarc=fail") != NULL;
}

/* The ticket a message belongs to, by the strongest proof it brings. */
static int64_t
thread_of(const struct intake_context *ctx)
{
	if (ctx->token_ticket != DESC_NULL)
		return ctx->token_ticket;
	if (ctx->ref_ticket != DESC_NULL)
		return ctx->ref_ticket;
	if (ctx->claim_known && ctx->claim_ticket != DESC_NULL)
		return ctx->claim_ticket;
	return 0;
}

/* RFC 3834 section 2, and never to ourselves. */
static bool
may_acknowledge(const struct site *s, const struct smtp_envelope *env,
    const struct inspection *in, const struct intake_context *ctx)
{
	return in->may_reply && !in->robot && env->from[0] != '\0' &&
	    outbox_address_ok(env->from) && !address_ours(s, env->from) &&
	    known(ctx->acks) < s->conf->intake_acks_per_hour;
}

void
intake_decide(const struct site *s, const struct smtp_envelope *env,
    const struct intake_doors *doors, const struct inspection *in,
    const struct intake_context *ctx, struct intake_plan *out)
{
	int64_t thread = thread_of(ctx);

	*out = (struct intake_plan){.disposition = "report"};
	if (ctx->duplicate_of != DESC_NULL) {
		out->disposition = "duplicate";
		out->ticket = known(ctx->duplicate_ticket);
		return;
	}
	/* A bounce address takes bounces and robots; a person who writes to
	 * it is read like any other. */
	if (is(in, "dsn") || (is(in, "mdn") && in->bounces.n > 0)) {
		out->disposition = "bounce";
		out->delivery = doors->delivery != 0 ? doors->delivery
						     : bounce_proven(s, in);
		out->ticket = thread;
		return;
	}
	/* A complaint about our own list is no report of abuse. */
	if (bounce_complaint(s, in)) {
		out->disposition = "bounce";
		out->delivery = bounce_proven(s, in);
		out->ticket = thread;
		return;
	}
	if (is(in, "auto-reply") || is(in, "mdn")) {
		out->disposition = "robot";
		out->ticket = thread;
		return;
	}
	if (doors->subscriber != 0 || doors->list != NULL) {
		out->disposition = in->robot ? "robot" : "command";
		if (!in->robot) {
			out->subscriber = doors->subscriber;
			out->list = doors->list;
		}
		return;
	}
	/* No person writes from nobody to the address where a mail of ours
	 * comes back: in whatever words, it came back. */
	if (doors->delivery != 0 && env->from[0] == '\0') {
		out->disposition = "bounce";
		out->delivery = doors->delivery;
		out->ticket = thread;
		return;
	}
	/* A keyed address or one of our Message-IDs proves that the writer
	 * has our mail: that outweighs what a filter thinks of the sender. */
	if (thread != 0 &&
	    (ctx->token_ticket != DESC_NULL || ctx->ref_ticket != DESC_NULL)) {
		out->disposition = "reply";
		out->ticket = thread;
		return;
	}
	if (is_junk(env, in)) {
		out->disposition = "junk";
		return;
	}
	if (thread != 0) {
		out->disposition = "reply";
		out->ticket = thread;
		return;
	}
	/* Nobody waits for an answer to these, and none is a report. */
	if (feed_is(s, in)) {
		out->disposition = "feed";
		return;
	}
	if (is(in, "dmarc-aggregate")) {
		out->disposition = "filed";
		return;
	}
	/* Another's ticket system that answers to a number of ours, from an
	 * address we do not know: not a report, and not to be believed.  One
	 * that gives its own number may quote our Subject, which names the
	 * address. */
	if (in->subject_number != DESC_NULL && in->robot &&
	    is(in, "plain") &&
	    (in->events.n == 0 || in->their_ref != NULL)) {
		out->disposition = "robot";
		return;
	}
	if (in->subject_number != DESC_NULL)
		out->claims = in->subject_number;
	out->ack = may_acknowledge(s, env, in, ctx);
	if (out->ack)
		out->ack_to = env->from;
}
