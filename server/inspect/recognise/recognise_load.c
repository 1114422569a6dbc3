/* Recogniser files (recognise.h): reading, checking, packing. */
#include "base/base.h"
#include "inspect/recognise/recognise_priv.h"

#include "base/text.h"
#include "inspect/read.h"

static const char suffix[] = ".conf";

/* What stands behind the word of a line. */
enum argument { GLOB, PATTERN, NAME_PATTERN, FORMAT, TYPE_PATTERN, MAYBE_TYPE,
	ZONE, YES_NO };

static const struct {
	const char *word;
	enum says says;
	enum argument argument;
} words[] = {
    {"from", SAYS_FROM, GLOB},
    {"subject", SAYS_SUBJECT, PATTERN},
    {"header", SAYS_HEADER, NAME_PATTERN},
    {"body", SAYS_BODY, PATTERN},
    {"format", SAYS_FORMAT, FORMAT},
    {"find", SAYS_FIND, PATTERN},
    {"event", SAYS_EVENT, PATTERN},
    {"detail", SAYS_DETAIL, PATTERN},
    {"section", SAYS_SECTION, TYPE_PATTERN},
    {"until", SAYS_UNTIL, PATTERN},
    {"type", SAYS_TYPE, MAYBE_TYPE},
    {"zone", SAYS_ZONE, ZONE},
    {"robot", SAYS_ROBOT, YES_NO},
};

struct file {
	struct arena *a;
	const char *name; /* as messages call it */
	int line;
	struct recogniser *to;
	struct rule rules[RECOGNISE_LINES_MAX];
};

static bool
wrong(const struct file *f, GError **err, const char *why)
{
	return fault_set(err, FAULT_INPUT, "%s:%d: %s", f->name, f->line, why);
}

static bool
make_pattern(struct file *f, const char *s, struct rule *rule, GError **err)
{
	g_autoptr(GError) why = NULL;

	return pattern_make(f->a, s, &rule->pattern, &why) ||
	    wrong(f, err, why->message);
}

/* The first word of *s, which goes on behind it. */
static const char *
first_word(struct arena *a, const char **s)
{
	size_t n = strcspn(*s, " \t");
	const char *w = arena_strndup(a, *s, n);

	*s += n;
	*s += strspn(*s, " \t");
	return w;
}

static bool
read_type(struct file *f, const char *s, bool maybe, struct rule *rule,
    GError **err)
{
	const char *type = first_word(f->a, &s);

	rule->word = classify_known(type);
	if (rule->word == NULL)
		return wrong(f, err, arena_printf(f->a,
		    "There is no type \"%s\".", type));
	if (*s == '\0' && maybe)
		return true;
	return make_pattern(f, s, rule, err);
}

static bool
read_zone(struct file *f, const char *s, GError **err)
{
	size_t n;

	if (!stamp_zone(s, s + strlen(s), &f->to->offset, &n) ||
	    s[n] != '\0')
		return wrong(f, err, "A zone is utc or +hh:mm.");
	f->to->has_zone = true;
	return true;
}

static bool
read_argument(struct file *f, enum argument what, const char *s,
    struct rule *rule, GError **err)
{
	switch (what) {
	case PATTERN:
		return make_pattern(f, s, rule, err);
	case NAME_PATTERN:
		rule->word = first_word(f->a, &s);
		return make_pattern(f, s, rule, err);
	case TYPE_PATTERN:
	case MAYBE_TYPE:
		return read_type(f, s, what == MAYBE_TYPE, rule, err);
	case ZONE:
		return read_zone(f, s, err);
	case YES_NO:
		f->to->robot = strcmp(s, "yes") == 0;
		return f->to->robot || strcmp(s, "no") == 0 ||
		    wrong(f, err, "It is yes or no.");
	case FORMAT:
		for (const struct reader *x = readers; x->format != NULL; x++)
			if (strcmp(x->format, s) == 0) {
				rule->word = x->format;
				return true;
			}
		return wrong(f, err, "There is no such format.");
	case GLOB:
		if (strpbrk(s, " \t<>") != NULL)
			return wrong(f, err, "One address or domain a line.");
		rule->word = text_lower(f->a, arena_strdup(f->a, s));
		return true;
	}
	return false;
}

static bool
read_line(struct file *f, const char *s, GError **err)
{
	const char *word = first_word(f->a, &s);
	struct recogniser *to = f->to;
	struct rule *rule = &f->rules[to->n];

	for (size_t i = 0; i < COUNT_OF(words); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		if (to->n == RECOGNISE_LINES_MAX)
			return wrong(f, err, "The file has too many lines.");
		if (*s == '\0')
			return wrong(f, err, arena_printf(f->a,
			    "\"%s\" says nothing.", word));
		*rule = (struct rule){.says = words[i].says};
		if (!read_argument(f, words[i].argument, s, rule, err))
			return false;
		if (rule->says < SAYS_CONDITIONS)
			to->conditions |= 1u << rule->says;
		to->n++;
		return true;
	}
	return wrong(f, err, arena_printf(f->a, "There is no \"%s\".", word));
}

/* Makes *to of the text of a file; to->n is 0 when it says nothing. */
static bool
read_text(struct arena *a, const char *path, const char *name,
    const char *text, struct recogniser *to, GError **err)
{
	struct file *f = ARENA_NEW(a, struct file);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	f->a = a;
	f->name = path;
	f->to = to;
	*to = (struct recogniser){.name = arena_strdup(a, name),
	    .source = arena_strdup(a, text), .robot = true};
	for (size_t i = 0; lines[i] != NULL; i++) {
		char *s = g_strstrip(lines[i]);

		f->line = (int)i + 1;
		if (*s != '\0' && *s != '#' && !read_line(f, s, err))
			return false;
	}
	if (to->n > 0 && (to->conditions & ~(1u << SAYS_FORMAT)) == 0)
		return wrong(f, err, "It does not say which mail: from, "
		    "subject, header or body.");
	to->rules = arena_memdup(a, f->rules, to->n * sizeof(struct rule));
	return true;
}

/* ---- the files ------------------------------------------------------------- */

struct reading_set {
	struct arena *a;
	GHashTable *paths; /* of file names */
};

static bool
list_folder(struct reading_set *r, const char *path, GError **err)
{
	g_autoptr(GError) why = NULL;
	GDir *dir = g_dir_open(path, 0, &why);
	const char *entry;

	if (dir == NULL)
		return fault_set(err, FAULT_INPUT,
		    "The folder of recognisers cannot be read: %s",
		    why->message);
	while ((entry = g_dir_read_name(dir)) != NULL)
		if (*entry != '.' && g_str_has_suffix(entry, suffix))
			g_hash_table_insert(r->paths,
			    arena_strdup(r->a, entry),
			    arena_printf(r->a, "%s/%s", path, entry));
	g_dir_close(dir);
	return true;
}

static bool
read_file(struct arena *a, const char *path, const char **text, GError **err)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, &why);
	size_t n;

	if (map == NULL)
		return fault_set(err, FAULT_INPUT,
		    "A recogniser cannot be read: %s", why->message);
	n = g_mapped_file_get_length(map);
	if (n > RECOGNISE_FILE_MAX)
		return fault_set(err, FAULT_INPUT,
		    "%s: the file is larger than %d bytes.", path,
		    RECOGNISE_FILE_MAX);
	*text = n == 0 ? "" :
		arena_strndup(a, g_mapped_file_get_contents(map), n);
	if (strlen(*text) != n || !g_utf8_validate(*text, -1, NULL))
		return fault_set(err, FAULT_INPUT,
		    "%s: the file is not text in UTF-8.", path);
	return true;
}

static struct recognisers *
empty_set(struct arena *a)
{
	struct recognisers *set = ARENA_NEW(a, struct recognisers);

	set->list = ARENA_ARRAY(a, struct recogniser, RECOGNISE_FILES_MAX);
	return set;
}

/* One more file for the set. */
static bool
add(struct arena *a, struct recognisers *set, size_t *bytes, const char *path,
    const char *file_name, const char *text, GError **err)
{
	size_t n = strlen(file_name) - strlen(suffix);

	*bytes += strlen(text);
	if (set->n == RECOGNISE_FILES_MAX || *bytes > RECOGNISE_ALL_MAX)
		return fault_set(err, FAULT_INPUT,
		    "%s: there are too many recognisers.", path);
	if (!read_text(a, path, arena_strndup(a, file_name, n), text,
		&set->list[set->n], err))
		return false;
	set->n += set->list[set->n].n > 0;
	return true;
}

bool
recognise_load(struct arena *a, const char *dir, const char *site_dir,
    const struct recognisers **out, GError **err)
{
	g_autoptr(GHashTable) paths = g_hash_table_new(g_str_hash, g_str_equal);
	struct reading_set r = {a, paths};
	struct recognisers *set = empty_set(a);
	g_autofree char **names = NULL;
	size_t bytes = 0;
	guint n;

	if (!list_folder(&r, dir, err) || (!text_blank(site_dir) &&
		g_file_test(site_dir, G_FILE_TEST_EXISTS) &&
		!list_folder(&r, site_dir, err)))
		return false;
	names = (char **)g_hash_table_get_keys_as_array(paths, &n);
	qsort(names, n, sizeof(*names), text_order);
	for (guint i = 0; i < n; i++) {
		const char *path = g_hash_table_lookup(paths, names[i]);
		const char *text = NULL;

		if (!read_file(a, path, &text, err) ||
		    !add(a, set, &bytes, path, names[i], text, err))
			return false;
	}
	*out = set;
	return true;
}

size_t
recognise_count(const struct recognisers *set)
{
	return set->n;
}

/* ---- as bytes: name, NUL, text, NUL for each ------------------------------ */

void
recognise_pack(const struct recognisers *set, GString *out)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct recogniser *x = &set->list[i];

		g_string_append_printf(out, "%s%s", x->name, suffix);
		g_string_append_c(out, '\0');
		g_string_append(out, x->source);
		g_string_append_c(out, '\0');
	}
}

bool
recognise_unpack(struct arena *a, const char *bytes, size_t len,
    const struct recognisers **out, GError **err)
{
	struct recognisers *set = empty_set(a);
	const char *end = bytes + len;
	size_t total = 0;

	if (len > 0 && end[-1] != '\0')
		return fault_set(err, FAULT_BUG, "The recognisers were cut.");
	while (bytes < end) {
		const char *name = bytes, *text = name + strlen(name) + 1;

		if (text >= end || !g_str_has_suffix(name, suffix))
			return fault_set(err, FAULT_BUG,
			    "The recognisers were cut.");
		if (!add(a, set, &total, name, name, text, err))
			return false;
		bytes = text + strlen(text) + 1;
	}
	*out = set;
	return true;
}
