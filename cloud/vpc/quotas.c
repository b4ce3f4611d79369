/*
 * quotas.c: what a project may have of each thing (quotas.def; a row of vpc_quota changes it).
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/handlers.h"

#include <string.h>

static const struct {
    const char *type;
    int limit;
    const char *count;
} quotas[] = {
#define VPC_QUOTA(type, limit, count) {type, limit, count},
#include "vpc/quotas.def"
#undef VPC_QUOTA
};
#define QUOTA_COUNT (sizeof(quotas) / sizeof(quotas[0]))

bool
vpc_quota_of(
    StoreConn *store, const char *project_id, const char *type, int *limit, long long *used)
{
    for (size_t i = 0; i < QUOTA_COUNT; i++) {
        if (strcmp(quotas[i].type, type) != 0)
            continue;
        AUTO_FREE char *sql = str_format(
            "SELECT (SELECT count(*) FROM %s) AS used, (SELECT quota FROM vpc_quota WHERE "
            "project_id = $1 AND type = $2) AS own",
            quotas[i].count);
        AUTO_ROWS PGresult *rows = store_query(store, sql, "ss", project_id, type);
        if (!rows)
            return false;
        *used = row_number(rows, 0, "used");
        *limit = row_is_null(rows, 0, "own") ? quotas[i].limit : (int) row_number(rows, 0, "own");
        return true;
    }
    return false;
}

static ApiError
error_of(const char *type)
{
    if (strcmp(type, "subnet") == 0)
        return API_VPC_SUBNET_QUOTA;
    if (strcmp(type, "publicIp") == 0)
        return API_VPC_EIP_QUOTA;
    return strncmp(type, "securityGroup", 13) == 0 ? API_VPC_GROUP_QUOTA : API_VPC_QUOTA;
}

bool
vpc_quota_allows(ApiRequest *request, const char *type)
{
    const char *project = vpc_project(request);
    long long used;
    int limit;

    if (store_run(request->store, "SELECT pg_advisory_xact_lock(hashtextextended('vpc ' || $1, 0))",
                  "s", project) < 0 ||
        !vpc_quota_of(request->store, project, type, &limit, &used)) {
        api_fail_store(request);
        return false;
    }
    if (used < limit)
        return true;
    api_fail(request, error_of(type), type);
    return false;
}

void
vpc_show_quota(ApiRequest *request)
{
    const char *wanted = api_query(request, "type", NULL);
    json_t *resources = json_array();

    for (size_t i = 0; i < QUOTA_COUNT; i++) {
        long long used;
        int limit;

        if (wanted && strcmp(wanted, quotas[i].type) != 0)
            continue;
        if (!vpc_quota_of(request->store, vpc_project(request), quotas[i].type, &limit, &used)) {
            json_decref(resources);
            api_fail_store(request);
            return;
        }
        json_array_append_new(resources,
                              json_pack("{s:s, s:I, s:i, s:i}", "type", quotas[i].type, "used",
                                        (json_int_t) used, "quota", limit, "min", 0));
    }
    api_reply(request, 200, json_pack("{s:{s:o}}", "quotas", "resources", resources));
}
