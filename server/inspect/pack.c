/* See pack.h. */
#include "base/base.h"
#include "inspect/pack.h"

#include "base/json.h"

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

	g_string_append_len(out, (const char *)&len, sizeof(len));
	if (len < SAME)
		g_string_append_len(out, t, (gssize)len + 1);
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
				g_string_append_len(out, s + f->offset,
				    sizeof(int64_t));
		}
		before = s;
	}
}

struct unpacking {
	const char *p, *end;
	size_t field_max, json_max;
};

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
take_text(struct unpacking *u, const struct desc_field *f,
    const char *before, const char **out)
{
	uint32_t len;

	*out = NULL;
	if (!take(u, &len, sizeof(len)))
		return false;
	if (len == NONE)
		return true;
	if (len == SAME)
		return (*out = before) != NULL;
	/* the NUL is part of it, and the only one */
	if (len > (f->kind == DESC_JSON ? u->json_max : u->field_max) ||
	    (size_t)(u->end - u->p) <= len || u->p[len] != '\0' ||
	    memchr(u->p, '\0', len) != NULL ||
	    !g_utf8_validate_len(u->p, len, NULL) ||
	    (f->kind == DESC_JSON && !json_object_ok(u->p, len)))
		return false;
	*out = u->p;
	u->p += len + 1;
	return true;
}

const char *
unpack_list(struct arena *a, const struct desc *d, const char *bytes,
    size_t len, size_t items_max, size_t field_max, size_t json_max,
    struct list *out)
{
	struct unpacking u = {.p = bytes, .end = bytes + len,
	    .field_max = field_max, .json_max = json_max};
	const char *before = NULL;
	uint32_t n;
	char *s;

	*out = (struct list){0};
	/* a struct takes a byte a field at the least */
	if (!take(&u, &n, sizeof(n)) || n > items_max || n > len / d->n)
		return d->name;
	s = out->items = arena_alloc_n(a, MAX(n, 1), d->size);
	out->n = n;
	for (size_t i = 0; i < n; i++, before = s, s += d->size)
		for (size_t k = 0; k < d->n; k++) {
			const struct desc_field *f = &d->fields[k];
			char flag = 0;
			bool ok;

			if (is_text(f)) {
				ok = take_text(&u, f, before != NULL ?
				    text_at(f, before) : NULL,
				    (const char **)(s + f->offset));
			} else if (f->kind == DESC_BOOL) {
				ok = take(&u, &flag, 1);
				*(bool *)(s + f->offset) = flag == 1;
			} else {
				ok = take(&u, s + f->offset, sizeof(int64_t));
			}
			if (!ok)
				return f->name;
		}
	return u.p == u.end ? NULL : d->name;
}
