/*
 * UTF-8 and UTF-16LE, both ways. Total functions: every input gives valid output; what is invalid
 * (lone surrogates, overlong or cut UTF-8, code points beyond U+10FFFF) becomes U+FFFD. ASCII runs
 * go eight characters at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Code units of UTF-16 that this UTF-8 becomes. */
size_t tds_utf16_units(const char *utf8, size_t length);

/* The same for as much of it as fits in `max` code units, never cut inside a character: *length
 * becomes the bytes of UTF-8 that remain. */
size_t tds_utf16_units_within(const char *utf8, size_t *length, size_t max);

/* Writes UTF-16LE for as much of the UTF-8 as fits in `room` bytes; *used is how much of the input
 * was consumed. Never writes half a surrogate pair. Returns bytes written. */
size_t tds_utf8_to_utf16(const char *utf8, size_t length, uint8_t *to, size_t room, size_t *used);

/* Bytes of UTF-8 for `units` UTF-16LE code units at (unaligned) `from`: at most units * 3. */
size_t tds_utf8_length(const uint8_t *from, size_t units);

/* Writes it; `to` has room for tds_utf8_length (no NUL is added). Returns the bytes written. */
size_t tds_utf16_to_utf8(const uint8_t *from, size_t units, char *to);

/*
 * One code point from UTF-8 at [p, end), p < end; *next is after it. Invalid sequences give U+FFFD
 * and advance by the maximal invalid part (at least one byte).
 */
uint32_t tds_utf8_decode(const uint8_t *p, const uint8_t *end, const uint8_t **next);

/* Writes 1-4 bytes; returns how many. Surrogates and too big values are written as U+FFFD. */
unsigned tds_utf8_encode(uint32_t code_point, char *to);

/* How many bytes at the end of a chunk are the beginning of a sequence that a later chunk may
 * complete (0-3): keep them back when converting a stream chunk by chunk. */
size_t tds_utf8_incomplete_tail(const char *utf8, size_t length);
