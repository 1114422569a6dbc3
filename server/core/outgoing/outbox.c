/* Queueing outgoing mail: see outbox.h.  What the senders do with it is in
 * ledger.c. */
#include "base/base.h"
#include "base/text.h"
#include "base/when.h"
#include "core/outgoing/address.h"
#include "core/outgoing/outbox.h"
#include "mail/compose.h"

enum { CHUNK = 262144 }; /* bytes of one message_raw row */

bool
outbox_address_ok(const char *addr)
{
	return text_address_ok(addr) && strpbrk(addr, " <>\t") == NULL;
}

/* Addresses of To and Cc, each once: two spellings of one address would be
 * two copies to one person. */
static bool
addresses_read(struct arena *a, const char *const *v,
    struct compose_address **list, size_t *n, GPtrArray *distinct,
    GError **err)
{
	size_t all = text_count(v);

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

/* The pieces behind the first. */
static bool
store_rest(struct db *db, int64_t message, const struct outbox_bytes *b,
    GError **err)
{
	for (size_t at = CHUNK, seq = 1; at < b->len; seq++, at += CHUNK)
		if (!db_exec(db, Q_OUTBOX_CHUNK,
			DB_ARGS(DB_INT(message), DB_INT((int64_t)seq),
			    DB_BYTES((const char *)b->bytes + at,
				MIN(b->len - at, (size_t)CHUNK))),
			NULL, err))
			return false;
	return true;
}

bool
outbox_queue(struct db *db, const struct site *s,
    const struct outbox_mail *m, int64_t *message, GError **err)
{
	ARENA_AUTO(a, "outbox");
	struct outbox_bytes b;
	struct outbox_id row = {0};
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
	if (!store_rest(db, row.id, &b, err))
		return false;
	if (message != NULL)
		*message = row.id;
	return true;
}

/* ---- many ----------------------------------------------------------------- */

enum { MANY = 200 }; /* mails of one statement: some MB at most */

bool
outbox_make(struct db *db, struct arena *a, const struct site *s,
    const struct outbox_mail *m, struct outbox_made *out, GError **err)
{
	struct outbox_made made = {.ticket = m->ticket,
	    .subject = text_repair(a, m->subject, strlen(m->subject))};

	if (!compose(db, a, s, m, &made.bytes, err))
		return false;
	*out = made;
	return true;
}

/* Columns of several mails: what is NULL is "" and made NULL again. */
struct many {
	const char **tickets, **recipients, **cc, **subjects, **ids, **sums,
	    **sizes, **texts, **inspects, **bytes;
	GPtrArray *of, *addresses;
};

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* What we compose is 7bit, so the first piece goes as text. */
static void
columns(struct arena *a, const struct outbox_made *mails, size_t n,
    struct many *c)
{
	const char ***all[] = {&c->tickets, &c->recipients, &c->cc,
	    &c->subjects, &c->ids, &c->sums, &c->sizes, &c->texts,
	    &c->inspects, &c->bytes};

	for (size_t i = 0; i < COUNT_OF(all); i++)
		*all[i] = ARENA_ARRAY(a, const char *, n + 1);
	c->of = arena_ptr_array(a);
	c->addresses = arena_ptr_array(a);
	for (size_t i = 0; i < n; i++) {
		const struct outbox_bytes *b = &mails[i].bytes;

		c->tickets[i] = arena_printf(a, "%" PRId64, mails[i].ticket);
		c->recipients[i] = or_empty(b->recipients);
		c->cc[i] = or_empty(b->cc);
		c->subjects[i] = mails[i].subject;
		c->ids[i] = b->message_id;
		c->sums[i] = b->sha256;
		c->sizes[i] = arena_printf(a, "%zu", b->len);
		c->texts[i] = b->text;
		c->inspects[i] = or_empty(b->inspect);
		c->bytes[i] = arena_strndup(a, b->bytes,
		    MIN(b->len, (size_t)CHUNK));
		for (size_t k = 0; b->addresses[k] != NULL; k++) {
			g_ptr_array_add(c->of, arena_printf(a, "%zu", i + 1));
			g_ptr_array_add(c->addresses,
			    (void *)(uintptr_t)b->addresses[k]);
		}
	}
	g_ptr_array_add(c->of, NULL);
	g_ptr_array_add(c->addresses, NULL);
}

static bool
queue_some(struct db *db, const struct site *s, const struct actor *author,
    const char *purpose, const struct outbox_made *mails, size_t n,
    int64_t *messages, GError **err)
{
	ARENA_AUTO(a, "outbox many");
	struct many c;
	struct list rows;

	columns(a, mails, n, &c);
	if (!db_list(db, a, Q_OUTBOX_STORE_MANY,
		DB_ARGS(DB_TEXTS(c.tickets), DB_TEXT(mails[0].bytes.from),
		    DB_TEXT(s->conf->site_name), DB_TEXTS(c.recipients),
		    DB_TEXTS(c.cc), DB_TEXTS(c.subjects), DB_TEXTS(c.ids),
		    DB_TEXTS(c.sums), DB_TEXTS(c.sizes), DB_TEXTS(c.texts),
		    DB_INT(author->id > 0 ? author->id : DESC_NULL),
		    DB_TEXT(purpose), DB_TEXTS(c.bytes),
		    DB_TEXTS((const char *const *)c.of->pdata),
		    DB_TEXTS((const char *const *)c.addresses->pdata),
		    DB_TEXTS(c.inspects)),
		&desc_outbox_id, &rows, err))
		return false;
	g_assert(rows.n == n);
	for (size_t i = 0; i < n; i++) {
		const struct outbox_bytes *b = &mails[i].bytes;

		messages[i] = LIST_AT(outbox_id, rows, i)->id;
		if (!store_rest(db, messages[i], b, err))
			return false;
	}
	return true;
}

bool
outbox_queue_many(struct db *db, const struct site *s,
    const struct actor *author, const char *purpose,
    const struct outbox_made *mails, size_t n, int64_t *messages,
    GError **err)
{
	g_assert(db_in_tx(db));
	for (size_t i = 0; i < n; i += MANY)
		if (!queue_some(db, s, author, purpose, mails + i,
			MIN(n - i, (size_t)MANY), messages + i, err))
			return false;
	return true;
}

bool
outbox_kick(struct db *db, GError **err)
{
	return db_exec(db, Q_OUTBOX_KICK, DB_NONE, NULL, err);
}
