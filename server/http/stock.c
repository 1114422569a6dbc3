/* What every web server is asked for: health, robots, security.txt. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "core/outgoing/keyring.h"
#include "db/migrate.h"
#include "http/priv.h"

static const char type_text[] = "text/plain; charset=utf-8";

#define READY_VIEW(F, S)                                                      \
	F(S, BOOL, ready, none)                                               \
	F(S, BOOL, database, none)                                            \
	F(S, BOOL, schema, none)                                              \
	F(S, BOOL, parsers, none)                                             \
	F(S, TEXT, detail, none)
DESC_STRUCT(ready_view, READY_VIEW);
DESC_TABLE(ready_view, READY_VIEW);

/* The process answers: that is all a supervisor may restart us for. */
bool
stock_healthz(struct req *r, GError **err)
{
	return reply_text(r, 200, type_text, "ok\n", 3);
}

/* May requests come here?  Without the database public pages are served
 * from memory, but a balancer should prefer another host. */
bool
stock_readyz(struct req *r, GError **err)
{
	struct ready_view v = {.parsers = true};
	const struct httpd_options *o = &r->http->options;
	g_autoptr(GError) why = NULL;
	GString *s = arena_gstring(r->a);
	struct json_out w = json_out(s);

	v.database = db_exec(r->db, Q_HTTP_PING, DB_NONE, NULL, &why);
	v.schema = v.database && migrate_check(r->db, &why);
	if (o->parsers_ready != NULL)
		v.parsers = o->parsers_ready(o->ctx);
	v.ready = v.database && v.schema && v.parsers;
	if (why != NULL)
		log_fault("http.not_ready", why);
	v.detail = why != NULL && v.database ? why->message :
	    why != NULL ? reply_words(why) :
	    v.parsers		? NULL :
				  "The parser children do not answer.";
	json_put_struct(&w, &desc_ready_view, &v);
	g_string_append_c(s, '\n');
	return reply_text(r, v.ready ? 200 : 503, "application/json", s->str,
	    s->len);
}

bool
stock_robots(struct req *r, GError **err)
{
	static const char text[] =
	    "User-agent: *\nDisallow: /desk\nDisallow: /api/\n"
	    "Disallow: /n/\n"
	    "Disallow: /login\n";

	return reply_text(r, 200, type_text, text, strlen(text));
}

bool
stock_pgp_key(struct req *r, GError **err)
{
	const char *s;

	if (!keyring_own(r->db, r->a, &s, err))
		return false;
	if (*s == '\0')
		return fault_set(err, FAULT_ABSENT,
		    "This team has not published an OpenPGP key.");
	return reply_text(r, 200, type_text, s, strlen(s));
}

bool
stock_security_txt(struct req *r, GError **err)
{
	const struct conf *c = r->site->conf;
	int64_t day = r->now - r->now % WHEN_DAY;
	const char *key, *s;

	if (!keyring_own(r->db, r->a, &key, err))
		return false;
	s = arena_printf(r->a,
	    "Contact: mailto:%s\n"
	    "Contact: %s/report\n"
	    "Expires: %s\n"
	    "%s%s%s"
	    "Preferred-Languages: en\n"
	    "Canonical: %s/.well-known/security.txt\n",
	    conf_address(r->a, c, c->site_report_addresses[0]),
	    c->site_public_url, when_rfc3339(r->a, day + 365 * WHEN_DAY),
	    *key != '\0' ? "Encryption: " : "",
	    *key != '\0' ? c->site_public_url : "",
	    *key != '\0' ? "/pgp-key\n" : "", c->site_public_url);

	return reply_text(r, 200, type_text, s, strlen(s));
}
