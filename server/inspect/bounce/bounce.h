/*
 * What the readers of delivery reports share.
 */
#ifndef INSPECT_BOUNCE_H
#define INSPECT_BOUNCE_H

#include "inspect/read.h"

/* "5.1.1": the most telling of a Status field and of codes in a text; NULL
 * when there is none.  Both may be NULL. */
const char *bounce_status(struct arena *a, const char *field,
    const char *text);
/* The first enhanced code of a text, or NULL. */
const char *bounce_enhanced(struct arena *a, const char *text);
/* bounce_words.c; texts called low are in lower case.  Does a returned
 * message begin at this line? */
bool bounce_begins_copy(const char *line);
bool bounce_says_failure(const char *low);
/* The system goes on trying. */
bool bounce_says_wait(const char *low);
/* It does not say that it gave up. */
bool bounce_may_last(const char *low);
/* Of a report without any code: near the recipient, and the whole letter. */
const char *bounce_worded_status(const char *near, const char *all);
/* failed delayed delivered relayed expanded, or NULL */
const char *bounce_action(struct arena *a, const char *s);
/* Reads blocks of fields (RFC 3464 2.3) separated by empty lines. */
void bounce_fields(struct reading *r, const char *s, size_t n);
/* The fields of a report inside an attached message: a bounce sent on. */
void bounce_nested(struct reading *r);
/* Is there a bounce of this recipient already? */
bool bounce_known(struct reading *r, const char *addr);
/* Made unreadable by somebody ("dav...@example.org"). */
bool bounce_elided(const char *addr);
/* The texts of a report that are not the returned message. */
const char *bounce_text(struct reading *r);
/* bounce_find.c: the addresses of a letter, at most BOUNCE_RECIPIENTS_MAX. */
struct bounce_found {
	const char *addr;
	int rank;          /* 3 own line, 2 in a telling line, 1 anywhere */
	const char *at;    /* where its reason may begin */
};
size_t bounce_find(struct reading *r, const char *text,
    struct bounce_found *list);
/* "NAME@example.org" stands for all who are there. */
bool bounce_placeholder(const char *s);
/* bounce_hand.c: did a person write this, as far as words tell?  named: it
 * names addresses. */
bool bounce_by_hand(struct reading *r, const char *low, bool named);
/* Somebody greets, or speaks of himself: systems do so as well, so it tells
 * only where nothing else does. */
bool bounce_of_self(const char *low);
/* bounce_look.c: does a mail system's name stand in a From field?  0, 2 one
 * that people have as well, 4 surely. */
int bounce_daemon(struct arena *a, const struct mail_headers *h);
/* Is a mail that somebody passed on a report of mail not delivered?  h may
 * be the fields that a mail program repeats, in any language. */
bool bounce_passed_on(struct reading *r, const struct mail_headers *h,
    const char *text);
/* bounce_odd.c: true when recipients were found. */
bool bounce_ses(struct reading *r, const char *text);
bool bounce_quoted(struct reading *r);
/* returned.c: the header of the message that came back; false when none
 * did. */
bool returned_headers(struct reading *r, struct mail_headers *h);
/* Adds what the letter says: recipients that are not there yet, reasons
 * where there are none. */
void bounce_letter(struct reading *r);

#endif
