/*
 * catalogue.c: the tables of what can be had, and the operations that show them; see catalogue.h.
 * All are answered from memory.
 */
#include "rds/catalogue.h"

#include "api/request.h"
#include "base/settings.h"
#include "rds/handlers.h"
#include "rds/instance.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const Flavor flavors[] = {
#define RDS_FLAVOR(code, vcpus, ram, connections, editions)                                        \
    {code, vcpus, ram, connections, editions},
#include "rds/flavors.def"
#undef RDS_FLAVOR
    {0}};

static const EngineVersion versions[] = {
#define RDS_VERSION(name, id, complete, edition) {name, id, complete, edition},
#include "rds/versions.def"
#undef RDS_VERSION
    {0}};

static const char *const collations[] = {
#define RDS_COLLATION(name) name,
#include "rds/collations.def"
#undef RDS_COLLATION
    NULL};

static const struct {
    const char *windows, *zone;
} zones[] = {
#define RDS_ZONE(windows, zone) {windows, zone},
#include "rds/zones.def"
#undef RDS_ZONE
    {NULL, NULL}};

static const char *const volume_types[] = {"CLOUDSSD", "ESSD", "ULTRAHIGH", NULL};

const Flavor *
flavor_find(const char *code)
{
    for (const Flavor *flavor = flavors; flavor->code; flavor++)
        if (strcmp(flavor->code, code) == 0)
            return flavor;
    return NULL;
}

const Flavor *
flavor_all(void)
{
    return flavors;
}

const EngineVersion *
engine_version_find(const char *name)
{
    for (const EngineVersion *version = versions; version->name; version++)
        if (strcmp(version->name, name) == 0)
            return version;
    return NULL;
}

const EngineVersion *
engine_version_all(void)
{
    return versions;
}

const char *
engine_version_names(void)
{
    static const char names[] =
#define RDS_VERSION(name, id, complete, edition) name ", "
#include "rds/versions.def"
#undef RDS_VERSION
        "with an underscore";

    return names;
}

bool
flavor_fits(const Flavor *flavor, const EngineVersion *version)
{
    return (flavor->editions & version->edition) != 0;
}

static bool
is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

bool
volume_type_known(const char *name)
{
    return is_one_of(name, volume_types);
}

bool
collation_known(const char *name)
{
    return is_one_of(name, collations);
}

const char *
time_zone_of(const char *name)
{
    for (int i = 0; zones[i].windows; i++)
        if (strcmp(zones[i].windows, name) == 0)
            return zones[i].zone;
    return NULL;
}

const char *
catalogue_zone(void)
{
    static _Thread_local char zone[80];

    snprintf(zone, sizeof(zone), "%sa", setting_text(SETTING_REGION));
    return zone;
}

/* ---- Operations ---- */

/* Whether the path's engine is ours; answers when it is not. */
static bool
check_engine(ApiRequest *request)
{
    const char *engine = api_path(request, "database_name");

    if (strcasecmp(engine, "SQLServer") == 0)
        return true;
    api_fail_as(request, 400, "DBS.280269",
                "The DB engine %s does not exist. This region has SQLServer.", engine);
    return false;
}

/* The version of the query; false after having answered that it does not exist. */
static bool
check_version(ApiRequest *request, const char *parameter, const EngineVersion **version)
{
    const char *name = api_query(request, parameter, "");

    *version = *name ? engine_version_find(name) : NULL;
    if (!*name || *version)
        return true;
    api_fail_as(request, 400, "DBS.280269", "The DB engine version %s does not exist (%s: %s).",
                name, parameter, engine_version_names());
    return false;
}

static json_t *
zone_status(void)
{
    return json_pack("{s:s}", catalogue_zone(), "normal");
}

void
list_datastores(ApiRequest *request)
{
    json_t *list = json_array();

    if (!check_engine(request)) {
        json_decref(list);
        return;
    }
    for (const EngineVersion *version = versions; version->name; version++)
        json_array_append_new(list,
                              json_pack("{s:s, s:s}", "id", version->id, "name", version->name));
    api_reply(request, 200, json_pack("{s:o}", "dataStores", list));
}

void
list_small_versions(ApiRequest *request)
{
    const EngineVersion *only = NULL;
    json_t *list;
    long offset, limit;

    if (!check_engine(request) || !check_version(request, "version", &only) ||
        !api_paging(request, &offset, &limit))
        return;
    list = json_array();
    int count = 0;
    for (const EngineVersion *version = versions; version->name; version++) {
        if (only && version != only)
            continue;
        if (count >= offset && count < offset + limit)
            json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "id", version->id, "name",
                                                  version->complete, "favored", 1));
        count++;
    }
    api_reply(request, 200, json_pack("{s:o, s:i}", "data_stores", list, "count", count));
}

/* The versions that the flavor may be had with. */
static json_t *
versions_of(const Flavor *flavor)
{
    json_t *list = json_array();

    for (const EngineVersion *version = versions; version->name; version++)
        if (flavor_fits(flavor, version))
            json_array_append_new(list, json_string(version->name));
    return list;
}

static json_t *
show_flavor(const Flavor *flavor)
{
    char vcpus[16];

    snprintf(vcpus, sizeof(vcpus), "%d", flavor->vcpus);
    return json_pack("{s:s, s:s, s:i, s:s, s:s, s:o, s:{s:s}, s:o, s:s}", "id", flavor->code,
                     "vcpus", vcpus, "ram", flavor->ram_gb, "spec_code", flavor->code,
                     "instance_mode", "single", "az_status", zone_status(), "az_desc",
                     catalogue_zone(), catalogue_zone(), "version_name", versions_of(flavor),
                     "group_type", "normal2");
}

void
list_flavors(ApiRequest *request)
{
    const EngineVersion *version = NULL;
    const char *code = api_query(request, "spec_code", "");

    if (!check_engine(request) || !check_version(request, "version_name", &version))
        return;
    json_t *list = json_array();
    for (const Flavor *flavor = flavors; flavor->code; flavor++)
        if ((!version || flavor_fits(flavor, version)) && strstr(flavor->code, code) &&
            strcasecmp(api_query(request, "is_serverless", "false"), "true") != 0)
            json_array_append_new(list, show_flavor(flavor));
    api_reply(request, 200, json_pack("{s:o}", "flavors", list));
}

void
list_storage_types(ApiRequest *request)
{
    const EngineVersion *version = NULL;
    json_t *list;

    if (!check_engine(request) || !check_version(request, "version_name", &version))
        return;
    list = json_array();
    for (const char *const *type = volume_types; *type; type++)
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:[s]}", "name", *type, "az_status",
                                        zone_status(), "support_compute_group_type", "normal2"));
    api_reply(request, 200, json_pack("{s:o, s:[]}", "storage_type", list, "dsspool_info"));
}

void
list_collations(ApiRequest *request)
{
    json_t *list = json_array();

    for (const char *const *name = collations; *name; name++)
        json_array_append_new(list, json_string(*name));
    api_reply(request, 200, json_pack("{s:o}", "charSets", list));
}

/* Flavors of the instance's edition, other than its own. */
void
list_engine_flavors(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    long offset, limit;
    int count = 0;

    if (!instance || !api_paging(request, &offset, &limit))
        return;
    const EngineVersion *version = engine_version_find(instance->engine_version);
    json_t *list = json_array();
    for (const Flavor *flavor = flavors; version && flavor->code; flavor++) {
        char vcpus[16], ram[16], connections[16];
        if (!flavor_fits(flavor, version) ||
            !strstr(flavor->code, api_query(request, "spec_code_like", "")))
            continue;
        if (count++ < offset || count > offset + limit)
            continue;
        snprintf(vcpus, sizeof(vcpus), "%d", flavor->vcpus);
        snprintf(ram, sizeof(ram), "%d", flavor->ram_gb);
        snprintf(connections, sizeof(connections), "%d", flavor->max_connections);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:s, s:o, s:s, s:s, s:s, s:s}",
                                              "vcpus", vcpus, "ram", ram, "spec_code", flavor->code,
                                              "is_ipv6_supported", 0, "type_code", "rds.mssql.spec",
                                              "az_status", zone_status(), "group_type", "normal2",
                                              "max_connection", connections, "min_volume_size",
                                              "40", "max_volume_size", "4000"));
    }
    api_reply(request, 200,
              json_pack("{s:o, s:i}", "optional_flavors", list, "total_count", count));
}

void
list_flavors_resize(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (!instance)
        return;
    const EngineVersion *version = engine_version_find(instance->engine_version);
    json_t *list = json_array();
    for (const Flavor *flavor = flavors; version && flavor->code; flavor++) {
        char vcpus[16], ram[16];
        if (!flavor_fits(flavor, version) || strcmp(flavor->code, instance->flavor) == 0)
            continue;
        snprintf(vcpus, sizeof(vcpus), "%d", flavor->vcpus);
        snprintf(ram, sizeof(ram), "%d", flavor->ram_gb);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", flavor->code,
                                              "code", flavor->code, "vcpus", vcpus, "ram", ram,
                                              "az_status", zone_status()));
    }
    api_reply(request, 200,
              json_pack("{s:[{s:s, s:o}]}", "flavor_groups", "group_type", "normal2",
                        "compute_flavors", list));
}

/* ---- Versions of the API ---- */

static json_t *
api_version(const char *id)
{
    AUTO_FREE char *link = str_format("%s/rds/%s", settings_endpoint(), id);

    return json_pack("{s:s, s:[{s:s, s:s}], s:s, s:s}", "id", id, "links", "href", link, "rel",
                     "self", "status", strcmp(id, "v3") == 0 ? "CURRENT" : "SUPPORTED", "updated",
                     "2026-11-01T00:00:00Z");
}

void
list_api_versions(ApiRequest *request)
{
    api_reply(request, 200,
              json_pack("{s:[o,o]}", "versions", api_version("v3"), api_version("v3.1")));
}

void
show_api_version(ApiRequest *request)
{
    const char *id = api_path(request, "version");

    if (strcmp(id, "v3") != 0 && strcmp(id, "v3.1") != 0)
        api_fail(request, API_NO_SUCH_API);
    else
        api_reply(request, 200,
                  json_pack("{s:o, s:o}", "version", api_version(id), "versions", api_version(id)));
}
