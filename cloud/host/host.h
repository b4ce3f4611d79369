/*
 * host.h: what this host has of what Casement needs. One check is one row of checks.def. Nothing is
 * changed; what a check tries is in a child that takes it along.
 */
#pragma once

#include "base/json.h"

typedef enum HostState {
    HOST_OK,
    HOST_WARNING, /* works, but slower or with less */
    HOST_MISSING, /* what needs it is refused */
    HOST_UNKNOWN  /* cannot be seen from here: mostly a matter of root */
} HostState;

/*
 * Every check: {"checks": [{"check", "title", "state": "ok"|"warning"|"missing"|"unknown",
 * "needed_for", "found", "why", "remedy"}], "fine": whether none is missing}. data: the data
 * directory (it need not exist yet). A new reference. Takes up to ten seconds where KVM hangs.
 */
json_t *host_checks(const char *data);
