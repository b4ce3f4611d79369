/*
 * The decimal type's value: sign, scale and up to 38 digits. On disk a varlena: one byte of sign
 * (0x80) and scale, then the magnitude, little-endian, without leading zero bytes. A value knows
 * its scale; columns and results of typmod (p << 8 | s) hold values of exactly scale s.
 */
#pragma once

#include "postgres.h"

#include "fmgr.h"

#define DECIMAL_MAX_PRECISION 38

typedef struct Decimal {
    uint128 magnitude;
    uint8 scale;
    bool negative; /* never with magnitude 0 */
} Decimal;

Decimal decimal_get(Datum datum);
Datum decimal_put(const Decimal *value);

/* 10^exponent, 0..38. */
uint128 decimal_power(int exponent);
/* Digits of a magnitude: 0 for 0. */
int decimal_digits(uint128 magnitude);

/* Rounds half away from zero (or pads) to `scale`. False, value undefined, above 38 digits. */
bool decimal_rescale(Decimal *value, int scale);
/* Drops digits beyond `scale` without rounding. */
void decimal_truncate(Decimal *value, int scale);
/* Rescales to a typmod's scale and checks its precision; typmod -1 leaves the value. */
bool decimal_fit(Decimal *value, int32 typmod);

/* Text without exponent, surrounding blanks allowed: "-12.50". False if it is not a number or has
 * more than 38 digits (*overflow then). The scale is the digits after the point, at most 38. */
bool decimal_parse(const char *text_, size_t length, Decimal *value, bool *overflow);
/* "-0.50"; `buffer` has DECIMAL_TEXT_SIZE bytes; returns the length. */
#define DECIMAL_TEXT_SIZE 48
int decimal_format(const Decimal *value, char *buffer);

Decimal decimal_from_int64(int64 value);
/* Nearest decimal of the scale; false on overflow. */
bool decimal_from_double(double value, int scale, Decimal *result);
double decimal_to_double(const Decimal *value);
/* Truncates the fraction; false when it does not fit. */
bool decimal_to_int64(const Decimal *value, int64 *result);

int decimal_compare(const Decimal *a, const Decimal *b);

/* Arithmetic to the scale of `typmod`; false on overflow (division by zero is the caller's). */
bool decimal_add(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result);
bool decimal_multiply(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result);
bool decimal_divide(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result);
bool decimal_modulo(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result);

#define DECIMAL_TYPMOD(precision, scale) ((int32) ((precision) << 8 | (scale)))
#define DECIMAL_TYPMOD_PRECISION(typmod) ((typmod) < 0 ? 38 : (typmod) >> 8)
#define DECIMAL_TYPMOD_SCALE(typmod) ((typmod) < 0 ? 0 : (typmod) &0xFF)
