/*
 * What the files of the plain text reader share: plain.c decides, plain_take.c
 * whom it accuses and sighting.c how often; witness.c hears line by line,
 * witness_role.c the parts of addresses, witness_url.c and witness_name.c
 * those of pages; facts.c reads numbers, plaintime.c, plainday.c and
 * plainwrap.c times, zonehead.c the zones that headings tell; table.c knows
 * columns, table_two.c where a table begins, table_house.c inventories, block.c
 * fields that stand together; jsonlines.c brings objects into lines;
 * silence.c knows letters that report nothing.
 */
#ifndef INSPECT_PLAIN_H
#define INSPECT_PLAIN_H

#include "base/net.h"
#include "inspect/letter/blame.h"

struct facts {
	const char *target;
	int64_t source_port, target_port, count;
	int64_t some_port; /* of one line: a port, nobody says whose */
	const char *protocol, *malware, *url;
	const char *type; /* by its own label, "Category: Port Scan" */
};

/* Lines of an address that are of another time than its first (sighting.c). */
struct sighting {
	struct facts facts;
	struct stamp first;
	const char *time_given, *last_given;
	int64_t from, to;        /* the clocks of both */
	int64_t lines;
};

struct suspect {
	const char *ip;
	int source, target, label, weak, list, any;
	int subject;             /* of source: by the subject, */
	bool bare;               /* which says nothing of its part */
	int64_t lines;           /* log lines that name it */
	const char *hit;         /* by the last of them */
	int hits;                /* how often another one than before */
	struct facts facts;
	struct stamp first;      /* first time seen with it */
	const char *time_given;
	struct stamp last;       /* of the lines of a log that name it */
	const char *last_given;
	bool timed;
	GPtrArray *more;         /* of struct sighting *, or NULL */
	GPtrArray *blocks;       /* the same, of blocks of fields (block.c) */
	bool fielded;            /* named by a field of a block */
	GPtrArray *rows;         /* the same, of a table's rows with a port */
	bool crowd;              /* too many: they are all one */
	bool in_list;            /* one of those below a heading */
	const char *part, *type, *heading;
	int para_no;             /* the paragraph that named it first */
	const char *title;       /* of its table, title_n bytes, or NULL */
	size_t title_n;
	const char *row;         /* what first is about it, row_n */
	size_t row_n;
	bool cidr;
	bool affected;           /* "Affected system: x" */
	bool serves;             /* "Server IP: x", "Firewall: x" */
	bool formed;             /* "Anything: x", in a form or a table */
	bool called;             /* the same, as a target */
	bool victim;             /* "Victim: x" */
	bool attacker;           /* "Attacker: x" */
	bool c2;                 /* called the server that steers others */
};

/* A page that the letter is about. */
struct page {
	struct scan_hit hit;
	struct stamp st;         /* of its paragraph */
	const char *given;
	bool timed, behind;      /* the time stands behind it */
	const char *row;         /* the sentence that names it, row_n */
	size_t row_n;
};

/* The columns of a table by the words of its header (table.c). */
struct columns {
	size_t n;                /* 0: no table */
	char mark;               /* between two cells, see table.c */
	enum blame roles[COLUMNS_MAX];
	enum blame ports[COLUMNS_MAX]; /* BLAME_NONE: no port */
	bool bare[COLUMNS_MAX];  /* "IP", "Asset": of no part */
	bool counts[COLUMNS_MAX]; /* "Hits": how often */
	size_t known, hosts;     /* names that feeds have; of who did it; */
	size_t measures;         /* of ports, and how often; */
	size_t targets;          /* of who was hit */
	bool turned;             /* of an attack that goes out */
};

struct plain {
	struct reading *r;
	GPtrArray *list;         /* of struct suspect * */
	GHashTable *by_ip;
	struct suspect *last;    /* labelled facts go here, */
	struct sighting *block;  /* or to this block about it */
	guint peers, peers_end;  /* of list: new in one line with `last` */
	struct facts before;     /* said before any suspect */
	struct facts coming;     /* in this paragraph, before its own */
	struct stamp doc;        /* first time of the text */
	const char *doc_given;
	bool doc_timed;
	int doc_times;
	int doc_para_no;         /* its paragraph */
	int para_no;             /* of this one */
	struct stamp made;       /* when the report was, for want of others */
	const char *made_given;
	int offset;              /* "all times are UTC" */
	bool has_offset;
	const struct stamp_place *place; /* the same, of a place */
	const char *cve;
	int cves;
	const char *part;
	GPtrArray *urls;         /* of struct page *, incident-like */
	struct page *page;       /* the last of this paragraph, or NULL */
	bool beside;             /* some are at addresses of their own */
	struct page *own_url;    /* a page of the writer's own, or NULL */
	struct page *offered_url; /* "available at x": of a work, or NULL */
	GString *words;          /* text that classifies */
	char *para;              /* the paragraph so far, one line */
	enum blame tail;         /* of the address that ends the line before */
	bool tail_goes_on;       /* "x," or "x and" */
	bool row_above;          /* it began with one that is accused */
	struct stamp para_stamp; /* last time in this paragraph */
	const char *para_given;
	bool para_timed;
	bool para_last;          /* and `last` is of this paragraph */
	const char *day;         /* of the heading above, or NULL */
	const char *subject_day; /* the same, of the subject */
	const char *heading;     /* last line that ended with ':' */
	enum blame section;      /* "destination:" above these lines */
	enum blame listed;       /* "Top sources:" above them */
	bool bracket;            /* which ends with one */
	const char *type;        /* of the letter, or NULL */
	bool mixed;              /* some suspects have a type of their own */
	bool many;               /* more than can be listed */
	bool quotes;             /* this pass reads quoted lines */
	bool outgoing;           /* "outbound attack": the far end was hit */
	const char *route;       /* the first "Received: from ..." in it */
	bool house;              /* a table is one of keeping a house */
	const char *said, *title; /* the last line of text; above a table */
	size_t said_n, title_n;
	const char *head_below;  /* the second line of its header, or NULL */
	struct columns columns;  /* of the table that this line is in */
	struct columns by_words; /* the same, its header cut at all blanks */
};

#define NO_FACTS                                                              \
	((struct facts){.source_port = DESC_NULL, .target_port = DESC_NULL,   \
	    .count = DESC_NULL, .some_port = DESC_NULL})

/* The suspect of that address, made when new. */
struct suspect *plain_suspect(struct plain *p, const char *ip);

/* ---- facts.c: ports, protocol, count and malware of a line, given in
 * lower case */
void facts_read(struct arena *a, const char *low, struct facts *f);
/* The type of a line "Category: ...", in lower case; NULL without. */
const char *facts_type(struct arena *a, const char *low);
/* ---- facts_rule.c: the type that the name of a detector's rule tells, in a
 * line in lower case: "ET SCAN ...", "vendor/ssh-bf"; NULL without. */
const char *facts_rule(const char *low);
/* ---- facts.c: fills what is not known yet. */
void facts_merge(struct facts *to, const struct facts *from);
/* The number at s, behind blanks and ":=(["; DESC_NULL without. */
int64_t facts_number(const char *s, const char *end);
/* The same of "1,024" and "2.911": how many. */
int64_t facts_amount(const char *s, const char *end);

/* ---- plaintime.c: the first time in a line; *given is what was written */
bool plain_stamp(struct arena *a, const struct line *l, struct stamp *st,
    const char **given);
/* ---- plainwrap.c */
/* The same of two lines: a time that goes on behind its line, or "Date: ..."
 * and "Time: ..." below. */
bool plain_stamp_wrapped(struct arena *a, const struct line *l,
    struct stamp *st, const char **given);
/* Of a time that ends its line, without a zone, what goes on behind it. */
bool plain_stamp_goes_on(struct arena *a, const struct line *l,
    struct stamp *st, const char **given);
/* "today at", and the clock in the next line. */
bool plain_day_wrapped(struct plain *p, const struct line *l,
    struct stamp *st, const char **given);
/* ---- plainday.c: "today at 9:47 pm EST", of a line and the same in lower
 * case */
bool plain_day(struct plain *p, const struct line *l, const char *low,
    struct stamp *st, const char **given);
/* Has it happened when the letter was written?  "Until 10 December 12:00 UTC.
 * First seen 24 November ...": else the next time in the line, which has. */
bool plain_past(const struct plain *p, const struct line *l,
    struct stamp *st, const char **given);
/* "20 November 2026 (UTC):": keeps the day for the rows below that say the
 * clock alone.  A line without a time, and the same in lower case. */
void plain_day_head(struct plain *p, const struct line *l, const char *low);
/* "Scans of 20 November 2026": the same, for want of a heading. */
void plain_day_subject(struct plain *p, const char *subject);
/* The clock in such a row, or NULL. */
const char *plain_day_clock(struct plain *p, const struct line *l,
    struct stamp *st, const char **given);

/* ---- plaintime.c */
/* "All times are UTC", "Timezone: Europe/Berlin" */
void plain_zone(struct plain *p, const struct line *l);
/* "First seen (UTC)" in the head of a table */
void plain_zone_head(struct plain *p, const struct line *l);
/* ---- zonehead.c: "The log, UTC:" */
void plain_zone_heading(struct plain *p, const struct line *l);
/* "Our office hours are 9 to 17 (CET)": says nothing of the times above */
bool plain_zone_office(const char *s, size_t n);
/* "Details are attached (UTC).", "Scans (IP, first seen UTC)": brackets at the
 * end of a line, or of a subject, that end in a zone */
void plain_zone_behind(struct plain *p, const char *s, size_t n);
/* "ip,port,utc": of the header of a table */
void plain_zone_column(struct plain *p, const struct line *l);
/* ---- plaintime.c */
/* "Time (UTC): 2026-11-20 10:15": the zone in the label of a time; or in
 * another field of its line, tz="+0100". */
void plain_zone_beside(const struct line *l, const char *given,
    struct stamp *st);
/* "End: ..." below "Start: ..."; "Report generated: ...": lines, lower case,
 * whose time is not that of an event. */
bool plain_tells_end(const char *low);
bool plain_tells_report(const char *low);
/* Does the paragraph before the line break off at "... and end"? */
bool plain_ended(const char *para);
/* Do both say the same day, hour and minute, whatever their zones? */
bool plain_same_clock(const struct stamp *a, const struct stamp *b);
/* The earliest time of a suspect is kept, and the latest. */
void plain_seen(struct suspect *s, const struct stamp *st,
    const char *given);
/* time, time_given and zone of an event */
void plain_time(struct plain *p, const struct stamp *st, const char *given,
    struct inspect_event *e);

/* Cells rather than a sentence: marks, tabs or gaps between them. */
bool plain_cells(const struct line *l);

/* ---- table.c */
/* Is the line the header of a table or a log with columns? */
bool table_header(struct plain *p, const struct line *l);
/* ---- table_house.c: keeps whether the line, in lower case, is the header of
 * an inventory or the like */
void table_house(struct plain *p, const char *low);
/* ---- table_two.c: is it one, alone or with the line below it?  Then a table
 * begins: its title, its zone and whether it is of keeping a house are kept. */
bool table_begins(struct plain *p, const struct line *l);
/* ---- table.c */
/* The role by the column in which an address stands, else `otherwise`. */
enum blame table_role(const struct plain *p, const struct line *l,
    const struct scan_hit *hit, enum blame otherwise);
/* The ports of a row and how often, by the heads of their columns. */
void table_facts(const struct plain *p, const struct line *l,
    struct facts *f);
/* Keeps the section that the line is in, or ends it: at its bracket, or where
 * the lines are not indented any more.  addresses: how many it has. */
void table_section(struct plain *p, const struct line *l, struct facts *f,
    size_t addresses);
/* A row of a table: hardly a letter, so columns tell who is who. */
bool table_row(const struct line *l);
/* Two addresses with ports, or with a wide gap between them, stand in columns;
 * what is enumerated has neither. */
bool table_gap(const struct line *l, const struct scan_hit *a,
    const struct scan_hit *b);
/* "192.0.2.3,203.0.113.9,1900,80", or with blanks: takes the ports, or is
 * false. */
bool table_ports_behind(const struct line *l, struct scan_hit *a,
    struct scan_hit *b);
/* "192.0.2.3  1900  203.0.113.9  80": ports in the next column. */
void table_ports(const struct line *l, struct scan_hit *a,
    struct scan_hit *b);

/* ---- witness_hit.c: what stands around an address of a line */
/* Of an attack that goes out: is it the end that is far, or near?  Else
 * BLAME_NONE. */
enum blame hit_far_end(const struct line *l, const struct scan_hit *h);
/* Does the text, in lower case, speak of an attack that goes out? */
bool hit_goes_out(const char *low);
/* The port behind it, as in "from 192.0.2.1 port 51234", "192.0.2.1(51234)" */
void plain_port_behind(const struct line *l, struct scan_hit *h);
/* "5.6.7.8/22" in the line of a firewall is address and port. */
void hit_fix_firewall(struct arena *a, const struct line *l,
    struct scan_hit *h, bool log);
/* loopback, multicast and the like */
bool hit_never_source(const struct net *n);
/* private, but none of documentation */
bool hit_is_inside(const char *ip);
/* "version 4.19.0.12" is no address. */
bool hit_is_version(const struct line *l, const struct scan_hit *h);
/* Nothing but "and", commas and the like between two addresses. */
bool hit_joined(const struct line *l, const struct scan_hit *a,
    const struct scan_hit *b);
/* The same of what stands from p to end. */
bool hit_joiners(const char *p, const char *end);
/* "192.0.2.10 - 192.0.2.13", "192.0.2.10-13": the pieces of the range as
 * prefixes, at most RANGE_PIECES_MAX; 0 when it is none.  next may be NULL. */
size_t hit_range(struct arena *a, const struct line *l,
    const struct scan_hit *h, const struct scan_hit *next, const char **out);
/* "203.0.113.9 GET /x - 443 - 192.0.2.1": a web server, then its client */
bool hit_served(const struct line *l, const struct scan_hit *server,
    const struct scan_hit *client);
/* "192.0.2.5, .6 and .9": the addresses, those given by their last byte too;
 * 0 when there are none such. */
size_t hit_last_bytes(struct arena *a, const struct line *l,
    const struct scan_hit *h, const char **out);
/* "Victim IP: x", in the languages of reporters */
bool hit_is_victim(const struct line *l, const struct scan_hit *h);
/* Does it stand first, and a gap behind it? */
bool hit_leads_row(const struct line *l, const struct scan_hit *h);
/* Does the line begin with it, behind a number or a sign at most? */
bool hit_leads(const struct line *l, const struct scan_hit *h);
/* "C&C server: x", "C2 x" */
bool hit_is_c2(const struct line *l, const struct scan_hit *h);
/* "Attacker: x", in the languages of reporters */
bool hit_is_attacker(const struct line *l, const struct scan_hit *h);
/* "Affected system: x", in the languages of reporters */
bool hit_is_affected(const struct line *l, const struct scan_hit *h);
/* The length of the sentence, or the row of a table, in which it stands; it may
 * go on in the next lines. */
size_t hit_sentence(const struct line *l, const struct scan_hit *h,
    const char **from);
/* " 1532 192.0.2.1": how often, as uniq -c has it; DESC_NULL without. */
int64_t hit_counted_before(const struct line *l, const struct scan_hit *h);

/* ---- sighting.c */
/* The sighting of a line of a log that names s, when it is another one than
 * that of the lines before: hours away and from another port, or weeks.  Else
 * NULL.  port: of s in that line, or DESC_NULL. */
struct sighting *sighting_other(struct plain *p, struct suspect *s,
    const struct stamp *st, const char *given, int64_t port);
/* s, and a copy of it for each of its other sightings and blocks: struct
 * suspect *. */
GPtrArray *sighting_each(struct plain *p, struct suspect *s);

/* The two of which each sees the same customer, as far as is known. */
bool sighting_same(const struct plain *p, const struct stamp *a,
    const struct stamp *b, int64_t port, int64_t other);
/* s as that sighting tells it, what it leaves out as `rest` has it. */
struct suspect *sighting_suspect(struct plain *p, const struct suspect *s,
    const struct sighting *x, const struct facts *rest);

/* ---- block.c: blocks of fields, "IP: x", "Port: y" */
/* The block about s that begins in this line, when an earlier one was about it
 * too; else NULL. */
struct sighting *block_begins(struct plain *p, struct suspect *s);
/* A time in the block, or before it. */
void block_seen(struct sighting *b, const struct stamp *st,
    const char *given);
/* A row of a table about s, with its facts and its time, if it has one. */
void block_row(struct plain *p, struct suspect *s, const struct facts *f,
    const struct stamp *st, const char *given);
/* Adds to out s, and a copy of it for each block that tells of another
 * incident; what the others tell is of s.  Or one for each of its rows. */
void block_each(struct plain *p, struct suspect *s, GPtrArray *out);

/* ---- silence.c */
/* Does the letter, whose words tell w, accuse nobody? */
bool plain_silent(const struct plain *p, const struct told *w);
/* Does it answer one of ours, or anybody's? */
bool plain_is_reply(const struct reading *r);

/* ---- plain_pages.c: events of pages */
/* Is it what pages are reported for? */
bool plain_about_pages(const char *type);
/* What a machine does to others? */
bool plain_about_machines(const char *type);
/* What a user may be reported for? */
bool plain_about_users(const char *type);
/* What a mailbox does that is no longer its user's? */
bool plain_about_letters(const char *type);
/* One event a host, when no address is accused. */
void plain_pages(struct plain *p);
/* "192.0.2.1 sends spam", and of another one, "http://192.0.2.2/bank/ wants
 * passwords": where hosts are accused, the pages from that one on, at
 * addresses of their own, whose sentences say what they are. */
void plain_pages_beside(struct plain *p, guint from);
/* Is one of them a program, or a document that runs one? */
bool plain_programs(const struct plain *p);
/* "http://192.0.2.1/a.exe": is its host the one that is accused? */
bool plain_serves(const struct inspect_event *e);

/* ---- plain_take.c */
/* Whom the letter accuses, of struct suspect *; sets their types, and that of
 * the letter when only its log tells it.  wary: not whoever is merely named; and
 * no network that is, unless the letter speaks of something bad. */
GPtrArray *plain_take(struct plain *p, bool wary, bool speaks);
/* Is one of them on the Internet? */
bool plain_public(const GPtrArray *take);
/* Is it a detail of the others: inside their network, or the network? */
bool plain_aside(const GPtrArray *take, const struct suspect *s,
    bool public_too);

/* ---- witness_role.c */
/* What a line that ends with ':', in lower case, says of the addresses below
 * it. */
enum blame role_of_heading(const char *low);
/* The parts of a line's addresses; those of an enumeration share one. */
void roles_of_line(struct plain *p, const struct line *l,
    struct scan_hit **h, size_t n, enum blame *roles);
/* Is the line a row of a list, "192.0.2.1 at 10:15 UTC", rather than what goes
 * on with a sentence?  given: the time in it. */
bool role_of_row(const struct plain *p, const struct line *l,
    const struct scan_hit *h, const char *given);
/* "Server IP: x", "Logging host: x": where it happened, when another one may
 * be meant by "IP: y" */
bool role_serves(const struct plain *p, const struct line *l,
    const struct scan_hit *h);
/* "server=x" */
bool role_is_server(const struct plain *p, const struct line *l,
    const struct scan_hit *h);
/* "Our name servers:", in any case of letters */
bool role_is_ours(struct arena *a, const char *heading);

/* ---- witness_url.c */
/* Is the report about it, or is it one for more information? */
bool witness_url(struct plain *p, const struct line *l,
    const struct scan_hit *h);
/* Is it the page of another host than those of the paragraphs above, and of
 * none of the n hits of its line? */
bool witness_apart(const struct plain *p, const struct scan_hit *h,
    const struct scan_hit *hits, size_t n);
/* Is the host one of a service that looks things up? */
bool witness_studies(const char *host);
/* It with the time of its paragraph; new. */
struct page *witness_page(struct plain *p, const struct scan_hit *h);

/* ---- witness_name.c */
/* Where no page was told with its scheme: adds the sites that are only named
 * and that the letter is against; their hit.value may be NULL. */
void witness_names(struct plain *p);
/* The same of machines that attack: "from host.example" */
void witness_machines(struct plain *p);
/* The mail address of whom the letter is against; NULL without. */
const char *witness_user(struct plain *p);

/* ---- jsonlines.c */
/* The text with every object of a list, as JSON has them, in one line. */
const char *plain_objects(struct arena *a, const char *text);

/* ---- witness_sign.c */
/* "--------", "=== 2 ===": blocks are told apart by such lines, too. */
bool plain_rule(const struct line *l);
/* "Source port  | 22", "Source port ..... 22": the line as "Source port  : 22";
 * any other as it is. */
const struct line *plain_field(const struct plain *p, const struct line *l);
/* Blanks and signs of other scripts as those of ASCII, which is what all the
 * readers look for. */
const char *plain_signs(struct arena *a, const char *text);
/* ---- witness.c */
/* hears a text */
void witness_text(struct plain *p, const char *text, const char *part);

#endif
