/* See zone.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/zone.h"

/* Areas of the tz database.  "posix/..." and "right/..." (with leap
 * seconds) stand in the same folder and are none. */
static const char *const areas[] = {"Africa/", "America/", "Antarctica/",
    "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/",
    "Pacific/", "Etc/"};

const char *
zone_offset_text(struct arena *a, int seconds)
{
	int minutes = abs(seconds) / 60;

	if (seconds == 0)
		return "UTC";
	return arena_printf(a, "%c%02d:%02d", seconds < 0 ? '-' : '+',
	    minutes / 60, minutes % 60);
}

/* "+01:00" "+0100" "+01" "+1"; the whole of s. */
static bool
parse_offset(const char *s, int *seconds)
{
	int sign = *s == '-' ? -1 : 1, h, m = 0;
	size_t n;

	if (*s != '+' && *s != '-')
		return false;
	s++;
	n = strspn(s, "0123456789");
	if (n == 4 && s[4] == '\0') {
		h = (s[0] - '0') * 10 + s[1] - '0';
		m = (s[2] - '0') * 10 + s[3] - '0';
	} else if (n == 1 || n == 2) {
		h = n == 1 ? s[0] - '0' : (s[0] - '0') * 10 + s[1] - '0';
		if (s[n] == ':' && strspn(s + n + 1, "0123456789") == 2 &&
		    s[n + 3] == '\0')
			m = (s[n + 1] - '0') * 10 + s[n + 2] - '0';
		else if (s[n] != '\0')
			return false;
	} else {
		return false;
	}
	/* The furthest places are at -12 and +14. */
	if (m > 59 || h * 60 + m > (sign < 0 ? 12 : 14) * 60)
		return false;
	*seconds = sign * (h * 3600 + m * 60);
	return true;
}

/* The name becomes a file's, so its letters are looked at first. */
static bool
area_ok(const char *s)
{
	bool known = false;

	for (size_t i = 0; i < COUNT_OF(areas); i++)
		known |= g_str_has_prefix(s, areas[i]);
	if (!known || g_str_has_suffix(s, "/"))
		return false;
	for (; *s != '\0'; s++)
		if (!g_ascii_isalnum(*s) && strchr("/_-+", *s) == NULL)
			return false;
	return true;
}

static void
unref(void *tz)
{
	g_time_zone_unref(tz);
}

bool
zone_parse(struct arena *a, const char *s, struct zone *z, GError **err)
{
	static const char *const utc[] = {"UTC", "GMT", "UT", "Z", "Etc/UTC",
	    "Etc/GMT", "zulu"};
	const char *t = text_squash(a, s != NULL ? s : "");
	int seconds;

	if (*t == '\0')
		return fault_set(err, FAULT_INPUT,
		    "Say which zone: UTC, +01:00 or Europe/London.");
	for (size_t i = 0; i < COUNT_OF(utc); i++)
		if (text_ieq(t, utc[i])) {
			*z = (struct zone){.name = "UTC"};
			return true;
		}
	if (parse_offset(t, &seconds) ||
	    (strlen(t) > 3 && (text_istarts(t, "utc") ||
				  text_istarts(t, "gmt")) &&
		parse_offset(t + 3 + (t[3] == ' '), &seconds))) {
		*z = (struct zone){.name = zone_offset_text(a, seconds),
		    .offset = seconds};
		return true;
	}
	if (strlen(t) <= ZONE_NAME_MAX && area_ok(t)) {
		GTimeZone *tz = g_time_zone_new_identifier(t);

		if (tz != NULL) {
			arena_defer(a, unref, tz);
			*z = (struct zone){.name = t, .tz = tz};
			return true;
		}
	}
	return fault_set(err, FAULT_INPUT,
	    "\"%s\" is no time zone that we know: write UTC, an offset such "
	    "as +01:00, or an area such as Europe/London.",
	    text_cut(a, t, ZONE_NAME_MAX));
}

/* Seconds east of UTC that the zone's clocks showed at that moment. */
static int
offset_at(GTimeZone *tz, int64_t utc)
{
	int interval =
	    g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, utc);

	return g_time_zone_get_offset(tz, interval);
}

enum zone_fit
zone_utc(const struct zone *z, const struct when_fields *f, int64_t *t,
    int offset[2])
{
	struct when_fields w = *f;
	int64_t local, seconds;
	int tried[2], n = 0;

	w.offset = 0;
	if (!when_from_fields(&w, &local))
		return ZONE_BAD;
	if (z->tz == NULL) {
		w.offset = z->offset;
		return when_from_fields(&w, t) ? ZONE_ONE : ZONE_BAD;
	}
	/* Whatever offset was in force, it was so a day before or a day
	 * after: no zone changes its clocks twice in two days.  The earlier
	 * time has the larger offset, which is the one before. */
	seconds = local / WHEN_SECOND - (local % WHEN_SECOND < 0);
	tried[0] = offset_at(z->tz, seconds - 86400);
	tried[1] = offset_at(z->tz, seconds + 86400);
	for (int i = 0; i < 2; i++) {
		if ((i == 1 && tried[1] == tried[0]) ||
		    offset_at(z->tz, seconds - tried[i]) != tried[i])
			continue;
		offset[n++] = tried[i];
	}
	if (n == 2)
		return ZONE_TWICE;
	if (n == 0)
		return ZONE_NONE;
	w.offset = offset[0];
	return when_from_fields(&w, t) ? ZONE_ONE : ZONE_BAD;
}

void
zone_local(const struct zone *z, int64_t t, struct when_fields *f)
{
	int64_t seconds = t / WHEN_SECOND - (t % WHEN_SECOND < 0);
	int offset = z->tz != NULL ? offset_at(z->tz, seconds) : z->offset;

	when_fields(t + offset * WHEN_SECOND, f);
	f->offset = offset;
}
