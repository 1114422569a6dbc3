/*
 * "The log of our gateway, UTC:", "Extrait du journal, heure de Paris :": a
 * line that ends in a zone and a colon says of which one the times below it
 * are; and so does a column that is called "UTC" (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

#include <string.h>

bool
plain_zone_office(const char *s, size_t n)
{
	static const char *const words[] = {"office hour", "working hour",
	    "business hour", "service hour", "support hour", "opening hour",
	    "office time", "working day", "business day", "contact time",
	    "response time", "reach us", "call us", "hotline", "bürozeit",
	    "geschäftszeit", "öffnungszeit", "servicezeit", "sprechzeit",
	    "erreichen sie uns", "sind wir erreichbar", "heures de bureau",
	    "heures ouvr", "heures d'ouverture", "horaires d'ouverture",
	    "horario de atenci", "horario de oficina", "orario di ufficio",
	    "orari di ufficio", "kantooruren", "kantoortijden",
	    "godziny pracy", "godzinach pracy", "horário de atendimento"};
	ARENA_AUTO(a, "office");
	const char *low = read_lower(a, s, n);

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (strstr(low, words[i]) != NULL)
			return true;
	return false;
}

void
plain_zone_heading(struct plain *p, const struct line *l)
{
	const char *end = l->s + l->n, *s;
	const struct stamp_place *place = NULL;
	int offset = 0;
	size_t len = 0;

	if (p->has_offset || p->place != NULL)
		return;
	while (end > l->s && g_ascii_isspace(end[-1]))
		end--;
	if (end == l->s || end[-1] != ':')
		return;
	for (end--; end > l->s && g_ascii_isspace(end[-1]); end--)
		;
	for (s = end; s > l->s && s[-1] != ',' && end - s < 40; s--)
		;
	if (s == l->s || s[-1] != ',')
		return;
	while (s < end && *s == ' ')
		s++;
	if (!stamp_zone(s, end, &offset, &len)) {
		place = stamp_place_at(s, end, &len);
		if (place == NULL)
			return;
	}
	if (s + len != end)
		return;
	p->place = place;
	p->offset = offset;
	p->has_offset = place == NULL;
}

void
plain_zone_column(struct plain *p, const struct line *l)
{
	static const char ends[] = "|,;\t\"'\r";

	if (p->has_offset || p->place != NULL)
		return;
	for (size_t i = 0; i + 3 <= l->n; i++) {
		const char *s = l->s + i;

		if (g_ascii_strncasecmp(s, "utc", 3) != 0 &&
		    g_ascii_strncasecmp(s, "gmt", 3) != 0)
			continue;
		if ((i > 0 && strchr(ends, s[-1]) == NULL &&
		        !(s[-1] == ' ' && (i == 1 || strchr("| ", s[-2])))) ||
		    (i + 3 < l->n && strchr(ends, s[3]) == NULL &&
		        !(s[3] == ' ' &&
		            (i + 4 == l->n || strchr("| ", s[4])))))
			continue;
		p->offset = 0;
		p->has_offset = true;
		return;
	}
}

void
plain_zone_behind(struct plain *p, const char *s, size_t n)
{
	static const char *const zones[] = {
	    "UTC", "GMT", "CET", "CEST", "MEZ", "MESZ"};
	const char *end = s + n, *from;
	bool brackets;
	int offset;
	size_t len;

	if (p->has_offset || p->place != NULL)
		return;
	while (end > s && strchr(" \t\r.:", end[-1]) != NULL)
		end--;
	if (end - s < 6)
		return;
	brackets = end[-1] == ')';
	end -= brackets;
	for (from = end; from > s && g_ascii_isupper(from[-1]); from--)
		;
	/* "mx.example, UTC" */
	if (from - s < 3 || (brackets ? strchr("( ", from[-1]) == NULL :
		strncmp(from - 2, ", ", 2) != 0) ||
	    !stamp_zone(from, end, &offset, &len) || from + len != end)
		return;
	for (size_t i = 0; i < COUNT_OF(zones); i++)
		if (strlen(zones[i]) == len &&
		    memcmp(zones[i], from, len) == 0 &&
		    !plain_zone_office(s, n)) {
			p->offset = offset;
			p->has_offset = true;
		}
}
