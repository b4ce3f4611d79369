/*
 * no_libvirt.c: in the place of verbs.c and daemon.c where libvirt's headers were not there at the
 * build: the probe says so, and everything else is refused.
 */
#include "hypervisor/host.h"
#include "hypervisor/hypervisor.h"
#include "supervise/agent_verb.h"

#include <errno.h>

static int
verb_probe(const json_t *request, json_t *answer, int stream, char **problem)
{
    probe_host(answer, false);
    return 0;
}

static int
verb_none(const json_t *request, json_t *answer, int stream, char **problem)
{
    return agent_problem(
        problem, -EOPNOTSUPP,
        "this program was built without libvirt: install libvirt-dev, build again");
}

void
hypervisor_register_verbs(void)
{
    static const char *const refused[] = {
        "hypervisor-define",       "hypervisor-start",    "hypervisor-shutdown",
        "hypervisor-reboot",       "hypervisor-reset",    "hypervisor-destroy",
        "hypervisor-remove",       "hypervisor-state",    "hypervisor-list",
        "hypervisor-attach",       "hypervisor-detach",   "hypervisor-screenshot",
        "hypervisor-console",      "hypervisor-resize",   "hypervisor-usage",
        "hypervisor-agent-ping",   "hypervisor-freeze",   "hypervisor-thaw",
        "hypervisor-set-password", "hypervisor-snapshot",
    };

    agent_verb_add("hypervisor-probe", verb_probe);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        agent_verb_add(refused[i], verb_none);
}
