/*
 * connection.c: sockets, TLS and packets of the TDS client (MS-TDS 2.2.3, 2.2.6.5). Above it,
 * tokens are read as one stream of bytes whose end is the message's end.
 */
#include "tdsclient/connection.h"

#include "base/memory.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_SIZE 8
#define PACKET_LARGEST 32768

void
message_add(Message *message, const void *bytes, size_t length)
{
    if (message->length + length > message->room) {
        message->room = (message->length + length) * 2 + 256;
        message->bytes = mem_resize(message->bytes, message->room, 1);
    }
    if (length > 0)
        memcpy(message->bytes + message->length, bytes, length);
    message->length += length;
}

void
message_u8(Message *message, unsigned value)
{
    unsigned char byte = (unsigned char) value;

    message_add(message, &byte, 1);
}

static void
message_little(Message *message, uint64_t value, size_t size)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char) (value >> (8 * i));
    message_add(message, bytes, size);
}

void
message_u16(Message *message, unsigned value)
{
    message_little(message, value, 2);
}

void
message_u32(Message *message, uint32_t value)
{
    message_little(message, value, 4);
}

void
message_u64(Message *message, uint64_t value)
{
    message_little(message, value, 8);
}

/* One code point of UTF-8; advances. */
static uint32_t
next_code_point(const unsigned char **at)
{
    const unsigned char *text = *at;
    int more = text[0] < 0x80                      ? 0
               : text[0] >= 0xC2 && text[0] < 0xE0 ? 1
               : text[0] >= 0xE0 && text[0] < 0xF0 ? 2
               : text[0] >= 0xF0 && text[0] < 0xF5 ? 3
                                                   : -1;
    static const unsigned char masks[] = {0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code;

    *at = text + 1;
    if (more < 0)
        return 0xFFFD;
    code = text[0] & masks[more];
    for (int i = 1; i <= more; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0xFFFD;
        code = code << 6 | (text[i] & 0x3F);
    }
    *at = text + 1 + more;
    return code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0xFFFD : code;
}

size_t
message_utf16(Message *message, const char *text)
{
    const unsigned char *at = (const unsigned char *) text;
    size_t units = 0;

    while (*at) {
        uint32_t code = next_code_point(&at);
        if (code >= 0x10000) {
            message_u16(message, 0xD800 + ((code - 0x10000) >> 10));
            message_u16(message, 0xDC00 + ((code - 0x10000) & 0x3FF));
            units += 2;
        } else {
            message_u16(message, code);
            units++;
        }
    }
    return units;
}

void
message_done(Message *message)
{
    if (message->bytes)
        explicit_bzero(message->bytes, message->room);
    free(message->bytes);
    *message = (Message){0};
}

char *
text_from_utf16(const unsigned char *bytes, size_t length, size_t *out_length)
{
    char *text = mem_new(length / 2 * 3 + 1, 1);
    size_t out = 0;

    for (size_t i = 0; i + 1 < length; i += 2) {
        uint32_t code = bytes[i] | (uint32_t) bytes[i + 1] << 8;
        if (code >= 0xD800 && code < 0xDC00 && i + 3 < length) {
            uint32_t low = bytes[i + 2] | (uint32_t) bytes[i + 3] << 8;
            if (low >= 0xDC00 && low < 0xE000) {
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        if (code >= 0xD800 && code < 0xE000)
            code = 0xFFFD;
        if (code < 0x80) {
            text[out++] = (char) code;
        } else if (code < 0x800) {
            text[out++] = (char) (0xC0 | code >> 6);
            text[out++] = (char) (0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            text[out++] = (char) (0xE0 | code >> 12);
            text[out++] = (char) (0x80 | (code >> 6 & 0x3F));
            text[out++] = (char) (0x80 | (code & 0x3F));
        } else {
            text[out++] = (char) (0xF0 | code >> 18);
            text[out++] = (char) (0x80 | (code >> 12 & 0x3F));
            text[out++] = (char) (0x80 | (code >> 6 & 0x3F));
            text[out++] = (char) (0x80 | (code & 0x3F));
        }
    }
    if (out_length)
        *out_length = out;
    return text;
}

bool
connection_break(TdsConnection *connection, int error, const char *format, ...)
{
    va_list arguments;

    if (!connection->broken) {
        va_start(arguments, format);
        connection->problem = str_vformat(format, arguments);
        va_end(arguments);
        connection->broken = error;
    }
    return false;
}

/* Waits until the socket can be read or written; notices tds_cancel while a reply is awaited. */
static bool
wait_socket(TdsConnection *connection, short events)
{
    for (;;) {
        struct pollfd ends[2] = {
            {.fd = connection->sock, .events = events},
            {.fd = connection->attention_sent ? -1 : connection->wake, .events = POLLIN}};
        int ready = poll(
            ends, 2, connection->timeout_milliseconds > 0 ? connection->timeout_milliseconds : -1);

        if (ready < 0 && errno != EINTR)
            return connection_break(connection, -errno, "cannot wait: %s", strerror(errno));
        if (ready == 0)
            return connection_break(connection, -ETIMEDOUT, "the server did not answer in %d s",
                                    connection->timeout_milliseconds / 1000);
        if (ready > 0 && ends[1].revents) {
            uint64_t count;
            Message nothing = {0};

            if (read(connection->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
                return connection_break(connection, -errno, "cannot wait: %s", strerror(errno));
            connection->attention_sent = true;
            if (events == POLLIN && !connection_send(connection, PACKET_ATTENTION, &nothing))
                return false;
        }
        if (ready > 0 && ends[0].revents)
            return true;
    }
}

static bool
raw_send(TdsConnection *connection, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(connection->sock, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            length -= (size_t) sent;
        } else if (errno == EAGAIN) {
            if (!wait_socket(connection, POLLOUT))
                return false;
        } else if (errno != EINTR) {
            return connection_break(connection, -errno, "the connection was lost: %s",
                                    strerror(errno));
        }
    }
    return true;
}

/* At least one byte. */
static ssize_t
raw_receive(TdsConnection *connection, unsigned char *bytes, size_t room)
{
    for (;;) {
        ssize_t got = recv(connection->sock, bytes, room, MSG_DONTWAIT);
        if (got > 0)
            return got;
        if (got == 0) {
            connection_break(connection, -ECONNRESET, "the server closed the connection");
            return -1;
        }
        if (errno == EAGAIN) {
            if (!wait_socket(connection, POLLIN))
                return -1;
        } else if (errno != EINTR) {
            connection_break(connection, -errno, "the connection was lost: %s", strerror(errno));
            return -1;
        }
    }
}

/* What OpenSSL wants to send goes out, raw or in packets of the type. */
static bool
flush_tls(TdsConnection *connection, int packet_type)
{
    unsigned char bytes[16384];
    int length;

    while ((length = BIO_read(SSL_get_wbio(connection->tls), bytes, sizeof(bytes))) > 0) {
        if (packet_type) {
            unsigned char header[HEADER_SIZE] = {(unsigned char) packet_type, 1,
                                                 (unsigned char) ((length + HEADER_SIZE) >> 8),
                                                 (unsigned char) (length + HEADER_SIZE)};
            if (!raw_send(connection, header, sizeof(header)))
                return false;
        }
        if (!raw_send(connection, bytes, (size_t) length))
            return false;
    }
    return true;
}

static bool
plain_send(TdsConnection *connection, const unsigned char *bytes, size_t length)
{
    if (!connection->tls)
        return raw_send(connection, bytes, length);
    return SSL_write(connection->tls, bytes, (int) length) == (int) length
               ? flush_tls(connection, 0)
               : connection_break(connection, -EPROTO, "TLS failed while sending");
}

static bool
plain_receive(TdsConnection *connection, unsigned char *bytes, size_t length)
{
    unsigned char raw[16384];

    while (length > 0) {
        ssize_t got;

        if (connection->tls) {
            got = SSL_read(connection->tls, bytes, (int) length);
            if (got <= 0) {
                if (SSL_get_error(connection->tls, (int) got) != SSL_ERROR_WANT_READ)
                    return connection_break(connection, -EPROTO, "TLS failed while receiving");
                ssize_t more = raw_receive(connection, raw, sizeof(raw));
                if (more <= 0)
                    return false;
                BIO_write(SSL_get_rbio(connection->tls), raw, (int) more);
                continue;
            }
        } else if ((got = raw_receive(connection, bytes, length)) <= 0) {
            return false;
        }
        bytes += got;
        length -= (size_t) got;
    }
    return true;
}

bool
connection_send(TdsConnection *connection, int type, const Message *message)
{
    size_t at = 0, most = connection->packet_size - HEADER_SIZE;
    AUTO_FREE unsigned char *packet = mem_new(connection->packet_size, 1);
    unsigned number = 1;

    do {
        size_t part = message->length - at < most ? message->length - at : most;
        bool last = at + part == message->length;

        packet[0] = (unsigned char) type;
        packet[1] = last;
        packet[2] = (unsigned char) ((part + HEADER_SIZE) >> 8);
        packet[3] = (unsigned char) (part + HEADER_SIZE);
        packet[6] = (unsigned char) number++;
        if (part > 0)
            memcpy(packet + HEADER_SIZE, message->bytes + at, part);
        if (!plain_send(connection, packet, part + HEADER_SIZE))
            return false;
        at += part;
    } while (at < message->length);
    explicit_bzero(packet, connection->packet_size);
    return true;
}

static bool
read_packet(TdsConnection *connection)
{
    unsigned char header[HEADER_SIZE];
    size_t length;

    if (!plain_receive(connection, header, sizeof(header)))
        return false;
    length = (size_t) header[2] << 8 | header[3];
    if (header[0] != PACKET_REPLY || length < HEADER_SIZE || length > PACKET_LARGEST)
        return connection_break(connection, -EPROTO, "the server does not speak TDS");
    length -= HEADER_SIZE;
    if (length > connection->packet_room) {
        connection->packet_room = PACKET_LARGEST;
        connection->packet = mem_resize(connection->packet, connection->packet_room, 1);
    }
    connection->last = header[1] & 1;
    connection->at = 0;
    connection->end = length;
    return plain_receive(connection, connection->packet, length);
}

bool
read_begin(TdsConnection *connection)
{
    return !connection->broken && read_packet(connection);
}

bool
read_bytes(TdsConnection *connection, void *bytes, size_t length)
{
    unsigned char *out = bytes;

    while (length > 0) {
        size_t have = connection->end - connection->at;
        size_t part = have < length ? have : length;

        if (have == 0) {
            if (connection->last)
                return connection_break(connection, -EPROTO, "the server's reply is cut short");
            if (!read_packet(connection))
                return false;
            continue;
        }
        if (out) {
            memcpy(out, connection->packet + connection->at, part);
            out += part;
        }
        connection->at += part;
        length -= part;
    }
    return true;
}

bool
read_skip(TdsConnection *connection, size_t length)
{
    return read_bytes(connection, NULL, length);
}

bool
read_at_end(TdsConnection *connection)
{
    while (connection->at == connection->end && !connection->last)
        if (!read_packet(connection))
            return true;
    return connection->at == connection->end;
}

static bool
read_little(TdsConnection *connection, size_t size, uint64_t *value)
{
    unsigned char bytes[8];

    if (!read_bytes(connection, bytes, size))
        return false;
    *value = 0;
    for (size_t i = 0; i < size; i++)
        *value |= (uint64_t) bytes[i] << (8 * i);
    return true;
}

bool
read_u8(TdsConnection *connection, unsigned *value)
{
    uint64_t wide;
    bool good = read_little(connection, 1, &wide);

    *value = good ? (unsigned) wide : 0;
    return good;
}

bool
read_u16(TdsConnection *connection, unsigned *value)
{
    uint64_t wide;
    bool good = read_little(connection, 2, &wide);

    *value = good ? (unsigned) wide : 0;
    return good;
}

bool
read_u32(TdsConnection *connection, uint32_t *value)
{
    uint64_t wide;
    bool good = read_little(connection, 4, &wide);

    *value = good ? (uint32_t) wide : 0;
    return good;
}

bool
read_u64(TdsConnection *connection, uint64_t *value)
{
    bool good = read_little(connection, 8, value);

    if (!good)
        *value = 0;
    return good;
}

bool
read_utf16(TdsConnection *connection, size_t count, char **text)
{
    AUTO_FREE unsigned char *bytes = mem_new(count * 2 + 1, 1);

    *text = NULL;
    if (!read_bytes(connection, bytes, count * 2))
        return false;
    *text = text_from_utf16(bytes, count * 2, NULL);
    return true;
}

/* A PRELOGIN packet of the handshake: its payload goes to OpenSSL. */
static bool
feed_handshake(TdsConnection *connection)
{
    unsigned char header[HEADER_SIZE], bytes[PACKET_LARGEST];
    size_t have = 0, length;

    while (have < sizeof(header)) {
        ssize_t got = raw_receive(connection, header + have, sizeof(header) - have);
        if (got <= 0)
            return false;
        have += (size_t) got;
    }
    length = (size_t) header[2] << 8 | header[3];
    if (length <= HEADER_SIZE || length > sizeof(bytes))
        return connection_break(connection, -EPROTO, "the TLS handshake is malformed");
    length -= HEADER_SIZE;
    for (have = 0; have < length;) {
        ssize_t got = raw_receive(connection, bytes + have, length - have);
        if (got <= 0)
            return false;
        have += (size_t) got;
    }
    BIO_write(SSL_get_rbio(connection->tls), bytes, (int) length);
    return true;
}

bool
connection_start_tls(TdsConnection *connection, const char *host, const char *ca_file)
{
    connection->tls_context = SSL_CTX_new(TLS_client_method());
    if (!connection->tls_context)
        return connection_break(connection, -EIO, "OpenSSL cannot start");
    SSL_CTX_set_min_proto_version(connection->tls_context, TLS1_2_VERSION);
    /* TLS 1.3 has messages after its handshake, for which TDS 7 has no place. */
    SSL_CTX_set_max_proto_version(connection->tls_context, TLS1_2_VERSION);
    if (ca_file) {
        if (SSL_CTX_load_verify_locations(connection->tls_context, ca_file, NULL) != 1)
            return connection_break(connection, -ENOENT, "cannot read the certificates in %s",
                                    ca_file);
        SSL_CTX_set_verify(connection->tls_context, SSL_VERIFY_PEER, NULL);
    }
    connection->tls = SSL_new(connection->tls_context);
    SSL_set_bio(connection->tls, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(connection->tls);
    if (ca_file) {
        X509_VERIFY_PARAM *rules = SSL_get0_param(connection->tls);
        if (X509_VERIFY_PARAM_set1_ip_asc(rules, host) != 1)
            SSL_set1_host(connection->tls, host);
    }
    for (;;) {
        int result = SSL_do_handshake(connection->tls);
        if (!flush_tls(connection, PACKET_PRELOGIN))
            return false;
        if (result == 1)
            return true;
        if (SSL_get_error(connection->tls, result) != SSL_ERROR_WANT_READ) {
            long verdict = SSL_get_verify_result(connection->tls);
            return connection_break(connection, -EPROTO, "the TLS handshake failed: %s",
                                    verdict != X509_V_OK
                                        ? X509_verify_cert_error_string(verdict)
                                        : ERR_reason_error_string(ERR_peek_last_error()));
        }
        if (!feed_handshake(connection))
            return false;
    }
}
