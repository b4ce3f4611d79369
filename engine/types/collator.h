/*
 * How strings of one collation compare, hash and match: what the string operators, LIKE and the
 * string functions need. One Collator per collation and backend, made at first use, never freed.
 *
 * The ASCII path: `rank` orders the ASCII characters as ICU does, `primary` feeds the hash. It is
 * used while both strings are ASCII (and the locale has no contractions such as Czech "ch");
 * otherwise ICU decides, with the same results.
 */
#pragma once

#include "postgres.h"

#include "types/sqltype.h"

#include <unicode/ucol.h>

typedef struct Collator {
    const SqlCollation *collation;
    UCollator *icu;         /* NULL for binary collations */
    bool ascii_fast;        /* the tables below may be used */
    uint8 rank[128];        /* primary order; 0: ignorable, ask ICU */
    uint8 full_rank[128];   /* order at the collation's full strength */
    uint16 primary[128][2]; /* primary weights, for the hash; 0: none */
} Collator;

/* The collator of a collation oid; unknown oids (default, C) get the server's default. */
const Collator *collator_get(Oid collation);

/* <0, 0, >0; trailing blanks ignored. */
int collator_compare(
    const Collator *collator, const char *a, size_t a_length, const char *b, size_t b_length);

/* Equal strings hash alike. */
uint64 collator_hash(const Collator *collator, const char *string, size_t length, uint64 seed);

/* Single characters (code points): equality and order under the collation. */
bool collator_equal_characters(const Collator *collator, uint32 a, uint32 b);
int collator_compare_characters(const Collator *collator, uint32 a, uint32 b);

/*
 * Finds `needle` in `hay` from byte offset `from`: its byte offset, or -1. *match_length is how
 * many bytes of `hay` it covers (not always the needle's length: e and é under AI).
 */
ssize_t collator_find(const Collator *collator,
                      const char *hay,
                      size_t hay_length,
                      const char *needle,
                      size_t needle_length,
                      size_t from,
                      size_t *match_length);

/* Next code point of UTF-8 at *position (< length); advances. Bad bytes are taken as they are. */
static inline uint32
utf8_next(const char *string, size_t length, size_t *position)
{
    const unsigned char *s = (const unsigned char *) string + *position;
    size_t left = length - *position;

    if (s[0] < 0x80 || left == 1) {
        *position += 1;
        return s[0];
    }
    if (s[0] < 0xE0) {
        *position += 2;
        return (s[0] & 0x1F) << 6 | (s[1] & 0x3F);
    }
    if (s[0] < 0xF0 && left >= 3) {
        *position += 3;
        return (s[0] & 0x0F) << 12 | (s[1] & 0x3F) << 6 | (s[2] & 0x3F);
    }
    if (left >= 4) {
        *position += 4;
        return (s[0] & 0x07) << 18 | (s[1] & 0x3F) << 12 | (s[2] & 0x3F) << 6 | (s[3] & 0x3F);
    }
    *position += 1;
    return s[0];
}

/* Writes a code point as UTF-8 to `out` (4 bytes); returns the length. */
static inline int
utf8_write(uint32 c, char *out)
{
    if (c < 0x80) {
        out[0] = (char) c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char) (0xC0 | c >> 6);
        out[1] = (char) (0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char) (0xE0 | c >> 12);
        out[1] = (char) (0x80 | (c >> 6 & 0x3F));
        out[2] = (char) (0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char) (0xF0 | c >> 18);
    out[1] = (char) (0x80 | (c >> 12 & 0x3F));
    out[2] = (char) (0x80 | (c >> 6 & 0x3F));
    out[3] = (char) (0x80 | (c & 0x3F));
    return 4;
}
