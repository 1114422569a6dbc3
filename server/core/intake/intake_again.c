/* A message that was stored unparsed, read again: see intake.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/feed/feed.h"
#include "core/intake/intake_priv.h"
#include "core/intake/zone_rule.h"
#include "core/ticket/ticket.h"

struct again {
	const struct site *s;
	struct arena *a;
	const struct inspection *in;
	int64_t message;
};

static const char *
why_closed(const struct inspection *in)
{
	for (size_t i = 0; i < in->seals.n; i++) {
		const struct inspect_seal *s =
		    LIST_AT(inspect_seal, in->seals, i);

		if (strcmp(s->state, "closed") == 0 && s->reason != NULL)
			return s->reason;
	}
	return "";
}

bool
intake_read_onto(struct db *db, const struct site *s, struct arena *a,
    int64_t ticket, int64_t message, const struct inspection *in,
    GError **err)
{
	struct smtp_envelope env = {.from = "", .n = 0};
	struct intake_job j = {.s = s, .a = a, .env = &env};
	struct intake_job *one = &j;
	struct intake_verdict *verdicts;
	const char *type = NULL, *zone_name;
	const char *const *missing;
	int64_t organisation = DESC_NULL, completeness;

	if (!zone_rule_apply(db, a, in, &in, &zone_name, err))
		return false;
	if (feed_is(s, in))
		return db_exec(db, Q_FEED_REPARSED,
			   DB_ARGS(DB_INT(message),
			       DB_TEXT(in->subject != NULL
				       ? text_cut(a, in->subject,
					     INTAKE_SUBJECT_MAX)
				       : NULL)),
			   NULL, err) &&
		    feed_take(db, s, message, in, err);
	j.in = in;
	if (!intake_ask(db, &one, 1, err))
		return false;
	verdicts = intake_verdicts(a, j.ctx.verdicts, &in->events);
	for (size_t i = 0; i < in->events.n; i++) {
		if (type == NULL)
			type = LIST_AT(inspect_event, in->events, i)->type;
		if (organisation == DESC_NULL)
			organisation = verdicts[i].organisation;
	}
	missing = intake_missing_facts(a, type, &in->events, &completeness);
	return db_exec(db, Q_INTAKE_REPARSE_TICKET,
	    DB_ARGS(DB_INT(ticket),
		DB_TEXT(text_cut(a,
		    text_blank(in->subject) ? "(no subject)" : in->subject,
		    INTAKE_SUBJECT_MAX)),
		DB_TEXT(type), DB_INT(organisation), DB_TEXT(in->from),
		DB_TEXT(in->from_name),
		DB_TEXTS(missing), DB_INT(message),
		DB_TEXT(intake_events_json(a, &in->events, verdicts,
		    zone_name)),
		DB_TEXT(intake_verdict_of_all(verdicts, in->events.n)),
		DB_INT(completeness)),
	    NULL, err);
}

static bool
again(struct db *db, void *p, GError **err)
{
	struct again *t = p;
	struct arena *a = t->a;
	const struct inspection *in = t->in;
	GString *json = arena_gstring(a);
	struct message_row row = {0};

	if (!message_head(db, a, t->message, &row, err))
		return false;
	if (strcmp(in->format, "encrypted") == 0 &&
	    g_strcmp0(row.format, in->format) == 0)
		return fault_set(err, FAULT_INPUT, "It is still closed. %s",
		    why_closed(in));
	inspect_to_json(in, false, json);
	if (!db_exec(db, Q_INTAKE_REPARSE_MESSAGE,
		DB_ARGS(DB_INT(t->message), DB_TEXT(in->from),
		    DB_TEXT(in->from_name), DB_TEXT(in->to), DB_TEXT(in->cc),
		    DB_TEXT(in->subject), DB_TIME(in->date),
		    DB_TEXT(in->message_id), DB_TEXT(in->their_ref),
		    DB_TEXT(in->format),
		    DB_TEXT(in->text != NULL
			    ? text_cut(a, in->text, INTAKE_TEXT_MAX)
			    : NULL),
		    DB_TEXT(json->str)),
		NULL, err))
		return false;
	if (row.ticket == DESC_NULL || strcmp(row.disposition, "report") != 0)
		return true;
	return intake_read_onto(db, t->s, a, row.ticket, t->message, in, err);
}

bool
intake_reparse(struct db *db, const struct site *s, struct arena *a,
    int64_t message, const struct inspection *in, GError **err)
{
	struct again t = {s, a, in, message};

	return db_tx(db, again, &t, err);
}
