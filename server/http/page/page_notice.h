/* Views of page_notice.c. */
#ifndef HTTP_PAGE_NOTICE_H
#define HTTP_PAGE_NOTICE_H

#include "core/notice/notice.h"
#include "http/page/page_desk.h"

/* An answer to choose; help says what it means. */
#define NOTICE_CHOICE(F, S)                                                   \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, help, none)                                                \
	F(S, BOOL, chosen, none)
DESC_STRUCT(notice_choice, NOTICE_CHOICE);

/* What the other side sees behind its link. */
#define NOTICE_LINK_VIEW(F, S)                                                \
	PAGE(F, S)                                                            \
	F(S, PAGE_TEXT, tag, none)                                            \
	F(S, PAGE_TEXT, party, none)                                          \
	F(S, PAGE_TEXT, sent_subject, none)                                   \
	F(S, PAGE_TEXT, sent_text, none)                                      \
	F(S, PAGE_TIME, sent, none)                                           \
	F(S, PAGE_TIME, answer_by, none)                                      \
	F(S, PAGE_TEXT, result, none)                                         \
	F(S, PAGE_TIME, result_at, none)                                      \
	F(S, PAGE_BOOL, late, none)                                           \
	F(S, PAGE_BOOL, closed, none)                                         \
	F(S, PAGE_BOOL, expired, none)                                        \
	F(S, PAGE_BOOL, open, none)          /* it may be answered */         \
	F(S, PAGE_TEXT, result_error, none)                                   \
	F(S, PAGE_TEXT, note, none)                                           \
	F(S, PAGE_LIST, events, ticket_event)                                 \
	F(S, PAGE_LIST, choices, notice_choice)
DESC_STRUCT(notice_link_view, NOTICE_LINK_VIEW);

#define NOTICES_VIEW(F, S)                                                    \
	LIST_VIEW(F, S, notice)                                               \
	DESK_SIDE(F, S)                                                       \
	F(S, PAGE_TEXT, view, none)                                           \
	F(S, PAGE_TEXT, hint, none)                                           \
	F(S, PAGE_LIST, views, desk_option)
DESC_STRUCT(notices_view, NOTICES_VIEW);

#endif
