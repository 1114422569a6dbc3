/* See excerpt.h. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "core/notice/excerpt.h"
#include "core/ticket/ticket.h"
#include "inspect/text/lines.h"

DESC_TABLE(excerpt_said, EXCERPT_SAID);
#define SOURCE(F, S) F(S, TEXT, source_ip, none)
DESC_PRIVATE(source, SOURCE);

enum { NAME_MIN = 4 }; /* bytes: shorter ones are words of any line */

void
excerpt_init(struct arena *a, struct excerpt *x, const struct list *said,
    const char *const *sources)
{
	x->said = *said;
	x->sources = g_hash_table_new(g_str_hash, g_str_equal);
	arena_defer(a, (void (*)(void *))g_hash_table_unref, x->sources);
	for (; *sources != NULL; sources++)
		g_hash_table_add(x->sources, (char *)(uintptr_t)*sources);
}

bool
excerpt_load(struct db *db, struct arena *a, int64_t number,
    struct excerpt *x, GError **err)
{
	struct list said, sources;
	const char **texts;

	if (!db_list(db, a, Q_EXCERPT_SAID, DB_ARGS(DB_INT(number)),
		&desc_excerpt_said, &said, err) ||
	    !db_list(db, a, Q_EXCERPT_SOURCES, DB_ARGS(DB_INT(number)),
		&desc_source, &sources, err))
		return false;
	texts = ARENA_ARRAY(a, const char *, sources.n + 1);
	for (size_t i = 0; i < sources.n; i++)
		texts[i] = LIST_AT(source, sources, i)->source_ip;
	excerpt_init(a, x, &said, texts);
	return true;
}

static bool
in_address(char c)
{
	return g_ascii_isxdigit(c) || c == ':' || c == '.';
}

/* The address at s, and where it ends; behind one of IPv4 a port may follow
 * ("192.0.2.7.4022" of tcpdump, "192.0.2.7:4022").  NULL: there is none, and
 * *end is where to look on. */
static const char *
address_at(struct arena *a, const char *s, const char *stop, const char **end)
{
	char word[46]; /* the longest address, and a NUL */
	const char *e = s;
	struct net net;
	size_t n, v4 = 0;
	int dots = 0;

	while (e < stop && in_address(*e))
		e++;
	*end = e;
	for (v4 = 0; s + v4 < e; v4++) {
		if (s[v4] == '.' && ++dots == 4)
			break;
		if (!g_ascii_isdigit(s[v4]) && s[v4] != '.')
			break;
	}
	n = dots >= 3 ? v4 : (size_t)(e - s);
	while (n > 0 && (s[n - 1] == '.' ||
		   (s[n - 1] == ':' && (n < 2 || s[n - 2] != ':'))))
		n--;
	if (n < 2 || n >= sizeof(word))
		return NULL;
	memcpy(word, s, n);
	word[n] = '\0';
	return net_parse_host(word, &net) ? net_text(a, &net) : NULL;
}

/* Does the line name an address of mine, and none of the others' rows (NULL:
 * whatever else it names)? */
static bool
is_theirs(struct arena *a, const struct excerpt *x, GHashTable *mine,
    const char *s, size_t len)
{
	const char *stop = s + len;
	bool found = false;

	while (s < stop) {
		const char *end, *address;

		if (!in_address(*s)) {
			/* (in a word of letters there is no address) */
			while (s < stop && (g_ascii_isalnum(*s) || *s == '_') &&
			    !in_address(*s))
				s++;
			s += s < stop && !in_address(*s);
			continue;
		}
		address = address_at(a, s, stop, &end);
		s = end;
		if (address == NULL)
			continue;
		if (g_hash_table_contains(mine, address))
			found = true;
		else if (x != NULL &&
		    g_hash_table_contains(x->sources, address))
			return false;
	}
	return found;
}

bool
excerpt_names(struct arena *a, const char *line, const char *address)
{
	g_autoptr(GHashTable) one = g_hash_table_new(g_str_hash, g_str_equal);

	g_hash_table_add(one, (char *)(uintptr_t)address);
	return is_theirs(a, NULL, one, line, strlen(line));
}

static bool
two_digits(const char *s)
{
	return g_ascii_isdigit(s[0]) && g_ascii_isdigit(s[1]);
}

/* "03:41"; but "192.0.2.26:2222" is a port. */
static bool
has_clock(const char *s, size_t n)
{
	for (size_t i = 2; i + 2 < n; i++)
		if (s[i] == ':' && two_digits(s + i - 2) &&
		    two_digits(s + i + 1) &&
		    (i == 2 || (s[i - 3] != '.' &&
			 !g_ascii_isdigit(s[i - 3]))) &&
		    (i + 3 == n || !g_ascii_isdigit(s[i + 3])))
			return true;
	return false;
}

/* Two of "KEY=value" are written by no person. */
static bool
has_pairs(const char *s, size_t n)
{
	int pairs = 0;

	for (size_t i = 1; i + 1 < n; i++)
		pairs += s[i] == '=' && g_ascii_isalnum(s[i - 1]) &&
		    !g_ascii_isspace(s[i + 1]);
	return pairs >= 2;
}

/* "192.0.2.7 scans us since 10:00", "2026-11-20 at 10:00 ...": a number, and
 * then a word, is how a person begins. */
static bool
begins_as_letter(const char *s, size_t n)
{
	size_t first = 0, from, to;

	while (first < n && !g_ascii_isspace(s[first]))
		first++;
	for (from = first; from < n && g_ascii_isspace(s[from]);)
		from++;
	for (to = from; to < n && (s[to] & 0x80 || g_ascii_islower(s[to]));)
		to++;
	return !has_clock(s, first) && to - from >= 2 &&
	    (to == n || g_ascii_isspace(s[to]) || strchr(",.:;", s[to]) != NULL);
}

/* As logs begin: a number, a bracket, a quote, or the name of a day or month. */
static bool
begins_as_log(const char *s, size_t n)
{
	static const char *const names[] = {"Jan ", "Feb ", "Mar ", "Apr ",
	    "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec ",
	    "Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun ", "Mon, ",
	    "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, ", "Sun, "};

	if (n > 0 && g_ascii_isdigit(*s))
		return !begins_as_letter(s, n);
	if (n > 0 && strchr("[<{\"", *s) != NULL)
		return true;
	for (size_t i = 0; i < COUNT_OF(names); i++)
		if (n > strlen(names[i]) &&
		    strncmp(s, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* What names of hosts have in common with the address: of
 * "noc@abuse.isp.example" "isp.example", but of "x@isp.co.uk" all three. */
static const char *
own_domain(struct arena *a, const char *address)
{
	const char *domain = text_address_domain(a, address);
	const char *dot[3] = {NULL, NULL, NULL}; /* the last ones, last first */

	if (domain == NULL)
		return NULL;
	for (const char *c = domain; *c != '\0'; c++)
		if (*c == '.') {
			dot[2] = dot[1];
			dot[1] = dot[0];
			dot[0] = c;
		}
	if (dot[1] == NULL)
		return domain;
	if (dot[0] - dot[1] > 4) /* longer than "co", "ac", "gov" */
		return dot[1] + 1;
	return dot[2] != NULL ? dot[2] + 1 : domain;
}

static bool
in_name(char c)
{
	return g_ascii_isalnum(c) || (c & 0x80) != 0 ||
	    strchr(".-_@+%", c) != NULL;
}

/* s with every word that holds `what` as "[...]"; a name of hosts is held
 * from a dot or an at sign on. */
static char *
masked(struct arena *a, const char *s, const char *what, bool host)
{
	char *low = text_lower(a, s);
	const char *find = text_lower(a, what), *at;
	GString *out = arena_gstring(a);
	size_t done = 0, n = strlen(find);

	for (at = low; n > 0 && (at = strstr(at, find)) != NULL;) {
		size_t from = (size_t)(at - low), to = from + n;

		if (host ? from > 0 && in_name(low[from - 1]) &&
			    strchr(".@", low[from - 1]) == NULL
			 : from > 0 && in_name(low[from - 1])) {
			at++;
			continue;
		}
		if (in_name(low[to]) && low[to] != '.' && low[to] != '-') {
			at++;
			continue;
		}
		while (host && from > done && in_name(low[from - 1]))
			from--;
		g_string_append_len(out, s + done, (gssize)(from - done));
		g_string_append(out, "[...]");
		done = to;
		at = low + to;
	}
	g_string_append(out, s + done);
	return out->str;
}

static const char *
masked_of(struct arena *a, const struct excerpt_said *w, const char *s)
{
	const char *domain = w->from == NULL ? NULL : own_domain(a, w->from);

	if (w->named)
		return s;
	if (domain != NULL)
		s = masked(a, s, domain, true);
	if (w->name != NULL && strlen(w->name) >= NAME_MIN)
		s = masked(a, s, w->name, false);
	return s;
}

const char *
excerpt_masked(struct arena *a, const struct excerpt *x, const char *text)
{
	for (size_t i = 0; text != NULL && i < x->said.n; i++)
		text = masked_of(a, LIST_AT(excerpt_said, x->said, i), text);
	return text;
}

/* The lines of one message. */
static void
gather(struct arena *a, const struct excerpt *x, GHashTable *mine,
    const struct excerpt_said *w, GHashTable *seen, GPtrArray *out)
{
	ARENA_AUTO(scratch, "excerpt");
	size_t n;
	const struct line *lines = lines_of(scratch, w->text, &n);

	for (size_t i = 0; i < n && out->len < EXCERPT_LINES_MAX; i++) {
		const char *s = lines[i].s, *line;
		size_t len = lines[i].n;

		while (len > 0 && g_ascii_isspace(*s))
			s++, len--;
		while (len > 0 && g_ascii_isspace(s[len - 1]))
			len--;
		if (lines[i].kind != LINE_TEXT || !has_clock(s, len) ||
		    !(begins_as_log(s, len) || has_pairs(s, len)) ||
		    !is_theirs(scratch, x, mine, s, len))
			continue;
		line = masked_of(a, w, text_cut(a,
		    arena_strndup(scratch, s, len), EXCERPT_LINE_MAX));
		if (g_hash_table_add(seen, (char *)(uintptr_t)line))
			g_ptr_array_add(out, (char *)(uintptr_t)line);
	}
}

const char *const *
excerpt_lines(struct arena *a, const struct excerpt *x,
    const struct list *events, size_t *n)
{
	g_autoptr(GHashTable) mine = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *out = arena_ptr_array(a);

	for (size_t i = 0; i < events->n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, *events, i);

		if (e->source_ip != NULL)
			g_hash_table_add(mine, (char *)(uintptr_t)e->source_ip);
	}
	for (size_t i = 0; g_hash_table_size(mine) > 0 && i < x->said.n; i++) {
		const struct excerpt_said *w =
		    LIST_AT(excerpt_said, x->said, i);

		if (w->text != NULL)
			gather(a, x, mine, w, seen, out);
	}
	*n = out->len;
	g_ptr_array_add(out, NULL);
	return (const char *const *)out->pdata;
}
