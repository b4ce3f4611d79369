/*
 * quota.c: what a project may have of each thing (quotas.def; a row of ecs_quota changes it).
 */
#include "ecs/handlers.h"
#include "ecs/server.h"

#include <string.h>

static const struct {
    const char *name;
    long long limit;
} quotas[] = {
#define ECS_QUOTA(id, name, limit) {name, limit},
#include "ecs/quotas.def"
#undef ECS_QUOTA
};

long long
ecs_quota_limit(StoreConn *store, const char *project, const char *name)
{
    AUTO_FREE char *own =
        store_value(store, "SELECT quota FROM ecs_quota WHERE project_id = $1 AND name = $2", "ss",
                    project, name);

    if (own)
        return strtoll(own, NULL, 10);
    for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++)
        if (strcmp(quotas[i].name, name) == 0)
            return quotas[i].limit;
    return 0;
}

bool
ecs_quota_row(ApiRequest *request, const char *name, long long used)
{
    if (used < ecs_quota_limit(request->store, api_project(request), name))
        return true;
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    api_fail(request, API_ECS_QUOTA, name);
    return false;
}

typedef struct Used {
    long long servers, vcpus, memory;
} Used;

static bool
read_used(StoreConn *store, const char *project, Used *used)
{
    AUTO_ROWS PGresult *rows = store_query(store,
                                           "SELECT flavor, count(*) AS n FROM ecs_server WHERE "
                                           "project_id = $1 GROUP BY flavor",
                                           "s", project);

    *used = (Used){0};
    for (int i = 0; rows && i < PQntuples(rows); i++) {
        const Flavor *flavor = flavor_find_server(row_text(rows, i, "flavor"));
        long long count = row_number(rows, i, "n");

        used->servers += count;
        used->vcpus += flavor ? count * flavor->vcpus : 0;
        used->memory += flavor ? count * flavor->memory_mb : 0;
    }
    return rows != NULL;
}

bool
ecs_quota_allows(ApiRequest *request, int servers, int vcpus, int memory_mb)
{
    StoreConn *store = request->store;
    const char *project = api_project(request);
    Used used;

    if (store_run(store, "SELECT pg_advisory_xact_lock(hashtextextended('ecs ' || $1, 0))", "s",
                  project) < 0 ||
        !read_used(store, project, &used)) {
        store_rollback(store);
        api_fail_store(request);
        return false;
    }
    const char *over = used.servers + servers > ecs_quota_limit(store, project, "instances")
                           ? "instances"
                       : used.vcpus + vcpus > ecs_quota_limit(store, project, "cores")    ? "cores"
                       : used.memory + memory_mb > ecs_quota_limit(store, project, "ram") ? "ram"
                                                                                          : NULL;
    if (!over)
        return true;
    store_rollback(store);
    api_fail(request, API_ECS_QUOTA, over);
    return false;
}

static json_t *
limits(ApiRequest *request)
{
    StoreConn *store = request->store;
    const char *project = api_project(request);
    Used used;

    read_used(store, project, &used);
    AUTO_FREE char *groups = store_value(
        store, "SELECT count(*) FROM ecs_server_group WHERE project_id = $1", "s", project);
    const struct {
        const char *name;
        long long number;
    } all[] = {{"maxTotalInstances", ecs_quota_limit(store, project, "instances")},
               {"maxTotalCores", ecs_quota_limit(store, project, "cores")},
               {"maxTotalRAMSize", ecs_quota_limit(store, project, "ram")},
               {"maxTotalKeypairs", ecs_quota_limit(store, project, "keypairs")},
               {"maxServerGroups", ecs_quota_limit(store, project, "server_groups")},
               {"maxServerGroupMembers", ecs_quota_limit(store, project, "server_group_members")},
               {"maxServerMeta", ecs_quota_limit(store, project, "metadata_items")},
               {"maxImageMeta", 128},
               {"maxPersonality", 5},
               {"maxPersonalitySize", 10240},
               {"maxSecurityGroups", 100},
               {"maxSecurityGroupRules", 5000},
               {"maxTotalFloatingIps", 10},
               {"totalInstancesUsed", used.servers},
               {"totalCoresUsed", used.vcpus},
               {"totalRAMUsed", used.memory},
               {"totalSecurityGroupsUsed", 0},
               {"totalFloatingIpsUsed", 0},
               {"totalServerGroupsUsed", groups ? strtoll(groups, NULL, 10) : 0}};
    json_t *absolute = json_object();
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        json_object_set_new(absolute, all[i].name, json_integer(all[i].number));
    return absolute;
}

void
ecs_show_limits(ApiRequest *request)
{
    api_reply(request, 200, json_pack("{s:o}", "absolute", limits(request)));
}

void
ecs_nova_limits(ApiRequest *request)
{
    api_reply(request, 200,
              json_pack("{s:{s:[], s:o}}", "limits", "rate", "absolute", limits(request)));
}
