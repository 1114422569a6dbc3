/* See archive.h. */
#include "base/base.h"
#include "inspect/archive.h"

#include <gio/gio.h>
#include <zip.h>

#include "base/text.h"
#include "mail/charset.h"

enum {
	CHUNK = 32768,
	SNIFF = 512,    /* bytes that tell text from the rest */
	GZIP_FIXED = 10 /* bytes of a header before its optional fields */
};

static const struct {
	const char *magic;
	size_t len;
	enum archive_kind kind;
} magics[] = {
    {"\x1f\x8b\x08", 3, ARCHIVE_GZIP},
    {"PK\x03\x04", 4, ARCHIVE_ZIP},
    {"PK\x05\x06", 4, ARCHIVE_ZIP}, /* without a file */
    {"7z\xbc\xaf\x27\x1c", 6, ARCHIVE_OTHER},
    {"Rar!\x1a\x07", 6, ARCHIVE_OTHER},
    {"BZh", 3, ARCHIVE_OTHER},
    {"\xfd" "7zXZ", 5, ARCHIVE_OTHER},
    {"\x28\xb5\x2f\xfd", 4, ARCHIVE_OTHER},
};

void
archives_init(struct archives *x, struct arena *a)
{
	*x = (struct archives){.a = a, .left = ARCHIVE_BYTES_MAX,
	    .files = arena_ptr_array(a), .defects = arena_ptr_array(a)};
}

enum archive_kind
archive_kind(const void *bytes, size_t len)
{
	for (size_t i = 0; i < COUNT_OF(magics); i++)
		if (len > magics[i].len &&
		    memcmp(bytes, magics[i].magic, magics[i].len) == 0)
			return magics[i].kind;
	return ARCHIVE_NONE;
}

static void defect(struct archives *x, const char *fmt, ...)
    G_GNUC_PRINTF(2, 3);

static void
defect(struct archives *x, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	g_ptr_array_add(x->defects, arena_vprintf(x->a, fmt, ap));
	va_end(ap);
}

/* A name in any bytes: UTF-8, one line, no ".." and no leading "/" that
 * somebody might take for a path one day. */
static const char *
clean_name(struct archives *x, const char *bytes, size_t len)
{
	GString *out = arena_gstring(x->a);
	size_t n;
	char *s = charset_to_utf8(x->a, bytes, MIN(len, ARCHIVE_NAME_MAX),
	    NULL, NULL, &n);
	char *save, *step;

	for (char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '_';
		else if (*p == '\\')
			*p = '/';
	for (step = strtok_r(s, "/", &save); step != NULL;
	    step = strtok_r(NULL, "/", &save))
		if (strcmp(step, "..") != 0 && strcmp(step, ".") != 0)
			g_string_append_printf(out, "%s%s",
			    out->len > 0 ? "/" : "", step);
	return out->len > 0 ? out->str : "_";
}

/* Text in any charset, UTF-16 with its mark included. */
static bool
looks_like_text(const char *s, size_t len)
{
	if (len >= 2 && (memcmp(s, "\xff\xfe", 2) == 0 ||
		memcmp(s, "\xfe\xff", 2) == 0))
		return true;
	return memchr(s, '\0', MIN(len, SNIFF)) == NULL;
}

static void
full(struct archives *x, const char *archive)
{
	defect(x, "%s: unpacking stopped at %d MB.", archive,
	    ARCHIVE_BYTES_MAX / 1024 / 1024);
}

/* ---- one file growing under the limits ---------------------------------- */

struct growing {
	struct archives *x;
	const char *name;  /* for defects */
	GString *out;
	size_t packed;     /* bytes it is made from */
};

/* n more bytes; false when the file ends here. */
static bool
grow(struct growing *g, const char *s, size_t n)
{
	size_t len = g->out->len + n;

	if (n > g->x->left) {
		g->x->left = 0;
		return false;
	}
	if (len > ARCHIVE_RATIO_FREE &&
	    len / ARCHIVE_RATIO_MAX > MAX(g->packed, 1)) {
		defect(g->x, "%s: unpacking stopped, it grows to more than %d "
		    "times its size.", g->name, ARCHIVE_RATIO_MAX);
		/* nothing of it is believed */
		g_string_truncate(g->out, 0);
		return false;
	}
	g->x->left -= n;
	g_string_append_len(g->out, s, (gssize)n);
	return true;
}

/* Is the beginning worth the rest? */
static bool
begins_well(struct growing *g, const char *s, size_t n)
{
	if (archive_kind(s, n) != ARCHIVE_NONE) {
		defect(g->x, "%s: an archive in an archive is not opened.",
		    g->name);
		return false;
	}
	return looks_like_text(s, n);
}

static void
keep(struct growing *g, const char *name)
{
	struct archive_file *f;

	if (g->out->len == 0)
		return;
	if (g->x->files->len >= ARCHIVE_FILES_MAX) {
		defect(g->x, "%s: more than %d files were packed; it was not "
		    "read.", g->name, ARCHIVE_FILES_MAX);
		return;
	}
	f = ARENA_NEW(g->x->a, struct archive_file);
	f->name = name;
	f->bytes = g->out->str;
	f->len = g->out->len;
	g_ptr_array_add(g->x->files, f);
}

/* ---- gzip --------------------------------------------------------------- */

/* The name in a header (flag 8, behind the extra field of flag 4). */
static const char *
gzip_name(struct archives *x, const uint8_t *s, size_t len)
{
	size_t at = GZIP_FIXED;
	const uint8_t *nul;

	if (len < GZIP_FIXED || (s[3] & 8) == 0)
		return NULL;
	if ((s[3] & 4) != 0) {
		if (len < at + 2)
			return NULL;
		at += 2 + (size_t)(s[at] | s[at + 1] << 8);
	}
	if (at >= len)
		return NULL;
	nul = memchr(s + at, '\0', MIN(len - at, ARCHIVE_NAME_MAX));
	if (nul == NULL || nul == s + at)
		return NULL;
	return clean_name(x, (const char *)s + at, (size_t)(nul - s) - at);
}

/* One member: its bytes added to g.  *used is how far it went; false at an
 * error or a limit, after which there is nothing more to read. */
static bool
gzip_member(struct growing *g, const uint8_t *s, size_t len, size_t *used)
{
	g_autoptr(GConverter) z = G_CONVERTER(
	    g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
	char buf[CHUNK];

	*used = 0;
	for (;;) {
		g_autoptr(GError) err = NULL;
		gsize took = 0, made = 0;
		GConverterResult r = g_converter_convert(z, s + *used,
		    len - *used, buf, sizeof(buf),
		    G_CONVERTER_INPUT_AT_END, &took, &made, &err);

		if (r == G_CONVERTER_ERROR) {
			defect(g->x, "%s: the gzip file is damaged.", g->name);
			return false;
		}
		*used += took;
		if (g->out->len == 0 && made > 0 &&
		    !begins_well(g, buf, made))
			return false;
		if (!grow(g, buf, made))
			return false;
		if (r == G_CONVERTER_FINISHED)
			return true;
	}
}

static void
open_gzip(struct archives *x, const uint8_t *s, size_t len, const char *name)
{
	const char *inner = gzip_name(x, s, len);
	struct growing g = {.x = x, .name = name,
	    .out = arena_gstring(x->a), .packed = len};
	size_t used;

	for (int i = 0; len > 0; i++) {
		/* zeros or other bytes behind the last are padding */
		if (i > 0 && archive_kind(s, len) != ARCHIVE_GZIP)
			break;
		if (i == ARCHIVE_MEMBERS_MAX) {
			defect(x, "%s: more than %d gzip members.", name,
			    ARCHIVE_MEMBERS_MAX);
			break;
		}
		if (!gzip_member(&g, s, len, &used))
			break;
		s += used;
		len -= used;
	}
	if (x->left == 0)
		full(x, name);
	keep(&g, inner);
}

/* ---- ZIP ---------------------------------------------------------------- */

/*
 * How many entries libzip might find.  It reads the whole list into tables
 * before it can be asked, so the marks are counted in the bytes; that one
 * stands in packed data by chance happens once in 4 GB.
 */
static size_t
count_entries(const char *s, size_t len)
{
	const char *end = s + len;
	size_t n = 0;

	while ((s = memmem(s, (size_t)(end - s), "PK\x01\x02", 4)) != NULL &&
	    n <= ARCHIVE_ENTRIES_MAX) {
		n++;
		s += 4;
	}
	return n;
}

static void
zip_entry(struct archives *x, zip_t *z, zip_uint64_t i, const char *archive)
{
	const char *raw = zip_get_name(z, i, ZIP_FL_ENC_RAW);
	const char *name = clean_name(x, raw != NULL ? raw : "",
	    raw != NULL ? strlen(raw) : 0);
	struct growing g = {.x = x,
	    .name = arena_printf(x->a, "%s/%s", archive, name)};
	zip_stat_t st;
	zip_file_t *f;
	zip_int64_t n;
	char buf[CHUNK];

	if (zip_stat_index(z, i, 0, &st) != 0 ||
	    (raw != NULL && text_iends(raw, "/")))
		return; /* a folder */
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
	    st.encryption_method != ZIP_EM_NONE) {
		defect(x, "%s is encrypted and was not read.", g.name);
		return;
	}
	if ((st.valid & ZIP_STAT_COMP_METHOD) != 0 &&
	    st.comp_method != ZIP_CM_STORE &&
	    st.comp_method != ZIP_CM_DEFLATE) {
		defect(x, "%s is packed in a way that is not read.", g.name);
		return;
	}
	f = zip_fopen_index(z, i, 0);
	if (f == NULL) {
		defect(x, "%s cannot be unpacked.", g.name);
		return;
	}
	g.out = arena_gstring(x->a);
	g.packed = (st.valid & ZIP_STAT_COMP_SIZE) != 0 ? st.comp_size : 0;
	while ((n = zip_fread(f, buf, sizeof(buf))) > 0) {
		if (g.out->len == 0 && !begins_well(&g, buf, (size_t)n))
			break;
		if (!grow(&g, buf, (size_t)n))
			break;
	}
	if (n < 0)
		defect(x, "%s is damaged.", g.name);
	zip_fclose(f);
	keep(&g, name);
}

/* A workbook is a ZIP of XML files. */
static bool
is_office(zip_t *z)
{
	return zip_name_locate(z, "[Content_Types].xml", 0) >= 0 ||
	    zip_name_locate(z, "META-INF/manifest.xml", 0) >= 0;
}

/* Entries that share their bytes hold more than there is: nobody packs so
 * but for harm. */
static bool
overlaps(zip_t *z, size_t n, size_t len)
{
	zip_uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		zip_stat_t st;

		if (zip_stat_index(z, i, 0, &st) != 0 ||
		    (st.valid & ZIP_STAT_COMP_SIZE) == 0)
			continue;
		if (st.comp_size > len - sum)
			return true;
		sum += st.comp_size;
	}
	return false;
}

static void
open_zip(struct archives *x, const char *s, size_t len, const char *name)
{
	zip_error_t why;
	zip_source_t *src;
	zip_t *z;
	size_t n = count_entries(s, len);

	if (n > ARCHIVE_ENTRIES_MAX) {
		defect(x, "%s: more than %d files are packed in it; it was "
		    "not opened.", name, ARCHIVE_ENTRIES_MAX);
		return;
	}
	zip_error_init(&why);
	src = zip_source_buffer_create(s, len, 0, &why);
	z = src != NULL ? zip_open_from_source(src, ZIP_RDONLY, &why) : NULL;
	if (z == NULL) {
		defect(x, "%s: the ZIP file is damaged.", name);
		zip_source_free(src);
		zip_error_fini(&why);
		return;
	}
	n = (size_t)MAX(zip_get_num_entries(z, 0), 0);
	if (overlaps(z, n, len)) {
		defect(x, "%s: the files in it overlap; it was not opened.",
		    name);
	} else if (is_office(z)) {
		if (zip_name_locate(z, "xl/workbook.xml", 0) >= 0 ||
		    zip_name_locate(z, "content.xml", 0) >= 0)
			defect(x, "%s is a spreadsheet or document: it was "
			    "not read.", name);
	} else {
		for (size_t i = 0; i < n && x->left > 0; i++)
			zip_entry(x, z, i, name);
		if (x->left == 0)
			full(x, name);
	}
	zip_discard(z);
	zip_error_fini(&why);
}

void
archive_open(struct archives *x, const void *bytes, size_t len,
    const char *name)
{
	enum archive_kind kind = archive_kind(bytes, len);

	if (name == NULL)
		name = "An archive";
	if (kind == ARCHIVE_NONE)
		return;
	if (kind == ARCHIVE_OTHER) {
		defect(x, "%s is packed in a way that is not read.", name);
		return;
	}
	if (x->opened++ >= ARCHIVES_MAX || x->left == 0) {
		if (x->opened == ARCHIVES_MAX + 1)
			defect(x, "More than %d archives; the rest was not "
			    "opened.", ARCHIVES_MAX);
		return;
	}
	if (kind == ARCHIVE_GZIP)
		open_gzip(x, bytes, len, name);
	else
		open_zip(x, bytes, len, name);
}
