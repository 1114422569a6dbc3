/* See news.h. */
#include "base/base.h"
#include "base/conf.h"
#include "core/ticket/news.h"

DESC_TABLE(news_row, NEWS_ROW);
DESC_TABLE(news_ticket, NEWS_TICKET);
DESC_TABLE(news_key, NEWS_KEY);
DESC_TABLE(news_later, NEWS_LATER);

#define ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(id_row, ID);
#define COUNT(F, S) F(S, INT, n, none)
DESC_PRIVATE(count_row, COUNT);

/* What an act is called behind a name; the longest beginning that fits. */
static const struct {
	const char *action, *words;
	bool value; /* followed by the new value */
} acts[] = {
    {"ticket.take", "took it", false},
    {"ticket.give", "gave it to", true},
    {"ticket.status", "made it", true},
    {"ticket.comment", "commented", false},
    {"ticket.reply", "replied", false},
    {"ticket.ask", "asked the reporter", false},
    {"ticket.forward", "sent a mail on", false},
    {"campaign.send", "sent a campaign", false},
    {"campaign.", "wrote a campaign", false},
    {"ticket.notify", "told the member", false},
    {"ticket.leave_closed", "left it closed", false},
    {"ticket.lookup", "looked its addresses up", false},
    {"ticket.restrict", "restricted it", false},
    {"ticket.readers", "named who may see it", false},
    {"ticket.unrestrict", "lifted its restriction", false},
    {"ticket.glass", "named himself to see it", false},
    {"ticket.create", "opened it", false},
    {"event.zone", "settled a time", false},
    {"event.", "changed an event", false},
    {"group.", "changed its group", false},
};

/* The system itself: what happened, without a name. */
static const struct {
	const char *action, *words;
} happenings[] = {
    {"message.reply", "An answer came in"},
    {"message.bounce", "A mail came back"},
    {"message.robot", "A robot answered"},
    {"message.", "A mail came in"},
    {"delivery.", "A mail of ours was not delivered"},
    {"group.", "It was grouped with others"},
    {"ticket.create", "It was opened"},
    {"ticket.expired", "Its time is over: it is to be removed"},
};

const char *
news_sentence(struct arena *a, const char *who, const char *what,
    const char *value, bool person)
{
	for (size_t i = 0; person && i < COUNT_OF(acts); i++)
		if (g_str_has_prefix(what, acts[i].action))
			return arena_printf(a, "%s %s%s%s", who,
			    acts[i].words, acts[i].value ? " " : "",
			    acts[i].value && value != NULL ? value : "");
	for (size_t i = 0; !person && i < COUNT_OF(happenings); i++)
		if (g_str_has_prefix(what, happenings[i].action))
			return happenings[i].words;
	return person ? arena_printf(a, "%s changed it", who) :
			"It was changed";
}

bool
news_last(struct db *db, int64_t *id, GError **err)
{
	ARENA_AUTO(a, "news");
	struct id_row row = {0};

	if (!db_one(db, a, Q_NEWS_LAST, DB_NONE, &desc_id_row, &row, err))
		return false;
	*id = row.id;
	return true;
}

bool
news_rows(struct db *db, struct arena *a, int64_t after,
    const char *const *gaps, struct list *out, GError **err)
{
	return db_list(db, a, Q_NEWS_ROWS,
	    DB_ARGS(DB_INT(after), DB_TEXTS(gaps)), &desc_news_row, out, err);
}

bool
news_count(struct db *db, int64_t after, int64_t last, int64_t me, int64_t *n,
    GError **err)
{
	ARENA_AUTO(a, "news");
	struct count_row row = {0};

	if (!db_one(db, a, Q_NEWS_COUNT,
		DB_ARGS(DB_INT(after), DB_INT(last), DB_INT(me)),
		&desc_count_row, &row, err))
		return false;
	*n = row.n;
	return true;
}

bool
news_of_ticket(struct db *db, struct arena *a, int64_t number, bool *found,
    struct news_ticket *out, GError **err)
{
	struct news_ticket n = {0};

	if (!db_opt(db, a, Q_NEWS_OF_TICKET, DB_ARGS(DB_INT(number)),
		&desc_news_ticket, &n, found, err))
		return false;
	if (*found)
		n.text = news_sentence(a, n.who, n.what, n.value, n.person);
	*out = n;
	return true;
}

bool
news_later(struct db *db, struct arena *a, int64_t number, int64_t since,
    struct list *out, GError **err)
{
	if (!db_list(db, a, Q_NEWS_LATER,
		DB_ARGS(DB_INT(number), DB_INT(since)), &desc_news_later, out,
		err))
		return false;
	for (size_t i = 0; i < out->n; i++) {
		struct news_later *l = LIST_AT(news_later, *out, i);

		l->text = news_sentence(a, l->who, l->what, l->value,
		    l->person);
	}
	return true;
}

bool
news_may_see(struct db *db, const struct actor *who, int64_t ticket,
    GError **err)
{
	ARENA_AUTO(a, "may see");
	struct id_row row = {0};
	bool found = false;

	if ((int)who->role >= (int)ROLE_VIEWER &&
	    !db_opt(db, a, Q_NEWS_TICKET_THERE, DB_ARGS(DB_INT(ticket)),
		&desc_id_row, &row, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT, "There is no ticket #%" PRId64 ".",
		ticket);
}

bool
news_heard_by(const struct actor *who, const char *readers)
{
	char id[24];

	g_snprintf(id, sizeof(id), " %" PRId64 " ", who->id);
	return (int)who->role >= (int)ROLE_VIEWER &&
	    (readers == NULL || strstr(readers, id) != NULL);
}

bool
news_gone(struct db *db, struct arena *a, const struct conf *c,
    const char *const *sessions, const char *const *principals,
    struct list *out, GError **err)
{
	return db_list(db, a, Q_NEWS_GONE,
	    DB_ARGS(DB_TEXTS(sessions), DB_TEXTS(principals),
		DB_INT(c->http_session_idle)),
	    &desc_news_key, out, err);
}
