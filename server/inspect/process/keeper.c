/* The daemon's side of the keeper: see keeper.h. */
#include "base/base.h"
#include "inspect/process/keep.h"
#include "inspect/process/keeper.h"

#include <errno.h>
#include <unistd.h>

#include "base/conf.h"
#include "base/text.h"
#include "base/when.h"
#include "mail/parse.h"
#include "mail/pgp.h"

DESC_TABLE(keeper_key, KEEPER_KEY);

#define MICALG "abcdefghijklmnopqrstuvwxyz0123456789-"

enum { PING_MS = 5000 };

struct keeper {
	GMutex lock;
	GCond freed;
	bool busy;
	struct proc proc;
	struct arena *arena;
	char **argv;
	const char *socket;
	int64_t wall;
	int64_t rest; /* seconds of none after one that was too late */
	int64_t until; /* when_ticks: it rests so long */
	size_t plain_max;
};

/* ---- its life ------------------------------------------------------------- */

static void
make(const struct conf *c, int64_t wall, int64_t rest, struct keeper **out)
{
	struct arena *a;
	struct keeper *k;

	*out = NULL;
	if (!conf_has_keeper(c))
		return;
	a = arena_new("keeper");
	k = ARENA_NEW(a, struct keeper);
	k->arena = a;
	k->socket = arena_strdup(a, c->pgp_socket);
	k->wall = wall * WHEN_SECOND;
	k->rest = rest * WHEN_SECOND;
	k->plain_max = (size_t)c->pgp_plain_max;
	k->argv = ARENA_ARRAY(a, char *, KEEP_ARGS + 1);
	k->argv[0] = arena_strdup(a, KEEP_NAME);
	k->argv[KEEP_ARG_HOME] = arena_strdup(a, c->pgp_home);
	k->argv[KEEP_ARG_PASSPHRASE] =
	    arena_strdup(a, c->pgp_passphrase_file);
	k->argv[KEEP_ARG_WALL] = arena_printf(a, "%" PRId64, wall);
	k->argv[KEEP_ARG_PLAIN] =
	    arena_printf(a, "%" PRId64, c->pgp_plain_max);
	g_mutex_init(&k->lock);
	g_cond_init(&k->freed);
	*out = k;
}

void
keeper_new(const struct conf *c, struct keeper **out)
{
	make(c, c->pgp_wall, 0, out);
}

void
keeper_new_sealing(const struct conf *c, struct keeper **out)
{
	make(c, MIN(c->pgp_wall, KEEPER_SEAL_WALL), KEEPER_REST, out);
}

void
keeper_free(struct keeper *k)
{
	if (k == NULL)
		return;
	proc_end(&k->proc, false, NULL);
	g_cond_clear(&k->freed);
	g_mutex_clear(&k->lock);
	arena_free(k->arena);
}

static bool
start(struct keeper *k, GError **err)
{
	static const char *const keep[] = {"PATH=", NULL};

	return *k->socket != '\0' ? proc_connect(&k->proc, k->socket, err)
				  : proc_start(&k->proc, k->argv,
			PROC_ONE_SOCKET, -1, keep, err);
}

bool
keeper_start(struct keeper *k, GError **err)
{
	return k->proc.pid != 0 || start(k, err);
}

/* Waits for its turn, not for ever: a gpg that hangs for each of twenty
 * mails must not hold the last one's sender for twenty times as long. */
static bool
take(struct keeper *k, GError **err)
{
	int64_t until = g_get_monotonic_time() + KEEPER_WAIT_MAX * k->wall;
	bool ok = true, rests;

	g_mutex_lock(&k->lock);
	while (k->busy && ok)
		ok = g_cond_wait_until(&k->freed, &k->lock, until);
	rests = k->until > when_ticks();
	ok = !k->busy && !rests;
	k->busy = k->busy || ok;
	g_mutex_unlock(&k->lock);
	if (rests)
		return fault_set(err, FAULT_BUSY,
		    "The keeper of the key did not answer in time just now; "
		    "it is not asked again for a while.");
	return ok || fault_set(err, FAULT_BUSY,
	    "The keeper of the key had too much to do.");
}

static void
give(struct keeper *k)
{
	g_mutex_lock(&k->lock);
	k->busy = false;
	g_cond_signal(&k->freed);
	g_mutex_unlock(&k->lock);
}

/* ---- one question --------------------------------------------------------- */

static void
close_fd(void *p)
{
	close(GPOINTER_TO_INT(p));
}

static bool
head_ok(const struct keeper *k, const struct keep_answer *head, size_t fds)
{
	return head->magic == KEEP_MAGIC && head->len <= KEEP_JSON_MAX &&
	    fds <= 1 && head->plain <= (fds == 1 ? k->plain_max : 0);
}

/* Sends; a keeper that died at rest costs nothing. */
static bool
send_request(struct keeper *k, const struct keep_request *req, int fd,
    GError **err)
{
	size_t n = fd >= 0 ? 1 : 0;

	if (k->proc.pid != 0) {
		if (proc_send(k->proc.fd, req, sizeof(*req), &fd, n))
			return true;
		proc_end(&k->proc, true, NULL);
	}
	if (!start(k, err))
		return false;
	if (proc_send(k->proc.fd, req, sizeof(*req), &fd, n))
		return true;
	proc_explain(&k->proc, "keeper", PROC_GONE, k->wall, err);
	return false;
}

static bool
exchange(struct keeper *k, struct arena *a, const struct keep_request *req,
    int fd, int64_t wall, struct keep_answer *head, char **json, int *plain,
    GError **err)
{
	int64_t until = when_ticks() + wall;
	int fds[PROC_FDS_MAX];
	enum proc_outcome o;
	size_t n;

	if (!send_request(k, req, fd, err))
		return false;
	o = proc_receive_until(k->proc.from, head, sizeof(*head), fds, &n,
	    until);
	*plain = -1;
	for (size_t i = 0; i < n; i++)
		arena_defer(a, close_fd, GINT_TO_POINTER(fds[i]));
	if (o == PROC_DONE && !head_ok(k, head, n))
		o = PROC_GONE;
	if (o == PROC_DONE) {
		*json = arena_alloc(a, head->len + 1);
		o = proc_read(k->proc.from, *json, head->len, until, true);
	}
	/* rung out by its own alarm */
	if (o == PROC_GONE && when_ticks() >= until - WHEN_SECOND)
		o = PROC_LATE;
	if (o == PROC_LATE)
		k->until = when_ticks() + k->rest;
	if (o != PROC_DONE) {
		proc_explain(&k->proc, "keeper of the key", o, wall, err);
		return false;
	}
	if (n == 1)
		*plain = fds[0];
	return true;
}

/* A whole conversation: JSON read, an error told as one. */
static bool
talk(struct keeper *k, struct arena *a, const struct keep_request *req,
    int fd, struct keep_answer *head, const struct json **json, int *plain,
    GError **err)
{
	/* Its own alarm, after pgp_wall, ends gpg with it and comes first. */
	int64_t wall = req->kind == KEEP_PING ? PING_MS * 1000
					       : k->wall + WHEN_SECOND;
	char *text = NULL;
	bool ok;

	if (!take(k, err))
		return false;
	ok = exchange(k, a, req, fd, wall, head, &text, plain, err);
	give(k);
	if (!ok)
		return false;
	if (!json_parse(a, text, head->len, json, NULL) ||
	    !json_is_object(*json))
		return fault_set(err, FAULT_BUG,
		    "The keeper's answer is no JSON.");
	if (head->ok == 0)
		return fault_set(err,
		    json_is_true(json_get(*json, "again")) ? FAULT_BUSY
							   : FAULT_INPUT,
		    "%s",
		    text_cut(a, json_str(json_get(*json, "error"),
			"The keeper did not say why."), 500));
	return true;
}

bool
keeper_ready(struct keeper *k, GError **err)
{
	ARENA_AUTO(a, "ping");
	struct keep_request req = {.magic = KEEP_MAGIC, .kind = KEEP_PING};
	struct keep_answer head;
	const struct json *json;
	int plain;

	return talk(k, a, &req, -1, &head, &json, &plain, err);
}

/* ---- seals ---------------------------------------------------------------- */

static bool
range_of(int64_t at, int64_t len, int64_t encoding, size_t all,
    struct keep_range *out)
{
	if (at < 0 || len < 0 || encoding < 0 || encoding > MAIL_UU ||
	    (uint64_t)at > all || (uint64_t)len > all - (uint64_t)at)
		return false;
	*out = (struct keep_range){.at = (uint64_t)at, .len = (uint64_t)len,
	    .encoding = (uint64_t)encoding};
	return true;
}

static uint32_t
kind_of(const struct inspect_seal *s)
{
	return strcmp(s->kind, "pgp-signed") == 0 ? KEEP_VERIFY
	    : strcmp(s->kind, "pgp-clear") == 0	  ? KEEP_CLEAR
						  : KEEP_DECRYPT;
}

bool
keeper_open(struct keeper *k, struct arena *a,
    const struct keeper_source *from, const struct inspect_seal *seal,
    struct keeper_answer *out, GError **err)
{
	struct keep_request req = {.magic = KEEP_MAGIC,
	    .kind = kind_of(seal)};
	struct keep_answer head;
	const struct json *j;

	if (!range_of(seal->at, seal->len, seal->encoding, from->len,
		&req.part) ||
	    (req.kind == KEEP_VERIFY &&
		!range_of(seal->signature_at, seal->signature_len,
		    seal->signature_encoding, from->len, &req.signature)))
		return fault_set(err, FAULT_INPUT,
		    "Its bytes do not stand in the message as they came.");
	*out = (struct keeper_answer){.fd = -1};
	if (!talk(k, a, &req, from->fd, &head, &j, &out->fd, err) ||
	    !inspect_signatures_from_json(a, j, &out->signatures, err))
		return false;
	out->encrypted = json_is_true(json_get(j, "encrypted"));
	out->opened = json_is_true(json_get(j, "opened")) && out->fd >= 0;
	out->reason = json_str(json_get(j, "reason"), NULL);
	out->keys = json_str(json_get(j, "keys"), NULL);
	out->len = head.plain;
	if (out->reason != NULL)
		out->reason = text_cut(a, out->reason, INSPECT_FIELD_MAX);
	if (out->keys != NULL)
		out->keys = text_cut(a, out->keys, INSPECT_FIELD_MAX);
	return true;
}

/* ---- keys ----------------------------------------------------------------- */

static bool
keys_of(struct arena *a, const struct json *j, struct list *keys,
    GError **err)
{
	const struct json *rows = json_get(j, "keys");
	struct list l = {NULL, json_len(rows)};

	if (l.n > PGP_KEYS_MAX)
		return fault_set(err, FAULT_BUG, "Too many keys.");
	l.items = ARENA_ARRAY(a, struct keeper_key, l.n + 1);
	for (size_t i = 0; i < l.n; i++) {
		const struct json *o = json_at(rows, i);
		struct keeper_key *key = LIST_AT(keeper_key, l, i);

		*key = (struct keeper_key){
		    .fingerprint = json_str(json_get(o, "fingerprint"), ""),
		    .uid = json_str(json_get(o, "uid"), NULL),
		    .ids = json_str(json_get(o, "ids"), ""),
		    .addresses = json_str(json_get(o, "addresses"), ""),
		    .expires = json_num(json_get(o, "expires"), DESC_NULL),
		    .revoked = json_is_true(json_get(o, "revoked")),
		    .data = json_str(json_get(o, "data"), ""),
		};
		if (strlen(key->data) > PGP_KEY_BYTES)
			return fault_set(err, FAULT_BUG, "A key is too long.");
	}
	*keys = l;
	return true;
}

bool
keeper_import(struct keeper *k, struct arena *a, const void *bytes, size_t n,
    struct list *keys, GError **err)
{
	struct keep_request req = {.magic = KEEP_MAGIC, .kind = KEEP_IMPORT,
	    .part = {.len = n}};
	struct blob *b = blob_of(a, bytes, n);
	int fd = blob_fd(b, err), plain;
	struct keep_answer head;
	const struct json *j;

	return fd >= 0 && talk(k, a, &req, fd, &head, &j, &plain, err) &&
	    keys_of(a, j, keys, err);
}

bool
keeper_own(struct keeper *k, struct arena *a, struct list *keys, GError **err)
{
	struct keep_request req = {.magic = KEEP_MAGIC, .kind = KEEP_OWN};
	struct keep_answer head;
	const struct json *j;
	int plain;

	return talk(k, a, &req, -1, &head, &j, &plain, err) &&
	    keys_of(a, j, keys, err);
}

/* ---- what leaves ---------------------------------------------------------- */

/* A keeper that dies or hangs is no mistake in the mail, and whoever wants
 * it to leave may try again. */
static bool
talk_sealing(struct keeper *k, struct arena *a,
    const struct keep_request *req, int fd, struct keep_answer *head,
    const struct json **json, int *plain, GError **err)
{
	g_autoptr(GError) why = NULL;

	if (talk(k, a, req, fd, head, json, plain, &why))
		return true;
	/* One that was killed is another one now; one that hung rests. */
	if (fault_is(why, FAULT_BUG)) {
		g_clear_error(&why);
		if (talk(k, a, req, fd, head, json, plain, &why))
			return true;
	}
	if (fault_is(why, FAULT_BUG) || fault_is(why, FAULT_BUSY))
		return fault_set(err, FAULT_AWAY, "%s", why->message);
	g_propagate_error(err, g_steal_pointer(&why));
	return false;
}

bool
keeper_sign(struct keeper *k, struct arena *a, const void *bytes, size_t n,
    struct keeper_sealed *out, GError **err)
{
	struct keep_request req = {.magic = KEEP_MAGIC, .kind = KEEP_SIGN,
	    .part = {.len = n}};
	int fd = blob_fd(blob_of(a, bytes, n), err), plain;
	struct keep_answer head;
	const struct json *j;

	if (fd < 0 || !talk_sealing(k, a, &req, fd, &head, &j, &plain, err))
		return false;
	*out = (struct keeper_sealed){
	    .signature = json_str(json_get(j, "signature"), NULL),
	    .micalg = json_str(json_get(j, "micalg"), NULL),
	    .signer = json_str(json_get(j, "signer"), NULL),
	};
	/* (micalg becomes a header's) */
	return (out->signature != NULL && out->signer != NULL &&
		   out->micalg != NULL &&
		   out->micalg[strspn(out->micalg, MICALG)] == '\0') ||
	    fault_set(err, FAULT_BUG, "The keeper's answer is no signature.");
}

static bool
all_read(int fd, char *to, size_t n)
{
	for (size_t at = 0; at < n;) {
		ssize_t got = pread(fd, to + at, n - at, (off_t)at);

		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		at += got > 0 ? (size_t)got : 0;
	}
	return true;
}

bool
keeper_encrypt(struct keeper *k, struct arena *a, const void *bytes, size_t n,
    const char *const *to, const char *keys, bool sign,
    struct keeper_sealed *out, GError **err)
{
	GString *all = arena_gstring(a);
	struct keep_request req = {.magic = KEEP_MAGIC,
	    .kind = sign ? KEEP_SEAL : KEEP_ENCRYPT, .part = {.len = n}};
	struct keep_answer head;
	const struct json *j;
	int fd, cipher;
	char *text;

	g_string_append_len(all, bytes, (gssize)n);
	for (size_t i = 0; to[i] != NULL; i++)
		g_string_append_printf(all, "%s\n", to[i]);
	g_string_append_printf(all, "\n%s", keys);
	req.signature = (struct keep_range){.at = n, .len = all->len - n};
	fd = blob_fd(blob_of(a, all->str, all->len), err);
	if (fd < 0 || !talk_sealing(k, a, &req, fd, &head, &j, &cipher, err))
		return false;
	text = arena_alloc(a, head.plain + 1);
	if (cipher < 0 || !all_read(cipher, text, head.plain))
		return fault_set(err, FAULT_BUG,
		    "The keeper's answer is no encrypted text.");
	text[head.plain] = '\0';
	*out = (struct keeper_sealed){.cipher = text, .len = head.plain,
	    .signer = json_str(json_get(j, "signer"), NULL)};
	return true;
}
