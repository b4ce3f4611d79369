/*
 * vpcs.c: vpcs in the forms of v1, v3 and as neutron's routers.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"

#define VPC_WHERE                                                                                  \
    "v.project_id = $1" FILTER("id", "v.id") FILTER("name", "v.name") FILTER("cidr", "v.cidr")     \
        FILTER("description", "v.description")                                                     \
            FILTER("enterprise_project_id", "v.enterprise_project_id")

static const VpcList list_v1 = {"vpcs", VPC_V1, "vpc_vpc v", VPC_WHERE, "v.id"};
static const VpcList list_v3 = {"vpcs", VPC_V3, "vpc_vpc v", VPC_WHERE, "v.id"};
static const VpcList list_routers = {"routers", ROUTER_NEUTRON, "vpc_vpc v", VPC_WHERE, "v.id"};
static const VpcList one_v1 = {"vpc", VPC_V1, "vpc_vpc v", VPC_WHERE, "v.id"};
static const VpcList one_v3 = {"vpc", VPC_V3, "vpc_vpc v", VPC_WHERE, "v.id"};
static const VpcList one_router = {"router", ROUTER_NEUTRON, "vpc_vpc v", VPC_WHERE, "v.id"};

void
vpc_list_vpcs(ApiRequest *request)
{
    vpc_list(request, &list_v1, false);
}

void
vpc_list_vpcs_v3(ApiRequest *request)
{
    vpc_list(request, &list_v3, true);
}

void
neutron_list_routers(ApiRequest *request)
{
    vpc_list(request, &list_routers, false);
}

void
vpc_show_vpc(ApiRequest *request)
{
    vpc_show(request, &one_v1, api_path(request, "vpc_id"), "vpc", 200, false);
}

void
vpc_show_vpc_v3(ApiRequest *request)
{
    vpc_show(request, &one_v3, api_path(request, "vpc_id"), "vpc", 200, true);
}

void
neutron_show_router(ApiRequest *request)
{
    vpc_show(request, &one_router, api_path(request, "router_id"), "router", 200, false);
}

/* A tenant's range: private addresses, from /8, /12 or /16 on, at most /28. */
static bool
range_is_sound(ApiRequest *request, const char *text)
{
    static const struct {
        uint32_t network;
        int length;
    } private[] = {{0x0a000000, 8}, {0xac100000, 12}, {0xc0a80000, 16}};
    uint32_t network;
    int length;

    if (vpc_cidr_read(text, &network, &length) && length <= 28)
        for (size_t i = 0; i < sizeof(private) / sizeof(private[0]); i++)
            if (length >= private[i].length &&
                (network & vpc_mask(private[i].length)) == private[i].network)
                return true;
    api_fail(request, API_VPC_PARAMETER,
             "cidr: a range of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, at most /28 long, is "
             "wanted, without bits behind its length.");
    return false;
}

/* The new row's id in form; both versions take the same members. */
static json_t *
create(ApiRequest *request, const VpcList *form)
{
    const json_t *body = json_object_get(request->json, "vpc");
    const json_t *tags = json_object_get(body, "tags");
    const char *name = json_text(body, "name", "");
    const char *description = json_text(body, "description", "");
    const char *cidr = json_text(body, "cidr", "");

    if (!vpc_name_is_sound(request, name, 64, true) ||
        !vpc_description_is_sound(request, description) || !vpc_tags_are_sound(request, tags) ||
        !range_is_sound(request, cidr) || !vpc_quota_allows(request, "vpc"))
        return NULL;
    AUTO_FREE char *id = store_value(
        request->store,
        "INSERT INTO vpc_vpc (project_id, name, description, cidr, enterprise_project_id, tags) "
        "VALUES ($1, $2, $3, $4::cidr, $5, coalesce($6::jsonb, '[]')) RETURNING id",
        "sssssj", vpc_project(request), name, description, cidr,
        json_text(body, "enterprise_project_id", "0"),
        json_is_object(json_array_get(tags, 0)) ? tags : NULL);
    return id ? vpc_one(request, form, id, "vpc") : vpc_store_failed(request);
}

static json_t *
create_v1(ApiRequest *request)
{
    return create(request, &one_v1);
}

static json_t *
create_v3(ApiRequest *request)
{
    json_t *body = create(request, &one_v3);

    if (body)
        json_put_text(body, "request_id", request->request_id);
    return body;
}

void
vpc_create_vpc(ApiRequest *request)
{
    vpc_change(request, 200, create_v1);
}

void
vpc_create_vpc_v3(ApiRequest *request)
{
    vpc_change(request, 201, create_v3);
}

/* A new range must hold the subnets that are there. */
static bool
range_holds_subnets(ApiRequest *request, const char *id, const char *cidr)
{
    AUTO_FREE char *outside =
        store_value(request->store,
                    "SELECT cidr::text FROM vpc_subnet WHERE vpc_id = $1 AND NOT cidr <<= $2::cidr "
                    "LIMIT 1",
                    "ss", id, cidr);

    if (outside)
        api_fail(request, API_VPC_SUBNET_OUTSIDE, outside);
    else if (store_failed(request->store))
        api_fail_store(request);
    else
        return true;
    return false;
}

static json_t *
update(ApiRequest *request, const VpcList *form)
{
    const json_t *body = json_object_get(request->json, "vpc");
    const char *id = api_path(request, "vpc_id");
    const char *name = json_text(body, "name", NULL);
    const char *description = json_text(body, "description", NULL);
    const char *cidr = form == &one_v1 ? json_text(body, "cidr", NULL) : NULL;

    if (!vpc_name_is_sound(request, name, 64, false) ||
        !vpc_description_is_sound(request, description) || (cidr && !range_is_sound(request, cidr)))
        return NULL;
    /* First whether it is the project's; the row is held until the end. */
    long rows = store_run(request->store,
                          "UPDATE vpc_vpc SET name = coalesce($3, name), description = "
                          "coalesce($4, description), cidr = coalesce($5::cidr, cidr), updated = "
                          "now() WHERE project_id = $1 AND id = $2",
                          "sssss", vpc_project(request), id, name, description, cidr);
    if (rows < 0)
        return vpc_store_failed(request);
    if (rows > 0 && cidr && !range_holds_subnets(request, id, cidr))
        return NULL;
    return vpc_one(request, form, id, "vpc");
}

static json_t *
update_v1(ApiRequest *request)
{
    return update(request, &one_v1);
}

static json_t *
update_v3(ApiRequest *request)
{
    json_t *body = update(request, &one_v3);

    if (body)
        json_put_text(body, "request_id", request->request_id);
    return body;
}

void
vpc_update_vpc(ApiRequest *request)
{
    vpc_change(request, 200, update_v1);
}

void
vpc_update_vpc_v3(ApiRequest *request)
{
    vpc_change(request, 200, update_v3);
}

static json_t *
remove_vpc(ApiRequest *request)
{
    const char *id = api_path(request, "vpc_id");
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT EXISTS (SELECT FROM vpc_subnet WHERE vpc_id = v.id) AS subnets, EXISTS (SELECT "
        "FROM vpc_peering WHERE v.id IN (vpc_id, peer_vpc_id)) AS peerings FROM vpc_vpc v WHERE "
        "project_id = $1 AND id = $2 FOR UPDATE",
        "ss", vpc_project(request), id);

    if (!rows)
        return vpc_store_failed(request);
    if (PQntuples(rows) == 0)
        api_fail(request, API_VPC_NONE, id, "vpc");
    else if (row_flag(rows, 0, "subnets"))
        api_fail(request, API_VPC_HAS_SUBNETS);
    else if (row_flag(rows, 0, "peerings"))
        api_fail(request, API_VPC_IN_USE, "peering connection");
    else if (store_run(request->store, "DELETE FROM vpc_vpc WHERE id = $1", "s", id) < 0)
        api_fail_store(request);
    else
        return json_null();
    return NULL;
}

void
vpc_delete_vpc(ApiRequest *request)
{
    vpc_change(request, 204, remove_vpc);
}
