/*
 * String functions: lengths and parts, searching and replacing, case, trimming. Those that build
 * text from codes and numbers are in string_code.c.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/characters.h"
#include "lib/stringinfo.h"
#include "pgcompat/base.h"
#include "types/collator.h"
#include "types/like.h"
#include "types/sqltype.h"
#include "utils/builtins.h"

#include <unicode/uchar.h>

PG_FUNCTION_INFO_V1(fn_len);
PG_FUNCTION_INFO_V1(fn_len_binary);
PG_FUNCTION_INFO_V1(fn_left);
PG_FUNCTION_INFO_V1(fn_right);
PG_FUNCTION_INFO_V1(fn_substring);
PG_FUNCTION_INFO_V1(fn_substring_binary);
PG_FUNCTION_INFO_V1(fn_charindex);
PG_FUNCTION_INFO_V1(fn_patindex);
PG_FUNCTION_INFO_V1(fn_replace);
PG_FUNCTION_INFO_V1(fn_stuff);
PG_FUNCTION_INFO_V1(fn_upper);
PG_FUNCTION_INFO_V1(fn_lower);
PG_FUNCTION_INFO_V1(fn_ltrim);
PG_FUNCTION_INFO_V1(fn_rtrim);
PG_FUNCTION_INFO_V1(fn_trim);
PG_FUNCTION_INFO_V1(fn_replicate);
PG_FUNCTION_INFO_V1(fn_space);
PG_FUNCTION_INFO_V1(fn_reverse);
PG_FUNCTION_INFO_V1(fn_concat);
PG_FUNCTION_INFO_V1(fn_concat_ws);
PG_FUNCTION_INFO_V1(fn_translate);

Datum
fn_len(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));

    while (string.length > 0 && string.bytes[string.length - 1] == ' ')
        string.length--;
    PG_RETURN_INT32((int32) string_units(&string));
}

Datum
fn_len_binary(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT32((int32) VARSIZE_ANY_EXHDR(PG_GETARG_BYTEA_PP(0)));
}

Datum
fn_left(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    int32 count = PG_GETARG_INT32(1);

    if (count < 0)
        tsql_error(ERR_536, "left");
    return string_part(&string, 0, string_offset(&string, count));
}

Datum
fn_right(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    int32 count = PG_GETARG_INT32(1);
    int64 units;

    if (count < 0)
        tsql_error(ERR_536, "right");
    units = string_units(&string);
    return string_part(&string, count >= units ? 0 : string_offset(&string, units - count),
                       string.length);
}

Datum
fn_substring(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    int64 start = PG_GETARG_INT64(1);
    int64 count = PG_GETARG_INT64(2);
    int64 end;

    if (count < 0)
        tsql_error(ERR_537);
    if (start > PG_INT32_MAX)
        return string_datum("", 0);
    end = start - 1 + Min(count, PG_INT32_MAX);
    if (start < 1)
        start = 1;
    if (end < start)
        return string_datum("", 0);
    return string_part(&string, string_offset(&string, start - 1), string_offset(&string, end));
}

Datum
fn_substring_binary(PG_FUNCTION_ARGS)
{
    bytea *value = PG_GETARG_BYTEA_PP(0);
    int64 length = VARSIZE_ANY_EXHDR(value);
    int64 start = PG_GETARG_INT64(1) - 1;
    int64 count = PG_GETARG_INT64(2);
    int64 end;

    if (count < 0)
        tsql_error(ERR_537);
    end = Min(start + Min(count, PG_INT32_MAX), length);
    start = Max(start, 0);
    return string_datum(VARDATA_ANY(value) + Min(start, length), Max(end - start, 0));
}

/* CHARINDEX(needle, hay [, start]) */
Datum
fn_charindex(PG_FUNCTION_ARGS)
{
    StringView needle = string_view(PG_GETARG_DATUM(0));
    StringView hay = string_view(PG_GETARG_DATUM(1));
    int64 start = PG_NARGS() > 2 ? PG_GETARG_INT64(2) : 1;
    size_t from = string_offset(&hay, start - 1);
    size_t match_length;
    ssize_t found = collator_find(collator_get(PG_GET_COLLATION()), hay.bytes, hay.length,
                                  needle.bytes, needle.length, from, &match_length);

    if (found < 0)
        PG_RETURN_INT32(0);
    hay.length = found;
    PG_RETURN_INT32((int32) string_units(&hay) + 1);
}

/* PATINDEX(pattern, string): the first position from which the pattern matches; what stands before
 * a leading % does not count. */
Datum
fn_patindex(PG_FUNCTION_ARGS)
{
    StringView given = string_view(PG_GETARG_DATUM(0));
    StringView string = string_view(PG_GETARG_DATUM(1));
    LikePattern pattern = {.collator = collator_get(PG_GET_COLLATION()),
                           .text = given.bytes,
                           .length = given.length,
                           .ignore_trailing_blanks = true};
    size_t position = 0;
    bool anchored = given.length == 0 || given.bytes[0] != '%';

    if (anchored)
        PG_RETURN_INT32(like_match(&pattern, string.bytes, string.length) ? 1 : 0);
    while (pattern.length > 0 && pattern.text[0] == '%') {
        pattern.text++;
        pattern.length--;
    }
    if (pattern.length == 0)
        PG_RETURN_INT32(string.length > 0 ? 1 : 0);
    while (position < string.length) {
        if (like_match(&pattern, string.bytes + position, string.length - position)) {
            string.length = position;
            PG_RETURN_INT32((int32) string_units(&string) + 1);
        }
        utf8_next(string.bytes, string.length, &position);
    }
    PG_RETURN_INT32(0);
}

Datum
fn_replace(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    StringView from = string_view(PG_GETARG_DATUM(1));
    StringView to = string_view(PG_GETARG_DATUM(2));
    const Collator *collator = collator_get(PG_GET_COLLATION());
    StringInfoData result;
    size_t position = 0;

    if (from.length == 0 || string.length == 0)
        PG_RETURN_DATUM(PG_GETARG_DATUM(0));
    initStringInfo(&result);
    while (position < string.length) {
        size_t match_length = 0;
        ssize_t found = collator_find(collator, string.bytes, string.length, from.bytes,
                                      from.length, position, &match_length);

        if (found < 0)
            break;
        appendBinaryStringInfo(&result, string.bytes + position, (int) (found - position));
        appendBinaryStringInfo(&result, to.bytes, (int) to.length);
        position = found + match_length;
    }
    appendBinaryStringInfo(&result, string.bytes + position, (int) (string.length - position));
    return string_datum(result.data, result.len);
}

/* STUFF(string, start, length, replacement): NULL when it does not start inside. */
Datum
fn_stuff(PG_FUNCTION_ARGS)
{
    StringView string;
    int64 start, count, units;
    size_t from, to;
    StringInfoData result;

    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        PG_RETURN_NULL();
    string = string_view(PG_GETARG_DATUM(0));
    start = PG_GETARG_INT64(1);
    count = PG_GETARG_INT64(2);
    units = string_units(&string);
    if (start < 1 || start > units || count < 0)
        PG_RETURN_NULL();
    from = string_offset(&string, start - 1);
    to = string_offset(&string, start - 1 + Min(count, units));
    initStringInfo(&result);
    appendBinaryStringInfo(&result, string.bytes, (int) from);
    if (!PG_ARGISNULL(3)) {
        StringView replacement = string_view(PG_GETARG_DATUM(3));

        appendBinaryStringInfo(&result, replacement.bytes, (int) replacement.length);
    }
    appendBinaryStringInfo(&result, string.bytes + to, (int) (string.length - to));
    return string_datum(result.data, result.len);
}

/* ---- case: one character for one, as SQL Server maps ---- */

static Datum
map_case(FunctionCallInfo fcinfo, bool upper)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    const SqlCollation *collation = sql_collation(PG_GET_COLLATION());
    bool turkish = collation != NULL && collation->lcid == 0x041F;
    char *out = palloc(string.length * 3 + 1);
    size_t length = 0;
    size_t position = 0;

    while (position < string.length) {
        uint32 c = utf8_next(string.bytes, string.length, &position);

        if (turkish && (upper ? c == 'i' : c == 'I'))
            c = upper ? 0x130 : 0x131;
        else if (c < 0x80)
            c = upper ? pg_ascii_toupper((unsigned char) c) : pg_ascii_tolower((unsigned char) c);
        else
            c = upper ? u_toupper((UChar32) c) : u_tolower((UChar32) c);
        length += utf8_write(c, out + length);
    }
    return string_datum(out, length);
}

Datum
fn_upper(PG_FUNCTION_ARGS)
{
    return map_case(fcinfo, true);
}

Datum
fn_lower(PG_FUNCTION_ARGS)
{
    return map_case(fcinfo, false);
}

/* ---- trimming ---- */

static bool
in_set(const Collator *collator, const StringView *set, uint32 c)
{
    size_t position = 0;

    while (position < set->length)
        if (collator_equal_characters(collator, utf8_next(set->bytes, set->length, &position), c))
            return true;
    return false;
}

static Datum
trim_ends(FunctionCallInfo fcinfo, bool start, bool end)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    StringView set = {.bytes = " ", .length = 1, .ascii = true};
    const Collator *collator = collator_get(PG_GET_COLLATION());
    size_t from = 0;
    size_t to = string.length;

    if (PG_NARGS() > 1)
        set = string_view(PG_GETARG_DATUM(1));
    while (start && from < to) {
        size_t next = from;

        if (!in_set(collator, &set, utf8_next(string.bytes, string.length, &next)))
            break;
        from = next;
    }
    while (end && to > from) {
        size_t previous = to - 1;
        size_t next;

        while (previous > from && ((unsigned char) string.bytes[previous] & 0xC0) == 0x80)
            previous--;
        next = previous;
        if (!in_set(collator, &set, utf8_next(string.bytes, string.length, &next)))
            break;
        to = previous;
    }
    return string_part(&string, from, to);
}

Datum
fn_ltrim(PG_FUNCTION_ARGS)
{
    return trim_ends(fcinfo, true, false);
}

Datum
fn_rtrim(PG_FUNCTION_ARGS)
{
    return trim_ends(fcinfo, false, true);
}

Datum
fn_trim(PG_FUNCTION_ARGS)
{
    return trim_ends(fcinfo, true, true);
}

/* ---- building ---- */

#define STRING_MAX (512 * 1024 * 1024)

Datum
fn_replicate(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    int32 count = PG_GETARG_INT32(1);
    StringInfoData result;

    if (count < 0)
        PG_RETURN_NULL();
    if ((int64) string.length * count > STRING_MAX)
        tsql_error(ERR_701, "default");
    initStringInfo(&result);
    for (int32 i = 0; i < count; i++)
        appendBinaryStringInfo(&result, string.bytes, (int) string.length);
    return string_datum(result.data, result.len);
}

Datum
fn_space(PG_FUNCTION_ARGS)
{
    int32 count = PG_GETARG_INT32(0);
    text *result;

    if (count < 0)
        PG_RETURN_NULL();
    count = Min(count, 8000);
    result = palloc(VARHDRSZ + count);
    SET_VARSIZE(result, VARHDRSZ + count);
    memset(VARDATA(result), ' ', count);
    PG_RETURN_TEXT_P(result);
}

Datum
fn_reverse(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    char *out = palloc(string.length + 1);
    size_t end = string.length;
    size_t position = 0;

    while (position < string.length) {
        size_t start = position;

        utf8_next(string.bytes, string.length, &position);
        end -= position - start;
        memcpy(out + end, string.bytes + start, position - start);
    }
    return string_datum(out, string.length);
}

/* The arguments are strings already; NULLs count as empty. */
Datum
fn_concat(PG_FUNCTION_ARGS)
{
    StringInfoData result;

    initStringInfo(&result);
    for (int i = 0; i < PG_NARGS(); i++)
        if (!PG_ARGISNULL(i)) {
            StringView string = string_view(PG_GETARG_DATUM(i));

            appendBinaryStringInfo(&result, string.bytes, (int) string.length);
        }
    return string_datum(result.data, result.len);
}

Datum
fn_concat_ws(PG_FUNCTION_ARGS)
{
    StringView separator = {.bytes = "", .length = 0};
    StringInfoData result;
    bool first = true;

    if (!PG_ARGISNULL(0))
        separator = string_view(PG_GETARG_DATUM(0));
    initStringInfo(&result);
    for (int i = 1; i < PG_NARGS(); i++)
        if (!PG_ARGISNULL(i)) {
            StringView string = string_view(PG_GETARG_DATUM(i));

            if (!first)
                appendBinaryStringInfo(&result, separator.bytes, (int) separator.length);
            appendBinaryStringInfo(&result, string.bytes, (int) string.length);
            first = false;
        }
    return string_datum(result.data, result.len);
}

Datum
fn_translate(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    StringView from = string_view(PG_GETARG_DATUM(1));
    StringView to = string_view(PG_GETARG_DATUM(2));
    const Collator *collator = collator_get(PG_GET_COLLATION());
    char *out = palloc(string.length * 4 + 1);
    size_t length = 0;
    size_t position = 0;

    if (string_units(&from) != string_units(&to))
        tsql_error(ERR_9828, "TRANSLATE");
    while (position < string.length) {
        uint32 c = utf8_next(string.bytes, string.length, &position);
        size_t from_position = 0;
        size_t to_position = 0;

        while (from_position < from.length && to_position < to.length) {
            uint32 wanted = utf8_next(from.bytes, from.length, &from_position);
            uint32 replacement = utf8_next(to.bytes, to.length, &to_position);

            if (collator_equal_characters(collator, wanted, c)) {
                c = replacement;
                break;
            }
        }
        length += utf8_write(c, out + length);
    }
    return string_datum(out, length);
}
