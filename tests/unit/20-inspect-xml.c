/*
 * XML of strangers (server/inspect/format/xml.h): what is mended, what is refused,
 * and that no input makes it slow or deep.
 */
#include "base/base.h"
#include "inspect/format/xml.h"
#include "unit.h"

#include <stdio.h>
#include <time.h>

static const char *refused;
static bool was_mended;

static const struct xml *
parse(struct arena *a, const char *s)
{
	return xml_parse(a, s, strlen(s), &refused, &was_mended);
}

static void
test_tree(void **state)
{
	ARENA_AUTO(a, "test");
	const struct xml *root, *x = NULL;
	int n = 0;

	root = parse(a, "<p:a xmlns:p='urn:x' k=\"1 &amp; 2 &lt; 3\"><b> x "
	    "&amp; y&#33; </b><!-- <no/> --><b><![CDATA[<&>]]></b>"
	    "<c><d/></c></p:a>");
	assert_non_null(root);
	assert_false(was_mended);
	assert_string_equal(root->name, "a");
	assert_string_equal(xml_attr(root, "k"), "1 & 2 < 3");
	assert_null(xml_attr(root, "z"));
	assert_string_equal(xml_get(root, "b"), "x & y!");
	assert_string_equal(xml_text(xml_again(xml_child(root, "b"))),
	    "<&>");
	assert_null(xml_get(root, "c"));
	assert_non_null(xml_find(root, "d"));
	while (xml_walk(root, &x))
		n++;
	assert_int_equal(n, 5);
	assert_false(xml_walk(NULL, &x));
}

static void
test_mended(void **state)
{
	static const struct {
		const char *xml, *text;
	} cases[] = {
	    {"<a><t>Salt & Pepper</t></a>", "Salt & Pepper"},
	    {"<a><t>1 < 2</t></a>", "1 < 2"},
	    {"<a><t>x <3 y</t></a>", "x <3 y"},
	    {"<a><t>caf&eacute;</t></a>", "caf&eacute;"},
	    {"<a><t>&amp &#x; &#</t></a>", "&amp &#x; &#"},
	    {"<a><t>one</a>", "one"},
	    {"<a><t>one", "one"},
	};
	ARENA_AUTO(a, "test");

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct xml *x = parse(a, cases[i].xml);

		assert_non_null(x);
		assert_true(was_mended);
		assert_string_equal(xml_get(x, "t"), cases[i].text);
	}
}

static const char *
many(struct arena *a, const char *before, const char *piece, int n,
    const char *after)
{
	GString *s = arena_gstring(a);

	g_string_append(s, before);
	while (n-- > 0)
		g_string_append(s, piece);
	g_string_append(s, after);
	return s->str;
}

static void
test_refused(void **state)
{
	ARENA_AUTO(a, "test");
	const char *attrs;

	assert_null(parse(a, ""));
	assert_string_equal(refused, "it is empty");
	assert_null(parse(a, "text only"));
	assert_null(parse(a, "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"));
	assert_string_equal(refused, "it has a document type inside");
	assert_null(parse(a, "<a><!ENTITY x SYSTEM 'file:///etc/passwd'>"
	    "</a>"));
	assert_null(parse(a, many(a, "", "<a>", XML_DEPTH_MAX + 1, "")));
	assert_string_equal(refused, "it is nested too deep");
	assert_non_null(parse(a, many(a, "", "<a>", XML_DEPTH_MAX, "")));
	assert_null(parse(a, many(a, "<r>", "<a/>", XML_NODES_MAX, "</r>")));
	assert_string_equal(refused, "it has too many elements");
	attrs = many(a, "<r", " a='1'", XML_ATTRS_MAX + 1, "/>");
	assert_null(parse(a, attrs));
	assert_string_equal(refused, "an element has too many attributes");
	assert_null(xml_parse(a, attrs, XML_BYTES_MAX + 1, &refused,
	    &was_mended));
	assert_string_equal(refused, "it is too large");
}

/* An entity that is not one of the five is text: there is nothing that it
 * could stand for, neither a file nor a bomb. */
static void
test_no_entities(void **state)
{
	ARENA_AUTO(a, "test");
	const struct xml *x = parse(a, "<a b='&lol;'>&lol9;%lol;</a>");

	assert_string_equal(x->text, "&lol9;%lol;");
	assert_string_equal(xml_attr(x, "b"), "&lol;");
}

/* Two megabytes of the worst kinds, each in a time that a letter is
 * worth. */
static void
test_stays_linear(void **state)
{
	static const char *const pieces[] = {"<", "<a ", "<a b='", "&", "</a>",
	    "<!--", "<![CDATA[", "<?", "<a x:y='1'/>", "<a>", "]]>", "\"",
	    "<a xmlns:b='c'>", "<b/>&#65;", "<root", "<x:root>", "root",
	    "><root>", "<!---->", "<?a?>", "<a:"};

	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		ARENA_AUTO(a, "test");
		const char *s = many(a, "<root>", pieces[i], (int)
		    ((XML_BYTES_MAX - 20) / strlen(pieces[i])), "</root>");
		clock_t start = clock(); /* our work, not the machine's */
		size_t at, len;

		assert_true(xml_locate(s, strlen(s), "root", &at, &len));
		parse(a, s);
		if (clock() - start > 5 * CLOCKS_PER_SEC)
			printf("# \"%s\"\n", pieces[i]);
		assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	}
}

static void
test_locate(void **state)
{
	static const struct {
		const char *text;
		size_t start, len; /* len 0: none */
	} cases[] = {
	    {"x <Doc>y</Doc> z", 2, 12},
	    {"<p:Doc a='b'>y</p:Doc>z", 0, 22},
	    {"<Doc>y", 0, 6},
	    {"<Doc>y<Doc>z</Doc>", 0, 6},
	    {"<Document/> Doc </Doc>", 0, 0},
	    {"> <Doc>y</Doc>\n", 0, 0},
	    {"> <Doc>y</Doc>\n <Doc>z</Doc>", 16, 12},
	    {"Doc", 0, 0},
	    {"", 0, 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t start, len;
		bool found = xml_locate(cases[i].text, strlen(cases[i].text),
		    "Doc", &start, &len);

		assert_int_equal(found, cases[i].len != 0);
		if (found) {
			assert_int_equal(start, cases[i].start);
			assert_int_equal(len, cases[i].len);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tree),
	    cmocka_unit_test(test_mended),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_no_entities),
	    cmocka_unit_test(test_stays_linear),
	    cmocka_unit_test(test_locate),
	};

	xml_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
