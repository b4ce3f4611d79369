/*
 * Values as text, in the form that SQL Server gives clients that are too old for the type (and the
 * tests something to read). ASCII; each returns the length, `to` needs TDS_VALUE_TEXT_ROOM.
 */
#pragma once

#include "tds/value.h"

#define TDS_VALUE_TEXT_ROOM 64

size_t tds_format_date(int32_t days, char *to);                   /* 2024-02-29 */
size_t tds_format_time(uint64_t ticks, unsigned scale, char *to); /* 23:59:59.1234567 */
size_t tds_format_datetime2(const TdsDateTime2 *value, unsigned scale, char *to);
/* Local time and offset: 2024-02-29 12:00:00.0000000 +02:00. */
size_t tds_format_datetimeoffset(const TdsDateTime2 *value, unsigned scale, char *to);
size_t tds_format_decimal(const TdsDecimal *value, char *to);
size_t tds_format_money(int64_t value, char *to); /* four decimals */
size_t tds_format_guid(const uint8_t guid[16], char *to);

/* Any value that is not text or bytes; 0 when there is no such form. */
size_t tds_format_value(const TdsValue *value, char *to);
