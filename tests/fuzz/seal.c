/*
 * Encrypted and signed parts: armor in any bytes, and a message whose seals
 * are "opened" into what stands behind two form feeds in the input.
 */
#include "base/base.h"
#include "base/conf.h"
#include "base/json.h"
#include "inspect/inspect.h"
#include "mail/armor.h"

#include "fuzz.h"

static void
armor(struct arena *a, const char *s, size_t n)
{
	struct armor at;

	for (size_t from = 0; armor_find(s, n, from, &at); from = at.end) {
		g_assert_true(at.start >= from && at.end > at.start &&
		    at.end <= n);
		if (at.kind == ARMOR_CLEAR) {
			g_assert_true(at.start < at.text &&
			    at.text <= at.text_end && at.text_end < at.end);
			armor_text(a, s, &at, NULL);
		}
	}
	armor_looks_encrypted(s, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct conf *conf;
	static struct arena *volatile keep; /* for LeakSanitizer */
	ARENA_AUTO(a, "fuzz");
	struct inspect_piece pieces[INSPECT_PIECES_MAX];
	struct inspection in;
	const char *split = n > 0 ? memmem(bytes, n, "\f\f", 2) : NULL;
	size_t outer = split != NULL ? (size_t)(split - (const char *)bytes)
				     : n;
	GString *json = arena_gstring(a), *packed = arena_gstring(a);

	if (conf == NULL) {
		keep = arena_new("conf");
		g_assert_true(conf_load(keep, NULL, &conf, NULL));
	}
	armor(a, (const char *)bytes, n);
	for (size_t i = 0; i < INSPECT_PIECES_MAX; i++)
		pieces[i] = (struct inspect_piece){.seal = i,
		    .bytes = split != NULL ? split + 2 : "",
		    .len = split != NULL ? n - outer - 2 : 0};
	inspect_opened(a, conf, NULL, bytes, outer, pieces,
	    split != NULL ? INSPECT_PIECES_MAX : 0, true, &in);
	for (size_t i = 0; i < in.seals.n; i++) {
		const struct inspect_seal *s =
		    LIST_AT(inspect_seal, in.seals, i);

		if (!s->inside && s->len >= 0)
			g_assert_true(s->at >= 0 &&
			    (size_t)(s->at + s->len) <= outer);
	}
	inspect_to_json(&in, true, json);
	inspect_pack(&in, packed);
	g_assert_true(inspect_unpack(a, packed->str, packed->len, &in, NULL));
	return 0;
}
