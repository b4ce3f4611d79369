/*
 * policy.h: policies of version 1.1 (Huawei Cloud's fine-grained policies) and the roles of the
 * system, which are policies too.
 *
 *     {"Version":"1.1","Statement":[{"Effect":"Allow","Action":["rds:instance:*"],
 *                                    "Resource":["rds:*:*:instance:*"]}]}
 *
 * '*' in an action or a resource stands for any text; case does not matter. A statement without
 * Resource is about all. Conditions are refused when a policy is made: ignoring one would allow
 * more than was meant.
 * Pure: no store.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define POLICY_MOST_BYTES 6144

typedef struct PolicyStatement {
    bool allow;
    char **actions, **resources; /* NULL-terminated; resources may be NULL */
} PolicyStatement;

typedef struct Policy {
    PolicyStatement *statements;
    int statement_count;
} Policy;

typedef enum PolicyAnswer { POLICY_SILENT, POLICY_ALLOW, POLICY_DENY } PolicyAnswer;

/* NULL and *problem (owned by the caller) where the JSON is not such a policy. */
Policy *policy_read(const json_t *json, char **problem);
void policy_free(Policy *policy);

/* resource may be NULL (nothing particular: only statements about all resources count). */
PolicyAnswer policy_ask(const Policy *policy, const char *action, const char *resource);

/* Whether text fits a pattern with '*', without case (ASCII). */
bool policy_match(const char *pattern, const char *text);

typedef struct SystemRole {
    const char *id, *name, *display_name, *type, *catalog, *description;
    const char *text; /* JSON */
    Policy *policy;
    json_t *json;
} SystemRole;

/* Reads roles.def; called once, before threads. A mistake in it ends the program. */
void policy_load_system(void);
const SystemRole *policy_system_roles(int *count);
const SystemRole *policy_system_role(const char *id);
