/* See bounce.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/list/roster.h"
#include "core/outgoing/address.h"
#include "core/outgoing/bounce.h"

#define BOUNCE_HIT(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, address, none)                                             \
	F(S, INT, advisory, none)                                             \
	F(S, INT, ticket, none)                                               \
	F(S, INT, subscriber, none)
DESC_PRIVATE(bounce_hit, BOUNCE_HIT);

#define BOUNCE_ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(bounce_id, BOUNCE_ID);

static const struct actor system_actor = {.name = "bounces"};

/* What the notice says; a mail to a bounce address that is no notice at all
 * (an old mail system's own words) counts as soft. */
struct reason {
	bool failed, hard;
	const char *status, *words;
};

static bool
is_failure(const struct inspect_bounce *b)
{
	/* delayed, delivered, relayed and expanded are none */
	return b->action == NULL || text_ieq(b->action, "failed");
}

static struct reason
read_reason(const struct inspection *in)
{
	struct reason r = {0};

	for (size_t i = 0; i < in->bounces.n; i++) {
		const struct inspect_bounce *b =
		    LIST_AT(inspect_bounce, in->bounces, i);

		if (!is_failure(b))
			continue;
		r.failed = true;
		if (r.status == NULL || (b->hard && !r.hard)) {
			r.status = b->status;
			r.words = b->reason;
		}
		r.hard = r.hard || b->hard;
	}
	if (in->bounces.n == 0 && in->format != NULL &&
	    !text_ieq(in->format, "auto-reply") &&
	    !text_ieq(in->format, "mdn"))
		r.failed = true;
	return r;
}

int64_t
bounce_proven(const struct site *s, const struct inspection *in)
{
	const struct inspect_returned *t = &in->returned;
	int64_t id;

	if (t->envelope_from != NULL &&
	    address_door(s, t->envelope_from, &id, NULL) == DOOR_BOUNCE)
		return id;
	if (address_delivery_of(s, t->message_id, &id))
		return id;
	for (size_t i = 0; in->references != NULL && in->references[i] != NULL;
	     i++)
		if (address_delivery_of(s, in->references[i], &id))
			return id;
	return 0;
}

bool
bounce_complaint(const struct site *s, const struct inspection *in)
{
	return strcmp(in->format, "arf") == 0 && in->events.n > 0 &&
	    bounce_proven(s, in) != 0;
}

/* Marks one delivery; proven: it counts against the subscription too. */
static bool
mark(struct db *db, const struct site *s, int64_t delivery,
    const struct reason *r, bool proven, int64_t message, GError **err)
{
	ARENA_AUTO(a, "bounce");
	struct bounce_hit hit = {0};
	bool found, suspended = false;

	if (!db_opt(db, a, Q_BOUNCE_MARK,
		DB_ARGS(DB_INT(delivery), DB_BOOL(r->hard),
		    DB_TEXT(r->status), DB_TEXT(r->words), DB_INT(message)),
		&desc_bounce_hit, &hit, &found, err))
		return false;
	/* The same notice again, or one about a mail we know nothing of. */
	if (!found)
		return true;
	log_notice("delivery.bounced", LOG_I("delivery", hit.id),
	    LOG_S("to", hit.address), LOG_S("kind", r->hard ? "hard" : "soft"),
	    LOG_S("status", r->status), LOG_S("proof", proven ? "mark" : "none"),
	    LOG_I("message", message));
	if (!audit_write(db, &system_actor, "delivery.bounce",
		hit.ticket == DESC_NULL ? 0 : hit.ticket,
		hit.advisory == DESC_NULL ? 0 : hit.advisory, hit.address,
		NULL,
		arena_printf(a, "%s %s", r->hard ? "hard" : "soft",
		    r->status != NULL ? r->status : ""),
		err))
		return false;
	if (r->hard && hit.ticket != DESC_NULL &&
	    !db_exec(db, Q_BOUNCE_OF_NOTICE, DB_ARGS(DB_INT(hit.ticket)),
		NULL, err))
		return false;
	return !proven || hit.subscriber == DESC_NULL ||
	    roster_bounce(db, s, hit.subscriber, r->hard, &suspended, err);
}

/* Rules 3 and 4 for one recipient; *id is 0 when nobody is found. */
static bool
find(struct db *db, const char *const *ids, const char *recipient,
    int64_t *id, GError **err)
{
	ARENA_AUTO(a, "bounce-find");
	struct bounce_id row = {0};
	struct list rows;
	bool found = false;

	*id = 0;
	if (ids[0] != NULL &&
	    !db_opt(db, a, Q_BOUNCE_BY_MESSAGE,
		DB_ARGS(DB_TEXTS(ids), DB_TEXT(recipient)), &desc_bounce_id,
		&row, &found, err))
		return false;
	if (found) {
		*id = row.id;
		return true;
	}
	if (!db_list(db, a, Q_BOUNCE_BY_RECIPIENT,
		DB_ARGS(DB_TEXT(recipient), DB_INT(BOUNCE_RECENT_DAYS)),
		&desc_bounce_id, &rows, err))
		return false;
	if (rows.n == 1)
		*id = LIST_AT(bounce_id, rows, 0)->id;
	return true;
}

static bool
by_recipients(struct db *db, const struct site *s, const struct inspection *in,
    int64_t message, GError **err)
{
	const char *none[] = {NULL}, *returned[] = {in->returned.message_id,
	    NULL};
	const char *const *ids = returned[0] != NULL ? returned :
	    in->references != NULL ? in->references : none;
	size_t n = MIN(in->bounces.n, BOUNCE_LOOKUPS_MAX);

	for (size_t i = 0; i < n; i++) {
		const struct inspect_bounce *b =
		    LIST_AT(inspect_bounce, in->bounces, i);
		struct reason r = {true, b->hard, b->status, b->reason};
		int64_t id;

		if (!is_failure(b) || b->recipient == NULL)
			continue;
		if (!find(db, ids, b->recipient, &id, err) ||
		    (id != 0 && !mark(db, s, id, &r, false, message, err)))
			return false;
	}
	return true;
}

static bool
complain(struct db *db, const struct site *s, int64_t delivery,
    int64_t message, GError **err)
{
	ARENA_AUTO(a, "complaint");
	struct bounce_hit hit = {0};
	bool found;

	if (!db_opt(db, a, Q_BOUNCE_DELIVERY, DB_ARGS(DB_INT(delivery)),
		&desc_bounce_hit, &hit, &found, err))
		return false;
	if (!found)
		return true;
	log_notice("delivery.complaint", LOG_I("delivery", hit.id),
	    LOG_S("to", hit.address), LOG_I("message", message));
	if (!audit_write(db, &system_actor, "delivery.complaint",
		hit.ticket == DESC_NULL ? 0 : hit.ticket,
		hit.advisory == DESC_NULL ? 0 : hit.advisory, hit.address,
		NULL, NULL, err))
		return false;
	return hit.subscriber == DESC_NULL ||
	    roster_complaint(db, s, hit.subscriber, err);
}

bool
bounce_apply(struct db *db, const struct site *s, int64_t delivery,
    const struct inspection *in, int64_t message, GError **err)
{
	struct reason r;

	if (in == NULL)
		return true;
	if (bounce_complaint(s, in))
		return complain(db, s, bounce_proven(s, in), message, err);
	if (delivery <= 0)
		delivery = bounce_proven(s, in);
	if (delivery <= 0)
		return by_recipients(db, s, in, message, err);
	r = read_reason(in);
	return !r.failed || mark(db, s, delivery, &r, true, message, err);
}
