/* Mail made to hurt its reader, read in a child within its bounds. */
#ifndef TESTS_UNIT_HOSTILE_H
#define TESTS_UNIT_HOSTILE_H

#include "base/base.h"
#include "base/conf.h"
#include "inspect/inspect.h"
#include "inspect/recognise/recognise.h"
#include "mail/canonical.h"
#include "unit.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SLOWER = 20 };
#else
enum { SLOWER = 1 };
#endif

enum { HOSTILE_SECONDS = 2 }; /* of CPU for one of these, on a slow machine */

static const struct conf *conf;
static const struct recognisers *known;

static const char head[] = "From: a@b.example\r\nTo: report@c.example\r\n"
			   "Subject: hostile\r\n";

static inline void
repeat(GString *s, size_t n, const char *what)
{
	while (n-- > 0)
		g_string_append(s, what);
}

/* A literal with two %d, so that the compiler sees them: a macro. */
#define counted(s, n, fmt)                                                    \
	do {                                                                  \
		for (int i_ = 0; i_ < (n); i_++)                              \
			g_string_append_printf(s, fmt, i_, i_);               \
	} while (0)

struct hostile_mail {
	const char *what;
	void (*make)(GString *s);
	bool defect; /* something is cut, and said so */
};

/* In a child, as in life (inspect/process/pool.h): 0 when all is well. */
static inline int
read_one(const struct hostile_mail *m)
{
	struct rlimit lim = {(rlim_t)conf->parser_cpu * SLOWER,
	    (rlim_t)conf->parser_cpu * SLOWER};
	struct arena *a = arena_new("hostile");
	GString *s = g_string_new(head), *packed = arena_gstring(a);
	struct inspection in;
	struct rusage ru;
	const char *bytes;
	double used;
	size_t n;

	m->make(s);
	bytes = mail_canonical(a, s->str, s->len, &n);
	getrusage(RUSAGE_SELF, &ru);
	used = -(double)ru.ru_utime.tv_sec - (double)ru.ru_utime.tv_usec / 1e6;
	setrlimit(RLIMIT_CPU, &lim);
	if (SLOWER == 1) {
		lim.rlim_cur = lim.rlim_max = (rlim_t)conf->parser_memory;
		setrlimit(RLIMIT_AS, &lim);
	}
	inspect_message(a, conf, known, bytes, n, false, &in);
	inspect_pack(&in, packed);
	getrusage(RUSAGE_SELF, &ru);
	used += (double)ru.ru_utime.tv_sec + (double)ru.ru_utime.tv_usec / 1e6;
	print_message("# %s: %.2f s, %ld MB, %zu defects\n", m->what,
	    used, ru.ru_maxrss / 1024, in.defects.n);
	/* the parent takes what the child says */
	if (!inspect_unpack(a, packed->str, packed->len, &in, NULL))
		return 4;
	g_string_free(s, TRUE);
	arena_free(a);
	return (used > HOSTILE_SECONDS * SLOWER ? 2 : 0) |
	    (m->defect && in.defects.n == 0 ? 1 : 0);
}

static inline void
read_all(const struct hostile_mail *mails, size_t n)
{
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(read_one(&mails[i]));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status == 0)
			continue;
		bad++;
		if (WIFSIGNALED(status))
			print_message("# %s: died by signal %d\n",
			    mails[i].what, WTERMSIG(status));
		else
			print_message("# %s:%s%s%s\n", mails[i].what,
			    WEXITSTATUS(status) & 1 ? " no defect" : "",
			    WEXITSTATUS(status) & 2 ? " slow" : "",
			    WEXITSTATUS(status) & 4 ? " refused by the parent"
						    : "");
	}
	assert_int_equal(bad, 0);
}

static inline int
load(void **state)
{
	static struct arena *a;

	a = arena_new("conf");
	*state = a;
	return conf_load(a, NULL, &conf, NULL) &&
		recognise_load(a, SRCDIR "/templates/recognise", NULL, &known,
		    NULL) ? 0 : 1;
}

static inline int
unload(void **state)
{
	arena_free(*state);
	return 0;
}

#endif
