/*
 * The measuring client's TDS side. See tds_client.h.
 */
#include "tds_client.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET 4096
#define PACKET_BATCH 1
#define PACKET_RPC 3
#define PACKET_BULK 7
#define PACKET_LOGIN 16
#define PACKET_PRELOGIN 18

struct TdsClient {
    int fd;
    uint8_t *reply; /* the reply's bytes without packet headers */
    size_t length, capacity;
    uint8_t buffer[65536]; /* read but not used */
    size_t have, used;
};

static void
fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

/* ---- building ---- */

typedef struct Bytes {
    uint8_t *data;
    size_t length, capacity;
} Bytes;

static void
put(Bytes *bytes, const void *data, size_t length)
{
    if (bytes->length + length > bytes->capacity) {
        bytes->capacity = (bytes->length + length) * 2 + 256;
        bytes->data = realloc(bytes->data, bytes->capacity);
        if (bytes->data == NULL)
            fail("out of memory");
    }
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

static void
put8(Bytes *bytes, uint8_t value)
{
    put(bytes, &value, 1);
}

static void
put16(Bytes *bytes, uint16_t value)
{
    put(bytes, &value, 2);
}

static void
put32(Bytes *bytes, uint32_t value)
{
    put(bytes, &value, 4);
}

/* ASCII as UTF-16. */
static void
put_wide(Bytes *bytes, const char *text)
{
    for (; *text != '\0'; text++)
        put16(bytes, (uint8_t) *text);
}

/* Cuts a message into packets. */
static Bytes
packets(uint8_t type, const Bytes *message)
{
    Bytes out = {0};
    size_t offset = 0;

    do {
        size_t part = message->length - offset;
        uint8_t header[8] = {type, 0, 0, 0, 0, 0, 1, 0};

        if (part > PACKET - 8)
            part = PACKET - 8;
        header[1] = offset + part == message->length;
        header[2] = (uint8_t) ((part + 8) >> 8);
        header[3] = (uint8_t) (part + 8);
        put(&out, header, 8);
        put(&out, message->data + offset, part);
        offset += part;
    } while (offset < message->length);
    return out;
}

static void
put_headers(Bytes *bytes)
{
    put32(bytes, 22);
    put32(bytes, 18);
    put16(bytes, 2);
    put32(bytes, 0);
    put32(bytes, 0);
    put32(bytes, 1);
}

static void
put_nvarchar(Bytes *bytes, const char *text)
{
    static const uint8_t collation[5] = {0x09, 0x04, 0xD0, 0x00, 0x34};
    size_t length = strlen(text) * 2;

    put8(bytes, 0);
    put8(bytes, 0);
    put8(bytes, 0xE7);
    put16(bytes, length > 8000 ? 0xFFFF : 8000);
    put(bytes, collation, 5);
    if (length > 8000) {
        uint64_t total = length;

        put(bytes, &total, 8);
        put32(bytes, (uint32_t) length);
        put_wide(bytes, text);
        put32(bytes, 0);
    } else {
        put16(bytes, (uint16_t) length);
        put_wide(bytes, text);
    }
}

static void
put_int(Bytes *bytes, const char *name, bool output, bool null, int32_t value)
{
    put8(bytes, (uint8_t) strlen(name));
    put_wide(bytes, name);
    put8(bytes, output);
    put8(bytes, 0x26);
    put8(bytes, 4);
    put8(bytes, null ? 0 : 4);
    if (!null)
        put32(bytes, (uint32_t) value);
}

static const char *
declaration(int parameters)
{
    return parameters == 0 ? "" : parameters == 1 ? "@a int" : "@a int, @b int";
}

/* Appends @a and @b; remembers where the value of @a stands once packets are cut. */
static size_t
put_parameters(Bytes *bytes, int parameters)
{
    size_t offset = 0;

    if (parameters > 0) {
        put_int(bytes, "@a", false, false, 0);
        offset = bytes->length - 4;
    }
    if (parameters > 1)
        put_int(bytes, "@b", false, false, 1);
    return offset;
}

static TdsRequest
request(uint8_t type, Bytes *message, size_t value_offset)
{
    Bytes cut = packets(type, message);
    TdsRequest made = {cut.data, cut.length, 0};

    if (value_offset > 0 && message->length <= PACKET - 8)
        made.value_offset = value_offset + 8;
    free(message->data);
    return made;
}

TdsRequest
tds_request_batch(const char *sql)
{
    Bytes message = {0};

    put_headers(&message);
    put_wide(&message, sql);
    return request(PACKET_BATCH, &message, 0);
}

TdsRequest
tds_request_executesql(const char *sql, int parameters)
{
    Bytes message = {0};
    size_t offset;

    put_headers(&message);
    put16(&message, 0xFFFF);
    put16(&message, 10);
    put16(&message, 0);
    put_nvarchar(&message, sql);
    put_nvarchar(&message, declaration(parameters));
    offset = put_parameters(&message, parameters);
    return request(PACKET_RPC, &message, offset);
}

TdsRequest
tds_request_execute(int32_t handle, int parameters)
{
    Bytes message = {0};
    size_t offset;

    put_headers(&message);
    put16(&message, 0xFFFF);
    put16(&message, 12);
    put16(&message, 0);
    put_int(&message, "", false, false, handle);
    offset = put_parameters(&message, parameters);
    return request(PACKET_RPC, &message, offset);
}

void
tds_request_set_int(TdsRequest *made, int32_t value)
{
    memcpy(made->bytes + made->value_offset, &value, 4);
}

void
tds_request_free(TdsRequest *made)
{
    free(made->bytes);
    made->bytes = NULL;
}

/* ---- reading ---- */

static void
send_all(TdsClient *client, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(client->fd, bytes, length, MSG_NOSIGNAL);

        if (sent <= 0)
            fail("the server closed the connection");
        bytes += sent;
        length -= (size_t) sent;
    }
}

static void
fill(TdsClient *client, size_t wanted)
{
    if (client->used > 0 && client->used + wanted > sizeof(client->buffer)) {
        memmove(client->buffer, client->buffer + client->used, client->have - client->used);
        client->have -= client->used;
        client->used = 0;
    }
    while (client->have - client->used < wanted) {
        ssize_t got = recv(client->fd, client->buffer + client->have,
                           sizeof(client->buffer) - client->have, 0);

        if (got <= 0)
            fail("the server closed the connection");
        client->have += (size_t) got;
    }
}

/* Reads packets to the end of a message. */
static void
read_reply(TdsClient *client)
{
    bool last = false;

    client->length = 0;
    while (!last) {
        size_t length;

        if (client->used == client->have)
            client->used = client->have = 0;
        fill(client, 8);
        length = (size_t) client->buffer[client->used + 2] << 8 | client->buffer[client->used + 3];
        if (length < 8 || length > 32768)
            fail("a packet of impossible length");
        fill(client, length);
        last = client->buffer[client->used + 1] & 1;
        if (client->length + length > client->capacity) {
            client->capacity = (client->length + length) * 2;
            client->reply = realloc(client->reply, client->capacity);
            if (client->reply == NULL)
                fail("out of memory");
        }
        memcpy(client->reply + client->length, client->buffer + client->used + 8, length - 8);
        client->length += length - 8;
        client->used += length;
    }
}

static uint16_t
get16(const uint8_t *at)
{
    return (uint16_t) (at[0] | at[1] << 8);
}

typedef struct ColumnShape {
    uint8_t type;
    uint8_t length_bytes; /* of a value's length: 0 fixed, 1, 2 */
    uint8_t fixed;
} ColumnShape;

static void
server_error(const uint8_t *at)
{
    size_t length = get16(at + 9); /* token, length, number, state, class, then the text */
    char text[512];
    size_t i;

    for (i = 0; i < length && i < sizeof(text) - 1; i++)
        text[i] = (char) at[11 + 2 * i];
    text[i] = '\0';
    fail(text);
}

static const uint8_t *
read_columns(const uint8_t *at, ColumnShape *shapes, int *count)
{
    *count = get16(at);
    at += 2;
    if (*count == 0xFFFF)
        *count = 0;
    if (*count > 16)
        fail("too many columns for this client");
    for (int i = 0; i < *count; i++) {
        ColumnShape *shape = &shapes[i];

        at += 6;
        shape->type = *at++;
        switch (shape->type) {
        case 0x38:
            *shape = (ColumnShape){shape->type, 0, 4};
            break;
        case 0x7F:
            *shape = (ColumnShape){shape->type, 0, 8};
            break;
        case 0x26:
            shape->length_bytes = 1;
            at++;
            break;
        case 0xE7:
        case 0xA7:
        case 0xEF:
        case 0xAF:
            shape->length_bytes = 2;
            at += 7;
            break;
        default:
            fail("a column of a type that this client does not measure with");
        }
        at += 1 + 2 * at[0];
    }
    return at;
}

static const uint8_t *
skip_row(const uint8_t *at, const ColumnShape *shapes, int count, const uint8_t *nulls)
{
    for (int i = 0; i < count; i++) {
        if (nulls != NULL && (nulls[i / 8] >> (i % 8) & 1))
            continue;
        if (shapes[i].length_bytes == 0)
            at += shapes[i].fixed;
        else if (shapes[i].length_bytes == 1)
            at += 1 + at[0];
        else
            at += 2 + (get16(at) == 0xFFFF ? 0 : get16(at));
    }
    return at;
}

/* Walks the reply's tokens: counts rows, exits on an error, finds the first RETURNVALUE int. */
static long
walk(TdsClient *client, int32_t *value)
{
    const uint8_t *at = client->reply;
    const uint8_t *end = at + client->length;
    ColumnShape shapes[16];
    int columns = 0;
    long rows = 0;

    while (at < end) {
        uint8_t token = *at++;

        switch (token) {
        case 0x81:
            at = read_columns(at, shapes, &columns);
            break;
        case 0xD1:
            at = skip_row(at, shapes, columns, NULL);
            rows++;
            break;
        case 0xD2:
            at = skip_row(at + (columns + 7) / 8, shapes, columns, at);
            rows++;
            break;
        case 0xFD:
        case 0xFE:
        case 0xFF:
            at += 12;
            break;
        case 0x79:
            at += 4;
            break;
        case 0xAA:
            server_error(at - 1);
            break;
        case 0xAC:
            at += 2;
            at += 1 + 2 * at[0];
            at += 1 + 4 + 2;
            at += 2; /* INTN, 4 */
            if (at[0] == 4 && value != NULL)
                memcpy(value, at + 1, 4);
            at += 1 + at[0];
            break;
        case 0xAE: { /* FEATUREEXTACK */
            while (*at != 0xFF)
                at += 5 + (at[1] | at[2] << 8 | at[3] << 16 | at[4] << 24);
            at++;
            break;
        }
        default: /* tokens with a 2-byte length */
            at += 2 + get16(at);
            break;
        }
    }
    return rows;
}

long
tds_client_run(TdsClient *client, const TdsRequest *made)
{
    send_all(client, made->bytes, made->length);
    read_reply(client);
    return walk(client, NULL);
}

int32_t
tds_client_prepare(TdsClient *client, const char *sql, int parameters)
{
    Bytes message = {0};
    TdsRequest made;
    int32_t handle = 0;

    put_headers(&message);
    put16(&message, 0xFFFF);
    put16(&message, 11);
    put16(&message, 0);
    put_int(&message, "", true, true, 0);
    put_nvarchar(&message, declaration(parameters));
    put_nvarchar(&message, sql);
    put_int(&message, "", false, false, 1);
    made = request(PACKET_RPC, &message, 0);
    send_all(client, made.bytes, made.length);
    tds_request_free(&made);
    read_reply(client);
    walk(client, &handle);
    if (handle == 0)
        fail("sp_prepare gave no handle");
    return handle;
}

/* ---- login ---- */

static void
prelogin(TdsClient *client, bool tls)
{
    static const uint8_t options[] = {0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF};
    Bytes message = {0};
    Bytes cut;

    put(&message, options, sizeof(options));
    put(&message, "\x10\0\0\0\0\0", 6);
    put8(&message, tls ? 0 : 2); /* ENCRYPT_OFF: the login only; ENCRYPT_NOT_SUP */
    cut = packets(PACKET_PRELOGIN, &message);
    send_all(client, cut.data, cut.length);
    free(cut.data);
    free(message.data);
    read_reply(client);
}

static void
send_prelogin_bytes(TdsClient *client, BIO *out)
{
    uint8_t bytes[16384];
    int got;

    while ((got = BIO_read(out, bytes, sizeof(bytes))) > 0) {
        Bytes message = {bytes, (size_t) got, sizeof(bytes)};
        Bytes cut = packets(PACKET_PRELOGIN, &message);

        send_all(client, cut.data, cut.length);
        free(cut.data);
    }
}

/* TLS inside PRELOGIN packets, then the login record raw. */
static void
send_login_encrypted(TdsClient *client, const Bytes *login)
{
    static SSL_CTX *context;
    SSL *ssl;
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    uint8_t bytes[16384];
    int got;

    if (context == NULL) {
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    }
    ssl = SSL_new(context);
    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    while (!SSL_is_init_finished(ssl)) {
        SSL_do_handshake(ssl);
        send_prelogin_bytes(client, out);
        if (SSL_is_init_finished(ssl))
            break;
        read_reply(client);
        BIO_write(in, client->reply, (int) client->length);
    }
    SSL_write(ssl, login->data, (int) login->length);
    while ((got = BIO_read(out, bytes, sizeof(bytes))) > 0)
        send_all(client, bytes, (size_t) got);
    SSL_free(ssl);
}

static Bytes
login7(const char *user, const char *password, const char *database)
{
    const char *fields[] = {"bench", user, password, "bench", "bench", "", "bench", "", database};
    Bytes login = {0};
    Bytes tail = {0};
    uint16_t offset = 94;
    uint32_t length;

    put32(&login, 0);
    put32(&login, 0x74000004);
    put32(&login, PACKET);
    put32(&login, 7);
    put32(&login, (uint32_t) getpid());
    put32(&login, 0);
    put8(&login, 0xE0);
    put8(&login, 0x03);
    put8(&login, 0);
    put8(&login, 0);
    put32(&login, 0);
    put32(&login, 0x0409);
    for (int i = 0; i < 9; i++) {
        size_t start = tail.length;

        put16(&login, (uint16_t) (offset + start));
        put16(&login, (uint16_t) strlen(fields[i]));
        put_wide(&tail, fields[i]);
        if (i == 2)
            for (size_t b = start; b < tail.length; b++)
                tail.data[b] = (uint8_t) ((tail.data[b] << 4 | tail.data[b] >> 4) ^ 0xA5);
    }
    put(&login, "\0\0\0\0\0\0", 6);
    for (int i = 0; i < 3; i++) { /* SSPI, attach file, change password */
        put16(&login, (uint16_t) (offset + tail.length));
        put16(&login, 0);
    }
    put32(&login, 0);
    put(&login, tail.data, tail.length);
    free(tail.data);
    length = (uint32_t) login.length;
    memcpy(login.data, &length, 4);
    return login;
}

TdsClient *
tds_client_connect(const char *host,
                   int port,
                   const char *user,
                   const char *password,
                   const char *database,
                   bool tls)
{
    TdsClient *client = calloc(1, sizeof(TdsClient));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    Bytes login = login7(user, password, database);
    Bytes cut = packets(PACKET_LOGIN, &login);
    int one = 1;

    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, host, &address.sin_addr);
    if (connect(client->fd, (struct sockaddr *) &address, sizeof(address)) != 0)
        fail("cannot connect");
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    prelogin(client, tls);
    if (tls)
        send_login_encrypted(client, &cut);
    else
        send_all(client, cut.data, cut.length);
    free(cut.data);
    free(login.data);
    read_reply(client);
    walk(client, NULL);
    return client;
}

void
tds_client_close(TdsClient *client)
{
    close(client->fd);
    free(client->reply);
    free(client);
}

/* ---- bulk load ---- */

void
tds_client_bulk(TdsClient *client, const char *table, long rows)
{
    static const uint8_t collation[5] = {0x09, 0x04, 0xD0, 0x00, 0x34};
    char sql[256];
    TdsRequest start;
    Bytes message = {0};
    Bytes cut;

    snprintf(sql, sizeof(sql), "INSERT BULK %s (id int, name nvarchar(50), amount bigint)", table);
    start = tds_request_batch(sql);
    tds_client_run(client, &start);
    tds_request_free(&start);

    put8(&message, 0x81);
    put16(&message, 3);
    put32(&message, 0);
    put16(&message, 0x0008);
    put8(&message, 0x38);
    put8(&message, 2);
    put_wide(&message, "id");
    put32(&message, 0);
    put16(&message, 0x0009);
    put8(&message, 0xE7);
    put16(&message, 100);
    put(&message, collation, 5);
    put8(&message, 4);
    put_wide(&message, "name");
    put32(&message, 0);
    put16(&message, 0x0009);
    put8(&message, 0x26);
    put8(&message, 8);
    put8(&message, 6);
    put_wide(&message, "amount");
    for (long i = 0; i < rows; i++) {
        char name[32];
        uint64_t amount = (uint64_t) i * 1000003u;

        snprintf(name, sizeof(name), "row number %ld", i);
        put8(&message, 0xD1);
        put32(&message, (uint32_t) i);
        put16(&message, (uint16_t) (strlen(name) * 2));
        put_wide(&message, name);
        put8(&message, 8);
        put(&message, &amount, 8);
    }
    put8(&message, 0xFD);
    put(&message, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    cut = packets(PACKET_BULK, &message);
    send_all(client, cut.data, cut.length);
    free(cut.data);
    free(message.data);
    read_reply(client);
    walk(client, NULL);
}
