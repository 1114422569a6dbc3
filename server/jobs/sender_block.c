/*
 * The personal header block of an advisory (RFC 2369, 2919, 8058): it goes
 * before the half that all recipients share, so it holds what depends on the
 * recipient or the list, and nothing else.
 */
#include "base/base.h"
#include "core/outgoing/address.h"
#include "jobs/sender_priv.h"
#include "mail/compose.h"

enum { TITLE_MAX = 100 };

static bool
is_plain_phrase(const char *s)
{
	if (s == NULL || *s == '\0' || strlen(s) > TITLE_MAX)
		return false;
	for (; *s != '\0'; s++)
		if (!g_ascii_isalnum(*s) && *s != ' ' && *s != '-')
			return false;
	return true;
}

static const char *
url(struct arena *a, const struct site *s, const char *path)
{
	const char *base = s->conf->site_public_url;

	return arena_printf(a, "<%s%s%s>", base,
	    g_str_has_suffix(base, "/") ? "" : "/", path);
}

/* The fields that are the same for everybody on a list. */
static const char *
list_block(struct arena *a, const struct site *s, const struct ledger_row *r,
    GHashTable *cache)
{
	GString *out = g_hash_table_lookup(cache, r->list);
	const char *request = address_request(a, s, r->list);
	bool open = r->list_policy != NULL &&
	    strcmp(r->list_policy, "open") == 0;

	if (out != NULL)
		return out->str;
	out = g_string_new(NULL);
	compose_put_raw(out, "List-Id",
	    is_plain_phrase(r->list_title)
		? arena_printf(a, "%s <%s.%s>", r->list_title, r->list,
		      s->conf->site_mail_domain)
		: arena_printf(a, "<%s.%s>", r->list,
		      s->conf->site_mail_domain));
	compose_put_raw(out, "List-Help",
	    arena_printf(a, "%s, <mailto:%s?subject=help>",
		url(a, s, "lists"), request));
	if (open)
		compose_put_raw(out, "List-Subscribe",
		    arena_printf(a, "%s, <mailto:%s?subject=subscribe>",
			url(a, s, "lists"), request));
	compose_put_raw(out, "List-Owner",
	    arena_printf(a, "<mailto:%s>", address_report(a, s)));
	compose_put_raw(out, "List-Post", "NO");
	compose_put_raw(out, "Precedence", "list");
	g_hash_table_insert(cache, g_strdup(r->list), out);
	return out->str;
}

bool
sender_block(struct arena *a, const struct site *s,
    const struct ledger_row *r, GHashTable *cache, GString *out,
    GError **err)
{
	const struct compose_address to = {NULL, r->address};
	const char *id = address_delivery_id(a, s, r->id);

	g_string_truncate(out, 0);
	if (!compose_put_addresses(out, "To", &to, 1, err))
		return false;
	compose_put_ids(out, "Message-ID", &id, 1);
	if (r->subscriber > 0) {
		/* Both, for both readers; a POST to the first is enough. */
		compose_put_raw(out, "List-Unsubscribe",
		    arena_printf(a, "<%s>, <mailto:%s?subject=unsubscribe>",
			address_leave_url(a, s, r->subscriber),
			address_leave(a, s, r->subscriber)));
		compose_put_raw(out, "List-Unsubscribe-Post",
		    "List-Unsubscribe=One-Click");
	}
	if (r->list != NULL)
		g_string_append(out, list_block(a, s, r, cache));
	return true;
}
