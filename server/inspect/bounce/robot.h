/*
 * What machines say that write mail: subjects, sentences, and the letters
 * of those that put no sign of theirs into the header (robot_words.c,
 * robot_letter.c).
 */
#ifndef INSPECT_ROBOT_H
#define INSPECT_ROBOT_H

#include "inspect/read.h"

enum robot_subject {
	ROBOT_NO,
	ROBOT_MAYBE, /* people begin so as well: "Ticket created by mistake" */
	ROBOT_AUTO,
};

/* Of a subject, may be NULL: also behind "Re: " and a tag of ours, in any
 * case of any script. */
enum robot_subject robot_subject(struct arena *a, const char *subject);

/* "INC0012345 has been opened on your behalf": a receipt, whatever the letter
 * repeats. */
bool robot_behalf(struct arena *a, const char *subject);

/* The others look at what a sender wrote above quoted and forwarded
 * text: one line, one blank between words, ASCII in lower case. */

/* Wants proof that a mail was no spam, before anybody sees it. */
bool robot_challenge(const char *words);
/* Says that it is a machine's. */
bool robot_says(const char *words);
/* The part of it in robot_made.c: "this mail was sent automatically". */
bool robot_made(const char *words);
/* Acknowledges a mail, or tells that somebody is away, as machines do;
 * begun: the subject does so too (ROBOT_MAYBE). */
bool robot_receipt(const char *subject, const char *words, bool begun);
bool robot_absence(const char *subject, const char *words, bool begun);

#endif
