/*
 * bench_parse SECONDS FOLDER: hands every *.eml below FOLDER to a parser
 * child again and again, as intake does, and prints how many and the CPU
 * seconds of this process and the child.
 */
#include "base/base.h"
#include "base/conf.h"
#include "inspect/process/pool.h"
#include "inspect/recognise/recognise.h"

#include "mails.h"

static void
one(const struct mail_file *f, void *ctx)
{
	struct arena *a = arena_new("message");
	struct inspection in;
	GError *why = NULL;

	if (!pool_inspect(ctx, a, blob_of(a, f->bytes, f->len), &in, &why))
		errx(2, "%s", why->message);
	arena_free(a);
}

int
main(int argc, char **argv)
{
	struct arena *a;
	const struct conf *c;
	const struct recognisers *known;
	struct pool *p;
	int code;

	if (pool_child_main(argc, argv, &code))
		return code;
	a = arena_new("bench");
	if (!conf_load(a, NULL, &c, NULL) ||
	    !recognise_load(a, SRCDIR "/templates/recognise", NULL, &known,
		NULL) || !pool_new(c, known, &p, NULL))
		errx(2, "no parser");
	mails_run(argc, argv, one, p);
	pool_free(p);
	mails_print();
	arena_free(a);
	return 0;
}
