/*
 * The readers of delivery reports.  The first byte says how the rest comes:
 * as a letter, as the fields of a report, as a receipt.
 */
#include "base/base.h"
#include "base/conf.h"
#include "inspect/inspect.h"
#include "mail/canonical.h"

#include "fuzz.h"

#define HEAD "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\n"          \
	     "To: bounce@desk.example\r\nSubject: Undeliverable\r\n"

static const char *const frames[] = {
    HEAD "\r\nYour mail could not be delivered.\r\n",
    HEAD "X-Failed-Recipients: a@b.example\r\n\r\n",
    HEAD "Content-Type: multipart/report; report-type=delivery-status; "
	 "boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status"
	 "\r\n\r\n",
    HEAD "Content-Type: multipart/report; "
	 "report-type=disposition-notification; boundary=b\r\n\r\n"
	 "--b\r\n\r\nautomatically rejected\r\n--b\r\n"
	 "Content-Type: message/disposition-notification\r\n\r\n",
};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct conf *conf;
	static struct arena *volatile keep; /* for LeakSanitizer */
	ARENA_AUTO(a, "fuzz");
	GString *mail = arena_gstring(a), *json = arena_gstring(a);
	GString *answer = arena_gstring(a);
	struct inspection in;
	const char *s;
	size_t len;

	if (n == 0)
		return 0;
	if (conf == NULL) {
		keep = arena_new("conf");
		g_assert_true(conf_load(keep, NULL, &conf, NULL));
	}
	g_string_append(mail, frames[*bytes % COUNT_OF(frames)]);
	g_string_append_len(mail, (const char *)bytes + 1, (gssize)n - 1);
	s = mail_canonical(a, mail->str, mail->len, &len);
	inspect_message(a, conf, NULL, s, len, true, &in);
	g_assert_true(in.robot);
	g_assert_false(in.may_reply);
	for (size_t i = 0; i < in.bounces.n; i++) {
		const struct inspect_bounce *b =
		    LIST_AT(inspect_bounce, in.bounces, i);

		g_assert_nonnull(b->status);
		g_assert_true(b->hard == (b->status[0] == '5'));
	}
	inspect_to_json(&in, true, json);
	inspect_pack(&in, answer);
	g_assert_true(inspect_unpack(a, answer->str, answer->len, &in, NULL));
	return 0;
}
