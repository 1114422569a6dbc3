/*
 * The log: one line an event on stderr, `<level> event key=value ...`.
 *
 *	log_info("delivery.sent", LOG_I("delivery", id), LOG_S("to", addr));
 *	-> <6>delivery.sent delivery=8812 to=a@b.example
 *
 * Event names are `area.verb` and stable: people grep and count them.
 * Values are escaped (control bytes, quotes); a value with a blank is
 * quoted.  Never log message bodies, passwords, tokens.
 *
 * Thread: any; one line is one write(2), so lines never mix.
 * The `<n>` prefix is systemd's; it is left out when stderr is a terminal.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <glib.h>
#include <stdint.h>

enum log_level {
	LOG_CRIT = 2,
	LOG_ERR = 3,
	LOG_WARNING = 4,
	LOG_NOTICE = 5,
	LOG_INFO = 6,
	LOG_DEBUG = 7,
};

/* Longest value printed; the rest is cut and marked. */
enum { LOG_VALUE_MAX = 500 };

struct log_kv {
	const char *key;
	const char *text; /* when kind is 's' */
	int64_t number;   /* when kind is 'i' */
	char kind;
};

#define LOG_S(k, v) ((struct log_kv){.key = (k), .text = (v), .kind = 's'})
#define LOG_I(k, v) ((struct log_kv){.key = (k), .number = (v), .kind = 'i'})

void log_write(enum log_level level, const char *event,
    const struct log_kv *kv, size_t n);

/* Lines above this level are dropped; set once by main. */
void log_set_level(enum log_level level);

/* err's message and kind, at the level that its kind asks for. */
void log_fault(const char *event, const GError *err);

#define LOG_KV_(...) (const struct log_kv[]){__VA_ARGS__}
#define log_at(level, event, ...)                                             \
	log_write((level), (event),                                           \
	    LOG_KV_((struct log_kv){0}, ##__VA_ARGS__) + 1,                   \
	    sizeof(LOG_KV_((struct log_kv){0}, ##__VA_ARGS__)) /              \
		    sizeof(struct log_kv) - 1)

#define log_crit(event, ...)    log_at(LOG_CRIT, event, ##__VA_ARGS__)
#define log_error(event, ...)   log_at(LOG_ERR, event, ##__VA_ARGS__)
#define log_warning(event, ...) log_at(LOG_WARNING, event, ##__VA_ARGS__)
#define log_notice(event, ...)  log_at(LOG_NOTICE, event, ##__VA_ARGS__)
#define log_info(event, ...)    log_at(LOG_INFO, event, ##__VA_ARGS__)
#define log_debug(event, ...)   log_at(LOG_DEBUG, event, ##__VA_ARGS__)

#endif
