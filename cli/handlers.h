/*
 * handlers.h: the functions of commands.def, one file of cli/ for each noun.
 */
#pragma once

#include "command.h"

int run_account_create(Invocation *invocation);
int run_account_delete(Invocation *invocation);
int run_account_grant(Invocation *invocation);
int run_account_list(Invocation *invocation);
int run_account_password(Invocation *invocation);
int run_account_revoke(Invocation *invocation);
int run_backup_create(Invocation *invocation);
int run_backup_delete(Invocation *invocation);
int run_backup_list(Invocation *invocation);
int run_backup_policy(Invocation *invocation);
int run_backup_restore(Invocation *invocation);
int run_backup_window(Invocation *invocation);
int run_database_create(Invocation *invocation);
int run_database_delete(Invocation *invocation);
int run_database_list(Invocation *invocation);
int run_doctor(Invocation *invocation);
int run_flavor_list(Invocation *invocation);
int run_image_build(Invocation *invocation);
int run_job_list(Invocation *invocation);
int run_job_show(Invocation *invocation);
int run_key_create(Invocation *invocation);
int run_key_delete(Invocation *invocation);
int run_key_list(Invocation *invocation);
int run_log_error(Invocation *invocation);
int run_log_slow(Invocation *invocation);
int run_login(Invocation *invocation);
int run_logout(Invocation *invocation);
int run_parameter_list(Invocation *invocation);
int run_parameter_set(Invocation *invocation);
int run_project_list(Invocation *invocation);
int run_quota_list(Invocation *invocation);
int run_rds_create(Invocation *invocation);
int run_rds_delete(Invocation *invocation);
int run_rds_list(Invocation *invocation);
int run_rds_metrics(Invocation *invocation);
int run_rds_password(Invocation *invocation);
int run_rds_port(Invocation *invocation);
int run_rds_rebuild(Invocation *invocation);
int run_rds_recycled(Invocation *invocation);
int run_rds_rename(Invocation *invocation);
int run_rds_resize(Invocation *invocation);
int run_rds_restart(Invocation *invocation);
int run_rds_show(Invocation *invocation);
int run_rds_start(Invocation *invocation);
int run_rds_stop(Invocation *invocation);
int run_sql(Invocation *invocation);
int run_user_create(Invocation *invocation);
int run_user_delete(Invocation *invocation);
int run_user_list(Invocation *invocation);
int run_whoami(Invocation *invocation);
