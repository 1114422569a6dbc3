/* What of a request asks the database, and so may have to wait.  See httpd.h. */
#include "base/base.h"
#include "base/when.h"
#include "http/priv.h"

/* Behind as many that wait for one row as there are threads a request comes to
 * its turn after seconds.  If it wants that row, too, and waited as long for it
 * again, the tenth would be told after half a minute that it was in vain. */
enum { HURRY_MS = 1000 };

bool
work_enter(struct conn *c, GError **err)
{
	struct req *r = c->req;
	bool ok;

	c->entered = true;
	if (guard_asks(c)) {
		/* Whose session it is, is about no ticket. */
		r->db = db_take_as(c->http->pool, DB_ANYBODY);
		ok = guard_enter(c, r, err);
		c->trips += db_trips(r->db);
		db_put(r->db);
		r->db = NULL;
	} else {
		ok = guard_enter(c, r, err);
	}
	c->actor = r->actor.id;
	return ok && body_begin(c, r, err);
}

static bool
run(struct conn *c, GError **err)
{
	struct req *r = c->req;
	bool ok;

	/* What the handler reads is what this person may see. */
	r->db = db_take_as(c->http->pool, r->actor.id);
	if (c->queued > HURRY_MS * INT64_C(1000))
		db_hurry(r->db);
	ok = body_end(c, r, err) && guard_csrf(c, r, err) &&
	    r->route->handler(r, err);
	c->trips += db_trips(r->db);
	db_put(r->db);
	r->db = NULL;
	return ok;
}

bool
work_give(struct conn *c)
{
	struct httpd *h = c->http;

	/* Counted first: who stops the server sees this, or we see him. */
	g_atomic_int_inc(&h->working);
	if (g_atomic_int_get(&h->stopping) > 1) {
		(void)g_atomic_int_dec_and_test(&h->working);
		return fault_set(&c->fault, FAULT_BUSY,
		    "The server is stopping.");
	}
	c->given = when_ticks();
	MHD_suspend_connection(c->mc);
	g_thread_pool_push(h->work, c, NULL);
	return true;
}

void
work(void *conn, void *http)
{
	struct conn *c = conn;
	struct httpd *h = http;

	c->queued += when_ticks() - c->given;
	/* (Of one with a body the first time is for what is said before it.) */
	c->asked = c->post && !c->entered;
	c->worked = !c->asked;
	if (g_atomic_int_get(&h->stopping) > 1)
		fault_set(&c->fault, FAULT_BUSY, "The server is stopping.");
	else if (c->asked)
		(void)work_enter(c, &c->fault);
	else if (c->entered || work_enter(c, &c->fault))
		(void)run(c, &c->fault);
	MHD_resume_connection(c->mc);
	(void)g_atomic_int_dec_and_test(&h->working);
}
