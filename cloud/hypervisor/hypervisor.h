/*
 * hypervisor.h: guests on this host, asked for by their ids. Mechanism only: no store, no API. The
 * work is done by the host agent's verbs "hypervisor-*", which check everything again and make
 * every path themselves.
 *
 * A guest is described by JSON:
 *     {"id": UUID, "slot": N (its unprivileged user), "memory_mb", "vcpus", "windows": bool,
 *      "firmware": "bios"|"uefi", "secure_boot": bool, "tpm": bool, "config_drive": bool,
 *      "disks": [{"volume": UUID, "device": "vda"}], in boot order,
 *      "discs": ["media"], optional: discs of an installation, booted from after the disks,
 *      "nics": [{"mac": "fa:16:3e:...", "tap": "ct..."}]}
 * Its disks are <data>/volumes/<volume>.qcow2, its ConfigDrive <data>/servers/<id>/config.iso, its
 * discs <name>.iso beside it, its console's socket <data>/servers/<id>/vnc.sock.
 *
 * Each guest has a user of its own. It owns its volumes. What a volume is an overlay on lies in
 * <data>/volumes/<volume>.base/: a folder (0550) that is the guest's too, with hard links of files
 * that belong to root and that anyone may read who can reach them (0644). Their other names are in
 * folders closed to guests (<data>/images, 0750), so that a base may be shared by many and yet be
 * read by no guest but its own.
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

/* To a running guest too. The entries are those of a description. A running guest is asked to let
 * go of a device: -EAGAIN until it has, to be called again. */
int hypervisor_attach_disk(const char *id, int slot, const json_t *disk, char **problem);
int hypervisor_detach_disk(const char *id, const json_t *disk, char **problem);
int hypervisor_attach_nic(const char *id, const json_t *nic, char **problem);
int hypervisor_detach_nic(const char *id, const json_t *nic, char **problem);

/* The disk has grown (in the file too, which nobody else may change while QEMU has it). */
int hypervisor_resize_disk(const char *id, const json_t *disk, int size_gb, char **problem);

/* A snapshot within the disk's file, by QEMU, which has the file; named by a UUID. Taken again or
 * removed where there is none: 0. */
int hypervisor_snapshot_disk(const char *id, const json_t *disk, const char *name, char **problem);
int
hypervisor_forget_snapshot(const char *id, const json_t *disk, const char *name, char **problem);

/* A picture of its screen: PNG, or PPM from a QEMU before 7.1; *bytes is owned by the caller. */
int hypervisor_screenshot(const char *id, unsigned char **bytes, size_t *length, char **problem);
/* Path of the console's socket (RFB), ready to be connected to by the service. */
int hypervisor_console(const char *id, char **path, char **problem);
/*
 * Of a running guest since its start: {"cpu_seconds", "memory_mb" (used, where its balloon says),
 * "disk_read_bytes", "disk_write_bytes", "disk_reads", "disk_writes", "net_in_bytes",
 * "net_out_bytes"}; a new reference.
 */
int hypervisor_usage(const char *id, json_t **usage, char **problem);

/*
 * Asked of the agent inside the guest, which answers only where it is installed and runs
 * (-ENOTCONN where not). Freezing holds back writes of its file systems; what was frozen must be
 * thawed, within seconds.
 */
int hypervisor_agent_ping(const char *id, char **problem);
int hypervisor_freeze(const char *id, char **problem);
int hypervisor_thaw(const char *id, char **problem);
int hypervisor_set_password(const char *id, const char *user, const char *password, char **problem);
