/* Imports on the desk: first the difference, then the same again with
 * "apply". */
#include "base/base.h"
#include "base/text.h"
#include "core/member/import.h"
#include "http/route.h"

enum { UPLOAD_MAX = 16 * FORM_MIB };

static const struct form_field import_fields[] = {
    {"target", FORM_LINE, 20, .required = true, .label = "what it is"},
    {"file", FORM_FILE, UPLOAD_MAX, .label = "the file"},
    {"text", FORM_TEXT, UPLOAD_MAX, .label = "the text"},
    {"name", FORM_LINE, FORM_NAME_MAX},
    {"complete", FORM_LINE, 10},
    {"apply", FORM_LINE, 10},
};
const struct form form_member_import = FORM(import_fields);

#define IMPORT_ROW(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, TIME, at, none)                                                  \
	F(S, TEXT, actor, none)                                               \
	F(S, TEXT, target, none)                                              \
	F(S, TEXT, format, none)                                              \
	F(S, TEXT, file, none)                                                \
	F(S, TEXT, sha256, none)                                              \
	F(S, INT, size, none)                                                 \
	F(S, INT, added, none)                                                \
	F(S, INT, changed, none)                                              \
	F(S, INT, ended, none)                                                \
	F(S, INT, unchanged, none)                                            \
	F(S, INT, refused, none)
DESC_STRUCT(import_row, IMPORT_ROW);
DESC_TABLE(import_row, IMPORT_ROW);

#define MEMBER_IMPORT_VIEW(F, S) PAGE(F, S) IMPORT_RESULT(F, S)               \
	F(S, LIST, imports, import_row)     /* those before */                \
	F(S, TEXT, target, none)                                              \
	F(S, PAGE_BOOL, target_members, none)                                 \
	F(S, PAGE_BOOL, target_prefixes, none)                                \
	F(S, PAGE_BOOL, target_foreign, none)                                 \
	F(S, PAGE_TEXT, text, none)                                           \
	F(S, PAGE_TEXT, text_error, none)                                     \
	F(S, PAGE_TEXT, target_error, none)                                   \
	F(S, PAGE_TEXT, file_name, none)                                      \
	F(S, PAGE_BOOL, complete, none)                                       \
	F(S, PAGE_BOOL, looked, none)       /* there is a difference to show */
DESC_STRUCT(member_import_view, MEMBER_IMPORT_VIEW);
DESC_TABLE(member_import_view, MEMBER_IMPORT_VIEW);

static bool
show(struct req *r, unsigned status, struct member_import_view *v,
    GError **err)
{
	int target = import_target_of(v->target);

	v->page_title = "Import";
	v->target_prefixes = target == IMPORT_PREFIXES;
	v->target_foreign = target == IMPORT_FOREIGN;
	v->target_members = !v->target_prefixes && !v->target_foreign;
	return db_list(r->db, r->a, Q_IMPORT_LIST, DB_NONE, &desc_import_row,
		   &v->imports, err) &&
	    reply_view(r, status, "page/member_import.html",
		&desc_member_import_view, v);
}

bool
page_member_import(struct req *r, GError **err)
{
	struct member_import_view v = {.target = req_query(r, "target")};

	return show(r, 200, &v, err);
}

/* The file, or what was pasted; from here on it is text, because the second
 * step sends it back as a field. */
static const char *
given_text(struct req *r, const char **name)
{
	size_t n = 0;
	const struct form_file *f = form_files(r, "file", &n);

	*name = form_get(r, "name");
	if (n == 0 || f[0].len == 0)
		return form_has(r, "text") ? form_get(r, "text") : NULL;
	*name = f[0].name;
	if (!g_utf8_validate_len(f[0].bytes, f[0].len, NULL)) {
		g_autofree char *utf8 = g_convert(f[0].bytes,
		    (gssize)f[0].len, "UTF-8", "WINDOWS-1252", NULL, NULL,
		    NULL);

		if (utf8 != NULL)
			return arena_strdup(r->a, utf8);
	}
	return text_repair(r->a, f[0].bytes, f[0].len);
}

bool
page_member_import_post(struct req *r, GError **err)
{
	struct member_import_view v = {.target = form_get(r, "target"),
	    .complete = form_has(r, "complete")};
	int target = import_target_of(v.target);
	struct import_request rq;
	struct import_result result = {0};
	g_autoptr(GError) why = NULL;

	v.text = given_text(r, &v.file_name);
	if (target < 0)
		form_error(r, "target", "Say what the file is about: members, prefixes or foreign.");
	if (v.text == NULL)
		form_error(r, "text", "Choose a file or paste its text.");
	if (form_ok(r)) {
		rq = (struct import_request){
		    .target = (enum import_target)target,
		    .bytes = v.text,
		    .len = strlen(v.text),
		    .site = r->site,
		    .file = v.file_name,
		    .dry_run = !form_has(r, "apply") ||
			form_is(r, "apply", "no"),
		    .complete = v.complete,
		};
		if (!import_run(r->db, r->a, &r->actor, &rq, &result, &why)) {
			if (!fault_is(why, FAULT_INPUT) &&
			    !fault_is(why, FAULT_LARGE)) {
				g_propagate_error(err, g_steal_pointer(&why));
				return false;
			}
			form_error(r, "text", "%s", why->message);
		}
	}
	if (!form_ok(r)) {
		v.text_error = form_error_of(r, "text");
		v.target_error = form_error_of(r, "target");
		return show(r, 422, &v, err);
	}
	desc_copy(&desc_import_result, &result, &desc_member_import_view, &v);
	if (v.applied)
		return reply_done(r, "/desk/members/import",
		    arena_printf(r->a, "Imported: %" PRId64 " added, %" PRId64
			" changed, %" PRId64 " ended, %" PRId64 " left out.",
			v.added, v.changed, v.ended, v.refused),
		    200, &desc_member_import_view, &v);
	v.looked = true;
	return show(r, 200, &v, err);
}
