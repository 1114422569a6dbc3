/* See complete.h. */
#include "base/base.h"
#include "core/intake/complete.h"

enum { NEEDED = 3, HELPS = 1 };

#define BIT(f)	(1u << FACT_##f)
#define WHEN	(BIT(TIME) | BIT(ZONE))

/* The first row whose prefix fits counts. */
static const struct {
	const char *type;
	unsigned needed, helps;
} rows[] = {
    {"information-gathering/social-engineering", 0, 0},
    {"information-gathering/", BIT(SOURCE) | WHEN | BIT(SOURCE_PORT) |
	BIT(TARGET) | BIT(TARGET_PORT), BIT(PROTOCOL) | BIT(COUNT)},
    {"intrusion-attempts/", BIT(SOURCE) | WHEN | BIT(SOURCE_PORT) |
	BIT(TARGET), BIT(TARGET_PORT) | BIT(PROTOCOL) | BIT(COUNT)},
    /* sources may be forged or many: they are not asked for */
    {"availability/", WHEN | BIT(TARGET), BIT(SOURCE) | BIT(TARGET_PORT) |
	BIT(PROTOCOL) | BIT(COUNT)},
    {"abusive-content/", BIT(SOURCE) | WHEN, 0},
    {"malicious-code/infected-system", BIT(SOURCE) | WHEN |
	BIT(SOURCE_PORT), BIT(TARGET) | BIT(TARGET_PORT) | BIT(PROTOCOL) |
	BIT(MALWARE)},
    {"malicious-code/", BIT(SOURCE) | WHEN, BIT(MALWARE) | BIT(URL)},
    {"fraud/phishing", BIT(URL), BIT(SOURCE) | WHEN},
    {"fraud/copyright", BIT(SOURCE) | WHEN | BIT(SOURCE_PORT),
	BIT(PROTOCOL) | BIT(CASE)},
    {"vulnerable/", BIT(SOURCE) | WHEN, BIT(TARGET_PORT) | BIT(PROTOCOL) |
	BIT(CVE)},
    {"intrusions/", BIT(SOURCE) | WHEN, BIT(URL)},
    {"other/blacklist", BIT(SOURCE), WHEN},
    {"other/", 0, 0},
    {"test/", 0, 0},
    {"", BIT(SOURCE) | WHEN, BIT(SOURCE_PORT) | BIT(TARGET) |
	BIT(TARGET_PORT) | BIT(PROTOCOL)},
};

static const char *const names[FACT_N] = {
    [FACT_SOURCE] = "source address", [FACT_TIME] = "time with zone",
    [FACT_ZONE] = "time zone", [FACT_SOURCE_PORT] = "source port",
    [FACT_TARGET] = "target address", [FACT_TARGET_PORT] = "target port",
    [FACT_URL] = "web address", [FACT_PROTOCOL] = "protocol",
    [FACT_COUNT] = "number of events", [FACT_MALWARE] = "malware name",
    [FACT_CVE] = "CVE", [FACT_CASE] = "case number",
};

static size_t
row_of(const char *type)
{
	size_t i = 0;

	/* the last row fits everything */
	while (!g_str_has_prefix(type != NULL ? type : "", rows[i].type))
		i++;
	return i;
}

void
complete_add(struct complete *c, const char *type,
    const struct inspect_event *e, enum trace_nat nat)
{
	const struct trace t = trace_event(&(struct trace_facts){
	    .type = e->type != NULL ? e->type : type,
	    .source_ip = e->source_ip, .source_port = e->source_port,
	    .time = e->time, .time_given = e->time_given, .zone = e->zone,
	    .elsewhere = e->url != NULL || e->domain != NULL, .nat = nat});
	const bool have[FACT_N] = {
	    [FACT_SOURCE] = e->source_ip != NULL,
	    [FACT_TIME] = t.time,
	    [FACT_ZONE] = t.zone && t.time,
	    /* who is not behind a NAT needs none */
	    [FACT_SOURCE_PORT] = t.port ||
		(e->source_ip != NULL && !t.port_needed),
	    [FACT_TARGET] = e->destination_ip != NULL || e->domain != NULL ||
		e->url != NULL,
	    [FACT_TARGET_PORT] = e->destination_port != DESC_NULL,
	    [FACT_URL] = e->url != NULL,
	    [FACT_PROTOCOL] = e->protocol != NULL,
	    [FACT_COUNT] = e->count != DESC_NULL,
	    [FACT_MALWARE] = e->malware != NULL,
	    [FACT_CVE] = e->cve != NULL,
	    [FACT_CASE] = e->reporter_ref != NULL,
	};

	c->events++;
	for (size_t i = 0; i < FACT_N; i++)
		c->have[i] += have[i];
}

static bool
lacks(const struct complete *c, enum complete_fact f)
{
	/* One question for both, when there is no time at all. */
	if (f == FACT_ZONE)
		return c->have[FACT_TIME] > 0 &&
		    c->have[FACT_ZONE] < c->have[FACT_TIME];
	return c->have[f] == 0;
}

int
complete_score(const struct complete *c, const char *type,
    const char *missing[FACT_N + 1])
{
	size_t row = row_of(type), n = 0;
	uint64_t got = 0, whole = 0;

	for (size_t i = 0; i < FACT_N; i++) {
		bool needed = (rows[row].needed & 1u << i) != 0;
		unsigned weight = needed ? NEEDED
		    : (rows[row].helps & 1u << i) != 0 ? HELPS : 0;

		whole += (uint64_t)weight * MAX(c->events, 1);
		got += (uint64_t)weight * c->have[i];
		if (missing != NULL && needed && lacks(c, (enum complete_fact)i))
			missing[n++] = names[i];
	}
	if (missing != NULL)
		missing[n] = NULL;
	return whole == 0 ? 100 : (int)(got * 100 / whole);
}
