/*
 * The walls around a parser child.
 *
 * Limits: address space, no files written, no processes, no core, few
 * descriptors.  Rights: no new privileges, nobody instead of root, a list
 * of allowed system calls (seccomp; no sockets, no exec, files only for
 * reading), and where the kernel knows Landlock, reading only below the
 * system's library folders, so that a child gone over to the other side
 * cannot read our keys.  What the kernel does not offer is left out; the
 * limits always hold.
 *
 * Under AddressSanitizer only the limits that it can live with are set.
 */
#ifndef INSPECT_SANDBOX_H
#define INSPECT_SANDBOX_H

#include "base/base.h"

/* Called once, before any byte of a message is read.  false: a limit could
 * not be set, the process must end. */
bool sandbox_enter(uint64_t memory);

/* The keeper's walls, which gpg inherits: limits, no new privileges, no
 * network (sockets of the file system only: gpg's agent), no memory of ours
 * for others of our user to read.  Files are not closed to it: it has a key
 * ring to keep, and which files it may reach is its user's business
 * (keeper.h). */
bool sandbox_keep(uint64_t memory, uint64_t file, uint64_t descriptors);

#endif
