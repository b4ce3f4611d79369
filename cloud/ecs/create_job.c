/*
 * create_job.c: the job createSingleServer: from rows to a guest that runs. Its steps look at what
 * is there; when it fails, everything but the server's row goes again, and the row says why.
 */
#include "ecs/server.h"
#include "evs/evs.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <string.h>

static int
make_volumes(JobContext *context)
{
    json_t *one;
    size_t index;

    json_object_set_new(context->result, "server_id", json_string(context->resource_id));
    json_array_foreach(json_object_get(context->data, "volumes"), index, one)
    {
        const char *id = json_text(one, "id", "");
        AUTO_FREE char *problem = NULL;
        EvsVolume volume;

        if (volume_find(context->store, context->project_id, id, &volume) == 0 &&
            strcmp(volume.server_id, context->resource_id) == 0)
            continue;
        int error = volume_make(context->store, id, &problem);
        if (!error)
            error = volume_attached(context->store, id, context->resource_id,
                                    json_text(one, "device", ""), json_flag(one, "delete", false));
        if (error)
            return job_fail(context, error, "volume %s: %s", id,
                            problem ? problem : strerror(-error));
        job_progress(context, 5 + (int) index);
    }
    return 0;
}

static int
plug_ports(JobContext *context)
{
    return guest_plug(context, context->resource_id);
}

static int
write_drive(JobContext *context)
{
    AUTO_JSON json_t *server = job_server(context);

    return server ? guest_write_drive(context, server) : -ENOENT;
}

static int
start_guest(JobContext *context)
{
    AUTO_JSON json_t *server = job_server(context);

    return server ? guest_start(context, server) : -ENOENT;
}

static int
bind_address(JobContext *context)
{
    int megabits = (int) json_number(context->data, "megabits", 0), error = 0;
    AUTO_FREE char *problem = NULL;
    VpcPort *ports = NULL;
    VpcEip eip;

    if (megabits <= 0)
        return 0;
    int count = ports_of_device(context->store, context->resource_id, &ports);
    if (count > 0 && eip_of_port(context->store, ports[0].id, &eip) == -ENOENT)
        error =
            eip_create(context->store, context->project_id, ports[0].id, megabits, &eip, &problem);
    if (count >= 0)
        vpc_ports_free(ports, count);
    return error ? job_fail(context, error, "its EIP: %s", problem ? problem : strerror(-error))
                 : 0;
}

static int
finish(JobContext *context)
{
    store_run(context->store, "UPDATE ecs_server SET admin_sealed = '' WHERE id = $1", "s",
              context->resource_id);
    server_set_status(context->store, context->resource_id, "ACTIVE", "");
    usage_begin(context->store, context->resource_id);
    return 0;
}

/* ---- Taking it away ---- */

/* The guest, with its processes and files. Where the host can have no guest there is none. */
static int
remove_guest(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    int error = hypervisor_remove(context->resource_id, &problem);

    usage_end(context->store, context->resource_id);
    return error && error != -EOPNOTSUPP
               ? job_fail(context, error, "the guest cannot be removed: %s",
                          problem ? problem : strerror(-error))
               : 0;
}

static bool
is_kept(const json_t *server, const char *port)
{
    json_t *one;
    size_t index;

    json_array_foreach(json_object_get(server, "kept_ports"), index,
                       one) if (strcmp(json_string_value(one), port) == 0) return true;
    return false;
}

static int
release_port(JobContext *context, const json_t *server, const VpcPort *port, bool eip_too)
{
    AUTO_FREE char *problem = NULL;
    VpcEip eip;
    int error = 0;

    if (eip_too && eip_of_port(context->store, port->id, &eip) == 0)
        error = eip_delete(context->store, port->project_id, eip.id, &problem);
    if (!error && is_kept(server, port->id)) {
        error = port_unplug(context->store, port->id, &problem);
        if (error == -EOPNOTSUPP)
            error = 0;
        if (!error)
            error = port_bind(context->store, port->id, "", "");
    } else if (!error) {
        error = port_delete(context->store, port->id, &problem);
    }
    return error && error != -ENOENT ? job_fail(context, error, "port %s: %s", port->id,
                                                problem ? problem : strerror(-error))
                                     : 0;
}

static int
release_ports(JobContext *context)
{
    AUTO_JSON json_t *server = server_load(context->store, NULL, context->resource_id);
    bool eip_too = json_flag(context->data, "delete_publicip", false) ||
                   json_number(context->data, "megabits", 0) > 0;
    VpcPort *ports = NULL;
    int count = ports_of_device(context->store, context->resource_id, &ports), error = 0;

    for (int i = 0; i < count && !error; i++)
        error = release_port(context, server, &ports[i], eip_too);
    if (count >= 0)
        vpc_ports_free(ports, count);
    return count < 0 ? job_fail(context, count, "its ports cannot be read") : error;
}

static int
release_volume(JobContext *context, const EvsVolume *volume, bool all)
{
    AUTO_FREE char *problem = NULL;
    int error = volume_detached(context->store, volume->id);

    if (!error && (all || volume->delete_on_termination || strcmp(volume->device, "/dev/vda") == 0))
        error = volume_remove(context->store, volume->id, &problem);
    return error && error != -ENOENT ? job_fail(context, error, "volume %s: %s", volume->id,
                                                problem ? problem : strerror(-error))
                                     : 0;
}

static int
release_volumes(JobContext *context)
{
    EvsVolume *volumes = NULL;
    bool all = json_flag(context->data, "delete_volume", false);
    int count = volumes_of_server(context->store, context->resource_id, &volumes), error = 0;

    /* The list is noted first: what is detached and not yet removed would not be found again. */
    if (count > 0 && !json_object_get(context->data, "releasing")) {
        json_t *list = json_array();
        for (int i = 0; i < count; i++)
            if (all || volumes[i].delete_on_termination ||
                strcmp(volumes[i].device, "/dev/vda") == 0)
                json_array_append_new(list, json_string(volumes[i].id));
        json_object_set_new(context->data, "releasing", list);
        free(volumes);
        context->again_milliseconds = 1;
        return JOB_AGAIN;
    }
    for (int i = 0; i < count && !error; i++)
        error = release_volume(context, &volumes[i], all);
    free(volumes);
    json_t *one;
    size_t index;
    json_array_foreach(json_object_get(context->data, "releasing"), index, one) if (!error)
    {
        AUTO_FREE char *problem = NULL;
        error = volume_remove(context->store, json_string_value(one), &problem);
        if (error)
            error = job_fail(context, error, "volume %s: %s", json_string_value(one),
                             problem ? problem : strerror(-error));
    }
    return count < 0 ? job_fail(context, count, "its volumes cannot be read") : error;
}

/* Volumes of a server that was not made: those that were attached, and those that were only rows.
 */
static int
drop_volumes(JobContext *context)
{
    json_t *one;
    size_t index;
    int error = 0;

    json_array_foreach(json_object_get(context->data, "volumes"), index, one)
    {
        AUTO_FREE char *problem = NULL;
        const char *id = json_text(one, "id", "");

        volume_detached(context->store, id);
        int failed = volume_remove(context->store, id, &problem);
        error = error ? error : failed == -ENOENT ? 0 : failed;
    }
    return error;
}

static int
create_failed(JobContext *context)
{
    AUTO_FREE char *reason = str_copy(context->reason);
    int guest = remove_guest(context), ports = release_ports(context);
    int volumes = drop_volumes(context);

    store_run(context->store,
              "UPDATE ecs_server SET admin_sealed = '', addresses = '' WHERE id = $1", "s",
              context->resource_id);
    server_set_fault(context->store, context->resource_id, reason ? reason : "");
    return guest ? guest : ports ? ports : volumes;
}

/* ---- Delete ---- */

static int
forget_server(JobContext *context)
{
    json_object_set_new(context->result, "server_id", json_string(context->resource_id));
    usage_end(context->store, context->resource_id);
    return store_run(context->store, "DELETE FROM ecs_server WHERE id = $1", "s",
                     context->resource_id) < 0
               ? job_fail(context, -EIO, "the store refused: %s", store_error(context->store))
               : 0;
}

/* What could be taken away is; deleting again goes on with the rest. */
static int
delete_failed(JobContext *context)
{
    server_set_fault(context->store, context->resource_id, context->reason ? context->reason : "");
    return 0;
}

static const JobStep create_steps[] = {
    {"make-volumes", make_volumes, 40},
    {"plug-ports", plug_ports, 55},
    {"write-drive", write_drive, 70},
    {"start-guest", start_guest, 85},
    {"bind-address", bind_address, 95},
    {"finish", finish, 100},
    {NULL, NULL, 0},
};
static const JobStep delete_steps[] = {
    {"remove-guest", remove_guest, 40},
    {"release-ports", release_ports, 60},
    {"release-volumes", release_volumes, 90},
    {"forget", forget_server, 100},
    {NULL, NULL, 0},
};
static const JobKind create_kind = {"createSingleServer", create_steps, create_failed};
static const JobKind delete_kind = {"deleteSingleServer", delete_steps, delete_failed};

void
create_jobs_register(void)
{
    job_register(&create_kind);
}

void
delete_jobs_register(void)
{
    job_register(&delete_kind);
}
