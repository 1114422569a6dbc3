/*
 * Whom a letter accuses, of all the addresses in it (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

#include "base/net.h"
#include "inspect/feed/feed.h"

enum { ROW_MAX = 300 };

static bool
chosen(const struct suspect *s, int level)
{
	int source = s->source;

	/* the subject names it, the letter says that it suffers */
	if (s->subject == source && s->target > !s->bare && s->label == 0)
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

enum { AROUND_MAX = 300 };

/* "your network 192.0.2.0/24" beside a host of it is only where it is. */
static bool
only_around(const struct suspect *s, const GPtrArray *take)
{
	struct net prefix, host;

	/* (each looks at all: not in lists of thousands) */
	if (!s->cidr || take->len > AROUND_MAX ||
	    !net_parse(s->ip, false, &prefix))
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

/* What is done to somebody, who may be named. */
static bool
strikes(const char *type)
{
	return type != NULL && (g_str_has_prefix(type, "intrusion-attempts/") ||
	    g_str_has_prefix(type, "availability/") ||
	    strcmp(type, "information-gathering/scanner") == 0);
}

/* "The victim is our host x", and in other lines those who attack: whom the
 * letter says was hit, when it is one alone, each of them has hit. */
static void
share_target(struct plain *p, const GPtrArray *take)
{
	const char *hit = NULL;

	if (!strikes(p->type))
		return;
	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *s = p->list->pdata[i];

		if (s->target <= s->source)
			continue;
		if (hit != NULL || s->cidr || s->c2)
			return;
		hit = s->ip;
	}
	for (guint i = 0; hit != NULL && i < take->len; i++) {
		struct suspect *s = take->pdata[i];

		if (s->facts.target == NULL && strcmp(s->ip, hit) != 0)
			s->facts.target = hit;
	}
}

/* "IP: x" and "Server IP: y" of an attack: it was done to y. */
static void
drop_servers(struct plain *p, GPtrArray *take)
{
	const char *hit = NULL;
	guint others = 0;

	if (!strikes(p->type))
		return;
	for (guint i = 0; i < take->len; i++)
		others += !((struct suspect *)take->pdata[i])->serves;
	for (guint i = take->len; others > 0 && i-- > 0;) {
		const struct suspect *s = take->pdata[i];

		if (!s->serves || s->source > 0)
			continue;
		hit = s->ip;
		g_ptr_array_remove_index(take, i);
	}
	if (hit != NULL && take->len == 1) {
		struct suspect *s = take->pdata[0];

		if (s->facts.target == NULL)
			s->facts.target = hit;
	}
}

/* Is the first host of the letter one of the writer's? */
static bool
names_own(const struct plain *p)
{
	const struct suspect *s = p->list->len > 0 ? p->list->pdata[0] : NULL;

	return s != NULL && s->target > 0 && s->source == 0 && !s->called;
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

/* "Victim IP: x" and "Command and control: y": x, unless somebody else is
 * accused. */
static void
take_victims(struct plain *p, GPtrArray *take)
{
	bool some = false;

	for (guint i = 0; i < take->len; i++)
		if (!((struct suspect *)take->pdata[i])->c2)
			return;
	for (guint i = 0; i < p->list->len; i++)
		some |= ((struct suspect *)p->list->pdata[i])->victim;
	if (!some)
		return;
	g_ptr_array_set_size(take, 0);
	for (guint i = 0; i < p->list->len; i++)
		if (((struct suspect *)p->list->pdata[i])->victim)
			g_ptr_array_add(take, p->list->pdata[i]);
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

/* The type by a cell of the row that is nothing but its name, as feeds have
 * them: "openresolver". */
static const char *
type_of_cell(struct plain *p, const struct suspect *s)
{
	const char *end = s->row + s->row_n, *type = NULL;

	for (const char *q = s->row; q < end && type == NULL; q++) {
		const char *from = q;

		while (q < end && strchr("|;,\t", *q) == NULL)
			q++;
		if (q - from > 3 && q - from < 30)
			type = feed_type(NULL, arena_strndup(p->r->a, from,
			    (size_t)(q - from)));
	}
	return type;
}

/* "192.0.2.1 failed logins", "192.0.2.2 port scan": of several, each row may
 * tell its own.  Whoever looks for weak points scans. */
static void
type_rows(struct plain *p, GPtrArray *take)
{
	const char *first = NULL;
	bool differ = p->beside; /* from what pages are told for */

	for (guint i = 0; take->len > 1 && i < take->len; i++) {
		struct suspect *s = take->pdata[i];

		s->type = s->row == NULL || s->row_n > ROW_MAX ? NULL :
			type_of_cell(p, s);
		if (s->type != NULL) {
			differ |= first != NULL && strcmp(first, s->type) != 0;
			first = first != NULL ? first : s->type;
			continue;
		}
		s->type = s->row == NULL || s->row_n > ROW_MAX ? NULL :
			classify_text(NULL, arena_strndup(p->r->a, s->row,
			    s->row_n));
		if (s->type == NULL && s->title != NULL)
			s->type = classify_text(arena_strndup(p->r->a,
			    s->title, s->title_n), NULL);
		/* but an open resolver is one */
		if (s->type != NULL &&
		    g_str_has_prefix(s->type, "vulnerable/") &&
		    strcmp(s->type, "vulnerable/ddos-amplifier") != 0)
			s->type = p->type == NULL ?
				"information-gathering/scanner" :
				g_str_has_prefix(p->type, "vulnerable/") ?
				NULL :
				g_str_has_prefix(p->type,
				    "abusive-content/") ? s->type :
				"information-gathering/scanner";
		differ |= first != NULL && s->type != NULL &&
		    strcmp(first, s->type) != 0;
		first = first != NULL ? first : s->type;
	}
	/* what only cells say that no letter would */
	if (!differ && p->type == NULL)
		p->type = first;
	for (guint i = 0; !differ && i < take->len; i++)
		((struct suspect *)take->pdata[i])->type = NULL;
}

/* Whoever is called an attacker has no weak point: he looked for some. */
static void
settle_weak(struct plain *p, const GPtrArray *take)
{
	if (p->type == NULL || !g_str_has_prefix(p->type, "vulnerable/") ||
	    take->len == 0)
		return;
	for (guint i = 0; i < take->len; i++)
		if (!((struct suspect *)take->pdata[i])->attacker)
			return;
	p->type = p->cve != NULL ? "intrusion-attempts/exploit" :
		"information-gathering/scanner";
}

/* Nothing says what it did, but its log shows one host after the other. */
static bool
hits_many(const struct suspect *s, const char *type)
{
	return s->hits >= 3 && (type == NULL ||
	    strcmp(type, "intrusion-attempts/ids-alert") == 0);
}

/* Of a subject that only names an address, the letter may say that it suffers
 * when there is somebody else to accuse. */
static void
settle_bare(struct plain *p)
{
	bool others = false;

	for (guint i = 0; i < p->list->len; i++) {
		const struct suspect *s = p->list->pdata[i];

		others |= s->subject == 0 && s->target == 0 &&
		    s->source + s->list + s->label > 0;
	}
	for (guint i = 0; !others && i < p->list->len; i++)
		((struct suspect *)p->list->pdata[i])->bare = false;
}

bool
plain_public(const GPtrArray *take)
{
	for (guint i = 0; i < take->len; i++)
		if (!private_ip(((struct suspect *)take->pdata[i])->ip))
			return true;
	return false;
}

bool
plain_aside(const GPtrArray *take, const struct suspect *s, bool public_too)
{
	return (public_too && private_ip(s->ip)) || only_around(s, take);
}

GPtrArray *
plain_take(struct plain *p, bool wary, bool speaks)
{
	GPtrArray *take = arena_ptr_array(p->r->a);
	int most = wary ? 3 : 4;

	settle_bare(p);
	/* who writes is the victim, and names his host as his own: then
	 * nobody else is accused by the way */
	if (about_victims(p->type) && names_own(p))
		most = 2;
	/* "your report about x was passed on": a machine that answers, or has
	 * nothing to tell, accuses nobody by the way */
	for (int level = 0; level < most && take->len == 0; level++) {
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
			    (level < 3 || speaks ||
				!((struct suspect *)p->list->pdata[i])->cidr))
				g_ptr_array_add(take, p->list->pdata[i]);
	}
	if (about_victims(p->type))
		take_victims(p, take);
	for (guint i = 0; take->len == 0 && i < p->list->len &&
	     about_victims(p->type); i++)
		if (!((struct suspect *)p->list->pdata[i])->called)
			g_ptr_array_add(take, p->list->pdata[i]);
	/* "infected phones report to x": nobody else is named */
	if (take->len == 0 && p->list->len == 1 && p->type != NULL &&
	    strcmp(p->type, "malicious-code/c2-server") == 0)
		g_ptr_array_add(take, p->list->pdata[0]);
	only_affected(p, take);
	if (take->len == 1 && hits_many(take->pdata[0], p->type))
		p->type = "information-gathering/scanner";
	settle_weak(p, take);
	add_hosts(p, take);
	drop_c2(p, take);
	drop_servers(p, take);
	share_target(p, take);
	type_rows(p, take);
	for (guint i = 0; take->len > 1 && i < take->len; i++)
		p->mixed |= ((struct suspect *)take->pdata[i])->facts.type !=
		    NULL;
	return take;
}
