/* See conf.h. */
#include "base/base.h"
#include "base/conf.h"
#include "base/text.h"

enum { CONF_FILE_MAX = 1024 * 1024 };

enum kind { KIND_TEXT, KIND_FILE, KIND_INT, KIND_BOOL, KIND_LIST };

struct setting {
	const char *section, *key;
	enum kind kind;
	const char *dflt;
	int64_t min, max;
	const char *unit, *help;
	size_t offset; /* in struct conf */
};

static const struct setting settings[] = {
#define SETTING(section, key, kind, dflt, min, max, unit, help)               \
	{#section, #key, KIND_##kind, dflt, min, max, unit, help,             \
	    offsetof(struct conf, section##_##key)},
#include "base/conf.def"
#undef SETTING
};

/* What the reader carries along. */
struct reading {
	struct arena *a;
	struct conf *conf;
	const char *folder; /* that relative paths start from */
};

static const struct setting *
setting_find(const char *section, const char *key)
{
	for (size_t i = 0; i < COUNT_OF(settings); i++)
		if (strcmp(settings[i].section, section) == 0 &&
		    (key == NULL || strcmp(settings[i].key, key) == 0))
			return &settings[i];
	return NULL;
}

static bool
read_bool(const char *value, bool *b)
{
	static const char *const yes[] = {"true", "yes", "on", "1"};
	static const char *const no[] = {"false", "no", "off", "0"};

	for (size_t i = 0; i < COUNT_OF(yes); i++)
		if (text_ieq(value, yes[i]) || text_ieq(value, no[i])) {
			*b = text_ieq(value, yes[i]);
			return true;
		}
	return false;
}

static const char *const *
read_list(struct arena *a, const char *value)
{
	const char **list = ARENA_ARRAY(a, const char *, strlen(value) / 2 + 2);
	size_t n = 0;

	for (;;) {
		size_t len;

		value += strspn(value, " \t,");
		len = strcspn(value, " \t,");
		if (len == 0)
			return list;
		list[n++] = arena_strndup(a, value, len);
		value += len;
	}
}

static const char *
read_file_name(const struct reading *r, const char *value)
{
	g_autofree char *path = NULL;

	if (*value == '\0' || g_path_is_absolute(value))
		return arena_strdup(r->a, value);
	path = g_canonicalize_filename(value, r->folder);
	return arena_strdup(r->a, path);
}

static bool
refuse(const struct reading *r, const struct setting *s, const char *value,
    const char *what, GError **err)
{
	return fault_set(err, FAULT_INPUT,
	    "Setting %s of [%s] in %s must be %s, not \"%s\".", s->key,
	    s->section, r->conf->path != NULL ? r->conf->path : "the defaults",
	    what, text_cut(r->a, value, 200));
}

/* value is trimmed */
static bool
store(const struct reading *r, const struct setting *s, const char *value,
    GError **err)
{
	void *member = (char *)r->conf + s->offset;

	for (const char *p = value; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 && *p != '\t')
			return refuse(r, s, value,
			    "text without control characters", err);
	if (!g_utf8_validate(value, -1, NULL))
		return refuse(r, s, value, "text in UTF-8", err);
	switch (s->kind) {
	case KIND_TEXT:
		*(const char **)member = arena_strdup(r->a, value);
		return true;
	case KIND_FILE:
		*(const char **)member = read_file_name(r, value);
		return true;
	case KIND_LIST:
		*(const char *const **)member = read_list(r->a, value);
		return true;
	case KIND_BOOL:
		if (read_bool(value, member))
			return true;
		return refuse(r, s, value, "true or false", err);
	case KIND_INT:
		if (text_int(value, s->min, s->max, member))
			return true;
		return refuse(r, s, value,
		    arena_printf(r->a,
			"a number from %" PRId64 " to %" PRId64 "%s%s", s->min,
			s->max, *s->unit != '\0' ? " " : "", s->unit),
		    err);
	}
	return false;
}

/* Defaults are checked like values: a bad one is our own mistake. */
static void
store_defaults(const struct reading *r)
{
	g_autoptr(GError) err = NULL;

	for (size_t i = 0; i < COUNT_OF(settings); i++)
		if (!store(r, &settings[i], settings[i].dflt, &err))
			g_error("%s", err->message);
}

static bool
read_section(const struct reading *r, GKeyFile *file, const char *section,
    GError **err)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, section, NULL, NULL);

	if (setting_find(section, NULL) == NULL)
		return fault_set(err, FAULT_INPUT,
		    "There is no section [%s]; %s has one.",
		    text_cut(r->a, section, 200), r->conf->path);
	for (size_t i = 0; keys != NULL && keys[i] != NULL; i++) {
		const struct setting *s = setting_find(section, keys[i]);
		g_autofree char *value = NULL;

		if (s == NULL)
			return fault_set(err, FAULT_INPUT,
			    "There is no setting %s in [%s]; %s has one.",
			    text_cut(r->a, keys[i], 200), section,
			    r->conf->path);
		value = g_key_file_get_value(file, section, keys[i], NULL);
		if (!store(r, s, g_strstrip(value), err))
			return false;
	}
	return true;
}

/*
 * GKeyFile takes the last of two settings of the same name; which one the
 * operator meant is not for us to guess.
 */
static bool
refuse_twice(struct arena *a, const char *path, const char *text, GError **err)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	const char *section = "";

	for (size_t i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		char *equals = strchr(line, '=');
		char *id;

		if (*line == '[') {
			section = arena_strdup(a, line);
			continue;
		}
		if (*line == '#' || equals == NULL)
			continue;
		*equals = '\0';
		id = arena_printf(a, "%s %s", section, g_strchomp(line));
		if (!g_hash_table_add(seen, id))
			return fault_set(err, FAULT_INPUT,
			    "%s:%zu: setting %s of %s is there twice.", path,
			    i + 1, text_cut(a, line, 200),
			    text_cut(a, section, 200));
	}
	return true;
}

static bool
read_settings(const struct reading *r, GError **err)
{
	const char *path = r->conf->path;
	g_autoptr(GMappedFile) map = NULL;
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) why = NULL;
	g_auto(GStrv) sections = NULL;
	const char *text;
	size_t size;

	map = g_mapped_file_new(path, FALSE, &why);
	if (map == NULL)
		return fault_set(err, FAULT_INPUT,
		    "The settings cannot be read: %s", why->message);
	if (g_mapped_file_get_length(map) > CONF_FILE_MAX)
		return fault_set(err, FAULT_INPUT,
		    "The settings file %s is larger than %d bytes.", path,
		    CONF_FILE_MAX);
	size = g_mapped_file_get_length(map);
	text = size == 0 ? "" : /* an empty map is NULL */
	    arena_strndup(r->a, g_mapped_file_get_contents(map), size);
	if (strlen(text) < size)
		return fault_set(err, FAULT_INPUT,
		    "The settings file %s holds a NUL.", path);
	if (!g_key_file_load_from_data(file, text, strlen(text),
		G_KEY_FILE_NONE, &why) &&
	    !g_error_matches(why, G_KEY_FILE_ERROR,
		G_KEY_FILE_ERROR_NOT_FOUND))
		return fault_set(err, FAULT_INPUT,
		    "The settings file %s: %s", path,
		    text_repair(r->a, why->message, strlen(why->message)));
	if (!refuse_twice(r->a, path, text, err))
		return false;
	sections = g_key_file_get_groups(file, NULL);
	for (size_t i = 0; sections[i] != NULL; i++)
		if (!read_section(r, file, sections[i], err))
			return false;
	return true;
}

/* Settings that are one of a few words. */
static const struct {
	size_t offset;
	const char *name, *words[4];
} choices[] = {
    {offsetof(struct conf, sender_unsure), "[sender] unsure",
	{"resend", "hold"}},
    {offsetof(struct conf, pgp_sign), "[pgp] sign",
	{"off", "notices", "all"}},
    {offsetof(struct conf, pgp_encrypt), "[pgp] encrypt",
	{"off", "possible", "red"}},
};

static bool
check_choices(const struct conf *c, GError **err)
{
	for (size_t i = 0; i < COUNT_OF(choices); i++) {
		const char *value = *(const char *const *)(const void *)(
		    (const char *)c + choices[i].offset);

		if (!g_strv_contains(choices[i].words, value))
			return fault_set(err, FAULT_INPUT,
			    "%s is one of %s, %s%s%s.", choices[i].name,
			    choices[i].words[0], choices[i].words[1],
			    choices[i].words[2] != NULL ? ", " : "",
			    choices[i].words[2] != NULL
				? choices[i].words[2] : "");
	}
	return true;
}

bool
conf_load(struct arena *a, const char *path, const struct conf **out,
    GError **err)
{
	struct conf *conf = ARENA_NEW(a, struct conf);
	g_autofree char *absolute = NULL, *folder = NULL;
	struct reading r = {.a = a, .conf = conf};

	if (path != NULL) {
		absolute = g_canonicalize_filename(path, NULL);
		folder = g_path_get_dirname(absolute);
	} else {
		folder = g_get_current_dir();
	}
	r.folder = folder;
	store_defaults(&r);
	conf->path = arena_strdup(a, absolute);
	if ((path != NULL && !read_settings(&r, err)) ||
	    !check_choices(conf, err))
		return false;
	*out = conf;
	return true;
}

static void
print_value(const struct setting *s, const void *member, FILE *out)
{
	switch (s->kind) {
	case KIND_TEXT:
	case KIND_FILE:
		fputs(*(const char *const *)member, out);
		break;
	case KIND_INT:
		fprintf(out, "%" PRId64, *(const int64_t *)member);
		break;
	case KIND_BOOL:
		fputs(*(const bool *)member ? "true" : "false", out);
		break;
	case KIND_LIST:
		for (const char *const *p = *(const char *const *const *)member;
		     *p != NULL; p++)
			fprintf(out, "%s%s",
			    p == *(const char *const *const *)member ? "" : " ",
			    *p);
		break;
	}
}

/* The output is itself a settings file. */
void
conf_print(const struct conf *c, FILE *out)
{
	const char *section = "";

	for (size_t i = 0; i < COUNT_OF(settings); i++) {
		const struct setting *s = &settings[i];

		if (strcmp(section, s->section) != 0) {
			fprintf(out, "%s[%s]\n", i > 0 ? "\n" : "", s->section);
			section = s->section;
		}
		fprintf(out, "# %s", s->help);
		if (s->kind == KIND_INT)
			fprintf(out, " (%" PRId64 " to %" PRId64 "%s%s)",
			    s->min, s->max, *s->unit != '\0' ? " " : "",
			    s->unit);
		fprintf(out, "\n%s = ", s->key);
		print_value(s, (const char *)c + s->offset, out);
		fputc('\n', out);
	}
}

const char *
conf_address(struct arena *a, const struct conf *c, const char *local)
{
	return arena_printf(a, "%s@%s", local, c->site_mail_domain);
}

bool
conf_has_keeper(const struct conf *c)
{
	return *c->pgp_home != '\0' || *c->pgp_socket != '\0';
}
