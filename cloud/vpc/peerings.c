/*
 * peerings.c: connections between two vpcs (v2.0). Within one project they are active at once; with
 * another's project only when that has accepted. Either side may end one.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"

#include <string.h>

#define PEERING_WHERE                                                                              \
    "$1 IN (x.project_id, x.peer_project_id)" FILTER("id", "x.id") FILTER("name", "x.name")        \
        FILTER("status", "x.status") " AND ($2::jsonb->>'vpc_id' IS NULL OR $2::jsonb->>'vpc_id' " \
                                     "IN (x.vpc_id, x.peer_vpc_id)) AND "                          \
                                     "($2::jsonb->>'tenant_id' IS NULL OR "                        \
                                     "$2::jsonb->>'tenant_id' IN (x.project_id, "                  \
                                     "x.peer_project_id))"

static const VpcList list = {"peerings", PEERING_V2, "vpc_peering x", PEERING_WHERE, "x.id"};
static const VpcList one = {"peering", PEERING_V2, "vpc_peering x", PEERING_WHERE, "x.id"};

void
vpc_list_peerings(ApiRequest *request)
{
    vpc_list(request, &list, false);
}

void
vpc_show_peering(ApiRequest *request)
{
    vpc_show(request, &one, api_path(request, "peering_id"), "peering", 200, false);
}

static json_t *
create(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "peering");
    const json_t *from = json_object_get(body, "request_vpc_info");
    const json_t *to = json_object_get(body, "accept_vpc_info");
    const char *project = vpc_project(request), *name = json_text(body, "name", "");
    const char *from_vpc = json_text(from, "vpc_id", ""), *to_vpc = json_text(to, "vpc_id", "");
    const char *peer = json_text(to, "tenant_id", project);

    if (!vpc_name_is_sound(request, name, 64, false) ||
        !vpc_description_is_sound(request, json_text(body, "description", "")))
        return NULL;
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT a.cidr && b.cidr AS overlap FROM vpc_vpc a, vpc_vpc b WHERE a.id = $2 "
                    "AND a.project_id = $1 AND b.id = $4 AND b.project_id = $3 AND a.id <> b.id "
                    "FOR KEY SHARE",
                    "ssss", project, from_vpc, peer, to_vpc);
    if (!rows)
        return vpc_store_failed(request);
    /* That a vpc of another project is there is not said: the id must fit the project. */
    if (PQntuples(rows) == 0) {
        api_fail(request, API_VPC_NONE, "of request_vpc_info or accept_vpc_info", "vpc");
        return NULL;
    }
    if (row_flag(rows, 0, "overlap")) {
        api_fail(request, API_VPC_PEERING_PARAMETER, "The ranges of the VPCs overlap.");
        return NULL;
    }
    if (!vpc_quota_allows(request, "vpcPeer"))
        return NULL;
    AUTO_FREE char *id = store_value(
        request->store,
        "INSERT INTO vpc_peering (name, description, status, project_id, vpc_id, peer_project_id, "
        "peer_vpc_id) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
        "sssssss", name, json_text(body, "description", ""),
        strcmp(peer, project) == 0 ? "ACTIVE" : "PENDING_ACCEPTANCE", project, from_vpc, peer,
        to_vpc);
    if (!id && store_failed(request->store))
        return vpc_store_failed(request);
    if (!id)
        api_fail(request, API_VPC_PEERING_STATE, "The VPCs have a peering connection already.");
    return id ? vpc_one(request, &one, id, "peering") : NULL;
}

void
vpc_create_peering(ApiRequest *request)
{
    vpc_change(request, 201, create);
}

static json_t *
update(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "peering");
    const char *id = api_path(request, "peering_id"), *name = json_text(body, "name", NULL);
    const char *description = json_text(body, "description", NULL);

    if (!vpc_name_is_sound(request, name, 64, false) ||
        !vpc_description_is_sound(request, description))
        return NULL;
    if (store_run(request->store,
                  "UPDATE vpc_peering SET name = coalesce($3, name), description = coalesce($4, "
                  "description), updated = now() WHERE $1 IN (project_id, peer_project_id) AND id "
                  "= $2",
                  "ssss", vpc_project(request), id, name, description) < 0)
        return vpc_store_failed(request);
    return vpc_one(request, &one, id, "peering");
}

void
vpc_update_peering(ApiRequest *request)
{
    vpc_change(request, 200, update);
}

/* Only the asked project decides, and once. */
static json_t *
decide(ApiRequest *request, const char *status)
{
    const char *id = api_path(request, "peering_id");
    long rows = store_run(request->store,
                          "UPDATE vpc_peering SET status = $3, updated = now() WHERE "
                          "peer_project_id = $1 AND id = $2 AND status = 'PENDING_ACCEPTANCE'",
                          "sss", vpc_project(request), id, status);

    if (rows < 0)
        return vpc_store_failed(request);
    json_t *body = vpc_one(request, &one, id, "peering");
    if (!body || rows > 0) {
        /* The bare object, as the service gives it. */
        json_t *peering = body ? json_incref(json_object_get(body, "peering")) : NULL;
        json_decref(body);
        return peering;
    }
    json_decref(body);
    api_fail(request, API_VPC_PEERING_STATE,
             "The peering connection does not wait for this project's decision.");
    return NULL;
}

static json_t *
accept_peering(ApiRequest *request)
{
    return decide(request, "ACTIVE");
}

static json_t *
reject_peering(ApiRequest *request)
{
    return decide(request, "REJECTED");
}

void
vpc_accept_peering(ApiRequest *request)
{
    vpc_change(request, 200, accept_peering);
}

void
vpc_reject_peering(ApiRequest *request)
{
    vpc_change(request, 200, reject_peering);
}

static json_t *
remove_peering(ApiRequest *request)
{
    const char *id = api_path(request, "peering_id");
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "DELETE FROM vpc_peering WHERE $1 IN (project_id, peer_project_id) AND id = $2 RETURNING "
        "vpc_id, peer_vpc_id",
        "ss", vpc_project(request), id);

    if (!rows)
        return vpc_store_failed(request);
    if (PQntuples(rows) == 0) {
        api_fail(request, API_VPC_NO_PEERING, id);
        return NULL;
    }
    if (store_run(request->store, "DELETE FROM vpc_route WHERE nexthop = $1", "s", id) < 0 ||
        store_run(request->store, "UPDATE vpc_vpc SET dirty = true WHERE id IN ($1, $2)", "ss",
                  row_text(rows, 0, "vpc_id"), row_text(rows, 0, "peer_vpc_id")) < 0)
        return vpc_store_failed(request);
    return json_null();
}

void
vpc_delete_peering(ApiRequest *request)
{
    vpc_change(request, 204, remove_peering);
}
