/*
 * Copyright notices in a letter (server/inspect/format/acns.c, xmlpart.c).
 */
#include "mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_mail("text/plain; charset=utf-8", bytes, n);
}
