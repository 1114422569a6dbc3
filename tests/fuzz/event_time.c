/*
 * A time as given, read again by a zone: "ZONE\nTEXT".  Both are typed or
 * mailed by anybody.  What is read must be a time that can be printed.
 */
#include "base/base.h"
#include "base/desc.h"
#include "core/intake/event_time.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	const char *s = arena_strndup(a, (const char *)bytes, n);
	const char *line = strchr(s, '\n');
	const char *name = NULL;
	struct zone z;
	int64_t before, t;
	bool own;

	if (line == NULL || !zone_parse(a, arena_strndup(a, s,
		(size_t)(line - s)), &z, NULL))
		z = (struct zone){.name = "UTC"};
	g_assert_true(strlen(z.name) <= ZONE_NAME_MAX);
	g_assert_true(when_parse_rfc3339("2026-11-23T10:00:00Z", &before));
	if (!event_time_read(a, &z, line != NULL ? line + 1 : s, before, &t,
		&name, &own, NULL))
		return 0;
	g_assert_nonnull(name);
	g_assert_true(strlen(when_rfc3339(a, t)) >= 20);
	return 0;
}
