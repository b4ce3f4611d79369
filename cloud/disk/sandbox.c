/*
 * sandbox.c: runs qemu-img; see sandbox.h.
 */
#include "disk/sandbox.h"

#include "base/memory.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MOST ((size_t) 1 << 20)
#define ARGUMENTS_MOST 26

/* All that the first version of Landlock knows; what later ones add is left as it is. */
#define RIGHTS_READ                                                                                \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RIGHTS_ALL ((1ULL << 13) - 1)
#define RIGHTS_OF_FILES                                                                            \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)

static void
allow(int rules, const char *path, unsigned long long rights)
{
    struct stat about;
    struct landlock_path_beneath_attr rule = {.parent_fd = open(path, O_PATH | O_CLOEXEC)};

    if (rule.parent_fd < 0)
        return;
    if (fstat(rule.parent_fd, &about) == 0 && !S_ISDIR(about.st_mode))
        rights &= RIGHTS_OF_FILES;
    rule.allowed_access = rights;
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent_fd);
}

/* False only where the kernel has Landlock and it cannot be used. */
static bool
close_files(const Sandbox *sandbox)
{
    static const char *const system[] = {"/usr", "/lib", "/lib64", "/etc/ld.so.cache", NULL};
    struct landlock_ruleset_attr all = {.handled_access_fs = RIGHTS_ALL};
    int rules = (int) syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);

    if (rules < 0)
        return errno == ENOSYS || errno == EOPNOTSUPP;
    for (int i = 0; system[i]; i++)
        allow(rules, system[i], RIGHTS_READ);
    allow(rules, "/dev/null", RIGHTS_OF_FILES);
    allow(rules, "/dev/urandom", LANDLOCK_ACCESS_FS_READ_FILE);
    for (int i = 0; sandbox->readable[i]; i++)
        allow(rules, sandbox->readable[i], RIGHTS_READ);
    for (int i = 0; sandbox->writable[i]; i++)
        allow(rules, sandbox->writable[i],
              RIGHTS_ALL & ~(unsigned long long) LANDLOCK_ACCESS_FS_EXECUTE);
    bool closed = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return closed;
}

static bool
limit(int what, long long most)
{
    struct rlimit both = {.rlim_cur = (rlim_t) most, .rlim_max = (rlim_t) most};

    return setrlimit((__rlimit_resource_t) what, &both) == 0;
}

static void __attribute__((noreturn)) become_qemu_img(const Sandbox *sandbox, int out, int err)
{
    const char *arguments[ARGUMENTS_MOST] = {"qemu-img"};
    const char *environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "MALLOC_ARENA_MAX=2", NULL};
    int in = open("/dev/null", O_RDONLY);

    for (int i = 0; sandbox->arguments[i]; i++)
        arguments[i + 1] = sandbox->arguments[i];
    /* The step is repeated when the agent's child has gone; two at one file must not be. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    umask(077);
    if (in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
        chdir(sandbox->folder) != 0)
        _exit(126);
    if (agent_has_root() &&
        (unshare(CLONE_NEWNET | CLONE_NEWIPC) != 0 || setgroups(0, NULL) != 0 ||
         setresgid(SANDBOX_UID, SANDBOX_UID, SANDBOX_UID) != 0 ||
         setresuid(sandbox->user, sandbox->user, sandbox->user) != 0 || setuid(0) == 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user has cleared it */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    signal(SIGXFSZ, SIG_IGN); /* the write fails with EFBIG and says so */
    if (!limit(RLIMIT_AS, sandbox->memory_bytes) || !limit(RLIMIT_CPU, sandbox->cpu_seconds) ||
        !limit(RLIMIT_FSIZE, sandbox->file_bytes) || !limit(RLIMIT_CORE, 0) ||
        !limit(RLIMIT_NOFILE, 64) || !close_files(sandbox))
        _exit(126);
    execve(QEMU_IMG, (char *const *) arguments, (char *const *) environment);
    _exit(127);
}

static long long
now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Reads both streams to their ends; false when the time is over. */
static bool
hear(int out, int err, long long until, Buffer said[2])
{
    struct pollfd ends[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    char bytes[16384];

    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        long long left = until - now_milliseconds();

        if (left <= 0)
            return false;
        if (poll(ends, 2, (int) (left > 60000 ? 60000 : left)) < 0 && errno != EINTR)
            return false;
        for (int i = 0; i < 2; i++) {
            if (ends[i].fd < 0 || !ends[i].revents)
                continue;
            ssize_t got = read(ends[i].fd, bytes, sizeof(bytes));
            if (got > 0 && said[i].length + (size_t) got <= OUTPUT_MOST)
                buffer_add(&said[i], bytes, (size_t) got);
            else if (got == 0 || (got < 0 && errno != EINTR))
                ends[i].fd = -1;
        }
    }
    return true;
}

/* What qemu-img said, without paths of the host: its last words on the first line. */
static int
failure(int status, const Buffer *said, char **problem)
{
    const char *text = said->text ? said->text : "";

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return agent_problem(problem, -ETIMEDOUT, "it takes more time than a disk may");
    if (WIFSIGNALED(status))
        return agent_problem(problem, -EIO, "qemu-img was ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) == 127)
        return agent_problem(problem, -ENOENT, QEMU_IMG " is not installed (package qemu-utils)");
    if (WEXITSTATUS(status) == 126)
        return agent_problem(problem, -EPERM, "qemu-img could not be confined on this host");
    if (strstr(text, "File too large"))
        return agent_problem(problem, -EFBIG, "its content is larger than an image may be");
    if (strstr(text, "No space left"))
        return agent_problem(problem, -ENOSPC, "the disk of the host is full");
    if (strstr(text, "lock"))
        return agent_problem(problem, -EBUSY, "it is in use by a running server");
    size_t line = strcspn(text, "\n");
    const char *last = text;
    for (const char *at = text; at + 2 < text + line; at++)
        if (at[0] == ':' && at[1] == ' ')
            last = at + 2;
    return agent_problem(problem, -EINVAL, "it cannot be read as a disk: %.*s",
                         (int) (text + line - last), last);
}

int
sandbox_run(const Sandbox *sandbox, char **output, char **problem)
{
    int out[2], err[2], status = 0;
    Buffer said[2] = {{0}, {0}};

    if (access(QEMU_IMG, X_OK) != 0)
        return agent_problem(problem, -ENOENT, QEMU_IMG " is not installed (package qemu-utils)");
    if (pipe2(out, O_CLOEXEC) != 0)
        return agent_problem(problem, -errno, "cannot make a pipe: %s", strerror(errno));
    if (pipe2(err, O_CLOEXEC) != 0) {
        close(out[0]);
        close(out[1]);
        return agent_problem(problem, -errno, "cannot make a pipe: %s", strerror(errno));
    }
    pid_t child = fork();
    if (child == 0)
        become_qemu_img(sandbox, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    bool in_time =
        child > 0 && hear(out[0], err[0], now_milliseconds() + sandbox->seconds * 1000LL, said);
    close(out[0]);
    close(err[0]);
    if (child > 0 && !in_time)
        kill(child, SIGKILL);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    int error = child < 0 ? agent_problem(problem, -EAGAIN, "cannot start a process")
                : !in_time
                    ? agent_problem(problem, -ETIMEDOUT, "it takes more time than a disk may")
                : status != 0 ? failure(status, &said[1], problem)
                              : 0;
    if (error == 0 && output) {
        *output = said[0].text ? said[0].text : str_copy("");
        said[0].text = NULL;
    }
    buffer_done(&said[0]);
    buffer_done(&said[1]);
    return error;
}
