/* What pages of findings, feeds and tickets share. */
#ifndef HTTP_PAGE_FINDING_H
#define HTTP_PAGE_FINDING_H

#include "core/feed/finding.h"
#include "http/page/page_desk.h"

/* Bars of rows a day: part/days.html draws them.  Units are those of the
 * picture, 0 0 at the top left. */
#define DAYS_BAR(F, S)                                                        \
	F(S, INT, x, none)                                                    \
	F(S, INT, y, none)                                                    \
	F(S, INT, height, none)                                               \
	F(S, TEXT, day, none)                                                 \
	F(S, INT, rows, none)
DESC_STRUCT(days_bar, DAYS_BAR);
#define DAYS_CHART(F, S)                                                      \
	F(S, TEXT, summary, none)       /* what it shows, in words */         \
	F(S, TEXT, first, none)                                               \
	F(S, TEXT, last, none)                                                \
	F(S, LIST, bars, days_bar)
DESC_STRUCT(days_chart, DAYS_CHART);

/* days: finding_day, in order; NULL where none has a row. */
struct days_chart *days_chart(struct arena *a, const struct list *days);

#endif
