/*
 * A fuzz target is one file that defines this function.  Linked with
 * libFuzzer (./configure CC=clang --enable-fuzz) it is a fuzzer; otherwise
 * replay.c gives it a main() that runs the files of its corpus, as
 * `make fuzz-replay` does.  A broken rule aborts.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
