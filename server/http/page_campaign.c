/* Campaigns: the list, the form, a draft with whom it concerns, sending. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "core/campaign.h"
#include "core/text_template.h"
#include "http/counts.h"
#include "http/form.h"
#include "http/page_campaign.h"
#include "inspect/pool.h"

DESC_TABLE(campaigns_view, CAMPAIGNS_VIEW);
DESC_TABLE(campaign_text, CAMPAIGN_TEXT);
DESC_TABLE(campaign_form_view, CAMPAIGN_FORM_VIEW);
DESC_TABLE(campaign_view, CAMPAIGN_VIEW);
DESC_TABLE(campaign_mail_view, CAMPAIGN_MAIL_VIEW);
DESC_TABLE(campaign_act_view, CAMPAIGN_ACT_VIEW);

static const struct form_field campaign_fields[] = {
    {"title", FORM_LINE, 4 * CAMPAIGN_TITLE_MAX, .required = true,
	.label = "what it is about"},
    {"type", FORM_LINE, 100, .required = true, .label = "the type"},
    {"tlp", FORM_LINE, 20},
    {"words", FORM_TEXT, CAMPAIGN_WORDS_MAX, .label = "what to do"},
    {"incident", FORM_LINE, 20},
    {"zone", FORM_LINE, 60},
    {"text", FORM_TEXT, CAMPAIGN_BYTES_MAX, .label = "the rows"},
    {"file", FORM_FILE, CAMPAIGN_BYTES_MAX, .label = "the file"},
    {"from", FORM_LINE, 20},       /* search or findings, with */
    {"query", FORM_LINE, 2000},    /* their parameters: "a=1&b=2" */
};
const struct form form_campaign = FORM(campaign_fields);

static const struct form_field choose_fields[] = {
    {"party", FORM_LIST, 20, CAMPAIGN_PAGE},
    {"page", FORM_LINE, 20},
    {"version", FORM_LINE, 20},
};
const struct form form_campaign_choose = FORM(choose_fields);

static const struct form_field version_fields[] = {
    {"version", FORM_LINE, 20},
};
const struct form form_campaign_version = FORM(version_fields);

static const struct {
	const char *value, *label;
} labels[] = {
    {"", "TLP not said (goes as AMBER)"},
    {"CLEAR", "TLP:CLEAR"},
    {"GREEN", "TLP:GREEN"},
    {"AMBER", "TLP:AMBER"},
    {"AMBER+STRICT", "TLP:AMBER+STRICT"},
    {"RED", "TLP:RED"},
};

bool
page_campaigns(struct req *r, GError **err)
{
	struct campaigns_view v = {.page_title = "Campaigns"};
	const char *source = req_query(r, "source");
	int64_t page;

	if (source != NULL && strcmp(source, "digest") != 0)
		return fault_set(err, FAULT_INPUT,
		    "source is digest, or missing.");
	v.digests = source != NULL;
	if (!req_query_int(r, "page", 0, REQ_PAGE_MAX, 0, &page, err) ||
	    !campaign_list(r->db, r->a, v.digests, page, &v.items, &v.total,
		err))
		return false;
	return reply_list(r, "page/campaigns.html", &desc_campaigns_view, &v,
	    page, CAMPAIGN_PAGE);
}

/* ---- the form ------------------------------------------------------------- */

static struct list
type_options(struct arena *a, const char *chosen)
{
	size_t n;
	const char *const *types = inspect_types(&n);
	struct list l = {.n = n};

	l.items = ARENA_ARRAY(a, struct desk_option, n);
	for (size_t i = 0; i < n; i++)
		*LIST_AT(desk_option, l, i) = (struct desk_option){
		    types[i], types[i], strcmp(chosen, types[i]) == 0};
	return l;
}

static struct list
label_options(struct arena *a, const char *chosen)
{
	struct list l = {.n = COUNT_OF(labels)};

	l.items = ARENA_ARRAY(a, struct desk_option, l.n);
	for (size_t i = 0; i < l.n; i++)
		*LIST_AT(desk_option, l, i) = (struct desk_option){
		    labels[i].value, labels[i].label,
		    strcmp(chosen, labels[i].value) == 0};
	return l;
}

/* What may stand in the words, for those to whom no reporter is named. */
static const char *
variables(struct arena *a)
{
	const struct list l = text_variables(a);
	GString *s = arena_gstring(a);

	for (size_t i = 0; i < l.n; i++) {
		const struct text_variable *x = LIST_AT(text_variable, l, i);

		if (text_check(a, "notice", x->shown, NULL))
			g_string_append_printf(s, "%s%s",
			    s->len > 0 ? ", " : "", x->shown);
	}
	return s->str;
}

static bool
load_texts(struct req *r, struct campaign_form_view *v, GError **err)
{
	struct list all;
	const char *query = "";

	if (!text_list(r->db, r->a, "notice", &all, err))
		return false;
	if (r->route->method == ROUTE_GET)
		query = req_query_but(r, "template");
	v->texts.n = all.n;
	v->texts.items = ARENA_ARRAY(r->a, struct campaign_text, all.n + 1);
	for (size_t i = 0; i < all.n; i++) {
		const struct text_template *t =
		    LIST_AT(text_template, all, i);

		*LIST_AT(campaign_text, v->texts, i) = (struct campaign_text){
		    arena_printf(r->a, "/desk/campaigns/new%s%stemplate=%"
			PRId64, query, *query != '\0' ? "&" : "?", t->id),
		    t->name};
	}
	return true;
}

static bool
show_form(struct req *r, unsigned status, struct campaign_form_view *v,
    const char *type, const char *tlp, GError **err)
{
	if (!load_texts(r, v, err))
		return false;
	v->variables = variables(r->a);
	v->page_title = "New campaign";
	v->types = type_options(r->a, *type != '\0' ? type
				    : "vulnerable/vulnerable-system");
	v->labels = label_options(r->a, tlp);
	v->of_search = g_strcmp0(v->from, "search") == 0;
	v->of_findings = g_strcmp0(v->from, "findings") == 0;
	return reply_view(r, status, "page/campaign_new.html",
	    &desc_campaign_form_view, v);
}

const char *
campaign_from(struct req *r, const char *from)
{
	const char *query = req_query_but(r, "page");

	return arena_printf(r->a, "/desk/campaigns/new?from=%s%s%s", from,
	    *query != '\0' ? "&" : "", *query != '\0' ? query + 1 : "");
}

/* "a=1&b=2" of the parameters that are those of a search or of findings. */
static const char *
filter_of(struct req *r)
{
	static const char *const names[] = {"state", "org", "type", "feed",
	    "ip", "status", "view", "q", "kind"};
	GString *s = arena_gstring(r->a);

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *v = req_query(r, names[i]);

		if (v == NULL)
			continue;
		g_string_append_printf(s, "%s%s=", s->len > 0 ? "&" : "",
		    names[i]);
		text_url(s, v);
	}
	return s->str;
}

bool
page_campaign_new(struct req *r, GError **err)
{
	const char *query = filter_of(r);
	const char *type = req_query(r, "type");
	struct campaign_form_view v = {
	    .from = req_query(r, "from"),
	    .query = query,
	    .incident = req_query(r, "incident"),
	    .zone = "UTC",
	};

	struct text_template t;
	int64_t id;

	if (!req_query_int(r, "template", 1, INT64_MAX / 2, 0, &id, err))
		return false;
	if (id > 0) {
		if (!text_get(r->db, r->a, id, &t, err))
			return false;
		if (strcmp(t.direction, "notice") != 0)
			return fault_set(err, FAULT_INPUT,
			    "This text is for no notice.");
		v.words = t.text;
	}
	if (type == NULL || campaign_type_known(type) == NULL)
		type = "";
	return show_form(r, 200, &v, type, "AMBER", err);
}

static bool
again(struct req *r, GError **err)
{
	struct campaign_form_view v = {0};

	form_fill(r, &desc_campaign_form_view, &v);
	return show_form(r, 422, &v, form_get(r, "type"), form_get(r, "tlp"),
	    err);
}

/* One parameter of "a=1&b=2"; NULL when it is missing or blank. */
static const char *
param(struct req *r, const char *name)
{
	GUriParamsIter i;
	char *key, *value;
	const char *out = NULL;

	g_uri_params_iter_init(&i, form_get(r, "query"), -1, "&",
	    G_URI_PARAMS_WWW_FORM);
	while (g_uri_params_iter_next(&i, &key, &value, NULL)) {
		if (strcmp(key, name) == 0 && !text_blank(value))
			out = text_repair(r->a, value, strlen(value));
		g_free(key);
		g_free(value);
	}
	return out;
}

/* An address of a filter, canonical; a search's words may be one. */
static void
address(struct req *r, const char **ip, const char **words)
{
	struct net net;

	if (*ip == NULL && words != NULL && *words != NULL &&
	    net_parse(*words, false, &net)) {
		*ip = *words;
		*words = NULL;
	}
	if (*ip != NULL && net_parse(*ip, false, &net))
		*ip = net_text(r->a, &net);
	else if (*ip != NULL)
		form_error(r, "text", "%s is no address and no prefix.",
		    text_cut(r->a, *ip, 60));
}

/* What is pasted or sent as a file, read by a parser child. */
static bool
read_rows(struct req *r, struct campaign_new *c, GError **err)
{
	size_t n;
	const struct form_file *f = form_files(r, "file", &n);
	struct inspection *in = ARENA_NEW(r->a, struct inspection);

	c->bytes = form_get(r, "text");
	c->len = strlen(c->bytes);
	if (n > 0 && f[0].len > 0) {
		c->bytes = f[0].bytes;
		c->len = f[0].len;
		c->file = *f[0].name != '\0' ? f[0].name : "rows.csv";
	}
	if (c->len == 0) {
		form_error(r, "text", "Paste addresses, or choose a file.");
		return true;
	}
	if (req_parsers(r) == NULL)
		return fault_set(err, FAULT_AWAY,
		    "There is no reader at work.");
	c->rows = in;
	return pool_rows(req_parsers(r), r->a,
	    blob_of(r->a, c->bytes, c->len), in, err);
}

static bool
gather(struct req *r, struct campaign_new *c, struct ticket_filter *t,
    struct finding_filter *f, GError **err)
{
	const char *incident = form_get(r, "incident");

	*c = (struct campaign_new){
	    .title = form_get(r, "title"),
	    .type = form_get(r, "type"),
	    .tlp = form_get(r, "tlp"),
	    .words = form_get(r, "words"),
	    .zone = form_get(r, "zone"),
	    .query = form_has(r, "query") ? form_get(r, "query") : NULL,
	};
	incident += *incident == '#';
	if (*incident != '\0' &&
	    !text_int(incident, 1, INT64_MAX / 2, &c->incident))
		form_error(r, "incident",
		    "Write the number of an incident, as 4711.");
	if (form_is(r, "from", "findings")) {
		*f = (struct finding_filter){.state = param(r, "state"),
		    .org = param(r, "org"), .type = param(r, "type"),
		    .feed = param(r, "feed"), .ip = param(r, "ip")};
		c->findings = f;
		address(r, &f->ip, NULL);
		return true;
	}
	if (form_is(r, "from", "search")) {
		*t = (struct ticket_filter){.status = param(r, "status"),
		    .view = param(r, "view"), .type = param(r, "type"),
		    .org = param(r, "org"), .q = param(r, "q"),
		    .ip = param(r, "ip"), .kind = param(r, "kind"),
		    .me = r->actor.id};
		c->search = t;
		address(r, &t->ip, &t->q);
		return true;
	}
	if (form_has(r, "from"))
		form_error(r, "text", "Rows are pasted, or those of a search "
		    "or of findings.");
	return read_rows(r, c, err);
}

/* The field that a message of campaign_create() is about. */
static const char *
field_of(const GError *why)
{
	if (strstr(why->message, "{{") != NULL)
		return "words";
	if (strstr(why->message, "zone") != NULL)
		return "zone";
	if (strstr(why->message, "incident") != NULL)
		return "incident";
	return strstr(why->message, "title") != NULL ? "title" : "text";
}

bool
page_campaign_create(struct req *r, GError **err)
{
	struct campaign_new c;
	struct ticket_filter t;
	struct finding_filter f;
	g_autoptr(GError) why = NULL;
	int64_t id;

	if (!gather(r, &c, &t, &f, err))
		return false;
	if (!form_ok(r))
		return again(r, err);
	if (!campaign_create(r->db, r->site, &r->actor, &c, &id, &why)) {
		if (!fault_is(why, FAULT_INPUT) &&
		    !fault_is(why, FAULT_LARGE) &&
		    !fault_is(why, FAULT_ABSENT)) {
			g_propagate_error(err, g_steal_pointer(&why));
			return false;
		}
		form_error(r, field_of(why), "%s", why->message);
		return again(r, err);
	}
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64, id),
	    "Nothing has left yet: look at it, then send it.", 201, 0, err);
}

/* ---- a draft -------------------------------------------------------------- */

static bool
show(struct req *r, unsigned status, int64_t id, int64_t page, GError **err)
{
	struct campaign_view v = {.page_title = "Campaign"};
	struct campaign c;

	if (!campaign_load(r->db, r->a, id, &c, err))
		return false;
	desc_copy(&desc_campaign, &c, &desc_campaign_view, &v);
	v.page_title = arena_printf(r->a, "Campaign: %s", c.title);
	v.sum = ARENA_NEW(r->a, struct campaign_sum);
	if (!campaign_parties(r->db, r->site, r->a, &c, page, &v.items, v.sum,
		err) ||
	    !campaign_left_out(r->db, r->a, id, &v.left, err))
		return false;
	v.total = c.parties;
	v.page = page;
	v.is_draft = strcmp(c.state, "draft") == 0;
	v.is_sent = strcmp(c.state, "sent") == 0;
	v.is_abandoned = strcmp(c.state, "abandoned") == 0;
	v.may_send = v.is_draft && v.sum->chosen > 0;
	v.send_error = form_error_of(r, "party");
	if (status == 200)
		return reply_list(r, "page/campaign.html",
		    &desc_campaign_view, &v, page, CAMPAIGN_PAGE);
	v.any = v.items.n > 0;
	return reply_view(r, status, "page/campaign.html",
	    &desc_campaign_view, &v);
}

bool
page_campaign(struct req *r, GError **err)
{
	int64_t id, page;
	struct campaign c;

	if (!req_param_int(r, "id", &id, err) ||
	    !req_query_int(r, "page", 0, CAMPAIGN_PARTIES_MAX / CAMPAIGN_PAGE,
		0, &page, err) ||
	    !campaign_load(r->db, r->a, id, &c, err))
		return false;
	if (r->face == FACE_PAGE && strcmp(c.state, "sent") == 0)
		return reply_see_other(r, arena_printf(r->a,
		    "/desk/campaigns/%" PRId64 "/board", id), NULL);
	return show(r, 200, id, page, err);
}

bool
page_campaign_mail(struct req *r, GError **err)
{
	struct campaign_mail_view v = {0};
	struct campaign_mail m;
	struct campaign c;
	int64_t id, n;

	if (!req_param_int(r, "id", &id, err) ||
	    !req_param_int(r, "n", &n, err) ||
	    !campaign_load(r->db, r->a, id, &c, err) ||
	    !campaign_mail(r->db, r->site, r->a, &r->actor, &c, n, &m, err))
		return false;
	desc_copy(&desc_campaign_mail, &m, &desc_campaign_mail_view, &v);
	v.page_title = arena_printf(r->a, "The mail to %s", m.name);
	v.campaign = id;
	v.campaign_title = c.title;
	v.back = (n - 1) / CAMPAIGN_PAGE;
	return reply_view(r, 200, "page/campaign_mail.html",
	    &desc_campaign_mail_view, &v);
}

/* ---- acts ----------------------------------------------------------------- */

bool
campaign_done(struct req *r, int64_t id, const char *path, const char *flash,
    unsigned status, int64_t done, GError **err)
{
	struct campaign_act_view v = {0};
	struct campaign c;

	counts_forget(r);
	if (r->face == FACE_API) {
		if (!campaign_load(r->db, r->a, id, &c, err))
			return false;
		v = (struct campaign_act_view){id, c.state, c.version,
		    c.incident, done};
	}
	return reply_done(r, path, flash, status, &desc_campaign_act_view,
	    &v);
}

/* What was wrong is said on the page of the draft. */
static bool
refuse(struct req *r, int64_t id, int64_t page, GError *why, GError **err)
{
	unsigned status = (unsigned)fault_http(why);

	if (r->face == FACE_API || (!fault_is(why, FAULT_INPUT) &&
	    !fault_is(why, FAULT_CONFLICT))) {
		g_propagate_error(err, why);
		return false;
	}
	form_error(r, "party", "%s", why->message);
	g_error_free(why);
	return show(r, status, id, page, err);
}

/* Ticks of a page, when they came along; *version goes on behind them. */
static bool
take_ticks(struct req *r, int64_t id, int64_t *version, int64_t *page,
    GError **err)
{
	struct campaign c;
	const char *const *ns = form_list(r, "party", NULL);

	if (!form_has(r, "page"))
		return true;
	if (!campaign_choose(r->db, &r->actor, id, *version, *page, ns, err) ||
	    !campaign_load(r->db, r->a, id, &c, err))
		return false;
	*version = c.version;
	return true;
}

static bool
begin(struct req *r, int64_t *id, int64_t *version, int64_t *page,
    GError **err)
{
	*page = 0;
	if (!req_param_int(r, "id", id, err))
		return false;
	form_int(r, "version", 0, INT64_MAX / 2, 0, version);
	form_int(r, "page", 0, CAMPAIGN_PARTIES_MAX / CAMPAIGN_PAGE, 0, page);
	return true;
}

bool
act_campaign_choose(struct req *r, GError **err)
{
	int64_t id, version, page;
	GError *why = NULL;

	if (!begin(r, &id, &version, &page, err))
		return false;
	if (!form_ok(r))
		return show(r, 422, id, page, err);
	if (!take_ticks(r, id, &version, &page, &why))
		return refuse(r, id, page, why, err);
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64 "?page=%" PRId64, id, page),
	    "The ticks are kept.", 200, 0, err);
}

bool
act_campaign_send(struct req *r, GError **err)
{
	int64_t id, version, page, sent, incident;
	GError *why = NULL;

	if (!begin(r, &id, &version, &page, err))
		return false;
	if (!form_ok(r))
		return show(r, 422, id, page, err);
	if (!take_ticks(r, id, &version, &page, &why) ||
	    !campaign_send(r->db, r->site, &r->actor, id, version, &sent,
		&incident, &why))
		return refuse(r, id, page, why, err);
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64 "/board", id),
	    arena_printf(r->a, "%" PRId64 " notices are on their way, under "
		"incident #%" PRId64 ".", sent, incident), 200, sent, err);
}

static bool
move(struct req *r, bool (*act)(struct db *db, const struct actor *who,
    int64_t id, int64_t version, GError **err), const char *flash,
    GError **err)
{
	int64_t id, version;
	GError *why = NULL;

	if (!req_param_int(r, "id", &id, err))
		return false;
	if (!form_int(r, "version", 0, INT64_MAX / 2, 0, &version))
		return show(r, 422, id, 0, err);
	if (!act(r->db, &r->actor, id, version, &why))
		return refuse(r, id, 0, why, err);
	return campaign_done(r, id, arena_printf(r->a,
		"/desk/campaigns/%" PRId64, id), flash, 200, 0, err);
}

bool
act_campaign_abandon(struct req *r, GError **err)
{
	return move(r, campaign_abandon,
	    "The campaign is abandoned; nothing was sent.", err);
}

bool
act_campaign_resume(struct req *r, GError **err)
{
	return move(r, campaign_resume, "It is a draft again.", err);
}
