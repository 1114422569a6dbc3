/* "Look up again": see constituency.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/member/constituency.h"
#include "core/ticket/ticket_priv.h"

enum { AGAIN_PAGE = 1000, AGAIN_EVENTS_MAX = 100000 };

#define AGAIN_EVENT(F, S)                                                     \
	CONSTITUENCY_FOUND(F, S)                                              \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, source_ip, none)                                           \
	F(S, TEXT, domain, none)                                              \
	F(S, TIME, time, none)                                                \
	F(S, TEXT, old_verdict, none)                                         \
	F(S, TEXT, old_reason, none)                                          \
	F(S, INT, old_organisation, none)                                     \
	F(S, TEXT, old_prefix, none)                                          \
	F(S, INT, old_scanner, none)
DESC_PRIVATE(again_event, AGAIN_EVENT);

struct again {
	const struct actor *who;
	struct arena *a;
	int64_t ticket, version, changed;
};

static bool
event_again(struct db *db, struct again *t, const struct again_event *e,
    GError **err)
{
	struct constituency_found found = {0};
	struct constituency_verdict v = {0};
	struct constituency_asked asked = {
	    .ip = e->source_ip,
	    .domain = e->domain,
	    .when = e->time != DESC_NULL ? "at the time of the event"
					 : "when the report came in",
	};

	desc_copy(&desc_again_event, e, &desc_constituency_found, &found);
	constituency_judge(t->a, &found, &asked, &v);
	if (strcmp(v.verdict, e->old_verdict) == 0 &&
	    v.organisation_id == e->old_organisation &&
	    g_strcmp0(v.prefix, e->old_prefix) == 0 &&
	    found.scanner == e->old_scanner)
		return true;
	t->changed++;
	return db_exec(db, Q_TICKET_EVENT_VERDICT,
		   DB_ARGS(DB_INT(e->id), DB_TEXT(v.verdict),
		       DB_TEXT(v.reason), DB_INT(v.organisation_id),
		       DB_TEXT(v.prefix), DB_INT(found.scanner)),
		   NULL, err) &&
	    audit_write(db, t->who, "event.lookup", t->ticket, 0,
		arena_printf(t->a, "event %" PRId64 " %s", e->id,
		    e->source_ip != NULL ? e->source_ip
			: e->domain != NULL ? e->domain : ""),
		arena_printf(t->a, "%s: %s", e->old_verdict, e->old_reason),
		arena_printf(t->a, "%s: %s", v.verdict, v.reason), err);
}

static bool
again(struct db *db, void *p, GError **err)
{
	struct again *t = p;
	struct ticket_locked row = {0};
	int64_t last = 0;
	size_t seen = 0;

	t->changed = 0;
	if (!ticket_lock(db, t->a, t->ticket, t->version, &row, err))
		return false;
	for (;;) {
		struct list events;

		if (!db_list(db, t->a, Q_TICKET_LOOK_AGAIN,
			DB_ARGS(DB_INT(t->ticket), DB_INT(last)),
			&desc_again_event, &events, err))
			return false;
		for (size_t i = 0; i < events.n; i++) {
			const struct again_event *e =
			    LIST_AT(again_event, events, i);

			if (!event_again(db, t, e, err))
				return false;
			last = e->id;
		}
		seen += events.n;
		if (events.n < AGAIN_PAGE || seen >= AGAIN_EVENTS_MAX)
			break;
	}
	return db_exec(db, Q_TICKET_SET_VERDICT, DB_ARGS(DB_INT(t->ticket)),
		   NULL, err) &&
	    audit_write(db, t->who, "ticket.lookup", t->ticket, 0, NULL, NULL,
		arena_printf(t->a, "%" PRId64 " events have another verdict",
		    t->changed),
		err);
}

bool
constituency_look_again(struct db *db, const struct actor *who,
    int64_t ticket, int64_t version, int64_t *changed, GError **err)
{
	ARENA_AUTO(a, "look again");
	struct again t = {who, a, ticket, version, 0};

	if (!db_tx(db, again, &t, err))
		return false;
	if (changed != NULL)
		*changed = t.changed;
	return true;
}
