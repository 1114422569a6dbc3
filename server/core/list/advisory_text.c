/* TLP gates, the form of a draft, the text of the mail: the part of
 * advisory.h without a database. */
#include "base/base.h"
#include "base/conf.h"
#include "base/markdown.h"
#include "base/text.h"
#include "base/when.h"
#include "core/list/advisory.h"
#include "core/list/advisory_priv.h"
#include "core/list/topic.h"
#include "core/outgoing/address.h"

bool
advisory_may_write(const struct actor *who)
{
	return who->role >= ROLE_ANALYST;
}

const char *
advisory_id(struct arena *a, const struct site *s, int64_t number,
    int64_t created)
{
	struct when_fields f;

	when_fields(created, &f);
	return arena_printf(a, "%s-%04d-%04" PRId64,
	    s->conf->site_subject_tag, f.year, number);
}

/* Strictest last; the name of 1.0 is read, never written. */
static const struct {
	const char *name, *also;
} tlps[] = {
    {"CLEAR", "WHITE"},
    {"GREEN", NULL},
    {"AMBER", NULL},
    {"AMBER+STRICT", NULL},
    {"RED", NULL},
};

static int
tlp_rank(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(tlps); i++)
		if (text_ieq(name, tlps[i].name) ||
		    (tlps[i].also != NULL && text_ieq(name, tlps[i].also)))
			return (int)i;
	return -1;
}

const char *
advisory_tlp(const char *text)
{
	int rank;

	if (text == NULL)
		return NULL;
	if (text_istarts(text, "tlp:"))
		text += strlen("tlp:");
	rank = tlp_rank(text);
	return rank >= 0 ? tlps[rank].name : NULL;
}

bool
advisory_gate(const char *tlp, const char *list, const char *max_tlp,
    GError **err)
{
	int rank = tlp_rank(tlp), max = tlp_rank(max_tlp);

	if (rank < 0 || max < 0)
		return fault_set(err, FAULT_INPUT,
		    "The marking is none of TLP 2.0.");
	if (rank > tlp_rank("AMBER"))
		return fault_set(err, FAULT_INPUT,
		    "TLP:%s never goes to a list: it is for named people. "
		    "Write to them one by one.", tlp);
	if (rank > max)
		return fault_set(err, FAULT_INPUT,
		    "TLP:%s cannot go to the list %s, which takes TLP:%s at "
		    "most.", tlp, list, max_tlp);
	return true;
}

/* -- the one right form of a draft -- */

/* Blank ends off, empty ones and repeats out. */
static const char *const *
clean_list(struct arena *a, const char *const *in, bool upper)
{
	GPtrArray *out = arena_ptr_array(a);

	for (; in != NULL && *in != NULL; in++) {
		char *s = text_squash(a, *in);
		bool seen = false;

		if (*s == '\0')
			continue;
		for (char *p = s; *p != '\0'; p++)
			*p = upper ? g_ascii_toupper(*p) : g_ascii_tolower(*p);
		for (guint i = 0; i < out->len; i++)
			seen |= strcmp(out->pdata[i], s) == 0;
		if (!seen)
			g_ptr_array_add(out, s);
	}
	g_ptr_array_add(out, NULL);
	return (const char *const *)out->pdata;
}

/* ^CVE-\d{4}-\d{4,19}$ */
static bool
is_cve(const char *s)
{
	static const char digits[] = "0123456789";
	size_t n;

	if (!g_str_has_prefix(s, "CVE-") || strspn(s + 4, digits) != 4 ||
	    s[8] != '-')
		return false;
	n = strspn(s + 9, digits);
	return n >= 4 && n <= 19 && s[9 + n] == '\0';
}

static bool
check_title(struct arena *a, struct advisory_draft *d, GError **err)
{
	d->title = text_squash(a, d->title != NULL ? d->title : "");
	if (*d->title == '\0')
		return fault_set(err, FAULT_INPUT, "The title is missing.");
	if (g_utf8_strlen(d->title, -1) > ADVISORY_TITLE_MAX)
		return fault_set(err, FAULT_INPUT,
		    "The title is longer than %d characters.",
		    ADVISORY_TITLE_MAX);
	return true;
}

static bool
check_body(struct arena *a, struct advisory_draft *d, GError **err)
{
	if (text_blank(d->body))
		return fault_set(err, FAULT_INPUT, "The text is missing.");
	if (strlen(d->body) > MARKDOWN_MAX)
		return fault_set(err, FAULT_LARGE,
		    "The text is longer than %d kB.", MARKDOWN_MAX / 1024);
	d->body = text_repair(a, d->body, strlen(d->body));
	return true;
}

static bool
check_cves(struct arena *a, struct advisory_draft *d, GError **err)
{
	d->cves = clean_list(a, d->cves, true);
	if (text_count(d->cves) > ADVISORY_CVES_MAX)
		return fault_set(err, FAULT_INPUT, "More than %d CVEs.",
		    ADVISORY_CVES_MAX);
	for (size_t i = 0; d->cves[i] != NULL; i++)
		if (!is_cve(d->cves[i]))
			return fault_set(err, FAULT_INPUT,
			    "%s is no CVE number; they look like "
			    "CVE-2026-12345.",
			    text_cut(a, d->cves[i], 40));
	return true;
}

static bool
check_tlp(struct arena *a, struct advisory_draft *d, GError **err)
{
	if (text_blank(d->tlp))
		return fault_set(err, FAULT_INPUT,
		    "The marking is missing: one of CLEAR, GREEN, AMBER.");
	d->tlp = advisory_tlp(text_squash(a, d->tlp));
	return d->tlp != NULL ||
	    fault_set(err, FAULT_INPUT, "The marking is none of TLP 2.0.");
}

static bool
check_lists(struct arena *a, struct advisory_draft *d, GError **err)
{
	d->lists = clean_list(a, d->lists, false);
	if (text_count(d->lists) == 0)
		return fault_set(err, FAULT_INPUT,
		    "No list is chosen: an advisory goes to at least one.");
	return text_count(d->lists) <= ADVISORY_LISTS_MAX ||
	    fault_set(err, FAULT_INPUT, "More than %d lists.",
		ADVISORY_LISTS_MAX);
}

static bool
check_topics(struct arena *a, struct advisory_draft *d, GError **err)
{
	d->topics = clean_list(a, d->topics, false);
	return text_count(d->topics) <= ADVISORY_TOPICS_MAX ||
	    fault_set(err, FAULT_INPUT, "More than %d topics.",
		ADVISORY_TOPICS_MAX);
}

static const struct {
	const char *field;
	bool (*check)(struct arena *, struct advisory_draft *, GError **);
} checks[] = {
    {"title", check_title},
    {"body", check_body},
    {"tlp", check_tlp},
    {"lists", check_lists},
    {"topics", check_topics},
    {"cves", check_cves},
};

bool
advisory_check(struct arena *a, struct advisory_draft *d, const char **field,
    GError **err)
{
	struct advisory_draft c = *d;

	for (size_t i = 0; i < COUNT_OF(checks); i++)
		if (!checks[i].check(a, &c, err)) {
			if (field != NULL)
				*field = checks[i].field;
			return false;
		}
	*d = c;
	return true;
}

const char *
advisory_slug(struct arena *a, const struct advisory *adv)
{
	return topic_slug(a, arena_printf(a, "%s %s", adv->id, adv->title));
}

/* -- the mail -- */

DESC_TABLE(advisory_letter, ADVISORY_LETTER);

void
advisory_mail(struct arena *a, const struct site *s,
    const struct advisory *adv, int64_t at, const char *yours,
    struct advisory_mail *out)
{
	struct advisory_letter v = {
	    .id = adv->id,
	    .title = adv->title,
	    .tlp = adv->tlp,
	    .date = at,
	    .cves = text_blank(adv->cves_text) ? NULL : adv->cves_text,
	    .yours = yours,
	    .lists = adv->lists_text,
	    .body = markdown_plain(a, adv->body),
	    .site = s->conf->site_name,
	    .network = s->conf->site_network,
	    .report = address_report(a, s),
	    .home = s->conf->site_public_url,
	    .clear = strcmp(adv->tlp, "CLEAR") == 0,
	    .green = strcmp(adv->tlp, "GREEN") == 0,
	    .amber = strcmp(adv->tlp, "AMBER") == 0,
	};
	GString *text = arena_gstring(a);

	if (topic_public(adv->tlp) && adv->slug != NULL)
		v.url = arena_printf(a, "%s/advisories/%s",
		    s->conf->site_public_url, adv->slug);
	tmpl_render(s->tmpl, "mail/advisory.txt", &desc_advisory_letter, &v,
	    text);
	out->from = address_report(a, s);
	out->subject = arena_printf(a, "[TLP:%s] %s %s", adv->tlp, adv->id,
	    adv->title);
	out->text = text->str;
}
