/*
 * Date functions that make dates: the clock, the FROMPARTS family, EOMONTH, offsets and time zones.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/argument.h"
#include "functions/characters.h"
#include "pgtime.h"
#include "types/datetime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(fn_getdate);
PG_FUNCTION_INFO_V1(fn_getutcdate);
PG_FUNCTION_INFO_V1(fn_sysdatetime);
PG_FUNCTION_INFO_V1(fn_sysutcdatetime);
PG_FUNCTION_INFO_V1(fn_sysdatetimeoffset);
PG_FUNCTION_INFO_V1(fn_eomonth);
PG_FUNCTION_INFO_V1(fn_datefromparts);
PG_FUNCTION_INFO_V1(fn_datetimefromparts);
PG_FUNCTION_INFO_V1(fn_smalldatetimefromparts);
PG_FUNCTION_INFO_V1(fn_datetime2fromparts);
PG_FUNCTION_INFO_V1(fn_timefromparts);
PG_FUNCTION_INFO_V1(fn_datetimeoffsetfromparts);
PG_FUNCTION_INFO_V1(fn_isdate);
PG_FUNCTION_INFO_V1(fn_switchoffset);
PG_FUNCTION_INFO_V1(fn_todatetimeoffset);
PG_FUNCTION_INFO_V1(fn_at_time_zone);

/* ---- the clock: one reading for the whole query at each place that asks ---- */

static TimestampTz
query_time(FunctionCallInfo fcinfo)
{
    TimestampTz *constant = fcinfo->flinfo->fn_extra;

    if (constant == NULL) {
        constant = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(TimestampTz));
        *constant = GetCurrentTimestamp();
        fcinfo->flinfo->fn_extra = constant;
    }
    return *constant;
}

/* The server's zone is PostgreSQL's log_timezone: the host's. */
static SqlMoment
moment_of_timestamp(TimestampTz timestamp, bool local)
{
    int64 utc = (timestamp + INT64CONST(1)) * 10 - 10 + (int64) DAYS_TO_2000 * TICKS_PER_DAY;
    int16 offset = 0;

    if (local) {
        pg_time_t seconds = timestamptz_to_time_t(timestamp);
        struct pg_tm *broken = pg_localtime(&seconds, session_timezone);

        if (broken != NULL)
            offset = (int16) (broken->tm_gmtoff / 60);
    }
    return moment_from_utc(utc, offset);
}

static Datum
clock_datum(FunctionCallInfo fcinfo, SqlTypeId type, bool local)
{
    SqlMoment moment = moment_of_timestamp(query_time(fcinfo), local);
    Datum result;

    /* Never ahead of the clock: GETDATE() <= SYSDATETIME(). */
    if (type == SQL_DATETIME)
        moment.ticks = moment.ticks * 3 / 100000 * 100000 / 3;
    moment_to_datum(type, &moment, 7, &result);
    return result;
}

Datum
fn_getdate(PG_FUNCTION_ARGS)
{
    return clock_datum(fcinfo, SQL_DATETIME, true);
}

Datum
fn_getutcdate(PG_FUNCTION_ARGS)
{
    return clock_datum(fcinfo, SQL_DATETIME, false);
}

Datum
fn_sysdatetime(PG_FUNCTION_ARGS)
{
    return clock_datum(fcinfo, SQL_DATETIME2, true);
}

Datum
fn_sysutcdatetime(PG_FUNCTION_ARGS)
{
    return clock_datum(fcinfo, SQL_DATETIME2, false);
}

Datum
fn_sysdatetimeoffset(PG_FUNCTION_ARGS)
{
    return clock_datum(fcinfo, SQL_DATETIMEOFFSET, true);
}

/* ---- parts ---- */

static Datum
parts_datum(SqlTypeId type, bool valid, const SqlMoment *moment, int scale)
{
    Datum result = (Datum) 0;

    if (!valid || !moment_to_datum(type, moment, scale, &result))
        tsql_error(ERR_289, sql_type_info(type)->name);
    return result;
}

static bool
set_date(SqlMoment *moment, int year, int month, int day)
{
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month))
        return false;
    moment->days = days_from_date(year, month, day);
    return true;
}

static bool
set_time(SqlMoment *moment, int hour, int minute, int second, int64 ticks)
{
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        ticks < 0 || ticks >= TICKS_PER_SECOND)
        return false;
    moment->ticks =
        hour * TICKS_PER_HOUR + minute * TICKS_PER_MINUTE + second * TICKS_PER_SECOND + ticks;
    return true;
}

#define INT(n) PG_GETARG_INT32(n)

Datum
fn_datefromparts(PG_FUNCTION_ARGS)
{
    SqlMoment moment = {0};
    bool valid = set_date(&moment, INT(0), INT(1), INT(2));

    return parts_datum(SQL_DATE, valid, &moment, 0);
}

Datum
fn_datetimefromparts(PG_FUNCTION_ARGS)
{
    SqlMoment moment = {0};
    int milliseconds = INT(6);
    bool valid = milliseconds >= 0 && milliseconds < 1000 &&
                 set_date(&moment, INT(0), INT(1), INT(2)) &&
                 set_time(&moment, INT(3), INT(4), INT(5), milliseconds * INT64CONST(10000));

    return parts_datum(SQL_DATETIME, valid, &moment, 3);
}

Datum
fn_smalldatetimefromparts(PG_FUNCTION_ARGS)
{
    SqlMoment moment = {0};
    bool valid =
        set_date(&moment, INT(0), INT(1), INT(2)) && set_time(&moment, INT(3), INT(4), 0, 0);

    return parts_datum(SQL_SMALLDATETIME, valid, &moment, 0);
}

/* `fraction` counts units of the scale's last digit. */
static bool
set_fraction_time(SqlMoment *moment, int hour, int minute, int second, int fraction, int scale)
{
    int64 ticks = fraction;

    if (scale < 0 || scale > 7)
        tsql_error(ERR_1002, 1, scale);
    for (int i = scale; i < 7; i++)
        ticks *= 10;
    return set_time(moment, hour, minute, second, ticks);
}

Datum
fn_timefromparts(PG_FUNCTION_ARGS)
{
    SqlMoment moment = {.days = DAYS_TO_1900};
    bool valid = set_fraction_time(&moment, INT(0), INT(1), INT(2), INT(3), INT(4));

    return parts_datum(SQL_TIME, valid, &moment, INT(4));
}

Datum
fn_datetime2fromparts(PG_FUNCTION_ARGS)
{
    SqlMoment moment = {0};
    bool valid = set_date(&moment, INT(0), INT(1), INT(2)) &&
                 set_fraction_time(&moment, INT(3), INT(4), INT(5), INT(6), INT(7));

    return parts_datum(SQL_DATETIME2, valid, &moment, INT(7));
}

Datum
fn_datetimeoffsetfromparts(PG_FUNCTION_ARGS)
{
    SqlMoment moment = {0};
    int hours = INT(7);
    int minutes = INT(8);
    bool valid = set_date(&moment, INT(0), INT(1), INT(2)) &&
                 set_fraction_time(&moment, INT(3), INT(4), INT(5), INT(6), INT(9)) &&
                 abs(hours) <= 14 && abs(minutes) <= 59 &&
                 (hours == 0 || minutes == 0 || (hours < 0) == (minutes < 0));

    moment.offset = (int16) (hours * 60 + minutes);
    return parts_datum(SQL_DATETIMEOFFSET, valid, &moment, INT(9));
}

/* EOMONTH(date [, months]) */
Datum
fn_eomonth(PG_FUNCTION_ARGS)
{
    SqlMoment moment = moment_from_datum(SQL_DATE, PG_GETARG_DATUM(0));
    int64 months = PG_NARGS() > 1 ? PG_GETARG_INT32(1) : 0;
    int year, month, day;
    int64 total;
    Datum result;

    date_from_days(moment.days, &year, &month, &day);
    total = (int64) year * 12 + month - 1 + months;
    if (total < 12 || total >= 120000)
        tsql_error(ERR_517, "date");
    year = (int) (total / 12);
    month = (int) (total % 12) + 1;
    moment.days = days_from_date(year, month, days_of_month(year, month));
    moment_to_datum(SQL_DATE, &moment, 0, &result);
    return result;
}

/* Whether a string is a datetime. */
Datum
fn_isdate(PG_FUNCTION_ARGS)
{
    StringView string = string_view(PG_GETARG_DATUM(0));
    ParsedMoment parsed;
    Datum ignored;
    bool valid = string.length > 0 &&
                 moment_parse(string.bytes, string.length, SQL_DATETIME, 0, &parsed) == MOMENT_OK &&
                 moment_to_datum(SQL_DATETIME, &parsed.moment, 3, &ignored);

    PG_RETURN_INT32(valid ? 1 : 0);
}

/* ---- offsets ---- */

/* "+hh:mm", or minutes as a number. */
static int16
offset_argument(FunctionCallInfo fcinfo, int n, const char *function)
{
    int hours, minutes;
    char sign;
    char *given;

    if (sql_type_is_integer(argument_type_id(fcinfo, n))) {
        int32 offset = PG_GETARG_INT32(n);

        if (abs(offset) > 840)
            tsql_error(ERR_9813, function);
        return (int16) offset;
    }
    given = text_to_cstring(PG_GETARG_TEXT_PP(n));
    if (sscanf(given, " %c%2d:%2d", &sign, &hours, &minutes) != 3 || (sign != '+' && sign != '-') ||
        hours > 14 || minutes > 59)
        tsql_error(ERR_9813, function);
    return (int16) ((sign == '-' ? -1 : 1) * (hours * 60 + minutes));
}

static Datum
offset_datum(const SqlMoment *moment)
{
    Datum result;

    if (!moment_to_datum(SQL_DATETIMEOFFSET, moment, 7, &result))
        tsql_error(ERR_517, "datetimeoffset");
    return result;
}

Datum
fn_switchoffset(PG_FUNCTION_ARGS)
{
    SqlMoment moment = moment_from_datum(SQL_DATETIMEOFFSET, PG_GETARG_DATUM(0));

    moment = moment_from_utc(moment_to_utc(&moment), offset_argument(fcinfo, 1, "switchoffset"));
    return offset_datum(&moment);
}

Datum
fn_todatetimeoffset(PG_FUNCTION_ARGS)
{
    SqlMoment moment = moment_from_datum(argument_type_id(fcinfo, 0), PG_GETARG_DATUM(0));

    moment.offset = offset_argument(fcinfo, 1, "todatetimeoffset");
    return offset_datum(&moment);
}

/* Windows' names of time zones and their places in the tz database. */
static const struct {
    const char *windows;
    const char *tz;
} zones[] = {
    {"UTC", "UTC"},
    {"GMT Standard Time", "Europe/London"},
    {"Greenwich Standard Time", "Atlantic/Reykjavik"},
    {"W. Europe Standard Time", "Europe/Berlin"},
    {"Central Europe Standard Time", "Europe/Budapest"},
    {"Romance Standard Time", "Europe/Paris"},
    {"Central European Standard Time", "Europe/Warsaw"},
    {"GTB Standard Time", "Europe/Bucharest"},
    {"FLE Standard Time", "Europe/Kiev"},
    {"E. Europe Standard Time", "Europe/Chisinau"},
    {"Turkey Standard Time", "Europe/Istanbul"},
    {"Israel Standard Time", "Asia/Jerusalem"},
    {"Egypt Standard Time", "Africa/Cairo"},
    {"South Africa Standard Time", "Africa/Johannesburg"},
    {"Russian Standard Time", "Europe/Moscow"},
    {"Arab Standard Time", "Asia/Riyadh"},
    {"Arabian Standard Time", "Asia/Dubai"},
    {"Iran Standard Time", "Asia/Tehran"},
    {"Pakistan Standard Time", "Asia/Karachi"},
    {"India Standard Time", "Asia/Kolkata"},
    {"Bangladesh Standard Time", "Asia/Dhaka"},
    {"SE Asia Standard Time", "Asia/Bangkok"},
    {"China Standard Time", "Asia/Shanghai"},
    {"Singapore Standard Time", "Asia/Singapore"},
    {"Taipei Standard Time", "Asia/Taipei"},
    {"Tokyo Standard Time", "Asia/Tokyo"},
    {"Korea Standard Time", "Asia/Seoul"},
    {"AUS Eastern Standard Time", "Australia/Sydney"},
    {"E. Australia Standard Time", "Australia/Brisbane"},
    {"Cen. Australia Standard Time", "Australia/Adelaide"},
    {"AUS Central Standard Time", "Australia/Darwin"},
    {"W. Australia Standard Time", "Australia/Perth"},
    {"New Zealand Standard Time", "Pacific/Auckland"},
    {"Hawaiian Standard Time", "Pacific/Honolulu"},
    {"Alaskan Standard Time", "America/Anchorage"},
    {"Pacific Standard Time", "America/Los_Angeles"},
    {"US Mountain Standard Time", "America/Phoenix"},
    {"Mountain Standard Time", "America/Denver"},
    {"Central Standard Time", "America/Chicago"},
    {"Eastern Standard Time", "America/New_York"},
    {"Atlantic Standard Time", "America/Halifax"},
    {"Newfoundland Standard Time", "America/St_Johns"},
    {"E. South America Standard Time", "America/Sao_Paulo"},
    {"Argentina Standard Time", "America/Buenos_Aires"},
    {"SA Pacific Standard Time", "America/Bogota"},
    {"Central Standard Time (Mexico)", "America/Mexico_City"},
};

static pg_tz *
zone_argument(FunctionCallInfo fcinfo, int n)
{
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(n));
    pg_tz *zone = NULL;

    for (int i = 0; i < lengthof(zones) && zone == NULL; i++)
        if (pg_strcasecmp(zones[i].windows, name) == 0)
            zone = pg_tzset(zones[i].tz);
    if (zone == NULL)
        tsql_error(ERR_9820, name);
    return zone;
}

static int16
zone_offset(pg_tz *zone, int64 utc_ticks)
{
    pg_time_t seconds = (utc_ticks - INT64CONST(719162) * TICKS_PER_DAY) / TICKS_PER_SECOND;
    struct pg_tm *broken = pg_localtime(&seconds, zone);

    return broken != NULL ? (int16) (broken->tm_gmtoff / 60) : 0;
}

/* value AT TIME ZONE zone: a datetimeoffset changes its zone, others get one. */
Datum
fn_at_time_zone(PG_FUNCTION_ARGS)
{
    SqlTypeId type = argument_type_id(fcinfo, 0);
    SqlMoment moment = moment_from_datum(type, PG_GETARG_DATUM(0));
    pg_tz *zone = zone_argument(fcinfo, 1);

    if (type == SQL_DATETIMEOFFSET) {
        int64 utc = moment_to_utc(&moment);

        moment = moment_from_utc(utc, zone_offset(zone, utc));
    } else {
        int64 local = moment_to_utc(&moment);
        int16 standard = zone_offset(zone, local);

        /* The offset that holds at the instant that the local time then means. */
        moment.offset = zone_offset(zone, local - standard * TICKS_PER_MINUTE);
    }
    return offset_datum(&moment);
}
