/*
 * cluster.h: the private PostgreSQL cluster of a data directory.
 *
 * Life cycle: cluster_prepare (initdb when there is none, then the parameters), cluster_start,
 * then the supervisor in serve.c watches `process` until cluster_stop. All of it runs as the
 * unprivileged user. No function returns on failure but cluster_start, which says why it failed.
 */
#pragma once

#include "runtime_tree.h"
#include "service_user.h"
#include "settings.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct Cluster {
    RuntimeTree tree; /* set by the caller */
    char *parent;     /* folder of the next */
    char *dir;        /* PostgreSQL's data directory */
    char *socket_dir; /* its only way in: a unix socket in a folder of mode 0700 */
    char *log_dir;
    char *tls_dir;       /* where the self-signed certificate goes */
    char *operator_name; /* the operating system user that is its superuser; set by the caller */
    pid_t postmaster;    /* 0 when not running */
    int process;         /* pidfd of the postmaster, readable when it has ended; -1 without one */
} Cluster;

/* Fills in the paths under data. Makes nothing. */
void cluster_init(Cluster *cluster, const char *data);

/* Makes the folders that the service user owns; called while still root. */
void cluster_make_folders(const Cluster *cluster, const ServiceUser *user);

/* Runs initdb where there is no cluster yet, and writes the parameter and access files. */
void cluster_prepare(Cluster *cluster, const Settings *settings);

/*
 * Ends what is left of an earlier run whose `casement` was killed: the postmaster, or backends that
 * outlived theirs. Waits until they are gone.
 */
void cluster_end_leftovers(const Cluster *cluster);

/*
 * Starts the postmaster and waits until it takes connections. Returns false, having said why, when
 * it ended instead; false too when interrupted says that the person wants to stop.
 */
bool cluster_start(Cluster *cluster, bool (*interrupted)(int milliseconds));

/* Fast shutdown: sessions are ended, what was committed is safe. Waits until it is down. */
void cluster_stop(Cluster *cluster);

/* Forgets a postmaster that has ended; returns its wait status. */
int cluster_reap(Cluster *cluster);

/* Connection parameters for libpq: the unix socket, as the cluster's superuser. */
char *cluster_connection(const Cluster *cluster, const char *database);

/* Prints the end of the newest log file, for a start that failed. */
void cluster_show_log(const Cluster *cluster);
