/*
 * answer.c: what the handlers of the image service share; see answer.h.
 */
#include "ims/answer.h"

#include "base/memory.h"
#include "base/settings.h"
#include "ims/forms.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define TAGS_MOST 20
#define GB (1024LL * 1024 * 1024)

const char *
ims_project(const ApiRequest *request)
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
ims_scoped(ApiRequest *request)
{
    if (*ims_project(request))
        return true;
    ims_bad(request, "The request names no project: use a token of a project, or X-Project-Id.");
    return false;
}

void
ims_bad(ApiRequest *request, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    AUTO_FREE char *text = str_vformat(format, arguments);
    va_end(arguments);
    api_fail(request, API_IMS_PARAMETER, text);
}

void
ims_none(ApiRequest *request, const char *id)
{
    api_fail(request, API_IMS_NONE, id);
}

json_t *
ims_form(ApiRequest *request, const char *id)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT " IMS_IMAGE " AS form FROM ims_image i WHERE i.id = $2 AND (" IMS_VISIBLE
        " OR EXISTS (SELECT FROM ims_member m WHERE m.image_id = i.id AND m.project_id = $1))",
        "ss", ims_project(request), id);

    if (!rows)
        api_fail_store(request);
    else if (PQntuples(rows) == 0)
        ims_none(request, id);
    else
        return json_loads(row_text(rows, 0, "form"), 0, NULL);
    return NULL;
}

void
ims_reply(ApiRequest *request, int status, const char *id)
{
    json_t *form = ims_form(request, id);

    if (form)
        api_reply(request, status, form);
}

bool
ims_own(ApiRequest *request, const char *id, ImsImage *image)
{
    const char *project = ims_project(request);

    if (!ims_scoped(request))
        return false;
    if (store_in_transaction(request->store) &&
        store_run(request->store, "SELECT FROM ims_image WHERE id = $1 FOR UPDATE", "s", id) < 0) {
        api_fail_store(request);
        return false;
    }
    int error = image_find(request->store, project, id, image);
    if (error == -EIO)
        api_fail_store(request);
    else if (error)
        ims_none(request, id);
    else if (strcmp(image->project_id, project) != 0 && !request->principal->sysadmin) {
        image_done(image);
        api_fail(request, API_IMS_NOT_OWN, id);
        error = -EACCES;
    }
    return error == 0;
}

bool
ims_quota(StoreConn *store, const char *project_id, int *limit, long long *used)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT (SELECT count(*) FROM ims_image WHERE project_id = $1) AS used, "
                    "coalesce((SELECT quota FROM disk_quota WHERE project_id = $1 AND type = "
                    "'image'), 100) AS quota",
                    "s", project_id);

    if (!rows)
        return false;
    *used = row_number(rows, 0, "used");
    *limit = (int) row_number(rows, 0, "quota");
    return true;
}

bool
ims_quota_allows(ApiRequest *request, int more)
{
    const char *project = ims_project(request);
    long long used;
    int limit;

    if (store_run(request->store, "SELECT pg_advisory_xact_lock(hashtextextended('ims ' || $1, 0))",
                  "s", project) < 0 ||
        !ims_quota(request->store, project, &limit, &used)) {
        api_fail_store(request);
        return false;
    }
    if (used + more <= limit)
        return true;
    api_fail(request, API_IMS_QUOTA, limit);
    return false;
}

bool
ims_name_is_sound(ApiRequest *request, const char *name)
{
    size_t letters = 0;
    bool sound = *name && *name != ' ' && name[strlen(name) - 1] != ' ';

    for (const char *at = name; sound && *at; at++) {
        unsigned char letter = (unsigned char) *at;

        letters += (letter & 0xc0) != 0x80;
        sound = letter >= ' ' && letter != 0x7f && letter != '/' && letter != '\\';
    }
    if (sound && letters <= 128)
        return true;
    ims_bad(request,
            "name: 1 to 128 characters without slashes, and no spaces around, are wanted.");
    return false;
}

static bool
add_tag(json_t *tags, const char *key, const char *value)
{
    if (!*key || strlen(key) > 128 || strlen(value) > 255 || strpbrk(key, "=*<>\\,|/") ||
        json_array_size(tags) >= TAGS_MOST)
        return false;
    for (size_t i = 0; i < json_array_size(tags); i++)
        if (strcmp(json_text(json_array_get(tags, i), "key", ""), key) == 0)
            return false;
    json_array_append_new(tags, json_pack("{s:s, s:s}", "key", key, "value", value));
    return true;
}

json_t *
ims_tags_read(ApiRequest *request, const json_t *texts, const json_t *objects)
{
    json_t *tags = json_array();
    bool sound = true;

    for (size_t i = 0; sound && i < json_array_size(texts); i++) {
        const char *text = json_string_value(json_array_get(texts, i));
        const char *dot = text ? strchr(text, '.') : NULL;
        AUTO_FREE char *key =
            text ? str_copy_n(text, dot ? (size_t) (dot - text) : strlen(text)) : NULL;

        sound = key && add_tag(tags, key, dot ? dot + 1 : "");
    }
    for (size_t i = 0; sound && i < json_array_size(objects); i++) {
        const json_t *one = json_array_get(objects, i);

        sound = add_tag(tags, json_text(one, "key", ""), json_text(one, "value", ""));
    }
    if (sound)
        return tags;
    json_decref(tags);
    ims_bad(request,
            "tags: at most 20, each once, with a key of 1 to 128 and a value of at most 255 "
            "bytes.");
    return NULL;
}

/* What the service itself says of an image. */
bool
ims_property_is_free(const char *name)
{
    static const char *const own[] = {"id",
                                      "status",
                                      "visibility",
                                      "owner",
                                      "size",
                                      "virtual_size",
                                      "disk_format",
                                      "container_format",
                                      "checksum",
                                      "os_hash_algo",
                                      "os_hash_value",
                                      "os_hidden",
                                      "self",
                                      "file",
                                      "schema",
                                      "created_at",
                                      "updated_at",
                                      "active_at",
                                      "tags",
                                      "name",
                                      "protected",
                                      "min_disk",
                                      "min_ram",
                                      "max_ram",
                                      "locations",
                                      "direct_url",
                                      "stores",
                                      "enterprise_project_id",
                                      "__imagetype",
                                      "__isregistered",
                                      "__image_size",
                                      "__fail_reason",
                                      "__image_location",
                                      "__os_type",
                                      "__os_version",
                                      "virtual_env_type",
                                      "__account_code",
                                      "__system__cmkid",
                                      "__lazyloading",
                                      "__root_origin"};

    if (!*name || strlen(name) > 255)
        return false;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (strcmp(own[i], name) == 0)
            return false;
    return true;
}

long long
ims_most_bytes(void)
{
    return setting_number(SETTING_IMAGE_MAX_GB) * GB;
}

long long
ims_most_virtual(void)
{
    return setting_number(SETTING_IMAGE_MAX_DISK_GB) * GB;
}
