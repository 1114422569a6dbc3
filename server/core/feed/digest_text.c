/* What stands in a digest: subject and text.  See digest_priv.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/feed/digest_priv.h"
#include "core/outgoing/mail_views.h"

enum { TYPES_MAX = 60 }; /* different types in one digest */

static int64_t *
count_of(struct digest_count *c, const char *what)
{
	return strcmp(what, "new") == 0 ? &c->fresh
	    : strcmp(what, "still") == 0 ? &c->still
					 : &c->gone;
}

void
digest_count(const struct digest_finding *f, size_t n,
    struct digest_count *out)
{
	*out = (struct digest_count){0};
	for (size_t i = 0; i < n; i++)
		(*count_of(out, f[i].what))++;
}

static const char *
num(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

static const char *
kind_name(enum digest_kind k)
{
	return k == DIGEST_WEEKLY ? "weekly" : "daily";
}

const char *
digest_subject(struct arena *a, const struct site *s,
    const struct digest_mail *m)
{
	struct digest_count c;

	digest_count(m->f, m->n, &c);
	return mail_subject(a, s, m->ticket, NULL,
	    arena_printf(a, "%s digest %s: %" PRId64 " new, %" PRId64
		" still there, %" PRId64 " gone", m->kind == DIGEST_WEEKLY
		    ? "Weekly" : "Daily", m->day, c.fresh, c.still, c.gone));
}

/* "192.0.2.7 port 123, vulnerable/ddos-amplifier, medium, last 2026-11-25
 * 04:10 Z (shadowserver/scan_ntp)" */
static const char *
line_of(struct arena *a, const struct digest_finding *f)
{
	GString *s = arena_gstring(a);

	g_string_append(s, f->address != NULL ? f->address : "(no address)");
	if (f->port != DESC_NULL)
		g_string_append_printf(s, " port %" PRId64, f->port);
	g_string_append_printf(s, ", %s",
	    f->type != NULL ? f->type : "not classified");
	if (!text_blank(f->severity))
		g_string_append_printf(s, ", %s", f->severity);
	if (f->returns > 0)
		g_string_append(s, ", back again");
	if (strcmp(f->what, "new") != 0)
		g_string_append_printf(s, ", since %s",
		    when_page(a, f->first_seen));
	g_string_append_printf(s, ", last %s (%s)",
	    when_page(a, f->last_seen), f->feeds);
	return s->str;
}

static struct list
lines_of(struct arena *a, const struct digest_mail *m, const char *what,
    size_t max)
{
	struct list l = {0};

	l.items = ARENA_ARRAY(a, struct mail_digest_line, max + 1);
	for (size_t i = 0; i < m->n && l.n < max; i++)
		if (strcmp(m->f[i].what, what) == 0)
			LIST_AT(mail_digest_line, l, l.n++)->text =
			    line_of(a, &m->f[i]);
	return l;
}

/* The findings of a mail are not ordered by type alone, so look for it. */
static struct list
types_of(struct arena *a, const struct digest_mail *m)
{
	struct {
		const char *type;
		struct digest_count c;
	} t[TYPES_MAX];
	size_t n = 0, k;
	int width = 0;
	struct list l;

	for (size_t i = 0; i < m->n; i++) {
		const char *type = m->f[i].type != NULL ? m->f[i].type
							: "not classified";

		for (k = 0; k < n && strcmp(t[k].type, type) != 0; k++)
			;
		if (k == TYPES_MAX)
			t[--k].type = "other types";
		if (k == n) {
			t[n].type = type;
			t[n++].c = (struct digest_count){0};
		}
		(*count_of(&t[k].c, m->f[i].what))++;
	}
	for (k = 0; k < n; k++)
		width = MAX(width, (int)strlen(t[k].type));
	l.n = n;
	l.items = ARENA_ARRAY(a, struct mail_digest_type, n + 1);
	for (k = 0; k < n; k++)
		*LIST_AT(mail_digest_type, l, k) = (struct mail_digest_type){
		    arena_printf(a, "%-*s", width, t[k].type),
		    num(a, t[k].c.fresh), num(a, t[k].c.still),
		    num(a, t[k].c.gone)};
	return l;
}

const char *
digest_text(struct arena *a, const struct site *s,
    const struct digest_mail *m, const char *file, int64_t rows_cut)
{
	GString *out = arena_gstring(a);
	struct digest_count c;
	struct mail_digest view = {
	    .team = s->conf->site_name,
	    .network = s->conf->site_network,
	    .tag = arena_printf(a, "[%s #%" PRId64 "]",
		s->conf->site_subject_tag, m->ticket),
	    .organisation = m->organisation,
	    .tlp = "AMBER",
	    .kind = kind_name(m->kind),
	    .day = m->day,
	    .types = types_of(a, m),
	    .file = file,
	    .rows_cut = rows_cut,
	};
	size_t left = DIGEST_LINES_MAX;

	digest_count(m->f, m->n, &c);
	view.fresh = num(a, c.fresh);
	view.still = num(a, c.still);
	view.gone = num(a, c.gone);
	/* What is new comes first, and a little room is kept for the rest. */
	view.news = lines_of(a, m, "new", left * 2 / 3);
	left -= view.news.n;
	view.goes = lines_of(a, m, "gone", left / 2);
	left -= view.goes.n;
	view.stays = lines_of(a, m, "still", left);
	left -= view.stays.n;
	view.cut = (int64_t)(m->n - (DIGEST_LINES_MAX - left));
	tmpl_render(s->tmpl, "mail/digest.txt", &desc_mail_digest, &view, out);
	return out->str;
}
