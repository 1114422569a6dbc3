/* Markdown by cmark in safe mode: raw HTML and unsafe links are dropped. */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include "base/base.h"
#include "base/desc.h"

/* Longest text taken; callers check before (forms, API, files). */
enum { MARKDOWN_MAX = 256 * 1024 };

struct html markdown_html(struct arena *a, const char *text);
/* Readable plain text: what goes into the mail of an advisory. */
const char *markdown_plain(struct arena *a, const char *text);

#endif
