/*
 * Dates and times as a culture writes them, for PARSE.
 */
#pragma once

#include "postgres.h"

#include "functions/culture.h"
#include "lib/stringinfo.h"
#include "types/sqltype.h"

/*
 * Reads `text` (UTF-8) by the culture's order of day, month and year and its names, and appends it
 * in the ISO form that every conversion to `type` reads. False when it is no date or time. A date
 * that is missing is today's, a year that is missing this year's; of two digits a year is in
 * 1930 to 2029.
 */
bool parse_culture_date(const char *text, const Culture *culture, SqlTypeId type, StringInfo out);
