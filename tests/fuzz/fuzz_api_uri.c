/*
 * Queries and paths as received. What could be read must be the same when it is encoded and read
 * again.
 */
#include "api/uri.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
add_encoded(Buffer *buffer, const char *text)
{
    for (; *text; text++)
        buffer_format(buffer, "%%%02X", (unsigned char) *text);
}

static void
add_pair(Buffer *buffer, const char *key, const json_t *value)
{
    buffer_add_text(buffer, buffer->length ? "&" : "");
    add_encoded(buffer, key);
    buffer_add_text(buffer, "=");
    add_encoded(buffer, json_string_value(value));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = str_copy_n((const char *) data, size);
    char *decoded = uri_decode((const char *) data, size, size % 2);
    json_t *query = uri_query(text);
    json_t *again, *value, *item;
    Buffer buffer = {0};
    const char *key;
    size_t index;

    if (decoded && (strlen(decoded) > size || memchr(data, 0, size)))
        abort();
    uri_path_valid(text);
    buffer_add_text(&buffer, "");
    json_object_foreach(query, key, value)
    {
        if (json_is_string(value))
            add_pair(&buffer, key, value);
        json_array_foreach(value, index, item) add_pair(&buffer, key, item);
    }
    again = uri_query(buffer.text);
    /* A lone empty key is no pair when it has an empty value. */
    if (query && !json_equal(query, again))
        abort();
    json_decref(again);
    json_decref(query);
    buffer_done(&buffer);
    free(decoded);
    free(text);
    return 0;
}
