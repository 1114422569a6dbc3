/* Views of the mails that core sends by itself (templates/mail). */
#ifndef CORE_MAIL_VIEWS_H
#define CORE_MAIL_VIEWS_H

#include "base/desc.h"
#include "core/intake/intake.h"

/* mail/ack.txt: the receipt to a reporter. */
#define MAIL_ACK(F, S)                                                        \
	F(S, TEXT, team, none)                                                \
	F(S, TEXT, network, none)                                             \
	F(S, TEXT, tag, none)          /* "[TOCSIN #4711]" */                 \
	F(S, TEXT, subject, none)      /* of the report */                    \
	F(S, TEXT, url, none)                                                 \
	F(S, BOOL, has_missing, none)                                         \
	F(S, LIST, missing, intake_missing)                                   \
	F(S, BOOL, has_verdicts, none)                                        \
	F(S, BOOL, elsewhere, none)    /* no source of it is ours */          \
	F(S, LIST, verdicts, intake_receipt_verdict)
DESC_STRUCT(mail_ack, MAIL_ACK);

#define MAIL_EVENT(F, S)                                                      \
	F(S, TEXT, time, none)         /* RFC 3339 UTC, or why not */         \
	F(S, TEXT, source, none)       /* "192.0.2.7 port 4022" */            \
	F(S, TEXT, target, none)                                              \
	F(S, TEXT, what, none)                                                \
	F(S, TEXT, lacks, none)        /* what would be needed to trace it */
DESC_STRUCT(mail_event, MAIL_EVENT);

/* A line of a reporter's log. */
#define MAIL_LINE(F, S) F(S, TEXT, line, none)
DESC_STRUCT(mail_line, MAIL_LINE);

/* mail/notice.txt: to the security contact of a member. */
#define MAIL_NOTICE(F, S)                                                     \
	F(S, TEXT, team, none)                                                \
	F(S, TEXT, network, none)                                             \
	F(S, TEXT, tag, none)                                                 \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, type, none)                                                \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, due, none)                                                 \
	F(S, TEXT, reporter, none)     /* only when it may be named */        \
	F(S, BOOL, campaign, none)     /* many are told of the same */        \
	F(S, TEXT, words, none)        /* what to do; null: as usual */       \
	F(S, TEXT, link, none)         /* notice_link(), or null */           \
	F(S, BOOL, has_events, none)                                          \
	F(S, BOOL, cut, none)          /* more events than shown */           \
	F(S, LIST, events, mail_event)                                        \
	F(S, LIST, log, mail_line)     /* of the reporter's log */            \
	F(S, INT, log_rest, none)      /* lines that are not shown, or null */
DESC_STRUCT(mail_notice, MAIL_NOTICE);

/* mail/reminder.txt: no answer came to a notice (core/notice/notice.h). */
#define MAIL_REMINDER(F, S)                                                   \
	F(S, TEXT, team, none)                                                \
	F(S, TEXT, tag, none)                                                 \
	F(S, TEXT, party, none)                                               \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, sent, none)                                                \
	F(S, TEXT, answer_by, none)                                           \
	F(S, BOOL, late, none)                                                \
	F(S, BOOL, second, none)       /* to people not written to before */  \
	F(S, TEXT, link, none)                                                \
	F(S, TEXT, quoted, none)       /* the notice, line by line */
DESC_STRUCT(mail_reminder, MAIL_REMINDER);

/* mail/more.txt: the beginning of our answer to NEED-MORE. */
#define MAIL_MORE(F, S)                                                       \
	F(S, TEXT, team, none)                                                \
	F(S, TEXT, tag, none)                                                 \
	F(S, LIST, events, mail_event)                                        \
	F(S, INT, cut, none)           /* rows that are not shown, or null */
DESC_STRUCT(mail_more, MAIL_MORE);

/* mail/outcome.txt, and a line of mail/outcomes.txt (core/notice/outcome.h). */
#define MAIL_OUTCOME(F, S)                                                    \
	F(S, TEXT, team, none)                                                \
	F(S, TEXT, tag, none)                                                 \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, tlp, none)          /* of the report, or null */           \
	F(S, TEXT, passed, none)       /* day, or null: nobody was told */    \
	F(S, BOOL, named, none)
DESC_STRUCT(mail_outcome, MAIL_OUTCOME);

#define MAIL_OUTCOMES(F, S)                                                   \
	F(S, TEXT, team, none)                                                \
	F(S, LIST, items, mail_outcome)                                       \
	F(S, BOOL, cut, none)
DESC_STRUCT(mail_outcomes, MAIL_OUTCOMES);

#define MAIL_GIVEN(F, S)                                                      \
	F(S, TEXT, given, none)        /* a time or an address */             \
	F(S, TEXT, source, none)       /* of that time */
DESC_STRUCT(mail_given, MAIL_GIVEN);

/* mail/ask-facts.txt: what a report lacks, as a question to its reporter. */
#define MAIL_ASK(F, S)                                                        \
	F(S, TEXT, team, none)                                                \
	F(S, TEXT, tag, none)                                                 \
	F(S, TEXT, subject, none)                                             \
	F(S, BOOL, ask_source, none)                                          \
	F(S, BOOL, ask_header, none)   /* of a mail, instead of the source */ \
	F(S, BOOL, ask_time, none)                                            \
	F(S, BOOL, ask_zone, none)     /* of times */                         \
	F(S, LIST, times, mail_given)                                         \
	F(S, INT, more_times, none)                                           \
	F(S, BOOL, ask_port, none)                                            \
	F(S, LIST, sources, mail_given) /* the one address, when it is one */ \
	F(S, BOOL, ask_target, none)                                          \
	F(S, BOOL, ask_target_port, none)                                     \
	F(S, BOOL, ask_url, none)
DESC_STRUCT(mail_ask, MAIL_ASK);

/* mail/form.txt: a form's report as a mail, the evidence that is kept. */
#define MAIL_FORM(F, S)                                                       \
	INTAKE_FORM(F, S)                                                     \
	F(S, TEXT, how, none)
DESC_STRUCT(mail_form, MAIL_FORM);

/* mail/digest.txt: what feeds found at a member (core/feed/digest.h). */
#define MAIL_DIGEST_TYPE(F, S)                                                \
	F(S, TEXT, label, none)        /* of equal width */                   \
	F(S, TEXT, fresh, none)                                               \
	F(S, TEXT, still, none)                                               \
	F(S, TEXT, gone, none)
DESC_STRUCT(mail_digest_type, MAIL_DIGEST_TYPE);

#define MAIL_DIGEST_LINE(F, S) F(S, TEXT, text, none)
DESC_STRUCT(mail_digest_line, MAIL_DIGEST_LINE);

#define MAIL_DIGEST(F, S)                                                     \
	F(S, TEXT, team, none)                                                \
	F(S, TEXT, network, none)                                             \
	F(S, TEXT, tag, none)                                                 \
	F(S, TEXT, organisation, none)                                        \
	F(S, TEXT, tlp, none)                                                 \
	F(S, TEXT, kind, none)         /* daily weekly */                     \
	F(S, TEXT, day, none)                                                 \
	F(S, TEXT, fresh, none)        /* digits: a 0 is shown too */         \
	F(S, TEXT, still, none)                                               \
	F(S, TEXT, gone, none)                                                \
	F(S, LIST, types, mail_digest_type)                                   \
	F(S, LIST, news, mail_digest_line)                                    \
	F(S, LIST, stays, mail_digest_line)                                   \
	F(S, LIST, goes, mail_digest_line)                                    \
	F(S, INT, cut, none)           /* findings that no line is left for */\
	F(S, TEXT, file, none)                                                \
	F(S, INT, rows_cut, none)      /* rows in the file, when not all */
DESC_STRUCT(mail_digest, MAIL_DIGEST);

/* "[TOCSIN #4711] [CERT-XX#881] Scan from ..." without repeating tags. */
const char *mail_subject(struct arena *a, const struct site *s,
    int64_t number, const char *their_ref, const char *subject);

#endif
