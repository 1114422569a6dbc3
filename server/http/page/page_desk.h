/*
 * Views of the desk: queue, ticket, junk, messages, members.  What the API
 * calls them is fixed by contract; PAGE_ kinds are for templates only.
 */
#ifndef HTTP_PAGE_DESK_H
#define HTTP_PAGE_DESK_H

#include "core/intake/settle.h"
#include "core/ticket/draft.h"
#include "core/campaign/campaign.h"
#include "core/feed/finding.h"
#include "core/notice/notice.h"
#include "core/ticket/news.h"
#include "core/ticket/text_template.h"
#include "core/ticket/ticket.h"
#include "core/intake/zone_rule.h"
#include "http/page/page_seal.h"
#include "http/route.h"

/* The views beside queue and ticket, with their numbers.  since: the last
 * row of the trail before the page was read, where news begin (live.h). */
#define DESK_SIDE(F, S)                                                       \
	F(S, PAGE_OBJECT, counts, ticket_counts)                              \
	F(S, PAGE_INT, since, none)                                           \
	F(S, PAGE_BOOL, view_today, none)                                     \
	F(S, PAGE_BOOL, view_new, none)                                       \
	F(S, PAGE_BOOL, view_mine, none)                                      \
	F(S, PAGE_BOOL, view_unowned, none)                                   \
	F(S, PAGE_BOOL, view_waiting, none)                                   \
	F(S, PAGE_BOOL, view_overdue, none)                                   \
	F(S, PAGE_BOOL, view_answered, none)                                  \
	F(S, PAGE_BOOL, view_incidents, none)                                 \
	F(S, PAGE_BOOL, view_notices, none)                                   \
	F(S, PAGE_BOOL, view_open, none)                                      \
	F(S, PAGE_BOOL, view_any, none)

#define DESK_OPTION(F, S)                                                     \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, label, none)                                               \
	F(S, BOOL, chosen, none)
DESC_STRUCT(desk_option, DESK_OPTION);

/* All types there are, as options; chosen may be "". */
struct list desk_types(struct arena *a, const char *chosen);

#define QUEUE_VIEW(F, S)                                                      \
	LIST_VIEW(F, S, ticket_row)                                           \
	F(S, BOOL, uncounted, none)         /* total: at least so many */     \
	DESK_SIDE(F, S)                                                       \
	F(S, PAGE_LIST, statuses, desk_option)                                \
	F(S, PAGE_TEXT, status, none)                                         \
	F(S, PAGE_TEXT, kind, none)                                           \
	F(S, PAGE_TEXT, view, none)                                           \
	F(S, PAGE_TEXT, type, none)                                           \
	F(S, PAGE_TEXT, org, none)                                            \
	F(S, PAGE_TEXT, ip, none)                                             \
	F(S, PAGE_TEXT, q, none)                                              \
	F(S, PAGE_TEXT, from_day, none)     /* on which it was made */        \
	F(S, PAGE_TEXT, to_day, none)                                         \
	F(S, PAGE_BOOL, sought, none)       /* something was typed */         \
	F(S, PAGE_URL, campaign, none)      /* of what a search finds */
DESC_STRUCT(queue_view, QUEUE_VIEW);

#define TICKET_VIEW(F, S)                                                     \
	PAGE(F, S)                                                            \
	TICKET_FULL(F, S)                                                     \
	DESK_SIDE(F, S)                                                       \
	F(S, PAGE_LIST, neighbours, ticket_beside)                            \
	F(S, PAGE_LIST, missing_facts, intake_missing)                        \
	F(S, PAGE_LIST, there, finding_row)  /* at its addresses */           \
	F(S, PAGE_LIST, campaigns, campaign_row) /* it belongs to */          \
	F(S, PAGE_LIST, rest_events, ticket_event) /* behind the first few */ \
	F(S, PAGE_TEXT, rest_says, none)    /* how many, and whose */         \
	F(S, PAGE_INT, more_events, none)   /* not on this page: of a */      \
	F(S, PAGE_INT, more_children, none) /* campaign the board has them */ \
	F(S, PAGE_INT, more_messages, none)                                   \
	F(S, PAGE_OBJECT, asked, notice)    /* the last one that was sent */  \
	F(S, PAGE_BOOL, may_notify, none)   /* somebody is concerned */       \
	F(S, PAGE_BOOL, may_take, none)     /* it would change something */   \
	F(S, PAGE_BOOL, chosen, none)       /* the request has a choice */    \
	F(S, PAGE_OBJECT, reply_seal, seal_choice)                            \
	F(S, PAGE_TEXT, reply_to, none)                                       \
	F(S, PAGE_TEXT, reply_cc, none)                                       \
	F(S, PAGE_LIST, also, desk_option)  /* who else may have the reply */ \
	F(S, PAGE_TEXT, go_along, none)     /* what its closing closes */     \
	F(S, PAGE_TEXT, reply_subject, none)                                  \
	F(S, PAGE_TEXT, reply_text, none)                                     \
	F(S, PAGE_TEXT, comment_text, none)                                   \
	F(S, PAGE_TEXT, late, none)         /* what was not done, for what    \
					     * others did meanwhile */        \
	F(S, PAGE_URL, late_at, none)       /* what was typed is there */     \
	F(S, PAGE_LIST, meanwhile, news_later)                                \
	F(S, PAGE_TEXT, also_here, none)    /* others who look at it */       \
	F(S, PAGE_TEXT, writing, none)      /* and who write */               \
	F(S, PAGE_LIST, drafts, draft)      /* own, but that in its form */   \
	F(S, PAGE_TEXT, shown_draft, none)  /* form it was put into */        \
	F(S, PAGE_LIST, notes, handling_note)   /* on its type */             \
	F(S, PAGE_LIST, types, desk_option)     /* to classify it */          \
	F(S, PAGE_LIST, resolutions, desk_option) /* why it is resolved */    \
	F(S, PAGE_LIST, texts, text_template)   /* to begin a reply from */   \
	F(S, PAGE_LIST, reasons, text_template) /* to reject it for */        \
	F(S, PAGE_INT, reason_id, none)     /* whose text the reply is, or 0 */\
	F(S, PAGE_TEXT, reason_name, none)                                    \
	F(S, PAGE_TEXT, zone_text, none)                                      \
	F(S, PAGE_BOOL, zone_box, none)     /* there is a zone to settle */   \
	F(S, PAGE_LIST, zone_senders, desk_option)                            \
	F(S, PAGE_BOOL, asks, none)         /* the reply is a question */     \
	F(S, PAGE_TEXT, link_to, none)      /* as typed */                    \
	F(S, PAGE_TEXT, measure, none)                                        \
	F(S, PAGE_TEXT, measure_end, none)                                    \
	F(S, PAGE_BOOL, open_case, none)                                      \
	F(S, PAGE_BOOL, open_zone, none)                                      \
	F(S, PAGE_BOOL, open_reply, none)                                     \
	F(S, PAGE_BOOL, open_comment, none)                                   \
	F(S, PAGE_BOOL, open_status, none)
DESC_STRUCT(ticket_view, TICKET_VIEW);

/* What an act answers to the API. */
#define ACT_VIEW(F, S)                                                        \
	F(S, INT, number, none)                                               \
	F(S, TEXT, status, none)                                              \
	F(S, TEXT, owner, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, INT, message, none)            /* made by it, or null */
DESC_STRUCT(act_view, ACT_VIEW);

#define SETTLED_VIEW(F, S) PAGE(F, S) SETTLED(F, S)
DESC_STRUCT(settled_view, SETTLED_VIEW);

#define QUESTION_VIEW(F, S) PAGE(F, S) TICKET_QUESTION(F, S)
DESC_STRUCT(question_view, QUESTION_VIEW);

#define ZONE_RULES_VIEW(F, S)                                                 \
	LIST_VIEW(F, S, zone_rule)                                            \
	F(S, PAGE_TEXT, sender, none)                                         \
	F(S, PAGE_TEXT, sender_error, none)                                   \
	F(S, PAGE_TEXT, zone, none)                                           \
	F(S, PAGE_TEXT, zone_error, none)
DESC_STRUCT(zone_rules_view, ZONE_RULES_VIEW);

#define ZONE_RULE_VIEW(F, S)                                                  \
	PAGE(F, S)                                                            \
	F(S, TEXT, sender, none)                                              \
	F(S, TEXT, zone, none)
DESC_STRUCT(zone_rule_view, ZONE_RULE_VIEW);

#define MESSAGES_VIEW(F, S) LIST_VIEW(F, S, message_row)
DESC_STRUCT(messages_view, MESSAGES_VIEW);

#define JUNK_VIEW(F, S)                                                       \
	LIST_VIEW(F, S, message_row)                                          \
	F(S, PAGE_LIST, kinds, desk_option)                                   \
	F(S, PAGE_TEXT, about, none)                                          \
	F(S, PAGE_BOOL, may_report, none)                                     \
	DESK_SIDE(F, S)
DESC_STRUCT(junk_view, JUNK_VIEW);

/* The filter of a list of tickets, each part of it by get() (NULL: not
 * there): req_query(), or of a form. */
typedef const char *queue_get(struct req *r, const char *name);
/* The first and the last day, as typed; either may be NULL. */
bool queue_days(struct req *r, const char *since, const char *until,
    struct ticket_filter *f, GError **err);
bool queue_filter(struct req *r, queue_get *get, struct ticket_filter *f,
    GError **err);
/* The numbers beside the views, in the request's arena; see counts.h. */
bool desk_counts(struct req *r, struct ticket_counts **out, GError **err);

#endif
