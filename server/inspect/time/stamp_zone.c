/*
 * Zones behind a time (read.h).
 */
#include "base/base.h"
#include "inspect/time/stamp_priv.h"

/* Names of zones with one meaning in mail and logs.  IST, AST, BST of
 * Bangladesh and the like have several and stay unknown; BST is Britain's
 * here, and the American ones are RFC 5322's. */
static const struct {
	const char *name;
	int minutes;
} names[] = {{"UTC", 0}, {"GMT", 0}, {"UT", 0}, {"Z", 0}, {"WET", 0},
    {"WEST", 60}, {"BST", 60}, {"CET", 60}, {"MET", 60}, {"MEZ", 60},
    {"CEST", 120}, {"MEST", 120}, {"MESZ", 120}, {"EET", 120}, {"EEST", 180},
    {"MSK", 180}, {"EST", -300}, {"EDT", -240}, {"CST", -360}, {"CDT", -300},
    {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420},
    {"AKST", -540}, {"AKDT", -480}, {"HST", -600}, {"JST", 540}, {"KST", 540},
    {"AEST", 600}, {"AEDT", 660}, {"ACST", 570}, {"AWST", 480}, {"NZST", 720},
    {"NZDT", 780}, {"SEČ", 60}, {"SELČ", 120}, {"HNEC", 60}, {"HAEC", 120},
    {"SAST", 120}, {"BRT", -180}, {"SGT", 480}, {"HKT", 480}};

/* Behind "-10:20": a zone in letters, "10:00-10:20 UTC" being a span of both.
 * ("-05:00 EST" says the same twice.) */
static bool
named_behind(struct cursor c, int offset)
{
	while (c.p < c.end && *c.p == ' ')
		c.p++;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		size_t n = strlen(names[i].name);

		if ((size_t)(c.end - c.p) >= n &&
		    strncmp(c.p, names[i].name, n) == 0 &&
		    ((size_t)(c.end - c.p) == n ||
			!g_ascii_isalnum(c.p[n])))
			return names[i].minutes * 60 != offset;
	}
	return false;
}

/* "+0100" "+01:00" "+1" "-05" */
static bool
numeric_zone(struct cursor *c, int *offset)
{
	struct cursor x = *c;
	int sign, h = 0, m = 0, n;
	bool colon = false;

	if (x.p >= x.end || (*x.p != '+' && *x.p != '-'))
		return false;
	sign = *x.p == '-' ? -1 : 1;
	x.p++;
	for (n = 0; x.p + n < x.end && g_ascii_isdigit(x.p[n]); n++)
		;
	if (n == 4) {
		h = (x.p[0] - '0') * 10 + x.p[1] - '0';
		m = (x.p[2] - '0') * 10 + x.p[3] - '0';
		x.p += 4;
	} else if (n == 1 || n == 2) {
		digits(&x, 1, 2, &h);
		if (x.end - x.p >= 3 && *x.p == ':' &&
		    g_ascii_isdigit(x.p[1]) && g_ascii_isdigit(x.p[2])) {
			x.p++;
			colon = digits(&x, 2, 2, &m);
		}
	} else {
		return false;
	}
	if (h > 14 || m > 59)
		return false;
	/* no clock of the world differs by 10:20 */
	if (colon && sign < 0 && (m % 15 != 0 || h > 12 ||
		named_behind(x, -(h * 3600 + m * 60))))
		return false;
	*offset = sign * (h * 3600 + m * 60);
	*c = x;
	return true;
}

bool
stamp_zone(const char *s, const char *end, int *offset, size_t *len)
{
	struct cursor c = {s, end};
	bool paren = false;

	while (c.p < c.end && (*c.p == ' ' || *c.p == '\t'))
		c.p++;
	/* a closed field, and the next one: time="10:15:00" tz="+0100" */
	if (c.end - c.p > 4 && *c.p == '"' && c.p[1] == ' ')
		c.p += 2;
	if (c.end - c.p > 4 && g_ascii_strncasecmp(c.p, "tz=", 3) == 0) {
		c.p += 3;
		is(&c, "\"");
	}
	/* "2026-11-20t14:05:00z" */
	if (c.p == s && c.p < c.end && *c.p == 'z' && (c.p + 1 == c.end ||
		!g_ascii_isalnum(c.p[1]))) {
		*offset = 0;
		*len = 1;
		return true;
	}
	if (is(&c, "(["))
		paren = true;
	if (numeric_zone(&c, offset)) {
		*len = (size_t)(c.p - s) + (paren && is(&c, ")]"));
		return true;
	}
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct cursor x;
		size_t n;

		if (c.p == c.end || (*c.p & ~32) != names[i].name[0])
			continue;
		n = strlen(names[i].name);

		/* "utc" too; but "est" is also a French word */
		if ((size_t)(c.end - c.p) < n ||
		    (i < 2 ? g_ascii_strncasecmp(c.p, names[i].name, n) :
			strncmp(c.p, names[i].name, n)) != 0)
			continue;
		x = (struct cursor){c.p + n, c.end};
		if (x.p < x.end && (g_ascii_isalnum(*x.p) || *x.p == '_'))
			continue;
		*offset = names[i].minutes * 60;
		/* "UTC+2", "GMT+0100" */
		if (names[i].minutes == 0 && n > 1) {
			struct cursor y = x;
			int more;

			/* "UTC +05:30", "GMT +2", "GMT -0500", but not
			 * "10:00 UTC -10:30 UTC" */
			if (y.end - y.p > 2 && *y.p == ' ' &&
			    g_ascii_isdigit(y.p[2]) && (y.p[1] == '+' ||
				(y.p[1] == '-' && (y.end - y.p < 5 ||
				    y.p[4] != ':'))))
				y.p++;
			if (numeric_zone(&y, &more)) {
				*offset = more;
				x = y;
			}
		}
		*len = (size_t)(x.p - s) + (paren && is(&x, ")]"));
		return true;
	}
	return false;
}

bool
stamp_till(const char *start, const struct cursor *c,
    const struct when_fields *f)
{
	const char *p = c->p;
	struct cursor x = {.p = p + 1, .end = c->end};
	int h, m;

	return p - start > 6 && c->end - p > 5 && *p == '-' &&
	    p[-3] == ':' && p[-6] == ' ' && digits(&x, 2, 2, &h) &&
	    is(&x, ":") && digits(&x, 2, 2, &m) && h < 24 && m < 60 &&
	    h * 60 + m > f->hour * 60 + f->minute;
}
