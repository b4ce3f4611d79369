/*
 * change.c: another flavor, another system disk (change of OS, reinstallation); their jobs.
 */
#include "crypto/master_key.h"
#include "ecs/handlers.h"
#include "ecs/server.h"
#include "evs/evs.h"
#include "ims/ims.h"

#include <errno.h>
#include <string.h>

/* ---- Resize ---- */

static void
resize(ApiRequest *request, const char *wanted, bool stop_too, bool dry)
{
    AUTO_JSON json_t *server = server_of_request(request);
    const Flavor *to = flavor_find_server(wanted);
    const Flavor *from = flavor_find_server(json_text(server, "flavor", ""));
    char job[41];

    if (!server)
        return;
    if (!to || to == from) {
        api_fail(request, API_ECS_PARAMETER,
                 to ? "flavorRef: the server has this flavor"
                    : "flavorRef: there is no such flavor");
        return;
    }
    if (!ecs_begin(request) ||
        !server_must_be(request, server, stop_too ? "ACTIVE SHUTOFF" : "SHUTOFF") ||
        !ecs_quota_allows(request, 0, to->vcpus - (from ? from->vcpus : 0),
                          to->memory_mb - (from ? from->memory_mb : 0)))
        return;
    if (dry) {
        store_rollback(request->store);
        api_reply(request, 200, json_object());
        return;
    }
    AUTO_JSON json_t *data = json_pack(
        "{s:s, s:s, s:b, s:b}", "flavor", to->id, "before", json_text(server, "flavor", ""),
        "was_on", strcmp(json_text(server, "status", ""), "ACTIVE") == 0, "soft", 1);
    if (!server_job(request, "resizeServer", server, data, job))
        return;
    server_set_status(request->store, json_text(server, "id", ""), "RESIZE", "resize_prep");
    if (nova_form(request))
        ecs_commit(request, 202, NULL);
    else
        ecs_commit_job(request, job);
}

void
ecs_resize_server(ApiRequest *request)
{
    const json_t *given = json_object_get(request->json, "resize");

    resize(request, json_text(given, "flavorRef", ""),
           strcmp(json_text(given, "mode", ""), "withStopServer") == 0,
           json_flag(request->json, "dry_run", false));
}

void
ecs_nova_resize(ApiRequest *request, const char *flavor)
{
    resize(request, flavor, true, false);
}

static int
stop_guest(JobContext *context)
{
    json_object_set_new(context->result, "server_id", json_string(context->resource_id));
    usage_end(context->store, context->resource_id);
    return guest_stop(context, context->resource_id, json_flag(context->data, "soft", true));
}

static int
set_flavor_of(JobContext *context, const char *member)
{
    if (store_run(context->store, "UPDATE ecs_server SET flavor = $2 WHERE id = $1", "ss",
                  context->resource_id, json_text(context->data, member, "")) != 1)
        return job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
    AUTO_JSON json_t *server = job_server(context);
    return server ? guest_define(context, server) : -ENOENT;
}

static int
set_flavor(JobContext *context)
{
    return set_flavor_of(context, "flavor");
}

static int
start_if_on(JobContext *context)
{
    AUTO_JSON json_t *server = job_server(context);

    if (!server || !json_flag(context->data, "was_on", false))
        return server ? 0 : -ENOENT;
    int error = guest_plug(context, context->resource_id);
    return error ? error : guest_start(context, server);
}

static int
finish(JobContext *context)
{
    bool on = json_flag(context->data, "was_on", false);

    server_set_status(context->store, context->resource_id, on ? "ACTIVE" : "SHUTOFF", "");
    if (on)
        usage_begin(context->store, context->resource_id);
    return 0;
}

/* With its flavor of before, and on where it was on. */
static int
resize_failed(JobContext *context)
{
    AUTO_FREE char *reason = str_copy(context->reason);
    int error = guest_stop(context, context->resource_id, false);

    if (!error)
        error = set_flavor_of(context, "before");
    if (!error)
        error = start_if_on(context);
    if (!error)
        return finish(context);
    server_set_fault(context->store, context->resource_id, reason ? reason : "");
    return 0;
}

/* ---- Another system disk ---- */

/* Data of the job: image, key and sealed password; NULL when it has answered. */
static json_t *
rebuild_data(ApiRequest *request,
             const json_t *server,
             const char *image_id,
             const char *key,
             const char *password,
             const char *user_data)
{
    ImsImage image = {0};
    AUTO_FREE char *public_key = NULL, *sealed = NULL;

    if ((*password && !server_password_is_sound(request, password)) ||
        !server_user_data_is_sound(request, user_data))
        return NULL;
    if (*key) {
        public_key = keypair_public_key(request->store, api_project(request), key);
        if (!public_key) {
            api_fail(request, API_ECS_NO_KEYPAIR, key);
            return NULL;
        }
    }
    if (image_find(request->store, api_project(request), image_id, &image) != 0) {
        api_fail(request, API_ECS_PARAMETER, "the image could not be found");
        return NULL;
    }
    if (*password)
        sealed = secret_seal("ecs-admin", password, strlen(password));
    json_t *data = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "image", image.id,
                             "image_name", image.name, "os_type", image.os_type, "key", key,
                             "public_key", public_key ? public_key : "", "sealed",
                             sealed ? sealed : "", "user_data", user_data, "was_on", 1, "soft", 0);
    image_done(&image);
    return data;
}

static void
rebuild(ApiRequest *request,
        const char *image_id,
        const char *key,
        const char *password,
        const char *user_data)
{
    AUTO_JSON json_t *server = server_of_request(request);
    char job[41];

    if (!server)
        return;
    AUTO_JSON json_t *data =
        rebuild_data(request, server, image_id ? image_id : json_text(server, "image_id", ""), key,
                     password, user_data);
    if (!data || !ecs_begin(request) || !server_must_be(request, server, "ACTIVE SHUTOFF ERROR") ||
        !server_job(request, image_id ? "changeServerOs" : "reinstallServerOs", server, data, job))
        return;
    server_set_status(request->store, json_text(server, "id", ""), "REBUILD", "rebuilding");
    if (nova_form(request))
        ecs_commit(request, 202, NULL);
    else
        ecs_commit_job(request, job);
}

static void
rebuild_ecs(ApiRequest *request, const char *member, bool other)
{
    const json_t *given = json_object_get(request->json, member);

    rebuild(request, other ? json_text(given, "imageid", "") : NULL,
            json_text(given, "keyname", ""), json_text(given, "adminpass", ""),
            json_text(json_object_get(given, "metadata"), "user_data", ""));
}

void
ecs_reinstall_server(ApiRequest *request)
{
    rebuild_ecs(request, "os-reinstall", false);
}

void
ecs_change_server_os(ApiRequest *request)
{
    rebuild_ecs(request, "os-change", true);
}

void
ecs_nova_rebuild(ApiRequest *request, const json_t *given)
{
    rebuild(request, json_text(given, "imageRef", ""), "", json_text(given, "adminPass", ""), "");
}

/* The system's volume; false where it has none. */
static bool
system_volume(JobContext *context, EvsVolume *found)
{
    EvsVolume *volumes = NULL;
    int count = volumes_of_server(context->store, context->resource_id, &volumes);
    bool known = false;

    for (int i = 0; i < count && !known; i++)
        if (strcmp(volumes[i].device, "/dev/vda") == 0) {
            *found = volumes[i];
            known = true;
        }
    free(volumes);
    return known;
}

/* The new volume's row and file; the old one stays until the swap. */
static int
make_volume(JobContext *context)
{
    AUTO_JSON json_t *server = job_server(context);
    AUTO_FREE char *problem = NULL;
    EvsVolume old, volume;

    if (!server)
        return -ENOENT;
    if (!*json_text(context->data, "new", "")) {
        bool have = system_volume(context, &old);
        AUTO_FREE char *name = str_format("%s-volume-0000", json_text(server, "name", ""));
        EvsWish wish = {.project_id = context->project_id,
                        .name = name,
                        .type = have ? old.type : NULL,
                        .zone = ecs_zone(),
                        .image_id = json_text(context->data, "image", ""),
                        .size_gb = have ? old.size_gb : 40};
        int error = volume_create(context->store, &wish, &volume, &problem);
        if (error)
            return job_fail(context, error, "the new system disk: %s",
                            problem ? problem : strerror(-error));
        json_put_text(context->data, "new", volume.id);
        json_put_text(context->data, "old", have ? old.id : "");
        context->again_milliseconds = 1;
        return JOB_AGAIN; /* its id is kept before anything else */
    }
    int error = volume_make(context->store, json_text(context->data, "new", ""), &problem);
    return error ? job_fail(context, error, "the new system disk: %s",
                            problem ? problem : strerror(-error))
                 : 0;
}

/* Detaches one and attaches the other; may be run again in between. */
static int
put_volume(JobContext *context, const char *away, const char *in)
{
    EvsVolume now;
    int error = 0;

    if (system_volume(context, &now) && strcmp(now.id, in) == 0)
        return 0;
    if (*away)
        error = volume_detached(context->store, away);
    if ((!error || error == -ENOENT) && *in)
        error = volume_attached(context->store, in, context->resource_id, "/dev/vda", true);
    return error && error != -ENOENT
               ? job_fail(context, error, "the system disks cannot be changed: %s",
                          strerror(-error))
               : 0;
}

static int
swap_volumes(JobContext *context)
{
    int error = put_volume(context, json_text(context->data, "old", ""),
                           json_text(context->data, "new", ""));

    if (error)
        return error;
    return store_run(context->store,
                     "UPDATE ecs_server SET image_id = $2, image_name = $3, os_type = $4, key_name "
                     "= CASE WHEN $5 = '' THEN key_name ELSE $5 END, public_key = CASE WHEN $5 = ''"
                     " THEN public_key ELSE $6 END, admin_sealed = $7, user_data = CASE WHEN $8 = "
                     "'' THEN user_data ELSE $8 END, encrypted_password = '' WHERE id = $1",
                     "ssssssss", context->resource_id, json_text(context->data, "image", ""),
                     json_text(context->data, "image_name", ""),
                     strcmp(json_text(context->data, "os_type", ""), "Windows") == 0 ? "Windows"
                                                                                     : "Linux",
                     json_text(context->data, "key", ""),
                     json_text(context->data, "public_key", ""),
                     json_text(context->data, "sealed", ""),
                     json_text(context->data, "user_data", "")) == 1
               ? 0
               : job_fail(context, -EIO, "the store refused: %s", store_error(context->store));
}

static int
write_drive(JobContext *context)
{
    AUTO_JSON json_t *server = job_server(context);

    return server ? guest_write_drive(context, server) : -ENOENT;
}

static int
remove_old(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    const char *old = json_text(context->data, "old", "");
    int error = *old ? volume_remove(context->store, old, &problem) : 0;

    store_run(context->store, "UPDATE ecs_server SET admin_sealed = '' WHERE id = $1", "s",
              context->resource_id);
    json_object_del(context->data, "sealed");
    if (error)
        return job_fail(context, error, "the old system disk: %s",
                        problem ? problem : strerror(-error));
    return finish(context);
}

/* The old disk comes back, where the new one does not run. */
static int
rebuild_failed(JobContext *context)
{
    AUTO_FREE char *reason = str_copy(context->reason), *problem = NULL;
    const char *old = json_text(context->data, "old", ""),
               *new = json_text(context->data, "new", "");

    guest_stop(context, context->resource_id, false);
    if (*old)
        put_volume(context, new, old);
    if (*new)
        volume_remove(context->store, new, &problem);
    AUTO_JSON json_t *server = job_server(context);
    if (server)
        guest_define(context, server);
    json_object_del(context->data, "sealed");
    server_set_fault(context->store, context->resource_id, reason ? reason : "");
    return 0;
}

static const JobStep resize_steps[] = {{"stop-guest", stop_guest, 40},
                                       {"set-flavor", set_flavor, 60},
                                       {"start-guest", start_if_on, 90},
                                       {"finish", finish, 100},
                                       {NULL, NULL, 0}};
static const JobStep rebuild_steps[] = {
    {"stop-guest", stop_guest, 20},
    {"make-volume", make_volume, 50},
    {"swap-volumes", swap_volumes, 60},
    {"write-drive", write_drive, 75},
    {"start-guest", start_if_on, 90},
    {"remove-old", remove_old, 100},
    {NULL, NULL, 0},
};
static const JobKind kinds[] = {{"resizeServer", resize_steps, resize_failed},
                                {"changeServerOs", rebuild_steps, rebuild_failed},
                                {"reinstallServerOs", rebuild_steps, rebuild_failed}};

void
change_jobs_register(void)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        job_register(&kinds[i]);
}
