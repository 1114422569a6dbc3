/*
 * What the loader and the renderer of templates share (tmpl.h), and
 * nobody else includes.
 *
 * A template is a row of ops, parts expanded in place, names resolved to
 * (level, offset): views[level] is the struct that the level's section
 * has entered, offset the member in it.  Rendering looks nothing up.
 */
#ifndef BASE_TMPL_PRIV_H
#define BASE_TMPL_PRIV_H

#include "base/base.h"
#include "base/desc.h"
#include "base/tmpl.h"

enum tmpl_format { TMPL_HTML, TMPL_XML, TMPL_RSS, TMPL_TXT };

/* How a value is written; decided by its kind and its place. */
enum tmpl_show {
	SHOW_RAW,          /* HTML kind in text; everything in .txt */
	SHOW_ESCAPED,
	SHOW_SAFE,         /* escaped, with places to end a line */
	SHOW_URL,          /* a whole href: checked, then escaped */
	SHOW_URL_PART,     /* percent-encoded, within an href */
	SHOW_MAIL_PART,    /* the same, but @ stays */
	SHOW_INT,
	SHOW_TIME_ELEMENT, /* <time datetime=...> */
	SHOW_TIME_PAGE,    /* 2026-11-23 04:10 Z */
	SHOW_TIME_3339,
	SHOW_TIME_5322,
};

enum tmpl_op_kind {
	OP_TEXT,  /* text, len */
	OP_VALUE, /* show, level, offset */
	OP_IF,    /* ops up to end when the field is set */
	OP_UNLESS,
	OP_ENTER, /* OBJECT: its struct becomes views[inner] */
	OP_EACH,  /* LIST: each item becomes views[inner] */
};

struct tmpl_op {
	enum tmpl_op_kind kind;
	enum tmpl_show show;
	enum desc_kind field;
	unsigned level, inner;
	size_t offset;
	size_t size; /* of a LIST's item */
	size_t end;  /* index behind the section */
	const char *text;
	size_t len;
};

struct tmpl {
	const char *name;
	const struct desc *view;
	const struct tmpl_op *ops;
	size_t n;
};

struct tmpl_set {
	struct arena *arena;
	GHashTable *by_name; /* of struct tmpl */
};

/* One file as read. */
struct tmpl_source {
	const char *name; /* "page/queue.html" */
	const char *path; /* for messages */
	const char *text;
	size_t len;
	const char *view; /* NULL for "any" */
};

/* Where in the markup the reader is: tmpl_place.c. */
enum place_state {
	PLACE_TEXT,
	PLACE_RCDATA,  /* title, textarea, option: text only */
	PLACE_RAW,     /* script, style...: nothing of ours */
	PLACE_COMMENT, /* also <!...> and <?...?> */
	PLACE_LESS,    /* just behind < */
	PLACE_TAG_NAME,
	PLACE_TAG,     /* between attributes */
	PLACE_JOIN,    /* as PLACE_TAG, but a blank or > must come first */
	PLACE_ATTR,
	PLACE_AFTER_ATTR,
	PLACE_BEFORE_VALUE,
	PLACE_UNQUOTED,
	PLACE_QUOTED,
};

struct tmpl_place {
	enum place_state state;
	bool xml;
	bool closing;     /* within </x> */
	char quote;       /* of PLACE_QUOTED */
	char tag[16];     /* lower case, cut */
	char attr[24];
	char head[16];    /* first bytes of the attribute's value */
	size_t head_len;  /* bytes of the value in all */
	unsigned slashes; /* of them */
	bool after_url;   /* a whole address was just written */
	size_t matched;   /* of what ends PLACE_RAW, RCDATA, COMMENT */
	char until[20];   /* "</script", "-->" */
};

/* Each answers NULL or the reason of a refusal. */
const char *place_feed(struct tmpl_place *p, const char *s, size_t len);
const char *place_value(struct tmpl_place *p, enum tmpl_format format,
    enum desc_kind kind, enum tmpl_show *show);
const char *place_section(struct tmpl_place *p);
/* start: the place behind the section's opening tag, when it was read. */
const char *place_section_end(struct tmpl_place *p,
    const struct tmpl_place *start, bool repeats);

/* tmpl_parse.c: sources is by name; NULL and err on failure. */
struct tmpl *tmpl_compile(struct arena *a, GHashTable *sources,
    const struct tmpl_source *source, const struct desc *view, GError **err);
/* Reads the `{{! view: NAME }}` that the file begins with. */
bool tmpl_read_view(struct arena *a, struct tmpl_source *source,
    GError **err);

#endif
