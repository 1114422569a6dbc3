/*
 * The header of a request, read once.  See priv.h.
 *
 * MHD 0.9.75 takes shapes that another parser in front of us may read
 * differently, and what is read differently is a second request in the
 * eyes of one of the two (request smuggling).  Refused here, with 400 and
 * the end of the connection (RFC 9112 sections 2.2, 5, 6.3):
 *  - Content-Length twice, or with Transfer-Encoding, or not all digits
 *  - Transfer-Encoding other than exactly "chunked", or in HTTP/1.0
 *  - a blank before the colon and any other byte that no field name has
 *  - folded lines: MHD glues the fold to the NAME
 *  - bare LF as a line end
 *  - control bytes in a value, no or several Host
 * The last three of the list can be seen because MHD cuts its read buffer
 * in place: "Name: value\r\n" becomes "Name\0 value\0\0".  A bare LF leaves
 * one NUL only, and a folded line moves the name to another place.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "http/priv.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static bool
token_char(unsigned char c)
{
	return g_ascii_isalnum(c) ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* Is the byte behind the value's NUL what CRLF left there, and does the
 * value stand right behind its name? */
static bool
in_place(const char *name, size_t nlen, const char *value, size_t vlen)
{
	const char *p = name + nlen + 1;

	if (value < p || value - p > 64)
		return false;
	for (; p < value; p++)
		if (*p != ' ' && *p != '\t' && *p != '\0')
			return false;
	return value[vlen + 1] == '\0';
}

static enum MHD_Result
each(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct head *h = ctx;
	size_t nlen, vlen;
	const char **at = NULL;

	if (value == NULL)
		value = "";
	nlen = strlen(name);
	vlen = strlen(value);
	if (++h->n > HTTP_HEADERS_MAX) {
		h->bad = "too many header fields";
		return MHD_NO;
	}
	for (size_t i = 0; i < nlen; i++)
		if (!token_char((unsigned char)name[i])) {
			h->bad = "a field name with a blank or a strange byte";
			return MHD_NO;
		}
	for (size_t i = 0; i < vlen; i++)
		if (((unsigned char)value[i] < 0x20 && value[i] != '\t') ||
		    value[i] == 0x7f) {
			h->bad = "a control byte in a field";
			return MHD_NO;
		}
	if (nlen == 0 || !in_place(name, nlen, value, vlen)) {
		h->bad = "a folded line or a line that ends in a bare LF";
		return MHD_NO;
	}
	/* Length first: most fields are decided by one comparison. */
	switch (nlen) {
	case 4:
		if (text_ieq(name, "Host")) {
			at = &h->host;
			h->n_host++;
		}
		break;
	case 6:
		if (text_ieq(name, "Origin"))
			at = &h->origin;
		else if (text_ieq(name, "Expect"))
			h->expects = text_ieq(value, "100-continue");
		break;
	case 12:
		if (text_ieq(name, "Content-Type"))
			at = &h->content_type;
		else if (text_ieq(name, "X-CSRF-Token"))
			at = &h->csrf;
		break;
	case 13:
		if (text_ieq(name, "Authorization"))
			at = &h->authorization;
		else if (text_ieq(name, "If-None-Match"))
			at = &h->if_none_match;
		break;
	case 14:
		if (text_ieq(name, "Content-Length")) {
			at = &h->length;
			h->n_length++;
		} else if (text_ieq(name, "Sec-Fetch-Site")) {
			at = &h->fetch_site;
		}
		break;
	case 15:
		if (text_ieq(name, "Accept-Encoding"))
			at = &h->accept_encoding;
		else if (text_ieq(name, "X-Forwarded-For"))
			at = &h->forwarded_for;
		break;
	case 17:
		if (text_ieq(name, "If-Modified-Since")) {
			at = &h->if_modified_since;
		} else if (text_ieq(name, "Transfer-Encoding")) {
			at = &h->transfer_encoding;
			h->n_te++;
		}
		break;
	default:
		break;
	}
	if (at != NULL)
		*at = value;
	return MHD_YES;
}

void
head_read(struct MHD_Connection *mc, const char *version, struct head *out)
{
	struct head h = {0};
	bool one_one = strcmp(version, "HTTP/1.1") == 0;

	if (!one_one && strcmp(version, "HTTP/1.0") != 0)
		h.bad = "a version of HTTP that we do not speak";
	else if (version[strlen(version) + 1] != '\0')
		h.bad = "a line that ends in a bare LF";
	else
		MHD_get_connection_values(mc, MHD_HEADER_KIND, each, &h);
	if (h.bad != NULL)
		;
	else if (h.n_host > 1 || (one_one && h.n_host == 0))
		h.bad = "no Host, or several";
	else if (h.host != NULL && strlen(h.host) > HTTP_HOST_MAX)
		h.bad = "a Host that is too long";
	else if (h.n_length > 1 || h.n_te > 1)
		h.bad = "several lengths of the body";
	else if (h.n_length == 1 && h.n_te == 1)
		h.bad = "Content-Length together with Transfer-Encoding";
	else if (h.n_length == 1 && (*h.length == '\0' ||
	    h.length[strspn(h.length, "0123456789")] != '\0' ||
	    strlen(h.length) > 18))
		h.bad = "a Content-Length that is no number";
	else if (h.n_te == 1 &&
	    (!one_one || !text_ieq(h.transfer_encoding, "chunked")))
		h.bad = "a Transfer-Encoding that we do not speak";
	*out = h;
}

/* Is etag (without quotes) in a list like `"a", W/"b"` or is it "*"?  Weak
 * comparison, as RFC 9110 13.1.2 wants it. */
static bool
etag_listed(const char *list, const char *etag)
{
	size_t n = strlen(etag);

	for (const char *p = list; *p != '\0';) {
		const char *end;

		p += strspn(p, " \t,");
		if (*p == '*')
			return true;
		if (p[0] == 'W' && p[1] == '/')
			p += 2;
		if (*p != '"')
			return false;
		end = strchr(++p, '"');
		if (end == NULL)
			return false;
		if ((size_t)(end - p) == n && strncmp(p, etag, n) == 0)
			return true;
		p = end + 1;
	}
	return false;
}

bool
head_not_modified(const struct head *h, const char *etag, int64_t modified)
{
	int64_t since;
	bool zone;

	if (h->if_none_match != NULL)
		return etag_listed(h->if_none_match, etag);
	return h->if_modified_since != NULL && modified != 0 &&
	    strlen(h->if_modified_since) < WHEN_TEXT_MAX &&
	    when_parse_rfc5322(h->if_modified_since, &since, &zone) &&
	    modified / WHEN_SECOND <= since / WHEN_SECOND;
}

/* "gzip" with no q=0 behind it. */
bool
head_takes_gzip(const struct head *h)
{
	const char *p = h->accept_encoding;

	if (p == NULL || (p = strstr(p, "gzip")) == NULL)
		return false;
	p += 4;
	p += strspn(p, " \t");
	if (*p != ';')
		return true;
	p += 1 + strspn(p + 1, " \t");
	if (p[0] != 'q' || p[1] != '=' || p[2] != '0')
		return true;
	return p[3] == '.' && p[4 + strspn(p + 4, "0")] >= '1' &&
	    p[4 + strspn(p + 4, "0")] <= '9';
}

static bool
peer_net(struct MHD_Connection *mc, struct net *n)
{
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(mc,
	    MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	char buf[INET6_ADDRSTRLEN];
	const void *addr;

	if (i == NULL || i->client_addr == NULL)
		return false;
	if (i->client_addr->sa_family == AF_INET)
		addr = &((struct sockaddr_in *)(void *)i->client_addr)
			    ->sin_addr;
	else if (i->client_addr->sa_family == AF_INET6)
		addr = &((struct sockaddr_in6 *)(void *)i->client_addr)
			    ->sin6_addr;
	else
		return false;
	return inet_ntop(i->client_addr->sa_family, addr, buf,
		   sizeof(buf)) != NULL &&
	    net_parse_host(buf, n);
}

static bool
trusted(const struct net *host, const struct net *proxies, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (net_contains(&proxies[i], host))
			return true;
	return false;
}

const char *
head_client(struct arena *a, struct MHD_Connection *mc, const struct head *h,
    const struct net *proxies, size_t n)
{
	struct net peer;
	const char *list = h->forwarded_for;
	size_t end;

	if (!peer_net(mc, &peer))
		return "unix";
	/* From the right: the last hop that is not ours is the client. */
	end = list == NULL ? 0 : strlen(list);
	while (end > 0 && trusted(&peer, proxies, n)) {
		size_t from = end;
		struct net hop;
		char *one;

		while (from > 0 && list[from - 1] != ',')
			from--;
		one = g_strstrip(arena_strndup(a, list + from, end - from));
		if (!net_parse_host(one, &hop))
			break;
		peer = hop;
		end = from > 0 ? from - 1 : 0;
	}
	return net_text(a, &peer);
}
