/*
 * check.c: rules on what a tenant writes; see check.h.
 */
#include "rds/check.h"

#include "rds/catalogue.h"
#include "rds/handlers.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool
check_name(ApiRequest *request, const char *name)
{
    size_t length = strlen(name);
    bool good = length >= 4 && length <= 64 && isalpha((unsigned char) *name);

    for (const char *at = name; good && *at; at++)
        good = isalnum((unsigned char) *at) || *at == '-' || *at == '_';
    if (!good)
        api_fail(request, API_BAD_PARAMETER,
                 "name: 4 to 64 letters, digits, hyphens or underscores, a letter first");
    return good;
}

static bool
is_login_name(const char *password)
{
    static const char login[] = "rdsuser";
    size_t length = sizeof(login) - 1;
    bool backwards = strlen(password) == length;

    for (size_t i = 0; backwards && i < length; i++)
        backwards = tolower((unsigned char) password[i]) == login[length - 1 - i];
    return backwards || strcasecmp(password, login) == 0;
}

/* How many of the four classes it has; 0 where a character is of none. */
static int
classes_of(const char *password)
{
    bool upper = false, lower = false, digit = false, special = false;

    for (; *password; password++) {
        if (isupper((unsigned char) *password))
            upper = true;
        else if (islower((unsigned char) *password))
            lower = true;
        else if (isdigit((unsigned char) *password))
            digit = true;
        else if (strchr("~!@#$%^*-_+?,", *password))
            special = true;
        else
            return 0;
    }
    return upper + lower + digit + special;
}

static bool
is_weak(const char *password)
{
    size_t length = strlen(password);

    return length < 8 || length > 32 || classes_of(password) < 3 || is_login_name(password);
}

bool
check_password(ApiRequest *request, const char *field, const char *password)
{
    if (!is_weak(password))
        return true;
    api_fail(request, API_BAD_PARAMETER,
             strcmp(field, "password") == 0
                 ? "password: 8 to 32 characters of at least three of upper case, lower case, "
                   "digits and ~!@#$%^*-_+?,"
                 : "db_user_pwd: 8 to 32 characters of at least three of upper case, lower case, "
                   "digits and ~!@#$%^*-_+?,");
    return false;
}

void
check_weak_password(ApiRequest *request)
{
    api_reply(request, 200,
              json_pack("{s:b}", "weak", (int) is_weak(json_text(request->json, "target", ""))));
}

bool
check_port(ApiRequest *request, long long port)
{
    if (port == 1433 || (port >= 2100 && port <= 9500 && port != 5355 && port != 5985))
        return true;
    api_fail(request, API_BAD_PARAMETER, "port: 1433, or 2100 to 9500 except 5355 and 5985");
    return false;
}

bool
check_volume_size(ApiRequest *request, long long gb)
{
    if (gb >= VOLUME_LEAST_GB && gb <= VOLUME_MOST_GB && gb % VOLUME_STEP_GB == 0)
        return true;
    api_fail(request, API_BAD_PARAMETER, "volume.size: 40 to 4000 GB in steps of 10");
    return false;
}

bool
check_clock(const char *text, int *minutes)
{
    if (strlen(text) != 5 || text[2] != ':')
        return false;
    for (int i = 0; i < 5; i++)
        if (i != 2 && !isdigit((unsigned char) text[i]))
            return false;
    int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
    *minutes = hour * 60 + minute;
    return hour < 24 && minute < 60;
}

static size_t
characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char) *text & 0xC0) != 0x80;
    return count;
}

bool
check_tags(ApiRequest *request, const json_t *tags)
{
    size_t index, other;
    json_t *tag, *twin;

    if (json_array_size(tags) > 20) {
        api_fail(request, API_BAD_PARAMETER, "tags: at most 20");
        return false;
    }
    json_array_foreach(tags, index, tag)
    {
        const char *key = json_text(tag, "key", ""), *value = json_text(tag, "value", "");
        bool good = *key && characters(key) <= 36 && characters(value) <= 43 &&
                    !strpbrk(key, "=*<>\\,|/") && !strpbrk(value, "=*<>\\,|/");
        json_array_foreach(tags, other, twin) good =
            good && (other == index || strcmp(json_text(twin, "key", ""), key) != 0);
        if (!good) {
            api_fail(request, API_BAD_PARAMETER,
                     "tags: keys of 1 to 36 characters, each once, values of at most 43, without "
                     "=*<>\\,|/");
            return false;
        }
    }
    return true;
}
