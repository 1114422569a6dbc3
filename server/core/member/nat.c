/* See nat.h. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/member/nat.h"

DESC_TABLE(nat_row, NAT_ROW);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);

bool
nat_read(struct arena *a, const char *s, const char **net, GError **err)
{
	struct net n;

	if (!net_parse(text_squash(a, s), true, &n))
		return fault_set(err, FAULT_INPUT,
		    "%s is no address and no prefix: write 192.0.2.7 or "
		    "192.0.2.0/24.", text_cut(a, s, 60));
	*net = net_text(a, &n);
	return true;
}

static const char *
word(bool shared)
{
	return shared ? "shared" : "one host each";
}

struct change {
	const struct actor *who;
	const char *net, *note;
	bool shared;
};

static bool
set(struct db *db, void *p, GError **err)
{
	const struct change *t = p;

	return db_exec(db, Q_NAT_SET,
		   DB_ARGS(DB_TEXT(t->net), DB_BOOL(t->shared),
		       DB_TEXT(t->note),
		       DB_INT(t->who->id > 0 ? t->who->id : DESC_NULL)),
		   NULL, err) &&
	    audit_write(db, t->who, "nat.set", 0, 0, t->net, NULL,
		word(t->shared), err);
}

bool
nat_set(struct db *db, const struct actor *who, const char *net, bool shared,
    const char *note, GError **err)
{
	struct change t = {who, net, note, shared};

	return db_tx(db, set, &t, err);
}

static bool
removal(struct db *db, void *p, GError **err)
{
	ARENA_AUTO(a, "nat");
	const struct change *t = p;
	struct nat_row was = {0};
	bool found;

	if (!db_opt(db, a, Q_NAT_REMOVE, DB_ARGS(DB_TEXT(t->net)),
		&desc_nat_row, &was, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "Nothing is said of %s.", t->net);
	return audit_write(db, t->who, "nat.remove", 0, 0, was.net,
	    word(was.shared), NULL, err);
}

bool
nat_remove(struct db *db, const struct actor *who, const char *net,
    GError **err)
{
	struct change t = {.who = who, .net = net};

	return db_tx(db, removal, &t, err);
}

bool
nat_list(struct db *db, struct arena *a, int64_t page, struct list *rows,
    int64_t *total, GError **err)
{
	struct total t = {0};

	if (!db_list(db, a, Q_NAT_LIST, DB_ARGS(DB_INT(page)), &desc_nat_row,
		rows, err) ||
	    !db_one(db, a, Q_NAT_TOTAL, DB_NONE, &desc_total, &t, err))
		return false;
	*total = t.total;
	return true;
}
