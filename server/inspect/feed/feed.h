/*
 * Tables of events: what the readers of CSV, of tables in letters, of
 * Shadowserver's reports and of IntelMQ's and n6's JSON share.
 *
 * feed_find.c finds the texts of a message that hold a table, also in archives,
 * once, when the first reader asks; feed_head.c turns a header line into
 * columns, feed_row.c a row into an event; feed_names.c knows the names of
 * columns and types.
 */
#ifndef INSPECT_FEED_H
#define INSPECT_FEED_H

#include "base/csv.h"
#include "inspect/archive.h"
#include "inspect/read.h"

enum {
	FEEDS_MAX = 50,                      /* texts with a table */
	FEED_BYTES_MAX = 32 * 1024 * 1024,   /* of one text */
	FEED_HEAD_LINES = 60,     /* among which the header has to be */
	FEED_HEAD_MAX = 16384,    /* bytes of a header line */
	FEED_NAME_MAX = 64,       /* bytes of a column's name */
	FEED_VALUE_MAX = 1000,    /* bytes of a value in extra */
	FEED_EXTRAS_MAX = 24 * 1024 * 1024, /* bytes of all extra */
	FEED_ADDRESSES_MAX = 16,  /* of one row: an event for each */
	FEED_LABEL_MAX = 60,       /* bytes of a feed's name behind the "/" */
	FEED_BAD_MAX = 50000,     /* rows without an address: no more then */
	FEED_LOOKS_MAX = 8,       /* cells of a row in which one is sought */
	FEED_SHAPES_MAX = 200,    /* sets of names among objects of JSON */
};

/* What a column is for. */
enum column {
	COL_UNKNOWN,  /* goes to extra */
	COL_CONTEXT,  /* a usual name that has no field: asn, country, tag */
	COL_TIME,
	COL_DATE,     /* a day; the time of day may be in COL_TIME */
	COL_IP,       /* the address the row is about */
	COL_SRC_IP,
	COL_DST_IP,
	COL_SRC,      /* an address, or something else: the first row tells */
	COL_DST,
	COL_PORT,
	COL_SRC_PORT,
	COL_DST_PORT,
	COL_PROTOCOL,
	COL_URL,
	COL_DOMAIN,
	COL_MALWARE,
	COL_COUNT,
	COL_CVE,
	COL_REF,
	COL_SEVERITY,
	COL_TYPE,
	COL_TAXONOMY,
	COL_FEED,
	COL_N6_SOURCE, /* "source" beside "category" */
	COL_N6_NAME,
	COL_KINDS
};

struct feed {
	struct reading *r;
	size_t n;
	const char **names; /* for extra: no two the same */
	uint8_t *columns;   /* enum column */
	bool has[COL_KINDS];
	char separator;
	int known;          /* columns with a usual name */
	bool shadowserver;  /* its columns */
	bool victim;        /* the row is about dst_ip */
	bool dotted;        /* IntelMQ */
	bool n6;
	bool hosts;         /* no addresses, but names of hosts */
	bool every;         /* address of a field, not the first few */
	/* of times without a zone: "header", "rule", or "given" by the letter;
	 * NULL: not known */
	const char *zone;
	int offset;         /* seconds east of UTC, when there is no place */
	const struct stamp_place *place;
	const char *feed, *type; /* of rows that do not say; may be NULL */
	const char *part;
	int rows;
	/* the last two of their kind, for they repeat */
	const char *last_feed, *last_feed_name;
};

/* ---- feed_names.c */
enum column column_of(const char *name); /* as normalised by column_name */
/* What a normalised name that is unknown may be for by its words: a time, or
 * address or port of source or target; else COL_UNKNOWN. */
enum column column_guess(const char *name);
/* ---- feed_word.c: is it unknown, but of how often something happened? */
bool column_counts(const char *name);
/* What an unknown name is for by its words; else COL_UNKNOWN. */
enum column column_worded(const char *name);
/* ---- feed_names.c */
/* "Timestamp (UTC)" -> "timestamp", and the zone that was in it. */
const char *column_name(struct arena *a, const char *s, int *offset,
    bool *zone);
/* IntelMQ's classification, n6's category, words of people -> RSIT; either
 * may be NULL. */
const char *feed_type(const char *taxonomy, const char *type);
const char *severity_of(const char *s); /* NULL when it is none */
/* "csv/" or the like, and s as a name of letters that does not change. */
const char *feed_name(struct arena *a, const char *family, const char *s);

/* ---- feed_head.c */
/* Is this line, n bytes, the names of a table's columns?  lone: a single
 * column will do, and one of hosts without addresses, out->hosts: the rows have
 * to show that there are some. */
bool feed_header(struct reading *r, const char *line, size_t n, bool lone,
    struct feed **out);
/* The same from names that are given. */
bool feed_columns(struct reading *r, const char *const *names, size_t n,
    struct feed **out);
/* ---- feed_row.c */
/* An event for each address of the row; false when the row holds none. */
bool feed_row(struct feed *t, const char *const *values, size_t n);
/* All rows of a text; letter: it ends at an empty line. */
void feed_rows(struct feed *t, const char *text, size_t len, bool letter);

/* ---- shadowserver.c */
/* "scan_mysql" of "2026-11-01-scan_mysql-example-asn.csv"; NULL without. */
const char *shadowserver_report(struct arena *a, const char *filename);
/* RSIT of a report's name. */
const char *shadowserver_type(const char *report);
/* Sets feed, type and zone. */
void shadowserver_feed(struct feed *t, const char *const *names,
    const char *subject);

/* ---- feed_json.c: IntelMQ's and n6's events, in an array or by line */
bool feed_json_look(const char *s, size_t len);
void feed_json_read(struct reading *r, const char *s, size_t len,
    const char *part, const char *name);

/* ---- feed_find.c: what holds a table */
enum source_kind { SOURCE_TABLE, SOURCE_JSON, SOURCE_DMARC };
struct source {
	enum source_kind kind;
	const char *path;    /* "2", "2/file.csv" */
	/* of the file, of the archive it was in, or NULL */
	const char *names[3]; /* NULL-ended */
	const char *subject; /* of the message it came in */
	const char *text;    /* behind the header line */
	size_t len;
	const char *lead;    /* a file's lines in front of it, or NULL */
	struct feed *table; /* SOURCE_TABLE */
	size_t part;         /* the part of the mail */
	bool letter;         /* stands in the text of a letter */
	bool nested;         /* in an attached message, no digest's */
};
/* A text that was packed in a part. */
struct packed_text {
	size_t part;
	const char *path, *name; /* "2/file.csv", "file.csv" */
	const char *type;
	const char *text;        /* whole, as UTF-8 */
	size_t len, size;        /* of the text, of the bytes in the archive */
};
struct feeds {
	GPtrArray *sources; /* of struct source * */
	GPtrArray *packed;  /* of struct packed_text * */
};
const struct feeds *feeds_of(struct reading *r);

#endif
