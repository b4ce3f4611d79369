/*
 * quota.c: limits of a project, asked where something grows; see quota.h.
 */
#include "rds/quota.h"

#include "rds/catalogue.h"
#include "rds/handlers.h"

#include <string.h>

typedef struct Quota {
    long long instances, vcpus, volume;
} Quota;

static bool
read_limits(StoreConn *store, const char *project, Quota *limits)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT quota_instances, quota_vcpus, quota_volume_gb FROM rds_project WHERE "
                    "project_id = $1",
                    "s", project);

    if (!rows)
        return false;
    *limits = (Quota){200, 1000, 200000};
    if (PQntuples(rows) > 0)
        *limits =
            (Quota){row_number(rows, 0, "quota_instances"), row_number(rows, 0, "quota_vcpus"),
                    row_number(rows, 0, "quota_volume_gb")};
    return true;
}

static bool
read_used(StoreConn *store, const char *project, Quota *used)
{
    AUTO_ROWS PGresult *rows =
        store_query(store,
                    "SELECT flavor, count(*) AS n, sum(volume_gb) AS gb FROM rds_instance WHERE "
                    "project_id = $1 AND deleted_at IS NULL AND status <> 'CREATE FAIL' GROUP BY "
                    "flavor",
                    "s", project);

    if (!rows)
        return false;
    *used = (Quota){0};
    for (int i = 0; i < PQntuples(rows); i++) {
        const Flavor *flavor = flavor_find(row_text(rows, i, "flavor"));
        used->instances += row_number(rows, i, "n");
        used->volume += row_number(rows, i, "gb");
        used->vcpus += flavor ? flavor->vcpus * row_number(rows, i, "n") : 0;
    }
    return true;
}

bool
quota_allows(ApiRequest *request, int instances, int vcpus, int volume_gb)
{
    StoreConn *store = request->store;
    const char *project = api_project(request);
    Quota limits, used;

    /* Two requests of a project must not both find the last place free. */
    if (store_run(store, "SELECT pg_advisory_xact_lock(hashtextextended($1, 7202))", "s", project) <
            0 ||
        !read_limits(store, project, &limits) || !read_used(store, project, &used)) {
        api_fail_store(request);
        store_rollback(store);
        return false;
    }
    const char *over = instances && used.instances + instances > limits.instances ? "instances"
                       : vcpus > 0 && used.vcpus + vcpus > limits.vcpus           ? "vCPUs"
                       : volume_gb > 0 && used.volume + volume_gb > limits.volume ? "storage"
                                                                                  : NULL;
    if (!over)
        return true;
    store_rollback(store);
    api_fail(request, API_QUOTA, over);
    return false;
}

void
show_quotas(ApiRequest *request)
{
    Quota limits, used;

    if (!read_limits(request->store, api_project(request), &limits) ||
        !read_used(request->store, api_project(request), &used)) {
        api_fail_store(request);
        return;
    }
    api_reply(request, 200,
              json_pack("{s:{s:[{s:s, s:I, s:I}, {s:s, s:I, s:I}, {s:s, s:I, s:I}]}}", "quotas",
                        "resources", "type", "instance", "quota", (json_int_t) limits.instances,
                        "used", (json_int_t) used.instances, "type", "vcpus", "quota",
                        (json_int_t) limits.vcpus, "used", (json_int_t) used.vcpus, "type",
                        "volume", "quota", (json_int_t) limits.volume, "used",
                        (json_int_t) used.volume));
}

void
update_quotas(ApiRequest *request)
{
    const json_t *list = json_object_get(json_object_get(request->json, "quotas"), "resources");
    Quota limits;
    size_t index;
    json_t *one;

    if (!read_limits(request->store, api_project(request), &limits)) {
        api_fail_store(request);
        return;
    }
    json_array_foreach(list, index, one)
    {
        const char *type = json_text(one, "type", "");
        long long *limit = strcmp(type, "instance") == 0 ? &limits.instances
                           : strcmp(type, "vcpus") == 0  ? &limits.vcpus
                                                         : &limits.volume;
        *limit = json_number(one, "quota", 0);
    }
    if (store_run(request->store,
                  "INSERT INTO rds_project (project_id, quota_instances, quota_vcpus, "
                  "quota_volume_gb) VALUES ($1, $2, $3, $4) ON CONFLICT (project_id) DO UPDATE SET "
                  "quota_instances = $2, quota_vcpus = $3, quota_volume_gb = $4",
                  "slll", api_project(request), limits.instances, limits.vcpus, limits.volume) < 0)
        api_fail_store(request);
    else
        show_quotas(request);
}
