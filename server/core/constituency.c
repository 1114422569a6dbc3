/* See constituency.h: look-ups.  Imports are in constituency_import.c. */
#include "base/base.h"
#include "base/net.h"
#include "core/constituency.h"

DESC_TABLE(constituency_contact, CONSTITUENCY_CONTACT);
DESC_TABLE(constituency_verdict, CONSTITUENCY_VERDICT);

bool
constituency_lookup(struct db *db, struct arena *a, const char *ip,
    int64_t at, bool with_contacts, struct constituency_verdict *out,
    GError **err)
{
	struct constituency_verdict v = {0};
	struct net net;
	const char *canonical;

	if (ip == NULL || !net_parse_host(ip, &net))
		return fault_set(err, FAULT_INPUT,
		    "That is not an IP address: write 192.0.2.7 or "
		    "2001:db8::7.");
	canonical = net_text(a, &net);
	if (!db_one(db, a, Q_CONSTITUENCY_AT,
		DB_ARGS(DB_TEXT(canonical), DB_TIME(at)),
		&desc_constituency_verdict, &v, err))
		return false;
	if (v.organisation != NULL) {
		v.verdict = "confirmed";
		v.reason = arena_printf(a, "%s %s %s", v.organisation,
		    at == DESC_NULL ? "holds" : "held at that time", v.prefix);
	} else {
		v.verdict = "outside";
		v.reason = net_private(&net)
		    ? "a private or special address: give the public one"
		    : "no member holds a prefix with this address";
	}
	if (with_contacts && v.organisation_id != DESC_NULL &&
	    !db_list(db, a, Q_CONSTITUENCY_CONTACTS,
		DB_ARGS(DB_INT(v.organisation_id)),
		&desc_constituency_contact, &v.contacts, err))
		return false;
	*out = v;
	return true;
}
