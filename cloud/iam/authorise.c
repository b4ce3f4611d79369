/*
 * authorise.c: may the principal perform the operation here? Deny by any policy wins, then allow by
 * any, else no. The domain's own user may do everything in it; a temporary key's policy only takes
 * away.
 */
#include "iam/caller.h"
#include "iam/iam.h"

#include <errno.h>
#include <string.h>

/* "rds:REGION:DOMAIN:instance:ID" for an operation on an instance; of others the type is the
 * action's and the path the last identifier of the request's path. Owned by the caller. */
static char *
resource_of(const ApiRequest *request)
{
    const char *action = request->operation->action;
    const char *instance = api_path(request, "instance_id");
    const char *service_end = strchrnul(action, ':');
    const char *type = *service_end == ':' ? service_end + 1 : service_end;
    const char *type_end = strchrnul(type, ':');
    const char *last = NULL;

    for (int i = 0; i < OPERATION_VALUES; i++)
        if (request->values[i] != NULL)
            last = request->values[i];
    if (instance != NULL)
        return str_format("%.*s:%s:%s:instance:%s", (int) (service_end - action), action,
                          iam_region(), request->principal->domain_id, instance);
    if (last == NULL || last == api_path(request, "project_id"))
        return NULL;
    return str_format("%.*s:%s:%s:%.*s:%s", (int) (service_end - action), action, iam_region(),
                      request->principal->domain_id, (int) (type_end - type), type, last);
}

static bool
may(const Caller *caller, const char *project_id, const char *action, const char *resource)
{
    if (caller->session != NULL && policy_ask(caller->session, action, resource) != POLICY_ALLOW)
        return false;
    return identity_allows(caller->identity, project_id, action, resource);
}

bool
caller_may(const ApiRequest *request, const char *action)
{
    return may(caller_of(request), "", action, NULL);
}

bool
caller_may_with_user(ApiRequest *request, const char *action, const char *user_id)
{
    /* A temporary key that was given a policy must not make itself a key without one. */
    bool own =
        strcmp(request->principal->user_id, user_id) == 0 && caller_of(request)->session == NULL;

    if (own || caller_may(request, action))
        return true;
    api_fail(request, API_FORBIDDEN, action);
    return false;
}

bool
iam_may(const ApiRequest *request, const char *project_id, const char *action)
{
    return may(caller_of(request), project_id, action, NULL);
}

/* The path's project: one of the caller's domain, and the one of the token where it has a project.
 * Answers where not. */
static int
check_project(ApiRequest *request, StoreConn *store, const char *project_id)
{
    const Caller *caller = caller_of(request);
    AUTO_SHARED Project *project = NULL;
    int error = identity_of_project(project_id, store, &project);

    if (error == -EAGAIN)
        return error;
    if (error == -EIO) {
        api_fail_store(request);
        return -EACCES;
    }
    if (error == -ENOENT || strcmp(project->domain_id, caller->shown.domain_id) != 0) {
        api_fail(request, API_NO_SUCH_THING, "project", project_id);
        return -EACCES;
    }
    if (!project->enabled) {
        api_fail_as(request, 403, "APIGW.0302", "The project %s is disabled.", project->name);
        return -EACCES;
    }
    if (caller->by_token && strcmp(caller->shown.project_id, project_id) != 0) {
        api_fail_as(request, 403, "APIGW.0302",
                    "The scope of the token is not the project %s: ask for a token of it.",
                    project->name);
        return -EACCES;
    }
    return 0;
}

int
iam_authorise(ApiRequest *request, StoreConn *store)
{
    const Operation *operation = request->operation;
    const char *project_id = "";
    AUTO_FREE char *resource = NULL;

    if (operation->flags & OP_PUBLIC)
        return 0;
    if (!(operation->flags & OP_DOMAIN)) {
        const char *named = api_path(request, "project_id");

        /* A key has no scope of its own: where the path names no project, a header may. */
        if (named == NULL && *request->principal->project_id == '\0')
            named = api_header(request, "X-Project-Id");
        if (named != NULL && *named != '\0') {
            int error = check_project(request, store, named);

            if (error != 0)
                return error;
        }
        project_id = named != NULL ? named : request->principal->project_id;
    }
    if ((operation->flags & OP_SYSADMIN) && !request->principal->sysadmin) {
        api_fail(request, API_FORBIDDEN, operation->id);
        return -EACCES;
    }
    if (*operation->action == '\0')
        return 0;
    resource = resource_of(request);
    if (may(caller_of(request), project_id, operation->action, resource))
        return 0;
    api_fail(request, API_FORBIDDEN, operation->action);
    return -EACCES;
}
