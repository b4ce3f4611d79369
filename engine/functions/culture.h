/*
 * Cultures of FORMAT and PARSE: how each writes numbers, money and dates. .NET's patterns, which
 * are not those of ICU; names of months and days are asked of ICU.
 */
#pragma once

#include "postgres.h"

typedef struct Culture {
    const char *name; /* "de-DE" */
    const char *decimal, *group;
    const char *currency;
    const char *money, *negative_money; /* n the number, $ the symbol */
    int money_digits;
    const char *percent; /* what follows the number */
    const char *date_separator;
    const char *short_date, *long_date, *short_time, *long_time, *month_day, *year_month;
    const char *am, *pm;
    int date_style; /* CONVERT's style that reads the short date */
} Culture;

/* The row of a culture's name, in any case; a language alone is its first culture. NULL: unknown.
 */
const Culture *culture_by_name(const char *name);

typedef enum CultureNames {
    CULTURE_MONTHS,       /* beside a day: genitive where the language has one */
    CULTURE_MONTHS_ALONE, /* without a day */
    CULTURE_SHORT_MONTHS,
    CULTURE_DAYS, /* 0 is Sunday */
    CULTURE_SHORT_DAYS,
} CultureNames;

/* The name of month or day `index`, counted from 0; UTF-8, palloc'd. */
char *culture_name_of(const Culture *culture, CultureNames names, int index);
