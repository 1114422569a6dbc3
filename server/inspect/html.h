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
 * html_tame.c: a copy with bounds on depth, tags and attributes.  A value that
 * was put aside is told by its place in values, as the attribute of that name
 * behind HTML_ASIDE.  In no other attribute's name this byte is left.
 */
enum { HTML_ASIDE = '`' }; /* no URL has one */

GString *html_tame(struct arena *a, const char *html, size_t len,
    GPtrArray *values, bool *cut);

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
