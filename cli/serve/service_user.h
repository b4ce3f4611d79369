/*
 * service_user.h: the unprivileged user that PostgreSQL insists on.
 *
 * Started by root, the program does what needs root (the user, the runtime tree, the holder of a
 * taken port), then becomes the user `casement` for good. Started by anyone else it stays as it is.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

typedef struct ServiceUser {
    uid_t uid;
    gid_t gid;
    char *name;    /* operating system name, mapped to the cluster's superuser by pg_ident */
    bool dropping; /* whether service_user_become has something to do */
} ServiceUser;

/*
 * Finds the user; as root makes it when it is missing, and says so. Exits on failure. Without
 * named, a user id that has no name will do (the socket's folder decides about access then).
 */
ServiceUser service_user_find(bool named);

/* Gives a path to the user when the program runs as root. */
void service_user_own(const ServiceUser *user, const char *path);

/* Gives up root for good. */
void service_user_become(const ServiceUser *user);
