/*
 * hooks.c: changes of a volume that a running server has go through its QEMU (evs.h).
 */
#include "ecs/server.h"
#include "evs/evs.h"

#include <errno.h>
#include <string.h>

/* Whether a guest runs with it; *disk is then its description. */
static bool
is_running(const EvsVolume *volume, json_t **disk)
{
    AUTO_FREE char *problem = NULL;
    HypervisorState state = HYPERVISOR_ABSENT;

    *disk = NULL;
    if (!*volume->server_id || hypervisor_state(volume->server_id, &state, &problem) != 0 ||
        state != HYPERVISOR_RUNNING || strlen(volume->device) != 8)
        return false;
    *disk = json_pack("{s:s, s:s}", "volume", volume->id, "device", volume->device + 5);
    return true;
}

static int
extend(StoreConn *store, const EvsVolume *volume, int size_gb, char **problem)
{
    AUTO_JSON json_t *disk = NULL;

    return is_running(volume, &disk)
               ? hypervisor_resize_disk(volume->server_id, disk, size_gb, problem)
               : 1;
}

/* With the guest's file systems at rest, where its agent can bring them there. */
static int
snapshot(StoreConn *store, const EvsVolume *volume, const char *id, char **problem)
{
    AUTO_JSON json_t *disk = NULL;
    AUTO_FREE char *reason = NULL;

    if (!is_running(volume, &disk))
        return 1;
    bool frozen = hypervisor_freeze(volume->server_id, &reason) == 0;
    int error = hypervisor_snapshot_disk(volume->server_id, disk, id, problem);
    if (frozen)
        hypervisor_thaw(volume->server_id, &reason);
    return error;
}

static int
forget(StoreConn *store, const EvsVolume *volume, const char *id, char **problem)
{
    AUTO_JSON json_t *disk = NULL;

    return is_running(volume, &disk)
               ? hypervisor_forget_snapshot(volume->server_id, disk, id, problem)
               : 1;
}

static const EvsHooks hooks = {.extend = extend, .snapshot = snapshot, .forget = forget};

void
server_hooks_register(void)
{
    evs_set_hooks(&hooks);
}
