#include "base/base.h"
#include "inspect/recognise/pattern.h"

#include "inspect/read.h"
#include "inspect/text/scan_priv.h"

enum kind {
	TEXT,   /* literal, lower case */
	BLANKS,
	LINE_START,
	LINE_END,
	ANY,    /* {*} */
	IP,
	PORT,
	NUMBER,
	TIME,
	URL,
	DOMAIN,
	CVE,
	WORD,
	REST,
};

struct item {
	enum kind kind;
	enum slot slot;     /* of values */
	const char *text;   /* of TEXT */
	size_t n;
	bool wide;          /* BLANKS between words: one at least, a line may
			     * end there */
};

struct pattern {
	size_t n;
	struct item items[];
};

static const struct {
	const char *name;
	enum kind kind;
} slots[SLOTS] = {
    [SLOT_SOURCE_IP] = {"source_ip", IP},
    [SLOT_SOURCE_PORT] = {"source_port", PORT},
    [SLOT_DESTINATION_IP] = {"destination_ip", IP},
    [SLOT_DESTINATION_PORT] = {"destination_port", PORT},
    [SLOT_PROTOCOL] = {"protocol", WORD},
    [SLOT_TIME] = {"time", TIME},
    [SLOT_URL] = {"url", URL},
    [SLOT_DOMAIN] = {"domain", DOMAIN},
    [SLOT_CVE] = {"cve", CVE},
    [SLOT_MALWARE] = {"malware", WORD},
    [SLOT_COUNT] = {"count", NUMBER},
    [SLOT_REPORTER_REF] = {"reporter_ref", WORD},
};
static const struct {
	const char *name;
	enum kind kind;
} kinds[] = {{"*", ANY}, {"word", WORD}, {"rest", REST}, {"number", NUMBER},
    {"ip", IP}, {"port", PORT}, {"time", TIME}, {"url", URL},
    {"domain", DOMAIN}, {"cve", CVE}};

/* ---- making one ----------------------------------------------------------- */

static bool
kind_named(const char *s, size_t n, enum kind *kind)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strlen(kinds[i].name) == n &&
		    strncmp(kinds[i].name, s, n) == 0) {
			*kind = kinds[i].kind;
			return true;
		}
	return false;
}

/* What stands between braces. */
static bool
take(struct item *x, const char *s, size_t n, GError **err)
{
	const char *colon = memchr(s, ':', n);
	size_t name = colon != NULL ? (size_t)(colon - s) : n;

	x->slot = SLOT_NONE;
	for (size_t i = 0; i < SLOTS; i++)
		if (strlen(slots[i].name) == name &&
		    strncmp(slots[i].name, s, name) == 0) {
			x->slot = (enum slot)i;
			x->kind = slots[i].kind;
		}
	if (x->slot == SLOT_NONE && colon == NULL &&
	    kind_named(s, n, &x->kind))
		return true;
	if (x->slot == SLOT_NONE)
		return fault_set(err, FAULT_INPUT,
		    "There is no {%.*s}.", (int)n, s);
	if (colon != NULL && (!kind_named(colon + 1, n - name - 1, &x->kind) ||
		x->kind == ANY))
		return fault_set(err, FAULT_INPUT,
		    "There is no kind in {%.*s}.", (int)n, s);
	return true;
}

/* A pattern begins with something to look for, or every byte of a text
 * would have to be tried. */
static bool
check(const struct pattern *p, GError **err)
{
	const struct item *x = p->items;

	if (p->n == 0 || (x->kind == LINE_START && p->n == 1))
		return fault_set(err, FAULT_INPUT, "The pattern is empty.");
	if (x->kind != TEXT && x->kind != LINE_START)
		return fault_set(err, FAULT_INPUT,
		    "A pattern begins with text or ^.");
	for (size_t i = 0; i + 1 < p->n; i++) {
		if (x[i].kind == ANY && (x[i + 1].kind == ANY ||
			x[i + 1].kind == REST))
			return fault_set(err, FAULT_INPUT,
			    "Something has to follow {*}.");
		if (x[i].kind == REST && x[i + 1].kind != LINE_END)
			return fault_set(err, FAULT_INPUT,
			    "Nothing can follow {...:rest}.");
	}
	return true;
}

bool
pattern_make(struct arena *a, const char *written, const struct pattern **out,
    GError **err)
{
	struct pattern *p = arena_alloc(a, sizeof(*p) +
	    PATTERN_ITEMS_MAX * sizeof(struct item));
	const char *s = written;

	if (strlen(s) > PATTERN_MAX)
		return fault_set(err, FAULT_INPUT,
		    "The pattern has more than %d bytes.", PATTERN_MAX);
	while (*s != '\0') {
		struct item *x = &p->items[p->n];
		const char *start = s;

		if (p->n++ == PATTERN_ITEMS_MAX)
			return fault_set(err, FAULT_INPUT,
			    "The pattern has more than %d pieces.",
			    PATTERN_ITEMS_MAX);
		x->slot = SLOT_NONE;
		if (*s == '^' && s == written) {
			x->kind = LINE_START;
			s++;
		} else if (*s == '$' && s[1] == '\0') {
			x->kind = LINE_END;
			s++;
		} else if (*s == ' ' || *s == '\t') {
			s += strspn(s, " \t");
			x->kind = BLANKS;
			x->wide = start > written && text_wordy(start[-1]) &&
			    (text_wordy(*s) || *s == '{');
		} else if (*s == '{' && s[1] != '{') {
			size_t n = strcspn(s, "}");

			if (s[n] == '\0')
				return fault_set(err, FAULT_INPUT,
				    "A } is missing.");
			if (!take(x, s + 1, n - 1, err))
				return false;
			s += n + 1;
		} else {
			GString *text = arena_gstring(a);

			while (*s != '\0' && *s != ' ' && *s != '\t' &&
			    !(*s == '{' && s[1] != '{') &&
			    !(*s == '$' && s[1] == '\0')) {
				g_string_append_c(text, g_ascii_tolower(*s));
				s += *s == '{' ? 2 : 1;
			}
			x->kind = TEXT;
			x->text = text->str;
			x->n = text->len;
		}
	}
	if (!check(p, err))
		return false;
	*out = p;
	return true;
}

/* ---- matching -------------------------------------------------------------- */

struct place {
	const char *text, *end; /* all of it */
};

static const char *
blanks(const struct item *x, const char *p, const char *end)
{
	const char *from = p;
	bool line = false;

	while (p < end && (*p == ' ' || *p == '\t' ||
		(*p == '\n' && x->wide && !line))) {
		line |= *p == '\n';
		p++;
	}
	return x->wide && p == from ? NULL : p;
}

static const char *
digits_at(const char *p, const char *end, int64_t max)
{
	int64_t v = 0;
	const char *s = p;

	while (p < end && g_ascii_isdigit(*p) && p - s < 10)
		v = v * 10 + (*p++ - '0');
	return p > s && v <= max && (p == end || !g_ascii_isalnum(*p)) ? p :
		NULL;
}

static void
keep(struct found *f, enum slot slot, const char *value)
{
	if (f != NULL && slot != SLOT_NONE && f->slot[slot] == NULL)
		f->slot[slot] = value;
}

static const char *
scanned(struct search *s, const struct place *w, const struct item *x,
    const char *p, struct found *f)
{
	struct scan_hit hit;

	if (!scan_at(s->arena, w->text, p, w->end, &hit))
		return NULL;
	if (x->kind == IP ? hit.kind > SCAN_CIDR :
		x->kind == URL ? hit.kind != SCAN_URL : hit.kind != SCAN_CVE)
		return NULL;
	keep(f, x->slot, hit.value);
	if (hit.port != DESC_NULL && (x->slot == SLOT_SOURCE_IP ||
		x->slot == SLOT_DESTINATION_IP))
		keep(f, x->slot == SLOT_SOURCE_IP ? SLOT_SOURCE_PORT :
			SLOT_DESTINATION_PORT,
		    arena_printf(s->arena, "%" PRId64, hit.port));
	return w->text + hit.end;
}

/* A run without blanks, up to the letter that follows in the pattern;
 * marks of the sentence are not part of it. */
static const char *
word_at(const struct item *x, bool last, const char *p, const char *end)
{
	char stop = !last && x[1].kind == TEXT ? *x[1].text : '\0';
	const char *s = p;

	while (p < end && (unsigned char)*p > ' ' && p - s < PATTERN_VALUE_MAX &&
	    (stop == '\0' || g_ascii_tolower(*p) != stop))
		p++;
	while (stop == '\0' && p > s && strchr(".,;:!?)]}>\"'*", p[-1]))
		p--;
	return p > s ? p : NULL;
}

static const char *
value(struct search *s, const struct place *w, const struct item *x, bool last,
    const char *p, struct found *f)
{
	const char *end = w->end, *from, *to = NULL, *name;
	bool defanged;
	struct stamp st;
	size_t n;

	if (p < end && (x->kind == IP || x->kind == URL || x->kind == DOMAIN ||
		x->kind == TIME || x->kind == PORT || x->kind == NUMBER))
		/* "*192.0.2.1*", "[192.0.2.1]" */
		while (p < end && *p != '\0' && strchr("*\"'<[(`", *p) != NULL)
			p++;
	from = p;
	switch (x->kind) {
	case IP:
	case URL:
	case CVE:
		return scanned(s, w, x, p, f);
	case PORT:
		to = digits_at(p, end, 65535);
		break;
	case NUMBER:
		to = digits_at(p, end, INT32_MAX);
		break;
	case TIME:
		if (p < end && stamp_at(p, end, &st))
			to = p + st.len;
		break;
	case DOMAIN:
		n = p < end ? scan_domain(s->arena, p, end, &defanged, &name) :
			0;
		if (n == 0)
			return NULL;
		keep(f, x->slot, name);
		return p + n;
	case WORD:
		to = word_at(x, last, p, end);
		break;
	default: /* REST */
		to = memchr(p, '\n', (size_t)(end - p));
		to = to != NULL ? to : end;
		while (to > p && g_ascii_isspace(to[-1]))
			to--;
		to = MIN(to, p + PATTERN_VALUE_MAX);
		break;
	}
	if (to == NULL || to == from)
		return NULL;
	keep(f, x->slot, read_field(s->arena,
	    arena_strndup(s->arena, from, (size_t)(to - from))));
	return to;
}

/* One item at p: where it ends, or NULL. */
static const char *
step(struct search *s, const struct place *w, const struct item *x, bool last,
    const char *p, struct found *f)
{
	s->left--;
	switch (x->kind) {
	case TEXT:
		if ((size_t)(w->end - p) < x->n)
			return NULL;
		for (size_t i = 0; i < x->n; i++)
			if (g_ascii_tolower(p[i]) != x->text[i])
				return NULL;
		return p + x->n;
	case BLANKS:
		return blanks(x, p, w->end);
	case LINE_START:
		return p;
	case LINE_END:
		while (p < w->end && (*p == ' ' || *p == '\t' || *p == '\r'))
			p++;
		return p == w->end || *p == '\n' ? p : NULL;
	default:
		return value(s, w, x, last, p, f);
	}
}

/* The whole pattern at p.  A {*} is tried byte by byte, and only the last
 * one reached is ever tried again. */
static const char *
match(struct search *s, const struct pattern *pat, const struct place *w,
    const char *p, struct found *f)
{
	size_t i = 0, any = SIZE_MAX;
	const char *next = NULL, *limit = NULL;
	struct found saved;

	while (i < pat->n) {
		const struct item *x = &pat->items[i];
		const char *to;

		if (x->kind == ANY) {
			const char *line = memchr(p, '\n',
			    MIN((size_t)(w->end - p), PATTERN_SKIP_MAX));

			any = ++i;
			next = p;
			limit = line != NULL ? line : MIN(w->end,
			    p + PATTERN_SKIP_MAX);
			if (f != NULL)
				saved = *f;
			continue;
		}
		to = step(s, w, x, i + 1 == pat->n, p, f);
		if (to != NULL) {
			p = to;
			i++;
			continue;
		}
		if (any == SIZE_MAX || next >= limit || s->left <= 0)
			return NULL;
		p = ++next;
		i = any;
		if (f != NULL)
			*f = saved;
	}
	return p;
}

/* Blanks and list marks at the start of a line. */
static const char *
line_start(const struct pattern *pat, const char *p, const char *end)
{
	static const char marks[] = "*-+#";
	const struct item *x = &pat->items[1];
	bool own = x->kind == TEXT && strchr(marks, *x->text) != NULL;

	for (;;) {
		if (p < end && (*p == ' ' || *p == '\t'))
			p++;
		else if (p < end && !own && *p != '\0' && strchr(marks, *p))
			p++;
		else if (end - p > 3 && memcmp(p, "\342\200\242", 3) == 0)
			p += 3;
		else
			return p;
	}
}

static bool
try(struct search *s, const struct pattern *pat, const struct place *w,
    const char *p, struct found *f, size_t *start, size_t *end)
{
	struct found mine = {{NULL}};
	const char *to;

	if (f != NULL)
		mine = *f;
	to = match(s, pat, w, p, f != NULL ? &mine : NULL);
	if (to == NULL)
		return false;
	if (f != NULL)
		*f = mine;
	*start = (size_t)(p - w->text);
	*end = (size_t)(to - w->text);
	return true;
}

/* Where the line behind `at` begins; beyond len when there is none. */
static size_t
next_line(const char *text, size_t len, size_t at)
{
	const char *p = at < len ? memchr(text + at, '\n', len - at) : NULL;

	return p != NULL ? (size_t)(p - text) + 1 : len + 1;
}

bool
pattern_find(struct search *s, const struct pattern *pat, const char *text,
    size_t len, size_t from, struct found *f, size_t *start, size_t *end)
{
	const struct place w = {text, text + len};
	const struct item *x = pat->items;
	const char *small, *large; /* where the next one of each stands */
	char lower, upper;

	if (x->kind == LINE_START) {
		size_t at = from == 0 || text[from - 1] == '\n' ? from :
			next_line(text, len, from);

		for (; at < len && s->left > 0; at = next_line(text, len, at)) {
			const char *p = line_start(pat, text + at, w.end);

			s->left -= 1 + (p - text - (ptrdiff_t)at);
			if (try(s, pat, &w, p, f, start, end))
				return true;
		}
		return false;
	}
	lower = *x->text;
	upper = g_ascii_toupper(lower);
	small = text + from;
	large = upper != lower ? small : NULL;
	for (const char *p = small; s->left > 0; p++) {
		if (small != NULL && small <= p)
			small = memchr(p, lower, (size_t)(w.end - p));
		if (large != NULL && large <= p)
			large = memchr(p, upper, (size_t)(w.end - p));
		if (small == NULL && large == NULL)
			return false;
		p = large == NULL || (small != NULL && small < large) ? small :
			large;
		if (text_wordy(lower) && p > text && text_wordy(p[-1]))
			continue;
		if (try(s, pat, &w, p, f, start, end))
			return true;
	}
	return false;
}
