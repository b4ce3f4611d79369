/*
 * snapshots.c: the verb for snapshots within the file of a running guest's disk. libvirt makes such
 * of all disks of a guest or of none, so QEMU itself is asked, by its own protocol (QMP).
 */
#include "base/memory.h"
#include "hypervisor/host.h"
#include "hypervisor/verbs.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <libvirt/libvirt-qemu.h>
#include <string.h>

/* QEMU's answer: its "return", a new reference, or NULL with *problem. Takes over arguments. */
static json_t *
ask_qemu(const Guest *guest, const char *command, json_t *arguments, char **problem)
{
    AUTO_JSON json_t *request = json_pack("{s:s, s:o}", "execute", command, "arguments", arguments);
    AUTO_FREE char *text = json_dumps(request, JSON_COMPACT);
    char *answer = NULL;

    if (virDomainQemuMonitorCommand(guest->domain, text, &answer, 0) != 0) {
        verb_problem(problem, "QEMU cannot be asked");
        return NULL;
    }
    AUTO_JSON json_t *read = json_loads(answer, 0, NULL);
    free(answer);
    const json_t *error = json_object_get(read, "error");
    if (error || !json_object_get(read, "return")) {
        agent_problem(problem, -EIO, "QEMU refused: %s", json_text(error, "desc", "no reason"));
        return NULL;
    }
    return json_incref(json_object_get(read, "return"));
}

/* The node that has the volume's file, and whether it has the snapshot; owned by the caller. */
static char *
find_node(const Guest *guest, const char *volume, const char *name, bool *there, char **problem)
{
    AUTO_JSON json_t *blocks = ask_qemu(guest, "query-block", json_object(), problem);
    AUTO_FREE char *file = str_format("/volumes/%s.qcow2", volume);
    json_t *block, *snapshot;
    size_t index, inner;

    json_array_foreach(blocks, index, block)
    {
        const json_t *inserted = json_object_get(block, "inserted");
        const json_t *image = json_object_get(inserted, "image");

        if (!strstr(json_text(inserted, "file", ""), file) &&
            !strstr(json_text(image, "filename", ""), file))
            continue;
        *there = false;
        json_array_foreach(json_object_get(image, "snapshots"), inner, snapshot) *there =
            *there || strcmp(json_text(snapshot, "name", ""), name) == 0;
        return str_copy(json_text(inserted, "node-name", ""));
    }
    if (blocks)
        agent_problem(problem, -ENOENT, "the server's QEMU does not have the volume");
    return NULL;
}

static int
verb_snapshot(const json_t *request, json_t *answer, int stream, char **problem)
{
    AUTO_GUEST Guest guest = {0};
    const char *name = json_text(request, "name", "");
    bool remove = json_flag(request, "remove", false), there = false;
    DomainDisk disk;
    int error = domain_read_disk(json_object_get(request, "disk"), &disk, problem);

    if (!error && !domain_id_is_sound(name))
        error = agent_problem(problem, -EINVAL, "\"%.60s\" is no snapshot's id", name);
    if (!error)
        error = guest_must(request, &guest, problem);
    if (!error && guest_state(guest.domain) != HYPERVISOR_RUNNING)
        error = agent_problem(problem, -ENOTCONN, "the server is not running");
    if (error)
        return error;
    AUTO_FREE char *node = find_node(&guest, disk.volume, name, &there, problem);
    if (!node)
        return -EIO;
    if (there != remove)
        return 0;
    json_t *done = ask_qemu(&guest,
                            remove ? "blockdev-snapshot-delete-internal-sync"
                                   : "blockdev-snapshot-internal-sync",
                            json_pack("{s:s, s:s}", "device", node, "name", name), problem);
    json_decref(done);
    return done ? 0 : -EIO;
}

void
verbs_add_snapshots(void)
{
    agent_verb_add("hypervisor-snapshot", verb_snapshot);
}
