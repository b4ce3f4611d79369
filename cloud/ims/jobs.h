/*
 * jobs.h: jobs of the image service. Their names are job_type of the API.
 */
#pragma once

#include "api/request.h"
#include "jobs/job.h"

/* data: {"import": NAME or absent (what was sent), "format": text or absent} */
extern const JobKind ims_job_file;
/* data: {"volume": id} */
extern const JobKind ims_job_volume;
/* data: {"from": image id} */
extern const JobKind ims_job_copy;
/* Sharing is done when it is asked for; the job says so. data: {"results": [...]} */
extern const JobKind ims_job_share;

void ims_jobs_register(void);

/* Files that no row wants go, and uploads that nobody goes on with (at_start: all). */
void ims_sweep(StoreConn *store);
int ims_recover(StoreConn *store);

/* How a job looks to its owner; answers 404 where there is none. */
void ims_reply_job(ApiRequest *request, const char *id);
