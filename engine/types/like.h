/*
 * T-SQL patterns: LIKE's and PATINDEX's. Plain data on the caller's stack.
 */
#pragma once

#include "postgres.h"

#include "types/collator.h"

typedef struct LikePattern {
    const Collator *collator;
    const char *text;
    size_t length;
    uint32 escape; /* code point, 0 for none */
    bool ignore_trailing_blanks;
} LikePattern;

/* Whether the whole of `string` matches. */
bool like_match(const LikePattern *pattern, const char *string, size_t length);
