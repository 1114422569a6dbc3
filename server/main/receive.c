/* See receive.h. */
#include "base/base.h"
#include "base/log.h"
#include "base/text.h"
#include "core/outgoing/address.h"
#include "main/receive.h"

static bool
store(struct receive *r, struct arena *a, const struct smtp_envelope *env,
    struct blob *body, const struct inspection *in, const char *how,
    struct intake_result *out, GError **err)
{
	struct db *db;
	bool ok;

	if (r->gate != NULL)
		return intake_gate_mail(r->gate, a, env, body, in, how, out,
		    err);
	db = db_take(r->dbs);
	ok = intake_mail(db, r->site, a, env, body, in, how, out, err);
	db_put(db);
	return ok;
}

bool
receive_message(struct receive *r, struct arena *a,
    const struct smtp_envelope *env, struct blob *body, const char *how,
    struct intake_result *out, const char **reply)
{
	struct inspection *in = ARENA_NEW(a, struct inspection);
	struct reader_set readers = {.parsers = r->parsers,
	    .keeper = r->keeper, .dbs = r->dbs};
	g_autoptr(GError) why = NULL;
	bool ok;

	if (!keyring_read(&readers, a, body, in, &why)) {
		log_fault("intake.unparsed", why);
		g_clear_error(&why);
		in = NULL;
	}
	ok = store(r, a, env, body, in, how, out, &why);
	if (!ok && in != NULL &&
	    (fault_is(why, FAULT_INPUT) || fault_is(why, FAULT_BUG) ||
		fault_is(why, FAULT_CONFLICT))) {
		/* What we made of it cannot be stored: the bytes still can,
		 * and evidence is never refused for its content. */
		log_fault("intake.unstorable", why);
		g_clear_error(&why);
		ok = store(r, a, env, body, NULL, how, out, &why);
	}
	if (ok) {
		*reply = out->ticket != 0 && !out->stranger
		    ? arena_printf(a,
			  "250 2.0.0 stored as %s #%" PRId64,
			  r->site->conf->site_subject_tag, out->ticket)
		    : arena_printf(a,
			  "250 2.0.0 stored as message %" PRId64,
			  out->message);
		return true;
	}
	log_fault("intake.failed", why);
	*reply = fault_is(why, FAULT_UNSURE) || fault_is(why, FAULT_BUSY)
	    ? arena_printf(a, "%s not stored yet, try again",
		  fault_smtp(why))
	    : "451 4.3.0 not stored, try again";
	return false;
}

static bool
rcpt(void *ctx, struct arena *a, const char *addr, const char **reply)
{
	const struct receive *r = ctx;
	const char *list;
	int64_t id;

	(void)a;
	if (address_door(r->site, addr, &id, &list) != DOOR_NONE)
		return true;
	*reply = "550 5.1.1 no such address here";
	return false;
}

static void
deliver(void *ctx, struct arena *a, const struct smtp_envelope *env,
    struct blob *body, const char **reply)
{
	struct intake_result out;

	receive_message(ctx, a, env, body, "email", &out, reply);
}

struct smtpd_ops
receive_ops(struct receive *r)
{
	return (struct smtpd_ops){.ctx = r, .rcpt = rcpt, .deliver = deliver};
}
