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
#include "inspect/letter/plain.h"

#include "base/net.h"
#include "inspect/feed/feed.h"
#include "mail/charset.h"

static void
hop_time(struct arena *a, const struct hop *hop, struct inspect_event *e)
{
	e->time_given = read_field(a, hop->date);
	e->time = hop->zone ? hop->time : DESC_NULL;
	e->zone = hop->zone ? "given" : "unknown";
}

/* When the only Received line of the letter saw the address. */
static void
route_time(struct plain *p, struct inspect_event *e)
{
	struct hop hop;

	if (p->route == NULL || !received_hop(p->r->a, p->route, &hop) ||
	    hop.ip == NULL || strcmp(hop.ip, e->source_ip) != 0)
		return;
	hop_time(p->r->a, &hop, e);
}

/* "First: x scanned us at 10:00.  Second: y sends spam": is the only time of
 * the text that of another one, of another kind, in a paragraph of its own? */
static bool
time_of_another(const struct plain *p, const struct suspect *s)
{
	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *o = p->list->pdata[i];

		if (o->timed && o->para_no == p->doc_para_no &&
		    s->para_no != o->para_no && s->type != NULL &&
		    o->type != NULL && strcmp(s->type, o->type) != 0)
			return true;
	}
	return false;
}

static void
emit(struct plain *p, const struct suspect *s, size_t total)
{
	struct reading *r = p->r;
	struct inspect_event *e = read_event(r, s->part);
	struct facts f = s->facts;
	const char *type;

	facts_merge(&f, &p->before);
	e->source_ip = s->ip;
	e->destination_ip = f.target != NULL && strcmp(f.target, s->ip) != 0 ?
		f.target : NULL;
	/* 0: a firewall had none */
	e->source_port = f.source_port != 0 ? f.source_port : DESC_NULL;
	e->destination_port = f.target_port;
	e->protocol = f.protocol;
	e->malware = f.malware;
	e->url = f.url;
	e->count = f.count != DESC_NULL ? f.count :
	    s->lines > 1 ? s->lines : DESC_NULL;
	e->cve = p->cves == 1 ? p->cve : NULL;
	e->reporter_ref = r->out->their_ref;
	if (s->list > 0 && s->heading != NULL)
		e->type = classify_text(s->heading, NULL);
	/* who was used for an attack is not said to attack */
	if (e->type != NULL && p->type != NULL &&
	    g_str_has_prefix(e->type, "availability/") &&
	    strcmp(p->type, "vulnerable/ddos-amplifier") == 0)
		e->type = NULL;
	/* of several, each says its own; one tells what a sensor saw */
	if (e->type == NULL && (total > 1 || p->type == NULL ||
		strcmp(p->type, "intrusion-attempts/ids-alert") == 0))
		e->type = s->facts.type != NULL ? s->facts.type :
		    s->type != NULL ? s->type : p->mixed ? f.type : NULL;
	/* "Port: 51413" of a notice is where the sharer listens */
	type = e->type != NULL ? e->type : p->type;
	if (e->source_port == DESC_NULL && classify_serves(type)) {
		e->source_port = e->destination_port;
		e->destination_port = DESC_NULL;
		e->destination_ip = NULL;
	}
	classify_knock_port(type, e);
	if (s->timed && !s->first.zone && p->doc_timed && p->doc.zone &&
	    plain_same_clock(&s->first, &p->doc))
		plain_time(p, &p->doc, p->doc_given, e);
	else if (s->timed)
		plain_time(p, &s->first, s->time_given, e);
	else if (p->doc_timed && (total == 1 || (p->doc_times == 1 &&
		!time_of_another(p, s))))
		plain_time(p, &p->doc, p->doc_given, e);
	if (e->time_given == NULL)
		route_time(p, e);
	if (s->timed && s->lines > 1 &&
	    strcmp(s->last_given, s->time_given) != 0)
		read_extra(r->a, e, "end", s->last_given);
	if (e->url == NULL && total == 1 && p->urls->len > 0) {
		const struct page *x = p->urls->pdata[0];

		e->url = x->hit.value;
	}
	/* "the domain x (192.0.2.1)" */
	if (e->url == NULL && total == 1 && p->urls->len == 1)
		e->domain = ((struct page *)p->urls->pdata[0])->hit.host;
	if (e->url != NULL)
		for (guint i = 0; i < p->urls->len; i++) {
			const struct scan_hit *h =
			    &((struct page *)p->urls->pdata[i])->hit;

			if (h->value != NULL && strcmp(h->value, e->url) == 0 &&
			    strchr(h->host, ':') == NULL &&
			    !g_ascii_isdigit(h->host[strlen(h->host) - 1]))
				e->domain = h->host;
		}
}

static void
emit_each(struct plain *p, struct suspect *s, size_t total)
{
	const GPtrArray *all = sighting_each(p, s);

	/* blocks about one address are several as well */
	if (s->blocks != NULL || s->rows != NULL)
		total = MAX(total, all->len);
	for (guint i = 0; i < all->len; i++)
		emit(p, all->pdata[i], total);
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
	route_time(p, e);
	e->reporter_ref = p->r->out->their_ref;
}

static void
emit_nameless(struct plain *p, const char *type)
{
	struct inspect_event *e = read_event(p->r, p->part);

	e->type = type;
	e->reporter_ref = p->r->out->their_ref;
	if (p->doc_timed)
		plain_time(p, &p->doc, p->doc_given, e);
}

/* What a site may be named for, without an address. */
static bool
about_sites(const char *type)
{
	return plain_about_pages(type) || (type != NULL &&
	    (strcmp(type, "malicious-code/c2-server") == 0 ||
		strcmp(type, "intrusions/system-compromise") == 0 ||
		g_str_has_prefix(type, "abusive-content/")));
}

/* Is the mailbox under the domain of one whom the letter is written to? */
static bool
of_those_written_to(const struct reading *r, const char *user)
{
	const char *at = user != NULL ? strrchr(user, '@') : NULL;
	const char *to = at != NULL ? r->out->to : NULL;

	while (to != NULL && (to = strchr(to, '@')) != NULL) {
		size_t n = strspn(++to, "abcdefghijklmnopqrstuvwxyz"
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

		if (n > 0 && text_ieq(received_org(arena_strndup(r->a, to, n)),
			received_org(at + 1)))
			return true;
	}
	return false;
}

/* A mailbox of theirs that others use, a user who harasses; what was stolen
 * from them, wherever it is. */
static void
emit_user(struct plain *p, const struct told *w, const char *type)
{
	struct reading *r = p->r;
	guint at = r->events->len;
	const char *user = witness_user(p);
	bool taken = (w->users || of_those_written_to(r, user)) &&
	    plain_about_letters(type);
	bool leak = w->yours && type != NULL &&
	    strcmp(type, "information-content-security/data-leak") == 0;

	if (taken)
		type = "intrusions/unprivileged-account-compromise";
	if (!leak && !taken && (!plain_about_users(type) || user == NULL))
		return;
	emit_nameless(p, type);
	if (user != NULL && r->events->len > at)
		read_extra(r->a, r->events->pdata[at], "account", user);
}

/* Does a field say that type of the letter, or of the only one accused? */
static bool
labelled(const struct plain *p, const GPtrArray *take, const char *type)
{
	const struct suspect *s = take->len == 1 ? take->pdata[0] : NULL;

	return (p->before.type != NULL && strcmp(p->before.type, type) == 0) ||
	    (s != NULL && s->facts.type != NULL &&
		strcmp(s->facts.type, type) == 0);
}

/* "Attempts of CVE-2024-4577", and no number in the letter */
static void
cve_of_subject(struct plain *p)
{
	const char *s = p->r->out->subject;
	struct scan_hit hit;
	size_t pos = 0;

	while (s != NULL && scan_next(p->r->a, s, strlen(s), &pos, &hit))
		if (hit.kind == SCAN_CVE) {
			p->cves += p->cve == NULL ||
			    strcmp(p->cve, hit.value) != 0;
			p->cve = hit.value;
		}
}

static void
decide(struct plain *p)
{
	struct reading *r = p->r;
	struct told w = classify_letter(r->out->subject, p->words->str);
	const char *type = p->type = w.type;
	guint first = r->events->len;
	GPtrArray *take;
	bool public_too;

	if (!p->doc_timed && p->made_given != NULL) {
		p->doc = p->made;
		p->doc_given = p->made_given;
		p->doc_timed = true;
		p->doc_times = 1;
	}
	if (plain_silent(p, &w))
		return;
	/* of a route that was taken over, the prefix is the victim's */
	if (type != NULL && strcmp(type, "other/other") == 0) {
		emit_nameless(p, type);
		return;
	}
	if (p->cve == NULL && type != NULL)
		cve_of_subject(p);
	/* what is open and has a number of a CVE is weak */
	if (type != NULL && p->cve != NULL && strcmp(type,
		"vulnerable/potentially-unwanted-accessible") == 0)
		type = p->type = "vulnerable/vulnerable-system";
	/* a number of a CVE, and no word of an attack */
	if (type == NULL && p->cve != NULL)
		type = p->type = "vulnerable/vulnerable-system";
	/* nor what else the page of a program is reported for */
	if (type == NULL && (w.speaks || w.yours) && plain_programs(p))
		type = p->type = "malicious-code/malware-distribution";
	take = plain_take(p, r->out->robot && (plain_is_reply(r) ||
		type == NULL), w.speaks);
	/* "Brand: x", "Threat: Phishing": the narrower word */
	if (p->type != NULL && strcmp(p->type, "fraud/masquerade") == 0 &&
	    labelled(p, take, "fraud/phishing"))
		p->type = "fraud/phishing";
	type = p->type;
	if (take->len == 0 && p->route != NULL && type != NULL &&
	    strcmp(type, "abusive-content/spam") == 0)
		emit_route(p);
	if (p->urls->len == 0 && (take->len == 0 ? about_sites(type) &&
		p->own_url == NULL : take->len == 1 && classify_serves(type)))
		witness_names(p);
	else if (take->len + p->urls->len + p->list->len == 0 &&
	    plain_about_machines(type))
		witness_machines(p);
	public_too = plain_public(take);
	for (guint i = 0; i < take->len; i++)
		if (!plain_aside(take, take->pdata[i], public_too))
			emit_each(p, take->pdata[i], take->len);
	if (take->len > 0)
		plain_pages_beside(p, take->len == 1);
	/* what was stolen is offered there, not information about it */
	if (take->len == 0 && p->urls->len == 0 && p->offered_url != NULL &&
	    type != NULL && (strcmp(type, "fraud/copyright") == 0 || strcmp(type,
		"information-content-security/data-leak") == 0))
		g_ptr_array_add(p->urls, p->offered_url);
	/* "on our web site": who writes may well be the victim; what is put
	 * into the parameters of a page is told with them */
	if (take->len == 0 && p->urls->len == 0 && p->own_url != NULL &&
	    (plain_about_pages(type) || (type != NULL &&
		strcmp(type, "intrusion-attempts/exploit") == 0 &&
		strchr(p->own_url->hit.value, '?') != NULL)))
		g_ptr_array_add(p->urls, p->own_url);
	if (take->len == 0 && (r->out->subject == NULL ||
		type != NULL || p->urls->len == 1))
		plain_pages(p);
	if (r->events->len == first)
		emit_user(p, &w, type);
	for (guint i = first; i < r->events->len; i++) {
		struct inspect_event *e = r->events->pdata[i];

		if (e->type == NULL)
			e->type = type;
		/* it is what runs there that was broken into */
		if (e->source_ip == NULL && e->type != NULL &&
		    strcmp(e->type, "intrusions/system-compromise") == 0)
			e->type = "intrusions/application-compromise";
		/* nor does a page catch anything, or a host what it offers */
		if (e->url != NULL && e->type != NULL &&
		    (e->source_ip == NULL || plain_serves(e)) &&
		    strcmp(e->type, "malicious-code/infected-system") == 0)
			e->type = "malicious-code/malware-distribution";
	}
	classify_distributed(r->events, first);
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
		x->bare = role != BLAME_SOURCE;
		x->part = p->r->human_part;
	}
}

static void
start(struct plain *p, struct reading *r)
{
	*p = (struct plain){.r = r, .before = NO_FACTS, .coming = NO_FACTS,
	    .para = (char *)""};
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

		p->outgoing = hit_goes_out(read_lower(r->a, s, l.n));
		/* "Port scans (times CET)" */
		if (strstr(s, "time") != NULL || strstr(s, "Time") != NULL)
			plain_zone(p, &l);
		plain_zone_behind(p, s, l.n);
		plain_day_subject(p, s);
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

/* Logs that stand in the text as uuencode has them: the text came encoded
 * itself, so they are no parts. */
static void
hear_files(struct plain *p)
{
	const char *s = p->r->human != NULL ? p->r->human : "";
	const char *end = s + strlen(s);
	struct mail_file f;

	for (int i = 0; i < MAIL_FILES_MAX && mail_file_next(s, end, &f);
	     i++) {
		size_t n;
		const char *t = mail_undo_uu(p->r->a, f.bytes, f.len, &n);

		s = f.bytes + f.len;
		if (memchr(t, '\0', n) != NULL)
			continue;
		t = charset_to_utf8(p->r->a, t, n, NULL, NULL, &n);
		witness_text(p, text_cut(p->r->a, t, MAIL_TEXT_MAX),
		    p->r->human_part);
	}
}

/* The mail that the letter speaks of is quoted below: when it was sent. */
static void
times_by_route(struct reading *r, guint from)
{
	struct hop hop;
	bool looked = false;

	for (guint i = from; i < r->events->len; i++) {
		struct inspect_event *e = r->events->pdata[i];

		if (e->time_given != NULL || e->source_ip == NULL)
			continue;
		if (!looked && (!forward_pasted_hop(r, &hop) || hop.ip == NULL))
			return;
		looked = true;
		if (strcmp(hop.ip, e->source_ip) != 0 || hop.date == NULL)
			continue;
		hop_time(r->a, &hop, e);
	}
}

/* "x scans us", and its log is quoted below: when, the log says. */
static void
times_by_quotes(struct reading *r, const struct plain *p, guint from)
{
	struct plain q = {0};

	for (guint i = from; !plain_is_reply(r) && i < r->events->len; i++) {
		struct inspect_event *e = r->events->pdata[i];
		const struct suspect *s;

		if (e->time_given != NULL || e->source_ip == NULL)
			continue;
		if (q.r == NULL) {
			start(&q, r);
			q.offset = p->offset;
			q.has_offset = p->has_offset;
			q.place = p->place;
			q.quotes = true;
			witness_text(&q, r->human, r->human_part);
		}
		s = g_hash_table_lookup(q.by_ip, e->source_ip);
		if (s != NULL && s->timed)
			plain_time(&q, &s->first, s->time_given, e);
	}
	if (q.r != NULL)
		g_hash_table_unref(q.by_ip);
}

void
plain_read(struct reading *r)
{
	struct plain p;
	struct stamp st;
	struct hop hop;
	guint named, before = r->events->len;

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
	hear_files(&p);
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
	times_by_route(r, before);
	if (!p.quotes)
		times_by_quotes(r, &p, before);
	g_hash_table_unref(p.by_ip);
}
