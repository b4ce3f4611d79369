/*
 * Values as text. See value_text.h.
 */
#include "tds/value_text.h"

#include <stdio.h>

/* Days since 0001-01-01 to a proleptic Gregorian date, by eras of 400 years counted from March. */
static void
civil(int32_t days, int *year, int *month, int *day)
{
    int64_t z = (int64_t) days + 306; /* from 0000-03-01 */
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;

    *day = (int) (of_year - (153 * m + 2) / 5 + 1);
    *month = (int) (m < 10 ? m + 3 : m - 9);
    *year = (int) (y + era * 400 + (*month <= 2 ? 1 : 0));
}

size_t
tds_format_date(int32_t days, char *to)
{
    int year, month, day;

    if (days < 0)
        days = 0;
    if (days > TDS_MAX_DATE)
        days = TDS_MAX_DATE;
    civil(days, &year, &month, &day);
    return (size_t) snprintf(to, TDS_VALUE_TEXT_ROOM, "%04d-%02d-%02d", year, month, day);
}

size_t
tds_format_time(uint64_t ticks, unsigned scale, char *to)
{
    unsigned seconds, fraction;
    size_t length;

    ticks %= TDS_TICKS_PER_DAY;
    seconds = (unsigned) (ticks / TDS_TICKS_PER_SECOND);
    fraction = (unsigned) (ticks % TDS_TICKS_PER_SECOND);
    length = (size_t) snprintf(to, TDS_VALUE_TEXT_ROOM, "%02u:%02u:%02u.%07u", seconds / 3600,
                               seconds / 60 % 60, seconds % 60, fraction);
    if (scale < 7)
        length -= scale == 0 ? 8 : 7 - scale;
    to[length] = '\0';
    return length;
}

size_t
tds_format_datetime2(const TdsDateTime2 *value, unsigned scale, char *to)
{
    char time[TDS_VALUE_TEXT_ROOM];
    size_t length = tds_format_date(value->days, to);
    size_t more = tds_format_time(value->ticks, scale, time);

    to[length++] = ' ';
    memcpy(to + length, time, more + 1);
    return length + more;
}

size_t
tds_format_datetimeoffset(const TdsDateTime2 *value, unsigned scale, char *to)
{
    TdsDateTime2 local = *value;
    int64_t ticks =
        (int64_t) value->ticks + (int64_t) value->offset * 60 * (int64_t) TDS_TICKS_PER_SECOND;
    unsigned offset = (unsigned) (value->offset < 0 ? -value->offset : value->offset);
    size_t length;

    if (ticks < 0) {
        ticks += (int64_t) TDS_TICKS_PER_DAY;
        local.days--;
    } else if (ticks >= (int64_t) TDS_TICKS_PER_DAY) {
        ticks -= (int64_t) TDS_TICKS_PER_DAY;
        local.days++;
    }
    local.ticks = (uint64_t) ticks;
    length = tds_format_datetime2(&local, scale, to);
    length += (size_t) snprintf(to + length, TDS_VALUE_TEXT_ROOM - length, " %c%02u:%02u",
                                value->offset < 0 ? '-' : '+', offset / 60 % 100, offset % 60);
    return length;
}

size_t
tds_format_decimal(const TdsDecimal *value, char *to)
{
    unsigned __int128 magnitude = (unsigned __int128) value->high << 64 | value->low;
    char digits[48];
    int count = 0;
    size_t length = 0;

    while (magnitude > 0 || count <= value->scale) {
        digits[count++] = (char) ('0' + (int) (magnitude % 10));
        magnitude /= 10;
        if (count == (int) sizeof(digits))
            break;
    }
    if (value->negative && (value->low | value->high) != 0)
        to[length++] = '-';
    while (count > 0) {
        to[length++] = digits[--count];
        if (count == value->scale && count > 0)
            to[length++] = '.';
    }
    to[length] = '\0';
    return length;
}

size_t
tds_format_money(int64_t value, char *to)
{
    TdsDecimal decimal = {
        .low = value < 0 ? 0 - (uint64_t) value : (uint64_t) value,
        .precision = 19,
        .scale = 4,
        .negative = value < 0,
    };

    return tds_format_decimal(&decimal, to);
}

size_t
tds_format_guid(const uint8_t guid[16], char *to)
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    size_t length = 0;

    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            to[length++] = '-';
        to[length++] = "0123456789ABCDEF"[guid[order[i]] >> 4];
        to[length++] = "0123456789ABCDEF"[guid[order[i]] & 15];
    }
    to[length] = '\0';
    return length;
}

static size_t
format_old_datetime(int32_t days, uint64_t ticks, unsigned scale, char *to)
{
    TdsDateTime2 value = {.ticks = ticks, .days = days + TDS_DAYS_TO_1900};

    return tds_format_datetime2(&value, scale, to);
}

size_t
tds_format_value(const TdsValue *value, char *to)
{
    unsigned scale = value->type.scale;

    switch (value->kind) {
    case TDS_VALUE_BIT:
    case TDS_VALUE_INT:
        return (size_t) snprintf(to, TDS_VALUE_TEXT_ROOM, "%lld", (long long) value->integer);
    case TDS_VALUE_REAL:
        return (size_t) snprintf(to, TDS_VALUE_TEXT_ROOM, "%.9g", value->number);
    case TDS_VALUE_FLOAT:
        return (size_t) snprintf(to, TDS_VALUE_TEXT_ROOM, "%.17g", value->number);
    case TDS_VALUE_DECIMAL:
        return tds_format_decimal(&value->decimal, to);
    case TDS_VALUE_MONEY:
        return tds_format_money(value->integer, to);
    case TDS_VALUE_DATETIME:
        /* 1/300 s to 100 ns, rounded to the millisecond as SQL Server shows it */
        return format_old_datetime(value->datetime.days,
                                   (value->datetime.ticks * UINT64_C(10) + 1) / 3 * 10000, 3, to);
    case TDS_VALUE_SMALLDATETIME:
        return format_old_datetime(value->smalldatetime.days,
                                   value->smalldatetime.minutes * 60 * TDS_TICKS_PER_SECOND, 0, to);
    case TDS_VALUE_DATE:
        return tds_format_date(value->datetime2.days, to);
    case TDS_VALUE_TIME:
        return tds_format_time(value->datetime2.ticks, scale, to);
    case TDS_VALUE_DATETIME2:
        return tds_format_datetime2(&value->datetime2, scale, to);
    case TDS_VALUE_DATETIMEOFFSET:
        return tds_format_datetimeoffset(&value->datetime2, scale, to);
    case TDS_VALUE_GUID:
        return tds_format_guid(value->guid, to);
    default:
        return 0;
    }
}
