#include "base/base.h"
#include "inspect/format/xarf_check.h"
#include "inspect/format/xarf_kind.h"

#include "base/text.h"

/* of a list that are looked at */
enum { ELEMENTS_MAX = 1000 };

enum op {
	OP_SCHEMA, OP_USE, OP_NEED, OP_MAY, OP_NEED_EACH, OP_MAY_EACH,
	OP_NEED_IF, OP_NEED_UNLESS, OP_EITHER, OP_ONE_OF, OP_NEVER, OP_CLOSED,
	OP_NOT_EMPTY,
};

static const struct rule {
	enum op op;
	const char *field;
	enum kind kind;
	const char *arg;   /* EITHER: the other field */
	const char *range; /* of a list */
	enum kind other;   /* EITHER */
} rules[] = {
#define SCHEMA(name)           {OP_SCHEMA, name, ANY, "", "", ANY},
#define USE(name)              {OP_USE, name, ANY, "", "", ANY},
#define NEED(f, k, arg)        {OP_NEED, f, k, arg, "", ANY},
#define MAY(f, k, arg)         {OP_MAY, f, k, arg, "", ANY},
#define NEED_EACH(f, k, arg, n) {OP_NEED_EACH, f, k, arg, n, ANY},
#define MAY_EACH(f, k, arg, n) {OP_MAY_EACH, f, k, arg, n, ANY},
#define NEED_IF(f, when)       {OP_NEED_IF, f, ANY, when, "", ANY},
#define NEED_UNLESS(f, when)   {OP_NEED_UNLESS, f, ANY, when, "", ANY},
#define EITHER(f, k, g, o)     {OP_EITHER, f, k, g, "", o},
#define ONE_OF(list)           {OP_ONE_OF, list, ANY, "", "", ANY},
#define NEVER(f)               {OP_NEVER, f, ANY, "", "", ANY},
#define CLOSED()               {OP_CLOSED, "", ANY, "", "", ANY},
#define NOT_EMPTY()            {OP_NOT_EMPTY, "", ANY, "", "", ANY},
#include "inspect/format/xarf_old.def"
#include "inspect/format/xarf_v4.def"
#include "inspect/format/xarf_v4_content.def"
};

struct check {
	struct arena *a;
	GPtrArray *faults; /* of const char * */
};

static void check_schema(struct check *k, const char *name,
    const struct json *o, const char *path);

static void fault(struct check *k, const char *path, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);

static void
fault(struct check *k, const char *path, const char *fmt, ...)
{
	va_list ap;

	if (k->faults->len >= XARF_FAULTS_MAX)
		return;
	va_start(ap, fmt);
	g_ptr_array_add(k->faults, arena_printf(k->a, "\"%s\" %s", path,
	    arena_vprintf(k->a, fmt, ap)));
	va_end(ap);
}

/* ---- kinds --------------------------------------------------------------- */

/* json_get() answers NULL for a missing member only. */
static bool
is_text(const struct json *j)
{
	return json_str(j, NULL) != NULL;
}

static bool
is_bool(struct arena *a, const struct json *j)
{
	const char *s = json_scalar(a, j);

	return !is_text(j) && s != NULL && (strcmp(s, "true") == 0 ||
	    strcmp(s, "false") == 0);
}

static bool
is_number(struct arena *a, const struct json *j)
{
	return !is_text(j) && json_scalar(a, j) != NULL && !is_bool(a, j);
}

static bool
is_port(struct arena *a, const struct json *j)
{
	int64_t n;

	return is_number(a, j) && text_int(json_scalar(a, j), 0, 65535, &n);
}

static bool
is_ports(struct arena *a, const struct json *j)
{
	if (!json_is_array(j))
		return is_port(a, j);
	for (size_t i = 0; i < json_len(j); i++)
		if (!is_port(a, json_at(j, i)))
			return false;
	return true;
}

static void
check_map(struct check *k, const struct json *j, const char *types,
    const char *path)
{
	for (size_t i = 0; i < json_len(j) &&
	    k->faults->len < XARF_FAULTS_MAX; i++) {
		const struct json *v = json_value_at(j, i);

		if (!is_text(v) && !(is_number(k->a, v) &&
			xarf_word("number", types)))
			fault(k, arena_printf(k->a, "%s.%s", path,
			    text_cut(k->a, json_key_at(j, i), 60)),
			    "is no %s", types);
	}
}

/* One of the schemas of list fits; else what the first says. */
static void
check_sample(struct check *k, const struct json *j, const char *list,
    const char *path)
{
	GPtrArray *first = NULL;
	const char *p = list;

	while (*p != '\0') {
		struct check one = {k->a, arena_ptr_array(k->a)};
		size_t n = strcspn(p, "|");

		check_schema(&one, arena_strndup(k->a, p, n), j, path);
		if (one.faults->len == 0)
			return;
		if (first == NULL)
			first = one.faults;
		p += n + (p[n] == '|');
	}
	for (guint i = 0; first != NULL && i < first->len &&
	    k->faults->len < XARF_FAULTS_MAX; i++)
		g_ptr_array_add(k->faults, first->pdata[i]);
}

static void
check_value(struct check *k, enum kind kind, const char *arg,
    const struct json *j, const char *path)
{
	const char *s = json_str(j, NULL), *wrong;
	int64_t n;

	switch (kind) {
	case ANY:
		return;
	case INT:
		if (!is_number(k->a, j) || !text_int(json_scalar(k->a, j),
			INT64_MIN, INT64_MAX, &n))
			fault(k, path, "is no whole number");
		else if (!xarf_within((double)n, arg))
			fault(k, path, "is out of range (%s)", arg);
		return;
	case NUMBER:
		if (!is_number(k->a, j))
			fault(k, path, "is no number");
		else if (!xarf_within(g_ascii_strtod(json_scalar(k->a, j), NULL),
			     arg))
			fault(k, path, "is out of range (%s)", arg);
		return;
	case BOOL:
		if (!is_bool(k->a, j))
			fault(k, path, "is neither true nor false");
		return;
	case PORTS:
		if (!is_ports(k->a, j))
			fault(k, path, "is no port");
		return;
	case OBJECT:
	case MAP:
	case SUB:
	case SAMPLE:
		if (!json_is_object(j))
			fault(k, path, "is no object");
		else if (kind == MAP)
			check_map(k, j, arg, path);
		else if (kind == SUB)
			check_schema(k, arg, j, path);
		else if (kind == SAMPLE)
			check_sample(k, j, arg, path);
		return;
	default:
		wrong = s != NULL ? xarf_wrong(k->a, kind, s, arg) :
		    kind == ADDRESS || kind == SOURCE ? "is no address" :
		    "is no text";
		if (wrong != NULL)
			fault(k, path, "%s", wrong);
	}
}

/* ---- lines --------------------------------------------------------------- */

static const struct rule *
schema(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		if (rules[i].op == OP_SCHEMA &&
		    strcmp(rules[i].field, name) == 0)
			return &rules[i] + 1;
	return NULL;
}

static bool
more(const struct rule *x)
{
	return x < rules + COUNT_OF(rules) && x->op != OP_SCHEMA;
}

/* "protocol=smtp", "source_identifier:address" */
static bool
condition(struct arena *a, const struct json *o, const char *when)
{
	size_t n = strcspn(when, "=:");
	const char *s = json_str(json_get(o, arena_strndup(a, when, n)), NULL);

	return s != NULL && (when[n] == '=' ? strcmp(s, when + n + 1) == 0 :
		xarf_address(s));
}

/* Does a line of the schema, or of one that it uses, name the field? */
static bool
names(const char *name, const char *field)
{
	for (const struct rule *x = schema(name); x != NULL && more(x); x++)
		if (x->op == OP_USE ? names(x->field, field) :
			strcmp(x->field, field) == 0)
			return true;
	return false;
}

static void
check_each(struct check *k, const struct rule *x, const struct json *list,
    const char *path)
{
	if (!json_is_array(list)) {
		fault(k, path, "is no list");
		return;
	}
	if (!xarf_within((double)json_len(list), x->range))
		fault(k, path, "has not %s elements", x->range);
	for (size_t i = 0; i < json_len(list) && i < ELEMENTS_MAX &&
	    k->faults->len < XARF_FAULTS_MAX; i++)
		check_value(k, x->kind, x->arg, json_at(list, i),
		    arena_printf(k->a, "%s[%zu]", path, i));
}

static void
check_either(struct check *k, const struct rule *x, const struct json *o,
    const char *path, const char *other)
{
	const struct json *a = json_get(o, x->field), *b = json_get(o, x->arg);
	struct check one = {k->a, arena_ptr_array(k->a)};

	if (a != NULL)
		check_value(&one, x->kind, "", a, path);
	if (a != NULL && one.faults->len == 0)
		return;
	if (b != NULL) {
		guint before = one.faults->len;

		check_value(&one, x->other, "", b, other);
		if (one.faults->len == before)
			return;
	}
	if (a == NULL && b == NULL)
		fault(&one, path, "or \"%s\" is missing", other);
	for (guint i = 0; i < one.faults->len &&
	    k->faults->len < XARF_FAULTS_MAX; i++)
		g_ptr_array_add(k->faults, one.faults->pdata[i]);
}

static void
check_one_of(struct check *k, const char *list, const struct json *o,
    const char *prefix)
{
	const char *p = list;

	while (*p != '\0') {
		size_t n = strcspn(p, "|");

		if (json_get(o, arena_strndup(k->a, p, n)) != NULL)
			return;
		p += n + (p[n] == '|');
	}
	fault(k, arena_printf(k->a, "%s%s", prefix, list), "is missing");
}

static void
check_closed(struct check *k, const char *name, const struct json *o,
    const char *prefix)
{
	for (size_t i = 0; i < json_len(o) &&
	    k->faults->len < XARF_FAULTS_MAX; i++) {
		const char *key = json_key_at(o, i);

		if (!names(name, key))
			fault(k, arena_printf(k->a, "%s%s", prefix,
			    text_cut(k->a, key, 60)), "is no known field");
	}
}

static void
check_line(struct check *k, const struct rule *x, const char *name,
    const struct json *o, const char *prefix)
{
	const char *path = arena_printf(k->a, "%s%s", prefix, x->field);
	const struct json *v = json_get(o, x->field);
	bool each = x->op == OP_NEED_EACH || x->op == OP_MAY_EACH;

	switch (x->op) {
	case OP_NEED:
	case OP_NEED_EACH:
		if (v == NULL) {
			fault(k, path, "is missing");
			return;
		}
		break;
	case OP_MAY:
	case OP_MAY_EACH:
		if (v == NULL)
			return;
		break;
	case OP_NEED_IF:
	case OP_NEED_UNLESS:
		if (v == NULL && condition(k->a, o, x->arg) ==
		    (x->op == OP_NEED_IF))
			fault(k, path, "is missing");
		return;
	case OP_EITHER:
		check_either(k, x, o, path,
		    arena_printf(k->a, "%s%s", prefix, x->arg));
		return;
	case OP_ONE_OF:
		check_one_of(k, x->field, o, prefix);
		return;
	case OP_NEVER:
		if (v != NULL)
			fault(k, path, "must not be given");
		return;
	case OP_CLOSED:
		check_closed(k, name, o, prefix);
		return;
	case OP_NOT_EMPTY:
		if (json_len(o) == 0)
			fault(k, prefix, "is empty");
		return;
	default:
		return;
	}
	if (each)
		check_each(k, x, v, path);
	else
		check_value(k, x->kind, x->arg, v, path);
}

static void
check_lines(struct check *k, const char *name, const struct json *o,
    const char *prefix)
{
	for (const struct rule *x = schema(name);
	    x != NULL && more(x) && k->faults->len < XARF_FAULTS_MAX; x++) {
		if (x->op == OP_USE)
			check_lines(k, x->field, o, prefix);
		else
			check_line(k, x, name, o, prefix);
	}
}

static void
check_schema(struct check *k, const char *name, const struct json *o,
    const char *path)
{
	check_lines(k, name, o, *path != '\0' ?
	    arena_printf(k->a, "%s.", path) : "");
}

/* ---- versions ------------------------------------------------------------ */

/* ReportType of versions 1 to 3 -> schema.  Compared without case, '-' and
 * '_', because senders do not agree on them. */
static const struct {
	const char *type;
	char from; /* first version that has it */
	const char *schema, *schema_3;
} types[] = {
    {"botnet", '1', "botnet", "botnet"},
    {"childabuse", '1', "childabuse", "childabuse"},
    {"csam", '3', "childabuse", "childabuse"},
    {"copyright", '1', "copyright-1", "copyright-3"},
    {"dos", '1', "dos", "dos"},
    {"ddos", '1', "dos", "dos"},
    {"exploit", '3', "exploit", "exploit"},
    {"harassment", '3', "harassment", "harassment"},
    {"loginattack", '1', "loginattack", "loginattack"},
    {"malware", '1', "malware-1", "malware"},
    {"openservice", '1', "openservice", "openservice"},
    {"phishing", '1', "phishing", "phishing"},
    {"portscan", '1', "portscan", "portscan"},
    {"potentiallycompromisedaccount", '3', "account", "account"},
    {"spam", '1', "spam", "spam"},
    {"trademark", '1', "trademark", "trademark"},
    {"webcrawler", '3', "webcrawler", "webcrawler"},
};

static bool
same_type(const char *written, const char *type)
{
	for (; *written != '\0'; written++) {
		if (*written == '-' || *written == '_' || *written == ' ')
			continue;
		if (g_ascii_tolower(*written) != *type)
			return false;
		type++;
	}
	return *type == '\0';
}

static void
check_old_report(struct check *k, const struct json *report, bool three)
{
	const char *type = json_str(json_get(report, "ReportType"), NULL);
	const char *class = json_str(json_get(report, "ReportClass"), "");

	for (size_t i = 0; type != NULL && i < COUNT_OF(types); i++) {
		if (!same_type(type, types[i].type) ||
		    (types[i].from == '3' && !three))
			continue;
		/* malware as Content is served, as Activity was looked up */
		check_schema(k, same_type(type, "malware") &&
		    strcmp(class, "Activity") == 0 ? "rpz" : three ?
		    types[i].schema_3 : types[i].schema, report, "Report");
		return;
	}
	if (type != NULL && *type != '\0')
		fault(k, "Report.ReportType", "is no known type");
	check_schema(k, "unknown", report, "Report");
}

static GPtrArray *
old_faults(struct arena *a, const struct json *j)
{
	const char *version = json_str(json_get(j, "Version"), "3");
	bool three = *version == '3' || *version == 'd';
	const struct json *report = json_get(j, "Report");
	struct check k = {a, arena_ptr_array(a)};

	if (three && json_is_object(json_get(report, "Source"))) {
		check_schema(&k, "sample-3", j, "");
		return k.faults;
	}
	check_schema(&k, three ? "envelope-3" : "envelope-1", j, "");
	if (json_is_object(report))
		check_old_report(&k, report, three);
	if (three && k.faults->len > 0) {
		/* two schemas call themselves version 3 */
		struct check legacy = {a, arena_ptr_array(a)};

		check_schema(&legacy, "legacy", j, "");
		if (legacy.faults->len == 0)
			return legacy.faults;
	}
	return k.faults;
}

static GPtrArray *
new_faults(struct arena *a, const struct json *j)
{
	const char *category = json_str(json_get(j, "category"), NULL);
	const char *type = json_str(json_get(j, "type"), NULL);
	struct check k = {a, arena_ptr_array(a)};
	const char *name;

	check_schema(&k, "core", j, "");
	if (category == NULL || type == NULL)
		return k.faults;
	name = arena_printf(a, "%s/%s", category, type);
	/* "p2p.swarm_info" is a schema, and no type */
	if (strchr(name, '.') == NULL && schema(name) != NULL)
		check_schema(&k, name, j, "");
	else if (xarf_word(category, "messaging|content|copyright|connection|"
	    "vulnerability|infrastructure|reputation"))
		fault(&k, "type", "is no type of category %s", category);
	else
		fault(&k, "category", "is no known category");
	return k.faults;
}

enum xarf_version
xarf_version(const struct json *j)
{
	const char *version = json_str(json_get(j, "Version"), NULL);

	if (!json_is_object(j))
		return XARF_NONE;
	if (json_get(j, "xarf_version") != NULL ||
	    (json_get(j, "source_identifier") != NULL &&
		(json_get(j, "report_id") != NULL ||
		    json_get(j, "category") != NULL)))
		return XARF_4;
	if (json_get(j, "ReporterInfo") != NULL ||
	    json_get(json_get(j, "Report"), "ReportType") != NULL ||
	    (version != NULL && xarf_word(version, "1|2|3|alpha")))
		return XARF_OLD;
	return XARF_NONE;
}

GPtrArray *
xarf_faults(struct arena *a, const struct json *j)
{
	return xarf_version(j) == XARF_4 ? new_faults(a, j) :
	    old_faults(a, j);
}
