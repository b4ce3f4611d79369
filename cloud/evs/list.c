/*
 * list.c: volumes and snapshots in lists and alone; types, zones, quotas.
 */
#include "base/memory.h"
#include "base/settings.h"
#include "evs/forms.h"
#include "evs/handlers.h"
#include "evs/rows.h"

#include <string.h>

#define PAGE 1000

/* A filter on $2, the query as an object: absent, or the column's text. */
#define FILTER(name, column)                                                                       \
    " AND ($2::jsonb->>'" name "' IS NULL OR $2::jsonb->>'" name "' = (" column ")::text)"

typedef struct EvsList {
    const char *key, *form, *from, *where, *prefix;
} EvsList;

static const char *
order_of(const ApiRequest *request, const EvsList *list, const char **direction)
{
    static const struct {
        const char *key, *column;
    } orders[] = {{"created_at", "created"}, {"updated_at", "updated"},
                  {"name", "name"},          {"id", "id"},
                  {"status", "status"},      {"size", "size_gb"}};
    const char *key = api_query(request, "sort_key", "created_at");
    const char *sort = api_query(request, "sort", NULL); /* "name:asc" */

    *direction = strcmp(api_query(request, "sort_dir", "desc"), "asc") == 0 ? "ASC" : "DESC";
    if (sort) {
        key = sort;
        *direction = strstr(sort, ":asc") ? "ASC" : "DESC";
    }
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (strncmp(orders[i].key, key, strlen(orders[i].key)) == 0)
            return orders[i].column;
    return "created";
}

static bool
paging(ApiRequest *request, long long *limit, long long *offset)
{
    *limit = api_query_number(request, "limit", PAGE);
    *offset = api_query_number(request, "offset", 0);
    if (*limit >= 0 && *limit <= PAGE && *offset >= 0)
        return true;
    evs_bad(request, "EVS.1035", "limit is between 0 and %d, offset not below 0.", PAGE);
    return false;
}

static void
answer_list(ApiRequest *request, const EvsList *list)
{
    long long limit, offset;
    const char *direction, *column = order_of(request, list, &direction);

    if (!paging(request, &limit, &offset))
        return;
    AUTO_FREE char *sql = str_format(
        "SELECT %s AS form, count(*) OVER () AS total FROM %s WHERE %s AND ($3::text IS NULL OR "
        "(%s.%s, %s.id) %s (SELECT m.%s, m.id FROM %s WHERE m.id = $3)) ORDER BY %s.%s %s, %s.id "
        "%s "
        "LIMIT $4 OFFSET $5",
        list->form, list->from, list->where, list->prefix, column, list->prefix,
        *direction == 'A' ? ">" : "<", column,
        *list->prefix == 'v' ? "evs_volume m" : "evs_snapshot m", list->prefix, column, direction,
        list->prefix, direction);
    AUTO_ROWS PGresult *rows =
        store_query(request->store, sql, "sjsll", evs_project(request), request->query,
                    api_query(request, "marker", NULL), limit, offset);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *array = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(array, json_loads(row_text(rows, i, "form"), 0, NULL));
    json_t *body = json_pack("{s:o}", list->key, array);
    if (!evs_is_cinder(request))
        json_object_set_new(body, "count",
                            json_integer(PQntuples(rows) ? row_number(rows, 0, "total") : 0));
    api_reply(request, 200, body);
}

#define VOLUME_WHERE                                                                               \
    "v.project_id = $1" FILTER("name", "v.name") FILTER("status", "v.status") FILTER("id", "v.id") \
        FILTER("server_id", "v.server_id") FILTER("availability_zone", "v.zone")                   \
            FILTER("volume_type_id", "v.type") FILTER("bootable", "v.bootable")                    \
                FILTER("multiattach", "false")                                                     \
                    FILTER("snapshot_id",                                                          \
                           "v.snapshot_id") " AND ($2::jsonb->>'ids' IS NULL OR v.id = ANY "       \
                                            "(regexp_split_to_array(translate($2::jsonb->>"        \
                                            "'ids', '[]'' ', ''), ','))) AND "                     \
                                            "($2::jsonb->>'enterprise_project_id' IS NULL OR "     \
                                            "$2::jsonb->>'enterprise_project_id' IN "              \
                                            "('all_granted_eps', v.enterprise_project_id)) AND "   \
                                            "($2::jsonb->>'service_type' IS NULL OR "              \
                                            "$2::jsonb->>'service_type' = 'EVS') AND "             \
                                            "($2::jsonb->>'dedicated_storage_id' IS NULL)"

void
evs_list_volumes(ApiRequest *request)
{
    static const EvsList list = {"volumes", EVS_VOLUME, "evs_volume v", VOLUME_WHERE, "v"};

    answer_list(request, &list);
}

void
cinder_list_volumes(ApiRequest *request)
{
    evs_list_volumes(request);
}

void
cinder_list_volumes_short(ApiRequest *request)
{
    static const EvsList list = {"volumes", EVS_VOLUME_SHORT, "evs_volume v", VOLUME_WHERE, "v"};

    answer_list(request, &list);
}

void
evs_show_volume(ApiRequest *request)
{
    evs_reply_volume(request, 200, api_path(request, "volume_id"));
}

void
evs_list_snapshots(ApiRequest *request)
{
    static const EvsList list = {"snapshots", EVS_SNAPSHOT, "evs_snapshot s",
                                 "s.project_id = $1" FILTER("name", "s.name")
                                     FILTER("status", "s.status") FILTER("id", "s.id")
                                         FILTER("volume_id", "s.volume_id"),
                                 "s"};

    answer_list(request, &list);
}

void
cinder_list_snapshots(ApiRequest *request)
{
    evs_list_snapshots(request);
}

void
evs_show_snapshot(ApiRequest *request)
{
    evs_reply_snapshot(request, 200, api_path(request, "snapshot_id"));
}

/* ---- What there is to choose from ---- */

static const struct {
    const char *name, *description;
} types[] = {
#define EVS_TYPE(name, description) {name, description},
#include "evs/types.def"
#undef EVS_TYPE
};

static json_t *
type_form(size_t which)
{
    AUTO_FREE char *zone = str_format("%sa", setting_text(SETTING_REGION));

    return json_pack("{s:s, s:s, s:s, s:b, s:n, s:{s:s, s:s, s:s}}", "id", types[which].name,
                     "name", types[which].name, "description", types[which].description,
                     "is_public", 1, "qos_specs_id", "extra_specs", "volume_backend_name",
                     types[which].name, "availability-zone", zone, "RESKEY:availability_zones",
                     zone);
}

void
evs_list_types(ApiRequest *request)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        json_array_append_new(list, type_form(i));
    api_reply(request, 200, json_pack("{s:o}", "volume_types", list));
}

void
cinder_show_type(ApiRequest *request)
{
    const char *id = api_path(request, "type_id");

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].name, id) == 0 || (i == 0 && strcmp(id, "default") == 0)) {
            api_reply(request, 200, json_pack("{s:o}", "volume_type", type_form(i)));
            return;
        }
    api_fail_as(request, 404, "EVS.5404", "Volume type %s could not be found.", id);
}

void
evs_list_zones(ApiRequest *request)
{
    AUTO_FREE char *zone = str_format("%sa", setting_text(SETTING_REGION));

    api_reply(request, 200,
              json_pack("{s:[{s:s, s:{s:b}}]}", "availabilityZoneInfo", "zoneName", zone,
                        "zoneState", "available", 1));
}

void
evs_list_quotas(ApiRequest *request)
{
    const char *target = api_path(request, "target_project_id");
    bool usage = strcasecmp(api_query(request, "usage", "false"), "true") == 0;

    if (strcmp(target, evs_project(request)) != 0 && strcmp(target, "defaults") != 0) {
        api_fail(request, API_FORBIDDEN, "evs:quotas:get");
        return;
    }
    json_t *quotas = evs_quotas(request->store, evs_project(request)), *value;
    const char *key;
    void *next;
    if (!quotas) {
        api_fail_store(request);
        return;
    }
    if (!usage)
        json_object_foreach_safe(quotas, next, key, value)
            json_object_set(quotas, key, json_object_get(value, "limit"));
    json_put_text(quotas, "id", target);
    api_reply(request, 200, json_pack("{s:o}", "quota_set", quotas));
}

void
cinder_show_limits(ApiRequest *request)
{
    AUTO_JSON json_t *quotas = evs_quotas(request->store, evs_project(request));

    if (!quotas) {
        api_fail_store(request);
        return;
    }
    const json_t *volumes = json_object_get(quotas, "volumes"),
                 *gigabytes = json_object_get(quotas, "gigabytes"),
                 *snapshots = json_object_get(quotas, "snapshots");
    api_reply(request, 200,
              json_pack("{s:{s:[], s:{s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i, s:i}}}",
                        "limits", "rate", "absolute", "maxTotalVolumes",
                        (json_int_t) json_number(volumes, "limit", 0), "totalVolumesUsed",
                        (json_int_t) json_number(volumes, "in_use", 0), "maxTotalVolumeGigabytes",
                        (json_int_t) json_number(gigabytes, "limit", 0), "totalGigabytesUsed",
                        (json_int_t) json_number(gigabytes, "in_use", 0), "maxTotalSnapshots",
                        (json_int_t) json_number(snapshots, "limit", 0), "totalSnapshotsUsed",
                        (json_int_t) json_number(snapshots, "in_use", 0), "maxTotalBackups", 0,
                        "totalBackupsUsed", 0, "maxTotalBackupGigabytes", 0,
                        "totalBackupGigabytesUsed", 0));
}
