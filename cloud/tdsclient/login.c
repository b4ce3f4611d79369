/*
 * login.c: opening and closing of the TDS client's connections: PRELOGIN, TLS, LOGIN7
 * (MS-TDS 2.2.6.4, 2.2.6.5), and the two kinds of request it sends.
 */
#include "tdsclient/connection.h"

#include "base/memory.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TDS_7_4 0x74000004u
#define PACKET_SIZE 8192

static bool
connect_address(TdsConnection *connection,
                const struct sockaddr *address,
                socklen_t length,
                int family)
{
    int one = 1, error = 0;
    socklen_t size = sizeof(error);

    connection->sock = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->sock < 0)
        return false;
    if (family != AF_UNIX)
        setsockopt(connection->sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(connection->sock, address, length) == 0)
        return true;
    if (errno == EINPROGRESS) {
        struct pollfd event = {.fd = connection->sock, .events = POLLOUT};
        int wait = connection->timeout_milliseconds > 0 ? connection->timeout_milliseconds : -1;
        if (poll(&event, 1, wait) > 0 &&
            getsockopt(connection->sock, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
            return true;
        errno = error ? error : ETIMEDOUT;
    }
    error = errno;
    close(connection->sock);
    connection->sock = -1;
    errno = error;
    return false;
}

static bool
connect_target(TdsConnection *connection, const TdsTarget *target)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    char service[16];
    bool done = false;

    if (target->host[0] == '/') {
        struct sockaddr_un path = {.sun_family = AF_UNIX};
        if (strlen(target->host) >= sizeof(path.sun_path))
            return connection_break(connection, -EINVAL, "the path %s is too long", target->host);
        memcpy(path.sun_path, target->host, strlen(target->host));
        done = connect_address(connection, (struct sockaddr *) &path, sizeof(path), AF_UNIX);
        return done || connection_break(connection, -errno, "cannot connect to %s: %s",
                                        target->host, strerror(errno));
    }
    snprintf(service, sizeof(service), "%d", target->port);
    int error = getaddrinfo(target->host, service, &hints, &found);
    if (error)
        return connection_break(connection, -EHOSTUNREACH, "cannot find %s: %s", target->host,
                                gai_strerror(error));
    for (struct addrinfo *one = found; one && !done; one = one->ai_next)
        done = connect_address(connection, one->ai_addr, one->ai_addrlen, one->ai_family);
    error = errno;
    freeaddrinfo(found);
    return done || connection_break(connection, -error, "cannot connect to %s,%d: %s", target->host,
                                    target->port, strerror(error));
}

/* Asks for encryption of everything; the server's answer to ENCRYPTION, or -1. */
static int
prelogin(TdsConnection *connection)
{
    static const unsigned char options[] = {
        0x00, 0x00, 0x0B, 0x00, 0x06,                    /* VERSION at 11, 6 bytes */
        0x01, 0x00, 0x11, 0x00, 0x01,                    /* ENCRYPTION at 17, 1 byte */
        0xFF, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01}; /* on */
    Message message = {0};
    unsigned char reply[256];
    size_t length;

    message_add(&message, options, sizeof(options));
    bool sent = connection_send(connection, PACKET_PRELOGIN, &message);
    message_done(&message);
    if (!sent || !read_begin(connection))
        return -1;
    length = connection->end - connection->at;
    if (length > sizeof(reply) || !read_bytes(connection, reply, length))
        return -1;
    for (size_t at = 0; at + 5 <= length && reply[at] != 0xFF; at += 5) {
        size_t offset = (size_t) reply[at + 1] << 8 | reply[at + 2];
        if (reply[at] == 0x01 && offset < length)
            return reply[offset];
    }
    connection_break(connection, -EPROTO, "the server's PRELOGIN says nothing of encryption");
    return -1;
}

/* The variable part of LOGIN7: text after the fixed part, its place written into it. */
static void
add_login_text(Message *message, Message *text, const char *value, bool hidden)
{
    size_t before = text->length;
    size_t units = message_utf16(text, value ? value : "");

    message_u16(message, (unsigned) (94 + before));
    message_u16(message, (unsigned) units);
    for (size_t i = before; hidden && i < text->length; i++)
        text->bytes[i] = (unsigned char) ((text->bytes[i] << 4 | text->bytes[i] >> 4) ^ 0xA5);
}

static bool
send_login(TdsConnection *connection, const TdsTarget *target)
{
    Message message = {0}, fixed = {0}, text = {0};
    char host[65] = "";

    gethostname(host, sizeof(host) - 1);
    message_u32(&fixed, TDS_7_4);
    message_u32(&fixed, PACKET_SIZE);
    message_u32(&fixed, 0x07000000);
    message_u32(&fixed, (uint32_t) getpid());
    message_u32(&fixed, 0);
    message_u8(&fixed, 0xE0); /* language, database fatal; byte order and types as usual */
    message_u8(&fixed, 0x03); /* ODBC's SET options */
    message_u8(&fixed, 0);
    message_u8(&fixed, 0);
    message_u32(&fixed, 0);
    message_u32(&fixed, 0x0409);
    add_login_text(&fixed, &text, host, false);
    add_login_text(&fixed, &text, target->user, false);
    add_login_text(&fixed, &text, target->password, true);
    add_login_text(&fixed, &text, target->application ? target->application : "casement", false);
    add_login_text(&fixed, &text, target->host, false);
    message_u16(&fixed, 0); /* no extensions */
    message_u16(&fixed, 0);
    add_login_text(&fixed, &text, "casement", false);
    add_login_text(&fixed, &text, "", false);
    add_login_text(&fixed, &text, target->database, false);
    message_add(&fixed, "\0\0\0\0\0", 6);     /* client id */
    add_login_text(&fixed, &text, "", false); /* SSPI */
    add_login_text(&fixed, &text, "", false); /* file */
    add_login_text(&fixed, &text, "", false); /* new password */
    message_u32(&fixed, 0);
    message_u32(&message, (uint32_t) (4 + fixed.length + text.length));
    message_add(&message, fixed.bytes, fixed.length);
    message_add(&message, text.bytes, text.length);
    bool sent = connection_send(connection, PACKET_LOGIN, &message);
    message_done(&text);
    message_done(&fixed);
    message_done(&message);
    return sent;
}

typedef struct LoginMessages {
    char *problem;
    int number;
} LoginMessages;

/* The first error is the reason; what follows it is its consequence. */
static void
keep_first_error(void *context, const TdsMessage *message)
{
    LoginMessages *kept = context;

    if (message->severity <= 10 || kept->problem)
        return;
    kept->problem = str_copy(message->text);
    kept->number = message->number;
}

TdsConnection *
tds_open(const TdsTarget *target, char **problem, int *number)
{
    TdsConnection *connection = MEM_NEW(TdsConnection);
    LoginMessages kept = {0};
    TdsReceiver receiver = {.context = &kept, .message = keep_first_error};
    int encryption = -1, status = -1;

    connection->sock = -1;
    connection->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    connection->packet_size = 4096;
    connection->timeout_milliseconds = target->timeout_seconds * 1000;
    connection->database = str_copy("");
    if (connect_target(connection, target))
        encryption = prelogin(connection);
    /* On and required: a server that cannot encrypt never gets the password. */
    if (encryption == 0x02)
        connection_break(connection, -EPROTO,
                         "the server does not encrypt; the password is not sent");
    else if (encryption == 0x00)
        connection_break(connection, -EPROTO, "the server would encrypt the login only");
    else if (encryption >= 0 && connection_start_tls(connection, target->host, target->ca_file) &&
             send_login(connection, target))
        status = reply_read(connection, &receiver);
    connection->packet_size = PACKET_SIZE;
    if (status == 0)
        return connection;
    if (problem)
        *problem = kept.problem
                       ? str_copy(kept.problem)
                       : str_copy(connection->problem ? connection->problem : "the login failed");
    if (number)
        *number = kept.number;
    free(kept.problem);
    tds_close(connection);
    return NULL;
}

void
tds_close(TdsConnection *connection)
{
    if (!connection)
        return;
    if (connection->tls && !connection->broken)
        SSL_shutdown(connection->tls);
    SSL_free(connection->tls);
    SSL_CTX_free(connection->tls_context);
    if (connection->sock >= 0)
        close(connection->sock);
    if (connection->wake >= 0)
        close(connection->wake);
    free(connection->packet);
    free(connection->problem);
    free(connection->database);
    free(connection);
}

const char *
tds_database(const TdsConnection *connection)
{
    return connection->database;
}

void
tds_cancel(TdsConnection *connection)
{
    uint64_t one = 1;

    atomic_store(&connection->cancel, true);
    if (write(connection->wake, &one, sizeof(one)) < 0)
        return; /* full: it is awake already */
}

/* ALL_HEADERS with the transaction descriptor (MS-TDS 2.2.5.3). */
static void
add_headers(TdsConnection *connection, Message *message)
{
    message_u32(message, 22);
    message_u32(message, 18);
    message_u16(message, 2);
    message_add(message, connection->transaction, 8);
    message_u32(message, 1);
}

static int
exchange(TdsConnection *connection, int type, Message *message, const TdsReceiver *receiver)
{
    uint64_t count;
    int status;

    if (connection->broken) {
        message_done(message);
        return connection->broken;
    }
    atomic_store(&connection->cancel, false);
    connection->attention_sent = false;
    if (read(connection->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
        connection_break(connection, -errno, "cannot wait: %s", strerror(errno));
    status = connection_send(connection, type, message) ? reply_read(connection, receiver)
                                                        : connection->broken;
    message_done(message);
    return status;
}

int
tds_batch(TdsConnection *connection, const char *sql, const TdsReceiver *receiver)
{
    Message message = {0};

    add_headers(connection, &message);
    message_utf16(&message, sql);
    return exchange(connection, PACKET_BATCH, &message, receiver);
}

/* A parameter of type nvarchar(max), in one chunk (MS-TDS 2.2.5.2.3). */
static void
add_text_parameter(Message *message, const char *name, const char *value)
{
    Message text = {0}, label = {0};
    static const unsigned char collation[5] = {0x09, 0x04, 0xD0, 0x00, 0x34};

    message_u8(message, (unsigned) message_utf16(&label, name));
    message_add(message, label.bytes, label.length);
    message_done(&label);
    message_u8(message, 0);
    message_u8(message, 0xE7);
    message_u16(message, 0xFFFF);
    message_add(message, collation, sizeof(collation));
    if (!value) {
        message_u64(message, UINT64_MAX);
        return;
    }
    message_utf16(&text, value);
    message_u64(message, text.length);
    if (text.length > 0) {
        message_u32(message, (uint32_t) text.length);
        message_add(message, text.bytes, text.length);
    }
    message_u32(message, 0);
    message_done(&text);
}

int
tds_execute(TdsConnection *connection,
            const char *sql,
            int count,
            const char *const *values,
            const TdsReceiver *receiver)
{
    Message message = {0};
    Buffer declared = {0};

    for (int i = 0; i < count; i++)
        buffer_format(&declared, "%s@p%d nvarchar(max)", i ? ", " : "", i + 1);
    add_headers(connection, &message);
    message_u16(&message, 0xFFFF);
    message_u16(&message, 10); /* sp_executesql */
    message_u16(&message, 0);
    add_text_parameter(&message, "", sql);
    if (count > 0)
        add_text_parameter(&message, "", declared.text);
    for (int i = 0; i < count; i++) {
        AUTO_FREE char *name = str_format("@p%d", i + 1);
        add_text_parameter(&message, name, values[i]);
    }
    buffer_done(&declared);
    return exchange(connection, PACKET_RPC, &message, receiver);
}
