/*
 * String functions that go between text and codes, numbers and names: ASCII, CHAR, STR, QUOTENAME,
 * PARSENAME, SOUNDEX, STRING_SPLIT...
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "funcapi.h"
#include "functions/characters.h"
#include "lib/stringinfo.h"
#include "types/codepage.h"
#include "types/collator.h"
#include "types/sqltype.h"
#include "utils/builtins.h"

#include <math.h>

PG_FUNCTION_INFO_V1(fn_ascii);
PG_FUNCTION_INFO_V1(fn_unicode);
PG_FUNCTION_INFO_V1(fn_char);
PG_FUNCTION_INFO_V1(fn_nchar);
PG_FUNCTION_INFO_V1(fn_str);
PG_FUNCTION_INFO_V1(fn_quotename);
PG_FUNCTION_INFO_V1(fn_parsename);
PG_FUNCTION_INFO_V1(fn_soundex);
PG_FUNCTION_INFO_V1(fn_difference);
PG_FUNCTION_INFO_V1(fn_string_escape);
PG_FUNCTION_INFO_V1(fn_string_split);

static uint16
code_page(FunctionCallInfo fcinfo)
{
    const SqlCollation *collation = sql_collation(PG_GET_COLLATION());

    return collation != NULL ? collation->code_page : 1252;
}

/* The first byte in the code page. */
Datum
fn_ascii(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    size_t position = 0;
    size_t length;
    char *bytes;

    if (string.length == 0)
        PG_RETURN_NULL();
    utf8_next(string.bytes, string.length, &position);
    bytes = code_page_bytes(string.bytes, position, code_page(fcinfo), &length);
    PG_RETURN_INT32((uint8) bytes[0]);
}

Datum
fn_unicode(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    size_t position = 0;

    if (string.length == 0)
        PG_RETURN_NULL();
    PG_RETURN_INT32((int32) utf8_next(string.bytes, string.length, &position));
}

Datum
fn_char(PG_FUNCTION_ARGS)
{
    int32 code = PG_GETARG_INT32(0);
    char byte = (char) code;
    size_t length;
    char *string;

    if (code < 0 || code > 255)
        PG_RETURN_NULL();
    if (code == 0)
        return string_datum("", 0); /* text cannot hold U+0000 */
    string = code_page_text(&byte, 1, code_page(fcinfo), &length);
    return string_datum(string, length);
}

Datum
fn_nchar(PG_FUNCTION_ARGS)
{
    int32 code = PG_GETARG_INT32(0);
    char bytes[4];

    if (code < 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        PG_RETURN_NULL();
    if (code == 0)
        return string_datum("", 0);
    return string_datum(bytes, utf8_write((uint32) code, bytes));
}

/* STR(float [, length [, decimals]]): right-aligned; asterisks when it does not fit. */
Datum
fn_str(PG_FUNCTION_ARGS)
{
    double value = PG_GETARG_FLOAT8(0);
    int32 length = PG_NARGS() > 1 ? PG_GETARG_INT32(1) : 10;
    int32 decimals = PG_NARGS() > 2 ? PG_GETARG_INT32(2) : 0;
    char number[512];
    char *out;
    int count;

    if (length < 1 || length > 8000 || decimals < 0)
        PG_RETURN_NULL();
    decimals = Min(decimals, 16);
    count = snprintf(number, sizeof number, "%.*f", decimals, value);
    /* The fraction gives way to the whole part. */
    while (count > length && decimals > 0)
        count = snprintf(number, sizeof number, "%.*f", --decimals, value);
    out = palloc(length + 1);
    if (count > length)
        memset(out, '*', length);
    else {
        memset(out, ' ', length - count);
        memcpy(out + length - count, number, count);
    }
    return string_datum(out, length);
}

Datum
fn_quotename(PG_FUNCTION_ARGS)
{
    StringView name = string_view(PG_GETARG_DATUM(0));
    char quote = '[';
    char open, close;
    StringInfoData result;

    if (PG_NARGS() > 1) {
        StringView given = string_view(PG_GETARG_DATUM(1));

        if (given.length == 0)
            quote = '[';
        else
            quote = given.bytes[0];
    }
    if (string_units(&name) > 128)
        PG_RETURN_NULL();
    switch (quote) {
    case '[':
    case ']':
        open = '[';
        close = ']';
        break;
    case '(':
    case ')':
        open = '(';
        close = ')';
        break;
    case '<':
    case '>':
        open = '<';
        close = '>';
        break;
    case '{':
    case '}':
        open = '{';
        close = '}';
        break;
    case '\'':
    case '"':
    case '`':
        open = close = quote;
        break;
    default:
        PG_RETURN_NULL();
    }
    initStringInfo(&result);
    appendStringInfoChar(&result, open);
    for (size_t i = 0; i < name.length; i++) {
        appendStringInfoChar(&result, name.bytes[i]);
        if (name.bytes[i] == close)
            appendStringInfoChar(&result, close);
    }
    appendStringInfoChar(&result, close);
    return string_datum(result.data, result.len);
}

/* Splits a name of up to four parts, the last first; false if it is not one. */
bool
string_split_name(const StringView *name, StringInfo parts, int *count)
{
    size_t i = 0;

    *count = 0;
    initStringInfo(&parts[0]);
    while (i < name->length) {
        char c = name->bytes[i];

        if ((c == '[' || c == '"') && parts[*count].len == 0) {
            char close = c == '[' ? ']' : '"';

            for (i++; i < name->length; i++) {
                if (name->bytes[i] == close) {
                    if (i + 1 >= name->length || name->bytes[i + 1] != close)
                        break;
                    i++;
                }
                appendStringInfoChar(&parts[*count], name->bytes[i]);
            }
            if (i++ >= name->length)
                return false;
            continue;
        }
        i++;
        if (c == '.') {
            if (++*count > 3)
                return false;
            initStringInfo(&parts[*count]);
        } else
            appendStringInfoChar(&parts[*count], c);
    }
    (*count)++;
    return true;
}

Datum
fn_parsename(PG_FUNCTION_ARGS)
{
    StringView name = string_view(PG_GETARG_DATUM(0));
    int32 piece = PG_GETARG_INT32(1);
    StringInfoData parts[4];
    int count;

    if (piece < 1 || piece > 4 || !string_split_name(&name, parts, &count) || piece > count ||
        parts[count - piece].len == 0)
        PG_RETURN_NULL();
    return string_datum(parts[count - piece].data, parts[count - piece].len);
}

/* ---- SOUNDEX ---- */

static void
soundex(const StringView *string, char code[5])
{
    /*                             ABCDEFGHIJKLMNOPQRSTUVWXYZ */
    static const char digits[] = "01230120022455012623010202";
    char last = 0;
    int count = 0;

    memcpy(code, "0000", 5);
    for (size_t i = 0; i < string->length && count < 4; i++) {
        char c = pg_ascii_toupper((unsigned char) string->bytes[i]);
        char digit;

        if (c < 'A' || c > 'Z') {
            /* What is no letter ends the word. */
            break;
        }
        digit = digits[c - 'A'];
        if (count == 0)
            code[count++] = c;
        else if (digit != '0' && digit != last)
            code[count++] = digit;
        if (c != 'H' && c != 'W')
            last = digit;
    }
}

Datum
fn_soundex(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    char code[5];

    soundex(&string, code);
    return string_datum(code, 4);
}

Datum
fn_difference(PG_FUNCTION_ARGS)
{
    StringView a = string_view(PG_GETARG_DATUM(0));
    StringView b = string_view(PG_GETARG_DATUM(1));
    char x[5], y[5];
    int same = 0;

    soundex(&a, x);
    soundex(&b, y);
    for (int i = 0; i < 4; i++)
        same += x[i] == y[i];
    PG_RETURN_INT32(same);
}

Datum
fn_string_escape(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    StringView kind = string_view(PG_GETARG_DATUM(1));
    StringInfoData result;

    if (kind.length != 4 || pg_strncasecmp(kind.bytes, "json", 4) != 0)
        tsql_error(ERR_9818, "type", "STRING_ESCAPE");
    initStringInfo(&result);
    for (size_t i = 0; i < string.length; i++) {
        char c = string.bytes[i];
        const char *found = c != '\0' ? strchr("\"\\/", c) : NULL;
        static const char letters[] = "bt\nnvfr";

        if (found != NULL)
            appendStringInfo(&result, "\\%c", c);
        else if (c == '\b' || c == '\t' || c == '\f' || c == '\n' || c == '\r')
            appendStringInfo(&result, "\\%c", c == '\n' ? 'n' : letters[c - '\b']);
        else if ((unsigned char) c < 0x20)
            appendStringInfo(&result, "\\u%04x", c);
        else
            appendStringInfoChar(&result, c);
    }
    return string_datum(result.data, result.len);
}

/* STRING_SPLIT(string, separator): (value, ordinal); the binder leaves ordinal out when it was not
 * asked for. */
Datum
fn_string_split(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *results = (ReturnSetInfo *) fcinfo->resultinfo;
    StringView string, separator;
    const Collator *collator = collator_get(PG_GET_COLLATION());
    size_t position = 0;
    int64 ordinal = 0;

    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        return (Datum) 0;
    string = string_view(PG_GETARG_DATUM(0));
    separator = string_view(PG_GETARG_DATUM(1));
    if (string_units(&separator) != 1)
        tsql_error(ERR_214, "separator", "nchar(1)/nvarchar(1)");
    for (;;) {
        size_t match_length = 0;
        ssize_t found = collator_find(collator, string.bytes, string.length, separator.bytes,
                                      separator.length, position, &match_length);
        size_t end = found < 0 ? string.length : (size_t) found;
        Datum values[2];
        bool nulls[2] = {false, false};

        values[0] = string_part(&string, position, end);
        values[1] = Int64GetDatum(++ordinal);
        tuplestore_putvalues(results->setResult, results->setDesc, values, nulls);
        if (found < 0)
            break;
        position = end + match_length;
    }
    return (Datum) 0;
}
