/*
 * render.h: an instance as the API shows it.
 */
#pragma once

#include "base/json.h"

/* The columns of rds_instance as the API shows them (list_instances); a new reference. */
json_t *render_instance(const json_t *row);

/* The id of the only node of an instance. */
#define NODE_ID_SIZE 41
void render_node_id(const char *instance_id, char node[NODE_ID_SIZE]);

/* Columns of rds_instance with times in the form of RDS: what instance_load reads. */
extern const char instance_columns[];
