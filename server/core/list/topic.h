/*
 * What the public may read: topics and their items (guidance, advisories,
 * statistics).  Only TLP:CLEAR gets in, and topic_public() is the one place
 * that decides; a CHECK of the database stands behind it.
 *
 * An item's slug and its guid (a tag: URI, RFC 4151) never change once made:
 * feed readers know the item by them.
 */
#ifndef CORE_TOPIC_H
#define CORE_TOPIC_H

#include "core/site.h"
#include "db/db.h"

enum {
	TOPIC_PAGE = 10,         /* items a page and in a feed */
	TOPIC_TEASER_MAX = 600,  /* characters */
	TOPIC_SLUG_MAX = 80,     /* characters of a slug made from a title */
	TOPIC_ARTICLES_MAX = 500, /* files that topic_load_articles reads */
};
#define TOPIC_FIRST "incident-response" /* there from the start */

#define TOPIC_ROW(F, S)                                                       \
	F(S, TEXT, slug, none)                                                \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, description, none)                                         \
	F(S, INT, items, none)                                                \
	F(S, TIME, updated, none)    /* newest change; null: no item */
DESC_STRUCT(topic_row, TOPIC_ROW);

#define TOPIC_ITEM(F, S)                                                      \
	F(S, INT, id, none)                                                   \
	F(S, TEXT, slug, none)                                                \
	F(S, TEXT, kind, none)       /* guidance advisory statistics */       \
	F(S, TEXT, title, none)                                               \
	F(S, TEXT, author, none)                                              \
	F(S, TEXT, teaser, none)                                              \
	F(S, TEXT, body, none)       /* Markdown; only topic_item_find */     \
	F(S, TEXT, tlp, none)                                                 \
	F(S, INT, advisory, none)    /* its number, or null */                \
	F(S, PAGE_TIME, advisory_created, none)                               \
	F(S, JSON, cves, none)                                                \
	F(S, TEXT, cves_text, none)  /* "CVE-2026-1, CVE-2026-2" */           \
	F(S, TEXT, guid, none)                                                \
	F(S, TEXT, topic_slug, none) /* a topic it stands on */               \
	F(S, TEXT, topic_title, none)                                         \
	F(S, TIME, published, none)                                           \
	F(S, TIME, updated, none)
DESC_STRUCT(topic_item, TOPIC_ITEM);

bool topic_list(struct db *db, struct arena *a, struct list *out,
    GError **err); /* topic_row */
bool topic_find(struct db *db, struct arena *a, const char *slug,
    struct topic_row *out, GError **err);
/* Newest first; slug NULL: of all topics.  page from 0. */
bool topic_items(struct db *db, struct arena *a, const char *slug,
    int64_t page, struct list *out, int64_t *total, GError **err);
bool topic_item_find(struct db *db, struct arena *a, const char *slug,
    struct topic_item *out, GError **err);
/* Fills in the bodies, which topic_items leaves out. */
bool topic_bodies(struct db *db, struct arena *a, struct list *items,
    GError **err);
/* "/articles/SLUG" or "/advisories/SLUG" */
const char *topic_item_path(struct arena *a, const struct topic_item *i);

/* May the public see what is marked so? */
bool topic_public(const char *tlp);

/* Lower-case ASCII words joined by hyphens; what has no letters becomes
 * "item".  At most TOPIC_SLUG_MAX. */
const char *topic_slug(struct arena *a, const char *text);
bool topic_slug_ok(const char *slug);
/* "tag:DOMAIN,2026:item/SLUG" */
const char *topic_guid(struct arena *a, const struct site *s,
    int64_t published, const char *slug);
/* At most TOPIC_TEASER_MAX characters of plain text, headings left out. */
const char *topic_teaser(struct arena *a, const char *markdown);

struct topic_new {
	const char *slug, *kind, *title, *body, *tlp;
	const char *author;          /* NULL: "Anonymous" */
	const char *const *topics;   /* slugs, ended by NULL; must exist */
	int64_t advisory;            /* number, or DESC_NULL */
	int64_t published;
};
/* In the caller's transaction.  An item that has the slug is brought up to
 * date (its guid and date stay); *made tells (may be NULL).  FAULT_DENIED
 * for anything but TLP:CLEAR, FAULT_INPUT for an unknown topic. */
bool topic_publish(struct db *db, const struct site *s,
    const struct topic_new *n, bool *made, GError **err);

/* A header block of "key: value" lines, a blank line, the body.  A key that
 * is not in the table is FAULT_INPUT. */
struct topic_key {
	const char *key;
	const char **to;
};
bool topic_read_header(struct arena *a, const char *text, size_t len,
    const struct topic_key *keys, size_t n, const char **body, GError **err);
/* "a, b c" -> NULL-ended; NULL gives none. */
const char *const *topic_words(struct arena *a, const char *s);
/* "2026-07-13" or with a time of day and a zone. */
bool topic_date(struct arena *a, const char *s, int64_t *t);
/* One article file: a header block (title, author, slug, date, topics,
 * tlp), a blank line, Markdown.  FAULT_INPUT says what is wrong. */
bool topic_read_article(struct arena *a, const char *text, size_t len,
    struct topic_new *out, GError **err);
/* Publishes every *.md of a folder, all or none; *n gets how many were new.
 * Loading a folder again changes only what differs. */
bool topic_load_articles(struct db *db, const struct site *s, const char *dir,
    int64_t *n, GError **err);

#endif
