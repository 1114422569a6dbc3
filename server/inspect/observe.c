/*
 * Observables: every address, URL, name, hash and CVE id that stands
 * anywhere in a text of the message, with where it was first seen.  What
 * of it is a source is for the readers of formats to say, not for here.
 */
#include "base/base.h"
#include "inspect/read.h"

guint
observe_hash(const void *p)
{
	const struct inspect_observable *o = p;

	return g_str_hash(o->value) ^ (guint)(*o->kind << 8 ^ o->kind[1]);
}

gboolean
observe_equal(const void *a, const void *b)
{
	const struct inspect_observable *x = a, *y = b;

	return strcmp(x->value, y->value) == 0 && strcmp(x->kind, y->kind) == 0;
}

/* value is fit for a field. */
static void
add_clean(struct reading *r, const char *kind, const char *value,
    const char *part)
{
	struct inspect_observable *o, wanted = {kind, value, part};

	if (r->observables->len >= INSPECT_OBSERVABLES_MAX ||
	    g_hash_table_contains(r->seen, &wanted))
		return;
	o = arena_memdup(r->a, &wanted, sizeof(wanted));
	g_hash_table_add(r->seen, o);
	g_ptr_array_add(r->observables, o);
}

void
observe_add(struct reading *r, const char *kind, const char *value,
    const char *part)
{
	value = read_field(r->a, value);
	if (value != NULL)
		add_clean(r, kind, value, part);
}

/* What scan.c makes itself needs no repair: it has no blanks and is short. */
static bool
is_plain(enum scan_kind kind)
{
	return kind <= SCAN_CIDR || kind == SCAN_HASH || kind == SCAN_CVE ||
	    kind == SCAN_ASN;
}

static bool
domain_like(const char *s)
{
	return strchr(s, '.') != NULL && strchr(s, ':') == NULL &&
	    !g_ascii_isdigit(s[strlen(s) - 1]);
}

void
observe_hit(struct reading *r, const struct scan_hit *hit, const char *part)
{
	if (is_plain(hit->kind))
		add_clean(r, scan_kind_name(hit->kind), hit->value, part);
	else
		observe_add(r, scan_kind_name(hit->kind), hit->value, part);
	if (hit->host == NULL)
		return;
	if (domain_like(hit->host)) {
		observe_add(r, "domain", hit->host, part);
	} else if (hit->kind == SCAN_URL) {
		const char *const *ip = scan_addresses(r->a, hit->host, 1);

		if (ip[0] != NULL)
			observe_add(r, strchr(ip[0], ':') != NULL ? "ipv6" :
			    "ipv4", ip[0], part);
	}
}

void
observe_text(struct reading *r, const char *text, size_t len,
    const char *part)
{
	struct scan_hit hit;
	size_t pos = 0;

	while (r->observables->len < INSPECT_OBSERVABLES_MAX &&
	    scan_next(r->a, text, len, &pos, &hit))
		observe_hit(r, &hit, part);
}

static bool
heard(const struct reading *r, const char *path)
{
	for (guint i = 0; i < r->heard->len; i++)
		if (strcmp(r->heard->pdata[i], path) == 0)
			return true;
	return false;
}

/* Hosts on the way of the mail are observables too. */
static void
observe_route(struct reading *r, const struct mail_headers *h,
    const char *part)
{
	struct mail_header *f = NULL;

	for (int i = 0; i < 60 &&
	    (f = mail_header_next(h, f, "Received")) != NULL; i++) {
		struct hop hop;

		if (received_hop(r->a, mail_header_text(r->a, f), &hop) &&
		    hop.ip != NULL)
			observe_add(r, strchr(hop.ip, ':') != NULL ? "ipv6" :
			    "ipv4", hop.ip, part);
	}
}

void
observe_all(struct reading *r)
{
	for (guint i = 0; i < r->events->len; i++) {
		const struct inspect_event *e = r->events->pdata[i];
		const char *ips[] = {e->source_ip, e->destination_ip};

		for (size_t k = 0; k < COUNT_OF(ips); k++)
			if (ips[k] != NULL)
				observe_add(r, strchr(ips[k], '/') != NULL ?
				    "cidr" : strchr(ips[k], ':') != NULL ?
				    "ipv6" : "ipv4", ips[k], e->evidence_part);
		if (e->url != NULL)
			observe_add(r, "url", e->url, e->evidence_part);
		if (e->domain != NULL)
			observe_add(r, "domain", e->domain, e->evidence_part);
		if (e->cve != NULL)
			observe_add(r, "cve", e->cve, e->evidence_part);
	}
	if (r->out->subject != NULL)
		observe_text(r, r->out->subject, strlen(r->out->subject),
		    NULL);
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *s;
		size_t n;

		if (p->kind == MAIL_MESSAGE) {
			observe_route(r, &p->message, p->path);
			s = mail_get(r->a, &p->message, "X-Originating-IP");
			if (s != NULL)
				observe_text(r, s, strlen(s), p->path);
			continue;
		}
		if (p->kind != MAIL_LEAF || heard(r, p->path) ||
		    (!g_str_has_prefix(p->type, "text/") &&
			!g_str_has_prefix(p->type, "message/") &&
			!text_iends(p->type, "json") &&
			!text_iends(p->type, "xml")))
			continue;
		s = mail_text(r->m, p, &n);
		if (strcmp(p->type, "text/html") == 0) {
			s = read_html(r, p);
			n = strlen(s);
		} else if (text_ieq(mail_param(&p->params, "format"),
			       "flowed")) {
			s = mail_unflow(r->a, s, text_ieq(
			    mail_param(&p->params, "delsp"), "yes"));
			n = strlen(s);
		}
		observe_text(r, s, n, p->path);
	}
}
