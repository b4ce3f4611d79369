/*
 * The background worker on the TDS port: accepts clients, hands each to a ready backend, keeps the
 * pool filled. See listener.h and pool.h. Every client that waits for a backend is bounded in
 * number and in time; nothing that a client sends is read here.
 */
#define _GNU_SOURCE /* accept4 */
#include "postgres.h"

#include "listener/listener.h"

#include "listener/pool.h"
#include "listener/refusal.h"
#include "miscadmin.h"
#include "pgcompat/process.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "session/settings.h"
#include "session/stopping.h"
#include "session/table.h"
#include "storage/ipc.h"
#include "storage/procsignal.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LISTENING 32
#define MAX_WAITING 512 /* accepted clients that no backend has yet; more stay in the backlog */
#define RETRY_MS 50     /* when the server could not take a connection */
#define QUIET_MS 500    /* how often to look whether the server is being stopped */

typedef struct Waiting {
    int fd;
    TimestampTz since;
} Waiting;

static int listening[MAX_LISTENING];
static int listening_count;
static Waiting waiting[MAX_WAITING]; /* in order of arrival */
static int waiting_count;
static int epoll;
static bool accepting;
static bool accept_failed; /* lately: out of descriptors or memory */

PGDLLEXPORT void listener_main(Datum argument);

/* ---- the sockets ---- */

static void
set_flag(int fd, int level, int option)
{
    int on = 1;

    setsockopt(fd, level, option, &on, sizeof(on));
}

/* Listens on one address; false if this machine lacks it. */
static bool
listen_on(const struct addrinfo *address, const char *name)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return false;
    set_flag(fd, SOL_SOCKET, SO_REUSEADDR);
    if (address->ai_family == AF_INET6)
        set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    /* Accepted sockets inherit these. */
    set_flag(fd, IPPROTO_TCP, TCP_NODELAY);
    set_flag(fd, SOL_SOCKET, SO_KEEPALIVE);
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, 1024) != 0) {
        int error = errno;

        close(fd);
        errno = error;
        if (error == EADDRINUSE || error == EACCES)
            ereport(FATAL,
                    (errcode(ERRCODE_OBJECT_IN_USE),
                     errmsg("casement cannot listen on \"%s\", port %d: %m", name, setting_port),
                     error == EADDRINUSE
                         ? errhint("Another program has the port: end it, or set casement.port.")
                         : errhint("Ports below 1024 need a privilege: set casement.port.")));
        ereport(LOG, (errmsg("casement does not listen on \"%s\": %m", name)));
        return false;
    }
    listening[listening_count++] = fd;
    return true;
}

static void
listen_on_name(const char *name)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char service[16];
    int result;

    snprintf(service, sizeof(service), "%d", setting_port);
    result = getaddrinfo(strcmp(name, "*") == 0 ? NULL : name, service, &hints, &found);
    if (result != 0) {
        ereport(LOG, (errmsg("casement cannot find \"%s\": %s", name, gai_strerror(result))));
        return;
    }
    for (struct addrinfo *at = found; at != NULL && listening_count < MAX_LISTENING;
         at = at->ai_next)
        if (at->ai_family == AF_INET || at->ai_family == AF_INET6)
            listen_on(at, name);
    freeaddrinfo(found);
}

static void
open_listening_sockets(void)
{
    char *names = pstrdup(setting_listen_addresses);
    List *list;
    ListCell *cell;

    if (!SplitGUCList(names, ',', &list))
        ereport(FATAL, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                        errmsg("invalid list syntax in casement.listen_addresses")));
    foreach (cell, list)
        listen_on_name(lfirst(cell));
    if (listening_count == 0)
        ereport(FATAL, (errmsg("casement has no address to listen on")));
    ereport(LOG, (errmsg("casement listens on \"%s\", port %d", setting_listen_addresses,
                         setting_port)));
}

/* Watches the listening sockets, or leaves new clients in the backlog for a while. */
static void
set_accepting(bool on)
{
    if (on == accepting)
        return;
    for (int i = 0; i < listening_count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t) i};

        if (epoll_ctl(epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listening[i], &event) != 0)
            ereport(FATAL, (errmsg("could not watch a listening socket: %m")));
    }
    accepting = on;
}

/* ---- clients ---- */

static void
accept_clients(int from)
{
    while (waiting_count < MAX_WAITING) {
        int fd = accept4(from, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0) {
            /* Out of descriptors and the like: the client stays in the backlog. */
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
                ereport(LOG, (errmsg("casement could not accept a connection: %m")));
                accept_failed = true;
            }
            return;
        }
        if (waiting_count == 0 && pool_hand_over(fd)) {
            close(fd);
            continue;
        }
        waiting[waiting_count].fd = fd;
        waiting[waiting_count].since = GetCurrentTimestamp();
        waiting_count++;
    }
}

static void
remove_waiting(int count)
{
    memmove(waiting, waiting + count, sizeof(Waiting) * (waiting_count - count));
    waiting_count -= count;
}

/* Serves those who wait, oldest first; those who waited too long or in vain go. */
static void
serve_waiting(void)
{
    TimestampTz now;
    int served = 0, gone = 0;

    while (served < waiting_count && pool_hand_over(waiting[served].fd))
        close(waiting[served++].fd);
    remove_waiting(served);
    if (waiting_count == 0)
        return;
    now = GetCurrentTimestamp();
    while (gone < waiting_count) {
        if (pool_server_stopping())
            close(waiting[gone].fd);
        else if (pool_server_full() ||
                 TimestampDifferenceExceeds(waiting[gone].since, now, setting_login_timeout * 1000))
            refusal_begin(waiting[gone].fd);
        else
            break;
        gone++;
    }
    remove_waiting(gone);
}

/* ---- the loop ---- */

/* Nobody is let in any more: a client is refused at once instead of waiting in the backlog. */
static void
close_listening_sockets(void)
{
    set_accepting(false);
    for (int i = 0; i < listening_count; i++)
        close(listening[i]);
    listening_count = 0;
}

/* Everything that epoll has. Spares first: serving a client may free one. */
static void
handle_events(void)
{
    struct epoll_event events[64];
    int count = epoll_wait(epoll, events, lengthof(events), 0);

    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 < MAX_LISTENING)
            continue;
        if (refusal_owns(events[i].data.ptr))
            refusal_event(events[i].data.ptr);
        else
            pool_event(events[i].data.ptr, events[i].events);
    }
    for (int i = 0; i < count; i++)
        if (events[i].data.u64 < MAX_LISTENING)
            accept_clients(listening[events[i].data.u64]);
}

static void
run(void)
{
    WaitEventSet *set = pgcompat_wait_set(3);
    bool stopping = false;

    AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
    AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
    AddWaitEventToSet(set, WL_SOCKET_READABLE, epoll, NULL, NULL);
    while (!ShutdownRequestPending) {
        WaitEvent event;
        bool filled = true;
        int refusing;

        if (ConfigReloadPending) {
            ConfigReloadPending = false;
            ProcessConfigFile(PGC_SIGHUP);
        }
        if (!stopping && server_began_stopping()) {
            stopping = true;
            close_listening_sockets();
            pool_drop();
        }
        if (!stopping)
            filled = pool_fill(setting_pool_size + waiting_count);
        serve_waiting();
        refusing = refusal_expire();
        if (!stopping)
            set_accepting(waiting_count < MAX_WAITING && !accept_failed);

        if (WaitEventSetWait(set,
                             !filled || waiting_count > 0 || accept_failed ? RETRY_MS
                             : refusing > 0                                ? 500
                                                                           : QUIET_MS,
                             &event, 1, PG_WAIT_EXTENSION) > 0 &&
            event.events & WL_LATCH_SET) {
            ResetLatch(MyLatch);
            CHECK_FOR_INTERRUPTS();
        }
        accept_failed = false;
        handle_events();
    }
}

void
listener_main(Datum argument)
{
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
    BackgroundWorkerUnblockSignals();

    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        ereport(FATAL, (errmsg("could not create an epoll descriptor: %m")));
    open_listening_sockets();
    session_table_set_listener(MyLatch);
    pool_init(epoll);
    refusal_init(epoll);
    run();
    proc_exit(0);
}

void
listener_register(void)
{
    BackgroundWorker worker = {
        .bgw_name = "casement listener",
        .bgw_type = "casement listener",
        .bgw_flags = BGWORKER_SHMEM_ACCESS,
        .bgw_start_time = BgWorkerStart_RecoveryFinished,
        .bgw_restart_time = 1,
        .bgw_library_name = "casement",
        .bgw_function_name = "listener_main",
    };

    if (setting_port > 0)
        RegisterBackgroundWorker(&worker);
}
