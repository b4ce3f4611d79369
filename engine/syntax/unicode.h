/*
 * The few Unicode questions that a T-SQL lexer asks, answered without locale or library: is this
 * text well-formed UTF-8, may this character stand in a regular identifier, is it white space, is
 * it a currency sign.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF)? */
bool unicode_valid(const char *text, size_t length);

/* Decodes the character at `text` (at least one byte before `end`) into `character`. Returns its
 * length in bytes, or 0 when the bytes are not well-formed. */
int unicode_decode(const char *text, const char *end, uint32_t *character);

/* Letters, marks and digits beyond ASCII, which T-SQL allows in a regular identifier. */
bool unicode_in_identifier(uint32_t character);

/* White space beyond ASCII. */
bool unicode_is_space(uint32_t character);

/* A currency sign that may begin a money literal. */
bool unicode_is_currency(uint32_t character);

/* Length of valid UTF-8 in UTF-16 code units, which T-SQL counts names by. */
size_t unicode_utf16_length(const char *text, size_t length);
