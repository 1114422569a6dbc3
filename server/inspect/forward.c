/*
 * Mail that somebody passes on: attached (message/rfc822) or inline below a
 * forwarder's mark.  The reporter is the outer From; the source is the
 * first hop of the inner mail outside the reporter's own relays.
 */
#include "base/base.h"
#include "base/net.h"
#include "inspect/bounce/bounce.h"
#include "inspect/passed.h"
#include "inspect/read.h"
#include "inspect/text/lines.h"

bool
forward_pasted_hop(struct reading *r, struct hop *hop)
{
	for (const char *p = r->human; *p != '\0';) {
		size_t n = strcspn(p, "\n");

		if (text_istarts(p + strspn(p, " \t>*"), "Received: from")) {
			struct mail_headers h;

			p = passed_unquoted(r->a, p);
			p += strspn(p, " \t*");
			h = mail_headers_read(r->a, p, strlen(p), NULL);
			return received_source(r->a, &h, NULL, hop);
		}
		p += n + (p[n] == '\n');
	}
	return false;
}

/* An answer with the mail it answers below is no forward, whatever the mark
 * between them says. */
static bool
is_answer(struct reading *r)
{
	return !passed_says(r->out->subject) && r->out->references != NULL &&
	    r->out->references[0] != NULL;
}

/* An attached mail by which somebody passed on another one. */
static bool
envelope(struct reading *r, size_t i)
{
	const struct mail_part *p = &r->m->parts[i];

	if (p->kind != MAIL_MESSAGE ||
	    !passed_says(mail_get(r->a, &p->message, "Subject")))
		return false;
	for (size_t k = i + 1; k < r->m->n; k++) {
		const struct mail_part *q = &r->m->parts[k];

		if (!mail_part_inside(r->m, k, i))
			continue;
		if (strcmp(q->type, "multipart/report") == 0)
			return false; /* it has a reader of its own */
		if (q->kind == MAIL_MESSAGE && q->message.n > 0)
			return true;
	}
	return false;
}

/* In an attached mail that is no envelope. */
static bool
buried(struct reading *r, size_t i)
{
	for (int p = r->m->parts[i].parent; p >= 0; p = r->m->parts[p].parent)
		if (r->m->parts[p].kind == MAIL_MESSAGE &&
		    !envelope(r, (size_t)p))
			return true;
	return false;
}

/* The header of a mail as an attachment of its own, pasted into a file or as
 * text/rfc822-headers: the text from there on; *path is that of the part. */
static const char *
attached_header(struct reading *r, const char **path)
{
	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		bool headers = strcmp(p->type, "text/rfc822-headers") == 0;
		const char *s;

		if (p->kind != MAIL_LEAF || read_nested(r, i) ||
		    read_muted(r, p->path) || (!headers &&
			(strcmp(p->type, "text/plain") != 0 ||
			    p->filename == NULL)) ||
		    (r->human_part != NULL &&
			strcmp(p->path, r->human_part) == 0))
			continue;
		s = passed_pasted(mail_text(r->m, p, NULL));
		if (s != NULL) {
			*path = p->path;
			return s;
		}
	}
	return NULL;
}

static const char *
inline_begins(struct reading *r)
{
	const char *start = passed_inline(r->human);

	if (start == NULL)
		start = passed_pasted(r->human);
	return start != NULL || !passed_says(r->out->subject) ? start :
	    passed_block(r->human);
}

bool
forward_look(struct reading *r)
{
	const char *path;

	for (size_t i = 0; i < r->m->n; i++)
		if (r->m->parts[i].kind == MAIL_MESSAGE &&
		    r->m->parts[i].message.n > 0)
			return true;
	if (is_answer(r))
		return false;
	return inline_begins(r) != NULL || attached_header(r, &path) != NULL;
}

/* The text of one attached message: its first text or HTML part. */
const char *
forward_text(struct reading *r, size_t container, const char **part)
{
	for (int html = 0; html < 2; html++)
		for (size_t i = container + 1; i < r->m->n; i++) {
			struct mail_part *p = &r->m->parts[i];
			size_t n;
			const char *s;

			if (!mail_part_inside(r->m, i, container) ||
			    p->kind != MAIL_LEAF ||
			    strcmp(p->type, html ? "text/html" :
				"text/plain") != 0)
				continue;
			s = mail_text(r->m, p, &n);
			if (text_blank(s))
				continue;
			*part = p->path;
			return html ? read_html(r, p) : s;
		}
	return NULL;
}

/* Subject and words tell phishing from spam from something else. */
static const char *
type_of(struct reading *r, const char *inner_subject)
{
	const char *type = classify_text(r->out->subject,
	    lines_said(r->a, r->human));

	if (type == NULL)
		type = classify_text(inner_subject, r->human);
	return type != NULL ? type : "abusive-content/spam";
}

/* "For your information", and an invitation, a newsletter or a warning to all
 * that was passed on. */
static bool
for_information(struct reading *r, const struct mail_headers *h,
    const char *said, const char *text)
{
	struct told outer = classify_letter(NULL, said), inner = {0};

	if (!outer.informs || outer.type != NULL || outer.speaks)
		return false;
	inner = classify_letter(mail_get(r->a, h, "Subject"), text);
	return inner.genre + inner.bulk + inner.announces >= TOLD_GENRE;
}

/* "Why does my mail come back?": a report of mail that was not delivered, and
 * the words above it complain of nothing else. */
static bool
of_delivery(struct reading *r, const struct mail_headers *h, const char *said,
    const char *text)
{
	return bounce_passed_on(r, h, text) &&
	    classify_text(r->out->subject, said) == NULL;
}

static const char *
first_url(struct reading *r, const char *text, const char **domain)
{
	struct scan_hit hit;
	struct net n;
	size_t pos = 0;

	while (text != NULL &&
	    scan_next(r->a, text, strlen(text), &pos, &hit))
		if (hit.kind == SCAN_URL &&
		    strstr(hit.value, "w3.org/") == NULL) {
			*domain = net_parse_host(hit.host, &n) ? NULL :
				hit.host;
			return hit.value;
		}
	return NULL;
}

/* "http://192.0.2.1/bank/", and no other source is known */
static void
source_of_url(struct reading *r, struct inspect_event *e)
{
	struct scan_hit hit;
	struct net n;
	size_t pos = 0;

	if (e->source_ip == NULL && e->url != NULL &&
	    scan_next(r->a, e->url, strlen(e->url), &pos, &hit) &&
	    hit.kind == SCAN_URL && net_parse_host(hit.host, &n))
		e->source_ip = net_text(r->a, &n);
}

static void
hop_time(struct reading *r, const struct hop *hop, struct inspect_event *e)
{
	e->time_given = read_field(r->a, hop->date);
	e->time = hop->zone ? hop->time : DESC_NULL;
	e->zone = hop->zone ? "header" : "unknown";
}

/* The reporter names the source of the mail that follows; when it sent it, the
 * way of that mail tells. */
static void
time_by_route(struct reading *r, const struct mail_headers *h)
{
	struct hop hop;

	if (!received_source(r->a, h, NULL, &hop) || hop.date == NULL)
		return;
	for (guint i = 0; i < r->events->len; i++) {
		struct inspect_event *e = r->events->pdata[i];

		if (e->time_given == NULL && e->source_ip != NULL &&
		    strcmp(e->source_ip, hop.ip) == 0)
			hop_time(r, &hop, e);
	}
}

/* "The mailbox of your user sent this": only the way of that mail tells from
 * where. */
static void
source_by_route(struct reading *r, const struct mail_headers *h,
    struct inspect_event *e)
{
	struct hop hop;

	if (e->source_ip != NULL || e->url != NULL || e->domain != NULL ||
	    !received_source(r->a, h, NULL, &hop))
		return;
	e->source_ip = hop.ip;
	e->source_port = hop.port;
}

static void
event_of(struct reading *r, const struct mail_headers *h, const char *part,
    const char *text)
{
	const char *own = r->out->from != NULL ?
	    strrchr(r->out->from, '@') : NULL;
	const char *subject = mail_get(r->a, h, "Subject"), *s;
	struct inspect_event *e = read_event(r, part);
	struct hop hop;

	e->type = type_of(r, subject);
	e->reporter_ref = r->out->their_ref;
	e->url = first_url(r, text, &e->domain);
	if (received_source(r->a, h, own != NULL ? own + 1 : NULL, &hop)) {
		e->source_ip = hop.ip;
		e->source_port = hop.port;
		hop_time(r, &hop, e);
	} else {
		s = mail_get(r->a, h, "X-Originating-IP");
		if (s != NULL)
			e->source_ip = scan_addresses(r->a, s, 1)[0];
	}
	source_of_url(r, e);
	if (e->time_given == NULL && (s = mail_get(r->a, h, "Date")) != NULL) {
		stamp_field(r->a, s, e);
		if (strcmp(e->zone, "given") == 0)
			e->zone = "header";
	}
}

/* A feedback loop from before RFC 5965 passes the mail on and tells in one
 * field of it whose complaint it is (Microsoft's). */
static void
complainer(struct reading *r, const struct mail_headers *h)
{
	const char *s = mail_get(r->a, h, "X-HmXmrOriginalRecipient");
	struct mail_address *list;
	size_t n;

	if (s == NULL)
		return;
	list = mail_addresses(r->a, s, strlen(s), &n);
	if (n != 1)
		return;
	read_bounce(r, list[0].addr)->reason = "feedback: abuse";
	r->out->robot = true;
}

/* A report of a machine that a colleague sent on: its own fields know
 * better than its route. */
static bool
inner_report(struct reading *r, size_t container)
{
	bool any = false;

	for (size_t i = container + 1; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];

		if (p->kind != MAIL_LEAF ||
		    !mail_part_inside(r->m, i, container))
			continue;
		if (strcmp(p->type, "message/feedback-report") == 0) {
			arf_read_part(r, i);
			any = true;
		} else {
			any |= xarf_read_part(r, i) || iodef_read_part(r, i) ||
			    acns_read_part(r, i);
		}
	}
	return any || feeds_read_inside(r, container);
}

static bool
to_role(struct reading *r, const struct mail_headers *h)
{
	static const char *const roles[] = {"abuse", "security", "cert",
	    "csirt", "noc", "postmaster", "hostmaster", "soc", "incident"};
	static const char *const fields[] = {"To", "Cc", "Delivered-To"};

	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		const char *s = mail_get(r->a, h, fields[i]);
		struct scan_hit hit;
		size_t pos = 0, n = s != NULL ? strlen(s) : 0;

		while (n > 0 && scan_next(r->a, s, n, &pos, &hit))
			for (size_t k = 0; hit.kind == SCAN_EMAIL &&
			    k < COUNT_OF(roles); k++)
				if (text_istarts(hit.value, roles[k]))
					return true;
	}
	return false;
}

/* A letter about an incident that a colleague sent on, unlike a mail that is
 * one: it speaks of no mail, or was written to a team; and it names who did
 * it.  Its own route would accuse the one who complains. */
static bool
complaint(struct reading *r, const struct mail_headers *h, const char *text,
    const char *part)
{
	static const char *const of_mail[] = {"abusive-content/", "fraud/p",
	    "malicious-code/m", "fraud/m", "information-gathering/so"};
	const char *subject = mail_get(r->a, h, "Subject");
	const char *type = classify_text(r->out->subject,
	    lines_said(r->a, r->human));
	guint before = r->events->len;
	bool mail = false, named = false, timed;

	if (text == NULL)
		return false;
	if (type == NULL)
		type = classify_text(subject, text);
	for (size_t i = 0; type != NULL && i < COUNT_OF(of_mail); i++)
		mail |= g_str_has_prefix(type, of_mail[i]);
	/* whoever insults names no address and when it was */
	timed = mail && strcmp(type, "abusive-content/harmful-speech") == 0;
	if ((type == NULL || (mail && !timed)) && !to_role(r, h))
		return false;
	timed = timed && !to_role(r, h);
	plain_text(r, text, part);
	for (guint i = before; i < r->events->len; i++) {
		const struct inspect_event *e = r->events->pdata[i];

		named |= e->source_ip != NULL &&
		    (!timed || e->time != DESC_NULL);
	}
	if (!named)
		g_ptr_array_set_size(r->events, (gint)before);
	return named;
}

/* Does what stands in front of the passed-on mail name an address or a page? */
static bool
names_address(struct reading *r, const char *start)
{
	struct scan_hit hit;
	size_t pos = 0, n = (size_t)(start - r->human);

	while (scan_next(r->a, r->human, n, &pos, &hit))
		if (hit.kind <= SCAN_URL)
			return true;
	return false;
}

bool
forward_inline(struct reading *r, struct mail_headers *h, const char **text)
{
	const char *start = inline_begins(r), *s;
	size_t used;

	if (start == NULL)
		return false;
	s = passed_unquoted(r->a, start);
	s += strspn(s, " \n\t");
	*h = mail_headers_read(r->a, s, strlen(s), &used);
	*text = s + used;
	return true;
}

/* "See below about your server x": when and what, the letter below says. */
static void
complete_below(struct reading *r, const char *text)
{
	guint n = r->events->len;

	plain_text(r, text, r->human_part);
	for (guint i = 0; i < n; i++) {
		struct inspect_event *e = r->events->pdata[i];

		for (guint k = n; k < r->events->len; k++) {
			const struct inspect_event *x = r->events->pdata[k];

			if (e->source_ip == NULL || x->source_ip == NULL ||
			    strcmp(e->source_ip, x->source_ip) != 0 ||
			    e->time_given != NULL)
				continue;
			e->time = x->time;
			e->time_given = x->time_given;
			e->zone = x->zone;
			if (e->type == NULL)
				e->type = x->type;
		}
	}
	g_ptr_array_set_size(r->events, (gint)n);
}

void
forward_read(struct reading *r)
{
	const char *s, *start;
	bool any = false;

	for (size_t i = 0; i < r->m->n; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *part = p->path;

		if (p->kind != MAIL_MESSAGE || p->message.n == 0 ||
		    buried(r, i))
			continue;
		any = true;
		if (envelope(r, i))
			continue;
		if (inner_report(r, i))
			continue;
		complainer(r, &p->message);
		s = forward_text(r, i, &part);
		if (of_delivery(r, &p->message, lines_said(r->a, r->human), s))
			continue;
		if (!for_information(r, &p->message, lines_said(r->a, r->human),
			s) && !complaint(r, &p->message, s, part))
			event_of(r, &p->message, p->path, s);
	}
	if (any)
		return;
	start = inline_begins(r);
	if (start != NULL) {
		struct mail_headers h;
		const char *said = arena_strndup(r->a, r->human,
		    (size_t)(start - r->human));

		forward_inline(r, &h, &s);
		if (of_delivery(r, &h, said, s) ||
		    for_information(r, &h, said, s))
			return;
		/* "FYI", and all the rest is in what was passed on */
		if (!names_address(r, start) &&
		    complaint(r, &h, s, r->human_part))
			return;
		/* the reporter's own words may name the source better */
		plain_text(r, said, r->human_part);
		if (r->events->len > 0) {
			struct inspect_event *e = r->events->pdata[0];

			complete_below(r, s);
			source_by_route(r, &h, e);
			time_by_route(r, &h);
			if (e->url == NULL)
				e->url = first_url(r, s, &e->domain);
			return;
		}
		if (!complaint(r, &h, s, r->human_part))
			event_of(r, &h, r->human_part, s);
		return;
	}
	start = attached_header(r, &s);
	if (start != NULL) {
		struct mail_headers h;
		const char *path = s;
		size_t used;

		plain_text(r, r->human, r->human_part);
		if (r->events->len > 0)
			return;
		h = mail_headers_read(r->a, start, strlen(start), &used);
		event_of(r, &h, path, start + used);
	}
}
