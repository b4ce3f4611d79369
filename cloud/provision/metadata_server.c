/*
 * metadata_server.c: the daemon's side of the metadata service: a thread accepts in every vpc,
 * libmicrohttpd's thread reads and answers; see metadata_server.h.
 */
#include "provision/metadata_server.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/moment.h"
#include "supervise/agent_verb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MOST 4096
#define HEAD_MOST ((size_t) 16 * 1024)
#define SILENCE_SECONDS 10u
#define CONNECTIONS 1024u
#define CONNECTIONS_EACH 8u
#define RATE 20.0 /* requests a second from one address */
#define BURST 60.0
#define BUCKETS 4096

typedef struct Listener {
    int vpc, socket;
} Listener;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static Listener *listeners;
static size_t listener_count;
static int watch = -1, wake = -1; /* epoll; eventfd that ends its thread */
static struct MHD_Daemon *reader;
static pthread_t accepter;

static const MetadataSource *source;

/* ---- How often an address may ask; of libmicrohttpd's thread alone. ---- */

static struct Bucket {
    uint64_t who;
    double left, at;
} buckets[BUCKETS];

static bool
may_ask(uint64_t who)
{
    struct Bucket *bucket = &buckets[(who * 0x9e3779b97f4a7c15u) >> 52];
    double now = (double) moment_now() / MOMENT_SECOND;

    if (bucket->who != who || now < bucket->at)
        *bucket = (struct Bucket){.who = who, .left = BURST, .at = now};
    bucket->left += (now - bucket->at) * RATE;
    bucket->at = now;
    if (bucket->left > BURST)
        bucket->left = BURST;
    if (bucket->left < 1)
        return false;
    bucket->left -= 1;
    return true;
}

/* ---- Who asks. ---- */

/*
 * libmicrohttpd counts connections by their address, and addresses of vpcs overlap: it is told one
 * of our own, which says both (fd00::/8, the vpc's number, the guest's address).
 */
static struct sockaddr_in6
combined(int vpc, struct in_addr address)
{
    struct sockaddr_in6 both = {.sin6_family = AF_INET6};
    uint32_t number = htonl((uint32_t) vpc);

    both.sin6_addr.s6_addr[0] = 0xfd;
    memcpy(both.sin6_addr.s6_addr + 8, &number, sizeof(number));
    memcpy(both.sin6_addr.s6_addr + 12, &address, sizeof(address));
    return both;
}

/* The interface that the connection's first packet came in by, as its own namespace calls it. */
static void
find_interface(int link, char name[16])
{
    char room[256];
    socklen_t length = sizeof(room);
    struct msghdr message = {.msg_control = room};

    name[0] = '\0';
    if (getsockopt(link, IPPROTO_IP, IP_PKTOPTIONS, room, &length) != 0)
        return;
    message.msg_controllen = length;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header))
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            struct ifreq ask = {0};
            memcpy(&info, CMSG_DATA(header), sizeof(info));
            ask.ifr_ifindex = info.ipi_ifindex;
            if (ioctl(link, SIOCGIFNAME, &ask) == 0)
                snprintf(name, 16, "%.15s", ask.ifr_name);
        }
}

static bool
find_asker(struct MHD_Connection *connection, MetadataAsker *asker, uint64_t *who)
{
    const union MHD_ConnectionInfo *from =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *link =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr_in6 both;
    uint32_t number;

    if (!from || !link)
        return false;
    memcpy(&both, from->client_addr, sizeof(both));
    memcpy(&number, both.sin6_addr.s6_addr + 8, sizeof(number));
    memcpy(who, both.sin6_addr.s6_addr + 8, sizeof(*who));
    *asker = (MetadataAsker){.vpc = (int) ntohl(number)};
    inet_ntop(AF_INET, both.sin6_addr.s6_addr + 12, asker->address, sizeof(asker->address));
    find_interface(link->connect_fd, asker->interface);
    return true;
}

/* ---- Requests. ---- */

typedef struct Exchange {
    Buffer body;
    bool too_long;
} Exchange;

/* Takes the answer's body over. */
static enum MHD_Result
send_answer(struct MHD_Connection *connection, MetadataAnswer *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer->length, answer->body, MHD_RESPMEM_MUST_FREE);

    MHD_add_response_header(response, "Content-Type", answer->type);
    MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result queued = MHD_queue_response(connection, (unsigned) answer->status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, int status, const char *text)
{
    MetadataAnswer answer = {.status = status,
                             .type = "text/plain; charset=utf-8",
                             .body = str_copy(text),
                             .length = strlen(text)};
    return send_answer(connection, &answer);
}

static enum MHD_Result
answer_request(struct MHD_Connection *connection,
               const char *path,
               const char *method,
               const Exchange *exchange)
{
    MetadataAsker asker;
    MetadataGuest guest = {0};
    MetadataAnswer answer = {0};
    uint64_t who;

    if (!find_asker(connection, &asker, &who))
        return MHD_NO;
    if (!may_ask(who))
        return refuse(connection, 429, "too many requests; ask again in a second\n");
    if (MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Forwarded-For"))
        return refuse(connection, 403, "requests through a proxy are refused\n");
    if (exchange->too_long)
        return refuse(connection, 413, "the request is too long\n");
    int error = source->find(&asker, &guest, source->context);
    if (error == -ENOENT)
        return refuse(connection, 404, "404 Not Found\n");
    if (error)
        return refuse(connection, 500, "the server's data cannot be read now\n");
    provision_metadata(&guest.server, method, path, exchange->body.text, exchange->body.length,
                       guest.encrypted_password, source->keep, source->context, &answer);
    source->done(&guest, source->context);
    return send_answer(connection, &answer);
}

static enum MHD_Result
take(void *unused,
     struct MHD_Connection *connection,
     const char *path,
     const char *method,
     const char *version,
     const char *data,
     size_t *length,
     void **state)
{
    Exchange *exchange = *state;

    (void) unused;
    (void) version;
    if (!exchange) {
        *state = MEM_NEW(Exchange);
        return MHD_YES;
    }
    if (*length) {
        if (exchange->body.length + *length > BODY_MOST)
            exchange->too_long = true;
        else
            buffer_add(&exchange->body, data, *length);
        *length = 0;
        return MHD_YES;
    }
    return answer_request(connection, path, method, exchange);
}

static void
forget(void *unused,
       struct MHD_Connection *connection,
       void **state,
       enum MHD_RequestTerminationCode code)
{
    Exchange *exchange = *state;

    (void) unused;
    (void) connection;
    (void) code;
    if (!exchange)
        return;
    buffer_done(&exchange->body);
    free(exchange);
    *state = NULL;
}

/* Paths are compared as they were written: "%2e" is no dot. */
static size_t
leave_encoded(void *unused, struct MHD_Connection *connection, char *text)
{
    (void) unused;
    (void) connection;
    return strlen(text);
}

/* What a guest sends wrongly is no event of ours. */
static void
say_nothing(void *unused, const char *format, va_list arguments)
{
    (void) unused;
    (void) format;
    (void) arguments;
}

/* ---- Connections. ---- */

/* Under the lock, so that the socket is still its vpc's. */
static void
accept_at(const Listener *listener)
{
    struct sockaddr_in from;
    socklen_t length = sizeof(from);
    int link =
        accept4(listener->socket, (struct sockaddr *) &from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (link < 0)
        return;
    struct sockaddr_in6 both = combined(listener->vpc, from.sin_addr);
    /* Closes it where it is one too many. */
    if (from.sin_family != AF_INET)
        close(link);
    else
        (void) MHD_add_connection(reader, link, (struct sockaddr *) &both, sizeof(both));
}

static void *
accept_all(void *unused)
{
    struct epoll_event events[32];

    for (;;) {
        int count = epoll_wait(watch, events, 32, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == wake)
                return unused;
            pthread_mutex_lock(&lock);
            for (size_t k = 0; k < listener_count; k++)
                if (listeners[k].socket == events[i].data.fd)
                    accept_at(&listeners[k]);
            pthread_mutex_unlock(&lock);
        }
    }
}

static int
watch_for(int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

int
metadata_start(const MetadataSource *given, char **problem)
{
    source = given;
    watch = epoll_create1(EPOLL_CLOEXEC);
    wake = eventfd(0, EFD_CLOEXEC);
    reader = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC, 0, NULL, NULL, take,
        NULL, MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL, MHD_OPTION_NOTIFY_COMPLETED, forget,
        NULL, MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL, MHD_OPTION_CONNECTION_LIMIT,
        CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_EACH,
        MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        HEAD_MOST, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (watch < 0 || wake < 0 || !reader || watch_for(wake) != 0 ||
        pthread_create(&accepter, NULL, accept_all, NULL) != 0) {
        *problem = str_copy("the metadata service's threads cannot be started");
        if (reader)
            MHD_stop_daemon(reader);
        reader = NULL;
        return -EIO;
    }
    return 0;
}

void
metadata_stop(void)
{
    uint64_t one = 1;

    if (!reader)
        return;
    if (write(wake, &one, sizeof(one)) == sizeof(one))
        pthread_join(accepter, NULL);
    for (size_t i = 0; i < listener_count; i++)
        close(listeners[i].socket);
    free(listeners);
    listeners = NULL;
    listener_count = 0;
    MHD_stop_daemon(reader);
    reader = NULL;
    close(watch);
    close(wake);
}

int
metadata_listen(int vpc, int listener)
{
    int one = 1, error;

    /* The agent's sockets have it; a test's may not. */
    (void) setsockopt(listener, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one));
    pthread_mutex_lock(&lock);
    error = reader ? watch_for(listener) : -EINVAL;
    if (!error) {
        listeners = mem_resize(listeners, listener_count + 1, sizeof(*listeners));
        listeners[listener_count++] = (Listener){.vpc = vpc, .socket = listener};
    }
    pthread_mutex_unlock(&lock);
    if (error)
        close(listener);
    return error;
}

static bool
listens(int vpc)
{
    bool found = false;

    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < listener_count; i++)
        found |= listeners[i].vpc == vpc;
    pthread_mutex_unlock(&lock);
    return found;
}

int
metadata_serve(int vpc, char **problem)
{
    int listener;

    /* Callers hold the vpc's lock, so that no two serve the same one. */
    if (!reader || listens(vpc))
        return 0;
    int error = agent_ask_descriptor(json_pack("{s:s, s:i}", "verb", "metadata-listen", "vpc", vpc),
                                     &listener, problem);
    if (!error && listener < 0) {
        *problem = str_copy("the host agent gave no socket for the metadata service");
        error = -EPROTO;
    }
    return error ? error : metadata_listen(vpc, listener);
}

void
metadata_leave(int vpc)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < listener_count; i++)
        if (listeners[i].vpc == vpc) {
            close(listeners[i].socket);
            listeners[i--] = listeners[--listener_count];
        }
    pthread_mutex_unlock(&lock);
}
