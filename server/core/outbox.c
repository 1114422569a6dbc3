/* Queueing outgoing mail: see outbox.h.  What the senders do with it is in
 * outbox_claim.c. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/address.h"
#include "core/outbox.h"
#include "mail/compose.h"

enum { CHUNK = 262144 }; /* bytes of one message_raw row */

bool
outbox_address_ok(const char *addr)
{
	return text_address_ok(addr) && strpbrk(addr, " <>\t") == NULL;
}

static size_t
count(const char *const *v)
{
	size_t n = 0;

	while (v != NULL && v[n] != NULL)
		n++;
	return n;
}

/* Addresses of To and Cc, each once: two spellings of one address would be
 * two copies to one person. */
static bool
addresses_read(struct arena *a, const char *const *v,
    struct compose_address **list, size_t *n, GPtrArray *distinct,
    GError **err)
{
	size_t all = count(v);

	*n = 0;
	*list = arena_alloc_n(a, MAX(all, 1), sizeof(**list));
	for (size_t i = 0; i < all; i++) {
		bool seen = false;

		if (!outbox_address_ok(v[i]))
			return fault_set(err, FAULT_INPUT,
			    "\"%s\" is not an address we can send mail to.",
			    text_cut(a, text_repair(a, v[i],
				strnlen(v[i], 300)), 100));
		for (size_t k = 0; k < distinct->len && !seen; k++)
			seen = g_ascii_strcasecmp(distinct->pdata[k],
				   v[i]) == 0;
		if (seen)
			continue;
		(*list)[*n].addr = text_address_norm(a, v[i]);
		g_ptr_array_add(distinct, (void *)(*list)[*n].addr);
		(*n)++;
	}
	return true;
}

static const char *
joined(struct arena *a, const struct compose_address *list, size_t n)
{
	GString *s = arena_gstring(a);

	if (n == 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		g_string_append_printf(s, i > 0 ? ", %s" : "%s",
		    list[i].addr);
	return s->str;
}

static bool
is_person(const struct outbox_mail *m)
{
	return m->author != NULL && m->author->id > 0;
}

static bool
compose(struct db *db, struct arena *a, const struct site *s,
    const struct outbox_mail *m, struct outbox_bytes *out, GError **err)
{
	struct compose_mail c = {
	    .from = {s->conf->site_name, address_report(a, s)},
	    .subject = m->subject,
	    .date = when_now(),
	    .in_reply_to = m->in_reply_to,
	    .references = m->references,
	    .text = m->text,
	    .n_files = m->n_files,
	};
	GPtrArray *distinct = arena_ptr_array(a);
	struct compose_address *to, *cc;
	struct compose_file *files;
	struct compose_bytes bytes;
	struct sealing_ask ask = {.purpose = m->purpose, .ticket = m->ticket,
	    .person = is_person(m), .choice = m->choice};
	struct sealing sealing;

	if (!addresses_read(a, m->to, &to, &c.n_to, distinct, err) ||
	    !addresses_read(a, m->cc, &cc, &c.n_cc, distinct, err))
		return false;
	if (distinct->len == 0)
		return fault_set(err, FAULT_INPUT,
		    "The mail has no recipient.");
	g_ptr_array_add(distinct, NULL);
	c.to = to;
	c.cc = cc;
	c.message_id = address_message_id(a, s, m->ticket);
	if (m->ticket > 0)
		c.reply_to = (struct compose_address){s->conf->site_name,
		    address_ticket(a, s, m->ticket)};
	/* RFC 3834 5: an answer to one message is auto-replied, all else
	 * that no person wrote is auto-generated. */
	if (m->automatic)
		c.auto_submitted = m->in_reply_to != NULL && !m->unasked
		    ? "auto-replied" : "auto-generated";
	files = arena_alloc_n(a, MAX(m->n_files, 1), sizeof(*files));
	for (size_t i = 0; i < m->n_files; i++)
		files[i] = (struct compose_file){m->files[i].name,
		    m->files[i].type, m->files[i].bytes, m->files[i].len};
	c.files = files;
	ask.to = (const char *const *)distinct->pdata;
	if (!sealing_plan(db, a, s, &ask, &sealing, err) ||
	    !sealing_compose(a, &sealing, &c, &bytes, err))
		return false;
	*out = (struct outbox_bytes){
	    .message_id = c.message_id,
	    .sha256 = text_sha256(a, bytes.bytes, bytes.len),
	    .from = c.from.addr,
	    .recipients = joined(a, to, c.n_to),
	    .cc = joined(a, cc, c.n_cc),
	    .addresses = (const char *const *)distinct->pdata,
	    .text = text_repair(a, m->text != NULL ? m->text : "",
		m->text != NULL ? strlen(m->text) : 0),
	    .inspect = sealing_json(a, &sealing),
	    .bytes = bytes.bytes,
	    .len = bytes.len,
	};
	return true;
}

bool
outbox_compose(struct arena *a, const struct site *s,
    const struct outbox_mail *m, struct outbox_bytes *out, GError **err)
{
	g_assert(m->choice.encrypt != SEALING_YES);
	return compose(NULL, a, s, m, out, err);
}

#define OUTBOX_ID(F, S) F(S, INT, id, none)
DESC_PRIVATE(outbox_id, OUTBOX_ID);

bool
outbox_queue(struct db *db, const struct site *s,
    const struct outbox_mail *m, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "outbox");
	struct outbox_bytes b;
	struct outbox_id row;
	size_t first;

	if (!compose(db, a, s, m, &b, err))
		return false;
	first = MIN(b.len, (size_t)CHUNK);
	if (!db_one(db, a, Q_OUTBOX_STORE,
		DB_ARGS(DB_INT(m->ticket > 0 ? m->ticket : DESC_NULL),
		    DB_TEXT(b.from), DB_TEXT(s->conf->site_name),
		    DB_TEXT(b.recipients), DB_TEXT(b.cc),
		    DB_TEXT(text_repair(a, m->subject, strlen(m->subject))),
		    DB_TEXT(b.message_id), DB_TEXT(b.sha256),
		    DB_INT((int64_t)b.len), DB_TEXT(b.text),
		    DB_INT(is_person(m) ? m->author->id : DESC_NULL),
		    DB_TEXT(m->purpose), DB_BYTES(b.bytes, first),
		    DB_TEXTS(b.addresses), DB_BOOL(m->null_sender),
		    DB_TEXT(b.inspect)),
		&desc_outbox_id, &row, err))
		return false;
	for (size_t at = first, seq = 1; at < b.len; seq++) {
		size_t n = MIN(b.len - at, (size_t)CHUNK);

		if (!db_exec(db, Q_OUTBOX_CHUNK,
			DB_ARGS(DB_INT(row.id), DB_INT((int64_t)seq),
			    DB_BYTES((const char *)b.bytes + at, n)),
			NULL, err))
			return false;
		at += n;
	}
	if (message != NULL)
		*message = row.id;
	return true;
}

bool
outbox_kick(struct db *db, GError **err)
{
	return db_exec(db, Q_OUTBOX_KICK, DB_NONE, NULL, err);
}
