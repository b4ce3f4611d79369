/*
 * policy.c: reads policies and asks them. See policy.h; authorise.c puts several together.
 */
#include "iam/policy.h"

#include "base/json.h"
#include "base/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MOST_STATEMENTS 8
#define MOST_PATTERNS 200

bool
policy_match(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;

    /* Only the last star is ever tried again, so that the time is bounded by the product of the
     * lengths. */
    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (tolower((unsigned char) *pattern) == tolower((unsigned char) *text)) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static void
free_list(char **list)
{
    for (int i = 0; list != NULL && list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

void
policy_free(Policy *policy)
{
    if (policy == NULL)
        return;
    for (int i = 0; i < policy->statement_count; i++) {
        free_list(policy->statements[i].actions);
        free_list(policy->statements[i].resources);
    }
    free(policy->statements);
    free(policy);
}

static bool
pattern_good(const char *text, int least_colons)
{
    int colons = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == ':')
            colons++;
        else if (!isalnum((unsigned char) *at) && strchr("*-_./@", *at) == NULL)
            return false;
    }
    return colons >= least_colons && strlen(text) <= 255;
}

/* A list of patterns, or NULL with the problem. A single text counts as a list of one. */
static char **
read_patterns(const json_t *json, const char *what, int least_colons, char **problem)
{
    size_t count = json_is_string(json) ? 1 : json_array_size(json);
    char **list;

    if (count == 0 || count > MOST_PATTERNS) {
        *problem = str_format("%s must have 1 to %d entries", what, MOST_PATTERNS);
        return NULL;
    }
    list = mem_new(count + 1, sizeof(*list));
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_is_string(json) ? json : json_array_get(json, i);
        const char *text = json_string_value(entry);

        bool everything = text != NULL && least_colons > 2 && strcmp(text, "*") == 0;

        if (text == NULL || (!everything && !pattern_good(text, least_colons))) {
            *problem = str_format("%s has an entry that is not of the form %s", what,
                                  least_colons > 2 ? "service:region:domain:type:path"
                                                   : "service:type:operation");
            free_list(list);
            return NULL;
        }
        list[i] = str_copy(text);
    }
    return list;
}

static bool
read_statement(const json_t *json, PolicyStatement *statement, char **problem)
{
    const char *effect = json_text(json, "Effect", "");
    const json_t *resource = json_object_get(json, "Resource");
    const json_t *condition = json_object_get(json, "Condition");

    if (!json_is_object(json)) {
        *problem = str_copy("Statement must have objects");
        return false;
    }
    if (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0) {
        *problem = str_copy("Effect must be Allow or Deny");
        return false;
    }
    if (json_object_size(condition) > 0) {
        *problem = str_copy("Condition is not supported");
        return false;
    }
    statement->allow = effect[0] == 'A';
    statement->actions = read_patterns(json_object_get(json, "Action"), "Action", 2, problem);
    if (statement->actions == NULL)
        return false;
    if (json_is_object(resource)) {
        *problem = str_copy("Resource must be a list (agencies are not supported)");
        return false;
    }
    if (resource != NULL && !json_is_null(resource) &&
        !(json_is_array(resource) && json_array_size(resource) == 0)) {
        statement->resources = read_patterns(resource, "Resource", 4, problem);
        if (statement->resources == NULL)
            return false;
    }
    return true;
}

Policy *
policy_read(const json_t *json, char **problem)
{
    const json_t *statements = json_object_get(json, "Statement");
    const char *version = json_text(json, "Version", "");
    size_t count = json_array_size(statements);
    Policy *policy;

    if (strcmp(version, "1.1") != 0 && strcmp(version, "1.0") != 0) {
        *problem = str_copy("Version must be 1.1");
        return NULL;
    }
    if (count == 0 || count > MOST_STATEMENTS) {
        *problem = str_format("Statement must have 1 to %d entries", MOST_STATEMENTS);
        return NULL;
    }
    policy = MEM_NEW(Policy);
    policy->statements = mem_new(count, sizeof(*policy->statements));
    for (size_t i = 0; i < count; i++) {
        policy->statement_count = (int) i + 1;
        if (!read_statement(json_array_get(statements, i), &policy->statements[i], problem)) {
            policy_free(policy);
            return NULL;
        }
    }
    return policy;
}

static bool
any_match(char *const *patterns, const char *text)
{
    for (int i = 0; patterns[i] != NULL; i++)
        if (policy_match(patterns[i], text))
            return true;
    return false;
}

/* A denial about particular resources does not reach an operation about none (a list), and neither
 * does an allowance. */
static bool
statement_applies(const PolicyStatement *statement, const char *action, const char *resource)
{
    if (!any_match(statement->actions, action))
        return false;
    return statement->resources == NULL ||
           any_match(statement->resources, resource != NULL ? resource : "");
}

PolicyAnswer
policy_ask(const Policy *policy, const char *action, const char *resource)
{
    PolicyAnswer answer = POLICY_SILENT;

    for (int i = 0; i < policy->statement_count; i++) {
        const PolicyStatement *statement = &policy->statements[i];

        if (!statement_applies(statement, action, resource))
            continue;
        if (!statement->allow)
            return POLICY_DENY;
        answer = POLICY_ALLOW;
    }
    return answer;
}

static SystemRole system_roles[] = {
#define SYSTEM_ROLE(id, name, display_name, type, catalog, description, statements)                \
    {id,                                                                                           \
     name,                                                                                         \
     display_name,                                                                                 \
     type,                                                                                         \
     catalog,                                                                                      \
     description,                                                                                  \
     "{\"Version\":\"1.1\",\"Statement\":[" statements "]}"},
#include "iam/roles.def"
#undef SYSTEM_ROLE
};
static const int system_role_count = sizeof(system_roles) / sizeof(system_roles[0]);

void
policy_load_system(void)
{
    for (int i = 0; i < system_role_count; i++) {
        SystemRole *role = &system_roles[i];
        char *problem = NULL;

        if (role->policy != NULL)
            continue;
        role->json = json_loads(role->text, 0, NULL);
        role->policy = policy_read(role->json, &problem);
        if (role->policy == NULL) {
            fprintf(stderr, "roles.def: %s: %s\n", role->name, problem);
            abort();
        }
    }
}

const SystemRole *
policy_system_roles(int *count)
{
    *count = system_role_count;
    return system_roles;
}

const SystemRole *
policy_system_role(const char *id)
{
    for (int i = 0; i < system_role_count; i++)
        if (strcmp(system_roles[i].id, id) == 0)
            return &system_roles[i];
    return NULL;
}
