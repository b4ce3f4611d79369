/*
 * UTF-8, UTF-16LE and code pages.
 */
#include "check.h"
#include "tds/codepage.h"
#include "tds/unicode.h"

#include <stdlib.h>

/* Converts both ways and compares with the expected UTF-16 (as 16-bit units). */
static void
check_units(const char *utf8, size_t length, const uint16_t *units, size_t count)
{
    uint8_t wide[256];
    uint8_t expected[256];
    size_t used;
    size_t n;

    for (size_t i = 0; i < count; i++) {
        expected[i * 2] = (uint8_t) units[i];
        expected[i * 2 + 1] = (uint8_t) (units[i] >> 8);
    }
    CHECK_INT(tds_utf16_units(utf8, length), count);
    n = tds_utf8_to_utf16(utf8, length, wide, sizeof(wide), &used);
    CHECK_INT(used, length);
    CHECK_BYTES(wide, n, expected, count * 2);
}

static void
text_of_every_plane_goes_both_ways(void)
{
    static const char utf8[] = "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and a longer ASCII run";
    uint8_t wide[128];
    char back[128];
    size_t used;
    size_t n = tds_utf8_to_utf16(utf8, sizeof(utf8) - 1, wide, sizeof(wide), &used);

    CHECK_INT(tds_utf8_length(wide, n / 2), sizeof(utf8) - 1);
    CHECK_BYTES(back, tds_utf16_to_utf8(wide, n / 2, back), utf8, sizeof(utf8) - 1);
    check_units("A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10,
                (const uint16_t[]){'A', 0xE9, 0x20AC, 0xD83D, 0xDE00}, 5);
}

static void
every_code_point_survives_the_round_trip(void)
{
    for (uint32_t c = 1; c <= 0x10FFFF; c++) {
        char utf8[4], back[4];
        uint8_t wide[4];
        size_t used, n, bytes;

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        n = tds_utf8_encode(c, utf8);
        bytes = tds_utf8_to_utf16(utf8, n, wide, sizeof(wide), &used);
        if (used != n || tds_utf16_to_utf8(wide, bytes / 2, back) != n ||
            memcmp(back, utf8, n) != 0) {
            CHECK_INT(c, -1);
            return;
        }
    }
    CHECK(true);
}

static void
lone_surrogates_become_the_replacement_character(void)
{
    static const struct {
        uint8_t wide[8];
        size_t units;
        const char *utf8;
    } cases[] = {
        {{0x00, 0xD8}, 1, "\xEF\xBF\xBD"},
        {{0x00, 0xDC}, 1, "\xEF\xBF\xBD"},
        {{0x00, 0xD8, 'a', 0},
         2,
         "\xEF\xBF\xBD"
         "a"},
        {{0x00, 0xD8, 0x00, 0xD8, 0x00, 0xDC}, 3, "\xEF\xBF\xBD\xF0\x90\x80\x80"},
        {{0x00, 0xDC, 0x00, 0xD8}, 2, "\xEF\xBF\xBD\xEF\xBF\xBD"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char utf8[32];
        size_t n = tds_utf16_to_utf8(cases[i].wide, cases[i].units, utf8);

        CHECK_BYTES(utf8, n, cases[i].utf8, strlen(cases[i].utf8));
        CHECK_INT(tds_utf8_length(cases[i].wide, cases[i].units), n);
    }
}

static void
invalid_utf8_becomes_the_replacement_character(void)
{
    check_units("\xFF", 1, (const uint16_t[]){0xFFFD}, 1);
    check_units("\xC0\x80", 2, (const uint16_t[]){0xFFFD, 0xFFFD}, 2); /* overlong NUL */
    check_units("\xED\xA0\x80", 3, (const uint16_t[]){0xFFFD, 0xFFFD, 0xFFFD}, 3); /* surrogate */
    check_units("\xF4\x90\x80\x80", 4, (const uint16_t[]){0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD}, 4);
    check_units("\xE2\x82", 2, (const uint16_t[]){0xFFFD}, 1); /* cut */
    check_units("\xE2\x82"
                "a",
                3, (const uint16_t[]){0xFFFD, 'a'}, 2);
}

static void
short_room_never_splits_a_pair(void)
{
    uint8_t wide[8];
    size_t used;

    CHECK_INT(tds_utf8_to_utf16("a\xF0\x9F\x98\x80", 5, wide, 5, &used), 2);
    CHECK_INT(used, 1);
    CHECK_INT(tds_utf8_to_utf16("a\xF0\x9F\x98\x80", 5, wide, 6, &used), 6);
    CHECK_INT(used, 5);
}

static void
units_within_a_limit_cut_whole_characters(void)
{
    size_t length = 9;

    CHECK_INT(tds_utf16_units_within("a\xF0\x9F\x98\x80\xF0\x9F\x98\x80", &length, 4), 3);
    CHECK_INT(length, 5);
    length = 9;
    CHECK_INT(tds_utf16_units_within("a\xF0\x9F\x98\x80\xF0\x9F\x98\x80", &length, 5), 5);
    CHECK_INT(length, 9);
}

static void
incomplete_tails_are_seen(void)
{
    CHECK_INT(tds_utf8_incomplete_tail("ab", 2), 0);
    CHECK_INT(tds_utf8_incomplete_tail("a\xC3", 2), 1);
    CHECK_INT(tds_utf8_incomplete_tail("a\xC3\xA9", 3), 0);
    CHECK_INT(tds_utf8_incomplete_tail("\xE2\x82", 2), 2);
    CHECK_INT(tds_utf8_incomplete_tail("\xF0\x9F\x98", 3), 3);
    CHECK_INT(tds_utf8_incomplete_tail("\xF0\x9F\x98\x80", 4), 0);
    CHECK_INT(tds_utf8_incomplete_tail("\xE0\x80", 2), 0); /* can never become valid */
    CHECK_INT(tds_utf8_incomplete_tail("\x80\x80\x80\x80", 4), 0);
    CHECK_INT(tds_utf8_incomplete_tail("", 0), 0);
}

static void
check_codepage(unsigned codepage, const char *utf8, const char *bytes, size_t n)
{
    TdsBytes encoded = tds_codepage_encode(codepage, utf8, strlen(utf8), &tds_memory_malloc);
    TdsText decoded = tds_codepage_decode(codepage, (const uint8_t *) bytes, n, &tds_memory_malloc);

    CHECK_BYTES(encoded.data, encoded.length, bytes, n);
    CHECK_BYTES(decoded.data, decoded.length, utf8, strlen(utf8));
    if (encoded.data != (const uint8_t *) utf8)
        free((void *) (uintptr_t) encoded.data);
    free((void *) (uintptr_t) decoded.data);
}

static void
code_pages_convert_both_ways(void)
{
    check_codepage(1252, "plain ASCII text", "plain ASCII text", 16);
    check_codepage(1252, "\xE2\x82\xAC\xC3\xA9\xC5\xB8", "\x80\xE9\x9F", 3);
    check_codepage(1250, "\xC5\x82\xC3\xB3\xC4\x85", "\xB3\xF3\xB9", 3);
    check_codepage(1251, "\xD0\x9F\xD1\x80\xD0\xB8", "\xCF\xF0\xE8", 3);
    check_codepage(1253, "\xCE\xB1\xCE\xB2", "\xE1\xE2", 2);
    check_codepage(437, "\xC3\xA9", "\x82", 1);
    check_codepage(850, "\xC3\xA9", "\x82", 1);
    check_codepage(874, "\xE0\xB8\x81", "\xA1", 1);
    check_codepage(932,
                   "\xE6\x97\xA5\xE6\x9C\xAC"
                   "x",
                   "\x93\xFA\x96\x7B"
                   "x",
                   5);
    check_codepage(936, "\xE4\xB8\xAD", "\xD6\xD0", 2);
    check_codepage(949, "\xED\x95\x9C", "\xC7\xD1", 2);
    check_codepage(950, "\xE4\xB8\xAD", "\xA4\xA4", 2);
    check_codepage(65001, "\xE4\xB8\xAD", "\xE4\xB8\xAD", 3);
}

static void
what_a_code_page_lacks_becomes_a_question_mark(void)
{
    static const unsigned pages[] = {1252, 1250, 932, 936};

    for (size_t i = 0; i < 4; i++) {
        TdsBytes bytes = tds_codepage_encode(pages[i], "a\xF0\x9F\x98\x80z", 6, &tds_memory_malloc);

        CHECK_BYTES(bytes.data, bytes.length, "a?z", 3);
        free((void *) (uintptr_t) bytes.data);
    }
}

static void
broken_double_bytes_are_decoded_to_something_valid(void)
{
    static const char bytes[] = "a\x81\x20\xFF"
                                "b\x93"; /* a bad trail, a bad byte, a cut lead */
    TdsText text = tds_codepage_decode(932, (const uint8_t *) bytes, 6, &tds_memory_malloc);

    CHECK(text.length >= 5);
    CHECK(text.data[0] == 'a');
    CHECK_INT(tds_utf8_incomplete_tail(text.data, text.length), 0);
    free((void *) (uintptr_t) text.data);
    CHECK_INT(tds_codepage_incomplete_tail(932, (const uint8_t *) "a\x93", 2), 1);
    CHECK_INT(tds_codepage_incomplete_tail(932, (const uint8_t *) "a\x93\xFA", 3), 0);
    CHECK_INT(tds_codepage_incomplete_tail(1252, (const uint8_t *) "a\x93", 2), 0);
}

static void
collations_tell_their_code_page(void)
{
    TdsCollation polish = tds_collation_make(0x0415, TDS_COLLATION_IGNORE_CASE, 2, 0);
    TdsCollation japanese = tds_collation_make(0x10411, 0, 1, 0);
    TdsCollation utf8 = tds_collation_make(0x0409, TDS_COLLATION_UTF8, 2, 0);
    TdsCollation chinese = tds_collation_make(0x0804, 0, 1, 0);
    TdsCollation taiwan = tds_collation_make(0x0404, 0, 1, 0);
    TdsCollation dos = tds_collation_make(0x0409, 0, 0, 30);

    CHECK_INT(tds_collation_codepage(&tds_collation_default), 1252);
    CHECK_INT(tds_collation_lcid(&tds_collation_default), 0x0409);
    CHECK_INT(tds_collation_sort_id(&tds_collation_default), 52);
    CHECK_INT(tds_collation_codepage(&polish), 1250);
    CHECK_INT(tds_collation_codepage(&japanese), 932);
    CHECK_INT(tds_collation_codepage(&utf8), 65001);
    CHECK_INT(tds_collation_codepage(&chinese), 936);
    CHECK_INT(tds_collation_codepage(&taiwan), 950);
    CHECK_INT(tds_collation_codepage(&dos), 437);
}

int
main(void)
{
    RUN(text_of_every_plane_goes_both_ways);
    RUN(every_code_point_survives_the_round_trip);
    RUN(lone_surrogates_become_the_replacement_character);
    RUN(invalid_utf8_becomes_the_replacement_character);
    RUN(short_room_never_splits_a_pair);
    RUN(units_within_a_limit_cut_whole_characters);
    RUN(incomplete_tails_are_seen);
    RUN(code_pages_convert_both_ways);
    RUN(what_a_code_page_lacks_becomes_a_question_mark);
    RUN(broken_double_bytes_are_decoded_to_something_valid);
    RUN(collations_tell_their_code_page);
    return check_done();
}
