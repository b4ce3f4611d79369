/*
 * jobs.h: kinds of jobs on instances.
 */
#pragma once

#include "rds/instance.h"

extern const JobKind job_create_instance, job_restart_instance, job_stop_instance,
    job_start_instance, job_resize_flavor, job_enlarge_volume, job_modify_port, job_modify_ip,
    job_modify_collation, job_delete_instance, job_recover_instance;

/* The instance of the job, or NULL with the reason set. */
Instance *job_instance(JobContext *context);
