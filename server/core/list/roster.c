/* Who is on the lists: reading, staff's acts, leaving.  See roster.h. */
#include "base/base.h"
#include "base/conf.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/list/roster_priv.h"
#include "core/outgoing/address.h"
#include "core/outgoing/outbox.h"

DESC_TABLE(roster_list, ROSTER_LIST);
DESC_TABLE(roster_subscriber, ROSTER_SUBSCRIBER);
DESC_TABLE(roster_member, ROSTER_MEMBER);
DESC_TABLE(roster_letter, ROSTER_LETTER);
DESC_TABLE(roster_uncovered, ROSTER_UNCOVERED);

#define COUNT_ROW(F, S) F(S, INT, n, none)
DESC_PRIVATE(count_row, COUNT_ROW);
#define ID_ROW(F, S)                                                          \
	F(S, INT, id, none)                                                   \
	F(S, INT, bounces, none)                                              \
	F(S, TEXT, status, none)
DESC_PRIVATE(id_row, ID_ROW);

bool
roster_lists(struct db *db, struct arena *a, struct list *out, GError **err)
{
	return db_list(db, a, Q_ROSTER_LISTS, DB_NONE, &desc_roster_list, out,
	    err);
}

bool
roster_uncovered(struct db *db, struct arena *a, struct list *out,
    GError **err)
{
	return db_list(db, a, Q_ROSTER_UNCOVERED,
	    DB_ARGS(DB_TEXT(ROSTER_CONTACTS)), &desc_roster_uncovered, out,
	    err);
}

bool
roster_list_find(struct db *db, struct arena *a, const char *name,
    struct roster_list *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_ROSTER_LIST_FIND, DB_ARGS(DB_TEXT(name)),
		&desc_roster_list, out, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT, "There is no such list.");
}

bool
roster_subscribers(struct db *db, struct arena *a, const char *list,
    const char *status, const char *q, int64_t page, struct list *out,
    int64_t *total, GError **err)
{
	struct roster_list l = {0};
	struct count_row n = {0};
	struct list rows = {0};

	if (page < 0 || page > INT32_MAX)
		return fault_set(err, FAULT_ABSENT, "There is no such page.");
	if (!roster_list_find(db, a, list, &l, err) ||
	    !db_one(db, a, Q_ROSTER_SUBSCRIBERS_COUNT,
		DB_ARGS(DB_INT(l.id), DB_TEXT(status), DB_TEXT(q)),
		&desc_count_row, &n, err) ||
	    !db_list(db, a, Q_ROSTER_SUBSCRIBERS,
		DB_ARGS(DB_INT(l.id), DB_TEXT(status), DB_TEXT(q),
		    DB_INT(ROSTER_PAGE), DB_INT(page * ROSTER_PAGE)),
		&desc_roster_subscriber, &rows, err))
		return false;
	*out = rows;
	*total = n.n;
	return true;
}

/* -- shared with the other files -- */

bool
roster_email(struct arena *a, const struct site *s, const char *given,
    const char **out, GError **err)
{
	const char *email = text_squash(a, given != NULL ? given : "");

	/* A quoted local part may hold blanks, which the ledger refuses. */
	if (!text_address_ok(email) || strpbrk(email, " <>\t\"") != NULL ||
	    strchr(email, '[') != NULL)
		return fault_set(err, FAULT_INPUT,
		    "This is not a mail address; it looks like "
		    "name@example.org.");
	if (s != NULL && address_ours(s, email))
		return fault_set(err, FAULT_INPUT,
		    "This is one of our own addresses.");
	*out = text_address_norm(a, email);
	return true;
}

bool
roster_by_email(struct db *db, struct arena *a, const char *list,
    const char *email, struct roster_member *m, bool *found, GError **err)
{
	return db_opt(db, a, Q_ROSTER_MEMBER_BY_EMAIL,
	    DB_ARGS(DB_TEXT(list), DB_TEXT(email)), &desc_roster_member, m,
	    found, err);
}

bool
roster_mail(struct db *db, const struct site *s, const char *name,
    struct roster_letter *v, const char *to, GError **err)
{
	ARENA_AUTO(a, "roster-mail");
	const char *const tos[] = {to, NULL};
	struct outbox_mail m = {.purpose = v->purpose, .to = tos,
	    .automatic = true};
	GString *text = arena_gstring(a);
	static const char head[] = "Subject: ";
	char *body;

	v->site = s->conf->site_name;
	v->network = s->conf->site_network;
	v->report = address_report(a, s);
	v->home = s->conf->site_public_url;
	tmpl_render(s->tmpl, arena_printf(a, "mail/%s.txt", name),
	    &desc_roster_letter, v, text);
	/* The templates are ours and checked by a test. */
	g_assert(g_str_has_prefix(text->str, head));
	body = strchr(text->str, '\n');
	g_assert(body != NULL);
	*body++ = '\0';
	/* Nobody's robot may answer to these; the desk's own alert may come
	 * back to us when it cannot be delivered. */
	m.null_sender = strcmp(v->purpose, "alert") != 0;
	m.subject = text->str + strlen(head);
	m.text = body + strspn(body, "\n");
	return outbox_queue(db, s, &m, NULL, err);
}

/* -- staff -- */

struct act {
	const struct site *site;
	const struct actor *by;
	const char *list, *email, *name, *how;
	int64_t id;
	bool again;
	bool nested; /* in the transaction of an intake: no NOTIFY there */
};

static bool
may_write(const struct actor *by, GError **err)
{
	return by->id == 0 || by->role >= ROLE_ANALYST ||
	    fault_set(err, FAULT_DENIED,
		"Analysts and leads change the lists.");
}

static bool
run_tx(struct db *db, bool (*fn)(struct db *, void *, GError **), void *ctx,
    GError **err)
{
	return db_in_tx(db) ? fn(db, ctx, err) : db_tx(db, fn, ctx, err);
}

static bool
add_tx(struct db *db, void *ctx, GError **err)
{
	const struct act *act = ctx;
	ARENA_AUTO(a, "roster-add");
	struct roster_list l = {0};
	struct roster_member m = {0};
	struct id_row row = {0};
	bool found;

	if (!roster_list_find(db, a, act->list, &l, err) ||
	    !roster_by_email(db, a, act->list, act->email, &m, &found, err))
		return false;
	if (found && strcmp(m.status, "active") == 0)
		return fault_set(err, FAULT_CONFLICT,
		    "%s is on this list already.", m.email);
	if (found && strcmp(m.status, "left") == 0 && !act->again)
		return fault_set(err, FAULT_INPUT,
		    "%s left this list. Add the address only if its owner "
		    "asked for it, and say so.", m.email);
	if (!db_opt(db, a, Q_ROSTER_ADD,
		DB_ARGS(DB_INT(l.id), DB_TEXT(act->email), DB_TEXT(act->name),
		    DB_TEXT("staff"),
		    DB_INT(act->by->id > 0 ? act->by->id : DESC_NULL),
		    DB_TEXT(act->by->name)),
		&desc_id_row, &row, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_CONFLICT,
		    "%s is on this list already.", act->email);
	return audit_write(db, act->by, "list.add", 0, 0, act->list, NULL,
	    act->email, err);
}

bool
roster_add(struct db *db, const struct actor *by, const char *list,
    const char *email, const char *name, bool again, GError **err)
{
	ARENA_AUTO(a, "roster-add");
	struct act act = {.by = by, .list = list, .again = again};

	act.name = text_squash(a, name != NULL ? name : "");
	if (g_utf8_strlen(act.name, -1) > ROSTER_NAME_MAX)
		return fault_set(err, FAULT_INPUT,
		    "The name is longer than %d characters.",
		    ROSTER_NAME_MAX);
	return may_write(by, err) &&
	    roster_email(a, NULL, email, &act.email, err) &&
	    run_tx(db, add_tx, &act, err);
}

/* -- leaving -- */

/* Tells the desk who left the closed list, and when nobody is left. */
static bool
alert_desk(struct db *db, const struct site *s, struct arena *a,
    const struct roster_member *m, const char *how, GError **err)
{
	struct roster_letter v = {
	    .purpose = "alert",
	    .list = m->list,
	    .email = m->email,
	    .organisation = m->organisation,
	    .how = how,
	};
	struct count_row n = {.n = 1};

	if (m->organisation_id != DESC_NULL &&
	    !db_one(db, a, Q_ROSTER_ORGANISATION_CONTACTS,
		DB_ARGS(DB_INT(m->organisation_id), DB_TEXT(m->list)),
		&desc_count_row, &n, err))
		return false;
	v.last = n.n == 0;
	if (v.last)
		log_warning("list.last_contact",
		    LOG_S("organisation", m->organisation),
		    LOG_S("list", m->list));
	return roster_mail(db, s, "list-left-alert", &v, address_report(a, s),
	    err);
}

static bool
end_tx(struct db *db, void *ctx, GError **err)
{
	const struct act *act = ctx;
	ARENA_AUTO(a, "roster-end");
	bool staff = act->by->id > 0, found;
	struct roster_member m = {0};
	int64_t hit = 0;

	if (!db_opt(db, a, Q_ROSTER_MEMBER_LOCK, DB_ARGS(DB_INT(act->id)),
		&desc_roster_member, &m, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such subscription.");
	if (!db_exec(db, Q_ROSTER_END,
		DB_ARGS(DB_INT(act->id), DB_TEXT(staff ? "staff" : "self")),
		&hit, err))
		return false;
	if (hit == 0) /* a second click */
		return true;
	if (!audit_write(db, act->by, "list.leave", 0, 0, m.list, m.email,
		act->how, err))
		return false;
	if (strcmp(m.policy, "closed") == 0 &&
	    strcmp(m.status, "active") == 0 &&
	    !alert_desk(db, act->site, a, &m, act->how, err))
		return false;
	return act->nested || outbox_kick(db, err);
}

bool
roster_remove(struct db *db, const struct site *s, const struct actor *by,
    const char *list, const char *email, GError **err)
{
	ARENA_AUTO(a, "roster-remove");
	struct roster_member m = {0};
	struct act act = {.site = s, .by = by, .how = "removed by staff"};
	bool found;

	if (!may_write(by, err) ||
	    !roster_by_email(db, a, list, email, &m, &found, err))
		return false;
	if (!found || strcmp(m.status, "left") == 0)
		return fault_set(err, FAULT_ABSENT,
		    "%s is not on this list.", text_cut(a, email, 100));
	act.id = m.id;
	return run_tx(db, end_tx, &act, err);
}

bool
roster_leave_look(struct db *db, struct arena *a, const struct site *s,
    const char *token, struct roster_member *out, GError **err)
{
	int64_t id;
	bool found = false;

	if (address_leave_token(s, token, &id) &&
	    !db_opt(db, a, Q_ROSTER_MEMBER, DB_ARGS(DB_INT(id)),
		&desc_roster_member, out, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT,
		"This link is not one of ours, or was cut short by a mail "
		"program. Ask for a new one on the page of the lists.");
}

bool
roster_leave(struct db *db, const struct site *s, int64_t subscriber,
    const char *how, GError **err)
{
	struct actor self = {.name = "subscriber"};
	struct act act = {.site = s, .by = &self, .id = subscriber,
	    .how = how, .nested = db_in_tx(db)};

	return run_tx(db, end_tx, &act, err);
}

bool
roster_bounce(struct db *db, const struct site *s, int64_t subscriber,
    bool hard, bool *suspended, GError **err)
{
	ARENA_AUTO(a, "roster-bounce");
	struct actor self = {.name = "bounces"};
	struct roster_member m = {0};
	struct id_row row = {0};
	bool found;

	*suspended = false;
	if (!hard)
		return true;
	if (!db_opt(db, a, Q_ROSTER_BOUNCE,
		DB_ARGS(DB_INT(subscriber), DB_INT(ROSTER_BOUNCES_MAX)),
		&desc_id_row, &row, &found, err))
		return false;
	if (!found || strcmp(row.status, "suspended") != 0)
		return true;
	*suspended = true;
	if (!db_one(db, a, Q_ROSTER_MEMBER, DB_ARGS(DB_INT(subscriber)),
		&desc_roster_member, &m, err) ||
	    !audit_write(db, &self, "list.suspend", 0, 0, m.list, m.email,
		NULL, err))
		return false;
	return strcmp(m.policy, "closed") != 0 ||
	    alert_desk(db, s, a, &m, "suspended by bounces", err);
}

bool
roster_complaint(struct db *db, const struct site *s, int64_t subscriber,
    GError **err)
{
	ARENA_AUTO(a, "roster-complaint");
	struct actor self = {.name = "complaints"};
	struct roster_member m = {0};
	int64_t hit = 0;
	bool found;

	if (!db_opt(db, a, Q_ROSTER_MEMBER, DB_ARGS(DB_INT(subscriber)),
		&desc_roster_member, &m, &found, err))
		return false;
	if (!found)
		return true;
	if (strcmp(m.policy, "closed") != 0)
		return roster_leave(db, s, subscriber, "complaint", err);
	return db_exec(db, Q_ROSTER_SUSPEND, DB_ARGS(DB_INT(subscriber)),
		   &hit, err) &&
	    (hit == 0 ||
		(audit_write(db, &self, "list.suspend", 0, 0, m.list, m.email,
		     "complaint", err) &&
		    alert_desk(db, s, a, &m, "suspended by a complaint",
			err)));
}

bool
roster_expire(struct db *db, int64_t *ended, GError **err)
{
	return db_exec(db, Q_ROSTER_EXPIRE, DB_NONE, ended, err) &&
	    db_exec(db, Q_ROSTER_EXPIRE_CONFIRMATIONS, DB_NONE, NULL, err);
}
