/*
 * Lengths and limits of non-Unicode strings. Lengths of char/varchar are bytes of the collation's
 * code page, of nchar/nvarchar UTF-16 code units; the strings themselves are UTF-8 everywhere.
 */
#pragma once

#include "postgres.h"

/* The string with what the code page lacks replaced by '?' or its best fit. The string itself when
 * nothing changes, else palloc'd. */
char *code_page_fit(const char *string, size_t length, uint16 code_page, size_t *result_length);

/* The bytes in the code page (may be the string itself), and back. For CAST to and from binary. */
char *code_page_bytes(const char *string, size_t length, uint16 code_page, size_t *result_length);
char *code_page_text(const char *bytes, size_t length, uint16 code_page, size_t *result_length);

/* Bytes of the longest prefix of whole characters that takes at most `limit` code page bytes, or
 * UTF-16 units. */
size_t code_page_prefix(const char *string, size_t length, uint16 code_page, int limit);
size_t utf16_prefix(const char *string, size_t length, int limit);
