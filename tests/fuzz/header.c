/* Header blocks, and each of their fields as everything it could be. */
#include "base/base.h"
#include "mail/charset.h"
#include "mail/header.h"

#include "fuzz.h"

static void
valid(const char *s)
{
	g_assert_true(s == NULL || g_utf8_validate(s, -1, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	size_t used;
	struct mail_headers h =
	    mail_headers_read(a, (const char *)bytes, n, &used);

	g_assert_cmpuint(used, <=, n);
	for (size_t i = 0; i < h.n; i++) {
		struct mail_header *f = &h.items[i];
		struct mail_params p = mail_params(a, f->raw, f->raw_len);
		struct mail_address *list;
		const char *label = NULL;
		size_t k;

		valid(mail_header_text(a, f));
		for (k = 0; k < p.n; k++) {
			valid(p.items[k].name);
			valid(p.items[k].value);
			if (strcmp(p.items[k].name, "charset") == 0)
				label = p.items[k].value;
		}
		valid(charset_to_utf8(a, f->raw, f->raw_len, label, NULL, &k));
		list = mail_addresses(a, f->raw, f->raw_len, &k);
		g_assert_cmpuint(k, <=, MAIL_ADDRESSES_MAX);
		while (k-- > 0) {
			valid(list[k].name);
			valid(list[k].addr);
		}
		mail_ids(a, mail_header_text(a, f), 50);
	}
	return 0;
}
