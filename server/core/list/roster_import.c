/* Subscribers from a file, and the closed list as a mirror of contacts. */
#include "base/base.h"
#include "base/csv.h"
#include "base/text.h"
#include "core/audit.h"
#include "core/list/roster_priv.h"

DESC_TABLE(roster_import_row, ROSTER_IMPORT_ROW);
DESC_TABLE(roster_import, ROSTER_IMPORT);

struct rows {
	GArray *list; /* of roster_import_row */
	int64_t n;
};

/* Rows are shown up to a limit and counted beyond it. */
static void
rows_add(struct rows *r, int64_t line, const char *email, const char *name,
    const char *reason)
{
	struct roster_import_row row = {line, email, name, reason};

	r->n++;
	if (r->list->len < ROSTER_SHOWN_MAX)
		g_array_append_val(r->list, row);
}

static struct list
rows_take(struct arena *a, struct rows *r)
{
	struct list l = {.n = r->list->len};

	l.items = arena_memdup(a, r->list->data,
	    r->list->len * sizeof(struct roster_import_row));
	return l;
}

struct import {
	struct arena *a;
	const struct actor *by;
	const char *list;
	bool dry_run;
	/* the good rows of the file, each address once */
	GArray *lines;
	GPtrArray *emails, *names;
	struct rows added, left, bad;
	struct roster_import *out;
};

/* -- the file -- */

static void
good_row(struct import *im, GHashTable *seen, int64_t line,
    const char *email, const char *name)
{
	const char *key = text_lower(im->a, email);
	gpointer at;

	/* Twice the same address: the first line counts, with the name of
	 * the first that has one. */
	if (g_hash_table_lookup_extended(seen, key, NULL, &at)) {
		guint i = GPOINTER_TO_UINT(at);

		im->out->merged++;
		if (*(const char *)im->names->pdata[i] == '\0')
			im->names->pdata[i] = (gpointer)name;
		return;
	}
	g_hash_table_insert(seen, (gpointer)key,
	    GUINT_TO_POINTER(im->emails->len));
	g_array_append_val(im->lines, line);
	g_ptr_array_add(im->emails, (gpointer)email);
	g_ptr_array_add(im->names, (gpointer)name);
}

static bool
read_file(struct import *im, const void *csv, size_t len, GError **err)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	struct csv t;
	int email_at, name_at;

	if (!csv_read(im->a, csv, len, &t, err))
		return false;
	email_at = csv_column(&t, "email");
	name_at = csv_column(&t, "name");
	if (email_at < 0)
		return fault_set(err, FAULT_INPUT,
		    "Line %d: the header line names no column \"email\".",
		    t.header.line);
	for (size_t i = 0; i < t.n; i++) {
		const struct csv_row *row = &t.rows[i];
		const char *given = csv_field(row, email_at);
		const char *name =
		    text_squash(im->a, csv_field(row, name_at));
		const char *email;
		g_autoptr(GError) why = NULL;

		im->out->rows++;
		if (row->n > t.header.n)
			rows_add(&im->bad, row->line, text_cut(im->a, given,
			    100), NULL, "More fields than the header line.");
		else if (*given == '\0')
			rows_add(&im->bad, row->line, "", NULL,
			    "The address is missing.");
		else if (!roster_email(im->a, NULL, given, &email, &why))
			rows_add(&im->bad, row->line, text_cut(im->a, given,
			    100), NULL, arena_strdup(im->a, why->message));
		else if (g_utf8_strlen(name, -1) > ROSTER_NAME_MAX)
			rows_add(&im->bad, row->line, email, NULL,
			    "The name is too long.");
		else
			good_row(im, seen, row->line, email, name);
	}
	im->out->bad = im->bad.n;
	return true;
}

/* -- the difference, and doing it -- */

/* {12,13}: an int[] in the form that the database reads. */
static const char *
int_array(struct arena *a, const GArray *lines)
{
	GString *s = arena_gstring(a);

	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(s, "%c%" PRId64, i > 0 ? ',' : '{',
		    g_array_index(lines, int64_t, i));
	g_string_append(s, lines->len > 0 ? "}" : "{}");
	return s->str;
}

static bool
look(struct db *db, struct import *im, int64_t list, GError **err)
{
	struct list rows = {0};

	if (!db_list(db, im->a, Q_ROSTER_IMPORT_LOOK,
		DB_ARGS(DB_INT(list), DB_TEXT(int_array(im->a, im->lines)),
		    DB_TEXTS((const char *const *)im->emails->pdata),
		    DB_TEXTS((const char *const *)im->names->pdata)),
		&desc_roster_import_row, &rows, err))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct roster_import_row *r =
		    LIST_AT(roster_import_row, rows, i);

		if (r->reason == NULL)
			rows_add(&im->added, r->line, r->email, r->name,
			    NULL);
		else if (strcmp(r->reason, "left") == 0)
			rows_add(&im->left, r->line, r->email, r->name,
			    "left this list before; not added again");
		else if (strcmp(r->reason, "active") == 0)
			im->out->present++;
		else
			im->out->confirmed++;
	}
	return true;
}

static bool
import_tx(struct db *db, void *ctx, GError **err)
{
	struct import *im = ctx;
	struct roster_list l = {0};
	int64_t hit;

	/* (a second try begins anew) */
	g_array_set_size(im->added.list, 0);
	g_array_set_size(im->left.list, 0);
	im->added.n = im->left.n = 0;
	im->out->present = im->out->confirmed = 0;
	if (!roster_list_find(db, im->a, im->list, &l, err) ||
	    !look(db, im, l.id, err))
		return false;
	if (im->dry_run || im->bad.n > 0)
		return true;
	return db_exec(db, Q_ROSTER_IMPORT,
		   DB_ARGS(DB_INT(l.id),
		       DB_TEXTS((const char *const *)im->emails->pdata),
		       DB_TEXTS((const char *const *)im->names->pdata),
		       DB_INT(im->by->id > 0 ? im->by->id : DESC_NULL),
		       DB_TEXT(im->by->name)),
		   &hit, err) &&
	    audit_write(db, im->by, "list.import", 0, 0, im->list, NULL,
		arena_printf(im->a, "%" PRId64 " new, %" PRId64 " confirmed",
		    im->added.n, im->out->confirmed),
		err);
}

static void
free_array(void *p)
{
	g_array_free(p, TRUE);
}

static GArray *
array(struct arena *a, size_t element)
{
	GArray *g = g_array_new(FALSE, FALSE, (guint)element);

	arena_defer(a, free_array, g);
	return g;
}

bool
roster_import_csv(struct db *db, struct arena *a, const struct actor *by,
    const char *list, const void *csv, size_t len, bool dry_run,
    struct roster_import *out, GError **err)
{
	size_t row = sizeof(struct roster_import_row);
	struct roster_import result = {.list = arena_strdup(a, list)};
	struct import im = {.a = a, .by = by, .list = list,
	    .dry_run = dry_run, .out = &result};

	if (by->id != 0 && by->role < ROLE_ANALYST)
		return fault_set(err, FAULT_DENIED,
		    "Analysts and leads change the lists.");
	im.lines = array(a, sizeof(int64_t));
	im.emails = arena_ptr_array(a);
	im.names = arena_ptr_array(a);
	im.added.list = array(a, row);
	im.left.list = array(a, row);
	im.bad.list = array(a, row);
	if (!read_file(&im, csv, len, err))
		return false;
	g_ptr_array_add(im.emails, NULL);
	g_ptr_array_add(im.names, NULL);
	if (db_in_tx(db) ? !import_tx(db, &im, err) :
	    !db_tx(db, import_tx, &im, err))
		return false;
	result.added = im.added.n;
	result.left = im.left.n;
	result.added_rows = rows_take(a, &im.added);
	result.left_rows = rows_take(a, &im.left);
	result.bad_rows = rows_take(a, &im.bad);
	result.applied = !dry_run && im.bad.n == 0;
	*out = result;
	return true;
}

static void
report_rows(GString *out, char sign, const struct list *l, int64_t n)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct roster_import_row *r =
		    LIST_AT(roster_import_row, *l, i);

		g_string_append_printf(out, "%c line %" PRId64 ": %s", sign,
		    r->line, r->email);
		if (r->reason != NULL)
			g_string_append_printf(out, "  %s", r->reason);
		g_string_append_c(out, '\n');
	}
	if (n > (int64_t)l->n)
		g_string_append_printf(out, "%c and %" PRId64 " more\n", sign,
		    n - (int64_t)l->n);
}

void
roster_import_report(const struct roster_import *r, GString *out)
{
	report_rows(out, '!', &r->bad_rows, r->bad);
	report_rows(out, '-', &r->left_rows, r->left);
	if (!r->applied)
		report_rows(out, '+', &r->added_rows, r->added);
	g_string_append_printf(out,
	    "%" PRId64 " rows: %" PRId64 " new, %" PRId64
	    " pending or suspended become active, %" PRId64
	    " on the list already, %" PRId64 " twice in the file, %" PRId64
	    " left before, %" PRId64 " bad\n",
	    r->rows, r->added, r->confirmed, r->present, r->merged, r->left,
	    r->bad);
	g_string_append(out, r->applied ? "imported\n" :
	    r->bad > 0 ? "nothing was changed: correct the bad lines first\n" :
	    "nothing was changed: dry run\n");
}

/* -- the mirror -- */

struct sync {
	const struct actor *by;
	int64_t added, ended;
};

static bool
sync_tx(struct db *db, void *ctx, GError **err)
{
	struct sync *s = ctx;

	if (!db_exec(db, Q_ROSTER_CONTACTS_ORGANISATION,
		DB_ARGS(DB_TEXT(ROSTER_CONTACTS)), NULL, err) ||
	    !db_exec(db, Q_ROSTER_CONTACTS_ADD,
		DB_ARGS(DB_TEXT(ROSTER_CONTACTS),
		    DB_INT(s->by->id > 0 ? s->by->id : DESC_NULL),
		    DB_TEXT(s->by->name)),
		&s->added, err) ||
	    !db_exec(db, Q_ROSTER_CONTACTS_END,
		DB_ARGS(DB_TEXT(ROSTER_CONTACTS)), &s->ended, err))
		return false;
	if (s->added == 0 && s->ended == 0)
		return true;
	ARENA_AUTO(a, "roster-sync");

	return audit_write(db, s->by, "list.sync", 0, 0, ROSTER_CONTACTS,
	    NULL,
	    arena_printf(a, "%" PRId64 " added, %" PRId64 " ended", s->added,
		s->ended),
	    err);
}

bool
roster_sync_contacts(struct db *db, const struct actor *by, int64_t *added,
    int64_t *ended, GError **err)
{
	struct sync s = {.by = by};

	if (db_in_tx(db) ? !sync_tx(db, &s, err) :
	    !db_tx(db, sync_tx, &s, err))
		return false;
	if (added != NULL)
		*added = s.added;
	if (ended != NULL)
		*ended = s.ended;
	return true;
}
