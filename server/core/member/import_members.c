/* Members with domains, contacts and their names in registries: import.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/list/roster.h"
#include "core/member/constituency.h"
#include "core/member/import_priv.h"

#define ORG_ROW(F, S)                                                         \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, handle, none)                                              \
	F(S, TEXT, name, none)                                                \
	F(S, TEXT, lang, none)
DESC_PRIVATE(org_row, ORG_ROW);

struct contact_given {
	const char *email, *name, *role, *phone;
};

static bool
set_contact(struct db *db, struct import *im, int line,
    const struct org_row *org, struct contact_given c, GError **err)
{
	struct constituency_contact old = {0};
	bool found;

	if (*c.email == '\0')
		return true;
	if (!text_address_ok(c.email))
		return import_fault(err, line,
		    "the contact's address is no mail address.");
	if (*c.role == '\0')
		c.role = "security";
	if (!db_opt(db, im->a, Q_CONTACT_FIND,
		DB_ARGS(DB_INT(org->id), DB_TEXT(c.role), DB_TEXT(c.email)),
		&desc_constituency_contact, &old, &found, err))
		return false;
	if (found && strcmp(old.name, c.name) == 0 &&
	    strcmp(old.phone, c.phone) == 0) {
		import_say(im, IMPORT_UNCHANGED, line, "contact");
		return true;
	}
	import_say(im, found ? IMPORT_CHANGED : IMPORT_ADDED, line,
	    "contact %s %s %s", org->handle, c.role, c.email);
	if (!db_exec(db, Q_CONTACT_SET,
		DB_ARGS(DB_INT(org->id), DB_TEXT(c.role), DB_TEXT(c.name),
		    DB_TEXT(c.email), DB_TEXT(c.phone)),
		NULL, err)) {
		g_prefix_error(err, "Line %d: ", line);
		return false;
	}
	return true;
}

static bool
set_domain(struct db *db, struct import *im, int line,
    const struct org_row *org, const char *domain, GError **err)
{
	struct org_row old = {0};
	bool found;

	if (*domain == '\0')
		return true;
	if (!text_domain_ok(domain))
		return import_fault(err, line, "this is no domain name.");
	if (!db_opt(db, im->a, Q_ORGANISATION_DOMAIN_OF,
		DB_ARGS(DB_TEXT(domain)), &desc_org_row, &old, &found, err))
		return false;
	if (found && old.id == org->id)
		return true;
	import_say(im, found ? IMPORT_CHANGED : IMPORT_ADDED, line,
	    "domain %s %s%s%s", org->handle, domain, found ? " was " : "",
	    found ? old.handle : "");
	return db_exec(db, Q_ORGANISATION_DOMAIN_SET,
	    DB_ARGS(DB_TEXT(domain), DB_INT(org->id)), NULL, err);
}

static bool
set_alias(struct db *db, struct import *im, int line,
    const struct org_row *org, const char *kind, const char *value,
    GError **err)
{
	const struct import_owner *old;
	const char *upper;

	if (*value == '\0')
		return true;
	upper = registry_upper(im->a, value);
	old = import_owner_of(im, kind, upper);
	if (old != NULL && old->id == org->id)
		return true;
	import_say(im, old != NULL ? IMPORT_CHANGED : IMPORT_ADDED, line,
	    "%s %s %s%s%s", strcmp(kind, "org") == 0 ? "registry handle"
						     : "netname",
	    org->handle, upper, old != NULL ? " was " : "",
	    old != NULL ? old->handle : "");
	return db_exec(db, Q_ORGANISATION_ALIAS_SET,
	    DB_ARGS(DB_TEXT(kind), DB_TEXT(upper), DB_INT(org->id)), NULL,
	    err);
}

static bool
set_org(struct db *db, struct import *im, int line, const char *handle,
    const char *name, const char *lang, bool found, const struct org_row *old,
    struct org_row *now, GError **err)
{
	if (found && lang != NULL && strcmp(old->lang, lang) != 0)
		import_say(im, IMPORT_CHANGED, line,
		    "language %s %s was %s", handle, lang, old->lang);
	if (!found || strcmp(old->name, name) != 0)
		import_say(im, found ? IMPORT_CHANGED : IMPORT_ADDED, line,
		    "member %s %s", handle, name);
	else
		import_say(im, IMPORT_UNCHANGED, line, "member");
	if (db_one(db, im->a, Q_ORGANISATION_UPSERT,
		DB_ARGS(DB_TEXT(handle), DB_TEXT(name), DB_TEXT(lang)),
		&desc_org_row, now, err))
		return true;
	g_prefix_error(err, "Line %d: ", line);
	return false;
}

static bool
csv_row(struct db *db, struct import *im, const struct csv_row *row,
    GError **err)
{
	const char *handle = import_field(im, row, "handle");
	const char *name = import_field(im, row, "name");
	struct contact_given contact = {
	    .email = import_field(im, row, "contact_email"),
	    .name = import_field(im, row, "contact_name"),
	    .role = import_field(im, row, "contact_role"),
	    .phone = import_field(im, row, "contact_phone"),
	};
	struct org_row old = {0}, org = {0};
	const char *lang;
	bool found;

	if (*handle == '\0')
		return import_fault(err, row->line, "the handle is missing.");
	if (!import_lang(im, row, &lang, err) ||
	    !db_opt(db, im->a, Q_ORGANISATION_IMPORTED,
		DB_ARGS(DB_TEXT(handle)), &desc_org_row, &old, &found, err))
		return false;
	if (*name == '\0') {
		/* A further line of a member needs its handle only. */
		if (!found) {
			import_refuse(im, IMPORT_ORPHAN, row->line,
			    "Line %d: %s%sthere is no member %s, and the line "
			    "has no name for one", row->line, contact.email,
			    *contact.email != '\0' ? ": " : "", handle);
			return true;
		}
		name = old.name;
	}
	return set_org(db, im, row->line, handle, name, lang, found, &old,
		   &org, err) &&
	    set_domain(db, im, row->line, &org,
		import_field(im, row, "domain"), err) &&
	    set_alias(db, im, row->line, &org, "org",
		import_field(im, row, "registry_org"), err) &&
	    set_alias(db, im, row->line, &org, "netname",
		import_field(im, row, "netname"), err) &&
	    set_contact(db, im, row->line, &org, contact, err);
}

/* "ORG-UNI1-RIPE" -> "org-uni1-ripe" */
static const char *
our_handle(struct arena *a, const char *registry_handle)
{
	char *s = text_lower(a, registry_handle);

	for (char *p = s; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p))
			*p = '-';
	while (*s == '-')
		s++;
	return s;
}

static bool
registry_row(struct db *db, struct import *im, const struct registry_org *o,
    GError **err)
{
	const struct import_owner *known =
	    import_owner_of(im, "org", o->handle);
	const char *handle =
	    known != NULL ? known->handle : our_handle(im->a, o->handle);
	struct org_row old = {0}, org = {0};
	bool found;

	if (*handle == '\0') {
		import_refuse(im, IMPORT_ORPHAN, o->line,
		    "%s: its handle makes none of ours", o->name);
		return true;
	}
	if (!db_opt(db, im->a, Q_ORGANISATION_IMPORTED,
		DB_ARGS(DB_TEXT(handle)), &desc_org_row, &old, &found, err))
		return false;
	return set_org(db, im, o->line, handle, o->name, NULL, found, &old,
		   &org, err) &&
	    set_alias(db, im, o->line, &org, "org", o->handle, err) &&
	    set_contact(db, im, o->line, &org,
		(struct contact_given){o->abuse, "", "security", o->phone},
		err);
}

static bool
without_contact(struct db *db, struct import *im, GError **err)
{
	struct list rows;

	if (!db_list(db, im->a, Q_ORGANISATION_WITHOUT_CONTACT, DB_NONE,
		&desc_org_row, &rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct org_row *o = LIST_AT(org_row, rows, i);

		import_say(im, IMPORT_ORPHAN, 0,
		    "member %s %s has no contact for notices", o->handle,
		    o->name);
	}
	return true;
}

bool
import_members(struct db *db, struct import *im, GError **err)
{
	int64_t added, ended;

	if (im->is_csv && (!import_needs(im, "handle", err) ||
			      !import_needs(im, "name", err)))
		return false;
	if (!import_read_owners(db, im, err))
		return false;
	for (size_t i = 0; i < im->csv.n; i++)
		if (!csv_row(db, im, &im->csv.rows[i], err))
			return false;
	for (size_t i = 0; i < im->registry.n_orgs; i++)
		if (!registry_row(db, im, &im->registry.orgs[i], err))
			return false;
	return without_contact(db, im, err) &&
	    roster_sync_contacts(db, im->by, &added, &ended, err);
}
