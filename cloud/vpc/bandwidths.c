/*
 * bandwidths.c: bandwidths of EIPs: one of its own (PER), made and gone with its EIP, or a shared
 * one (WHOLE), to which EIPs are added.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"

#include <string.h>

#define BANDWIDTH_WHERE                                                                            \
    "b.project_id = $1" FILTER("id", "b.id") FILTER("name", "b.name")                              \
        FILTER("share_type", "b.share_type")                                                       \
            FILTER("enterprise_project_id", "b.enterprise_project_id")

static const VpcList list = {"bandwidths", BANDWIDTH_V1, "vpc_bandwidth b", BANDWIDTH_WHERE,
                             "b.id"};
static const VpcList one = {"bandwidth", BANDWIDTH_V1, "vpc_bandwidth b", BANDWIDTH_WHERE, "b.id"};

void
vpc_list_bandwidths(ApiRequest *request)
{
    vpc_list(request, &list, false);
}

void
vpc_show_bandwidth(ApiRequest *request)
{
    vpc_show(request, &one, api_path(request, "bandwidth_id"), "bandwidth", 200, false);
}

/* Hosts of the EIPs of a bandwidth must learn its size. */
static bool
mark_users(StoreConn *store, const char *id)
{
    return store_run(store,
                     "UPDATE vpc_vpc v SET dirty = true FROM vpc_eip e JOIN vpc_port p ON p.id = "
                     "e.port_id JOIN vpc_subnet s ON s.id = p.subnet_id WHERE e.bandwidth_id = $1 "
                     "AND p.plugged AND v.id = s.vpc_id",
                     "s", id) >= 0;
}

static json_t *
update(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "bandwidth");
    const char *id = api_path(request, "bandwidth_id"), *name = json_text(body, "name", NULL);
    long long size = json_number(body, "size", 0);

    if (!vpc_name_is_sound(request, name, 64, false))
        return NULL;
    if (json_object_get(body, "size") && (size < 1 || size > 2000)) {
        api_fail(request, API_VPC_BANDWIDTH_PARAMETER, "size: 1 to 2000 Mbit/s is wanted.");
        return NULL;
    }
    if (store_run(request->store,
                  "UPDATE vpc_bandwidth SET name = coalesce($3, name), megabits = "
                  "coalesce(nullif($4::int, 0), megabits), updated = now() WHERE project_id = $1 "
                  "AND id = $2",
                  "sssi", vpc_project(request), id, name, (int) size) < 0 ||
        !mark_users(request->store, id))
        return vpc_store_failed(request);
    return vpc_one(request, &one, id, "bandwidth");
}

void
vpc_update_bandwidth(ApiRequest *request)
{
    vpc_change(request, 200, update);
}

static json_t *
create(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "bandwidth");
    const char *name = json_text(body, "name", "");
    long long size = json_number(body, "size", 0);

    if (!vpc_name_is_sound(request, name, 64, false))
        return NULL;
    if (size < 5 || size > 2000) {
        api_fail(request, API_VPC_BANDWIDTH_PARAMETER, "size: 5 to 2000 Mbit/s is wanted.");
        return NULL;
    }
    if (!vpc_quota_allows(request, "shareBandwidth"))
        return NULL;
    AUTO_FREE char *id = store_value(
        request->store,
        "INSERT INTO vpc_bandwidth (project_id, name, megabits, share_type, enterprise_project_id) "
        "VALUES ($1, $2, $3, 'WHOLE', $4) RETURNING id",
        "ssis", vpc_project(request), name, (int) size,
        json_text(body, "enterprise_project_id", "0"));
    return id ? vpc_one(request, &one, id, "bandwidth") : vpc_store_failed(request);
}

void
vpc_create_bandwidth(ApiRequest *request)
{
    vpc_change(request, 200, create);
}

static json_t *
remove_bandwidth(ApiRequest *request)
{
    const char *id = api_path(request, "bandwidth_id");
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT EXISTS (SELECT FROM vpc_eip WHERE bandwidth_id = b.id) AS used FROM "
                    "vpc_bandwidth b WHERE project_id = $1 AND id = $2 FOR UPDATE",
                    "ss", vpc_project(request), id);

    if (!rows)
        return vpc_store_failed(request);
    if (PQntuples(rows) == 0)
        api_fail(request, API_VPC_NO_BANDWIDTH, id);
    else if (row_flag(rows, 0, "used"))
        api_fail(request, API_VPC_BANDWIDTH_IN_USE);
    else if (store_run(request->store, "DELETE FROM vpc_bandwidth WHERE id = $1", "s", id) < 0)
        api_fail_store(request);
    else
        return json_null();
    return NULL;
}

void
vpc_delete_bandwidth(ApiRequest *request)
{
    vpc_change(request, 204, remove_bandwidth);
}
