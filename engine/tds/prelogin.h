/*
 * PRELOGIN (MS-TDS 2.2.6.5): the first message of a connection that is not TDS 8.0, and the reply
 * to it. An option table of {token, offset, length} (big-endian) ended by 0xFF, then the data. In
 * TDS 8.0 the same message comes inside TLS, and encryption is answered with what the client sent.
 *
 * After a reply that settles on encryption the TLS handshake records travel as payload of PRELOGIN
 * packets; that is the session's business.
 */
#pragma once

#include "tds/buffer.h"
#include "tds/reader.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum TdsPreloginToken {
    TDS_PRELOGIN_VERSION = 0x00,
    TDS_PRELOGIN_ENCRYPTION = 0x01,
    TDS_PRELOGIN_INSTOPT = 0x02,
    TDS_PRELOGIN_THREADID = 0x03,
    TDS_PRELOGIN_MARS = 0x04,
    TDS_PRELOGIN_TRACEID = 0x05,
    TDS_PRELOGIN_FEDAUTHREQUIRED = 0x06,
    TDS_PRELOGIN_NONCEOPT = 0x07,
    TDS_PRELOGIN_TERMINATOR = 0xFF,
} TdsPreloginToken;

typedef enum TdsEncryption {
    TDS_ENCRYPT_OFF = 0x00, /* only LOGIN7 is encrypted */
    TDS_ENCRYPT_ON = 0x01,
    TDS_ENCRYPT_NOT_SUP = 0x02,
    TDS_ENCRYPT_REQ = 0x03,
    TDS_ENCRYPT_CLIENT_CERT = 0x80, /* bit: certificate authentication, not supported here */
} TdsEncryption;

typedef struct TdsPrelogin {
    bool has_version;
    uint8_t version[4]; /* major, minor, build high, build low */
    uint16_t sub_build;
    bool has_encryption;
    uint8_t encryption; /* TdsEncryption, with the client certificate bit left in */
    bool has_instance;
    char instance[256]; /* as sent, NUL-terminated, cut; "" or "MSSQLServer" is the default one */
    bool has_thread_id;
    uint32_t thread_id;
    bool has_mars;
    bool mars;
    bool has_trace_id;
    uint8_t connection_id[16];
    uint8_t activity_id[16];
    uint32_t activity_sequence;
    bool has_fedauth;
    uint8_t fedauth_required;
    bool has_nonce;
    uint8_t nonce[32];
} TdsPrelogin;

/* Parses the payload. Unknown options are passed over; offsets outside the payload, a missing
 * terminator and options of the wrong length are errors (reader->status). */
bool tds_prelogin_parse(TdsReader *reader, TdsPrelogin *prelogin);

/* What the server answers. */
typedef struct TdsPreloginReply {
    uint8_t version[4]; /* product version: 16, 0, build high, build low */
    uint16_t sub_build;
    uint8_t encryption;    /* see tds_prelogin_encryption */
    bool instance_matches; /* INSTOPT byte: 0 when it matches */
    bool mars;             /* false: MARS is declined */
    bool answer_fedauth;   /* put FEDAUTHREQUIRED (only when the client sent it) */
    uint8_t fedauth_required;
    const uint8_t *nonce; /* 32 bytes or NULL */
} TdsPreloginReply;

/* Writes the reply's payload (not the end of the message). Options in the order that SQL Server
 * uses: VERSION, ENCRYPTION, INSTOPT, THREADID, MARS, FEDAUTHREQUIRED, NONCEOPT. */
void tds_put_prelogin(TdsOut *out, const TdsPreloginReply *reply);

/* What the server does about encryption, and what it answers (the table of 2.2.6.5). */
typedef enum TdsEncryptionUse {
    TDS_USE_NO_TLS,
    TDS_USE_TLS_FOR_LOGIN, /* back to plain text after LOGIN7 */
    TDS_USE_TLS,
    TDS_USE_REFUSE, /* client and server cannot agree: close after the reply */
} TdsEncryptionUse;

/* `have_tls`: there is a certificate; `force`: the server requires encryption. *answer is the byte
 * for the reply. */
TdsEncryptionUse
tds_prelogin_encryption(const TdsPrelogin *prelogin, bool have_tls, bool force, uint8_t *answer);
