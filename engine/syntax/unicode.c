/*
 * See unicode.h. The tables list what is *not* allowed in an identifier rather than what is: the
 * excluded characters (punctuation, symbols, spaces) lie in few ranges, and letters of scripts that
 * Unicode adds later are accepted without a change here.
 */
#include "unicode.h"

#include <string.h>

typedef struct Range {
    uint32_t first, last;
} Range;

int
unicode_decode(const char *text, const char *end, uint32_t *character)
{
    const unsigned char *s = (const unsigned char *) text;
    ptrdiff_t left = end - text;
    uint32_t c = s[0];
    int length, i;

    if (c < 0x80) {
        *character = c;
        return 1;
    }
    if (c >= 0xc2 && c <= 0xdf) {
        length = 2;
        c &= 0x1f;
    } else if (c >= 0xe0 && c <= 0xef) {
        length = 3;
        c &= 0x0f;
    } else if (c >= 0xf0 && c <= 0xf4) {
        length = 4;
        c &= 0x07;
    } else
        return 0;
    if (left < length)
        return 0;
    for (i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = (c << 6) | (s[i] & 0x3f);
    }
    if ((length == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) ||
        (length == 4 && (c < 0x10000 || c > 0x10ffff)))
        return 0;
    *character = c;
    return length;
}

bool
unicode_valid(const char *text, size_t length)
{
    const char *end = text + length;

    while (text < end) {
        uint32_t character;
        int bytes;

        if (end - text >= 8) {
            uint64_t word;

            memcpy(&word, text, 8);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                text += 8;
                continue;
            }
        }
        bytes = unicode_decode(text, end, &character);
        if (bytes == 0)
            return false;
        text += bytes;
    }
    return true;
}

static bool
in_ranges(const Range *ranges, int count, uint32_t c)
{
    int low = 0, high = count - 1;

    while (low <= high) {
        int middle = (low + high) / 2;

        if (c < ranges[middle].first)
            high = middle - 1;
        else if (c > ranges[middle].last)
            low = middle + 1;
        else
            return true;
    }
    return false;
}

#define IN(ranges, c) in_ranges(ranges, (int) (sizeof(ranges) / sizeof((ranges)[0])), c)

bool
unicode_in_identifier(uint32_t c)
{
    static const Range excluded[] = {
        {0x80, 0xa9},     {0xab, 0xb4},       {0xb6, 0xb9},       {0xbb, 0xbf},
        {0xd7, 0xd7},     {0xf7, 0xf7},       {0x37e, 0x37e},     {0x387, 0x387},
        {0x55a, 0x55f},   {0x589, 0x58f},     {0x5be, 0x5be},     {0x5c0, 0x5c0},
        {0x5c3, 0x5c3},   {0x5f3, 0x5f4},     {0x600, 0x60f},     {0x61b, 0x61f},
        {0x66a, 0x66d},   {0x6d4, 0x6d4},     {0x964, 0x965},     {0x9f2, 0x9fb},
        {0xe3f, 0xe3f},   {0xe4f, 0xe4f},     {0xe5a, 0xe5b},     {0x104a, 0x104f},
        {0x10fb, 0x10fb}, {0x1680, 0x1680},   {0x17d4, 0x17d6},   {0x17d8, 0x17db},
        {0x2000, 0x203e}, {0x2041, 0x2053},   {0x2055, 0x206f},   {0x207a, 0x207e},
        {0x208a, 0x208f}, {0x20a0, 0x20cf},   {0x2190, 0x2bff},   {0x2e00, 0x2e7f},
        {0x3000, 0x3004}, {0x3008, 0x3020},   {0x3030, 0x3030},   {0xd800, 0xf8ff},
        {0xfd3e, 0xfd3f}, {0xfdfc, 0xfdff},   {0xfe10, 0xfe1f},   {0xfe30, 0xfe32},
        {0xfe35, 0xfe4c}, {0xfe50, 0xfe6f},   {0xfeff, 0xfeff},   {0xff01, 0xff0f},
        {0xff1a, 0xff20}, {0xff3b, 0xff3e},   {0xff40, 0xff40},   {0xff5b, 0xff65},
        {0xffe0, 0xffff}, {0x1d000, 0x1d3ff}, {0x1f000, 0x1faff}, {0xe0000, 0x10ffff},
    };

    return c >= 0x80 && !IN(excluded, c);
}

bool
unicode_is_space(uint32_t c)
{
    static const Range spaces[] = {
        {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200b}, {0x2028, 0x2029},
        {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}, {0xfeff, 0xfeff},
    };

    return IN(spaces, c);
}

bool
unicode_is_currency(uint32_t c)
{
    static const Range signs[] = {
        {'$', '$'},       {0xa2, 0xa5},     {0x9f2, 0x9f3},   {0xe3f, 0xe3f},
        {0x17db, 0x17db}, {0x20a0, 0x20cf}, {0xfdfc, 0xfdfc}, {0xfe69, 0xfe69},
        {0xff04, 0xff04}, {0xffe0, 0xffe1}, {0xffe5, 0xffe6},
    };

    return IN(signs, c);
}

size_t
unicode_utf16_length(const char *text, size_t length)
{
    size_t units = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char) text[i];

        if ((c & 0xc0) != 0x80)
            units += c >= 0xf0 ? 2 : 1;
    }
    return units;
}
