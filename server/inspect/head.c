/*
 * What the header says: who, what, which thread, whose ticket, and the
 * digest by which the same message is known again (read.h).
 */
#include "base/base.h"
#include "inspect/read.h"
#include "mail/hash.h"

/* Fields that the way of a message adds or changes; a trailing '*' is any
 * ending.  They are left out of the digest, so that the same report by
 * another route, or sent again, is the same report. */
static const char *const trace_fields[] = {"received", "return-path",
    "delivered-to", "x-original-to", "authentication-results", "arc-*",
    "x-spam*", "x-virus*", "received-spf", "x-received", "envelope-to",
    "x-envelope-*", "delivery-date", "status", "x-status", "x-uid", "x-uidl",
    "x-mozilla-*", "x-account-key", "content-length", "lines", "x-rspamd-*",
    "x-amavis*", "x-google-*", "x-gm-*", "x-forefront-*", "x-loop",
    "x-forwarded-*", "resent-*", "x-ms-exchange-*", "x-evolution*",
    "x-keywords", "x-dspam*", "x-bogosity", "x-greylist*", "x-policyd*",
    "x-hd-*", "x-canit*", "x-mail-from", "x-originator", "domainkey-status"};

/* name is in lower case. */
static bool
is_trace(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(trace_fields); i++) {
		const char *t = trace_fields[i];
		size_t n;

		if (*t != *name)
			continue;
		n = strlen(t);
		if (t[n - 1] == '*' ? strncmp(name, t, n - 1) == 0 :
			strcmp(name, t) == 0)
			return true;
	}
	return false;
}

/* Blank runs count as one blank and line ends as \n: relays refold. */
static void
sum_squashed(struct hash *sum, const char *s, size_t n)
{
	while (n > 0) {
		size_t k = 0;

		while (k < n && !g_ascii_isspace(s[k]))
			k++;
		hash_add(sum, s, k);
		s += k;
		n -= k;
		for (k = 0; k < n && g_ascii_isspace(s[k]); k++)
			;
		if (k > 0 && k < n)
			hash_add(sum, " ", 1);
		s += k;
		n -= k;
	}
}

/* One field with the lines that continue it, unless it is a trace. */
static void
sum_field(struct hash *sum, const char *s, size_t n)
{
	char name[64];
	size_t k = 0, colon;

	while (k < n && s[k] > ' ' && s[k] < 127 && s[k] != ':')
		k++;
	for (colon = k; colon < n && (s[colon] == ' ' || s[colon] == '\t');)
		colon++;
	if (k > 0 && k < sizeof(name) && colon < n && s[colon] == ':') {
		for (size_t i = 0; i < k; i++)
			name[i] = g_ascii_tolower(s[i]);
		name[k] = '\0';
		if (is_trace(name))
			return;
		hash_add(sum, name, k);
		hash_add(sum, ":", 1);
		s += colon + 1;
		n -= colon + 1;
	}
	sum_squashed(sum, s, n);
	hash_add(sum, "\n", 1);
}

/* From the bytes, not from the fields as they were read: what is no field
 * or too much to be read tells two messages apart all the same.  Where the
 * body begins. */
static const char *
sum_head(struct hash *sum, const char *s, const char *end)
{
	if (end - s > 5 && memcmp(s, "From ", 5) == 0) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		s = nl != NULL ? nl + 1 : end;
	}
	while (s < end) {
		const char *next = s;

		if (*s == '\n' || (end - s > 1 && s[0] == '\r' && s[1] == '\n'))
			return s + (*s == '\n' ? 1 : 2);
		do {
			const char *nl = memchr(next, '\n',
			    (size_t)(end - next));

			next = nl != NULL ? nl + 1 : end;
		} while (next < end && (*next == ' ' || *next == '\t'));
		sum_field(sum, s, (size_t)(next - s));
		s = next;
	}
	return end;
}

static const char *
digest(struct reading *r, const char *bytes, size_t all)
{
	struct hash *sum = hash_new(r->a);
	const char *s = sum_head(sum, bytes, bytes + all), *end;
	size_t len = (size_t)(bytes + all - s);

	while (len > 0 && (s[len - 1] == '\n' || s[len - 1] == '\r'))
		len--;
	for (end = s + len; s < end;) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((nl != NULL ? nl : end) - s);
		size_t keep = n > 0 && s[n - 1] == '\r' ? n - 1 : n;

		hash_add(sum, s, keep);
		hash_add(sum, "\n", 1);
		s += n + (nl != NULL);
	}
	return hash_end(r->a, sum);
}

/* ---- references of others ------------------------------------------------ */

/* Words that are followed by the number of a ticket. */
static const char *const ref_words[] = {"ticket", "case", "incident", "issue",
    "request", "reference", "ref", "abuse id", "notice id", "report id",
    "sr", "rid", "abuse case", "vorgang", "fall", "dossier"};
/* Prefixes of numbers that need no word. */
static const char *const ref_prefixes[] = {"INC", "RITM", "SCTASK", "TASK",
    "PRB", "CHG", "REQ", "SIR", "CS", "CERT-", "ABUSE-", "TKT", "SR-"};

static bool
ref_char(char c)
{
	return g_ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
	    c == '/';
}

/* "[CERT-XX#881]", "[Ticket: 12]", "[ABC-123]": what is in the brackets. */
static const char *
bracketed(struct arena *a, const char *s, const char *our_tag)
{
	for (const char *p = s; (p = strchr(p, '[')) != NULL; p++) {
		const char *e = p + 1 + strcspn(p + 1, "[]");
		size_t n = (size_t)(e - p - 1), digits = 0, upper = 0;
		const char *hash, *t = p + 1;
		bool key;

		if (*e != ']' || n < 2 || n > 60)
			continue;
		if (g_ascii_strncasecmp(t, our_tag, strlen(our_tag)) == 0 &&
		    !g_ascii_isalnum(t[strlen(our_tag)]))
			continue;
		hash = memchr(t, '#', n);
		key = g_ascii_isupper(*t);
		for (size_t i = 0; i < n; i++) {
			digits += g_ascii_isdigit(t[i]);
			upper += g_ascii_isupper(t[i]);
			key &= g_ascii_isupper(t[i]) ||
			    g_ascii_isdigit(t[i]) || t[i] == '-' || t[i] == '_';
		}
		/* SpamCop's "(1.2.3.4) id:123" */
		if (strncmp(t, "SpamCop", 7) == 0 &&
		    g_strstr_len(t, (gssize)n, "id:") != NULL)
			return arena_strndup(a, t, n);
		if (digits == 0 || memchr(t, '@', n) != NULL)
			continue;
		if (hash != NULL && (size_t)(hash - t) + 1 < n)
			return arena_strndup(a, t, n);
		/* CERT-123399, ABC-12: but not [CVE-2021-44228] */
		if (key && upper >= 2 && memchr(t, '-', n) != NULL &&
		    strncmp(t, "CVE", 3) != 0 && g_ascii_isdigit(t[n - 1]))
			return arena_strndup(a, t, n);
		for (size_t i = 0; i < COUNT_OF(ref_words); i++)
			if (g_ascii_strncasecmp(t, ref_words[i],
				strlen(ref_words[i])) == 0 &&
			    !g_ascii_isalpha(t[strlen(ref_words[i])]))
				return arena_strndup(a, t, n);
	}
	return NULL;
}

/* "(#5290765)" */
static const char *
in_parens(struct arena *a, const char *s)
{
	for (const char *p = s; (p = strstr(p, "(#")) != NULL; p++) {
		size_t n = strspn(p + 2, "0123456789");

		if (n >= 4 && p[2 + n] == ')')
			return arena_strndup(a, p + 1, n + 1);
	}
	return NULL;
}

static bool
word_start(const char *s, const char *p)
{
	return p == s || !g_ascii_isalnum(p[-1]);
}

/* INC0012345 */
static const char *
prefixed(struct arena *a, const char *s)
{
	for (const char *p = s; *p != '\0'; p++) {
		if (!g_ascii_isupper(*p) || !word_start(s, p))
			continue;
		for (size_t i = 0; i < COUNT_OF(ref_prefixes); i++) {
			size_t n = strlen(ref_prefixes[i]), k;

			if (strncmp(p, ref_prefixes[i], n) != 0)
				continue;
			for (k = n; g_ascii_isdigit(p[k]); k++)
				;
			if (k - n >= 5 && !g_ascii_isalnum(p[k]))
				return arena_strndup(a, p, k);
		}
	}
	return NULL;
}

/* "Case ID 314620451", "Issue 0536145:", "Ticket #2015-77" */
static const char *
worded(struct arena *a, const char *s)
{
	for (const char *p = s; *p != '\0'; p++) {
		if (!g_ascii_isalpha(*p) || !word_start(s, p))
			continue;
		for (size_t i = 0; i < COUNT_OF(ref_words); i++) {
			size_t n = strlen(ref_words[i]);
			const char *q = p + n, *v;
			bool digit = false;

			if (g_ascii_strncasecmp(p, ref_words[i], n) != 0 ||
			    g_ascii_isalpha(*q))
				continue;
			q += strspn(q, " ");
			if (g_ascii_strncasecmp(q, "id", 2) == 0 &&
			    !g_ascii_isalnum(q[2]))
				q += 2;
			else if (g_ascii_strncasecmp(q, "number", 6) == 0)
				q += 6;
			q += strspn(q, " :#=");
			for (v = q; ref_char(*q); q++)
				digit |= g_ascii_isdigit(*q);
			while (q > v && (q[-1] == '.' || q[-1] == '/'))
				q--;
			if (q - v >= 3 && q - v <= 40 && digit &&
			    memchr(v, '.', (size_t)(q - v)) == NULL &&
			    (g_ascii_isdigit(*v) || g_ascii_isupper(*v)))
				return text_squash(a,
				    arena_strndup(a, p, (size_t)(q - p)));
		}
	}
	return NULL;
}

static int64_t subject_number(const char *s, const char *tag);

/* "SEC-812 Re: [TOCSIN #12] ...", "[JIRA] (SEC-812) [TOCSIN #12]": the key of
 * an issue before our own number.  Elsewhere such a word may be anything. */
static const char *
key_before(struct arena *a, const char *s, const char *our_tag)
{
	size_t name = *s == '[' ? strcspn(s, "]0123456789") : 0;

	if (s[name] == ']')
		s += name + 1 + strspn(s + name + 1, " ");
	for (const char *p = s; *p != '\0' && *p != '['; p++) {
		size_t k, n;

		if (!g_ascii_isupper(*p) || (p > s && p[-1] != '('))
			continue;
		for (k = 1; g_ascii_isupper(p[k]) || g_ascii_isdigit(p[k]);
		     k++)
			;
		n = p[k] == '-' ? strspn(p + k + 1, "0123456789") : 0;
		if (k < 2 || k > 10 || n == 0 || n > 9 ||
		    strchr(p > s ? ")" : " :", p[k + 1 + n]) == NULL ||
		    strncmp(p, "CVE-", 4) == 0)
			continue;
		return subject_number(p, our_tag) != DESC_NULL
		    ? arena_strndup(a, p, k + 1 + n) : NULL;
	}
	return NULL;
}

const char *
read_their_ref(struct arena *a, const char *subject, const char *our_tag)
{
	const char *s;

	if (subject == NULL)
		return NULL;
	s = bracketed(a, subject, our_tag);
	if (s == NULL)
		s = key_before(a, subject, our_tag);
	if (s == NULL)
		s = prefixed(a, subject);
	if (s == NULL)
		s = in_parens(a, subject);
	if (s == NULL)
		s = worded(a, subject);
	return s;
}

/* "[TOCSIN #123]" anywhere in the subject. */
static int64_t
subject_number(const char *s, const char *tag)
{
	size_t n = strlen(tag);
	const char *p = s;

	while (p != NULL && (p = strchr(p, '[')) != NULL) {
		const char *q = ++p;
		int64_t number = 0;
		int digits = 0;

		q += strspn(q, " ");
		if (g_ascii_strncasecmp(q, tag, n) != 0)
			continue;
		q += n;
		q += strspn(q, " ");
		if (*q++ != '#')
			continue;
		q += strspn(q, " ");
		for (; g_ascii_isdigit(*q) && digits < 15; q++, digits++)
			number = number * 10 + (*q - '0');
		q += strspn(q, " ");
		if (digits > 0 && *q == ']')
			return number;
	}
	return DESC_NULL;
}

/* ---- Authentication-Results ----------------------------------------------- */

static bool
trusted_id(const struct conf *c, const char *id)
{
	for (size_t i = 0; c->smtp_authserv_ids != NULL &&
	    c->smtp_authserv_ids[i] != NULL; i++)
		if (text_ieq(c->smtp_authserv_ids[i], id))
			return true;
	return false;
}

/* One "dkim=pass (comment) header.d=example.org" */
static void
auth_result(struct reading *r, char *clause, GString *all)
{
	static const char *const methods[] = {"spf", "dkim", "dmarc", "arc"};
	char *words, *save = NULL, *word;
	const char *method = NULL, *domain = NULL;
	bool pass = false;
	int depth = 0;

	for (char *p = clause; *p != '\0'; p++) { /* comments -> blanks */
		depth += *p == '(';
		if (*p == ')' && depth > 0) {
			depth--;
			*p = ' ';
		} else if (depth > 0) {
			*p = ' ';
		}
	}
	words = clause;
	while ((word = strtok_r(words, " \t\r\n", &save)) != NULL) {
		char *eq = strchr(word, '=');

		words = NULL;
		if (eq == NULL)
			continue;
		*eq++ = '\0';
		for (size_t i = 0; method == NULL && i < COUNT_OF(methods); i++)
			if (text_ieq(word, methods[i])) {
				method = methods[i];
				pass = text_ieq(eq, "pass");
				if (all->len < 500)
					g_string_append_printf(all,
					    "%s%s=%.20s",
					    all->len > 0 ? " " : "", method,
					    text_lower(r->a, eq));
			}
		if (text_ieq(word, "header.d") || text_ieq(word, "header.from") ||
		    (text_ieq(word, "header.i") && domain == NULL))
			domain = strrchr(eq, '@') != NULL ?
			    strrchr(eq, '@') + 1 : eq;
	}
	if (!pass || domain == NULL || method == NULL || *domain == '\0')
		return;
	if (strcmp(method, "dmarc") == 0 ||
	    (strcmp(method, "dkim") == 0 && r->out->auth_domain == NULL))
		r->out->auth_domain =
		    read_field(r->a, text_lower(r->a, domain));
}

static void
auth_results(struct reading *r)
{
	GString *all = arena_gstring(r->a);
	struct mail_header *h = NULL;

	while ((h = mail_header_next(&r->m->headers, h,
		    "Authentication-Results")) != NULL) {
		const char *s = mail_header_text(r->a, h);
		char **clauses = g_strsplit(s, ";", 40);

		/* "authserv-id 1;", "authserv-id (comment);" */
		if (clauses[0] != NULL) {
			char *id = g_strstrip(clauses[0]);

			id[strcspn(id, " \t(")] = '\0';
			if (trusted_id(r->c, id))
				for (size_t i = 1; clauses[i] != NULL; i++)
					auth_result(r, clauses[i], all);
		}
		g_strfreev(clauses);
	}
	r->out->auth_results = all->len > 0 ? all->str : NULL;
}

/* conf smtp_spam_header is "X-Spam-Flag: YES": name and start of value. */
static bool
marked_spam(struct reading *r)
{
	const char *want = r->c->smtp_spam_header, *colon;
	struct mail_header *h = NULL;
	const char *name;

	colon = want != NULL ? strchr(want, ':') : NULL;
	if (colon == NULL)
		return false;
	name = arena_strndup(r->a, want, (size_t)(colon - want));
	colon += 1 + strspn(colon + 1, " ");
	while ((h = mail_header_next(&r->m->headers, h, name)) != NULL)
		if (text_istarts(mail_header_text(r->a, h), colon))
			return true;
	return false;
}

/* ---- all of it ------------------------------------------------------------- */

static const char *
address_of(struct reading *r, const char *name, const char **display)
{
	struct mail_header *h = mail_header(&r->m->headers, name);
	struct mail_address *list;
	size_t n;

	if (h == NULL)
		return NULL;
	list = mail_addresses(r->a, h->raw, h->raw_len, &n);
	if (n == 0)
		return NULL;
	if (display != NULL)
		*display = read_field(r->a, list[0].name);
	return read_field(r->a, list[0].addr);
}

static void
references(struct reading *r)
{
	const char **out = ARENA_ARRAY(r->a, const char *, INSPECT_REFS_MAX + 1);
	static const char *const fields[] = {"In-Reply-To", "References"};
	size_t n = 0;

	for (size_t f = 0; f < COUNT_OF(fields); f++) {
		const char *s = mail_get(r->a, &r->m->headers, fields[f]);
		const char *const *ids = mail_ids(r->a, s, 500);
		size_t k = 0, from;

		while (ids[k] != NULL)
			k++;
		/* the last ones are the nearest */
		from = k > INSPECT_REFS_MAX - n ? k - (INSPECT_REFS_MAX - n) : 0;
		for (; from < k; from++) {
			bool known = false;

			for (size_t i = 0; i < n; i++)
				known |= strcmp(out[i], ids[from]) == 0;
			if (!known && n < INSPECT_REFS_MAX)
				out[n++] = read_field(r->a, ids[from]);
		}
	}
	r->out->references = out;
}

void
read_head(struct reading *r, const void *bytes, size_t len)
{
	struct inspection *out = r->out;
	const struct mail_headers *h = &r->m->headers;
	const char *s, *const *ids;
	struct hash *sum;
	bool zone;

	sum = hash_new(r->a);
	hash_add(sum, bytes, len);
	out->sha256 = hash_end(r->a, sum);
	out->size = (int64_t)len;
	out->digest = digest(r, bytes, len);
	ids = mail_ids(r->a, mail_get(r->a, h, "Message-ID"), 1);
	out->message_id = read_field(r->a, ids[0]);
	out->from = address_of(r, "From", &out->from_name);
	if (out->from == NULL)
		out->from = address_of(r, "Sender", &out->from_name);
	out->reply_to = address_of(r, "Reply-To", NULL);
	s = mail_get(r->a, h, "Subject");
	out->subject = s != NULL ? text_cut(r->a, s, INSPECT_FIELD_MAX) : NULL;
	out->to = read_field(r->a, mail_get(r->a, h, "To"));
	out->cc = read_field(r->a, mail_get(r->a, h, "Cc"));
	s = mail_get(r->a, h, "Date");
	if (s == NULL || !when_parse_rfc5322(s, &out->date, &zone))
		out->date = DESC_NULL;
	references(r);
	out->subject_number =
	    subject_number(out->subject, r->c->site_subject_tag);
	out->their_ref = read_field(r->a,
	    read_their_ref(r->a, out->subject, r->c->site_subject_tag));
	if (out->their_ref == NULL) {
		s = mail_get(r->a, h, "RT-Ticket");
		out->their_ref = read_field(r->a, s);
	}
	auth_results(r);
	out->spam = marked_spam(r);
}
