/*
 * Known senders (recognise.h): which recogniser speaks for a message, what
 * its patterns find, and how that goes together with what the reader of
 * the format has found.
 */
#include "base/base.h"
#include "inspect/read.h"
#include "inspect/recognise/recognise_priv.h"

#include "base/net.h"

enum { LETTERS_MAX = 8 }; /* the mail and messages attached to it */

/* ---- which one it is -------------------------------------------------------- */

static bool
glob(const char *pattern, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			back = s;
		} else if (*pattern == *s) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star + 1;
			s = ++back;
		} else {
			return false;
		}
	}
	pattern += strspn(pattern, "*");
	return *pattern == '\0';
}

/* "example.net" is that domain and those below it. */
static bool
from_matches(struct arena *a, const char *want, const char *from)
{
	const char *at, *host;
	size_t n, k;

	if (from == NULL)
		return false;
	from = text_lower(a, arena_strdup(a, from));
	if (strpbrk(want, "@*") != NULL)
		return glob(want, from);
	at = strrchr(from, '@');
	host = at != NULL ? at + 1 : from;
	n = strlen(host);
	k = strlen(want);
	return n >= k && strcmp(host + n - k, want) == 0 &&
	    (n == k || host[n - k - 1] == '.');
}

static bool
header_holds(struct work *w, const struct rule *rule)
{
	struct mail_header *f = NULL;

	for (int i = 0; i < 20 && (f = mail_header_next(w->l->headers, f,
		rule->word)) != NULL; i++)
		if (recognise_holds(w, rule->pattern,
			mail_header_text(w->r->a, f), &w->facts))
			return true;
	return false;
}

static bool
rule_holds(struct work *w, const struct rule *rule)
{
	switch (rule->says) {
	case SAYS_FROM:
		return from_matches(w->r->a, rule->word, w->l->from);
	case SAYS_SUBJECT:
		return recognise_holds(w, rule->pattern, w->l->subject, &w->facts);
	case SAYS_HEADER:
		return header_holds(w, rule);
	case SAYS_BODY:
		return recognise_holds(w, rule->pattern, w->l->text, NULL);
	default: /* SAYS_FORMAT */
		return strcmp(rule->word, w->r->out->format) == 0;
	}
}

/* Conditions cheapest first, which is their order. */
static bool
is_from(struct work *w, const struct recogniser *x)
{
	w->facts = (struct found){{NULL}};
	for (enum says says = SAYS_FROM; says < SAYS_CONDITIONS; says++) {
		bool held = false;

		if ((x->conditions & 1u << says) == 0)
			continue;
		for (size_t i = 0; i < x->n && !held; i++)
			held = x->rules[i].says == says &&
			    rule_holds(w, &x->rules[i]);
		if (!held)
			return false;
	}
	return true;
}

/* ---- events ------------------------------------------------------------------ */

static int64_t
number(const char *s, int64_t max)
{
	int64_t n;

	return s != NULL && text_int(s, 0, max, &n) ? n : DESC_NULL;
}

static void
set_time(struct work *w, const char *s, struct inspect_event *e)
{
	struct stamp st;

	stamp_field(w->r->a, s, e);
	if (e->time != DESC_NULL || !stamp_at(s, s + strlen(s), &st))
		return;
	if (!st.zone && !w->x->has_zone)
		return;
	if (!st.zone)
		st.f.offset = w->x->offset;
	if (!st.year)
		stamp_add_year(&st, w->r->out->date);
	if (st.f.year > 0 && when_from_fields(&st.f, &e->time))
		e->zone = st.zone ? "given" : "rule";
}

static void
set_place(struct reading *r, struct inspect_event *e)
{
	struct scan_hit hit;
	struct net n;

	if (e->url == NULL || !scan_at(r->a, e->url, e->url,
		e->url + strlen(e->url), &hit) || hit.kind != SCAN_URL)
		return;
	if (net_parse_host(hit.host, &n)) {
		if (e->source_ip == NULL)
			e->source_ip = net_text(r->a, &n);
	} else if (e->domain == NULL) {
		e->domain = hit.host;
	}
}

static void
event_of(struct work *w, const struct draft *d, const char *type)
{
	struct reading *r = w->r;
	struct inspect_event *e = read_event(r, w->part);
	struct found f = d->found;

	for (size_t i = 0; i < SLOTS; i++)
		if (f.slot[i] == NULL)
			f.slot[i] = w->facts.slot[i];
	e->type = d->type != NULL ? d->type : type;
	e->source_ip = f.slot[SLOT_SOURCE_IP];
	e->source_port = number(f.slot[SLOT_SOURCE_PORT], 65535);
	e->destination_ip = f.slot[SLOT_DESTINATION_IP];
	e->destination_port = number(f.slot[SLOT_DESTINATION_PORT], 65535);
	e->protocol = f.slot[SLOT_PROTOCOL] != NULL ?
	    text_lower(r->a, arena_strdup(r->a, f.slot[SLOT_PROTOCOL])) : NULL;
	e->url = f.slot[SLOT_URL];
	e->domain = f.slot[SLOT_DOMAIN];
	e->cve = f.slot[SLOT_CVE];
	e->malware = f.slot[SLOT_MALWARE];
	e->count = number(f.slot[SLOT_COUNT], INT32_MAX);
	e->reporter_ref = f.slot[SLOT_REPORTER_REF] != NULL ?
	    f.slot[SLOT_REPORTER_REF] : r->out->their_ref;
	if (f.slot[SLOT_TIME] != NULL)
		set_time(w, f.slot[SLOT_TIME], e);
	set_place(r, e);
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_draft(const struct draft *a, const struct draft *b)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (!same(a->found.slot[i], b->found.slot[i]))
			return false;
	return same(a->type, b->type);
}

/* Whatever e does not say, from what else was understood. */
static void
complete(struct inspect_event *e, const struct inspect_event *from)
{
#define TAKE(member)                                                          \
	if (e->member == NULL)                                                \
		e->member = from->member
#define TAKE_NUMBER(member)                                                   \
	if (e->member == DESC_NULL)                                           \
		e->member = from->member
	if (e->time == DESC_NULL && from->time != DESC_NULL &&
	    (e->time_given == NULL || same(e->time_given, from->time_given))) {
		e->time = from->time;
		e->zone = from->zone;
		e->time_given = from->time_given;
	}
	TAKE(type);
	TAKE(source_ip);
	TAKE_NUMBER(source_port);
	TAKE(destination_ip);
	TAKE_NUMBER(destination_port);
	TAKE(protocol);
	TAKE(time_given);
	TAKE(url);
	TAKE(domain);
	TAKE(cve);
	TAKE(malware);
	TAKE_NUMBER(count);
	TAKE(reporter_ref);
#undef TAKE
#undef TAKE_NUMBER
}

/* The only event of `list` from the only one of `other`, unless they are
 * about different sources: what stands near one of many may be another's. */
static void
complete_one(const GPtrArray *list, const GPtrArray *other)
{
	struct inspect_event *e, *from;

	if (list->len != 1 || other->len != 1)
		return;
	e = list->pdata[0];
	from = other->pdata[0];
	if (e->source_ip == NULL || from->source_ip == NULL ||
	    same(e->source_ip, from->source_ip))
		complete(e, from);
}

static bool
machine_readable(const char *format)
{
	return strcmp(format, "plain") != 0 && strcmp(format, "forward") != 0;
}

static bool
same_source(const GPtrArray *a, const GPtrArray *b)
{
	const struct inspect_event *x, *y;

	if (a->len != 1 || b->len != 1)
		return false;
	x = a->pdata[0];
	y = b->pdata[0];
	return x->source_ip != NULL && y->source_ip != NULL &&
	    strcmp(x->source_ip, y->source_ip) == 0;
}

static void
put_together(struct work *w)
{
	struct reading *r = w->r;
	GPtrArray *old = r->events, *fresh = arena_ptr_array(r->a);
	const char *type = recognise_type(w);

	r->events = fresh;
	for (guint i = 0; i < w->drafts->len; i++) {
		bool again = false;

		/* the same line again is often beside its first */
		for (guint k = i > 20 ? i - 20 : 0; k < i && !again; k++)
			again = same_draft(w->drafts->pdata[i],
			    w->drafts->pdata[k]);
		if (!again)
			event_of(w, w->drafts->pdata[i], type);
	}
	if (machine_readable(r->out->format)) {
		r->events = old;
		complete_one(old, fresh);
	} else if (fresh->len > 0) {
		/* of a report sent on, they are about its way here */
		if (w->l->container < 0 || same_source(fresh, old))
			complete_one(fresh, old);
	} else {
		/* no pattern for its events: those that plain text shows */
		struct inspect_event *e;

		event_of(w, &(struct draft){.type = NULL}, type);
		e = fresh->pdata[0];
		r->events = old;
		for (guint i = 0; i < old->len; i++) {
			struct inspect_event *x = old->pdata[i];

			if (type != NULL)
				x->type = type;
			if (w->x->has_zone && x->time == DESC_NULL &&
			    x->time_given != NULL)
				set_time(w, x->time_given, x);
			complete(x, e);
		}
	}
}

/* ---- letters ------------------------------------------------------------------ */

static bool
recognise_letter(struct work *w, const struct recognisers *set,
    const struct letter *l)
{
	w->l = l;
	for (size_t i = 0; i < set->n; i++) {
		w->x = &set->list[i];
		if (!is_from(w, w->x))
			continue;
		w->r->out->recognised = w->x->name;
		if (w->x->robot && l->container < 0)
			w->r->out->robot = true;
		recognise_texts(w);
		put_together(w);
		return true;
	}
	return false;
}

static const char *
first_address(struct reading *r, const struct mail_headers *h)
{
	const char *s = mail_get(r->a, h, "From");
	struct scan_hit hit;
	size_t pos = 0;

	while (s != NULL && scan_next(r->a, s, strlen(s), &pos, &hit))
		if (hit.kind == SCAN_EMAIL)
			return hit.value;
	return NULL;
}

/* The message attached as part i, for a colleague who sends a report on. */
static void
attached_letter(struct reading *r, size_t i, struct letter *l)
{
	struct mail_part *p = &r->m->parts[i];

	*l = (struct letter){.headers = &p->message, .container = (int)i,
	    .from = first_address(r, &p->message),
	    .subject = mail_get(r->a, &p->message, "Subject")};
	l->text = forward_text(r, i, &l->part);
}

static bool
inline_letter(struct reading *r, struct letter *l)
{
	struct mail_headers *h = ARENA_NEW(r->a, struct mail_headers);

	if (!forward_inline(r, h, &l->text))
		return false;
	l->headers = h;
	l->from = first_address(r, h);
	l->subject = mail_get(r->a, h, "Subject");
	l->part = r->human_part;
	l->container = (int)r->m->n; /* holds no part */
	return true;
}

void
recognise(struct reading *r, const struct recognisers *set)
{
	static const char *const silent[] = {"dsn", "mdn", "auto-reply",
	    "dmarc-aggregate"};
	struct work w = {.r = r, .search = {r->a, RECOGNISE_STEPS_MAX}};
	struct letter l = {r->out->from, r->out->subject, &r->m->headers,
	    r->human, r->human_part, -1};
	bool done;
	int letters = 1;

	for (size_t i = 0; i < COUNT_OF(silent); i++)
		if (strcmp(r->out->format, silent[i]) == 0)
			return;
	if (set == NULL || set->n == 0)
		return;
	w.drafts = arena_ptr_array(r->a);
	done = recognise_letter(&w, set, &l);
	if (!done && strcmp(r->out->format, "forward") == 0) {
		for (size_t i = 0; i < r->m->n && !done &&
		    letters < LETTERS_MAX; i++) {
			if (r->m->parts[i].kind != MAIL_MESSAGE ||
			    read_nested(r, i))
				continue;
			attached_letter(r, i, &l);
			done = recognise_letter(&w, set, &l);
			letters++;
		}
		if (!done && letters == 1 && inline_letter(r, &l))
			recognise_letter(&w, set, &l);
	}
	if (w.search.left <= 0)
		read_defect(r, "The search for the sender's patterns took too "
		    "long and was given up.");
}
