/*
 * Facts of one line: ports, protocol, how often, which malware (plain.h).
 */
#include "base/base.h"
#include "inspect/feed/feed.h"
#include "inspect/letter/plain.h"

int64_t
facts_number(const char *s, const char *end)
{
	int64_t v = 0;
	int k = 0;

	/* "Port ......: 22" */
	while (s < end && (strchr(" \t:=\"'#([", *s) != NULL ||
		(*s == '.' && s + 1 < end && (s[1] == '.' || s[1] == ':'))))
		s++;
	for (; s < end && g_ascii_isdigit(*s) && k < 7; s++, k++)
		v = v * 10 + (*s - '0');
	return k > 0 && k < 7 && (s == end || !g_ascii_isalnum(*s)) ? v :
		DESC_NULL;
}

int64_t
facts_amount(const char *s, const char *end)
{
	int64_t v = facts_number(s, end);
	const char *q = s;
	int groups = 0;

	if (v == DESC_NULL || v > 999)
		return v;
	while (q < end && !g_ascii_isdigit(*q))
		q++;
	while (q < end && g_ascii_isdigit(*q))
		q++;
	for (; end - q >= 4 && (*q == ',' || *q == '.') && groups < 2 &&
	    g_ascii_isdigit(q[1]) && g_ascii_isdigit(q[2]) &&
	    g_ascii_isdigit(q[3]); q += 4, groups++)
		v = v * 1000 + (q[1] - '0') * 100 + (q[2] - '0') * 10 +
		    (q[3] - '0');
	/* what goes on is no number */
	return q < end && (g_ascii_isdigit(*q) || ((*q == ',' || *q == '.') &&
		end - q > 1 && g_ascii_isdigit(q[1]))) ? DESC_NULL : v;
}

/* Words before a number, longest first of a kind. */
static const struct {
	const char *word;
	char what; /* s, d: port; c: count */
} labels[] = {{"source port", 's'}, {"src port", 's'}, {"source_port", 's'},
    {"source-port", 's'}, {"src-port", 's'},
    {"source.port", 's'}, {"src.port", 's'}, {"client.port", 's'},
    {"destination.port", 'd'}, {"dest.port", 'd'}, {"server.port", 'd'},
    {"destination-port", 'd'},
    {"dst-port", 'd'}, {"dest-port", 'd'}, {"src_port", 's'}, {"srcport", 's'},
    {"sport", 's'}, {"spt", 's'},
    {"sourceport", 's'}, {"infringer's port", 's'}, {"port id", 's'},
    {"client port", 's'}, {"attacker port", 's'}, {"remote port", 's'},
    {"peer port", 's'}, {"victim port", 'd'}, {"quellport", 's'},
    {"destination port", 'd'},
    {"dest port", 'd'}, {"dst port", 'd'}, {"target port", 'd'},
    {"destination_port", 'd'}, {"dest_port", 'd'}, {"dst_port", 'd'},
    {"dstport", 'd'}, {"dport", 'd'}, {"dpt", 'd'}, {"targeted port", 'd'},
    {"destination ports", 'd'}, {"target ports", 'd'}, {"dst ports", 'd'},
    {"dest ports", 'd'}, {"source ports", 's'}, {"src ports", 's'},
    {"destinationport", 'd'}, {"local port", 'd'}, {"attacked port", 'd'},
    {"zielport", 'd'}, {"on port", 'd'}, {"to port", 'd'},
    {"tcp port", 'd'}, {"udp port", 'd'}, {"on tcp/", 'd'},
    {"on udp/", 'd'}, {"port tcp/", 'd'}, {"port udp/", 'd'},
    {"against port", 'd'}, {"tcp/", 'd'}, {"udp/", 'd'}, {"port", 'p'},
    {"port number", 'p'}, {"port source", 's'},
    {"port destination", 'd'}, {"port de destination", 'd'},
    {"port cible", 'd'}, {"puerto origen", 's'}, {"puerto de origen", 's'},
    {"puerto destino", 'd'}, {"puerto de destino", 'd'},
    {"porta sorgente", 's'}, {"porta di destinazione", 'd'},
    {"porta destinazione", 'd'}, {"porta origine", 's'},
    {"porta origem", 's'}, {"porta destino", 'd'},
    {"porta de origem", 's'}, {"porta de destino", 'd'}, {"bronpoort", 's'},
    {"doelpoort", 'd'}, {"port docelowy", 'd'},
    {"port źródłowy", 's'}, {"cílový port", 'd'}, {"zdrojový port", 's'},
    {"cél port", 'd'}, {"célport", 'd'}, {"forrás port", 's'},
    {"kildeport", 's'}, {"kaynak port", 's'}, {"hedef port", 'd'},
    {"målport", 'd'}, {"källport", 's'},
    /* without its first letter, which may be a capital */
    {"орт назначения", 'd'}, {"орт источника", 's'},
    {"宛先ポート", 'd'}, {"목적지 포트", 'd'}, {"출발지 포트", 's'},
    {"lähdeportti", 's'}, {"kohdeportti", 'd'}, {"cieľový port", 'd'},
    {"port sursă", 's'}, {"port destinație", 'd'}, {"ポート番号", 'p'},
    {"端口号", 'p'},
    {"目的端口", 'd'}, {"目标端口", 'd'}, {"送信元ポート", 's'},
    {"源端口", 's'}, {"端口", 'p'}, {"ポート", 'p'}, {"포트", 'p'},
    {"порт", 'p'},
    {"poort", 'p'}, {"puerto", 'p'}, {"porta", 'p'}, {"attempts:", 'c'},
    {"attempts =", 'c'},
    {"attempt count", 'c'}, {"occurrences", 'c'}, {"number of attempts", 'c'},
    {"number of events", 'c'}, {"event count", 'c'}, {"events:", 'c'},
    {"hits:", 'c'}, {"count:", 'c'}, {"count=", 'c'}, {"packets:", 'c'},
    {"total:", 'c'}, {"tries:", 'c'}, {"requests:", 'c'}, {"failures:", 'c'},
    {"anzahl versuche", 'c'}, {"anzahl der versuche", 'c'}, {"versuche:", 'c'},
    {"aantal pogingen", 'c'}, {"pogingen:", 'c'},
    {"nombre de tentatives", 'c'}, {"tentatives:", 'c'},
    {"número de intentos", 'c'}, {"intentos:", 'c'},
    {"numero di tentativi", 'c'}, {"tentativi:", 'c'},
    {"número de tentativas", 'c'}, {"quantidade de tentativas", 'c'},
    {"tentativas:", 'c'}, {"liczba prób", 'c'}, {"počet pokusů", 'c'},
    {"antal försök", 'c'}, {"antall forsøk", 'c'}, {"antal forsøg", 'c'},
    {"исло попыток", 'c'}, {"оличество попыток", 'c'}, {"攻击次数", 'c'},
    {"次数", 'c'}, {"回数", 'c'}, {"件数", 'c'}, {"攻撃回数", 'c'}, {"횟수", 'c'}, {"times seen", 'c'},
    {"times detected", 'c'}, {"times reported", 'c'}, {"seen count", 'c'},
    {"probes:", 'c'}, {"connections:", 'c'}, {"failed logins:", 'c'},
    {"attacks:", 'c'}, {"detections:", 'c'}, {"messages:", 'c'},
    {"sightings:", 'c'}, {"log lines:", 'c'}, {"lines:", 'c'},
    {"hit count", 'c'}, {"anzahl ereignisse", 'c'}, {"treffer:", 'c'}};
/* Words behind a number that it counts. */
static const char *const counted[] = {" attempts", " spam", " failed", " times",
    " login", " connection", " probes", " packets", " hits", " events",
    " messages", " requests", " attacks", " failures", " tries"};
static const char *const protocols[] = {"tcp", "udp", "icmp", "icmpv6", "sctp",
    "gre", "esp"};

/* The labels by their first letter, made once. */
struct index {
	uint8_t first[256], next[COUNT_OF(labels)]; /* 1-based, 0 ends */
};

static const struct index *
label_index(void)
{
	static struct index x;
	static gsize once;

	if (g_once_init_enter(&once)) {
		for (size_t i = COUNT_OF(labels); i-- > 0;) {
			uint8_t c = (uint8_t)labels[i].word[0];

			x.next[i] = x.first[c];
			x.first[c] = (uint8_t)(i + 1);
		}
		g_once_init_leave(&once, 1);
	}
	return &x;
}

/* "12 attempts", "1,024 packets": the number before the word at q. */
static int64_t
number_before(const char *t, const char *q)
{
	const char *d = q;
	int64_t v = 0;

	while (d > t && (g_ascii_isdigit(d[-1]) || d[-1] == ','))
		d--;
	if (d == q || q - d > 9 || (d > t && d[-1] != ' ' && d[-1] != '('))
		return DESC_NULL;
	for (; d < q; d++)
		if (*d != ',')
			v = v * 10 + (*d - '0');
	return v > 0 ? v : DESC_NULL;
}

/* "192.0.2.1 port 40000": of that address. */
static bool
behind_address(const char *t, const char *q)
{
	int marks = 0;

	while (q > t && q[-1] == ' ')
		q--;
	if (q > t && (q[-1] == ')' || q[-1] == ']'))
		return true;
	for (; q > t && (g_ascii_isxdigit(q[-1]) || q[-1] == '.' ||
		q[-1] == ':'); q--)
		marks += !g_ascii_isxdigit(q[-1]);
	return marks > 1;
}

/* The number behind the label at q; "events:" is also "Events   :" and
 * "\"events\": ". */
static int64_t
number_of(const char *label, bool count, const char *q, const char *end)
{
	size_t n = strlen(label);

	if (text_begins(q, label))
		return count ? facts_amount(q + n, end) : facts_number(q + n, end);
	if (label[n - 1] != ':' || strncmp(q, label, n - 1) != 0)
		return DESC_NULL;
	q += n - 1;
	while (q < end && (*q == ' ' || *q == '\t' || *q == '"'))
		q++;
	return q == end || (*q != ':' && *q != '=') ? DESC_NULL :
	    count ? facts_amount(q, end) : facts_number(q, end);
}

/* "IP/port 192.0.2.1:443": the number behind the word is an address. */
static bool
of_address(const char *q, const char *end)
{
	while (q < end && !g_ascii_isdigit(*q))
		q++;
	while (q < end && g_ascii_isdigit(*q))
		q++;
	return end - q > 3 && *q == '.' && g_ascii_isdigit(q[1]) &&
	    memchr(q + 1, '.', MIN((size_t)(end - q - 1), 4)) != NULL;
}

/* "400 tries per hour": not how many there were. */
static bool
of_rate(const char *q)
{
	while (g_ascii_isalpha(*q))
		q++;
	return text_begins(q, " per ") || text_begins(q, " a second") ||
	    text_begins(q, " an hour") || text_begins(q, "/");
}

/* A word begins at q: is it one of the labels, a protocol, a thing that is
 * counted? */
static void
word(const char *t, const char *q, const char *end, struct facts *f)
{
	const struct index *x = label_index();

	for (size_t k = x->first[(uint8_t)*q]; k != 0; k = x->next[k - 1]) {
		size_t i = k - 1;
		int64_t v;

		if (labels[i].word[1] != q[1])
			continue;
		v = number_of(labels[i].word, labels[i].what == 'c', q, end);
		if (v == DESC_NULL)
			continue;
		if (labels[i].what == 'c' && f->count == DESC_NULL && v > 0)
			f->count = v;
		else if (labels[i].what != 'c' && of_address(q, end))
			continue;
		else if (labels[i].what == 's' && v > 0 && v < 65536 &&
		    f->source_port == DESC_NULL)
			f->source_port = v;
		else if (labels[i].what == 'd' && v < 65536 &&
		    f->target_port == DESC_NULL)
			f->target_port = v;
		else if (labels[i].what == 'p' && v < 65536 &&
		    f->some_port == DESC_NULL && !behind_address(t, q))
			f->some_port = v;
	}
	for (size_t i = 0; f->protocol == NULL && i < COUNT_OF(protocols); i++)
		if (text_begins(q, protocols[i]) &&
		    !g_ascii_isalnum(q[strlen(protocols[i])]))
			f->protocol = protocols[i];
	if (f->count == DESC_NULL && q - t > 1 && q[-1] == ' ' &&
	    g_ascii_isdigit(q[-2]))
		for (size_t i = 0; i < COUNT_OF(counted); i++)
			if (text_begins(q - 1, counted[i])) {
				if (!of_rate(q))
					f->count = number_before(t, q - 1);
				break;
			}
}

/* What a line is labelled with, from its first letter up to the colon, blanks
 * and leaders in between left out: its length, and what stands behind. */
static size_t
label_of(const char *s, const char **behind)
{
	const char *colon = memchr(s, ':', strnlen(s, 32)), *end;

	if (colon == NULL)
		return 0;
	for (end = colon; end > s && strchr(" \t*.", end[-1]) != NULL; end--)
		;
	*behind = colon + 1 + strspn(colon + 1, " \t*");
	return (size_t)(end - s);
}

/* Behind the mark or the number of an item of a list. */
static const char *
item_text(const char *s)
{
	size_t n;

	s += strspn(s, " \t*-|");
	n = strspn(s, "0123456789");
	if (n > 0 && n < 3 && (s[n] == '.' || s[n] == ')') && s[n + 1] == ' ')
		s += n + 2;
	return s;
}

/* "Malware family: x" */
static const char *
malware(struct arena *a, const char *t)
{
	static const char *const names[] = {"malware", "malware family",
	    "malware name", "malicious code", "infection", "infection name",
	    "family", "botnet", "botnet name", "bot name", "threat",
	    "threat name", "schadsoftware", "schadprogramm", "malware-familie", "virus name",
	    "trojan", "familia de malware", "familia",
	    "nombre del malware", "famille de malware", "famille",
	    "famiglia malware", "famiglia", "família de malware", "família",
	    "malwarefamilie", "rodzina", "rodina", "нтвирус", "악성코드",
	    "恶意软件", "マルウェア", "マルウェア名"};
	const char *s = item_text(t), *value;
	size_t n;

	if (strchr("mifbtsv", *s) == NULL && (*s & 0x80) == 0)
		return NULL;
	n = label_of(s, &value);
	for (size_t i = 0; n > 0 && i < COUNT_OF(names); i++)
		if (*names[i] == *s && strlen(names[i]) == n &&
		    strncmp(names[i], s, n) == 0)
			return *value != '\0' && strlen(value) < 80 ?
				read_field(a, value) : NULL;
	return NULL;
}

/* "Intentos fallidos: 1.214", "messages = 12", up to a bar: nothing but a
 * number behind a label that is also the name of a column that counts. */
static int64_t
counted_cell(struct arena *a, const char *s)
{
	size_t n = strcspn(s, ":=|"), k;
	const char *value, *name, *gap = strstr(s, "  ");
	int offset;
	bool zone;

	/* "Tries           300" */
	if (gap != NULL && s[n] == '\0')
		n = (size_t)(gap - s);
	if (n < 2 || n > 40 || s[n] == '\0' || s[n] == '|')
		return DESC_NULL;
	value = s + n + 1;
	value += strspn(value, " \t\"");
	k = strspn(value, "0123456789,.");
	if (k == 0 || strchr("|", value[k + strspn(value + k, " \t\r\",")]) ==
		NULL)
		return DESC_NULL;
	while (n > 0 && strchr(" \t*.\"", s[n - 1]) != NULL)
		n--;
	name = column_name(a, arena_strndup(a, s, n), &offset, &zone);
	return column_of(name) == COL_COUNT || column_counts(name) ?
		facts_amount(value, value + k) : DESC_NULL;
}

/* The first of a line's cells that does. */
static int64_t
labelled_count(struct arena *a, const char *t)
{
	for (const char *s = t; s != NULL; s = strchr(s, '|')) {
		int64_t v;

		s = item_text(s);
		v = counted_cell(a, s);
		if (v != DESC_NULL)
			return v;
	}
	return DESC_NULL;
}

void
facts_read(struct arena *a, const char *t, struct facts *f)
{
	const char *end = t + strlen(t), *q;
	bool inside = false;

	*f = NO_FACTS;
	for (q = t; q < end; q++) {
		/* scripts without blanks have no start of a word */
		bool wide = (uint8_t)*q >= 0xd0;
		bool letter = g_ascii_isalpha(*q) || *q == '_';

		if ((letter && !inside) || wide)
			word(t, q, end, f);
		inside = letter || g_ascii_isdigit(*q);
	}
	/* these daemons know no other */
	if (f->protocol == NULL && (strstr(t, "sshd[") != NULL ||
		strstr(t, " ssh2") != NULL))
		f->protocol = "tcp";
	/* "22/tcp" */
	for (q = t; f->target_port == DESC_NULL &&
	    (q = strchr(q, '/')) != NULL; q++) {
		const char *d = q;

		while (d > t && g_ascii_isdigit(d[-1]))
			d--;
		if (d == q || q - d > 5 || (d > t && (g_ascii_isalnum(d[-1]) ||
			d[-1] == '.' || d[-1] == '/')) ||
		    (!g_str_has_prefix(q + 1, "tcp") &&
			!g_str_has_prefix(q + 1, "udp")) ||
		    g_ascii_isalnum(q[4]))
			continue;
		f->target_port = facts_number(d, q);
		if (f->target_port > 65535)
			f->target_port = DESC_NULL;
	}
	/* "our port 22", "Port: 22" */
	if (f->target_port == DESC_NULL && f->source_port == DESC_NULL)
		f->target_port = f->some_port;
	f->malware = malware(a, t);
	if (f->count == DESC_NULL)
		f->count = labelled_count(a, t);
}

/* What kind of incident the words of a label's value say. */
static const char *
type_of(struct arena *a, const char *s, size_t n)
{
	const char *value = arena_strndup(a, s, n);
	const char *type = classify_text(value, NULL);

	return type != NULL ? type : feed_type(NULL, value);
}

/* {"type": "portscan"}, "ip=x|type=ssh|count=4" */
static const char *
field_type(struct arena *a, const char *low)
{
	static const char *const keys[] = {"type", "category", "event",
	    "attack", "attack_type", "abuse_type", "event_type",
	    "incident_type", "classification", "class"};

	for (const char *p = low; (p = strpbrk(p, "tceai")) != NULL; p++) {
		size_t n;

		if (p == low || strchr("\" |,;{", p[-1]) == NULL)
			continue;
		for (size_t i = 0; i < COUNT_OF(keys); i++) {
			const char *s = p + strlen(keys[i]), *type;

			if (*p != *keys[i] ||
			    strncmp(p, keys[i], strlen(keys[i])) != 0)
				continue;
			if (p[-1] == '"' && s[0] == '"' && s[1] == ':')
				s += 2 + strspn(s + 2, " \"");
			else if (*s == '=')
				s += 1 + strspn(s + 1, "\"");
			else
				continue;
			n = strcspn(s, p[-1] == '"' ? "\"},\n" : "|,;\"\n");
			type = n > 2 && n < 60 ? type_of(a, s, n) : NULL;
			/* "Apache.Path.Traversal" */
			if (type == NULL && n > 2 && n < 60)
				type = type_of(a, g_strdelimit(
				    arena_strndup(a, s, n), "._-", ' '), n);
			if (type != NULL)
				return type;
		}
	}
	return NULL;
}

const char *
facts_type(struct arena *a, const char *low)
{
	static const char *const names[] = {"type", "category", "categories",
	    "abuse type", "abuse category", "attack type", "type of abuse",
	    "type of attack", "incident type", "event type", "report type",
	    "threat type", "threat", "classification", "issue", "reason",
	    "attack vector", "reported activity", "what", "kind",
	    "nature", "nature of activity", "nature of abuse", "finding",
	    "problem", "observation", "activity", "event",
	    "incident", "kind of abuse", "kind of incident", "abuse", "attack",
	    "meldungstyp", "kategorie", "art", "angriffsart", "typ", "tipo",
	    "tipo de ataque", "tipo di attacco", "soort", "rodzaj",
	    "catégorie", "type d'attaque"};
	const char *s = item_text(low), *value;
	size_t n;

	/* {"ip": ...}, "time=... src=..." */
	if (strpbrk(low, "{=") != NULL)
		return field_type(a, low);
	if (strchr("tcaeirmkswnfpo", *s) == NULL)
		return NULL;
	n = label_of(s, &value);
	for (size_t i = 0; n > 0 && i < COUNT_OF(names); i++) {
		if (n != strlen(names[i]) || strncmp(s, names[i], n) != 0)
			continue;
		return strlen(value) > 120 ? feed_type(NULL, value) :
			type_of(a, value, strlen(value));
	}
	return NULL;
}

void
facts_merge(struct facts *to, const struct facts *from)
{
	if (to->target == NULL)
		to->target = from->target;
	if (to->source_port == DESC_NULL)
		to->source_port = from->source_port;
	if (to->target_port == DESC_NULL)
		to->target_port = from->target_port;
	if (to->count == DESC_NULL)
		to->count = from->count;
	if (to->protocol == NULL)
		to->protocol = from->protocol;
	if (to->malware == NULL)
		to->malware = from->malware;
	if (to->url == NULL)
		to->url = from->url;
	if (to->type == NULL)
		to->type = from->type;
}
