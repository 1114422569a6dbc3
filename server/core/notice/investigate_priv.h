/* Shared by the files that make notices; nothing else includes it. */
#ifndef CORE_INVESTIGATE_PRIV_H
#define CORE_INVESTIGATE_PRIV_H

#include "core/member/constituency.h"
#include "core/notice/excerpt.h"
#include "core/notice/investigate.h"
#include "core/ticket/ticket_priv.h"

/* What a notice is made of: the rows of one party, and nothing else. */
struct investigate_facts {
	bool member;          /* of our network; or somebody outside */
	int64_t organisation; /* DESC_NULL: outside */
	const char *party, *key;
	const char *type, *tlp;
	const char *about;    /* subject of the report; NULL: not told */
	/* of a reporter's logs, the lines about these rows (excerpt.h) */
	const char *const *log;
	size_t n_log;
	const char *reporter; /* NULL: not named */
	/* of a campaign, else NULL: what the subject says beside the address,
	 * and what to do ("": as in any notice) */
	const char *title, *words;
	const char *attach;   /* csv xarf both; NULL: csv */
	int64_t answer_by, next_at; /* notice_first() */
	struct list events;   /* ticket_event */
	struct list contacts; /* constituency_contact */
};

/* Why it cannot go out, or NULL: its label, or there is nobody to write to. */
const char *investigate_refusal(struct arena *a,
    const struct investigate_facts *f);
const char *investigate_subject(struct arena *a, const struct investigate_facts *f);
/* number: the thread's, which answers bear. */
const char *investigate_text(const struct site *s, struct arena *a,
    const struct investigate_facts *f, int64_t number);
/* text with the tag of number `was` and the first signed link as those of
 * `now`; NULL stays NULL. */
const char *investigate_renumbered(struct arena *a, const struct site *s,
    const char *text, int64_t was, int64_t now);
/* All of the party's rows, for its own tools. */
const char *investigate_csv(struct arena *a, const struct list *events);

/* Lines of logs in the mail itself: with more, all are in a file. */
enum { INVESTIGATE_LOG_SHOWN = 20 };
/* The files of its mail, as the member prefers.  A file of XARF is one row. */
enum { INVESTIGATE_XARF_MAX = 20,
	INVESTIGATE_FILES_MAX = INVESTIGATE_XARF_MAX + 2 };
size_t investigate_files(struct arena *a, const struct site *s,
    const struct investigate_facts *f, int64_t thread,
    struct outbox_file files[INVESTIGATE_FILES_MAX]);
/* One row; NULL when it has no such form. */
const char *investigate_xarf(struct arena *a, const struct site *s,
    const struct investigate_facts *f, int64_t thread,
    const struct ticket_event *e);

#endif
