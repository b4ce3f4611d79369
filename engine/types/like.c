/*
 * LIKE and PATINDEX: %, _, [a-z], [^a-z] and ESCAPE, by the collation. A pattern is walked as it
 * stands; constant patterns with a fixed beginning also become an index range (like_support).
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "pgcompat/base.h"
#include "types/collator.h"
#include "types/like.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(sql_like_match);
PG_FUNCTION_INFO_V1(sql_like_match_ansi);
PG_FUNCTION_INFO_V1(sql_like_support);

/* Outcome of matching one element: it failed here, or no later start can do better. */
typedef enum Outcome { MATCHED, FAILED, EXHAUSTED } Outcome;

/*
 * Matches `c` against the set that begins behind '[' at *position; moves behind its ']'. Sets
 * without an end never match.
 */
static bool
match_set(const LikePattern *pattern, size_t *position, uint32 c)
{
    const Collator *collator = pattern->collator;
    const char *p = pattern->text;
    size_t length = pattern->length;
    bool negated = false;
    bool found = false;
    bool first = true;

    if (*position < length && p[*position] == '^') {
        negated = true;
        (*position)++;
    }
    for (;; first = false) {
        uint32 low, high;

        if (*position >= length)
            return false;
        low = utf8_next(p, length, position);
        if (low == ']' && !first)
            return found != negated;
        if (pattern->escape != 0 && low == pattern->escape && *position < length)
            low = utf8_next(p, length, position);
        high = low;
        if (*position + 1 < length && p[*position] == '-' && p[*position + 1] != ']') {
            (*position)++;
            high = utf8_next(p, length, position);
            if (pattern->escape != 0 && high == pattern->escape && *position < length)
                high = utf8_next(p, length, position);
        }
        if (low == high ? collator_equal_characters(collator, c, low)
                        : collator_compare_characters(collator, low, c) <= 0 &&
                              collator_compare_characters(collator, c, high) <= 0)
            found = true;
    }
}

static Outcome match_anywhere(
    const LikePattern *pattern, size_t at, const char *string, size_t length, size_t position);

static Outcome
match(const LikePattern *pattern, size_t at, const char *string, size_t length, size_t position)
{
    check_stack_depth();
    while (at < pattern->length) {
        uint32 wanted = utf8_next(pattern->text, pattern->length, &at);
        bool literal = pattern->escape != 0 && wanted == pattern->escape;
        uint32 c;

        if (literal) {
            if (at >= pattern->length)
                return FAILED;
            wanted = utf8_next(pattern->text, pattern->length, &at);
        } else if (wanted == '%') {
            while (at < pattern->length && pattern->text[at] == '%')
                at++;
            return at == pattern->length ? MATCHED
                                         : match_anywhere(pattern, at, string, length, position);
        }
        if (position >= length)
            return EXHAUSTED;
        c = utf8_next(string, length, &position);
        if (!literal && wanted == '_')
            continue;
        if (!literal && wanted == '[') {
            if (!match_set(pattern, &at, c))
                return FAILED;
            continue;
        }
        if (!collator_equal_characters(pattern->collator, wanted, c))
            return FAILED;
    }
    if (position == length)
        return MATCHED;
    if (pattern->ignore_trailing_blanks) {
        while (position < length && string[position] == ' ')
            position++;
        if (position == length)
            return MATCHED;
    }
    return FAILED;
}

/* What follows a '%': tried at every position from here. */
static Outcome
match_anywhere(
    const LikePattern *pattern, size_t at, const char *string, size_t length, size_t position)
{
    for (;;) {
        Outcome outcome = match(pattern, at, string, length, position);

        CHECK_FOR_INTERRUPTS();
        if (outcome != FAILED)
            return outcome;
        if (position >= length)
            return EXHAUSTED;
        utf8_next(string, length, &position);
    }
}

bool
like_match(const LikePattern *pattern, const char *string, size_t length)
{
    return match(pattern, 0, string, length, 0) == MATCHED;
}

static Datum
match_arguments(FunctionCallInfo fcinfo, bool ansi)
{
    text *string = PG_GETARG_TEXT_PP(0);
    text *pattern_text = PG_GETARG_TEXT_PP(1);
    text *escape = PG_NARGS() > 2 ? PG_GETARG_TEXT_PP(2) : NULL;
    LikePattern pattern = {.collator = collator_get(PG_GET_COLLATION()),
                           .text = VARDATA_ANY(pattern_text),
                           .length = VARSIZE_ANY_EXHDR(pattern_text),
                           .ignore_trailing_blanks = ansi};

    if (escape != NULL) {
        size_t position = 0;
        size_t length = VARSIZE_ANY_EXHDR(escape);

        if (length > 0)
            pattern.escape = utf8_next(VARDATA_ANY(escape), length, &position);
        if (length == 0 || position != length)
            tsql_error(ERR_506, text_to_cstring(escape), "LIKE");
    }
    PG_RETURN_BOOL(like_match(&pattern, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string)));
}

/* nvarchar: trailing blanks of the string count. */
Datum
sql_like_match(PG_FUNCTION_ARGS)
{
    return match_arguments(fcinfo, false);
}

/* char and varchar: they do not. */
Datum
sql_like_match_ansi(PG_FUNCTION_ARGS)
{
    return match_arguments(fcinfo, true);
}

/* ---- index ranges ---- */

/* The literal beginning of a constant pattern; *exact when there is nothing else. */
static char *
fixed_prefix(const LikePattern *pattern, size_t *prefix_length, bool *exact)
{
    char *prefix = palloc(pattern->length + 1);
    size_t at = 0;

    *prefix_length = 0;
    *exact = false;
    while (at < pattern->length) {
        uint32 c = utf8_next(pattern->text, pattern->length, &at);

        if (c == '%' || c == '_' || c == '[')
            return prefix;
        if (pattern->escape != 0 && c == pattern->escape) {
            if (at >= pattern->length)
                return prefix;
            c = utf8_next(pattern->text, pattern->length, &at);
        }
        *prefix_length += utf8_write(c, prefix + *prefix_length);
    }
    *exact = true;
    return prefix;
}

static Const *
string_const(const char *string, size_t length, Oid type, Oid collation)
{
    return makeConst(type, -1, collation, -1,
                     PointerGetDatum(cstring_to_text_with_len(string, (int) length)), false, false);
}

static List *
range_conditions(SupportRequestIndexCondition *request,
                 Node *left,
                 const Const *pattern_const,
                 uint32 escape)
{
    text *pattern_text = DatumGetTextPP(pattern_const->constvalue);
    LikePattern pattern = {.collator = collator_get(request->indexcollation),
                           .text = VARDATA_ANY(pattern_text),
                           .length = VARSIZE_ANY_EXHDR(pattern_text),
                           .escape = escape};
    Oid type = pattern_const->consttype;
    size_t length;
    bool exact;
    char *prefix;
    Oid less, greater_equal;
    Expr *lower, *upper;

    /* Contractions: "c%" is not a range where "ch" sorts behind "h". */
    if (pattern.collator->icu != NULL && !pattern.collator->ascii_fast)
        return NIL;
    prefix = fixed_prefix(&pattern, &length, &exact);
    while (length > 0 && prefix[length - 1] == ' ')
        length--;
    if (length == 0)
        return NIL;
    greater_equal =
        get_opfamily_member(request->opfamily, type, type, BTGreaterEqualStrategyNumber);
    less = get_opfamily_member(request->opfamily, type, type, BTLessStrategyNumber);
    if (!OidIsValid(greater_equal) || !OidIsValid(less))
        return NIL;
    lower = make_opclause(greater_equal, BOOLOID, false, (Expr *) left,
                          (Expr *) string_const(prefix, length, type, pattern_const->constcollid),
                          InvalidOid, request->indexcollation);
    /* U+FFFF sorts behind every character in ICU's root order, and in code point order nearly. */
    length += utf8_write(pattern.collator->icu != NULL ? 0xFFFF : 0x10FFFF, prefix + length);
    upper = make_opclause(less, BOOLOID, false, (Expr *) left,
                          (Expr *) string_const(prefix, length, type, pattern_const->constcollid),
                          InvalidOid, request->indexcollation);
    return list_make2(lower, upper);
}

/* Planner support of like_match: LIKE 'abc%' as a range of an index on the column. */
Datum
sql_like_support(PG_FUNCTION_ARGS)
{
    Node *node = (Node *) PG_GETARG_POINTER(0);
    SupportRequestIndexCondition *request;
    List *args;
    Const *pattern;
    uint32 escape = 0;

    if (!IsA(node, SupportRequestIndexCondition))
        PG_RETURN_POINTER(NULL);
    request = (SupportRequestIndexCondition *) node;
    if (!IsA(request->node, FuncExpr) || request->indexarg != 0)
        PG_RETURN_POINTER(NULL);
    args = ((FuncExpr *) request->node)->args;
    pattern = (Const *) lsecond(args);
    if (!IsA(pattern, Const) || pattern->constisnull ||
        !op_in_opfamily(get_opfamily_member(request->opfamily, pattern->consttype,
                                            pattern->consttype, BTEqualStrategyNumber),
                        request->opfamily))
        PG_RETURN_POINTER(NULL);
    if (list_length(args) > 2) {
        Const *escape_const = (Const *) lthird(args);
        text *value;
        size_t position = 0;

        if (!IsA(escape_const, Const) || escape_const->constisnull)
            PG_RETURN_POINTER(NULL);
        value = DatumGetTextPP(escape_const->constvalue);
        if (VARSIZE_ANY_EXHDR(value) > 0)
            escape = utf8_next(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &position);
    }
    request->lossy = true;
    PG_RETURN_POINTER(range_conditions(request, (Node *) linitial(args), pattern, escape));
}
