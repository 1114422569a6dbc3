/*
 * What the daemon and the keeper say to each other (keeper.h): one request
 * and one answer at a time, fixed heads, the bytes as descriptors.
 *
 * The keeper never reads MIME: where the sealed bytes stand in a message a
 * parser child found out, and the daemon checked that it is within it.
 */
#ifndef INSPECT_KEEP_H
#define INSPECT_KEEP_H

#include "inspect/process/proc.h"

#define KEEP_NAME "tocsin-keeper"

enum {
	KEEP_MAGIC = 0x7463736b,
	KEEP_JSON_MAX = 4 * 1024 * 1024,
	KEEP_MEMORY = 1024 * 1024 * 1024, /* address space, gpg's too */
	KEEP_NOFILE = 64,
	KEEP_IDLE_MS = 5000,       /* then gpg's agent is ended */
	KEEP_SPARE = 1024 * 1024,  /* bytes of a file beyond the plain text:
				    * gpg's key ring */
};

enum keep_kind {
	KEEP_DECRYPT = 'd',  /* part; answer: JSON and a descriptor */
	KEEP_VERIFY = 's',   /* part and signature */
	KEEP_CLEAR = 'c',    /* part: a clear-signed text */
	KEEP_IMPORT = 'k',   /* part: public keys */
	KEEP_OWN = 'o',      /* nothing; answer: our public keys */
	KEEP_SIGN = 'S',     /* part; answer: JSON with the signature */
	KEEP_ENCRYPT = 'e',  /* part and keys; answer: a descriptor */
	KEEP_SEAL = 'E',     /* the same, signed inside */
	KEEP_PING = 'p',
};

/* Bytes within the descriptor's. */
struct keep_range {
	uint64_t at, len;
	uint64_t encoding; /* enum mail_encoding, taken off by the keeper */
};

struct keep_request {
	uint32_t magic;
	uint32_t kind;
	/* Of KEEP_ENCRYPT and KEEP_SEAL the second is what to encrypt to: a
	 * fingerprint a line, an empty line, the armored keys. */
	struct keep_range part, signature;
};

struct keep_answer {
	uint32_t magic;
	uint32_t ok;       /* 0: the JSON is {"error": sentence,
			    * "again": would another try help?} */
	uint64_t len;      /* of the JSON */
	uint64_t plain;    /* bytes of the descriptor, when one came */
};

/* Order of argv: name, home, passphrase file, wall, plain text. */
enum {
	KEEP_ARG_HOME = 1,
	KEEP_ARG_PASSPHRASE,
	KEEP_ARG_WALL,
	KEEP_ARG_PLAIN,
	KEEP_ARGS,
};

#endif
