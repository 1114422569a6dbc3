/* See log.h. */
#include "base/base.h"
#include "base/log.h"

#include <unistd.h>

/* The one knob of the log; main sets it before threads start. */
static enum log_level log_limit = LOG_INFO;

void
log_set_level(enum log_level level)
{
	log_limit = level;
}

static bool
needs_quotes(const char *s)
{
	if (*s == '\0')
		return true;
	for (; *s != '\0'; s++)
		if (*s == ' ' || *s == '"' || *s == '=')
			return true;
	return false;
}

static void
append_value(GString *line, const char *s)
{
	bool quote;
	size_t n = 0;

	if (s == NULL) {
		g_string_append_c(line, '-');
		return;
	}
	quote = needs_quotes(s);
	if (quote)
		g_string_append_c(line, '"');
	for (; *s != '\0' && n < LOG_VALUE_MAX; s++, n++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			g_string_append_printf(line, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			g_string_append_printf(line, "\\x%02x", c);
		else
			g_string_append_c(line, (char)c);
	}
	if (*s != '\0')
		g_string_append(line, "...");
	if (quote)
		g_string_append_c(line, '"');
}

void
log_write(enum log_level level, const char *event, const struct log_kv *kv,
    size_t n)
{
	g_autoptr(GString) line = NULL;
	ssize_t done;

	if (level > log_limit)
		return;
	line = g_string_sized_new(200);
	if (!isatty(STDERR_FILENO))
		g_string_append_printf(line, "<%d>", (int)level);
	g_string_append(line, event);
	for (size_t i = 0; i < n; i++) {
		g_string_append_printf(line, " %s=", kv[i].key);
		if (kv[i].kind == 'i')
			g_string_append_printf(line, "%" PRId64, kv[i].number);
		else
			append_value(line, kv[i].text);
	}
	g_string_append_c(line, '\n');
	/* A log that cannot be written must not stop the desk. */
	done = write(STDERR_FILENO, line->str, line->len);
	(void)done;
}

void
log_fault(const char *event, const GError *err)
{
	log_at((enum log_level)fault_level(err), event,
	    LOG_S("kind", fault_name(fault_kind(err))),
	    LOG_S("why", err != NULL ? err->message : "no reason given"));
}
