/*
 * Reading dates and times from text: separated and unseparated numbers, month names, ISO 8601,
 * ODBC escapes, times with AM and PM, offsets. The text is cut into tokens first; then date parts
 * are assigned by the date order (SET DATEFORMAT, or CONVERT's style).
 */
#include "postgres.h"

#include "types/dateformat.h"
#include "types/datetime.h"

#include <ctype.h>

const char *const sql_month_names[12] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
const char *const sql_day_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                      "Friday", "Saturday", "Sunday"};

#define TWO_DIGIT_YEAR_CUTOFF 2049

typedef struct Scanner {
    const char *p;
    const char *end;
    SqlTypeId type;
    int style;
    ParsedMoment *result;
    /* numbers of the date in order of appearance, and their digits */
    int number[3];
    int digits[3];
    int count;
    int month_name; /* 1..12 when a month stood as a word */
    int numbers_before_month;
    bool iso; /* a T stood between date and time */
} Scanner;

static void
skip_blanks(Scanner *scanner)
{
    while (scanner->p < scanner->end && isspace((unsigned char) *scanner->p))
        scanner->p++;
}

static bool
at_digit(const Scanner *scanner)
{
    return scanner->p < scanner->end && isdigit((unsigned char) *scanner->p);
}

/* Reads digits; false above nine of them. */
static bool
read_number(Scanner *scanner, int *value, int *digits)
{
    *value = 0;
    *digits = 0;
    while (at_digit(scanner)) {
        if (++*digits > 9)
            return false;
        *value = *value * 10 + (*scanner->p++ - '0');
    }
    return *digits > 0;
}

static int
read_month_name(Scanner *scanner)
{
    const char *start = scanner->p;
    size_t length;

    while (scanner->p < scanner->end && isalpha((unsigned char) *scanner->p))
        scanner->p++;
    length = scanner->p - start;
    for (int month = 0; month < 12; month++) {
        const char *name = sql_month_names[month];

        if ((length == 3 || length == strlen(name) || (month == 8 && length == 4)) &&
            pg_strncasecmp(start, name, length) == 0)
            return month + 1;
    }
    scanner->p = start;
    return 0;
}

/* The fraction behind the seconds, as 100 ns. */
static MomentParse
read_fraction(Scanner *scanner, char separator, int64 *ticks)
{
    int value, digits;
    int limit = scanner->type == SQL_DATETIME || scanner->type == SQL_SMALLDATETIME ? 3 : 7;

    if (!read_number(scanner, &value, &digits) || digits > limit)
        return MOMENT_SYNTAX;
    scanner->result->fraction_digits = digits;
    if (separator == ':') {
        /* hh:mm:ss:mmm counts milliseconds */
        if (digits > 3)
            return MOMENT_SYNTAX;
        *ticks = value * INT64CONST(10000);
        return MOMENT_OK;
    }
    *ticks = value;
    for (int i = digits; i < 7; i++)
        *ticks *= 10;
    return MOMENT_OK;
}

/* "AM" or "PM": applies it to the hour. */
static MomentParse
read_meridian(Scanner *scanner, int *hour)
{
    bool pm;

    skip_blanks(scanner);
    if (scanner->end - scanner->p < 2 || toupper((unsigned char) scanner->p[1]) != 'M')
        return MOMENT_OK;
    if (toupper((unsigned char) scanner->p[0]) == 'A')
        pm = false;
    else if (toupper((unsigned char) scanner->p[0]) == 'P')
        pm = true;
    else
        return MOMENT_OK;
    scanner->p += 2;
    if (*hour > 12)
        return pm ? MOMENT_OK : MOMENT_RANGE;
    if (*hour == 12)
        *hour = pm ? 12 : 0;
    else if (pm)
        *hour += 12;
    return MOMENT_OK;
}

/* "Z" or "+hh:mm". */
static MomentParse
read_offset(Scanner *scanner)
{
    int sign, hours, minutes, digits;

    skip_blanks(scanner);
    if (scanner->p >= scanner->end)
        return MOMENT_OK;
    if (*scanner->p == 'Z' || *scanner->p == 'z') {
        scanner->p++;
        scanner->result->has_offset = true;
        return MOMENT_OK;
    }
    if (*scanner->p != '+' && *scanner->p != '-')
        return MOMENT_OK;
    sign = *scanner->p++ == '-' ? -1 : 1;
    if (!read_number(scanner, &hours, &digits) || digits > 2 || scanner->p >= scanner->end ||
        *scanner->p != ':')
        return MOMENT_SYNTAX;
    scanner->p++;
    if (!read_number(scanner, &minutes, &digits) || digits != 2)
        return MOMENT_SYNTAX;
    if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0))
        return MOMENT_RANGE;
    scanner->result->has_offset = true;
    scanner->result->moment.offset = (int16) (sign * (hours * 60 + minutes));
    return MOMENT_OK;
}

/* The time of day, its hour already read. */
static MomentParse
read_time(Scanner *scanner, int hour)
{
    int minute = 0, second = 0, digits;
    int64 fraction = 0;
    MomentParse outcome;

    if (scanner->result->has_time)
        return MOMENT_SYNTAX;
    if (scanner->p < scanner->end && *scanner->p == ':') {
        scanner->p++;
        if (!read_number(scanner, &minute, &digits) || digits > 2)
            return MOMENT_SYNTAX;
        if (scanner->p < scanner->end && *scanner->p == ':') {
            scanner->p++;
            if (!read_number(scanner, &second, &digits) || digits > 2)
                return MOMENT_SYNTAX;
            if (scanner->p < scanner->end && (*scanner->p == '.' || *scanner->p == ':')) {
                char separator = *scanner->p++;

                outcome = read_fraction(scanner, separator, &fraction);
                if (outcome != MOMENT_OK)
                    return outcome;
            }
        }
    }
    outcome = read_meridian(scanner, &hour);
    if (outcome != MOMENT_OK)
        return outcome;
    if (hour > 23 || minute > 59 || second > 59)
        return MOMENT_RANGE;
    scanner->result->has_time = true;
    scanner->result->moment.ticks =
        hour * TICKS_PER_HOUR + minute * TICKS_PER_MINUTE + second * TICKS_PER_SECOND + fraction;
    return read_offset(scanner);
}

static int
full_year(int year, int digits)
{
    if (digits > 2)
        return year;
    year += TWO_DIGIT_YEAR_CUTOFF / 100 * 100;
    return year > TWO_DIGIT_YEAR_CUTOFF ? year - 100 : year;
}

static MomentParse
set_date(Scanner *scanner, int year, int month, int day)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month))
        return MOMENT_RANGE;
    scanner->result->has_date = true;
    scanner->result->moment.days = days_from_date(year, month, day);
    return MOMENT_OK;
}

static bool
looks_like_time(const Scanner *scanner)
{
    const char *p = scanner->p;

    if (p < scanner->end && *p == ':')
        return true;
    while (p < scanner->end && *p == ' ')
        p++;
    return scanner->end - p >= 2 && toupper((unsigned char) p[1]) == 'M' &&
           (toupper((unsigned char) p[0]) == 'A' || toupper((unsigned char) p[0]) == 'P') &&
           (scanner->end - p == 2 || !isalpha((unsigned char) p[2]));
}

/* yyyymmdd, yymmdd, yyyy */
static MomentParse
unseparated_date(Scanner *scanner, int value, int digits)
{
    if (digits == 8)
        return set_date(scanner, value / 10000, value / 100 % 100, value % 100);
    if (digits == 6)
        return set_date(scanner, full_year(value / 10000, 2), value / 100 % 100, value % 100);
    if (digits == 4)
        return set_date(scanner, value, 1, 1);
    return MOMENT_SYNTAX;
}

static MomentParse
read_tokens(Scanner *scanner)
{
    for (;;) {
        int value, digits;
        MomentParse outcome;
        bool separator = false;

        skip_blanks(scanner);
        if (scanner->p >= scanner->end)
            return MOMENT_OK;
        if (isalpha((unsigned char) *scanner->p)) {
            if ((*scanner->p == 'T' || *scanner->p == 't') && scanner->count == 3 &&
                scanner->p + 1 < scanner->end && isdigit((unsigned char) scanner->p[1])) {
                scanner->p++;
                scanner->iso = true;
                continue;
            }
            if (scanner->month_name != 0)
                return MOMENT_SYNTAX;
            scanner->month_name = read_month_name(scanner);
            if (scanner->month_name == 0)
                return MOMENT_SYNTAX;
            scanner->numbers_before_month = scanner->count;
        } else if (isdigit((unsigned char) *scanner->p)) {
            if (!read_number(scanner, &value, &digits))
                return MOMENT_SYNTAX;
            if (looks_like_time(scanner) && digits <= 2) {
                outcome = read_time(scanner, value);
                if (outcome != MOMENT_OK)
                    return outcome;
                continue;
            }
            if (scanner->result->has_date || scanner->count == 3)
                return MOMENT_SYNTAX;
            if (scanner->count == 0 && scanner->month_name == 0 && (digits == 8 || digits == 6)) {
                outcome = unseparated_date(scanner, value, digits);
                if (outcome != MOMENT_OK)
                    return outcome;
                if (scanner->p < scanner->end && (*scanner->p == 'T' || *scanner->p == 't'))
                    scanner->p++;
                continue;
            }
            scanner->number[scanner->count] = value;
            scanner->digits[scanner->count++] = digits;
        } else
            return MOMENT_SYNTAX;
        while (scanner->p < scanner->end && strchr("/-.,", *scanner->p) != NULL) {
            if (separator && *scanner->p != ',')
                return MOMENT_SYNTAX;
            separator = true;
            scanner->p++;
            skip_blanks(scanner);
        }
    }
}

/* The order of day, month and year that a CONVERT style fixes; NULL when it fixes none. */
static const char *
order_of_style(int style)
{
    switch (style >= 100 ? style - 100 : style) {
    case 1:
    case 7:
    case 10:
    case 22:
        return "mdy";
    case 3:
    case 4:
    case 5:
    case 6:
    case 13:
    case 30:
    case 31:
        return "dmy";
    case 2:
    case 11:
    case 12:
    case 20:
    case 21:
    case 23:
    case 25:
    case 26:
    case 27:
        return style == 0 ? NULL : "ymd";
    default:
        return NULL;
    }
}

static MomentParse
date_with_month_name(Scanner *scanner)
{
    int day = 1, year;

    if (scanner->count == 0 || scanner->count > 2)
        return MOMENT_SYNTAX;
    if (scanner->count == 1) {
        if (scanner->digits[0] != 4)
            return MOMENT_SYNTAX;
        return set_date(scanner, scanner->number[0], scanner->month_name, 1);
    }
    if (scanner->digits[0] == 4) {
        year = scanner->number[0];
        day = scanner->number[1];
    } else {
        day = scanner->number[0];
        year = full_year(scanner->number[1], scanner->digits[1]);
    }
    return set_date(scanner, year, scanner->month_name, day);
}

static MomentParse
date_of_numbers(Scanner *scanner)
{
    const char *order = order_of_style(scanner->style);
    int parts[3] = {0}; /* year, month, day */
    int year_digits = 4;
    bool old_type = scanner->type == SQL_DATETIME || scanner->type == SQL_SMALLDATETIME;
    bool year_first = scanner->digits[0] == 4;

    if (order == NULL) {
        order = sql_date_order();
        if (!scanner->iso && (!year_first || old_type))
            scanner->result->order_mattered = true;
    }
    if (scanner->iso || (year_first && (!old_type || scanner->style > 0)))
        order = "ymd";
    else if (year_first)
        /* The older types keep the order of day and month behind a leading year. */
        order = strchr(order, 'd') < strchr(order, 'm') ? "ydm" : "ymd";
    else if (scanner->digits[2] == 4)
        order = strchr(order, 'd') < strchr(order, 'm') ? "dmy" : "mdy";
    for (int i = 0; i < 3; i++) {
        int part = order[i] == 'y' ? 0 : order[i] == 'm' ? 1 : 2;

        parts[part] = scanner->number[i];
        if (part == 0)
            year_digits = scanner->digits[i];
        else if (scanner->digits[i] > 2)
            return MOMENT_SYNTAX;
    }
    if (scanner->iso && year_digits != 4)
        return MOMENT_SYNTAX;
    return set_date(scanner, full_year(parts[0], year_digits), parts[1], parts[2]);
}

/* {ts '...'}, {d '...'}, {t '...'}: leaves what stands between the quotes. */
static void
strip_odbc_escape(Scanner *scanner)
{
    const char *open = memchr(scanner->p, '\'', scanner->end - scanner->p);
    const char *close = scanner->end;

    if (scanner->p >= scanner->end || *scanner->p != '{' || open == NULL)
        return;
    while (close > open + 1 && close[-1] != '\'')
        close--;
    if (close > open + 1) {
        scanner->p = open + 1;
        scanner->end = close - 1;
    }
}

MomentParse
moment_parse(const char *string, size_t length, SqlTypeId type, int style, ParsedMoment *result)
{
    Scanner scanner = {
        .p = string, .end = string + length, .type = type, .style = style, .result = result};
    MomentParse outcome;

    memset(result, 0, sizeof *result);
    result->moment.days = DAYS_TO_1900;
    while (scanner.end > scanner.p && isspace((unsigned char) scanner.end[-1]))
        scanner.end--;
    skip_blanks(&scanner);
    strip_odbc_escape(&scanner);
    outcome = read_tokens(&scanner);
    if (outcome != MOMENT_OK)
        return outcome;
    if (scanner.month_name != 0)
        outcome = date_with_month_name(&scanner);
    else if (scanner.count == 3)
        outcome = date_of_numbers(&scanner);
    else if (scanner.count == 1 && scanner.digits[0] == 4)
        outcome = set_date(&scanner, scanner.number[0], 1, 1);
    else if (scanner.count != 0)
        outcome = MOMENT_SYNTAX;
    return outcome;
}
