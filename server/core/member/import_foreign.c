/* Who is responsible for the addresses of others: see import.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/member/import_priv.h"
#include "core/outgoing/address.h"

#define SET_ROW(F, S) F(S, TEXT, what, none)
DESC_PRIVATE(set_row, SET_ROW);

static enum import_kind
kind_of(const struct set_row *row)
{
	return strcmp(row->what, "added") == 0 ? IMPORT_ADDED
	    : strcmp(row->what, "changed") == 0 ? IMPORT_CHANGED
						: IMPORT_UNCHANGED;
}

/* -- the book of other teams, CSV -- */

struct book_row {
	const char *net, *domain, *country; /* one of them or asn */
	int64_t asn;
};

static bool
book_key(struct import *im, const struct csv_row *row, struct book_row *b,
    GError **err)
{
	const char *prefix = import_field(im, row, "prefix");
	const char *asn = import_field(im, row, "asn");
	const char *domain = import_field(im, row, "domain");
	const char *country = import_field(im, row, "country");
	int given = (*prefix != '\0') + (*asn != '\0') + (*domain != '\0') +
	    (*country != '\0');
	struct net net;

	*b = (struct book_row){.asn = DESC_NULL};
	if (given != 1)
		return import_fault(err, row->line,
		    "fill one of prefix, asn, domain and country.");
	if (*prefix != '\0') {
		if (!net_parse(prefix, true, &net))
			return import_fault(err, row->line,
			    "this is no prefix, or has bits behind its "
			    "length.");
		if (net_too_wide(&net))
			return import_fault(err, row->line,
			    "nobody has a net that is wider than /8.");
		b->net = net_text(im->a, &net);
	} else if (*asn != '\0') {
		if (!text_int(text_istarts(asn, "AS") ? asn + 2 : asn, 0,
			UINT32_MAX, &b->asn))
			return import_fault(err, row->line,
			    "the AS is no number.");
	} else if (*domain != '\0') {
		if (!text_domain_ok(domain))
			return import_fault(err, row->line,
			    "this is no domain name.");
		b->domain = text_lower(im->a, domain);
	} else {
		b->country = registry_country(im->a, country);
		if (*b->country == '\0')
			return import_fault(err, row->line,
			    "the country is no code of two letters.");
	}
	return true;
}

static bool
book(struct db *db, struct import *im, const struct csv_row *row,
    GError **err)
{
	const char *name = import_field(im, row, "name");
	const char *email = import_field(im, row, "email");
	const char *lang;
	struct book_row b;
	struct set_row set = {0};

	if (!book_key(im, row, &b, err) || !import_lang(im, row, &lang, err))
		return false;
	if (*name == '\0')
		return import_fault(err, row->line, "the name is missing.");
	if (!text_address_ok(email))
		return import_fault(err, row->line, "this is no mail address.");
	if (address_ours(im->rq->site, email))
		return import_fault(err, row->line, "this is an address of "
		    "this desk.");
	if (!db_one(db, im->a, Q_FOREIGN_CONTACT_SET,
		DB_ARGS(DB_TEXT(b.net), DB_INT(b.asn), DB_TEXT(b.domain),
		    DB_TEXT(b.country), DB_TEXT(name), DB_TEXT(email),
		    DB_TEXT(import_field(im, row, "phone")),
		    DB_TEXT(import_field(im, row, "note")), DB_INT(im->id),
		    DB_TEXT(lang)),
		&desc_set_row, &set, err))
		return false;
	import_say(im, kind_of(&set), row->line, "book %s %s %s",
	    b.net != NULL ? b.net
		: b.asn != DESC_NULL ? arena_printf(im->a, "AS%" PRId64, b.asn)
		: b.domain != NULL ? b.domain : b.country,
	    name, email);
	return true;
}

/* -- what registries say -- */

static bool
net_row(struct db *db, struct import *im, const struct registry_net *n,
    GError **err)
{
	struct net parts[NET_SPLIT_MAX];
	size_t k = net_split(&n->first, &n->last, parts);

	for (size_t i = 0; i < k; i++) {
		const char *net = net_text(im->a, &parts[i]);
		struct set_row set = {0};

		if (!db_one(db, im->a, Q_REGISTRY_NET_SET,
			DB_ARGS(DB_TEXT(net), DB_TEXT(n->source),
			    DB_TEXT(n->object), DB_TEXT(n->netname),
			    DB_TEXT(n->holder), DB_TEXT(n->org),
			    DB_TEXT(n->country), DB_TEXT(n->abuse),
			    DB_TEXTS(n->mnt_by), DB_INT(im->id)),
			&desc_set_row, &set, err))
			return false;
		import_say(im, kind_of(&set), n->line, "net %s %s %s", net,
		    n->netname, *n->abuse != '\0' ? n->abuse
						  : "(no abuse contact)");
	}
	return true;
}

static bool
route_row(struct db *db, struct import *im, const struct registry_route *r,
    GError **err)
{
	const char *net = net_text(im->a, &r->net);
	struct set_row set = {0};

	if (!db_one(db, im->a, Q_ROUTE_ORIGIN_SET,
		DB_ARGS(DB_TEXT(net), DB_INT(r->asn), DB_TEXT(r->source),
		    DB_INT(im->id)),
		&desc_set_row, &set, err))
		return false;
	import_say(im, kind_of(&set), r->line, "route %s AS%" PRId64, net,
	    r->asn);
	return true;
}

/* What this file's sources said in earlier files and say no more. */
static bool
forget(struct db *db, struct import *im, GError **err)
{
	static const enum db_query queries[] = {Q_REGISTRY_NET_FORGET,
	    Q_ROUTE_ORIGIN_FORGET, Q_FOREIGN_CONTACT_FORGET};
	static const char *const words[] = {"nets", "routes",
	    "entries of the book"};

	for (size_t i = 0; i < COUNT_OF(queries); i++) {
		int64_t n = 0;

		/* A CSV file is the book, the others are registries. */
		if (im->is_csv != (i == 2))
			continue;
		if (!db_exec(db, queries[i], DB_ARGS(DB_INT(im->id)), &n, err))
			return false;
		if (n == 0)
			continue;
		import_say(im, IMPORT_ENDED, 0,
		    "%" PRId64 " %s are not in the file", n, words[i]);
		im->out->ended += n - 1;
	}
	return true;
}

bool
import_foreign(struct db *db, struct import *im, GError **err)
{
	if (im->is_csv && (!import_needs(im, "name", err) ||
			      !import_needs(im, "email", err)))
		return false;
	for (size_t i = 0; i < im->csv.n; i++)
		if (!book(db, im, &im->csv.rows[i], err))
			return false;
	for (size_t i = 0; i < im->registry.n_nets; i++)
		if (!net_row(db, im, &im->registry.nets[i], err))
			return false;
	for (size_t i = 0; i < im->registry.n_routes; i++)
		if (!route_row(db, im, &im->registry.routes[i], err))
			return false;
	return !im->rq->complete || forget(db, im, err);
}
