/* Views of campaigns (page_campaign.c, page_campaign_new.c, page_board.c). */
#ifndef HTTP_PAGE_CAMPAIGN_H
#define HTTP_PAGE_CAMPAIGN_H

#include "core/campaign/campaign.h"
#include "http/page/page_desk.h"

#define CAMPAIGNS_VIEW(F, S)                                                  \
	LIST_VIEW(F, S, campaign_row)                                         \
	F(S, PAGE_BOOL, digests, none)      /* in place of those that ask */
DESC_STRUCT(campaigns_view, CAMPAIGNS_VIEW);

/* A text to begin from. */
#define CAMPAIGN_TEXT(F, S)                                                   \
	F(S, URL, url, none)                                                  \
	F(S, TEXT, name, none)
DESC_STRUCT(campaign_text, CAMPAIGN_TEXT);

#define CAMPAIGN_FORM_VIEW(F, S)                                              \
	PAGE(F, S)                                                            \
	F(S, PAGE_TEXT, title, none)                                          \
	F(S, PAGE_TEXT, title_error, none)                                    \
	F(S, PAGE_LIST, types, desk_option)                                   \
	F(S, PAGE_LIST, labels, desk_option)                                  \
	F(S, PAGE_TEXT, words, none)                                          \
	F(S, PAGE_TEXT, words_error, none)                                    \
	F(S, PAGE_LIST, texts, campaign_text)                                 \
	F(S, PAGE_TEXT, template, none)     /* that words were begun from */  \
	F(S, PAGE_LIST, translations, campaign_words)                         \
	F(S, PAGE_TEXT, variables, none)    /* that words may hold */         \
	F(S, PAGE_TEXT, incident, none)                                       \
	F(S, PAGE_TEXT, incident_error, none)                                 \
	F(S, PAGE_TEXT, zone, none)                                           \
	F(S, PAGE_TEXT, zone_error, none)                                     \
	F(S, PAGE_TEXT, text, none)                                           \
	F(S, PAGE_TEXT, text_error, none)                                     \
	F(S, PAGE_TEXT, from, none)         /* search, findings, or "" */     \
	F(S, PAGE_TEXT, query, none)                                          \
	F(S, PAGE_BOOL, of_search, none)                                      \
	F(S, PAGE_BOOL, of_findings, none)
DESC_STRUCT(campaign_form_view, CAMPAIGN_FORM_VIEW);

/* A draft, or one that was: whom it concerns. */
#define CAMPAIGN_VIEW(F, S)                                                   \
	LIST_VIEW(F, S, campaign_party)                                       \
	CAMPAIGN(F, S)                                                        \
	F(S, LIST, left, campaign_left)     /* rows that go to nobody */      \
	F(S, OBJECT, sum, campaign_sum)                                       \
	F(S, PAGE_INT, page, none)                                            \
	F(S, PAGE_BOOL, is_draft, none)                                       \
	F(S, PAGE_BOOL, is_sent, none)                                        \
	F(S, PAGE_BOOL, is_abandoned, none)                                   \
	F(S, PAGE_BOOL, is_sending, none)                                     \
	F(S, PAGE_OBJECT, progress, campaign_progress)
DESC_STRUCT(campaign_view, CAMPAIGN_VIEW);

#define CAMPAIGN_MAIL_VIEW(F, S)                                              \
	PAGE(F, S)                                                            \
	CAMPAIGN_MAIL(F, S)                                                   \
	F(S, PAGE_INT, campaign, none)                                        \
	F(S, PAGE_TEXT, campaign_title, none)                                 \
	F(S, PAGE_INT, back, none)          /* page of the draft */
DESC_STRUCT(campaign_mail_view, CAMPAIGN_MAIL_VIEW);

/* A piece of the bar, x and w of 1000. */
#define BOARD_PIECE(F, S)                                                     \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, label, none)                                               \
	F(S, INT, n, none)                                                    \
	F(S, INT, x, none)                                                    \
	F(S, INT, w, none)
DESC_STRUCT(board_piece, BOARD_PIECE);

#define CAMPAIGN_BOARD_VIEW(F, S)                                             \
	LIST_VIEW(F, S, campaign_on_board)                                    \
	CAMPAIGN(F, S)                                                        \
	F(S, LIST, states, campaign_state)                                    \
	F(S, OBJECT, bar, campaign_bar)                                       \
	F(S, PAGE_LIST, pieces, board_piece)                                  \
	F(S, OBJECT, progress, campaign_progress)                             \
	F(S, PAGE_BOOL, is_digest, none)                                      \
	F(S, PAGE_TEXT, chosen_state, none)                                   \
	F(S, PAGE_TEXT, chosen_label, none)
DESC_STRUCT(campaign_board_view, CAMPAIGN_BOARD_VIEW);

/* What an act answers to the API. */
#define CAMPAIGN_ACT_VIEW(F, S)                                               \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, state, none)                                               \
	F(S, INT, version, none)                                              \
	F(S, INT, incident, none)                                             \
	F(S, INT, advisory, none)                                             \
	F(S, INT, done, none)               /* parties told, reminded... */   \
	F(S, INT, bulk, none)               /* that is at it, or null */
DESC_STRUCT(campaign_act_view, CAMPAIGN_ACT_VIEW);

/* page_campaign_new.c */
/* Where a campaign of what this page's filter finds begins; from: search or
 * findings. */
const char *campaign_from(struct req *r, const char *from);
/* page_campaign.c */
/* What a person can change is said at the field of the page, which is shown
 * again with *status; anything else, and all to a program, is *err. */
bool campaign_refused(struct req *r, const char *field, GError *why,
    unsigned *status, GError **err);
bool campaign_done(struct req *r, int64_t id, const char *path,
    const char *flash, unsigned status, int64_t done, GError **err);
/* It is left to a bulk act. */
bool campaign_begun(struct req *r, int64_t id, int64_t bulk, int64_t n,
    GError **err);

#endif
