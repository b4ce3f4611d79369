/*
 * connection.h: what the files of the TDS client give each other: the connection, its packets and
 * the reader of a reply. Outside users see tds_client.h only.
 */
#pragma once

#include "tdsclient/tds_client.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

/* MS-TDS 2.2.3.1.1 */
enum {
    PACKET_BATCH = 1,
    PACKET_RPC = 3,
    PACKET_REPLY = 4,
    PACKET_ATTENTION = 6,
    PACKET_LOGIN = 16,
    PACKET_PRELOGIN = 18
};

struct TdsConnection {
    int sock, wake; /* wake: an eventfd that tds_cancel writes to */
    atomic_bool cancel;
    bool attention_sent;
    SSL_CTX *tls_context;
    SSL *tls; /* over two memory BIOs; NULL before the handshake */
    int timeout_milliseconds;
    size_t packet_size;
    unsigned char *packet; /* the packet that is read: payload, position, end */
    size_t packet_room, at, end;
    bool last;     /* of its message */
    int broken;    /* negative errno once the connection is of no more use */
    char *problem; /* why, or NULL */
    char *database;
    unsigned char transaction[8];
};

/* A growing block of bytes to send. */
typedef struct Message {
    unsigned char *bytes;
    size_t length, room;
} Message;

void message_add(Message *message, const void *bytes, size_t length);
void message_u8(Message *message, unsigned value);
void message_u16(Message *message, unsigned value); /* little-endian, as all of TDS but headers */
void message_u32(Message *message, uint32_t value);
void message_u64(Message *message, uint64_t value);
/* UTF-8 in, UCS-2LE out; what is no UTF-8 becomes U+FFFD. Returns the number of code units. */
size_t message_utf16(Message *message, const char *text);
void message_done(Message *message);

/* Sends a message in packets. False: broken. */
bool connection_send(TdsConnection *connection, int type, const Message *message);
/* TLS inside PRELOGIN packets (MS-TDS 2.2.6.5). */
bool connection_start_tls(TdsConnection *connection, const char *host, const char *ca_file);
/* Marks it broken with a reason; returns false. */
bool connection_break(TdsConnection *connection, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The reader: across packets to the message's end. Each returns false when the connection broke. */
bool read_begin(TdsConnection *connection); /* first packet of the next message */
bool read_bytes(TdsConnection *connection, void *bytes, size_t length);
bool read_skip(TdsConnection *connection, size_t length);
bool read_u8(TdsConnection *connection, unsigned *value);
bool read_u16(TdsConnection *connection, unsigned *value);
bool read_u32(TdsConnection *connection, uint32_t *value);
bool read_u64(TdsConnection *connection, uint64_t *value);
/* count code units as UTF-8, owned by the caller. */
bool read_utf16(TdsConnection *connection, size_t count, char **text);
/* Whether the message has no more bytes. */
bool read_at_end(TdsConnection *connection);

/* UCS-2LE to UTF-8, owned by the caller. */
char *text_from_utf16(const unsigned char *bytes, size_t length, size_t *out_length);

/* Reads a whole reply; see tds_batch. */
int reply_read(TdsConnection *connection, const TdsReceiver *receiver);

/* TYPE_INFO of a column, and a value of it as text (MS-TDS 2.2.5.4 to 2.2.5.6). */
typedef struct ColumnType {
    unsigned type;   /* token */
    uint32_t length; /* the most bytes */
    unsigned precision, scale;
    unsigned char collation[5];
    bool plp; /* in chunks */
} ColumnType;

bool type_read(TdsConnection *connection, ColumnType *type);
/* "nvarchar(50)"; owned by the caller. */
char *type_name(const ColumnType *type);
int type_width(const ColumnType *type);
bool type_is_numeric(const ColumnType *type);
/* *text is owned by the caller; NULL for SQL's NULL. */
bool value_read(TdsConnection *connection, const ColumnType *type, char **text, size_t *length);
