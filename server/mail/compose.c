/* See compose.h. */
#include "base/base.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/when.h"
#include "mail/compose_priv.h"

/* What a header block and the frame of a part take at most, roughly: only
 * to spare the buffer its growing. */
enum { ROOM_HEADER = 2048, ROOM_PART = 512 };

static bool
check_limits(const struct compose_mail *m, size_t *room, GError **err)
{
	size_t sum = m->text != NULL ? strlen(m->text) : 0;

	if (m->n_to + m->n_cc > COMPOSE_ADDRESSES_MAX)
		return fault_set(err, FAULT_LARGE,
		    "A mail goes to at most %d addresses.",
		    COMPOSE_ADDRESSES_MAX);
	if (m->n_files > COMPOSE_FILES_MAX)
		return fault_set(err, FAULT_LARGE,
		    "A mail carries at most %d files.", COMPOSE_FILES_MAX);
	for (size_t i = 0; i < m->n_files && sum <= COMPOSE_BYTES_MAX; i++)
		sum = m->files[i].len > COMPOSE_BYTES_MAX
		    ? m->files[i].len
		    : sum + m->files[i].len;
	if (sum > COMPOSE_BYTES_MAX)
		return fault_set(err, FAULT_LARGE,
		    "The mail is larger than %d bytes.", COMPOSE_BYTES_MAX);
	*room = sum + sum / 2 + ROOM_HEADER + ROOM_PART * (m->n_files + 1);
	return true;
}

static void
put_references(GString *h, const char *const *refs)
{
	const char *kept[COMPOSE_REFERENCES_MAX];
	size_t n = 0, k = 0;

	while (refs[n] != NULL)
		n++;
	/* The first names the thread, the newest the place in it. */
	for (size_t i = 0; i < n; i++)
		if (i == 0 || n - i < COMPOSE_REFERENCES_MAX)
			kept[k++] = refs[i];
	compose_put_ids(h, "References", kept, k);
}

static bool
put_headers(struct arena *a, GString *h, const struct compose_mail *m,
    GError **err)
{
	if (!compose_put_addresses(h, "From", &m->from, 1, err))
		return false;
	if (m->n_to > 0 &&
	    !compose_put_addresses(h, "To", m->to, m->n_to, err))
		return false;
	if (m->n_cc > 0 &&
	    !compose_put_addresses(h, "Cc", m->cc, m->n_cc, err))
		return false;
	if (m->reply_to.addr != NULL &&
	    !compose_put_addresses(h, "Reply-To", &m->reply_to, 1, err))
		return false;
	compose_put_text(h, "Subject", m->subject);
	compose_put_raw(h, "Date", when_rfc5322(a, m->date));
	if (m->message_id != NULL) {
		g_assert(compose_id_ok(m->message_id));
		compose_put_ids(h, "Message-ID", &m->message_id, 1);
	}
	if (m->in_reply_to != NULL)
		compose_put_ids(h, "In-Reply-To", &m->in_reply_to, 1);
	if (m->references != NULL)
		put_references(h, m->references);
	if (m->auto_submitted != NULL)
		compose_put_raw(h, "Auto-Submitted", m->auto_submitted);
	for (size_t i = 0; i < m->n_extra; i++)
		compose_put_text(h, m->extra[i].name, m->extra[i].value);
	g_string_append(h, "MIME-Version: 1.0\r\n");
	return true;
}

/* Content-Type and all that follows. */
static void
put_body(struct arena *a, GString *out, const struct compose_mail *m,
    bool strict)
{
	const char *edge;

	if (m->n_files == 0) {
		compose_text_part(a, out, m->text, strict);
		return;
	}
	/* 130 random bits, made after the content was fixed: nobody can put
	 * this line into it. */
	edge = secret_token(a);
	g_string_append_printf(out,
	    "Content-Type: multipart/mixed; boundary=\"=_%s\"\r\n\r\n"
	    "--=_%s\r\n", edge, edge);
	compose_text_part(a, out, m->text, strict);
	for (size_t i = 0; i < m->n_files; i++) {
		g_string_append_printf(out, "\r\n--=_%s\r\n", edge);
		compose_file_part(out, &m->files[i], strict);
	}
	g_string_append_printf(out, "\r\n--=_%s--\r\n", edge);
}

static GString *
buffer(struct arena *a, size_t room)
{
	GString *s = arena_gstring(a);

	g_string_set_size(s, room);
	return g_string_truncate(s, 0);
}

bool
compose_mail(struct arena *a, const struct compose_mail *m,
    struct compose_bytes *out, GError **err)
{
	GString *h, *entity;
	size_t room = 0;

	if (!check_limits(m, &room, err))
		return false;
	h = buffer(a, room);
	if (!put_headers(a, h, m, err))
		return false;
	if (m->sealer == NULL) {
		put_body(a, h, m, false);
	} else {
		entity = buffer(a, room);
		put_body(a, entity, m, true);
		if (!compose_seal(a, h, entity, m->sealer, err))
			return false;
	}
	out->bytes = h->str;
	out->len = h->len;
	return true;
}
