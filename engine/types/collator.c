/*
 * Comparing, hashing and searching strings by T-SQL's collations: ICU, with a path for ASCII that
 * gives the same answers. Trailing blanks never matter for comparison (the standard's padding).
 */
#define _GNU_SOURCE /* memmem */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "types/collation_table.h"
#include "types/collator.h"
#include "utils/memutils.h"

#include <unicode/ucoleitr.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

static Collator **collators; /* by collation_index(), made at first use */

static UCollator *
open_icu(const CollationRow *row, const SqlCollation *collation)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollator *icu = ucol_open(strcmp(row->locale, "und") == 0 ? "" : row->locale, &status);
    UColAttributeValue strength = UCOL_PRIMARY;

    if (U_FAILURE(status))
        elog(ERROR, "cannot open ICU collator \"%s\": %s", row->locale, u_errorName(status));
    if (collation->accent_sensitive)
        strength = collation->case_sensitive ? UCOL_TERTIARY : UCOL_SECONDARY;
    ucol_setAttribute(icu, UCOL_STRENGTH, strength, &status);
    if (!collation->accent_sensitive && collation->case_sensitive)
        ucol_setAttribute(icu, UCOL_CASE_LEVEL, UCOL_ON, &status);
    if (U_FAILURE(status))
        elog(ERROR, "cannot set ICU collator \"%s\": %s", row->locale, u_errorName(status));
    return icu;
}

/* Whether two ASCII characters can stand for one letter in this locale: Czech ch, Danish aa. */
static bool
has_ascii_contractions(UCollator *icu)
{
    UErrorCode status = U_ZERO_ERROR;
    USet *contractions = uset_openEmpty();
    bool found = false;
    int count;

    ucol_getContractionsAndExpansions(icu, contractions, NULL, false, &status);
    count = U_SUCCESS(status) ? uset_getItemCount(contractions) : 0;
    for (int i = 0; i < count && !found; i++) {
        UChar string[8];
        UChar32 start, end;
        int length = uset_getItem(contractions, i, &start, &end, string, lengthof(string), &status);

        if (length < 2 || length > lengthof(string))
            continue;
        found = true;
        for (int j = 0; j < length; j++)
            if (string[j] >= 0x80)
                found = false;
    }
    uset_close(contractions);
    return found || U_FAILURE(status);
}

/* Orders the ASCII characters by their sort keys; equal keys get equal ranks, empty ones 0. */
static void
fill_ranks(UCollator *icu, uint8 ranks[128])
{
    uint8 keys[128][32] = {{0}};

    for (int c = 1; c < 128; c++) {
        UChar character = c;

        ucol_getSortKey(icu, &character, 1, keys[c], sizeof keys[c]);
    }
    for (int c = 1; c < 128; c++) {
        int smaller = 0;

        /* The key of an ignorable character is only level separators. */
        if (keys[c][0] <= 1) {
            ranks[c] = 0;
            continue;
        }
        for (int other = 1; other < 128; other++) {
            bool counted = keys[other][0] > 1 && memcmp(keys[other], keys[c], sizeof keys[c]) < 0;

            for (int earlier = 1; earlier < other && counted; earlier++)
                if (memcmp(keys[earlier], keys[other], sizeof keys[other]) == 0)
                    counted = false;
            if (counted)
                smaller++;
        }
        ranks[c] = smaller + 1;
    }
    ranks[0] = 0;
}

static void
fill_primaries(Collator *collator)
{
    for (int c = 1; c < 128; c++) {
        UErrorCode status = U_ZERO_ERROR;
        UChar character = c;
        UCollationElements *elements = ucol_openElements(collator->icu, &character, 1, &status);
        int count = 0;
        int32 element;

        while (U_SUCCESS(status) && (element = ucol_next(elements, &status)) != UCOL_NULLORDER) {
            uint16 primary = (uint16) ucol_primaryOrder(element);

            if (primary == 0)
                continue;
            if (count == 2)
                collator->ascii_fast = false;
            else
                collator->primary[c][count++] = primary;
        }
        ucol_closeElements(elements);
    }
}

static Collator *
make_collator(const SqlCollation *collation)
{
    const CollationRow *row = collation_row(collation);
    Collator *collator = MemoryContextAllocZero(TopMemoryContext, sizeof(Collator));
    UErrorCode status = U_ZERO_ERROR;

    collator->collation = collation;
    if (collation->binary)
        return collator;
    collator->icu = open_icu(row, collation);
    collator->ascii_fast = !has_ascii_contractions(collator->icu);
    fill_ranks(collator->icu, collator->full_rank);
    fill_primaries(collator);
    ucol_setAttribute(collator->icu, UCOL_STRENGTH, UCOL_PRIMARY, &status);
    if (!collation->accent_sensitive && collation->case_sensitive)
        ucol_setAttribute(collator->icu, UCOL_CASE_LEVEL, UCOL_OFF, &status);
    fill_ranks(collator->icu, collator->rank);
    ucol_close(collator->icu);
    collator->icu = open_icu(row, collation);
    return collator;
}

const Collator *
collator_get(Oid oid)
{
    static Oid last_oid = InvalidOid;
    static const Collator *last;
    const SqlCollation *collation;
    int index;

    if (oid == last_oid && last != NULL)
        return last;
    collation = sql_collation(oid);
    if (collation == NULL)
        collation = sql_collation_at(0);
    if (collators == NULL)
        collators =
            MemoryContextAllocZero(TopMemoryContext, sizeof(Collator *) * collation_count());
    index = collation_index(collation);
    if (collators[index] == NULL)
        collators[index] = make_collator(collation);
    last = collators[index];
    last_oid = oid;
    return last;
}

static inline size_t
without_trailing_blanks(const char *string, size_t length)
{
    while (length > 0 && string[length - 1] == ' ')
        length--;
    return length;
}

static int
compare_icu(
    const Collator *collator, const char *a, size_t a_length, const char *b, size_t b_length)
{
    UErrorCode status = U_ZERO_ERROR;
    UCollationResult result =
        ucol_strcollUTF8(collator->icu, a, (int32) a_length, b, (int32) b_length, &status);

    if (U_FAILURE(status))
        elog(ERROR, "collation failed: %s", u_errorName(status));
    return result == UCOL_LESS ? -1 : result == UCOL_GREATER ? 1 : 0;
}

static inline bool
ascii_or_end(const char *string, size_t length, size_t position)
{
    return position >= length || !(string[position] & 0x80);
}

int
collator_compare(
    const Collator *collator, const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t common;
    int difference = 0;

    a_length = without_trailing_blanks(a, a_length);
    b_length = without_trailing_blanks(b, b_length);
    common = Min(a_length, b_length);
    if (collator->icu == NULL) {
        int order = memcmp(a, b, common);

        return order != 0 ? order : a_length < b_length ? -1 : a_length > b_length;
    }
    if (a_length == b_length && memcmp(a, b, a_length) == 0)
        return 0;
    if (!collator->ascii_fast)
        return compare_icu(collator, a, a_length, b, b_length);
    for (size_t i = 0; i < common; i++) {
        unsigned char x = a[i];
        unsigned char y = b[i];

        if ((x | y) & 0x80 || collator->rank[x] == 0 || collator->rank[y] == 0)
            return compare_icu(collator, a, a_length, b, b_length);
        if (collator->rank[x] != collator->rank[y]) {
            /* A combining mark behind could still change the letter. */
            if (!ascii_or_end(a, a_length, i + 1) || !ascii_or_end(b, b_length, i + 1))
                return compare_icu(collator, a, a_length, b, b_length);
            return (int) collator->rank[x] - collator->rank[y];
        }
        if (difference == 0)
            difference = (int) collator->full_rank[x] - collator->full_rank[y];
    }
    if (a_length != b_length) {
        /* The rest could be ignorable: ask. */
        const char *rest = a_length > b_length ? a + common : b + common;

        if (rest[0] & 0x80 || collator->rank[(unsigned char) rest[0]] == 0)
            return compare_icu(collator, a, a_length, b, b_length);
        return a_length < b_length ? -1 : 1;
    }
    return difference;
}

static inline uint64
hash_step(uint64 hash, uint64 value)
{
    hash ^= value;
    hash *= UINT64CONST(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

/* The primary weights only: equal strings have the same ones whatever the strength. */
static uint64
hash_icu(const Collator *collator, const char *string, size_t length, uint64 hash)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar stack[256];
    UChar *wide = length < lengthof(stack) ? stack : palloc(sizeof(UChar) * (length + 1));
    UCollationElements *elements;
    int32 wide_length;
    int32 element;

    u_strFromUTF8WithSub(wide, (int32) length + 1, &wide_length, string, (int32) length, 0xFFFD,
                         NULL, &status);
    elements = ucol_openElements(collator->icu, wide, wide_length, &status);
    if (U_FAILURE(status))
        elog(ERROR, "collation failed: %s", u_errorName(status));
    while ((element = ucol_next(elements, &status)) != UCOL_NULLORDER) {
        uint16 primary = (uint16) ucol_primaryOrder(element);

        if (primary != 0)
            hash = hash_step(hash, primary);
    }
    ucol_closeElements(elements);
    if (wide != stack)
        pfree(wide);
    return hash;
}

uint64
collator_hash(const Collator *collator, const char *string, size_t length, uint64 seed)
{
    uint64 hash = seed ^ UINT64CONST(0xCBF29CE484222325);

    length = without_trailing_blanks(string, length);
    if (collator->icu == NULL)
        return hash_bytes_extended((const unsigned char *) string, (int) length, seed);
    if (collator->ascii_fast) {
        for (size_t i = 0; i < length; i++) {
            unsigned char c = string[i];
            const uint16 *primary = collator->primary[c & 0x7F];

            if (c & 0x80)
                goto not_ascii;
            if (primary[0] != 0)
                hash = hash_step(hash, primary[0]);
            if (primary[1] != 0)
                hash = hash_step(hash, primary[1]);
        }
        return hash;
    }
not_ascii:
    return hash_icu(collator, string, length, seed ^ UINT64CONST(0xCBF29CE484222325));
}

int
collator_compare_characters(const Collator *collator, uint32 a, uint32 b)
{
    char left[4], right[4];

    if (a == b)
        return 0;
    if (collator->icu == NULL)
        return a < b ? -1 : 1;
    if (a < 0x80 && b < 0x80 && collator->full_rank[a] != 0 && collator->full_rank[b] != 0)
        return (int) collator->full_rank[a] - collator->full_rank[b];
    return compare_icu(collator, left, utf8_write(a, left), right, utf8_write(b, right));
}

bool
collator_equal_characters(const Collator *collator, uint32 a, uint32 b)
{
    if (a == b)
        return true;
    if (collator->icu == NULL)
        return false;
    if (a < 0x80 && b < 0x80)
        return collator->full_rank[a] != 0 && collator->full_rank[a] == collator->full_rank[b];
    return collator_compare_characters(collator, a, b) == 0;
}

/* Whether the needle stands at `position`: the bytes it covers, or -1. */
static ssize_t
match_at(const Collator *collator,
         const char *hay,
         size_t hay_length,
         size_t position,
         const char *needle,
         size_t needle_length)
{
    size_t start = position;
    size_t needle_position = 0;

    while (needle_position < needle_length) {
        uint32 wanted, found;

        if (position >= hay_length)
            return -1;
        wanted = utf8_next(needle, needle_length, &needle_position);
        found = utf8_next(hay, hay_length, &position);
        if (!collator_equal_characters(collator, wanted, found))
            return -1;
    }
    return (ssize_t) (position - start);
}

ssize_t
collator_find(const Collator *collator,
              const char *hay,
              size_t hay_length,
              const char *needle,
              size_t needle_length,
              size_t from,
              size_t *match_length)
{
    if (needle_length == 0)
        return -1;
    if (collator->icu == NULL) {
        const char *found = from <= hay_length
                                ? memmem(hay + from, hay_length - from, needle, needle_length)
                                : NULL;

        *match_length = needle_length;
        return found != NULL ? found - hay : -1;
    }
    while (from < hay_length) {
        ssize_t length = match_at(collator, hay, hay_length, from, needle, needle_length);

        CHECK_FOR_INTERRUPTS();
        if (length >= 0) {
            *match_length = (size_t) length;
            return (ssize_t) from;
        }
        utf8_next(hay, hay_length, &from);
    }
    return -1;
}

/* ---- the header's conveniences ---- */

int
sql_string_compare(const char *a, size_t a_length, const char *b, size_t b_length, Oid collation)
{
    return collator_compare(collator_get(collation), a, a_length, b, b_length);
}

char *
sql_identifier_fold(const char *name, Oid collation)
{
    const SqlCollation *found = sql_collation(collation);
    UErrorCode status = U_ZERO_ERROR;
    int32 length = (int32) strlen(name);
    UChar *wide, *folded;
    int32 wide_length, folded_length;
    char *result;
    bool ascii = true;

    if (found != NULL && (found->binary || found->case_sensitive))
        return pstrdup(name);
    for (int i = 0; i < length && ascii; i++)
        ascii = !(name[i] & 0x80);
    if (ascii) {
        result = pstrdup(name);
        for (char *p = result; *p != '\0'; p++)
            if (*p >= 'A' && *p <= 'Z')
                *p += 'a' - 'A';
        return result;
    }
    wide = palloc(sizeof(UChar) * (length + 1));
    u_strFromUTF8WithSub(wide, length + 1, &wide_length, name, length, 0xFFFD, NULL, &status);
    folded = palloc(sizeof(UChar) * (3 * length + 1));
    folded_length =
        u_strFoldCase(folded, 3 * length + 1, wide, wide_length, U_FOLD_CASE_DEFAULT, &status);
    result = palloc(9 * length + 1);
    u_strToUTF8(result, 9 * length + 1, NULL, folded, folded_length, &status);
    if (U_FAILURE(status))
        elog(ERROR, "cannot fold a name: %s", u_errorName(status));
    return result;
}

int
sql_utf16_length(const char *string, size_t length)
{
    int units = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = string[i];

        /* Every character's first byte; four-byte ones are surrogate pairs. */
        if ((c & 0xC0) != 0x80)
            units += c >= 0xF0 ? 2 : 1;
    }
    return units;
}
