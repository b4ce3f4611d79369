/*
 * host.h: the agent's side of cloud/hypervisor: what probe.c and daemon.c give verbs.c.
 */
#pragma once

#include "base/json.h"
#include "hypervisor/domain.h"

#define QEMU_PROGRAM "/usr/bin/qemu-system-x86_64"
#define LIBVIRTD_PROGRAM "/usr/sbin/libvirtd"

/* Fills the answer of hypervisor-probe. */
void probe_host(json_t *answer, bool have_libvirt);
/* What the last probe found; probes where there was none. Texts are constants. */
void probe_read(DomainHost *host);

/* libvirtd of this data directory runs and listens; started where it does not. */
int daemon_ensure(char **problem);
/* Whether a guest is defined here; where none is, no daemon is needed to say so. */
bool daemon_has_guests(void);
/* Ends the daemon where nobody uses it and no guest is defined. */
void daemon_end_unused(void);
/* Its socket; owned by the caller. */
char *daemon_socket(void);
