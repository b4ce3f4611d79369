/*
 * places.h: the agent's side of cloud/disk: what its verbs share. Paths are owned by the caller.
 */
#pragma once

#include "base/json.h"
#include "disk/format.h"

#include <sys/types.h>

/* The request's id under key, checked; NULL with *problem. */
const char *disk_id_of(const json_t *request, const char *key, char **problem);

char *disk_image_path(const char *id);
char *disk_volume_path(const char *id);
/* kind is "images" or "volumes". */
char *disk_work_path(const char *kind, const char *id);

/* One verb at a time on an id, until the process ends; a verb that was left behind by an earlier
 * daemon is waited for. */
int disk_lock(const char *id, char **problem);

/* An empty folder for the sandbox's user, instead of what an earlier attempt left. */
int disk_work_new(const char *kind, const char *id, uid_t user, char **path, char **problem);
/* Files and folders below; 0 too where there are none. */
int disk_folder_remove(const char *path, char **problem);

/* fsync, owner, mode, then its place. */
int disk_settle_file(
    const char *from, const char *to, uid_t user, gid_t group, mode_t mode, char **problem);

/* Who qemu-img is for new files. */
uid_t disk_user(void);

void disk_image_verbs(void);
void disk_volume_verbs(void);

/* The volume's own header: names no other file but its base. owner gets its user. */
int disk_volume_check(const char *id, DiskFormat *format, uid_t *owner, char **problem);
/* Facts of a finished file under work, put beside it, and both into their places. */
int disk_image_finish(
    const char *id, const char *file, const char *format, json_t *answer, char **problem);
