/*
 * devices.c: volumes and interfaces of a server: lists, attach, detach; their jobs.
 */
#include "ecs/handlers.h"
#include "ecs/server.h"
#include "evs/evs.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <string.h>

/* ---- Lists ---- */

static json_t *
attachment_view(const EvsVolume *volume, bool full)
{
    json_t *view = json_pack("{s:s, s:s, s:s, s:s}", "id", volume->id, "volumeId", volume->id,
                             "serverId", volume->server_id, "device", volume->device);

    if (full) {
        json_object_set_new(view, "bootIndex",
                            json_integer(strcmp(volume->device, "/dev/vda") == 0 ? 0 : -1));
        json_object_set_new(view, "size", json_integer(volume->size_gb));
        json_put_text(view, "bus", "virtio");
        json_put_text(view, "pciAddress", "");
    }
    return view;
}

static json_t *
attachments(ApiRequest *request, const json_t *server, bool full, const char *only)
{
    EvsVolume *volumes = NULL;
    int count = volumes_of_server(request->store, json_text(server, "id", ""), &volumes);
    json_t *list = json_array();

    for (int i = 0; i < count; i++)
        if (!only || strcmp(volumes[i].id, only) == 0)
            json_array_append_new(list, attachment_view(&volumes[i], full));
    free(volumes);
    return list;
}

void
ecs_list_block_devices(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (!server)
        return;
    json_t *list = attachments(request, server, true, NULL);
    int left = ECS_DISKS - (int) json_array_size(list);
    api_reply(request, 200,
              json_pack("{s:o, s:{s:i, s:i, s:i}}", "volumeAttachments", list, "attachableQuantity",
                        "free_scsi", 0, "free_blk", left, "free_disk", left));
}

void
ecs_list_attachments(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);

    if (server)
        api_reply(
            request, 200,
            json_pack("{s:o}", "volumeAttachments", attachments(request, server, false, NULL)));
}

static void
show_one(ApiRequest *request, bool full)
{
    AUTO_JSON json_t *server = server_of_request(request);
    const char *id = api_path(request, "volume_id");

    if (!server)
        return;
    AUTO_JSON json_t *list = attachments(request, server, full, id);
    if (json_array_size(list) == 0)
        api_fail(request, API_ECS_NO_VOLUME, id);
    else
        api_reply(request, 200, json_pack("{s:O}", "volumeAttachment", json_array_get(list, 0)));
}

void
ecs_show_block_device(ApiRequest *request)
{
    show_one(request, true);
}

void
ecs_show_attachment(ApiRequest *request)
{
    show_one(request, false);
}

static json_t *
interface_view(const VpcPort *port)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:s}]}", "port_id", port->id, "net_id",
                     port->subnet_id, "mac_addr", port->mac, "port_state",
                     port->plugged ? "ACTIVE" : "DOWN", "fixed_ips", "ip_address", port->ip,
                     "subnet_id", port->subnet_id);
}

void
ecs_list_interfaces(ApiRequest *request)
{
    AUTO_JSON json_t *server = server_of_request(request);
    VpcPort *ports = NULL;

    if (!server)
        return;
    int count = ports_of_device(request->store, json_text(server, "id", ""), &ports);
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, interface_view(&ports[i]));
    if (count >= 0)
        vpc_ports_free(ports, count);
    api_reply(request, 200,
              json_pack("{s:o, s:{s:i}}", "interfaceAttachments", list, "attachableQuantity",
                        "free_nic", ECS_NICS - (count > 0 ? count : 0)));
}

/* ---- Volumes ---- */

/* The device that was asked for, or the first free one; "" where there is none. */
static void
choose_device(ApiRequest *request, const json_t *server, const char *wanted, char device[32])
{
    AUTO_JSON json_t *list = attachments(request, server, false, NULL);
    json_t *one;
    size_t index;
    bool taken[26] = {true}; /* vda is the system's */
    const char *letter = strlen(wanted) == 8 && (strncmp(wanted, "/dev/vd", 7) == 0 ||
                                                 strncmp(wanted, "/dev/sd", 7) == 0)
                             ? wanted + 7
                             : "";

    json_array_foreach(list, index, one)
    {
        const char *name = json_text(one, "device", "");
        if (strlen(name) == 8 && name[7] >= 'a' && name[7] <= 'z')
            taken[name[7] - 'a'] = true;
    }
    *device = '\0';
    for (int i = 0; i < ECS_DISKS && !*device; i++)
        if (!taken[i] && (!*letter || *letter == 'a' + i))
            snprintf(device, 32, "/dev/vd%c", 'a' + i);
}

/* The job within a transaction that it begins; false when it has answered. */
static bool
attach(
    ApiRequest *request, const char *volume_id, const char *wanted, char device[32], char job[41])
{
    AUTO_JSON json_t *server = server_of_request(request);
    EvsVolume volume;

    if (!server || !ecs_begin(request) || !server_must_be(request, server, "ACTIVE SHUTOFF"))
        return false;
    int error = volume_find(request->store, api_project(request), volume_id, &volume);
    choose_device(request, server, wanted, device);
    if (error == -ENOENT) {
        store_rollback(request->store);
        api_fail(request, API_ECS_NO_VOLUME, volume_id);
    } else if (error) {
        ecs_refuse(request, error, NULL);
    } else if (strcmp(volume.status, "available") != 0) {
        ecs_refuse(request, -EBUSY, "the volume is not available");
    } else if (!*device) {
        ecs_refuse(request, -EINVAL, "the server has no such device free");
    } else {
        AUTO_JSON json_t *data = json_pack("{s:s, s:s}", "volume", volume.id, "device", device);
        return server_job(request, "attachVolume", server, data, job);
    }
    return false;
}

void
ecs_attach_volume(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "volumeAttachment");
    char device[32], job[41];

    if (attach(request, json_text(given, "volumeId", ""), json_text(given, "device", ""), device,
               job))
        ecs_commit_job(request, job);
}

void
ecs_nova_attach_volume(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "volumeAttachment");
    const char *volume = json_text(given, "volumeId", "");
    char device[32], job[41];

    if (attach(request, volume, json_text(given, "device", ""), device, job))
        ecs_commit(request, 200,
                   json_pack("{s:{s:s, s:s, s:s, s:s}}", "volumeAttachment", "id", volume,
                             "volumeId", volume, "serverId", api_path(request, "server_id"),
                             "device", device));
}

static bool
detach(ApiRequest *request, char job[41])
{
    AUTO_JSON json_t *server = server_of_request(request);
    const char *id = api_path(request, "volume_id");

    if (!server)
        return false;
    AUTO_JSON json_t *list = attachments(request, server, false, id);
    const char *device = json_text(json_array_get(list, 0), "device", "");
    if (json_array_size(list) == 0) {
        api_fail(request, API_ECS_NO_VOLUME, id);
        return false;
    }
    if (!ecs_begin(request))
        return false;
    bool system = strcmp(device, "/dev/vda") == 0;
    if (!server_must_be(request, server, system ? "SHUTOFF" : "ACTIVE SHUTOFF"))
        return false;
    AUTO_JSON json_t *data = json_pack("{s:s, s:s}", "volume", id, "device", device);
    return server_job(request, "detachVolume", server, data, job);
}

void
ecs_detach_volume(ApiRequest *request)
{
    char job[41];

    if (detach(request, job))
        ecs_commit_job(request, job);
}

void
ecs_nova_detach_volume(ApiRequest *request)
{
    char job[41];

    if (detach(request, job))
        ecs_commit(request, 202, NULL);
}

static json_t *
disk_of(JobContext *context)
{
    return json_pack("{s:s, s:s}", "volume", json_text(context->data, "volume", ""), "device",
                     json_text(context->data, "device", "/dev/") + 5);
}

static int
note_volume(JobContext *context)
{
    const char *volume = json_text(context->data, "volume", "");
    int error = volume_attached(context->store, volume, context->resource_id,
                                json_text(context->data, "device", ""), false);
    EvsVolume found;

    json_put_text(context->result, "server_id", context->resource_id);
    json_put_text(context->result, "volume_id", volume);
    if (error == -EBUSY && volume_find(context->store, context->project_id, volume, &found) == 0 &&
        strcmp(found.server_id, context->resource_id) == 0)
        error = 0; /* by this step, before it was cut short */
    return error ? job_fail(context, error, "the volume is not available any more") : 0;
}

static int
plug_disk(JobContext *context)
{
    AUTO_JSON json_t *server = job_server(context);
    AUTO_JSON json_t *disk = disk_of(context);
    AUTO_FREE char *problem = NULL;

    if (!server)
        return -ENOENT;
    int error = hypervisor_attach_disk(context->resource_id, (int) json_number(server, "slot", 0),
                                       disk, &problem);
    return error ? job_fail(context, error, "%s", problem ? problem : strerror(-error)) : 0;
}

static int
unplug_disk(JobContext *context)
{
    AUTO_JSON json_t *disk = disk_of(context);
    AUTO_FREE char *problem = NULL;
    long long until = json_number(context->data, "until", 0);
    long long now = moment_now() / MOMENT_SECOND;
    int error = hypervisor_detach_disk(context->resource_id, disk, &problem);

    json_put_text(context->result, "server_id", context->resource_id);
    json_put_text(context->result, "volume_id", json_text(context->data, "volume", ""));
    if (error == -EAGAIN && !until)
        json_object_set_new(context->data, "until", json_integer(now + 30));
    if (error == -EAGAIN && (!until || now < until))
        return JOB_AGAIN;
    return error ? job_fail(context, error, "%s", problem ? problem : strerror(-error)) : 0;
}

static int
forget_volume(JobContext *context)
{
    int error = volume_detached(context->store, json_text(context->data, "volume", ""));

    return error && error != -ENOENT ? job_fail(context, error, "the store refused") : 0;
}

static int
attach_failed(JobContext *context)
{
    AUTO_JSON json_t *disk = disk_of(context);
    AUTO_FREE char *problem = NULL;
    EvsVolume found;

    if (volume_find(context->store, context->project_id, json_text(context->data, "volume", ""),
                    &found) != 0 ||
        strcmp(found.server_id, context->resource_id) != 0)
        return 0; /* another's meanwhile */
    int error = hypervisor_detach_disk(context->resource_id, disk, &problem);
    if (error == -EAGAIN)
        return JOB_AGAIN;
    return forget_volume(context);
}

/* ---- Interfaces ---- */

static bool
add_port(ApiRequest *request,
         const json_t *server,
         const char *port_id,
         const VpcPortWish *wish,
         json_t *ids)
{
    AUTO_FREE char *problem = NULL;
    VpcPort port = {0};
    int error;

    if (port_id && *port_id) {
        error = port_find(request->store, api_project(request), port_id, &port);
        if (!error && *port.device_id)
            error = -EBUSY;
        if (!error)
            error = port_bind(request->store, port.id, wish->device_id, wish->device_owner);
        if (!error)
            store_run(request->store,
                      "UPDATE ecs_server SET kept_ports = kept_ports || to_jsonb($2::text) WHERE "
                      "id = $1",
                      "ss", wish->device_id, port.id);
    } else {
        error = port_create(request->store, wish, &port, &problem);
    }
    if (error)
        ecs_refuse(request, error, problem);
    else
        json_array_append_new(ids, json_string(port.id));
    vpc_port_done(&port);
    return error == 0;
}

/* Each {"subnet_id", "port_id", "ip", "groups": [ids]}; false when it has answered. */
static bool
add_nics(ApiRequest *request, const json_t *nics, json_t *ids, char job[41])
{
    AUTO_JSON json_t *server = server_of_request(request);
    AUTO_FREE char *owner = str_format("compute:%s", ecs_zone());
    json_t *one;
    size_t index;

    if (!server || !ecs_begin(request) || !server_must_be(request, server, "ACTIVE SHUTOFF"))
        return false;
    json_array_foreach((json_t *) nics, index, one)
    {
        const json_t *groups = json_object_get(one, "groups");
        const char *list[17] = {NULL};
        for (size_t i = 0; i < json_array_size(groups) && i < 16; i++)
            list[i] = json_text(json_array_get(groups, i), "id", "");
        const char *ip = json_text(one, "ip", "");
        VpcPortWish wish = {.project_id = api_project(request),
                            .subnet_id = json_text(one, "subnet_id", ""),
                            .ip = *ip ? ip : NULL,
                            .device_id = json_text(server, "id", ""),
                            .device_owner = owner,
                            .groups = list[0] ? list : NULL};
        if (!add_port(request, server, json_text(one, "port_id", ""), &wish, ids))
            return false;
    }
    AUTO_JSON json_t *data = json_pack("{s:O}", "ports", ids);
    return server_job(request, "addNics", server, data, job);
}

void
ecs_add_nics(ApiRequest *request)
{
    AUTO_JSON json_t *nics = json_array(), *ids = json_array();
    json_t *one;
    size_t index;
    char job[41];

    json_array_foreach(json_object_get(request->json, "nics"), index, one)
    {
        json_t *nic =
            json_pack("{s:s, s:s, s:s}", "subnet_id", json_text(one, "subnet_id", ""), "port_id",
                      json_text(one, "port_id", ""), "ip", json_text(one, "ip_address", ""));
        if (json_object_get(one, "security_groups"))
            json_object_set(nic, "groups", json_object_get(one, "security_groups"));
        json_array_append_new(nics, nic);
    }
    if (json_array_size(nics) < 1 || json_array_size(nics) > ECS_NICS - 1)
        api_fail(request, API_ECS_PARAMETER, "nics: 1 to 11 are wanted");
    else if (add_nics(request, nics, ids, job))
        ecs_commit_job(request, job);
}

void
ecs_nova_add_interface(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "interfaceAttachment");
    const json_t *fixed = json_array_get(json_object_get(given, "fixed_ips"), 0);
    AUTO_JSON json_t *nics =
        json_pack("[{s:s, s:s, s:s}]", "subnet_id", json_text(given, "net_id", ""), "port_id",
                  json_text(given, "port_id", ""), "ip", json_text(fixed, "ip_address", ""));
    AUTO_JSON json_t *ids = json_array();
    VpcPort port;
    char job[41];

    if (!add_nics(request, nics, ids, job))
        return;
    if (port_find(request->store, api_project(request), json_string_value(json_array_get(ids, 0)),
                  &port) != 0) {
        ecs_refuse(request, -EIO, NULL);
        return;
    }
    json_t *view = interface_view(&port);
    vpc_port_done(&port);
    ecs_commit(request, 200, json_pack("{s:o}", "interfaceAttachment", view));
}

static bool
delete_nics(ApiRequest *request, json_t *ids, char job[41])
{
    AUTO_JSON json_t *server = server_of_request(request);
    json_t *one;
    size_t index;

    if (!server || !ecs_begin(request) || !server_must_be(request, server, "ACTIVE SHUTOFF"))
        return false;
    json_array_foreach(ids, index, one)
    {
        const char *id = json_string_value(one);
        VpcPort port = {0};
        int error = port_find(request->store, api_project(request), id, &port);
        bool mine = !error && strcmp(port.device_id, json_text(server, "id", "")) == 0;

        vpc_port_done(&port);
        if (mine)
            continue;
        ecs_refuse(request, -ENOENT, "the interface could not be found");
        return false;
    }
    AUTO_JSON json_t *data = json_pack("{s:O}", "ports", ids);
    return server_job(request, "deleteNics", server, data, job);
}

void
ecs_delete_nics(ApiRequest *request)
{
    AUTO_JSON json_t *ids = json_array();
    json_t *one;
    size_t index;
    char job[41];

    json_array_foreach(json_object_get(request->json, "nics"), index, one)
        json_array_append_new(ids, json_string(json_text(one, "id", "")));
    if (delete_nics(request, ids, job))
        ecs_commit_job(request, job);
}

void
ecs_nova_delete_interface(ApiRequest *request)
{
    AUTO_JSON json_t *ids = json_pack("[s]", api_path(request, "port_id"));
    char job[41];

    if (delete_nics(request, ids, job))
        ecs_commit(request, 202, NULL);
}

static int
plug_nics(JobContext *context)
{
    json_t *one;
    size_t index;

    json_put_text(context->result, "server_id", context->resource_id);
    json_array_foreach(json_object_get(context->data, "ports"), index, one)
    {
        AUTO_FREE char *problem = NULL;
        VpcPort port = {0};
        char tap[VPC_TAP] = "";
        int error = port_find(context->store, context->project_id, json_string_value(one), &port);

        if (!error)
            error = port_plug(context->store, port.id, tap, &problem);
        AUTO_JSON json_t *nic = json_pack("{s:s, s:s}", "mac", port.mac, "tap", tap);
        if (!error)
            error = hypervisor_attach_nic(context->resource_id, nic, &problem);
        json_put_text(context->result, "nic_id", port.id);
        vpc_port_done(&port);
        if (error)
            return job_fail(context, error, "port %s: %s", json_string_value(one),
                            problem ? problem : strerror(-error));
    }
    server_note_addresses(context->store, context->resource_id);
    return 0;
}

/* Gives up a port of the server; JOB_AGAIN while the guest holds on to it. */
static int
drop_nic(JobContext *context, const json_t *server, const char *id, bool wait)
{
    AUTO_FREE char *problem = NULL;
    VpcPort port = {0};
    json_t *one;
    size_t index;
    bool kept = false;
    int error = port_find(context->store, context->project_id, id, &port);

    if (error == -ENOENT || strcmp(port.device_id, context->resource_id) != 0) {
        vpc_port_done(&port);
        return 0;
    }
    AUTO_JSON json_t *nic = json_pack("{s:s, s:s}", "mac", port.mac, "tap", port.tap);
    vpc_port_done(&port);
    error = hypervisor_detach_nic(context->resource_id, nic, &problem);
    if (error == -EAGAIN && wait)
        return JOB_AGAIN;
    json_array_foreach(json_object_get(server, "kept_ports"), index, one) kept =
        kept || strcmp(json_string_value(one), id) == 0;
    error = kept ? port_unplug(context->store, id, &problem)
                 : port_delete(context->store, id, &problem);
    if (!error && kept)
        error = port_bind(context->store, id, "", "");
    return error ? job_fail(context, error, "port %s: %s", id, problem ? problem : strerror(-error))
                 : 0;
}

static int
drop_nics(JobContext *context, bool wait)
{
    AUTO_JSON json_t *server = job_server(context);
    long long until = json_number(context->data, "until", 0);
    long long now = moment_now() / MOMENT_SECOND;
    json_t *one;
    size_t index;
    int error = server ? 0 : -ENOENT;

    json_put_text(context->result, "server_id", context->resource_id);
    if (!until)
        json_object_set_new(context->data, "until", json_integer(until = now + 30));
    json_array_foreach(json_object_get(context->data, "ports"), index, one) if (!error) error =
        drop_nic(context, server, json_string_value(one), wait && now < until);
    if (!error)
        server_note_addresses(context->store, context->resource_id);
    return error;
}

static int
unplug_nics(JobContext *context)
{
    return drop_nics(context, true);
}

static int
add_failed(JobContext *context)
{
    return drop_nics(context, false);
}

static const JobStep attach_steps[] = {
    {"note-volume", note_volume, 30}, {"plug-disk", plug_disk, 100}, {NULL, NULL, 0}};
static const JobStep detach_steps[] = {
    {"unplug-disk", unplug_disk, 80}, {"forget-volume", forget_volume, 100}, {NULL, NULL, 0}};
static const JobStep add_steps[] = {{"plug-nics", plug_nics, 100}, {NULL, NULL, 0}};
static const JobStep remove_steps[] = {{"unplug-nics", unplug_nics, 100}, {NULL, NULL, 0}};
static const JobKind kinds[] = {{"attachVolume", attach_steps, attach_failed},
                                {"detachVolume", detach_steps, NULL},
                                {"addNics", add_steps, add_failed},
                                {"deleteNics", remove_steps, NULL}};

void
device_jobs_register(void)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        job_register(&kinds[i]);
}
