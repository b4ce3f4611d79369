/*
 * TYPE_INFO (MS-TDS 2.2.5.4 data type definitions, 2.2.5.6 TYPE_INFO): what says how a value is
 * laid out on the wire. The server writes it in COLMETADATA and RETURNVALUE; the client sends it in
 * RPC parameters, TVP columns and bulk load metadata.
 *
 * The engine makes a TdsTypeInfo for the T-SQL type with the tds_type_* functions, then asks
 * tds_type_for_version for the one that this client can understand, and gives that one to both the
 * metadata writer and the value writers (value.h): those look only at the wire type, so a date
 * column that must travel as nvarchar(10) to a TDS 7.2 client just works.
 */
#pragma once

#include "tds/buffer.h"
#include "tds/codepage.h"
#include "tds/memory.h"
#include "tds/reader.h"
#include "tds/version.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Every type byte. TDS_TYPE(byte, SYMBOL, kind, fixed bytes): kind is how its TYPE_INFO and its
 * values are laid out. FIXED    no TYPE_INFO beyond the byte; value without length, never NULL
 *   BYTELEN  1-byte max length, values with 1-byte length, 0 = NULL
 *   DECIMAL  1-byte length, precision, scale
 *   DATE     no length in TYPE_INFO; values with 1-byte length
 *   SCALE    scale byte (time, datetime2, datetimeoffset); values with 1-byte length
 *   LEGACY   1-byte max length, char/binary of SQL Server 6: 0 = NULL; no collation, or (char) none
 *   USHORT   2-byte max length (0xFFFF = max, PLP); values with 2-byte length, 0xFFFF = NULL
 *   LONG     4-byte max length; values behind a text pointer (rows) or a 4-byte length
 *   PLP      xml, udt: always PLP, with names
 *   VARIANT  4-byte max length; values with 4-byte length, 0 = NULL
 *   TABLE    table-valued parameter (rpc.h)
 */
#define TDS_TYPES(X)                                                                               \
    X(0x1F, NULL, FIXED, 0)                                                                        \
    X(0x30, INT1, FIXED, 1)                                                                        \
    X(0x32, BIT, FIXED, 1)                                                                         \
    X(0x34, INT2, FIXED, 2)                                                                        \
    X(0x38, INT4, FIXED, 4)                                                                        \
    X(0x3A, DATETIM4, FIXED, 4)                                                                    \
    X(0x3B, FLT4, FIXED, 4)                                                                        \
    X(0x3C, MONEY, FIXED, 8)                                                                       \
    X(0x3D, DATETIME, FIXED, 8)                                                                    \
    X(0x3E, FLT8, FIXED, 8)                                                                        \
    X(0x7A, MONEY4, FIXED, 4)                                                                      \
    X(0x7F, INT8, FIXED, 8)                                                                        \
    X(0x24, GUID, BYTELEN, 16)                                                                     \
    X(0x26, INTN, BYTELEN, 0)                                                                      \
    X(0x68, BITN, BYTELEN, 0)                                                                      \
    X(0x6D, FLTN, BYTELEN, 0)                                                                      \
    X(0x6E, MONEYN, BYTELEN, 0)                                                                    \
    X(0x6F, DATETIMN, BYTELEN, 0)                                                                  \
    X(0x37, DECIMAL, DECIMAL, 0)                                                                   \
    X(0x3F, NUMERIC, DECIMAL, 0)                                                                   \
    X(0x6A, DECIMALN, DECIMAL, 0)                                                                  \
    X(0x6C, NUMERICN, DECIMAL, 0)                                                                  \
    X(0x28, DATEN, DATE, 3)                                                                        \
    X(0x29, TIMEN, SCALE, 0)                                                                       \
    X(0x2A, DATETIME2N, SCALE, 0)                                                                  \
    X(0x2B, DATETIMEOFFSETN, SCALE, 0)                                                             \
    X(0x2F, CHAR, LEGACY, 0)                                                                       \
    X(0x27, VARCHAR, LEGACY, 0)                                                                    \
    X(0x2D, BINARY, LEGACY, 0)                                                                     \
    X(0x25, VARBINARY, LEGACY, 0)                                                                  \
    X(0xA5, BIGVARBINARY, USHORT, 0)                                                               \
    X(0xA7, BIGVARCHAR, USHORT, 0)                                                                 \
    X(0xAD, BIGBINARY, USHORT, 0)                                                                  \
    X(0xAF, BIGCHAR, USHORT, 0)                                                                    \
    X(0xE7, NVARCHAR, USHORT, 0)                                                                   \
    X(0xEF, NCHAR, USHORT, 0)                                                                      \
    X(0x22, IMAGE, LONG, 0)                                                                        \
    X(0x23, TEXT, LONG, 0)                                                                         \
    X(0x63, NTEXT, LONG, 0)                                                                        \
    X(0x62, SSVARIANT, VARIANT, 0)                                                                 \
    X(0xF0, UDT, PLP, 0)                                                                           \
    X(0xF1, XML, PLP, 0)                                                                           \
    X(0xF3, TVP, TABLE, 0)                                                                         \
    X(0xF4, JSON, PLP, 0)                                                                          \
    X(0xF5, VECTOR, USHORT, 0)

typedef enum TdsType {
#define TDS_TYPE_ENUM(byte, symbol, kind, size) TDS_##symbol = byte,
    TDS_TYPES(TDS_TYPE_ENUM)
#undef TDS_TYPE_ENUM
} TdsType;

typedef enum TdsTypeKind {
    TDS_KIND_UNKNOWN,
    TDS_KIND_FIXED,
    TDS_KIND_BYTELEN,
    TDS_KIND_DECIMAL,
    TDS_KIND_DATE,
    TDS_KIND_SCALE,
    TDS_KIND_LEGACY,
    TDS_KIND_USHORT,
    TDS_KIND_LONG,
    TDS_KIND_PLP,
    TDS_KIND_VARIANT,
    TDS_KIND_TABLE,
} TdsTypeKind;

TdsTypeKind tds_type_kind(uint8_t type);

/* "INTN", "NVARCHAR", ... for logs; "?" when unknown. */
const char *tds_type_name(uint8_t type);

#define TDS_MAX_SHORT 8000       /* bytes in varchar(n), varbinary(n); nvarchar(4000) */
#define TDS_PLP_LENGTH 0xFFFFu   /* max length of USHORT types that marks (max) */
#define TDS_VARIANT_LENGTH 8009u /* 8000 and what is before it */
#define TDS_LONG_LENGTH 0x7FFFFFFFu

/* Names that go with xml (schema collection) and UDT. Texts UTF-8; data NULL means not there. */
typedef struct TdsTypeNames {
    TdsText database;
    TdsText schema;   /* owning schema */
    TdsText name;     /* xml schema collection, or UDT type name */
    TdsText assembly; /* UDT: assembly-qualified name */
} TdsTypeNames;

typedef struct TdsTypeInfo {
    uint8_t type;           /* TdsType */
    uint8_t precision;      /* decimal */
    uint8_t scale;          /* decimal; time, datetime2, datetimeoffset: 0-7 */
    uint32_t length;        /* maximum in bytes as the wire has it: 1/2/4/8 for INTN...; bytes, not
                               characters, for strings; 0xFFFF for (max) */
    TdsCollation collation; /* char, varchar, text, nchar, nvarchar, ntext */
    const TdsTypeNames *names; /* xml, UDT; may be NULL */
} TdsTypeInfo;

/* True when values of it are partially length-prefixed streams: (max) types, xml, UDT. */
static inline bool
tds_type_is_plp(const TdsTypeInfo *info)
{
    return (info->length == TDS_PLP_LENGTH && tds_type_kind(info->type) == TDS_KIND_USHORT) ||
           tds_type_kind(info->type) == TDS_KIND_PLP;
}

/* True for char, varchar, text and their n- forms, and xml: values are text. */
bool tds_type_is_text(uint8_t type);
/* True for those of them that travel as UTF-16 (nchar, nvarchar, ntext, xml). */
bool tds_type_is_utf16(uint8_t type);

/* --- making them. `nullable` false gives the fixed form (INT4 instead of INTN of 4), as SQL Server
 *     does for NOT NULL columns. */
TdsTypeInfo tds_type_bit(bool nullable);
TdsTypeInfo tds_type_int(unsigned bytes, bool nullable);      /* 1 tinyint, 2, 4, 8 */
TdsTypeInfo tds_type_float(unsigned bytes, bool nullable);    /* 4 real, 8 float */
TdsTypeInfo tds_type_money(unsigned bytes, bool nullable);    /* 4 smallmoney, 8 money */
TdsTypeInfo tds_type_datetime(unsigned bytes, bool nullable); /* 4 smalldatetime, 8 datetime */
TdsTypeInfo
tds_type_decimal(unsigned precision, unsigned scale, bool numeric); /* length by precision */
TdsTypeInfo tds_type_date(void);
TdsTypeInfo tds_type_time(unsigned scale);
TdsTypeInfo tds_type_datetime2(unsigned scale);
TdsTypeInfo tds_type_datetimeoffset(unsigned scale);
TdsTypeInfo tds_type_guid(void);
/* `type` BIGCHAR, BIGVARCHAR, NCHAR, NVARCHAR, BIGBINARY, BIGVARBINARY; `bytes` TDS_PLP_LENGTH for
 * max. */
TdsTypeInfo tds_type_string(uint8_t type, uint32_t bytes, const TdsCollation *collation);
/* TEXT, NTEXT, IMAGE. */
TdsTypeInfo tds_type_long(uint8_t type, const TdsCollation *collation);
TdsTypeInfo tds_type_variant(void);
TdsTypeInfo tds_type_xml(const TdsTypeNames *names);
TdsTypeInfo tds_type_udt(const TdsTypeNames *names, uint32_t max_bytes);

/*
 * The type as a client of `version` gets it:
 *   before 7.3: date -> nvarchar(10), time(n) -> nvarchar(16), datetime2 -> nvarchar(27),
 *               datetimeoffset -> nvarchar(34)   [as SQL Server does for old clients]
 *   before 7.2: varchar(max) -> text, nvarchar(max), xml -> ntext, varbinary(max), UDT -> image
 *   before 7.1: bigint -> decimal(19,0) numeric, sql_variant -> varchar(8000), nothing has a
 * collation and otherwise itself. `collation` is for the strings that appear.
 */
TdsTypeInfo
tds_type_for_version(const TdsTypeInfo *info, TdsVersion version, const TdsCollation *collation);

/* Writes TYPE_INFO (the type byte first). The info must have come through tds_type_for_version. */
void tds_put_type_info(TdsOut *out, const TdsTypeInfo *info, TdsVersion version);

/*
 * Reads it. Unknown type bytes, lengths impossible for the type, precision over 38, scale over
 * precision or 7 are errors. Names go to `memory`. A TVP type byte is returned alone: its own
 * metadata is read by rpc.h.
 */
bool tds_read_type_info(TdsReader *reader,
                        TdsVersion version,
                        const TdsMemory *memory,
                        TdsTypeInfo *info);

/* The same as it stands in COLMETADATA, where UDT_INFO also has a size and the assembly's name
 * (2.2.5.5.2); for bulk load. */
bool tds_read_column_type_info(TdsReader *reader,
                               TdsVersion version,
                               const TdsMemory *memory,
                               TdsTypeInfo *info);
