/*
 * The tokens of a reply (MS-TDS 2.2.7), each written by one function straight into the packet. Text
 * parameters are UTF-8 with a length; too long ones are cut to what the token can carry. The layout
 * differences of TDS 7.0 to 8.0 live here: the callers pass the session's version and do not ask.
 *
 * A result set: tds_put_colmetadata, then rows (tds_put_row_begin or tds_put_nbcrow_begin and one
 * value.h function per column), then tds_put_done.
 */
#pragma once

#include "tds/buffer.h"
#include "tds/feature_ext.h"
#include "tds/typeinfo.h"
#include "tds/version.h"

typedef enum TdsToken {
    TDS_TOKEN_TVP_ROW = 0x01,
    TDS_TOKEN_OFFSET = 0x78,
    TDS_TOKEN_RETURNSTATUS = 0x79,
    TDS_TOKEN_COLMETADATA = 0x81,
    TDS_TOKEN_ALTMETADATA = 0x88,
    TDS_TOKEN_DATACLASSIFICATION = 0xA3,
    TDS_TOKEN_TABNAME = 0xA4,
    TDS_TOKEN_COLINFO = 0xA5,
    TDS_TOKEN_ORDER = 0xA9,
    TDS_TOKEN_ERROR = 0xAA,
    TDS_TOKEN_INFO = 0xAB,
    TDS_TOKEN_RETURNVALUE = 0xAC,
    TDS_TOKEN_LOGINACK = 0xAD,
    TDS_TOKEN_FEATUREEXTACK = 0xAE,
    TDS_TOKEN_ROW = 0xD1,
    TDS_TOKEN_NBCROW = 0xD2,
    TDS_TOKEN_ALTROW = 0xD3,
    TDS_TOKEN_ENVCHANGE = 0xE3,
    TDS_TOKEN_SESSIONSTATE = 0xE4,
    TDS_TOKEN_SSPI = 0xED,
    TDS_TOKEN_FEDAUTHINFO = 0xEE,
    TDS_TOKEN_DONE = 0xFD,
    TDS_TOKEN_DONEPROC = 0xFE,
    TDS_TOKEN_DONEINPROC = 0xFF,
} TdsToken;

/* ------------------------------------------------------------- COLMETADATA */

/* Column flags (2.2.7.4, bits as the USHORT has them). */
#define TDS_COLUMN_NULLABLE 0x0001
#define TDS_COLUMN_CASE_SENSITIVE 0x0002
#define TDS_COLUMN_UPDATABLE 0x0004         /* updatable: known to be */
#define TDS_COLUMN_UPDATABLE_UNKNOWN 0x0008 /* what SQL Server says of most table columns */
#define TDS_COLUMN_IDENTITY 0x0010
#define TDS_COLUMN_COMPUTED 0x0020      /* 7.2+ */
#define TDS_COLUMN_FIXED_LEN_CLR 0x0100 /* fixed-length CLR type */
#define TDS_COLUMN_DEFAULT 0x0200    /* TVP only: the column takes its default, no value is sent */
#define TDS_COLUMN_SPARSE_SET 0x0400 /* 7.3B */
#define TDS_COLUMN_ENCRYPTED 0x0800  /* never set by us */
#define TDS_COLUMN_HIDDEN 0x2000     /* browse mode and cursors */
#define TDS_COLUMN_KEY 0x4000        /* 7.2+ */
#define TDS_COLUMN_NULLABLE_UNKNOWN 0x8000

typedef struct TdsColumn {
    TdsText name;       /* at most 128 characters */
    uint32_t user_type; /* 0, or 0x50 for rowversion, 256+ for alias types */
    uint16_t flags;     /* TDS_COLUMN_* */
    TdsTypeInfo type;   /* on output: come through tds_type_for_version */
    TdsText table[4];   /* text, ntext, image: name parts of its table, the last ones used:
                           {server, database, schema, table}; data NULL = not there */
} TdsColumn;

#define TDS_USER_TYPE_TIMESTAMP 0x50

void tds_put_colmetadata(TdsOut *out, TdsVersion version, const TdsColumn *columns, unsigned count);

/* Count 0xFFFF: "no metadata", before rows of a statement whose metadata the client has
 * (sp_execute with NoMetaData, cursor fetches). */
void tds_put_no_metadata(TdsOut *out, TdsVersion version);

/* Reads what tds_put_colmetadata writes, from the client (bulk load). The token byte is read too.
 * `*old_layout`: it is written as before TDS 7.2, which one client also does under 8.0; its DONE
 * is then the short one as well. */
bool tds_read_colmetadata(TdsReader *reader,
                          TdsVersion version,
                          const TdsMemory *memory,
                          TdsColumn **columns,
                          unsigned *count,
                          bool *old_layout);

/* -------------------------------------------------------------------- rows */

static inline void
tds_put_row_begin(TdsOut *out)
{
    tds_put_u8(out, TDS_TOKEN_ROW);
}

/* The token and the null bitmap ((count + 7) / 8 bytes, bit 1 = NULL, column 0 is bit 0 of byte 0);
 * NULL columns are then left out of the row. TDS 7.3B and later. */
void tds_put_nbcrow_begin(TdsOut *out, const bool *nulls, unsigned count);

/* Whether NBCROW is the shorter form for this row: `nulls` may be PostgreSQL's tts_isnull. */
bool
tds_row_wants_nbc(TdsVersion version, const bool *nulls, unsigned count, const TdsColumn *columns);

/* ------------------------------------------------- what goes with a result */

/* ORDER (2.2.7.18): 1-based columns of ORDER BY. */
void tds_put_order(TdsOut *out, const uint16_t *columns, unsigned count);

/* TABNAME (2.2.7.22), each table up to 4 parts, as TdsColumn.table; COLINFO (2.2.7.5). Both only in
 * browse mode and cursors. */
typedef struct TdsTableName {
    TdsText part[4];
} TdsTableName;
void tds_put_tabname(TdsOut *out, TdsVersion version, const TdsTableName *tables, unsigned count);

#define TDS_COLINFO_EXPRESSION 0x04
#define TDS_COLINFO_KEY 0x08
#define TDS_COLINFO_HIDDEN 0x10
#define TDS_COLINFO_DIFFERENT_NAME 0x20
typedef struct TdsColInfo {
    uint8_t column;    /* 1-based */
    uint8_t table;     /* 1-based in TABNAME, 0 for expressions */
    uint8_t status;    /* TDS_COLINFO_* */
    TdsText base_name; /* with DIFFERENT_NAME */
} TdsColInfo;
void tds_put_colinfo(TdsOut *out, const TdsColInfo *columns, unsigned count);

/* -------------------------------------------------------------------- DONE */

#define TDS_DONE_FINAL 0x0000
#define TDS_DONE_MORE 0x0001
#define TDS_DONE_ERROR 0x0002
#define TDS_DONE_INXACT 0x0004     /* SQL Server does not set it since 2005 */
#define TDS_DONE_COUNT 0x0010      /* row_count is valid */
#define TDS_DONE_ATTN 0x0020       /* acknowledges an attention */
#define TDS_DONE_RPCINBATCH 0x0080 /* DONEPROC: one of several RPCs in the message */
#define TDS_DONE_SRVERROR 0x0100   /* severe error: discard the result set */

/* CurCmd of the statements that clients look at (2.2.7.6; token numbers of SQL Server's parser). */
#define TDS_CMD_SELECT 0xC1
#define TDS_CMD_INSERT 0xC3
#define TDS_CMD_DELETE 0xC4
#define TDS_CMD_UPDATE 0xC5
#define TDS_CMD_MERGE 0x117
#define TDS_CMD_BULK_INSERT 0xF0
#define TDS_CMD_CREATE_TABLE 0xC6
#define TDS_CMD_DROP_TABLE 0xC7
#define TDS_CMD_BEGIN_TRAN 0xD4
#define TDS_CMD_COMMIT 0xD5
#define TDS_CMD_ROLLBACK 0xD2
#define TDS_CMD_SET 0xF9
#define TDS_CMD_EXECUTE 0xE0
#define TDS_CMD_USE 0xE1

/* `token` is DONE, DONEPROC or DONEINPROC. The count is 64 bits since 7.2, else cut to 32. */
void tds_put_done(TdsOut *out,
                  TdsVersion version,
                  TdsToken token,
                  uint16_t status,
                  uint16_t command,
                  uint64_t row_count);

/* ------------------------------------------------------------------- login */

/* LOGINACK (2.2.7.14). interface: 1 = T-SQL. product: "Microsoft SQL Server"; program version 4
 * bytes. */
void tds_put_loginack(TdsOut *out,
                      TdsVersion version,
                      uint32_t wire_version,
                      const char *product,
                      const uint8_t program_version[4]);

/* FEATUREEXTACK (2.2.7.11): only for 7.4, only when the client sent features. */
void tds_put_feature_ext_ack(TdsOut *out, const TdsFeatureAck *acks, size_t count);

/* SSPI (2.2.7.23): the server's part of the negotiation. */
void tds_put_sspi(TdsOut *out, const void *bytes, size_t length);

/* --------------------------------------------------------------- ENVCHANGE */

typedef enum TdsEnvChange {
    TDS_ENV_DATABASE = 1,    /* text */
    TDS_ENV_LANGUAGE = 2,    /* text */
    TDS_ENV_CHARSET = 3,     /* text, 7.0 only */
    TDS_ENV_PACKET_SIZE = 4, /* text: decimal number */
    TDS_ENV_LCID = 5,        /* text, 7.0 only */
    TDS_ENV_SORT_FLAGS = 6,  /* text, 7.0 only */
    TDS_ENV_COLLATION = 7,   /* binary: 5 bytes */
    TDS_ENV_BEGIN_TRAN = 8,  /* binary: new = descriptor; the next six need 7.2 */
    TDS_ENV_COMMIT_TRAN = 9, /* binary: old = descriptor */
    TDS_ENV_ROLLBACK_TRAN = 10,
    TDS_ENV_ENLIST_DTC = 11,
    TDS_ENV_DEFECT_TRAN = 12,
    TDS_ENV_MIRROR_PARTNER = 13, /* text */
    TDS_ENV_PROMOTE_TRAN = 15,   /* L_VARBYTE new */
    TDS_ENV_TRAN_MANAGER = 16,
    TDS_ENV_TRAN_ENDED = 17,
    TDS_ENV_RESET = 18,         /* no values: the connection was reset */
    TDS_ENV_USER_INSTANCE = 19, /* text */
    TDS_ENV_ROUTING = 20,
} TdsEnvChange;

/* Kinds with texts: new and old value (UTF-8, cut at 255 code units). */
void tds_put_env_text(TdsOut *out, TdsEnvChange kind, const char *new_value, const char *old_value);

/* Kinds with bytes: either may be NULL/0 (at most 255 bytes). */
void tds_put_env_bytes(TdsOut *out,
                       TdsEnvChange kind,
                       const void *new_value,
                       size_t new_length,
                       const void *old_value,
                       size_t old_length);

/* BEGIN (new), COMMIT, ROLLBACK, DEFECT, TRAN_ENDED (old): does nothing before 7.2. */
void
tds_put_env_transaction(TdsOut *out, TdsVersion version, TdsEnvChange kind, uint64_t descriptor);

void tds_put_env_packet_size(TdsOut *out, uint32_t new_size, uint32_t old_size);
void
tds_put_env_collation(TdsOut *out, const TdsCollation *new_value, const TdsCollation *old_value);
void tds_put_env_reset(TdsOut *out);

/* ROUTING (7.1+): the client is to connect to server,port instead. */
void tds_put_env_routing(TdsOut *out, const char *server, uint16_t port);

/* SESSIONSTATE (2.2.7.21): entries after LOGIN with SESSIONRECOVERY. */
typedef struct TdsSessionState {
    uint8_t id;
    TdsBytes value;
} TdsSessionState;
void tds_put_session_state(
    TdsOut *out, uint32_t sequence, bool recoverable, const TdsSessionState *states, size_t count);
/* The same entries as one block, for FEATUREEXTACK. data NULL when out of memory. */
TdsBytes
tds_session_state_block(const TdsSessionState *states, size_t count, const TdsMemory *memory);

/* ---------------------------------------------------------------- messages */

/* An ERROR or INFO token (2.2.7.10, 2.2.7.13). Texts UTF-8, NULL = empty. */
typedef struct TdsMessage {
    int32_t number;
    uint8_t state;
    uint8_t severity; /* class: ERROR from 11 on, INFO to 10 */
    const char *text;
    const char *server;
    const char *procedure;
    uint32_t line;
} TdsMessage;

/* By severity ERROR (> 10) or INFO. */
void tds_put_message(TdsOut *out, TdsVersion version, const TdsMessage *message);

/* -------------------------------------------------------------- procedures */

void tds_put_return_status(TdsOut *out, int32_t value);

/*
 * RETURNVALUE (2.2.7.19) up to where the value itself follows: write that with value.h, with the
 * same type. ordinal: the parameter's 0-based place in the request; status 1 = OUTPUT parameter, 2
 * = UDF return value.
 */
void tds_put_return_value_begin(TdsOut *out,
                                TdsVersion version,
                                uint16_t ordinal,
                                const char *name,
                                size_t name_length,
                                uint8_t status,
                                uint32_t user_type,
                                uint16_t flags,
                                const TdsTypeInfo *type);
