#include "base/base.h"
#include "inspect/letter/blame.h"

#include "base/text.h"

/* Chinese and Japanese: what stands before an address, or right behind. */
static const struct {
	const char *words;
	enum blame blame;
} before_words[] = {{"被攻击IP", BLAME_TARGET}, {"被攻击者", BLAME_TARGET},
    {"被攻击", BLAME_TARGET}, {"受攻击", BLAME_TARGET},
    {"출발지", BLAME_SOURCE}, {"공격자", BLAME_SOURCE},
    {"공격 IP", BLAME_SOURCE},
    {"공격IP", BLAME_SOURCE}, {"목적지", BLAME_TARGET}, {"피해", BLAME_TARGET},
    {"源地址", BLAME_SOURCE}, {"源ip", BLAME_SOURCE},
    {"源IP", BLAME_SOURCE}, {"来源", BLAME_SOURCE}, {"攻击源", BLAME_SOURCE},
    {"攻击者", BLAME_SOURCE}, {"攻击IP", BLAME_SOURCE},
    {"来自", BLAME_SOURCE}, {"日志显示", BLAME_SOURCE},
    {"检测到", BLAME_SOURCE}, {"发现", BLAME_SOURCE}, {"贵网络", BLAME_SOURCE},
    {"贵公司", BLAME_SOURCE}, {"贵单位", BLAME_SOURCE},
    {"您的", BLAME_SOURCE}, {"送信元", BLAME_SOURCE},
    {"攻撃元", BLAME_SOURCE}, {"発信元", BLAME_SOURCE},
    {"接続元", BLAME_SOURCE}, {"アクセス元", BLAME_SOURCE},
    {"貴ネットワーク", BLAME_SOURCE}, {"貴社", BLAME_SOURCE},
    {"被扫描", BLAME_TARGET},
    {"目的地址", BLAME_TARGET}, {"目的ip", BLAME_TARGET},
    {"目的IP", BLAME_TARGET}, {"目标", BLAME_TARGET},
    {"我们的", BLAME_TARGET}, {"我方", BLAME_TARGET}, {"我司", BLAME_TARGET},
    {"矿池", BLAME_TARGET}, {"控制端", BLAME_TARGET}, {"回连", BLAME_TARGET},
    {"外联", BLAME_TARGET}, {"远控", BLAME_TARGET}, {"我校", BLAME_TARGET},
    {"本校", BLAME_TARGET}, {"貴單位", BLAME_SOURCE}, {"受害", BLAME_TARGET},
    {"宛先", BLAME_TARGET},
    {"送信先", BLAME_TARGET}, {"攻撃先", BLAME_TARGET},
    {"接続先", BLAME_TARGET}, {"弊社", BLAME_TARGET}, {"当社", BLAME_TARGET},
    {"弊学", BLAME_TARGET}, {"本学", BLAME_TARGET}},
    behind_words[] = {{"から", BLAME_SOURCE}, {"에서", BLAME_SOURCE},
    {"으로", BLAME_TARGET}, {"에 대", BLAME_TARGET}, {"より", BLAME_SOURCE},
    {"对", BLAME_SOURCE}, {"向", BLAME_SOURCE}, {"が", BLAME_SOURCE},
    {"发起", BLAME_SOURCE}, {"に対", BLAME_TARGET}, {"への", BLAME_TARGET},
    {"受到", BLAME_TARGET}, {"遭到", BLAME_TARGET}};
enum { LABEL_MAX = 24, BEFORE_MAX = 110 };
/* "x floods y": a verb right before an address. */
static const char *const transitive[] = {"contacts", "contacting",
    "contacted", "contattano", "contatta", "contattato", "kontaktiert",
    "kontaktieren", "contacte", "contactent", "contacta", "contactan",
    "contacteert", "kontaktuje", "attacks", "floods", "scans",
    "probes", "hits", "hammers", "attacking", "flooding", "scanning",
    "probing", "hitting"};

/* "from", where it means that right before an address only. */
static const char *const out_of[] = {"da", "od", "z", "ze", "iz", "din"};

/* "Your IP address: x", "submitted from IP: y": who is accused, or who fills in
 * the form in which another line says who is. */
static bool
of_form(const char *label)
{
	static const char *const bare[] = {"ip", "ips", "ipv4", "ipv6",
	    "address", "adresse", "addresses", "public", "current", "own",
	    "dirección", "direccion", "indirizzo", "adres", "endereço"};
	size_t k = strcspn(label, " ");

	if (k >= 6 && strncmp(label, "submit", 6) == 0)
		return true;
	if (!blame_is_yours(label, k))
		return false;
	for (label += k; *label != '\0'; label += k) {
		label += strspn(label, " -_()");
		k = strcspn(label, " -_()");
		if (k > 0 && !blame_in(bare, COUNT_OF(bare), label, k))
			return false;
	}
	return true;
}

static const char *const causes[] = {"because", "weil", "porque",
    "perché", "omdat", "ponieważ", "car", "dass", "that", "but", "while",
    "whereas", "whenever", "aber", "mais", "pero", "maar", "ale"};

/* Where the name of a host begins that ends with the word from w to end; NULL
 * when it is none: "source.ip" is a label. */
static const char *
name_of(const char *s, const char *w, const char *end)
{
	static const char *const labels[] = {"ip", "port", "address", "addr",
	    "host", "name", "ipaddress", "ipv4", "ipv6", "bytes", "original"};

	if (w - s < 3 || w[-1] != '.' || !text_wordy(w[-2]) || end - w < 2 ||
	    blame_in(labels, COUNT_OF(labels), w, (size_t)(end - w)))
		return NULL;
	while (w > s && (text_wordy(w[-1]) || w[-1] == '-' || w[-1] == '_' ||
		(w[-1] == '.' && w - s > 1 && text_wordy(w[-2]))))
		w--;
	return g_ascii_isdigit(*w) && g_ascii_isdigit(end[-1]) ? NULL : w;
}

/* "source port 40000, at x": which port that is, not who. */
static bool
of_port(const char *q, const char *end)
{
	static const char port[] = " port";

	if ((size_t)(end - q) < sizeof(port) + 1 ||
	    g_ascii_strncasecmp(q, port, sizeof(port) - 1) != 0)
		return false;
	for (q += sizeof(port) - 1; q < end && (*q == ' ' || *q == ':');)
		q++;
	return q < end && g_ascii_isdigit(*q);
}

/* Words from the end of s backwards; the nearest that means something
 * wins.  Stops at the end of a sentence and after `most` words. */
static enum blame
nearest(const char *s, size_t n, int most)
{
	const char *end = s + n;
	bool first = n > 0 && s[n - 1] == ' ', said = false;

	for (; end > s && most-- > 0; said = true) {
		const char *w;

		while (end > s && !text_wordy(end[-1])) {
			/* a sentence ends; "IP. " too, but that is rare */
			if ((*(end - 1) == '.' || *(end - 1) == ';' ||
				*(end - 1) == '!' || *(end - 1) == '?') &&
			    end < s + n && *end == ' ')
				return BLAME_NONE;
			/* the cell before the one that names it */
			if (end[-1] == '|' && said)
				return BLAME_NONE;
			end--;
		}
		w = end;
		while (w > s && (text_wordy(w[-1]) || w[-1] == '_' ||
			w[-1] == '-' || w[-1] == '\''))
			w--;
		/* "login.client.example" is no client */
		if (w < end && name_of(s, w, end) != NULL) {
			/* "scanning www.example (x)" */
			end = name_of(s, w, end);
			first = true;
			continue;
		}
		/* "our site is down because x ..." begins anew */
		if (w == end || blame_in(causes, COUNT_OF(causes),
			w, (size_t)(end - w)))
			break;
		if (of_port(end, s + n)) {
			first = false;
			end = w;
			continue;
		}
		if (blame_by_ours(s, w, end))
			return BLAME_SOURCE;
		if (blame_head_of_botnet(s, w, end))
			return BLAME_TARGET;
		if ((blame_is_target(w,
			(size_t)(end - w)) && !blame_belongs(s, w, end) &&
			!blame_told_by_us(s, w) &&
			!blame_our_letter(w, end)) ||
		    blame_attack_on(s, w, end) || blame_bound_for(s, w, end) ||
		    blame_acts_upon(s, w, end) ||
		    blame_hit_by_ours(s, w, end) ||
		    blame_hit_by_other(s, w, end) ||
		    blame_against_theirs(s, w, end) || (first &&
			!blame_counted(s, w) && blame_in(transitive, COUNT_OF(transitive), w,
			    (size_t)(end - w))))
			return BLAME_TARGET;
		if (first && blame_in(out_of, COUNT_OF(out_of), w,
			(size_t)(end - w)))
			return BLAME_SOURCE;
		first = false;
		if (blame_seen_by_us(s, w, end))
			return BLAME_SOURCE;
		/* a relay, perhaps */
		if (blame_comes_by(s, w, end))
			return BLAME_LABEL;
		if (blame_is_source(w,
			(size_t)(end - w)) && !blame_of_ours(s, w, end) &&
		    !blame_your_letter(w, end) && !blame_elsewhere(end) &&
		    !blame_ihr_is_you(s, w, end))
			return blame_belongs(s, w, end) ||
				blame_who_reports(s, w, end) ||
				blame_kept_out(w, end) ? BLAME_TARGET :
				BLAME_SOURCE;
		end = w;
	}
	return BLAME_NONE;
}

enum blame
blame_of_label(const char *label)
{
	const char *best;
	size_t n = strlen(label);
	enum blame r;

	/* who wrote the log */
	if (strncmp(label, "log source", 10) == 0)
		return BLAME_TARGET;
	/* "attacked server", "destination of attack": a target word anywhere
	 * is stronger than "ip" and "from" */
	for (best = label; *best != '\0';) {
		size_t k = strcspn(best, " _-./()[]\t");

		if (blame_is_target(best, k) &&
		    !blame_belongs(label, best, best + k))
			return BLAME_TARGET;
		best += k;
		best += strspn(best, " _-./()[]\t");
	}
	r = nearest(label, n, 8);
	if (r != BLAME_NONE)
		return r;
	for (best = label; *best != '\0';) {
		size_t k = strcspn(best, " _-./()[]\t");

		if (blame_is_source(best, k) && !blame_elsewhere(best + k))
			return BLAME_SOURCE;
		best += k;
		best += strspn(best, " _-./()[]\t");
	}
	return BLAME_LABEL;
}

/* Length of a word at s that only goes on with a list: "192.0.2.1 and". */
static size_t
joiner_at(const char *s, const char *end)
{
	static const char *const words[] = {"and", "or", "also", "as", "well",
	    "then", "finally", "und", "oder", "sowie", "et", "ou", "y", "o",
	    "e", "en", "of", "och", "og", "i", "oraz", "ve", "ja"};
	size_t n = 0;

	while (s + n < end && text_wordy(s[n]))
		n++;
	return blame_in(words, COUNT_OF(words), s, n) ? n : 0;
}

static bool
alone(const struct line *l, const struct scan_hit *hit)
{
	const char *end = l->s + l->n;

	for (size_t i = 0; i < l->n; i++) {
		if (i >= hit->start && i < hit->end)
			continue;
		/* "10.0.2.1 (H)", "- 10.0.2.1", "1) 10.0.2.1" */
		if (l->s[i] == '(' && i > hit->end) {
			while (i < l->n && l->s[i] != ')')
				i++;
			continue;
		}
		if (g_ascii_isalpha(l->s[i]) || (l->s[i] & 0x80)) {
			size_t n = joiner_at(l->s + i, end);

			if (n == 0)
				return false;
			i += n - 1;
		}
	}
	return true;
}

/* Does the text stop in the middle of a sentence? */
static bool
unfinished(const char *s, size_t n)
{
	static const char *const words[] = {"was", "is", "are", "were", "the",
	    "address", "ip", "host", "namely", "machine", "computer", "system",
	    "be", "address:", "named", "called", "of", "with", "and", "or"};
	const char *end = s + n, *w = end;

	while (w > s && w[-1] != ' ')
		w--;
	return blame_in(words, COUNT_OF(words), w, (size_t)(end - w));
}

/* The last of the words before it, within a dozen characters, or those right
 * behind. */
static enum blame
without_blanks(const struct line *l, const struct scan_hit *hit)
{
	const char *s = l->s, *p = s + hit->start, *from, *best = NULL;
	const char *q = s + hit->end;
	size_t left = l->n - hit->end;
	enum blame r = BLAME_NONE;

	while (left > 0 && (*q == ' ' || *q == ')')) {
		q++;
		left--;
	}
	for (size_t i = 0; i < COUNT_OF(behind_words); i++) {
		size_t n = strlen(behind_words[i].words);

		if (left >= n && memcmp(q, behind_words[i].words, n) == 0)
			return behind_words[i].blame;
	}
	from = hit->start > 36 ? p - 36 : s;
	for (size_t i = 0; i < COUNT_OF(before_words); i++) {
		const char *at = g_strrstr_len(from, p - from,
		    before_words[i].words);

		/* which goes on longest; the first of two in the table */
		if (at != NULL)
			at += strlen(before_words[i].words);
		if (at != NULL && (best == NULL || at > best)) {
			best = at;
			r = before_words[i].blame;
		}
	}
	return r;
}

static bool
has_wide(const struct line *l)
{
	for (size_t i = 0; i < l->n; i++)
		if ((unsigned char)l->s[i] >= 0xe3 &&
		    (unsigned char)l->s[i] <= 0xef)
			return true;
	return false;
}

/* "192.0.2.1","2026-11-20 10:15:00": the next cell, and no other address. */
static bool
cell_behind(const struct line *l, const struct scan_hit *hit)
{
	const char *p = l->s + hit->end, *end = l->s + l->n;

	p += p < end && *p == '"';
	if (end - p < 3 || strchr(",;|\t", *p) == NULL || p[1] == ' ')
		return false;
	for (p++; p < end && *p == '"';)
		p++;
	while (p < end && g_ascii_isdigit(*p))
		p++;
	return p < end && *p != '.';
}

/* "2026-11-20 10:15:00   192.0.2.1": nothing but numbers in front; or
 * "- 192.0.2.1" */
static bool
row_begins(const struct line *l, const struct scan_hit *hit)
{
	size_t lead = MIN(strspn(l->s, " \t"), l->n);

	/* an item of a list */
	if (hit->start > lead + 1 && strchr("-*+", l->s[lead]) != NULL &&
	    l->s[lead + 1] == ' ')
		return true;
	if (hit->start <= lead + 1 && cell_behind(l, hit))
		return true;
	if (hit->start < 8 || !g_ascii_isdigit(*l->s))
		return false;
	for (size_t i = 0; i < hit->start; i++)
		if (text_wordy(l->s[i]) && !g_ascii_isdigit(l->s[i]) &&
		    l->s[i] != 'T' && l->s[i] != 'Z')
			return false;
	return true;
}

enum blame
blame_of(struct arena *a, const struct line *l, const struct scan_hit *hit,
    const char *before)
{
	const char *s = l->s, *p = s + hit->start, *end = s + l->n;
	const char *label;
	enum blame r;
	size_t n;
	char *t;

	if (beside_hidden(l, hit))
		return BLAME_WEAK;
	if (blame_access(l, hit))
		return BLAME_SOURCE;
	r = has_wide(l) ? without_blanks(l, hit) : BLAME_NONE;
	if (r != BLAME_NONE)
		return r;
	if (beside_arrow(s + hit->end, end))
		return BLAME_SOURCE;
	if (beside_arrow_before(s, p) || blame_is_us(s, p))
		return BLAME_TARGET;
	r = beside_arrow_left(s, p, s + hit->end, end);
	if (r != BLAME_NONE)
		return r;
	r = beside_relay(l, hit);
	if (r != BLAME_NONE)
		return r;
	/* "sip:100@198.51.100.5": whom they called; "joe@[198.51.100.5]" */
	if ((p - s > 1 && p[-1] == '@' && text_wordy(p[-2])) ||
	    (p - s > 1 && p[-1] == '[' && p[-2] == '@'))
		return BLAME_TARGET;
	label = beside_label(a, s, p);
	if (label != NULL) {
		if (of_form(label))
			return BLAME_LABEL;
		/* "Whois of y: x" says where it is */
		if (strstr(label, "whois") != NULL)
			return BLAME_NONE;
		/* "He wants this to stop: x floods him" is a sentence */
		r = strlen(label) > LABEL_MAX ? blame_after(s + hit->end, end) :
			BLAME_NONE;
		if (r == BLAME_NONE && strlen(label) > LABEL_MAX)
			r = blame_of_sentence(label);
		r = r != BLAME_NONE ? r : blame_of_label(label);
		/* "origin=" is the firewall that tells it */
		if (r == BLAME_SOURCE && s[hit->start - 1] == '=' &&
		    strcmp(label, "origin") == 0)
			return BLAME_LABEL;
		if (r != BLAME_LABEL)
			return r;
		/* "src outside:1.2.3.4" */
		t = read_lower(a, s, hit->start);
		r = nearest(t, strlen(t), 3);
		if (r != BLAME_NONE || beside_of_address(label))
			return r != BLAME_NONE ? r : BLAME_LABEL;
		if (s[hit->start - 1] == '=')
			return BLAME_WEAK;
		/* "Message: x appears to be guessing passwords" */
		r = blame_after(s + hit->end, end);
		/* what HTML does not show is labelled so (html.h) */
		return r != BLAME_NONE && strcmp(label, "hidden") != 0 ? r :
			BLAME_WEAK;
	}
	if (alone(l, hit)) {
		size_t k = strlen(before);

		while (k > 0 && before[k - 1] == ' ')
			k--;
		/* "...connections from" and the address on a new line */
		if (k > 0 && before[k - 1] != ':' && before[k - 1] != '.') {
			t = read_lower(a, before, k);
			/* "The target was" is no heading of a list either */
			r = nearest(t, k, unfinished(t, k) ? 6 : 1);
			if (r != BLAME_NONE)
				return r;
		}
		return BLAME_LIST;
	}
	/* a line that is long enough needs no line before it, nor does a row
	 * that begins with a time */
	n = hit->start > 60 || row_begins(l, hit) ? 0 : strlen(before);
	before += n > BEFORE_MAX ? n - BEFORE_MAX : 0;
	n = MIN(n, BEFORE_MAX);
	t = arena_alloc(a, n + hit->start + 2);
	memcpy(t, before, n);
	t[n++] = ' ';
	memcpy(t + n, s, hit->start);
	n += hit->start;
	for (size_t i = 0; i < n; i++)
		t[i] = g_ascii_tolower(t[i]);
	t[n] = '\0';
	if (blame_ours_acts(t, t + n, s + hit->end, end) ||
	    blame_von_unserem(t, s + hit->end, end))
		return BLAME_SOURCE;
	if (blame_wurde(s + hit->end, end))
		return BLAME_TARGET;
	r = blame_is_asked(t, t + n) ? BLAME_NONE : blame_after(s + hit->end, end);
	/* a verb right behind beats a noun far before, not a preposition; but
	 * behind "our server (x)" it is the server's, and "was hacked" says
	 * whose it is as little */
	if (r != BLAME_NONE && nearest(t, n, (hit->end < l->n &&
		s[hit->end] == ')') || blame_undone(s + hit->end, end) ?
		6 : 1) == BLAME_NONE)
		return r;
	/* "your customer x was attacked": a victim, though theirs */
	if (r == BLAME_TARGET && blame_struck(s + hit->end, end))
		return r;
	{
		enum blame far = nearest(t, n, 6);

		return far != BLAME_NONE ? far : r;
	}
}
