/*
 * sandbox.h: the agent's side of cloud/disk: qemu-img in a process that can do nothing else. It
 * parses bytes of tenants, so it gets an unprivileged user, no network, limits on memory, time and
 * the size of files, and (Landlock, where the kernel has it) sees no file but programs and those it
 * was given.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#define QEMU_IMG "/usr/bin/qemu-img"
#define SANDBOX_UID 769999 /* below those of guests (hypervisor/domain.h) */

typedef struct Sandbox {
    const char *arguments[24]; /* NULL-terminated, without the program */
    const char *folder;        /* where it works */
    const char *readable[4];   /* files and folders, NULL-terminated */
    const char *writable[4];
    uid_t user; /* with root only */
    long long memory_bytes, file_bytes;
    int cpu_seconds, seconds;
} Sandbox;

/* Runs it. 0 with its output (owned by the caller; output may be NULL), or a negative errno with
 * *problem: -ENOENT not installed, -ETIMEDOUT too long, -EFBIG over its limit of files, -EBUSY
 * somebody else has the file, -EIO else. */
int sandbox_run(const Sandbox *sandbox, char **output, char **problem);
