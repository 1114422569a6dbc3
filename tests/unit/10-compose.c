/* What compose writes, GMime must read back; and nothing may get out of
 * its field. */
#include "compose-mail.h"

static void
test_subjects(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: the same */
	} cases[] = {
	    {"Plain words", NULL},
	    {"", NULL},
	    {"[TOCSIN #1001] scan from 192.0.2.7", NULL},
	    {"Größe", NULL},
	    {"Отчёт о сканировании сети университета за прошлую неделю, "
	     "продолжение следует", NULL},
	    {"日本語の件名がとても長いときにも正しく折り返されること、"
	     "そして文字の途中で切れないこと", NULL},
	    {"One two three four five six seven eight nine ten eleven twelve "
	     "thirteen fourteen fifteen sixteen seventeen eighteen", NULL},
	    {"=?utf-8?Q?looks_encoded?=", NULL},
	    {"mostly ascii with one ü in a subject that is so long that it "
	     "must be folded over several lines = _ ?", NULL},
	    {"evil\r\nBcc: all@x.example", "evil Bcc: all@x.example"},
	    {"evil\n\nbody", "evil body"},
	    {"evil\rX: y", "evil X: y"},
	    {"tab\tand\x01" "bell\x7f", "tab and\xef\xbf\xbd" "bell"},
	    {"  outer   blanks ", "outer blanks"},
	    {"\xff\xfe broken", "\xef\xbf\xbd\xef\xbf\xbd broken"},
	    {"emoji \xf0\x9f\x9a\xa8\xf0\x9f\x9a\xa8", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		struct compose_mail m = mail();
		const char *want =
		    cases[i].out != NULL ? cases[i].out : cases[i].in;
		struct compose_bytes b;
		GMimeMessage *g;

		m.subject = cases[i].in;
		b = compose_ok(a, &m);
		g = parse(&b);
		assert_string_equal(g_mime_message_get_subject(g), want);
		/* From To Subject Date Message-ID MIME-Version (those of the
		 * content are its part's), and nothing else */
		assert_int_equal(g_mime_header_list_get_count(
		    GMIME_OBJECT(g)->headers), 6);
		g_object_unref(g);
	}
}

static void
test_long_word_in_subject(void **state)
{
	ARENA_AUTO(a, "test");
	struct compose_mail m = mail();
	char word[5000];

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	m.subject = word;
	compose_ok(a, &m);
	m.subject = arena_printf(a, "%s\xc3", word);
	compose_ok(a, &m);
}

static void
test_names_of_people(void **state)
{
	static const char *const names[] = {
	    "Jo Doe", "Doe, Jo", "\"Q\" \\ back", "Jürgen Müßig", "O'Neil (x)",
	    "Иван Иванович Длиннофамильный-Задунайский", "a@b.example",
	    "=?x?", "Jo\r\nBcc: all@x.example", "<evil@x.example>,",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		ARENA_AUTO(a, "test");
		struct compose_mail m = mail();
		struct compose_bytes b;
		GMimeMessage *g;
		InternetAddressList *l;
		InternetAddress *ia;
		const char *want = strstr(names[i], "Bcc") != NULL
		    ? "Jo Bcc: all@x.example" : names[i];

		m.from.name = names[i];
		b = compose_ok(a, &m);
		g = parse(&b);
		l = g_mime_message_get_from(g);
		assert_int_equal(internet_address_list_length(l), 1);
		ia = internet_address_list_get_address(l, 0);
		assert_string_equal(internet_address_get_name(ia), want);
		assert_string_equal(internet_address_mailbox_get_addr(
		    INTERNET_ADDRESS_MAILBOX(ia)), "report@tocsin.example");
		g_object_unref(g);
	}
}

static void
test_bad_addresses(void **state)
{
	static const char *const bad[] = {
	    "", "nobody", "a@b.example\r\nBcc: c@d.example", "a@b.example\n",
	    "a@b.example>", "a b@c.example", "a@b.example,c@d.example",
	    "ü@b.example", "a@@b.example", "<a@b.example>", NULL,
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		ARENA_AUTO(a, "test");
		g_autoptr(GError) err = NULL;
		struct compose_address list[] = {{NULL, bad[i]}};
		struct compose_mail m = mail();
		struct compose_bytes b;

		m.to = list;
		assert_false(compose_mail(a, &m, &b, &err));
		assert_true(fault_is(err, FAULT_INPUT));
	}
}

static void
test_many_addresses_fold(void **state)
{
	ARENA_AUTO(a, "test");
	struct compose_mail m = mail();
	struct compose_address list[COMPOSE_ADDRESSES_MAX + 1];
	struct compose_bytes b;
	g_autoptr(GError) err = NULL;
	GMimeMessage *g;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(list); i++)
		list[i] = (struct compose_address){i % 2 ? "Ünï Cödé" : NULL,
		    arena_printf(a, "person%zu@department.uni.example", i)};
	m.to = list;
	m.n_to = COMPOSE_ADDRESSES_MAX;
	b = compose_ok(a, &m);
	g = parse(&b);
	assert_int_equal(internet_address_list_length(
	    g_mime_message_get_to(g)), COMPOSE_ADDRESSES_MAX);
	g_object_unref(g);
	m.n_to++;
	assert_false(compose_mail(a, &m, &b, &err));
	assert_true(fault_is(err, FAULT_LARGE));
}

static void
test_references(void **state)
{
	ARENA_AUTO(a, "test");
	struct compose_mail m = mail();
	const char *refs[60];
	struct compose_bytes b;
	const char *h;
	GMimeMessage *g;
	g_auto(GStrv) ids = NULL;

	(void)state;
	for (size_t i = 0; i < 50; i++)
		refs[i] = arena_printf(a, "id%zu.with-some-length@x.example",
		    i);
	refs[40] = "evil>\r\nBcc: <a@b.example";
	refs[41] = "no-at-sign";
	refs[42] = "blank in@it.example";
	refs[50] = NULL;
	m.references = refs;
	m.in_reply_to = "a@b\r\nX-Evil: 1";
	b = compose_ok(a, &m);
	g = parse(&b);
	assert_null(g_mime_object_get_header(GMIME_OBJECT(g), "X-Evil"));
	assert_null(g_mime_object_get_header(GMIME_OBJECT(g), "Bcc"));
	assert_null(g_mime_object_get_header(GMIME_OBJECT(g), "In-Reply-To"));
	h = g_mime_object_get_header(GMIME_OBJECT(g), "References");
	ids = g_strsplit(h, " ", -1);
	assert_int_equal(g_strv_length(ids), COMPOSE_REFERENCES_MAX - 3);
	assert_string_equal(ids[0], "<id0.with-some-length@x.example>");
	assert_true(g_str_has_suffix(h, "<id49.with-some-length@x.example>"));
	g_object_unref(g);
}

static void
test_texts(void **state)
{
	static const struct {
		const char *in, *out, *encoding;
	} cases[] = {
	    {"one\ntwo\n", "one\r\ntwo\r\n", "7bit"},
	    {"one\r\ntwo", "one\r\ntwo\r\n", "7bit"},
	    {"mac\rold\r\rstyle", "mac\r\nold\r\n\r\nstyle\r\n", "7bit"},
	    {"", "", "7bit"},
	    {"\n\n\n", "", "7bit"},
	    {"a\n.\nb\n..\n.c", "a\r\n.\r\nb\r\n..\r\n.c\r\n", "7bit"},
	    {"Zürich \nFrom here\n.dot\nends with blank ",
	     "Zürich \r\nFrom here\r\n.dot\r\nends with blank \r\n",
	     "quoted-printable"},
	    {"Отчёт\nвторой\n", "Отчёт\r\nвторой\r\n", "base64"},
	    {"bad \xff utf-8 and some more ascii so that it is not base64",
	     "bad \xef\xbf\xbd utf-8 and some more ascii so that it is not "
	     "base64\r\n", "quoted-printable"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		ARENA_AUTO(a, "test");
		struct compose_mail m = mail();
		struct compose_bytes b;
		GMimeMessage *g;
		GMimeObject *body;
		const char *got;

		m.text = cases[i].in;
		b = compose_ok(a, &m);
		g = parse(&b);
		body = g_mime_message_get_mime_part(g);
		assert_string_equal(g_mime_object_get_header(body,
		    "Content-Transfer-Encoding"), cases[i].encoding);
		got = text_of(a, body);
		/* GMime gives LF or CRLF by encoding: compare without CR */
		{
			g_auto(GStrv) x = g_strsplit(got, "\r", -1);
			g_auto(GStrv) y = g_strsplit(cases[i].out, "\r", -1);
			g_autofree char *p = g_strjoinv("", x);
			g_autofree char *q = g_strjoinv("", y);

			assert_string_equal(p, q);
		}
		g_object_unref(g);
	}
}

static void
test_long_lines(void **state)
{
	ARENA_AUTO(a, "test");
	struct compose_mail m = mail();
	char line[3000];
	struct compose_bytes b;
	GMimeMessage *g;

	(void)state;
	memset(line, 'y', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	m.text = line;
	b = compose_ok(a, &m);
	g = parse(&b);
	assert_string_equal(g_strchomp((char *)text_of(a,
	    g_mime_message_get_mime_part(g))), line);
	g_object_unref(g);
}

static void
test_files(void **state)
{
	static const char eml[] =
	    "From: a@b.example\r\nSubject: in\r\n\r\n--=_x\r\n.\r\n";
	static const char eml8[] =
	    "From: a@b.example\r\nSubject: in\r\n\r\nZ\xfcrich\n";
	static const unsigned char binary[] = {0, 1, 2, '\r', '\n', '\n', 255};
	const struct compose_file files[] = {
	    {"log.csv", "text/csv", "a,b\n1,2\n", 8},
	    {"Übersicht der Vorfälle mit einem wirklich sehr langen Namen, "
	     "der nicht in eine Zeile passt.pdf", "application/pdf", binary,
	     sizeof(binary)},
	    {"evil\"\r\nX-Evil: 1.txt", "text/plain\r\nX-Evil: 2", "x", 1},
	    {"../../etc/passwd", "not a type", "x", 1},
	    {NULL, "message/rfc822", eml, sizeof(eml) - 1},
	    {"old", "message/rfc822", eml8, sizeof(eml8) - 1},
	    {"c:\\temp\\x.bin", "multipart/mixed", "", 0},
	};
	static const struct {
		const char *type, *name;
	} want[] = {
	    {"text/csv", "log.csv"},
	    {"application/pdf", "Übersicht der Vorfälle mit einem wirklich "
	     "sehr langen Namen, der nicht in eine Zeile passt.pdf"},
	    {"application/octet-stream", "evil\" X-Evil: 1.txt"},
	    {"application/octet-stream", "passwd"},
	    {"message/rfc822", "message.eml"},
	    {"application/octet-stream", "old.eml"},
	    {"application/octet-stream", "x.bin"},
	};
	ARENA_AUTO(a, "test");
	struct compose_mail m = mail();
	struct compose_bytes b;
	GMimeMessage *g;
	GMimeMultipart *mp;

	(void)state;
	m.files = files;
	m.n_files = COUNT_OF(files);
	b = compose_ok(a, &m);
	assert_null(g_strstr_len(b.bytes, (gssize)b.len, "\nX-Evil"));
	g = parse(&b);
	mp = GMIME_MULTIPART(g_mime_message_get_mime_part(g));
	assert_int_equal(g_mime_multipart_get_count(mp), 8);
	for (int i = 0; i < (int)COUNT_OF(want); i++) {
		GMimeObject *o = g_mime_multipart_get_part(mp, i + 1);
		GMimeContentType *t = g_mime_object_get_content_type(o);
		g_autofree char *type = g_mime_content_type_get_mime_type(t);
		GMimeStream *s;
		GByteArray *bytes;

		assert_string_equal(type, want[i].type);
		assert_string_equal(g_mime_object_get_content_disposition_parameter(
		    o, "filename"), want[i].name);
		if (!GMIME_IS_PART(o))
			continue;
		s = g_mime_stream_mem_new();
		g_mime_data_wrapper_write_to_stream(
		    g_mime_part_get_content(GMIME_PART(o)), s);
		bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(s));
		assert_int_equal(bytes->len, files[i].len);
		assert_true(files[i].len == 0 || memcmp(bytes->data,
		    files[i].bytes, files[i].len) == 0);
		g_object_unref(s);
	}
	g_object_unref(g);
	/* what travels as it is, is there as it was */
	assert_non_null(g_strstr_len(b.bytes, (gssize)b.len, eml));
}

static void
test_shared_half(void **state)
{
	ARENA_AUTO(a, "test");
	static const struct compose_header extra[] = {
	    {"X-TLP", "CLEAR"}, {"Keywords", "ä\r\nBcc: x"}};
	struct compose_mail m = mail();
	struct compose_bytes b;
	GString *own = arena_gstring(a);
	struct compose_bytes whole;
	GMimeMessage *g;

	(void)state;
	m.n_to = 0;
	m.message_id = NULL;
	m.extra = extra;
	m.n_extra = COUNT_OF(extra);
	m.auto_submitted = "auto-generated";
	b = compose_ok(a, &m);
	assert_null(g_strstr_len(b.bytes, (gssize)b.len, "Message-ID"));
	assert_null(g_strstr_len(b.bytes, (gssize)b.len, "\r\nTo:"));
	assert_true(compose_put_addresses(own, "To", to, 1, NULL));
	compose_put_raw(own, "List-Unsubscribe",
	    "<https://tocsin.example/unsubscribe/s77-abcdefghijklmnop>, "
	    "<mailto:leave+s77-abcdefghijklmnop@tocsin.example>");
	g_string_append_len(own, b.bytes, (gssize)b.len);
	whole = (struct compose_bytes){own->str, own->len};
	assert_wire(&whole);
	g = parse(&whole);
	assert_non_null(g_mime_object_get_header(GMIME_OBJECT(g),
	    "List-Unsubscribe"));
	assert_string_equal(g_mime_object_get_header(GMIME_OBJECT(g), "X-TLP"),
	    "CLEAR");
	g_object_unref(g);
}

static void
test_limits(void **state)
{
	ARENA_AUTO(a, "test");
	struct compose_mail m = mail();
	struct compose_file f = {"x", NULL, "", COMPOSE_BYTES_MAX + 1};
	struct compose_bytes b;
	g_autoptr(GError) err = NULL;

	(void)state;
	m.files = &f;
	m.n_files = 1;
	assert_false(compose_mail(a, &m, &b, &err));
	assert_true(fault_is(err, FAULT_LARGE));
}

/* ---- signed and encrypted -------------------------------------------------- */

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_subjects),
	    cmocka_unit_test(test_long_word_in_subject),
	    cmocka_unit_test(test_names_of_people),
	    cmocka_unit_test(test_bad_addresses),
	    cmocka_unit_test(test_many_addresses_fold),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_long_lines),
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_shared_half),
	    cmocka_unit_test(test_limits),
	};

	g_mime_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
