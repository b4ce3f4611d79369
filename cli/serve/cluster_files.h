/*
 * cluster_files.h: the parameter and access files of the private cluster.
 */
#pragma once

#include "cluster.h"

/*
 * In a cluster that initdb just made in dir: pg_hba.conf and pg_ident.conf (the unix socket only,
 * for that operating system user only) and the include line in postgresql.conf.
 */
void cluster_write_access(const char *dir, const char *operator_name);

/* casement.parameters.conf, included by postgresql.conf: sizes from the memory, and our settings.
 */
void cluster_write_parameters(const Cluster *cluster, const Settings *settings);
