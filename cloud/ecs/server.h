/*
 * server.h: servers as rows, and what the files of cloud/ecs give each other about them.
 *
 * A server's row is read as JSON with the columns of ecs_server (migration 0040). Its status is the
 * API's; task_state says what a job does with it. A guest exists on the host from the job that
 * makes it to the one that deletes it.
 */
#pragma once

#include "api/request.h"
#include "hypervisor/hypervisor.h"
#include "jobs/job.h"

#define ECS_ID 37
#define ECS_DISKS 24
#define ECS_NICS 12

typedef struct Flavor {
    const char *id;
    int vcpus, memory_mb, megabits;
    const char *performance;
} Flavor;
const Flavor *flavor_find_server(const char *id);

/* The region's zone, as "eu-casement-1a"; static. */
const char *ecs_zone(void);

/* The row; a new reference, or NULL where there is none (or the store failed). project NULL: any.
 */
json_t *server_load(StoreConn *store, const char *project, const char *id);
/* Of the path's {server_id}, in the path's project; NULL when it has answered with 404. */
json_t *server_of_request(ApiRequest *request);
/* Whether it has one of the states ("ACTIVE SHUTOFF") and no job; answers 409 where not. */
bool server_must_be(ApiRequest *request, const json_t *server, const char *states);

bool server_set_status(StoreConn *store, const char *id, const char *status, const char *task);
bool server_set_fault(StoreConn *store, const char *id, const char *fault);
/* The column addresses from the server's ports. */
void server_note_addresses(StoreConn *store, const char *id);

/* usage.c: its time with its flavor begins (once), or ends. */
void usage_begin(StoreConn *store, const char *id);
void usage_end(StoreConn *store, const char *id);

/* view.c: the server as the API shows it; full: all fields, else id, name, links. */
typedef enum ServerForm { SERVER_ECS, SERVER_NOVA, SERVER_BRIEF } ServerForm;
json_t *server_view(ApiRequest *request, const json_t *row, ServerForm form);
json_t *server_addresses(StoreConn *store, const json_t *row);
json_t *server_links(const ApiRequest *request, const char *kind, const char *id);
bool nova_form(const ApiRequest *request);

/* quota.c: whether the project may have so many more; answers 403 where not. In a transaction: it
 * holds back others of the project until its end. */
bool ecs_quota_allows(ApiRequest *request, int servers, int vcpus, int memory_mb);
bool ecs_quota_row(ApiRequest *request, const char *name, long long used);
long long ecs_quota_limit(StoreConn *store, const char *project, const char *name);

/* check.c: texts of tenants; answer 400 where they are not fit. */
bool server_name_is_sound(ApiRequest *request, const char *name);
bool server_password_is_sound(ApiRequest *request, const char *password);
bool server_user_data_is_sound(ApiRequest *request, const char *base64);
/* An object of texts (and numbers, made texts of), at most the quota's; a new reference. */
json_t *server_metadata_read(ApiRequest *request, const json_t *given);

/* keypairs.c: its public key; owned by the caller. NULL where there is none. */
char *keypair_public_key(StoreConn *store, const char *project, const char *name);
bool keypair_is_rsa(const char *public_key);

/* groups.c */
bool server_group_has_room(ApiRequest *request, const char *group, int servers);

/* begin.c: jobs for servers. Each starts within the caller's transaction. */
/* One job of `kind` for the server; false when it has answered (409 busy). */
bool server_job(
    ApiRequest *request, const char *kind, const json_t *server, const json_t *data, char id[41]);
/* The job that waits for others ({"sub_jobs": [ids]}); kind is what it shows itself as. */
bool server_parent_job(ApiRequest *request, const char *kind, json_t *sub_jobs, char id[41]);
/* Begins a transaction, or answers. */
bool ecs_begin(ApiRequest *request);
/* Commits and answers {"job_id"}; or answers with the store's failure. */
void ecs_commit_job(ApiRequest *request, const char *job);
/* Commits; body is answered with status, or dropped where it failed. */
void ecs_commit(ApiRequest *request, int status, json_t *body);
/* Rolls back and answers by what a function of evs, ims or vpc returned. */
void ecs_refuse(ApiRequest *request, int error, const char *problem);

/* guest.c: steps' work on the guest; 0 or what job_fail returned. */
int guest_define(JobContext *context, const json_t *server);
/* Makes its ConfigDrive: key, password, user data, addresses. */
int guest_write_drive(JobContext *context, const json_t *server);
/* Its ports have their taps. */
int guest_plug(JobContext *context, const char *server_id);
int guest_unplug(JobContext *context, const char *server_id);
int guest_start(JobContext *context, const json_t *server);
/* Asked first where it is soft, ended after a while or at once; JOB_AGAIN while it runs. */
int guest_stop(JobContext *context, const char *id, bool soft);
/* The server of the job's resource; NULL with the job's reason set. */
json_t *job_server(JobContext *context);

/* Registers kinds of jobs, before threads. */
void parent_jobs_register(void);
void create_jobs_register(void);
void delete_jobs_register(void);
void power_jobs_register(void);
void change_jobs_register(void);
void device_jobs_register(void);

/* monitor.c: SYS.ECS of CES. */
void server_monitor_register(void);
void server_monitor_start(void);
/* hooks.c: volumes of running servers. */
void server_hooks_register(void);
/* metadata.c: guests are told by the metadata service. */
void server_metadata_start(void);

/* reconcile.c: rows follow guests that ended or crashed. */
void servers_reconcile(StoreConn *store);

/* power.c: one job for the path's server in Nova's form; answers with status `answer`. */
void server_act(ApiRequest *request,
                const char *kind,
                const char *states,
                const char *status,
                const char *task,
                const json_t *data,
                int answer);
/* change.c */
void ecs_nova_resize(ApiRequest *request, const char *flavor);
void ecs_nova_rebuild(ApiRequest *request, const json_t *given);
