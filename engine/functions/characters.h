/*
 * Positions in strings: T-SQL counts UTF-16 code units, the strings are UTF-8. A pair of surrogates
 * is one character here, which no position can split.
 */
#pragma once

#include "postgres.h"

#include "lib/stringinfo.h"
#include "types/collator.h"

typedef struct StringView {
    const char *bytes;
    size_t length;
    bool ascii; /* positions are byte offsets */
} StringView;

/* The bytes of a varlena string. */
StringView string_view(Datum datum);
/* Units in the string. */
int64 string_units(const StringView *string);
/* Byte offset of the character at `units` from the start; the length beyond the end. */
size_t string_offset(const StringView *string, int64 units);
Datum string_datum(const char *bytes, size_t length);
/* The part from byte `start` to byte `end`. */
Datum string_part(const StringView *string, size_t start, size_t end);

/* Splits a name of one to four parts, brackets and quotes removed, in the order written: `parts`
 * has room for four. False if it is not a name. */
bool string_split_name(const StringView *name, StringInfo parts, int *count);
