/*
 * disk.h: files of images and volumes on this host, asked for by ids. Mechanism only: no store, no
 * API. The work is done by the host agent's verbs "disk-*", which check everything again, make
 * every path themselves and let qemu-img run confined (sandbox.h).
 *
 *     <data>/images/<id>.qcow2         root's, readable by all who reach it: the folder is closed
 * to guests (0750) <data>/images/<id>.json          what is known of it (DiskFacts)
 *     <data>/volumes/<id>.qcow2        its guest's (hypervisor.h)
 *     <data>/volumes/<id>.base/        a hard link of the image it is an overlay on
 *     <data>/uploads/<id>              what a tenant has sent, the service's
 *     <data>/import/[<project>/]NAME   what the operator has put there
 *     <data>/work/{images,volumes}/<id>/  what is being made; becomes the above by a rename
 *
 * Calls return 0 or a negative errno with *problem (owned by the caller) in words for the tenant:
 * -EINVAL the file is refused, -EFBIG it is too large, -EBUSY a running server has it, -ENOENT
 * there is none, -ENOSPC, -EOPNOTSUPP this host has no qemu-img. All are idempotent: what was cut
 * short is begun anew, what is there already stays.
 */
#pragma once

#include "base/json.h"

#include <stdbool.h>

#define DISK_ID 37

/* Of an image's file. */
typedef struct DiskFacts {
    char format[8]; /* of what was sent: "qcow2", "vhd", "vhdx", "vmdk", "iso", "raw" */
    long long virtual_bytes, file_bytes;
    char md5[33], sha512[129]; /* of our file, which is what is downloaded */
} DiskFacts;

/* Before agent_start: the agent's verbs. */
void disk_register_verbs(void);

/* Makes the folders; once at the start. */
int disk_prepare(char **problem);
/* A UUID in small letters. */
bool disk_id_is_sound(const char *id);

/* Where a body of an upload goes and stays (the service's own folder); owned by the caller. */
char *disk_upload_path(const char *id);

/*
 * The image's file from what was sent (import NULL), or from a file of the import folder. format is
 * what the tenant said it is, or NULL; another kind is refused. The source is removed where it was
 * sent, whatever the outcome but for -EIO and -ENOSPC, and stays in the import folder.
 */
typedef struct DiskWish {
    const char *id, *project_id, *import, *format;
    long long most_bytes, most_virtual; /* of our file; of the disk in it */
} DiskWish;
int disk_image_take(const DiskWish *wish, DiskFacts *facts, char **problem);
/* The same file under another image's id (nothing is copied). */
int disk_image_link(const char *id, const char *from, DiskFacts *facts, char **problem);
/* A whole disk of what a volume holds; the volume must not be in use by QEMU. */
int disk_image_of_volume(
    const char *id, const char *volume, long long most_bytes, DiskFacts *facts, char **problem);
/* The image's name goes; volumes made of it keep the file. What was being made, and what was sent,
 * too. */
int disk_image_remove(const char *id, char **problem);
/* For download. -errno, or a descriptor; facts may be NULL. */
int disk_image_open(const char *id, long long *bytes);

typedef struct DiskVolume {
    const char *id;
    int size_gb;
    const char *image;                  /* an overlay on it; or NULL */
    const char *from_volume, *snapshot; /* its content at that moment; or NULL */
} DiskVolume;
int disk_volume_create(const DiskVolume *volume, char **problem);
int disk_volume_remove(const char *id, char **problem);
/* Of a volume that QEMU does not have. Never shrinks. */
int disk_volume_resize(const char *id, int size_gb, char **problem);
int disk_snapshot_create(const char *id, const char *snapshot, char **problem);
int disk_snapshot_remove(const char *id, const char *snapshot, char **problem);
/* The content of then, at the size of now. */
int disk_snapshot_restore(const char *id, const char *snapshot, int size_gb, char **problem);

/* {"images": [ids], "volumes", "bases", "image_work", "volume_work"} of what is there; a new
 * reference. */
int disk_list(json_t **there, char **problem);
