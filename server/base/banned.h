/*
 * Calls that this code base does not make.  Included by every .c file
 * through base/base.h, so that using one is a compile error that names
 * what to use instead.
 *
 * The idea is git's banned.h; the list is ours.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* First, so that their own inline functions are not hit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(f, use) use_##use##_instead_of_##f

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, arena_strdup)
#undef strcat
#define strcat(a, b) BANNED(strcat, g_string_append)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy, g_strlcpy)
#undef strncat
#define strncat(a, b, n) BANNED(strncat, g_string_append_len)
#undef sprintf
#define sprintf(...) BANNED(sprintf, arena_printf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, arena_vprintf)
#undef strtok
#define strtok(a, b) BANNED(strtok, strtok_r)
#undef gmtime
#define gmtime(t) BANNED(gmtime, when_fields)
#undef localtime
#define localtime(t) BANNED(localtime, when_fields)
#undef ctime
#define ctime(t) BANNED(ctime, when_rfc3339)
#undef asctime
#define asctime(t) BANNED(asctime, when_rfc3339)
#undef mktime
#define mktime(t) BANNED(mktime, when_from_fields)
#undef atoi
#define atoi(s) BANNED(atoi, text_int)
#undef atol
#define atol(s) BANNED(atol, text_int)
#undef rand
#define rand() BANNED(rand, secret_token)
#undef random
#define random() BANNED(random, secret_token)

#endif
