/* See xforward.h. */
#include "base/base.h"
#include "smtp/xforward.h"

#include "base/text.h"
#include "smtp/path.h"

static const char *const names[XFORWARD_COUNT] = {
#define X(name) #name,
    XFORWARD_ATTRIBUTES(X)
#undef X
};

static bool
unknown(const char *value)
{
	return text_ieq(value, "[UNAVAILABLE]") ||
	    text_ieq(value, "[TEMPUNAVAIL]");
}

static bool
value_ok(enum xforward_attribute which, const char *value, struct net *addr)
{
	int64_t port;

	switch (which) {
	case XFORWARD_ADDR:
		if (text_istarts(value, "IPV6:"))
			value += 5;
		return net_parse_host(value, addr);
	case XFORWARD_PORT:
		return text_int(value, 0, 65535, &port);
	case XFORWARD_SOURCE:
		return text_ieq(value, "LOCAL") || text_ieq(value, "REMOTE");
	default:
		return strlen(value) <= XFORWARD_VALUE_MAX;
	}
}

bool
xforward_read(struct xforward *x, char *args)
{
	/* Nothing is taken over before the whole line is known to be good;
	 * until then the values stay in the line. */
	char *fresh[XFORWARD_COUNT] = {0};
	bool given[XFORWARD_COUNT] = {0};
	struct net addr = {0};
	const char *key, *value;
	bool bad, any = false;

	while (path_param(&args, &key, &value, &bad)) {
		size_t i = 0;

		while (i < XFORWARD_COUNT && !text_ieq(key, names[i]))
			i++;
		if (i == XFORWARD_COUNT || value == NULL)
			return false;
		/* The value is a piece of our own, writable line. */
		fresh[i] = (char *)(uintptr_t)value;
		given[i] = any = true;
		if (unknown(value))
			fresh[i] = NULL;
		else if (!path_xtext(fresh[i]) ||
		    !value_ok((enum xforward_attribute)i, fresh[i], &addr))
			return false;
	}
	if (bad || !any)
		return false;
	for (size_t i = 0; i < XFORWARD_COUNT; i++) {
		if (!given[i])
			continue;
		g_free(x->value[i]);
		x->value[i] = g_strdup(fresh[i]);
	}
	if (fresh[XFORWARD_ADDR] != NULL)
		x->addr = addr;
	return true;
}

void
xforward_clear(struct xforward *x)
{
	for (size_t i = 0; i < XFORWARD_COUNT; i++)
		g_clear_pointer(&x->value[i], g_free);
}

void
xforward_envelope(const struct xforward *x, struct arena *a,
    struct smtp_envelope *env)
{
	env->fwd_name = arena_strdup(a, x->value[XFORWARD_NAME]);
	env->fwd_helo = arena_strdup(a, x->value[XFORWARD_HELO]);
	env->fwd_proto = arena_strdup(a, x->value[XFORWARD_PROTO]);
	env->fwd_ident = arena_strdup(a, x->value[XFORWARD_IDENT]);
	env->fwd_source = arena_strdup(a, x->value[XFORWARD_SOURCE]);
	if (x->value[XFORWARD_ADDR] != NULL)
		env->client = env->fwd_addr = net_text(a, &x->addr);
}
