/* Variables of texts, and what they stand for: see text_template.h. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/ticket/text_template.h"

enum { NAME_MAX_ = 40 };

DESC_TABLE(text_variable, TEXT_VARIABLE);
DESC_TABLE(text_facts, TEXT_FACTS);

struct fill {
	struct arena *a;
	const struct site *s;
	const struct actor *who;
	const struct text_facts *f;
};

static const char *
number(const struct fill *x)
{
	return arena_printf(x->a, "%" PRId64, x->f->number);
}

static const char *
tag(const struct fill *x)
{
	return arena_printf(x->a, "[%s #%" PRId64 "]",
	    x->s->conf->site_subject_tag, x->f->number);
}

static const char *
subject(const struct fill *x)
{
	return x->f->subject;
}

static const char *
type(const struct fill *x)
{
	return x->f->type;
}

static const char *
reporter(const struct fill *x)
{
	return x->f->reporter;
}

/* "Dear {{reporter_name}}" must read well for everybody. */
static const char *
reporter_name(const struct fill *x)
{
	return text_blank(x->f->reporter_name) ? "reporter"
					       : x->f->reporter_name;
}

static const char *
their_ref(const struct fill *x)
{
	return x->f->their_ref;
}

static const char *
organisation(const struct fill *x)
{
	return x->f->organisation;
}

static const char *
addresses(const struct fill *x)
{
	return x->f->addresses;
}

static const char *
first_time(const struct fill *x)
{
	return x->f->first != DESC_NULL ? when_rfc3339(x->a, x->f->first)
					: NULL;
}

static const char *
received(const struct fill *x)
{
	return arena_strndup(x->a, when_page(x->a, x->f->received), 10);
}

static const char *
missing(const struct fill *x)
{
	return x->f->missing;
}

static const char *
analyst(const struct fill *x)
{
	return x->who->name;
}

static const char *
team(const struct fill *x)
{
	return x->s->conf->site_name;
}

static const char *
network(const struct fill *x)
{
	return x->s->conf->site_network;
}

static const char *
phone(const struct fill *x)
{
	return x->s->conf->site_phone;
}

static const char *
report_address(const struct fill *x)
{
	return conf_address(x->a, x->s->conf,
	    x->s->conf->site_report_addresses[0]);
}

static const char *
url(const struct fill *x)
{
	return x->s->conf->site_public_url;
}

#define REPORTERS "reporters"
#define OTHERS "others"

static const struct {
	struct text_variable v;
	const char *(*fn)(const struct fill *x);
} variables[] = {
    {{"number", "{{number}}", "number of the ticket, as 4711", NULL}, number},
    {{"tag", "{{tag}}", "the same as it stands in a subject: [TAG #4711]", NULL}, tag},
    {{"subject", "{{subject}}", "subject of the ticket", NULL}, subject},
    {{"type", "{{type}}", "its type, as fraud/phishing", NULL}, type},
    {{"addresses", "{{addresses}}", "source addresses, the first few", NULL}, addresses},
    {{"time", "{{time}}", "time of the first event, in UTC", NULL}, first_time},
    {{"received", "{{received}}", "day on which the ticket was made", NULL}, received},
    {{"reporter_name", "{{reporter_name}}", "name of the reporter, or \"reporter\"", REPORTERS},
	reporter_name},
    {{"reporter", "{{reporter}}", "address of the reporter", REPORTERS}, reporter},
    {{"their_ref", "{{their_ref}}", "the reporter's own reference", REPORTERS}, their_ref},
    {{"missing", "{{missing}}", "facts that the report lacks", REPORTERS}, missing},
    {{"organisation", "{{organisation}}", "the member concerned", OTHERS}, organisation},
    {{"analyst", "{{analyst}}", "name of who writes", NULL}, analyst},
    {{"team", "{{team}}", "name of the team", NULL}, team},
    {{"network", "{{network}}", "name of the network", NULL}, network},
    {{"phone", "{{phone}}", "telephone number of the team", NULL}, phone},
    {{"report_address", "{{report_address}}", "mail address for reports", NULL}, report_address},
    {{"url", "{{url}}", "address of the team's pages", NULL}, url},
};

struct list
text_variables(struct arena *a)
{
	struct list l = {.n = COUNT_OF(variables)};

	l.items = ARENA_ARRAY(a, struct text_variable, l.n);
	for (size_t i = 0; i < l.n; i++)
		*LIST_AT(text_variable, l, i) = variables[i].v;
	return l;
}

/* The next {{name}} at or behind s: its beginning, or NULL.  *end is behind
 * the braces; index -1: there is no such variable. */
static const char *
next_tag(const char *s, const char **end, char name[NAME_MAX_], int *index)
{
	const char *open = strstr(s, "{{"), *close;
	const char *from, *to;

	if (open == NULL)
		return NULL;
	from = open + 2;
	close = strstr(from, "}}");
	/* What is not closed on its line names its beginning. */
	to = from + strcspn(from, "\n");
	if (close != NULL && close < to)
		to = close;
	*end = to == close ? close + 2 : to;
	while (from < to && g_ascii_isspace(*from))
		from++;
	while (to > from && g_ascii_isspace(to[-1]))
		to--;
	g_strlcpy(name, from, MIN((size_t)(to - from) + 1, NAME_MAX_));
	*index = -1;
	for (size_t i = 0; close != NULL && i < COUNT_OF(variables); i++)
		if ((size_t)(to - from) == strlen(variables[i].v.name) &&
		    strcmp(variables[i].v.name, name) == 0)
			*index = (int)i;
	return open;
}

static bool
to_reporters(const char *direction)
{
	return direction != NULL && (strcmp(direction, "reporter") == 0 ||
	    strcmp(direction, "reject") == 0);
}

bool
text_check(struct arena *a, const char *direction, const char *text,
    GError **err)
{
	char name[NAME_MAX_];
	const char *end;
	int i;

	for (const char *s = text; (s = next_tag(s, &end, name, &i)) != NULL;
	    s = end) {
		const char *only = i >= 0 ? variables[i].v.only : NULL;

		if (i < 0)
			return fault_set(err, FAULT_INPUT,
			    "There is no variable {{%s}}.",
			    text_repair(a, name, strlen(name)));
		if (only != NULL &&
		    (strcmp(only, REPORTERS) == 0) != to_reporters(direction))
			return fault_set(err, FAULT_INPUT,
			    strcmp(only, REPORTERS) == 0
				? "{{%s}} may be told to reporters only."
				: "{{%s}} is not told to reporters.",
			    name);
		/* Nobody knows to whom it will go. */
		if (only != NULL && direction == NULL)
			return fault_set(err, FAULT_INPUT,
			    "{{%s}} stands only in a text of a direction.",
			    name);
	}
	return true;
}

const char *
text_fill(struct arena *a, const struct site *s, const struct actor *who,
    const struct text_facts *f, const char *text, bool one_line)
{
	const struct fill x = {a, s, who, f};
	GString *out = arena_gstring(a);
	char name[NAME_MAX_];
	const char *at = text, *end, *open;
	int i;

	while ((open = next_tag(at, &end, name, &i)) != NULL) {
		const char *value = i >= 0 ? variables[i].fn(&x) : NULL;

		g_string_append_len(out, at, open - at);
		/* A name or a subject is one line, whoever sent it. */
		if (value != NULL)
			g_string_append(out, text_squash(a, value));
		at = end;
	}
	g_string_append(out, at);
	return one_line ? text_squash(a, out->str) : out->str;
}
