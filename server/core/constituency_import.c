/*
 * Members and prefixes from CSV: everything or nothing, with the
 * difference told line by line.  A dry run is the same transaction, rolled
 * back.  See constituency.h.
 */
#include "base/base.h"
#include "base/csv.h"
#include "base/net.h"
#include "base/text.h"
#include "base/when.h"
#include "core/audit.h"
#include "core/constituency.h"
#include "core/roster.h"

#define ORG_ROW(F, S)                                                         \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, name, none)
DESC_PRIVATE(org_row, ORG_ROW);

struct import {
	struct arena *a;
	const struct actor *by;
	struct csv csv;
	bool dry_run;
	GString *report;
	unsigned added, changed, same;
};

static bool
line_fault(GError **err, const struct csv_row *row, const char *what)
{
	return fault_set(err, FAULT_INPUT, "Line %d: %s", row->line, what);
}

static bool
import_contact(struct db *db, struct import *im, const struct csv_row *row,
    int64_t org, const char *handle, GError **err)
{
	const struct csv *t = &im->csv;
	const char *email = csv_field(row, csv_column(t, "contact_email"));
	const char *name = csv_field(row, csv_column(t, "contact_name"));
	const char *role = csv_field(row, csv_column(t, "contact_role"));
	const char *phone = csv_field(row, csv_column(t, "contact_phone"));
	struct constituency_contact old;
	bool found;

	if (*email == '\0')
		return true;
	if (!text_address_ok(email))
		return line_fault(err, row, "the contact's address is none.");
	if (*role == '\0')
		role = "security";
	if (!db_opt(db, im->a, Q_CONTACT_FIND,
		DB_ARGS(DB_INT(org), DB_TEXT(role), DB_TEXT(email)),
		&desc_constituency_contact, &old, &found, err))
		return false;
	if (found && strcmp(old.name, name) == 0 &&
	    strcmp(old.phone, phone) == 0) {
		im->same++;
		return true;
	}
	g_string_append_printf(im->report, "%c contact %s %s %s\n",
	    found ? '~' : '+', handle, role, email);
	found ? im->changed++ : im->added++;
	if (!db_exec(db, Q_CONTACT_SET,
		DB_ARGS(DB_INT(org), DB_TEXT(role), DB_TEXT(name),
		    DB_TEXT(email), DB_TEXT(phone)),
		NULL, err)) {
		g_prefix_error(err, "Line %d: ", row->line);
		return false;
	}
	return true;
}

static bool
import_domain(struct db *db, struct import *im, const struct csv_row *row,
    int64_t org, const char *handle, GError **err)
{
	const char *domain =
	    csv_field(row, csv_column(&im->csv, "domain"));
	struct org_row old;
	bool found;

	if (*domain == '\0')
		return true;
	if (!text_domain_ok(domain))
		return line_fault(err, row, "the domain is none.");
	if (!db_opt(db, im->a, Q_ORGANISATION_DOMAIN_OF,
		DB_ARGS(DB_TEXT(domain)), &desc_org_row, &old, &found, err))
		return false;
	if (found && old.id == org)
		return true;
	g_string_append_printf(im->report, "%c domain %s %s%s%s\n",
	    found ? '~' : '+', handle, domain, found ? " was " : "",
	    found ? old.handle : "");
	found ? im->changed++ : im->added++;
	return db_exec(db, Q_ORGANISATION_DOMAIN_SET,
	    DB_ARGS(DB_TEXT(domain), DB_INT(org)), NULL, err);
}

static bool
import_org_row(struct db *db, struct import *im, const struct csv_row *row,
    GError **err)
{
	const char *handle =
	    csv_field(row, csv_column(&im->csv, "handle"));
	const char *name = csv_field(row, csv_column(&im->csv, "name"));
	struct org_row old, now;
	bool found;

	if (*handle == '\0')
		return line_fault(err, row, "the handle is missing.");
	if (!db_opt(db, im->a, Q_ORGANISATION_BY_HANDLE,
		DB_ARGS(DB_TEXT(handle)), &desc_org_row, &old, &found, err))
		return false;
	if (*name == '\0') {
		/* A further line of a member needs its handle only. */
		if (!found)
			return line_fault(err, row, "the name is missing.");
		name = old.name;
	}
	if (!found || strcmp(old.name, name) != 0) {
		g_string_append_printf(im->report, "%c member %s %s\n",
		    found ? '~' : '+', handle, name);
		found ? im->changed++ : im->added++;
	} else {
		im->same++;
	}
	if (!db_one(db, im->a, Q_ORGANISATION_UPSERT,
		DB_ARGS(DB_TEXT(handle), DB_TEXT(name)), &desc_org_row, &now,
		err)) {
		g_prefix_error(err, "Line %d: ", row->line);
		return false;
	}
	return import_domain(db, im, row, now.id, handle, err) &&
	    import_contact(db, im, row, now.id, handle, err);
}

static bool
time_field(const struct csv *t, const struct csv_row *row, const char *column,
    int64_t *out, GError **err)
{
	const char *s = csv_field(row, csv_column(t, column));
	char full[WHEN_TEXT_MAX];

	*out = DESC_NULL;
	if (*s == '\0')
		return true;
	/* A day alone begins at midnight UTC. */
	g_snprintf(full, sizeof(full), "%s%s", s,
	    strlen(s) == 10 ? "T00:00:00Z" : "");
	if (when_parse_rfc3339(full, out))
		return true;
	return fault_set(err, FAULT_INPUT,
	    "Line %d: %s is no day (2026-11-23) and no time "
	    "(2026-11-23T04:10:00Z).", row->line, column);
}

static bool
import_prefix_row(struct db *db, struct import *im, const struct csv_row *row,
    GError **err)
{
	const struct csv *t = &im->csv;
	const char *text = csv_field(row, csv_column(t, "prefix"));
	const char *handle = csv_field(row, csv_column(t, "organisation"));
	struct org_row org, old;
	struct net net;
	const char *cidr;
	int64_t from, to;
	bool found;

	if (!net_parse(text, true, &net))
		return line_fault(err, row,
		    "the prefix is none, or has bits behind its length.");
	cidr = net_text(im->a, &net);
	if (!time_field(t, row, "valid_from", &from, err) ||
	    !time_field(t, row, "valid_to", &to, err))
		return false;
	if (!db_opt(db, im->a, Q_ORGANISATION_BY_HANDLE,
		DB_ARGS(DB_TEXT(handle)), &desc_org_row, &org, &found, err))
		return false;
	if (!found)
		return line_fault(err, row,
		    "there is no member with this handle: import it first.");
	if (!db_opt(db, im->a, Q_PREFIX_FIND,
		DB_ARGS(DB_TEXT(cidr), DB_TIME(from), DB_TIME(to)),
		&desc_org_row, &old, &found, err))
		return false;
	if (found && old.id == org.id) {
		im->same++;
		return true;
	}
	if (found && from == DESC_NULL)
		/* It changes hands now; the past stays with the former. */
		from = when_now();
	g_string_append_printf(im->report, "%c prefix %s %s%s%s\n",
	    found ? '~' : '+', cidr, handle, found ? " was " : "",
	    found ? old.handle : "");
	found ? im->changed++ : im->added++;
	if ((found && !db_exec(db, Q_PREFIX_END,
			  DB_ARGS(DB_TEXT(cidr), DB_TIME(from)), NULL, err)) ||
	    !db_exec(db, Q_PREFIX_ADD,
		DB_ARGS(DB_TEXT(cidr), DB_INT(org.id), DB_TIME(from),
		    DB_TIME(to)),
		NULL, err)) {
		g_prefix_error(err, "Line %d: ", row->line);
		return false;
	}
	return true;
}

static bool
finish(struct db *db, struct import *im, const char *action, GError **err)
{
	const char *sum = arena_printf(im->a,
	    "%u added, %u changed, %u as they were", im->added, im->changed,
	    im->same);

	g_string_append_printf(im->report, "%s%s\n", sum,
	    im->dry_run ? " (nothing was done: dry run)" : "");
	if (!audit_write(db, im->by, action, 0, 0, NULL, NULL, sum, err))
		return false;
	/* RATE stands for "roll back, all is well": see run(). */
	return !im->dry_run || fault_set(err, FAULT_RATE, "dry run");
}

static bool
import_orgs(struct db *db, void *p, GError **err)
{
	struct import *im = p;
	int64_t added, ended;

	g_string_truncate(im->report, 0);
	im->added = im->changed = im->same = 0;
	for (size_t i = 0; i < im->csv.n; i++)
		if (!import_org_row(db, im, &im->csv.rows[i], err))
			return false;
	return roster_sync_contacts(db, im->by, &added, &ended, err) &&
	    finish(db, im, "organisation.import", err);
}

static bool
import_prefixes(struct db *db, void *p, GError **err)
{
	struct import *im = p;

	g_string_truncate(im->report, 0);
	im->added = im->changed = im->same = 0;
	for (size_t i = 0; i < im->csv.n; i++)
		if (!import_prefix_row(db, im, &im->csv.rows[i], err))
			return false;
	return finish(db, im, "prefix.import", err);
}

static bool
run(struct db *db, const struct actor *by, const char *text, size_t len,
    bool dry_run, const char *const *columns,
    bool (*fn)(struct db *, void *, GError **), GString *report, GError **err)
{
	ARENA_AUTO(a, "import");
	struct import im = {.a = a, .by = by, .dry_run = dry_run,
	    .report = report};
	g_autoptr(GError) why = NULL;

	if (!csv_read(a, text, len, &im.csv, err))
		return false;
	for (size_t i = 0; columns[i] != NULL; i++)
		if (csv_column(&im.csv, columns[i]) < 0)
			return fault_set(err, FAULT_INPUT,
			    "The header line lacks the column %s.",
			    columns[i]);
	if (db_tx(db, fn, &im, &why) ||
	    (dry_run && fault_is(why, FAULT_RATE)))
		return true;
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

bool
constituency_import_orgs(struct db *db, const struct actor *by,
    const char *csv, size_t len, bool dry_run, GString *report, GError **err)
{
	static const char *const columns[] = {"handle", "name", NULL};

	return run(db, by, csv, len, dry_run, columns, import_orgs, report,
	    err);
}

bool
constituency_import_prefixes(struct db *db, const struct actor *by,
    const char *csv, size_t len, bool dry_run, GString *report, GError **err)
{
	static const char *const columns[] = {"prefix", "organisation", NULL};

	return run(db, by, csv, len, dry_run, columns, import_prefixes, report,
	    err);
}
