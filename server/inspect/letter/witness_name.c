/*
 * Sites that a letter is against and only names: "the domain x hosts a
 * phishing page", "Fraudulent site: www.x/login"; and users, "the mailbox
 * x@y was taken over" (plain.h).
 *
 * A word with dots may be anything, so it is looked for only where nothing
 * else is accused, and counts by the words around it, or by its shape.
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

enum { BEFORE_MAX = 6, LOOK_AT = 16384, AHEAD_MAX = 24 };

enum part {
	NOUN = 1, FILLER = 2, OWNER = 4, COPIES = 8, ASIDE = 16, DOES = 32,
	STUCK = 64, ACT = 128, USER = 256, FROM = 512, STRIKES = 1024,
	VIA = 2048
};

static const struct {
	const char *word;
	enum part part;
} words[] = {
#define NOUN(word) {word, NOUN},
#define FILLER(word) {word, FILLER},
#define OWNER(word) {word, OWNER},
#define COPIES(word) {word, COPIES},
#define ASIDE(word) {word, ASIDE},
#define DOES(word) {word, DOES},
#define STUCK(word) {word, STUCK},
#define ACT(word) {word, ACT},
#define USER(word) {word, USER},
#define FROM(word) {word, FROM},
#define STRIKES(word) {word, STRIKES},
#define VIA(word) {word, VIA},
#include "inspect/letter/witness_words.def"
};

/* Which of the parts may the word from w on play? */
static unsigned
parts_of(const char *w, size_t len)
{
	unsigned found = 0;

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		const char *x = words[i].word;
		size_t n = strlen(x);

		if (words[i].part == STUCK || *x != *w)
			continue;
		if (x[n - 1] == ' ' ? len == n - 1 && memcmp(w, x, len) == 0 :
			len >= n && memcmp(w, x, n) == 0)
			found |= words[i].part;
	}
	return found;
}

/* What stands before a name in its sentence. */
struct before {
	unsigned parts[BEFORE_MAX]; /* of the words, the nearest first */
	size_t n;
	bool colon;                 /* right before it */
	bool stuck;                 /* a noun of a script without blanks */
};

static bool
wordy(char c)
{
	return g_ascii_isalnum(c) || (c & 0x80) || c == '-';
}

/* s: lower case; the name begins at p */
static void
look_before(const char *s, const char *p, struct before *x)
{
	const char *q = p;

	*x = (struct before){0};
	while (q > s && strchr(" \t\"'<([:=*", q[-1]) != NULL)
		x->colon |= *--q == ':' || *q == '=';
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		size_t n = strlen(words[i].word);

		x->stuck |= words[i].part == STUCK && (size_t)(q - s) >= n &&
		    memcmp(q - n, words[i].word, n) == 0;
	}
	while (x->n < BEFORE_MAX && q > s) {
		const char *end = q;

		while (q > s && wordy(q[-1]))
			q--;
		if (q < end)
			x->parts[x->n++] = parts_of(q, (size_t)(end - q));
		/* not beyond the sentence */
		if (q > s && strchr(".!?;", q[-1]) != NULL)
			break;
		if (q > s)
			q--;
	}
}

/* "imitates x", "a copy of our x", "our own site is x"; but what is behind
 * "a fake copy of our site:" is the copy.  "Our customers are led to the site
 * x": whose the site is stands beside it, and below "Our sites are:" too. */
static bool
not_meant(const struct before *x, bool in_list)
{
	size_t own = BEFORE_MAX, copy = BEFORE_MAX, noun = 1;

	for (size_t i = x->n; i-- > 0;) {
		if (x->parts[i] & OWNER)
			own = i;
		if (x->parts[i] & COPIES)
			copy = i;
		if (x->parts[i] & NOUN)
			noun = i;
	}
	/* "our customers:" above a list is no "our sites:" */
	if (own < BEFORE_MAX && (!in_list ? own <= noun + 2 : own == 0 ||
		(x->parts[own - 1] & (NOUN | OWNER)) != 0))
		return !x->colon || copy == BEFORE_MAX || copy < own;
	if (copy < 2 && !x->colon)
		return true;
	return x->n > 0 && !in_list && (x->parts[0] & ASIDE) != 0;
}

/* "the domain called x"; of the words right before it, none but fillers. */
static bool
part_before(const struct before *x, unsigned part)
{
	for (size_t i = 0; i < x->n; i++) {
		if (x->parts[i] & part)
			return true;
		if ((x->parts[i] & FILLER) == 0)
			return false;
	}
	return false;
}

static bool
behind(const char *low, const char *end, unsigned part)
{
	const char *w = low;

	while (w < end && w - low < 4 && strchr(" \"')>],", *w) != NULL)
		w++;
	low = w;
	while (w < end && w - low < AHEAD_MAX && wordy(*w))
		w++;
	return w > low && (parts_of(low, (size_t)(w - low)) & part) != 0;
}

/* "index.html", "invoice.exe" */
static bool
is_file(const char *host)
{
	static const char *const ends[] = {"exe", "zip", "php", "html", "htm",
	    "pdf", "doc", "docx", "xls", "xlsx", "txt", "log", "csv", "js",
	    "jpg", "jpeg", "png", "gif", "sh", "py", "asp", "aspx", "jsp",
	    "dll", "apk", "eml", "msg", "conf", "cfg", "ini", "gz", "tar",
	    "rar", "iso", "local", "lan", "internal", "json", "xml", "bat",
	    "jar", "bin", "mp3", "mp4", "net-tools", "service", "conf"};
	const char *dot = strrchr(host, '.');

	return dot == NULL || blame_in(ends, COUNT_OF(ends), dot + 1,
	    strlen(dot + 1));
}

/* Is it one of the writer's own, or of those who look pages up? */
static bool
of_others(const struct plain *p, const char *host)
{
	const char *from = p->r->out->from != NULL ?
	    strrchr(p->r->out->from, '@') : NULL;

	return (from != NULL && text_ieq(received_org(from + 1),
	    received_org(host))) || witness_studies(host);
}

static void
keep(struct plain *p, const struct scan_hit *h)
{
	for (guint i = 0; i < p->urls->len; i++) {
		struct page *x = p->urls->pdata[i];

		if (strcmp(x->hit.host, h->host) != 0)
			continue;
		if (x->hit.value == NULL)
			x->hit.value = h->value;
		return;
	}
	if (p->urls->len < URLS_MAX) {
		struct page *x = ARENA_NEW(p->r->a, struct page);

		x->hit = *h;
		g_ptr_array_add(p->urls, x);
	}
}

/* Does the line hold nothing else, and stand below a heading? */
static bool
listed(const char *s, size_t start, size_t end)
{
	size_t k = start;

	while (k > 0 && strchr(" \t-*\"'", s[k - 1]) != NULL)
		k--;
	if ((k > 0 && s[k - 1] != '\n') || (s[end] != '\0' && s[end] != '\n'))
		return false;
	while (k > 0 && g_ascii_isspace(s[k - 1]))
		k--;
	return k > 0 && s[k - 1] == ':';
}

/* Where a name is looked for: in the letter, in its subject; or is it that of
 * a machine which does something to others? */
enum where { LETTER, SUBJECT, MACHINE };

static void
names_in(struct plain *p, const char *s, enum where where)
{
	size_t len = MIN(strlen(s), LOOK_AT), pos = 0, last = 0;
	const char *low = read_lower(p->r->a, s, len), *end = low + len;
	struct scan_hit h;
	bool in_list = false;

	while (scan_name(p->r->a, s, len, &pos, &h)) {
		bool shape = h.value != NULL || h.defanged ||
		    strncmp(h.host, "www.", 4) == 0;
		bool meant;
		struct before x;

		if (is_file(h.host) || of_others(p, h.host))
			continue;
		look_before(low, low + h.start, &x);
		/* the next of a list */
		in_list = listed(s, h.start, h.end) || (in_list &&
			strspn(s + last, " \t\r\n-*,\"'") >= h.start - last);
		last = h.end;
		if (where == MACHINE)
			meant = (x.parts[0] & FROM) != 0 ||
			    (behind(low + h.end, end, STRIKES) &&
				!not_meant(&x, in_list));
		else
			meant = !not_meant(&x, in_list) &&
			    (where == SUBJECT || shape || in_list || x.stuck ||
				part_before(&x, NOUN | ACT) ||
				behind(low + h.end, end, DOES));
		if (meant)
			keep(p, &h);
	}
}

/* "If one looks for x, the hits show pills": of a site that was broken into,
 * the only one that the letter names, and not as the writer's; "via x I bought
 * a bicycle": of one that cheats, too. */
static void
only_name(struct plain *p, bool via)
{
	const char *s = p->words->str;
	size_t len = MIN(p->words->len, LOOK_AT), pos = 0, n = 0;
	const char *low = read_lower(p->r->a, s, len);
	struct scan_hit h, one;

	while (scan_name(p->r->a, s, len, &pos, &h)) {
		struct before x;
		bool own = false;

		if (is_file(h.host) || of_others(p, h.host))
			continue;
		look_before(low, low + h.start, &x);
		for (size_t i = 0; i < x.n; i++)
			own |= (x.parts[i] & OWNER) != 0;
		if (own || (via ? (x.parts[0] & VIA) == 0 :
				(x.parts[0] & ASIDE) != 0 && (h.start < 4 ||
				    memcmp(low + h.start - 4, "for", 3))) ||
		    (n > 0 && strcmp(one.host, h.host) != 0))
			return;
		one = h;
		n++;
	}
	if (n > 0)
		keep(p, &one);
}

void
witness_names(struct plain *p)
{
	names_in(p, p->words->str, LETTER);
	if (p->urls->len == 0 && p->r->out->subject != NULL)
		names_in(p, p->r->out->subject, SUBJECT);
	if (p->urls->len > 0 || p->type == NULL)
		return;
	if (strcmp(p->type, "intrusions/application-compromise") == 0)
		only_name(p, false);
	else if (strcmp(p->type, "fraud/phishing") == 0)
		only_name(p, true);
}

void
witness_machines(struct plain *p)
{
	names_in(p, p->words->str, MACHINE);
}

/* "joe@example.org : J****1": the row of a list of stolen passwords */
static bool
leads_secret(const char *s, const char *end, const struct scan_hit *h)
{
	const char *p = s + h->start, *q = s + h->end;
	int hex = 0;

	while (p > s && strchr(" \t\"", p[-1]) != NULL)
		p--;
	while (q < end && strchr(" \t\"", *q) != NULL)
		q++;
	if ((p > s && p[-1] != '\n') || q == end ||
	    strchr(":;|,", *q) == NULL)
		return false;
	/* the secret is hidden, or a sum of it */
	for (q++; q < end && *q != '\n'; q++) {
		hex = g_ascii_isxdigit(*q) ? hex + 1 : 0;
		if (hex == 32 || (end - q > 1 && q[0] == '*' && q[1] == '*'))
			return true;
	}
	return false;
}

const char *
witness_user(struct plain *p)
{
	const char *s = p->words->str;
	size_t len = MIN(p->words->len, LOOK_AT), pos = 0;
	const char *low = read_lower(p->r->a, s, len);
	struct scan_hit h;

	while (scan_next(p->r->a, s, len, &pos, &h)) {
		struct before x;

		if (h.kind != SCAN_EMAIL || of_others(p, h.host))
			continue;
		look_before(low, low + h.start, &x);
		if (!not_meant(&x, false) && (part_before(&x, USER) ||
			behind(low + h.end, low + len, DOES) ||
			leads_secret(s, s + len, &h)))
			return h.value;
	}
	return NULL;
}
