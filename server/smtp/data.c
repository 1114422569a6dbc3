/* See data.h. */
#include "base/base.h"
#include "smtp/data.h"

/* The first byte at or after p that is not plain text. */
static const uint8_t *
skip_text(const uint8_t *p, const uint8_t *end)
{
	while (p < end && *p != '\r' && *p != '\n' && *p != '\0')
		p++;
	return p;
}

static void
hand_on(data_sink *sink, void *ctx, const uint8_t *from, const uint8_t *to)
{
	if (to > from)
		sink(ctx, from, (size_t)(to - from));
}

size_t
data_read(struct data_reader *r, const uint8_t *bytes, size_t n,
    data_sink *sink, void *ctx)
{
	const uint8_t *p = bytes, *end = bytes + n;
	const uint8_t *run = bytes; /* content not yet handed on: [run, p) */

	/* Only a dot at the start of a line and a CR behind it are held
	 * back, so the run is always whole and is cut at such dots. */
	while (p < end && r->state != DATA_END) {
		switch (r->state) {
		case DATA_LINE:
			r->state = DATA_TEXT;
			if (*p == '.') {
				hand_on(sink, ctx, run, p);
				run = ++p;
				r->state = DATA_DOT;
			}
			break;
		case DATA_TEXT:
			p = skip_text(p, end);
			if (p == end)
				break;
			if (*p == '\r')
				r->state = DATA_CR;
			else if (*p == '\n')
				r->bare_lf++;
			else
				r->nul++;
			p++;
			break;
		case DATA_CR:
			if (*p == '\n') {
				p++;
				r->state = DATA_LINE;
			} else { /* looked at again: it may be a CR too */
				r->bare_cr++;
				r->state = DATA_TEXT;
			}
			break;
		case DATA_DOT: /* the dot is gone, whatever comes */
			if (*p == '\r') {
				run = ++p;
				r->state = DATA_DOT_CR;
			} else {
				r->state = DATA_TEXT;
			}
			break;
		case DATA_DOT_CR:
			if (*p == '\n') {
				run = ++p;
				r->state = DATA_END;
			} else { /* only the dot was stuffing */
				sink(ctx, (const uint8_t *)"\r", 1);
				r->bare_cr++;
				r->state = DATA_TEXT;
			}
			break;
		case DATA_END:
			break;
		}
	}
	hand_on(sink, ctx, run, p);
	return (size_t)(p - bytes);
}
