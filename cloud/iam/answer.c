/*
 * answer.c: the forms that identity's answers share: links, pages of lists, times, errors of names.
 */
#include "iam/handlers.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

char *
iam_base_url(const ApiRequest *request)
{
    const char *endpoint = iam_endpoint(), *host = api_header(request, "Host");
    const char *scheme_end = strstr(endpoint, "://");

    /* What is in Host comes back in URLs: only what a host and port can be made of. */
    if (host == NULL || scheme_end == NULL || *host == '\0' ||
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]") !=
            strlen(host))
        return str_copy(endpoint);
    return str_format("%.*s://%s", (int) (scheme_end - endpoint), endpoint, host);
}

json_t *
iam_self_link(const ApiRequest *request, const char *format, ...)
{
    AUTO_FREE char *base = iam_base_url(request), *path = NULL;
    va_list arguments;

    va_start(arguments, format);
    path = str_vformat(format, arguments);
    va_end(arguments);
    return json_pack("{s:o}", "self", json_sprintf("%s%s", base, path));
}

json_t *
iam_list_links(const ApiRequest *request)
{
    json_t *links = iam_self_link(request, "%s", request->operation->path);

    json_object_set_new(links, "next", json_null());
    json_object_set_new(links, "previous", json_null());
    return links;
}

/* The page of the list that page and per_page ask for. Without per_page there is only one page:
 * clients that page ask for the next until one is empty. */
static json_t *
page_of(const ApiRequest *request, json_t *list)
{
    long long page = api_query_number(request, "page", 1);
    long long size = api_query_number(request, "per_page", 0);
    long long all = (long long) json_array_size(list);
    json_t *out;

    if (size <= 0 && page <= 1)
        return json_incref(list);
    size = size <= 0 ? all : size;
    out = json_array();
    if (page < 1 || size > 5000 || page > 1000000)
        return out;
    for (long long i = (page - 1) * size; i < page * size && i < all; i++)
        json_array_append(out, json_array_get(list, (size_t) i));
    return out;
}

void
iam_reply_list(ApiRequest *request, const char *key, json_t *list)
{
    json_t *body = json_object();

    json_object_set_new(body, key, page_of(request, list));
    json_object_set_new(body, "links", iam_list_links(request));
    if (strcmp(key, "roles") == 0)
        json_object_set_new(body, "total_number", json_integer((json_int_t) json_array_size(list)));
    json_decref(list);
    api_reply(request, 200, body);
}

void
iam_fail_store(ApiRequest *request, const char *what, const char *name)
{
    bool taken = strcmp(store_sqlstate(request->store), "23505") == 0;
    bool gone = strcmp(store_sqlstate(request->store), "23503") == 0;

    if (taken)
        api_fail(request, API_IDENTITY_EXISTS, what, name);
    else if (gone)
        api_fail(request, API_NO_SUCH_THING, what, name);
    else
        api_fail_store(request);
}

json_t *
iam_milliseconds(Moment moment)
{
    return json_integer(moment / 1000);
}

json_t *
iam_plain_time(Moment moment)
{
    time_t seconds = (time_t) (moment / MOMENT_SECOND);
    struct tm parts;
    char text[40] = "";

    if (moment != 0) {
        gmtime_r(&seconds, &parts);
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S.0", &parts);
    }
    return json_string(text);
}

PGresult *
iam_find_user(ApiRequest *request, const char *user_id)
{
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT u.*, coalesce(d.owner_id = u.id, false) AS owner FROM iam_user u"
                    " JOIN iam_domain d ON d.id = u.domain_id WHERE u.id = $1 AND u.domain_id = $2",
                    "ss", user_id, request->principal->domain_id);
    PGresult *found = rows;

    if (rows == NULL) {
        api_fail_store(request);
        return NULL;
    }
    if (PQntuples(rows) == 0) {
        api_fail(request, API_NO_SUCH_THING, "user", user_id);
        return NULL;
    }
    rows = NULL;
    return found;
}

const char *
iam_domain_given(ApiRequest *request, const char *given)
{
    if (given == NULL || *given == '\0' || strcmp(given, request->principal->domain_id) == 0)
        return request->principal->domain_id;
    api_fail(request, API_NO_SUCH_THING, "domain", given);
    return NULL;
}
