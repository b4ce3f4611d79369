/*
 * bootstrap.h: what only the first start does: identities with <data>/admin.json, and the first
 * database instance with <data>/sql.password. Each is recorded when it is done (table
 * daemon_region), so that a start that was cut short is gone through again.
 */
#pragma once

#include "base/json.h"
#include "store/store.h"

/* Identities; with reset, or where an earlier start did not come so far, the administrator gets a
 * new password and key. 0 or negative errno with *problem (owned by the caller). */
int bootstrap_identities(StoreConn *store, bool reset, char **problem);

/* The first instance, where none was made yet and settings want one: asks for it as the
 * administrator and waits until its job has ended. */
int bootstrap_first_instance(StoreConn *store, char **problem);

/* admin.json's content, a new reference, or NULL where it cannot be read. */
json_t *bootstrap_admin(void);
