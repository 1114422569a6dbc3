/* The form that begins a campaign. */
#include "base/base.h"
#include "base/net.h"
#include "base/text.h"
#include "core/campaign/campaign.h"
#include "core/ticket/text_template.h"
#include "http/form.h"
#include "http/page/page_campaign.h"
#include "inspect/process/pool.h"

DESC_TABLE(campaign_text, CAMPAIGN_TEXT);
DESC_TABLE(campaign_form_view, CAMPAIGN_FORM_VIEW);

static const struct form_field campaign_fields[] = {
    {"title", FORM_LINE, 4 * CAMPAIGN_TITLE_MAX, .required = true,
	.label = "what it is about"},
    {"type", FORM_LINE, 100, .required = true, .label = "the type"},
    {"tlp", FORM_LINE, 20},
    {"words", FORM_TEXT, CAMPAIGN_WORDS_MAX, .label = "what to do"},
    {"template", FORM_LINE, 20},   /* the text they were begun from */
    {"incident", FORM_LINE, 20},
    {"zone", FORM_LINE, 60},
    {"text", FORM_TEXT, CAMPAIGN_BYTES_MAX, .label = "the rows"},
    {"file", FORM_FILE, CAMPAIGN_BYTES_MAX, .label = "the file"},
    {"from", FORM_LINE, 20},       /* search or findings, with */
    {"query", FORM_LINE, 2000},    /* their parameters: "a=1&b=2" */
};
const struct form form_campaign = FORM(campaign_fields);

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

struct list
desk_types(struct arena *a, const char *chosen)
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
	v->texts.items = ARENA_ARRAY(r->a, struct campaign_text, all.n + 1);
	for (size_t i = 0; i < all.n; i++) {
		const struct text_template *t =
		    LIST_AT(text_template, all, i);

		/* (the same in another language comes behind it) */
		if (i > 0 && strcmp(t[-1].name, t->name) == 0)
			continue;
		*LIST_AT(campaign_text, v->texts, v->texts.n++) =
		    (struct campaign_text){
		    arena_printf(r->a, "/desk/campaigns/new%s%stemplate=%"
			PRId64, query, *query != '\0' ? "&" : "?", t->id),
		    t->name};
	}
	return true;
}

/* The other languages of the text that the words begin from; of a text that
 * is gone, none. */
static bool
load_translations(struct req *r, struct campaign_form_view *v,
    struct text_template *chosen, GError **err)
{
	struct list all;
	int64_t id;

	*chosen = (struct text_template){0};
	if (v->template == NULL || *v->template == '\0')
		return true;
	if (!text_int(v->template, 1, INT64_MAX / 2, &id))
		return fault_set(err, FAULT_INPUT,
		    "A text is named by its number.");
	if (!text_languages(r->db, r->a, id, &all, err))
		return false;
	v->translations.items = ARENA_ARRAY(r->a, struct campaign_words,
	    all.n + 1);
	for (size_t i = 0; i < all.n; i++) {
		const struct text_template *t =
		    LIST_AT(text_template, all, i);

		if (strcmp(t->direction, "notice") != 0)
			return fault_set(err, FAULT_INPUT,
			    "This text is for no notice.");
		if (t->id == id)
			*chosen = *t;
		else
			*LIST_AT(campaign_words, v->translations,
			    v->translations.n++) =
			    (struct campaign_words){t->lang, t->text};
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
	v->types = desk_types(r->a, *type != '\0' ? type
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
	    "ip", "status", "view", "q", "kind", "since", "until"};
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
	    .template = req_query(r, "template"),
	    .zone = "UTC",
	};
	struct text_template t = {0};

	if (!load_translations(r, &v, &t, err))
		return false;
	if (v.template != NULL && t.id == 0)
		return fault_set(err, FAULT_ABSENT,
		    "There is no such text.");
	v.words = t.text;
	if (type == NULL || campaign_type_known(type) == NULL)
		type = "";
	return show_form(r, 200, &v, type, "AMBER", err);
}

static bool
again(struct req *r, GError **err)
{
	struct campaign_form_view v = {0};
	struct text_template t = {0};

	form_fill(r, &desc_campaign_form_view, &v);
	return load_translations(r, &v, &t, err) && show_form(r, 422, &v, form_get(r, "type"), form_get(r, "tlp"),
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
	form_int(r, "template", 1, INT64_MAX / 2, 0, &c->text);
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
		return queue_days(r, param(r, "since"),
		    param(r, "until"), t, err);
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
