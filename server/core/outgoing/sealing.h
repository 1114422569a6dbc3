/*
 * Which outgoing mail is signed with the team's key and encrypted to the
 * keys of its recipients.
 *
 * Asked for by a person, or by the settings for what a person sends: it is
 * so, or nothing is sent.  What a program sends under pgp.sign goes unsigned
 * rather than not at all, with a warning in the log.  What is to be
 * encrypted never goes out otherwise, except under "possible" to people of
 * whom one has no key that can be used.
 *
 * A mail is encrypted to the keys of everybody it goes to and to the team's
 * own, which is to be published (`tocsinctl key publish`).  Whose a key is
 * the team's table says (keyring.h); gpg's web of trust is not asked.
 *
 * Cost:    10 to 50 ms of gpg where the mail is composed.  outbox_queue()
 *          composes inside the caller's transaction: a reply or a notice
 *          keeps one ticket locked so long, at most KEEPER_SEAL_WALL
 *          seconds when gpg hangs, and the next for KEEPER_REST seconds not
 *          at all.  Advisories and receipts are composed before.
 * Failure: FAULT_INPUT says what is missing, and whose; FAULT_AWAY: the
 *          keeper does not answer.
 */
#ifndef CORE_SEALING_H
#define CORE_SEALING_H

#include "core/outgoing/keyring.h"
#include "mail/compose.h"

enum sealing_wish { SEALING_AS_SET, SEALING_YES, SEALING_NO };

/* What a person wants of one mail. */
struct sealing_choice {
	enum sealing_wish sign, encrypt;
};

struct sealing_ask {
	const char *purpose;   /* of outbox_mail */
	int64_t ticket;        /* whose TLP counts; 0: none */
	bool person;           /* somebody pressed a button for it */
	struct sealing_choice choice;
	const char *const *to; /* all its addresses, ended by NULL */
};

/* What becomes of one mail; made by sealing_plan(). */
struct sealing {
	struct keeper *keeper;
	bool sign, must_sign; /* is to be, and else not sent */
	bool encrypt, must_encrypt;
	const char *const *to;     /* fingerprints */
	const char *keys, *told;   /* armored; "a@b.example 0123...", ... */
	const char *signer;        /* once composed; NULL: not signed */
	bool encrypted;            /* once composed */
	struct compose_sealer sealer;
};

/* db: NULL when nothing is to be encrypted (receipts, advisories). */
bool sealing_plan(struct db *db, struct arena *a, const struct site *s,
    const struct sealing_ask *ask, struct sealing *out, GError **err);
/* compose_mail() with what was planned; m->sealer is its to set. */
bool sealing_compose(struct arena *a, struct sealing *p,
    struct compose_mail *m, struct compose_bytes *out, GError **err);
/* What message.inspect keeps of it, as of a message received; NULL: it went
 * as it was. */
const char *sealing_json(struct arena *a, const struct sealing *p);

/* What the pages say of the keys of these addresses, in their order. */
#define SEALING_KEY(F, S)                                                     \
	F(S, TEXT, address, none)                                             \
	F(S, TEXT, fingerprint, none) /* null: there is none */               \
	F(S, TEXT, state, none)       /* valid, expired, revoked, none */     \
	F(S, TIME, expires, none)                                             \
	F(S, TEXT, data, none)        /* armored */
DESC_STRUCT(sealing_key, SEALING_KEY);
bool sealing_keys(struct db *db, struct arena *a, const char *const *to,
    struct list *keys, GError **err);

#endif
