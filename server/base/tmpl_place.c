/*
 * Where in HTML or XML a tag of a template stands, and what may stand
 * there.  The scanner knows as much of the markup as that question needs;
 * it refuses what it would have to guess.
 */
#include "base/base.h"
#include "base/text.h"
#include "base/tmpl_priv.h"

static bool
one_of(const char *s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(s, *names) == 0)
			return true;
	return false;
}

static void
add_lower(char *buf, size_t size, char c)
{
	size_t n = strlen(buf);

	if (n + 1 < size) {
		buf[n] = g_ascii_tolower(c);
		buf[n + 1] = '\0';
	}
}

static void
start_until(struct tmpl_place *p, enum place_state state, const char *until)
{
	p->state = state;
	p->matched = 0;
	g_strlcpy(p->until, until, sizeof(p->until));
}

/* Behind the > of a tag. */
static void
tag_done(struct tmpl_place *p)
{
	static const char *const raw[] = {"script", "style", "iframe", "xmp",
	    "noembed", "noframes", "plaintext", NULL};
	static const char *const text_only[] = {"title", "textarea", "option",
	    NULL};
	char until[sizeof(p->until)];

	p->state = PLACE_TEXT;
	if (p->xml || p->closing)
		return;
	g_snprintf(until, sizeof(until), "</%s", p->tag);
	if (one_of(p->tag, raw))
		start_until(p, PLACE_RAW, until);
	else if (one_of(p->tag, text_only))
		start_until(p, PLACE_RCDATA, until);
}

static void
attr_start(struct tmpl_place *p, char c)
{
	p->state = PLACE_ATTR;
	p->attr[0] = '\0';
	add_lower(p->attr, sizeof(p->attr), c);
}

static void
value_start(struct tmpl_place *p)
{
	p->head[0] = '\0';
	p->head_len = 0;
	p->slashes = 0;
	p->after_url = false;
}

static const char *
value_char(struct tmpl_place *p, char c)
{
	if (p->after_url && strchr("/?#&", c) == NULL)
		return "an address goes on with text that could change its "
		       "host";
	p->after_url = false;
	add_lower(p->head, sizeof(p->head), c);
	p->head_len++;
	if (c == '/')
		p->slashes++;
	return NULL;
}

static const char *
in_tag(struct tmpl_place *p, char c)
{
	bool blank = g_ascii_isspace(c);

	if (c == '>') {
		if (p->state == PLACE_BEFORE_VALUE)
			return "an attribute has = but no value";
		tag_done(p);
		return NULL;
	}
	switch (p->state) {
	case PLACE_TAG_NAME:
		if (blank || c == '/')
			p->state = PLACE_TAG;
		else
			add_lower(p->tag, sizeof(p->tag), c);
		return NULL;
	case PLACE_JOIN:
		if (!blank && c != '/')
			return "a blank is missing between two attributes";
		p->state = PLACE_TAG;
		return NULL;
	case PLACE_TAG:
		if (!blank && c != '/')
			attr_start(p, c);
		return NULL;
	case PLACE_ATTR:
	case PLACE_AFTER_ATTR:
		if (c == '=')
			p->state = PLACE_BEFORE_VALUE;
		else if (blank)
			p->state = PLACE_AFTER_ATTR;
		else if (c == '/')
			p->state = PLACE_TAG;
		else if (p->state == PLACE_AFTER_ATTR)
			attr_start(p, c);
		else
			add_lower(p->attr, sizeof(p->attr), c);
		return NULL;
	case PLACE_BEFORE_VALUE:
		if (blank)
			return NULL;
		value_start(p);
		p->state = PLACE_UNQUOTED;
		if (c == '"' || c == '\'') {
			p->state = PLACE_QUOTED;
			p->quote = c;
		}
		return NULL;
	default: /* PLACE_UNQUOTED */
		if (blank)
			p->state = PLACE_TAG;
		return NULL;
	}
}

static const char *
after_less(struct tmpl_place *p, char c)
{
	if (c == '!') {
		start_until(p, PLACE_COMMENT, ">");
		p->closing = false;
	} else if (c == '?') {
		start_until(p, PLACE_COMMENT, "?>");
	} else if (c == '/' && !p->closing) {
		p->closing = true;
	} else if (g_ascii_isalpha(c)) {
		p->state = PLACE_TAG_NAME;
		p->tag[0] = '\0';
		add_lower(p->tag, sizeof(p->tag), c);
	} else {
		return "a < stands alone: write &lt;";
	}
	return NULL;
}

/* What is looked for begins with a byte that it does not hold again, or
 * repeats its first ("-->"): one step back is enough. */
static void
look_for_end(struct tmpl_place *p, char c)
{
	c = g_ascii_tolower(c);
	if (c == p->until[p->matched])
		p->matched++;
	else if (!(p->matched == 2 && c == p->until[0] &&
		     p->until[0] == p->until[1]))
		p->matched = c == p->until[0];
	if (p->until[p->matched] != '\0')
		return;
	if (p->state == PLACE_COMMENT) {
		p->state = PLACE_TEXT;
	} else {
		p->state = PLACE_TAG_NAME;
		p->closing = true;
	}
}

const char *
place_feed(struct tmpl_place *p, const char *s, size_t len)
{
	const char *why = NULL;

	for (size_t i = 0; i < len && why == NULL; i++) {
		switch (p->state) {
		case PLACE_TEXT:
			if (s[i] == '<') {
				p->state = PLACE_LESS;
				p->closing = false;
			}
			break;
		case PLACE_RCDATA:
		case PLACE_RAW:
			look_for_end(p, s[i]);
			break;
		case PLACE_COMMENT:
			/* <!-- and <![CDATA[ end otherwise than <!doctype */
			if (p->matched == 0 && strcmp(p->until, ">") == 0 &&
			    i > 0 && s[i - 1] == '!') {
				if (len - i >= 2 && strncmp(s + i, "--", 2) == 0)
					start_until(p, PLACE_COMMENT, "-->");
				else if (len - i >= 7 &&
				    strncmp(s + i, "[CDATA[", 7) == 0)
					start_until(p, PLACE_COMMENT, "]]>");
				if (strcmp(p->until, ">") != 0) {
					i++; /* "<!-->" does not end it */
					break;
				}
			}
			look_for_end(p, s[i]);
			break;
		case PLACE_LESS:
			why = after_less(p, s[i]);
			break;
		case PLACE_QUOTED:
			if (s[i] == p->quote)
				p->state = PLACE_JOIN;
			else
				why = value_char(p, s[i]);
			break;
		default:
			why = in_tag(p, s[i]);
			break;
		}
	}
	return why;
}

/* Attributes whose value is an address. */
static bool
takes_address(const char *attr)
{
	static const char *const names[] = {"href", "src", "action",
	    "formaction", "cite", "poster", "data", "ping", "background",
	    "manifest", "xlink:href", "xml:base", NULL};

	return one_of(attr, names);
}

static const char *
address(struct tmpl_place *p, enum desc_kind kind, enum tmpl_show *show)
{
	const char *h = p->head;

	if (p->head_len == 0 && kind == DESC_URL) {
		*show = SHOW_URL;
		p->after_url = true;
		p->head_len = 1;
		/* What comes behind the host of an address is harmless. */
		g_strlcpy(p->head, "?", sizeof(p->head));
		return NULL;
	}
	if (p->after_url)
		return "an address goes on with a value that could change its "
		       "host";
	if (kind == DESC_TIME)
		return "a time cannot be part of an address";
	*show = SHOW_URL_PART;
	if (*h == '?' || *h == '#' ||
	    (*h == '/' && h[1] != '/' && h[1] != '\\'))
		return NULL;
	if ((g_str_has_prefix(h, "http://") ||
		g_str_has_prefix(h, "https://")) && p->slashes > 2)
		return NULL;
	if (g_str_has_prefix(h, "mailto:")) {
		*show = SHOW_MAIL_PART;
		return NULL;
	}
	return "an address must be of kind URL or begin with a literal /";
}

static const char *
in_attribute(struct tmpl_place *p, enum desc_kind kind, enum tmpl_show *show)
{
	static const char *const refused[] = {"style", "srcdoc", "srcset",
	    "http-equiv", NULL};

	if (kind == DESC_HTML)
		return "a field of kind HTML cannot stand in an attribute";
	if (p->attr[0] == 'o' && p->attr[1] == 'n' && !p->xml)
		return "no value may stand in an on...= attribute";
	if (one_of(p->attr, refused))
		return "no value may stand in this attribute";
	if (takes_address(p->attr))
		return address(p, kind, show);
	p->head_len++;
	if (kind == DESC_TIME)
		*show = SHOW_TIME_3339;
	return NULL;
}

/* The form that each kind has where nothing is special. */
static const char *
plain_form(enum tmpl_format format, enum desc_kind kind, enum tmpl_show *show)
{
	switch (kind) {
	case DESC_INT:
		*show = SHOW_INT;
		return NULL;
	case DESC_TEXT:
	case DESC_URL:
	case DESC_SAFE:
		*show = format == TMPL_TXT ? SHOW_RAW : SHOW_ESCAPED;
		return NULL;
	case DESC_TIME:
		*show = format == TMPL_RSS ? SHOW_TIME_5322 :
		    format == TMPL_XML	   ? SHOW_TIME_3339 :
					     SHOW_TIME_PAGE;
		return NULL;
	case DESC_HTML:
		if (format == TMPL_TXT)
			return "a field of kind HTML cannot stand in a .txt";
		*show = SHOW_ESCAPED; /* in a feed, markup is text */
		return NULL;
	case DESC_JSON:
		return "a field of kind JSON is never shown";
	case DESC_BOOL:
		return "a BOOL is for sections: {{#x}}yes{{/x}}";
	case DESC_LIST:
	case DESC_OBJECT:
		return "a LIST or OBJECT is for sections: {{#x}}..{{/x}}";
	}
	return "this kind is unknown";
}

const char *
place_value(struct tmpl_place *p, enum tmpl_format format,
    enum desc_kind kind, enum tmpl_show *show)
{
	const char *why = plain_form(format, kind, show);

	if (why != NULL || format == TMPL_TXT)
		return why;
	switch (p->state) {
	case PLACE_TEXT:
		if (format == TMPL_HTML && kind == DESC_HTML)
			*show = SHOW_RAW;
		if (format == TMPL_HTML && kind == DESC_TIME)
			*show = SHOW_TIME_ELEMENT;
		if (format == TMPL_HTML && kind == DESC_SAFE)
			*show = SHOW_SAFE;
		return NULL;
	case PLACE_RCDATA:
		if (kind == DESC_HTML)
			return "a field of kind HTML cannot stand in this "
			       "element, which holds text only";
		p->matched = 0;
		return NULL;
	case PLACE_QUOTED:
		return in_attribute(p, kind, show);
	case PLACE_RAW:
		return "no value may stand in script, style and the like";
	case PLACE_COMMENT:
		return "no value may stand in a comment or declaration";
	case PLACE_BEFORE_VALUE:
	case PLACE_UNQUOTED:
		return "the attribute's value has no quotes";
	default:
		return "no value may stand in the name of a tag or attribute";
	}
}

const char *
place_section(struct tmpl_place *p)
{
	switch (p->state) {
	case PLACE_TEXT:
	case PLACE_QUOTED:
	case PLACE_TAG:
	case PLACE_JOIN:
	case PLACE_COMMENT:
		return NULL;
	case PLACE_RCDATA:
		p->matched = 0;
		return NULL;
	case PLACE_RAW:
		return "no section may stand in script, style and the like";
	case PLACE_LESS:
	case PLACE_BEFORE_VALUE:
		return "a section cannot begin or end here in a tag";
	default:
		/* <option{{#on}} selected{{/on}}>: a blank must follow. */
		p->state = PLACE_JOIN;
		return NULL;
	}
}

const char *
place_section_end(struct tmpl_place *p, const struct tmpl_place *start,
    bool repeats)
{
	const char *why = place_section(p);

	if (why != NULL)
		return why;
	/* {{#on}}selected{{/on}} begins between attributes. */
	if (!repeats && start->state == PLACE_TAG && p->state == PLACE_JOIN)
		return NULL;
	if (p->state != start->state ||
	    (p->state == PLACE_QUOTED && strcmp(p->attr, start->attr) != 0) ||
	    (p->state == PLACE_RCDATA && strcmp(p->tag, start->tag) != 0))
		return "the section ends at another place of the markup than "
		       "it began";
	/* It may have been skipped: forget what it wrote. */
	*p = *start;
	return NULL;
}
