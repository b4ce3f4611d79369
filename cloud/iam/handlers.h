/*
 * handlers.h: the handlers named in operations.def and extensions.def, and the few forms that their
 * answers share.
 */
#pragma once

#include "iam/caller.h"

/* versions.c: what the service is and where */
void iam_list_versions(ApiRequest *request);
void iam_show_version(ApiRequest *request);
void iam_show_catalog(ApiRequest *request);
void iam_list_services(ApiRequest *request);
void iam_list_endpoints(ApiRequest *request);
void iam_list_regions(ApiRequest *request);
void iam_show_region(ApiRequest *request);
/* The catalogue as the request's client reaches it; a new reference. */
json_t *iam_catalog(const ApiRequest *request, const char *project_id);

/* tokens.c */
void iam_create_token(ApiRequest *request);
void iam_validate_token(ApiRequest *request);
void iam_revoke_token(ApiRequest *request);
void iam_show_caller(ApiRequest *request);
void iam_create_temporary_key(ApiRequest *request);

/* projects.c */
void iam_list_projects(ApiRequest *request);
void iam_list_auth_projects(ApiRequest *request);
void iam_list_user_projects(ApiRequest *request);
void iam_create_project(ApiRequest *request);
void iam_show_project(ApiRequest *request);
void iam_update_project(ApiRequest *request);
void iam_show_project_status(ApiRequest *request);
void iam_update_project_status(ApiRequest *request);

/* domains.c */
void iam_list_auth_domains(ApiRequest *request);
void iam_list_domains(ApiRequest *request);
void iam_create_domain(ApiRequest *request);
void iam_show_domain(ApiRequest *request);
void iam_update_domain(ApiRequest *request);
void iam_show_quota(ApiRequest *request);
void iam_show_password_policy(ApiRequest *request);
void iam_show_login_policy(ApiRequest *request);

/* users.c */
void iam_list_users(ApiRequest *request);
void iam_create_user(ApiRequest *request);
void iam_show_user(ApiRequest *request);
void iam_update_user(ApiRequest *request);
void iam_delete_user(ApiRequest *request);
void iam_change_password(ApiRequest *request);

/* groups.c */
void iam_list_user_groups(ApiRequest *request);
void iam_list_groups(ApiRequest *request);
void iam_create_group(ApiRequest *request);
void iam_show_group(ApiRequest *request);
void iam_update_group(ApiRequest *request);
void iam_delete_group(ApiRequest *request);
void iam_list_group_users(ApiRequest *request);
void iam_add_group_user(ApiRequest *request);
void iam_check_group_user(ApiRequest *request);
void iam_remove_group_user(ApiRequest *request);

/* roles.c */
void iam_list_roles(ApiRequest *request);
void iam_show_role(ApiRequest *request);
void iam_list_custom_roles(ApiRequest *request);
void iam_show_custom_role(ApiRequest *request);
void iam_create_custom_role(ApiRequest *request);
void iam_update_custom_role(ApiRequest *request);
void iam_delete_custom_role(ApiRequest *request);
void iam_list_grants(ApiRequest *request);
void iam_add_grant(ApiRequest *request);
void iam_check_grant(ApiRequest *request);
void iam_remove_grant(ApiRequest *request);

/* credentials.c */
void iam_create_key(ApiRequest *request);
void iam_list_keys(ApiRequest *request);
void iam_show_key(ApiRequest *request);
void iam_update_key(ApiRequest *request);
void iam_delete_key(ApiRequest *request);

/* --- forms of answers (answer.c) --- */

/* "https://host:port", by the request's Host header. Owned by the caller. */
char *iam_base_url(const ApiRequest *request);
/* {"self": URL of the path} for a thing, or for a list with next and previous. New references. */
json_t *iam_self_link(const ApiRequest *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
json_t *iam_list_links(const ApiRequest *request);
/* Answers {key: list, "links": ...} with the page of the list that page and per_page ask for; takes
 * over the list. */
void iam_reply_list(ApiRequest *request, const char *key, json_t *list);
/* After store_failed: answers "already exists" for a name that is taken, else api_fail_store. */
void iam_fail_store(ApiRequest *request, const char *what, const char *name);
/* Milliseconds since 1970, as some fields of v3.0 are. */
json_t *iam_milliseconds(Moment moment);
/* "2026-11-23 10:00:00.0", as keys and users of v3.0 have it; "" for 0. */
json_t *iam_plain_time(Moment moment);

/* The user of the caller's domain with its columns of iam_user (one row), or NULL after having
 * answered 404. Another domain's user is one that does not exist. */
PGresult *iam_find_user(ApiRequest *request, const char *user_id);
/* The domain that a body or query names, where it is the caller's (or any for the operator of the
 * cloud); NULL after having answered. */
const char *iam_domain_given(ApiRequest *request, const char *given);
/* A new key for the user in the store; *secret is owned by the caller. False on a store error. */
bool iam_new_key(
    StoreConn *store, const char *user_id, const char *description, char **access, char **secret);
/* Makes a domain with its project, group admin and owner; ids are owned by the caller. False on a
 * store error (the transaction is the caller's). hash may be NULL. */
typedef struct NewDomain {
    const char *name, *description, *owner_name, *owner_hash;
    bool operator_of_cloud;
    char domain_id[41], project_id[41], owner_id[41];
} NewDomain;
bool iam_new_domain(StoreConn *store, NewDomain *domain);
