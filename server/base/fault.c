/* See fault.h. */
#include "base/base.h"
#include "base/log.h"

static const struct {
	const char *name;
	int http;
	const char *smtp;
	bool retry;
	int level;
} kinds[] = {
#define FAULT(name, http, smtp, retry, level) {#name, http, smtp, retry, level},
#include "base/fault.def"
#undef FAULT
};

GQuark
fault_domain(void)
{
	return g_quark_from_static_string("tocsin-fault");
}

bool
fault_set(GError **err, enum fault_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (err != NULL) {
		va_start(ap, fmt);
		*err = g_error_new_valist(FAULT_DOMAIN, (int)kind, fmt, ap);
		va_end(ap);
	}
	return false;
}

enum fault_kind
fault_kind(const GError *err)
{
	if (err == NULL || err->domain != FAULT_DOMAIN)
		return FAULT_BUG;
	return (enum fault_kind)err->code;
}

bool
fault_is(const GError *err, enum fault_kind kind)
{
	return err != NULL && fault_kind(err) == kind;
}

int
fault_http(const GError *err)
{
	return kinds[fault_kind(err)].http;
}

const char *
fault_smtp(const GError *err)
{
	return kinds[fault_kind(err)].smtp;
}

bool
fault_retry(const GError *err)
{
	return kinds[fault_kind(err)].retry;
}

int
fault_level(const GError *err)
{
	return kinds[fault_kind(err)].level;
}

const char *
fault_name(enum fault_kind kind)
{
	return kinds[kind].name;
}
