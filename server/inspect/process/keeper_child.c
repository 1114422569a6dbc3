/*
 * Life of the keeper (keeper.h): shut the doors, then one question after
 * the other until the socket closes.
 *
 * A gpg that hangs is ended by SIGALRM, which ends the whole process group:
 * the keeper too, and the daemon or the supervisor starts the next one.
 */
#include "base/base.h"
#include "inspect/process/keep.h"
#include "inspect/process/keeper.h"
#include "inspect/process/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "base/when.h"
#include "mail/parse.h"
#include "mail/pgp.h"

struct keeping {
	struct pgp *pgp;
	const GError *why_not; /* there is no pgp */
	size_t plain_max;
	unsigned wall;
};

/* The bytes that a request is about. */
struct source {
	const char *bytes;
	size_t len;
};

struct mapping {
	void *at;
	size_t len;
};

static void
unmap(void *p)
{
	struct mapping *m = p;

	munmap(m->at, m->len);
}

/* Up to the end of what the ranges need; the file is no shorter, or reading
 * it would end us. */
static bool
map_source(struct arena *a, int fd, const struct keep_request *req,
    struct source *out)
{
	struct mapping *m = ARENA_NEW(a, struct mapping);
	off_t size = lseek(fd, 0, SEEK_END);
	uint64_t need = MAX(req->part.at + req->part.len,
	    req->signature.at + req->signature.len);

	if (size < 0 || need > (uint64_t)size)
		return false;
	out->bytes = "";
	out->len = (size_t)size;
	if (size == 0)
		return true;
	m->len = (size_t)size;
	m->at = mmap(NULL, m->len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (m->at == MAP_FAILED)
		return false;
	arena_defer(a, unmap, m);
	out->bytes = m->at;
	return true;
}

static struct source
part_of(struct arena *a, const struct source *s, const struct keep_range *r)
{
	struct source out = {s->bytes + r->at, r->len};

	if (r->encoding != MAIL_IDENTITY && r->encoding <= MAIL_UU)
		out.bytes = mail_undo(a, (enum mail_encoding)r->encoding,
		    s->bytes + r->at, r->len, &out.len);
	return out;
}

/* ---- answers -------------------------------------------------------------- */

static bool
answer(GString *json, bool ok, int fd, size_t plain)
{
	struct keep_answer head = {.magic = KEEP_MAGIC, .ok = ok,
	    .len = json->len, .plain = fd >= 0 ? plain : 0};

	return json->len <= KEEP_JSON_MAX &&
	    proc_send(PROC_FD, &head, sizeof(head), &fd, fd >= 0 ? 1 : 0) &&
	    proc_send_all(PROC_FD, json->str, json->len);
}

static bool
refuse(struct arena *a, const GError *why)
{
	GString *json = arena_gstring(a);
	struct json_out w = json_out(json);

	json_begin(&w, '{');
	json_text(&w, "error", why->message);
	json_bool(&w, "again", fault_is(why, FAULT_BUSY));
	json_end(&w, '}');
	return answer(json, false, -1, 0);
}

/* A file in memory of what gpg writes; -1: there is none. */
static int
output(GError **err)
{
	int fd = memfd_create("tocsin-opened", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		fault_set(err, FAULT_BUSY, "There is no memory for it.");
	return fd;
}

/* Whoever maps it must not see it shrink. */
static size_t
finish(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);

	fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
		F_SEAL_WRITE);
	return (size_t)MAX(len, 0);
}

static void
put_result(GString *json, const struct pgp_result *r)
{
	struct json_out w = json_out(json);

	json_begin(&w, '{');
	json_bool(&w, "encrypted", r->encrypted);
	json_bool(&w, "opened", r->opened);
	json_text(&w, "reason", r->reason);
	json_text(&w, "keys", r->keys);
	json_key(&w, "signatures");
	json_begin(&w, '[');
	for (size_t i = 0; i < r->n; i++) {
		const struct pgp_signature *s = &r->signatures[i];

		json_begin(&w, '{');
		json_text(&w, "state", s->state);
		json_text(&w, "fingerprint", s->fingerprint);
		json_text(&w, "signer", s->signer);
		json_int(&w, "made", s->made);
		if (strcmp(s->state, "good") != 0)
			json_text(&w, "reason", r->reason);
		json_end(&w, '}');
	}
	json_end(&w, ']');
	json_end(&w, '}');
}

static bool
decrypt(struct keeping *k, struct arena *a, struct source part)
{
	g_autoptr(GError) why = NULL;
	GString *json = arena_gstring(a);
	struct pgp_result r;
	size_t len = 0;
	int fd = output(&why);
	bool ok;

	if (fd < 0)
		return refuse(a, why);
	pgp_decrypt(k->pgp, a, part.bytes, part.len, fd, k->plain_max, &r);
	if (r.opened)
		len = finish(fd);
	put_result(json, &r);
	ok = answer(json, true, r.opened ? fd : -1, len);
	close(fd);
	return ok;
}

static bool
verify(struct keeping *k, struct arena *a, const struct source *s,
    const struct keep_request *req)
{
	struct source part = part_of(a, s, &req->part), sig = {NULL, 0};
	GString *json = arena_gstring(a);
	struct pgp_result r;

	if (req->kind == KEEP_VERIFY)
		sig = part_of(a, s, &req->signature);
	pgp_verify(k->pgp, a, part.bytes, part.len, sig.bytes, sig.len, &r);
	put_result(json, &r);
	return answer(json, true, -1, 0);
}

static bool
tell_keys(struct arena *a, const struct list *keys)
{
	GString *json = arena_gstring(a);
	struct json_out w = json_out(json);

	json_begin(&w, '{');
	json_key(&w, "keys");
	json_begin(&w, '[');
	for (size_t i = 0; i < keys->n; i++) {
		const struct pgp_key *k = LIST_AT(pgp_key, *keys, i);
		g_autofree char *ids =
		    g_strjoinv(" ", (char **)(uintptr_t)k->ids);
		g_autofree char *addresses =
		    g_strjoinv(" ", (char **)(uintptr_t)k->addresses);

		json_begin(&w, '{');
		json_text(&w, "fingerprint", k->fingerprint);
		json_text(&w, "uid", k->uid);
		json_text(&w, "ids", ids);
		json_text(&w, "addresses", addresses);
		json_int(&w, "expires", k->expires);
		json_bool(&w, "revoked", k->revoked);
		json_text(&w, "data", k->data);
		json_end(&w, '}');
	}
	json_end(&w, ']');
	json_end(&w, '}');
	return answer(json, true, -1, 0);
}

static bool
keys(struct keeping *k, struct arena *a, const struct source *s,
    const struct keep_request *req)
{
	g_autoptr(GError) why = NULL;
	struct list list;
	bool ok = req->kind == KEEP_OWN
	    ? pgp_own(k->pgp, a, &list, &why)
	    : pgp_import(k->pgp, a, s->bytes + req->part.at, req->part.len,
		  &list, &why);

	return ok ? tell_keys(a, &list) : refuse(a, why);
}

/* ---- what leaves ---------------------------------------------------------- */

static bool
sign(struct keeping *k, struct arena *a, struct source part)
{
	GString *json = arena_gstring(a);
	struct json_out w = json_out(json);
	g_autoptr(GError) why = NULL;
	struct pgp_signed s;

	if (!pgp_sign(k->pgp, a, part.bytes, part.len, &s, &why))
		return refuse(a, why);
	json_begin(&w, '{');
	json_text(&w, "signature", s.armored);
	json_text(&w, "micalg", s.micalg);
	json_text(&w, "signer", s.fingerprint);
	json_end(&w, '}');
	return answer(json, true, -1, 0);
}

static bool
is_fingerprint(const char *s)
{
	size_t n = strspn(s, "0123456789ABCDEF");

	return s[n] == '\0' && n >= 40 && n <= PGP_HEX_MAX;
}

/* The lines of fingerprints into to, and their keys into gpg's ring. */
static bool
take_orders(struct keeping *k, struct arena *a, struct source orders,
    const char **to, GError **err)
{
	char *text = arena_strndup(a, orders.bytes, orders.len), *next = text;
	size_t n = 0;

	for (char *line = text; *line != '\0'; line = next) {
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] == '\n' ? 1 : 0);
		line[len] = '\0';
		if (len == 0)
			break;
		if (n == PGP_TO_MAX || !is_fingerprint(line))
			return fault_set(err, FAULT_BUG,
			    "Nonsense where fingerprints should be.");
		to[n++] = line;
	}
	return pgp_learn(k->pgp, next, strlen(next), err);
}

static bool
encrypt(struct keeping *k, struct arena *a, struct source part,
    struct source orders, bool sign_too)
{
	const char *to[PGP_TO_MAX + 1] = {NULL}, *signer;
	GString *json = arena_gstring(a);
	struct json_out w = json_out(json);
	g_autoptr(GError) why = NULL;
	size_t len = 0;
	int fd = output(&why);
	bool ok = fd >= 0 && take_orders(k, a, orders, to, &why) &&
	    pgp_encrypt(k->pgp, a, part.bytes, part.len, to, sign_too, fd,
		k->plain_max, &signer, &why);

	if (ok) {
		len = finish(fd);
		json_begin(&w, '{');
		json_text(&w, "signer", signer);
		json_end(&w, '}');
		ok = answer(json, true, fd, len);
	} else {
		ok = refuse(a, why);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

/* ---- the loop ------------------------------------------------------------- */

static void
on_alarm(int sig)
{
	(void)sig;
	/* gpg and whatever it waits for; the agent has its own group */
	kill(0, SIGKILL);
}

/* The next seconds of CPU are for one question, gpg's share included: a
 * child inherits the limit. */
static void
allow_cpu(unsigned seconds)
{
	struct rusage ru;
	struct rlimit lim = {.rlim_max = RLIM_INFINITY};

	getrusage(RUSAGE_SELF, &ru);
	lim.rlim_cur = (rlim_t)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec + 1 +
	    seconds);
	setrlimit(RLIMIT_CPU, &lim);
}

static bool
serve_one(struct keeping *k, const struct keep_request *req, int fd)
{
	ARENA_AUTO(a, "question");
	struct source s = {"", 0};

	if (k->pgp == NULL)
		return refuse(a, k->why_not);
	if (fd >= 0 && !map_source(a, fd, req, &s))
		return false;
	switch (req->kind) {
	case KEEP_DECRYPT:
		return decrypt(k, a, part_of(a, &s, &req->part));
	case KEEP_VERIFY:
	case KEEP_CLEAR:
		return verify(k, a, &s, req);
	case KEEP_IMPORT:
	case KEEP_OWN:
		return keys(k, a, &s, req);
	case KEEP_SIGN:
		return sign(k, a, part_of(a, &s, &req->part));
	case KEEP_ENCRYPT:
	case KEEP_SEAL:
		return encrypt(k, a, part_of(a, &s, &req->part),
		    part_of(a, &s, &req->signature), req->kind == KEEP_SEAL);
	case KEEP_PING: {
		GString *json = arena_gstring(a);

		g_string_assign(json, "{}");
		return answer(json, true, -1, 0);
	}
	default:
		return false;
	}
}

/* Waits for a question; an agent that is not needed goes meanwhile. */
static void
idle(struct keeping *k)
{
	struct pollfd pfd = {.fd = PROC_FD, .events = POLLIN};

	if (k->pgp == NULL || !pgp_busy(k->pgp))
		return;
	while (poll(&pfd, 1, KEEP_IDLE_MS) < 0 && errno == EINTR)
		;
	if (pfd.revents == 0)
		pgp_rest(k->pgp);
}

static void
serve(struct keeping *k)
{
	struct keep_request req;
	int fds[PROC_FDS_MAX];
	size_t n;
	bool ok = true;

	while (ok) {
		idle(k);
		if (!proc_receive(PROC_FD, &req, sizeof(req), fds, &n))
			break;
		alarm(k->wall);
		allow_cpu(k->wall);
		if (k->pgp != NULL)
			pgp_begin(k->pgp);
		ok = req.magic == KEEP_MAGIC && n <= 1 &&
		    serve_one(k, &req, n == 1 ? fds[0] : -1);
		if (k->pgp != NULL)
			pgp_end(k->pgp);
		alarm(0);
		proc_close(fds, n);
	}
	if (k->pgp != NULL) {
		alarm(k->wall);
		pgp_rest(k->pgp);
	}
}

bool
keeper_child_main(int argc, char **argv, int *code)
{
	struct arena *a;
	struct keeping k = {0};
	g_autoptr(GError) why = NULL;
	int64_t wall, plain;

	if (argc < 1 || strcmp(argv[0], KEEP_NAME) != 0)
		return false;
	*code = 2;
	if (argc != KEEP_ARGS ||
	    !text_int(argv[KEEP_ARG_WALL], 1, 600, &wall) ||
	    !text_int(argv[KEEP_ARG_PLAIN], 1, INT32_MAX, &plain))
		return true;
	k.wall = (unsigned)wall;
	k.plain_max = (size_t)plain;
	setpgid(0, 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGALRM, on_alarm);
	umask(0077);
	/* what systemd says of its socket is not gpg's to know */
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 0);
	if (!sandbox_keep(KEEP_MEMORY, k.plain_max + KEEP_SPARE, KEEP_NOFILE))
		return true;
	a = arena_new("keeper");
	alarm(k.wall);
	if (!pgp_new(a, argv[KEEP_ARG_HOME], argv[KEEP_ARG_PASSPHRASE],
		&k.pgp, &why))
		k.why_not = why;
	alarm(0);
	serve(&k);
	arena_free(a);
	*code = 0;
	return true;
}
