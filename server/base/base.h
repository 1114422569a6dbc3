/*
 * The first include of every file: configuration, the C and GLib names
 * used everywhere, arenas and failures.  Nothing else belongs here.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/banned.h"
#include "base/fault.h"

/* Elements of a true array. */
#define COUNT_OF(x) (sizeof(x) / sizeof((x)[0]))

#endif
