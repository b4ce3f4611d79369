/*
 * ims.h: what other services ask of the image service.
 *
 * An image is a row and a file of qcow2 named by the image's id. A project finds its own images,
 * public ones and those that were shared with it and that it accepted; all others are not found.
 * Names are texts of the tenant and never part of a path.
 *
 * Functions return 0 or a negative errno: -ENOENT no such image for this project, -EBUSY it is not
 * active, -EIO the store failed.
 */
#pragma once

#include "store/store.h"

#include <stdbool.h>

#define IMS_ID 37 /* a UUID and its NUL */

typedef struct ImsImage {
    char id[IMS_ID], project_id[41];
    char *name;
    char visibility[16]; /* "public", "private", "shared" */
    char status[16];     /* "queued", "saving", "active", "killed", "deleted" */
    char os_type[16];    /* "Windows", "Linux", "Other" */
    char *os_version;
    int min_disk_gb, min_ram_mb;
    long long virtual_bytes, file_bytes;
    char *properties; /* JSON text of the image's "__..." and other properties */
    bool protected;
} ImsImage;

void image_done(ImsImage *image);

/* An image that the project may use. image_done by the caller on 0. */
int image_find(StoreConn *store, const char *project_id, const char *id, ImsImage *image);
/* The file's name below <data>/images, from a checked id: "<id>.qcow2". -EINVAL for no UUID. */
int image_file(const char *id, char name[IMS_ID + 6]);

/*
 * What the image service asks of volumes, which it knows nothing of; evs registers it before
 * threads. -ENOENT no such thing in this project, -EBUSY it is in use (*problem says by what),
 * -EIO.
 */
typedef struct ImsVolume {
    char id[IMS_ID];
    char os_type[16];
    char *os_version; /* freed by the caller */
} ImsVolume;
typedef struct ImsVolumes {
    int (*find)(StoreConn *store,
                const char *project_id,
                const char *id,
                ImsVolume *volume,
                char **problem);
    /* The id of the volume that it boots from. */
    int (*of_server)(StoreConn *store,
                     const char *project_id,
                     const char *server_id,
                     char volume[IMS_ID]);
} ImsVolumes;
void ims_set_volumes(const ImsVolumes *volumes);
