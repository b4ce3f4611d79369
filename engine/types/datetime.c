/*
 * The calendar, and the representations of the date/time types.
 */
#include "postgres.h"

#include "types/dateformat.h"
#include "types/datetime.h"
#include "utils/date.h"

static const char *date_order = "mdy";
static const uint8 *date_first;

void
sql_date_settings_register(const char *order, const uint8 *first)
{
    date_order = order;
    date_first = first;
}

const char *
sql_date_order(void)
{
    return date_order[0] != '\0' ? date_order : "mdy";
}

int
sql_date_first(void)
{
    return date_first != NULL && *date_first >= 1 && *date_first <= 7 ? *date_first : 7;
}

static bool
is_leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

int32
days_from_date(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int past = year - 1;

    return past * 365 + past / 4 - past / 100 + past / 400 + before[month - 1] +
           (month > 2 && is_leap_year(year) ? 1 : 0) + day - 1;
}

void
date_from_days(int32 days, int *year, int *month, int *day)
{
    int32 rest = days;
    int n400 = rest / 146097;
    int n100, n4, n1;

    rest %= 146097;
    n100 = Min(rest / 36524, 3);
    rest -= n100 * 36524;
    n4 = rest / 1461;
    rest %= 1461;
    n1 = Min(rest / 365, 3);
    rest -= n1 * 365;
    *year = n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1;
    *month = 1;
    while (rest >= days_of_month(*year, *month))
        rest -= days_of_month(*year, (*month)++);
    *day = rest + 1;
}

static inline int64
floor_divide(int64 a, int64 b)
{
    int64 quotient = a / b;

    return a % b < 0 ? quotient - 1 : quotient;
}

bool
moment_add_ticks(SqlMoment *moment, int64 ticks)
{
    int64 sum, carry, days;

    /* Whole days first: the sum of two large numbers of ticks could overflow. */
    carry = floor_divide(ticks, TICKS_PER_DAY);
    sum = moment->ticks + (ticks - carry * TICKS_PER_DAY);
    if (sum >= TICKS_PER_DAY) {
        sum -= TICKS_PER_DAY;
        carry++;
    }
    days = moment->days + carry;
    if (days < 0 || days > DAYS_MAX)
        return false;
    moment->days = (int32) days;
    moment->ticks = sum;
    return true;
}

bool
moment_round(SqlMoment *moment, int scale)
{
    static const int64 units[] = {10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    int64 unit = units[Max(0, Min(scale, 7))];
    int64 rest = moment->ticks % unit;

    moment->ticks -= rest;
    if (rest * 2 < unit)
        return true;
    return moment_add_ticks(moment, unit);
}

int64
moment_to_utc(const SqlMoment *moment)
{
    return moment->days * TICKS_PER_DAY + moment->ticks - moment->offset * TICKS_PER_MINUTE;
}

SqlMoment
moment_from_utc(int64 ticks, int16 offset)
{
    SqlMoment moment = {.offset = offset};

    ticks += offset * TICKS_PER_MINUTE;
    moment.days = (int32) floor_divide(ticks, TICKS_PER_DAY);
    moment.ticks = ticks - moment.days * TICKS_PER_DAY;
    return moment;
}

SqlMoment
moment_from_datum(SqlTypeId type, Datum value)
{
    SqlMoment moment = {.days = DAYS_TO_1900};

    switch (type) {
    case SQL_DATE:
        moment.days = DatumGetDateADT(value) + DAYS_TO_2000;
        break;
    case SQL_TIME:
        moment.ticks = DatumGetInt64(value);
        break;
    case SQL_SMALLDATETIME:
        moment.days = DAYS_TO_1900 + DatumGetInt32(value) / 1440;
        moment.ticks = (DatumGetInt32(value) % 1440) * TICKS_PER_MINUTE;
        break;
    case SQL_DATETIME: {
        int64 packed = DatumGetInt64(value);

        moment.days = DAYS_TO_1900 + (int32) (packed >> 32);
        moment.ticks = ((packed & 0xFFFFFFFF) * 100000 + 1) / 3;
        break;
    }
    case SQL_DATETIME2:
        moment = moment_from_utc(DatumGetInt64(value), 0);
        break;
    case SQL_DATETIMEOFFSET: {
        const SqlDateTimeOffset *stored = (const SqlDateTimeOffset *) DatumGetPointer(value);
        int64 ticks;
        int16 offset;

        memcpy(&ticks, stored->bytes, 8);
        memcpy(&offset, stored->bytes + 8, 2);
        moment = moment_from_utc(ticks, offset);
        break;
    }
    default:
        elog(ERROR, "type %d is not a date or time", type);
    }
    return moment;
}

static bool
datetime_from_moment(const SqlMoment *moment, Datum *result)
{
    int64 days = moment->days - DAYS_TO_1900;
    int64 ticks = (moment->ticks * 3 + 50000) / 100000;

    if (ticks == 25920000) {
        ticks = 0;
        days++;
    }
    if (days < DAYS_TO_1753 - DAYS_TO_1900 || days > DAYS_MAX - DAYS_TO_1900)
        return false;
    *result = Int64GetDatum((int64) ((uint64) days << 32 | (uint64) ticks));
    return true;
}

/* Rounds to minutes as SQL Server does: 29.998 s and less down. */
static bool
smalldatetime_from_moment(const SqlMoment *moment, Datum *result)
{
    int64 minutes = (int64) (moment->days - DAYS_TO_1900) * 1440 +
                    (moment->ticks + 30 * TICKS_PER_SECOND + 10000) / TICKS_PER_MINUTE;

    if (minutes < 0 || minutes >= 65536 * 1440)
        return false;
    *result = Int32GetDatum((int32) minutes);
    return true;
}

bool
moment_to_datum(SqlTypeId type, const SqlMoment *from, int scale, Datum *result)
{
    SqlMoment moment = *from;

    if (moment.days < 0 || moment.days > DAYS_MAX)
        return false;
    switch (type) {
    case SQL_DATE:
        *result = DateADTGetDatum(moment.days - DAYS_TO_2000);
        return true;
    case SQL_TIME:
        moment.days = DAYS_TO_1900;
        moment_round(&moment, scale);
        *result = Int64GetDatum(moment.ticks);
        return true;
    case SQL_SMALLDATETIME:
        return smalldatetime_from_moment(&moment, result);
    case SQL_DATETIME:
        return datetime_from_moment(&moment, result);
    case SQL_DATETIME2:
        if (!moment_round(&moment, scale)) {
            /* The last instant of 9999 stays where it is. */
            moment = *from;
        }
        *result = Int64GetDatum(moment.days * TICKS_PER_DAY + moment.ticks);
        return true;
    case SQL_DATETIMEOFFSET: {
        SqlDateTimeOffset *stored = palloc(sizeof(SqlDateTimeOffset));
        int64 ticks;

        if (!moment_round(&moment, scale))
            moment = *from;
        ticks = moment_to_utc(&moment);
        if (ticks < 0 || ticks >= (DAYS_MAX + INT64CONST(1)) * TICKS_PER_DAY)
            return false;
        memcpy(stored->bytes, &ticks, 8);
        memcpy(stored->bytes + 8, &moment.offset, 2);
        *result = PointerGetDatum(stored);
        return true;
    }
    default:
        elog(ERROR, "type %d is not a date or time", type);
    }
    return false;
}
