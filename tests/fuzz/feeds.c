/*
 * A table: the first byte says whether it comes as a file, as one of
 * Shadowserver's, or in the text of a machine's mail.
 */
#include "base/base.h"
#include "mail.h"

static const char *const heads[] = {
    "Subject: events\r\nContent-Type: text/csv; name=\"events.csv\"\r\n\r\n",
    "Subject: Shadowserver Example Report: 2026-11-22\r\n"
    "Content-Type: application/octet-stream; "
    "name=\"2026-11-22-event4_sinkhole-example.csv\"\r\n\r\n",
    "From: noreply@reporter.example\r\nSubject: scans\r\n\r\n",
    "Content-Type: application/json\r\n\r\n",
};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	ARENA_AUTO(a, "fuzz");
	GString *mail = arena_gstring(a);

	if (n == 0)
		return 0;
	g_string_append(mail, heads[bytes[0] % COUNT_OF(heads)]);
	g_string_append_len(mail, (const char *)bytes + 1, (gssize)n - 1);
	return fuzz_mail(NULL, mail->str, mail->len);
}
