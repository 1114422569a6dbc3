/*
 * Templates: {{name}} {{#name}}..{{/name}} {{^name}}..{{/name}}
 * {{>part}} {{! comment}}.  No logic, escaping by default.
 *
 * A template file begins `{{! view: NAME }}`, NAME being the struct of a
 * descriptor (desc.h) in the table given to tmpl_load.  The loader checks
 * each name against the descriptor, follows sections and parts, and
 * refuses variables in unquoted attributes, in script, style and on*=,
 * and in href/src/action unless their kind is URL.  So a typo or an unsafe
 * place stops the start, not a page.
 *
 * Escaping by file name: .html and .xml escape & < > " '; .txt does not
 * (bodies of mail, which never hold headers).
 * TIME shows as <time datetime=RFC3339 title=RFC3339>2026-11-23 04:10 Z
 * </time> in the text of .html, as the bare page form elsewhere.
 * A section over a scalar is shown when it is not null, not empty, not 0
 * and not false; inside it the names of the outer view are still known.
 *
 * Owner: the set, made once at start (again at SIGHUP); it is immutable
 * and may be used by all threads.
 */
#ifndef BASE_TMPL_H
#define BASE_TMPL_H

#include "base/base.h"
#include "base/desc.h"

/* Deepest nesting of sections and parts. */
enum { TMPL_DEPTH_MAX = 16, TMPL_FILE_MAX = 256 * 1024 };

struct tmpl_set;

/* Loads every file below dir (page/, part/, mail/, feed/), a file of the
 * same name below site_dir (may be NULL) winning.  views is a table of
 * descriptors ended by NULL.  FAULT_INPUT names file, line and reason. */
struct tmpl_set *tmpl_load(const char *dir, const char *site_dir,
    const struct desc *const *views, GError **err);
void tmpl_free(struct tmpl_set *set);

/* name like "page/queue.html".  The view must be of the struct that the
 * template declares: asserted, it is our own mistake. */
void tmpl_render(const struct tmpl_set *set, const char *name,
    const struct desc *d, const void *view, GString *out);
bool tmpl_has(const struct tmpl_set *set, const char *name);

#endif
