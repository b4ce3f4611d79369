/*
 * internal.h: what the files of cloud/host give each other.
 */
#pragma once

#include "host/host.h"

#include <stdbool.h>

typedef struct HostFinding {
    HostState state;
    char *found;     /* owned by the finding; "" says nothing */
    const char *why; /* constant texts; NULL where all is well */
    char *remedy;    /* owned by the finding */
} HostFinding;

void finding_set(HostFinding *finding, HostState state, const char *found, ...)
    __attribute__((format(printf, 3, 4)));
/* Replaces the remedy, and says why it is wanted. */
void finding_explain(HostFinding *finding, const char *why, const char *remedy);

/* Path of a program in the usual folders, or NULL; constant until the next call of the thread. */
const char *host_program(const char *name);
/*
 * Runs attempt in a child, at most so many milliseconds; the number that it returned (0 to 250), or
 * -1 where it ended otherwise, -2 where it was late.
 */
int host_attempt(int (*attempt)(void), int milliseconds);

#define HOST_CHECK(name, title, needed_for, look) void look(HostFinding *finding, const char *data);
#include "host/checks.def"
#undef HOST_CHECK
