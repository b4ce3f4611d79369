/*
 * Positions in strings.
 */
#include "postgres.h"

#include "functions/characters.h"

#include "fmgr.h"
#include "pgcompat/base.h"
#include "utils/builtins.h"

StringView
string_view(Datum datum)
{
    struct varlena *packed = PG_DETOAST_DATUM_PACKED(datum);
    StringView view = {
        .bytes = VARDATA_ANY(packed), .length = VARSIZE_ANY_EXHDR(packed), .ascii = true};

    for (size_t i = 0; i < view.length; i++)
        if (view.bytes[i] & 0x80) {
            view.ascii = false;
            break;
        }
    return view;
}

int64
string_units(const StringView *string)
{
    return string->ascii ? (int64) string->length : sql_utf16_length(string->bytes, string->length);
}

size_t
string_offset(const StringView *string, int64 units)
{
    size_t position = 0;

    if (units <= 0)
        return 0;
    if (string->ascii)
        return Min((size_t) units, string->length);
    while (units > 0 && position < string->length)
        units -= utf8_next(string->bytes, string->length, &position) >= 0x10000 ? 2 : 1;
    return Min(position, string->length);
}

Datum
string_datum(const char *bytes, size_t length)
{
    return PointerGetDatum(cstring_to_text_with_len(bytes, (int) length));
}

Datum
string_part(const StringView *string, size_t start, size_t end)
{
    return start >= end ? string_datum("", 0) : string_datum(string->bytes + start, end - start);
}
