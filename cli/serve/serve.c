/*
 * serve.c: the order of a start, and the watch over what was started.
 *
 * settings -> lock -> (as root: port, user, runtime tree, folders, password file) -> the
 * unprivileged user for good -> certificate, cluster, postmaster -> database, extension, sa ->
 * ready -> wait.
 *
 * Restart policy: PostgreSQL itself restarts backends that crash. A postmaster that ends without
 * being told to is started again at once; when that fails, or after twenty such ends within a
 * minute, the program gives up with an error. Killed itself, it takes the postmaster along
 * (parent-death signal).
 */
#include "serve.h"

#include "certificate.h"
#include "cluster.h"
#include "connect_lines.h"
#include "console.h"
#include "files.h"
#include "password.h"
#include "port_holder.h"
#include "provision.h"
#include "readiness.h"
#include "runtime_tree.h"
#include "service_user.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESTARTS_IN_A_MINUTE 20
#define READY_MILLISECONDS 30000

typedef struct Instance {
    Settings settings;
    Cluster cluster;
    char *password_file;
    int password_fd;              /* where a new password goes, once sa has it; -1 for none */
    char password[PASSWORD_SIZE]; /* new password of sa, or "" */
} Instance;

/* Readable when the person wants to stop. Signals are blocked and arrive only here. */
static int stop_signals = -1;
static bool stop_wanted, reload_asked;
static char **arguments; /* of the command line, for a reload */
static int argument_count;

static void
catch_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    stop_signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (stop_signals < 0)
        fail("cannot wait for signals: %s", strerror(errno));
}

/*
 * Waits for a wish to stop, at most so long; true from then on. A wish to read the settings again
 * (SIGHUP) is only noted.
 */
static bool
stop_asked(int milliseconds)
{
    struct pollfd event = {.fd = stop_signals, .events = POLLIN};
    struct signalfd_siginfo info;

    if (stop_wanted || poll(&event, 1, milliseconds) <= 0)
        return stop_wanted;
    while (read(stop_signals, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
        if (info.ssi_signo == SIGHUP)
            reload_asked = true;
        else
            stop_wanted = true;
    }
    return stop_wanted;
}

/* One program a data directory. The lock goes with the process, however that ends. */
static void
take_lock(const char *data)
{
    char *path = text_format("%s/casement.lock", data);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    char text[32] = "";

    if (file < 0)
        fail("cannot open %s: %s", path, strerror(errno));
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        ssize_t length = read(file, text, sizeof(text) - 1);
        text[length > 0 ? length : 0] = '\0';
        fail("casement (process %ld) already serves %s", strtol(text, NULL, 10), data);
    }
    int length = snprintf(text, sizeof(text), "%ld\n", (long) getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, text, (size_t) length, 0) != length)
        fail("cannot write %s: %s", path, strerror(errno));
    free(path);
}

/* Makes a password unless there is one in its file, and keeps the file open for it. */
static void
prepare_password(Instance *instance)
{
    struct stat about;

    instance->password_fd = -1;
    instance->password_file = text_format("%s/sa.password", instance->settings.data);
    if (!strcmp(instance->settings.values[SETTING_SA], "none"))
        return;
    instance->password_fd =
        open(instance->password_file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (instance->password_fd < 0 || fstat(instance->password_fd, &about) != 0)
        fail("cannot open %s: %s", instance->password_file, strerror(errno));
    if (about.st_size > 0) {
        close(instance->password_fd);
        instance->password_fd = -1;
        return;
    }
    password_generate(instance->password);
}

/* Only after sa has the password: a start that was cut short makes another one. */
static void
keep_password(Instance *instance)
{
    char line[PASSWORD_SIZE + 1];

    if (instance->password_fd < 0)
        return;
    int length = snprintf(line, sizeof(line), "%s\n", instance->password);
    if (write(instance->password_fd, line, (size_t) length) != length ||
        fsync(instance->password_fd) != 0 || close(instance->password_fd) != 0)
        fail("cannot write %s: %s", instance->password_file, strerror(errno));
    instance->password_fd = -1;
    explicit_bzero(line, sizeof(line));
    explicit_bzero(instance->password, sizeof(instance->password));
}

static void
read_settings(Settings *settings, int argc, char **argv)
{
    settings_init(settings);
    settings_read_arguments(settings, argc, argv);
    char *file = text_format("%s/casement.conf", settings->data);
    settings_reset(settings);
    settings_read_file(settings, file);
    settings_read_arguments(settings, argc, argv);
    settings_check(settings);
    directory_make(settings->data, 0755);
    settings_write_file(file);
    free(file);
}

/* A file that the person named: absolute from here on, since the server works elsewhere. */
static void
require_readable(Settings *settings, enum SettingId id, const char *user)
{
    char *value = settings->values[id];

    if (*value == '\0')
        return;
    char *whole = realpath(value, NULL);
    if (!whole || access(whole, R_OK) != 0)
        fail("the user %s cannot read %s: %s", user, value, strerror(errno));
    free(value);
    settings->values[id] = whole;
}

/* Everything before the postmaster starts. */
static void
prepare(Instance *instance)
{
    Settings *settings = &instance->settings;
    Cluster *cluster = &instance->cluster;
    ServiceUser user;

    take_lock(settings->data);
    cluster_init(cluster, settings->data);
    user = service_user_find(strcmp(settings->values[SETTING_LOCAL_ACCESS], "folder") != 0);
    cluster->operator_name = user.name;
    cluster->tree = *settings->values[SETTING_RUNTIME]
                        ? runtime_tree_at(settings->values[SETTING_RUNTIME])
                        : runtime_tree_prepare(settings->data);
    cluster_make_folders(cluster, &user);
    prepare_password(instance);
    /* Leftovers may hold the port; they are ended by whoever may signal them: root or their user.
     */
    cluster_end_leftovers(cluster);
    port_require_free(settings->values[SETTING_LISTEN], settings_number(settings, SETTING_PORT));
    service_user_become(&user);
    require_readable(settings, SETTING_CERTIFICATE, user.name);
    require_readable(settings, SETTING_PRIVATE_KEY, user.name);
    certificate_make(cluster->tls_dir);
    cluster_prepare(cluster, settings);
}

/* The first of the listen addresses, as a client names it; owned by the caller. */
static char *
client_address(const Settings *settings)
{
    const char *list =
        settings->values[SETTING_LISTEN] + strspn(settings->values[SETTING_LISTEN], ", ");
    char *address = text_format("%.*s", (int) strcspn(list, ", "), list);

    if (!strcmp(address, "*") || !strcmp(address, "0.0.0.0") || !strcmp(address, "::")) {
        free(address);
        address = text_copy("localhost");
    }
    return address;
}

/* Waits until the instance answers a client; false when the server ended, stop or time came first.
 */
static bool
wait_until_served(const Instance *instance)
{
    int port = settings_number(&instance->settings, SETTING_PORT);
    char *address = client_address(&instance->settings);
    struct pollfd process = {.fd = instance->cluster.process, .events = POLLIN};
    double until = seconds_now() + READY_MILLISECONDS / 1000.0;
    bool served = false;

    while (!served && seconds_now() < until && poll(&process, 1, 0) == 0) {
        served = readiness_probe(address, port, 1000);
        if (!served && stop_asked(20))
            break;
    }
    free(address);
    return served;
}

/* Starts the postmaster and fills the cluster. False when it did not come up or stop was asked. */
static bool
start(Instance *instance)
{
    if (!cluster_start(&instance->cluster, stop_asked))
        return false;
    if (!provision(&instance->cluster, *instance->password ? instance->password : NULL))
        return false;
    keep_password(instance);
    if (wait_until_served(instance))
        return true;
    if (!stop_asked(0)) {
        cluster_show_log(&instance->cluster);
        warn("the engine does not answer on port %s", instance->settings.values[SETTING_PORT]);
    }
    return false;
}

static void
announce(const Instance *instance, double seconds)
{
    const Settings *settings = &instance->settings;
    const char *listen = settings->values[SETTING_LISTEN];
    int port = settings_number(settings, SETTING_PORT);
    char *address = client_address(settings);

    say("ready after %.1f s on %s port %d%s", seconds, listen, port,
        settings_loopback_only(settings) ? " (this machine only; --listen '*' opens it to others)"
                                         : "");
    if (strcmp(settings->values[SETTING_SA], "none") != 0)
        connect_lines_print(address, port, instance->password_file);
    free(address);
}

/*
 * SIGHUP: reads the settings again, and so does PostgreSQL. What only a start can change (address,
 * port, sizes) waits for the next one.
 */
static void
reload(Instance *instance)
{
    Settings *settings = &instance->settings;
    char *file = text_format("%s/casement.conf", settings->data);

    settings_reset(settings);
    settings_read_file(settings, file);
    settings_read_arguments(settings, argument_count, arguments);
    settings_check(settings);
    cluster_prepare(&instance->cluster, settings);
    if (instance->cluster.postmaster > 0)
        kill(instance->cluster.postmaster, SIGHUP);
    say("read the settings again");
    free(file);
}

/* Watches until the person wants to stop. Returns the exit status. */
static int
supervise(Instance *instance)
{
    Cluster *cluster = &instance->cluster;
    double ends[RESTARTS_IN_A_MINUTE] = {0};
    int count = 0;

    for (;;) {
        struct pollfd events[] = {{.fd = stop_signals, .events = POLLIN},
                                  {.fd = cluster->process, .events = POLLIN}};
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            fail("cannot wait: %s", strerror(errno));
        if (events[0].revents) {
            if (stop_asked(0))
                return 0;
            if (reload_asked)
                reload(instance);
            reload_asked = false;
        }
        if (!events[1].revents)
            continue;

        int status = cluster_reap(cluster);
        double *oldest = &ends[count++ % RESTARTS_IN_A_MINUTE];
        warn("the server ended by itself (%s %d)", WIFSIGNALED(status) ? "signal" : "exit status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        if (*oldest > 0 && seconds_now() - *oldest < 60) {
            cluster_show_log(cluster);
            warn("that is too often within a minute; giving up");
            return 1;
        }
        *oldest = seconds_now();
        cluster_end_leftovers(cluster);
        if (!start(instance))
            return stop_asked(0) ? 0 : 1;
        say("serving again after %.1f s", seconds_now() - *oldest);
    }
}

int
serve(int argc, char **argv)
{
    double began = seconds_now();
    Instance instance = {.password_fd = -1};
    int status = 0;

    umask(022);
    arguments = argv;
    argument_count = argc;
    read_settings(&instance.settings, argc, argv);
    catch_signals();
    prepare(&instance);
    if (start(&instance)) {
        announce(&instance, seconds_now() - began);
        status = supervise(&instance);
    } else {
        status = stop_asked(0) ? 0 : 1;
    }
    if (instance.cluster.process >= 0) {
        say("stopping");
        cluster_stop(&instance.cluster);
    }
    if (status == 0)
        say("stopped");
    return status;
}
