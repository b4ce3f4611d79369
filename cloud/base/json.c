/*
 * json.c: small additions to jansson; see json.h.
 */
#include "base/json.h"

#include "base/memory.h"

#include <errno.h>

void
json_auto_unref(json_t **value)
{
    json_decref(*value);
}

const char *
json_text(const json_t *object, const char *key, const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : fallback;
}

long long
json_number(const json_t *object, const char *key, long long fallback)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value))
        return json_integer_value(value);
    if (json_is_real(value)) {
        double real = json_real_value(value);
        return real > -9e18 && real < 9e18 ? (long long) real : fallback;
    }
    if (json_is_string(value)) {
        char *end = NULL;
        errno = 0;
        long long number = strtoll(json_string_value(value), &end, 10);
        if (errno == 0 && end != json_string_value(value) && *end == '\0')
            return number;
    }
    return fallback;
}

bool
json_flag(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_object_get(object, key);

    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

void
json_put_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

char *
json_render(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    /* NULL is out of memory: values that were parsed or made by us can be written. */
    return text ? text : str_copy("null");
}
