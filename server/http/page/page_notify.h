/* Views of page_notify.c. */
#ifndef HTTP_PAGE_NOTIFY_H
#define HTTP_PAGE_NOTIFY_H

#include "core/notice/investigate.h"
#include "core/ticket/draft.h"
#include "core/ticket/text_template.h"
#include "http/page/page_seal.h"
#include "http/view.h"

#define NOTIFY_VIEW(F, S)                                                     \
	PAGE(F, S)                                                            \
	F(S, INT, ticket, none)                                               \
	F(S, TEXT, ticket_subject, none)                                      \
	F(S, INT, version, none)                                              \
	F(S, LIST, parties, investigate_party)                                     \
	F(S, PAGE_LIST, texts, text_template)   /* to put above the facts */  \
	F(S, PAGE_BOOL, one, none)                                            \
	F(S, PAGE_BOOL, several, none)                                        \
	F(S, PAGE_INT, chosen, none)        /* of them */                     \
	F(S, PAGE_OBJECT, seal, seal_choice)                                  \
	F(S, PAGE_LIST, drafts, draft)      /* own, but that which is used */ \
	F(S, PAGE_OBJECT, used, draft)                                        \
	F(S, PAGE_TEXT, to, none)           /* as typed, when it was wrong */ \
	F(S, PAGE_TEXT, subject, none)                                        \
	F(S, PAGE_TEXT, text, none)                                           \
	F(S, PAGE_INT, drawn, none)         /* the number it was typed under */
DESC_STRUCT(notify_view, NOTIFY_VIEW);

/* What the API is told; status to version are the investigation's. */
#define NOTIFIED_VIEW(F, S)                                                   \
	F(S, INT, number, none)                                               \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, owner, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, INT, message, none)            /* the last one */                \
	F(S, INT, investigation, none)                                        \
	F(S, INT, sent, none)               /* how many */
DESC_STRUCT(notified_view, NOTIFIED_VIEW);

#endif
