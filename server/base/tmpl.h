/*
 * Templates.  No logic, escaping by default.
 *
 *	{{name}}                   a field of the view
 *	{{#name}}..{{/name}}       LIST: once for each item; OBJECT: in it;
 *	                           scalar: when it is set
 *	{{^name}}..{{/name}}       when it is not set, or empty
 *	{{?name}}..{{/name}}       when it is set, once, in the same view
 *	                           (a table around the rows of a LIST)
 *	{{>nav}} {{>feed/item.xml}} part/nav.html (the extension of the file
 *	                           that includes it), or a file by its name
 *	{{! comment}}
 * A scalar is set when it is not null, not empty, not 0 and not false.
 * Names are those of the innermost struct, then of those around it.  A
 * tag other than {{name}} that is alone on its line takes the line away.
 *
 * A template file begins `{{! view: NAME }}`, NAME being the struct of a
 * descriptor (desc.h) in the table given to tmpl_load.  A part may say
 * `{{! view: any }}` or nothing: its names are those of each includer.
 * A part of a named view is put where that struct is at hand.  The loader
 * checks each name against the descriptor, follows sections and parts,
 * and refuses variables in unquoted attributes, comments, script, style
 * and on*=.  A href, src or action begins with a field of kind URL or with
 * a literal / ? # mailto: or http://host/; further fields in it are then
 * percent-encoded: href="/desk/tickets/{{number}}".  A section must end at
 * the same place of the markup as it began.  So a typo or an unsafe place
 * stops the start, not a page.
 *
 * Escaping by file name: .html and .xml escape & < > " '; .txt does not
 * (bodies of mail, which never hold headers).  HTML fields are shown as
 * they are in .html, escaped in .xml, refused in .txt and attributes.
 * TIME is <time datetime=RFC3339 title=RFC3339>2026-11-23 04:10 Z</time>
 * in the text of .html, RFC 3339 in attributes and .xml, RFC 5322 in files
 * named rss.*, and the page form (2026-11-23 04:10 Z) elsewhere.
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
