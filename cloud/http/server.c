/*
 * server.c: starts and ends the HTTP server: listening socket, event thread, workers, deadlines.
 */
#include "http/server.h"

#include "base/log.h"
#include "http/assets.h"
#include "http/deadlines.h"
#include "http/exchange.h"
#include "http/tls.h"
#include "http/upgrade.h"
#include "http/workers.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A connection's buffer: its request's line and headers must fit into it, about 24 KiB. */
#define CONNECTION_MEMORY ((size_t) 32 * 1024)
#define STOP_SECONDS 30 /* for requests at work; clients get less to send theirs, take answers */
#define STOP_CLIENT_SECONDS 2

static struct MHD_Daemon *daemon_handle;
static char *certificate_file, *key_file;

/* libmicrohttpd would decode paths and queries; signatures are over what was sent. */
static size_t
leave_encoded(void *nothing, struct MHD_Connection *connection, char *text)
{
    return strlen(text);
}

static void __attribute__((format(printf, 2, 0)))
log_library(void *nothing, const char *format, va_list arguments)
{
    AUTO_FREE char *text = str_vformat(format, arguments);

    text[strcspn(text, "\n")] = '\0';
    log_debug("libmicrohttpd: %s", text);
}

static int
listen_at(const struct addrinfo *place)
{
    int yes = 1, error;
    int listener = socket(place->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (listener < 0)
        return -errno;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(listener, place->ai_addr, place->ai_addrlen) < 0 || listen(listener, 1024) < 0) {
        error = -errno;
        close(listener);
        return error;
    }
    return listener;
}

static int
open_listener(const HttpSettings *settings, char **problem)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *places;
    char port[12];
    int result;

    snprintf(port, sizeof(port), "%d", settings->port);
    result = getaddrinfo(settings->address, port, &hints, &places);
    if (result) {
        *problem = str_format("address %s: %s", settings->address, gai_strerror(result));
        return -EINVAL;
    }
    result = listen_at(places);
    freeaddrinfo(places);
    if (result < 0)
        *problem = str_format("address %s, port %d: %s", settings->address, settings->port,
                              strerror(-result));
    return result;
}

/* Each connection is a descriptor; the limit that a shell gives is often less. */
static void
raise_descriptor_limit(int connections)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t) connections + 256;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        log_warning("cannot raise the limit of open files: %s", strerror(errno));
}

static struct MHD_Daemon *
start_daemon(const HttpSettings *settings, int listener)
{
    bool tls = settings->certificate != NULL;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_ALLOW_UPGRADE |
                     MHD_USE_ITC | MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls_options[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *) TLS_PRIORITIES},
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *) tls_certificate},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem no_options[] = {{MHD_OPTION_END, 0, NULL}};

    return MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_go_on, NULL, MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL,
        MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, NULL,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL, MHD_OPTION_NOTIFY_COMPLETED,
        exchange_end, NULL, MHD_OPTION_NOTIFY_CONNECTION, deadlines_notify, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned) settings->max_connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned) settings->max_connections_per_address,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) HTTP_IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_ARRAY, tls ? tls_options : no_options, MHD_OPTION_END);
}

static int
start_threads(const HttpSettings *settings, int listener, char **problem)
{
    int result = deadlines_start(settings->request_seconds);

    if (result == 0)
        result = workers_start(settings->workers);
    if (result < 0) {
        *problem = str_format("threads: %s", strerror(-result));
        return result;
    }
    daemon_handle = start_daemon(settings, listener);
    if (daemon_handle)
        return 0;
    *problem = str_copy("libmicrohttpd does not start (--log debug says why)");
    workers_stop();
    deadlines_stop();
    return -EIO;
}

int
http_start(const HttpSettings *settings, char **problem)
{
    int listener, result;

    if (settings->certificate) {
        result = tls_load(settings->certificate, settings->private_key, problem);
        if (result < 0)
            return result;
        certificate_file = str_copy(settings->certificate);
        key_file = str_copy(settings->private_key);
    }
    raise_descriptor_limit(settings->max_connections);
    json_object_seed(0);
    assets_load();
    exchange_configure(settings->max_body);
    listener = open_listener(settings, problem);
    if (listener < 0)
        return listener;
    result = start_threads(settings, listener, problem);
    if (result < 0)
        close(listener);
    return result;
}

/* Nobody tells when the last request ends, and this is asked once in the daemon's life: it looks
 * every twentieth of a second. */
static void
wait_for_requests(void)
{
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};

    for (int i = 0; i < STOP_SECONDS * 20 && exchange_running() > 0; i++)
        nanosleep(&pause, NULL);
}

void
http_stop(void)
{
    MHD_socket listener;

    if (daemon_handle == NULL)
        return;
    exchange_refuse();
    deadlines_shorten(STOP_CLIENT_SECONDS);
    listener = MHD_quiesce_daemon(daemon_handle);
    if (listener != MHD_INVALID_SOCKET)
        close(listener);
    wait_for_requests();
    upgrade_end_all();
    workers_stop();
    MHD_stop_daemon(daemon_handle);
    daemon_handle = NULL;
    deadlines_stop();
    assets_unload();
    tls_unload();
    free(certificate_file);
    free(key_file);
    certificate_file = key_file = NULL;
}

int
http_reload_certificate(void)
{
    AUTO_FREE char *problem = NULL;
    int result;

    if (certificate_file == NULL)
        return 0;
    result = tls_load(certificate_file, key_file, &problem);
    if (result < 0)
        log_error("the certificate stays as it was: %s", problem);
    return result;
}
