/*
 * agent_template.c: the template: a data directory that `casement serve` filled once (initdb and
 * the extension, no password for sa), from which instances are copied, and whose runtime tree they
 * share. Made anew when this build's engine differs from the one it was made with.
 */
#include "base/memory.h"
#include "supervise/agent_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TEMPLATE_ADDRESS "127.77.255.254"
#define TEMPLATE_SECONDS 120

/* Size and time of the program and the engine: they change with every build. */
static char *
stamp_of_build(void)
{
    AUTO_FREE char *beside = str_copy(agent_places.program);
    struct stat program = {0}, engine = {0};

    *strrchr(beside, '/') = '\0';
    AUTO_FREE char *library = str_format("%s/engine/casement.so", beside);
    stat(agent_places.program, &program);
    stat(library, &engine);
    return str_format("%lld.%lld %lld.%ld\n", (long long) engine.st_size,
                      (long long) engine.st_mtim.tv_sec, (long long) program.st_size,
                      engine.st_mtim.tv_nsec);
}

/* A port that nobody has on the template's address. */
static int
free_port(void)
{
    struct sockaddr_in where = {.sin_family = AF_INET};
    socklen_t length = sizeof(where);
    int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = 0;

    inet_pton(AF_INET, TEMPLATE_ADDRESS, &where.sin_addr);
    if (sock >= 0 && bind(sock, (struct sockaddr *) &where, sizeof(where)) == 0 &&
        getsockname(sock, (struct sockaddr *) &where, &length) == 0)
        port = ntohs(where.sin_port);
    if (sock >= 0)
        close(sock);
    return port;
}

/* Runs `casement serve` on the folder until it serves, then ends it. */
static int
fill(const char *folder, char **problem)
{
    int port = free_port(), error;
    AUTO_FREE char *number = str_format("%d", port);
    AUTO_FREE char *logs = str_format("%s/log", folder);
    const char *arguments[] = {"casement",       "serve",  "--data", folder, "--listen",
                               TEMPLATE_ADDRESS, "--port", number,   "--sa", "none",
                               "--memory",       "512",    NULL};
    pid_t shim = 0;
    bool ready = false;

    if (port == 0)
        return agent_problem(problem, -EADDRINUSE, "no port is free on " TEMPLATE_ADDRESS);
    error = files_make_folder(logs, 0700, agent_places.user, agent_places.group, problem);
    if (!error)
        error = process_start_shim(folder, -1, arguments, "template", 0, problem);
    for (int waited = 0; !error && !ready && waited < TEMPLATE_SECONDS * 20; waited++) {
        struct timespec pause = {.tv_nsec = 50000000};

        ready = process_answers(TEMPLATE_ADDRESS, port, 1000);
        shim = process_shim(folder);
        if (!ready && waited > 100 && shim == 0)
            break;
        nanosleep(&pause, NULL);
    }
    if (!error && !ready) {
        AUTO_FREE char *path = str_format("%s/log/serve.log", folder);
        AUTO_FREE char *log = files_read(path, 4000);
        error = agent_problem(problem, -EIO, "the template could not be made: %s", log ? log : "");
    }
    process_end_all(folder, process_shim(folder), problem);
    return error;
}

int
verb_template(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_FREE char *stamp_path = str_format("%s/stamp", agent_places.template_dir);
    AUTO_FREE char *lock_path = str_format("%s.lock", agent_places.template_dir);
    AUTO_FREE char *wanted = stamp_of_build();
    int lock = paths_open(lock_path, O_RDWR | O_CREAT, 0600), error = 0;

    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        return agent_problem(problem, -errno, "cannot lock %s: %s", lock_path, strerror(errno));
    AUTO_FREE char *have = files_read(stamp_path, 256);
    if (!have || strcmp(have, wanted) != 0) {
        AUTO_FREE char *cluster = str_format("%s/cluster", agent_places.template_dir);
        pid_t left = process_shim(agent_places.template_dir);

        process_end_all(agent_places.template_dir, left, problem);
        paths_unlink(stamp_path, 0);
        error = files_remove_tree(cluster, problem);
        if (!error)
            error =
                files_make_folder(agent_places.template_dir, 0755, geteuid(), getegid(), problem);
        if (!error)
            error = fill(agent_places.template_dir, problem);
        if (!error)
            error = files_write(stamp_path, 0644, geteuid(), wanted, problem);
    }
    close(lock);
    return error;
}
