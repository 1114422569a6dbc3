/*
 * All limits of reading one message, floor by floor.  What goes beyond one
 * is not read; nearly always a defect of the inspection says so, and the
 * bytes are stored whole in any case.  tests/unit/21-hostile*.c have a
 * mail, or several, against each.
 *
 * Two more are settings, because machines differ: CPU seconds and wall time
 * (conf parser_cpu, parser_wall) and address space (parser_memory) of the
 * child that reads (inspect/process/sandbox.h).  The size of a message is conf
 * smtp_size_max.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* ---- a message and its parts (server/mail) */
enum {
	MAIL_PARTS_MAX = 1000,       /* of all levels */
	MAIL_HEADS_MAX = 32,         /* parts and attached messages of whose
				      * header GMime is spared most; it reads
				      * those of the rest */
	MAIL_DELIMITERS_MAX = 2000,  /* lines that look like a boundary */
	MAIL_DEPTH_MAX = 30,         /* multiparts and messages */
	MAIL_BOUNDARIES_MAX = 200,   /* different ones that are looked for */
	MAIL_FILES_MAX = 20,         /* uuencoded ones in a text */
	MAIL_TEXT_MAX = 1024 * 1024, /* bytes of one text, before decoding */
	MAIL_DECODED_MAX = 64 * 1024 * 1024, /* bytes of all decoded parts */
	MAIL_DEFECTS_MAX = 50,
};

/* ---- header blocks */
enum {
	MAIL_HEADER_LINES_MAX = 1000,       /* of one, folded lines too */
	MAIL_HEADER_BYTES_MAX = 256 * 1024, /* of one */
	MAIL_VALUE_MAX = 64 * 1024,         /* decoded bytes of one value */
	MAIL_PARAMS_MAX = 50,
	MAIL_ADDRESSES_MAX = 500,
	MAIL_WORDS_MAX = 2000,              /* encoded words of one value */
	MAIL_COLONS_MAX = 1000,             /* of one field of addresses */
};

/* ---- charsets */
enum {
	CHARSET_LABEL_MAX = 40,
	/* uchardet looks at this much; the rest does not change its mind */
	CHARSET_SNIFF_MAX = 16384,
};

/* ---- texts that are read for people and machines (server/inspect) */
enum {
	LINES_MAX = 20000,                /* of a letter */
	SUSPECTS_MAX = 2000,              /* addresses one letter accuses */
	URLS_MAX = 200,                   /* it names as sources */
	RANGE_PIECES_MAX = 16,            /* prefixes of "a to b" */
	COLUMNS_MAX = 40,                 /* of a table in it */
	BOUNCE_LETTER_MAX = 64 * 1024,    /* bytes of a bounce's letter, of
					   * quoted fields, of a copied header */
	BOUNCE_RECIPIENTS_MAX = 100,      /* of a letter */
	BOUNCE_NAMES_MAX = 20,            /* without a domain */
	HTML_BYTES_MAX = 512 * 1024,      /* of one part as HTML */
	HTML_ALL_MAX = 2 * 1024 * 1024,   /* of all parts */
	HTML_DEPTH_MAX = 500,             /* of elements */
	HTML_TAGS_MAX = 30000,
	HTML_TAG_MAX = 8192,              /* bytes of one, */
	HTML_ATTRIBUTES_MAX = 128,        /* blanks in it */
	HTML_LINK_MAX = 2000,             /* bytes of a link's target */
	JSON_PART_MAX = 16 * 1024 * 1024, /* bytes of one part */
	XML_BYTES_MAX = 2 * 1024 * 1024,
	XML_DEPTH_MAX = 64,
	XML_NODES_MAX = 100000,           /* elements and attributes */
	XML_ATTRS_MAX = 64,               /* of one element: libxml2 compares
					   * each with each */
};

/* ---- the answer of a parser child, checked again by its parent */
enum {
	INSPECT_EVENTS_MAX = 20000,
	INSPECT_OBSERVABLES_MAX = 2000,  /* addresses, links, hashes, ... */
	INSPECT_PARTS_MAX = 1000,
	INSPECT_BOUNCES_MAX = 500,
	INSPECT_REFS_MAX = 50,
	INSPECT_DEFECTS_MAX = 100,
	INSPECT_FIELD_MAX = 2000,        /* bytes of one short text */
	INSPECT_EXTRA_MAX = 4000,        /* bytes of extra, of one event */
	INSPECT_TEXT_MAX = 1024 * 1024,  /* bytes of the text of one part */
	INSPECT_TEXTS_MAX = 4194304,     /* bytes of all part texts */
	INSPECT_ANSWER_MAX = 67108864,   /* bytes of all that a child says */
	INSPECT_PACK_MAX = 50331648,     /* bytes of all events, packed */
	INSPECT_SEALS_MAX = 8,           /* encrypted or signed parts told */
	INSPECT_SIGNATURES_MAX = 16,
	INSPECT_PIECES_MAX = 4,          /* seals that are opened */
};

#endif
