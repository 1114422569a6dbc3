/*
 * HTML mail as text: what a reader would see, links and forms with their
 * targets behind them, rows of tables as lines with tabs between their cells,
 * lists as lines, quotations with "> " before their lines, and what only programs would see marked
 * "[hidden: ...]".  Nothing is fetched, nothing run.
 *
 * gumbo builds the tree, because it breaks broken markup the way browsers
 * do: text that our reader saw elsewhere than the victim's would fool us.
 * html_tame() comes before it and keeps its cost in bounds.
 *
 * Owner:  all in the arena, gumbo's tree too.
 * Thread: any.  Failure: none; what had to be left out is told.
 */
#ifndef INSPECT_HTML_H
#define INSPECT_HTML_H

#include "base/base.h"
#include "base/limits.h"

/* cut: tags or text beyond a limit were left out. */
const char *html_to_text(struct arena *a, const char *html, size_t len,
    bool *cut);

/*
 * html_aside.c: long values of attributes and texts, of which gumbo is given
 * a sign: a number, in the attribute of that name behind HTML_ASIDE, or one
 * character.  A sender can write neither: the mark is left in no name of an
 * attribute of theirs, and in a mail with such characters no text is put aside.
 */
enum { HTML_ASIDE = '`' }; /* no URL has one */

struct html_aside {
	struct arena *a;
	GPtrArray *values;
	GArray *runs;     /* of text; NULL: none are put aside */
	GString *scratch;
};

/* html is the whole text, UTF-8, and lives as long as this. */
struct html_aside *html_aside_new(struct arena *a, const char *html,
    size_t len);
/* Writes the sign for a value; false: nothing was written, it goes as it is. */
bool html_put_value(struct html_aside *x, GString *out, const char *name,
    const char *value, size_t n);
/* Attributes as they are. */
void html_put_odd(GString *out, const char *s, size_t n);
/* Text between two tags, a piece of html. */
void html_put_text(struct html_aside *x, GString *out, const char *s,
    size_t n);
/* What the sign stands for; the text until the next one is asked for. */
const char *html_value(const struct html_aside *x, const char *number);
const char *html_text(struct html_aside *x, const char *s);

/* html_tame.c: a copy with bounds on depth, tags and attributes. */
GString *html_tame(struct arena *a, const char *html, size_t len,
    struct html_aside *aside, bool *cut);

/* html_style.c: colours of text and ground, inherited; 0xRRGGBB, -1 when not
 * known. */
struct html_colour {
	int text, ground;
};
/* Takes the colours that style and the old attributes (any NULL) say; true
 * when style hides what is in the element, whatever its colour. */
bool html_unseen(const char *style, const char *color, const char *bgcolor,
    struct html_colour *c);
/* No eye tells this text from its ground. */
bool html_faint(const struct html_colour *c);

#endif
