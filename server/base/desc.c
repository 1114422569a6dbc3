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
