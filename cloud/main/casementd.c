/*
 * casementd.c: the order of a start, and the watch over what was started.
 *
 * settings -> the host agent is forked and keeps root; this process becomes the user `casement` for
 * good -> lock -> master key, authority -> store, migrations -> IAM, services -> identities ->
 * folders that nobody knows go -> HTTP -> instances that should run are started -> jobs -> the
 * first instance of a first start -> ready -> wait.
 *
 * The end (SIGTERM, SIGINT) leaves the database instances running unless --stop-instances says
 * otherwise, and takes the private store down, which nobody else uses. SIGHUP reads the API's
 * certificate again. Restart policy: the private store is started again when it ends; a second end
 * within the same minute ends casementd, whose own supervisor (systemd) tries again. An instance's
 * own shim restarts its server.
 */
#include "api/operation.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/settings.h"
#include "crypto/authority.h"
#include "crypto/master_key.h"
#include "disk/disk.h"
#include "doctor/doctor.h"
#include "http/server.h"
#include "hypervisor/hypervisor.h"
#include "iam/iam.h"
#include "jobs/job.h"
#include "main/announce.h"
#include "main/api_certificate.h"
#include "main/bootstrap.h"
#include "main/reconcile.h"
#include "network/network.h"
#include "provision/metadata_server.h"
#include "rds/query.h"
#include "store/cluster.h"
#include "supervise/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define STOP_SECONDS 20 /* for running steps to come to their end */
#define MAX_BODY ((size_t) 1 << 20)
#define REQUEST_SECONDS 30

#define CLOUD_SERVICE(name)                                                                        \
    void name##_register(void);                                                                    \
    int name##_start(StoreConn *store);
#include "main/services.def"
#undef CLOUD_SERVICE

static const struct {
    const char *name;
    void (*enter)(void);
    int (*start)(StoreConn *store);
} services[] = {
#define CLOUD_SERVICE(name) {#name, name##_register, name##_start},
#include "main/services.def"
#undef CLOUD_SERVICE
    {NULL, NULL, NULL},
};

static StoreCluster cluster = {.process = -1};
static int signals = -1; /* signals are blocked in every thread and arrive only here */

static void fail(const char *what, char *problem, int error) __attribute__((noreturn));

/* Ends the program with the problem's text, or the error's. */
static void
fail(const char *what, char *problem, int error)
{
    log_error("%s: %s", what, problem ? problem : strerror(-error));
    store_cluster_stop(&cluster);
    _exit(1);
}

static double
seconds_now(void)
{
    return (double) moment_now() / MOMENT_SECOND;
}

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
    signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        fail("cannot wait for signals", NULL, -errno);
}

/* From now on a second Ctrl-C ends the program at once. */
static void
release_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* One casementd a data directory. The lock goes with the process, however that ends. */
static void
take_lock(void)
{
    AUTO_FREE char *path = settings_path("casementd.lock");
    char text[32] = "";
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

    if (file < 0)
        fail(path, NULL, -errno);
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        ssize_t length = read(file, text, sizeof(text) - 1);
        text[length > 0 ? length : 0] = '\0';
        log_error("casementd (process %ld) already serves %s", strtol(text, NULL, 10),
                  settings_data());
        _exit(1);
    }
    int length = snprintf(text, sizeof(text), "%ld\n", (long) getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, text, (size_t) length, 0) != length)
        fail(path, NULL, -errno);
    /* The descriptor stays open for the life of the process. */
}

/* ---- The start, in its order ---- */

static void
prepare_host(void)
{
    const char *words[] = {"error", "warning", "notice", "debug"};
    LogLevel level = LOG_NOTICE_LEVEL;
    int error;

    for (int i = 0; i < 4; i++)
        if (strcmp(words[i], setting_text(SETTING_LOG)) == 0)
            level = (LogLevel) i;
    log_open("casementd", level);
    umask(022);
    hypervisor_register_verbs();
    network_register_verbs();
    metadata_register_verbs();
    doctor_register_verbs();
    disk_register_verbs();
    if ((error = agent_start(settings_data())))
        fail("the host agent cannot be started", NULL, error);
    if ((error = agent_drop_privileges()))
        fail("cannot give up root", NULL, error);
    catch_signals();
    take_lock();
    settings_write_file();
}

static void
prepare_secrets(void)
{
    AUTO_FREE char *key = settings_path("master.key");
    AUTO_FREE char *folder = settings_path("tls");
    char *problem = NULL;
    int error = master_key_open(key);

    if (error)
        fail("the master key cannot be used", NULL, error);
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        fail(folder, NULL, -errno);
    if ((error = authority_open(folder, &problem)) ||
        (error = api_certificate_prepare(&problem)) < 0)
        fail("the API's certificate", problem, error);
}

static void
prepare_store(void)
{
    AUTO_FREE char *folder = settings_path("store");
    char *problem = NULL;
    int error = 0;

    if (*setting_text(SETTING_STORE))
        store_configure(setting_text(SETTING_STORE));
    else
        error = store_cluster_start(&cluster, folder, &problem);
    if (error)
        fail("the store", problem, error);
    if ((error = store_migrate()))
        fail("the store cannot be migrated", NULL, error);
}

static void
register_services(void)
{
    for (int i = 0; services[i].name; i++)
        services[i].enter();
}

static void
start_services(StoreConn *store, bool reset)
{
    char *problem = NULL;
    int error;

    iam_configure(setting_text(SETTING_REGION), settings_endpoint());
    error = iam_start(store);
    if (error)
        fail("the identity service cannot be started", NULL, error);
    register_services();
    if ((error = bootstrap_identities(store, reset, &problem)))
        fail("the first identities", problem, error);
    for (int i = 0; services[i].name; i++)
        if ((error = services[i].start(store)))
            fail(services[i].name, NULL, error);
}

static void *
prepare_template(void *unused)
{
    AUTO_FREE char *problem = NULL;

    if (agent_template_prepare(&problem) != 0)
        log_error("the template of instances cannot be made: %s", problem ? problem : "");
    return NULL;
}

/* Daily: a new certificate of the API before the old one ends. */
static void
renew_certificate(StoreConn *store)
{
    AUTO_FREE char *problem = NULL;
    int result = api_certificate_prepare(&problem);

    if (result < 0)
        log_error("the API's certificate cannot be renewed: %s", problem ? problem : "");
    if (result > 0)
        http_reload_certificate();
}

static void
start_serving(void)
{
    HttpSettings settings = {
        .address = setting_text(SETTING_LISTEN),
        .port = setting_number(SETTING_PORT),
        .certificate = api_certificate_file(),
        .private_key = api_certificate_key(),
        .workers = setting_number(SETTING_WORKERS),
        .max_connections = setting_number(SETTING_MAX_CONNECTIONS),
        .max_connections_per_address = setting_number(SETTING_MAX_CONNECTIONS_PER_ADDRESS),
        .max_body = MAX_BODY,
        .request_seconds = REQUEST_SECONDS,
    };
    char *problem = NULL;
    int error;

    if ((error = http_start(&settings, &problem)))
        fail("the API cannot be served", problem, error);
}

/* After the instances are up again: what watches them would start them, too, and back them up. */
static void
start_working(void)
{
    int error;

    job_every("api-certificate", 86400, renew_certificate);
    if ((error = jobs_run(setting_number(SETTING_JOB_WORKERS))))
        fail("the workers of jobs cannot be started", NULL, error);
}

/* Tells systemd, where it started us. */
static void
tell_manager(const char *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    size_t length = path ? strlen(path) : 0;

    if (length == 0 || length >= sizeof(address.sun_path) || (*path != '/' && *path != '@'))
        return;
    memcpy(address.sun_path, path, length);
    if (*path == '@')
        address.sun_path[0] = '\0';
    int link = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length);
    if (link < 0 ||
        sendto(link, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *) &address, size) < 0)
        log_warning("cannot tell systemd \"%s\": %s", state, strerror(errno));
    if (link >= 0)
        close(link);
}

static void
start(bool reset, double began)
{
    AUTO_FREE char *problem = NULL;
    pthread_t template;

    prepare_host();
    bool preparing = pthread_create(&template, NULL, prepare_template, NULL) == 0;
    prepare_secrets();
    prepare_store();
    StoreConn *store = store_connect();
    start_services(store, reset);
    int error = reconcile_folders(store);
    if (error)
        log_error("cannot look at the instances' folders: %s", strerror(-error));
    start_serving();
    if (preparing)
        pthread_join(template, NULL);
    reconcile_instances();
    start_working();
    if (bootstrap_first_instance(store, &problem) != 0)
        log_error("the first instance could not be made: %s", problem ? problem : "see above");
    tell_manager("READY=1");
    announce_ready(store, seconds_now() - began);
    store_close(store);
}

/* ---- The watch ---- */

static void
reload(void)
{
    AUTO_FREE char *problem = NULL;

    log_notice("reading the API's certificate again");
    if (api_certificate_prepare(&problem) < 0)
        log_error("the API's certificate: %s", problem ? problem : "");
    else if (http_reload_certificate() != 0)
        log_error("the API's certificate cannot be used; the old one stays");
}

/* The private store ended by itself. False when that is too often. */
static bool
restart_store(double *last)
{
    AUTO_FREE char *problem = NULL;

    log_error("the store's PostgreSQL ended by itself; starting it again");
    if (seconds_now() - *last < 60) {
        log_error("that is too often within a minute; giving up");
        return false;
    }
    *last = seconds_now();
    if (store_cluster_restart(&cluster, &problem) == 0)
        return true;
    log_error("%s", problem ? problem : "it could not be started");
    return false;
}

/* Waits until the person wants to stop, or nothing can go on. Returns the exit status. */
static int
watch(void)
{
    double last_restart = 0;

    for (;;) {
        struct signalfd_siginfo signal_info;
        struct pollfd events[] = {{.fd = signals, .events = POLLIN},
                                  {.fd = cluster.process, .events = POLLIN},
                                  {.fd = agent_connection()}};

        if (poll(events, 3, -1) < 0 && errno != EINTR)
            fail("cannot wait", NULL, -errno);
        if (events[2].revents) {
            log_error("the host agent ended by itself, and root's work with it; the service ends "
                      "too, to be started again whole");
            return 1;
        }
        if (events[1].revents && !restart_store(&last_restart))
            return 1;
        if (!events[0].revents ||
            read(signals, &signal_info, sizeof(signal_info)) != sizeof(signal_info))
            continue;
        if (signal_info.ssi_signo != SIGHUP)
            return 0;
        reload();
    }
}

static void
stop(void)
{
    bool instances_too = setting_flag(SETTING_STOP_INSTANCES);

    printf("stopping%s\n", instances_too ? ", the database instances too" : "");
    fflush(stdout);
    tell_manager("STOPPING=1");
    release_signals();
    queries_end();
    http_stop();
    if (!jobs_stop(STOP_SECONDS))
        log_notice("a running step is cut short; the next start goes on with it");
    if (instances_too)
        reconcile_stop_all();
    store_cluster_stop(&cluster);
    puts(instances_too ? "stopped" : "stopped; the database instances go on");
    fflush(stdout);
}

int
main(int argc, char **argv)
{
    double began = seconds_now();
    SettingsRequest request = settings_read(argc, argv);

    if (request == SETTINGS_LIST_STEPS || request == SETTINGS_LIST_OPERATIONS) {
        register_services();
        (request == SETTINGS_LIST_STEPS ? announce_steps : announce_operations)();
        return 0;
    }
    start(request == SETTINGS_RESET_ADMIN, began);
    int status = watch();
    stop();
    /* Threads that could not be waited for must not run into the destructors of libraries. */
    _exit(status);
}
