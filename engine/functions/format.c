/*
 * FORMAT(value, format [, culture]): .NET's standard and custom formats of numbers and dates, with
 * the names and separators of a culture of cultures.def.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/argument.h"
#include "functions/characters.h"
#include "functions/culture.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
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

/* Separates the thousands of the whole part. */
static void
append_grouped(StringInfo out, const Culture *culture, const char *digits, int whole)
{
    for (int i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            appendStringInfoString(out, culture->group);
        appendStringInfoChar(out, digits[i]);
    }
}

/* Writes "123.45" with the culture's decimal separator. */
static void
append_localized(StringInfo out, const Culture *culture, const char *number, int length)
{
    for (int i = 0; i < length; i++)
        if (number[i] == '.')
            appendStringInfoString(out, culture->decimal);
        else
            appendStringInfoChar(out, number[i]);
}

static void
append_number(
    StringInfo out, const Culture *culture, const Decimal *value, int digits, bool grouped)
{
    char *number = fixed_text(value, digits);
    int whole;

    if (*number == '-')
        appendStringInfoChar(out, *number++);
    whole = (int) strcspn(number, ".");
    if (grouped)
        append_grouped(out, culture, number, whole);
    else
        appendBinaryStringInfo(out, number, whole);
    append_localized(out, culture, number + whole, (int) strlen(number + whole));
}

static void
append_money(StringInfo out, const Culture *culture, Decimal value, int precision)
{
    const char *pattern = value.negative ? culture->negative_money : culture->money;

    value.negative = false;
    for (; *pattern != '\0'; pattern++)
        if (*pattern == 'n')
            append_number(out, culture, &value, precision < 0 ? culture->money_digits : precision,
                          true);
        else if (*pattern == '$')
            appendStringInfoString(out, culture->currency);
        else
            appendStringInfoChar(out, *pattern);
}

/* N2, F0, C, P1, D5, X8, E3, G. False when it is not a standard format. */
static bool
standard_number(StringInfo out, const Culture *culture, Decimal value, const char *format)
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
        append_number(out, culture, &value, precision < 0 ? 2 : Min(precision, 38), letter == 'N');
        return true;
    case 'C':
        append_money(out, culture, value, Min(precision, 38));
        return true;
    case 'P': {
        Decimal hundred = decimal_from_int64(100);
        Decimal product;

        if (!decimal_multiply(&value, &hundred, -1, &product))
            return false;
        append_number(out, culture, &product, precision < 0 ? 2 : Min(precision, 38), true);
        appendStringInfoString(out, culture->percent);
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
            append_localized(out, culture, buffer, (int) strlen(buffer));
            appendStringInfo(out, "%c%c%03d", format[0], e[1], (int) strtol(e + 2, NULL, 10));
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
        append_localized(out, culture, buffer, length);
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
custom_number(StringInfo out, const Culture *culture, Decimal value, const char *format)
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
                append_grouped(out, culture, padded, zeros + whole);
            else
                appendBinaryStringInfo(out, padded, zeros + whole);
            if (fraction_length > 0) {
                appendStringInfoString(out, culture->decimal);
                appendBinaryStringInfo(out, fraction, fraction_length);
            }
        }
    }
}

/* ---- dates ---- */

/* The pattern of a standard format; NULL when the letter is none. */
static const char *
standard_date(const Culture *culture, char letter)
{
    switch (letter) {
    case 'd':
        return culture->short_date;
    case 'D':
        return culture->long_date;
    case 't':
        return culture->short_time;
    case 'T':
        return culture->long_time;
    case 'f':
        return psprintf("%s %s", culture->long_date, culture->short_time);
    case 'F':
        return psprintf("%s %s", culture->long_date, culture->long_time);
    case 'g':
        return psprintf("%s %s", culture->short_date, culture->short_time);
    case 'G':
        return psprintf("%s %s", culture->short_date, culture->long_time);
    case 'm':
    case 'M':
        return culture->month_day;
    case 'y':
    case 'Y':
        return culture->year_month;
    case 's':
        return "yyyy-MM-dd'T'HH:mm:ss";
    case 'u':
        return "yyyy-MM-dd HH:mm:ss'Z'";
    case 'o':
    case 'O':
        return "yyyy-MM-dd'T'HH:mm:ss.fffffff";
    default:
        return NULL;
    }
}

/* Whether a pattern has a day's number, beside which some languages decline the month. */
static bool
has_day_number(const char *format)
{
    while (*format != '\0') {
        size_t count = strspn(format, "d");

        if (count == 1 || count == 2)
            return true;
        if (*format == '\'' || *format == '"')
            format += 1 + strcspn(format + 1, *format == '"' ? "\"" : "'");
        format += count > 0 ? count : *format != '\0';
    }
    return false;
}

static void
append_date_token(StringInfo out,
                  const Culture *culture,
                  const SqlMoment *moment,
                  char letter,
                  int count,
                  bool beside_day)
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
            appendStringInfoString(out, culture_name_of(culture,
                                                        count == 3   ? CULTURE_SHORT_MONTHS
                                                        : beside_day ? CULTURE_MONTHS
                                                                     : CULTURE_MONTHS_ALONE,
                                                        month - 1));
        break;
    case 'd':
        if (count <= 2)
            appendStringInfo(out, "%0*d", count, day);
        else
            appendStringInfoString(
                out, culture_name_of(culture, count == 3 ? CULTURE_SHORT_DAYS : CULTURE_DAYS,
                                     (moment->days + 1) % 7));
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
    case 't': {
        const char *half = hour < 12 ? culture->am : culture->pm;

        appendBinaryStringInfo(out, half,
                               count == 1 && *half != '\0'
                                   ? pg_utf_mblen((const unsigned char *) half)
                                   : (int) strlen(half));
    } break;
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
format_date(StringInfo out, const Culture *culture, const SqlMoment *moment, const char *format)
{
    const char *standard =
        format[0] != '\0' && format[1] == '\0' ? standard_date(culture, format[0]) : NULL;
    bool beside_day;

    if (standard != NULL)
        format = standard;
    beside_day = has_day_number(format);
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
            append_date_token(out, culture, moment, *p, count, beside_day);
        } else if (*p == '/')
            appendStringInfoString(out, culture->date_separator);
        else if (*p != '%')
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
    const char *name = PG_NARGS() > 2 ? text_to_cstring(PG_GETARG_TEXT_PP(2)) : "en-US";
    const Culture *culture = culture_by_name(name);
    StringInfoData out;

    if (culture == NULL)
        tsql_error(ERR_9818, "culture", "format");
    initStringInfo(&out);
    if (sql_type_info(type.id)->category == 'T') {
        SqlMoment moment = moment_from_datum(type.id, PG_GETARG_DATUM(0));

        format_date(&out, culture, &moment, format);
    } else if (sql_type_is_number(type.id) && type.id != SQL_BIT) {
        Decimal value;

        number_argument(fcinfo, &type, &value);
        if (format[0] == '\0')
            format = "G";
        if (!isalpha((unsigned char) format[0]) || !standard_number(&out, culture, value, format))
            custom_number(&out, culture, value, format);
    } else
        tsql_error(ERR_8116, sql_type_info(type.id)->name, 1, "format");
    return string_datum(out.data, out.len);
}
