/* See window.h. */
#include "base/base.h"
#include "base/span.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/intake/window.h"
#include "core/ticket/text_template.h"

DESC_TABLE(window, WINDOW);

bool
window_read_span(const char *s, int64_t *minutes)
{
	int64_t n, unit;

	*minutes = 0;
	if (text_ieq(s, "never") || strcmp(s, "0") == 0)
		return true;
	if (!span_read(s, &n, &unit, NULL))
		return false;
	*minutes = n * unit;
	return *minutes <= WINDOW_DAYS_MAX * SPAN_DAY;
}

static const char *
within(struct arena *a, int64_t minutes)
{
	return minutes == 0 ? "never" : span_text(a, minutes);
}

static const char *
words(struct arena *a, const struct window *w)
{
	return w->escalate_at == DESC_NULL ? within(a, w->minutes)
	    : arena_printf(a, "%s, urgent from %" PRId64,
		  within(a, w->minutes), w->escalate_at);
}

static const char *
name_of(const char *type)
{
	return *type != '\0' ? type : "all types";
}

struct change {
	struct arena *a;
	const struct actor *who;
	const struct window *w;
};

static bool
set(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	const struct window *w = c->w;
	struct window was = {0};
	bool found;

	return db_opt(db, c->a, Q_WINDOW_WAS, DB_ARGS(DB_TEXT(w->type)),
		   &desc_window, &was, &found, err) &&
	    db_exec(db, Q_WINDOW_SET,
		DB_ARGS(DB_TEXT(w->type), DB_INT(w->minutes),
		    DB_INT(w->escalate_at)), NULL, err) &&
	    audit_write(db, c->who, "window.set", 0, 0, name_of(w->type),
		found ? words(c->a, &was) : NULL, words(c->a, w), err);
}

bool
window_set(struct db *db, const struct actor *who, const struct window *w,
    const char **field, GError **err)
{
	ARENA_AUTO(a, "window");
	struct change c = {a, who, w};

	if (*w->type != '\0' && !text_type_ok(w->type)) {
		*field = "type";
		return fault_set(err, FAULT_INPUT, "Write a type as fraud or "
		    "fraud/phishing, or leave it blank for all others.");
	}
	if (w->escalate_at != DESC_NULL &&
	    (w->escalate_at < 2 || w->escalate_at > WINDOW_ESCALATE_MAX)) {
		*field = "escalate_at";
		return fault_set(err, FAULT_INPUT,
		    "Write how many reports, 2 to %d, or leave it blank.",
		    WINDOW_ESCALATE_MAX);
	}
	return db_tx(db, set, &c, err);
}

static bool
take_away(struct db *db, void *p, GError **err)
{
	struct change *c = p;
	struct window was = {0};
	bool found;

	if (!db_opt(db, c->a, Q_WINDOW_WAS, DB_ARGS(DB_TEXT(c->w->type)),
		&desc_window, &was, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "Nothing of its own is said of %s.", c->w->type);
	return db_exec(db, Q_WINDOW_REMOVE, DB_ARGS(DB_TEXT(was.type)), NULL,
		   err) &&
	    audit_write(db, c->who, "window.remove", 0, 0, was.type,
		words(c->a, &was), NULL, err);
}

bool
window_remove(struct db *db, const struct actor *who, const char *type,
    GError **err)
{
	ARENA_AUTO(a, "window");
	struct window w = {.type = type};
	struct change c = {a, who, &w};

	if (*type == '\0')
		return fault_set(err, FAULT_INPUT, "What is said of all other "
		    "types can be changed, not removed.");
	return db_tx(db, take_away, &c, err);
}

bool
window_list(struct db *db, struct arena *a, struct list *rows, GError **err)
{
	if (!db_list(db, a, Q_WINDOW_LIST, DB_NONE, &desc_window, rows, err))
		return false;
	for (size_t i = 0; i < rows->n; i++) {
		struct window *w = LIST_AT(window, *rows, i);

		w->span = within(a, w->minutes);
		w->all = *w->type == '\0';
	}
	return true;
}
