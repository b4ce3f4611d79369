/*
 * Values on the wire (MS-TDS 2.2.5.2 data stream types, 2.2.5.5 data types). Out: functions that
 * take neutral C representations and write the column's wire form straight into the packet. In:
 * tds_read_value gives a TdsValue; (max) values and long text can also be pulled chunk by chunk.
 *
 * The writers look at info->type and convert where the wire type differs from the natural one (the
 * downgrades of tds_type_for_version; a date put to an nvarchar column is written as text), so the
 * engine picks a writer by its own SQL type and never by the client's version.
 */
#pragma once

#include "tds/buffer.h"
#include "tds/codepage.h"
#include "tds/reader.h"
#include "tds/typeinfo.h"

#include <stdbool.h>
#include <stdint.h>

/* ------------------------------------------------ neutral representations */

#define TDS_TICKS_PER_SECOND UINT64_C(10000000) /* of 100 ns */
#define TDS_TICKS_PER_DAY (UINT64_C(86400) * TDS_TICKS_PER_SECOND)
#define TDS_DAYS_TO_1900 693595 /* from 0001-01-01 to 1900-01-01 */
#define TDS_MAX_DATE 3652058    /* 9999-12-31 */

typedef struct TdsDecimal {
    uint64_t low, high; /* magnitude, 128 bits */
    uint8_t precision;  /* 1-38 */
    uint8_t scale;      /* 0-precision */
    bool negative;
} TdsDecimal;

typedef struct TdsDateTime { /* datetime */
    int32_t days;            /* since 1900-01-01, -53690 (1753-01-01) to 2958463 */
    uint32_t ticks;          /* 1/300 s since midnight, < 25920000 */
} TdsDateTime;

typedef struct TdsSmallDateTime {
    uint16_t days;    /* since 1900-01-01 */
    uint16_t minutes; /* since midnight, < 1440 */
} TdsSmallDateTime;

typedef struct TdsDateTime2 { /* datetime2; and datetimeoffset in UTC */
    uint64_t ticks;           /* 100 ns since midnight, < TDS_TICKS_PER_DAY */
    int32_t days;             /* since 0001-01-01, 0 to TDS_MAX_DATE */
    int16_t offset;           /* datetimeoffset: minutes east of UTC, -840 to 840 */
} TdsDateTime2;

typedef enum TdsValueKind {
    TDS_VALUE_NULL,
    TDS_VALUE_BIT,      /* integer 0 or 1 */
    TDS_VALUE_INT,      /* integer; size by type.length */
    TDS_VALUE_REAL,     /* number */
    TDS_VALUE_FLOAT,    /* number */
    TDS_VALUE_DECIMAL,  /* decimal */
    TDS_VALUE_MONEY,    /* integer, ten-thousandths; smallmoney as well */
    TDS_VALUE_DATETIME, /* datetime */
    TDS_VALUE_SMALLDATETIME,
    TDS_VALUE_DATE,           /* datetime2.days */
    TDS_VALUE_TIME,           /* datetime2.ticks */
    TDS_VALUE_DATETIME2,      /* datetime2 */
    TDS_VALUE_DATETIMEOFFSET, /* datetime2, UTC + offset */
    TDS_VALUE_GUID,           /* guid, the 16 bytes in wire order */
    TDS_VALUE_TEXT,           /* text, UTF-8 (char, varchar, text, n-, xml) */
    TDS_VALUE_BYTES,          /* bytes (binary, varbinary, image, UDT) */
} TdsValueKind;

typedef struct TdsValue {
    TdsValueKind kind;
    TdsTypeInfo type; /* as declared; for sql_variant the base type inside it */
    bool in_variant;  /* it came as sql_variant */
    union {
        int64_t integer;
        double number;
        TdsDecimal decimal;
        TdsDateTime datetime;
        TdsSmallDateTime smalldatetime;
        TdsDateTime2 datetime2;
        uint8_t guid[16];
        TdsText text;
        TdsBytes bytes;
    };
} TdsValue;

/* ------------------------------------------------------------------ writing */

/* NULL in the column's form. For FIXED types there is none: asserts in debug builds, writes zeroes.
 */
void tds_put_null(TdsOut *out, const TdsTypeInfo *info);

/* bit, tinyint, smallint, int, bigint by info->type and length. */
void tds_put_int_general(TdsOut *out, const TdsTypeInfo *info, int64_t value);
static inline void
tds_put_int(TdsOut *out, const TdsTypeInfo *info, int64_t value)
{
    uint8_t *to;

    if (info->type == TDS_INT4 && (to = tds_out_reserve(out, 4)) != NULL) {
        uint32_t v = (uint32_t) value;

        to[0] = (uint8_t) v;
        to[1] = (uint8_t) (v >> 8);
        to[2] = (uint8_t) (v >> 16);
        to[3] = (uint8_t) (v >> 24);
        tds_out_advance(out, 4);
    } else if (info->type == TDS_INTN && info->length == 4 &&
               (to = tds_out_reserve(out, 5)) != NULL) {
        uint32_t v = (uint32_t) value;

        to[0] = 4;
        to[1] = (uint8_t) v;
        to[2] = (uint8_t) (v >> 8);
        to[3] = (uint8_t) (v >> 16);
        to[4] = (uint8_t) (v >> 24);
        tds_out_advance(out, 5);
    } else
        tds_put_int_general(out, info, value);
}

/* real and float by length. */
void tds_put_float(TdsOut *out, const TdsTypeInfo *info, double value);

/* money and smallmoney: ten-thousandths. A value beyond smallmoney's range must not come. */
void tds_put_money(TdsOut *out, const TdsTypeInfo *info, int64_t value);

/* decimal, numeric: rescaled to info->scale where value->scale differs (rounding half away). */
void tds_put_decimal(TdsOut *out, const TdsTypeInfo *info, const TdsDecimal *value);

void tds_put_datetime(TdsOut *out, const TdsTypeInfo *info, const TdsDateTime *value);
void tds_put_smalldatetime(TdsOut *out, const TdsTypeInfo *info, const TdsSmallDateTime *value);
void tds_put_date(TdsOut *out, const TdsTypeInfo *info, int32_t days);
/* ticks of 100 ns, cut to info->scale (the engine has rounded before). */
void tds_put_time(TdsOut *out, const TdsTypeInfo *info, uint64_t ticks);
void tds_put_datetime2(TdsOut *out, const TdsTypeInfo *info, const TdsDateTime2 *value);
/* UTC days and ticks, with the offset. */
void tds_put_datetimeoffset(TdsOut *out, const TdsTypeInfo *info, const TdsDateTime2 *value);

/* 16 bytes in SQL Server's order (first three groups little-endian). */
void tds_put_guid(TdsOut *out, const TdsTypeInfo *info, const uint8_t guid[16]);

/* binary, varbinary, image, UDT, with PLP where the type is max. Longer than a USHORT type's
 * maximum is cut. binary(n) is not padded: the engine stores it padded. */
void tds_put_binary(TdsOut *out, const TdsTypeInfo *info, const void *bytes, size_t length);

/*
 * UTF-8 in, for every text type: UTF-16LE for nchar/nvarchar/ntext/xml, the collation's code page
 * for the others; PLP where max. `memory` is scratch for code pages other than 1252 and UTF-8
 * (freed before returning). Cut at the type's maximum, never inside a character. char(n)/nchar(n)
 * are not padded: the engine stores them padded.
 */
void tds_put_text(
    TdsOut *out, const TdsTypeInfo *info, const char *utf8, size_t length, const TdsMemory *memory);

/* sql_variant: `base` is the type of the value; writes length, base type, properties, value. Text
 * and binary longer than 8000 bytes are cut. value->kind NULL writes NULL. */
void tds_put_variant(TdsOut *out,
                     const TdsTypeInfo *info,
                     const TdsTypeInfo *base,
                     const TdsValue *value,
                     const TdsMemory *memory);

/* Any value by its kind; what the tests and RETURNVALUE use. */
void
tds_put_value(TdsOut *out, const TdsTypeInfo *info, const TdsValue *value, const TdsMemory *memory);

/*
 * Streaming a (max) value out (2.2.5.2.3 PLP_BODY): begin, any number of chunks, end. `total` is in
 * wire bytes, or TDS_PLP_UNKNOWN. Text chunks of a stream may cut a UTF-8 sequence: the writer
 * keeps the rest. For the LONG types (text, ntext, image) the total must be known.
 */
#define TDS_PLP_UNKNOWN UINT64_C(0xFFFFFFFFFFFFFFFE)
#define TDS_PLP_NULL UINT64_C(0xFFFFFFFFFFFFFFFF)

typedef struct TdsPlpWriter {
    TdsOut *out;
    const TdsTypeInfo *info;
    const TdsMemory *memory;
    char tail[4];
    uint8_t tail_length;
    bool chunked; /* PLP: chunks have lengths and a terminator */
} TdsPlpWriter;

void tds_plp_begin(TdsPlpWriter *writer,
                   TdsOut *out,
                   const TdsTypeInfo *info,
                   uint64_t total,
                   const TdsMemory *memory);
void tds_plp_put_bytes(TdsPlpWriter *writer, const void *bytes, size_t length);
void tds_plp_put_text(TdsPlpWriter *writer, const char *utf8, size_t length);
void tds_plp_end(TdsPlpWriter *writer);

/* ------------------------------------------------------------------ reading */

/* Where a value stands decides how the LONG types look: rows have a text pointer, parameters not.
 */
typedef enum TdsValuePlace {
    TDS_IN_PARAMETER,
    TDS_IN_ROW, /* bulk load */
} TdsValuePlace;

/*
 * Reads one value of the given type. Text is converted to UTF-8 in `memory`; bytes lie in the
 * message when it is held whole, else in `memory`. A (max) value is decoded while it is read: it is
 * never held twice. False on failure (reader->status). `max_value` bounds one value's bytes on the
 * wire (0: 2 GB).
 */
bool tds_read_value(TdsReader *reader,
                    const TdsTypeInfo *info,
                    TdsValuePlace place,
                    uint64_t max_value,
                    const TdsMemory *memory,
                    TdsValue *value);

/* Passes over a value without decoding it. */
bool tds_skip_value(TdsReader *reader, const TdsTypeInfo *info, TdsValuePlace place);

/* Pulling a PLP value chunk by chunk. */
typedef struct TdsPlpReader {
    TdsReader *reader;
    uint64_t total;      /* declared, or TDS_PLP_UNKNOWN, or TDS_PLP_NULL */
    uint64_t taken;      /* bytes given so far */
    uint64_t max;        /* bound, TDS_TOO_BIG beyond */
    uint32_t chunk_left; /* of the current chunk */
    bool done;
} TdsPlpReader;

/* Reads the total length. plp->total == TDS_PLP_NULL means NULL (and done). */
bool tds_plp_read_begin(TdsPlpReader *plp, TdsReader *reader, uint64_t max);

/* Copies up to `room` bytes; returns how many, 0 at the end or on failure (see reader->status). A
 * declared total that the chunks contradict is malformed. */
size_t tds_plp_read(TdsPlpReader *plp, void *to, size_t room);

/* Passes over the rest. */
bool tds_plp_read_skip(TdsPlpReader *plp);
