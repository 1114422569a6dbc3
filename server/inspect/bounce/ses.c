/*
 * Complaints of Amazon SES, as its notification service mails them: an
 * object of JSON, alone or as a text in the envelope of the service, with
 * words of the service below.  What a feedback report (arf.c) says in
 * fields, it says in members, so its format is arf too.
 *
 * Bounces that come the same way are read by bounce_odd.c.
 */
#include "base/base.h"
#include "inspect/read.h"

/* The length of the object that begins at s, 0 when it has no end. */
static size_t
object_len(const char *s, size_t n)
{
	size_t depth = 0;
	bool text = false;

	for (size_t i = 0; i < n; i++) {
		if (text) {
			if (s[i] == '\\')
				i++;
			else if (s[i] == '"')
				text = false;
		} else if (s[i] == '"') {
			text = true;
		} else if (s[i] == '{') {
			depth++;
		} else if (s[i] == '}' && --depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

/* One object about a complaint; behind it may stand what it likes.  A mail
 * system may have folded it, and inside a text of JSON no line ends. */
static const struct json *
parse(struct reading *r, const char *s, size_t n)
{
	static const char mark[] = "complainedRecipients";
	const struct json *j;
	char *line = arena_strndup(r->a, s, n);
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (line[i] != '\n' && line[i] != '\r')
			line[k++] = line[i];
	k = object_len(line, k);
	return memmem(line, k, mark, sizeof(mark) - 1) != NULL &&
	    json_parse(r->a, line, k, &j, NULL) ? j : NULL;
}

static const char *
str(const struct json *o, const char *key)
{
	return json_str(json_get(o, key), NULL);
}

/* The notification about a complaint in that part, or NULL. */
static const struct json *
complaint_of(struct reading *r, size_t part)
{
	const struct json *j;
	const char *s, *inner;
	size_t n;

	s = json_part_text(r, part, &n);
	if (s == NULL || *s != '{')
		return NULL;
	j = parse(r, s, n);
	inner = str(j, "Message");
	if (inner != NULL && *inner == '{')
		j = parse(r, inner, strlen(inner));
	return json_is_object(json_get(j, "complaint")) &&
	    json_is_object(json_get(j, "mail")) ? j : NULL;
}

static const struct json *
find(struct reading *r, const char **path)
{
	const struct json *j = NULL;

	for (size_t i = 0; i < r->m->n && j == NULL; i++) {
		if (read_nested(r, i))
			continue;
		j = complaint_of(r, i);
		*path = r->m->parts[i].path;
	}
	return j;
}

bool
ses_look(struct reading *r)
{
	const char *path;

	return find(r, &path) != NULL;
}

/* A field of the mail that is complained about, or NULL. */
static const char *
header(const struct json *mail, const char *name)
{
	const struct json *list = json_get(mail, "headers");

	for (size_t i = 0; i < json_len(list); i++) {
		const struct json *h = json_at(list, i);

		if (text_ieq(str(h, "name"), name))
			return str(h, "value");
	}
	return NULL;
}

/* "<a@b>" without brackets */
static const char *
bare(struct arena *a, const char *s)
{
	const char *open;

	if (s == NULL)
		return NULL;
	open = strrchr(s, '<');
	return read_field(a, open == NULL ? s : arena_strndup(a, open + 1,
	    strcspn(open + 1, ">")));
}

/* Which of our mails it was. */
static void
returned(struct reading *r, const struct json *mail)
{
	struct inspect_returned *out = &r->out->returned;
	const struct json *common = json_get(mail, "commonHeaders");

	out->envelope_from = bare(r->a, str(mail, "source"));
	out->message_id = bare(r->a, header(mail, "Message-ID"));
	if (out->message_id == NULL)
		out->message_id = bare(r->a, str(common, "messageId"));
	out->list_id = bare(r->a, header(mail, "List-Id"));
	out->to = bare(r->a, json_str(json_at(json_get(mail, "destination"),
	    0), NULL));
}

static void
recipients(struct reading *r, const struct json *complaint, const char *type)
{
	const struct json *list = json_get(complaint, "complainedRecipients");

	for (size_t i = 0; i < json_len(list) &&
	    i < INSPECT_BOUNCES_MAX; i++) {
		const char *addr = bare(r->a,
		    str(json_at(list, i), "emailAddress"));

		if (addr != NULL)
			read_bounce(r, addr)->reason =
			    arena_printf(r->a, "feedback: %s", type);
	}
}

void
ses_read(struct reading *r)
{
	const char *path, *type, *ip, *at;
	const struct json *j = find(r, &path), *mail, *complaint;
	struct inspect_event *e;

	mail = json_get(j, "mail");
	complaint = json_get(j, "complaint");
	type = read_field(r->a, str(complaint, "complaintFeedbackType"));
	/* not every complaint tells */
	type = text_lower(r->a, type != NULL ? type : "abuse");
	returned(r, mail);
	recipients(r, complaint, text_cut(r->a, type, 40));
	if (strcmp(type, "not-spam") == 0)
		return; /* RFC 6430: it takes a complaint back */
	e = read_event(r, path);
	e->type = classify_arf(type);
	ip = str(mail, "sourceIp");
	e->source_ip = ip != NULL ? scan_addresses(r->a, ip, 1)[0] : NULL;
	at = str(complaint, "arrivalDate");
	if (at == NULL)
		at = str(mail, "timestamp");
	if (at != NULL)
		stamp_field(r->a, at, e);
	e->reporter_ref = read_field(r->a, str(complaint, "feedbackId"));
	read_extra(r->a, e, "user_agent", str(complaint, "userAgent"));
	read_extra(r->a, e, "complaint_sub_type",
	    str(complaint, "complaintSubType"));
	read_extra(r->a, e, "mail_from", str(mail, "source"));
	if (e->source_ip == NULL)
		read_defect(r, "The complaint names no source.");
}
