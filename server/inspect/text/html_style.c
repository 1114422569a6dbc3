/*
 * Text that its reader does not see: display:none, no size, no contrast
 * (html.h).  Only what stands on the element is read; text that a style
 * sheet hides is shown like any other.
 */
#include "base/base.h"
#include "inspect/text/html.h"

#include <stdlib.h>

/* The differences of red, green and blue together that an eye misses. */
enum { CONTRAST_MIN = 24, VALUE_MAX = 64 };

static const struct {
	const char *name;
	int colour;
} colours[] = {{"white", 0xffffff}, {"black", 0}, {"red", 0xff0000},
    {"green", 0x8000}, {"blue", 0xff}, {"gray", 0x808080},
    {"grey", 0x808080}, {"silver", 0xc0c0c0}, {"yellow", 0xffff00},
    {"navy", 0x80}, {"maroon", 0x800000}, {"whitesmoke", 0xf5f5f5},
    {"snow", 0xfffafa}, {"ivory", 0xfffff0}};

/* The value of a property in lower case without blanks; false: none.  The
 * last one counts. */
static bool
property(const char *style, const char *name, char out[VALUE_MAX])
{
	size_t n = strlen(name);
	bool found = false;

	for (const char *p = style; p != NULL && *p != '\0';) {
		size_t len = strcspn(p, ";"), k = 0;
		const char *v;

		p += strspn(p, "; \t\r\n");
		len = strcspn(p, ";");
		v = p + n;
		if (len > n && g_ascii_strncasecmp(p, name, n) == 0) {
			v += strspn(v, " \t\r\n");
			if (*v == ':') {
				for (v++; v < p + len && k < VALUE_MAX - 1; v++)
					if (!g_ascii_isspace(*v))
						out[k++] = g_ascii_tolower(*v);
				out[k] = '\0';
				found = true;
			}
		}
		p += len;
	}
	return found;
}

static bool
is(const char *style, const char *name, const char *value)
{
	char v[VALUE_MAX];

	return property(style, name, v) && g_str_has_prefix(v, value);
}

/* "0", "0px", "0.1em", "1px": too small to be seen */
static bool
tiny(const char *style, const char *name)
{
	char v[VALUE_MAX], *unit;
	double n;

	if (!property(style, name, v) ||
	    (!g_ascii_isdigit(*v) && *v != '.'))
		return false;
	n = g_ascii_strtod(v, &unit);
	if (g_str_has_prefix(unit, "em") || g_str_has_prefix(unit, "rem"))
		n *= 16;
	else if (*unit == '%')
		n *= 0.16;
	return n <= 1.0;
}

/* -1: none that we know */
static int
colour(const char *s)
{
	char *end;

	if (s == NULL)
		return -1;
	s += *s == '#';
	for (size_t i = 0; i < COUNT_OF(colours); i++)
		if (g_str_has_prefix(s, colours[i].name) &&
		    !g_ascii_isalpha(s[strlen(colours[i].name)]))
			return colours[i].colour;
	if (strncmp(s, "rgb", 3) == 0) {
		int out = 0;

		s += strcspn(s, "(");
		for (int i = 0; i < 3 && *s != '\0'; i++) {
			long v = strtol(s + 1, &end, 10);

			out = out << 8 | (int)CLAMP(v, 0, 255);
			s = end;
		}
		return out;
	}
	if (strspn(s, "0123456789abcdefABCDEF") == 6)
		return (int)strtol(s, NULL, 16);
	if (strspn(s, "0123456789abcdefABCDEF") == 3) {
		int v = (int)strtol(s, NULL, 16);

		return (v >> 8) * 0x110000 + (v >> 4 & 15) * 0x1100 +
		    (v & 15) * 0x11;
	}
	return -1;
}

static int
distance(int a, int b)
{
	return abs((a >> 16) - (b >> 16)) +
	    abs((a >> 8 & 255) - (b >> 8 & 255)) + abs((a & 255) - (b & 255));
}

/* A colour that we cannot read (an image, a gradient) is not known. */
static void
take(const char *v, int *out)
{
	if (!g_str_has_prefix(v, "transparent") &&
	    !g_str_has_prefix(v, "inherit") && !g_str_has_prefix(v, "none"))
		*out = colour(v);
}

bool
html_faint(const struct html_colour *c)
{
	return c->text >= 0 && c->ground >= 0 &&
	    distance(c->text, c->ground) < CONTRAST_MIN;
}

bool
html_unseen(const char *style, const char *color, const char *bgcolor,
    struct html_colour *c)
{
	char v[VALUE_MAX];

	if (bgcolor != NULL)
		c->ground = colour(bgcolor);
	if (property(style, "background", v) ||
	    property(style, "background-color", v))
		take(v, &c->ground);
	if (color != NULL)
		c->text = colour(color);
	if (property(style, "color", v))
		take(v, &c->text);
	if (style == NULL)
		return false;
	return is(style, "display", "none") ||
	    is(style, "visibility", "hidden") ||
	    is(style, "visibility", "collapse") ||
	    is(style, "mso-hide", "all") || tiny(style, "font-size") ||
	    is(style, "text-indent", "-9") ||
	    (property(style, "opacity", v) &&
		g_ascii_strtod(v, NULL) < 0.1) ||
	    (is(style, "overflow", "hidden") &&
		(tiny(style, "height") || tiny(style, "max-height") ||
		    tiny(style, "width") || tiny(style, "max-width")));
}
