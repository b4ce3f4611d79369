/*
 * answer.c: what the handlers of the vpc service share; see answer.h. The store makes the JSON, so
 * that a list of thousands of rows is one statement and one copy.
 */
#include "vpc/answer.h"

#include "base/memory.h"
#include "vpc/vpc.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#define PAGE 2000 /* most rows in an answer */

const char *
vpc_project(const ApiRequest *request)
{
    const char *project = api_path(request, "project_id");

    if (!project)
        project = request->principal->project_id;
    /* iam has checked that the caller may. */
    if (!*project)
        project = api_header(request, "X-Project-Id");
    return project ? project : "";
}

bool
vpc_scoped(ApiRequest *request)
{
    if (*vpc_project(request))
        return true;
    api_fail(request, API_VPC_PARAMETER,
             "The request names no project: use a token of a project, or the header X-Project-Id.");
    return false;
}

static json_t *
array_of(const PGresult *rows, int count)
{
    json_t *array = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(array, json_loads(row_text(rows, i, "form"), 0, NULL));
    return array;
}

void
vpc_list(ApiRequest *request, const VpcList *list, bool v3)
{
    long long limit = api_query_number(request, "limit", PAGE);

    if (!vpc_scoped(request))
        return;
    if (limit < 0 || limit > PAGE) {
        api_fail(request, API_VPC_PARAMETER, "limit is not between 0 and 2000");
        return;
    }
    AUTO_FREE char *sql = str_format(
        "SELECT %s AS form, %s AS id FROM %s WHERE %s AND ($3::text IS NULL OR %s > $3) ORDER BY "
        "%s LIMIT $4 + 1",
        list->form, list->id, list->from, list->where, list->id, list->id);
    AUTO_ROWS PGresult *rows =
        store_query(request->store, sql, "sjsl", vpc_project(request), request->query,
                    api_query(request, "marker", NULL), limit);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    int count = PQntuples(rows);
    bool more = count > limit;
    count = more ? (int) limit : count;
    json_t *body = json_pack("{s:o}", list->key, array_of(rows, count));
    if (v3) {
        json_t *page = json_pack("{s:i}", "current_count", count);
        if (count > 0)
            json_put_text(page, "previous_marker", row_text(rows, 0, "id"));
        if (more && count > 0)
            json_put_text(page, "next_marker", row_text(rows, count - 1, "id"));
        json_object_set_new(body, "page_info", page);
        json_put_text(body, "request_id", request->request_id);
    }
    api_reply(request, 200, body);
}

/* Which error says that there is none. */
static ApiError
none_of(const char *what)
{
    static const struct {
        const char *what;
        ApiError error;
    } table[] = {{"security group", API_VPC_NO_GROUP},
                 {"rule", API_VPC_NO_RULE},
                 {"port", API_VPC_NO_PORT},
                 {"EIP", API_VPC_NO_EIP},
                 {"bandwidth", API_VPC_NO_BANDWIDTH},
                 {"peering", API_VPC_NO_PEERING}};

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].what, what) == 0)
            return table[i].error;
    return API_VPC_NONE;
}

json_t *
vpc_one(ApiRequest *request, const VpcList *list, const char *id, const char *what)
{
    if (!vpc_scoped(request))
        return NULL;
    AUTO_FREE char *sql = str_format("SELECT %s AS form FROM %s WHERE %s AND %s = $3", list->form,
                                     list->from, list->where, list->id);
    AUTO_JSON json_t *none = json_object();
    AUTO_ROWS PGresult *rows =
        store_query(request->store, sql, "sjs", vpc_project(request), none, id);
    if (!rows) {
        api_fail_store(request);
        return NULL;
    }
    if (PQntuples(rows) == 0) {
        api_fail(request, none_of(what), id, what);
        return NULL;
    }
    return json_pack("{s:o}", list->key, json_loads(row_text(rows, 0, "form"), 0, NULL));
}

void
vpc_show(
    ApiRequest *request, const VpcList *list, const char *id, const char *what, int status, bool v3)
{
    json_t *body = vpc_one(request, list, id, what);

    if (!body)
        return;
    if (v3)
        json_put_text(body, "request_id", request->request_id);
    api_reply(request, status, body);
}

json_t *
vpc_store_failed(ApiRequest *request)
{
    api_fail_store(request);
    return NULL;
}

void
vpc_change(ApiRequest *request, int status, json_t *(*change)(ApiRequest *request))
{
    if (!vpc_scoped(request))
        return;
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    json_t *body = change(request);
    if (!body) {
        store_rollback(request->store);
        return;
    }
    if (!store_commit(request->store)) {
        json_decref(body);
        api_fail_store(request);
        return;
    }
    vpc_apply_dirty(request->store, vpc_project(request));
    if (json_is_null(body)) {
        json_decref(body);
        body = NULL;
    }
    api_reply(request, status, body);
}

/* ---- Checks ---- */

bool
vpc_name_is_sound(ApiRequest *request, const char *text, size_t most, bool empty_too)
{
    bool sound = text == NULL || ((empty_too || *text) && strlen(text) <= most * 4);
    size_t letters = 0;

    for (const char *at = text; sound && at && *at; at++) {
        unsigned char letter = (unsigned char) *at;

        letters += (letter & 0xc0) != 0x80;
        sound = letter >= 0x80 || isalnum(letter) || strchr("_-. ", letter) != NULL;
    }
    if (sound && letters <= most)
        return true;
    api_fail(request, API_VPC_PARAMETER,
             "name: 1 to 64 letters, digits, underscores, hyphens and periods are wanted.");
    return false;
}

bool
vpc_description_is_sound(ApiRequest *request, const char *text)
{
    if (!text || (strlen(text) <= 255 && !strpbrk(text, "<>")))
        return true;
    api_fail(request, API_VPC_PARAMETER,
             "description: at most 255 characters, without < and >, are wanted.");
    return false;
}

bool
vpc_tags_are_sound(ApiRequest *request, const json_t *tags)
{
    size_t index;
    json_t *tag;

    json_array_foreach(tags, index, tag)
    {
        const char *key = json_text(tag, "key", "");

        if (!*key || strlen(key) > 128 || strlen(json_text(tag, "value", "")) > 255 || index >= 20)
            break;
    }
    if (index >= json_array_size(tags))
        return true;
    api_fail(request, API_VPC_PARAMETER,
             "tags: at most 20, each with a key of 1 to 128 and a value of at most 255 bytes.");
    return false;
}

uint32_t
vpc_mask(int length)
{
    return length == 0 ? 0 : ~(uint32_t) 0 << (32 - length);
}

bool
vpc_address_read(const char *text, uint32_t *address)
{
    struct in_addr raw;

    if (!text || inet_pton(AF_INET, text, &raw) != 1)
        return false;
    *address = ntohl(raw.s_addr);
    return true;
}

void
vpc_address_write(uint32_t address, char text[INET_ADDRSTRLEN])
{
    struct in_addr raw = {.s_addr = htonl(address)};

    inet_ntop(AF_INET, &raw, text, INET_ADDRSTRLEN);
}

bool
vpc_cidr_read(const char *text, uint32_t *network, int *length)
{
    const char *slash = text ? strchr(text, '/') : NULL;
    char *end;

    if (!slash || !isdigit((unsigned char) slash[1]) || strlen(slash) > 3)
        return false;
    AUTO_FREE char *address = str_copy_n(text, (size_t) (slash - text));
    *length = (int) strtol(slash + 1, &end, 10);
    return !*end && *length <= 32 && vpc_address_read(address, network) &&
           (*network & ~vpc_mask(*length)) == 0;
}
