/*
 * The fields of a report, as the public form, the telephone form and the
 * API take them (core/intake/intake.h says what they mean).
 */
#ifndef HTTP_REPORT_H
#define HTTP_REPORT_H

#include "core/intake/intake.h"
#include "http/form.h"

enum { REPORT_EVIDENCE_MAX = FORM_MIB };

/* Entries of a form_field table. */
#define REPORT_FIELDS                                                         \
	{"type", FORM_LINE, 40, .label = "The kind of abuse"},                \
	{"name", FORM_LINE, 200, .label = "Your name"},                       \
	{"organisation", FORM_LINE, 200, .label = "Your organisation"},       \
	{"email", FORM_LINE, 254, .label = "Your e-mail address"},            \
	{"telephone", FORM_LINE, 60, .label = "Your telephone number"},       \
	{"phone", FORM_LINE, 60, .label = "The same as telephone"},           \
	{"source_ip", FORM_TEXT, 16384,                                       \
	    .label = "Source addresses, one or several"},                     \
	{"source_port", FORM_LINE, 20, .label = "Source port"},               \
	{"destination_ip", FORM_TEXT, 16384,                                  \
	    .label = "Target address or range"},                              \
	{"destination_port", FORM_LINE, 100, .label = "Target port"},         \
	{"protocol", FORM_LINE, 20, .label = "tcp, udp, icmp or other"},      \
	{"start", FORM_LINE, 64, .label = "First seen"},                      \
	{"end", FORM_LINE, 64, .label = "Last seen"},                         \
	{"zone", FORM_LINE, 40, .label = "Time zone of start and end"},       \
	{"clock", FORM_LINE, 10,                                              \
	    .label = "Clock set by NTP: yes, no, unknown"},                   \
	{"count", FORM_LINE, 20, .label = "How many"},                        \
	{"url", FORM_LINE, 2000, .label = "The link"},                        \
	{"statement", FORM_TEXT, 16000, .label = "What happened"},            \
	{"evidence", FORM_TEXT, REPORT_EVIDENCE_MAX,                          \
	    .label = "Log lines, trace or complete header"},                  \
	{"tlp", FORM_LINE, 20, .label = "TLP label"},                         \
	{"may_name", FORM_LINE, 5, .label = "May the owner learn who reported"}, \
	{"wants_answer", FORM_LINE, 5, .label = "Is an answer wanted"},       \
	{"urgent", FORM_LINE, 5, .label = "Is it still going on"}

/* Needs all of REPORT_FIELDS declared. */
void report_read(const struct req *r, struct intake_form *out);
/* What core found wrong goes to the fields of the page. */
void report_faults(struct req *r, const struct list *faults);

/*
 * From here on the reader is who he is again (intake was done as the house).
 * What was sent may belong to a ticket that is not shown to him: the same
 * bytes are known there, or it answers a mail of it.  It is kept there, and he
 * is told of it as of any report that was taken, without the number, what was
 * made of it, or whether it was new: DESC_NULL, "report", nothing else.  (A
 * ticket of its own would show all analysts what was restricted.)  Who has no
 * login is the reporter, and hears his number; unless the same report came
 * first from another network (intake_result.stranger).
 */
bool report_mask(struct req *r, struct intake_receipt *got, GError **err);

/* A source that was found in what was pasted. */
#define PASTE_ROW(F, S)                                                       \
	F(S, TEXT, source_ip, none)                                           \
	F(S, INT, port, none)                                                 \
	F(S, TIME, time, none)                                                \
	F(S, TEXT, time_given, none)   /* its zone is not known */            \
	F(S, TEXT, verdict, none)                                             \
	F(S, TEXT, organisation, none)
DESC_STRUCT(paste_row, PASTE_ROW);

/* What was pasted, as fields of the form; NULL: it does not say. */
struct paste {
	bool read;         /* it was looked at */
	struct list rows;  /* struct paste_row: the first sources */
	int64_t more;      /* sources behind those */
	const char *type, *source_ip, *source_port, *destination_ip,
	    *destination_port, *protocol, *start, *end, *url;
	const char *no_zone; /* a time without a zone, as written */
	bool ports;          /* source ports are there, each its own */
};

/* The field "evidence", read in a parser child; out of the request's arena.
 * Nothing found, or nothing readable, is no fault. */
bool paste_read(struct req *r, struct paste *out, GError **err);

/* One token of each bucket: the client's network and everybody's.
 * FAULT_RATE when there is none. */
bool report_rate(struct req *r, const char *what, int64_t burst,
    double per_hour, GError **err);

#endif
