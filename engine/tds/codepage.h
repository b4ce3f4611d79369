/*
 * Collations as TDS has them (MS-TDS 2.2.5.1.2) and the code pages behind them: varchar, char and
 * text travel as bytes of the column's code page, and are UTF-8 inside the engine.
 *
 * ASCII passes through untouched; single-byte code pages go through tables (1252 built in, the
 * others made from iconv(3) at first use); double-byte ones (932, 936, 949, 950) through iconv. A
 * character that the code page lacks becomes '?', as SQL Server does it.
 */
#pragma once

#include "tds/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Five bytes on the wire: a little-endian DWORD (LCID 20 bits, flags 8, version 4) and the sort id.
 */
typedef struct TdsCollation {
    uint8_t bytes[5];
} TdsCollation;

/* Flags of the DWORD. */
#define TDS_COLLATION_IGNORE_CASE 0x00100000u
#define TDS_COLLATION_IGNORE_ACCENT 0x00200000u
#define TDS_COLLATION_IGNORE_KANA 0x00400000u
#define TDS_COLLATION_IGNORE_WIDTH 0x00800000u
#define TDS_COLLATION_BINARY 0x01000000u
#define TDS_COLLATION_BINARY2 0x02000000u
#define TDS_COLLATION_UTF8 0x04000000u

/* SQL_Latin1_General_CP1_CI_AS: 09 04 D0 00 34. */
extern const TdsCollation tds_collation_default;

TdsCollation tds_collation_make(uint32_t lcid, uint32_t flags, uint8_t version, uint8_t sort_id);
uint32_t tds_collation_lcid(const TdsCollation *collation);
uint32_t tds_collation_info(const TdsCollation *collation); /* the whole DWORD */
static inline uint8_t
tds_collation_sort_id(const TdsCollation *collation)
{
    return collation->bytes[4];
}

/* The Windows code page of its char data: 65001 for _UTF8 collations, by the sort id where there is
 * one, else by the LCID; 1252 when unknown. Never 0. */
unsigned tds_collation_codepage(const TdsCollation *collation);

/* The most bytes that one character of `codepage` takes (1, 2; 4 for 65001): to size columns. */
unsigned tds_codepage_max_bytes(unsigned codepage);

/*
 * UTF-8 to code page bytes. Gives the text itself (no copy) when it is ASCII or the code page is
 * 65001. data NULL when out of memory.
 */
TdsBytes
tds_codepage_encode(unsigned codepage, const char *utf8, size_t length, const TdsMemory *memory);

/* Code page bytes to UTF-8, always a copy, NUL-terminated. data NULL when out of memory. Undefined
 * bytes become U+FFFD. */
TdsText tds_codepage_decode(unsigned codepage,
                            const uint8_t *bytes,
                            size_t length,
                            const TdsMemory *memory);

/* How many bytes at the end are a lead byte whose trail byte may come in the next chunk (0 or 1; up
 * to 3 for 65001): for decoding streams. */
size_t tds_codepage_incomplete_tail(unsigned codepage, const uint8_t *bytes, size_t length);
