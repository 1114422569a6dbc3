/*
 * Lines and tables that somebody pasted (server/inspect/letter/rows.c) -> JSON and
 * packed events -> the parent's readers, which must take what the child says.
 * What is not understood says why.
 */
#include "base/base.h"
#include "base/conf.h"
#include "inspect/letter/rows.h"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct conf *conf;
	static struct arena *volatile keep; /* for LeakSanitizer */
	ARENA_AUTO(a, "fuzz");
	GString *json = arena_gstring(a), *packed = arena_gstring(a);
	struct inspection in;

	if (conf == NULL) {
		keep = arena_new("conf");
		g_assert_true(conf_load(keep, NULL, &conf, NULL));
	}
	inspect_rows(a, conf, bytes, n, &in);
	inspect_to_json(&in, false, json);
	inspect_pack(&in, packed);
	g_assert_true(inspect_unpack(a, packed->str, packed->len, &in, NULL));
	for (size_t i = 0; i < in.events.n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, in.events, i);

		g_assert_nonnull(e->evidence_part);
		if (e->source_ip == NULL && e->url == NULL &&
		    e->domain == NULL && e->destination_ip == NULL)
			g_assert_nonnull(e->extra);
	}
	return 0;
}
