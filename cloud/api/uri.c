/*
 * uri.c: paths and queries as peers send them. http decodes the query of each request with it, the
 * router the placeholders' values.
 */
#include "api/uri.h"

#include "base/memory.h"

#include <string.h>

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that the '%' at text stands for; -1 where it stands for none. Reads no further than a
 * NUL. */
static int
encoded_byte(const char *text)
{
    int high = hex_digit(text[1]);
    int low = high < 0 ? -1 : hex_digit(text[2]);

    return low < 0 ? -1 : high * 16 + low;
}

bool
uri_path_valid(const char *path)
{
    if (path[0] != '/')
        return false;
    for (const char *at = path; *at; at++) {
        if (*at <= ' ' || *at >= 0x7f)
            return false;
        if (*at == '%' && encoded_byte(at) <= 0)
            return false;
    }
    return true;
}

/* Whether the bytes are UTF-8, by jansson's own check: what passes can become a json_t. */
static bool
is_utf8(const char *text, size_t length)
{
    json_t *value;

    for (size_t i = 0; i < length; i++)
        if ((unsigned char) text[i] >= 0x80) {
            value = json_stringn(text, length);
            json_decref(value);
            return value != NULL;
        }
    return true;
}

char *
uri_decode(const char *text, size_t length, bool plus)
{
    char *decoded = mem_new(length + 1, 1);
    size_t used = 0;
    int byte;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '%') {
            byte = i + 2 < length ? encoded_byte(text + i) : -1;
            if (byte <= 0)
                goto wrong;
            decoded[used++] = (char) byte;
            i += 2;
        } else if (text[i] == '\0') {
            goto wrong;
        } else {
            decoded[used++] = plus && text[i] == '+' ? ' ' : text[i];
        }
    }
    if (is_utf8(decoded, used))
        return decoded;
wrong:
    free(decoded);
    return NULL;
}

/* Adds a pair; a key that is there already becomes an array. */
static void
add_pair(json_t *query, const char *key, json_t *value)
{
    json_t *before = json_object_get(query, key);
    json_t *array;

    if (before == NULL) {
        json_object_set_new(query, key, value);
    } else if (json_is_array(before)) {
        json_array_append_new(before, value);
    } else {
        array = json_array();
        json_array_append(array, before);
        json_array_append_new(array, value);
        json_object_set_new(query, key, array);
    }
}

static bool
read_pair(json_t *query, const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);
    size_t key_length = equals ? (size_t) (equals - text) : length;
    AUTO_FREE char *key = uri_decode(text, key_length, true);
    AUTO_FREE char *value =
        equals ? uri_decode(equals + 1, length - key_length - 1, true) : str_copy("");

    if (key == NULL || value == NULL)
        return false;
    add_pair(query, key, json_string(value));
    return true;
}

json_t *
uri_query(const char *query)
{
    json_t *pairs = json_object();
    int count = 0;

    while (*query) {
        size_t length = strcspn(query, "&");

        if (length > 0 && (++count > URI_QUERY_PAIRS || !read_pair(pairs, query, length))) {
            json_decref(pairs);
            return NULL;
        }
        query += length;
        query += *query == '&';
    }
    return pairs;
}
