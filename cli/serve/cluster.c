/*
 * cluster.c: initdb, start, stop and leftovers of the private cluster; see cluster.h. Its parameter
 * files are written by cluster_files.c.
 */
#include "cluster.h"

#include "cluster_files.h"
#include "console.h"
#include "files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A unix socket's path has room for 107 bytes; "/.s.PGSQL.5432" takes 14 of them. */
#define SOCKET_DIR_LIMIT 92

void
cluster_init(Cluster *cluster, const char *data)
{
    memset(cluster, 0, sizeof(*cluster));
    cluster->parent = text_format("%s/cluster", data);
    cluster->dir = text_format("%s/data", cluster->parent);
    cluster->socket_dir = text_format("%s/run", data);
    cluster->log_dir = text_format("%s/log", data);
    cluster->tls_dir = text_format("%s/tls", data);
    cluster->process = -1;
    if (strlen(cluster->socket_dir) > SOCKET_DIR_LIMIT)
        fail("the path %s is too long for a unix socket; choose a data directory of at most %d "
             "characters",
             cluster->socket_dir, SOCKET_DIR_LIMIT - 4);
}

void
cluster_make_folders(const Cluster *cluster, const ServiceUser *user)
{
    const char *const folders[] = {cluster->parent, cluster->socket_dir, cluster->log_dir,
                                   cluster->tls_dir};

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        directory_make(folders[i], 0700);
        service_user_own(user, folders[i]);
    }
}

static int
process_descriptor(pid_t pid)
{
    return (int) syscall(SYS_pidfd_open, pid, 0);
}

/* Waits until the process of the descriptor has ended; false after so many milliseconds. */
static bool
wait_ended(int process, int milliseconds)
{
    struct pollfd event = {.fd = process, .events = POLLIN};
    double until = seconds_now() + milliseconds / 1000.0;

    for (;;) {
        int left = (int) ((until - seconds_now()) * 1000);
        int ready = poll(&event, 1, left > 0 ? left : 0);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* In a fresh child: default signals, nothing blocked, output into a file. */
static void
become_child(const char *output)
{
    sigset_t none;
    int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int out = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
}

static void
show_file_end(const char *path)
{
    size_t length = 0;
    char *content = file_content(path, (size_t) 256 << 20, &length);

    if (!content)
        return;
    size_t start = length;
    for (int lines = 0; start > 0 && lines <= 20; start--)
        lines += content[start - 1] == '\n';
    if (start > 0)
        start++;
    fwrite(content + start, 1, length - start, stderr);
    free(content);
}

static bool
is_later(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec != other->tv_sec ? one->tv_sec > other->tv_sec
                                        : one->tv_nsec > other->tv_nsec;
}

void
cluster_show_log(const Cluster *cluster)
{
    DIR *entries = opendir(cluster->log_dir);
    char *newest = NULL;
    struct timespec newest_time = {0};

    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        char *path = text_format("%s/%s", cluster->log_dir, entry->d_name);
        struct stat about;

        if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
            is_later(&about.st_mtim, &newest_time)) {
            free(newest);
            newest = text_copy(path);
            newest_time = about.st_mtim;
        }
        free(path);
    }
    if (entries)
        closedir(entries);
    if (newest) {
        warn("the end of %s:", newest);
        show_file_end(newest);
    }
    free(newest);
}

static int
remove_entry(const char *path, const struct stat *about, int kind, struct FTW *level)
{
    if (remove(path) != 0)
        fail("cannot remove %s: %s", path, strerror(errno));
    return 0;
}

/* Runs initdb in a folder beside the final one, so that one that is killed leaves no half cluster.
 */
static void
run_initdb(const Cluster *cluster)
{
    char *program = text_format("%s/initdb", cluster->tree.bin);
    char *output = text_format("%s/initdb.log", cluster->log_dir);
    char *beside = text_format("%s/new", cluster->parent);
    int status = 0;

    say("creating the database cluster in %s", cluster->dir);
    if (access(beside, F_OK) == 0)
        nftw(beside, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    pid_t child = fork();
    if (child < 0)
        fail("cannot start initdb: %s", strerror(errno));
    if (child == 0) {
        become_child(output);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(program, program, "-D", beside, "-U", "casement", "-E", "UTF8", "--locale=C.UTF-8",
              "--data-checksums", "--auth=peer", (char *) NULL);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        show_file_end(output);
        fail("initdb could not create the cluster in %s", cluster->dir);
    }
    cluster_write_include(beside);
    if (rename(beside, cluster->dir) != 0)
        fail("cannot put %s in place: %s", cluster->dir, strerror(errno));
    free(beside);
    free(output);
    free(program);
}

/* Whether there is a cluster; exits when it is of another major version. */
static bool
exists(const Cluster *cluster)
{
    char *path = text_format("%s/PG_VERSION", cluster->dir);
    size_t length = 0;
    char *version = file_content(path, 64, &length);

    if (version) {
        version[strcspn(version, "\n")] = '\0';
        if (strcmp(version, PG_MAJOR) != 0)
            fail("the data in %s is of PostgreSQL %s; this casement was built for " PG_MAJOR,
                 cluster->dir, version);
    }
    free(path);
    free(version);
    return version != NULL;
}

void
cluster_prepare(Cluster *cluster, const Settings *settings)
{
    if (access(cluster->parent, R_OK | W_OK | X_OK) != 0)
        fail("the user %s cannot reach %s (%s); choose a data directory whose parent folders "
             "others may enter",
             cluster->operator_name, cluster->parent, strerror(errno));
    if (!exists(cluster))
        run_initdb(cluster);
    cluster_write_access(cluster, settings);
    cluster_write_parameters(cluster, settings);
}

/* Whether the process is a postgres whose working directory is the cluster's. */
static bool
is_of_cluster(const char *pid, const Cluster *cluster)
{
    char target[PATH_MAX];
    char *link = text_format("/proc/%s/cwd", pid);
    ssize_t length = readlink(link, target, sizeof(target) - 1);
    bool ours = false;

    free(link);
    if (length > 0) {
        target[length] = '\0';
        if (strcmp(target, cluster->dir) == 0) {
            link = text_format("/proc/%s/exe", pid);
            length = readlink(link, target, sizeof(target) - 1);
            free(link);
            target[length > 0 ? length : 0] = '\0';
            ours = strstr(target, "/postgres") != NULL;
        }
    }
    return ours;
}

/* The postmaster's process id as its own file has it; 0 without one. */
static pid_t
recorded_postmaster(const Cluster *cluster)
{
    char *path = text_format("%s/postmaster.pid", cluster->dir);
    size_t length = 0;
    char *content = file_content(path, 8192, &length);
    long pid = content ? strtol(content, NULL, 10) : 0;

    free(content);
    free(path);
    return pid > 1 ? (pid_t) pid : 0;
}

typedef struct Step {
    int number, milliseconds;
} Step;

/* Signals a process and waits; the next, stronger signal follows when it does not end. */
static void
end_process(pid_t pid, const Step *steps, size_t count)
{
    int process = process_descriptor(pid);

    for (size_t i = 0; process >= 0 && i < count; i++) {
        kill(pid, steps[i].number);
        if (wait_ended(process, steps[i].milliseconds))
            break;
    }
    if (process >= 0)
        close(process);
}

/* Calls back for each process of the cluster. */
static void
each_process(const Cluster *cluster, void (*found)(pid_t pid))
{
    DIR *processes = opendir("/proc");

    for (struct dirent *entry; processes && (entry = readdir(processes));)
        if (isdigit((unsigned char) entry->d_name[0]) && is_of_cluster(entry->d_name, cluster))
            found((pid_t) strtol(entry->d_name, NULL, 10));
    if (processes)
        closedir(processes);
}

static void
tell_to_quit(pid_t pid)
{
    kill(pid, SIGQUIT);
}

/* A backend without its postmaster can do no more good: it gets little time. */
static void
end_orphan(pid_t pid)
{
    static const Step steps[] = {{SIGQUIT, 2000}, {SIGKILL, 10000}};

    end_process(pid, steps, sizeof(steps) / sizeof(steps[0]));
}

/* Whether the process has ended, but its parent has not asked for its status yet. */
static bool
is_zombie(pid_t pid)
{
    char *path = text_format("/proc/%d/stat", (int) pid);
    char content[512] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, content, sizeof(content) - 1) : -1;
    /* "PID (NAME) STATE ...": the name may hold anything. */
    const char *name_end = length > 0 ? strrchr(content, ')') : NULL;
    bool zombie = name_end && strncmp(name_end, ") Z", 3) == 0;

    if (file >= 0)
        close(file);
    free(path);
    return zombie;
}

/* PostgreSQL takes a zombie for a running server and refuses the cluster and the socket, and the
 * zombie is init's to reap, who may be slow. It gets some time; then its lock files go: it runs no
 * more. */
static void
forget_zombie(const Cluster *cluster, pid_t postmaster)
{
    for (int i = 0; i < 100 && is_zombie(postmaster); i++)
        poll(NULL, 0, 10);
    if (is_zombie(postmaster)) {
        char *cluster_lock = text_format("%s/postmaster.pid", cluster->dir);
        char *socket_lock = text_format("%s/.s.PGSQL.5432.lock", cluster->socket_dir);

        unlink(cluster_lock);
        unlink(socket_lock);
        free(cluster_lock);
        free(socket_lock);
    }
}

void
cluster_end_leftovers(const Cluster *cluster)
{
    static const Step steps[] = {{SIGINT, 20000}, {SIGQUIT, 10000}, {SIGKILL, 10000}};
    pid_t postmaster = recorded_postmaster(cluster);
    char *name = text_format("%d", (int) postmaster);

    if (postmaster && is_of_cluster(name, cluster)) {
        say("waiting for the server of an earlier run (process %d) to end", (int) postmaster);
        end_process(postmaster, steps, sizeof(steps) / sizeof(steps[0]));
    }
    free(name);
    each_process(cluster, tell_to_quit);
    each_process(cluster, end_orphan);
    if (postmaster)
        forget_zombie(cluster, postmaster);
}

char *
cluster_connection(const Cluster *cluster, const char *database)
{
    return text_format("host='%s' port=5432 user=casement dbname='%s' application_name=casement",
                       cluster->socket_dir, database);
}

static void
launch(Cluster *cluster)
{
    char *program = text_format("%s/postgres", cluster->tree.bin);
    char *output = text_format("%s/start.log", cluster->log_dir);
    pid_t parent = getpid();

    cluster->postmaster = fork();
    if (cluster->postmaster < 0)
        fail("cannot start postgres: %s", strerror(errno));
    if (cluster->postmaster == 0) {
        become_child(output);
        /* Its own session: Ctrl-C reaches us alone, and we decide how it stops. Should we be
         * killed, the kernel tells it to shut down. */
        setsid();
        prctl(PR_SET_PDEATHSIG, SIGINT);
        if (getppid() != parent)
            _exit(126);
        /* PostgreSQL finds its folders by the path it was called with: a bare name would not do. */
        execl(program, program, "-D", cluster->dir, (char *) NULL);
        _exit(127);
    }
    cluster->process = process_descriptor(cluster->postmaster);
    if (cluster->process < 0)
        fail("cannot watch postgres: %s", strerror(errno));
    fcntl(cluster->process, F_SETFD, FD_CLOEXEC);
    free(output);
    free(program);
}

/* Starts postgres and waits until it answers, ends by itself or the caller is interrupted. */
static bool
start_once(Cluster *cluster, bool (*interrupted)(int milliseconds), bool *stopped)
{
    char *connection = cluster_connection(cluster, "postgres");
    bool ready = false;

    launch(cluster);
    while (!ready && !*stopped && !wait_ended(cluster->process, 0)) {
        ready = PQping(connection) == PQPING_OK;
        if (!ready)
            *stopped = interrupted(20);
    }
    free(connection);
    return ready;
}

bool
cluster_start(Cluster *cluster, bool (*interrupted)(int milliseconds))
{
    bool stopped = false, ready = start_once(cluster, interrupted, &stopped);
    int status = ready || stopped ? 0 : cluster_reap(cluster);

    /* A server of a run that was killed in its first moments may have taken the cluster's lock
     * after cluster_end_leftovers looked for it. It has named itself by now: end it, try again. */
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1) {
        cluster_end_leftovers(cluster);
        ready = start_once(cluster, interrupted, &stopped);
        status = ready || stopped ? 0 : cluster_reap(cluster);
    }
    if (!ready && !stopped) {
        cluster_show_log(cluster);
        if (WIFEXITED(status) && WEXITSTATUS(status) >= 126)
            warn("postgres could not be run from %s", cluster->tree.bin);
        else
            warn("the server ended while it started");
    }
    return ready;
}

int
cluster_reap(Cluster *cluster)
{
    int status = 0;

    while (waitpid(cluster->postmaster, &status, 0) < 0 && errno == EINTR)
        continue;
    close(cluster->process);
    cluster->process = -1;
    cluster->postmaster = 0;
    return status;
}

void
cluster_stop(Cluster *cluster)
{
    static const Step steps[] = {{SIGINT, 60000}, {SIGQUIT, 10000}, {SIGKILL, 10000}};

    if (cluster->process < 0)
        return;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        kill(cluster->postmaster, steps[i].number);
        if (wait_ended(cluster->process, steps[i].milliseconds))
            break;
    }
    cluster_reap(cluster);
}
