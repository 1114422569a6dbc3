/* See pack.h. */
#include "base/base.h"
#include "inspect/process/pack.h"

#include "base/json.h"
#include "base/text.h"

/* In the place of a text's length. */
#define NONE   UINT32_MAX
#define SAME   (UINT32_MAX - 1)

static bool
is_text(const struct desc_field *f)
{
	return f->kind == DESC_TEXT || f->kind == DESC_JSON;
}

static const char *
text_at(const struct desc_field *f, const void *s)
{
	return *(const char *const *)((const char *)s + f->offset);
}

size_t
pack_size(const struct desc *d, const void *s)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++) {
		n += sizeof(int64_t);
		if (is_text(&d->fields[i]) &&
		    text_at(&d->fields[i], s) != NULL)
			n += strlen(text_at(&d->fields[i], s)) + 1;
	}
	return n;
}

static void
put_text(const char *t, const char *before, GString *out)
{
	uint32_t len = t == NULL ? NONE : before != NULL &&
		(t == before || strcmp(t, before) == 0) ? SAME :
		(uint32_t)strlen(t);

	/* the other side takes nothing else */
	if (len < SAME && !text_is_utf8(t, len)) {
		ARENA_AUTO(a, "pack repair");

		put_text(text_repair(a, t, len), NULL, out);
		return;
	}
	text_put(out, (const char *)&len, sizeof(len));
	if (len < SAME)
		text_put(out, t, (size_t)len + 1);
}

void
pack_list(const struct desc *d, const struct list *l, GString *out)
{
	uint32_t n = (uint32_t)l->n;
	const char *before = NULL;

	g_string_append_len(out, (const char *)&n, sizeof(n));
	for (size_t i = 0; i < l->n; i++) {
		const char *s = (const char *)l->items + i * d->size;

		for (size_t k = 0; k < d->n; k++) {
			const struct desc_field *f = &d->fields[k];

			if (is_text(f))
				put_text(text_at(f, s), before != NULL ?
				    text_at(f, before) : NULL, out);
			else if (f->kind == DESC_BOOL)
				g_string_append_c(out,
				    *(const bool *)(s + f->offset) ? 1 : 0);
			else
				text_put(out, s + f->offset, sizeof(int64_t));
		}
		before = s;
	}
}

void
pack_text(const char *t, GString *out)
{
	put_text(t, NULL, out);
}

static bool
take(struct unpacking *u, void *to, size_t n)
{
	if ((size_t)(u->end - u->p) < n)
		return false;
	memcpy(to, u->p, n);
	u->p += n;
	return true;
}

static bool
take_text(struct unpacking *u, size_t max, bool json, const char *before,
    const char **out)
{
	const char *t;
	uint32_t len;

	*out = NULL;
	if (!take(u, &len, sizeof(len)))
		return false;
	if (len == NONE)
		return true;
	if (len == SAME)
		return (*out = before) != NULL;
	t = u->p;
	/* the NUL is part of it, and the only one */
	if (len > max || (size_t)(u->end - t) <= len || t[len] != '\0' ||
	    !text_is_utf8(t, len) ||
	    (json && !json_object_ok(t, len)))
		return false;
	*out = t;
	u->p += len + 1;
	return true;
}

const char *
unpack_text(struct unpacking *u, size_t max, const char **out)
{
	return take_text(u, max, false, NULL, out) ? NULL : "text";
}

const char *
unpack_list(struct unpacking *u, const struct desc *d, size_t items_max,
    struct list *out)
{
	const char *before = NULL;
	uint32_t n;
	char *s;

	*out = (struct list){0};
	/* a struct takes a byte a field at the least */
	if (!take(u, &n, sizeof(n)) || n > items_max ||
	    n > (size_t)(u->end - u->p) / d->n)
		return d->name;
	s = out->items = arena_alloc_n(u->a, MAX(n, 1), d->size);
	out->n = n;
	for (size_t i = 0; i < n; i++, before = s, s += d->size)
		for (size_t k = 0; k < d->n; k++) {
			const struct desc_field *f = &d->fields[k];
			bool json = f->kind == DESC_JSON, ok;
			char flag = 0;

			if (is_text(f)) {
				ok = take_text(u, json ? u->json_max :
				    u->field_max, json, before != NULL ?
				    text_at(f, before) : NULL,
				    (const char **)(s + f->offset));
			} else if (f->kind == DESC_BOOL) {
				ok = take(u, &flag, 1);
				*(bool *)(s + f->offset) = flag == 1;
			} else {
				ok = take(u, s + f->offset, sizeof(int64_t));
			}
			if (!ok)
				return f->name;
		}
	return NULL;
}
