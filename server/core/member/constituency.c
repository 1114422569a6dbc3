/* See constituency.h: look-ups. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "core/member/constituency.h"

DESC_TABLE(constituency_contact, CONSTITUENCY_CONTACT);
DESC_TABLE(constituency_foreign, CONSTITUENCY_FOREIGN);
DESC_TABLE(constituency_found, CONSTITUENCY_FOUND);
DESC_TABLE(constituency_verdict, CONSTITUENCY_VERDICT);

static const char *
outside(const struct constituency_asked *asked)
{
	struct net net;

	if (asked->ip != NULL)
		return net_parse_host(asked->ip, &net) && net_private(&net)
		    ? "a private or special address: give the public one"
		    : "no member holds a prefix with this address";
	return asked->domain != NULL ? "no member has this domain"
				     : "no address to look up";
}

static const char *
reason_of(struct arena *a, const struct constituency_found *f,
    const struct constituency_asked *asked)
{
	const char *basis = f->basis != NULL ? f->basis : "";

	if (strcmp(basis, "prefix") == 0)
		return asked->when == NULL
		    ? arena_printf(a, "%s holds %s", f->organisation,
			  f->prefix)
		    : arena_printf(a, "%s held %s %s", f->organisation,
			  f->prefix, asked->when);
	if (strcmp(basis, "route") == 0)
		return arena_printf(a, "%s, which is ours, announces %s; which "
		    "member it is, is not known", f->what, f->prefix);
	if (strcmp(basis, "registry") == 0)
		return arena_printf(a, "the registry has %s as ours; which "
		    "member it is, is not known", f->what);
	if (strcmp(basis, "domain") == 0)
		return arena_printf(a, "%s is a domain of %s", f->what,
		    f->organisation);
	if (strcmp(basis, "suffix") == 0)
		return arena_printf(a, "names below %s are ours; which member "
		    "it is, is not known", f->what);
	return outside(asked);
}

void
constituency_judge(struct arena *a, const struct constituency_found *f,
    const struct constituency_asked *asked, struct constituency_verdict *out)
{
	const char *reason = reason_of(a, f, asked);

	out->verdict = f->basis == NULL ? "outside"
	    : strcmp(f->basis, "prefix") == 0 || f->verdict == NULL
	    ? "confirmed"
	    : f->verdict;
	out->organisation = f->organisation;
	out->organisation_id = f->organisation_id;
	out->prefix = f->prefix;
	out->reason = f->scanner == DESC_NULL
	    ? reason
	    : arena_printf(a, "%s; authorised scanner of %s: %s", reason,
		  f->scanner_of, f->scanner_reason);
}

/* "www.uni.example": a name of two labels or more, the last with a letter,
 * so that a mistyped address is no name. */
static bool
looks_like_name(const char *s)
{
	const char *dot = strrchr(s, '.');

	return dot != NULL && text_domain_ok(s) && g_ascii_isalpha(dot[1]);
}

static bool
staff_lists(struct db *db, struct arena *a, const char *ip,
    const char *domain, struct constituency_verdict *v, GError **err)
{
	if (v->organisation_id != DESC_NULL)
		return db_list(db, a, Q_CONSTITUENCY_CONTACTS,
			   DB_ARGS(DB_INT(v->organisation_id)),
			   &desc_constituency_contact, &v->contacts, err) &&
		    db_list(db, a, Q_CONSTITUENCY_CONTACT_FOR,
			DB_ARGS(DB_INT(v->organisation_id), DB_TEXT(ip),
			    DB_NULL, DB_NULL),
			&desc_constituency_contact, &v->notify, err);
	if (strcmp(v->verdict, "outside") != 0)
		return true;
	return db_list(db, a, Q_CONSTITUENCY_FOREIGN,
	    DB_ARGS(DB_TEXT(ip), DB_TEXT(domain)),
	    &desc_constituency_foreign, &v->foreign, err);
}

bool
constituency_lookup(struct db *db, struct arena *a, const char *what,
    int64_t at, bool for_staff, struct constituency_verdict *out,
    GError **err)
{
	struct constituency_verdict v = {0};
	struct constituency_found found = {0};
	struct constituency_asked asked = {
	    .when = at != DESC_NULL ? "at that time" : NULL};
	struct net net;

	if (what != NULL && net_parse_host(what, &net))
		asked.ip = net_text(a, &net);
	else if (what != NULL && looks_like_name(what))
		asked.domain = text_lower(a, what);
	else
		return fault_set(err, FAULT_INPUT,
		    "That is not an IP address: write 192.0.2.7 or "
		    "2001:db8::7.");
	if (!db_one(db, a, Q_CONSTITUENCY_AT,
		DB_ARGS(DB_TEXT(asked.ip), DB_TIME(at), DB_TEXT(asked.domain)),
		&desc_constituency_found, &found, err))
		return false;
	constituency_judge(a, &found, &asked, &v);
	if (for_staff && !staff_lists(db, a, asked.ip, asked.domain, &v, err))
		return false;
	*out = v;
	return true;
}
