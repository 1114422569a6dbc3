/* What the acts on a ticket need of its page. */
#ifndef HTTP_PAGE_TICKET_H
#define HTTP_PAGE_TICKET_H

#include "http/page_desk.h"

/* The page (or its JSON); typed (may be NULL) holds what the analyst had
 * written when something was wrong with it. */
bool ticket_show(struct req *r, unsigned status, int64_t number,
    const struct ticket_view *typed, GError **err);

/* Mail addresses of a field: "a@b.example, c@d.example" in one value or
 * several; ended by NULL.  What is no address is an error of the field. */
const char *const *act_addresses(struct req *r, const char *field);

#endif
