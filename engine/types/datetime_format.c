/*
 * Writing dates and times as text in the styles of CONVERT.
 */
#include "postgres.h"

#include "types/datetime.h"

/* The most that one piece of text takes; MOMENT_TEXT_SIZE has room for all of them. */
#define PIECE 40

typedef struct Parts {
    int year, month, day, hour, minute, second;
    int fraction; /* 100 ns */
} Parts;

static Parts
parts_of(const SqlMoment *moment)
{
    Parts parts;

    date_from_days(moment->days, &parts.year, &parts.month, &parts.day);
    parts.hour = (int) (moment->ticks / TICKS_PER_HOUR);
    parts.minute = (int) (moment->ticks / TICKS_PER_MINUTE % 60);
    parts.second = (int) (moment->ticks / TICKS_PER_SECOND % 60);
    parts.fraction = (int) (moment->ticks % TICKS_PER_SECOND);
    return parts;
}

/* The tabular Islamic calendar, for styles 130 and 131. */
static void
hijri_from_days(int32 days, int *year, int *month, int *day)
{
    int julian = days + 1721426;
    int l = julian - 1948440 + 10632;
    int n = (l - 1) / 10631;
    int j;

    l = l - 10631 * n + 354;
    j = ((10985 - l) / 5316) * ((50 * l) / 17719) + (l / 5670) * ((43 * l) / 15238);
    l = l - ((30 - j) / 15) * ((17719 * j) / 50) - (j / 16) * ((15238 * j) / 43) + 29;
    *month = (24 * l) / 709;
    *day = l - (709 * *month) / 24;
    *year = 30 * n + j - 30;
}

/* The fraction with the type's digits; datetime has milliseconds behind the given separator. */
static int
put_fraction(char *out, const Parts *parts, bool milliseconds, char separator, int scale)
{
    char digits[8];

    if (milliseconds)
        return snprintf(out, PIECE, "%c%03d", separator,
                        Min((parts->fraction + 5000) / 10000, 999));
    if (scale == 0)
        return 0;
    snprintf(digits, sizeof digits, "%07d", parts->fraction);
    digits[scale] = '\0';
    return snprintf(out, PIECE, ".%s", digits);
}

static int
put_date(char *out, const Parts *p, int style)
{
    const char *month = sql_month_names[p->month - 1];
    char year[8];

    snprintf(year, sizeof year, style >= 23 ? "%04d" : "%02d",
             style >= 23 ? p->year : p->year % 100);
    switch (style % 100) {
    case 1:
        return snprintf(out, PIECE, "%02d/%02d/%s", p->month, p->day, year);
    case 2:
        return snprintf(out, PIECE, "%s.%02d.%02d", year, p->month, p->day);
    case 3:
        return snprintf(out, PIECE, "%02d/%02d/%s", p->day, p->month, year);
    case 4:
        return snprintf(out, PIECE, "%02d.%02d.%s", p->day, p->month, year);
    case 5:
        return snprintf(out, PIECE, "%02d-%02d-%s", p->day, p->month, year);
    case 6:
        return snprintf(out, PIECE, "%02d %.3s %s", p->day, month, year);
    case 7:
        return snprintf(out, PIECE, "%.3s %02d, %s", month, p->day, year);
    case 10:
        return snprintf(out, PIECE, "%02d-%02d-%s", p->month, p->day, year);
    case 11:
        return snprintf(out, PIECE, "%s/%02d/%02d", year, p->month, p->day);
    case 12:
        return snprintf(out, PIECE, "%s%02d%02d", year, p->month, p->day);
    default:
        return snprintf(out, PIECE, "%s-%02d-%02d", year, p->month, p->day);
    }
}

static int
put_time_of_day(char *out, const Parts *p)
{
    return snprintf(out, PIECE, "%02d:%02d:%02d", p->hour, p->minute, p->second);
}

static int
twelve_hour(const Parts *p)
{
    return p->hour % 12 == 0 ? 12 : p->hour % 12;
}

static const char *
meridian(const Parts *p)
{
    return p->hour < 12 ? "AM" : "PM";
}

static int
put_hijri(
    char *out, const SqlMoment *moment, const Parts *p, int style, bool milliseconds, int scale)
{
    static const char *const names[] = {
        "محرم", "صفر",   "ربيع الاول", "ربيع الثاني", "جمادى الاولى", "جمادى الثانية",
        "رجب",  "شعبان", "رمضان",      "شوال",        "ذو القعدة",    "ذو الحجة"};
    int year, month, day, length;

    hijri_from_days(moment->days, &year, &month, &day);
    if (style == 130)
        length = snprintf(out, PIECE, "%2d %s %04d ", day, names[month - 1], year);
    else
        length = snprintf(out, PIECE, "%2d/%02d/%04d ", day, month, year);
    length += snprintf(out + length, PIECE, "%2d:%02d:%02d", twelve_hour(p), p->minute, p->second);
    length += put_fraction(out + length, p, milliseconds, ':', scale);
    return length + snprintf(out + length, PIECE, "%s", meridian(p));
}

static int
put_offset(char *out, const SqlMoment *moment, bool blank)
{
    int minutes = abs(moment->offset);

    return snprintf(out, PIECE, "%s%c%02d:%02d", blank ? " " : "", moment->offset < 0 ? '-' : '+',
                    minutes / 60, minutes % 60);
}

/* Dates alone and times alone leave their other half out of styles that have both. */
typedef struct Shape {
    bool date, time, milliseconds;
    int scale;
} Shape;

static int
put_iso(char *out, const SqlMoment *moment, const Parts *p, const Shape *shape, int style)
{
    bool letter_t = style == 126 || style == 127;
    int length = 0;

    if (shape->date)
        length += snprintf(out, PIECE, "%04d-%02d-%02d", p->year, p->month, p->day);
    if (shape->date && shape->time)
        out[length++] = letter_t ? 'T' : ' ';
    if (shape->time) {
        length += put_time_of_day(out + length, p);
        if (style % 100 != 20 && (!letter_t || p->fraction != 0))
            length += put_fraction(out + length, p, shape->milliseconds, '.', shape->scale);
    }
    return length;
}

/* mon dd yyyy hh:miAM and its kin: styles 0, 9, 13, 22. */
static int
put_worded(char *out, const Parts *p, const Shape *shape, int style)
{
    int length = 0;

    if (shape->date && style == 13)
        length +=
            snprintf(out, PIECE, "%02d %.3s %04d", p->day, sql_month_names[p->month - 1], p->year);
    else if (shape->date && style == 22)
        length += snprintf(out, PIECE, "%02d/%02d/%02d", p->month, p->day, p->year % 100);
    else if (shape->date)
        length +=
            snprintf(out, PIECE, "%.3s %2d %04d", sql_month_names[p->month - 1], p->day, p->year);
    if (!shape->time)
        return length;
    if (shape->date)
        out[length++] = ' ';
    if (style == 13) {
        length += put_time_of_day(out + length, p);
        return length + put_fraction(out + length, p, shape->milliseconds, ':', shape->scale);
    }
    if (style == 0)
        return length + snprintf(out + length, PIECE, shape->date ? "%2d:%02d%s" : "%d:%02d%s",
                                 twelve_hour(p), p->minute, meridian(p));
    length += snprintf(out + length, PIECE, "%2d:%02d:%02d", twelve_hour(p), p->minute, p->second);
    if (style == 9)
        length += put_fraction(out + length, p, shape->milliseconds, ':', shape->scale);
    return length + snprintf(out + length, PIECE, style == 22 ? " %s" : "%s", meridian(p));
}

int
moment_format(const SqlMoment *given, SqlTypeId type, int scale, int style, char *buffer)
{
    SqlMoment moment = *given;
    bool old_type = type == SQL_DATETIME || type == SQL_SMALLDATETIME;
    Shape shape = {.date = type != SQL_TIME,
                   .time = type != SQL_DATE,
                   .milliseconds = old_type,
                   .scale = Max(0, Min(scale, 7))};
    bool has_offset = type == SQL_DATETIMEOFFSET;
    int length = 0;
    Parts parts;

    if (style < 0)
        style = old_type ? 0 : 121;
    if (style == 127 && has_offset)
        moment = moment_from_utc(moment_to_utc(given), 0);
    parts = parts_of(&moment);
    switch (style) {
    case 0:
    case 100:
        length = put_worded(buffer, &parts, &shape, 0);
        break;
    case 9:
    case 109:
    case 13:
    case 113:
    case 22:
        length = put_worded(buffer, &parts, &shape, style % 100);
        break;
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 10:
    case 11:
    case 12:
    case 101:
    case 102:
    case 103:
    case 104:
    case 105:
    case 106:
    case 107:
    case 110:
    case 111:
    case 112:
    case 23:
        if (shape.date)
            return put_date(buffer, &parts, style);
        return 0;
    case 8:
    case 108:
    case 24:
        if (shape.time)
            return put_time_of_day(buffer, &parts);
        return 0;
    case 14:
    case 114:
        if (!shape.time)
            return 0;
        length = put_time_of_day(buffer, &parts);
        length += put_fraction(buffer + length, &parts, shape.milliseconds, ':', shape.scale);
        break;
    case 20:
    case 120:
    case 21:
    case 25:
    case 121:
    case 126:
    case 127:
        length = put_iso(buffer, &moment, &parts, &shape,
                         style == 20                  ? 120
                         : style == 21 || style == 25 ? 121
                                                      : style);
        if (style == 127 && has_offset)
            return length + snprintf(buffer + length, PIECE, "Z");
        break;
    case 130:
    case 131:
        return shape.date
                   ? put_hijri(buffer, &moment, &parts, style, shape.milliseconds, shape.scale)
                   : 0;
    default:
        return 0;
    }
    if (has_offset)
        length += put_offset(buffer + length, &moment, style != 126);
    return length;
}
