/*
 * provision.h: what a running cluster must hold before clients come: the database `casement`, the
 * extension at this build's version, the login sa with a password.
 */
#pragma once

#include "cluster.h"

#include <stdbool.h>

/*
 * Makes what is missing. password, where not NULL, becomes the password of sa. Returns false,
 * having said why, when the server refuses.
 */
bool provision(const Cluster *cluster, const char *password);
