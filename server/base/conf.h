/*
 * Settings: one table (conf.def), one struct, one reader.
 *
 * Owner: main; the struct is immutable after conf_load, so any thread may
 * read it.  A reload makes a new one.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/base.h"

#include <stdio.h>

#define CONF_C_TEXT const char *
#define CONF_C_FILE const char *
#define CONF_C_INT  int64_t
#define CONF_C_BOOL bool
#define CONF_C_LIST const char *const * /* ended by NULL */

struct conf {
	const char *path; /* of the settings file, absolute */
#define SETTING(section, key, kind, dflt, min, max, unit, help)               \
	CONF_C_##kind section##_##key;
#include "base/conf.def"
#undef SETTING
};

/* Reads an INI file (GKeyFile).  Unknown sections and keys, wrong kinds and
 * values out of bounds are FAULT_INPUT naming the key.  NULL path: defaults
 * only.  Everything lives in the arena. */
bool conf_load(struct arena *a, const char *path, const struct conf **out,
    GError **err);
/* Every setting with its value in force, unit, bounds and help. */
void conf_print(const struct conf *c, FILE *out);
/* Do the settings name a keeper of an OpenPGP key? */
bool conf_has_keeper(const struct conf *c);
/* "report@tocsin.example": a local part of ours with our domain. */
const char *conf_address(struct arena *a, const struct conf *c,
    const char *local);

#endif
