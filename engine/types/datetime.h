/*
 * Dates and times. SqlMoment is the common form that parsing, formatting, conversion and the date
 * functions work on; each type has its own representation in rows:
 *   date            PostgreSQL's date
 *   time            int8: 100 ns since midnight
 *   smalldatetime   int4: minutes since 1900-01-01
 *   datetime        int8: days since 1900-01-01 << 32 | 1/300 s since midnight (the wire's parts)
 *   datetime2       int8: 100 ns since 0001-01-01
 *   datetimeoffset  10 bytes: int64 as datetime2 but UTC, int16 offset in minutes
 * The scale of time, datetime2 and datetimeoffset is in the typmod; values are rounded to it.
 */
#pragma once

#include "postgres.h"

#include "fmgr.h"
#include "types/sqltype.h"

#define TICKS_PER_SECOND INT64CONST(10000000)
#define TICKS_PER_MINUTE (60 * TICKS_PER_SECOND)
#define TICKS_PER_HOUR (60 * TICKS_PER_MINUTE)
#define TICKS_PER_DAY (24 * TICKS_PER_HOUR)
#define DAYS_TO_1900 693595 /* from 0001-01-01 */
#define DAYS_TO_1753 639905
#define DAYS_TO_2000 730119
#define DAYS_MAX 3652058 /* 9999-12-31 */

typedef struct SqlMoment {
    int32 days;   /* since 0001-01-01, local */
    int64 ticks;  /* 100 ns since midnight, local */
    int16 offset; /* minutes east of UTC */
} SqlMoment;

/* Gregorian calendar. month 1..12. */
int32 days_from_date(int year, int month, int day);
void date_from_days(int32 days, int *year, int *month, int *day);
int days_of_month(int year, int month);

/* The moment of a value of one of the date/time types. date has ticks 0; time days of 1900-01-01.
 */
SqlMoment moment_from_datum(SqlTypeId type, Datum value);
/* The value of `type` nearest to the moment, rounded to `scale` where the type has one. False when
 * it is outside of the type's range. */
bool moment_to_datum(SqlTypeId type, const SqlMoment *moment, int scale, Datum *result);
/* Adds ticks (any sign), carrying into days; false outside 0001..9999. */
bool moment_add_ticks(SqlMoment *moment, int64 ticks);
/* Rounds half up to `scale` digits of seconds. */
bool moment_round(SqlMoment *moment, int scale);
/* UTC instant as 100 ns since 0001-01-01 (may be slightly out of range), and back. */
int64 moment_to_utc(const SqlMoment *moment);
SqlMoment moment_from_utc(int64 ticks, int16 offset);

typedef struct SqlDateTimeOffset {
    char bytes[10];
} SqlDateTimeOffset;

/* ---- text ---- */

typedef enum MomentParse { MOMENT_OK, MOMENT_SYNTAX, MOMENT_RANGE } MomentParse;

typedef struct ParsedMoment {
    SqlMoment moment;
    bool has_date, has_time, has_offset;
    int fraction_digits;
    bool order_mattered; /* the result depends on SET DATEFORMAT */
} ParsedMoment;

/*
 * Parses all the forms that T-SQL takes. `type` decides details (datetime reads y-m-d by the date
 * order, the newer types do not). `style`: CONVERT's, 0 for none: fixes the order of day and month.
 */
MomentParse
moment_parse(const char *string, size_t length, SqlTypeId type, int style, ParsedMoment *result);

/* Text of a moment in a CONVERT style (-1: the type's default: 0 for datetime and smalldatetime,
 * 121 else). `scale`: digits of the fraction. Returns the length, 0 for an unknown style. */
#define MOMENT_TEXT_SIZE 80
int moment_format(const SqlMoment *moment, SqlTypeId type, int scale, int style, char *buffer);

extern const char *const sql_month_names[12];
extern const char *const sql_day_names[7]; /* Monday first */
