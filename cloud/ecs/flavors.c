/*
 * flavors.c: sizes of servers (flavors.def), zones, and the version of Nova's API.
 */
#include "base/settings.h"
#include "ecs/handlers.h"
#include "ecs/server.h"

#include <string.h>

static const Flavor flavors[] = {
#define ECS_FLAVOR(id, vcpus, memory, megabits, performance)                                       \
    {id, vcpus, memory, megabits, performance},
#include "ecs/flavors.def"
#undef ECS_FLAVOR
};
#define FLAVOR_COUNT (sizeof(flavors) / sizeof(flavors[0]))

const Flavor *
flavor_find_server(const char *id)
{
    for (size_t i = 0; i < FLAVOR_COUNT; i++)
        if (strcmp(flavors[i].id, id) == 0)
            return &flavors[i];
    return NULL;
}

static json_t *
extra_specs(const Flavor *flavor)
{
    AUTO_FREE char *rate = str_format("%d", flavor->megabits);
    AUTO_FREE char *minimum = str_format("%d", flavor->megabits / 4);
    AUTO_FREE char *zones = str_format("%s(normal)", ecs_zone());
    AUTO_FREE char *generation = str_copy_n(flavor->id, strcspn(flavor->id, "."));

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "ecs:performancetype",
                     flavor->performance, "ecs:generation", generation, "resource_type", generation,
                     "ecs:virtualization_env_types", "CloudCompute", "ecs:instance_architecture",
                     "x86", "cond:operation:status", "normal", "cond:operation:az", zones,
                     "quota:max_rate", rate, "quota:min_rate", minimum, "quota:vif_max_num", "12");
}

static json_t *
flavor_view(const ApiRequest *request, const Flavor *flavor, const char *specs)
{
    AUTO_FREE char *vcpus = str_format("%d", flavor->vcpus);
    json_t *view = json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:s, s:i, s:b, s:f, s:n, s:n, s:b, s:o, s:o}", "id", flavor->id,
        "name", flavor->id, "vcpus", vcpus, "ram", flavor->memory_mb, "disk", "0", "swap", "",
        "OS-FLV-EXT-DATA:ephemeral", 0, "OS-FLV-DISABLED:disabled", 0, "rxtx_factor", 1.0,
        "rxtx_quota", "rxtx_cap", "os-flavor-access:is_public", 1, "links",
        server_links(request, "flavors", flavor->id), specs, extra_specs(flavor));

    json_object_set_new(view, "attachableQuantity",
                        json_pack("{s:i, s:i, s:i, s:i}", "free_scsi", 0, "free_blk", ECS_DISKS - 1,
                                  "free_disk", ECS_DISKS - 1, "free_nic", ECS_NICS));
    return view;
}

static json_t *
nova_view(const ApiRequest *request, const Flavor *flavor, bool full)
{
    json_t *view = json_pack("{s:s, s:s, s:o}", "id", flavor->id, "name", flavor->id, "links",
                             server_links(request, "flavors", flavor->id));

    if (!full)
        return view;
    json_object_set_new(view, "vcpus", json_integer(flavor->vcpus));
    json_object_set_new(view, "ram", json_integer(flavor->memory_mb));
    json_object_set_new(view, "disk", json_integer(0));
    json_object_set_new(view, "swap", json_string(""));
    json_object_set_new(view, "rxtx_factor", json_real(1.0));
    json_object_set_new(view, "OS-FLV-EXT-DATA:ephemeral", json_integer(0));
    json_object_set_new(view, "OS-FLV-DISABLED:disabled", json_false());
    json_object_set_new(view, "os-flavor-access:is_public", json_true());
    return view;
}

/* The place of the marker's follower; 0 without one. */
static size_t
first_of_page(ApiRequest *request)
{
    const char *marker = api_query(request, "marker", "");

    for (size_t i = 0; i < FLAVOR_COUNT; i++)
        if (strcmp(flavors[i].id, marker) == 0)
            return i + 1;
    return 0;
}

static void
list(ApiRequest *request, const char *specs, const char *without)
{
    const char *wanted = api_query(request, "flavor_id", NULL);
    const char *zone = api_query(request, "availability_zone", "");
    size_t limit = (size_t) api_query_number(request, "limit", 1000);
    json_t *list = json_array();

    for (size_t i = first_of_page(request); i < FLAVOR_COUNT && json_array_size(list) < limit; i++)
        if ((!wanted || strcmp(wanted, flavors[i].id) == 0) &&
            strcmp(without, flavors[i].id) != 0 && (!*zone || strcmp(zone, ecs_zone()) == 0))
            json_array_append_new(list, flavor_view(request, &flavors[i], specs));
    api_reply(request, 200, json_pack("{s:o}", "flavors", list));
}

void
ecs_list_flavors(ApiRequest *request)
{
    list(request, "os_extra_specs", "");
}

void
ecs_list_resize_flavors(ApiRequest *request)
{
    const char *id = api_query(request, "instance_uuid", "");
    const char *from =
        api_query(request, "source_flavor_id", api_query(request, "source_flavor_name", ""));
    AUTO_JSON json_t *server = *id ? server_load(request->store, api_project(request), id) : NULL;

    if (*id && !server)
        api_fail(request, API_ECS_NO_SERVER, id);
    else
        list(request, "extra_specs", server ? json_text(server, "flavor", "") : from);
}

void
ecs_list_sell_policies(ApiRequest *request)
{
    const char *wanted = api_query(request, "flavor_id", NULL);
    json_t *list = json_array();

    for (size_t i = 0; i < FLAVOR_COUNT; i++)
        if (!wanted || strcmp(wanted, flavors[i].id) == 0)
            json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:s, s:s}", "id", (int) i + 1,
                                                  "flavor_id", flavors[i].id, "sell_status",
                                                  "available", "availability_zone_id", ecs_zone(),
                                                  "sell_mode", "postPaid"));
    api_reply(request, 200,
              json_pack("{s:i, s:o}", "count", (int) json_array_size(list), "sell_policies", list));
}

void
ecs_nova_flavors(ApiRequest *request)
{
    bool full = strcmp(request->operation->id, "nova_list_flavors") != 0;
    size_t limit = (size_t) api_query_number(request, "limit", 1000);
    long long memory = api_query_number(request, "minRam", 0);
    json_t *list = json_array();

    for (size_t i = first_of_page(request); i < FLAVOR_COUNT && json_array_size(list) < limit; i++)
        if (flavors[i].memory_mb >= memory)
            json_array_append_new(list, nova_view(request, &flavors[i], full));
    api_reply(request, 200, json_pack("{s:o}", "flavors", list));
}

static const Flavor *
flavor_of_request(ApiRequest *request)
{
    const Flavor *flavor = flavor_find_server(api_path(request, "flavor_id"));

    if (!flavor)
        api_fail_as(request, 404, "Ecs.0114", "Flavor %.64s could not be found.",
                    api_path(request, "flavor_id"));
    return flavor;
}

void
ecs_nova_flavor(ApiRequest *request)
{
    const Flavor *flavor = flavor_of_request(request);

    if (flavor)
        api_reply(request, 200, json_pack("{s:o}", "flavor", nova_view(request, flavor, true)));
}

void
ecs_nova_extra_specs(ApiRequest *request)
{
    const Flavor *flavor = flavor_of_request(request);

    if (flavor)
        api_reply(request, 200, json_pack("{s:o}", "extra_specs", extra_specs(flavor)));
}

void
ecs_list_zones(ApiRequest *request)
{
    api_reply(request, 200,
              json_pack("{s:[{s:s, s:s, s:[s], s:s, s:s, s:[], s:i}]}", "availability_zones",
                        "availability_zone_id", ecs_zone(), "type", "Core", "mode", "dedicated",
                        "public_border_group", "center", "alias", ecs_zone(), "az_group_ids",
                        "category", 0));
}

void
ecs_nova_zones(ApiRequest *request)
{
    api_reply(request, 200,
              json_pack("{s:[{s:s, s:{s:b}, s:n}]}", "availabilityZoneInfo", "zoneName", ecs_zone(),
                        "zoneState", "available", 1, "hosts"));
}

void
ecs_nova_version(ApiRequest *request)
{
    AUTO_FREE char *self = str_format("%s/v2.1/", settings_endpoint());

    api_reply(request, 200,
              json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s}], s:[]}}", "version", "id",
                        "v2.1", "status", "CURRENT", "version", "2.1", "min_version", "2.1",
                        "updated", "2013-07-23T11:33:21Z", "links", "rel", "self", "href", self,
                        "media-types"));
}
