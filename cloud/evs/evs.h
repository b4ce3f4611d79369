/*
 * evs.h: what the compute service asks of volumes.
 *
 * A volume is a row and a file of qcow2 named by the volume's id. One made from an image is an
 * overlay on a hard link of the image's file, so that the image may be deleted before it. Rows are
 * made in the caller's transaction; files by steps of jobs, through the host agent, idempotent.
 *
 * Functions return 0 or a negative errno: -ENOENT no such volume in this project, -EBUSY in use or
 * in the wrong state, -EDQUOT the quota is used up, -EINVAL a size below the image's or snapshot's,
 * -ENOSPC the disk is full, -EIO the store failed. *problem, where given, is owned by the caller
 * and says why in words for the tenant.
 */
#pragma once

#include "store/store.h"

#include <stdbool.h>

#define EVS_ID 37 /* a UUID and its NUL */

typedef struct EvsVolume {
    char id[EVS_ID], project_id[41];
    char image_id[EVS_ID], snapshot_id[EVS_ID]; /* "" for none */
    char server_id[EVS_ID];                     /* "" while attached to none */
    char device[32];                            /* "/dev/vda", or "" */
    char type[32];                              /* "SAS", "SSD", ... */
    char status[32];                            /* "creating", "available", "in-use", ... */
    int size_gb;
    bool bootable, delete_on_termination;
} EvsVolume;

typedef struct EvsWish {
    const char *project_id, *name;
    const char *type;                   /* NULL: the default */
    const char *zone;                   /* NULL: the region's first */
    const char *image_id, *snapshot_id; /* at most one; NULL: blank */
    int size_gb;
} EvsWish;

/* A row in state "creating", within the caller's transaction. */
int volume_create(StoreConn *store, const EvsWish *wish, EvsVolume *volume, char **problem);
int volume_find(StoreConn *store, const char *project_id, const char *id, EvsVolume *volume);
/* Steps of jobs: the volume has its file and is "available"; file, snapshots and row are gone (0
 * too where there are none). */
int volume_make(StoreConn *store, const char *id, char **problem);
int volume_remove(StoreConn *store, const char *id, char **problem);

/* Rows only. -EBUSY where another server has it. */
int volume_attached(StoreConn *store,
                    const char *id,
                    const char *server_id,
                    const char *device,
                    bool delete_on_termination);
int volume_detached(StoreConn *store, const char *id);
/* In the order of attachment; owned by the caller. -errno, or their number. */
int volumes_of_server(StoreConn *store, const char *server_id, EvsVolume **volumes);

/*
 * What must go through a running QEMU, whose files nobody else may write. The compute service
 * registers it before threads; without hooks a volume of a running server is refused with -EBUSY.
 * Each returns 1 where the server does not run and the file may be changed directly.
 */
typedef struct EvsHooks {
    int (*extend)(StoreConn *store, const EvsVolume *volume, int size_gb, char **problem);
    int (*snapshot)(StoreConn *store, const EvsVolume *volume, const char *id, char **problem);
    int (*forget)(StoreConn *store, const EvsVolume *volume, const char *id, char **problem);
} EvsHooks;
void evs_set_hooks(const EvsHooks *hooks);
