/*
 * check.c: texts of tenants: names, passwords, user data, metadata; see server.h.
 */
#include "crypto/master_key.h"
#include "ecs/server.h"
#include "provision/provision.h"

#include <ctype.h>
#include <string.h>

bool
server_name_is_sound(ApiRequest *request, const char *name)
{
    bool sound = *name && strlen(name) <= 192;
    size_t letters = 0;

    for (const char *at = name; sound && *at; at++) {
        unsigned char letter = (unsigned char) *at;

        letters += (letter & 0xc0) != 0x80;
        sound = letter >= 0x80 || isalnum(letter) || strchr("_-.", letter) != NULL;
    }
    if (sound && letters <= 64)
        return true;
    api_fail(request, API_ECS_PARAMETER,
             "name: 1 to 64 letters, digits, underscores, hyphens and periods are wanted");
    return false;
}

bool
server_password_is_sound(ApiRequest *request, const char *password)
{
    bool lower = false, upper = false, digit = false, special = false, sound = true;
    size_t length = strlen(password);

    for (const char *at = password; *at; at++) {
        unsigned char letter = (unsigned char) *at;

        lower = lower || islower(letter);
        upper = upper || isupper(letter);
        digit = digit || isdigit(letter);
        special = special || ispunct(letter);
        sound = sound && isgraph(letter);
    }
    if (sound && length >= 8 && length <= 26 && lower + upper + digit + special >= 3)
        return true;
    api_fail(request, API_ECS_PASSWORD);
    return false;
}

bool
server_user_data_is_sound(ApiRequest *request, const char *base64)
{
    size_t length = 0;
    AUTO_FREE unsigned char *bytes = *base64 ? base64_bytes(base64, &length) : NULL;

    if (!*base64 || (bytes && length <= PROVISION_USER_DATA_MAX))
        return true;
    api_fail(request, API_ECS_PARAMETER,
             bytes ? "user_data is longer than 65535 bytes" : "user_data is not base64");
    return false;
}

json_t *
server_metadata_read(ApiRequest *request, const json_t *given)
{
    json_t *read = json_object(), *value;
    const char *key, *problem = NULL;

    if (given && !json_is_object(given) && !json_is_null(given))
        problem = "metadata is no object";
    json_object_foreach((json_t *) given, key, value)
    {
        AUTO_FREE char *number = json_is_integer(value)
                                     ? str_format("%lld", (long long) json_integer_value(value))
                                     : NULL;
        const char *text = number ? number : json_string_value(value);

        if (!*key || strlen(key) > 255)
            problem = "metadata: a key has 1 to 255 bytes";
        else if (!text || strlen(text) > 255)
            problem = "metadata: a value is a text of at most 255 bytes";
        else if (strcmp(key, "admin_pass") != 0)
            json_put_text(read, key, text);
    }
    if (!problem)
        return read;
    json_decref(read);
    api_fail(request, API_ECS_PARAMETER, problem);
    return NULL;
}
