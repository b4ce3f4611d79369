/*
 * client.c: the API process's side of hypervisor.h: asks the host agent.
 */
#include "base/memory.h"
#include "crypto/master_key.h"
#include "hypervisor/hypervisor.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <pthread.h>

static pthread_mutex_t probe_lock = PTHREAD_MUTEX_INITIALIZER;
static json_t *probe; /* kept: it changes with packages and hardware, at a restart */

json_t *
hypervisor_probe(void)
{
    pthread_mutex_lock(&probe_lock);
    if (!probe) {
        AUTO_FREE char *problem = NULL;
        json_t *answer = NULL;

        if (agent_ask(json_pack("{s:s}", "verb", "hypervisor-probe"), &answer, &problem) == 0)
            probe = answer;
        else
            json_decref(answer);
    }
    json_t *result = probe ? json_incref(probe) : json_pack("{s:b}", "available", 0);
    pthread_mutex_unlock(&probe_lock);
    return result;
}

static json_t *
about(const char *verb, const char *id)
{
    return json_pack("{s:s, s:s}", "verb", verb, "id", id);
}

int
hypervisor_define(const json_t *guest, char **problem)
{
    return agent_ask(json_pack("{s:s, s:O}", "verb", "hypervisor-define", "guest", guest), NULL,
                     problem);
}

int
hypervisor_start(const char *id, char **problem)
{
    return agent_ask(about("hypervisor-start", id), NULL, problem);
}

int
hypervisor_shutdown(const char *id, char **problem)
{
    return agent_ask(about("hypervisor-shutdown", id), NULL, problem);
}

int
hypervisor_reboot(const char *id, bool hard, char **problem)
{
    return agent_ask(about(hard ? "hypervisor-reset" : "hypervisor-reboot", id), NULL, problem);
}

int
hypervisor_destroy(const char *id, char **problem)
{
    return agent_ask(about("hypervisor-destroy", id), NULL, problem);
}

int
hypervisor_remove(const char *id, char **problem)
{
    return agent_ask(about("hypervisor-remove", id), NULL, problem);
}

int
hypervisor_state(const char *id, HypervisorState *state, char **problem)
{
    AUTO_JSON json_t *answer = NULL;
    int error = agent_ask(about("hypervisor-state", id), &answer, problem);

    *state = error ? HYPERVISOR_ABSENT : (HypervisorState) json_number(answer, "state", 0);
    return error;
}

int
hypervisor_list(json_t **guests, char **problem)
{
    AUTO_JSON json_t *answer = NULL;
    int error = agent_ask(json_pack("{s:s}", "verb", "hypervisor-list"), &answer, problem);

    *guests = error ? NULL : json_incref(json_object_get(answer, "guests"));
    return error;
}

static int
change(const char *verb, const char *id, const char *what, const json_t *device, char **problem)
{
    json_t *request = about(verb, id);

    json_object_set(request, what, (json_t *) device);
    return agent_ask(request, NULL, problem);
}

int
hypervisor_attach_disk(const char *id, int slot, const json_t *disk, char **problem)
{
    json_t *request = about("hypervisor-attach", id);

    json_object_set(request, "disk", (json_t *) disk);
    json_object_set_new(request, "slot", json_integer(slot));
    return agent_ask(request, NULL, problem);
}

int
hypervisor_detach_disk(const char *id, const json_t *disk, char **problem)
{
    return change("hypervisor-detach", id, "disk", disk, problem);
}

int
hypervisor_attach_nic(const char *id, const json_t *nic, char **problem)
{
    return change("hypervisor-attach", id, "nic", nic, problem);
}

int
hypervisor_detach_nic(const char *id, const json_t *nic, char **problem)
{
    return change("hypervisor-detach", id, "nic", nic, problem);
}

int
hypervisor_resize_disk(const char *id, const json_t *disk, int size_gb, char **problem)
{
    json_t *request = about("hypervisor-resize", id);

    json_object_set(request, "disk", (json_t *) disk);
    json_object_set_new(request, "size_gb", json_integer(size_gb));
    return agent_ask(request, NULL, problem);
}

static int
change_snapshot(const char *id, const json_t *disk, const char *name, bool remove, char **problem)
{
    json_t *request = about("hypervisor-snapshot", id);

    json_object_set(request, "disk", (json_t *) disk);
    json_put_text(request, "name", name);
    json_object_set_new(request, "remove", json_boolean(remove));
    return agent_ask(request, NULL, problem);
}

int
hypervisor_snapshot_disk(const char *id, const json_t *disk, const char *name, char **problem)
{
    return change_snapshot(id, disk, name, false, problem);
}

int
hypervisor_forget_snapshot(const char *id, const json_t *disk, const char *name, char **problem)
{
    return change_snapshot(id, disk, name, true, problem);
}

int
hypervisor_screenshot(const char *id, unsigned char **bytes, size_t *length, char **problem)
{
    AUTO_JSON json_t *answer = NULL;
    int error = agent_ask(about("hypervisor-screenshot", id), &answer, problem);

    *bytes = error ? NULL : base64_bytes(json_text(answer, "picture", ""), length);
    return error ? error : *bytes ? 0 : -EIO;
}

int
hypervisor_console(const char *id, char **path, char **problem)
{
    AUTO_JSON json_t *answer = NULL;
    int error = agent_ask(about("hypervisor-console", id), &answer, problem);

    *path = error ? NULL : str_copy(json_text(answer, "path", NULL));
    return error;
}

int
hypervisor_usage(const char *id, json_t **usage, char **problem)
{
    AUTO_JSON json_t *answer = NULL;
    int error = agent_ask(about("hypervisor-usage", id), &answer, problem);

    *usage = error ? NULL : json_incref(json_object_get(answer, "usage"));
    return error;
}

int
hypervisor_agent_ping(const char *id, char **problem)
{
    return agent_ask(about("hypervisor-agent-ping", id), NULL, problem);
}

int
hypervisor_freeze(const char *id, char **problem)
{
    return agent_ask(about("hypervisor-freeze", id), NULL, problem);
}

int
hypervisor_thaw(const char *id, char **problem)
{
    return agent_ask(about("hypervisor-thaw", id), NULL, problem);
}

int
hypervisor_set_password(const char *id, const char *user, const char *password, char **problem)
{
    json_t *request = about("hypervisor-set-password", id);

    json_put_text(request, "user", user);
    json_put_text(request, "password", password);
    return agent_ask(request, NULL, problem);
}
