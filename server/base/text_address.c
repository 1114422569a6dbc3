/* Mail addresses and domain names: see text.h. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"

enum {
	ADDRESS_MAX = 254, /* RFC 5321 4.5.3.1.3, without the brackets */
	LOCAL_MAX = 64,
	DOMAIN_MAX = 253,
	LABEL_MAX = 63,
};

bool
text_domain_ok(const char *s)
{
	size_t label = 0, len = 0;
	bool letters = false;

	if (s == NULL)
		return false;
	for (; *s != '\0'; s++) {
		if (++len > DOMAIN_MAX)
			return false;
		if (*s == '.') {
			if (label == 0 || s[-1] == '-')
				return false;
			label = 0;
			letters = false;
			continue;
		}
		if (!g_ascii_isalnum(*s) && (*s != '-' || label == 0))
			return false;
		if (!g_ascii_isdigit(*s))
			letters = true;
		if (++label > LABEL_MAX)
			return false;
	}
	/* A last label of digits only is an address without brackets. */
	return label > 0 && s[-1] != '-' && letters;
}

/* "[192.0.2.7]" or "[IPv6:2001:db8::1]" (RFC 5321 4.1.3) */
static bool
literal_ok(struct arena *a, const char *s)
{
	size_t len = strlen(s);
	struct net n;
	bool v6;

	if (len < 3 || s[0] != '[' || s[len - 1] != ']')
		return false;
	v6 = text_istarts(s + 1, "IPv6:");
	s = arena_strndup(a, s + (v6 ? 6 : 1), len - (v6 ? 7 : 2));
	return net_parse_host(s, &n) && (strchr(s, ':') != NULL) == v6;
}

/* Length of the local part at s, 0 when there is none. */
static size_t
local_part(const char *s)
{
	const char *p = s;

	if (*p == '"') {
		for (p++; *p != '"'; p++) {
			if (*p == '\\')
				p++;
			if (*p < 0x20 || *p > 0x7e)
				return 0;
		}
		return (size_t)(p + 1 - s);
	}
	for (; g_ascii_isalnum(*p) ||
	     (*p != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", *p) != NULL);
	     p++)
		if (*p == '.' && (p == s || p[1] == '.' || p[1] == '@'))
			return 0;
	return (size_t)(p - s);
}

bool
text_address_ok(const char *s)
{
	size_t local;

	if (s == NULL || strnlen(s, ADDRESS_MAX + 1) > ADDRESS_MAX)
		return false;
	local = local_part(s);
	if (local == 0 || local > LOCAL_MAX || s[local] != '@')
		return false;
	s += local + 1;
	if (*s == '[') {
		ARENA_AUTO(a, "address literal");

		return literal_ok(a, s);
	}
	return text_domain_ok(s);
}

const char *
text_address_domain(struct arena *a, const char *addr)
{
	const char *at = addr == NULL ? NULL : strrchr(addr, '@');

	if (at == NULL || at[1] == '\0')
		return NULL;
	return text_lower(a, at + 1);
}

const char *
text_address_norm(struct arena *a, const char *addr)
{
	const char *domain = text_address_domain(a, addr);
	const char *whole;

	if (addr == NULL)
		return "";
	whole = text_repair(a, addr, strlen(addr));
	if (domain == NULL)
		return whole;
	return arena_printf(a, "%.*s@%s",
	    (int)(strrchr(whole, '@') - whole), whole, domain);
}
