/*
 * money (int8) and smallmoney (int4): ten-thousandths.
 */
#pragma once

#include "postgres.h"

#include "types/decimal.h"

#define MONEY_SCALE 10000

/* "-1234.50": two digits (style 0), with commas (1), four digits (2). Returns the length. */
#define MONEY_TEXT_SIZE 40
int money_format(int64 value, int style, char *buffer);

/* Text with an optional currency sign and thousands commas. False for bad syntax; *overflow when
 * it is a number out of range. */
bool money_parse(const char *string, size_t length, int64 *value, bool *overflow);

/* Rounded to four digits; false on overflow. */
bool money_from_decimal(const Decimal *value, int64 *result);
Decimal money_to_decimal(int64 value);
