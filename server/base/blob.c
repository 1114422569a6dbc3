/* See blob.h. */
#include "base/base.h"
#include "base/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* First piece of memory: a short report fits. */
enum { BLOB_FIRST = 4096 };

struct blob {
	struct arena *arena;
	size_t spill_at, len, room; /* room: of mem */
	const char *dir;
	unsigned char *mem; /* NULL when spilled or empty */
	void *map;          /* of the finished spill file */
	int write_fd, read_fd;
	bool finished;
};

static void
blob_close(void *ptr)
{
	struct blob *b = ptr;

	if (b->map != NULL)
		munmap(b->map, b->len);
	if (b->write_fd >= 0)
		close(b->write_fd);
	if (b->read_fd >= 0)
		close(b->read_fd);
	g_free(b->mem);
}

struct blob *
blob_new(struct arena *a, size_t spill_at, const char *dir)
{
	struct blob *b = ARENA_NEW(a, struct blob);

	b->arena = a;
	b->spill_at = spill_at;
	b->dir = dir;
	b->write_fd = b->read_fd = -1;
	arena_defer(a, blob_close, b);
	return b;
}

static bool
disk_fault(GError **err, const char *what)
{
	int e = errno;

	return fault_set(err, FAULT_BUSY, "A message could not be kept: %s: %s.",
	    what, g_strerror(e));
}

static bool
write_all(int fd, const unsigned char *p, size_t n, GError **err)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return disk_fault(err, "write");
		p += done;
		n -= (size_t)done;
	}
	return true;
}

/* Two descriptors of one file that has lost its name: ours to write, and
 * one for reading that others may be given. */
static bool
spill(struct blob *b, GError **err)
{
	g_autofree char *path = g_strdup_printf("%s/spill-XXXXXX", b->dir);
	bool ok = true;

	b->write_fd = mkostemp(path, O_CLOEXEC);
	if (b->write_fd < 0)
		return disk_fault(err, b->dir);
	b->read_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (b->read_fd < 0)
		ok = disk_fault(err, "open");
	unlink(path);
	if (!ok || !write_all(b->write_fd, b->mem, b->len, err))
		return false;
	g_clear_pointer(&b->mem, g_free);
	b->room = 0;
	return true;
}

bool
blob_append(struct blob *b, const void *bytes, size_t n, GError **err)
{
	g_assert(!b->finished);
	if (n == 0)
		return true;
	if (b->write_fd < 0 && n > b->spill_at - MIN(b->len, b->spill_at) &&
	    !spill(b, err))
		return false;
	if (b->write_fd >= 0) {
		if (!write_all(b->write_fd, bytes, n, err))
			return false;
	} else {
		if (b->room - b->len < n) {
			size_t room = MAX(b->room * 2, (size_t)BLOB_FIRST);

			b->room = MAX(MIN(room, b->spill_at), b->len + n);
			b->mem = g_realloc(b->mem, b->room);
		}
		memcpy(b->mem + b->len, bytes, n);
	}
	b->len += n;
	return true;
}

bool
blob_finish(struct blob *b, GError **err)
{
	void *map;

	if (b->finished)
		return true;
	if (b->write_fd >= 0) {
		map = mmap(NULL, b->len, PROT_READ, MAP_PRIVATE, b->read_fd, 0);
		if (map == MAP_FAILED)
			return disk_fault(err, "mmap");
		b->map = map;
		close(b->write_fd);
		b->write_fd = -1;
	}
	b->finished = true;
	return true;
}

const void *
blob_bytes(const struct blob *b)
{
	g_assert(b->finished);
	if (b->map != NULL)
		return b->map;
	return b->mem != NULL ? (const void *)b->mem : "";
}

size_t
blob_len(const struct blob *b)
{
	return b->len;
}

bool
blob_spilled(const struct blob *b)
{
	return b->map != NULL || b->write_fd >= 0;
}

int
blob_fd(struct blob *b, GError **err)
{
	int fd;

	g_assert(b->finished);
	if (b->read_fd >= 0)
		return b->read_fd;
	fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0) {
		disk_fault(err, "memfd_create");
		return -1;
	}
	if (!write_all(fd, b->mem, b->len, err)) {
		close(fd);
		return -1;
	}
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0) {
		disk_fault(err, "seal");
		close(fd);
		return -1;
	}
	b->read_fd = fd;
	return fd;
}

struct blob *
blob_of(struct arena *a, const void *bytes, size_t n)
{
	struct blob *b = blob_new(a, n, NULL);

	/* Within spill_at nothing can fail. */
	(void)blob_append(b, bytes, n, NULL);
	b->finished = true;
	return b;
}
