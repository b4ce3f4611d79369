/*
 * Converting values between T-SQL types: what conversion.c (the expressions), convert_*.c (the
 * values) and the functions share.
 *
 * A failed conversion raises its T-SQL error, or under CONVERSION_TRY sets `failed` and returns 0:
 * no subtransactions.
 */
#pragma once

#include "postgres.h"

#include "pgcompat/base.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/sqltype.h"

typedef struct Conversion {
    SqlType from;
    SqlType to;
    ConversionKind kind;
    int style; /* CONVERSION_NO_STYLE for CAST and implicit ones */
    bool failed;
    bool session_dependent; /* the result depends on SET DATEFORMAT: not to be folded */
} Conversion;

#define CONVERSION_NO_STYLE (-1)

/* Converts one value that is not NULL. */
Datum convert_value(Conversion *conversion, Datum value);

#define CONVERSION_ERROR(conversion, ...)                                                          \
    do {                                                                                           \
        (conversion)->failed = true;                                                               \
        if ((conversion)->kind != CONVERSION_TRY)                                                  \
            tsql_error(__VA_ARGS__);                                                               \
        return (Datum) 0;                                                                          \
    } while (0)

/* The same with a state of its own. */
#define CONVERSION_ERROR_STATE(conversion, number, state, ...)                                     \
    do {                                                                                           \
        (conversion)->failed = true;                                                               \
        if ((conversion)->kind != CONVERSION_TRY)                                                  \
            tsql_error_state(number, state, __VA_ARGS__);                                          \
        return (Datum) 0;                                                                          \
    } while (0)

/* By target family; the source is anything that converts to it (not a variant). */
Datum convert_to_number(Conversion *conversion, Datum value);
Datum convert_to_string(Conversion *conversion, Datum value);
Datum convert_to_binary(Conversion *conversion, Datum value);
Datum convert_to_moment(Conversion *conversion, Datum value);
Datum convert_to_guid(Conversion *conversion, Datum value);
Datum convert_to_xml(Conversion *conversion, Datum value);

/* The name of a type as the conversion errors write it: numeric for decimal. */
const char *conversion_type_name(SqlTypeId id);

/* A varlena string's bytes. */
static inline const char *
string_bytes(Datum value, size_t *length)
{
    struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

    *length = VARSIZE_ANY_EXHDR(packed);
    return VARDATA_ANY(packed);
}

/* Truncates and pads text to a string type's length; `length` in and out. */
Datum string_datum_fit(Conversion *conversion, const char *string, size_t length);

/* A float as T-SQL writes it: 6 significant digits (style 0), 8, 16 or 17 digits. */
int float_format(double value, bool is_real, int style, char *buffer);
