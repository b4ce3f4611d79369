/*
 * run.c: programs that make networks, run without a shell: what they are to do goes to their
 * standard input, what they say comes back.
 */
#include "network/host.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MOST (4 << 20)

static bool
enter(const char *space)
{
    if (!space)
        return true;
    AUTO_FREE char *path = str_format("/run/netns/%s", space);
    int place = open(path, O_RDONLY | O_CLOEXEC);

    return place >= 0 && setns(place, CLONE_NEWNET) == 0;
}

/* A file in memory that holds the text, at its beginning. */
static int
memory_file(const char *text)
{
    int file = memfd_create("casement", MFD_CLOEXEC);
    size_t length = text ? strlen(text) : 0, done = 0;

    while (file >= 0 && done < length) {
        ssize_t put = write(file, text + done, length - done);
        if (put <= 0) {
            close(file);
            return -1;
        }
        done += (size_t) put;
    }
    if (file >= 0)
        lseek(file, 0, SEEK_SET);
    return file;
}

static void
read_back(int file, Buffer *said)
{
    char bytes[16384];
    ssize_t got;

    lseek(file, 0, SEEK_SET);
    while (said->length < SAID_MOST && (got = read(file, bytes, sizeof(bytes))) > 0)
        buffer_add(said, bytes, (size_t) got);
}

static int
wait_for(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
become(const char *space, const char *const *arguments, int in, int out, int err)
{
    char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (!enter(space) || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
        _exit(126);
    /* What lives on (dnsmasq) keeps no descriptor of the agent's. */
    for (int i = 3; i < 1024; i++)
        close(i);
    execve(arguments[0], (char *const *) arguments, environment);
    _exit(127);
}

int
run_program(const char *space,
            const char *const *arguments,
            const char *input,
            Buffer *said,
            char **problem)
{
    int in = memory_file(input), out = memory_file(NULL), err = memory_file(NULL);
    Buffer errors = {0};
    int status = -1;

    if (in >= 0 && out >= 0 && err >= 0) {
        pid_t child = fork();
        if (child == 0)
            become(space, arguments, in, out, err);
        status = child < 0 ? -1 : wait_for(child);
        if (said)
            read_back(out, said);
        read_back(err, &errors);
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
    int error = 0;
    if (status != 0)
        error =
            agent_problem(problem, status == 127 ? -EOPNOTSUPP : -EIO, "%s: %.300s", arguments[0],
                          status == 126   ? "the network's namespace cannot be entered"
                          : status == 127 ? "it is not installed"
                          : errors.text   ? errors.text
                                          : "it failed and gave no reason");
    buffer_done(&errors);
    return error;
}

int
run_batch(const char *space, const char *program, const char *lines, char **problem)
{
    const char *const nft[] = {NFT_PROGRAM, "-f", "-", NULL};
    const char *const batch[] = {program, "-batch", "-", NULL};

    if (!lines || !*lines)
        return 0;
    return run_program(space, strcmp(program, NFT_PROGRAM) == 0 ? nft : batch, lines, NULL,
                       problem);
}

static bool
write_settings(const char *lines)
{
    char path[128], value[16];
    int length = 0;

    for (; sscanf(lines, "%120s %15s\n%n", path, value, &length) == 2; lines += length) {
        AUTO_FREE char *full = str_format("/proc/sys/%s", path);
        int file = open(full, O_WRONLY | O_CLOEXEC);
        bool done = file >= 0 && write(file, value, strlen(value)) > 0;

        if (file >= 0)
            close(file);
        /* A kernel without IPv6 has nothing of it to turn off. */
        if (!done && strncmp(path, "net/ipv6/", 9) != 0)
            return false;
    }
    return true;
}

int
run_settings(const char *space, const char *lines, char **problem)
{
    if (!lines || !*lines)
        return 0;
    pid_t child = fork();
    if (child == 0)
        _exit(enter(space) && write_settings(lines) ? 0 : 1);
    if (child > 0 && wait_for(child) == 0)
        return 0;
    return agent_problem(problem, -EIO, "a setting of the network's kernel cannot be written");
}

json_t *
run_listing(const char *space, const char *const *arguments)
{
    Buffer said = {0};
    json_t *found = NULL;

    if (run_program(space, arguments, NULL, &said, NULL) == 0)
        found = said.text ? json_loads(said.text, 0, NULL) : json_array();
    buffer_done(&said);
    return found ? found : json_array();
}
