/* A reply on a ticket: sent, or looked at exactly as it would leave. */
#include "base/base.h"
#include "base/text.h"
#include "http/form.h"
#include "http/page/page_seal.h"
#include "http/page/page_ticket.h"

enum { REPLY_TEXT_MAX = 256 * 1024, REPLY_FILES = 10, REPLY_RAW_MAX = 16 * 1024 };

/* Addresses as one line, comma-separated, or a JSON array: act_addresses()
 * counts them. */
static const struct form_field reply_fields[] = {
    {"to", FORM_LIST, 4000, ACT_ADDRESSES_MAX},
    {"cc", FORM_LIST, 4000, ACT_ADDRESSES_MAX},
    {"subject", FORM_LINE, 500},
    {"also", FORM_LIST, 320, ACT_ADDRESSES_MAX}, /* Cc, ticked */
    {"text", FORM_TEXT, REPLY_TEXT_MAX, .required = true,
	.label = "The text"},
    {"files", FORM_FILE, 25 * FORM_MIB, REPLY_FILES},
    {"waits", FORM_LINE, 10}, /* for an answer to this */
    {"reason", FORM_LINE, 20}, /* and the report is rejected for it */
    {"sign", FORM_LINE, 10},    /* yes, no; else as the settings say */
    {"encrypt", FORM_LINE, 10},
    {"version", FORM_LINE, 20},
    {"since", FORM_LINE, 20}, /* of the trail: ticket_late() */
};
const struct form form_reply = FORM(reply_fields);

#define REPLY_PREVIEW_VIEW(F, S)                                              \
	PAGE(F, S)                                                            \
	F(S, INT, number, none)                                               \
	F(S, TEXT, from, none)                                                \
	F(S, TEXT, to, none)                                                  \
	F(S, TEXT, cc, none)                                                  \
	F(S, TEXT, subject, none)                                             \
	F(S, TEXT, text, none)                                                \
	F(S, TEXT, files, none)         /* names */                           \
	F(S, BOOL, is_signed, none)                                           \
	F(S, BOOL, is_encrypted, none)                                          \
	F(S, INT, size, none)                                                 \
	F(S, TEXT, raw, none)           /* its beginning as it leaves */      \
	F(S, BOOL, cut, none)
DESC_STRUCT(reply_preview_view, REPLY_PREVIEW_VIEW);
DESC_TABLE(reply_preview_view, REPLY_PREVIEW_VIEW);

/* The form as it came. */
struct reply {
	struct ticket_letter l;
	struct ticket_view typed;
	int64_t number, version;
};

static bool
among(const char *const *list, const char *address)
{
	for (size_t i = 0; list[i] != NULL; i++)
		if (g_ascii_strcasecmp(list[i], address) == 0)
			return true;
	return false;
}

/* Cc as it is written, and who was ticked besides. */
static const char *const *
with_also(struct req *r, const char *const *to, const char *const *cc)
{
	const char *const *also = act_addresses(r, "also");
	const char **all = ARENA_ARRAY(r->a, const char *,
	    ACT_ADDRESSES_MAX * 2 + 1);
	size_t n = 0;

	for (; cc[n] != NULL; n++)
		all[n] = cc[n];
	for (size_t i = 0; also[i] != NULL; i++)
		if (!among(to, also[i]) && !among(cc, also[i]))
			all[n++] = also[i];
	return n > 0 ? all : NULL;
}

/* False without *err: something of it is wrong, as its fields say. */
static bool
read_reply(struct req *r, struct reply *f, GError **err)
{
	const char *const *to = act_addresses(r, "to");
	const char *const *cc = act_addresses(r, "cc");
	const struct form_file *files;
	struct outbox_file *attached;
	struct text_template reason = {0};

	*f = (struct reply){
	    .l = {
		.to = to[0] != NULL ? to : NULL,
		.cc = with_also(r, to, cc),
		.subject = form_get(r, "subject"),
		.text = form_get(r, "text"),
		.asks = form_has(r, "waits"),
		.choice = seal_chosen(r),
	    },
	    .typed = {
		.reply_to = act_joined(r->a, to),
		.reply_cc = act_joined(r->a, cc),
		.reply_subject = form_get(r, "subject"),
		.reply_text = form_get(r, "text"),
		.asks = form_has(r, "waits"),
		.open_reply = true,
		.chosen = true,
	    },
	};
	if (!req_param_int(r, "number", &f->number, err))
		return false;
	if (!act_version(r, &f->version) ||
	    !form_int(r, "reason", 1, INT64_MAX / 2, 0, &f->typed.reason_id) ||
	    !form_ok(r))
		return false;
	if (f->typed.reason_id != 0) {
		if (!text_get(r->db, r->a, f->typed.reason_id, &reason, err))
			return false;
		f->typed.reason_name = reason.name;
	}
	files = form_files(r, "files", &f->l.n_files);
	attached = ARENA_ARRAY(r->a, struct outbox_file, f->l.n_files + 1);
	for (size_t i = 0; i < f->l.n_files; i++)
		attached[i] = (struct outbox_file){files[i].name,
		    files[i].type, files[i].bytes, files[i].len};
	f->l.files = attached;
	return true;
}

/* It could not be sent, or looked at. */
static bool
refused(struct req *r, const struct reply *f, const char *undone,
    GError **why, GError **err)
{
	if (seal_refused(r, *why))
		return ticket_show(r, (unsigned)fault_http(*why), f->number,
		    &f->typed, err);
	return ticket_late(r, f->number, &f->typed, undone, "#reply-text", why,
	    err);
}

/* The reply, and the rejection for which it is the reason. */
static bool
send_reply(struct req *r, const struct reply *f, int64_t *message,
    GError **err)
{
	const struct ticket_letter *l = &f->l;

	if (f->typed.reason_id != 0)
		return ticket_reject(r->db, r->site, &r->actor, f->number,
		    f->version, f->typed.reason_id, true, l, message, err);
	return ticket_reply(r->db, r->site, &r->actor, f->number, f->version,
	    l->to, l->cc, l->subject, l->text, l->files, l->n_files, l->asks,
	    l->choice, message, err);
}

bool
act_reply(struct req *r, GError **err)
{
	g_autoptr(GError) why = NULL;
	struct reply f;
	int64_t message;

	if (!read_reply(r, &f, err))
		return *err == NULL &&
		    ticket_show(r, 422, f.number, &f.typed, err);
	if (!send_reply(r, &f, &message, &why))
		return refused(r, &f, f.l.n_files == 0
			? "your reply was not sent"
			: "your reply was not sent; its attachments have to "
			  "be chosen again", &why, err);
	if (f.typed.reason_id != 0)
		return act_done(r, f.number, 201,
		    message == DESC_NULL ? 0 : message, message != DESC_NULL
			? "Rejected, and the reply is on its way."
			: "Rejected.  Nobody was told: the reporter had no "
			  "receipt of ours.", err);
	return act_done(r, f.number, 201, message, "The reply is on its way.",
	    err);
}

static const char *
file_names(struct arena *a, const struct ticket_letter *l)
{
	GString *s = arena_gstring(a);

	for (size_t i = 0; i < l->n_files; i++)
		g_string_append_printf(s, "%s%s", i > 0 ? ", " : "",
		    l->files[i].name);
	return l->n_files > 0 ? s->str : NULL;
}

bool
act_reply_preview(struct req *r, GError **err)
{
	struct reply_preview_view v = {.page_title = "The exact mail"};
	g_autoptr(GError) why = NULL;
	struct outbox_made made;
	const struct outbox_bytes *b = &made.bytes;
	struct reply f;

	if (!read_reply(r, &f, err))
		return *err == NULL &&
		    ticket_show(r, 422, f.number, &f.typed, err);
	if (!ticket_reply_preview(r->db, r->site, r->a, &r->actor, f.number,
		&f.l, &made, &why))
		return refused(r, &f, "there is nothing to look at", &why,
		    err);
	v.number = f.number;
	v.from = b->from;
	v.to = b->recipients;
	v.cc = b->cc;
	v.subject = made.subject;
	v.text = b->text;
	v.files = file_names(r->a, &f.l);
	v.is_signed = b->inspect != NULL;
	v.is_encrypted = b->inspect != NULL &&
	    strstr(b->inspect, "\"crypto\":\"encrypted\"") != NULL;
	v.size = (int64_t)b->len;
	v.cut = b->len > REPLY_RAW_MAX;
	v.raw = text_repair(r->a, b->bytes, MIN(b->len, (size_t)REPLY_RAW_MAX));
	return reply_view(r, 200, "page/reply.html", &desc_reply_preview_view,
	    &v);
}
