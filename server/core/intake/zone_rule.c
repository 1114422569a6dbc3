/* See zone_rule.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/intake/zone_rule.h"

DESC_TABLE(zone_rule, ZONE_RULE);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);

/* Formats that tell nothing of who made the report. */
static bool
telling(const char *format)
{
	static const char *const not[] = {"plain", "forward", "unparsed"};

	for (size_t i = 0; i < COUNT_OF(not); i++)
		if (strcmp(format, not[i]) == 0)
			return false;
	return true;
}

const char *const *
zone_rule_senders(struct arena *a, const char *from, const char *feed,
    const char *format)
{
	const char **out =
	    ARENA_ARRAY(a, const char *, ZONE_RULE_SENDERS_MAX + 1);
	const char *domain = NULL;
	size_t n = 0;

	if (from != NULL && strlen(from) <= 320) {
		out[n++] = text_lower(a, from);
		domain = text_address_domain(a, from);
	}
	if (feed != NULL) {
		const char *slash = strchr(feed, '/');

		out[n++] = text_lower(a, feed);
		if (slash != NULL)
			out[n++] = text_lower(a,
			    arena_strndup(a, feed, (size_t)(slash - feed)));
	}
	/* the domain and those above it, but no top-level one */
	for (const char *d = domain; d != NULL && strchr(d, '.') != NULL &&
	    n < ZONE_RULE_SENDERS_MAX - 1; d = strchr(d, '.') + 1)
		out[n++] = d;
	if (format != NULL && telling(format))
		out[n++] = text_lower(a, format);
	out[n] = NULL;
	return out;
}

/* "xarf", "shadowserver/scan_mysql" */
static bool
feed_ok(const char *s)
{
	bool slash = false;

	if (!g_ascii_isalnum(*s) || strlen(s) > 80)
		return false;
	for (; *s != '\0'; s++) {
		if (*s == '/' && (slash || s[1] == '\0'))
			return false;
		slash |= *s == '/';
		if (!g_ascii_isalnum(*s) && strchr("/_-", *s) == NULL)
			return false;
	}
	return true;
}

bool
zone_rule_sender(struct arena *a, const char *s, const char **sender,
    GError **err)
{
	const char *t = text_lower(a, text_squash(a, s != NULL ? s : ""));
	bool ok;

	if (strchr(t, '@') != NULL)
		ok = text_address_ok(t);
	else if (strchr(t, '.') != NULL)
		ok = text_domain_ok(t);
	else
		ok = feed_ok(t);
	if (!ok)
		return fault_set(err, FAULT_INPUT,
		    "A rule is for an address (ops@isp.example), a domain "
		    "(isp.example) or a format (xarf).");
	*sender = t;
	return true;
}

struct change {
	const struct actor *who;
	const char *sender, *zone;
	int64_t ticket;
};

static bool
set(struct db *db, void *p, GError **err)
{
	const struct change *t = p;

	return db_exec(db, Q_ZONE_RULE_SET,
		   DB_ARGS(DB_TEXT(t->sender), DB_TEXT(t->zone),
		       DB_INT(t->who->id > 0 ? t->who->id : DESC_NULL),
		       DB_INT(t->ticket > 0 ? t->ticket : DESC_NULL)),
		   NULL, err) &&
	    audit_write(db, t->who, "zone_rule.set", t->ticket, 0, t->sender,
		NULL, t->zone, err);
}

bool
zone_rule_set(struct db *db, const struct actor *who, const char *sender,
    const char *zone, int64_t ticket, GError **err)
{
	struct change t = {who, sender, zone, ticket};

	return db_in_tx(db) ? set(db, &t, err) : db_tx(db, set, &t, err);
}

static bool
removal(struct db *db, void *p, GError **err)
{
	ARENA_AUTO(a, "zone rule");
	const struct change *t = p;
	struct zone_rule was = {0};
	bool found;

	if (!db_opt(db, a, Q_ZONE_RULE_REMOVE, DB_ARGS(DB_TEXT(t->sender)),
		&desc_zone_rule, &was, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_ABSENT,
		    "There is no rule for %s.", text_cut(a, t->sender, 80));
	return audit_write(db, t->who, "zone_rule.remove", 0, 0, was.sender,
	    was.zone, NULL, err);
}

bool
zone_rule_remove(struct db *db, const struct actor *who, const char *sender,
    GError **err)
{
	struct change t = {who, sender, NULL, 0};

	return db_tx(db, removal, &t, err);
}

bool
zone_rule_list(struct db *db, struct arena *a, int64_t page,
    struct list *rows, int64_t *total, GError **err)
{
	struct total t = {0};

	if (!db_list(db, a, Q_ZONE_RULE_LIST, DB_ARGS(DB_INT(page)),
		&desc_zone_rule, rows, err) ||
	    !db_one(db, a, Q_ZONE_RULE_TOTAL, DB_NONE, &desc_total, &t, err))
		return false;
	*total = t.total;
	return true;
}

static bool
is_open(const struct inspect_event *e)
{
	return e->time == DESC_NULL && e->time_given != NULL &&
	    (e->zone == NULL || strcmp(e->zone, "unknown") == 0);
}

static const struct inspect_event *
first_open(const struct inspection *in)
{
	for (size_t i = 0; i < in->events.n; i++) {
		const struct inspect_event *e =
		    LIST_AT(inspect_event, in->events, i);

		if (is_open(e))
			return e;
	}
	return NULL;
}

bool
zone_rule_apply(struct db *db, struct arena *a, const struct inspection *in,
    const struct inspection **out, const char **zone_name, GError **err)
{
	const struct inspect_event *first = first_open(in);
	struct inspection *copy;
	struct zone_rule rule = {0};
	struct zone z;
	bool found;

	*out = in;
	*zone_name = NULL;
	if (first == NULL)
		return true;
	if (!db_opt(db, a, Q_ZONE_RULE_OF,
		DB_ARGS(DB_TEXTS(zone_rule_senders(a, in->from, first->feed,
		    in->format))),
		&desc_zone_rule, &rule, &found, err))
		return false;
	if (!found)
		return true;
	/* The tz database may have lost an area since: no reason to lose a
	 * report, whose zone then stays unknown. */
	if (!zone_parse(a, rule.zone, &z, NULL)) {
		log_warning("zone_rule.unknown", LOG_S("sender", rule.sender),
		    LOG_S("zone", rule.zone));
		return true;
	}
	copy = ARENA_NEW(a, struct inspection);
	*copy = *in;
	copy->events.items = arena_memdup(a, in->events.items,
	    in->events.n * sizeof(struct inspect_event));
	for (size_t i = 0; i < copy->events.n; i++) {
		struct inspect_event *e =
		    LIST_AT(inspect_event, copy->events, i);
		const char *name;
		bool own;

		if (is_open(e) && event_time_read(a, &z, e->time_given,
			in->date, &e->time, &name, &own, NULL))
			e->zone = own ? "given" : "rule";
	}
	*out = copy;
	*zone_name = z.name;
	return true;
}
