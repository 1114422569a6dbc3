/*
 * What the two readers of mail share: the files of a folder, run through a
 * function for some seconds, and the CPU that it took.
 */
#ifndef BENCH_MAILS_H
#define BENCH_MAILS_H

#include <fts.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

#include "load.h"

enum { MAILS_MAX = 1000 };

struct mail_file {
	char *bytes;
	size_t len;
};

static struct {
	struct mail_file files[MAILS_MAX];
	size_t n;
	unsigned long done;
} mails;

static inline void
mails_load(char *folder)
{
	char *const roots[] = {folder, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	while (fts != NULL && (e = fts_read(fts)) != NULL &&
	    mails.n < MAILS_MAX) {
		struct mail_file *f = &mails.files[mails.n];
		FILE *in;

		if (e->fts_info != FTS_F || e->fts_namelen < 4 ||
		    strcmp(e->fts_name + e->fts_namelen - 4, ".eml") != 0)
			continue;
		f->len = (size_t)e->fts_statp->st_size;
		f->bytes = malloc(f->len + 1);
		in = fopen(e->fts_accpath, "re");
		if (f->bytes == NULL || in == NULL ||
		    fread(f->bytes, 1, f->len, in) != f->len)
			err(2, "%s", e->fts_path);
		fclose(in);
		mails.n++;
	}
	if (fts != NULL)
		fts_close(fts);
	if (mails.n == 0)
		errx(2, "no mail below %s", folder);
}

static inline void
mails_run(int argc, char **argv, void (*one)(const struct mail_file *, void *),
    void *ctx)
{
	double end;

	if (argc != 3)
		errx(2, "usage: %s SECONDS FOLDER", argv[0]);
	mails_load(argv[2]);
	end = now() + atof(argv[1]);
	do
		for (size_t i = 0; i < mails.n; i++, mails.done++)
			one(&mails.files[i], ctx);
	while (now() < end);
}

/* Children count once they have ended. */
static inline void
mails_print(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	timeradd(&self.ru_utime, &self.ru_stime, &self.ru_utime);
	timeradd(&children.ru_utime, &children.ru_stime, &children.ru_utime);
	timeradd(&self.ru_utime, &children.ru_utime, &self.ru_utime);
	printf("%lu %ld.%06ld\n", mails.done, (long)self.ru_utime.tv_sec,
	    (long)self.ru_utime.tv_usec);
}

#endif
