/*
 * UTF-8 and UTF-16LE. See unicode.h.
 */
#include "tds/unicode.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define REPLACEMENT 0xFFFD

static inline uint64_t
load8(const void *from)
{
    uint64_t v;

    memcpy(&v, from, 8);
    return v;
}

/* How many continuation bytes a lead byte wants, and what its second byte must be within. */
static unsigned
sequence(uint8_t lead, uint8_t *low, uint8_t *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 1;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (lead == 0xE0)
            *low = 0xA0; /* overlong */
        if (lead == 0xED)
            *high = 0x9F; /* surrogates */
        return 2;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (lead == 0xF0)
            *low = 0x90;
        if (lead == 0xF4)
            *high = 0x8F; /* beyond U+10FFFF */
        return 3;
    }
    return 0;
}

uint32_t
tds_utf8_decode(const uint8_t *p, const uint8_t *end, const uint8_t **next)
{
    uint8_t lead = *p++;
    uint8_t low, high;
    unsigned more;
    uint32_t c;

    *next = p;
    if (lead < 0x80)
        return lead;
    more = sequence(lead, &low, &high);
    if (more == 0)
        return REPLACEMENT;
    c = lead & (0x3F >> more);
    for (unsigned i = 0; i < more; i++) {
        if (p == end || *p < low || *p > high) {
            *next = p;
            return REPLACEMENT;
        }
        c = c << 6 | (*p++ & 0x3F);
        low = 0x80;
        high = 0xBF;
    }
    *next = p;
    return c;
}

unsigned
tds_utf8_encode(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char) c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char) (0xC0 | c >> 6);
        to[1] = (char) (0x80 | (c & 0x3F));
        return 2;
    }
    if ((c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
        c = REPLACEMENT;
    if (c < 0x10000) {
        to[0] = (char) (0xE0 | c >> 12);
        to[1] = (char) (0x80 | (c >> 6 & 0x3F));
        to[2] = (char) (0x80 | (c & 0x3F));
        return 3;
    }
    to[0] = (char) (0xF0 | c >> 18);
    to[1] = (char) (0x80 | (c >> 12 & 0x3F));
    to[2] = (char) (0x80 | (c >> 6 & 0x3F));
    to[3] = (char) (0x80 | (c & 0x3F));
    return 4;
}

size_t
tds_utf16_units(const char *utf8, size_t length)
{
    const uint8_t *p = (const uint8_t *) utf8;
    const uint8_t *end = p + length;
    size_t units = 0;

    while (p < end) {
        if (end - p >= 8 && (load8(p) & HIGH_BITS) == 0) {
            p += 8;
            units += 8;
        } else if (*p < 0x80) {
            p++;
            units++;
        } else {
            units += tds_utf8_decode(p, end, &p) > 0xFFFF ? 2 : 1;
        }
    }
    return units;
}

size_t
tds_utf16_units_within(const char *utf8, size_t *length, size_t max)
{
    const uint8_t *at = (const uint8_t *) utf8;
    const uint8_t *end = at + *length;
    size_t units = tds_utf16_units(utf8, *length);

    if (units <= max)
        return units;
    units = 0;
    while (at < end) {
        const uint8_t *next;
        unsigned more = tds_utf8_decode(at, end, &next) > 0xFFFF ? 2 : 1;

        if (units + more > max)
            break;
        units += more;
        at = next;
    }
    *length = (size_t) (at - (const uint8_t *) utf8);
    return units;
}

static inline void
store_unit(uint8_t *to, uint32_t unit)
{
    to[0] = (uint8_t) unit;
    to[1] = (uint8_t) (unit >> 8);
}

size_t
tds_utf8_to_utf16(const char *utf8, size_t length, uint8_t *to, size_t room, size_t *used)
{
    const uint8_t *p = (const uint8_t *) utf8;
    const uint8_t *end = p + length;
    uint8_t *at = to;
    uint8_t *limit = to + (room & ~(size_t) 1);

    while (p < end) {
        const uint8_t *next;
        uint32_t c;

        if (end - p >= 8 && limit - at >= 16 && (load8(p) & HIGH_BITS) == 0) {
            for (int i = 0; i < 8; i++) {
                at[2 * i] = p[i];
                at[2 * i + 1] = 0;
            }
            p += 8;
            at += 16;
            continue;
        }
        c = tds_utf8_decode(p, end, &next);
        if (limit - at < (c > 0xFFFF ? 4 : 2))
            break;
        if (c > 0xFFFF) {
            c -= 0x10000;
            store_unit(at, 0xD800 | c >> 10);
            store_unit(at + 2, 0xDC00 | (c & 0x3FF));
            at += 4;
        } else {
            store_unit(at, c);
            at += 2;
        }
        p = next;
    }
    *used = (size_t) (p - (const uint8_t *) utf8);
    return (size_t) (at - to);
}

/* One code point at from[i]; i moves on by one unit or two. Lone surrogates give U+FFFD. */
static inline uint32_t
utf16_decode(const uint8_t *from, size_t units, size_t *i)
{
    uint32_t unit = (uint32_t) from[*i * 2] | (uint32_t) from[*i * 2 + 1] << 8;
    uint32_t second;

    ++*i;
    if (unit < 0xD800 || unit > 0xDFFF)
        return unit;
    if (unit >= 0xDC00 || *i == units)
        return REPLACEMENT;
    second = (uint32_t) from[*i * 2] | (uint32_t) from[*i * 2 + 1] << 8;
    if (second < 0xDC00 || second > 0xDFFF)
        return REPLACEMENT;
    ++*i;
    return 0x10000 + ((unit & 0x3FF) << 10 | (second & 0x3FF));
}

/* Four ASCII units in eight bytes: every high byte zero, every low byte below 0x80. */
static inline bool
four_ascii(const uint8_t *from)
{
    static const uint8_t mask_bytes[8] = {0x80, 0xFF, 0x80, 0xFF, 0x80, 0xFF, 0x80, 0xFF};

    return (load8(from) & load8(mask_bytes)) == 0;
}

size_t
tds_utf8_length(const uint8_t *from, size_t units)
{
    size_t length = 0;
    size_t i = 0;

    while (i < units) {
        uint32_t c;

        if (units - i >= 4 && four_ascii(from + i * 2)) {
            i += 4;
            length += 4;
            continue;
        }
        c = utf16_decode(from, units, &i);
        length += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return length;
}

size_t
tds_utf16_to_utf8(const uint8_t *from, size_t units, char *to)
{
    char *at = to;
    size_t i = 0;

    while (i < units) {
        if (units - i >= 4 && four_ascii(from + i * 2)) {
            for (int k = 0; k < 4; k++)
                at[k] = (char) from[(i + (size_t) k) * 2];
            i += 4;
            at += 4;
            continue;
        }
        at += tds_utf8_encode(utf16_decode(from, units, &i), at);
    }
    return (size_t) (at - to);
}

size_t
tds_utf8_incomplete_tail(const char *utf8, size_t length)
{
    for (size_t back = 1; back <= 3 && back <= length; back++) {
        uint8_t byte = (uint8_t) utf8[length - back];
        uint8_t low, high;

        if ((byte & 0xC0) == 0x80)
            continue;
        if (sequence(byte, &low, &high) < back)
            return 0; /* complete, or not a lead byte */
        if (back > 1) {
            uint8_t second = (uint8_t) utf8[length - back + 1];

            if (second < low || second > high)
                return 0; /* broken already: more bytes cannot mend it */
        }
        return back;
    }
    return 0;
}
