/* The desk's first page: see core/ticket/today.h. */
#ifndef HTTP_PAGE_TODAY_H
#define HTTP_PAGE_TODAY_H

#include "core/ticket/today.h"
#include "http/page/page_desk.h"

#define TODAY_VIEW(F, S)                                                      \
	PAGE(F, S)                                                            \
	DESK_SIDE(F, S)                                                       \
	F(S, LIST, sections, today_section)                                   \
	F(S, LIST, junk, message_row)                                         \
	F(S, LIST, changes, today_change)   /* by others, since looked */     \
	F(S, TIME, looked, none)            /* null: never */                 \
	F(S, INT, last, none)               /* row of the trail; for seen */
DESC_STRUCT(today_view, TODAY_VIEW);

#define TODAY_SEEN_VIEW(F, S) F(S, INT, last, none)
DESC_STRUCT(today_seen_view, TODAY_SEEN_VIEW);

#endif
