/*
 * Failures, classified once (fault.def) and mapped from there.
 *
 * Functions that can fail return bool and take `GError **err` last; the
 * out-parameters before it are untouched on failure.  The message is one
 * whole sentence for a person, without function names.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <glib.h>
#include <stdbool.h>

enum fault_kind {
#define FAULT(name, http, smtp, retry, level) FAULT_##name,
#include "base/fault.def"
#undef FAULT
	FAULT_KINDS
};

#define FAULT_DOMAIN fault_domain()
GQuark fault_domain(void);

/* Always returns false, so that `return fault_set(err, ...)` reads well. */
bool fault_set(GError **err, enum fault_kind kind, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);

/* The kind of any GError: those of other domains are FAULT_BUG. */
enum fault_kind fault_kind(const GError *err);
bool fault_is(const GError *err, enum fault_kind kind);

int fault_http(const GError *err);          /* 404 ... */
const char *fault_smtp(const GError *err);  /* "550 5.1.1" */
bool fault_retry(const GError *err);        /* may we try again ourselves? */
int fault_level(const GError *err);         /* enum log_level */
const char *fault_name(enum fault_kind kind); /* "absent" */

#endif
