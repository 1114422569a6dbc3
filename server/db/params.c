/* Arguments of a statement as libpq wants them.  See priv.h. */
#include "base/base.h"
#include "base/when.h"
#include "db/priv.h"

/* {"a","b\"c"} */
static const char *
array_text(struct arena *a, const char *const *texts)
{
	GString *s = arena_gstring(a);

	g_string_append_c(s, '{');
	for (size_t i = 0; texts[i] != NULL; i++) {
		if (i > 0)
			g_string_append_c(s, ',');
		g_string_append_c(s, '"');
		for (const char *p = texts[i]; *p != '\0'; p++) {
			if (*p == '"' || *p == '\\')
				g_string_append_c(s, '\\');
			g_string_append_c(s, *p);
		}
		g_string_append_c(s, '"');
	}
	g_string_append_c(s, '}');
	return s->str;
}

/* As text, or for bytes as they are; NULL for SQL NULL. */
static const char *
value_of(struct arena *a, const struct db_arg *v, size_t *len)
{
	const char *s = NULL;

	switch (v->kind) {
	case DB_A_NULL:
		break;
	case DB_A_INT:
		if (v->n != DESC_NULL)
			s = arena_printf(a, "%" PRId64, v->n);
		break;
	case DB_A_BOOL:
		s = v->n ? "t" : "f";
		break;
	case DB_A_TEXT:
		s = v->text;
		break;
	case DB_A_TIME:
		if (v->n != DESC_NULL)
			s = when_rfc3339(a, v->n);
		break;
	case DB_A_TEXTS:
		if (v->texts != NULL)
			s = array_text(a, v->texts);
		break;
	case DB_A_BYTES:
		/* libpq reads a NULL pointer as SQL NULL */
		*len = v->len;
		g_assert(v->len <= G_MAXINT);
		return v->bytes != NULL ? v->bytes : "";
	}
	*len = s != NULL ? strlen(s) : 0;
	return s;
}

void
params_fill(struct arena *a, struct params *p, struct db_args args)
{
	g_assert(args.n <= DB_ARGS_MAX);
	p->n = args.n;
	p->bytes = 0;
	for (size_t i = 0; i < args.n; i++) {
		size_t len;

		p->values[i] = value_of(a, &args.v[i], &len);
		p->lengths[i] = (int)len;
		p->formats[i] = args.v[i].kind == DB_A_BYTES;
		p->bytes += len;
	}
}

static void
put_int32(GString *s, int64_t v)
{
	uint32_t n = GUINT32_TO_BE((uint32_t)v);

	g_string_append_len(s, (const char *)&n, sizeof(n));
}

/* PostgreSQL's binary form (array_recv): dimensions, whether there are
 * NULLs, type of the elements, length and lower bound of the dimension; then
 * length and bytes of each. */
void
params_column(struct arena *a, struct params *p, const struct db_args *rows,
    size_t n, size_t i)
{
	enum { OID_BYTEA = 17, OID_TEXT = 25 };
	GString *s = arena_gstring(a);

	put_int32(s, 1);
	put_int32(s, 1);
	put_int32(s, rows[0].v[i].kind == DB_A_BYTES ? OID_BYTEA : OID_TEXT);
	put_int32(s, (int64_t)n);
	put_int32(s, 1);
	for (size_t k = 0; k < n; k++) {
		size_t len;
		const char *v = value_of(a, &rows[k].v[i], &len);

		g_assert(rows[k].n == rows[0].n);
		put_int32(s, v != NULL ? (int64_t)len : -1);
		if (v != NULL)
			g_string_append_len(s, v, (gssize)len);
	}
	g_assert(p->n < DB_ARGS_MAX && s->len <= G_MAXINT);
	p->values[p->n] = s->str;
	p->lengths[p->n] = (int)s->len;
	p->formats[p->n++] = 1;
	p->bytes += s->len;
}
