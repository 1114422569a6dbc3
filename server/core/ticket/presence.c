/* See presence.h. */
#include "base/base.h"
#include "core/ticket/presence.h"

DESC_TABLE(presence, PRESENCE);

bool
presence_say(struct db *db, const char *process,
    const char *const *principals, const char *const *tickets, GError **err)
{
	return db_exec(db, Q_PRESENCE_SAY,
	    DB_ARGS(DB_TEXT(process), DB_TEXTS(principals),
		DB_TEXTS(tickets)),
	    NULL, err);
}

bool
presence_of(struct db *db, struct arena *a, const char *const *tickets,
    struct list *out, GError **err)
{
	return db_list(db, a, Q_PRESENCE_OF, DB_ARGS(DB_TEXTS(tickets)),
	    &desc_presence, out, err);
}

const char *
presence_names(struct arena *a, const struct list *all, int64_t ticket,
    int64_t me)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; i < all->n; i++) {
		const struct presence *p = LIST_AT(presence, *all, i);

		if (p->ticket == ticket && p->principal != me)
			g_string_append_printf(s, "%s%s",
			    s->len > 0 ? ", " : "", p->name);
	}
	return s->len > 0 ? s->str : NULL;
}

bool
presence_others(struct db *db, struct arena *a, int64_t ticket, int64_t me,
    const char **names, GError **err)
{
	const char *const tickets[] = {
	    arena_printf(a, "%" PRId64, ticket), NULL};
	struct list all;

	if (!presence_of(db, a, tickets, &all, err))
		return false;
	*names = presence_names(a, &all, ticket, me);
	return true;
}
