/*
 * guest.c: what jobs do with the guest of a server: its description from rows, its ConfigDrive, its
 * ports' taps, its start and end. All may be repeated.
 */
#include "base/settings.h"
#include "crypto/master_key.h"
#include "ecs/server.h"
#include "ecs/story.h"
#include "evs/evs.h"

#include <errno.h>
#include <string.h>

#define SOFT_SECONDS 60 /* for the guest to shut down when it is asked */

json_t *
job_server(JobContext *context)
{
    json_t *server = server_load(context->store, NULL, context->resource_id);

    if (!server)
        job_fail(context, -ENOENT, "the server is gone");
    return server;
}

/* ---- The description ---- */

static json_t *
disks_of(StoreConn *store, const char *id)
{
    EvsVolume *volumes = NULL;
    int count = volumes_of_server(store, id, &volumes);
    json_t *disks = json_array();

    for (int i = 0; i < count; i++) {
        const char *device = strrchr(volumes[i].device, '/');
        json_t *disk = json_pack("{s:s, s:s}", "volume", volumes[i].id, "device",
                                 device ? device + 1 : volumes[i].device);
        /* The system's disk is the first: it is booted from. */
        if (strcmp(volumes[i].device, "/dev/vda") == 0)
            json_array_insert_new(disks, 0, disk);
        else
            json_array_append_new(disks, disk);
    }
    free(volumes);
    return disks;
}

static json_t *
nics_of(StoreConn *store, const char *id)
{
    VpcPort *ports = NULL;
    int count = ports_of_device(store, id, &ports);
    json_t *nics = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(nics,
                              json_pack("{s:s, s:s}", "mac", ports[i].mac, "tap", ports[i].tap));
    if (count >= 0)
        vpc_ports_free(ports, count);
    return nics;
}

int
guest_define(JobContext *context, const json_t *server)
{
    const char *id = json_text(server, "id", "");
    const Flavor *flavor = flavor_find_server(json_text(server, "flavor", ""));
    AUTO_FREE char *problem = NULL;

    if (!flavor)
        return job_fail(context, -EINVAL, "its flavor is not known any more");
    AUTO_JSON json_t *guest = json_pack(
        "{s:s, s:I, s:i, s:i, s:b, s:s, s:b, s:b, s:b, s:o, s:o}", "id", id, "slot",
        (json_int_t) json_number(server, "slot", 0), "memory_mb", flavor->memory_mb, "vcpus",
        flavor->vcpus, "windows", strcmp(json_text(server, "os_type", ""), "Windows") == 0,
        "firmware", json_text(server, "firmware", "bios"), "secure_boot",
        json_flag(server, "secure_boot", false), "tpm", json_flag(server, "tpm", false),
        "config_drive", 1, "disks", disks_of(context->store, id), "nics",
        nics_of(context->store, id));
    int error = hypervisor_define(guest, &problem);
    return error ? job_fail(context, error, "the guest cannot be made: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

/* ---- The ConfigDrive ---- */

static void
fill_nic(ProvisionNic *nic, const VpcPort *port, bool first)
{
    const char *slash = strchr(port->cidr, '/');

    *nic = (ProvisionNic){.port_id = port->id,
                          .subnet_id = port->subnet_id,
                          .mac = port->mac,
                          .dhcp = true,
                          .address = port->ip,
                          .prefix = slash ? (int) strtol(slash + 1, NULL, 10) : 24,
                          .gateway = first ? port->gateway : NULL};
    for (int i = 0; i < 4; i++)
        nic->dns[i] = *port->dns[i] ? port->dns[i] : NULL;
}

int
story_of(StoreConn *store, const json_t *server, ServerStory *story)
{
    const char *sealed = json_text(server, "admin_sealed", "");
    const char *data = json_text(server, "user_data", "");
    const char *hostname = json_text(server, "hostname", "");
    const char *key = json_text(server, "public_key", "");
    size_t length = 0, data_length = 0;

    *story = (ServerStory){.row = json_incref((json_t *) server)};
    story->count = ports_of_device(store, json_text(server, "id", ""), &story->ports);
    if (story->count < 0)
        return story->count;
    story->password = *sealed ? secret_open("ecs-admin", sealed, &length) : NULL;
    story->data = *data ? base64_bytes(data, &data_length) : NULL;
    bool public_too = story->count > 0 && eip_of_port(store, story->ports[0].id, &story->eip) == 0;
    story->about =
        (ProvisionServer){.id = json_text(server, "id", ""),
                          .name = json_text(server, "name", ""),
                          .hostname = *hostname ? hostname : NULL,
                          .project_id = json_text(server, "project_id", ""),
                          .zone = json_text(server, "zone", ""),
                          .region = setting_text(SETTING_REGION),
                          .flavor = json_text(server, "flavor", ""),
                          .image_id = json_text(server, "image_id", ""),
                          .key_name = *key ? json_text(server, "key_name", "") : NULL,
                          .public_key = *key ? key : NULL,
                          .admin_password = story->password,
                          .user_data = story->data,
                          .user_data_length = data_length,
                          .metadata = json_object_get(server, "metadata"),
                          .public_address = public_too ? story->eip.address : NULL,
                          .windows = strcmp(json_text(server, "os_type", ""), "Windows") == 0};
    for (int i = 0; i < story->count && i < PROVISION_NICS; i++)
        fill_nic(&story->about.nics[story->about.nic_count++], &story->ports[i], i == 0);
    return 0;
}

void
story_done(ServerStory *story)
{
    if (story->count > 0 || story->ports)
        vpc_ports_free(story->ports, story->count > 0 ? story->count : 0);
    str_wipe(story->password);
    free(story->data);
    json_decref(story->row);
    *story = (ServerStory){0};
}

int
guest_write_drive(JobContext *context, const json_t *server)
{
    AUTO_FREE char *name = str_format("servers/%s/config.iso", json_text(server, "id", ""));
    AUTO_FREE char *path = settings_path(name);
    AUTO_FREE char *problem = NULL;
    ServerStory story = {0};
    /* The first definition makes its folder, the second gives the drive to its user. */
    int error = guest_define(context, server);

    if (error)
        return error;
    error = story_of(context->store, server, &story);
    if (error)
        return job_fail(context, error, "its ports cannot be read");
    error = provision_config_drive(&story.about, path, &problem);
    story_done(&story);
    if (error)
        return job_fail(context, error, "%s", problem ? problem : strerror(-error));
    return guest_define(context, server);
}

/* ---- Ports ---- */

static int
for_ports(JobContext *context, const char *server_id, bool plug)
{
    VpcPort *ports = NULL;
    int count = ports_of_device(context->store, server_id, &ports), error = 0;

    if (count < 0)
        return job_fail(context, count, "its ports cannot be read");
    for (int i = 0; i < count && !error; i++) {
        AUTO_FREE char *problem = NULL;
        char tap[VPC_TAP];

        error = plug ? port_plug(context->store, ports[i].id, tap, &problem)
                     : port_unplug(context->store, ports[i].id, &problem);
        if (error)
            error = job_fail(context, error, "the network of port %s: %s", ports[i].id,
                             problem ? problem : strerror(-error));
    }
    vpc_ports_free(ports, count);
    return error;
}

int
guest_plug(JobContext *context, const char *server_id)
{
    return for_ports(context, server_id, true);
}

int
guest_unplug(JobContext *context, const char *server_id)
{
    return for_ports(context, server_id, false);
}

/* ---- Start and end ---- */

int
guest_start(JobContext *context, const json_t *server)
{
    const char *id = json_text(server, "id", "");
    AUTO_FREE char *problem = NULL;
    HypervisorState state;
    int error = hypervisor_state(id, &state, &problem);

    if (!error && state == HYPERVISOR_RUNNING)
        return 0;
    if (!error)
        error = hypervisor_start(id, &problem);
    return error ? job_fail(context, error, "the guest cannot be started: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

static bool
is_on(const char *id)
{
    HypervisorState state = HYPERVISOR_ABSENT;

    return hypervisor_state(id, &state, &(char *){NULL}) == 0 &&
           (state == HYPERVISOR_RUNNING || state == HYPERVISOR_PAUSED);
}

int
guest_stop(JobContext *context, const char *id, bool soft)
{
    AUTO_FREE char *problem = NULL;
    long long until = json_number(context->data, "stop_until", 0);
    long long now = moment_now() / MOMENT_SECOND;

    if (!is_on(id))
        return 0;
    if (soft && !until) {
        until = now + SOFT_SECONDS;
        json_object_set_new(context->data, "stop_until", json_integer(until));
        hypervisor_shutdown(id, &problem);
    }
    if (soft && now < until)
        return JOB_AGAIN;
    int error = hypervisor_destroy(id, &problem);
    return error ? job_fail(context, error, "the guest cannot be ended: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}
