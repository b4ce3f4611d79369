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
    json_t *row;            /* every column, by name; times as RDS writes them */
} Instance;

/* The instance of the project, or NULL (nothing answered). Owned by the caller. */
Instance *instance_load(StoreConn *store, const char *project_id, const char *id);
/* For jobs and periodic work: of any project, in the recycle bin too. */
Instance *instance_load_any(StoreConn *store, const char *id);
void instance_free(Instance *instance);
void instance_auto_free(Instance **instance);
#define AUTO_INSTANCE __attribute__((cleanup(instance_auto_free)))

/* Its private address, or "" while it has none. */
const char *instance_address(const Instance *instance);

/* For handlers: the instance of the path, or NULL after having answered NO_SUCH_INSTANCE. */
Instance *instance_of_request(ApiRequest *request);
/* The same, and answers INSTANCE_BUSY / INSTANCE_STATE unless it is ACTIVE (or STORAGE FULL: its
 * owner must be able to help) and has no running job. */
Instance *instance_ready_of_request(ApiRequest *request);

/* Renders the row anew into the cache and notifies other daemons. After a committed change. */
void instance_touch(StoreConn *store, const char *id);

/* Sets the status and touches. */
bool instance_set_status(StoreConn *store, const char *id, const char *status);

/*
 * The one way in which a request begins a change that takes time: in a transaction, starts an
 * exclusive job of the kind on the instance and sets its status meanwhile (NULL leaves it). False
 * when it has answered: INSTANCE_BUSY (409, DBS.200019) while another job runs, or a store error.
 */
bool instance_start_job(ApiRequest *request,
                        const Instance *instance,
                        const char *kind,
                        const char *status,
                        const json_t *data,
                        char job_id[41]);
/* The same without a request (monitor, schedules): 0, -EBUSY or another negative errno. */
int instance_begin_job(StoreConn *store,
                       const Instance *instance,
                       const char *kind,
                       const char *status,
                       const json_t *data,
                       char job_id[41]);

/* What the agent needs to know of it. */
void instance_for_agent(const Instance *instance, AgentInstance *out);

/* For steps of jobs: writes its settings (limits, port, parameters of rds/parameters.h). 0 or
 * negative errno with the reason set. */
int instance_configure(JobContext *context, const Instance *instance, bool reload);
/* Starts it, and sets its state to ACTIVE. */
int instance_bring_up(JobContext *context, const Instance *instance);
/* After a job that failed: the status that fits what the host's agent sees. */
void instance_settle(StoreConn *store, const char *id);

/* A management connection (login rdsadmin, a sysadmin whose password only the store has, sealed).
 * NULL: problem says why. */
TdsConnection *instance_manage(StoreConn *store, const Instance *instance, char **problem);
