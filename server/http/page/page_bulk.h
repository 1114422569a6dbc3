/* Views of page_bulk.c. */
#ifndef HTTP_PAGE_BULK_H
#define HTTP_PAGE_BULK_H

#include "core/ticket/bulk.h"
#include "core/ticket/text_template.h"
#include "http/page/page_desk.h"

#define BULK_VIEW(F, S)                                                       \
	PAGE(F, S)                                                            \
	BULK(F, S)                                                            \
	F(S, LIST, items, bulk_item)                                          \
	F(S, LIST, whys, bulk_why)      /* it is refused, and how often */    \
	F(S, LIST, sums, bulk_sum)                                            \
	F(S, URL, next, none)           /* more items */                      \
	F(S, PAGE_URL, before, none)                                          \
	F(S, PAGE_TEXT, show, none)                                           \
	F(S, PAGE_BOOL, choosing, none) /* nothing is planned yet */          \
	F(S, PAGE_INT, along, none)                                           \
	F(S, PAGE_INT, sample_ticket, none)                                   \
	F(S, PAGE_TEXT, sample_subject, none)                                 \
	F(S, PAGE_TEXT, sample_text, none)                                    \
	F(S, PAGE_TEXT, incident_text, none)                                  \
	F(S, PAGE_LIST, people, bulk_person)                                  \
	F(S, PAGE_BOOL, rejects, none)                                        \
	F(S, PAGE_LIST, directions, desk_option)                              \
	F(S, PAGE_LIST, statuses, desk_option)                                \
	F(S, PAGE_LIST, reasons, text_template)                               \
	F(S, PAGE_LIST, replies, text_template)
DESC_STRUCT(bulk_view, BULK_VIEW);

#define BULKS_VIEW(F, S)                                                      \
	PAGE(F, S)                                                            \
	F(S, LIST, items, bulk)
DESC_STRUCT(bulks_view, BULKS_VIEW);

#endif
