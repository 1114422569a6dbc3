/*
 * Lengths of time as people write them: "3 d", "4 h", "240 min".  Pure.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include "base/base.h"

enum { SPAN_N_MAX = 10000, SPAN_DAY = 1440 /* minutes */ };

/* A number, 1 to SPAN_N_MAX, and its unit: *unit gets the minutes of one
 * (SPAN_DAY for days), *rest (may be NULL: then nothing may follow) what
 * stands behind. */
bool span_read(const char *s, int64_t *n, int64_t *unit, const char **rest);
/* 4320 is "3 d", 90 is "90 min". */
const char *span_text(struct arena *a, int64_t minutes);

#endif
