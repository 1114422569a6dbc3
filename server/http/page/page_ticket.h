/* What the acts on a ticket need of its page. */
#ifndef HTTP_PAGE_TICKET_H
#define HTTP_PAGE_TICKET_H

#include "http/page/page_desk.h"

/* The page (or its JSON); typed (may be NULL) holds what the analyst had
 * written when something was wrong with it. */
bool ticket_show(struct req *r, unsigned status, int64_t number,
    const struct ticket_view *typed, GError **err);

/* Of one field (To, Cc) that a person writes. */
enum { ACT_ADDRESSES_MAX = 50 };
/* Mail addresses of a field: "a@b.example, c@d.example" in one value or
 * several; ended by NULL.  What is no address, and one too many, is an error
 * of the field. */
const char *const *act_addresses(struct req *r, const char *field);
/* The same as one line again, for the form. */
const char *act_joined(struct arena *a, const char *const *values);

/* 0: the version was not given, so it is not checked. */
bool act_version(struct req *r, int64_t *version);
/* The answer to an act: flash on the ticket's page, or its JSON with status;
 * message 0: none. */
bool act_done(struct req *r, int64_t number, unsigned status, int64_t message,
    const char *flash, GError **err);

/*
 * A write that failed, *why is taken.  When somebody was faster, pages show
 * the ticket as it is now, what others did meanwhile, and what was typed:
 * `undone` says what was not done, `at` (may be NULL) is the link to the
 * form.  What core finds wrong with what was typed is shown at the form.
 * The API, and all else, gets the fault.  The form has the field `since`.
 */
bool ticket_late(struct req *r, int64_t number,
    const struct ticket_view *typed, const char *undone, const char *at,
    GError **why, GError **err);

#endif
