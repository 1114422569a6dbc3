/* A mail that is composed well, the rules of the wire, and GMime to read it
 * back. */
#ifndef TESTS_UNIT_COMPOSE_MAIL_H
#define TESTS_UNIT_COMPOSE_MAIL_H

#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "mail/compose.h"

#include "unit.h"
#include <gmime/gmime.h>

static const struct compose_address to[] = {{NULL, "person@uni.example"}};

static inline struct compose_mail
mail(void)
{
	return (struct compose_mail){
	    .from = {"Tocsin CSIRT", "report@tocsin.example"},
	    .to = to,
	    .n_to = 1,
	    .subject = "A subject",
	    .date = INT64_C(1795413600) * WHEN_SECOND,
	    .message_id = "t1.abc@tocsin.example",
	    .text = "Dear all,\n\nbest wishes\n",
	};
}

/* The rules of the wire: CRLF only, no NUL, nothing above 7 bit, no line
 * over 998, and a header of fields and continuations. */
static inline void
assert_wire(const struct compose_bytes *b)
{
	size_t line = 0;
	bool header = true;

	assert_true(b->len > 2 && memcmp(b->bytes + b->len - 2, "\r\n", 2) == 0);
	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->bytes[i];

		assert_true(c != 0 && c < 0x80);
		if (c == '\r') {
			assert_int_equal(b->bytes[i + 1], '\n');
			assert_true(line <= COMPOSE_LINE_MAX);
			if (header && line == 0)
				header = false;
			line = 0;
			i++;
			continue;
		}
		assert_true(c != '\n');
		if (header && line == 0 && c != ' ' && c != '\t')
			assert_true(g_ascii_isalpha((char)c));
		line++;
	}
	assert_false(header);
}

static inline struct compose_bytes
compose_ok(struct arena *a, const struct compose_mail *m)
{
	g_autoptr(GError) err = NULL;
	struct compose_bytes b;

	if (!compose_mail(a, m, &b, &err))
		fail_msg("%s", err->message);
	assert_wire(&b);
	return b;
}

static inline GMimeMessage *
parse(const struct compose_bytes *b)
{
	GMimeStream *s = g_mime_stream_mem_new_with_buffer(b->bytes, b->len);
	GMimeParser *p = g_mime_parser_new_with_stream(s);
	GMimeMessage *m = g_mime_parser_construct_message(p, NULL);

	g_object_unref(p);
	g_object_unref(s);
	assert_non_null(m);
	return m;
}

static inline const char *
text_of(struct arena *a, GMimeObject *part)
{
	char *t = g_mime_text_part_get_text(GMIME_TEXT_PART(part));

	arena_defer(a, g_free, t);
	return t;
}

#endif
