/* Pasted lines and rows of tables: what each becomes, or why it is refused. */
#include "base/base.h"
#include "base/conf.h"
#include "base/json.h"
#include "inspect/letter/rows.h"
#include "unit.h"

#define MANY "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5 192.0.2.6 " \
	"192.0.2.7 192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11 192.0.2.12 " \
	"192.0.2.13 192.0.2.14 192.0.2.15 192.0.2.16 192.0.2.17 192.0.2.18"

static const struct {
	const char *rows;
	size_t n;
	const char *ip, *given, *refused; /* of the last event */
} cases[] = {
    {"192.0.2.1 2026-11-20 10:00", 1, "192.0.2.1", "2026-11-20 10:00", NULL},
    {"192.0.2.1 2026-11-20 10:00+01:00", 1, "192.0.2.1",
	"2026-11-20 10:00+01:00", NULL},
    /* an offset that cannot be stays with the time as it was written */
    {"192.0.2.1 2026-11-20 10:00+99:00", 1, "192.0.2.1",
	"2026-11-20 10:00+99:00", NULL},
    {"192.0.2.1 2026-11-20T10:00:00-9900", 1, "192.0.2.1",
	"2026-11-20T10:00:00-9900", NULL},
    /* until half past three */
    {"192.0.2.1 2026-11-20 14:00-15:30", 1, "192.0.2.1", "2026-11-20 14:00",
	NULL},
    /* years of no event */
    {"192.0.2.1 9999-01-01 10:00", 1, NULL, NULL, "9999-01-01"},
    {"192.0.2.1 0000-01-01T10:00:00Z", 1, NULL, NULL, "0000-01-01"},
    {"0001-01-01 10:00 192.0.2.1", 1, NULL, NULL, "0001-01-01"},
    {"192.0.2.1 case 9999-01-01", 1, "192.0.2.1", NULL, NULL},
    {"ip,time\n192.0.2.1,9999-12-31\n", 1, NULL, "9999-12-31", "9999-12-31"},
    {"ip,time\n192.0.2.1,2026-11-20 10:00\n", 1, "192.0.2.1",
	"2026-11-20 10:00", NULL},
    /* networks that are none */
    {"192.0.2.0/28", 1, "192.0.2.0/28", NULL, NULL},
    {"192.0.2.7/32", 1, "192.0.2.7", NULL, NULL},
    {"192.0.2.0/33", 1, NULL, NULL, "192.0.2.0/33 is no network"},
    {"192.0.2.0/33 2026-11-20 10:00", 1, NULL, NULL, "192.0.2.0/33"},
    {"192.0.2.1, 192.0.2.0/4", 1, NULL, NULL, "192.0.2.0/4"},
    {"2001:db8::/129", 1, NULL, NULL, "2001:db8::/129"},
    {"ip\n192.0.2.0/33\n", 1, NULL, NULL, "192.0.2.0/33"},
    {"see http://192.0.2.1/33", 1, "192.0.2.1", NULL, NULL},
    {"192.0.2.1/tcp", 1, "192.0.2.1", NULL, NULL},
    /* IPv4 as IPv6 writes it */
    {"::ffff:192.0.2.0/124", 1, "192.0.2.0/28", NULL, NULL},
    {"::ffff:192.0.2.7/128", 1, "192.0.2.7", NULL, NULL},
    {"::ffff:192.0.2.7", 1, "192.0.2.7", NULL, NULL},
    {"::ffff:192.0.2.0/24", 1, NULL, NULL, "::ffff:192.0.2.0/24"},
    {"ip\n::ffff:192.0.2.0/124\n", 1, "192.0.2.0/28", NULL, NULL},
    /* all of them, on a line or in a field */
    {MANY, 18, "192.0.2.18", NULL, NULL},
    {"ip,port\n" MANY ",22\n", 18, "192.0.2.18", NULL, NULL},
};

static void
test_rows(void **state)
{
	ARENA_AUTO(keep, "conf");
	const struct conf *conf;

	(void)state;
	assert_true(conf_load(keep, NULL, &conf, NULL));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		const struct inspect_event *e;
		const struct json *j = NULL;
		struct inspection in;
		const char *why;

		inspect_rows(a, conf, cases[i].rows, strlen(cases[i].rows),
		    &in);
		if (in.events.n != cases[i].n)
			fail_msg("%s: %zu events", cases[i].rows, in.events.n);
		e = LIST_AT(inspect_event, in.events, in.events.n - 1);
		if (e->extra != NULL)
			json_parse(a, e->extra, strlen(e->extra), &j, NULL);
		why = json_str(json_get(j, "refused"), NULL);
		if (g_strcmp0(e->source_ip, cases[i].ip) != 0 ||
		    g_strcmp0(e->time_given, cases[i].given) != 0 ||
		    (why != NULL) != (cases[i].refused != NULL) ||
		    (why != NULL && strstr(why, cases[i].refused) == NULL))
			fail_msg("%s: %s at %s, refused: %s", cases[i].rows,
			    e->source_ip, e->time_given, why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
