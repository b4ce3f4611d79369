/*
 * Code pages of char and varchar. Inside the engine all text is UTF-8; a value of a non-Unicode
 * type must still hold only what its code page can, and be measured in its bytes. ICU's converters
 * do it, with best fits as Windows has them and '?' for the rest.
 */
#include "postgres.h"

#include "types/codepage.h"
#include "types/sqltype.h"
#include "utils/memutils.h"

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

typedef struct CachedConverter {
    uint16 code_page;
    UConverter *converter;
} CachedConverter;

static CachedConverter converters[16];

static UConverter *
converter_get(uint16 code_page)
{
    UErrorCode status = U_ZERO_ERROR;
    char name[32];
    UConverter *converter;

    for (int i = 0; i < lengthof(converters) && converters[i].code_page != 0; i++)
        if (converters[i].code_page == code_page)
            return converters[i].converter;
    snprintf(name, sizeof name,
             code_page < 1000 && code_page > 900    ? "windows-%d"
             : code_page == 437 || code_page == 850 ? "ibm-%d"
                                                    : "windows-%d",
             code_page);
    converter = ucnv_open(name, &status);
    if (U_FAILURE(status)) {
        status = U_ZERO_ERROR;
        converter = ucnv_open("windows-1252", &status);
    }
    if (U_SUCCESS(status)) {
        ucnv_setFallback(converter, true);
        ucnv_setSubstChars(converter, "?", 1, &status);
    }
    if (U_FAILURE(status))
        elog(ERROR, "cannot open the converter of code page %d: %s", code_page,
             u_errorName(status));
    for (int i = 0; i < lengthof(converters); i++)
        if (converters[i].code_page == 0) {
            converters[i].code_page = code_page;
            converters[i].converter = converter;
            break;
        }
    return converter;
}

static bool
is_ascii(const char *string, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (string[i] & 0x80)
            return false;
    return true;
}

static char *
to_code_page(const char *string, size_t length, uint16 code_page, int *bytes)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar *wide = palloc(sizeof(UChar) * (length + 1));
    int32 wide_length;
    char *result;

    u_strFromUTF8WithSub(wide, (int32) length + 1, &wide_length, string, (int32) length, 0xFFFD,
                         NULL, &status);
    result = palloc(2 * (size_t) wide_length + 2);
    *bytes = ucnv_fromUChars(converter_get(code_page), result, 2 * wide_length + 2, wide,
                             wide_length, &status);
    if (U_FAILURE(status))
        elog(ERROR, "cannot convert to code page %d: %s", code_page, u_errorName(status));
    pfree(wide);
    return result;
}

int
sql_code_page_length(const char *string, size_t length, uint16 code_page)
{
    int bytes;

    if (code_page == 65001 || is_ascii(string, length))
        return (int) length;
    pfree(to_code_page(string, length, code_page, &bytes));
    return bytes;
}

char *
code_page_fit(const char *string, size_t length, uint16 code_page, size_t *result_length)
{
    UErrorCode status = U_ZERO_ERROR;
    int bytes;
    char *encoded, *result;
    UChar *wide;
    int32 wide_length, utf8_length;

    if (code_page == 65001 || is_ascii(string, length)) {
        *result_length = length;
        return (char *) string;
    }
    encoded = to_code_page(string, length, code_page, &bytes);
    wide = palloc(sizeof(UChar) * (bytes + 1));
    wide_length = ucnv_toUChars(converter_get(code_page), wide, bytes + 1, encoded, bytes, &status);
    result = palloc(3 * (size_t) wide_length + 1);
    u_strToUTF8(result, 3 * wide_length + 1, &utf8_length, wide, wide_length, &status);
    if (U_FAILURE(status))
        elog(ERROR, "cannot convert from code page %d: %s", code_page, u_errorName(status));
    pfree(encoded);
    pfree(wide);
    *result_length = utf8_length;
    return result;
}

char *
code_page_bytes(const char *string, size_t length, uint16 code_page, size_t *result_length)
{
    int bytes;
    char *result;

    if (code_page == 65001 || is_ascii(string, length)) {
        *result_length = length;
        return (char *) string;
    }
    result = to_code_page(string, length, code_page, &bytes);
    *result_length = bytes;
    return result;
}

char *
code_page_text(const char *bytes, size_t length, uint16 code_page, size_t *result_length)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar *wide;
    char *result;
    int32 wide_length, utf8_length;

    if (code_page != 65001 && is_ascii(bytes, length)) {
        *result_length = length;
        return (char *) bytes;
    }
    wide = palloc(sizeof(UChar) * (length + 1));
    if (code_page == 65001)
        u_strFromUTF8WithSub(wide, (int32) length + 1, &wide_length, bytes, (int32) length, 0xFFFD,
                             NULL, &status);
    else
        wide_length = ucnv_toUChars(converter_get(code_page), wide, (int32) length + 1, bytes,
                                    (int32) length, &status);
    result = palloc(3 * (size_t) wide_length + 1);
    u_strToUTF8WithSub(result, 3 * wide_length + 1, &utf8_length, wide, wide_length, 0xFFFD, NULL,
                       &status);
    if (U_FAILURE(status))
        elog(ERROR, "cannot convert from code page %d: %s", code_page, u_errorName(status));
    *result_length = utf8_length;
    return result;
}

size_t
code_page_prefix(const char *string, size_t length, uint16 code_page, int limit)
{
    size_t position = 0;
    int used = 0;

    if (code_page != 65001 && is_ascii(string, length))
        return Min(length, (size_t) limit);
    while (position < length) {
        size_t start = position;
        unsigned char c = string[position];
        size_t step = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

        if (start + step > length)
            break;
        used +=
            code_page == 65001 ? (int) step : sql_code_page_length(string + start, step, code_page);
        if (used > limit)
            break;
        position += step;
    }
    return position;
}

size_t
utf16_prefix(const char *string, size_t length, int limit)
{
    size_t position = 0;
    int used = 0;

    while (position < length) {
        unsigned char c = string[position];
        size_t step = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

        used += step == 4 ? 2 : 1;
        if (used > limit || position + step > length)
            break;
        position += step;
    }
    return position;
}
