/* What every import has in common: see import.h. */
#include "base/base.h"
#include "base/lang.h"
#include "base/rpsl.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/member/import_priv.h"

DESC_TABLE(import_line, IMPORT_LINE);
DESC_TABLE(import_result, IMPORT_RESULT);
DESC_TABLE(import_owner, IMPORT_OWNER);

static const struct {
	const char *name, *action;
	bool (*run)(struct db *db, struct import *im, GError **err);
	const char *columns; /* of a CSV file */
} targets[] = {
    [IMPORT_MEMBERS] = {"members", "organisation.import", import_members,
	"handle, name, domain, contact_email, contact_name, contact_role, "
	"contact_phone, registry_org, netname, lang"},
    [IMPORT_PREFIXES] = {"prefixes", "prefix.import", import_prefixes,
	"prefix, organisation, registry_org, netname, valid_from, valid_to"},
    [IMPORT_FOREIGN] = {"foreign", "foreign.import", import_foreign,
	"prefix, asn, domain, country, name, email, phone, note, lang"},
};

static const struct {
	const char *name, *mark;
} kinds[] = {
    [IMPORT_ADDED] = {"added", "+"},
    [IMPORT_CHANGED] = {"changed", "~"},
    [IMPORT_ENDED] = {"ended", "-"},
    [IMPORT_UNCHANGED] = {"unchanged", "="},
    [IMPORT_OVERLAP] = {"overlap", "!"},
    [IMPORT_ORPHAN] = {"orphan", "?"},
    [IMPORT_NOTE] = {"note", " "},
};

int
import_target_of(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(targets); i++)
		if (name != NULL && strcmp(name, targets[i].name) == 0)
			return (int)i;
	return -1;
}

static void G_GNUC_PRINTF(4, 0)
say(struct import *im, enum import_kind kind, int line, const char *fmt,
    va_list ap)
{
	struct import_line l = {
	    .line = line > 0 ? line : DESC_NULL,
	    .kind = kinds[kind].name,
	    .mark = kinds[kind].mark,
	};

	if (im->lines->len >= IMPORT_LINES_MAX) {
		im->out->more_lines++;
		return;
	}
	l.text = arena_vprintf(im->a, fmt, ap);
	g_array_append_val(im->lines, l);
}

void
import_say(struct import *im, enum import_kind kind, int line,
    const char *fmt, ...)
{
	va_list ap;

	im->out->added += kind == IMPORT_ADDED;
	im->out->changed += kind == IMPORT_CHANGED;
	im->out->ended += kind == IMPORT_ENDED;
	im->out->unchanged += kind == IMPORT_UNCHANGED;
	if (kind == IMPORT_UNCHANGED)
		return;
	va_start(ap, fmt);
	say(im, kind, line, fmt, ap);
	va_end(ap);
}

void
import_refuse(struct import *im, enum import_kind kind, int line,
    const char *fmt, ...)
{
	va_list ap;

	im->out->refused++;
	va_start(ap, fmt);
	say(im, kind, line, fmt, ap);
	va_end(ap);
}

bool
import_fault(GError **err, int line, const char *fmt, ...)
{
	g_autofree char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	what = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	return fault_set(err, FAULT_INPUT, "Line %d: %s", line, what);
}

const char *
import_field(const struct import *im, const struct csv_row *row,
    const char *column)
{
	return csv_field(row, csv_column(&im->csv, column));
}

bool
import_has(const struct import *im, const char *column)
{
	return csv_column(&im->csv, column) >= 0;
}

bool
import_lang(struct import *im, const struct csv_row *row, const char **lang,
    GError **err)
{
	const char *given = import_field(im, row, "lang");

	*lang = *given != '\0' ? lang_norm(im->a, given) : NULL;
	return *given == '\0' || *lang != NULL ||
	    import_fault(err, row->line, "the language is no tag such as en "
		"or de-AT.");
}

bool
import_needs(const struct import *im, const char *column, GError **err)
{
	return import_has(im, column) ||
	    fault_set(err, FAULT_INPUT,
		"The header line lacks the column %s; it may have %s.", column,
		targets[im->rq->target].columns);
}

/* What a file says under a name that is not ours is not lost silently: a
 * prefix without its dates would be its holder's for ever. */
static void
unread_columns(struct import *im)
{
	const char *ours = targets[im->rq->target].columns;
	const struct csv_row *h = &im->csv.header;

	for (size_t i = 0; i < h->n; i++) {
		g_autofree char *name = g_ascii_strdown(h->fields[i], -1);
		const char *at = *name != '\0' ? strstr(ours, name) : NULL;
		size_t n = strlen(name);

		if (at == NULL || (at > ours && at[-1] != ' ') ||
		    (at[n] != '\0' && at[n] != ','))
			import_say(im, IMPORT_NOTE, h->line, "the column %s "
			    "is not read; there may be %s",
			    *name != '\0' ? name : "without a name", ours);
	}
}

/* -- members by their names in files -- */

static const char *
owner_key(struct arena *a, const char *kind, const char *value)
{
	return arena_printf(a, "%s %s", kind, text_lower(a, value));
}

bool
import_read_owners(struct db *db, struct import *im, GError **err)
{
	struct list rows;

	if (!db_list(db, im->a, Q_IMPORT_OWNERS, DB_NONE, &desc_import_owner,
		&rows, err))
		return false;
	g_hash_table_remove_all(im->owners);
	for (size_t i = 0; i < rows.n; i++) {
		struct import_owner *o = LIST_AT(import_owner, rows, i);

		g_hash_table_insert(im->owners,
		    (gpointer)owner_key(im->a, o->kind, o->value), o);
	}
	return true;
}

const struct import_owner *
import_owner_of(const struct import *im, const char *kind, const char *value)
{
	return g_hash_table_lookup(im->owners,
	    owner_key(im->a, kind, value));
}

/* -- one import -- */

/* JSON begins with a bracket, RPSL with "name:"; all else is CSV. */
static bool
read_file(struct import *im, GError **err)
{
	const struct import_request *rq = im->rq;
	const char *s = rq->bytes;
	size_t skip = 0;

	if (rq->len >= 3 && memcmp(s, "\xef\xbb\xbf", 3) == 0)
		skip = 3;
	while (skip < rq->len && g_ascii_isspace(s[skip]))
		skip++;
	if (skip < rq->len && (s[skip] == '{' || s[skip] == '['))
		return registry_read_rdap(im->a, s + skip, rq->len - skip,
		    &im->registry, err);
	if (rpsl_looks_like(s + skip, rq->len - skip))
		return registry_read_rpsl(im->a, s + skip, rq->len - skip,
		    &im->registry, err);
	im->is_csv = true;
	return csv_read(im->a, rq->bytes, rq->len, &im->csv, err);
}

#define NEW_ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(new_id, NEW_ID);

static void
reset(struct import *im)
{
	struct import_result *out = im->out;

	*out = (struct import_result){
	    .format = im->is_csv ? "csv" : im->registry.format};
	g_array_set_size(im->lines, 0);
	for (size_t i = 0; i < im->registry.n_notes; i++)
		import_say(im, IMPORT_NOTE, im->registry.notes[i].line, "%s",
		    im->registry.notes[i].text);
	out->more_lines += (int64_t)(im->registry.notes_total -
	    im->registry.n_notes);
	if (im->is_csv)
		unread_columns(im);
}

static bool
all(struct db *db, void *p, GError **err)
{
	struct import *im = p;
	struct import_result *out = im->out;
	const struct import_request *rq = im->rq;
	struct new_id row = {0};

	reset(im);
	if (!db_one(db, im->a, Q_IMPORT_BEGIN,
		DB_ARGS(DB_INT(im->by->id > 0 ? im->by->id : DESC_NULL),
		    DB_TEXT(im->by->name), DB_TEXT(targets[rq->target].name),
		    DB_TEXT(out->format),
		    DB_TEXT(rq->file != NULL ? rq->file : ""),
		    DB_TEXT(text_sha256(im->a, rq->bytes, rq->len)),
		    DB_INT((int64_t)rq->len)),
		&desc_new_id, &row, err))
		return false;
	im->id = row.id;
	if (!targets[rq->target].run(db, im, err))
		return false;
	out->can_apply = !im->is_csv || out->refused == 0;
	/* RATE stands for "roll back, all is well": see import_run(). */
	if (rq->dry_run)
		return fault_set(err, FAULT_RATE, "dry run");
	if (!out->can_apply) {
		const struct import_line *l = NULL;

		for (guint i = 0; i < im->lines->len && l == NULL; i++) {
			l = &g_array_index(im->lines, struct import_line, i);
			if (*l->mark != '!' && *l->mark != '?')
				l = NULL;
		}
		return fault_set(err, FAULT_INPUT,
		    "Nothing was imported: %" PRId64 " lines cannot be. %s",
		    out->refused, l != NULL ? l->text : "");
	}
	out->applied = true;
	return db_exec(db, Q_IMPORT_END,
		   DB_ARGS(DB_INT(im->id), DB_INT(out->added),
		       DB_INT(out->changed), DB_INT(out->ended),
		       DB_INT(out->unchanged), DB_INT(out->refused)),
		   NULL, err) &&
	    audit_write(db, im->by, targets[rq->target].action, 0, 0,
		arena_printf(im->a, "import %" PRId64, im->id), NULL,
		arena_printf(im->a, "%" PRId64 " added, %" PRId64
		    " changed, %" PRId64 " ended, %" PRId64 " as they were, %"
		    PRId64 " left out", out->added, out->changed, out->ended,
		    out->unchanged, out->refused),
		err);
}

bool
import_run(struct db *db, struct arena *a, const struct actor *by,
    const struct import_request *rq, struct import_result *out, GError **err)
{
	g_autoptr(GArray) lines =
	    g_array_new(FALSE, FALSE, sizeof(struct import_line));
	g_autoptr(GHashTable) owners =
	    g_hash_table_new(g_str_hash, g_str_equal);
	struct import im = {.a = a, .by = by, .rq = rq, .out = out,
	    .lines = lines, .owners = owners};
	g_autoptr(GError) why = NULL;

	if (!read_file(&im, err))
		return false;
	if (!db_tx(db, all, &im, &why) &&
	    !(rq->dry_run && fault_is(why, FAULT_RATE))) {
		g_propagate_error(err, g_steal_pointer(&why));
		return false;
	}
	out->lines.n = lines->len;
	out->lines.items = arena_memdup(a, lines->data,
	    lines->len * sizeof(struct import_line));
	return true;
}

const char *
import_report(struct arena *a, const struct import_result *r)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; i < r->lines.n; i++) {
		const struct import_line *l =
		    LIST_AT(import_line, r->lines, i);

		if (strcmp(l->kind, "overlap") == 0 ||
		    strcmp(l->kind, "orphan") == 0)
			g_string_append_printf(s, "%s %s: %s\n", l->mark,
			    l->kind, l->text);
		else
			g_string_append_printf(s, "%s %s\n", l->mark, l->text);
	}
	if (r->more_lines > 0)
		g_string_append_printf(s, "  and %" PRId64 " more lines\n",
		    r->more_lines);
	g_string_append_printf(s, "%" PRId64 " added, %" PRId64 " changed, %"
	    PRId64 " ended, %" PRId64 " as they were, %" PRId64
	    " left out%s\n", r->added, r->changed, r->ended, r->unchanged,
	    r->refused, r->applied ? "" : " (nothing was done: dry run)");
	return s->str;
}
