/* See address.h. */
#include "base/base.h"
#include "base/text.h"
#include "core/outgoing/address.h"

enum { LOCAL_MAX = 64 }; /* RFC 5321 4.5.3.1.1 */

/* The lists of sql/0004_list.sql: an MTA verifies recipients as often as it
 * likes, so the door must not ask the database. */
static const char *const lists[] = {"contacts", "advisories"};

/* The keyed addresses: "base+<letter><id>-<mac>". */
static const struct keyed {
	const char *base; /* NULL: the first report address */
	char letter;
	enum door door;
	const char *purpose; /* keeps the marks apart */
} keyed[] = {
    {NULL, 't', DOOR_TICKET, "ticket-address"},
    {"bounce", 'd', DOOR_BOUNCE, "bounce-address"},
    {"leave", 's', DOOR_LEAVE, "leave-address"},
};

static const char url_purpose[] = "leave-url";
static const char delivery_purpose[] = "delivery-id";

static const char *
report_local(const struct site *s)
{
	const char *const *r = s->conf->site_report_addresses;

	return r != NULL && r[0] != NULL ? r[0] : "postmaster";
}

static const char *
keyed_base(const struct site *s, const struct keyed *k)
{
	return k->base != NULL ? k->base : report_local(s);
}

/* "s77-abcdefghijklmnop" */
static const char *
mark(struct arena *a, const struct site *s, char letter, const char *purpose,
    int64_t id)
{
	char text[24];

	g_snprintf(text, sizeof(text), "%" PRId64, id);
	return arena_printf(a, "%c%s-%s", letter, text,
	    secret_mac(a, &s->key, purpose, text));
}

static bool
mark_ok(const struct site *s, char letter, const char *purpose,
    const char *given, int64_t *id)
{
	char text[24];
	const char *dash = strchr(given, '-');
	int64_t n;
	size_t len;

	if (g_ascii_tolower(given[0]) != letter || dash == NULL)
		return false;
	len = (size_t)(dash - given) - 1;
	if (len == 0 || len >= sizeof(text) || given[1] == '0' ||
	    strlen(dash + 1) != SECRET_MAC_CHARS)
		return false;
	memcpy(text, given + 1, len);
	text[len] = '\0';
	/* (secret_mac_ok does not mind that some mail systems change the
	 * case of what they send back.) */
	if (!text_int(text, 1, G_MAXINT64, &n) ||
	    !secret_mac_ok(&s->key, purpose, text, dash + 1))
		return false;
	if (id != NULL)
		*id = n;
	return true;
}

/* Local part of an address of ours in local[], or false. */
static bool
local_of(const struct site *s, const char *addr, char local[LOCAL_MAX + 1])
{
	const char *at = strrchr(addr, '@');
	size_t len = at != NULL ? (size_t)(at - addr) : strlen(addr);

	/* RFC 5321 4.5.1: "postmaster" without a domain is ours too. */
	if (at == NULL ? !text_ieq(addr, "postmaster")
		       : !text_ieq(at + 1, s->conf->site_mail_domain))
		return false;
	if (len == 0 || len > LOCAL_MAX)
		return false;
	memcpy(local, addr, len);
	local[len] = '\0';
	return true;
}

static bool
is_report(const struct site *s, const char *local)
{
	const char *const *r = s->conf->site_report_addresses;

	/* Never closed, whatever the settings say (RFC 5321 4.5.1). */
	if (text_ieq(local, "postmaster"))
		return true;
	for (; r != NULL && *r != NULL; r++)
		if (text_ieq(local, *r))
			return true;
	return false;
}

static const char *
list_of_request(const char *local)
{
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		size_t n = strlen(lists[i]);

		if (g_ascii_strncasecmp(local, lists[i], n) == 0 &&
		    text_ieq(local + n, "-request"))
			return lists[i];
	}
	return NULL;
}

enum door
address_door(const struct site *s, const char *rcpt, int64_t *id,
    const char **list)
{
	char local[LOCAL_MAX + 1];
	const char *l;
	char *plus;

	if (!local_of(s, rcpt, local))
		return DOOR_NONE;
	plus = strchr(local, '+');
	if (plus == NULL) {
		if (is_report(s, local))
			return DOOR_REPORT;
		l = list_of_request(local);
		if (l == NULL)
			return DOOR_NONE;
		if (list != NULL)
			*list = l;
		return DOOR_REQUEST;
	}
	*plus = '\0';
	for (size_t i = 0; i < COUNT_OF(keyed); i++)
		if (text_ieq(local, keyed_base(s, &keyed[i])) &&
		    mark_ok(s, keyed[i].letter, keyed[i].purpose, plus + 1, id))
			return keyed[i].door;
	/* report+anything@ with no mark of ours is still a report: a forged
	 * or mistyped one must not be lost. */
	return is_report(s, local) ? DOOR_REPORT : DOOR_NONE;
}

static const char *
keyed_address(struct arena *a, const struct site *s, enum door door,
    int64_t id)
{
	for (size_t i = 0; i < COUNT_OF(keyed); i++)
		if (keyed[i].door == door)
			return arena_printf(a, "%s+%s@%s",
			    keyed_base(s, &keyed[i]),
			    mark(a, s, keyed[i].letter, keyed[i].purpose, id),
			    s->conf->site_mail_domain);
	g_assert_not_reached();
}

const char *
address_report(struct arena *a, const struct site *s)
{
	return conf_address(a, s->conf, report_local(s));
}

const char *
address_ticket(struct arena *a, const struct site *s, int64_t n)
{
	return keyed_address(a, s, DOOR_TICKET, n);
}

const char *
address_bounce(struct arena *a, const struct site *s, int64_t id)
{
	return keyed_address(a, s, DOOR_BOUNCE, id);
}

const char *
address_leave(struct arena *a, const struct site *s, int64_t id)
{
	return keyed_address(a, s, DOOR_LEAVE, id);
}

const char *
address_request(struct arena *a, const struct site *s, const char *list)
{
	return conf_address(a, s->conf, arena_printf(a, "%s-request", list));
}

const char *
address_message_id(struct arena *a, const struct site *s, int64_t ticket)
{
	if (ticket > 0)
		return arena_printf(a, "t%" PRId64 ".%s@%s", ticket,
		    secret_token(a), s->conf->site_mail_domain);
	return arena_printf(a, "m.%s@%s", secret_token(a),
	    s->conf->site_mail_domain);
}

const char *
address_delivery_id(struct arena *a, const struct site *s, int64_t delivery)
{
	return arena_printf(a, "%s@%s",
	    mark(a, s, 'd', delivery_purpose, delivery),
	    s->conf->site_mail_domain);
}

bool
address_delivery_of(const struct site *s, const char *message_id,
    int64_t *delivery)
{
	char local[LOCAL_MAX + 1];

	return message_id != NULL && local_of(s, message_id, local) &&
	    mark_ok(s, 'd', delivery_purpose, local, delivery);
}

const char *
address_leave_url(struct arena *a, const struct site *s, int64_t subscriber)
{
	const char *base = s->conf->site_public_url;

	return arena_printf(a, "%s%sunsubscribe/%s", base,
	    g_str_has_suffix(base, "/") ? "" : "/",
	    mark(a, s, 's', url_purpose, subscriber));
}

bool
address_leave_token(const struct site *s, const char *token,
    int64_t *subscriber)
{
	return mark_ok(s, 's', url_purpose, token, subscriber);
}

bool
address_ours(const struct site *s, const char *addr)
{
	char local[LOCAL_MAX + 1];
	char *plus;

	if (addr == NULL || !local_of(s, addr, local))
		return false;
	plus = strchr(local, '+');
	if (plus != NULL)
		*plus = '\0';
	if (is_report(s, local) || list_of_request(local) != NULL)
		return true;
	for (size_t i = 0; i < COUNT_OF(keyed); i++)
		if (text_ieq(local, keyed_base(s, &keyed[i])))
			return true;
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		if (text_ieq(local, lists[i]))
			return true;
	return false;
}
