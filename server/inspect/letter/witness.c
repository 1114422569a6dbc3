/*
 * A letter heard line by line: addresses and the parts they play, with the
 * facts that stand near them (plain.h).
 */
#include "base/base.h"
#include "inspect/letter/plain.h"

#include "base/net.h"

struct suspect *
plain_suspect(struct plain *p, const char *ip)
{
	struct suspect *s = g_hash_table_lookup(p->by_ip, ip);

	if (s == NULL) {
		s = ARENA_NEW(p->r->a, struct suspect);
		s->ip = ip;
		s->facts = NO_FACTS;
		s->part = p->part;
		s->heading = p->heading;
		s->para_no = p->para_no;
		if (p->list->len < SUSPECTS_MAX * 2) {
			g_hash_table_insert(p->by_ip, (char *)ip, s);
			g_ptr_array_add(p->list, s);
		} else if (!p->many) {
			p->many = true;
			read_defect(p->r, "The text names more than %d "
			    "addresses; the rest was not read.",
			    SUSPECTS_MAX * 2);
		}
	}
	return s;
}

static void
vote(struct suspect *s, enum blame role)
{
	s->any++;
	s->source += role == BLAME_SOURCE;
	s->target += role == BLAME_TARGET;
	s->label += role == BLAME_LABEL;
	s->weak += role == BLAME_WEAK;
	s->list += role == BLAME_LIST;
}

/* A line while it is heard. */
struct heard {
	const struct line *l;
	const char *low;         /* in lower case */
	struct scan_hit hits[32], *addresses[32];
	enum blame roles[32];    /* of the addresses */
	size_t n, count;
	struct facts f;
	struct stamp st;
	const char *given;       /* of st, when timed */
	const char *clock;       /* in the line, when its day stands above */
	bool timed, log, csv;
	struct suspect *source;  /* whom the line is about */
	struct sighting *other;  /* which of several of that one */
	bool block;              /* a block of fields begins */
	bool named;              /* and it says so */
	bool row;                /* it begins with one that is accused */
};

/* Its time, and what it says of zones. */
static void
line_time(struct plain *p, struct heard *x)
{
	const struct line *l = x->l;
	bool end;

	x->timed = plain_stamp(p->r->a, l, &x->st, &x->given);
	if (x->timed && !x->st.zone)
		plain_stamp_goes_on(p->r->a, l, &x->st, &x->given);
	x->timed = x->timed ||
	    plain_stamp_wrapped(p->r->a, l, &x->st, &x->given) ||
	    plain_day(p, l, x->low, &x->st, &x->given) ||
	    plain_day_wrapped(p, l, &x->st, &x->given);
	x->clock = x->timed ? NULL :
		plain_day_clock(p, l, &x->st, &x->given);
	if (!x->timed && x->clock == NULL)
		plain_day_head(p, l, x->low);
	x->timed |= x->clock != NULL;
	if (x->timed && !x->st.zone)
		plain_zone_beside(l, x->given, &x->st);
	x->timed = x->timed && plain_past(p, l, &x->st, &x->given);
	if (!x->timed || strstr(x->low, "times") != NULL)
		plain_zone(p, l);
	if (!x->timed && x->l->n < 300) {
		plain_zone_heading(p, l);
		plain_zone_behind(p, l->s, l->n);
	}
	if (!x->timed)
		return;
	if (plain_tells_report(x->low)) {
		/* "Deadline: ..." is none when it is still to come */
		if (p->r->out->date == DESC_NULL || x->st.time == DESC_NULL ||
		    x->st.time < p->r->out->date + WHEN_DAY) {
			p->made = x->st;
			p->made_given = x->given;
		}
		x->timed = false;
		return;
	}
	if (p->page != NULL && !p->page->timed) {
		p->page->st = x->st;
		p->page->given = x->given;
		p->page->timed = p->page->behind = true;
	}
	end = p->para_timed && (plain_tells_end(x->low) ||
	    plain_ended(p->para));
	if (!end) {
		p->para_stamp = x->st;
		p->para_given = x->given;
		p->para_timed = true;
	}
	/* a start and its end are one time */
	p->doc_times += !p->doc_timed || !(end || plain_tells_end(x->low));
	if (!p->doc_timed) {
		p->doc = x->st;
		p->doc_given = x->given;
		p->doc_timed = true;
		p->doc_para_no = p->para_no;
	}
}

/* What stands in it: observables, URLs, addresses. */
static void
line_hits(struct plain *p, struct heard *x)
{
	const struct line *l = x->l;
	struct net net;
	size_t pos = 0;

	while (x->n < COUNT_OF(x->hits) &&
	    scan_next(p->r->a, l->s, l->n, &pos, &x->hits[x->n]))
		x->n++;
	for (size_t i = 0; i < x->n; i++)
		observe_hit(p->r, &x->hits[i], p->part);
	if (x->n == COUNT_OF(x->hits))
		observe_text(p->r, l->s + pos, l->n - pos, p->part);
	for (size_t i = 0; i < x->n; i++) {
		struct scan_hit *h = &x->hits[i];

		if (h->kind == SCAN_CVE) {
			p->cves += p->cve == NULL || strcmp(p->cve, h->value);
			p->cve = h->value;
		} else if (h->kind == SCAN_URL && witness_url(p, l, h) &&
		    p->urls->len < URLS_MAX) {
			p->page = witness_page(p, h);
			p->page->row_n = hit_sentence(l, h, &p->page->row);
			g_ptr_array_add(p->urls, p->page);
			if (witness_apart(p, h, x->hits, x->n))
				p->beside = true;
			else if (x->f.url == NULL)
				x->f.url = h->value;
		} else if (h->kind <= SCAN_CIDR && !hit_is_version(l, h) &&
		    !beside_lookup(l->s, l->s + h->start) &&
		    net_parse(h->value, false, &net) &&
		    !hit_never_source(&net)) {
			x->addresses[x->count++] = h;
		}
	}
}

/* Is it a line of a log, and whose are the ports and numbers in it? */
static void
line_shape(struct plain *p, struct heard *x)
{
	const struct line *l = x->l;
	const char *at;
	size_t commas = 0, bars = 0;

	for (size_t i = 0; i < l->n; i++) {
		commas += l->s[i] == ',';
		bars += l->s[i] == '|' || l->s[i] == '\t';
	}
	/* a log line begins with its time; a sentence has it anywhere, but no
	 * bars between its words */
	at = x->timed && x->count > 0 ? x->clock != NULL ? x->clock :
		strstr(l->s, x->given) : NULL;
	x->log = (at != NULL && (*l->s == '{' || at - l->s < 30 || bars > 1 ||
		     (hit_leads(l, x->addresses[0]) && plain_cells(l)))) ||
	    (x->count == 2 && (table_row(l) || (x->addresses[0]->port ==
		DESC_NULL && table_ports_behind(l, x->addresses[0],
		    x->addresses[1]))));
	for (size_t i = 0; i < x->count; i++) {
		hit_fix_firewall(p->r->a, l, x->addresses[i], x->count > 1);
		plain_port_behind(l, x->addresses[i]);
	}
	x->csv = commas > 5 && x->log;
	if (x->log && x->count == 2)
		table_ports(l, x->addresses[0], x->addresses[1]);
	if (x->count == 1 && x->f.count == DESC_NULL)
		x->f.count = hit_counted_before(l, x->addresses[0]);
	table_section(p, l, &x->f, x->count);
	if (x->count > 1 || (p->columns.n > 0 && x->count > 0))
		table_facts(p, l, &x->f);
	/* what stands behind an address may be another column's */
	for (size_t i = 0; p->columns.n > 0 && i < x->count; i++)
		if (x->addresses[i]->port == x->f.target_port)
			x->addresses[i]->port = DESC_NULL;
}

/* The part that an address plays, by its words and by the others. */
static enum blame
line_role(const struct plain *p, const struct heard *x, size_t i)
{
	const struct scan_hit *h = x->addresses[i];
	enum blame role = x->roles[i];

	if (role == BLAME_LABEL && p->section != BLAME_NONE)
		role = p->section;
	/* " 1. 192.0.2.1   412 Mbps" below "Top sources:" */
	if ((role == BLAME_NONE || role == BLAME_LIST) && i == 0 &&
	    p->listed != BLAME_NONE && hit_leads(x->l, h))
		return p->listed;
	/* "192.0.2.1  vpn.example" in a list that others made, "192.0.2.1
	 * first seen ..." */
	if (role == BLAME_NONE && !x->log && x->count == 1 &&
	    (hit_leads_row(x->l, h) ?
		    x->timed || p->heading != NULL || p->row_above :
		    x->timed && role_of_row(p, x->l, h, x->given)) &&
	    (p->heading == NULL || !role_is_ours(p->r->a, p->heading)))
		return BLAME_LIST;
	/* behind "Scanner: x", a list of ports is what it scanned */
	if (role == BLAME_LIST && h->port != DESC_NULL && x->count == 1 &&
	    p->listed != BLAME_SOURCE && p->last != NULL && p->last->source > 0 && p->heading == NULL)
		role = BLAME_TARGET;
	/* "client=x ... server=y" */
	if (role == BLAME_LABEL && x->log && x->count == 2 &&
	    x->roles[1 - i] == BLAME_SOURCE && role_is_server(p, x->l, h))
		return BLAME_TARGET;
	/* a log of a firewall: first the source, then the target; beside a
	 * known target the other one is the source */
	if (role <= BLAME_LIST && x->log && x->count == 2 && (x->csv ||
		table_gap(x->l, x->addresses[0], x->addresses[1]) ||
		!hit_joined(x->l, x->addresses[0], x->addresses[1])))
		return x->roles[1 - i] == BLAME_TARGET ? BLAME_SOURCE :
		    x->roles[1 - i] == BLAME_SOURCE ||
			(x->roles[1 - i] == BLAME_LABEL &&
			    role == BLAME_WEAK) ? BLAME_TARGET :
		    i == 0 ? BLAME_SOURCE : BLAME_TARGET;
	return role <= BLAME_WEAK && x->log && x->count == 1 ? BLAME_LABEL :
		role;
}

/* Does the paragraph before the line end as a heading does? */
static bool
headed(const struct plain *p)
{
	const char *colon = strrchr(p->para, ':');

	return colon != NULL && strspn(colon, ": ") == strlen(colon);
}

/* "IP: x" and nothing else: a field of a block. */
static bool
is_field(const struct plain *p, const struct heard *x, enum blame role,
    const struct scan_hit *h)
{
	return !x->log && x->count == 1 && p->columns.n == 0 &&
	    (role == BLAME_LABEL || role == BLAME_SOURCE) &&
	    h->kind != SCAN_CIDR && beside_label(p->r->a, x->l->s,
		x->l->s + h->start) != NULL;
}

/* Hears one address; how many that took: a range has two. */
static size_t
line_address(struct plain *p, struct heard *x, size_t i)
{
	struct scan_hit *h = x->addresses[i];
	enum blame role = line_role(p, x, i);
	const char *pieces[RANGE_PIECES_MAX];
	struct sighting *other = NULL;
	struct suspect *s;
	size_t k = hit_range(p->r->a, x->l, h,
	    i + 1 < x->count ? x->addresses[i + 1] : NULL, pieces);

	size_t used = k > 0 && h->last == DESC_NULL ? 2 : 1;

	if (k == 0)
		k = hit_last_bytes(p->r->a, x->l, h, pieces);
	if (k > 0) {
		for (size_t j = 0; j < k; j++) {
			s = plain_suspect(p, pieces[j]);
			s->cidr = strchr(pieces[j], '/') != NULL;
			vote(s, role == BLAME_NONE ? BLAME_LABEL : role);
			if (x->timed)
				plain_seen(s, &x->st, x->given);
		}
		return used;
	}
	/* "your machines took part in it:", and a row for each */
	if (role == BLAME_SOURCE && p->listed == BLAME_NONE && i == 0 &&
	    x->count == 1 && hit_leads(x->l, h) && headed(p))
		p->listed = BLAME_SOURCE;
	x->row |= i == 0 && (role == BLAME_SOURCE || role == BLAME_LIST) &&
	    hit_leads(x->l, h);
	s = plain_suspect(p, h->value);
	s->cidr = h->kind == SCAN_CIDR;
	if (s->any == 0 && p->columns.n > 0) {
		s->title = p->title;
		s->title_n = p->title_n;
	}
	/* letters say so, logs do not */
	if (!x->log && role != BLAME_SOURCE && hit_is_c2(x->l, h)) {
		s->c2 |= role != BLAME_TARGET;
		s->called |= role == BLAME_TARGET;
	}
	if (is_field(p, x, role, h)) {
		other = block_begins(p, s);
		x->block = true;
		s->fielded = true;
		if (other != NULL && x->timed)
			block_seen(other, &x->st, x->given);
	}
	s->formed |= p->columns.n > 0 || (beside_label(p->r->a, x->l->s,
		x->l->s + h->start) != NULL &&
	    g_strstr_len(x->l->s, (gssize)h->start, ". ") == NULL);
	s->in_list |= hit_leads(x->l, h) && (role == BLAME_LIST ||
	    p->listed != BLAME_NONE);
	s->victim |= role == BLAME_TARGET && hit_is_victim(x->l, h);
	s->attacker |= role == BLAME_SOURCE && hit_is_attacker(x->l, h);
	s->affected |= role == BLAME_LABEL && hit_is_affected(x->l, h);
	s->serves |= role == BLAME_LABEL && role_serves(p, x->l, h);
	vote(s, role);
	if (role == BLAME_TARGET) {
		if (x->f.target == NULL && h->kind != SCAN_CIDR)
			x->f.target = h->value;
		if (h->port != DESC_NULL && x->f.target_port == DESC_NULL)
			x->f.target_port = h->port;
		return 1;
	}
	if (h->port != DESC_NULL && x->f.source_port == DESC_NULL)
		x->f.source_port = h->port;
	if (s->row == NULL && (x->count == 1 || !plain_cells(x->l) ||
		(p->columns.n > 0 && role == BLAME_SOURCE)))
		s->row_n = hit_sentence(x->l, h, &s->row);
	if ((p->columns.n > 0 || (hit_leads(x->l, h) && plain_cells(x->l))) &&
	    x->count == 1 && x->f.target_port != DESC_NULL)
		block_row(p, s, &x->f, &x->st, x->timed ? x->given : NULL);
	if (x->log && x->timed)
		other = sighting_other(p, s, &x->st, x->given,
		    h->port != DESC_NULL ? h->port : x->f.source_port);
	s->lines += x->log && other == NULL;
	if (x->timed && other == NULL)
		plain_seen(s, &x->st, x->given);
	else if (!x->timed && p->para_timed && !s->timed &&
	    other == NULL && role != BLAME_LIST)
		plain_seen(s, &p->para_stamp, p->para_given);
	if (x->source == NULL || role == BLAME_SOURCE) {
		x->source = s;
		x->other = other;
	}
	x->named |= role != BLAME_NONE;
	return 1;
}

static struct facts *
last_facts(struct plain *p)
{
	return p->block != NULL ? &p->block->facts : &p->last->facts;
}

/* Its facts go to whom it is about, else to the last one, else to all. */
static void
line_facts(struct plain *p, struct heard *x)
{
	/* "inside your network this may be 10.0.0.1" */
	if (x->source != NULL && p->last != NULL &&
	    hit_is_inside(x->source->ip) && !hit_is_inside(p->last->ip)) {
		x->source = p->last;
		x->other = NULL;
		x->block = false;
	}
	if (x->source != NULL) {
		struct suspect *s = x->source;

		if ((x->log || x->count > 1) && x->f.target != NULL && (s->hit == NULL ||
			strcmp(s->hit, x->f.target) != 0)) {
			s->hits++;
			s->hit = x->f.target;
		}
		facts_merge(x->other != NULL ?
			&x->other->facts : &s->facts, &x->f);
		/* "C&C IP: x" is a fact of the host above it */
		if (x->named && (p->last == NULL || !x->source->c2 ||
			x->source->source > 0)) {
			/* the block goes on, whoever is named in it */
			if (p->last != x->source || x->block)
				p->block = x->block ? x->other : NULL;
			p->last = x->source;
		}
		/* "Site: https://x", and its address below */
		if (p->last == s && s->facts.url == NULL && p->page != NULL &&
		    !p->para_last)
			s->facts.url = p->before.url;
		if (x->named && p->last == x->source && !p->para_last) {
			facts_merge(last_facts(p), &p->coming);
			p->coming = NO_FACTS;
			p->para_last = true;
		}
		if (x->source->source > 0)
			p->heading = NULL;
	} else if (p->last != NULL) {
		/* "Category: x", "IP: y", and the next such block below */
		facts_merge(p->para_last ? last_facts(p) : &p->coming, &x->f);
		if (x->timed && p->block != NULL) {
			block_seen(p->block, &x->st, x->given);
			if (p->para_last)
				p->para_timed = false;
		} else if (x->timed && !p->last->timed) {
			plain_seen(p->last, &x->st, x->given);
			/* "IPs: x, y", and when below */
			for (guint i = p->peers; i < p->peers_end; i++) {
				struct suspect *s = p->list->pdata[i];

				if (!s->timed && s->target == 0)
					plain_seen(s, &x->st, x->given);
			}
			/* "IP: x", "Seen: ...", and the next block below */
			if (p->para_last)
				p->para_timed = false;
		}
	} else {
		facts_merge(&p->before, &x->f);
	}
}

/* "Our server x is attacked from a, b and c": by each of them. */
static void
share_target(struct plain *p, const struct heard *x)
{
	if (x->log || x->f.target == NULL || x->count < 3 || p->columns.n > 0)
		return;
	for (size_t i = 0; i < x->count; i++) {
		struct suspect *s = g_hash_table_lookup(p->by_ip,
		    x->addresses[i]->value);

		if (s == NULL || s == x->source || s->target > 0 ||
		    s->facts.target != NULL)
			continue;
		s->facts.target = x->f.target;
		if (s->facts.target_port == DESC_NULL)
			s->facts.target_port = x->f.target_port;
	}
}

/* What the next lines go on from, and what the letter is about. */
static void
line_end(struct plain *p, const struct heard *x)
{
	const struct line *l = x->l;
	size_t old = strlen(p->para), more = MIN(l->n, 200);
	char *para;

	p->row_above = x->row;

	old = more < 200 ? MIN(old, 200 - more) : 0;
	para = arena_alloc(p->r->a, old + more + 2);
	memcpy(para, p->para + strlen(p->para) - old, old);
	memcpy(para + old, l->s + l->n - more, more);
	para[old + more] = ' ';
	/* a sentence goes on in the next line, a table and a list do not */
	p->para = plain_cells(l) || (x->log && x->timed &&
		hit_leads(l, x->addresses[0])) ? (char *)"" : para;
	if (x->count == 0 && l->n > 3 && l->n < 200) {
		size_t k = l->n;

		while (k > 0 && g_ascii_isspace(l->s[k - 1]))
			k--;
		if (k > 0 && l->s[k - 1] == ':')
			p->heading = arena_strndup(p->r->a, l->s, k);
		if (p->heading != NULL && k > 0 && l->s[k - 1] == ':')
			p->listed = p->outgoing &&
				strstr(x->low, "remote") != NULL ?
				BLAME_TARGET : role_of_heading(x->low);
		else if (k > 0 && strchr(".!?", l->s[k - 1]) != NULL)
			p->listed = BLAME_NONE;
	}
	/* which may be the title of a table */
	if (x->count == 0 && !plain_rule(l)) {
		p->said = l->n < 60 ? l->s : NULL;
		p->said_n = l->n;
	}
	if (p->words->len < 65536) {
		g_string_append_len(p->words, l->s, (gssize)l->n);
		g_string_append_c(p->words, '\n');
	}
}

static void
one_line(struct plain *p, const struct line *l)
{
	struct heard x;
	guint known;

	if (table_begins(p, l)) {
		g_string_append_len(p->words, l->s, (gssize)l->n);
		g_string_append_c(p->words, '\n');
		return;
	}
	l = plain_field(p, l);
	x.l = l;
	x.low = read_lower(p->r->a, l->s, l->n);
	p->outgoing |= hit_goes_out(x.low);
	x.n = x.count = 0;
	x.source = NULL;
	x.other = NULL;
	x.named = x.block = x.row = false;
	table_house(p, x.low);
	line_time(p, &x);
	facts_read(p->r->a, x.low, &x.f);
	x.f.type = facts_type(p->r->a, x.low);
	if (x.f.type == NULL)
		x.f.type = facts_rule(x.low);
	line_hits(p, &x);
	line_shape(p, &x);
	roles_of_line(p, l, x.addresses, x.count, x.roles);
	known = p->list->len;
	for (size_t i = 0; i < x.count;)
		i += line_address(p, &x, i);
	if (x.source != NULL) {
		p->peers = known;
		p->peers_end = p->list->len;
	}
	line_facts(p, &x);
	share_target(p, &x);
	line_end(p, &x);
}

/* A paragraph is over: what it said, and of nobody, is of the one before. */
static void
witness_pause(struct plain *p)
{
	/* what stands below a list is of all of it */
	if (p->last != NULL && p->last->in_list && p->block == NULL)
		facts_merge(&p->before, &p->coming);
	else if (p->last != NULL)
		facts_merge(last_facts(p), &p->coming);
	p->coming = NO_FACTS;
}

void
witness_text(struct plain *p, const char *text, const char *part)
{
	size_t n;
	struct line *list = lines_of(p->r->a, plain_objects(p->r->a,
	    plain_signs(p->r->a, text)), &n);

	p->part = part;
	p->day = p->subject_day;
	p->columns.n = 0;
	p->said = p->title = NULL;
	p->para = (char *)"";
	p->tail = BLAME_NONE;
	p->para_timed = false;
	for (size_t i = 0; i < n; i++) {
		struct line l = list[i];

		if (l.kind == LINE_BLANK) {
			p->section = BLAME_NONE;
			p->para = (char *)"";
			p->para_no++;
			p->tail = BLAME_NONE;
			witness_pause(p);
			p->para_timed = p->para_last = false;
			p->page = NULL;
			continue;
		}
		if (p->quotes && l.kind == LINE_QUOTE) {
			size_t skip = strspn(l.s, "> ");

			l.s += MIN(skip, l.n);
			l.n -= MIN(skip, l.n);
			l.kind = LINE_TEXT;
		} else if (p->quotes && l.kind == LINE_TEXT) {
			continue; /* heard before */
		}
		if (p->para_last && plain_rule(&l)) {
			witness_pause(p);
			p->para_timed = p->para_last = false;
		}
		if (l.kind == LINE_ROUTE && p->route == NULL)
			p->route = lines_route(p->r->a, &l);
		if (l.kind == LINE_TEXT)
			one_line(p, &l);
		else
			observe_text(p->r, l.s, l.n, part);
	}
	witness_pause(p);
}
