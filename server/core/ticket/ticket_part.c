/*
 * What a message has beside its text, and what of it could not be read:
 * for the page, from the JSON that the message row keeps (inspect.h:
 * INSPECT_PART, INSPECT_DEFECT).
 */
#include "base/base.h"
#include "base/json.h"
#include "base/text.h"
#include "core/ticket/ticket_priv.h"

DESC_TABLE(ticket_part, TICKET_PART);
DESC_TABLE(ticket_defect, TICKET_DEFECT);
DESC_TABLE(message_part, MESSAGE_PART);

/* Of those that are reports; a letter needs no word. */
static const struct {
	const char *format, *words;
} formats[] = {
    {"arf", "ARF"},
    {"xarf", "XARF"},
    {"iodef", "IODEF"},
    {"acns", "ACNS"},
    {"shadowserver", "Shadowserver"},
    {"csv", "CSV"},
    {"forward", "forwarded mail"},
    {"dsn", "bounce"},
    {"mdn", "receipt"},
    {"auto-reply", "automatic answer"},
};

enum { PARTS_SHOWN = 20, DEFECTS_SHOWN = 20 };

static bool
one_of(const char *const *types, const char *type)
{
	while (*types != NULL && strcmp(*types, type) != 0)
		types++;
	return *types != NULL;
}

/* What the page shows anyway, and what belongs to the wrapping. */
static bool
is_wrapping(const char *type)
{
	static const char *const types[] = {"text/plain", "text/html",
	    "message/disposition-notification", "message/delivery-status",
	    NULL};

	return one_of(types, type);
}

/* Whatever its name: what it proves is told, and it is in the whole mail. */
static bool
is_seal(const char *type)
{
	static const char *const types[] = {"application/pgp-signature",
	    "application/pgp-encrypted", "application/pkcs7-signature",
	    "application/x-pkcs7-signature", NULL};

	return one_of(types, type);
}

/* Without the marks that turn the writing: "\u202egnp.exe" would be shown as
 * "exe.png". */
static const char *
unturned(struct arena *a, const char *name)
{
	char *s = arena_strdup(a, name), *to = s;

	for (const char *p = s; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		size_t n = (size_t)(g_utf8_next_char(p) - p);

		if ((c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f)
			continue;
		memmove(to, p, n);
		to += n;
	}
	*to = '\0';
	return s;
}

/* "2.1", as IMAP has it; what stands in an archive is "2/a.csv". */
static bool
is_number(const char *path)
{
	return path[strspn(path, "0123456789.")] == '\0';
}

static bool
any_opened(const struct ticket_message *m)
{
	for (size_t i = 0; i < m->seals.n; i++)
		if (LIST_AT(ticket_seal, m->seals, i)->opened)
			return true;
	return false;
}

static void
read_parts(struct arena *a, struct ticket_message *m, const struct json *rows)
{
	/* paths of what was opened lead nowhere in the bytes as they came */
	bool opened = any_opened(m);
	size_t more = 0;

	m->attached.items = ARENA_ARRAY(a, struct ticket_part, PARTS_SHOWN);
	for (size_t i = 0; i < json_len(rows); i++) {
		const struct json *o = json_at(rows, i);
		const char *path = json_str(json_get(o, "path"), "");
		const char *type = json_str(json_get(o, "type"), "");
		const char *name = json_str(json_get(o, "filename"), NULL);

		if (is_seal(type) || (name == NULL && is_wrapping(type)))
			continue;
		if (m->attached.n == PARTS_SHOWN) {
			more++;
			continue;
		}
		*LIST_AT(ticket_part, m->attached, m->attached.n++) =
		    (struct ticket_part){
			.name = name != NULL ? unturned(a, name) :
			    arena_printf(a, "part %s", path),
			.type = type,
			.size = strcmp(type, "message/rfc822") == 0 &&
				json_num(json_get(o, "size"), 0) == 0
			    ? DESC_NULL : json_num(json_get(o, "size"), 0),
			.url = opened || !is_number(path) ? NULL :
			    arena_printf(a, "/api/v1/messages/%" PRId64
				"/parts/%s", m->id, path),
			.packed = !is_number(path),
		    };
	}
	if (more > 0)
		m->more_attached = arena_printf(a, "%zu more are in the whole "
		    "mail", more);
}

static void
read_defects(struct arena *a, struct ticket_message *m,
    const struct json *rows)
{
	m->unread.items = ARENA_ARRAY(a, struct ticket_defect, DEFECTS_SHOWN);
	for (size_t i = 0; i < json_len(rows) && i < DEFECTS_SHOWN; i++)
		*LIST_AT(ticket_defect, m->unread, m->unread.n++) =
		    (struct ticket_defect){
			json_str(json_at(rows, i), "")};
}

void
ticket_read_parts(struct arena *a, struct ticket_message *m)
{
	const struct json *j;

	if (m->disposition == NULL)
		return;
	m->read_as = m->recognised;
	for (size_t i = 0; m->read_as == NULL && i < COUNT_OF(formats); i++)
		if (g_strcmp0(m->format, formats[i].format) == 0)
			m->read_as = formats[i].words;
	if (m->parts != NULL &&
	    json_parse(a, m->parts, strlen(m->parts), &j, NULL))
		read_parts(a, m, j);
	if (m->defects != NULL &&
	    json_parse(a, m->defects, strlen(m->defects), &j, NULL))
		read_defects(a, m, j);
}

bool
message_part_of(struct db *db, struct arena *a, int64_t id, const char *path,
    struct message_part *out, GError **err)
{
	bool found;

	if (!db_opt(db, a, Q_MESSAGE_PART, DB_ARGS(DB_INT(id), DB_TEXT(path)),
		&desc_message_part, out, &found, err))
		return false;
	return found ||
	    fault_set(err, FAULT_ABSENT, "There is no such part.");
}

const char *
message_part_name(struct arena *a, int64_t id, const char *path,
    const struct message_part *p)
{
	const char *end = "bin";

	if (!text_blank(p->filename))
		return arena_printf(a, "message-%" PRId64 "-%s", id,
		    p->filename);
	if (g_str_has_prefix(p->type, "message/"))
		end = "eml";
	else if (g_str_has_prefix(p->type, "text/"))
		end = "txt";
	return arena_printf(a, "message-%" PRId64 "-part-%s.%s", id, path, end);
}
