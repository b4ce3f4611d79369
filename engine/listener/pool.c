/*
 * Ready backends for new clients. See pool.h. This speaks just enough of PostgreSQL's protocol to
 * log in on the private socket: messages are framed by type and length, and only their types, and
 * an error's SQLSTATE, are looked at.
 */
#include "postgres.h"

#include "listener/pool.h"

#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "libpq/pqcomm.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "postmaster/postmaster.h"
#include "session/entry.h"
#include "session/settings.h"
#include "session/table.h"
#include "utils/timestamp.h"
#include "utils/varlena.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_OPENING 32 /* backends started at the same time */
#define PAUSE_MS 500   /* after a backend failed to start */

typedef enum SpareState {
    SPARE_STARTING, /* startup packet sent, until ReadyForQuery */
    SPARE_ENTERING, /* the private statement sent, until it answers */
    SPARE_READY,
} SpareState;

struct Spare {
    dlist_node node;
    int fd;
    int slot; /* in the sessions' table */
    SpareState state;
    size_t have;
    char buffer[8192]; /* messages of the server, each must fit */
};

static dlist_head spares = DLIST_STATIC_INIT(spares);
static int ready, opening;
static int epoll;
static bool server_full, server_stopping;
static TimestampTz not_before;   /* after a failure, the server is left alone until then */
static char last_complaint[256]; /* logged already, and nothing has worked since */

void
pool_init(int epoll_fd)
{
    epoll = epoll_fd;
}

static void
spare_free(Spare *spare)
{
    if (spare->state == SPARE_READY)
        ready--;
    else {
        opening--;
        not_before = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PAUSE_MS);
    }
    dlist_delete(&spare->node);
    close(spare->fd);
    pfree(spare);
}

/* Says why no backend can be had, once until it changes. */
static void
complain(const char *text, const char *hint)
{
    if (strncmp(last_complaint, text, sizeof(last_complaint) - 1) == 0)
        return;
    strlcpy(last_complaint, text, sizeof(last_complaint));
    ereport(LOG, (errmsg("casement cannot open a session's backend: %s", text),
                  hint ? errhint("%s", hint) : 0));
}

/* The first of unix_socket_directories. */
static bool
server_socket_path(struct sockaddr_un *address)
{
    char *directories = pstrdup(Unix_socket_directories);
    List *list = NIL;
    bool found = false;

    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    if (SplitDirectoriesString(directories, ',', &list) && list != NIL) {
        const char *first = linitial(list);
        int length = snprintf(address->sun_path, sizeof(address->sun_path), "%s/.s.PGSQL.%d", first,
                              PostPortNumber);

        found = length > 0 && length < (int) sizeof(address->sun_path);
        if (first[0] == '@')
            address->sun_path[0] = '\0';
    }
    list_free_deep(list);
    pfree(directories);
    return found;
}

static bool
send_all(int fd, const char *bytes, size_t length)
{
    return send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t) length;
}

static void
put_text(StringInfo to, const char *text)
{
    appendBinaryStringInfo(to, text, (int) strlen(text) + 1);
}

static bool
send_startup(int fd)
{
    StringInfoData packet;
    uint32 word;
    bool sent;

    initStringInfo(&packet);
    word = 0;
    appendBinaryStringInfo(&packet, (char *) &word, 4);
    word = pg_hton32(PG_PROTOCOL(3, 0));
    appendBinaryStringInfo(&packet, (char *) &word, 4);
    put_text(&packet, "user");
    put_text(&packet, setting_superuser);
    put_text(&packet, "database");
    put_text(&packet, setting_database);
    put_text(&packet, "application_name");
    put_text(&packet, "casement pool");
    put_text(&packet, "");
    word = pg_hton32((uint32) packet.len);
    memcpy(packet.data, &word, 4);
    sent = send_all(fd, packet.data, packet.len);
    pfree(packet.data);
    return sent;
}

static bool
send_entry_statement(int fd)
{
    char text[128], packet[160];
    int length = snprintf(text, sizeof(text), ENTRY_STATEMENT, session_table_token()) + 1;
    uint32 word = pg_hton32((uint32) length + 4);

    packet[0] = 'Q';
    memcpy(packet + 1, &word, 4);
    memcpy(packet + 5, text, length);
    return send_all(fd, packet, length + 5);
}

static bool
spare_open(void)
{
    struct sockaddr_un address;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
    Spare *spare;
    int fd;

    if (!server_socket_path(&address)) {
        complain("unix_socket_directories is empty", NULL);
        return false;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    if (connect(fd, (struct sockaddr *) &address,
                offsetof(struct sockaddr_un, sun_path) +
                    (address.sun_path[0] ? strlen(address.sun_path) + 1
                                         : strlen(address.sun_path + 1) + 1)) != 0 ||
        !send_startup(fd)) {
        if (errno != EAGAIN)
            complain(strerror(errno), NULL);
        close(fd);
        return false;
    }
    spare = palloc0(sizeof(*spare));
    spare->fd = fd;
    spare->state = SPARE_STARTING;
    event.data.ptr = spare;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        close(fd);
        pfree(spare);
        return false;
    }
    dlist_push_tail(&spares, &spare->node);
    opening++;
    return true;
}

bool
pool_fill(int ready_wanted)
{
    if (ready + opening >= ready_wanted)
        return true;
    if (not_before != 0 && GetCurrentTimestamp() < not_before)
        return false;
    /* While the server does not take any, one at a time is enough to find out when it does. */
    while (ready + opening < ready_wanted && opening < (last_complaint[0] ? 1 : MAX_OPENING))
        if (!spare_open())
            return false;
    return true;
}

/* An ErrorResponse: remembers why the server does not want us, logs what is surprising. */
static void
note_error(const char *body, size_t length)
{
    const char *state = "", *message = "";
    const char *end = body + length;

    while (body < end && *body != '\0') {
        const char *value = body + 1;
        size_t value_length = strnlen(value, end - value);

        if (value + value_length >= end)
            break;
        if (*body == 'C')
            state = value;
        else if (*body == 'M')
            message = value;
        body = value + value_length + 1;
    }
    server_full = strcmp(state, "53300") == 0;
    server_stopping = strcmp(state, "57P03") == 0 || strcmp(state, "57P01") == 0;
    if (!server_stopping)
        complain(message, NULL);
}

/* One message of the server. False: the spare is of no use any more. */
static bool
spare_message(Spare *spare, char type, const char *body, size_t length)
{
    uint32 word;

    switch (type) {
    case 'E':
        note_error(body, length);
        return false;
    case 'R': /* authentication: 0 is "ok", anything else asks for what we do not do */
        memcpy(&word, body, Min(length, 4));
        if (length == 4 && word == 0)
            return true;
        complain("the server asks for a password on its unix socket",
                 "Let the role of casement.superuser in by peer or trust in pg_hba.conf.");
        return false;
    case 'Z':
        if (spare->state != SPARE_STARTING)
            return false;
        spare->state = SPARE_ENTERING;
        return send_entry_statement(spare->fd);
    case ENTRY_READY:
        if (spare->state != SPARE_ENTERING || length != 4)
            return false;
        memcpy(&word, body, 4);
        spare->slot = (int) pg_ntoh32(word);
        spare->state = SPARE_READY;
        opening--;
        ready++;
        server_full = server_stopping = false;
        last_complaint[0] = '\0';
        return true;
    default: /* parameters, key data, notices */
        return true;
    }
}

/* Takes what came, message by message. */
static bool
spare_messages(Spare *spare)
{
    size_t at = 0;

    while (spare->have - at >= 5) {
        uint32 length;

        memcpy(&length, spare->buffer + at + 1, 4);
        length = pg_ntoh32(length);
        if (length < 4 || length + 1 > sizeof(spare->buffer))
            return false;
        if (spare->have - at < length + 1)
            break;
        if (!spare_message(spare, spare->buffer[at], spare->buffer + at + 5, length - 4))
            return false;
        at += length + 1;
    }
    memmove(spare->buffer, spare->buffer + at, spare->have - at);
    spare->have -= at;
    return true;
}

void
pool_event(Spare *spare, uint32_t events)
{
    for (;;) {
        ssize_t got = recv(spare->fd, spare->buffer + spare->have,
                           sizeof(spare->buffer) - spare->have, MSG_DONTWAIT);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            if (spare->state == SPARE_ENTERING)
                complain("it ended while it was being made ready, see the messages above", NULL);
            spare_free(spare);
            return;
        }
        spare->have += got;
        if (!spare_messages(spare)) {
            spare_free(spare);
            return;
        }
    }
}

int
pool_ready(void)
{
    return ready;
}

static bool
pass_socket(int to, int client, char verdict)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = &verdict, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *header;

    memset(&control, 0, sizeof(control));
    header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &client, sizeof(int));
    return sendmsg(to, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

bool
pool_hand_over(int client)
{
    dlist_mutable_iter at;

    dlist_foreach_modify (at, &spares) {
        Spare *spare = dlist_container(Spare, node, at.cur);
        bool accepted, passed;

        if (spare->state != SPARE_READY)
            continue;
        accepted = session_table_connect(spare->slot);
        if (!accepted)
            session_table_refuse(spare->slot);
        passed = pass_socket(spare->fd, client, accepted ? ENTRY_ACCEPT : ENTRY_REFUSE);
        spare_free(spare);
        if (passed)
            return true;
    }
    return false;
}

bool
pool_server_full(void)
{
    return server_full;
}

bool
pool_server_stopping(void)
{
    return server_stopping;
}

void
pool_drop(void)
{
    dlist_mutable_iter at;

    dlist_foreach_modify (at, &spares)
        spare_free(dlist_container(Spare, node, at.cur));
}
