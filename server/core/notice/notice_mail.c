/* The mails that remind of a notice, and notes on its ticket. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/notice/notice_priv.h"
#include "core/outgoing/outbox.h"
#include "core/ticket/ticket_priv.h"

enum { MORE_EVENTS_SHOWN = 20 };

#define NOTICE_SENT(F, S)                                                     \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)                                                \
	F(S, TEXT, message_id, none)                                          \
	F(S, TIME, sent, none)                                                \
	F(S, BOOL, encrypted, none)
DESC_PRIVATE(notice_sent, NOTICE_SENT);

#define COMMENT_ROW(F, S) F(S, INT, id, none) F(S, INT, ticket, none)
DESC_PRIVATE(comment_row, COMMENT_ROW);

/* "> " before each line. */
static const char *
quoted(struct arena *a, const char *text)
{
	GString *out = arena_gstring(a);
	const char *s = text_cut(a, text != NULL ? text : "",
	    NOTICE_QUOTE_MAX);

	while (*s != '\0') {
		size_t n = strcspn(s, "\n"), shown = n;

		while (shown > 0 && g_ascii_isspace(s[shown - 1]))
			shown--;
		g_string_append_c(out, '>');
		if (shown > 0) {
			g_string_append_c(out, ' ');
			g_string_append_len(out, s, (gssize)shown);
		}
		s += n + (s[n] == '\n');
		if (*s != '\0')
			g_string_append_c(out, '\n');
	}
	return out->str;
}

bool
notice_remind(struct db *db, const struct site *s, struct arena *a,
    const struct notice_locked *n, const char *const *to, bool second,
    int64_t now, int64_t *message, GError **err)
{
	const struct conf *c = s->conf;
	GString *text = arena_gstring(a);
	struct notice_sent first = {0};
	struct mail_reminder view = {
	    .team = c->site_name,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]", c->site_subject_tag,
		n->ticket),
	    .party = n->party,
	    .tlp = n->tlp != NULL ? n->tlp : "AMBER",
	    .sent = when_page(a, n->sent),
	    .answer_by = when_page(a, n->answer_by),
	    .late = n->answer_by < now,
	    .second = second,
	    .link = notice_link(a, s, n->ticket, now),
	};

	if (!db_one(db, a, Q_NOTICE_MAIL, DB_ARGS(DB_INT(n->message)),
		&desc_notice_sent, &first, err))
		return false;
	view.subject = mail_subject(a, s, n->ticket, NULL,
	    first.subject != NULL ? first.subject : "");
	/* (the tag has a line of its own) */
	if (g_str_has_prefix(view.subject, view.tag))
		view.subject += strlen(view.tag) +
		    (view.subject[strlen(view.tag)] == ' ');
	/* What was encrypted does not go again in the open. */
	view.quoted = first.encrypted
	    ? "(That was encrypted, and is not repeated here.)"
	    : quoted(a, first.text);
	tmpl_render(s->tmpl, "mail/reminder.txt", &desc_mail_reminder, &view,
	    text);
	/* On the thread of the notice: who has it sees it there. */
	return outbox_queue(db, s,
	    &(struct outbox_mail){
		.purpose = "reminder",
		.ticket = n->ticket,
		.to = to,
		.subject = first.subject != NULL ? first.subject
		    : mail_subject(a, s, n->ticket, NULL, "reminder"),
		.text = text->str,
		.in_reply_to = first.message_id,
		.references = (const char *const[]){first.message_id, NULL},
		.automatic = true,
		.unasked = true,
	    },
	    message, err);
}

bool
notice_comment(struct db *db, struct arena *a, const struct actor *who,
    int64_t ticket, const char *text, GError **err)
{
	struct comment_row row = {0};

	return db_one(db, a, Q_TICKET_ADD_COMMENT,
	    DB_ARGS(DB_INT(ticket), DB_TEXT(who->email), DB_TEXT(who->name),
		DB_TEXT(text_sha256(a, text, strlen(text))), DB_TEXT(text),
		DB_INT(who->id > 0 ? who->id : DESC_NULL)),
	    &desc_comment_row, &row, err);
}

bool
notice_shown(struct db *db, struct arena *a, int64_t ticket, int64_t message,
    const char **subject, const char **text, struct list *events,
    GError **err)
{
	struct notice_sent first = {0};

	if (!db_one(db, a, Q_NOTICE_MAIL, DB_ARGS(DB_INT(message)),
		&desc_notice_sent, &first, err) ||
	    !db_list(db, a, Q_NOTICE_EVENTS,
		DB_ARGS(DB_INT(ticket), DB_INT(NOTICE_ROWS_SHOWN)),
		&desc_ticket_event, events, err))
		return false;
	for (size_t i = 0; i < events->n; i++) {
		struct ticket_event *e = LIST_AT(ticket_event, *events, i);

		e->source_shown = e->source_ip != NULL
		    ? text_defang(a, e->source_ip) : NULL;
		e->destination_shown = e->destination_ip != NULL
		    ? text_defang(a, e->destination_ip) : NULL;
		e->url_shown = e->url != NULL ? text_defang(a, e->url) : NULL;
	}
	*subject = first.subject;
	*text = first.text;
	return true;
}

static const char *
endpoint(struct arena *a, const char *ip, int64_t port)
{
	if (ip == NULL)
		return port != DESC_NULL
		    ? arena_printf(a, "port %" PRId64, port) : NULL;
	return port != DESC_NULL
	    ? arena_printf(a, "%s port %" PRId64, ip, port) : ip;
}

bool
notice_more(struct db *db, const struct site *s, struct arena *a,
    const struct notice *n, const char **text, GError **err)
{
	GString *out = arena_gstring(a);
	const char *subject, *sent;
	struct list events;
	struct mail_more view = {
	    .team = s->conf->site_name,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]",
		s->conf->site_subject_tag, n->ticket),
	    .cut = DESC_NULL,
	};

	if (!notice_shown(db, a, n->ticket, n->message, &subject, &sent,
		&events, err))
		return false;
	ticket_trace_events(a, n->type, &events, NULL);
	view.events.n = MIN(events.n, (size_t)MORE_EVENTS_SHOWN);
	if (view.events.n < events.n)
		view.cut = (int64_t)(events.n - view.events.n);
	view.events.items = ARENA_ARRAY(a, struct mail_event,
	    view.events.n + 1);
	for (size_t i = 0; i < view.events.n; i++) {
		const struct ticket_event *e =
		    LIST_AT(ticket_event, events, i);

		*LIST_AT(mail_event, view.events, i) = (struct mail_event){
		    .time = e->time != DESC_NULL ? when_rfc3339(a, e->time)
			: e->time_given != NULL ? arena_printf(a,
			    "%s (time zone not known)", e->time_given)
						: "not stated",
		    .source = endpoint(a, e->source_ip, e->source_port),
		    .target = endpoint(a, e->destination_ip,
			e->destination_port),
		    .what = e->url != NULL ? e->url : e->type,
		    .lacks = e->trace->lacks,
		};
	}
	tmpl_render(s->tmpl, "mail/more.txt", &desc_mail_more, &view, out);
	*text = out->str;
	return true;
}
