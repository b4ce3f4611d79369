/*
 * view.c: servers as ECS and Nova show them.
 */
#include "base/settings.h"
#include "ecs/handlers.h"
#include "ecs/server.h"
#include "evs/evs.h"
#include "vpc/vpc.h"

#include <string.h>

bool
nova_form(const ApiRequest *request)
{
    return request->operation->style == STYLE_NOVA;
}

json_t *
server_links(const ApiRequest *request, const char *kind, const char *id)
{
    AUTO_FREE char *self =
        str_format("%s/v2.1/%s/%s/%s", settings_endpoint(), api_project(request), kind, id);
    AUTO_FREE char *mark =
        str_format("%s/%s/%s/%s", settings_endpoint(), api_project(request), kind, id);

    return json_pack("[{s:s, s:s}, {s:s, s:s}]", "rel", "self", "href", self, "rel", "bookmark",
                     "href", mark);
}

static void
add_address(
    json_t *addresses, const VpcPort *port, const char *address, const char *type, bool nova)
{
    json_t *list = json_object_get(addresses, port->vpc_id);

    if (!list) {
        list = json_array();
        json_object_set_new(addresses, port->vpc_id, list);
    }
    json_t *one = json_pack("{s:s, s:s, s:s, s:s}", "addr", address, "OS-EXT-IPS-MAC:mac_addr",
                            port->mac, "OS-EXT-IPS:port_id", port->id, "OS-EXT-IPS:type", type);
    json_object_set_new(one, "version", nova ? json_integer(4) : json_string("4"));
    json_array_append_new(list, one);
}

/* Of the ports: addresses by vpc, and ids of groups. */
static json_t *
addresses_of(StoreConn *store, const VpcPort *ports, int count, bool nova)
{
    json_t *addresses = json_object();

    for (int i = 0; i < count; i++) {
        VpcEip eip;

        add_address(addresses, &ports[i], ports[i].ip, "fixed", nova);
        if (eip_of_port(store, ports[i].id, &eip) == 0)
            add_address(addresses, &ports[i], eip.address, "floating", nova);
    }
    return addresses;
}

json_t *
server_addresses(StoreConn *store, const json_t *row)
{
    VpcPort *ports = NULL;
    int count = ports_of_device(store, json_text(row, "id", ""), &ports);
    json_t *addresses = addresses_of(store, ports, count, true);

    if (count >= 0)
        vpc_ports_free(ports, count);
    return addresses;
}

static json_t *
groups_of(const VpcPort *ports, int count)
{
    json_t *groups = json_array();

    for (int i = 0; i < count; i++)
        for (char **group = ports[i].groups; group && *group; group++) {
            size_t index;
            json_t *one;
            bool known = false;

            json_array_foreach(groups, index, one) known =
                known || strcmp(json_text(one, "id", ""), *group) == 0;
            if (!known)
                json_array_append_new(groups,
                                      json_pack("{s:s, s:s}", "id", *group, "name", *group));
        }
    return groups;
}

static json_t *
volumes_of(StoreConn *store, const char *id, bool nova)
{
    EvsVolume *volumes = NULL;
    int count = volumes_of_server(store, id, &volumes);
    json_t *list = json_array();

    for (int i = 0; i < count; i++) {
        json_t *one = json_pack("{s:s}", "id", volumes[i].id);
        bool gone = volumes[i].delete_on_termination;

        if (nova) {
            json_object_set_new(one, "delete_on_termination", json_boolean(gone));
        } else {
            json_put_text(one, "delete_on_termination", gone ? "true" : "false");
            json_put_text(one, "bootIndex",
                          strcmp(volumes[i].device, "/dev/vda") == 0 ? "0" : NULL);
            json_put_text(one, "device", volumes[i].device);
        }
        json_array_append_new(list, one);
    }
    free(volumes);
    return list;
}

static json_t *
flavor_view(const ApiRequest *request, const json_t *row, bool nova)
{
    const Flavor *flavor = flavor_find_server(json_text(row, "flavor", ""));
    const char *id = flavor ? flavor->id : json_text(row, "flavor", "");

    if (nova)
        return json_pack("{s:s, s:o}", "id", id, "links", server_links(request, "flavors", id));
    AUTO_FREE char *vcpus = str_format("%d", flavor ? flavor->vcpus : 0);
    AUTO_FREE char *ram = str_format("%d", flavor ? flavor->memory_mb : 0);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[], s:[]}", "id", id, "name", id, "disk", "0",
                     "vcpus", vcpus, "ram", ram, "gpus", "asic_accelerators");
}

/* What the service itself says in metadata, beside the tenant's pairs. */
static json_t *
metadata_view(const json_t *row)
{
    json_t *metadata = json_deep_copy(json_object_get(row, "metadata"));
    bool windows = strcmp(json_text(row, "os_type", ""), "Windows") == 0;

    if (!metadata)
        metadata = json_object();
    AUTO_FREE char *spec =
        str_format("%s.%s", json_text(row, "flavor", ""), windows ? "win" : "linux");
    json_put_text(metadata, "charging_mode", "0");
    json_put_text(metadata, "metering.order_id", "");
    json_put_text(metadata, "metering.product_id", "");
    json_put_text(metadata, "vpc_id", json_text(row, "vpc_id", ""));
    json_put_text(metadata, "EcmResStatus", "");
    json_put_text(metadata, "metering.image_id", json_text(row, "image_id", ""));
    json_put_text(metadata, "metering.imagetype", "private");
    json_put_text(metadata, "metering.resourcespeccode", spec);
    json_put_text(metadata, "metering.resourcetype", "1");
    json_put_text(metadata, "image_name", json_text(row, "image_name", ""));
    json_put_text(metadata, "os_bit", "64");
    json_put_text(metadata, "os_type", windows ? "Windows" : "Linux");
    json_put_text(metadata, "lockCheckEndpoint", "");
    json_put_text(metadata, "lockSource", "");
    json_put_text(metadata, "lockSourceId", "");
    json_put_text(metadata, "lockScene", "");
    json_put_text(metadata, "virtual_env_type", "");
    return metadata;
}

static json_t *
tags_view(const json_t *row)
{
    json_t *list = json_array(), *tag;
    size_t index;

    json_array_foreach(json_object_get(row, "tags"), index, tag)
    {
        AUTO_FREE char *text =
            str_format("%s=%s", json_text(tag, "key", ""), json_text(tag, "value", ""));
        json_array_append_new(list, json_string(text));
    }
    return list;
}

/* "2026-11-24T10:00:00Z" of a timestamptz as the store writes it in JSON. */
static void
put_moment(json_t *view, const char *key, const char *text, const char *end)
{
    Moment moment;
    char iso[MOMENT_TEXT];

    if (!*text || !moment_parse(text, &moment))
        return;
    moment_iso(moment, iso);
    AUTO_FREE char *short_text = str_format("%.19s%s", iso, end);
    json_put_text(view, key, short_text);
}

static const char *
vm_state(const char *status)
{
    static const char *const states[][2] = {{"ACTIVE", "active"},      {"SHUTOFF", "stopped"},
                                            {"BUILD", "building"},     {"REBOOT", "active"},
                                            {"HARD_REBOOT", "active"}, {"RESIZE", "active"},
                                            {"REBUILD", "active"},     {"ERROR", "error"}};

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i][0], status) == 0)
            return states[i][1];
    return "active";
}

static void
add_extensions(json_t *view, const json_t *row)
{
    const char *status = json_text(row, "status", ""), *task = json_text(row, "task_state", "");
    const char *id = json_text(row, "id", "");
    bool on = strcmp(status, "ACTIVE") == 0 || strstr(status, "REBOOT");

    json_put_text(view, "OS-EXT-AZ:availability_zone", json_text(row, "zone", ""));
    json_put_text(view, "OS-EXT-STS:vm_state", vm_state(status));
    json_object_set_new(view, "OS-EXT-STS:task_state", *task ? json_string(task) : json_null());
    json_object_set_new(view, "OS-EXT-STS:power_state", json_integer(on ? 1 : 4));
    json_put_text(view, "OS-EXT-SRV-ATTR:instance_name", id);
    json_put_text(view, "OS-EXT-SRV-ATTR:host", "casement");
    json_put_text(view, "OS-EXT-SRV-ATTR:hypervisor_hostname", "casement");
    json_put_text(view, "OS-EXT-SRV-ATTR:root_device_name", "/dev/vda");
    json_put_text(view, "OS-EXT-SRV-ATTR:reservation_id", json_text(row, "reservation", ""));
    json_object_set_new(view, "OS-EXT-SRV-ATTR:launch_index",
                        json_integer(json_number(row, "launch_index", 0)));
    json_put_text(view, "OS-EXT-SRV-ATTR:hostname",
                  *json_text(row, "hostname", "") ? json_text(row, "hostname", "")
                                                  : json_text(row, "name", ""));
    json_put_text(view, "OS-DCF:diskConfig", "MANUAL");
    put_moment(view, "OS-SRV-USG:launched_at", json_text(row, "launched", ""), ".000000");
    json_object_set_new(view, "OS-SRV-USG:terminated_at", json_null());
}

static void
add_ecs_only(json_t *view, const json_t *row)
{
    json_put_text(view, "OS-EXT-SRV-ATTR:user_data", json_text(row, "user_data", ""));
    json_put_text(view, "enterprise_project_id", "0");
    json_put_text(view, "host_status", "UP");
    json_object_set_new(view, "locked", json_false());
    json_object_set_new(
        view, "sys_tags",
        json_pack("[{s:s, s:s}]", "key", "_sys_enterprise_project_id", "value", "0"));
    json_object_set_new(view, "os:scheduler_hints",
                        *json_text(row, "group_id", "")
                            ? json_pack("{s:[s]}", "group", json_text(row, "group_id", ""))
                            : json_object());
    json_object_set_new(view, "security_options",
                        json_pack("{s:b, s:b}", "secure_boot_enabled",
                                  json_flag(row, "secure_boot", false), "tpm_enabled",
                                  json_flag(row, "tpm", false)));
    json_object_set_new(view, "hypervisor", json_pack("{s:s}", "hypervisor_type", "QEMU"));
}

json_t *
server_view(ApiRequest *request, const json_t *row, ServerForm form)
{
    const char *id = json_text(row, "id", ""), *status = json_text(row, "status", "");
    bool nova = form != SERVER_ECS;
    VpcPort *ports = NULL;

    if (form == SERVER_BRIEF)
        return json_pack("{s:s, s:s, s:o}", "id", id, "name", json_text(row, "name", ""), "links",
                         server_links(request, "servers", id));
    int count = ports_of_device(request->store, id, &ports);
    json_t *view = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, "
        "s:o, s:o}",
        "id", id, "name", json_text(row, "name", ""), "status", status, "tenant_id",
        json_text(row, "project_id", ""), "user_id", json_text(row, "user_id", ""), "hostId",
        "casement", "description", json_text(row, "description", ""), "accessIPv4", "",
        "accessIPv6", "", "config_drive", "True", "progress",
        strcmp(status, "BUILD") == 0 ? 0 : 100, "image",
        json_pack("{s:s, s:o}", "id", json_text(row, "image_id", ""), "links",
                  server_links(request, "images", json_text(row, "image_id", ""))),
        "flavor", flavor_view(request, row, nova), "addresses",
        addresses_of(request->store, ports, count, nova), "security_groups",
        groups_of(ports, count), "metadata", metadata_view(row),
        "os-extended-volumes:volumes_attached", volumes_of(request->store, id, nova), "tags",
        tags_view(row), "links", server_links(request, "servers", id));

    if (count >= 0)
        vpc_ports_free(ports, count);
    json_object_set_new(view, "key_name",
                        *json_text(row, "key_name", "")
                            ? json_string(json_text(row, "key_name", ""))
                            : json_null());
    put_moment(view, "created", json_text(row, "created", ""), "Z");
    put_moment(view, "updated", json_text(row, "updated", ""), "Z");
    add_extensions(view, row);
    if (!nova)
        add_ecs_only(view, row);
    if (*json_text(row, "fault", "")) {
        json_t *fault = json_pack("{s:i, s:s, s:s}", "code", 500, "message",
                                  json_text(row, "fault", ""), "details", "");
        put_moment(fault, "created", json_text(row, "updated", ""), "Z");
        json_object_set_new(view, "fault", fault);
    }
    return view;
}
