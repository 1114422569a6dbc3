/*
 * Times of a letter: of its lines, of its suspects, and of its events, where
 * what the letter says about zones counts (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

/* Seconds or milliseconds since 1970 at p: they are UTC by definition. */
static bool
epoch_at(struct arena *a, const char *p, const char *end, struct stamp *st,
    const char **given)
{
	int64_t v = 0, scale = WHEN_SECOND;
	int k = 0;

	while (p + k < end && g_ascii_isdigit(p[k]) && k < 14)
		v = v * 10 + (p[k++] - '0');
	if (k == 13) {
		scale = WHEN_SECOND / 1000;
		v = v / 1000 * 1000;
	}
	if ((k != 10 && k != 13) || v * scale < 1000000000 * WHEN_SECOND ||
	    v * scale >= 4102444800 * WHEN_SECOND ||
	    (p + k < end && strchr(". ,;)]\t\"}", p[k]) == NULL))
		return false;
	*st = (struct stamp){.len = (size_t)k, .time = v * scale,
	    .zone = true, .year = true};
	*given = arena_strndup(a, p, (size_t)k);
	return true;
}

/* "first seen at 1795564800 (unix time)": anywhere in a line that says what
 * the number is. */
static bool
epoch_told(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	static const char *const words[] = {"unix", "epoch", "timestamp",
	    "posix"};
	const char *end = l->s + l->n, *low = read_lower(a, l->s, l->n);
	bool told = false;

	for (size_t i = 0; i < COUNT_OF(words); i++)
		told |= strstr(low, words[i]) != NULL;
	for (const char *p = l->s; told && p < end; p++)
		if (g_ascii_isdigit(*p) && (p == l->s ||
			strchr(" (@=:\"'[", p[-1]) != NULL) &&
		    epoch_at(a, p, end, st, given))
			return true;
	return false;
}

/* Such a number at the start of a log line, or behind a label. */
static bool
epoch(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	static const char *const labels[] = {"timestamp", "epoch", "ts", "time",
	    "unixtime", "first_seen", "added", "date", "t", "at", "when",
	    "seen", "start", "detected", "firstseen", "last_seen",
	    "occurred", "observed", "captured", "recorded", "received",
	    "begin", "datetime", "zeit", "zeitstempel"};
	const char *p = l->s + strspn(l->s, " [\""), *end = l->s + l->n;

	if (l->n < 10)
		return false;
	if (epoch_at(a, p, end, st, given))
		return true;
	for (p = l->s; p < end; p++) {
		if (p > l->s && (g_ascii_isalnum(p[-1]) || p[-1] == '_'))
			continue;
		for (size_t i = 0; i < COUNT_OF(labels); i++) {
			size_t n;
			const char *q;

			if ((*p | 32) != *labels[i])
				continue;
			n = strlen(labels[i]);
			q = p + n;
			if ((size_t)(end - p) < n + 10 ||
			    g_ascii_strncasecmp(p, labels[i], n) != 0)
				continue;
			q += strspn(q, ":= \"");
			if (q > p + n && q < end &&
			    epoch_at(a, q, end, st, given))
				return true;
		}
	}
	return epoch_told(a, l, st, given);
}

/* The first time in a line; *given is what was written. */
bool
plain_stamp(struct arena *a, const struct line *l, struct stamp *st,
    const char **given)
{
	/* a time begins with a digit, a month or a day */
	static const bool first[256] = {['0' ... '9'] = true, ['J'] = true,
	    ['F'] = true, ['M'] = true, ['A'] = true, ['S'] = true,
	    ['O'] = true, ['N'] = true, ['D'] = true, ['T'] = true,
	    ['W'] = true, ['j'] = true, ['f'] = true, ['m'] = true,
	    ['a'] = true, ['s'] = true, ['o'] = true, ['n'] = true,
	    ['d'] = true, ['t'] = true, ['w'] = true};
	const char *end = l->s + l->n;
	bool inside = false;

	for (const char *p = l->s; p < end; p++) {
		bool begins = !inside && first[(uint8_t)*p];

		inside = g_ascii_isalnum(*p);
		if (begins && stamp_at(p, end, st)) {
			*given = arena_strndup(a, p, st->len);
			return true;
		}
	}
	return epoch(a, l, st, given);
}

/* A zone within a few words from `at` on becomes that of the letter. */
static bool
zone_behind(struct plain *p, const struct line *l, size_t at)
{
	size_t last = MIN(l->n, at + 50), len;
	int offset;

	for (; at < last; at++) {
		if (at > 0 && g_ascii_isalnum(l->s[at - 1]))
			continue;
		/* "10 times (5-7)": a number alone is no zone */
		if ((l->s[at] == '+' || l->s[at] == '-') &&
		    !(l->n - at >= 5 && g_ascii_isdigit(l->s[at + 1]) &&
			g_ascii_isdigit(l->s[at + 2])))
			continue;
		if (l->s[at] == ' ' || l->s[at] == '(')
			continue;
		if (stamp_zone(l->s + at, l->s + l->n, &offset, &len)) {
			p->offset = offset;
			p->has_offset = true;
			return true;
		}
		p->place = stamp_place_at(l->s + at, l->s + l->n, &len);
		if (p->place != NULL)
			return true;
	}
	return false;
}

bool
plain_cells(const struct line *l)
{
	size_t bars = 0, commas = 0, gaps = 0;

	for (size_t i = 1; i + 1 < l->n; i++) {
		bars += l->s[i] == '|' || l->s[i] == ';' || l->s[i] == '\t';
		commas += l->s[i] == ',' && l->s[i + 1] != ' ';
		gaps += l->s[i] == ' ' && l->s[i + 1] == ' ' &&
		    l->s[i - 1] != ' ';
	}
	return bars > 1 || commas > 2 || gaps > 1;
}

/* Does the line, in lower case, stand above what its zone in brackets is of?
 * "Attempts against our server (UTC+2):", "Summary 2026-11-19 (UTC)", the
 * head of a table. */
static bool
heads(const char *t)
{
	size_t n = strlen(t), cells = 0;
	const char *open = strrchr(t, '(');
	bool digits = false;

	while (n > 0 && strchr(" \t\r*_|", t[n - 1]) != NULL)
		n--;
	if (open == NULL || n == 0)
		return false;
	if (t[n - 1] == ':' || (t[n - 1] == ')' &&
		(g_str_has_prefix(open, "(utc") ||
		    g_str_has_prefix(open, "(gmt"))))
		return true;
	for (size_t i = 0; i < n; i++) {
		cells += t[i] == '|' || t[i] == '\t' || t[i] == ';' ||
		    (t[i] == ',' && t[i + 1] != ' ') ||
		    (t[i] == ' ' && t[i + 1] == ' ' && i > 0 && t[i - 1] != ' ');
		digits |= g_ascii_isdigit(t[i]);
	}
	return cells > 1 && !digits;
}

/* "(UTC+1)" in front of a sentence, below what it is of */
static bool
zone_alone(struct plain *p, const struct line *l)
{
	const char *end = l->s + l->n;
	int offset;
	size_t len;

	if (l->n < 5 || *l->s != '(' || !g_ascii_isupper(l->s[1]) ||
	    !stamp_zone(l->s + 1, end, &offset, &len) ||
	    l->s + 1 + len >= end || l->s[1 + len] != ')')
		return false;
	p->offset = offset;
	p->has_offset = true;
	return true;
}

/* "All times are in UTC", "Timezone: +0100" */
void
plain_zone(struct plain *p, const struct line *l)
{
	static const char *const leads[] = {"timezone", "time zone", "times",
	    "timestamps", "timestamp", "time stamps", "clock", "zeitzone",
	    "zeiten", "time", "date", "heures", "tz", "logs", "log", "flows",
	    "uhrzeiten", "horas", "tijden", "tijdzone", "fuseau horaire",
	    "zona horaria", "fuso", "horário", "orari", "seen (", "detected (", "observed (", "zeit (", "fecha (", "heure (",
	    "datum (", "(all", "(heure", "(hora", "(uhrzeit", "(zeit", "(tijd", "(ora", "runs on", "runs in", "runs at", "läuft auf", "läuft in",
	    "časy", "čas ", "časové", "czasy", "tiempos", "idők", "tempi", "saatler", "zaman",
	    "часи", "години", "laiks", "laiki", "laikas", "ajad", "kellaaja", "tidspunkt", "tidspunkter", "időpont", "vreme", "vremena", "orele", "waktu", "zeitangaben", "zeitstempel", "tider",
	    "czas", "horarios", "horários", "ремя", "時刻", "日時", "tidszon", "strefa czasowa", "local zone", "часовой пояс",
	    "время", "时间", "時間", "时区", "時区", "hora", "heure", "l'heure", "uhrzeit", "tijd",
	    "godzina", "godziny", "tid ", "kellonaika", "horas en", "ora in"};
	ARENA_AUTO(a, "zone");
	bool first[256] = {false}, inside = false; /* bytes of the leads */
	const char *t;

	if (p->has_offset || p->place != NULL || l->n > 300 ||
	    zone_alone(p, l))
		return;
	t = read_lower(a, l->s, l->n);
	for (size_t i = 0; i < COUNT_OF(leads); i++)
		first[(unsigned char)*leads[i]] = true;
	for (const char *q = t; *q != '\0'; q++) {
		bool begins = !inside && first[(unsigned char)*q];

		inside = g_ascii_isalnum(*q);
		for (size_t i = 0; begins && i < COUNT_OF(leads); i++)
			if (*q == *leads[i] && g_str_has_prefix(q, leads[i]) &&
			    zone_behind(p, l, (size_t)(q - t) +
				strlen(leads[i]))) {
				if (!plain_zone_office(t, l->n))
					return;
				p->has_offset = false;
				p->place = NULL;
				return;
			}
	}
	if (heads(t) && !plain_zone_office(t, l->n))
		plain_zone_head(p, l);
	/* "ip	last_seen_utc	port" */
	if (!p->has_offset && plain_cells(l) && strpbrk(t, "0123456789") ==
	    NULL && ((g_str_has_suffix(t, "_utc") || strstr(t, "_utc\t") ||
		strstr(t, "_utc|") || strstr(t, "_utc,") ||
		strstr(t, "_utc;") || strstr(t, "_utc ")))) {
		p->offset = 0;
		p->has_offset = true;
	}
}

bool
plain_zone_of(struct reading *r, const char *text, int *offset,
    const struct stamp_place **place)
{
	struct plain p = {.r = r};
	const char *given;
	struct stamp st;
	size_t n;
	struct line *l = lines_of(r->a, text != NULL ?
	    plain_signs(r->a, text) : "", &n);

	for (size_t i = 0; i < n && !p.has_offset && p.place == NULL; i++)
		if (l[i].kind == LINE_TEXT &&
		    (!plain_stamp(r->a, &l[i], &st, &given) ||
			g_strstr_len(l[i].s, (gssize)l[i].n, "times") != NULL)) {
			plain_zone(&p, &l[i]);
			plain_zone_heading(&p, &l[i]);
		}
	*offset = p.offset;
	*place = p.place;
	return p.has_offset || p.place != NULL;
}

/* The zone in brackets in the head of a column: "First seen (UTC)". */
void
plain_zone_head(struct plain *p, const struct line *l)
{
	bool inside = false; /* brackets */

	if (p->has_offset || p->place != NULL)
		return;
	for (size_t i = 0; i + 4 < l->n; i++) {
		const struct stamp_place *place = NULL;
		size_t len;
		int offset = 0;

		inside = inside && l->s[i] != ')' && l->s[i] != ']';

		if (l->s[i] == '(' || l->s[i] == '[')
			inside = true;
		else if (!inside || l->s[i] != ' ')
			continue;
		if (!stamp_zone(l->s + i + 1, l->s + l->n, &offset, &len)) {
			place = stamp_place_at(l->s + i + 1, l->s + l->n, &len);
			if (place == NULL)
				continue;
		}
		/* "(heure UTC)", "(all times in CET)" */
		if (i + 1 + len >= l->n ||
		    strchr(")]", l->s[i + 1 + len]) == NULL)
			continue;
		p->offset = offset;
		p->has_offset = place == NULL;
		p->place = place;
		return;
	}
}

static void
set_offset(struct stamp *st, int offset)
{
	st->f.offset = offset;
	st->zone = true;
	if (st->year && st->time != DESC_NULL &&
	    !when_from_fields(&st->f, &st->time))
		st->time = DESC_NULL;
}

/* A field of a log line that names the zone: tz="+0100". */
static bool
zone_field(const struct line *l, int *offset)
{
	static const char *const names[] = {"tz=", "timezone=", "\"tz\":",
	    "\"timezone\":"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *p = g_strstr_len(l->s, (gssize)l->n, names[i]);
		size_t len;

		if (p == NULL || (p > l->s && g_ascii_isalnum(p[-1])))
			continue;
		p += strlen(names[i]);
		while (p < l->s + l->n && (*p == '"' || *p == ' '))
			p++;
		if (stamp_zone(p, l->s + l->n, offset, &len))
			return true;
	}
	return false;
}

void
plain_zone_beside(const struct line *l, const char *given, struct stamp *st)
{
	const char *at = g_strstr_len(l->s, (gssize)l->n, given), *p;
	int offset;

	if (at == NULL)
		return;
	for (p = at - MIN(at - l->s, 24); p < at; p++) {
		const struct stamp_place *place = NULL;
		size_t len, k;

		if (p > l->s && g_ascii_isalnum(p[-1]))
			continue;
		if (!g_ascii_isupper(*p) ||
		    !stamp_zone(p, at, &offset, &len)) {
			place = stamp_place_at(p, at, &len);
			if (place == NULL)
				continue;
		}
		k = strspn(p + len, " \t):=|\"'*-,.>");
		if (p + len + k < at)
			continue;
		if (place == NULL ||
		    stamp_place_offset(place, &st->f, &offset))
			set_offset(st, offset);
		return;
	}
	if (zone_field(l, &offset))
		set_offset(st, offset);
}

bool
plain_same_clock(const struct stamp *a, const struct stamp *b)
{
	return a->f.month == b->f.month && a->f.day == b->f.day &&
	    a->f.hour == b->f.hour && a->f.minute == b->f.minute &&
	    a->f.second == b->f.second;
}

void
plain_seen(struct suspect *s, const struct stamp *st, const char *given)
{
	if (s->last_given == NULL || st->time == DESC_NULL ||
	    s->last.time == DESC_NULL || s->last.time <= st->time) {
		s->last = *st;
		s->last_given = given;
	}
	if (s->timed && (st->time == DESC_NULL || s->first.time == DESC_NULL ||
		s->first.time <= st->time))
		return;
	s->first = *st;
	s->time_given = given;
	s->timed = true;
}

void
stamp_add_year(struct stamp *st, int64_t date)
{
	struct when_fields now;
	int64_t t;

	if (date == DESC_NULL)
		return;
	when_fields(date, &now);
	st->f.year = now.year;
	if (when_from_fields(&st->f, &t) && t > date + 2 * WHEN_DAY)
		st->f.year--;
	if (when_from_fields(&st->f, &t))
		st->time = t;
}

/* Has the text characters of Chinese? */
static bool
wide(const char *s)
{
	while (*s != '\0' && !((uint8_t)*s >= 0xe4 && (uint8_t)*s <= 0xe9))
		s++;
	return *s != '\0';
}

/* "End: ..." below "Start: ...": the event began before it. */
bool
plain_tells_end(const char *low)
{
	static const char *const words[] = {"end", "ended", "ending",
	    "finished", "stopped", "beendet", "terminé", "terminada",
	    "terminado", "ende", "last", "until",
	    "stop", "fin", "fine", "bis", "letzte", "eind", "koniec",
	    "endzeit", "endtime", "eindtijd", "einde", "slutt", "slut", "fim",
	    "konec", "конец", "окончание", "dernier", "último", "última",
	    "ultimo", "laatste", "结束时间", "終了"};
	const char *w = low + strspn(low, " \t*-");
	size_t n = strcspn(w, " :.");

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (*words[i] == *w && strlen(words[i]) == n &&
		    strncmp(w, words[i], n) == 0)
			return memchr(w, ':', strnlen(w, 24)) != NULL;
	return false;
}

bool
plain_ended(const char *para)
{
	static const char *const words[] = {"end", "ended", "until", "till",
	    "ending", "through", "bis", "fin", "fine", "hasta", "tot"};
	const char *end = para + strlen(para), *w;

	while (end > para && end[-1] == ' ')
		end--;
	for (w = end; w > para && g_ascii_isalpha(w[-1]); w--)
		;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strlen(words[i]) == (size_t)(end - w) &&
		    g_ascii_strncasecmp(w, words[i], (size_t)(end - w)) == 0)
			return true;
	return false;
}

/* "Report generated: ...": not when it happened. */
bool
plain_tells_report(const char *low)
{
	static const char *const words[] = {"generated", "report generated",
	    "generated at", "generated on", "report date", "report time",
	    "date of report", "date of notice", "notice date", "issued",
	    "issued at", "report created", "created at", "sent", "sent at",
	    "ticket created", "case opened", "deadline", "reply by",
	    "response due", "due date", "last update", "last updated",
	    "updated", "berichtsdatum", "berichtszeit", "erstellt",
	    "erstellt am", "bericht erstellt", "date du rapport",
	    "fecha del informe", "data del rapporto", "data do relatório",
	    "datum melding", "generated_at", "report_date", "created_at",
	    "reported_at", "sent_at", "locked until", "banned until",
	    "blocked until", "expires", "expires at", "gesperrt bis"};
	const char *w = low + strspn(low, " \t*-\""), *colon;
	size_t n;

	if (strchr("grdinscublef", *w) == NULL)
		return false;
	colon = memchr(w, ':', strnlen(w, 24));
	if (colon == NULL)
		return false;
	for (n = (size_t)(colon - w); n > 0 && strchr(" \t\"*.", w[n - 1]); n--)
		;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (*words[i] == *w && strlen(words[i]) == n &&
		    strncmp(w, words[i], n) == 0)
			return true;
	return false;
}

/* time, time_given and zone of an event. */
void
plain_time(struct plain *p, const struct stamp *stamp, const char *given,
    struct inspect_event *e)
{
	struct stamp st = *stamp;
	const char *cst = strstr(given, "CST");

	e->time_given = read_field(p->r->a, given);
	/* in a Chinese letter it may be China's */
	if (cst != NULL && !g_ascii_isalnum(cst[3]) && wide(p->words->str))
		return;
	if (!st.zone && !st.odd && p->has_offset) {
		set_offset(&st, p->offset);
	} else if (!st.zone && !st.odd && p->place != NULL) {
		int offset;

		if (!st.year)
			stamp_add_year(&st, p->r->out->date);
		if (stamp_place_offset(p->place, &st.f, &offset))
			set_offset(&st, offset);
	}
	if (!st.year && st.zone)
		stamp_add_year(&st, p->r->out->date);
	/* "28 November" is the coming one; a log has only been */
	if (!stamp->year && g_ascii_isdigit(*given) &&
	    st.time != DESC_NULL && p->r->out->date != DESC_NULL &&
	    p->r->out->date - st.time > 300 * WHEN_DAY)
		return;
	if (st.zone && st.time != DESC_NULL) {
		e->time = st.time;
		e->zone = "given";
	}
}
