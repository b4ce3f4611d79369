/*
 * cluster_files.h: the parameter and access files of the private cluster.
 */
#pragma once

#include "cluster.h"

/* In a cluster that initdb just made in dir: the include line in postgresql.conf. */
void cluster_write_include(const char *dir);

/*
 * pg_hba.conf and pg_ident.conf: the unix socket only, and there the user that runs the server
 * only, or whoever the socket's folder lets in (setting local-access).
 */
void cluster_write_access(const Cluster *cluster, const Settings *settings);

/* casement.parameters.conf, included by postgresql.conf: sizes from the memory, and our settings.
 */
void cluster_write_parameters(const Cluster *cluster, const Settings *settings);
