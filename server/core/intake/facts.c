/*
 * The facts of a report: whose its addresses are, and what it lacks.
 */
#include "base/base.h"
#include "base/json.h"
#include "base/net.h"
#include "core/intake/complete.h"
#include "core/intake/intake_priv.h"
#include "core/member/constituency.h"

/* A row of intake_context.verdicts: struct constituency_found in the order
 * of its members. */
static void
verdict_of(struct arena *a, const struct json *row,
    const struct inspect_event *ev, struct intake_verdict *v)
{
	struct constituency_found found = {
	    .organisation_id = json_num(json_at(row, 0), DESC_NULL),
	    .organisation = json_str(json_at(row, 1), NULL),
	    .prefix = json_str(json_at(row, 2), NULL),
	    .basis = json_str(json_at(row, 3), NULL),
	    .verdict = json_str(json_at(row, 4), NULL),
	    .what = json_str(json_at(row, 5), NULL),
	    .scanner = json_num(json_at(row, 6), DESC_NULL),
	    .scanner_of = json_str(json_at(row, 7), NULL),
	    .scanner_reason = json_str(json_at(row, 8), NULL),
	};
	struct constituency_asked asked = {
	    .ip = ev->source_ip,
	    .domain = ev->domain,
	    .when = ev->time != DESC_NULL ? "at the time of the event"
					  : "when the report came in",
	};
	struct constituency_verdict got = {0};

	constituency_judge(a, &found, &asked, &got);
	*v = (struct intake_verdict){
	    .verdict = got.verdict,
	    .reason = got.reason,
	    .organisation_name = got.organisation,
	    .prefix = got.prefix,
	    .organisation = got.organisation_id,
	    .scanner = found.scanner,
	};
}

struct intake_verdict *
intake_verdicts(struct arena *a, const char *json, const struct list *events)
{
	struct intake_verdict *v =
	    ARENA_ARRAY(a, struct intake_verdict, MAX(events->n, 1));
	const struct json *rows = NULL;

	if (json != NULL)
		json_parse(a, json, strlen(json), &rows, NULL);
	for (size_t i = 0; i < events->n; i++)
		verdict_of(a, json_at(rows, i),
		    LIST_AT(inspect_event, *events, i), &v[i]);
	return v;
}

bool
intake_nowhere(const struct inspect_event *e, const struct intake_verdict *v)
{
	struct net net;

	return e->source_ip != NULL && net_parse(e->source_ip, false, &net) &&
	    net_private(&net) && !net_documentation(&net) &&
	    (v->organisation == DESC_NULL || v->prefix == NULL);
}

const char *
intake_verdict_of_all(const struct intake_verdict *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (strcmp(v[i].verdict, v[0].verdict) != 0 ||
		    v[i].organisation != v[0].organisation)
			return "mixed";
	return n > 0 ? v[0].verdict : NULL;
}

const char *
intake_events_json(struct arena *a, const struct list *events,
    const struct intake_verdict *v, const char *zone_name)
{
	GString *s = arena_gstring(a);
	struct json_out w = json_out(s);

	json_begin(&w, '[');
	for (size_t i = 0; i < events->n; i++) {
		struct inspect_event e = *LIST_AT(inspect_event, *events, i);
		size_t mark;

		if (e.zone == NULL)
			e.zone = "unknown";
		json_put_struct(&w, &desc_inspect_event, &e);
		/* The verdict goes into the same object. */
		mark = s->len - 1;
		g_assert(s->str[mark] == '}');
		g_string_truncate(s, mark);
		w.comma = true;
		json_text(&w, "verdict", v[i].verdict);
		json_text(&w, "reason", v[i].reason);
		json_int(&w, "organisation", v[i].organisation);
		json_text(&w, "prefix", v[i].prefix);
		json_int(&w, "scanner", v[i].scanner);
		/* The report's own zone is not ours to name. */
		if (strcmp(e.zone, "rule") == 0 ||
		    strcmp(e.zone, "chosen") == 0)
			json_text(&w, "zone_name", zone_name);
		json_end(&w, '}');
	}
	json_end(&w, ']');
	return s->str;
}

const char *const *
intake_missing_facts(struct arena *a, const char *type,
    const struct list *events, int64_t *completeness)
{
	const char **out = ARENA_ARRAY(a, const char *, FACT_N + 1);
	struct complete c = {0};

	for (size_t i = 0; i < events->n; i++)
		complete_add(&c, type, LIST_AT(inspect_event, *events, i),
		    TRACE_NAT_UNKNOWN);
	*completeness = complete_score(&c, type, out);
	return out;
}
