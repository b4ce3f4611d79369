/*
 * groups.c: security groups in the forms of v1, v2.0 and v3. Each project has one that is called
 * "default", made when it is first looked for; it cannot be deleted.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"
#include "vpc/vpc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define GROUP_WHERE                                                                                \
    "g.project_id = $1" FILTER("id", "g.id") FILTER("name", "g.name")                              \
        FILTER("description", "g.description") FILTER("tenant_id", "g.project_id")                 \
            FILTER("project_id", "g.project_id")                                                   \
                FILTER("enterprise_project_id", "g.enterprise_project_id")

static const VpcList list_v1 = {"security_groups", GROUP_V1, "vpc_security_group g", GROUP_WHERE,
                                "g.id"};
static const VpcList one_v1 = {"security_group", GROUP_V1, "vpc_security_group g", GROUP_WHERE,
                               "g.id"};
static const VpcList list_v3 = {"security_groups", GROUP_V3_SHORT, "vpc_security_group g",
                                GROUP_WHERE, "g.id"};
static const VpcList one_v3 = {"security_group", GROUP_V3, "vpc_security_group g", GROUP_WHERE,
                               "g.id"};

/* What every new group lets through: all out, and in what comes from its own members. */
static bool
put_first_rules(StoreConn *store, const char *id)
{
    return store_run(store,
                     "INSERT INTO vpc_security_rule (group_id, direction, ethertype, "
                     "remote_group_id, priority) SELECT $1, d, e, CASE d WHEN 'ingress' THEN $1 "
                     "END, 100 FROM unnest(ARRAY['egress', 'ingress']) d, unnest(ARRAY['IPv4', "
                     "'IPv6']) e",
                     "s", id) >= 0;
}

int
vpc_default_group(StoreConn *store, const char *project_id, char id[VPC_ID])
{
    AUTO_FREE char *found =
        store_value(store, "SELECT id FROM vpc_security_group WHERE project_id = $1 AND standard",
                    "s", project_id);

    if (!found && store_failed(store))
        return -EIO;
    if (!found) {
        bool own = !store_in_transaction(store);
        if (own && !store_begin(store))
            return -EIO;
        found = store_value(store,
                            "INSERT INTO vpc_security_group (project_id, name, description, "
                            "standard) VALUES ($1, 'default', 'Default security group', true) ON "
                            "CONFLICT (project_id) WHERE standard DO NOTHING RETURNING id",
                            "s", project_id);
        bool well = found ? put_first_rules(store, found) : !store_failed(store);
        if (own && (!well || !store_commit(store))) {
            store_rollback(store);
            return -EIO;
        }
        if (!well)
            return -EIO;
        if (!found) /* somebody was quicker */
            found = store_value(
                store, "SELECT id FROM vpc_security_group WHERE project_id = $1 AND standard", "s",
                project_id);
    }
    if (!found)
        return -EIO;
    snprintf(id, VPC_ID, "%s", found);
    return 0;
}

int
vpc_group_find(StoreConn *store, const char *project_id, const char *text, char id[VPC_ID])
{
    if (strcmp(text, "default") == 0)
        return vpc_default_group(store, project_id, id);
    AUTO_ROWS PGresult *rows = store_query(store,
                                           "SELECT id FROM vpc_security_group WHERE project_id = "
                                           "$1 AND $2 IN (id, name) ORDER BY id <> $2 LIMIT 2",
                                           "ss", project_id, text);
    if (!rows)
        return -EIO;
    if (PQntuples(rows) == 0)
        return -ENOENT;
    if (PQntuples(rows) > 1 && strcmp(row_text(rows, 0, "id"), text) != 0)
        return -EINVAL;
    snprintf(id, VPC_ID, "%s", row_text(rows, 0, "id"));
    return 0;
}

/* Lists show the default group even where nothing was made yet. */
static void
list_with_default(ApiRequest *request, const VpcList *list, bool v3)
{
    char id[VPC_ID];

    if (!vpc_scoped(request))
        return;
    if (vpc_default_group(request->store, vpc_project(request), id) != 0)
        api_fail_store(request);
    else
        vpc_list(request, list, v3);
}

void
vpc_list_groups(ApiRequest *request)
{
    list_with_default(request, &list_v1, false);
}

void
vpc_list_groups_v3(ApiRequest *request)
{
    list_with_default(request, &list_v3, true);
}

void
vpc_show_group(ApiRequest *request)
{
    vpc_show(request, &one_v1, api_path(request, "security_group_id"), "security group", 200,
             false);
}

void
vpc_show_group_v3(ApiRequest *request)
{
    vpc_show(request, &one_v3, api_path(request, "security_group_id"), "security group", 200, true);
}

static json_t *
create(ApiRequest *request, const VpcList *form)
{
    const json_t *body = json_object_get(request->json, "security_group");
    const json_t *tags = json_object_get(body, "tags");
    const char *name = json_text(body, "name", "");
    const char *description = json_text(body, "description", "");

    if (!vpc_name_is_sound(request, name, 64, false) ||
        !vpc_description_is_sound(request, description) || !vpc_tags_are_sound(request, tags))
        return NULL;
    if (strcmp(name, "default") == 0) {
        api_fail(request, API_VPC_GROUP_PARAMETER,
                 "name: \"default\" is the name of the default security group.");
        return NULL;
    }
    if (!vpc_quota_allows(request, "securityGroup"))
        return NULL;
    AUTO_FREE char *id =
        store_value(request->store,
                    "INSERT INTO vpc_security_group (project_id, name, description, "
                    "enterprise_project_id, tags) VALUES ($1, $2, $3, $4, coalesce($5::jsonb, "
                    "'[]')) RETURNING id",
                    "ssssj", vpc_project(request), name, description,
                    json_text(body, "enterprise_project_id", "0"), tags);
    if (!id || !put_first_rules(request->store, id))
        return vpc_store_failed(request);
    return vpc_one(request, form, id, "security group");
}

static json_t *
create_v1(ApiRequest *request)
{
    return create(request, &one_v1);
}

static json_t *
create_v3(ApiRequest *request)
{
    json_t *body = create(request, &one_v3);

    if (body)
        json_put_text(body, "request_id", request->request_id);
    return body;
}

void
vpc_create_group(ApiRequest *request)
{
    vpc_change(request, 200, create_v1);
}

void
neutron_create_group(ApiRequest *request)
{
    vpc_change(request, 201, create_v1);
}

void
vpc_create_group_v3(ApiRequest *request)
{
    vpc_change(request, 201, create_v3);
}

static json_t *
update(ApiRequest *request, const VpcList *form)
{
    const json_t *body = json_object_get(request->json, "security_group");
    const char *id = api_path(request, "security_group_id");
    const char *name = json_text(body, "name", NULL);
    const char *description = json_text(body, "description", NULL);

    if (!vpc_name_is_sound(request, name, 64, false) ||
        !vpc_description_is_sound(request, description))
        return NULL;
    long rows = store_run(request->store,
                          "UPDATE vpc_security_group SET name = CASE WHEN standard THEN name ELSE "
                          "coalesce($3, name) END, description = coalesce($4, description), "
                          "updated = now() WHERE project_id = $1 AND id = $2",
                          "ssss", vpc_project(request), id, name, description);
    return rows < 0 ? vpc_store_failed(request) : vpc_one(request, form, id, "security group");
}

static json_t *
update_v1(ApiRequest *request)
{
    return update(request, &one_v1);
}

static json_t *
update_v3(ApiRequest *request)
{
    json_t *body = update(request, &one_v3);

    if (body)
        json_put_text(body, "request_id", request->request_id);
    return body;
}

void
vpc_update_group(ApiRequest *request)
{
    vpc_change(request, 200, update_v1);
}

void
vpc_update_group_v3(ApiRequest *request)
{
    vpc_change(request, 200, update_v3);
}

static json_t *
remove_group(ApiRequest *request)
{
    const char *id = api_path(request, "security_group_id");
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT standard, EXISTS (SELECT FROM vpc_port_group WHERE group_id = g.id) OR EXISTS "
        "(SELECT FROM vpc_security_rule r WHERE r.remote_group_id = g.id AND r.group_id <> g.id) "
        "AS used FROM vpc_security_group g WHERE project_id = $1 AND id = $2 FOR UPDATE",
        "ss", vpc_project(request), id);

    if (!rows)
        return vpc_store_failed(request);
    if (PQntuples(rows) == 0)
        api_fail(request, API_VPC_NO_GROUP, id);
    else if (row_flag(rows, 0, "standard"))
        api_fail(request, API_VPC_GROUP_FIXED, "deleted");
    else if (row_flag(rows, 0, "used"))
        api_fail(request, API_VPC_GROUP_IN_USE);
    else if (store_run(request->store, "DELETE FROM vpc_security_group WHERE id = $1", "s", id) < 0)
        api_fail_store(request);
    else
        return json_null();
    return NULL;
}

void
vpc_delete_group(ApiRequest *request)
{
    vpc_change(request, 204, remove_group);
}
