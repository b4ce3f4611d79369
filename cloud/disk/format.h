/*
 * format.h: what kind of disk a file holds, read from its own bytes and from nothing else. Stands
 * before qemu-img, which believes what a file says of itself: a file that names other files of the
 * host, is encrypted or contradicts itself is refused here.
 */
#pragma once

#include <stdbool.h>

#define DISK_NAME_MOST 1024

typedef struct DiskFormat {
    const char *name;   /* the API's: "qcow2", "vhd", "vhdx", "vmdk", "iso", "raw" */
    const char *driver; /* qemu's: "vhd" is "vpc", "iso" is "raw" */
    long long virtual_bytes;
    char backing[DISK_NAME_MOST]; /* of qcow2, as it stands there; "" for none */
    unsigned snapshots;           /* inside it */
} DiskFormat;

/*
 * Reads length bytes' worth of a regular file. 0; -EINVAL with *problem (a literal, for the
 * tenant), -EIO. A backing file makes a qcow2 refused unless own is set: our volumes are overlays,
 * and the caller compares the name.
 */
int
disk_format_read(int file, long long length, bool own, DiskFormat *format, const char **problem);
