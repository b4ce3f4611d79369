/*
 * routes.c: a vpc's route table (one, the default) in the form of v1, and the routes of peerings in
 * that of v2.0.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"

#include <string.h>

#define TABLE_WHERE                                                                                \
    "v.project_id = $1" FILTER("id", "v.route_table_id")                                           \
        FILTER("vpc_id", "v.id") " AND ($2::jsonb->>'subnet_id' IS NULL OR EXISTS (SELECT FROM "   \
                                 "vpc_subnet s WHERE s.vpc_id = "                                  \
                                 "v.id AND s.id = $2::jsonb->>'subnet_id'))"
#define ROUTE_FROM "vpc_route t JOIN vpc_vpc v ON v.id = t.vpc_id"
#define ROUTE_WHERE                                                                                \
    "v.project_id = $1 AND t.type = 'peering'" FILTER("id", "t.id") FILTER("vpc_id", "t.vpc_id")   \
        FILTER("destination", "t.destination") FILTER("type", "t.type")                            \
            FILTER("tenant_id", "v.project_id")

static const VpcList list_tables = {"routetables", ROUTE_TABLE_SHORT, "vpc_vpc v", TABLE_WHERE,
                                    "v.route_table_id"};
static const VpcList one_table = {"routetable", ROUTE_TABLE, "vpc_vpc v", TABLE_WHERE,
                                  "v.route_table_id"};
static const VpcList list_v2 = {"routes", ROUTE_V2, ROUTE_FROM, ROUTE_WHERE, "t.id"};
static const VpcList one_v2 = {"route", ROUTE_V2, ROUTE_FROM, ROUTE_WHERE, "t.id"};

void
vpc_list_route_tables(ApiRequest *request)
{
    vpc_list(request, &list_tables, false);
}

void
vpc_show_route_table(ApiRequest *request)
{
    vpc_show(request, &one_table, api_path(request, "routetable_id"), "route table", 200, false);
}

void
vpc_list_routes(ApiRequest *request)
{
    vpc_list(request, &list_v2, false);
}

void
vpc_show_route(ApiRequest *request)
{
    vpc_show(request, &one_v2, api_path(request, "route_id"), "route", 200, false);
}

/* Whether the next hop is one: an address in the vpc, a port of it, an active peering of it. */
static bool
leads_on(ApiRequest *request, const char *vpc_id, const char *type, const char *nexthop)
{
    uint32_t address;
    const char *sql = NULL;

    if (strcmp(type, "peering") == 0)
        sql = "SELECT id FROM vpc_peering WHERE id = $2 AND $1 IN (vpc_id, peer_vpc_id) AND "
              "status = 'ACTIVE'";
    else if (strcmp(type, "eni") == 0)
        sql = "SELECT p.id FROM vpc_port p JOIN vpc_subnet s ON s.id = p.subnet_id WHERE s.vpc_id "
              "= $1 AND p.id = $2";
    else if ((strcmp(type, "ecs") == 0 || strcmp(type, "vip") == 0) &&
             vpc_address_read(nexthop, &address))
        sql = "SELECT p.id FROM vpc_port p JOIN vpc_subnet s ON s.id = p.subnet_id WHERE s.vpc_id "
              "= $1 AND p.ip = $2::inet";
    AUTO_FREE char *found = sql ? store_value(request->store, sql, "ss", vpc_id, nexthop) : NULL;
    if (found)
        return true;
    if (sql && store_failed(request->store))
        api_fail_store(request);
    else
        api_fail(request, API_VPC_PARAMETER,
                 "route: type peering, eni, ecs or vip with a next hop in this VPC is wanted.");
    return false;
}

/* Makes one; its id, owned by the caller, or NULL when it has answered. */
static char *
add(ApiRequest *request, const char *vpc_id, const json_t *route)
{
    const char *destination = json_text(route, "destination", "");
    const char *type = json_text(route, "type", ""), *nexthop = json_text(route, "nexthop", "");
    uint32_t network;
    int length;

    if (!vpc_cidr_read(destination, &network, &length)) {
        api_fail(request, API_VPC_PARAMETER, "destination: an IPv4 range is wanted.");
        return NULL;
    }
    if (!vpc_description_is_sound(request, json_text(route, "description", "")) ||
        !leads_on(request, vpc_id, type, nexthop))
        return NULL;
    char *id = store_value(request->store,
                           "INSERT INTO vpc_route (vpc_id, type, destination, nexthop, "
                           "description) SELECT $1, $2, $3::cidr, $4, $5 FROM vpc_vpc v WHERE v.id "
                           "= $1 AND NOT $3::cidr && v.cidr AND (SELECT count(*) FROM vpc_route "
                           "WHERE vpc_id = $1) < 200 ON CONFLICT DO NOTHING RETURNING id",
                           "sssss", vpc_id, type, destination, nexthop,
                           json_text(route, "description", ""));
    if (!id && store_failed(request->store))
        api_fail_store(request);
    else if (!id)
        api_fail(request, API_VPC_PARAMETER,
                 "destination: the VPC has such a route, its own range overlaps, or it has 200.");
    return id;
}

static bool
drop(ApiRequest *request, const char *vpc_id, const json_t *route)
{
    const char *destination = json_text(route, "destination", "");
    uint32_t network;
    int length;

    long rows =
        vpc_cidr_read(destination, &network, &length)
            ? store_run(request->store,
                        "DELETE FROM vpc_route WHERE vpc_id = $1 AND destination = $2::cidr", "ss",
                        vpc_id, destination)
            : 0;
    if (rows < 0)
        api_fail_store(request);
    else if (rows == 0)
        api_fail(request, API_VPC_NONE, *destination ? destination : "(none)", "route");
    return rows > 0;
}

/* {"routes": {"add": [...], "mod": [...], "del": [...]}}. */
static json_t *
update_table(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "routetable");
    const json_t *routes = json_object_get(body, "routes");
    const char *id = api_path(request, "routetable_id");
    AUTO_FREE char *vpc_id = store_value(
        request->store,
        "SELECT id FROM vpc_vpc WHERE project_id = $1 AND route_table_id = $2 FOR UPDATE", "ss",
        vpc_project(request), id);
    size_t index;
    json_t *route;

    if (!vpc_id && !store_failed(request->store))
        return vpc_one(request, &one_table, id, "route table");
    if (!vpc_id)
        return vpc_store_failed(request);
    json_array_foreach(json_object_get(routes, "del"), index, route)
    {
        if (!drop(request, vpc_id, route))
            return NULL;
    }
    json_array_foreach(json_object_get(routes, "mod"), index, route)
    {
        AUTO_FREE char *made = drop(request, vpc_id, route) ? add(request, vpc_id, route) : NULL;
        if (!made)
            return NULL;
    }
    json_array_foreach(json_object_get(routes, "add"), index, route)
    {
        AUTO_FREE char *made = add(request, vpc_id, route);
        if (!made)
            return NULL;
    }
    if (!vpc_mark(request->store, vpc_project(request), vpc_id))
        return vpc_store_failed(request);
    return vpc_one(request, &one_table, id, "route table");
}

void
vpc_update_route_table(ApiRequest *request)
{
    vpc_change(request, 200, update_table);
}

static json_t *
create_v2(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "route");
    const char *vpc_id = json_text(body, "vpc_id", "");
    AUTO_FREE char *ours = store_value(
        request->store, "SELECT id FROM vpc_vpc WHERE project_id = $1 AND id = $2 FOR UPDATE", "ss",
        vpc_project(request), vpc_id);

    if (!ours && store_failed(request->store))
        return vpc_store_failed(request);
    if (!ours)
        api_fail(request, API_VPC_NONE, vpc_id, "vpc");
    if (!ours)
        return NULL;
    if (strcmp(json_text(body, "type", ""), "peering") != 0) {
        api_fail(request, API_VPC_PARAMETER, "type: peering is wanted.");
        return NULL;
    }
    AUTO_FREE char *id = add(request, vpc_id, body);
    if (!id)
        return NULL;
    if (!vpc_mark(request->store, vpc_project(request), vpc_id))
        return vpc_store_failed(request);
    return vpc_one(request, &one_v2, id, "route");
}

void
vpc_create_route(ApiRequest *request)
{
    vpc_change(request, 201, create_v2);
}

static json_t *
remove_v2(ApiRequest *request)
{
    const char *id = api_path(request, "route_id");
    AUTO_FREE char *vpc_id =
        store_value(request->store,
                    "DELETE FROM vpc_route t USING vpc_vpc v WHERE v.id = t.vpc_id AND "
                    "v.project_id = $1 AND t.id = $2 RETURNING v.id",
                    "ss", vpc_project(request), id);

    if (!vpc_id && store_failed(request->store))
        return vpc_store_failed(request);
    if (!vpc_id)
        api_fail(request, API_VPC_NONE, id, "route");
    if (!vpc_id)
        return NULL;
    return vpc_mark(request->store, vpc_project(request), vpc_id) ? json_null()
                                                                  : vpc_store_failed(request);
}

void
vpc_delete_route(ApiRequest *request)
{
    vpc_change(request, 204, remove_v2);
}
