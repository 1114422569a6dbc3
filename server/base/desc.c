/* See desc.h. */
#include "base/base.h"
#include "base/desc.h"

const struct desc desc_none = {"none", NULL, 0, 0};

const struct desc_field *
desc_find(const struct desc *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->fields[i].name, name) == 0)
			return &d->fields[i];
	return NULL;
}

static size_t
kind_size(enum desc_kind kind)
{
	switch (kind) {
	case DESC_INT:
	case DESC_TIME:
		return sizeof(int64_t);
	case DESC_BOOL:
		return sizeof(bool);
	case DESC_TEXT:
	case DESC_URL:
	case DESC_SAFE:
	case DESC_JSON:
		return sizeof(char *);
	case DESC_HTML:
		return sizeof(struct html);
	case DESC_LIST:
		return sizeof(struct list);
	case DESC_OBJECT:
		return sizeof(void *);
	}
	g_assert_not_reached();
}

void
desc_copy(const struct desc *from, const void *src, const struct desc *to,
    void *dst)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct desc_field *f = &from->fields[i];
		const struct desc_field *t = desc_find(to, f->name);

		if (t != NULL && t->kind == f->kind && t->item == f->item)
			memcpy((char *)dst + t->offset,
			    (const char *)src + f->offset, kind_size(f->kind));
	}
}
