/*
 * The path of every mail.
 */
#include "mail.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_mail(NULL, bytes, n);
}
