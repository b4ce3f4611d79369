/*
 * power.c: start, stop, reboot and delete, of one server or many; their jobs.
 */
#include "ecs/handlers.h"
#include "ecs/server.h"
#include "evs/evs.h"

#include <errno.h>
#include <string.h>

/* ---- Requests ---- */

/* One server's job within the transaction; false when it has answered. */
static bool
act_on(ApiRequest *request,
       const char *id,
       const char *kind,
       const char *states,
       const char *status,
       const char *task,
       const json_t *data,
       char job[41])
{
    AUTO_JSON json_t *server = server_load(request->store, api_project(request), id);

    if (!server) {
        store_rollback(request->store);
        api_fail(request, API_ECS_NO_SERVER, id);
        return false;
    }
    if (*states && !server_must_be(request, server, states))
        return false;
    if (!server_job(request, kind, server, data, job))
        return false;
    if (server_set_status(request->store, id, status, task))
        return true;
    ecs_refuse(request, -EIO, NULL);
    return false;
}

typedef struct Action {
    const char *member; /* of the request's body */
    const char *parent, *kind, *states;
    const char *status, *task; /* while it is done; status NULL: as before */
} Action;

static const Action actions[] = {
    {"os-start", "startServer", "startSingleServer", "SHUTOFF ACTIVE ERROR", NULL, "powering-on"},
    {"os-stop", "stopServer", "stopSingleServer", "ACTIVE SHUTOFF ERROR", NULL, "powering-off"},
    {"reboot", "rebootServer", "rebootSingleServer", "ACTIVE ERROR", "REBOOT", "rebooting"},
    {"delete", "deleteServer", "deleteSingleServer", "", NULL, "deleting"},
};

static const Action *
action_of(const char *member)
{
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(actions[i].member, member) == 0)
            return &actions[i];
    return NULL;
}

static bool
is_soft(const json_t *given)
{
    return strcasecmp(json_text(given, "type", "SOFT"), "SOFT") == 0;
}

static const char *
status_during(const Action *action, const json_t *data)
{
    bool hard = strcmp(action->member, "reboot") == 0 && !json_flag(data, "soft", true);

    return hard ? "HARD_REBOOT" : action->status;
}

static void
act_on_all(ApiRequest *request, const Action *action, const json_t *servers, const json_t *data)
{
    AUTO_JSON json_t *jobs = json_array();
    json_t *one;
    size_t index;
    char job[41];

    if (json_array_size(servers) < 1 || json_array_size(servers) > 1000) {
        api_fail(request, API_ECS_PARAMETER, "servers: 1 to 1000 are wanted");
        return;
    }
    if (!ecs_begin(request))
        return;
    json_array_foreach((json_t *) servers, index, one)
    {
        if (!act_on(request, json_text(one, "id", ""), action->kind, action->states,
                    status_during(action, data), action->task, data, job))
            return;
        json_array_append_new(jobs, json_string(job));
    }
    if (server_parent_job(request, action->parent, jobs, job))
        ecs_commit_job(request, job);
}

void
ecs_batch_action(ApiRequest *request)
{
    const char *member;
    json_t *given;

    json_object_foreach(request->json, member, given)
    {
        const Action *action = action_of(member);

        if (!action || strcmp(member, "delete") == 0 || json_object_size(request->json) != 1)
            break;
        AUTO_JSON json_t *data = json_pack("{s:b}", "soft", is_soft(given));
        act_on_all(request, action, json_object_get(given, "servers"), data);
        return;
    }
    api_fail(request, API_ECS_PARAMETER, "one of os-start, os-stop and reboot is wanted");
}

void
ecs_delete_servers(ApiRequest *request)
{
    AUTO_JSON json_t *data = json_pack(
        "{s:b, s:b}", "delete_publicip", json_flag(request->json, "delete_publicip", false),
        "delete_volume", json_flag(request->json, "delete_volume", false));

    act_on_all(request, action_of("delete"), json_object_get(request->json, "servers"), data);
}

void
server_act(ApiRequest *request,
           const char *kind,
           const char *states,
           const char *status,
           const char *task,
           const json_t *data,
           int answer)
{
    char job[41];

    if (ecs_begin(request) &&
        act_on(request, api_path(request, "server_id"), kind, states, status, task, data, job))
        ecs_commit(request, answer, NULL);
}

void
ecs_nova_delete(ApiRequest *request)
{
    AUTO_JSON json_t *none = json_object();

    server_act(request, "deleteSingleServer", "", NULL, "deleting", none, 204);
}

/* ---- Jobs ---- */

static int
note_server(JobContext *context)
{
    json_object_set_new(context->result, "server_id", json_string(context->resource_id));
    return 0;
}

static int
plug(JobContext *context)
{
    EvsVolume *volumes = NULL;
    int count = volumes_of_server(context->store, context->resource_id, &volumes);

    note_server(context);
    free(volumes);
    if (count <= 0)
        return job_fail(context, -EINVAL, "the server has no disk to start from");
    return guest_plug(context, context->resource_id);
}

/* Defined anew each time: its flavor, volumes and ports may be others now. */
static int
start_guest(JobContext *context)
{
    AUTO_JSON json_t *server = job_server(context);
    AUTO_FREE char *problem = NULL;
    HypervisorState state;

    if (!server)
        return -ENOENT;
    int error = hypervisor_state(context->resource_id, &state, &problem);
    if (!error && state == HYPERVISOR_RUNNING)
        return 0;
    error = guest_define(context, server);
    return error ? error : guest_start(context, server);
}

static int
is_active(JobContext *context)
{
    server_set_status(context->store, context->resource_id, "ACTIVE", "");
    usage_begin(context->store, context->resource_id);
    return 0;
}

static int
stop_guest(JobContext *context)
{
    note_server(context);
    return guest_stop(context, context->resource_id, json_flag(context->data, "soft", true));
}

static int
is_off(JobContext *context)
{
    server_set_status(context->store, context->resource_id, "SHUTOFF", "");
    usage_end(context->store, context->resource_id);
    return 0;
}

/* A soft one asks the guest, which boots again by itself; a hard one is a new QEMU. */
static int
reboot_guest(JobContext *context)
{
    AUTO_FREE char *problem = NULL;
    HypervisorState state;
    int error = hypervisor_state(context->resource_id, &state, &problem);

    note_server(context);
    if (!error && state == HYPERVISOR_RUNNING && json_flag(context->data, "soft", true)) {
        error = hypervisor_reboot(context->resource_id, false, &problem);
        return error ? job_fail(context, error, "%s", problem ? problem : strerror(-error)) : 0;
    }
    return guest_stop(context, context->resource_id, false);
}

/* The row says again what the guest is. */
static int
look_again(JobContext *context)
{
    HypervisorState state = HYPERVISOR_ABSENT;
    AUTO_FREE char *problem = NULL;

    if (hypervisor_state(context->resource_id, &state, &problem) == 0 &&
        state == HYPERVISOR_RUNNING)
        return is_active(context);
    usage_end(context->store, context->resource_id);
    server_set_status(context->store, context->resource_id, "SHUTOFF", "");
    return 0;
}

static const JobStep start_steps[] = {{"plug-ports", plug, 40},
                                      {"start-guest", start_guest, 90},
                                      {"finish", is_active, 100},
                                      {NULL, NULL, 0}};
static const JobStep stop_steps[] = {
    {"stop-guest", stop_guest, 90}, {"finish", is_off, 100}, {NULL, NULL, 0}};
static const JobStep reboot_steps[] = {{"reboot-guest", reboot_guest, 40},
                                       {"plug-ports", plug, 50},
                                       {"start-guest", start_guest, 90},
                                       {"finish", is_active, 100},
                                       {NULL, NULL, 0}};
static const JobKind kinds[] = {{"startSingleServer", start_steps, look_again},
                                {"stopSingleServer", stop_steps, look_again},
                                {"rebootSingleServer", reboot_steps, look_again}};

void
power_jobs_register(void)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        job_register(&kinds[i]);
}
