#include "base/base.h"
#include "inspect/process/sandbox.h"
#include "inspect/process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum { NOBODY = 65534 };

static bool
limit(int what, rlim_t n)
{
	struct rlimit lim = {n, n};

	return setrlimit(what, &lim) == 0;
}

static bool
drop_root(void)
{
	if (geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	    setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

/* Folders from which iconv and the loader may still read. */
static void
landlock(void)
{
	static const char *const folders[] = {"/usr/lib", "/lib", "/lib64",
	    "/usr/share", "/etc/ld.so.cache", "/proc/self/statm"};
	struct landlock_ruleset_attr attr = {.handled_access_fs =
	    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG};
	int rules = (int)syscall(SYS_landlock_create_ruleset, &attr,
	    sizeof(attr), 0);

	if (rules < 0)
		return; /* a kernel without it */
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		bool file = i >= 4;
		struct landlock_path_beneath_attr path = {
		    .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
			(file ? 0 : LANDLOCK_ACCESS_FS_READ_DIR |
			    LANDLOCK_ACCESS_FS_EXECUTE),
		    .parent_fd = open(folders[i], O_PATH | O_CLOEXEC)};

		if (path.parent_fd < 0)
			continue;
		syscall(SYS_landlock_add_rule, rules,
		    LANDLOCK_RULE_PATH_BENEATH, &path, 0);
		close(path.parent_fd);
	}
	syscall(SYS_landlock_restrict_self, rules, 0);
	close(rules);
}

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef ARCH
#define ALLOW(name)                                                           \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1),                \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Anything else answers EPERM: a library that asks for more degrades
 * instead of dying. */
static const struct sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    ALLOW(read), ALLOW(pread64), ALLOW(write), ALLOW(writev), ALLOW(close),
    ALLOW(recvmsg), ALLOW(sendto), ALLOW(recvfrom), ALLOW(mmap),
    ALLOW(munmap), ALLOW(mremap), ALLOW(mprotect), ALLOW(madvise), ALLOW(brk),
    ALLOW(futex), ALLOW(fstat), ALLOW(newfstatat), ALLOW(lseek),
    ALLOW(getrusage), ALLOW(prlimit64), ALLOW(setrlimit),
    ALLOW(clock_gettime), ALLOW(gettimeofday), ALLOW(getrandom),
    ALLOW(getpid), ALLOW(gettid), ALLOW(tgkill), ALLOW(rt_sigprocmask),
    ALLOW(rt_sigaction), ALLOW(rt_sigreturn), ALLOW(sigaltstack),
    ALLOW(exit), ALLOW(exit_group), ALLOW(restart_syscall),
    ALLOW(sched_yield),
    /* open for reading only: the low byte of the flags holds the mode,
     * O_CREAT and O_TRUNC are above */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	offsetof(struct seccomp_data, args[2])),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
	O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

/* LeakSanitizer looks into its own process. */
#if SANITIZED
#define LOOKING_IN SYS_process_vm_writev
#else
#define LOOKING_IN SYS_ptrace
#endif

/* All calls but sockets of a network; and no looking into processes. */
static const struct sock_filter no_network[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOOKING_IN, 5, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 4, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 2),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
	offsetof(struct seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
};

static void
filter_calls(const struct sock_filter *list, size_t n)
{
	struct sock_fprog prog = {(unsigned short)n,
	    (struct sock_filter *)(uintptr_t)list};

	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}
#define FILTER_CALLS(list) filter_calls(list, COUNT_OF(list))
#else
#define FILTER_CALLS(list) ((void)0)
#endif

bool
sandbox_enter(uint64_t memory)
{
	if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	if (SANITIZED)
		return true;
	/* AddressSanitizer reserves terabytes of address space */
	if (!limit(RLIMIT_AS, (rlim_t)memory) ||
	    !limit(RLIMIT_NOFILE, CHILD_NOFILE))
		return false;
	if (!drop_root() || !limit(RLIMIT_NPROC, 0))
		return false;
	landlock();
	FILTER_CALLS(filter);
	return true;
}

bool
sandbox_keep(uint64_t memory, uint64_t file, uint64_t descriptors)
{
	if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, (rlim_t)file) ||
	    !limit(RLIMIT_NOFILE, (rlim_t)descriptors) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	if (!SANITIZED && (!limit(RLIMIT_AS, (rlim_t)memory) ||
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0))
		return false;
	FILTER_CALLS(no_network);
	return true;
}
