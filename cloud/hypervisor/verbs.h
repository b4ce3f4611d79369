/*
 * verbs.h: what the files of verbs give each other: a request's guest, by libvirt.
 */
#pragma once

#include "base/json.h"
#include "hypervisor/hypervisor.h"

#include <libvirt/libvirt.h>

/* A verb's guest; both are NULL after a failure, and where the host has no guest at all. */
typedef struct Guest {
    virConnectPtr host;
    virDomainPtr domain;
    const char *id;
} Guest;

void guest_close(Guest *guest);
#define AUTO_GUEST __attribute__((cleanup(guest_close)))

/* 0 with guest->domain NULL where there is none. */
int guest_open(const json_t *request, Guest *guest, char **problem);
/* -ENOENT where there is none. */
int guest_must(const json_t *request, Guest *guest, char **problem);
HypervisorState guest_state(virDomainPtr domain);

/* *problem from libvirt's last error; returns -EIO. */
int verb_problem(char **problem, const char *what);

/* inside.c: the verbs that ask the guest's agent, or count what it used. */
void verbs_add_inside(void);
/* snapshots.c: the verb that speaks with QEMU itself. */
void verbs_add_snapshots(void);
