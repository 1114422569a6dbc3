/*
 * Children of ours: each is a fresh exec of our own binary under another
 * name, with one end of a stream socket on fd 3, or of one for each way on 3
 * and 4, and nothing else of ours.
 *
 * What both sides say are fixed heads, bytes of a length that the head
 * tells, and descriptors that come along with a head (SCM_RIGHTS).
 *
 * Thread: one at a time for one struct proc.
 */
#ifndef INSPECT_PROC_H
#define INSPECT_PROC_H

#include <sys/types.h>

#include "base/base.h"

enum {
	PROC_FD = 3,       /* the socket, in the child */
	PROC_ANSWER_FD,    /* the other one, if it was started with two */
	PROC_FDS_MAX = 10, /* descriptors with one head */
};

struct proc {
	pid_t pid; /* 0: none of ours runs; -1: reached by a socket */
	int fd;    /* valid unless pid is 0 */
	int from;  /* what it says comes here: fd, or a socket of its own.
		    * Who takes a request from a socket wakes whoever sleeps
		    * at its other end, for there is room now: on one for both
		    * ways each end wakes the other for nothing. */
};

enum proc_ways { PROC_ONE_SOCKET, PROC_TWO_SOCKETS };

enum proc_outcome { PROC_DONE, PROC_LATE, PROC_GONE };

/* extra: a descriptor that the child finds behind its sockets; -1: none.
 * keep: beginnings "NAME=" of what the child sees of our environment
 * beside the sanitizers' options, or all of "NAME=VALUE" to be set; ended
 * by NULL, or NULL.
 * FAULT_BUSY: no socket, no process. */
bool proc_start(struct proc *p, char *const *argv, enum proc_ways ways,
    int extra, const char *const *keep, GError **err);
/* The other end of a unix socket, where a supervisor starts the child. */
bool proc_connect(struct proc *p, const char *path, GError **err);
/* Closes the socket, waits for the end (kill_it: does not ask) and takes
 * the exit status, which may be NULL.  No more of it runs afterwards, nor
 * of what it started and left in its process group. */
void proc_end(struct proc *p, bool kill_it, int *status);

/* A head with n descriptors; never blocks for long, heads are small. */
bool proc_send(int fd, const void *head, size_t len, const int *fds, size_t n);
/* A head with bytes behind it in one call that does not wait: false when the
 * other side has not taken what went before. */
bool proc_send_with(int fd, const void *head, size_t len, const void *bytes,
    size_t n);
/* The same received: *n is how many came, and they are the caller's.  The
 * head is complete or it is false and nothing is left open. */
bool proc_receive(int fd, void *head, size_t len, int *fds, size_t *n);
/* The same, and what has come behind the head: *have bytes, at most room. */
bool proc_receive_with(int fd, void *head, size_t len, int *fds, size_t *n,
    void *behind, size_t room, size_t *have);
bool proc_send_all(int fd, const void *bytes, size_t len);
/* Exactly len bytes, without an end to the patience. */
bool proc_receive_all(int fd, void *to, size_t len);
/* Until `until` (when_ticks).  there: the bytes have probably come. */
enum proc_outcome proc_read(int fd, void *to, size_t len, int64_t until,
    bool there);
/* proc_read() of at least least bytes, and of what is there up to most.  The
 * socket itself ends the first wait (proc_patience), which spares a call. */
enum proc_outcome proc_read_some(int fd, void *to, size_t least, size_t most,
    size_t *have, int64_t until);
/* How long proc_read_some() waits at first. */
void proc_patience(int fd, int64_t wall);
/* proc_receive() with an end to the patience. */
enum proc_outcome proc_receive_until(int fd, void *head, size_t len, int *fds,
    size_t *n, int64_t until);
/* Why it ended, as a sentence about `what`; ends and kills it. */
void proc_explain(struct proc *p, const char *what, enum proc_outcome o,
    int64_t wall, GError **err);
void proc_close(const int *fds, size_t n);

#endif
