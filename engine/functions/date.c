/*
 * Date functions over SqlMoment: adding, counting, taking apart. Those that make dates and the
 * clock are in date_make.c.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/argument.h"
#include "functions/characters.h"
#include "functions/datepart.h"
#include "types/dateformat.h"
#include "types/datetime.h"

PG_FUNCTION_INFO_V1(fn_dateadd);
PG_FUNCTION_INFO_V1(fn_datediff);
PG_FUNCTION_INFO_V1(fn_datediff_big);
PG_FUNCTION_INFO_V1(fn_datepart);
PG_FUNCTION_INFO_V1(fn_datename);
PG_FUNCTION_INFO_V1(fn_year);
PG_FUNCTION_INFO_V1(fn_month);
PG_FUNCTION_INFO_V1(fn_day);
PG_FUNCTION_INFO_V1(fn_datetrunc);
PG_FUNCTION_INFO_V1(fn_date_bucket);

static const struct {
    const char *name;
    DatePart part;
} part_names[] = {
    {"year", PART_YEAR},
    {"quarter", PART_QUARTER},
    {"month", PART_MONTH},
    {"dayofyear", PART_DAYOFYEAR},
    {"day", PART_DAY},
    {"week", PART_WEEK},
    {"weekday", PART_WEEKDAY},
    {"hour", PART_HOUR},
    {"minute", PART_MINUTE},
    {"second", PART_SECOND},
    {"millisecond", PART_MILLISECOND},
    {"microsecond", PART_MICROSECOND},
    {"nanosecond", PART_NANOSECOND},
    {"tzoffset", PART_TZOFFSET},
    {"iso_week", PART_ISO_WEEK},
    /* abbreviations */
    {"yy", PART_YEAR},
    {"yyyy", PART_YEAR},
    {"qq", PART_QUARTER},
    {"q", PART_QUARTER},
    {"mm", PART_MONTH},
    {"m", PART_MONTH},
    {"dy", PART_DAYOFYEAR},
    {"y", PART_DAYOFYEAR},
    {"dd", PART_DAY},
    {"d", PART_DAY},
    {"wk", PART_WEEK},
    {"ww", PART_WEEK},
    {"dw", PART_WEEKDAY},
    {"w", PART_WEEKDAY},
    {"hh", PART_HOUR},
    {"mi", PART_MINUTE},
    {"n", PART_MINUTE},
    {"ss", PART_SECOND},
    {"s", PART_SECOND},
    {"ms", PART_MILLISECOND},
    {"mcs", PART_MICROSECOND},
    {"ns", PART_NANOSECOND},
    {"tz", PART_TZOFFSET},
    {"isowk", PART_ISO_WEEK},
    {"isoww", PART_ISO_WEEK},
};

DatePart
datepart_by_name(const char *name)
{
    for (int i = 0; i < lengthof(part_names); i++)
        if (pg_strcasecmp(part_names[i].name, name) == 0)
            return part_names[i].part;
    return PART_UNKNOWN;
}

const char *
datepart_name(DatePart part)
{
    return part_names[part - PART_YEAR].name;
}

/* 100 ns of one unit of a part that is a fixed time; 0 for calendar parts. */
static int64
part_ticks(DatePart part)
{
    switch (part) {
    case PART_WEEK:
        return 7 * TICKS_PER_DAY;
    case PART_DAY:
    case PART_DAYOFYEAR:
    case PART_WEEKDAY:
        return TICKS_PER_DAY;
    case PART_HOUR:
        return TICKS_PER_HOUR;
    case PART_MINUTE:
        return TICKS_PER_MINUTE;
    case PART_SECOND:
        return TICKS_PER_SECOND;
    case PART_MILLISECOND:
        return 10000;
    case PART_MICROSECOND:
        return 10;
    default:
        return 0;
    }
}

static int
part_months(DatePart part)
{
    return part == PART_YEAR ? 12 : part == PART_QUARTER ? 3 : part == PART_MONTH ? 1 : 0;
}

static void
unsupported_part(DatePart part, const char *function, SqlTypeId type)
{
    tsql_error(ERR_9810, datepart_name(part), function, sql_type_info(type)->name);
}

static void
check_part(DatePart part, const char *function, SqlTypeId type)
{
    bool is_time = part >= PART_HOUR && part <= PART_NANOSECOND;

    if (type == SQL_DATE && is_time)
        unsupported_part(part, function, type);
    if (type == SQL_TIME && !is_time)
        unsupported_part(part, function, type);
    if ((type == SQL_DATETIME || type == SQL_SMALLDATETIME) &&
        (part == PART_MICROSECOND || part == PART_NANOSECOND))
        unsupported_part(part, function, type);
}

static bool
add_months(SqlMoment *moment, int64 months)
{
    int year, month, day;
    int64 total;

    date_from_days(moment->days, &year, &month, &day);
    total = (int64) year * 12 + (month - 1) + months;
    if (total < 12 || total >= 10000 * 12)
        return false;
    year = (int) (total / 12);
    month = (int) (total % 12) + 1;
    moment->days = days_from_date(year, month, Min(day, days_of_month(year, month)));
    return true;
}

/* The value back in its own type; 517 when it left the type's range. */
static Datum
moment_result(SqlTypeId type, const SqlMoment *moment)
{
    Datum result;

    if (!moment_to_datum(type, moment, 7, &result))
        tsql_error(ERR_517, sql_type_info(type)->name);
    return result;
}

/* DATEADD(part, number, date) */
Datum
fn_dateadd(PG_FUNCTION_ARGS)
{
    DatePart part = (DatePart) PG_GETARG_INT32(0);
    int64 number = PG_GETARG_INT64(1);
    SqlTypeId type = argument_type_id(fcinfo, 2);
    SqlMoment moment = moment_from_datum(type, PG_GETARG_DATUM(2));
    bool ok = true;

    if (part == PART_TZOFFSET || part == PART_ISO_WEEK)
        unsupported_part(part, "dateadd", type);
    check_part(part, "dateadd", type);
    if (part_months(part) != 0)
        ok = llabs(number) < 200000 && add_months(&moment, number * part_months(part));
    else {
        int64 ticks;

        if (part == PART_NANOSECOND) {
            number = (number + (number < 0 ? -50 : 50)) / 100;
            ticks = number;
        } else
            ok = !__builtin_mul_overflow(number, part_ticks(part), &ticks);
        if (ok && type == SQL_TIME)
            moment.ticks = ((moment.ticks + ticks % TICKS_PER_DAY) + TICKS_PER_DAY) % TICKS_PER_DAY;
        else
            ok = ok && moment_add_ticks(&moment, ticks);
    }
    if (!ok)
        tsql_error(ERR_517, sql_type_info(type)->name);
    return moment_result(type, &moment);
}

static int64
floor_div(int64 a, int64 b)
{
    return a / b - (a % b < 0);
}

/* How many boundaries of the part lie between the two. */
static int64
count_boundaries(DatePart part, const SqlMoment *from, const SqlMoment *to)
{
    int y1, m1, d1, y2, m2, d2;
    int64 days = (int64) to->days - from->days;

    switch (part) {
    case PART_YEAR:
    case PART_QUARTER:
    case PART_MONTH:
        date_from_days(from->days, &y1, &m1, &d1);
        date_from_days(to->days, &y2, &m2, &d2);
        if (part == PART_YEAR)
            return y2 - y1;
        if (part == PART_QUARTER)
            return (y2 * 4 + (m2 - 1) / 3) - (y1 * 4 + (m1 - 1) / 3);
        return (y2 * 12 + m2) - (y1 * 12 + m1);
    case PART_WEEK:
        /* Weeks begin on Sunday whatever DATEFIRST says; 0001-01-01 was a Monday. */
        return floor_div(to->days + 1, 7) - floor_div(from->days + 1, 7);
    case PART_DAY:
    case PART_DAYOFYEAR:
    case PART_WEEKDAY:
        return days;
    case PART_HOUR:
    case PART_MINUTE:
    case PART_SECOND:
    case PART_MILLISECOND:
    case PART_MICROSECOND: {
        int64 unit = part_ticks(part);

        return days * (TICKS_PER_DAY / unit) + to->ticks / unit - from->ticks / unit;
    }
    default: {
        int64 result;

        if (__builtin_mul_overflow(days, TICKS_PER_DAY * 100, &result) ||
            __builtin_add_overflow(result, (to->ticks - from->ticks) * 100, &result))
            tsql_error(ERR_535, "datediff_big", "datediff_big");
        return result;
    }
    }
}

static int64
difference(FunctionCallInfo fcinfo, const char *function)
{
    DatePart part = (DatePart) PG_GETARG_INT32(0);
    SqlTypeId from_type = argument_type_id(fcinfo, 1);
    SqlTypeId to_type = argument_type_id(fcinfo, 2);
    SqlMoment from = moment_from_datum(from_type, PG_GETARG_DATUM(1));
    SqlMoment to = moment_from_datum(to_type, PG_GETARG_DATUM(2));

    if (part == PART_TZOFFSET || part == PART_ISO_WEEK)
        unsupported_part(part, function, from_type);
    /* Offsets: both are taken to UTC. */
    if (from_type == SQL_DATETIMEOFFSET || to_type == SQL_DATETIMEOFFSET) {
        from = moment_from_utc(moment_to_utc(&from), 0);
        to = moment_from_utc(moment_to_utc(&to), 0);
    }
    return count_boundaries(part, &from, &to);
}

Datum
fn_datediff(PG_FUNCTION_ARGS)
{
    int64 result = difference(fcinfo, "datediff");

    if (result != (int32) result)
        tsql_error(ERR_535, "datediff", "datediff");
    PG_RETURN_INT32((int32) result);
}

Datum
fn_datediff_big(PG_FUNCTION_ARGS)
{
    PG_RETURN_INT64(difference(fcinfo, "datediff_big"));
}

static int
iso_week(int32 days)
{
    /* The week of the year that its Thursday is in. */
    int32 thursday = days - days % 7 + 3;
    int year, month, day;

    date_from_days(thursday, &year, &month, &day);
    return (thursday - days_from_date(year, 1, 1)) / 7 + 1;
}

/* Day of the week 1..7, counted from SET DATEFIRST's day (1 Monday .. 7 Sunday). */
static int
weekday(int32 days)
{
    int monday_based = days % 7; /* 0 Monday */

    return (monday_based - (sql_date_first() - 1) + 7) % 7 + 1;
}

static int
week_of_year(int32 days, int year)
{
    int32 first = days_from_date(year, 1, 1);

    return (days - first + weekday(first) - 1) / 7 + 1;
}

static int
part_value(DatePart part, const SqlMoment *moment)
{
    int year, month, day;
    int64 fraction = moment->ticks % TICKS_PER_SECOND;

    date_from_days(moment->days, &year, &month, &day);
    switch (part) {
    case PART_YEAR:
        return year;
    case PART_QUARTER:
        return (month - 1) / 3 + 1;
    case PART_MONTH:
        return month;
    case PART_DAYOFYEAR:
        return moment->days - days_from_date(year, 1, 1) + 1;
    case PART_DAY:
        return day;
    case PART_WEEK:
        return week_of_year(moment->days, year);
    case PART_WEEKDAY:
        return weekday(moment->days);
    case PART_HOUR:
        return (int) (moment->ticks / TICKS_PER_HOUR);
    case PART_MINUTE:
        return (int) (moment->ticks / TICKS_PER_MINUTE % 60);
    case PART_SECOND:
        return (int) (moment->ticks / TICKS_PER_SECOND % 60);
    case PART_MILLISECOND:
        return (int) (fraction / 10000);
    case PART_MICROSECOND:
        return (int) (fraction / 10);
    case PART_NANOSECOND:
        return (int) (fraction * 100);
    case PART_TZOFFSET:
        return moment->offset;
    default:
        return iso_week(moment->days);
    }
}

static SqlMoment
part_argument(FunctionCallInfo fcinfo, DatePart part, const char *function)
{
    SqlTypeId type = argument_type_id(fcinfo, 1);
    SqlMoment moment = moment_from_datum(type, PG_GETARG_DATUM(1));

    if (type == SQL_DATE && part >= PART_HOUR && part <= PART_TZOFFSET)
        unsupported_part(part, function, type);
    if (type == SQL_TIME && (part < PART_HOUR || part > PART_NANOSECOND))
        unsupported_part(part, function, type);
    if (part == PART_TZOFFSET && (type == SQL_DATETIME || type == SQL_SMALLDATETIME))
        unsupported_part(part, function, type);
    /* datetime's milliseconds are rounded thirds: .003, .007. */
    if (type == SQL_DATETIME)
        moment.ticks = Min((moment.ticks + 5000) / 10000 * 10000, TICKS_PER_DAY - 10000);
    return moment;
}

Datum
fn_datepart(PG_FUNCTION_ARGS)
{
    DatePart part = (DatePart) PG_GETARG_INT32(0);
    SqlMoment moment = part_argument(fcinfo, part, "datepart");

    PG_RETURN_INT32(part_value(part, &moment));
}

Datum
fn_datename(PG_FUNCTION_ARGS)
{
    DatePart part = (DatePart) PG_GETARG_INT32(0);
    SqlMoment moment = part_argument(fcinfo, part, "datename");
    char buffer[16];
    const char *text_value = buffer;
    int year, month, day;

    date_from_days(moment.days, &year, &month, &day);
    if (part == PART_MONTH)
        text_value = sql_month_names[month - 1];
    else if (part == PART_WEEKDAY)
        text_value = sql_day_names[moment.days % 7];
    else if (part == PART_TZOFFSET)
        snprintf(buffer, sizeof buffer, "%c%02d:%02d", moment.offset < 0 ? '-' : '+',
                 abs(moment.offset) / 60, abs(moment.offset) % 60);
    else
        snprintf(buffer, sizeof buffer, "%d", part_value(part, &moment));
    return string_datum(text_value, strlen(text_value));
}

#define DEFINE_PART(name, part)                                                                    \
    Datum name(PG_FUNCTION_ARGS)                                                                   \
    {                                                                                              \
        SqlTypeId type = argument_type_id(fcinfo, 0);                                              \
        SqlMoment moment = moment_from_datum(type, PG_GETARG_DATUM(0));                            \
        PG_RETURN_INT32(part_value(part, &moment));                                                \
    }

DEFINE_PART(fn_year, PART_YEAR)
DEFINE_PART(fn_month, PART_MONTH)
DEFINE_PART(fn_day, PART_DAY)

Datum
fn_datetrunc(PG_FUNCTION_ARGS)
{
    DatePart part = (DatePart) PG_GETARG_INT32(0);
    SqlTypeId type = argument_type_id(fcinfo, 1);
    SqlMoment moment = moment_from_datum(type, PG_GETARG_DATUM(1));
    int year, month, day;

    check_part(part, "datetrunc", type);
    if (part == PART_WEEKDAY || part == PART_TZOFFSET || part == PART_NANOSECOND)
        unsupported_part(part, "datetrunc", type);
    date_from_days(moment.days, &year, &month, &day);
    if (part_months(part) != 0) {
        int first = part == PART_YEAR ? 1 : part == PART_QUARTER ? (month - 1) / 3 * 3 + 1 : month;

        moment.days = days_from_date(year, first, 1);
        moment.ticks = 0;
    } else if (part == PART_WEEK || part == PART_ISO_WEEK) {
        moment.days -= part == PART_WEEK ? weekday(moment.days) - 1 : moment.days % 7;
        moment.ticks = 0;
    } else
        moment.ticks -= moment.ticks % part_ticks(part);
    return moment_result(type, &moment);
}

/* DATE_BUCKET(part, number, date [, origin]) */
Datum
fn_date_bucket(PG_FUNCTION_ARGS)
{
    DatePart part = (DatePart) PG_GETARG_INT32(0);
    int64 number = PG_GETARG_INT64(1);
    SqlTypeId type = argument_type_id(fcinfo, 2);
    SqlMoment moment = moment_from_datum(type, PG_GETARG_DATUM(2));
    SqlMoment origin = {.days = DAYS_TO_1900};

    if (PG_NARGS() > 3)
        origin = moment_from_datum(argument_type_id(fcinfo, 3), PG_GETARG_DATUM(3));
    check_part(part, "date_bucket", type);
    if (number <= 0)
        tsql_error(ERR_9818, "number", "date_bucket");
    if (part_months(part) != 0) {
        int64 step = number * part_months(part);
        int64 months = count_boundaries(PART_MONTH, &origin, &moment);
        SqlMoment start = origin;

        if (!add_months(&start, floor_div(months, step) * step))
            tsql_error(ERR_517, sql_type_info(type)->name);
        /* A day of the month not yet reached belongs to the bucket before. */
        if (moment_to_utc(&start) > moment_to_utc(&moment)) {
            start = origin;
            if (!add_months(&start, (floor_div(months, step) - 1) * step))
                tsql_error(ERR_517, sql_type_info(type)->name);
        }
        moment = start;
    } else {
        int64 unit = part_ticks(part) * number;
        int64 distance;

        if (unit <= 0)
            unsupported_part(part, "date_bucket", type);
        distance = (moment.days - origin.days) * TICKS_PER_DAY + moment.ticks - origin.ticks;
        distance = floor_div(distance, unit) * unit;
        moment = origin;
        if (!moment_add_ticks(&moment, distance))
            tsql_error(ERR_517, sql_type_info(type)->name);
    }
    return moment_result(type, &moment);
}
