/*
 * IODEF documents, XML and JSON (server/inspect/format/iodef.h, xml.h).
 */
#include "mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_mail("application/xml", bytes, n);
}
