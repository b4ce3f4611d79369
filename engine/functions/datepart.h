/*
 * The dateparts of DATEADD, DATEDIFF, DATEPART, DATENAME, DATETRUNC and DATE_BUCKET.
 */
#pragma once

#include "postgres.h"

typedef enum DatePart {
    PART_UNKNOWN,
    PART_YEAR,
    PART_QUARTER,
    PART_MONTH,
    PART_DAYOFYEAR,
    PART_DAY,
    PART_WEEK,
    PART_WEEKDAY,
    PART_HOUR,
    PART_MINUTE,
    PART_SECOND,
    PART_MILLISECOND,
    PART_MICROSECOND,
    PART_NANOSECOND,
    PART_TZOFFSET,
    PART_ISO_WEEK,
} DatePart;

/* By name or abbreviation ("yy", "dd"), case-insensitively. */
DatePart datepart_by_name(const char *name);
/* The full name, as in messages. */
const char *datepart_name(DatePart part);
