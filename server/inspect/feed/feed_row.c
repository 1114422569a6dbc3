/*
 * A row of a table becomes an event (feed.h).
 */
#include "base/base.h"
#include "inspect/feed/feed.h"

#include "base/net.h"

/* ---- values ------------------------------------------------------------- */

/* Ways to say that there is no value. */
static bool
no_value(const char *s)
{
	static const char *const words[] = {"-", "--", "n/a", "na", "null",
	    "none", "nil", "\\N"};

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (text_ieq(s, words[i]))
			return true;
	return *s == '\0';
}

/* Addresses in a field, canonical, NULL-ended. */
static const char *const *
addresses(struct arena *a, const char *s, size_t max)
{
	static const char *const none[] = {NULL};
	const char **one;
	struct net net;

	if ((!g_ascii_isxdigit(*s) && strchr("[(:", *s) == NULL) ||
	    strpbrk(s, ".:") == NULL)
		return none;
	if (!net_parse(s, false, &net))
		return scan_addresses(a, s, max);
	one = ARENA_ARRAY(a, const char *, 2);
	one[0] = net_text(a, &net);
	return one;
}

/* "443", "443/tcp" */
static bool
port_of(const char *s, int64_t *port, const char **protocol)
{
	char digits[6];
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n >= sizeof(digits))
		return false;
	memcpy(digits, s, n);
	digits[n] = '\0';
	if (!text_int(digits, 0, 65535, port))
		return false;
	if (text_ieq(s + n, "/tcp"))
		*protocol = "tcp";
	else if (text_ieq(s + n, "/udp"))
		*protocol = "udp";
	else
		return s[n] == '\0';
	return true;
}

static const char *
protocol_of(struct arena *a, const char *s)
{
	static const char *const numbers[][2] = {{"1", "icmp"}, {"6", "tcp"},
	    {"17", "udp"}, {"58", "icmpv6"}};

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		if (strcmp(numbers[i][0], s) == 0)
			return numbers[i][1];
	if (!g_ascii_isalpha(*s) || strlen(s) > 15 ||
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-_.+/")] != '\0')
		return NULL;
	return text_lower(a, s);
}

static bool
is_transport(const char *s)
{
	return text_ieq(s, "tcp") || text_ieq(s, "udp") || text_ieq(s, "icmp");
}

static bool
host_name(const char *s)
{
	struct net net;

	return strchr(s, '.') != NULL && !net_parse_host(s, &net) &&
	    text_domain_ok(s);
}

/* The first URL in a value; http://host/path from its two halves. */
static bool
url_of(struct feed *t, const char *s, const char *host,
    struct inspect_event *e)
{
	struct scan_hit hit;
	size_t pos = 0;

	if (*s == '/' && host != NULL && host_name(host))
		s = arena_printf(t->r->a, "http://%s%s", host, s);
	if (strstr(s, "://") == NULL || e->url != NULL)
		return false;
	while (scan_next(t->r->a, s, strlen(s), &pos, &hit))
		if (hit.kind == SCAN_URL) {
			e->url = read_field(t->r->a, hit.value);
			if (e->domain == NULL && hit.host != NULL &&
			    host_name(hit.host))
				e->domain = hit.host;
			return true;
		}
	return false;
}

static bool
cve_of(struct arena *a, const char *s, struct inspect_event *e)
{
	struct scan_hit hit;
	size_t pos = 0;

	if (e->cve != NULL)
		return false;
	while (scan_next(a, s, strlen(s), &pos, &hit))
		if (hit.kind == SCAN_CVE) {
			e->cve = hit.value;
			/* several stay as they are in extra */
			return pos >= strlen(s);
		}
	return false;
}

/* Is it a time of day alone? */
static bool
clock_only(const char *s)
{
	return strlen(s) <= 15 && strchr(s, ':') != NULL &&
	    strpbrk(s, "-/TZ") == NULL;
}

static void
time_of(struct feed *t, const char *time, const char *date,
    struct inspect_event *e)
{
	struct arena *a = t->r->a;
	const char *s = time;
	struct stamp st;

	if (date != NULL && (time == NULL || clock_only(time)))
		s = time == NULL ? date : arena_printf(a, "%s %s", date, time);
	if (s == NULL)
		return;
	if (t->zone == NULL || !stamp_at(s, s + strlen(s), &st) || st.zone ||
	    st.odd) {
		stamp_field(a, s, e);
		return;
	}
	e->time_given = read_field(a, text_cut(a, s, WHEN_TEXT_MAX));
	if (st.time != DESC_NULL && (t->place == NULL ||
		stamp_place_offset(t->place, &st.f, &t->offset))) {
		e->time = st.time - t->offset * WHEN_SECOND;
		e->zone = t->zone;
	}
}

/* Name of the feed that a row names; they repeat, mostly. */
static const char *
row_feed(struct feed *t, const char *s)
{
	if (t->last_feed == NULL || strcmp(t->last_feed, s) != 0) {
		t->last_feed = s;
		t->last_feed_name = feed_name(t->r->a, "csv", s);
	}
	return t->last_feed_name;
}

/* ---- rows --------------------------------------------------------------- */

struct row {
	const char *values[COL_KINDS]; /* the first of each kind */
	bool used[CSV_FIELDS_MAX];     /* it became a field of the event */
};

static bool
set_port(const char *s, int64_t *port, struct inspect_event *e)
{
	const char *protocol = e->protocol;

	if (*port != DESC_NULL || !port_of(s, port, &protocol))
		return false;
	e->protocol = protocol;
	return true;
}

static bool
set_text(const char **field, const char *s)
{
	if (*field != NULL)
		return false;
	*field = s;
	return s != NULL;
}

/* Puts a value where it belongs; false: into extra. */
static bool
take(struct feed *t, struct row *row, enum column c, const char *s,
    struct inspect_event *e)
{
	struct arena *a = t->r->a;

	switch (c) {
	case COL_PORT:
	case COL_SRC_PORT:
		return set_port(s, t->victim ? &e->destination_port :
		    &e->source_port, e);
	case COL_DST_PORT:
		return set_port(s, t->victim ? &e->source_port :
		    &e->destination_port, e);
	case COL_PROTOCOL:
		return set_text(&e->protocol, protocol_of(a, s));
	case COL_URL:
		return url_of(t, s, row->values[COL_DOMAIN], e);
	case COL_DOMAIN:
		return e->domain == NULL && host_name(s) &&
		    set_text(&e->domain, text_lower(a, s));
	case COL_MALWARE:
		return set_text(&e->malware, read_field(a, s));
	case COL_COUNT:
		return e->count == DESC_NULL &&
		    text_int(s, 1, INT32_MAX, &e->count);
	case COL_CVE:
		return cve_of(a, s, e);
	case COL_REF:
		return !no_value(s) && strcmp(s, "0") != 0 &&
		    set_text(&e->reporter_ref, read_field(a, s));
	case COL_SEVERITY:
		return set_text(&e->severity, severity_of(s));
	case COL_TYPE:
		/* "type" of Shadowserver's old reports */
		return is_transport(s) &&
		    set_text(&e->protocol, protocol_of(a, s));
	case COL_FEED:
	case COL_N6_SOURCE:
		return !t->shadowserver && set_text(&e->feed, row_feed(t, s));
	default:
		return false;
	}
}

/* What no field of an event holds, as an object. */
static const char *
extra_of(struct feed *t, const struct row *row, const char *const *values,
    size_t n)
{
	GString *s = g_string_sized_new(1024);
	struct json_out w = json_out(s);
	const char *out = NULL;

	json_begin(&w, '{');
	for (size_t i = 0; i < n; i++) {
		size_t before = s->len;
		bool comma = w.comma;

		if (row->used[i] || *values[i] == '\0' ||
		    strcmp(values[i], "-") == 0)
			continue;
		json_text(&w, t->names[i], strlen(values[i]) > FEED_VALUE_MAX ?
		    text_cut(t->r->a, values[i], FEED_VALUE_MAX) : values[i]);
		if (s->len >= INSPECT_EXTRA_MAX) {
			g_string_truncate(s, before);
			w.comma = comma;
		}
	}
	json_end(&w, '}');
	if (s->len > 2 && t->r->extras + s->len <= FEED_EXTRAS_MAX) {
		t->r->extras += s->len;
		out = arena_strndup(t->r->a, s->str, s->len);
	} else if (s->len > 2 && t->r->extras <= FEED_EXTRAS_MAX) {
		t->r->extras = FEED_EXTRAS_MAX + 1;
		read_defect(t->r, "The columns without a field of their own "
		    "hold more than %d MB; the rest of them was not kept.",
		    FEED_EXTRAS_MAX / 1024 / 1024);
	}
	g_string_free(s, TRUE);
	return out;
}

/* The addresses of the first column of these kinds that has some; it is
 * used then. */
static const char *const *
side(struct feed *t, struct row *row, const char *const *values, size_t n,
    const enum column *kinds)
{
	int looks = 0;

	for (; *kinds != COL_UNKNOWN; kinds++)
		for (size_t i = 0; i < n; i++) {
			const char *const *ips;

			if (t->columns[i] != *kinds || *values[i] == '\0' ||
			    looks >= FEED_LOOKS_MAX)
				continue;
			looks++;
			ips = addresses(t->r->a, values[i], t->every
			    ? MIN(strlen(values[i]) / 2, INSPECT_EVENTS_MAX)
			    : FEED_ADDRESSES_MAX);
			if (ips[0] == NULL || strcmp(ips[0], "0.0.0.0") == 0)
				continue;
			row->used[i] = true;
			return ips;
		}
	return NULL;
}

bool
feed_row(struct feed *t, const char *const *values, size_t n)
{
	/* "Host" may hold either */
	static const enum column sources[] = {COL_IP, COL_SRC_IP, COL_SRC,
	    COL_DOMAIN, COL_UNKNOWN};
	static const enum column targets[] = {COL_DST_IP, COL_DST,
	    COL_UNKNOWN};
	struct row row = {0};
	const char *const *src, *const *dst;
	struct inspect_event *e, first = {0};

	n = MIN(n, t->n);
	src = side(t, &row, values, n, t->victim ? targets : sources);
	dst = side(t, &row, values, n, t->victim ? sources : targets);
	/* a report of targets alone is about them */
	if (src == NULL && t->shadowserver) {
		src = dst;
		dst = NULL;
	}
	for (size_t i = 0; i < n; i++)
		if (row.values[t->columns[i]] == NULL && !no_value(values[i]))
			row.values[t->columns[i]] = values[i];
	if (src == NULL && dst == NULL && row.values[COL_URL] == NULL &&
	    (row.values[COL_DOMAIN] == NULL || t->known < 2) &&
	    !(t->shadowserver && row.values[COL_TIME] != NULL))
		return false;
	if (t->r->full)
		return true;
	e = read_event(t->r, t->part);
	for (size_t i = 0; i < n; i++)
		if (t->columns[i] > COL_DST && !row.used[i] &&
		    !no_value(values[i]))
			row.used[i] = take(t, &row,
			    (enum column)t->columns[i], values[i], e);
	e->source_ip = src != NULL ? src[0] : NULL;
	e->destination_ip = dst != NULL && strchr(dst[0], '/') == NULL ?
	    dst[0] : NULL;
	time_of(t, row.values[COL_TIME], row.values[COL_DATE], e);
	for (size_t i = 0; i < n; i++)
		if (values[i] == row.values[COL_TIME] ||
		    values[i] == row.values[COL_DATE])
			row.used[i] = true;
	if (e->feed == NULL)
		e->feed = t->feed;
	if (!t->shadowserver)
		e->type = feed_type(row.values[COL_TAXONOMY],
		    row.values[COL_TYPE]);
	if (e->type == NULL)
		e->type = t->type;
	/* "compromised hosts", and with what */
	if (e->malware != NULL && e->type == t->type && e->type != NULL &&
	    !t->shadowserver &&
	    strcmp(e->type, "intrusions/system-compromise") == 0)
		e->type = "malicious-code/infected-system";
	if (row.values[COL_PORT] != NULL && row.values[COL_SRC_PORT] == NULL)
		classify_knock_port(e->type, e);
	e->extra = extra_of(t, &row, values, n);
	t->rows++;
	/* events may be a copy for each address beside the first */
	first = *e;
	for (size_t i = 1; src != NULL && src[0] != NULL && src[i] != NULL;
	    i++) {
		e = read_event(t->r, t->part);
		*e = first;
		e->source_ip = src[i];
	}
	return true;
}

/* "|----|----|", "+====+" */
static bool
is_rule(const char *const *fields, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (fields[i][strspn(fields[i], "-+=: |")] != '\0')
			return false;
		any |= *fields[i] != '\0';
	}
	return any;
}

void
feed_rows(struct feed *t, const char *text, size_t len, bool letter)
{
	const char *fields[CSV_FIELDS_MAX];
	/* the text itself is shown; the rows are cut out of a copy */
	struct csv_cursor c = csv_cursor(arena_strndup(t->r->a, text, len),
	    len, t->separator);
	size_t n, bad = 0;

	c.lenient = true;
	while (!t->r->full && bad < FEED_BAD_MAX &&
	    csv_next(&c, fields, &n, NULL)) {
		const char *const *f = fields;

		if (n == 1 && *f[0] == '\0') {
			if (letter && t->rows > 0)
				return;
			continue;
		}
		if (*f[0] == '#' || is_rule(f, n))
			continue;
		/* the bar in front */
		if (t->separator == '|' && n > 1 && *f[0] == '\0') {
			f++;
			n--;
		}
		if (!feed_row(t, f, n))
			bad++;
	}
	if (bad > 0 && !letter)
		read_defect(t->r, "%zu rows of a table name no address.", bad);
}
