/* What the readers of registry.h have in common. */
#include "base/base.h"
#include "base/text.h"
#include "core/member/registry_priv.h"

struct registry_rows
registry_rows_new(struct arena *a)
{
	return (struct registry_rows){
	    .a = a,
	    .nets = g_array_new(FALSE, FALSE, sizeof(struct registry_net)),
	    .routes = g_array_new(FALSE, FALSE, sizeof(struct registry_route)),
	    .orgs = g_array_new(FALSE, FALSE, sizeof(struct registry_org)),
	    .notes = g_array_new(FALSE, FALSE, sizeof(struct registry_note)),
	};
}

void
registry_rows_free(struct registry_rows *r)
{
	g_array_unref(r->nets);
	g_array_unref(r->routes);
	g_array_unref(r->orgs);
	g_array_unref(r->notes);
}

void
registry_note(struct registry_rows *r, int line, const char *fmt, ...)
{
	struct registry_note note = {.line = line};
	va_list ap;

	if (r->notes_total++ >= REGISTRY_NOTES_MAX)
		return;
	va_start(ap, fmt);
	note.text = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	g_array_append_val(r->notes, note);
}

void
registry_take(struct registry_rows *r, const char *format,
    struct registry *out)
{
	*out = (struct registry){
	    .format = format,
	    .n_nets = r->nets->len,
	    .n_routes = r->routes->len,
	    .n_orgs = r->orgs->len,
	    .n_notes = r->notes->len,
	    .notes_total = r->notes_total,
	    .nets = arena_memdup(r->a, r->nets->data,
		r->nets->len * sizeof(struct registry_net)),
	    .routes = arena_memdup(r->a, r->routes->data,
		r->routes->len * sizeof(struct registry_route)),
	    .orgs = arena_memdup(r->a, r->orgs->data,
		r->orgs->len * sizeof(struct registry_org)),
	    .notes = arena_memdup(r->a, r->notes->data,
		r->notes->len * sizeof(struct registry_note)),
	};
}

const char *
registry_text(struct arena *a, const char *s)
{
	return s == NULL ? "" : text_cut(a, text_squash(a, s),
				    REGISTRY_TEXT_MAX);
}

const char *
registry_upper(struct arena *a, const char *s)
{
	g_autofree char *up = g_ascii_strup(registry_text(a, s), -1);

	return arena_strdup(a, up);
}

const char *
registry_country(struct arena *a, const char *s)
{
	const char *up = registry_upper(a, s);

	return g_ascii_isupper(up[0]) && g_ascii_isupper(up[1]) &&
		up[2] == '\0'
	    ? up : "";
}

const char *
registry_mailbox(struct arena *a, const char *s)
{
	static const char *const placeholders[] = {"redacted", "privacy",
	    "unread@", "***", "not-disclosed", "please query"};
	const char *low;

	if (s == NULL || !text_address_ok(s))
		return NULL;
	low = text_lower(a, s);
	for (size_t i = 0; i < COUNT_OF(placeholders); i++)
		if (strstr(low, placeholders[i]) != NULL)
			return NULL;
	return text_address_norm(a, s);
}

bool
registry_filler(const char *netname)
{
	return text_ieq(netname, "NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK") ||
	    text_istarts(netname, "IANA-");
}
