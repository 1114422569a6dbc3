/*
 * Letters and logs in plain text: which addresses are accused, when, of
 * what (read.h).  Every line is looked at once; each address gets votes by
 * the roles it plays (blame.c), and the decision falls at the end:
 *
 *   accused ("from x", "source: x", "x has attacked", in the subject),
 *   else labelled ("IP: x"), with addresses alone on a line (lists),
 *   else labelled by a word that may mean anybody,
 *   else every address that is nobody's target.
 *
 * Facts of a log line go to the address of that line, labelled facts
 * ("Destination port: 22") to the last accused one or, when they come
 * first, to all.
 */
#include "base/base.h"
#include "inspect/plain.h"

#include "base/net.h"
#include "inspect/feed.h"
#include "mail/charset.h"

enum { ROW_MAX = 300 };

static bool
chosen(const struct suspect *s, int level)
{
	int source = s->source;

	/* the subject names it, the letter says that it suffers */
	if (s->subject == source && s->target > 1 && s->label == 0)
		source = 0;
	if (s->target > source + s->label)
		return false;
	switch (level) {
	case 0:
		return s->source > 0 || (s->list > 0 && s->target == 0);
	case 1:
		return s->label > 0 || s->list > 0;
	case 2:
		return s->weak > 0;
	default:
		return true;
	}
}

static bool
private_ip(const char *ip)
{
	struct net n;

	return net_parse(ip, false, &n) && net_private(&n) &&
	    !net_documentation(&n);
}

/* "your network 192.0.2.0/24" beside a host of it is only where it is. */
static bool
only_around(const struct suspect *s, const GPtrArray *take)
{
	struct net prefix, host;

	if (!s->cidr || !net_parse(s->ip, false, &prefix))
		return false;
	for (guint i = 0; i < take->len; i++) {
		const struct suspect *x = take->pdata[i];

		if (x != s && !x->cidr && net_parse(x->ip, false, &host) &&
		    net_contains(&prefix, &host))
			return true;
	}
	return false;
}

/* "from your network 192.0.2.0/24: 192.0.2.5 and 192.0.2.9" */
static void
add_hosts(struct plain *p, GPtrArray *take)
{
	guint n = take->len;

	for (guint i = 0; i < n; i++) {
		const struct suspect *s = take->pdata[i];
		struct net prefix, host;

		if (!s->cidr || !net_parse(s->ip, false, &prefix))
			continue;
		for (guint k = 0; k < p->list->len; k++) {
			struct suspect *x = p->list->pdata[k];

			if (!x->cidr && x->target == 0 &&
			    net_parse(x->ip, false, &host) &&
			    net_contains(&prefix, &host) &&
			    !g_ptr_array_find(take, x, NULL))
				g_ptr_array_add(take, x);
		}
	}
}

static void
emit(struct plain *p, const struct suspect *s, size_t total)
{
	struct reading *r = p->r;
	struct inspect_event *e = read_event(r, s->part);
	struct facts f = s->facts;

	facts_merge(&f, &p->before);
	e->source_ip = s->ip;
	e->destination_ip = f.target;
	e->source_port = f.source_port;
	e->destination_port = f.target_port;
	e->protocol = f.protocol;
	e->malware = f.malware;
	e->url = f.url;
	e->count = f.count != DESC_NULL ? f.count :
	    s->lines > 1 ? s->lines : DESC_NULL;
	e->cve = p->cves == 1 ? p->cve : NULL;
	e->reporter_ref = r->out->their_ref;
	/* "Port: 51413" of a notice is where the sharer listens */
	if (p->type != NULL && strcmp(p->type, "fraud/copyright") == 0 &&
	    e->source_port == DESC_NULL) {
		e->source_port = e->destination_port;
		e->destination_port = DESC_NULL;
		e->destination_ip = NULL;
	}
	if (s->list > 0 && s->heading != NULL)
		e->type = classify_text(s->heading, NULL);
	/* of several, each says its own */
	if (e->type == NULL && (total > 1 || p->type == NULL))
		e->type = s->facts.type != NULL ? s->facts.type : s->type;
	if (s->timed && !s->first.zone && p->doc_timed && p->doc.zone &&
	    plain_same_clock(&s->first, &p->doc))
		plain_time(p, &p->doc, p->doc_given, e);
	else if (s->timed)
		plain_time(p, &s->first, s->time_given, e);
	else if (p->doc_timed && (total == 1 || p->doc_times == 1))
		plain_time(p, &p->doc, p->doc_given, e);
	if (s->timed && s->lines > 1 &&
	    strcmp(s->last_given, s->time_given) != 0)
		read_extra(r->a, e, "end", s->last_given);
	if (e->url == NULL && total == 1 && p->urls->len > 0) {
		const struct scan_hit *h = p->urls->pdata[0];

		e->url = h->value;
	}
	if (e->url != NULL)
		for (guint i = 0; i < p->urls->len; i++) {
			const struct scan_hit *h = p->urls->pdata[i];

			if (strcmp(h->value, e->url) == 0 &&
			    strchr(h->host, ':') == NULL &&
			    !g_ascii_isdigit(h->host[strlen(h->host) - 1]))
				e->domain = h->host;
		}
}

/* Reports about pages: one event a host, when no address is accused. */
static void
emit_urls(struct plain *p)
{
	for (guint i = 0; i < p->urls->len; i++) {
		const struct scan_hit *h = p->urls->pdata[i];
		struct inspect_event *e;
		struct net n;
		bool known = false;

		for (guint k = 0; k < i; k++)
			known |= strcmp(((struct scan_hit *)p->urls->pdata[k])
			    ->host, h->host) == 0;
		if (known)
			continue;
		e = read_event(p->r, p->part);
		e->url = h->value;
		if (net_parse_host(h->host, &n))
			e->source_ip = net_text(p->r->a, &n);
		else
			e->domain = h->host;
		e->cve = p->cves == 1 ? p->cve : NULL;
		e->reporter_ref = p->r->out->their_ref;
		if (p->doc_timed)
			plain_time(p, &p->doc, p->doc_given, e);
	}
}

/* "C&C server: x" beside an infected host is whom it called. */
static void
drop_c2(struct plain *p, GPtrArray *take)
{
	const char *c2 = NULL;
	guint others = 0;

	if (p->type == NULL || strcmp(p->type, "malicious-code/c2-server") == 0)
		return;
	for (guint i = 0; i < take->len; i++)
		others += !((struct suspect *)take->pdata[i])->c2;
	for (guint i = 0; others > 0 && i < p->list->len; i++) {
		struct suspect *s = p->list->pdata[i];

		if (s->c2 && s->source == 0) {
			c2 = s->ip;
			g_ptr_array_remove(take, s);
		}
	}
	if (c2 != NULL && take->len == 1) {
		struct suspect *s = take->pdata[0];

		if (s->facts.target == NULL)
			s->facts.target = c2;
	}
}

/* A spam report that shows by which way it came, and nothing else. */
static void
emit_route(struct plain *p)
{
	struct inspect_event *e;
	struct hop hop;

	if (!received_hop(p->r->a, p->route, &hop) || hop.ip == NULL)
		return;
	e = read_event(p->r, p->part);
	e->source_ip = hop.ip;
	e->source_port = hop.port;
	e->time_given = read_field(p->r->a, hop.date);
	e->time = hop.zone ? hop.time : DESC_NULL;
	e->zone = hop.zone ? "given" : "unknown";
	e->reporter_ref = p->r->out->their_ref;
}

/* Whom a leak or an infection harmed is what such a report is about. */
static bool
about_victims(const char *type)
{
	static const char *const types[] = {
	    "information-content-security/data-leak",
	    "intrusions/unprivileged-account-compromise",
	    "malicious-code/infected-system", "intrusions/system-compromise",
	    "intrusions/application-compromise"};

	for (size_t i = 0; type != NULL && i < COUNT_OF(types); i++)
		if (strcmp(types[i], type) == 0)
			return true;
	return false;
}

/* What pages are reported for. */
static bool
about_pages(const char *type)
{
	static const char *const types[] = {"fraud/", "vulnerable/",
	    "malicious-code/malware-distribution",
	    "intrusions/application-compromise",
	    "information-content-security/"};

	for (size_t i = 0; type != NULL && i < COUNT_OF(types); i++)
		if (g_str_has_prefix(type, types[i]))
			return true;
	return false;
}

/* Of a weak point it is the affected system that the letter is about, not
 * from where it was looked for. */
static void
only_affected(struct plain *p, GPtrArray *take)
{
	bool some = false;

	if (p->type == NULL || !g_str_has_prefix(p->type, "vulnerable/"))
		return;
	for (guint i = 0; i < p->list->len; i++)
		some |= ((struct suspect *)p->list->pdata[i])->affected;
	if (!some)
		return;
	g_ptr_array_set_size(take, 0);
	for (guint i = 0; i < p->list->len; i++) {
		struct suspect *s = p->list->pdata[i];

		if (s->affected || s->subject > 0)
			g_ptr_array_add(take, s);
	}
}

/* "192.0.2.1 failed logins", "192.0.2.2 port scan": of several, each row may
 * tell its own.  Whoever looks for weak points scans. */
static void
type_rows(struct plain *p, GPtrArray *take)
{
	const char *first = NULL;
	bool differ = false;

	for (guint i = 0; take->len > 1 && i < take->len; i++) {
		struct suspect *s = take->pdata[i];

		s->type = s->row == NULL || s->row_n > ROW_MAX ? NULL :
			classify_text(NULL, arena_strndup(p->r->a, s->row,
			    s->row_n));
		if (s->type != NULL && g_str_has_prefix(s->type, "vulnerable/"))
			s->type = p->type != NULL &&
				g_str_has_prefix(p->type, "vulnerable/") ?
				NULL : "information-gathering/scanner";
		differ |= first != NULL && s->type != NULL &&
		    strcmp(first, s->type) != 0;
		first = first != NULL ? first : s->type;
	}
	for (guint i = 0; !differ && i < take->len; i++)
		((struct suspect *)take->pdata[i])->type = NULL;
}

static void
decide(struct plain *p)
{
	struct reading *r = p->r;
	struct told w = classify_letter(r->out->subject, p->words->str);
	const char *type = p->type = w.type;
	guint first = r->events->len;
	GPtrArray *take = arena_ptr_array(r->a);
	bool public_too = false;

	if (!p->doc_timed && p->made_given != NULL) {
		p->doc = p->made;
		p->doc_given = p->made_given;
		p->doc_timed = true;
		p->doc_times = 1;
	}
	if (plain_silent(p, &w))
		return;
	/* a number of a CVE, and no word of an attack */
	if (type == NULL && p->cve != NULL)
		type = p->type = "vulnerable/vulnerable-system";
	/* "your report about x was passed on": a machine that answers, or has
	 * nothing to tell, accuses nobody by the way */
	for (int level = 0; level < (r->out->robot && (plain_is_reply(r) ||
		type == NULL) ? 3 : 4) && take->len == 0; level++) {
		bool accused = false;

		/* lists alone are level 1, unless somebody is accused; nobody
		 * accuses a network by the way */
		for (guint i = 0; i < p->list->len; i++)
			accused |= ((struct suspect *)p->list->pdata[i])
			    ->source > 0;
		if (level == 0 && !accused)
			continue;
		for (guint i = 0; i < p->list->len; i++)
			if (chosen(p->list->pdata[i], level) &&
			    (level < 3 || w.speaks ||
				!((struct suspect *)p->list->pdata[i])->cidr))
				g_ptr_array_add(take, p->list->pdata[i]);
	}
	if (take->len == 0 && p->route != NULL && type != NULL &&
	    strcmp(type, "abusive-content/spam") == 0)
		emit_route(p);
	/* who writes is the victim, and names his host first */
	for (guint i = 0; take->len == 0 && i < p->list->len &&
	     about_victims(type); i++)
		if (!((struct suspect *)p->list->pdata[i])->called)
			g_ptr_array_add(take, p->list->pdata[i]);
	only_affected(p, take);
	add_hosts(p, take);
	drop_c2(p, take);
	type_rows(p, take);
	for (guint i = 0; i < take->len; i++)
		public_too |= !private_ip(
		    ((struct suspect *)take->pdata[i])->ip);
	for (guint i = 0; i < take->len; i++) {
		struct suspect *s = take->pdata[i];

		/* an inside address beside outside ones is a detail */
		if ((!public_too || !private_ip(s->ip)) &&
		    !only_around(s, take))
			emit(p, s, take->len);
	}
	/* "on our web site": who writes may well be the victim */
	if (take->len == 0 && p->urls->len == 0 && p->own_url != NULL &&
	    about_pages(type))
		g_ptr_array_add(p->urls, p->own_url);
	if (take->len == 0 && (r->out->subject == NULL ||
		type != NULL || p->urls->len == 1))
		emit_urls(p);
	for (guint i = first; i < r->events->len; i++) {
		struct inspect_event *e = r->events->pdata[i];

		if (e->type == NULL)
			e->type = type;
		/* it is what runs there that was broken into */
		if (e->source_ip == NULL && e->type != NULL &&
		    strcmp(e->type, "intrusions/system-compromise") == 0)
			e->type = "intrusions/application-compromise";
	}
}

/* By the subject. */
static void
accuse(struct plain *p, const char *ip, bool cidr, enum blame role)
{
	struct suspect *x = plain_suspect(p, ip);

	x->cidr = cidr;
	if (role == BLAME_TARGET) {
		x->target++;
	} else {
		x->source += 3;
		x->subject += 3;
		x->part = p->r->human_part;
	}
}

static void
start(struct plain *p, struct reading *r)
{
	*p = (struct plain){.r = r, .before = NO_FACTS, .para = (char *)""};
	p->list = arena_ptr_array(r->a);
	p->urls = arena_ptr_array(r->a);
	p->words = arena_gstring(r->a);
	p->by_ip = g_hash_table_new(g_str_hash, g_str_equal);
	/* the subject accuses */
	if (r->out->subject != NULL) {
		const char *s = r->out->subject;
		struct line l = {s, strlen(s), LINE_TEXT};
		const char *pieces[RANGE_PIECES_MAX];
		struct scan_hit hits[8];
		size_t pos = 0, n = 0;

		/* "Port scans (times CET)" */
		if (strstr(s, "time") != NULL || strstr(s, "Time") != NULL)
			plain_zone(p, &l);
		while (n < COUNT_OF(hits) &&
		    scan_next(r->a, s, l.n, &pos, &hits[n]))
			n += hits[n].kind <= SCAN_CIDR;
		for (size_t i = 0; i < n; i++) {
			struct scan_hit *h = &hits[i];
			enum blame role = blame_of(r->a, &l, h, "");
			size_t k = hit_range(r->a, &l, h,
			    i + 1 < n ? h + 1 : NULL, pieces);

			if (k == 0)
				pieces[k++] = h->value;
			else
				i += h->last == DESC_NULL;
			for (size_t j = 0; j < k; j++)
				accuse(p, pieces[j], h->kind == SCAN_CIDR,
				    role);
		}
	}
}

void
plain_text(struct reading *r, const char *text, const char *part)
{
	struct plain p;

	start(&p, r);
	witness_text(&p, text, part);
	decide(&p);
	g_hash_table_unref(p.by_ip);
}

/* Logs, and lists and tables that no other reader took. */
static bool
is_log(const struct mail_part *x)
{
	static const char *const types[] = {"text/plain", "text/csv",
	    "application/json", "application/x-ndjson"};
	static const char *const ends[] = {".log", ".txt", ".csv", ".json",
	    ".jsonl", ".ndjson"};

	for (size_t i = 0; i < COUNT_OF(types); i++)
		if (strcmp(x->type, types[i]) == 0)
			return true;
	/* a type of its own says that it is something else */
	if (!g_str_has_prefix(x->type, "text/") &&
	    strcmp(x->type, "application/octet-stream") != 0)
		return false;
	for (size_t i = 0; x->filename != NULL && i < COUNT_OF(ends); i++)
		if (text_iends(x->filename, ends[i]))
			return true;
	return false;
}

static const char *
log_text(struct reading *r, struct mail_part *x)
{
	const char *s;
	size_t n;

	if (g_str_has_prefix(x->type, "text/"))
		return mail_text(r->m, x, NULL);
	s = mail_bytes(r->m, x, &n);
	return charset_to_utf8(r->a, s, MIN(n, MAIL_TEXT_MAX), NULL, NULL,
	    &n);
}

/* Logs that were packed. */
static void
hear_packed(struct plain *p)
{
	struct reading *r = p->r;
	const struct feeds *x = feeds_of(r);

	for (guint i = 0; i < x->packed->len; i++) {
		const struct packed_text *t = x->packed->pdata[i];

		if (!read_nested(r, t->part) && strcmp(t->type, "text/xml") != 0 &&
		    !read_muted(r, r->m->parts[t->part].path))
			witness_text(p, text_cut(r->a, t->text, MAIL_TEXT_MAX),
			    t->path);
	}
}

void
plain_read(struct reading *r)
{
	struct plain p;
	struct stamp st;
	struct hop hop;
	guint named;

	start(&p, r);
	named = p.list->len; /* by the subject */
	witness_text(&p, r->human, r->human_part);
	if (r->human_parts == 1)
		g_ptr_array_add(r->heard, (char *)r->human_part);
	/* logs that came as attachments */
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *x = &r->m->parts[i];

		if (x->kind != MAIL_LEAF || read_nested(r, i) ||
		    read_muted(r, x->path) ||
		    (x->filename == NULL && x->disposition == NULL) ||
		    !is_log(x) || (r->human_part != NULL &&
			strcmp(x->path, r->human_part) == 0))
			continue;
		witness_text(&p, log_text(r, x), x->path);
		g_ptr_array_add(r->heard, (char *)x->path);
	}
	hear_packed(&p);
	/* an alternative whose plain text only says "see the HTML" */
	if (p.list->len == named && p.urls->len == 0)
		for (size_t i = 0; i < r->m->n; i++) {
			struct mail_part *x = &r->m->parts[i];

			if (x->kind != MAIL_LEAF || read_nested(r, i) ||
			    strcmp(x->type, "text/html") != 0 ||
			    (r->human_part != NULL &&
				strcmp(x->path, r->human_part) == 0))
				continue;
			witness_text(&p, read_html(r, x), x->path);
		}
	/* the way of a mail is all there is */
	if (p.list->len == named && forward_pasted_hop(r, &hop)) {
		struct suspect *x = plain_suspect(&p, hop.ip);

		x->source++;
		x->part = r->human_part;
		if (hop.date != NULL && stamp_at(hop.date,
			hop.date + strlen(hop.date), &st))
			plain_seen(x, &st, read_field(r->a, hop.date));
	}
	/* logs that were quoted, in a mail that answers nothing */
	if (p.list->len == named && !plain_is_reply(r)) {
		p.quotes = true;
		witness_text(&p, r->human, r->human_part);
	}
	decide(&p);
	g_hash_table_unref(p.by_ip);
}
