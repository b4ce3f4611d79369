/*
 * hypervisor.h: guests on this host, asked for by their ids. Mechanism only: no store, no API. The
 * work is done by the host agent's verbs "hypervisor-*", which check everything again and make
 * every path themselves.
 *
 * A guest is described by JSON:
 *     {"id": UUID, "slot": N (its unprivileged user), "memory_mb", "vcpus", "windows": bool,
 *      "firmware": "bios"|"uefi", "secure_boot": bool, "tpm": bool, "config_drive": bool,
 *      "disks": [{"volume": UUID, "device": "vda"}], in boot order,
 *      "nics": [{"mac": "fa:16:3e:...", "tap": "ct..."}]}
 * Its disks are <data>/volumes/<volume>.qcow2, its ConfigDrive <data>/servers/<id>/config.iso, its
 * console's socket <data>/servers/<id>/vnc.sock.
 *
 * Calls return 0 or a negative errno, -EOPNOTSUPP where this host has no hypervisor, with *problem
 * (owned by the caller) in plain words. All are idempotent.
 */
#pragma once

#include "base/json.h"

#include <stdbool.h>

typedef enum HypervisorState {
    HYPERVISOR_ABSENT,
    HYPERVISOR_STOPPED,
    HYPERVISOR_RUNNING,
    HYPERVISOR_PAUSED,
    HYPERVISOR_CRASHED
} HypervisorState;

/* Before agent_start: the agent's verbs. */
void hypervisor_register_verbs(void);

/*
 * What this host can: {"available": bool, "acceleration": "kvm"|"emulation", "reason": why not kvm,
 * "secure_boot": bool, "tpm": bool, "missing": [{"what", "why", "remedy"}]}. KVM counts only once a
 * guest has run under it. A new reference; kept after the first time.
 */
json_t *hypervisor_probe(void);

/* Defines the guest as described, or anew; a running one takes it up at its next start. Gives its
 * files to its user. */
int hypervisor_define(const json_t *guest, char **problem);
int hypervisor_start(const char *id, char **problem);
/* Asks the guest to shut down; whether it does is seen by its state. */
int hypervisor_shutdown(const char *id, char **problem);
/* hard: as by its reset button; otherwise the guest is asked. */
int hypervisor_reboot(const char *id, bool hard, char **problem);
/* Ends it at once. */
int hypervisor_destroy(const char *id, char **problem);
/* Ends it and removes its definition and folder <data>/servers/<id>; volumes stay. */
int hypervisor_remove(const char *id, char **problem);
int hypervisor_state(const char *id, HypervisorState *state, char **problem);
/* {"<id>": state as number, ...} of every guest of this data directory; a new reference. */
int hypervisor_list(json_t **guests, char **problem);

/* To a running guest too. The entries are those of a description. */
int hypervisor_attach_disk(const char *id, int slot, const json_t *disk, char **problem);
int hypervisor_detach_disk(const char *id, const json_t *disk, char **problem);
int hypervisor_attach_nic(const char *id, const json_t *nic, char **problem);
int hypervisor_detach_nic(const char *id, const json_t *nic, char **problem);

/* A picture of its screen (PPM) as a file of the service's; *path is owned by the caller. */
int hypervisor_screenshot(const char *id, char **path, char **problem);
/* Path of the console's socket (RFB), ready to be connected to by the service. */
int hypervisor_console(const char *id, char **path, char **problem);
