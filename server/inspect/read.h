/*
 * Inside the inspect floor: what the readers of formats share.
 *
 * inspect.c makes one struct reading a message and asks the readers of its
 * table in order; the first whose look() says yes has its read() called.
 * Readers add events, bounces and defects; they never fail and never
 * remove what another has found.
 */
#ifndef INSPECT_READ_H
#define INSPECT_READ_H

#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"
#include "inspect/format/xml.h"
#include "inspect/inspect.h"
#include "mail/parse.h"

/* The text of a part in which an XML document stands (xmlpart.c). */
struct rooted {
	const struct mail_part *part;
	const char *root, *text;
	size_t n;
};

struct reading {
	struct arena *a;
	const struct conf *c;
	struct mail *m;
	struct inspection *out;
	GPtrArray *events;      /* of struct inspect_event * */
	GPtrArray *bounces;     /* of struct inspect_bounce * */
	GPtrArray *observables; /* of struct inspect_observable * */
	GHashTable *seen;       /* of the observables, observe_hash() */
	/* What m was parsed from: the message as it came, or what the keeper
	 * opened of it (inside).  NULL: bytes that only this child has. */
	const char *base;
	size_t base_len;
	bool inside;
	GPtrArray *seals;       /* of struct inspect_seal * */
	GPtrArray *signatures;  /* of struct inspect_signature * */
	const char *outer_subject;
	const char *human;      /* what the sender wrote, see main_text() */
	const char *human_part; /* path of its first part */
	int human_parts;        /* how many it was put together from */
	const char *own;        /* NULL before robot.c looked at it */
	GPtrArray *heard;       /* paths whose observables are known */
	GPtrArray *xarf;        /* JSON reports that xarf_look() found right */
	GPtrArray *muted;       /* paths, see read_mute() */
	GHashTable *html;       /* texts of HTML parts, by mail_part */
	size_t html_left;       /* of HTML_ALL_MAX */
	bool null_sender;
	bool bare_names;        /* recipients without a domain will do */
	bool bulk;              /* a list or bulk mail */
	bool full;              /* INSPECT_EVENTS_MAX, and more came */
	size_t extras;          /* bytes of extra of all events */
	struct feeds *feeds;    /* NULL before feeds_of() */
	struct rooted rooted;   /* what was looked for last */
};

/* A format.  look() is cheap: headers, types, first bytes. */
struct reader {
	const char *format;
	bool machine; /* only machines send it: robot */
	bool (*look)(struct reading *r);
	void (*read)(struct reading *r);
};
extern const struct reader readers[];

/* A new event with every number null; beyond INSPECT_EVENTS_MAX one that
 * nobody will see, so callers need not check. */
struct inspect_event *read_event(struct reading *r, const char *part);
struct inspect_bounce *read_bounce(struct reading *r, const char *recipient);
void read_defect(struct reading *r, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);
/* Text made fit for a field: repaired, one line, cut; NULL when blank. */
const char *read_field(struct arena *a, const char *s);

/* The part is data that was refused, or read: not for plain_read(). */
void read_mute(struct reading *r, const char *path);
bool read_muted(const struct reading *r, const char *path);
/* A member of the event's extra object; a blank value, or one for which
 * the object has no room, is left out. */
void read_extra(struct arena *a, struct inspect_event *e, const char *key,
    const char *value);
/* The same with a value that is JSON already, in one line. */
void read_extra_json(struct arena *a, struct inspect_event *e,
    const char *key, const char *json);

/* n bytes in lower case (ASCII, and letters of two bytes), one pass, no
 * repair: s is text already. */
char *read_lower(struct arena *a, const char *s, size_t n);

/* Leaf or message parts of that type which are not inside an attached
 * message; -1 when there is none.  Start with from = 0. */
int read_find_part(const struct reading *r, const char *type, size_t from);
/* Is the part inside an attached message? */
bool read_nested(const struct reading *r, size_t part);
/* Header fields of the first attached message (message/rfc822 or
 * text/rfc822-headers); false when there is none.  *path (may be NULL) is
 * that of the part. */
bool read_attached(struct reading *r, struct mail_headers *h,
    const char **path);

/* ---- encrypted and signed parts (seal.c): finds them, takes armor off, and
 * puts what was opened in their place */
void read_seals(struct reading *r, const struct inspect_piece *pieces,
    size_t n);
/* Is the letter itself still closed? */
bool seal_look(struct reading *r);

/* ---- header (head.c): message_id ... spam, digest */
void read_head(struct reading *r, const void *bytes, size_t len);
const char *read_their_ref(struct arena *a, const char *subject,
    const char *our_tag);

/* ---- robots (robot.c) */
void read_robot(struct reading *r);
/* Does a machine say that a mail came, or that somebody is away? */
bool read_receipt(struct reading *r);
/* The same, or a gate before a mailbox, also as a subject tells it. */
bool read_auto_letter(struct reading *r);
/* A letter that names an address reports something, whatever its subject
 * looks like. */
bool read_names_address(struct reading *r);

/* ---- mail route (received.c) */
struct hop {
	const char *ip;    /* canonical, or NULL */
	const char *helo, *name; /* of the peer */
	const char *by;    /* name of the receiver */
	const char *with;  /* protocol */
	int64_t time;      /* DESC_NULL */
	bool zone;
	const char *date;  /* as written */
	int64_t port;      /* of the peer, or DESC_NULL */
};
bool received_hop(struct arena *a, const char *field, struct hop *h);
/* The first hop outside: top down, the reporter's own relays (names under
 * the domain of the top receiver or of `own`, may be NULL) skipped. */
bool received_source(struct arena *a, const struct mail_headers *h,
    const char *own, struct hop *out);
/* "example.co.uk" of "mx1.eu.example.co.uk": good enough to compare. */
const char *received_org(const char *host);

/* ---- logs beside a report (evidence.c): the source port of an event, if
 * one tells it */
void evidence_read(struct reading *r, struct inspect_event *e);

/* ---- types (classify.c) */
/* ARF Feedback-Type, X-ARF Report-Type + Category, XARF type: RSIT or NULL */
const char *classify_arf(const char *feedback_type);
const char *classify_xarf(const char *category, const char *type);
/* Is it one of RSIT's "class/type"?  The table's own text, or NULL. */
const char *classify_known(const char *type);
/* Is it about what a machine serves, not about what it did?  Then a port
 * without an owner is its own. */
bool classify_serves(const char *type);
/* Who knocks does so from a port that his system chose, 1024 or higher: one
 * below, of no other owner, is that of the service he knocks at. */
void classify_knock_port(const char *type, struct inspect_event *e);
/* A denial of service from several sources of one letter is distributed
 * (RSIT): events from first on. */
void classify_distributed(const GPtrArray *events, size_t first);
/* Keywords in a subject (may be NULL) and a text. */
const char *classify_text(const char *subject, const char *text);
/* What the words of a letter tell. */
struct told {
	const char *type; /* RSIT, or NULL */
	bool asks;        /* its words rather ask something of us: to be taken
			   * off a blacklist, or who is in charge */
	bool insists;     /* and does so without its subject, too */
	int genre, bulk;  /* how surely it is of a kind that reports nothing;
			   * bulk: if many have got it */
	int announces;    /* the same, though it speaks of our network */
	bool speaks;      /* of something bad, or wants something done */
	bool wants;       /* something to be done by us */
	bool ours;        /* "our server", "us" */
	bool house;       /* of keeping a network: routes, moves, rules */
	bool yours;       /* "your network", "one of your users" */
	int known;        /* how surely in a language whose words for this
			   * we know */
	bool informs;     /* "for your information" */
	bool ceased;      /* "no more attacks", "thanks for" */
	bool again;       /* "it is back" */
	bool users;       /* "one of your mailboxes" */
	bool upkeep;      /* "planned maintenance" */
	bool whose;       /* "is x one of yours?" */
};
enum { TOLD_GENRE = 8, TOLD_TONGUE = 3 }; /* so much is sure */
struct told classify_letter(const char *subject, const char *text);
/* ---- classify_sure.c: is the type of what a machine is, "infected"; of what
 * it does? */
bool classify_state(const char *type);
bool classify_deed(const char *type);
/* The text without its guesses about the state of a machine; NULL when there
 * are none. */
const char *classify_sure(struct arena *a, const char *text);

/* ---- times (stamp.c) */
struct stamp {
	size_t len;       /* bytes read */
	int64_t time;     /* as if UTC when !zone; DESC_NULL without a year
			   * or when day and month cannot be told apart */
	bool zone;        /* written with it */
	bool odd;         /* with one that cannot be (+99:00), which len has */
	bool year;
	struct when_fields f;
};
/* Is there a time at s (which goes to end)?  It must begin exactly there. */
bool stamp_at(const char *s, const char *end, struct stamp *out);
/* A zone at s: "Z", "+01:00", "CET", "UTC+2", "(GMT)". */
bool stamp_zone(const char *s, const char *end, int *offset, size_t *len);
/* The name of a place whose time is told, at s: "Europe/Berlin", "Moscow
 * time"; NULL without.  Its offset at a time of its clock; false when that
 * was put forward or back just then. */
struct stamp_place;
const struct stamp_place *stamp_place_at(const char *s, const char *end,
    size_t *len);
bool stamp_place_offset(const struct stamp_place *p,
    const struct when_fields *f, int *offset);
/* A time without a year happened in the one before date (of the mail). */
void stamp_add_year(struct stamp *st, int64_t date);
/* A whole field that is a time.  Sets time, time_given and zone of e. */
void stamp_field(struct arena *a, const char *s, struct inspect_event *e);

/* What a text (may be NULL) says of the zone of all its times: an offset, or
 * a place (else NULL).  false when it says nothing (plaintime.c). */
bool plain_zone_of(struct reading *r, const char *text, int *offset,
    const struct stamp_place **place);

/* ---- words in text (scan.c) */
enum scan_kind {
	SCAN_IPV4,
	SCAN_IPV6,
	SCAN_CIDR,
	SCAN_URL,
	SCAN_DOMAIN, /* defanged only */
	SCAN_EMAIL,
	SCAN_HASH,
	SCAN_CVE,
	SCAN_ASN,
	SCAN_KINDS
};
struct scan_hit {
	enum scan_kind kind;
	size_t start, end;    /* bytes of the text, defanging included */
	const char *value;    /* canonical */
	const char *host;     /* of a URL, lower case */
	int64_t port;         /* "addr:port", "addr.port >", or DESC_NULL */
	int64_t last;         /* of "192.0.2.1-9": 9; or DESC_NULL */
	bool defanged;
	bool in_url;          /* the address is the host of a URL */
};
/* The next hit at or behind *pos; false at the end. */
bool scan_next(struct arena *a, const char *text, size_t len, size_t *pos,
    struct scan_hit *out);
/* The next name without a scheme, "host.example/path", whatever it may be of:
 * host, and value, a URL, when it has a path. */
bool scan_name(struct arena *a, const char *text, size_t len, size_t *pos,
    struct scan_hit *out);
/* The hit that begins at p, which is inside text and not inside a word. */
bool scan_at(struct arena *a, const char *text, const char *p,
    const char *end, struct scan_hit *out);
const char *scan_kind_name(enum scan_kind k);
/* Every address of "1.2.3.4, 2001:db8::1": canonical, NULL-ended. */
const char *const *scan_addresses(struct arena *a, const char *s, size_t max);

/* ---- parts that cannot be read (opaque.c): defects */
void opaque_read(struct reading *r);

/* ---- observables (observe.c) */
guint observe_hash(const void *observable);
gboolean observe_equal(const void *a, const void *b);
void observe_add(struct reading *r, const char *kind, const char *value,
    const char *part);
void observe_hit(struct reading *r, const struct scan_hit *hit,
    const char *part);
void observe_text(struct reading *r, const char *text, size_t len,
    const char *part);
void observe_all(struct reading *r); /* every text part not heard yet */

/* ---- HTML (html.h) of a part as text, made once */
const char *read_html(struct reading *r, struct mail_part *p);

/* ---- the message that a report is about (returned.c) */
void returned_read(struct reading *r);

/* ---- XML in mail (xmlpart.c) */
/* Takes one document; false when it says nothing. */
typedef bool xml_document_fn(struct reading *r, const struct xml *root,
    const char *part);
/* Does the part hold an element root, and one of the marks (NULL-ended, or
 * NULL)? */
bool xml_part_has(struct reading *r, size_t part, const char *root,
    const char *const *marks);
/* Every document of a part; what is wrong with one is a defect that begins
 * with the format.  true when fn took one. */
bool xml_part_read(struct reading *r, size_t part, const char *root,
    const char *format, xml_document_fn *fn);

/* ---- JSON in mail (jsonpart.c) */
/* The text of a part that begins like JSON, without byte order mark; NULL
 * for any other. */
const char *json_part_text(struct reading *r, size_t part, size_t *len);
/* The next object behind *from that stands in the lines of a letter and holds
 * the mark; *from goes behind it.  NULL: there is none any more. */
const char *json_part_inside(struct reading *r, size_t part, const char *mark,
    size_t *from, size_t *len);

/* ---- attached messages (part.c) */
/* One that is not encoded, as it came, of the bytes that m was parsed from;
 * false: it cannot be told apart.  Looks through all of them. */
bool part_attached(const struct mail *m, const struct mail_part *p,
    const char *s, size_t len, const char **out, size_t *n);

/* ---- known senders (recognise.c): after the reader of the format */
struct recognisers;
void recognise(struct reading *r, const struct recognisers *set);

/* ---- readers */
bool arf_look(struct reading *r);
void arf_read(struct reading *r);
void arf_read_part(struct reading *r, size_t part);
/* The same from Amazon SES, in JSON. */
bool ses_look(struct reading *r);
void ses_read(struct reading *r);
bool xarf_look(struct reading *r);
void xarf_read(struct reading *r);
/* false: the part is no report */
bool xarf_read_part(struct reading *r, size_t part);
/* announced by the header alone */
bool xarf_said(struct reading *r);
/* Checks the JSON of a part: what is right waits in r->xarf (true when there
 * was any) for xarf_json_read(), what is wrong is defects. */
bool xarf_json_look(struct reading *r, size_t part);
/* The same of a report that stands below a letter, in one text with it. */
bool xarf_json_below(struct reading *r, size_t part);
void xarf_json_read(struct reading *r);
/* The fields of X-ARF 0.2 as an object; part NULL: only looks. */
bool xarf_json_fields(struct reading *r, const struct json *j,
    const char *part);
/* The two XML formats: look and read, outside attached messages; read_part
 * for one inside (false: it is no report). */
bool acns_look(struct reading *r);
void acns_read(struct reading *r);
bool acns_read_part(struct reading *r, size_t part);
bool iodef_look(struct reading *r);
void iodef_read(struct reading *r);
bool iodef_read_part(struct reading *r, size_t part);
bool shadowserver_look(struct reading *r);
void shadowserver_read(struct reading *r);
bool dmarc_look(struct reading *r);
void dmarc_read(struct reading *r);
/* Tables and lists of events: in files, and in the text of a machine's
 * mail. */
bool csv_look(struct reading *r);
void csv_read_files(struct reading *r);
bool csv_letter_look(struct reading *r);
void csv_letter_read(struct reading *r);
/* Tables in an attached message; false when there are none. */
bool feeds_read_inside(struct reading *r, size_t container);
bool forward_look(struct reading *r);
void forward_read(struct reading *r);
/* The hop that Received fields in the letter tell of, if there are some. */
bool forward_pasted_hop(struct reading *r, struct hop *hop);
/* A mail forwarded inline: its header fields and its text. */
bool forward_inline(struct reading *r, struct mail_headers *h,
    const char **text);
/* The text of the message attached as part `container`, and its path. */
const char *forward_text(struct reading *r, size_t container,
    const char **part);
bool dsn_look(struct reading *r);
void dsn_read(struct reading *r);
bool bounce_look(struct reading *r); /* free text */
void bounce_read(struct reading *r);
bool mdn_look(struct reading *r);
void mdn_read(struct reading *r);
bool auto_look(struct reading *r);
void plain_read(struct reading *r);
/* The events that plain_read would make of this text. */
void plain_text(struct reading *r, const char *text, const char *part);

#endif
