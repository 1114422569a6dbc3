/*
 * Text: UTF-8 repair, escaping, small readers.  Everything that leaves
 * these functions is valid UTF-8 without NUL.
 *
 * Results live in the arena given.  Thread: any.  None of them fails.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/base.h"

/* Bad bytes become U+FFFD, NUL too; C0 controls other than \t \n \r are
 * replaced as well.  len may be 0. */
char *text_repair(struct arena *a, const void *bytes, size_t len);
/* s itself when there is nothing to repair; NULL becomes "". */
const char *text_repaired(struct arena *a, const char *s);
/* Bytes at the start of s that are ASCII from blank to DEL: what most of a
 * mail is, and nothing needs to be looked at twice in it. */
size_t text_plain_run(const char *s, size_t len);
/* Appends n bytes.  g_string_append_len() looks whether s is a piece of out,
 * which for short pieces takes longer than the copy. */
static inline void
text_put(GString *out, const char *s, size_t n)
{
	if (out->len + n < out->allocated_len) {
		memcpy(out->str + out->len, s, n);
		out->len += n;
		out->str[out->len] = '\0';
	} else {
		g_string_append_len(out, s, (gssize)n);
	}
}
/* UTF-8 without NUL?  Asked of whole texts, most of them ASCII. */
bool text_is_utf8(const char *s, size_t len);
/* At most max bytes of s, cut at a character, with "..." when cut. */
char *text_cut(struct arena *a, const char *s, size_t max);
/* At most max characters of plain text, cut at the end of a sentence and
 * never just before a promised list ("two mailing lists:"). */
char *text_teaser(struct arena *a, const char *s, size_t max);
/* Runs of white space become one blank, the ends are trimmed. */
char *text_squash(struct arena *a, const char *s);
bool text_blank(const char *s); /* NULL, empty or white space only */
/* ASCII only: no locale. */
char *text_lower(struct arena *a, const char *s);
/* n bytes of from as lower case to to, which may be from. */
void text_lower_to(char *to, const char *from, size_t n);
bool text_ieq(const char *a, const char *b);
bool text_istarts_at_all(const char *s, const char *prefix);
/* Most differ in the first letter already, which takes no call. */
static inline bool
text_istarts(const char *s, const char *prefix)
{
	return s != NULL &&
	    (*prefix == '\0' || ((*s ^ *prefix) & ~('a' ^ 'A')) == 0) &&
	    text_istarts_at_all(s, prefix);
}
/* Does one of n stand at the start of s, in any case; or anywhere, as it is? */
bool text_istarts_any(const char *s, const char *const *list, size_t n);
bool text_has_any(const char *s, const char *const *list, size_t n);
#define TEXT_HAS_ANY(s, list) text_has_any((s), (list), COUNT_OF(list))
/* The same letter by letter. */
static inline bool
text_begins(const char *s, const char *prefix)
{
	return *s == *prefix && strncmp(s, prefix, strlen(prefix)) == 0;
}
/* Part of a word: a letter or digit, or any byte of another script's. */
static inline bool
text_wordy(char c)
{
	return g_ascii_isalnum(c) || (c & 0x80);
}
/* Letters (ASCII) at the start of s. */
size_t text_letters(const char *s, size_t len);
bool text_iends(const char *s, const char *suffix);

void text_html(GString *out, const char *s);      /* & < > " ' escaped */
void text_html_len(GString *out, const char *s, size_t len);
void text_url(GString *out, const char *s);       /* percent-encoding */
/* http(s), mailto, or a path that begins with one slash. */
bool text_url_safe(const char *s);
/* A field of RFC 4180 CSV; a leading = + - @ gets a quote mark, so that a
 * spreadsheet does not run it. */
void text_csv(GString *out, const char *s);
/* 192[.]0[.]2[.]7, hxxps://evil[.]example */
const char *text_defang(struct arena *a, const char *s);

/* How many texts a list ended by NULL has; NULL has none. */
size_t text_count(const char *const *list);
/* For qsort() and g_ptr_array_sort(): texts by their bytes. */
int text_order(const void *a, const void *b);

/* Whole string is one decimal number within the bounds. */
bool text_int(const char *s, int64_t min, int64_t max, int64_t *n);

/* One addr-spec as SMTP takes it (RFC 5321 4.1.2, dot-string or quoted
 * local part, domain or address literal; ASCII, at most 254 bytes). */
bool text_address_ok(const char *s);
/* Domain in lower case after the last @, or NULL. */
const char *text_address_domain(struct arena *a, const char *addr);
/* Local part as it is, domain in lower case: the form we store. */
const char *text_address_norm(struct arena *a, const char *addr);
bool text_domain_ok(const char *s);

/* Hexadecimal, lower case. */
char *text_hex(struct arena *a, const void *p, size_t len);
char *text_sha256(struct arena *a, const void *p, size_t len);

#endif
