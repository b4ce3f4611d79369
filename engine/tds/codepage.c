/*
 * Collations' code pages and the conversion of char data. See codepage.h.
 */
#include "tds/codepage.h"

#include "tds/unicode.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define UTF8 65001

const TdsCollation tds_collation_default = {{0x09, 0x04, 0xD0, 0x00, 0x34}};

/* Sort ids of the SQL collations, as ranges. */
static const struct {
    uint8_t from, to;
    uint16_t codepage;
} sort_ids[] = {
    {30, 35, 437},    {40, 49, 850},    {50, 54, 1252},   {55, 61, 850},    {71, 75, 1252},
    {80, 98, 1250},   {104, 108, 1251}, {112, 124, 1253}, {128, 130, 1254}, {136, 138, 1255},
    {144, 146, 1256}, {152, 160, 1257}, {183, 186, 1252}, {192, 193, 932},  {194, 195, 949},
    {196, 197, 950},  {198, 199, 936},  {200, 200, 932},  {201, 201, 949},  {202, 202, 950},
    {203, 203, 936},  {204, 206, 874},  {210, 217, 1252},
};

/* Locales; a `lcid` below 0x400 is a primary language that stands for all of its locales. Exact
 * entries come first. All others are 1252. */
static const struct {
    uint16_t lcid;
    uint16_t codepage;
} locales[] = {
    {0x0804, 936},  {0x1004, 936},  {0x0C1A, 1251}, {0x1C1A, 1251}, {0x201A, 1251}, {0x281A, 1251},
    {0x301A, 1251}, {0x082C, 1251}, {0x0843, 1251}, {0x01, 1256},   {0x02, 1251},   {0x04, 950},
    {0x05, 1250},   {0x08, 1253},   {0x0D, 1255},   {0x0E, 1250},   {0x11, 932},    {0x12, 949},
    {0x15, 1250},   {0x18, 1250},   {0x19, 1251},   {0x1A, 1250},   {0x1B, 1250},   {0x1C, 1250},
    {0x1E, 874},    {0x1F, 1254},   {0x20, 1256},   {0x22, 1251},   {0x23, 1251},   {0x24, 1250},
    {0x25, 1257},   {0x26, 1257},   {0x27, 1257},   {0x29, 1256},   {0x2A, 1258},   {0x2C, 1254},
    {0x2F, 1251},   {0x3F, 1251},   {0x40, 1251},   {0x42, 1250},   {0x43, 1254},   {0x44, 1251},
    {0x50, 1251},   {0x6D, 1251},   {0x80, 1256},   {0x85, 1251},   {0x8C, 1256},
};

TdsCollation
tds_collation_make(uint32_t lcid, uint32_t flags, uint8_t version, uint8_t sort_id)
{
    uint32_t info = (lcid & 0xFFFFF) | (flags & 0x0FF00000) | (uint32_t) (version & 0x0F) << 28;
    TdsCollation collation = {{(uint8_t) info, (uint8_t) (info >> 8), (uint8_t) (info >> 16),
                               (uint8_t) (info >> 24), sort_id}};

    return collation;
}

uint32_t
tds_collation_info(const TdsCollation *c)
{
    return (uint32_t) c->bytes[0] | (uint32_t) c->bytes[1] << 8 | (uint32_t) c->bytes[2] << 16 |
           (uint32_t) c->bytes[3] << 24;
}

uint32_t
tds_collation_lcid(const TdsCollation *collation)
{
    return tds_collation_info(collation) & 0xFFFFF;
}

unsigned
tds_collation_codepage(const TdsCollation *collation)
{
    uint8_t sort_id = collation->bytes[4];
    uint16_t lcid = (uint16_t) tds_collation_lcid(collation); /* without the sort variant */

    if ((tds_collation_info(collation) & TDS_COLLATION_UTF8) != 0)
        return UTF8;
    if (sort_id != 0) {
        for (size_t i = 0; i < ARRAY_LENGTH(sort_ids); i++)
            if (sort_id >= sort_ids[i].from && sort_id <= sort_ids[i].to)
                return sort_ids[i].codepage;
        return 1252;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(locales); i++)
        if (locales[i].lcid == lcid || locales[i].lcid == (lcid & 0x3FF))
            return locales[i].codepage;
    return 1252;
}

static bool
is_double_byte(unsigned codepage)
{
    return codepage == 932 || codepage == 936 || codepage == 949 || codepage == 950;
}

unsigned
tds_codepage_max_bytes(unsigned codepage)
{
    return codepage == UTF8 ? 4 : is_double_byte(codepage) ? 2 : 1;
}

/* ------------------------------------------------------------ single byte */

/* The upper half of a single-byte code page. `reverse` is sorted by character. */
typedef struct SingleByte {
    unsigned codepage; /* 0: the slot is free; set last, when the tables are whole */
    uint16_t decode[128];
    struct {
        uint16_t character;
        uint8_t byte;
    } reverse[128];
} SingleByte;

/* 1252 from 0x80 to 0x9F; from 0xA0 on it is Latin-1. The five holes are the C1 controls, as in
 * Windows. */
static const uint16_t cp1252_high[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static SingleByte
    single_bytes[16]; /* 1252 and the eleven others; no more exist in the tables above */

static iconv_t
open_converter(const char *to, const char *from)
{
    return iconv_open(to, from);
}

static const char *
charset_name(unsigned codepage, char name[16])
{
    snprintf(name, 16, "CP%u", codepage % 100000);
    return name;
}

/* Fills decode[] by asking iconv for each byte; what it lacks stays U+FFFD. */
static void
fill_from_iconv(SingleByte *table)
{
    char name[16];
    iconv_t converter = open_converter("UTF-16LE", charset_name(table->codepage, name));

    for (int i = 0; i < 128; i++) {
        char byte = (char) (i + 128);
        char *from = &byte;
        uint8_t unit[4] = {0xFD, 0xFF, 0, 0};
        char *to = (char *) unit;
        size_t from_left = 1;
        size_t to_left = sizeof(unit);

        if (converter != (iconv_t) -1) {
            iconv(converter, NULL, NULL, NULL, NULL);
            if (iconv(converter, &from, &from_left, &to, &to_left) == (size_t) -1 || to_left != 2) {
                unit[0] = 0xFD;
                unit[1] = 0xFF;
            }
        }
        table->decode[i] = (uint16_t) (unit[0] | unit[1] << 8);
    }
    if (converter != (iconv_t) -1)
        iconv_close(converter);
}

static void
sort_reverse(SingleByte *table)
{
    for (int i = 0; i < 128; i++) {
        int at = i;

        while (at > 0 && table->reverse[at - 1].character > table->decode[i]) {
            table->reverse[at] = table->reverse[at - 1];
            at--;
        }
        table->reverse[at].character = table->decode[i];
        table->reverse[at].byte = (uint8_t) (i + 128);
    }
}

static const SingleByte *
single_byte(unsigned codepage)
{
    SingleByte *slot = NULL;
    SingleByte table;

    for (size_t i = 0; i < ARRAY_LENGTH(single_bytes); i++) {
        if (single_bytes[i].codepage == codepage)
            return &single_bytes[i];
        if (single_bytes[i].codepage == 0) {
            slot = &single_bytes[i];
            break;
        }
    }
    if (slot == NULL)
        return single_byte(1252); /* cannot happen: there are fewer code pages than slots */
    table.codepage = codepage;
    if (codepage == 1252) {
        for (int i = 0; i < 128; i++)
            table.decode[i] = i < 32 ? cp1252_high[i] : (uint16_t) (i + 128);
    } else {
        fill_from_iconv(&table);
    }
    sort_reverse(&table);
    *slot = table;
    return slot;
}

static uint8_t
encode_character(const SingleByte *table, uint32_t c)
{
    int low = 0;
    int high = 127;

    if (c < 0x80)
        return (uint8_t) c;
    while (low <= high && c != 0xFFFD) {
        int middle = (low + high) / 2;

        if (table->reverse[middle].character == c)
            return table->reverse[middle].byte;
        if (table->reverse[middle].character < c)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return '?';
}

/* ------------------------------------------------------------ double byte */

/* One iconv descriptor per direction and code page, opened at first use and kept; each use starts
 * from the initial state. (iconv_t) 0 means not opened. */
static struct {
    unsigned codepage;
    iconv_t encode, decode;
    bool opened;
} converters[4] = {{932, 0, 0, false}, {936, 0, 0, false}, {949, 0, 0, false}, {950, 0, 0, false}};

static iconv_t
converter_for(unsigned codepage, bool encode)
{
    for (size_t i = 0; i < ARRAY_LENGTH(converters); i++) {
        if (converters[i].codepage != codepage)
            continue;
        if (!converters[i].opened) {
            char name[16];

            charset_name(codepage, name);
            converters[i].encode = open_converter(name, "UTF-8");
            converters[i].decode = open_converter("UTF-8", name);
            converters[i].opened = true;
        }
        return encode ? converters[i].encode : converters[i].decode;
    }
    return (iconv_t) -1;
}

static bool
is_lead_byte(unsigned codepage, uint8_t b)
{
    if (codepage == 932)
        return (b >= 0x81 && b <= 0x9F) || (b >= 0xE0 && b <= 0xFC);
    return b >= 0x81 && b <= 0xFE;
}

/* Converts as far as it goes; where a character has no counterpart calls it '?' (encoding) or
 * U+FFFD (decoding). Returns the bytes written; `room` suffices by construction. */
static size_t
convert_double(
    unsigned codepage, bool encode, const uint8_t *from, size_t length, char *to, size_t room)
{
    iconv_t converter = converter_for(codepage, encode);
    char *in = (char *) (uintptr_t) from;
    char *out = to;
    size_t left = length;

    if (converter != (iconv_t) -1)
        iconv(converter, NULL, NULL, NULL, NULL);
    while (left > 0) {
        const uint8_t *next;
        size_t skip;

        if (converter != (iconv_t) -1 && iconv(converter, &in, &left, &out, &room) != (size_t) -1)
            break;
        if (left == 0 || room < 3)
            break;
        if (encode) {
            tds_utf8_decode((uint8_t *) in, (uint8_t *) in + left, &next);
            skip = (size_t) (next - (uint8_t *) in);
            *out++ = '?';
            room--;
        } else {
            unsigned written = tds_utf8_encode(0xFFFD, out);

            skip = is_lead_byte(codepage, (uint8_t) *in) && left > 1 ? 2 : 1;
            out += written;
            room -= written;
        }
        in += skip;
        left -= skip;
    }
    return (size_t) (out - to);
}

/* --------------------------------------------------------------- the two */

static bool
is_ascii(const uint8_t *p, size_t length)
{
    while (length >= 8) {
        uint64_t v;

        memcpy(&v, p, 8);
        if ((v & UINT64_C(0x8080808080808080)) != 0)
            return false;
        p += 8;
        length -= 8;
    }
    while (length > 0) {
        if (*p++ >= 0x80)
            return false;
        length--;
    }
    return true;
}

TdsBytes
tds_codepage_encode(unsigned codepage, const char *utf8, size_t length, const TdsMemory *memory)
{
    TdsBytes result = {(const uint8_t *) utf8, length};
    const uint8_t *p = (const uint8_t *) utf8;
    const uint8_t *end = p + length;
    uint8_t *to;

    if (codepage == UTF8 || is_ascii(p, length))
        return result;
    /* no character gets longer; 4 bytes of slack for convert_double's check */
    to = tds_allocate(memory, length + 4);
    result.data = to;
    result.length = 0;
    if (to == NULL)
        return result;
    if (is_double_byte(codepage)) {
        result.length = convert_double(codepage, true, p, length, (char *) to, length + 4);
    } else {
        const SingleByte *table = single_byte(codepage);

        while (p < end)
            to[result.length++] = encode_character(table, tds_utf8_decode(p, end, &p));
    }
    return result;
}

/* Bytes of valid UTF-8 from bytes that claim to be it. */
static size_t
clean_utf8(const uint8_t *from, size_t length, char *to)
{
    const uint8_t *p = from;
    const uint8_t *end = from + length;
    char *at = to;

    while (p < end)
        at += tds_utf8_encode(tds_utf8_decode(p, end, &p), at);
    return (size_t) (at - to);
}

TdsText
tds_codepage_decode(unsigned codepage, const uint8_t *bytes, size_t length, const TdsMemory *memory)
{
    TdsText text = {NULL, 0};
    bool ascii = is_ascii(bytes, length);
    size_t room = ascii ? length : length * 3 + 3; /* one byte gives at most U+FFFD */
    char *to = tds_allocate(memory, room + 1);

    if (to == NULL)
        return text;
    if (ascii) {
        if (length > 0)
            memcpy(to, bytes, length);
        text.length = length;
    } else if (codepage == UTF8) {
        text.length = clean_utf8(bytes, length, to);
    } else if (is_double_byte(codepage)) {
        text.length = convert_double(codepage, false, bytes, length, to, room);
    } else {
        const SingleByte *table = single_byte(codepage);

        for (size_t i = 0; i < length; i++)
            text.length += tds_utf8_encode(
                bytes[i] < 0x80 ? bytes[i] : table->decode[bytes[i] - 128], to + text.length);
    }
    to[text.length] = '\0';
    text.data = to;
    return text;
}

size_t
tds_codepage_incomplete_tail(unsigned codepage, const uint8_t *bytes, size_t length)
{
    bool lead = false;
    size_t start = length;

    if (codepage == UTF8)
        return tds_utf8_incomplete_tail((const char *) bytes, length);
    if (!is_double_byte(codepage))
        return 0;
    /* go back to a byte that is surely a character's end: one below 0x40 */
    while (start > 0 && bytes[start - 1] >= 0x40)
        start--;
    for (; start < length; start++)
        lead = !lead && is_lead_byte(codepage, bytes[start]);
    return lead ? 1 : 0;
}
