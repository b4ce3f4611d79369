/*
 * The fourth argument of sys.to_<type>(): what the C side cannot see of the two SqlTypes otherwise.
 * kind: 2 bits, from: 6, to: 6, source's scale: 6, source's precision: 6.
 */
#pragma once

#define MODE_MAKE(kind, from, to, scale, precision)                                                \
    ((int32) (kind) | (int32) (from) << 2 | (int32) (to) << 8 | (int32) (scale) << 14 |            \
     (int32) (precision) << 20)
#define MODE_KIND(mode) ((mode) &3)
#define MODE_FROM(mode) ((mode) >> 2 & 63)
#define MODE_TO(mode) ((mode) >> 8 & 63)
#define MODE_SCALE(mode) ((mode) >> 14 & 63)
#define MODE_PRECISION(mode) ((mode) >> 20 & 63)
