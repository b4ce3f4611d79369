/*
 * agent_programs.c: runs the few programs of others that the cloud uses, as an instance's user:
 * pgBackRest for backups, pg_dump and pg_restore for one database, psql for what PostgreSQL alone
 * knows. Their output comes back line by line and, bounded, whole.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_LIMIT (1 << 20)
#define ARGUMENT_LIMIT 64

static const char *const programs[] = {
    [AGENT_PGBACKREST] = "/usr/bin/pgbackrest",
    [AGENT_PG_DUMP] = PG_BIN_DIR "/pg_dump",
    [AGENT_PG_RESTORE] = PG_BIN_DIR "/pg_restore",
    [AGENT_PSQL] = PG_BIN_DIR "/psql",
};

static void
fill_list(const json_t *texts, const char **list, int first)
{
    size_t index;
    json_t *one;
    int at = first;

    json_array_foreach(texts, index, one) if (at < ARGUMENT_LIMIT - 1 && json_is_string(one))
        list[at++] = json_string_value(one);
    list[at] = NULL;
}

static void
become_program(const json_t *request,
               const char *program,
               int slot,
               const char *folder,
               const int out[2],
               const int err[2])
{
    const char *arguments[ARGUMENT_LIMIT] = {program},
               *environment[ARGUMENT_LIMIT] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent",
                                               "LC_ALL=C.UTF-8", "TZ=UTC"};
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

    fill_list(json_object_get(request, "arguments"), arguments, 1);
    fill_list(json_object_get(request, "environment"), environment, 4);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (!process_become(slot) || in < 0 || dup2(in, 0) < 0 || dup2(out[1], 1) < 0 ||
        dup2(err[1], 2) < 0 || chdir(folder) != 0)
        _exit(126);
    execve(program, (char *const *) arguments, (char *const *) environment);
    _exit(127);
}

/* What one of the program's streams has said. */
typedef struct Heard {
    Buffer all, line;
    int stream; /* where complete lines are sent; -1: nowhere */
} Heard;

static void
hear(Heard *heard, const char *bytes, size_t length)
{
    if (heard->all.length + length <= OUTPUT_LIMIT)
        buffer_add(&heard->all, bytes, length);
    for (size_t i = 0; heard->stream >= 0 && i < length; i++) {
        if (bytes[i] == '\n') {
            agent_send_frame(heard->stream, AGENT_FRAME_LINE,
                             heard->line.text ? heard->line.text : "", heard->line.length);
            heard->line.length = 0;
        } else if (heard->line.length < 8192) {
            buffer_add(&heard->line, &bytes[i], 1);
        }
    }
}

static void
listen_to(int out, int err, Heard *heard)
{
    struct pollfd ends[2] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    char bytes[16384];

    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (poll(ends, 2, -1) < 0 && errno != EINTR)
            return;
        for (int i = 0; i < 2; i++) {
            if (ends[i].fd < 0 || !ends[i].revents)
                continue;
            ssize_t got = read(ends[i].fd, bytes, sizeof(bytes));
            if (got > 0)
                hear(&heard[i], bytes, (size_t) got);
            else if (got == 0 || errno != EINTR)
                ends[i].fd = -1;
        }
    }
}

/* Text that is not UTF-8 would be lost in JSON: what does not fit becomes '?'. */
static void
answer_text(json_t *answer, const char *key, Buffer *said)
{
    json_t *text = said->text ? json_stringn(said->text, said->length) : json_string("");

    if (!text) {
        for (size_t i = 0; i < said->length; i++)
            if ((unsigned char) said->text[i] >= 0x80)
                said->text[i] = '?';
        text = json_stringn(said->text, said->length);
    }
    json_object_set_new(answer, key, text);
}

int
verb_run(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *folder = agent_folder_of(request, NULL, problem);
    long long which = json_number(request, "program", -1);
    int slot = agent_slot_of(request, problem), out[2], err[2], status = 0;
    Heard heard[2] = {{.stream = stream}, {.stream = -1}};

    if (!folder || slot < 0)
        return -EINVAL;
    if (which < 0 || which >= (long long) (sizeof(programs) / sizeof(programs[0])) ||
        json_array_size(json_object_get(request, "arguments")) > ARGUMENT_LIMIT - 8 ||
        json_array_size(json_object_get(request, "environment")) > ARGUMENT_LIMIT - 8)
        return agent_problem(problem, -EINVAL, "there is no such program");
    if (access(programs[which], X_OK) != 0)
        return agent_problem(problem, -ENOENT, "%s is not installed", programs[which]);
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        return agent_problem(problem, -errno, "cannot make a pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        return agent_problem(problem, -errno, "cannot start a process: %s", strerror(errno));
    if (child == 0)
        become_program(request, programs[which], slot,
                       access(folder, X_OK) == 0 ? folder : agent_places.data, out, err);
    close(out[1]);
    close(err[1]);
    listen_to(out[0], err[0], heard);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    answer_text(answer, "output", &heard[0].all);
    answer_text(answer, "errors", &heard[1].all);
    json_object_set_new(answer, "status",
                        json_integer(WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR));
    for (int i = 0; i < 2; i++) {
        buffer_done(&heard[i].all);
        buffer_done(&heard[i].line);
    }
    return 0;
}
