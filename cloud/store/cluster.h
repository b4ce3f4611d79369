/*
 * cluster.h: the private PostgreSQL cluster that the store is by default.
 *
 * Stock PostgreSQL without our extension, in <folder>/data, as the user that casementd runs as. It
 * listens on a unix socket in <folder>/run (mode 0700) and nowhere else. The postmaster has a
 * session of its own and outlives a casementd that was killed; the next one finds it again. Small
 * by its settings: it keeps some thousands of rows.
 */
#pragma once

#include <sys/types.h>

typedef struct StoreCluster {
    char *folder;
    pid_t postmaster; /* 0 when not running */
    int process;      /* pidfd of it, readable when it has ended; -1 without one */
} StoreCluster;

/*
 * Makes the cluster where there is none, starts it or finds it running, makes the database and
 * gives store_configure its place. folder's parent exists and may be written to. 0 or a negative
 * errno with *problem (owned by the caller) saying why.
 */
int store_cluster_start(StoreCluster *cluster, const char *folder, char **problem);

/* Starts it again after its postmaster has ended. */
int store_cluster_restart(StoreCluster *cluster, char **problem);

/* Fast shutdown; waits. What was committed is safe. */
void store_cluster_stop(StoreCluster *cluster);
