/*
 * versions.c: what the service is: version documents, catalogue, services, endpoints, regions. All
 * from memory.
 */
#include "iam/handlers.h"

#include "crypto/master_key.h"

#include <string.h>

typedef struct CatalogRow {
    const char *type, *name, *path;
} CatalogRow;

static const CatalogRow catalog[] = {
#define CATALOG(type, name, path) {type, name, path},
#include "iam/catalog.def"
#undef CATALOG
};
static const int catalog_count = sizeof(catalog) / sizeof(catalog[0]);

static json_t *
version(const ApiRequest *request)
{
    AUTO_FREE char *base = iam_base_url(request);

    return json_pack("{s:s, s:s, s:s, s:[{s:s, s:o}], s:[{s:s, s:s}]}", "id", "v3.6", "status",
                     "stable", "updated", "2016-04-04T00:00:00Z", "links", "rel", "self", "href",
                     json_sprintf("%s/v3/", base), "media-types", "base", "application/json",
                     "type", "application/vnd.openstack.identity-v3+json");
}

void
iam_list_versions(ApiRequest *request)
{
    /* 300 is what Keystone answers, and what the SDKs of both families take. */
    api_reply(request, 300, json_pack("{s:{s:[o]}}", "versions", "values", version(request)));
}

void
iam_show_version(ApiRequest *request)
{
    api_reply(request, 200, json_pack("{s:o}", "version", version(request)));
}

/* An id that is the same at each start: of what it names. */
static void
stable_id(const char *kind, const char *name, char id[33])
{
    AUTO_FREE char *text = str_format("%s %s %s", iam_region(), kind, name);
    unsigned char hash[32];

    sha256(text, strlen(text), hash);
    hex_text(hash, 16, id);
}

/* The row's URL, or NULL where it wants a project and there is none. */
static char *
url_of(const CatalogRow *row, const char *base, const char *project_id)
{
    const char *place = strstr(row->path, "$P");

    if (place == NULL)
        return str_format("%s%s", base, row->path);
    if (*project_id == '\0')
        return NULL;
    return str_format("%s%.*s%s", base, (int) (place - row->path), row->path, project_id);
}

json_t *
iam_catalog(const ApiRequest *request, const char *project_id)
{
    AUTO_FREE char *base = iam_base_url(request);
    json_t *list = json_array();

    for (int i = 0; i < catalog_count; i++) {
        AUTO_FREE char *url = url_of(&catalog[i], base, project_id);
        char service[33], endpoint[33];

        if (url == NULL)
            continue;
        stable_id("service", catalog[i].type, service);
        stable_id("endpoint", catalog[i].type, endpoint);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:[{s:s, s:s, s:s, s:s, s:s}]}",
                                              "type", catalog[i].type, "name", catalog[i].name,
                                              "id", service, "endpoints", "id", endpoint,
                                              "interface", "public", "region", iam_region(),
                                              "region_id", iam_region(), "url", url));
    }
    return list;
}

void
iam_show_catalog(ApiRequest *request)
{
    api_reply(request, 200,
              json_pack("{s:o, s:o}", "catalog",
                        iam_catalog(request, request->principal->project_id), "links",
                        iam_self_link(request, "/v3/auth/catalog")));
}

void
iam_list_services(ApiRequest *request)
{
    const char *type = api_query(request, "type", NULL);
    json_t *list = json_array();

    for (int i = 0; i < catalog_count; i++) {
        char id[33];

        if (type != NULL && strcmp(type, catalog[i].type) != 0)
            continue;
        stable_id("service", catalog[i].type, id);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:o}", "id", id, "type",
                                              catalog[i].type, "name", catalog[i].name,
                                              "description", "", "enabled", 1, "links",
                                              iam_self_link(request, "/v3/services/%s", id)));
    }
    iam_reply_list(request, "services", list);
}

void
iam_list_endpoints(ApiRequest *request)
{
    AUTO_FREE char *base = iam_base_url(request);
    const char *wanted = api_query(request, "service_id", NULL);
    const char *interface = api_query(request, "interface", "public");
    json_t *list = json_array();

    for (int i = 0; i < catalog_count && strcmp(interface, "public") == 0; i++) {
        AUTO_FREE char *url = url_of(&catalog[i], base, "$(tenant_id)s");
        char service[33], id[33];

        stable_id("service", catalog[i].type, service);
        stable_id("endpoint", catalog[i].type, id);
        if (wanted != NULL && strcmp(wanted, service) != 0)
            continue;
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:o}", "id", id,
                                              "service_id", service, "interface", "public",
                                              "region", iam_region(), "region_id", iam_region(),
                                              "url", url, "enabled", 1, "links",
                                              iam_self_link(request, "/v3/endpoints/%s", id)));
    }
    iam_reply_list(request, "endpoints", list);
}

static json_t *
region(const ApiRequest *request)
{
    return json_pack("{s:s, s:s, s:n, s:s, s:{s:s}, s:o}", "id", iam_region(), "description", "",
                     "parent_region_id", "type", "public", "locales", "en-us", iam_region(),
                     "links", iam_self_link(request, "/v3/regions/%s", iam_region()));
}

void
iam_list_regions(ApiRequest *request)
{
    iam_reply_list(request, "regions", json_pack("[o]", region(request)));
}

void
iam_show_region(ApiRequest *request)
{
    if (strcmp(api_path(request, "region_id"), iam_region()) != 0)
        api_fail(request, API_NO_SUCH_THING, "region", api_path(request, "region_id"));
    else
        api_reply(request, 200, json_pack("{s:o}", "region", region(request)));
}
