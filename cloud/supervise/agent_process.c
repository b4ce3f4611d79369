/*
 * agent_process.c: an instance's processes: the shim (`casement serve`) that runs PostgreSQL and
 * starts it again when it ends. The shim has a session of its own and outlives the daemon and the
 * agent; it is found again by the lock that it holds on <folder>/casement.lock.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

bool
process_become(int slot)
{
    uid_t uid = slot > 0 ? agent_uid_of_slot(slot) : agent_places.user;
    gid_t gid = slot > 0 ? (gid_t) uid : agent_places.group;

    if (agent_places.root && slot >= 0 &&
        (setgroups(0, NULL) != 0 || setgid(gid) != 0 || setuid(uid) != 0 || setuid(0) == 0))
        return false;
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return true;
}

pid_t
process_shim(const char *folder)
{
    AUTO_FREE char *path = str_format("%s/casement.lock", folder);
    int file = paths_open(path, O_RDONLY, 0);
    char text[32] = "";
    pid_t pid = 0;

    if (file < 0)
        return 0;
    if (flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK &&
        pread(file, text, sizeof(text) - 1, 0) > 0)
        pid = (pid_t) strtol(text, NULL, 10);
    close(file);
    return pid > 1 ? pid : 0;
}

bool
process_wait_end(pid_t pid, int milliseconds)
{
    int process = (int) syscall(SYS_pidfd_open, pid, 0);
    struct pollfd event = {.fd = process, .events = POLLIN};

    if (process < 0)
        return errno == ESRCH;
    bool ended = poll(&event, 1, milliseconds) > 0;
    close(process);
    return ended;
}

/* Whole processors are given where there are no control groups: a share of the host's. */
static void
keep_to_processors(int slot, double cpus)
{
    cpu_set_t all, mine;
    int wanted = (int) (cpus + 0.999), count, first;

    if (cpus <= 0 || sched_getaffinity(0, sizeof(all), &all) != 0)
        return;
    count = CPU_COUNT(&all);
    if (wanted >= count)
        return;
    CPU_ZERO(&mine);
    first = slot * wanted % count;
    for (int taken = 0, seen = 0, cpu = 0; taken < wanted; cpu = (cpu + 1) % CPU_SETSIZE)
        if (CPU_ISSET(cpu, &all) && !CPU_ISSET(cpu, &mine) && seen++ >= first) {
            CPU_SET(cpu, &mine);
            taken++;
        }
    sched_setaffinity(0, sizeof(mine), &mine);
}

static void
become_shim(const char *folder, int slot, const char *const *arguments, const char *id, double cpus)
{
    AUTO_FREE char *log = str_format("%s/log/serve.log", folder);
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC), out;

    setsid();
    limits_enter(id);
    keep_to_processors(slot, cpus);
    if (!process_become(slot))
        _exit(126);
    out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
        chdir("/") != 0)
        _exit(126);
    /* Nothing of the agent's reaches a tenant's process. */
    syscall(SYS_close_range, 3U, ~0U, 0U);
    setenv("HOME", "/nonexistent", 1);
    unsetenv("USER");
    execv(agent_places.program, (char *const *) arguments);
    _exit(127);
}

int
process_start_shim(const char *folder,
                   int slot,
                   const char *const *arguments,
                   const char *id,
                   double cpus,
                   char **problem)
{
    pid_t between = fork();
    int status = 0;

    if (between < 0)
        return agent_problem(problem, -errno, "cannot start a process: %s", strerror(errno));
    if (between == 0) {
        /* Twice, so that the shim belongs to init and nobody has to wait for it. */
        pid_t shim = fork();
        if (shim == 0)
            become_shim(folder, slot, arguments, id, cpus);
        _exit(shim < 0);
    }
    while (waitpid(between, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? 0
               : agent_problem(problem, -EAGAIN, "cannot start a process");
}

/* Whether the process works inside the folder (PostgreSQL's processes do). */
static bool
works_in(const char *pid, const char *folder)
{
    AUTO_FREE char *link = str_format("/proc/%s/cwd", pid);
    char target[PATH_MAX];
    ssize_t length = readlink(link, target, sizeof(target) - 1);
    size_t prefix = strlen(folder);

    if (length <= 0)
        return false;
    target[length] = '\0';
    return strncmp(target, folder, prefix) == 0 && (target[prefix] == '/' || !target[prefix]);
}

static void
kill_those_in(const char *folder)
{
    DIR *processes = opendir("/proc");

    for (struct dirent *entry; processes && (entry = readdir(processes));) {
        if (!isdigit((unsigned char) entry->d_name[0]) || !works_in(entry->d_name, folder))
            continue;
        pid_t pid = (pid_t) strtol(entry->d_name, NULL, 10);
        kill(pid, SIGKILL);
        process_wait_end(pid, 5000);
    }
    if (processes)
        closedir(processes);
}

int
process_end_all(const char *folder, pid_t shim, char **problem)
{
    if (shim > 0) {
        kill(shim, SIGTERM);
        if (!process_wait_end(shim, 90000)) {
            kill(shim, SIGKILL);
            process_wait_end(shim, 5000);
        }
    }
    /* PostgreSQL is told to end when its shim dies; give it the time of a fast shutdown. */
    AUTO_FREE char *pid_file = str_format("%s/cluster/data/postmaster.pid", folder);
    AUTO_FREE char *content = files_read(pid_file, 64);
    long postmaster = content ? strtol(content, NULL, 10) : 0;
    AUTO_FREE char *name = str_format("%ld", postmaster);
    if (postmaster > 1 && works_in(name, folder)) {
        kill((pid_t) postmaster, SIGINT);
        process_wait_end((pid_t) postmaster, 60000);
    }
    kill_those_in(folder);
    return 0;
}

bool
process_answers(const char *address, int port, int milliseconds)
{
    /* PRELOGIN with VERSION and ENCRYPTION (MS-TDS 2.2.6.5); any tabular reply will do. */
    static const unsigned char prelogin[] = {0x12, 0x01, 0x00, 0x1A, 0x00, 0x00, 0x01, 0x00, 0x00,
                                             0x00, 0x0B, 0x00, 0x06, 0x01, 0x00, 0x11, 0x00, 0x01,
                                             0xFF, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02};
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    struct timeval limit = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    unsigned char head[8];
    int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answered = false;

    if (sock < 0)
        return false;
    if (inet_pton(AF_INET, strcmp(address, "0.0.0.0") ? address : "127.0.0.1", &where.sin_addr) ==
        1) {
        setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        answered =
            connect(sock, (struct sockaddr *) &where, sizeof(where)) == 0 &&
            send(sock, prelogin, sizeof(prelogin), MSG_NOSIGNAL) == (ssize_t) sizeof(prelogin) &&
            recv(sock, head, sizeof(head), MSG_WAITALL) == (ssize_t) sizeof(head) &&
            head[0] == 0x04;
    }
    close(sock);
    return answered;
}
