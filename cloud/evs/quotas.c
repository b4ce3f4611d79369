/*
 * quotas.c: what a project may have of volumes (quotas.def; a row of disk_quota changes it).
 */
#include "base/memory.h"
#include "evs/rows.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *type;
    int limit;
    const char *count;
} quotas[] = {
#define EVS_QUOTA(type, limit, count) {type, limit, count},
#include "evs/quotas.def"
#undef EVS_QUOTA
};
#define QUOTA_COUNT (sizeof(quotas) / sizeof(quotas[0]))

static bool
read_quota(
    StoreConn *store, size_t which, const char *project_id, long long *limit, long long *used)
{
    AUTO_FREE char *sql = str_format(
        "SELECT %s AS used, (SELECT quota FROM disk_quota WHERE project_id = $1 AND type = $2) AS "
        "own",
        quotas[which].count);
    AUTO_ROWS PGresult *rows = store_query(store, sql, "ss", project_id, quotas[which].type);

    if (!rows)
        return false;
    *used = row_number(rows, 0, "used");
    *limit = row_is_null(rows, 0, "own") ? quotas[which].limit : row_number(rows, 0, "own");
    return true;
}

int
evs_quota_allows(
    StoreConn *store, const char *project_id, const char *type, long long more, char **problem)
{
    for (size_t i = 0; i < QUOTA_COUNT; i++) {
        long long limit, used;

        if (strcmp(quotas[i].type, type) != 0)
            continue;
        if (!read_quota(store, i, project_id, &limit, &used))
            return -EIO;
        if (used + more <= limit)
            return 0;
        if (problem) {
            free(*problem);
            *problem = str_format("The quota of %s is used up: %lld of %lld, %lld more were asked "
                                  "for.",
                                  type, used, limit, more);
        }
        return -EDQUOT;
    }
    return -EINVAL;
}

json_t *
evs_quotas(StoreConn *store, const char *project_id)
{
    json_t *all = json_object();

    for (size_t i = 0; i < QUOTA_COUNT; i++) {
        long long limit, used;

        if (!read_quota(store, i, project_id, &limit, &used)) {
            json_decref(all);
            return NULL;
        }
        json_object_set_new(all, quotas[i].type,
                            json_pack("{s:I, s:I, s:i}", "limit", (json_int_t) limit, "in_use",
                                      (json_int_t) used, "reserved", 0));
    }
    return all;
}
