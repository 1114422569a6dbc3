/* See campaign_mail.h. */
#include "base/base.h"
#include "core/campaign/campaign_mail.h"

void
campaign_mails_init(struct campaign_mails *m, struct arena *a,
    const struct actor *who, const char *purpose, const char *act, size_t n)
{
	*m = (struct campaign_mails){
	    .a = a, .who = who, .purpose = purpose, .act = act, .n = n,
	    .made = ARENA_ARRAY(a, struct outbox_made, n + 1),
	    .numbers = ARENA_ARRAY(a, const char *, n + 1),
	    .to = ARENA_ARRAY(a, const char *, n + 1),
	    .messages = ARENA_ARRAY(a, const char *, n + 1),
	    .numbers_of = arena_ptr_array(a),
	    .addresses = arena_ptr_array(a),
	};
}

bool
campaign_mails_compose(struct db *db, const struct site *s,
    struct campaign_mails *m, size_t i, struct outbox_mail *mail,
    GError **err)
{
	GString *to = arena_gstring(m->a);

	g_assert(i < m->n && m->numbers[i] == NULL);
	m->numbers[i] = arena_printf(m->a, "%" PRId64, mail->ticket);
	for (size_t k = 0; mail->to[k] != NULL; k++) {
		g_string_append_printf(to, "%s%s", k > 0 ? ", " : "",
		    mail->to[k]);
		g_ptr_array_add(m->numbers_of, (void *)m->numbers[i]);
		g_ptr_array_add(m->addresses, (void *)mail->to[k]);
	}
	m->to[i] = to->str;
	mail->purpose = m->purpose;
	mail->author = m->who;
	return outbox_make(db, m->a, s, mail, &m->made[i], err);
}

/* A column of those that are told as one of all the parties: "0" for the
 * others. */
static const char **
by_party(struct arena *a, const int *place, size_t places, const char **of)
{
	const char **out = ARENA_ARRAY(a, const char *, places + 1);

	for (size_t k = 0; k < places; k++)
		out[k] = place[k] >= 0 ? of[place[k]] : "0";
	return out;
}

bool
campaign_mails_queue(struct db *db, const struct site *s,
    struct campaign_mails *m, int64_t campaign, int64_t first,
    const int *place, size_t places, GError **err)
{
	int64_t *ids = ARENA_ARRAY(m->a, int64_t, m->n + 1);

	if (!outbox_queue_many(db, s, m->who, m->purpose, m->made, m->n, ids,
		err))
		return false;
	for (size_t i = 0; i < m->n; i++)
		m->messages[i] = arena_printf(m->a, "%" PRId64, ids[i]);
	g_ptr_array_add(m->numbers_of, NULL);
	g_ptr_array_add(m->addresses, NULL);
	return db_exec(db, Q_CAMPAIGN_ADDRESSES,
		   DB_ARGS(DB_TEXTS((const char *const *)m->numbers_of->pdata),
		       DB_TEXTS((const char *const *)m->addresses->pdata)),
		   NULL, err) &&
	    db_exec(db, Q_CAMPAIGN_TRAIL,
		DB_ARGS(DB_TEXTS(m->numbers), DB_TEXTS(m->messages),
		    DB_TEXTS(m->to), DB_TEXT(m->act), DB_INT(m->who->id),
		    DB_TEXT(m->who->name)), NULL, err) &&
	    db_exec(db, Q_CAMPAIGN_PARTY_TOLD,
		DB_ARGS(DB_INT(campaign), DB_INT(first),
		    DB_TEXTS(by_party(m->a, place, places, m->numbers)),
		    DB_TEXTS(by_party(m->a, place, places, m->messages))),
		NULL, err);
}
