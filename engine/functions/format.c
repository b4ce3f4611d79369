/*
 * FORMAT(value, format [, culture]): .NET's standard and custom formats of numbers and dates, with
 * the names and separators of en-US. Other cultures' formats are those of en-US.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/argument.h"
#include "functions/characters.h"
#include "lib/stringinfo.h"
#include "types/datetime.h"
#include "types/decimal.h"
#include "types/sqltype.h"
#include "utils/builtins.h"

#include <ctype.h>
#include <math.h>

PG_FUNCTION_INFO_V1(fn_format);

/* ---- numbers: as decimal text, "-123.45" ---- */

static char *
fixed_text(const Decimal *value, int digits)
{
    Decimal rounded = *value;
    char *buffer = palloc(DECIMAL_TEXT_SIZE + 64);

    if (!decimal_rescale(&rounded, digits))
        tsql_error(ERR_8115, "expression", "numeric");
    decimal_format(&rounded, buffer);
    return buffer;
}

/* Puts commas between the thousands of the whole part. */
static void
append_grouped(StringInfo out, const char *digits, int whole)
{
    for (int i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            appendStringInfoChar(out, ',');
        appendStringInfoChar(out, digits[i]);
    }
}

static void
append_number(StringInfo out, const Decimal *value, int digits, bool grouped)
{
    char *number = fixed_text(value, digits);
    int whole;

    if (*number == '-')
        appendStringInfoChar(out, *number++);
    whole = (int) strcspn(number, ".");
    if (grouped)
        append_grouped(out, number, whole);
    else
        appendBinaryStringInfo(out, number, whole);
    appendStringInfoString(out, number + whole);
}

/* N2, F0, C, P1, D5, X8, E3, G. False when it is not a standard format. */
static bool
standard_number(StringInfo out, Decimal value, const char *format)
{
    char letter = pg_ascii_toupper((unsigned char) format[0]);
    int precision = format[1] != '\0' ? (int) strtol(format + 1, NULL, 10) : -1;
    int64 integer;

    for (const char *p = format + 1; *p != '\0'; p++)
        if (!isdigit((unsigned char) *p))
            return false;
    switch (letter) {
    case 'N':
    case 'F':
        append_number(out, &value, precision < 0 ? 2 : Min(precision, 38), letter == 'N');
        return true;
    case 'C': {
        bool negative = value.negative;

        value.negative = false;
        appendStringInfoString(out, negative ? "($" : "$");
        append_number(out, &value, precision < 0 ? 2 : Min(precision, 38), true);
        if (negative)
            appendStringInfoChar(out, ')');
        return true;
    }
    case 'P': {
        Decimal hundred = decimal_from_int64(100);
        Decimal product;

        if (!decimal_multiply(&value, &hundred, -1, &product))
            return false;
        append_number(out, &product, precision < 0 ? 2 : Min(precision, 38), true);
        appendStringInfoString(out, " %");
        return true;
    }
    case 'D':
    case 'X':
        if (!decimal_to_int64(&value, &integer))
            return false;
        if (letter == 'D')
            appendStringInfo(out, "%s%0*lld", integer < 0 ? "-" : "", Max(precision, 1),
                             (long long) llabs(integer));
        else if (format[0] == 'X')
            appendStringInfo(out, "%0*llX", Max(precision, 1), (long long) integer);
        else
            appendStringInfo(out, "%0*llx", Max(precision, 1), (long long) integer);
        return true;
    case 'E': {
        char buffer[64];

        snprintf(buffer, sizeof buffer, "%.*e", precision < 0 ? 6 : precision,
                 decimal_to_double(&value));
        {
            char *e = strchr(buffer, 'e');

            *e = '\0';
            appendStringInfo(out, "%s%c%c%03d", buffer, format[0], e[1],
                             (int) strtol(e + 2, NULL, 10));
        }
        return true;
    }
    case 'G': {
        char buffer[DECIMAL_TEXT_SIZE];
        int length = decimal_format(&value, buffer);

        while (strchr(buffer, '.') != NULL &&
               (buffer[length - 1] == '0' || buffer[length - 1] == '.'))
            if (buffer[--length] == '.')
                break;
        appendBinaryStringInfo(out, buffer, length);
        return true;
    }
    default:
        return false;
    }
}

/* What a custom format asks for. */
typedef struct NumberPicture {
    int whole_zeros;    /* least digits before the point */
    int fraction_zeros; /* least digits behind it */
    int fraction;       /* most digits behind it */
    bool grouped, percent, point;
} NumberPicture;

static NumberPicture
read_picture(const char *format)
{
    NumberPicture picture = {0};
    bool seen_zero = false;

    for (const char *p = format; *p != '\0'; p++) {
        if (*p == '\\' && p[1] != '\0')
            p++;
        else if (*p == '\'' || *p == '"') {
            char quote = *p;

            while (p[1] != '\0' && *++p != quote)
                ;
        } else if (*p == '0' || *p == '#') {
            if (picture.point) {
                picture.fraction++;
                if (*p == '0')
                    picture.fraction_zeros = picture.fraction;
            } else if (*p == '0' || seen_zero) {
                seen_zero = true;
                picture.whole_zeros++;
            }
        } else if (*p == '.')
            picture.point = true;
        else if (*p == ',')
            picture.grouped = true;
        else if (*p == '%')
            picture.percent = true;
    }
    return picture;
}

/* The digits before the point stand where the first placeholder is; the fraction follows it. */
static void
custom_number(StringInfo out, Decimal value, const char *format)
{
    NumberPicture picture;
    const char *section = format;
    char *copy = pstrdup(format);
    char *semicolon = strchr(copy, ';');
    char *number, *fraction;
    int whole, fraction_length, zeros;
    bool placed = false;

    if (semicolon != NULL) {
        *semicolon = '\0';
        section = copy;
        if (value.negative) {
            section = semicolon + 1;
            value.negative = false;
        }
    }
    picture = read_picture(section);
    if (picture.percent) {
        Decimal hundred = decimal_from_int64(100);
        Decimal product;

        if (decimal_multiply(&value, &hundred, -1, &product))
            value = product;
    }
    number = fixed_text(&value, Min(picture.fraction, 38));
    if (*number == '-') {
        appendStringInfoChar(out, '-');
        number++;
    }
    whole = (int) strcspn(number, ".");
    fraction = number[whole] == '.' ? number + whole + 1 : "";
    fraction_length = (int) strlen(fraction);
    while (fraction_length > picture.fraction_zeros && fraction[fraction_length - 1] == '0')
        fraction_length--;
    if (whole == 1 && number[0] == '0' && picture.whole_zeros == 0)
        whole = 0;
    zeros = Max(picture.whole_zeros - whole, 0);
    for (const char *p = section; *p != '\0'; p++) {
        if (*p == '\\' && p[1] != '\0')
            appendStringInfoChar(out, *++p);
        else if (*p == '\'' || *p == '"') {
            char quote = *p;

            while (p[1] != '\0' && *++p != quote)
                appendStringInfoChar(out, *p);
        } else if (strchr("0#.,", *p) == NULL)
            appendStringInfoChar(out, *p);
        else if (!placed) {
            char *padded = palloc0(zeros + whole + 1);

            placed = true;
            memset(padded, '0', zeros);
            memcpy(padded + zeros, number, whole);
            if (picture.grouped)
                append_grouped(out, padded, zeros + whole);
            else
                appendBinaryStringInfo(out, padded, zeros + whole);
            if (fraction_length > 0) {
                appendStringInfoChar(out, '.');
                appendBinaryStringInfo(out, fraction, fraction_length);
            }
        }
    }
}

/* ---- dates ---- */

static const struct {
    char letter;
    const char *format;
} standard_dates[] = {
    {'d', "M/d/yyyy"},
    {'D', "dddd, MMMM d, yyyy"},
    {'t', "h:mm tt"},
    {'T', "h:mm:ss tt"},
    {'f', "dddd, MMMM d, yyyy h:mm tt"},
    {'F', "dddd, MMMM d, yyyy h:mm:ss tt"},
    {'g', "M/d/yyyy h:mm tt"},
    {'G', "M/d/yyyy h:mm:ss tt"},
    {'M', "MMMM d"},
    {'m', "MMMM d"},
    {'Y', "MMMM yyyy"},
    {'y', "MMMM yyyy"},
    {'s', "yyyy-MM-dd'T'HH:mm:ss"},
    {'u', "yyyy-MM-dd HH:mm:ss'Z'"},
    {'o', "yyyy-MM-dd'T'HH:mm:ss.fffffff"},
    {'O', "yyyy-MM-dd'T'HH:mm:ss.fffffff"},
};

static void
append_date_token(StringInfo out, const SqlMoment *moment, char letter, int count)
{
    int year, month, day;
    int hour = (int) (moment->ticks / TICKS_PER_HOUR);
    int minute = (int) (moment->ticks / TICKS_PER_MINUTE % 60);
    int second = (int) (moment->ticks / TICKS_PER_SECOND % 60);

    date_from_days(moment->days, &year, &month, &day);
    switch (letter) {
    case 'y':
        if (count <= 2)
            appendStringInfo(out, count == 1 ? "%d" : "%02d", year % 100);
        else
            appendStringInfo(out, "%0*d", count, year);
        break;
    case 'M':
        if (count <= 2)
            appendStringInfo(out, "%0*d", count, month);
        else
            appendStringInfo(out, count == 3 ? "%.3s" : "%s", sql_month_names[month - 1]);
        break;
    case 'd':
        if (count <= 2)
            appendStringInfo(out, "%0*d", count, day);
        else
            appendStringInfo(out, count == 3 ? "%.3s" : "%s", sql_day_names[moment->days % 7]);
        break;
    case 'H':
        appendStringInfo(out, "%0*d", Min(count, 2), hour);
        break;
    case 'h':
        appendStringInfo(out, "%0*d", Min(count, 2), hour % 12 == 0 ? 12 : hour % 12);
        break;
    case 'm':
        appendStringInfo(out, "%0*d", Min(count, 2), minute);
        break;
    case 's':
        appendStringInfo(out, "%0*d", Min(count, 2), second);
        break;
    case 't':
        appendStringInfo(out, "%.*s", Min(count, 2), hour < 12 ? "AM" : "PM");
        break;
    case 'z':
        appendStringInfo(out, "%c%0*d", moment->offset < 0 ? '-' : '+', Min(count, 2),
                         abs(moment->offset) / 60);
        if (count > 2)
            appendStringInfo(out, ":%02d", abs(moment->offset) % 60);
        break;
    default: {
        char digits[8];

        snprintf(digits, sizeof digits, "%07d", (int) (moment->ticks % TICKS_PER_SECOND));
        appendBinaryStringInfo(out, digits, Min(count, 7));
        break;
    }
    }
}

static void
format_date(StringInfo out, const SqlMoment *moment, const char *format)
{
    for (int i = 0; i < lengthof(standard_dates); i++)
        if (format[0] == standard_dates[i].letter && format[1] == '\0') {
            format = standard_dates[i].format;
            break;
        }
    for (const char *p = format; *p != '\0'; p++) {
        int count = 1;

        if (*p == '\\' && p[1] != '\0')
            appendStringInfoChar(out, *++p);
        else if (*p == '\'' || *p == '"') {
            char quote = *p;

            while (p[1] != '\0' && *++p != quote)
                appendStringInfoChar(out, *p);
        } else if (strchr("yMdHhmstfFz", *p) != NULL) {
            while (p[1] == *p) {
                p++;
                count++;
            }
            append_date_token(out, moment, *p, count);
        } else if (*p != '%')
            appendStringInfoChar(out, *p);
    }
}

static bool
number_argument(FunctionCallInfo fcinfo, const SqlType *type, Decimal *value)
{
    SqlType target = sql_type_decimal(38, 10);
    bool is_null;

    if (type->id == SQL_DECIMAL || type->id == SQL_NUMERIC)
        *value = decimal_get(PG_GETARG_DATUM(0));
    else
        *value = decimal_get(sql_convert_datum(PG_GETARG_DATUM(0), false, type, &target,
                                               CONVERSION_EXPLICIT, 0, &is_null));
    return true;
}

Datum
fn_format(PG_FUNCTION_ARGS)
{
    SqlType type = argument_sql_type(fcinfo, 0);
    char *format = text_to_cstring(PG_GETARG_TEXT_PP(1));
    StringInfoData out;

    initStringInfo(&out);
    if (sql_type_info(type.id)->category == 'T') {
        SqlMoment moment = moment_from_datum(type.id, PG_GETARG_DATUM(0));

        format_date(&out, &moment, format);
    } else if (sql_type_is_number(type.id) && type.id != SQL_BIT) {
        Decimal value;

        number_argument(fcinfo, &type, &value);
        if (format[0] == '\0')
            format = "G";
        if (!isalpha((unsigned char) format[0]) || !standard_number(&out, value, format))
            custom_number(&out, value, format);
    } else
        tsql_error(ERR_8116, sql_type_info(type.id)->name, 1, "format");
    return string_datum(out.data, out.len);
}
