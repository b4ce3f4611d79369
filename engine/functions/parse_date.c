/*
 * Dates and times as a culture writes them: words and numbers are collected first, then the
 * culture's order says which number is what. Called by PARSE (parse.c).
 */
#include "functions/parse_date.h"

#include "types/datetime.h"
#include "utils/date.h"

#include <ctype.h>
#include <unicode/ustring.h>

typedef struct DateScan {
    const char *p;
    const Culture *culture;
    int numbers[3], digits[3];
    int count;
    int month; /* by name; 0: none */
    bool has_time, has_half, has_offset;
    int hour, minute, second, half; /* half: 12 for pm */
    int64 fraction;                 /* ticks */
    int offset;                     /* minutes */
} DateScan;

static bool
same_word(const char *a, const char *b)
{
    UChar left[128], right[128];
    int32_t left_length, right_length;
    UErrorCode status = U_ZERO_ERROR;
    int32_t order;

    u_strFromUTF8(left, lengthof(left), &left_length, a, -1, &status);
    u_strFromUTF8(right, lengthof(right), &right_length, b, -1, &status);
    if (U_FAILURE(status))
        return false;
    /* names that are abbreviated with a point may go without it */
    if (left_length > 0 && left[left_length - 1] == '.')
        left_length--;
    if (right_length > 0 && right[right_length - 1] == '.')
        right_length--;
    order = u_strCaseCompare(left, left_length, right, right_length, 0, &status);
    return left_length > 0 && U_SUCCESS(status) && order == 0;
}

/* The number (from 1) of a name of the culture or, failing that, an English one; 0: none. */
static int
name_number(
    const Culture *culture, const char *word, const CultureNames *kinds, int kind_count, int count)
{
    const Culture *cultures[] = {culture, culture_by_name("en-US")};

    for (int c = 0; c < lengthof(cultures); c++)
        for (int k = 0; k < kind_count; k++)
            for (int i = 0; i < count; i++)
                if (same_word(word, culture_name_of(cultures[c], kinds[k], i)))
                    return i + 1;
    return 0;
}

static bool
scan_word(DateScan *scan)
{
    static const CultureNames months[] = {CULTURE_MONTHS, CULTURE_MONTHS_ALONE,
                                          CULTURE_SHORT_MONTHS};
    static const CultureNames days[] = {CULTURE_DAYS, CULTURE_SHORT_DAYS};
    static const char *const fillers[] = {"T", "de", "年", "月", "日"};
    const char *start = scan->p;
    char *word;
    int month;

    while (isalpha((unsigned char) *scan->p) || (*scan->p & 0x80) ||
           (*scan->p == '-' && scan->p > start &&
            (isalpha((unsigned char) scan->p[1]) || (scan->p[1] & 0x80))))
        scan->p++;
    word = pnstrdup(start, scan->p - start);
    if (strlen(word) > 100)
        return false;
    if (same_word(word, scan->culture->am) || same_word(word, "AM") ||
        same_word(word, scan->culture->pm) || same_word(word, "PM")) {
        bool pm = same_word(word, scan->culture->pm) || same_word(word, "PM");

        if (scan->has_half)
            return false;
        scan->has_half = true;
        scan->half = pm ? 12 : 0;
        return true;
    }
    if (same_word(word, "Z") || same_word(word, "GMT")) {
        bool again = scan->has_offset;

        scan->has_offset = true;
        return scan->has_time && !again;
    }
    for (int i = 0; i < lengthof(fillers); i++)
        if (strcmp(word, fillers[i]) == 0)
            return true;
    month = name_number(scan->culture, word, months, lengthof(months), 12);
    if (month != 0) {
        bool again = scan->month != 0;

        scan->month = month;
        return !again;
    }
    return name_number(scan->culture, word, days, lengthof(days), 7) != 0;
}

/* Digits as a number; -1 when there are none or more than nine. */
static int
scan_digits(DateScan *scan, int *digits)
{
    int value = 0, count = 0;

    for (; isdigit((unsigned char) *scan->p); scan->p++, count++)
        if (count < 9)
            value = value * 10 + (*scan->p - '0');
    if (digits != NULL)
        *digits = count;
    return count == 0 || count > 9 ? -1 : value;
}

/* What follows the hour. */
static bool
scan_time(DateScan *scan, int hour)
{
    if (scan->has_time)
        return false;
    scan->has_time = true;
    scan->hour = hour;
    scan->p++;
    scan->minute = scan_digits(scan, NULL);
    if (*scan->p == ':') {
        scan->p++;
        scan->second = scan_digits(scan, NULL);
        if (*scan->p == '.' && isdigit((unsigned char) scan->p[1])) {
            int64 unit = TICKS_PER_SECOND;

            while (isdigit((unsigned char) *++scan->p)) {
                unit /= 10;
                scan->fraction += (*scan->p - '0') * unit;
            }
        }
    }
    return scan->minute >= 0 && scan->minute < 60 && scan->second >= 0 && scan->second < 60;
}

static bool
scan_offset(DateScan *scan)
{
    int sign = *scan->p++ == '-' ? -1 : 1;
    int hours = scan_digits(scan, NULL);
    int minutes = 0;

    if (*scan->p == ':') {
        scan->p++;
        minutes = scan_digits(scan, NULL);
    }
    if (scan->has_offset || hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
        return false;
    scan->has_offset = true;
    scan->offset = sign * (hours * 60 + minutes);
    return abs(scan->offset) <= 14 * 60;
}

static bool
scan_number(DateScan *scan)
{
    int digits;
    int value = scan_digits(scan, &digits);
    const char *next = scan->p + strspn(scan->p, " ");

    if (value < 0)
        return false;
    if (*scan->p == ':')
        return scan_time(scan, value);
    if (!scan->has_time &&
        (pg_strncasecmp(next, "AM", 2) == 0 || pg_strncasecmp(next, "PM", 2) == 0)) {
        scan->has_time = true;
        scan->hour = value;
        return true;
    }
    if (scan->count == lengthof(scan->numbers))
        return false;
    scan->numbers[scan->count] = value;
    scan->digits[scan->count++] = digits;
    return true;
}

static bool
scan_text(DateScan *scan)
{
    while (*scan->p != '\0') {
        bool good = true;

        if (isdigit((unsigned char) *scan->p))
            good = scan_number(scan);
        else if (isalpha((unsigned char) *scan->p) ||
                 ((*scan->p & 0x80) && strncmp(scan->p, "\302\240", 2) != 0))
            good = scan_word(scan);
        else if (scan->has_time && (*scan->p == '+' || *scan->p == '-'))
            good = scan_offset(scan);
        else if (*scan->p == '\302')
            scan->p += 2;
        else if (isspace((unsigned char) *scan->p) || strchr(",/.-", *scan->p) != NULL)
            scan->p++;
        else
            good = false;
        if (!good)
            return false;
    }
    return true;
}

static int
full_year(int year, int digits)
{
    return digits > 2 ? year : year < 30 ? 2000 + year : 1900 + year;
}

/* The date without a year or without a day: two numbers, or a month's name and one. */
static bool
partial_date(const DateScan *scan, int *year, int *month, int *day)
{
    bool day_first = scan->culture->date_style >= 103 && scan->culture->date_style <= 105;
    int first = scan->numbers[0], second = scan->numbers[1];

    if (scan->month != 0) {
        *month = scan->month;
        if (scan->digits[0] > 2)
            *year = first;
        *day = scan->digits[0] > 2 ? 1 : first;
        return true;
    }
    if (scan->digits[0] > 2 || scan->digits[1] > 2) {
        *year = scan->digits[0] > 2 ? first : second;
        *month = scan->digits[0] > 2 ? second : first;
        *day = 1;
        return true;
    }
    *month = day_first ? second : first;
    *day = day_first ? first : second;
    return true;
}

static bool
assemble_date(const DateScan *scan, int *year, int *month, int *day)
{
    int style = scan->culture->date_style;
    const int *n = scan->numbers;
    int at = 0; /* which number is the year */

    if (scan->count + (scan->month != 0 ? 1 : 0) == 2)
        return partial_date(scan, year, month, day);
    if (scan->count + (scan->month != 0 ? 1 : 0) != 3)
        return false;
    if (scan->digits[0] <= 2 && style != 111)
        at = scan->count - 1;
    if (scan->month != 0) {
        if (scan->digits[1] > 2)
            at = 1;
        *month = scan->month;
        *day = n[1 - at];
    } else if (at == 0) {
        *month = n[1];
        *day = n[2];
    } else {
        *month = style == 101 ? n[0] : n[1];
        *day = style == 101 ? n[1] : n[0];
    }
    *year = full_year(n[at], scan->digits[at]);
    return true;
}

static bool
assemble(DateScan *scan, SqlMoment *moment)
{
    int year, month, day;

    date_from_days(DAYS_TO_2000 + GetSQLCurrentDate(), &year, &month, &day);
    if ((scan->count > 0 || scan->month != 0) && !assemble_date(scan, &year, &month, &day))
        return false;
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month))
        return false;
    if (scan->has_half) {
        if (!scan->has_time || scan->hour > 12 || scan->hour < 1)
            return false;
        scan->hour = scan->hour % 12 + scan->half;
    }
    if (scan->hour > 23)
        return false;
    moment->days = days_from_date(year, month, day);
    moment->ticks = scan->hour * TICKS_PER_HOUR + scan->minute * TICKS_PER_MINUTE +
                    scan->second * TICKS_PER_SECOND + scan->fraction;
    moment->offset = scan->offset;
    return true;
}

bool
parse_culture_date(const char *text, const Culture *culture, SqlTypeId type, StringInfo out)
{
    DateScan scan = {.p = text, .culture = culture};
    SqlMoment moment = {0};
    bool has_date;
    int year, month, day, seconds;

    if (!scan_text(&scan) || !assemble(&scan, &moment))
        return false;
    has_date = scan.count > 0 || scan.month != 0;
    if (type == SQL_TIME ? has_date || !scan.has_time || scan.has_offset
                         : !has_date && !scan.has_time)
        return false;
    /* The types without an offset take the moment in UTC. */
    if (type != SQL_DATETIMEOFFSET &&
        !moment_add_ticks(&moment, -(int64) scan.offset * TICKS_PER_MINUTE))
        return false;
    if (type == SQL_DATETIME && !moment_round(&moment, 3))
        return false;
    date_from_days(moment.days, &year, &month, &day);
    seconds = (int) (moment.ticks / TICKS_PER_SECOND);
    if (type != SQL_TIME)
        appendStringInfo(out, "%04d-%02d-%02d", year, month, day);
    if (type == SQL_DATE)
        return true;
    appendStringInfo(out, "%s%02d:%02d:%02d", type == SQL_TIME ? "" : "T", seconds / 3600,
                     seconds / 60 % 60, seconds % 60);
    if (type == SQL_DATETIME)
        appendStringInfo(out, ".%03d", (int) (moment.ticks % TICKS_PER_SECOND / 10000));
    else if (type != SQL_SMALLDATETIME)
        appendStringInfo(out, ".%07d", (int) (moment.ticks % TICKS_PER_SECOND));
    if (type == SQL_DATETIMEOFFSET)
        appendStringInfo(out, "%c%02d:%02d", scan.offset < 0 ? '-' : '+', abs(scan.offset) / 60,
                         abs(scan.offset) % 60);
    return true;
}
