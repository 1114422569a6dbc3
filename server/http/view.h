/*
 * The common part of every page, and of every list.
 *
 * Each view begins with PAGE(F, S) (or LIST_VIEW), so that its first
 * members are those of struct page in the same order; reply_view() fills
 * the first block, the handler the second.  All are page-only kinds: the
 * API never sees them.
 */
#ifndef HTTP_VIEW_H
#define HTTP_VIEW_H

#include "base/base.h"
#include "base/desc.h"

/* One thing wrong with a form: {{#errors}}{{#problems}}<a href="#field">. */
#define PROBLEM(F, S)                                                         \
	F(S, TEXT, field, none)                                               \
	F(S, TEXT, detail, none)
DESC_STRUCT(problem, PROBLEM);

#define PAGE(F, S)                                                            \
	/* filled for you */                                                  \
	F(S, PAGE_TEXT, site, none)           /* name of the team */          \
	F(S, PAGE_TEXT, network, none)        /* that it looks after */       \
	F(S, PAGE_TEXT, phone, none)          /* or NULL */                   \
	F(S, PAGE_TEXT, report_address, none)                                 \
	F(S, PAGE_URL, report_mailto, none)   /* mailto: of it */             \
	F(S, PAGE_URL, style, none)           /* /static/style.HASH.css */    \
	F(S, PAGE_URL, script, none)                                          \
	F(S, PAGE_URL, icon, none)                                            \
	F(S, PAGE_TEXT, user, none)           /* who is logged in, or NULL */ \
	F(S, PAGE_TEXT, user_role, none)                                      \
	F(S, PAGE_TEXT, csrf, none)           /* for <input name="csrf"> */   \
	F(S, PAGE_TEXT, flash, none)          /* what was just done */        \
	F(S, PAGE_URL, here, none)            /* this page, path and query */ \
	F(S, PAGE_BOOL, may_write, none)      /* analyst or more */           \
	F(S, PAGE_BOOL, at_report, none)      /* which part of the site */    \
	F(S, PAGE_BOOL, at_topics, none)                                      \
	F(S, PAGE_BOOL, at_public_lists, none)                                \
	F(S, PAGE_BOOL, at_lookup, none)                                      \
	F(S, PAGE_BOOL, at_queue, none)                                       \
	F(S, PAGE_BOOL, at_junk, none)                                        \
	F(S, PAGE_BOOL, at_advisories, none)                                  \
	F(S, PAGE_BOOL, at_lists, none)                                       \
	F(S, PAGE_BOOL, at_members, none)                                     \
	F(S, PAGE_BOOL, at_findings, none)                                    \
	F(S, PAGE_BOOL, at_rules, none)                                       \
	F(S, PAGE_BOOL, at_account, none)                                     \
	F(S, PAGE_INT, errors, none)          /* how many problems */         \
	F(S, PAGE_LIST, problems, problem)                                    \
	/* filled by the handler */                                           \
	F(S, PAGE_TEXT, page_title, none)                                     \
	F(S, PAGE_URL, feed, none)            /* <link rel=alternate> */      \
	F(S, PAGE_INT, refresh, none)         /* load again after s, where    \
					       * no script does it */
DESC_STRUCT(page, PAGE);

/* Which part of a list is shown. */
#define PAGER(F, S)                                                           \
	F(S, URL, newer, none)                                                \
	F(S, URL, older, none)                                                \
	F(S, INT, from, none)                                                 \
	F(S, INT, to, none)                                                   \
	F(S, INT, all, none)
DESC_STRUCT(pager, PAGER);

/* {"items":[...],"total":N,"next":PATH or null} for the API; for pages
 * {{#items}}, {{^any}} and {{>pager}} besides. */
#define LIST_VIEW(F, S, item)                                                 \
	PAGE(F, S)                                                            \
	F(S, LIST, items, item)                                               \
	F(S, INT, total, none)                                                \
	F(S, URL, next, none)                                                 \
	F(S, PAGE_BOOL, any, none)                                            \
	F(S, PAGE_OBJECT, pager, pager)

#define ERROR_VIEW(F, S) PAGE(F, S)                                           \
	F(S, INT, status, none)                                               \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, detail, none)                                              \
	F(S, TEXT, kept, none)     /* what is not lost, or NULL */
DESC_STRUCT(error_view, ERROR_VIEW);

/* RFC 9457, as it is described in openapi.json. */
#define PROBLEM_JSON(F, S)                                                    \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, INT, status, none)                                               \
	F(S, TEXT, detail, none)                                              \
	F(S, LIST, errors, problem)
DESC_STRUCT(problem_json, PROBLEM_JSON);

/* Every view that a template may name, ended by NULL: for tmpl_load. */
extern const struct desc *const views_all[];

#endif
