/*
 * uri.h: percent-decoding of paths and queries (RFC 3986), distrusting every byte of them.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the path, as received, can be taken: begins with '/', has only printable ASCII, every '%'
 * stands before two hexadecimal digits and none encodes a NUL. */
bool uri_path_valid(const char *path);

/* Decodes length bytes; `plus` reads '+' as a space (queries). Owned by the caller; NULL where an
 * encoding is wrong, where it holds a NUL or where the result is no UTF-8. */
char *uri_decode(const char *text, size_t length, bool plus);

/* The pairs of a query without its '?': an object of strings, where a repeated key gives an array
 * of strings and a key without '=' an empty one. A new reference; NULL where it cannot be read or
 * has more than URI_QUERY_PAIRS pairs. */
#define URI_QUERY_PAIRS 200
json_t *uri_query(const char *query);
