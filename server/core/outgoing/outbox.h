/*
 * Outgoing mail: queued inside the caller's transaction, claimed by sender
 * threads, and the verdict for each recipient kept for ever.
 *
 * State machine, leases and what happens after a crash: sql/0005_outbox.sql.
 */
#ifndef CORE_OUTBOX_H
#define CORE_OUTBOX_H

#include "core/outgoing/sealing.h"

struct outbox_file {
	const char *name, *type;
	const void *bytes;
	size_t len;
};

/* One mail to one or several people; all get the same bytes. */
struct outbox_mail {
	const char *purpose;   /* ack reply notice confirm alert help ... */
	int64_t ticket;        /* 0: none; gives From, Reply-To, thread */
	const struct actor *author;
	const char *const *to; /* addresses, ended by NULL */
	const char *const *cc; /* NULL: none */
	const char *subject;   /* UTF-8, one line; the tag is not added */
	const char *text;      /* body, UTF-8, any line ends */
	const char *in_reply_to; /* Message-ID without brackets, or NULL */
	const char *const *references;
	const struct outbox_file *files;
	size_t n_files;
	bool automatic;        /* Auto-Submitted: auto-replied/-generated */
	bool unasked;          /* on a thread, but no answer to that mail */
	bool null_sender;      /* MAIL FROM:<> (RFC 3834) */
	struct sealing_choice choice; /* signed, encrypted? */
};

/* Composes, stores message, bytes and one delivery an address, all in the
 * caller's transaction.  FAULT_INPUT: an address or header that cannot be
 * sent.  *message gets the row's id (may be NULL). */
bool outbox_queue(struct db *db, const struct site *s,
    const struct outbox_mail *m, int64_t *message, GError **err);

/* Can the ledger hand mail over to it?  It takes no blanks or brackets, so
 * a quoted local part with some cannot be answered. */
bool outbox_address_ok(const char *addr);
/* The same without the database, for callers with their own statement:
 * exact bytes, Message-ID and SHA-256, in the arena.  Such a mail is not
 * encrypted. */
struct outbox_bytes {
	const char *message_id, *sha256, *from, *recipients, *cc;
	const char *const *addresses; /* distinct, ended by NULL */
	const char *text;             /* as the ticket page shows it */
	const char *inspect;          /* how it was sealed: JSON, or NULL */
	const void *bytes;
	size_t len;
};
bool outbox_compose(struct arena *a, const struct site *s,
    const struct outbox_mail *m, struct outbox_bytes *out, GError **err);

/* For hundreds of mails at once: each is composed outside a transaction,
 * with the keys of its recipients (outbox_make() says what outbox_queue()
 * would), and all are stored by few statements in the caller's. */
struct outbox_made {
	int64_t ticket;
	const char *subject;
	struct outbox_bytes bytes;
};
bool outbox_make(struct db *db, struct arena *a, const struct site *s,
    const struct outbox_mail *m, struct outbox_made *out, GError **err);
/* All of one author and purpose; messages gets n ids, in their order. */
bool outbox_queue_many(struct db *db, const struct site *s,
    const struct actor *author, const char *purpose,
    const struct outbox_made *mails, size_t n, int64_t *messages,
    GError **err);

/* Wakes the senders of every host; call it after or in the transaction of
 * an act of a person (never at intake: NOTIFY ends group commit). */
bool outbox_kick(struct db *db, GError **err);

#endif
