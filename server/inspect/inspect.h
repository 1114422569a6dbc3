/*
 * What intake understands of a message: the object that
 * `tocsinctl inspect` prints, that a parser child hands to its parent, and
 * that core decides on.
 *
 * inspect_message() reads hostile bytes and runs only in a parser child
 * (pool.h) or in `tocsinctl inspect`; everything else works on the struct.
 * It never fails: what cannot be understood is a defect and format plain.
 *
 * All texts are valid UTF-8 without NUL, live in the arena and are within
 * the limits of base/limits.h, which inspect_unpack() checks again in the parent.
 */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include "base/base.h"
#include "base/desc.h"
#include "base/json.h"
#include "base/limits.h"

/* format: arf xarf iodef acns shadowserver csv dmarc-aggregate forward
 * plain encrypted dsn mdn auto-reply command unparsed */

#define INSPECT_EVENT(F, S)                                                   \
	F(S, TEXT, type, none)           /* RSIT "class/type" or NULL */      \
	F(S, TEXT, source_ip, none)      /* canonical */                      \
	F(S, TEXT, destination_ip, none)                                      \
	F(S, INT, source_port, none)                                          \
	F(S, INT, destination_port, none)                                     \
	F(S, TEXT, protocol, none)       /* tcp udp icmp ... lower case */    \
	F(S, TIME, time, none)           /* UTC; null when zone unknown... */ \
	F(S, TEXT, time_given, none)     /* as written */                     \
	F(S, TEXT, zone, none)           /* given header rule chosen unknown */\
	F(S, TEXT, url, none)                                                 \
	F(S, TEXT, domain, none)                                              \
	F(S, TEXT, cve, none)                                                 \
	F(S, TEXT, malware, none)                                             \
	F(S, INT, count, none)                                                \
	F(S, TEXT, reporter_ref, none)                                        \
	F(S, TEXT, evidence_part, none)  /* path of a part, "1.2" */          \
	F(S, TEXT, feed, none)           /* "shadowserver/scan_mysql": a row  \
					  * of a feed; NULL: a report */      \
	F(S, TEXT, severity, none)       /* critical high medium low info */  \
	F(S, JSON, extra, none)          /* object: what has no field here */
DESC_STRUCT(inspect_event, INSPECT_EVENT);

#define INSPECT_BOUNCE(F, S)                                                  \
	F(S, TEXT, recipient, none)                                           \
	F(S, TEXT, status, none)         /* "5.1.1" */                        \
	F(S, TEXT, action, none)         /* failed delayed delivered ... */   \
	F(S, BOOL, hard, none)           /* status class 5 */                 \
	F(S, TEXT, reason, none)                                              \
	F(S, TEXT, original, none)       /* as the sender wrote it, when the  \
					  * report says it was forwarded: a   \
					  * bounce of its own follows */
DESC_STRUCT(inspect_bounce, INSPECT_BOUNCE);

/* The message that a bounce, a receipt, an automatic answer or a feedback
 * report is about: what it says of it, or quotes.  Nobody has checked any
 * of it. */
#define INSPECT_RETURNED(F, S)                                                \
	F(S, TEXT, message_id, none)     /* without brackets */               \
	F(S, TEXT, list_id, none)        /* without name and brackets */      \
	F(S, TEXT, envelope_from, none)  /* ours: a VERP address */           \
	F(S, TEXT, to, none)
DESC_STRUCT(inspect_returned, INSPECT_RETURNED);

/* kind: ipv4 ipv6 cidr domain url email hash cve port asn */
#define INSPECT_OBSERVABLE(F, S)                                              \
	F(S, TEXT, kind, none)                                                \
	F(S, TEXT, value, none)                                               \
	F(S, TEXT, part, none)
DESC_STRUCT(inspect_observable, INSPECT_OBSERVABLE);

#define INSPECT_PART(F, S)                                                    \
	F(S, TEXT, path, none)           /* "1", "1.2": as IMAP numbers */    \
	F(S, TEXT, type, none)           /* "text/plain", lower case */       \
	F(S, TEXT, charset, none)        /* what the text was decoded from */ \
	F(S, INT, size, none)            /* decoded bytes */                  \
	F(S, TEXT, filename, none)
DESC_STRUCT(inspect_part, INSPECT_PART);

/*
 * A part that somebody encrypted or signed.  A child finds it and says where
 * its bytes stand; the daemon has them opened by the keeper (unseal.h) and
 * gives what comes out to a child again.
 *
 * Beware: once a seal is opened, subject, text, events and observables are
 * what the sender kept from the net.  They stay on the desk: nothing of
 * them may go into automatic mail (core/intake/intake_store.c).  Whoever may see
 * the ticket may read it; a person narrows that (core/ticket/restrict.h).
 */
#define INSPECT_SEAL(F, S)                                                    \
	F(S, TEXT, kind, none)           /* pgp-mime pgp-inline pgp-signed    \
					  * pgp-clear smime-signed            \
					  * smime-opaque smime-encrypted */   \
	F(S, TEXT, state, none)          /* closed opened signed */           \
	F(S, TEXT, part, none)           /* path of what it covers */         \
	F(S, BOOL, whole, none)          /* nothing stands beside it */       \
	F(S, BOOL, inside, none)         /* found in what was opened */       \
	F(S, TEXT, keys, none)           /* ids it is encrypted to */         \
	F(S, TEXT, reason, none)         /* why it is closed */               \
	/* encoded bytes within the message (or, inside, what was opened);    \
	 * a length below 0: not as they came, so they cannot be checked */   \
	F(S, PAGE_INT, at, none)                                              \
	F(S, PAGE_INT, len, none)                                             \
	F(S, PAGE_INT, encoding, none)   /* enum mail_encoding */             \
	F(S, PAGE_INT, signature_at, none)                                    \
	F(S, PAGE_INT, signature_len, none)                                   \
	F(S, PAGE_INT, signature_encoding, none)
DESC_STRUCT(inspect_seal, INSPECT_SEAL);

/* state: good (by a key of our table), untrusted (matches, but nobody
 * vouches for the signer), bad, unknown-key, expired, revoked, unchecked */
#define INSPECT_SIGNATURE(F, S)                                               \
	F(S, TEXT, kind, none)           /* that of its seal */               \
	F(S, TEXT, state, none)                                               \
	F(S, TEXT, part, none)           /* path of what it covers */         \
	F(S, BOOL, whole, none)                                               \
	F(S, BOOL, inside, none)         /* within the encryption */          \
	F(S, TEXT, fingerprint, none)                                         \
	F(S, TEXT, signer, none)                                              \
	F(S, BOOL, from_matches, none)   /* the key is that of From */        \
	F(S, TIME, made, none)                                                \
	F(S, TEXT, reason, none)
DESC_STRUCT(inspect_signature, INSPECT_SIGNATURE);

#define INSPECT_DEFECT(F, S) F(S, TEXT, text, none)
DESC_STRUCT(inspect_defect, INSPECT_DEFECT);

struct inspection {
	const char *format;
	const char *recognised;   /* name of the recogniser, or NULL */
	bool robot;      /* made by a machine: never answer with a machine */
	bool may_reply;  /* an acknowledgement may go to the envelope sender,
			  * as far as the message itself tells */
	const char *message_id;   /* without angle brackets, or NULL */
	const char *from;         /* addr-spec of From, normalised, or NULL */
	const char *from_name;
	const char *reply_to;
	const char *subject;      /* decoded */
	/* The Subject that went over the net, when the message was encrypted
	 * and `subject` is the one inside; else NULL. */
	const char *outer_subject;
	const char *sha256;       /* of the canonical bytes, hex */
	int64_t size;
	const char *digest;       /* over headers without trace and body: the
				   * same message again has the same one */
	int64_t date;             /* Date header, or DESC_NULL */
	const char *text;         /* for the ticket page: the main text */
	const char *to, *cc;      /* as written, decoded */
	/* NULL-ended: In-Reply-To then References, without brackets */
	const char *const *references;
	/* [TOCSIN #n]-like claim: our tag's number in Subject, or DESC_NULL */
	int64_t subject_number;
	const char *their_ref;    /* "CERT-XX#881", "INC001...", or NULL */
	/* method=result pairs of Authentication-Results whose authserv-id is
	 * one of conf smtp_authserv_ids: "spf=fail dmarc=fail", or NULL */
	const char *auth_results;
	const char *auth_domain;  /* domain that DMARC or DKIM passed for */
	bool spam;                /* conf smtp_spam_header present */
	struct list events;       /* inspect_event */
	struct list bounces;      /* inspect_bounce */
	struct inspect_returned returned; /* members NULL where unknown */
	struct list observables;  /* inspect_observable */
	struct list parts;        /* inspect_part */
	const char *const *part_texts; /* parts.n of them, NULL where none */
	struct list defects;      /* inspect_defect */
	const char *crypto;       /* none signed encrypted encrypted-signed */
	struct list seals;        /* inspect_seal */
	struct list signatures;   /* inspect_signature; a child's own word on
				   * S/MIME, the keeper's on OpenPGP */
};

/* What came out of a seal; the parent has descriptors, a child bytes. */
struct inspect_piece {
	size_t seal; /* index */
	int fd;
	const void *bytes;
	size_t len;
};

struct conf;
struct recognisers;

/* bytes as received (any line ends); known may be NULL; with_text keeps
 * part_texts. */
void inspect_message(struct arena *a, const struct conf *c,
    const struct recognisers *known, const void *bytes, size_t len,
    bool with_text, struct inspection *out);

/* The same with what was opened of the seals that inspect_message() found
 * in it.  Sum, size, trust and thread are those of the message as it came;
 * the rest is that of the inside. */
void inspect_opened(struct arena *a, const struct conf *c,
    const struct recognisers *known, const void *bytes, size_t len,
    const struct inspect_piece *pieces, size_t n, bool with_text,
    struct inspection *out);

/* The part with that path: decoded bytes of a leaf, or an attached message as
 * it came.  false: there is none such, or it cannot be taken out because it
 * stands within what is encrypted or encoded. */
bool inspect_part_of(struct arena *a, const void *bytes, size_t len,
    const char *path, const void **out, size_t *n);

/* All of RSIT's "class/type"; *n of them. */
const char *const *inspect_types(size_t *n);

/* Is something in it encrypted, open or not? */
bool inspect_encrypted(const struct inspection *in);
/* Sets crypto by seals and signatures. */
void inspect_set_crypto(struct inspection *in);

/* The object of `tocsinctl inspect`; texts adds "text" to the parts.  What
 * only core needs (digest, text, references...) is not in it. */
void inspect_to_json(const struct inspection *in, bool texts, GString *out);

/* answer.c: all of it but part_texts, from a child to its parent (pack.h).
 * The parent checks shape, limits and enumerations; a child's answer is as
 * hostile as the mail it read.  FAULT_BUG when it does not hold.  The bytes
 * must live as long as *out. */
void inspect_pack(const struct inspection *in, GString *out);
bool inspect_unpack(struct arena *a, const char *bytes, size_t len,
    struct inspection *out, GError **err);
/* The members that are one text, number or flag, but for text. */
extern const struct desc desc_inspection;
/* The member "signatures" of a keeper's answer, checked the same way. */
bool inspect_signatures_from_json(struct arena *a, const struct json *obj,
    struct list *out, GError **err);
/* The members of the message row's JSON that say of encryption and
 * signatures, as an object of their own. */
void inspect_crypto_to_json(const struct inspection *in, GString *out);

#endif
