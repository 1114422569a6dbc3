/*
 * XARF and its tables (server/inspect/format/xarf_check.h).
 */
#include "mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_mail("application/json", bytes, n);
}
