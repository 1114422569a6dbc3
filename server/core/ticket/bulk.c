/* See bulk.h: choosing and looking. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/ticket/bulk_priv.h"
#include "core/ticket/text_template.h"

DESC_TABLE(bulk, BULK);
DESC_TABLE(bulk_item, BULK_ITEM);
DESC_TABLE(bulk_sum, BULK_SUM);
DESC_TABLE(bulk_why, BULK_WHY);
DESC_TABLE(bulk_person, BULK_PERSON);

#define ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(id_row, ID);

static bool
absent(int64_t id, GError **err)
{
	return fault_set(err, FAULT_ABSENT,
	    "There is no selection %" PRId64 " of yours.", id);
}

bool
bulk_lock(struct db *db, struct arena *a, const struct actor *who, int64_t id,
    struct bulk *out, GError **err)
{
	bool found;

	return db_opt(db, a, Q_BULK_LOCK, DB_ARGS(DB_INT(id), DB_INT(who->id)),
		   &desc_bulk, out, &found, err) &&
	    (found || absent(id, err));
}

/* What happens to the tickets, behind "34 tickets". */
static const char *
words_of(struct arena *a, const struct bulk *b)
{
	if (b->act == NULL)
		return NULL;
	if (strcmp(b->act, "own") == 0)
		return arena_printf(a, "go to %s", b->owner_name);
	if (strcmp(b->act, "link") == 0)
		return arena_printf(a, "are linked to incident #%" PRId64,
		    b->incident);
	if (strcmp(b->act, "reply") == 0)
		return "get a mail";
	if (strcmp(b->act, "remind") == 0)
		return "are reminded of their notice";
	if (strcmp(b->act, "close") == 0)
		return "are resolved as their answer says";
	if (strcmp(b->act, "reject") == 0)
		return arena_printf(a, "become rejected (%s)%s",
		    b->resolution,
		    b->tell ? " and their reporters are told why" : "");
	return arena_printf(a, b->resolution != NULL ? "become %s (%s)"
						     : "become %s%s",
	    b->status, b->resolution != NULL ? b->resolution : "");
}

/* rate, left and the like of what came from the database. */
static void
finish_row(struct arena *a, struct bulk *b)
{
	int64_t end = b->finished != DESC_NULL ? b->finished : when_now();
	int64_t took;

	b->words = words_of(a, b);
	b->busy = strcmp(b->state, "running") == 0;
	b->is_draft = strcmp(b->state, "draft") == 0;
	b->kept = b->act != NULL && (strcmp(b->act, "reply") == 0 ||
	    strcmp(b->act, "remind") == 0);
	b->mailing = b->kept || (b->act != NULL &&
	    strcmp(b->act, "reject") == 0 && b->tell);
	b->done = b->total - b->waits;
	b->rate = b->left = DESC_NULL;
	if (!b->busy || b->started == DESC_NULL || b->changed == 0)
		return;
	took = MAX(end - b->started, WHEN_SECOND);
	b->rate = MAX(b->changed * WHEN_SECOND / took, 1);
	b->left = b->waits * took / b->changed / WHEN_SECOND;
}

bool
bulk_get(struct db *db, struct arena *a, const struct actor *who, int64_t id,
    struct bulk *out, GError **err)
{
	struct bulk b = {0};
	bool found;

	if (!db_opt(db, a, Q_BULK_GET, DB_ARGS(DB_INT(id), DB_INT(who->id)),
		&desc_bulk, &b, &found, err))
		return false;
	if (!found)
		return absent(id, err);
	finish_row(a, &b);
	*out = b;
	return true;
}

bool
bulk_of_deed(struct db *db, struct arena *a, const struct actor *who,
    int64_t deed, int64_t *id, GError **err)
{
	struct id_row row = {0};
	bool found;

	if (!db_opt(db, a, Q_BULK_OF_DEED,
		DB_ARGS(DB_INT(deed), DB_INT(who->id)), &desc_id_row, &row,
		&found, err))
		return false;
	*id = found ? row.id : 0;
	return true;
}

bool
bulk_list(struct db *db, struct arena *a, const struct actor *who,
    struct list *out, GError **err)
{
	if (!db_list(db, a, Q_BULK_LIST, DB_ARGS(DB_INT(who->id)), &desc_bulk,
		out, err))
		return false;
	for (size_t i = 0; i < out->n; i++)
		finish_row(a, LIST_AT(bulk, *out, i));
	return true;
}

bool
bulk_items(struct db *db, struct arena *a, int64_t id, const char *state,
    int64_t page, struct list *out, GError **err)
{
	return db_list(db, a, Q_BULK_ITEMS,
	    DB_ARGS(DB_INT(id), DB_TEXT(state), DB_INT(page)),
	    &desc_bulk_item, out, err);
}

bool
bulk_sums(struct db *db, struct arena *a, int64_t id, struct list *out,
    GError **err)
{
	if (!db_list(db, a, Q_BULK_SUMS, DB_ARGS(DB_INT(id)), &desc_bulk_sum,
		out, err))
		return false;
	for (size_t i = 0; i < out->n; i++)
		LIST_AT(bulk_sum, *out, i)->many =
		    LIST_AT(bulk_sum, *out, i)->n > 1;
	return true;
}

bool
bulk_whys(struct db *db, struct arena *a, int64_t id, struct list *out,
    GError **err)
{
	return db_list(db, a, Q_BULK_WHYS, DB_ARGS(DB_INT(id)),
	    &desc_bulk_why, out, err);
}

bool
bulk_people(struct db *db, struct arena *a, int64_t chosen, struct list *out,
    GError **err)
{
	return db_list(db, a, Q_BULK_PEOPLE, DB_ARGS(DB_INT(chosen)),
	    &desc_bulk_person, out, err);
}

bool
bulk_along(struct db *db, struct arena *a, int64_t id, int64_t *n,
    GError **err)
{
	struct id_row row = {0};

	if (!db_one(db, a, Q_BULK_ALONG, DB_ARGS(DB_INT(id)), &desc_id_row,
		&row, err))
		return false;
	*n = row.id;
	return true;
}

/* ---- choosing ------------------------------------------------------------------ */

struct choice {
	const struct actor *who;
	struct arena *a;
	const char *const *tickets;
	const struct ticket_filter *f;
	int64_t id, hit;
};

static bool
choose(struct db *db, void *p, GError **err)
{
	struct choice *c = p;
	const struct ticket_filter *f = c->f;
	struct id_row row = {0};
	bool missing;

	if (!db_one(db, c->a, Q_BULK_MAKE, DB_ARGS(DB_INT(c->who->id)),
		&desc_id_row, &row, err))
		return false;
	c->id = row.id;
	if (c->tickets == NULL)
		return db_exec(db, Q_BULK_FIND,
		    DB_ARGS(DB_INT(c->id), DB_TEXT(f->status),
			DB_TEXT(f->view), DB_TEXT(f->type), DB_TEXT(f->org),
			DB_TEXT(f->q), DB_TEXT(f->ip), DB_INT(f->me),
			DB_BOOL(f->folded), DB_TEXT(f->kind),
			DB_TIME_OR_NULL(f->since),
			DB_TIME_OR_NULL(f->until),
			DB_INT(BULK_MAX + 1)),
		    &c->hit, err);
	if (!db_exec(db, Q_BULK_PICK,
		DB_ARGS(DB_INT(c->id), DB_TEXTS(c->tickets)), &c->hit, err) ||
	    !db_opt(db, c->a, Q_BULK_MISSING,
		DB_ARGS(DB_INT(c->id), DB_TEXTS(c->tickets)), &desc_id_row,
		&row, &missing, err))
		return false;
	if (missing)
		return fault_set(err, FAULT_ABSENT,
		    "There is no ticket #%" PRId64 ".", row.id);
	return true;
}

/* "4711", "4711.3": what the database may cast. */
static bool
ticket_ok(const char *s)
{
	g_auto(GStrv) w = g_strsplit(s, ".", 3);
	int64_t n;

	return w[0] != NULL && text_int(w[0], 1, INT64_MAX / 2, &n) &&
	    (w[1] == NULL ||
		(text_int(w[1], 1, INT32_MAX, &n) && w[2] == NULL));
}

static bool
choose_some(struct db *db, void *p, GError **err)
{
	struct choice *c = p;

	if (!choose(db, c, err))
		return false;
	if (c->hit == 0)
		return fault_set(err, FAULT_INPUT, c->tickets != NULL
		    ? "Select some tickets first."
		    : "The search finds nothing.");
	if (c->hit > BULK_MAX)
		return fault_set(err, FAULT_INPUT,
		    "The search finds more than %d tickets: narrow it.",
		    BULK_MAX);
	return true;
}

bool
bulk_choose(struct db *db, const struct actor *who,
    const char *const *tickets, const struct ticket_filter *filter,
    int64_t *id, GError **err)
{
	ARENA_AUTO(a, "bulk");
	struct choice c = {.who = who, .a = a, .tickets = tickets,
	    .f = filter};

	for (size_t i = 0; tickets != NULL && tickets[i] != NULL; i++)
		if (!ticket_ok(tickets[i]))
			return fault_set(err, FAULT_INPUT,
			    "%s is no number of a ticket: write 4711, or "
			    "4711.3 with the version that you saw.",
			    text_cut(a, tickets[i], 40));
	if (!db_tx(db, choose_some, &c, err))
		return false;
	*id = c.id;
	return true;
}

/* ---- the mail ------------------------------------------------------------------ */

#define WORDS(F, S)                                                           \
	F(S, TEXT, lang, none)                                                \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)
DESC_PRIVATE(words_row, WORDS);

bool
bulk_words(struct db *db, struct arena *a, const struct bulk *b,
    int64_t ticket, const char **subject, const char **text, GError **err)
{
	struct words_row row = {0};
	const char *lang;
	bool found = false;

	*subject = b->subject;
	*text = b->text;
	if (!text_lang_of(db, a, ticket, &lang, err) ||
	    (lang != NULL && !db_opt(db, a, Q_BULK_TEXT_IN,
		DB_ARGS(DB_INT(b->id), DB_TEXT(lang)), &desc_words_row, &row,
		&found, err)))
		return false;
	if (found) {
		*subject = row.subject;
		*text = row.text;
	}
	return true;
}

const char *const *
bulk_addresses(struct arena *a, const char *to)
{
	g_auto(GStrv) words = g_strsplit_set(to != NULL ? to : "", ", ", -1);
	GPtrArray *out = arena_ptr_array(a);

	for (size_t i = 0; words[i] != NULL; i++)
		if (text_address_ok(words[i]))
			g_ptr_array_add(out, arena_strdup(a, words[i]));
	if (out->len == 0)
		return NULL;
	g_ptr_array_add(out, NULL);
	return (const char *const *)out->pdata;
}

bool
bulk_sample(struct db *db, struct arena *a, const struct site *s,
    const struct actor *who, const struct bulk *b, int64_t *ticket,
    const char **subject, const char **text, GError **err)
{
	struct text_facts f = {0};
	struct id_row first = {0};
	bool found = false;

	*text = NULL;
	if (!b->mailing || b->text == NULL)
		return true;
	if (!db_opt(db, a, Q_BULK_FIRST, DB_ARGS(DB_INT(b->id)),
		&desc_id_row, &first, &found, err))
		return false;
	if (!found)
		return true;
	if (!text_facts(db, a, first.id, &f, err) ||
	    !bulk_words(db, a, b, first.id, subject, text, err))
		return false;
	*ticket = first.id;
	*subject = text_fill(a, s, who, &f,
	    *subject != NULL ? *subject : "{{tag}} {{subject}}", true);
	*text = text_fill(a, s, who, &f, *text, false);
	return true;
}
