/*
 * Parts that nobody here can read: each is told as a defect, so that a
 * person looks at them (read.h).
 */
#include "base/base.h"
#include "inspect/read.h"

enum { OPAQUE_TOLD_MAX = 20 };

static const struct {
	const char *type;      /* or NULL */
	const char *end;       /* of the file name */
	const char *magic;     /* first bytes, or NULL */
	size_t magic_len;
	const char *what;
} kinds[] = {
    {"application/ms-tnef", "winmail.dat", "\x78\x9f\x3e\x22", 4,
	"TNEF of Outlook"},
    {"application/vnd.ms-tnef", "winmail.dat", "\x78\x9f\x3e\x22", 4,
	"TNEF of Outlook"},
    {"application/vnd.ms-outlook", ".msg", "\xd0\xcf\x11\xe0", 4,
	"a message in Outlook's own format"},
};

/* What a part is that we cannot read, or NULL. */
static const char *
opaque(struct reading *r, struct mail_part *p)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		bool named = p->filename != NULL &&
		    text_iends(p->filename, kinds[i].end);
		size_t n;
		const char *s;

		if (strcmp(p->type, kinds[i].type) == 0)
			return kinds[i].what;
		if (!named)
			continue;
		s = mail_bytes(r->m, p, &n);
		if (n >= kinds[i].magic_len &&
		    memcmp(s, kinds[i].magic, kinds[i].magic_len) == 0)
			return kinds[i].what;
	}
	return NULL;
}

void
opaque_read(struct reading *r)
{
	bool image = false, other = false;
	int told = 0;

	for (size_t i = 0; i < r->m->n && told < OPAQUE_TOLD_MAX; i++) {
		struct mail_part *p = &r->m->parts[i];
		const char *what;

		if (p->kind == MAIL_MULTIPART)
			continue;
		if (p->kind == MAIL_LEAF && g_str_has_prefix(p->type, "image/"))
			image = true;
		else if (p->kind == MAIL_MESSAGE ||
		    !g_str_has_prefix(p->type, "text/"))
			other = true;
		what = p->kind == MAIL_LEAF ? opaque(r, p) : NULL;
		if (what == NULL)
			continue;
		told++;
		read_defect(r, "Part %s%s%s is %s, which was not read.", p->path,
		    p->filename != NULL ? ", " : "",
		    p->filename != NULL ? read_field(r->a, p->filename) : "",
		    what);
	}
	if (image && !other && text_blank(r->human))
		read_defect(r, "The message is only an image; there is no text "
		    "to read.");
}
