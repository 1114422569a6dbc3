/*
 * bare_gmime SECONDS FOLDER: the reference for reading mail.  Parses every
 * *.eml below FOLDER again and again with GMime alone, walks its parts and
 * decodes each (texts to UTF-8), and prints how many and the CPU seconds.
 */
#include <gmime/gmime.h>

#include "mails.h"

static void
decode(GMimeObject *parent, GMimeObject *part, gpointer sink)
{
	GMimeDataWrapper *content;
	GMimeStream *to = sink, *filtered;
	GMimeFilter *charset = NULL;
	const char *name;

	(void)parent;
	if (GMIME_IS_MESSAGE_PART(part)) {
		GMimeMessage *m = g_mime_message_part_get_message(
		    GMIME_MESSAGE_PART(part));

		if (m != NULL)
			g_mime_message_foreach(m, decode, sink);
		return;
	}
	if (!GMIME_IS_PART(part))
		return;
	content = g_mime_part_get_content(GMIME_PART(part));
	if (content == NULL)
		return;
	g_mime_stream_reset(to);
	filtered = g_mime_stream_filter_new(to);
	name = g_mime_object_get_content_type_parameter(part, "charset");
	if (GMIME_IS_TEXT_PART(part))
		charset = g_mime_filter_charset_new(
		    name != NULL ? name : "utf-8", "utf-8");
	if (charset != NULL) {
		g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered),
		    charset);
		g_object_unref(charset);
	}
	g_mime_data_wrapper_write_to_stream(content, filtered);
	g_mime_stream_flush(filtered);
	g_object_unref(filtered);
}

static void
one(const struct mail_file *f, void *ctx)
{
	GMimeStream *in = g_mime_stream_mem_new_with_buffer(f->bytes, f->len);
	GMimeParser *parser = g_mime_parser_new_with_stream(in);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);

	if (m != NULL) {
		g_mime_message_foreach(m, decode, ctx);
		g_object_unref(m);
	}
	g_object_unref(parser);
	g_object_unref(in);
}

int
main(int argc, char **argv)
{
	GMimeStream *sink;

	g_mime_init();
	sink = g_mime_stream_mem_new();
	mails_run(argc, argv, one, sink);
	mails_print();
	return 0;
}
