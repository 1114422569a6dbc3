/*
 * "The log of our gateway, UTC:", "Extrait du journal, heure de Paris :": a
 * line that ends in a zone and a colon says of which one the times below it
 * are (plain.h).
 */
#include "base/base.h"
#include "inspect/plain.h"

#include <string.h>

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
