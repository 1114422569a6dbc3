/* See book.h. */
#include "base/base.h"
#include "base/lang.h"
#include "base/net.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/member/book.h"
#include "core/outgoing/address.h"

DESC_TABLE(book_entry, BOOK_ENTRY);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);

struct change {
	struct arena *a;
	const struct site *s;
	const struct actor *who;
	/* One of the first four. */
	const char *net, *domain, *country;
	int64_t asn;
	const char *about, *name, *email, *phone, *lang, *note;
	int64_t id;
};

/* "192.0.2.0/24", "AS64496", "NL", "isp.example". */
static bool
read_about(struct change *c, const char *typed)
{
	const char *s = text_squash(c->a, typed != NULL ? typed : "");
	struct net n;

	c->asn = DESC_NULL;
	if (net_parse(s, true, &n) && !net_too_wide(&n)) {
		c->about = c->net = net_text(c->a, &n);
	} else if (text_istarts(s, "AS") &&
	    text_int(s + 2, 0, UINT32_MAX, &c->asn)) {
		c->about = arena_printf(c->a, "AS%" PRId64, c->asn);
	} else if (strlen(s) == 2 && g_ascii_isalpha(s[0]) &&
	    g_ascii_isalpha(s[1])) {
		c->asn = DESC_NULL;
		c->about = c->country = arena_printf(c->a, "%c%c",
		    g_ascii_toupper(s[0]), g_ascii_toupper(s[1]));
	} else if (strchr(s, '.') != NULL && text_domain_ok(s)) {
		c->asn = DESC_NULL;
		c->about = c->domain = text_lower(c->a, s);
	} else {
		return false;
	}
	return true;
}

/* What is a net, and wider than anybody is handed out. */
static bool
too_wide(const char *typed)
{
	struct net n;

	return typed != NULL && net_parse(typed, false, &n) &&
	    net_too_wide(&n);
}

static bool
wrong(const char **field, const char *at, GError **err, const char *what)
{
	*field = at;
	return fault_set(err, FAULT_INPUT, "%s", what);
}

static const char *
or_empty(struct arena *a, const char *s)
{
	return text_blank(s) ? "" : text_squash(a, s);
}

static bool
read_entry(struct change *c, const struct book_entry *e, const char **field,
    GError **err)
{
	const char *lang = text_blank(e->lang) ? LANG_DEFAULT : e->lang;

	if (too_wide(e->about))
		return wrong(field, "about", err, "Nobody has a net that is "
		    "wider than /8.");
	if (!read_about(c, e->about))
		return wrong(field, "about", err, "Write what the contact is "
		    "for: a net (192.0.2.0/24), an AS (AS64496), a domain "
		    "(isp.example) or a country (NL).");
	if (text_blank(e->name))
		return wrong(field, "name", err, "Whose contact is it?");
	if (text_blank(e->email) ||
	    !text_address_ok(text_squash(c->a, e->email)))
		return wrong(field, "email", err,
		    "Write one address, such as abuse@isp.example.");
	if (address_ours(c->s, text_squash(c->a, e->email)))
		return wrong(field, "email", err, "This is an address of this "
		    "desk: what it sends there would come back as a report.");
	c->lang = lang_norm(c->a, text_squash(c->a, lang));
	if (c->lang == NULL)
		return wrong(field, "lang", err,
		    "Write the language as en, de or pt-BR.");
	c->name = text_squash(c->a, e->name);
	c->email = text_squash(c->a, e->email);
	c->phone = or_empty(c->a, e->phone);
	c->note = or_empty(c->a, e->note);
	return true;
}

static struct db_arg
text_or_null(const char *s)
{
	return s != NULL ? DB_TEXT(s) : DB_NULL;
}

static bool
set(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	struct book_entry made = {0};

	if (!db_one(db, c->a, Q_BOOK_SET,
		DB_ARGS(text_or_null(c->net), DB_INT(c->asn),
		    text_or_null(c->domain), text_or_null(c->country),
		    DB_TEXT(c->name), DB_TEXT(c->email), DB_TEXT(c->phone),
		    DB_TEXT(c->lang), DB_TEXT(c->note)),
		&desc_book_entry, &made, err))
		return false;
	c->id = made.id;
	return audit_write(db, c->who, "book.set", 0, 0, c->about, NULL,
	    arena_printf(c->a, "%s <%s>", c->name, c->email), err);
}

bool
book_set(struct db *db, const struct site *s, const struct actor *who,
    const struct book_entry *e, int64_t *id, const char **field, GError **err)
{
	ARENA_AUTO(a, "book");
	struct change c = {.a = a, .s = s, .who = who};

	if (!read_entry(&c, e, field, err) || !db_tx(db, set, &c, err))
		return false;
	*id = c.id;
	return true;
}

static bool
finish(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	struct book_entry was = {0};
	bool found;

	if (!db_opt(db, c->a, Q_BOOK_END, DB_ARGS(DB_INT(c->id)),
		&desc_book_entry, &was, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such entry in the book.");
	return audit_write(db, c->who, "book.end", 0, 0, was.about,
	    arena_printf(c->a, "%s <%s>", was.name, was.email), NULL, err);
}

bool
book_end(struct db *db, const struct actor *who, int64_t id, GError **err)
{
	ARENA_AUTO(a, "book");
	struct change c = {.a = a, .who = who, .id = id};

	return db_tx(db, finish, &c, err);
}

bool
book_list(struct db *db, struct arena *a, const char *q, int64_t page,
    struct list *rows, int64_t *total, GError **err)
{
	struct db_arg words = DB_NULL, net = DB_NULL;
	struct total t = {0};
	struct net n;

	if (!text_blank(q)) {
		q = text_squash(a, q);
		words = DB_TEXT(q);
		if (net_parse(q, true, &n))
			net = DB_TEXT(net_text(a, &n));
	}
	if (!db_list(db, a, Q_BOOK_LIST, DB_ARGS(words, DB_INT(page), net),
		&desc_book_entry, rows, err) ||
	    !db_one(db, a, Q_BOOK_TOTAL, DB_ARGS(words, net), &desc_total, &t,
		err))
		return false;
	*total = t.total;
	return true;
}
