/*
 * instance.h: a database instance as the store has it, and its connection for management.
 *
 * Table rds_instance is the truth; rds/cache.c keeps its rendered JSON in memory for lists. Every
 * change of a row goes through instance_touch, which renders it anew here and tells other daemons
 * by NOTIFY.
 */
#pragma once

#include "api/request.h"
#include "jobs/job.h"
#include "supervise/agent.h"
#include "tdsclient/tds_client.h"

typedef struct Instance {
    char id[41];
    char *project_id, *name, *status, *flavor, *engine_version, *collation, *time_zone;
    int slot, port, volume_gb;
    char *configuration_id; /* parameter template applied, or "" */
    json_t *row;            /* every column, by name */
} Instance;

/* The instance of the project, or NULL (nothing answered). Owned by the caller. */
Instance *instance_load(StoreConn *store, const char *project_id, const char *id);
void instance_free(Instance *instance);

/* For handlers: the instance of the path, or NULL after having answered NO_SUCH_INSTANCE. */
Instance *instance_of_request(ApiRequest *request);
/* The same, and answers INSTANCE_BUSY / INSTANCE_STATE unless it is ACTIVE and has no running job.
 */
Instance *instance_ready_of_request(ApiRequest *request);

/* Renders the row anew into the cache and notifies other daemons. After a committed change. */
void instance_touch(StoreConn *store, const char *id);

/* What the agent needs to know of it. */
void instance_for_agent(const Instance *instance, AgentInstance *out);

/* A management connection (login rdsadmin, a sysadmin whose password only the store has, sealed).
 * NULL: problem says why. */
TdsConnection *instance_manage(StoreConn *store, const Instance *instance, char **problem);
