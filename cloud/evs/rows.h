/*
 * rows.h: the service's own view of its rows, for its handlers and jobs.
 */
#pragma once

#include "api/request.h"
#include "evs/evs.h"
#include "jobs/job.h"

/* data: {"volumes": [ids]} */
extern const JobKind evs_job_create;
/* data: {"size_gb": N, "before": status} */
extern const JobKind evs_job_extend;
extern const JobKind evs_job_delete;
/* The resource is the volume; data: {"snapshot": id} */
extern const JobKind evs_job_snapshot;
extern const JobKind evs_job_forget;
extern const JobKind evs_job_rollback;

void evs_jobs_register(void);
/* Files that no row wants go. */
void evs_sweep(StoreConn *store);

const EvsHooks *evs_hooks(void);
int evs_set_status(StoreConn *store, const char *id, const char *status, const char *reason);
/* Of images.h's question; registered by the service. */
void evs_register_source(void);

/* ---- For handlers ---- */

const char *evs_project(const ApiRequest *request);
bool evs_scoped(ApiRequest *request);
/* Whether the request came in Cinder's form. */
bool evs_is_cinder(const ApiRequest *request);
void evs_bad(ApiRequest *request, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Runs in a transaction: false where it has answered with an error; the answer is made after the
 * commit by then. */
void evs_change(ApiRequest *request,
                bool (*change)(ApiRequest *request, json_t *notes),
                void (*then)(ApiRequest *request, const json_t *notes));
/* The project's volume, its row held. Answers 404 where there is none. */
bool evs_hold(ApiRequest *request, const char *id, EvsVolume *volume);
/* {"volume": form} or {"snapshot": form}; answers 404. */
void evs_reply_volume(ApiRequest *request, int status, const char *id);
void evs_reply_snapshot(ApiRequest *request, int status, const char *id);
/* A job for the volume; false when it has answered. */
bool evs_begin(ApiRequest *request,
               const JobKind *kind,
               const char *volume_id,
               const json_t *data,
               json_t *notes);

/* Quotas (quotas.def). In a transaction; 0, -EDQUOT with *problem, -EIO. */
int evs_quota_allows(
    StoreConn *store, const char *project_id, const char *type, long long more, char **problem);
/* {"volumes": {"limit", "in_use"}, ...}; NULL where the store failed. */
json_t *evs_quotas(StoreConn *store, const char *project_id);
bool evs_type_is_known(const char *type);
