/*
 * cluster.c: initdb, start and stop of the store's private cluster; see cluster.h.
 */
#include "store/cluster.h"

#include "base/memory.h"
#include "store/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_FOLDER_LIMIT 92 /* a unix socket's path has room for 107 bytes */
#define START_MILLISECONDS 60000
#define START_ATTEMPTS 8

/* Settings of the store: a few connections, small memory, nothing lost at a power cut. */
static const char parameters[] = "# Written by casementd at each start.\n"
                                 "listen_addresses = ''\n"
                                 "port = 5432\n"
                                 "unix_socket_permissions = 0700\n"
                                 "max_connections = 100\n"
                                 "shared_buffers = 32MB\n"
                                 "huge_pages = off\n"
                                 "jit = off\n"
                                 "max_parallel_workers_per_gather = 0\n"
                                 "wal_level = minimal\n"
                                 "max_wal_senders = 0\n"
                                 "min_wal_size = 32MB\n"
                                 "max_wal_size = 256MB\n"
                                 "logging_collector = on\n"
                                 "log_filename = 'store-%a.log'\n"
                                 "log_rotation_age = 1d\n"
                                 "log_rotation_size = 0\n"
                                 "log_truncate_on_rotation = on\n"
                                 "log_directory = '../log'\n";

static char *
read_file(const char *path)
{
    Buffer content = {0};
    char bytes[4096];
    ssize_t got;
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return NULL;
    while ((got = read(file, bytes, sizeof(bytes))) > 0 && content.length < (1 << 20))
        buffer_add(&content, bytes, (size_t) got);
    close(file);
    return content.text ? content.text : str_copy("");
}

static int
write_file(const char *path, const char *content)
{
    AUTO_FREE char *beside = str_format("%s.new", path);
    size_t length = strlen(content);
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (file < 0)
        return -errno;
    bool written = write(file, content, length) == (ssize_t) length && fsync(file) == 0;
    int error = written ? 0 : -(errno ? errno : EIO);
    close(file);
    if (!error && rename(beside, path) != 0)
        error = -errno;
    return error;
}

static int
remove_entry(const char *path, const struct stat *about, int kind, struct FTW *level)
{
    return remove(path);
}

/* Runs a program of PostgreSQL to its end, its output in the file. The exit status, or -1. */
static int
run_program(const char *output, const char *const *arguments)
{
    int status = 0;
    pid_t child = fork();

    if (child < 0)
        return -1;
    if (child == 0) {
        sigset_t none;
        int in = open("/dev/null", O_RDONLY);
        int out = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        signal(SIGPIPE, SIG_DFL);
        if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
            _exit(126);
        /* The lock and the sockets of this daemon must not live on in the postmaster. */
        syscall(SYS_close_range, 3u, ~0u, 0u);
        execv(arguments[0], (char *const *) (uintptr_t) arguments);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The last words of a log that a failed program left, for the problem's text. */
static char *
last_words(const char *path)
{
    char *content = read_file(path);

    if (!content)
        return str_copy("it said nothing");
    size_t length = strlen(content);
    while (length > 0 && content[length - 1] == '\n')
        content[--length] = '\0';
    char *from = length > 400 ? content + length - 400 : content;
    char *words = str_copy(from);
    free(content);
    return words;
}

static const char *
user_name(void)
{
    struct passwd *entry = getpwuid(geteuid());

    return entry ? entry->pw_name : "casement";
}

/* Beside the final place first, so that one that is killed leaves no half cluster. */
static int
make_cluster(const char *folder, char **problem)
{
    AUTO_FREE char *beside = str_format("%s/new", folder);
    AUTO_FREE char *final = str_format("%s/data", folder);
    AUTO_FREE char *log = str_format("%s/log/initdb.log", folder);
    const char *const arguments[] = {
        PG_BIN_DIR "/initdb", "-D",          beside, "-U",
        user_name(),          "-E",          "UTF8", "--locale=C.UTF-8",
        "--data-checksums",   "--auth=peer", NULL};

    nftw(beside, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    if (run_program(log, arguments) != 0) {
        AUTO_FREE char *words = last_words(log);
        *problem = str_format("initdb could not make the store in %s: %s", folder, words);
        return -EIO;
    }
    if (rename(beside, final) != 0) {
        *problem = str_format("cannot put %s in place: %s", final, strerror(errno));
        return -EIO;
    }
    return 0;
}

static int
write_parameters(const char *folder, char **problem)
{
    AUTO_FREE char *path = str_format("%s/data/postgresql.auto.conf", folder);
    AUTO_FREE char *text = str_format("%sunix_socket_directories = '%s/run'\n", parameters, folder);
    int error = write_file(path, text);

    if (error)
        *problem = str_format("cannot write %s: %s", path, strerror(-error));
    return error;
}

/* The postmaster's process as its own file has it; 0 unless it lives and works in the cluster's
 * folder (the file of one that was killed stays, and its number may be another's by now). */
static pid_t
recorded_postmaster(const char *folder)
{
    AUTO_FREE char *path = str_format("%s/data/postmaster.pid", folder);
    AUTO_FREE char *data = str_format("%s/data", folder);
    AUTO_FREE char *content = read_file(path);
    long pid = content ? strtol(content, NULL, 10) : 0;
    AUTO_FREE char *link = str_format("/proc/%ld/cwd", pid);
    struct stat place, ours;

    /* By inode: the folder's path may lead through symbolic links. */
    return pid > 1 && stat(link, &place) == 0 && stat(data, &ours) == 0 &&
                   place.st_ino == ours.st_ino && place.st_dev == ours.st_dev
               ? (pid_t) pid
               : 0;
}

static char *
conninfo_of(const char *folder, const char *database)
{
    return str_format("host='%s/run' port=5432 user='%s' dbname='%s'", folder, user_name(),
                      database);
}

/* Makes the database that the tables are in. */
static int
make_database(const char *folder, char **problem)
{
    AUTO_FREE char *maintenance = conninfo_of(folder, "postgres");
    PGconn *link = PQconnectdb(maintenance);
    PGresult *found = NULL, *made = NULL;
    int error = 0;

    if (PQstatus(link) == CONNECTION_OK) {
        found = PQexec(link, "SELECT 1 FROM pg_database WHERE datname = 'casement'");
        if (PQresultStatus(found) == PGRES_TUPLES_OK && PQntuples(found) == 0)
            made = PQexec(link, "CREATE DATABASE casement");
    }
    if (PQresultStatus(found) != PGRES_TUPLES_OK ||
        (made && PQresultStatus(made) != PGRES_COMMAND_OK)) {
        *problem = str_format("cannot make the store's database: %s", PQerrorMessage(link));
        error = -EIO;
    }
    PQclear(made);
    PQclear(found);
    PQfinish(link);
    return error;
}

static void
pause_milliseconds(int milliseconds)
{
    poll(NULL, 0, milliseconds);
}

/* Waits until it takes connections, or has ended (a fresh one is given a moment to write its file).
 */
static bool
wait_ready(const char *folder)
{
    AUTO_FREE char *conninfo = conninfo_of(folder, "postgres");

    for (int waited = 0; waited < START_MILLISECONDS; waited += 20) {
        if (PQping(conninfo) == PQPING_OK)
            return true;
        if (waited > 500 && !recorded_postmaster(folder))
            return false;
        pause_milliseconds(20);
    }
    return false;
}

/* Starts it, or finds it running. Where the last one was killed, its backends may hold the shared
 * memory for a moment longer than it lived: the start is tried again. */
static bool
bring_up(const char *folder, const char *own_log, const char *log)
{
    AUTO_FREE char *data = str_format("%s/data", folder);
    /* pg_ctl gives the postmaster a session of its own. */
    const char *const arguments[] = {
        PG_BIN_DIR "/pg_ctl", "start", "-W", "-s", "-D", data, "-l", log, NULL};

    for (int attempt = 0; attempt < START_ATTEMPTS; attempt++) {
        if (recorded_postmaster(folder) || run_program(own_log, arguments) == 0)
            if (wait_ready(folder))
                return true;
        pause_milliseconds(200);
    }
    return false;
}

static int
launch(StoreCluster *cluster, char **problem)
{
    AUTO_FREE char *log = str_format("%s/log/start.log", cluster->folder);
    AUTO_FREE char *own = str_format("%s/log/pg_ctl.log", cluster->folder);

    if (!bring_up(cluster->folder, own, log)) {
        AUTO_FREE char *words = last_words(log);
        *problem =
            str_format("the store's PostgreSQL did not start (%s/log): %s", cluster->folder, words);
        return -EIO;
    }
    cluster->postmaster = recorded_postmaster(cluster->folder);
    cluster->process = (int) syscall(SYS_pidfd_open, cluster->postmaster, 0);
    if (cluster->process < 0) {
        *problem = str_format("cannot watch the store's PostgreSQL: %s", strerror(errno));
        return -EIO;
    }
    return 0;
}

static int
make_folders(const char *folder, char **problem)
{
    static const char *const names[] = {"", "/run", "/log"};

    if (strlen(folder) + 4 > SOCKET_FOLDER_LIMIT) {
        *problem = str_format("the path %s is too long for a unix socket (at most %d characters)",
                              folder, SOCKET_FOLDER_LIMIT - 4);
        return -ENAMETOOLONG;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        AUTO_FREE char *path = str_format("%s%s", folder, names[i]);
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            *problem = str_format("cannot make %s: %s", path, strerror(errno));
            return -EACCES;
        }
    }
    return 0;
}

/* Refuses a cluster of another major version; *made says whether there is one. */
static int
check_version(const char *folder, bool *made, char **problem)
{
    AUTO_FREE char *path = str_format("%s/data/PG_VERSION", folder);
    AUTO_FREE char *version = read_file(path);

    *made = version != NULL;
    if (!version)
        return 0;
    version[strcspn(version, "\n")] = '\0';
    if (strcmp(version, PG_MAJOR) == 0)
        return 0;
    *problem = str_format("the store in %s is of PostgreSQL %s; this casementd was built for %s",
                          folder, version, PG_MAJOR);
    return -EPROTO;
}

int
store_cluster_start(StoreCluster *cluster, const char *folder, char **problem)
{
    bool made = false;
    int error;

    *cluster = (StoreCluster){.folder = str_copy(folder), .process = -1};
    if ((error = make_folders(folder, problem)) || (error = check_version(folder, &made, problem)))
        return error;
    if (!made && (error = make_cluster(folder, problem)))
        return error;
    if ((error = write_parameters(folder, problem)) || (error = launch(cluster, problem)) ||
        (error = make_database(folder, problem)))
        return error;
    AUTO_FREE char *conninfo = conninfo_of(folder, "casement");
    store_configure(conninfo);
    return 0;
}

int
store_cluster_restart(StoreCluster *cluster, char **problem)
{
    if (cluster->process >= 0)
        close(cluster->process);
    cluster->process = -1;
    return launch(cluster, problem);
}

void
store_cluster_stop(StoreCluster *cluster)
{
    static const struct {
        int signal, milliseconds;
    } steps[] = {{SIGINT, 60000}, {SIGQUIT, 10000}, {SIGKILL, 5000}};
    struct pollfd event = {.fd = cluster->process, .events = POLLIN};

    if (cluster->process < 0)
        return;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        kill(cluster->postmaster, steps[i].signal);
        if (poll(&event, 1, steps[i].milliseconds) > 0)
            break;
    }
    close(cluster->process);
    cluster->process = -1;
    cluster->postmaster = 0;
}
