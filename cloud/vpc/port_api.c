/*
 * port_api.c: ports in the forms of v1 and v2.0 (neutron), and private addresses.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <string.h>

#define PORT_WHERE                                                                                 \
    "p.project_id = $1" FILTER("id", "p.id") FILTER("name", "p.name")                              \
        FILTER("network_id", "p.subnet_id") FILTER("mac_address", "p.mac")                         \
            FILTER("device_id", "p.device_id") FILTER("device_owner", "p.device_owner")            \
                FILTER("admin_state_up", "p.admin_up") FILTER("tenant_id", "p.project_id")         \
                    FILTER("status", "CASE WHEN p.plugged THEN 'ACTIVE' ELSE 'DOWN' "              \
                                     "END") " AND ($2::jsonb->>'security_groups' IS "              \
                                            "NULL OR EXISTS (SELECT FROM "                         \
                                            "vpc_port_group pg WHERE "                             \
                                            "pg.port_id = p.id AND pg.group_id = "                 \
                                            "$2::jsonb->>'security_groups')) AND "                 \
                                            "($2::jsonb->'fixed_ips' "                             \
                                            "IS NULL OR $2::jsonb->'fixed_ips' @> "                \
                                            "to_jsonb('ip_address=' || host(p.ip)) OR "            \
                                            "$2::jsonb->'fixed_ips' @> "                           \
                                            "to_jsonb('subnet_id=' || s.neutron_id))"
#define PORT_FROM "vpc_port p JOIN vpc_subnet s ON s.id = p.subnet_id"
#define PRIVATE_WHERE "p.project_id = $1 AND p.subnet_id = $2::jsonb->>'subnet'"

static const VpcList list = {"ports", PORT_ANY, PORT_FROM, PORT_WHERE, "p.id"};
static const VpcList one = {"port", PORT_ANY, PORT_FROM, PORT_WHERE, "p.id"};
static const VpcList list_private = {"privateips", PRIVATEIP_V1, PORT_FROM, PRIVATE_WHERE, "p.id"};
static const VpcList one_private = {"privateip", PRIVATEIP_V1, PORT_FROM, PORT_WHERE, "p.id"};

void
vpc_list_ports(ApiRequest *request)
{
    vpc_list(request, &list, false);
}

void
vpc_show_port(ApiRequest *request)
{
    vpc_show(request, &one, api_path(request, "port_id"), "port", 200, false);
}

/* What a look-up or a creation said, as an answer; NULL. */
static json_t *
refuse(ApiRequest *request, int error, const char *problem)
{
    if (error == -EIO)
        api_fail_store(request);
    else if (error == -ENOENT && problem && strstr(problem, "subnet"))
        api_fail(request, API_VPC_NONE, "of the request", "subnet");
    else if (error == -ENOENT && problem && strstr(problem, "group"))
        api_fail(request, API_VPC_NO_GROUP, "of the request");
    else if (error == -ENOENT)
        api_fail(request, API_VPC_NO_PORT, api_path(request, "port_id"));
    else if (error == -EDQUOT)
        api_fail(request, API_VPC_QUOTA, "port");
    else if (error == -EADDRINUSE || error == -ENOSPC)
        api_fail(request, API_VPC_PORT_TAKEN, problem ? problem : "the address is in use");
    else
        api_fail(request, API_VPC_PORT_PARAMETER, problem ? problem : "a parameter is invalid");
    return NULL;
}

/* {"ip_address": address or range, "mac_address": optional}; checked. */
static bool
pairs_are_sound(ApiRequest *request, const json_t *pairs)
{
    size_t index;
    json_t *pair;

    json_array_foreach(pairs, index, pair)
    {
        const char *ip = json_text(pair, "ip_address", ""),
                   *mac = json_text(pair, "mac_address", "");
        uint32_t address;
        int length;

        if ((vpc_address_read(ip, &address) || vpc_cidr_read(ip, &address, &length)) &&
            (!*mac || (strlen(mac) == 17 && strspn(mac, "0123456789abcdefABCDEF:") == 17)) &&
            index < 10)
            continue;
        api_fail(request, API_VPC_PORT_PARAMETER,
                 "allowed_address_pairs: at most 10 of an IPv4 address or range and a MAC.");
        return false;
    }
    return true;
}

/* The ids of the array, NULL-terminated, borrowed from it; the caller frees the array. NULL where
 * there is none, or one that is empty. */
static const char **
groups_of(const json_t *body, const char *key)
{
    const json_t *array = json_object_get(body, key);
    size_t count = json_array_size(array);
    const char **groups = count ? mem_new(count + 1, sizeof(char *)) : NULL;

    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        groups[i] = text ? text : "";
    }
    return groups;
}

static json_t *
create(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "port");
    const json_t *fixed = json_array_get(json_object_get(body, "fixed_ips"), 0);
    json_t *pairs = json_object_get(body, "allowed_address_pairs");
    AUTO_FREE const char **groups = groups_of(body, "security_groups");
    AUTO_FREE char *problem = NULL;
    const char *owner = json_text(body, "device_owner", "");
    VpcPort port;
    VpcPortWish wish = {.project_id = vpc_project(request),
                        .subnet_id = json_text(body, "network_id", ""),
                        .ip = json_text(fixed, "ip_address", NULL),
                        .mac = json_text(body, "mac_address", NULL),
                        .name = json_text(body, "name", ""),
                        .device_owner = owner,
                        .groups = groups,
                        .allowed_pairs = pairs};

    if (!vpc_name_is_sound(request, wish.name, 255, true) || !pairs_are_sound(request, pairs))
        return NULL;
    if (strncmp(owner, "compute:", 8) == 0 || strncmp(owner, "network:", 8) == 0 ||
        strlen(owner) > 63)
        return refuse(request, -EINVAL, "device_owner: this owner is the service's own");
    int error = port_create(request->store, &wish, &port, &problem);
    if (error)
        return refuse(request, error, problem);
    json_t *answer = vpc_one(request, &one, port.id, "port");
    vpc_port_done(&port);
    return answer;
}

void
vpc_create_port(ApiRequest *request)
{
    vpc_change(request, 200, create);
}

void
neutron_create_port(ApiRequest *request)
{
    vpc_change(request, 201, create);
}

static json_t *
update(ApiRequest *request)
{
    const json_t *body = json_object_get(request->json, "port");
    const char *id = api_path(request, "port_id"), *name = json_text(body, "name", NULL);
    const json_t *pairs = json_object_get(body, "allowed_address_pairs");
    AUTO_FREE const char **groups = groups_of(body, "security_groups");
    AUTO_FREE char *problem = NULL;
    VpcPort port;
    int error;

    if (!vpc_name_is_sound(request, name, 255, true) || !pairs_are_sound(request, pairs))
        return NULL;
    if ((error = port_find(request->store, vpc_project(request), id, &port)))
        return refuse(request, error, NULL);
    AUTO_FREE char *vpc_id = str_copy(port.vpc_id);
    vpc_port_done(&port);
    if (store_run(request->store,
                  "UPDATE vpc_port SET name = coalesce($2, name), allowed_pairs = "
                  "coalesce($3::jsonb, allowed_pairs), updated = now() WHERE id = $1",
                  "ssj", id, name, json_is_array(pairs) ? pairs : NULL) < 0 ||
        !vpc_mark(request->store, vpc_project(request), vpc_id))
        return vpc_store_failed(request);
    if (groups &&
        (error = port_set_groups(request->store, vpc_project(request), id, groups, &problem)))
        return refuse(request, error, problem);
    return vpc_one(request, &one, id, "port");
}

void
vpc_update_port(ApiRequest *request)
{
    vpc_change(request, 200, update);
}

static json_t *
remove_port(ApiRequest *request)
{
    const char *id = api_path(request, "port_id");
    AUTO_FREE char *problem = NULL;
    VpcPort port;
    int error = port_find(request->store, vpc_project(request), id, &port);

    if (error)
        return refuse(request, error, NULL);
    AUTO_FREE char *device = *port.device_id ? str_copy(port.device_id) : NULL;
    vpc_port_done(&port);
    if (device) {
        api_fail(request, API_VPC_PORT_IN_USE, device);
        return NULL;
    }
    error = port_delete(request->store, id, &problem);
    return error ? refuse(request, error, problem) : json_null();
}

void
vpc_delete_port(ApiRequest *request)
{
    vpc_change(request, 204, remove_port);
}

/* ---- Private addresses: ports that only hold an address ---- */

static json_t *
create_private(ApiRequest *request)
{
    json_t *answer = json_array(), *asked;
    size_t index;

    json_array_foreach(json_object_get(request->json, "privateips"), index, asked)
    {
        AUTO_FREE char *problem = NULL;
        VpcPort port;
        VpcPortWish wish = {.project_id = vpc_project(request),
                            .subnet_id = json_text(asked, "subnet_id", ""),
                            .ip = json_text(asked, "ip_address", NULL)};
        int error = port_create(request->store, &wish, &port, &problem);

        json_t *made = error ? refuse(request, error, problem)
                             : vpc_one(request, &one_private, port.id, "port");
        if (!error)
            vpc_port_done(&port);
        if (!made) {
            json_decref(answer);
            return NULL;
        }
        json_array_append(answer, json_object_get(made, "privateip"));
        json_decref(made);
    }
    return json_pack("{s:o}", "privateips", answer);
}

void
vpc_create_privateip(ApiRequest *request)
{
    vpc_change(request, 200, create_private);
}

void
vpc_list_privateips(ApiRequest *request)
{
    VpcSubnet subnet;
    const char *id = api_path(request, "subnet_id");
    int error = vpc_subnet_find(request->store, vpc_project(request), id, &subnet);

    if (error == -ENOENT)
        api_fail(request, API_VPC_NONE, id, "subnet");
    else if (error)
        api_fail_store(request);
    if (error)
        return;
    json_object_set_new(request->query, "subnet", json_string(subnet.id));
    vpc_list(request, &list_private, false);
}

void
vpc_show_privateip(ApiRequest *request)
{
    vpc_show(request, &one_private, api_path(request, "port_id"), "port", 200, false);
}
