#include "base/base.h"
#include "inspect/read.h"
#include "inspect/text/lines.h"

enum { ON_TOP = 3 }; /* lines: what has fewer before it stands on top */

/* Keys with which an answer of whois begins or goes on. */
static const char *const whois_start[] = {"inetnum:", "inet6num:",
    "netrange:", "cidr:", "route:", "route6:", "aut-num:", "orgname:",
    "network:network-name:", "% information related", "% this is the",
    "% [whois", "[querying ", "[redirected to", "# arin whois",
    "% joint whois", "% abuse contact", "refer:", "netname:",
    "% nserver", "ipv4 address :", "domain name:"};
static const char *const whois_keys[] = {"inetnum", "inet6num", "netrange",
    "cidr", "netname", "nethandle", "parent", "nettype", "originas",
    "organization", "organisation", "regdate", "updated", "ref", "orgname",
    "orgid", "address", "city", "stateprov", "postalcode", "country",
    "orgabusehandle", "orgabusename", "orgabusephone", "orgabuseemail",
    "orgabuseref", "orgtechhandle", "orgtechname", "orgtechphone",
    "orgtechemail", "orgtechref", "comment", "descr", "admin-c", "tech-c",
    "abuse-c", "status", "mnt-by", "mnt-lower", "mnt-routes", "mnt-domains",
    "mnt-ref", "mnt-irt", "source", "created", "last-modified", "remarks",
    "person", "role", "phone", "fax-no", "e-mail", "email", "nic-hdl",
    "abuse-mailbox", "notify", "changed", "route", "route6", "origin", "org",
    "org-name", "org-type", "org", "language", "geoloc", "irt", "auth",
    "aut-num", "as-name", "import", "export", "owner", "ownerid",
    "responsible", "inetrev", "nserver", "nsstat", "nslastaa", "owner-c",
    "network", "refer", "domain", "netblock", "noc", "abuse", "tech",
    "sponsoring-org", "rtechhandle", "rtechname", "rtechemail", "rtechphone",
    "rabusehandle", "rabusename", "rabuseemail", "rabusephone", "geofeed",
    "resourcelink", "member-of", "holes", "pingable", "service name",
    "domain name", "registrar", "registrant", "name server", "dnssec"};

/* Fields of a mail that tell its way. */
static const char *const route_fields[] = {"received:", "x-received:",
    "received-spf:", "authentication-results:", "arc-", "dkim-signature:",
    "x-google-", "x-forefront-", "x-ms-exchange", "x-sender-ip:",
    "x-mailscanner", "x-spam-", "x-virus-", "delivered-to:",
    "domainkey-signature:", "x-original-to:", "envelope-to:"};

static bool
starts(const struct line *l, size_t skip, const char *const *list, size_t n)
{
	const char *s = l->s + skip;
	size_t left = l->n - skip;

	for (size_t i = 0; i < n; i++) {
		size_t k;

		if (left == 0 || (*s | 32) != (*list[i] | 32))
			continue;
		k = strlen(list[i]);
		if (left >= k && g_ascii_strncasecmp(s, list[i], k) == 0)
			return true;
	}
	return false;
}

/* "Received: Thu, 19 Nov 2026 ...": when, not which way. */
static bool
received_when(const struct line *l, size_t lead)
{
	const char *s = l->s + lead, *end = l->s + l->n;
	struct stamp st;

	if (end - s < 12 || g_ascii_strncasecmp(s, "received:", 9) != 0)
		return false;
	for (s += 9; s < end && g_ascii_isspace(*s); s++)
		;
	return stamp_at(s, end, &st);
}

static bool
whois_line(const struct line *l)
{
	const char *colon;

	if (l->n == 0 || l->s[0] == '%' || l->s[0] == '#')
		return true;
	if (g_ascii_isspace(l->s[0]))
		return true; /* a continuation */
	colon = memchr(l->s, ':', MIN(l->n, 24));
	if (colon == NULL)
		return false;
	for (size_t i = 0; i < COUNT_OF(whois_keys); i++) {
		size_t k = strlen(whois_keys[i]);

		if ((size_t)(colon - l->s) >= k &&
		    g_ascii_strncasecmp(l->s, whois_keys[i], k) == 0 &&
		    (size_t)(colon - l->s) - k <=
			strspn(l->s + k, " ."))
			return true;
	}
	return false;
}

/* " 3  host (192.0.2.1)  1.234 ms", "64 bytes from ...: ttl=" */
static bool
trace_line(const struct line *l)
{
	const char *p = l->s + strspn(l->s, " ");
	const char *end = l->s + l->n;

	if (p < end && g_ascii_isdigit(*p) &&
	    g_strstr_len(p, end - p, " ms") != NULL) {
		while (p < end && g_ascii_isdigit(*p))
			p++;
		return p < end && (*p == ' ' || *p == '\t');
	}
	return g_strstr_len(l->s, (gssize)l->n, "bytes from ") != NULL &&
	    g_strstr_len(l->s, (gssize)l->n, "ttl=") != NULL;
}

static bool
is_text(const struct line *l, const char *s)
{
	size_t n = l->n;

	while (n > 0 && g_ascii_isspace(l->s[n - 1]))
		n--;
	return n == strlen(s) && memcmp(l->s, s, n) == 0;
}

/* A stamp and an address: a log that stands behind the signature.  It begins
 * with one of them. */
static bool
log_line(struct arena *a, const struct line *l)
{
	struct scan_hit hit;
	struct stamp st;
	size_t pos = 0, lead = MIN(strspn(l->s, " \t<[(|\"'0123456789>"), l->n);
	bool time = false;

	if (lead > 0 && g_ascii_isdigit(l->s[lead - 1]))
		lead = MIN(strspn(l->s, " \t<[(|\"'"), l->n);
	if (!stamp_at(l->s + lead, l->s + l->n, &st) &&
	    !(scan_at(a, l->s, l->s + lead, l->s + l->n, &hit) &&
		hit.kind <= SCAN_IPV6))
		return false;
	for (size_t i = 0; i < MIN(l->n, 200) && !time; i++)
		time = (i == 0 || !g_ascii_isalnum(l->s[i - 1])) &&
		    g_ascii_isalnum(l->s[i]) &&
		    stamp_at(l->s + i, l->s + l->n, &st);
	while (time && scan_next(a, l->s, l->n, &pos, &hit))
		if (hit.kind == SCAN_IPV4 || hit.kind == SCAN_IPV6)
			return true;
	return false;
}

/* "____", what Outlook draws above what it appends */
static bool
rule_line(const struct line *l)
{
	size_t k = MIN(strspn(l->s, "_"), l->n);

	return k >= 20 && k + 2 >= l->n;
}

/* A paragraph that gateways and law departments put below mail. */
static bool
disclaimer(const char *s)
{
	static const char *const begins[] = {"this e-mail", "this email",
	    "this message", "this mail", "this communication", "disclaimer",
	    "confidentiality", "confidential", "the information in this",
	    "the information contained in this", "the contents of this",
	    "scanned by", "diese e-mail", "diese nachricht", "ce message",
	    "ce courriel", "este mensaje", "este correo", "esta mensagem",
	    "dit bericht", "deze e-mail", "questo messaggio"};
	static const char *const words[] = {"confidential", "intended",
	    "privileged", "viruses", "virus ", "gateway", "scanned", "vertraul",
	    "confidenti", "vertrouwelijk", "riservat"};
	ARENA_AUTO(a, "disclaimer");
	const char *blank = strstr(s, "\n\n");
	size_t n = blank != NULL ? (size_t)(blank - s) : strlen(s), i;
	char *t = read_lower(a, s, MIN(n, 1000)), *p = t + strspn(t, " *-\t");

	for (i = 0; i < COUNT_OF(begins); i++)
		if (g_str_has_prefix(p, begins[i]))
			break;
	/* "Confidential documents of ours are on ..." is a letter */
	p += i < COUNT_OF(begins) ? strlen(begins[i]) : 0;
	for (size_t k = 0; i < COUNT_OF(begins) && k < COUNT_OF(words); k++)
		if (strstr(p, words[k]) != NULL)
			return true;
	return false;
}

/* Does list software put its name below the rule that ends before s? */
static bool
list_footer(const char *s)
{
	ARENA_AUTO(a, "footer");

	return strstr(read_lower(a, s, strnlen(s, 200)), "mailing list") != NULL;
}

/* A mail that was answered stands below, as Outlook puts it: From, Sent or
 * Date, To and Subject on lines of their own. */
static bool
mail_below(const char *s)
{
	static const char *const fields[][8] = {
	    {"from:", "von:", "de:", "van:", "da:", "från:", "fra:"},
	    {"sent:", "date:", "gesendet:", "datum:", "envoyé",
		"enviado", "verzonden:", "inviato:"},
	    {"to:", "an:", "À", "para:", "aan:", "a:", "till:",
		"til:"},
	    {"subject:", "betreff:", "objet:", "asunto:", "onderwerp:",
		"oggetto:", "assunto:", "ämne:"}};
	unsigned seen = 0;

	/* the first line is From's */
	if (strchr("fvd", g_ascii_tolower(s[strspn(s, " \t*")])) == NULL)
		return false;
	for (int i = 0; i < 7 && *s != '\0' && *s != '\n'; i++) {
		const char *t = s + strspn(s, " \t*");

		for (size_t k = 0; k < COUNT_OF(fields); k++)
			for (size_t j = 0; j < 8 && fields[k][j] != NULL; j++)
				if (text_istarts(t, fields[k][j]))
					seen |= 1u << k;
		if (i == 0 && seen != 1)
			return false;
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
	return seen == 15;
}

/* Has the letter named an address by then?  Else what it is about may follow
 * its closing. */
static bool
names_address(struct arena *a, const char *text, const char *end)
{
	struct scan_hit hit;
	size_t pos = 0;

	while (scan_next(a, text, (size_t)(end - text), &pos, &hit))
		if (hit.kind <= SCAN_CIDR)
			return true;
	return false;
}

/* "On 20 Nov 2026 at 10:12, Ann wrote:", of one line or two, and quoted lines
 * below: when the mail was written that is answered.  Not "our firewall wrote:"
 * above its log. */
static bool
attribution(struct arena *a, const struct line *l)
{
	static const char *const verbs[] = {"wrote:", "writes:", "schrieb",
	    "a écrit", "escribió:", "ha scritto:", "schreef", "escreveu:",
	    "napisał", "pisze:", "skrev", "napsal", "kirjoitti:", "írta:"};
	static const char *const begins[] = {"On ", "Am ", "Le ", "El ", "Il ",
	    "Op ", "Em ", "W dniu ", "Den ", "Dne ", "På "};
	const char *s = l->s, *end = s + l->n;
	const char *next = end + strspn(end, "\r\n");
	bool verb = false, opens = memchr(s, '@', l->n) != NULL;

	for (size_t i = 0; i < COUNT_OF(begins) && !opens; i++)
		opens = l->n > 12 && text_begins(s, begins[i]);
	if (!opens)
		return false;
	if (*next != '>') {
		if (*next == '\0' || next - end > 2)
			return false;
		end = next + strcspn(next, "\n");
		if (end[strspn(end, " \t\r\n")] != '>')
			return false;
	}
	while (end > s && g_ascii_isspace(end[-1]))
		end--;
	for (size_t i = 0; i < COUNT_OF(verbs) && !verb; i++)
		verb = g_strstr_len(s, end - s, verbs[i]) != NULL;
	return verb && end[-1] == ':' && !names_address(a, s, end) &&
	    g_strstr_len(s, end - s, "irewall") == NULL &&
	    g_strstr_len(s, end - s, "erver") == NULL;
}

/* "Best regards," on a line of its own */
static bool
closing(const struct line *l)
{
	static const char *const words[] = {"best regards", "kind regards",
	    "warm regards", "regards", "best wishes", "sincerely",
	    "yours sincerely", "sincerely yours", "yours faithfully",
	    "cheers", "mit freundlichen grüßen", "mit freundlichen gruessen",
	    "mit freundlichem gruß", "freundliche grüße", "viele grüße",
	    "beste grüße", "mfg", "cordialement", "bien cordialement",
	    "salutations", "saludos", "un saludo", "saludos cordiales",
	    "atentamente", "atenciosamente", "cordiali saluti",
	    "distinti saluti", "met vriendelijke groet",
	    "vriendelijke groet", "pozdrawiam", "z poważaniem",
	    "med vänliga hälsningar", "med venlig hilsen",
	    "ystävällisin terveisin", "с уважением"};
	const char *s = l->s;
	size_t n = l->n, first;

	while (n > 0 && strchr(" \t*_", *s) != NULL) {
		s++;
		n--;
	}
	while (n > 0 && strchr(" \t*_,.!-", s[n - 1]) != NULL)
		n--;
	if (n < 3 || n > 40)
		return false;
	first = (size_t)(g_ascii_tolower(*s) & 0xff);
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if ((size_t)(uint8_t)words[i][0] == first &&
		    strlen(words[i]) == n &&
		    g_ascii_strncasecmp(s, words[i], n) == 0)
			return true;
	return false;
}

/* Name and coordinates below a closing, where a list of addresses or a log
 * may stand as well. */
static bool
coordinates(struct arena *a, const struct line *l)
{
	size_t lead = MIN(strspn(l->s, " \t-*"), l->n);
	struct scan_hit hit;

	return !(scan_at(a, l->s, l->s + lead, l->s + l->n, &hit) &&
		   hit.kind <= SCAN_CIDR) &&
	    !log_line(a, l);
}

struct line *
lines_of(struct arena *a, const char *text, size_t *count)
{
	GArray *out = g_array_new(FALSE, TRUE, sizeof(struct line));
	enum line_kind mode = LINE_TEXT;
	bool key_block = false, blank = true;
	bool quote_signed = false; /* so is the mail below */
	/* behind a closing: the rest of its paragraph, or the next one */
	enum { LETTER, CLOSED, SIGNING } state = LETTER;
	bool on_top = false; /* a disclaimer, and below it the letter */
	struct line *list;
	size_t said = 0;     /* lines of text so far */

	for (const char *p = text; *p != '\0' && out->len < LINES_MAX;) {
		size_t n = strcspn(p, "\n");
		struct line l = {p, n, LINE_TEXT};
		size_t lead = MIN(strspn(p, " \t"), n);

		if (mode == LINE_TEXT && !key_block) {
			if (mail_below(p))
				mode = LINE_QUOTE;
			else if (((blank || rule_line(&l)) && disclaimer(
				rule_line(&l) ? p + MIN(n + 1, strlen(p)) : p)) ||
			    (rule_line(&l) && list_footer(p + n))) {
				mode = LINE_SIGN;
				on_top = said < ON_TOP;
			}
		} else if (on_top && mode == LINE_SIGN && lead == n) {
			mode = LINE_TEXT;
			on_top = false;
		} else if (mode == LINE_QUOTE && !quote_signed) {
			quote_signed = is_text(&l, "--") ||
			    (blank && disclaimer(p));
		}
		blank = lead == n || rule_line(&l);
		said += !blank;
		p += n + (p[n] == '\n');
		if (lead == n)
			l.kind = LINE_BLANK;
		else if (l.s[lead] == '>')
			l.kind = LINE_QUOTE;
		else if (n > 10 && strncmp(l.s, "-----BEGIN PGP SIGNATURE", 24) == 0)
			key_block = true;
		if (key_block) {
			l.kind = LINE_TRACE;
			if (strncmp(l.s, "-----END PGP", 12) == 0)
				key_block = false;
		} else if (mode == LINE_QUOTE) {
			if (l.kind == LINE_TEXT)
				l.kind = quote_signed ? LINE_SIGN : LINE_QUOTE;
		} else if (mode == LINE_SIGN) {
			if (l.kind == LINE_TEXT && !log_line(a, &l))
				l.kind = LINE_SIGN;
		} else if (l.kind == LINE_TEXT) {
			if (mode == LINE_WHOIS && !whois_line(&l))
				mode = LINE_TEXT;
			if (mode == LINE_ROUTE && lead == 0)
				mode = LINE_TEXT;
			if (mode == LINE_TEXT && starts(&l, 0, whois_start,
				COUNT_OF(whois_start)))
				mode = LINE_WHOIS;
			if (mode == LINE_TEXT && starts(&l, lead, route_fields,
				COUNT_OF(route_fields)) &&
			    !received_when(&l, lead))
				mode = LINE_ROUTE;
			l.kind = mode;
			if (l.kind == LINE_TEXT && attribution(a, &l))
				l.kind = LINE_ROUTE;
			if (l.kind == LINE_TEXT && trace_line(&l))
				l.kind = LINE_TRACE;
			if (is_text(&l, "--")) {
				mode = LINE_SIGN;
				l.kind = LINE_SIGN;
			}
			if (l.kind == LINE_TEXT && state != LETTER) {
				state = coordinates(a, &l) ? SIGNING : LETTER;
				if (state == SIGNING)
					l.kind = LINE_SIGN;
			} else if (l.kind == LINE_TEXT && closing(&l) &&
			    names_address(a, text, l.s)) {
				state = CLOSED;
			}
		} else if (l.kind == LINE_BLANK && mode == LINE_ROUTE) {
			mode = LINE_TEXT;
		}
		if (l.kind == LINE_BLANK && state == SIGNING)
			state = LETTER;
		g_array_append_val(out, l);
	}
	*count = out->len;
	list = arena_memdup(a, out->data, out->len * sizeof(struct line));
	g_array_free(out, TRUE);
	return list;
}

const char *
lines_said(struct arena *a, const char *text)
{
	GString *out = arena_gstring(a);
	size_t n;
	struct line *list = lines_of(a, text, &n);

	for (size_t i = 0; i < n; i++)
		if (list[i].kind != LINE_SIGN) {
			g_string_append_len(out, list[i].s,
			    (gssize)list[i].n);
			g_string_append_c(out, '\n');
		}
	return out->str;
}

const char *
lines_route(struct arena *a, const struct line *l)
{
	const char *s = l->s + MIN(strspn(l->s, " \t"), l->n), *end;

	if (g_ascii_strncasecmp(s, "Received: from ", 15) != 0)
		return NULL;
	for (end = l->s + l->n; *end == '\n' && end - s < 1000;) {
		size_t lead = strspn(end + 1, " \t"), n = strcspn(end + 1, "\n");

		/* deeper than the field itself */
		if (lead <= (size_t)(s - l->s) || lead == n)
			break;
		end += 1 + n;
	}
	return read_field(a, arena_strndup(a, s + 10, (size_t)(end - s - 10)));
}
