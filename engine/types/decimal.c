/*
 * Decimal arithmetic in C: the value routines that conversions, functions, aggregates and the wire
 * share. What PostgreSQL calls is in decimal_functions.c. Everyday values stay in 128 bits; the
 * rest goes through Wide, an array of 32-bit limbs.
 */
#include "postgres.h"

#include "pgcompat/base.h"
#include "types/decimal.h"

#include <math.h>

#define WIDE_LIMBS 20

typedef struct Wide {
    int count; /* limbs in use, no leading zero limbs */
    uint32 limb[WIDE_LIMBS];
} Wide;

static uint128 powers[DECIMAL_MAX_PRECISION + 1];

uint128
decimal_power(int exponent)
{
    if (powers[0] == 0) {
        powers[0] = 1;
        for (int i = 1; i <= DECIMAL_MAX_PRECISION; i++)
            powers[i] = powers[i - 1] * 10;
    }
    Assert(exponent >= 0 && exponent <= DECIMAL_MAX_PRECISION);
    return powers[exponent];
}

int
decimal_digits(uint128 magnitude)
{
    int digits = 0;

    /* Start near the answer: 19 digits always fit 64 bits. */
    if (magnitude >= decimal_power(19))
        digits = 19;
    while (digits < DECIMAL_MAX_PRECISION && magnitude >= decimal_power(digits))
        digits++;
    if (digits == DECIMAL_MAX_PRECISION && magnitude >= decimal_power(38))
        digits++;
    return digits;
}

Decimal
decimal_get(Datum datum)
{
    struct varlena *packed = PG_DETOAST_DATUM_PACKED(datum);
    const uint8 *bytes = (const uint8 *) VARDATA_ANY(packed);
    int length = VARSIZE_ANY_EXHDR(packed);
    Decimal value = {0};

    if (length < 1)
        return value;
    value.negative = (bytes[0] & 0x80) != 0;
    value.scale = bytes[0] & 0x7F;
    for (int i = Min(length, 17) - 1; i >= 1; i--)
        value.magnitude = value.magnitude << 8 | bytes[i];
    return value;
}

Datum
decimal_put(const Decimal *value)
{
    struct varlena *result;
    uint8 *bytes;
    uint128 rest = value->magnitude;
    int length = 0;

    while (rest != 0) {
        length++;
        rest >>= 8;
    }
    result = palloc(VARHDRSZ + 1 + length);
    SET_VARSIZE(result, VARHDRSZ + 1 + length);
    bytes = (uint8 *) VARDATA(result);
    bytes[0] = value->scale | (value->negative && value->magnitude != 0 ? 0x80 : 0);
    rest = value->magnitude;
    for (int i = 1; i <= length; i++) {
        bytes[i] = (uint8) rest;
        rest >>= 8;
    }
    return PointerGetDatum(result);
}

/* ---- wide integers ---- */

static Wide
wide_from(uint128 value)
{
    Wide wide = {0};

    while (value != 0) {
        wide.limb[wide.count++] = (uint32) value;
        value >>= 32;
    }
    return wide;
}

/* False when it does not fit 128 bits. */
static bool
wide_to(const Wide *wide, uint128 *value)
{
    if (wide->count > 4)
        return false;
    *value = 0;
    for (int i = wide->count - 1; i >= 0; i--)
        *value = *value << 32 | wide->limb[i];
    return true;
}

static Wide
wide_multiply(const Wide *a, const Wide *b)
{
    Wide result = {0};

    for (int i = 0; i < a->count; i++) {
        uint64 carry = 0;

        for (int j = 0; j < b->count; j++) {
            carry += (uint64) a->limb[i] * b->limb[j] + result.limb[i + j];
            result.limb[i + j] = (uint32) carry;
            carry >>= 32;
        }
        result.limb[i + b->count] = (uint32) carry;
    }
    result.count = a->count + b->count;
    while (result.count > 0 && result.limb[result.count - 1] == 0)
        result.count--;
    return result;
}

static Wide
wide_scale(const Wide *a, int exponent)
{
    Wide result = *a;

    while (exponent > 0) {
        int step = Min(exponent, DECIMAL_MAX_PRECISION);
        Wide power = wide_from(decimal_power(step));

        result = wide_multiply(&result, &power);
        exponent -= step;
    }
    return result;
}

static int
wide_compare(const Wide *a, const Wide *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (int i = a->count - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static Wide
wide_add(const Wide *a, const Wide *b)
{
    Wide result = {0};
    uint64 carry = 0;
    int count = Max(a->count, b->count);

    for (int i = 0; i < count; i++) {
        carry += (uint64) a->limb[i] + b->limb[i];
        result.limb[i] = (uint32) carry;
        carry >>= 32;
    }
    result.count = count;
    if (carry != 0)
        result.limb[result.count++] = (uint32) carry;
    return result;
}

/* a - b, a >= b */
static Wide
wide_subtract(const Wide *a, const Wide *b)
{
    Wide result = {0};
    int64 borrow = 0;

    for (int i = 0; i < a->count; i++) {
        borrow += (int64) a->limb[i] - b->limb[i];
        result.limb[i] = (uint32) borrow;
        borrow >>= 32;
    }
    result.count = a->count;
    while (result.count > 0 && result.limb[result.count - 1] == 0)
        result.count--;
    return result;
}

static void
wide_shift_left(Wide *wide, int bits)
{
    uint32 carry = 0;

    if (bits == 0)
        return;
    for (int i = 0; i < wide->count; i++) {
        uint32 limb = wide->limb[i];

        wide->limb[i] = limb << bits | carry;
        carry = limb >> (32 - bits);
    }
    if (carry != 0)
        wide->limb[wide->count++] = carry;
}

static void
wide_shift_right(Wide *wide, int bits)
{
    if (bits == 0)
        return;
    for (int i = 0; i < wide->count; i++) {
        wide->limb[i] >>= bits;
        if (i + 1 < wide->count)
            wide->limb[i] |= wide->limb[i + 1] << (32 - bits);
    }
    while (wide->count > 0 && wide->limb[wide->count - 1] == 0)
        wide->count--;
}

static Wide
wide_divide_limb(const Wide *a, uint32 divisor, Wide *remainder)
{
    Wide quotient = *a;
    uint64 rest = 0;

    for (int i = a->count - 1; i >= 0; i--) {
        rest = rest << 32 | a->limb[i];
        quotient.limb[i] = (uint32) (rest / divisor);
        rest %= divisor;
    }
    while (quotient.count > 0 && quotient.limb[quotient.count - 1] == 0)
        quotient.count--;
    *remainder = wide_from(rest);
    return quotient;
}

/* Long division in base 2^32 (Knuth, volume 2, algorithm D). b is not zero. */
static Wide
wide_divide(const Wide *a, const Wide *b, Wide *remainder)
{
    Wide quotient = {0};
    Wide u = *a;
    Wide v = *b;
    int shift, n = b->count;

    if (wide_compare(a, b) < 0) {
        *remainder = *a;
        return quotient;
    }
    if (n == 1)
        return wide_divide_limb(a, b->limb[0], remainder);
    shift = __builtin_clz(v.limb[n - 1]);
    wide_shift_left(&v, shift);
    wide_shift_left(&u, shift);
    if (u.count == a->count)
        u.limb[u.count] = 0;
    for (int j = a->count - n; j >= 0; j--) {
        uint64 head = (uint64) u.limb[j + n] << 32 | u.limb[j + n - 1];
        uint64 digit = head / v.limb[n - 1];
        uint64 rest = head % v.limb[n - 1];
        int64 borrow = 0;
        uint64 carry = 0;

        while (digit >= UINT64CONST(0x100000000) ||
               digit * v.limb[n - 2] > (rest << 32 | u.limb[j + n - 2])) {
            digit--;
            rest += v.limb[n - 1];
            if (rest >= UINT64CONST(0x100000000))
                break;
        }
        for (int i = 0; i < n; i++) {
            carry += digit * v.limb[i];
            borrow += (int64) u.limb[i + j] - (uint32) carry;
            u.limb[i + j] = (uint32) borrow;
            borrow >>= 32;
            carry >>= 32;
        }
        borrow += (int64) u.limb[j + n] - (int64) carry;
        u.limb[j + n] = (uint32) borrow;
        if (borrow < 0) {
            digit--;
            carry = 0;
            for (int i = 0; i < n; i++) {
                carry += (uint64) u.limb[i + j] + v.limb[i];
                u.limb[i + j] = (uint32) carry;
                carry >>= 32;
            }
            u.limb[j + n] += (uint32) carry;
        }
        quotient.limb[j] = (uint32) digit;
    }
    quotient.count = a->count - n + 1;
    while (quotient.count > 0 && quotient.limb[quotient.count - 1] == 0)
        quotient.count--;
    u.count = n;
    while (u.count > 0 && u.limb[u.count - 1] == 0)
        u.count--;
    wide_shift_right(&u, shift);
    *remainder = u;
    return quotient;
}

/* wide / 10^exponent, half away from zero when `round`. */
static Wide
wide_unscale(const Wide *wide, int exponent, bool round)
{
    Wide result = *wide;

    while (exponent > 0) {
        int step = Min(exponent, DECIMAL_MAX_PRECISION);
        Wide power = wide_from(decimal_power(step));
        Wide rest;

        result = wide_divide(&result, &power, &rest);
        exponent -= step;
        if (exponent == 0 && round) {
            Wide twice = wide_add(&rest, &rest);

            if (wide_compare(&twice, &power) >= 0) {
                Wide one = wide_from(1);

                result = wide_add(&result, &one);
            }
        }
    }
    return result;
}

/* ---- scale and text ---- */

static bool
within_38_digits(uint128 magnitude)
{
    return magnitude < decimal_power(DECIMAL_MAX_PRECISION);
}

bool
decimal_rescale(Decimal *value, int scale)
{
    int change = scale - value->scale;

    if (change > 0) {
        if (value->magnitude != 0 &&
            (change > DECIMAL_MAX_PRECISION ||
             decimal_digits(value->magnitude) + change > DECIMAL_MAX_PRECISION))
            return false;
        if (value->magnitude != 0)
            value->magnitude *= decimal_power(change);
    } else if (change < 0) {
        uint128 power = decimal_power(Min(-change, DECIMAL_MAX_PRECISION));
        uint128 rest = value->magnitude % power;

        value->magnitude /= power;
        if (rest >= power - rest)
            value->magnitude++;
        if (value->magnitude == 0)
            value->negative = false;
    }
    value->scale = scale;
    return within_38_digits(value->magnitude);
}

void
decimal_truncate(Decimal *value, int scale)
{
    if (scale >= value->scale)
        return;
    value->magnitude /= decimal_power(value->scale - scale);
    value->scale = scale;
    if (value->magnitude == 0)
        value->negative = false;
}

bool
decimal_fit(Decimal *value, int32 typmod)
{
    if (typmod < 0)
        return within_38_digits(value->magnitude);
    return decimal_rescale(value, DECIMAL_TYPMOD_SCALE(typmod)) &&
           value->magnitude < decimal_power(DECIMAL_TYPMOD_PRECISION(typmod));
}

bool
decimal_parse(const char *input, size_t length, Decimal *value, bool *overflow)
{
    const char *p = input;
    const char *end = input + length;
    bool point = false;
    int digits = 0;

    *overflow = false;
    memset(value, 0, sizeof *value);
    while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
        p++;
    while (end > p && (end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r')))
        end--;
    if (p < end && (*p == '-' || *p == '+'))
        value->negative = *p++ == '-';
    for (; p < end; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        if (*p < '0' || *p > '9')
            return false;
        digits++;
        if (point && value->scale == DECIMAL_MAX_PRECISION)
            continue; /* digits beyond any scale */
        if (value->magnitude >= decimal_power(DECIMAL_MAX_PRECISION - 1)) {
            if (!point)
                *overflow = true;
            continue;
        }
        value->magnitude = value->magnitude * 10 + (*p - '0');
        if (point)
            value->scale++;
    }
    if (value->magnitude == 0)
        value->negative = false;
    return digits > 0 && !*overflow;
}

int
decimal_format(const Decimal *value, char *buffer)
{
    char digits[DECIMAL_TEXT_SIZE];
    uint128 rest = value->magnitude;
    int count = 0;
    int length = 0;

    while (rest != 0 || count <= value->scale) {
        digits[count++] = '0' + (int) (rest % 10);
        rest /= 10;
    }
    if (value->negative)
        buffer[length++] = '-';
    while (count > 0) {
        if (count == value->scale)
            buffer[length++] = '.';
        buffer[length++] = digits[--count];
    }
    buffer[length] = '\0';
    return length;
}

Decimal
decimal_from_int64(int64 value)
{
    Decimal result = {0};

    result.negative = value < 0;
    result.magnitude = value < 0 ? (uint128) 0 - (uint128) (int128) value : (uint128) value;
    return result;
}

bool
decimal_from_double(double value, int scale, Decimal *result)
{
    char buffer[512];
    bool overflow;
    Decimal parsed;

    if (isnan(value) || isinf(value) || fabs(value) >= 1e38)
        return false;
    /* 17 significant digits are all that a double has; the rest would be noise. */
    snprintf(buffer, sizeof buffer, "%.*f", scale, value);
    if (!decimal_parse(buffer, strlen(buffer), &parsed, &overflow))
        return false;
    *result = parsed;
    return decimal_rescale(result, scale);
}

double
decimal_to_double(const Decimal *value)
{
    char buffer[DECIMAL_TEXT_SIZE];

    /* strtod rounds correctly; a division by a power of ten would not. */
    if (value->magnitude < ((uint128) 1 << 53) && value->scale <= 22) {
        double result = (double) (uint64) value->magnitude / (double) decimal_power(value->scale);

        return value->negative ? -result : result;
    }
    decimal_format(value, buffer);
    return strtod(buffer, NULL);
}

bool
decimal_to_int64(const Decimal *value, int64 *result)
{
    uint128 whole = value->magnitude / decimal_power(value->scale);

    if (whole > (uint128) PG_INT64_MAX + (value->negative ? 1 : 0))
        return false;
    *result = value->negative ? (int64) (0 - (uint64) whole) : (int64) whole;
    return true;
}

/* ---- comparison and arithmetic ---- */

/* Compares magnitudes of different scales. */
static int
compare_magnitudes(const Decimal *a, const Decimal *b)
{
    int change = (int) b->scale - (int) a->scale;

    if (change == 0)
        return a->magnitude < b->magnitude ? -1 : a->magnitude > b->magnitude;
    if (change < 0)
        return -compare_magnitudes(b, a);
    if (decimal_digits(a->magnitude) + change <= DECIMAL_MAX_PRECISION) {
        uint128 scaled = a->magnitude * decimal_power(change);

        return scaled < b->magnitude ? -1 : scaled > b->magnitude;
    }
    return a->magnitude == 0 ? (b->magnitude == 0 ? 0 : -1) : 1;
}

int
decimal_compare(const Decimal *a, const Decimal *b)
{
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    return a->negative ? -compare_magnitudes(a, b) : compare_magnitudes(a, b);
}

/* A wide magnitude of some scale into a result of the typmod's. */
static bool
finish_wide(const Wide *wide, int scale, bool negative, int32 typmod, bool round, Decimal *result)
{
    int target = typmod < 0 ? Min(scale, DECIMAL_MAX_PRECISION) : DECIMAL_TYPMOD_SCALE(typmod);
    Wide fitted = scale > target ? wide_unscale(wide, scale - target, round)
                                 : wide_scale(wide, target - scale);

    if (!wide_to(&fitted, &result->magnitude))
        return false;
    result->scale = target;
    result->negative = negative && result->magnitude != 0;
    return result->magnitude < decimal_power(DECIMAL_TYPMOD_PRECISION(typmod));
}

bool
decimal_add(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result)
{
    int scale = Max(a->scale, b->scale);
    Decimal x = *a;
    Decimal y = *b;
    Wide wide_x, wide_y, sum;
    bool negative = a->negative;

    /* 38 digits and a carry fit 128 bits: 2 * 10^38 < 2^128 */
    if (decimal_rescale(&x, scale) && decimal_rescale(&y, scale)) {
        if (x.negative == y.negative)
            x.magnitude += y.magnitude;
        else if (x.magnitude >= y.magnitude)
            x.magnitude -= y.magnitude;
        else {
            x.magnitude = y.magnitude - x.magnitude;
            x.negative = y.negative;
        }
        if (x.magnitude == 0)
            x.negative = false;
        *result = x;
        return decimal_fit(result, typmod);
    }
    wide_x = wide_from(a->magnitude);
    wide_y = wide_from(b->magnitude);
    wide_x = wide_scale(&wide_x, scale - a->scale);
    wide_y = wide_scale(&wide_y, scale - b->scale);
    if (a->negative == b->negative)
        sum = wide_add(&wide_x, &wide_y);
    else if (wide_compare(&wide_x, &wide_y) >= 0)
        sum = wide_subtract(&wide_x, &wide_y);
    else {
        sum = wide_subtract(&wide_y, &wide_x);
        negative = b->negative;
    }
    return finish_wide(&sum, scale, negative, typmod, true, result);
}

bool
decimal_multiply(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result)
{
    int scale = a->scale + b->scale;
    bool negative = a->negative != b->negative;
    Wide x, y, product;

    if (scale <= DECIMAL_MAX_PRECISION &&
        decimal_digits(a->magnitude) + decimal_digits(b->magnitude) <= DECIMAL_MAX_PRECISION) {
        result->magnitude = a->magnitude * b->magnitude;
        result->scale = scale;
        result->negative = negative && result->magnitude != 0;
        return decimal_fit(result, typmod);
    }
    x = wide_from(a->magnitude);
    y = wide_from(b->magnitude);
    product = wide_multiply(&x, &y);
    return finish_wide(&product, scale, negative, typmod, true, result);
}

bool
decimal_divide(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result)
{
    int target = typmod < 0 ? Max(a->scale, 6) : DECIMAL_TYPMOD_SCALE(typmod);
    int shift = target + b->scale - a->scale;
    bool negative = a->negative != b->negative;
    Wide x, y, rest, quotient;

    if (shift >= 0 && decimal_digits(a->magnitude) + shift <= DECIMAL_MAX_PRECISION) {
        result->magnitude =
            a->magnitude == 0 ? 0 : a->magnitude * decimal_power(shift) / b->magnitude;
        result->scale = target;
        result->negative = negative && result->magnitude != 0;
        return result->magnitude < decimal_power(DECIMAL_TYPMOD_PRECISION(typmod));
    }
    x = wide_from(a->magnitude);
    y = wide_from(b->magnitude);
    if (shift >= 0)
        x = wide_scale(&x, shift);
    else
        y = wide_scale(&y, -shift);
    quotient = wide_divide(&x, &y, &rest);
    return finish_wide(&quotient, target, negative, typmod, false, result);
}

bool
decimal_modulo(const Decimal *a, const Decimal *b, int32 typmod, Decimal *result)
{
    int scale = Max(a->scale, b->scale);
    Wide x = wide_from(a->magnitude);
    Wide y = wide_from(b->magnitude);
    Wide rest;

    x = wide_scale(&x, scale - a->scale);
    y = wide_scale(&y, scale - b->scale);
    wide_divide(&x, &y, &rest);
    return finish_wide(&rest, scale, a->negative, typmod, true, result);
}
