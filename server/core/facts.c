/*
 * The facts of a report: whose its addresses are, and what it lacks
 * (mission.md section 3 as a table).
 */
#include "base/base.h"
#include "base/json.h"
#include "core/intake_priv.h"

static bool
eq(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void
verdict_of(struct arena *a, const struct json *row,
    const struct inspect_event *ev, struct intake_verdict *v)
{
	int64_t holder = json_num(json_at(row, 0), DESC_NULL);
	int64_t owner = json_num(json_at(row, 3), DESC_NULL);

	if (holder != DESC_NULL) {
		v->verdict = "confirmed";
		v->organisation = holder;
		v->organisation_name = json_str(json_at(row, 1), NULL);
		v->prefix = json_str(json_at(row, 2), NULL);
		v->reason = arena_printf(a, "%s held %s %s",
		    v->organisation_name, v->prefix,
		    ev->time != DESC_NULL ? "at the time of the event"
					  : "when the report came in");
	} else if (owner != DESC_NULL) {
		v->verdict = "probable";
		v->organisation = owner;
		v->organisation_name = json_str(json_at(row, 4), NULL);
		v->reason = arena_printf(a, "%s is a domain of %s",
		    json_str(json_at(row, 5), ""), v->organisation_name);
	} else {
		v->verdict = "outside";
		v->organisation = DESC_NULL;
		v->reason = ev->source_ip != NULL
		    ? "no member holds a prefix with this address"
		    : ev->domain != NULL ? "no member has this domain"
					 : "no address to look up";
	}
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

const char *
intake_events_json(struct arena *a, const struct list *events,
    const struct intake_verdict *v)
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
		json_end(&w, '}');
	}
	json_end(&w, ']');
	return s->str;
}

enum fact {
	NEED_SOURCE = 1,
	NEED_TIME = 2,
	NEED_SOURCE_PORT = 4,
	NEED_TARGET = 8,
	NEED_URL = 16,
	NEED_TARGET_PORT = 32,
};

/* Which facts each type needs; the first row whose prefix fits counts. */
static const struct {
	const char *type;
	unsigned needs;
} needs[] = {
    {"information-gathering/", NEED_SOURCE | NEED_TIME | NEED_SOURCE_PORT |
	NEED_TARGET | NEED_TARGET_PORT},
    {"intrusion-attempts/", NEED_SOURCE | NEED_TIME | NEED_SOURCE_PORT |
	NEED_TARGET},
    {"availability/", NEED_TIME | NEED_TARGET},
    {"abusive-content/", NEED_SOURCE | NEED_TIME},
    {"malicious-code/", NEED_SOURCE | NEED_TIME | NEED_SOURCE_PORT},
    {"fraud/phishing", NEED_URL},
    {"fraud/copyright", NEED_SOURCE | NEED_TIME | NEED_SOURCE_PORT},
    {"vulnerable/", NEED_SOURCE | NEED_TIME},
    {"other/", 0},
    {"test/", 0},
    {"", NEED_SOURCE | NEED_TIME},
};

const char *const *
intake_missing_facts(struct arena *a, const char *type,
    const struct list *events)
{
	const char **out = ARENA_ARRAY(a, const char *, 8);
	unsigned have = 0, want = 0, n = 0;
	bool zone_unknown = false;

	for (size_t i = 0; i < COUNT_OF(needs); i++)
		if (g_str_has_prefix(type != NULL ? type : "", needs[i].type)) {
			want = needs[i].needs;
			break;
		}
	for (size_t i = 0; i < events->n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, *events, i);

		have |= e->source_ip != NULL ? NEED_SOURCE : 0;
		have |= e->time != DESC_NULL ? NEED_TIME : 0;
		have |= e->source_port != DESC_NULL ? NEED_SOURCE_PORT : 0;
		have |= e->destination_ip != NULL || e->domain != NULL ||
			e->url != NULL
		    ? NEED_TARGET : 0;
		have |= e->destination_port != DESC_NULL ? NEED_TARGET_PORT : 0;
		have |= e->url != NULL ? NEED_URL : 0;
		zone_unknown |= e->time == DESC_NULL && e->time_given != NULL &&
		    eq(e->zone, "unknown");
	}
	want &= ~have;
	if (want & NEED_SOURCE)
		out[n++] = "source address";
	if (want & NEED_TIME)
		out[n++] = zone_unknown ? "time zone" : "time with zone";
	if (want & NEED_SOURCE_PORT)
		out[n++] = "source port";
	if (want & NEED_TARGET)
		out[n++] = "target address";
	if (want & NEED_TARGET_PORT)
		out[n++] = "target port";
	if (want & NEED_URL)
		out[n++] = "web address";
	return out;
}
