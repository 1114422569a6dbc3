/*
 * The choice of a form that sends mail: signed, encrypted, or as the
 * settings say; with the state of the recipients' keys.
 */
#ifndef HTTP_PAGE_SEAL_H
#define HTTP_PAGE_SEAL_H

#include "core/outgoing/sealing.h"
#include "http/req.h"

#define SEAL_CHOICE(F, S)                                                     \
	F(S, TEXT, form, none)          /* beginning of its ids */            \
	F(S, TEXT, sign_set, none)      /* what the settings say, in words */ \
	F(S, TEXT, encrypt_set, none)                                         \
	F(S, TEXT, keys, none)          /* "a@b.example: key 0123..., valid" */\
	F(S, BOOL, sign_yes, none)                                            \
	F(S, BOOL, sign_no, none)                                             \
	F(S, BOOL, encrypt_yes, none)                                         \
	F(S, BOOL, encrypt_no, none)                                          \
	F(S, BOOL, wrong, none)         /* it is what was refused */
DESC_STRUCT(seal_choice, SEAL_CHOICE);

/* Fields sign and encrypt of the form; another word is an error of the
 * field. */
struct sealing_choice seal_chosen(struct req *r);
/* Was a mail refused for what was chosen?  Then it is an error of the form
 * on the page (never for the API), to be shown with what was typed. */
bool seal_refused(struct req *r, const GError *why);
/* For the form; *out is NULL where the desk has no key.  to: addresses by
 * commas, or NULL; chosen: show what this request chose. */
bool seal_choice_view(struct req *r, const char *form, const char *to,
    bool chosen, struct seal_choice **out, GError **err);

#endif
