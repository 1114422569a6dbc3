/* See bounce.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/address.h"
#include "core/audit.h"
#include "core/bounce.h"
#include "core/roster.h"

#define BOUNCE_HIT(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, address, none)                                             \
	F(S, INT, advisory, none)                                             \
	F(S, INT, ticket, none)                                               \
	F(S, INT, subscriber, none)
DESC_PRIVATE(bounce_hit, BOUNCE_HIT);

/* What the notice says; a mail to a bounce address that is no notice at all
 * (an old mail system's own words) counts as soft. */
struct reason {
	bool failed, hard;
	const char *status;
};

static struct reason
read_reason(const struct inspection *in)
{
	struct reason r = {0};

	for (size_t i = 0; i < in->bounces.n; i++) {
		const struct inspect_bounce *b =
		    LIST_AT(inspect_bounce, in->bounces, i);

		/* delayed, delivered, relayed and expanded are no failures */
		if (b->action != NULL && !text_ieq(b->action, "failed"))
			continue;
		r.failed = true;
		if (r.status == NULL || (b->hard && !r.hard))
			r.status = b->status;
		r.hard = r.hard || b->hard;
	}
	if (in->bounces.n == 0 && in->format != NULL &&
	    !text_ieq(in->format, "auto-reply") &&
	    !text_ieq(in->format, "mdn"))
		r.failed = true;
	return r;
}

static int64_t
by_message_id(const struct site *s, const struct inspection *in)
{
	int64_t id;

	for (size_t i = 0; in->references != NULL && in->references[i] != NULL;
	     i++)
		if (address_delivery_of(s, in->references[i], &id))
			return id;
	return 0;
}

bool
bounce_apply(struct db *db, const struct site *s, int64_t delivery,
    const struct inspection *in, int64_t message, GError **err)
{
	static const struct actor system = {.name = "bounces"};
	ARENA_AUTO(a, "bounce");
	struct reason r;
	struct bounce_hit hit;
	bool found, suspended = false;

	if (in == NULL)
		return true;
	r = read_reason(in);
	if (delivery <= 0)
		delivery = by_message_id(s, in);
	if (!r.failed || delivery <= 0)
		return true;
	if (!db_opt(db, a, Q_BOUNCE_MARK,
		DB_ARGS(DB_INT(delivery), DB_BOOL(r.hard)), &desc_bounce_hit,
		&hit, &found, err))
		return false;
	/* The same notice again, or one about a mail we know nothing of. */
	if (!found)
		return true;
	log_notice("delivery.bounced", LOG_I("delivery", hit.id),
	    LOG_S("to", hit.address), LOG_S("kind", r.hard ? "hard" : "soft"),
	    LOG_S("status", r.status), LOG_I("message", message));
	if (!audit_write(db, &system, "delivery.bounce",
		hit.ticket == DESC_NULL ? 0 : hit.ticket,
		hit.advisory == DESC_NULL ? 0 : hit.advisory, hit.address,
		NULL,
		arena_printf(a, "%s %s", r.hard ? "hard" : "soft",
		    r.status != NULL ? r.status : ""),
		err))
		return false;
	return hit.subscriber == DESC_NULL ||
	    roster_bounce(db, s, hit.subscriber, r.hard, &suspended, err);
}
