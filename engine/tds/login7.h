/*
 * LOGIN7 (MS-TDS 2.2.6.4): who the client is and how it wants to talk. Every offset and length in
 * it is distrusted: it must lie inside the message, behind the fixed part, and below the protocol's
 * maximum for its field (128 characters, 260 for the file name). Passwords are unscrambled in place
 * (no second copy in the message buffer) and tds_login_wipe destroys them.
 */
#pragma once

#include "tds/memory.h"
#include "tds/reader.h"
#include "tds/version.h"

#include <stdbool.h>
#include <stdint.h>

#define TDS_LOGIN_MAX (128 * 1024 - 1) /* the longest LOGIN7 message allowed */

/* Feature extension ids (2.2.6.4 FeatureExt). */
typedef enum TdsFeatureId {
    TDS_FEATURE_SESSIONRECOVERY = 0x01,
    TDS_FEATURE_FEDAUTH = 0x02,
    TDS_FEATURE_COLUMNENCRYPTION = 0x04,
    TDS_FEATURE_GLOBALTRANSACTIONS = 0x05,
    TDS_FEATURE_AZURESQLSUPPORT = 0x08,
    TDS_FEATURE_DATACLASSIFICATION = 0x09,
    TDS_FEATURE_UTF8_SUPPORT = 0x0A,
    TDS_FEATURE_AZURESQLDNSCACHING = 0x0B,
    TDS_FEATURE_JSONSUPPORT = 0x0D,
    TDS_FEATURE_VECTORSUPPORT = 0x0E,
    TDS_FEATURE_ENHANCEDROUTING = 0x0F,
    TDS_FEATURE_USERAGENT = 0x10,
    TDS_FEATURE_TERMINATOR = 0xFF,
} TdsFeatureId;

typedef struct TdsLogin {
    TdsVersion version;    /* to be spoken */
    uint32_t wire_version; /* as sent */
    uint32_t packet_size;  /* as asked; clamp with tds_login_packet_size */
    uint32_t client_version;
    uint32_t client_pid;
    uint32_t connection_id;

    /* OptionFlags1 */
    bool big_endian;        /* never honoured: refuse (no client sends it) */
    bool ebcdic;            /* likewise */
    uint8_t float_format;   /* 0 = IEEE 754; others are refused */
    bool use_db_notify;     /* send INFO/ENVCHANGE on USE (always sent in practice) */
    bool database_fatal;    /* initial database must exist, else the login fails */
    bool set_language_warn; /* warn on change of language */
    /* OptionFlags2 */
    bool language_fatal;      /* initial language must exist, else the login fails */
    bool odbc;                /* ANSI defaults, IMPLICIT_TRANSACTIONS OFF, ROWCOUNT/TEXTSIZE max */
    uint8_t user_type;        /* 0 normal, 1 server, 2 DQ login, 3 replication */
    bool integrated_security; /* SSPI is used instead of user and password */
    /* TypeFlags */
    uint8_t sql_type; /* 0 default, 1 T-SQL */
    bool oledb;       /* as odbc, for OLE DB */
    bool read_only_intent;
    /* OptionFlags3 */
    bool change_password;
    bool user_instance;
    bool send_yukon_binary_xml;
    bool unknown_collation_handling;
    bool extension_used;

    int32_t time_zone; /* minutes, as sent: unused by servers */
    uint32_t lcid;     /* the client's locale */

    TdsText host_name;
    TdsText user_name;
    TdsText password;
    TdsText app_name;
    TdsText server_name;
    TdsText library_name;
    TdsText language;
    TdsText database;
    TdsText attach_file;
    TdsText new_password; /* with change_password */
    uint8_t client_id[6]; /* MAC address, as sent */
    TdsBytes sspi;        /* points into the message */
    TdsBytes
        features; /* the FeatureExt block, checked to be well formed; points into the message */
} TdsLogin;

/*
 * Parses the whole LOGIN7 payload. `message` is written to (passwords are unscrambled in place).
 * Texts go to `memory`. On failure *detail is static text and the status says what kind; the fields
 * parsed so far may be set. The declared Length bounds all fields: one beyond `length` is
 * malformed, bytes after a shorter one are ignored.
 */
TdsStatus tds_login_parse(
    uint8_t *message, size_t length, const TdsMemory *memory, TdsLogin *login, const char **detail);

/* Overwrites both passwords, in `login` and in the message. Call it when the login is decided. */
void tds_login_wipe(uint8_t *message, size_t length, TdsLogin *login);

/* The packet size to use: asked 0 gives 4096; at least 512, at most 32767. */
uint32_t tds_login_packet_size(const TdsLogin *login);

/* One feature extension. */
typedef struct TdsFeature {
    uint8_t id;
    TdsBytes data;
} TdsFeature;

/* Walks the features: *position starts at 0. False at the end. */
bool tds_login_next_feature(const TdsLogin *login, size_t *position, TdsFeature *feature);

/* Finds one; false when the client did not send it. */
bool tds_login_find_feature(const TdsLogin *login, uint8_t id, TdsFeature *feature);

/* The scrambling of 2.2.6.4: each byte with nibbles swapped, then XOR 0xA5 (scramble), and back. */
void tds_password_scramble(uint8_t *bytes, size_t length);
void tds_password_unscramble(uint8_t *bytes, size_t length);
