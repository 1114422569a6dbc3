/* Received messages and their bytes: see ticket.h. */
#include "base/base.h"
#include "base/blob.h"
#include "base/conf.h"
#include "core/audit.h"
#include "core/ticket/ticket.h"

DESC_TABLE(message_row, MESSAGE_ROW);

#define TOTAL(F, S) F(S, INT, total, none)
DESC_PRIVATE(total, TOTAL);

bool
message_list(struct db *db, struct arena *a, const char *disposition,
    int64_t page, struct list *rows, int64_t *total, GError **err)
{
	struct list l;
	struct total t = {0};
	bool ok;

	ok = disposition == NULL
	    ? db_list(db, a, Q_MESSAGE_LIST, DB_ARGS(DB_INT(page)),
		  &desc_message_row, &l, err)
	    : db_list(db, a, Q_MESSAGE_LIST_OF,
		  DB_ARGS(DB_INT(page), DB_TEXT(disposition)),
		  &desc_message_row, &l, err);
	if (!ok)
		return false;
	if (total != NULL) {
		if (!db_one(db, a, Q_MESSAGE_TOTAL,
			DB_ARGS(DB_TEXT(disposition)), &desc_total, &t, err))
			return false;
		*total = t.total;
	}
	*rows = l;
	return true;
}

bool
message_head(struct db *db, struct arena *a, int64_t id,
    struct message_row *out, GError **err)
{
	return db_one(db, a, Q_MESSAGE_HEAD, DB_ARGS(DB_INT(id)),
	    &desc_message_row, out, err);
}

bool
message_piece(struct db *db, int64_t id, int64_t seq,
    bool (*sink)(void *ctx, const void *p, size_t len), void *ctx,
    GError **err)
{
	return db_bytes(db, Q_MESSAGE_PIECE, DB_ARGS(DB_INT(id), DB_INT(seq)),
	    sink, ctx, err);
}

struct filling {
	struct blob *blob;
	int64_t had;
	GError **err;
};

static bool
append(void *ctx, const void *p, size_t len)
{
	struct filling *f = ctx;

	f->had += (int64_t)len;
	return blob_append(f->blob, p, len, f->err);
}

bool
message_blob(struct db *db, struct arena *a, const struct conf *c, int64_t id,
    int64_t size, struct blob **out, GError **err)
{
	GError *why = NULL;
	struct filling f = {.blob = blob_new(a, (size_t)c->smtp_spill_at,
	    c->site_state_dir), .err = &why};

	for (int64_t seq = 0; f.had < size; seq++) {
		if (!message_piece(db, id, seq, append, &f, err))
			return false;
		if (why != NULL) {
			g_propagate_error(err, why);
			return false;
		}
	}
	*out = f.blob;
	return blob_finish(f.blob, err);
}

struct unjunk {
	const struct site *s;
	const struct actor *who;
	const struct inspection *in;
	struct arena *a;
	int64_t id, ticket;
};

static bool
unjunk(struct db *db, void *p, GError **err)
{
	struct unjunk *u = p;
	struct message_row row = {0};
	bool found;

	if (!db_opt(db, u->a, Q_MESSAGE_UNJUNK, DB_ARGS(DB_INT(u->id)),
		&desc_message_row, &row, &found, err))
		return false;
	if (!found)
		return fault_set(err, FAULT_CONFLICT,
		    "This message is on a ticket already.");
	u->ticket = row.ticket;
	return audit_write(db, u->who, "ticket.create", row.ticket, 0,
		   "from the junk view", NULL, NULL, err) &&
	    (u->in == NULL ||
		intake_read_onto(db, u->s, u->a, row.ticket, u->id, u->in,
		    err));
}

bool
message_unjunk(struct db *db, const struct site *s, const struct actor *who,
    int64_t id, const struct inspection *in, int64_t *ticket, GError **err)
{
	ARENA_AUTO(a, "unjunk");
	struct unjunk u = {.s = s, .who = who, .in = in, .a = a, .id = id};

	if (!db_tx(db, unjunk, &u, err))
		return false;
	*ticket = u.ticket;
	return true;
}
