/*
 * members.c: images shared between projects. Huawei's calls answer with a job that tells the
 * results one by one; Glance's do one thing each.
 */
#include "base/memory.h"
#include "ims/answer.h"
#include "ims/forms.h"
#include "ims/handlers.h"
#include "ims/jobs.h"

#include <errno.h>
#include <string.h>

#define BATCH 50
#define MEMBERS_MOST 128

/* ---- One by one; each returns what stands in the way, or NULL ---- */

static const char *
add_member(ApiRequest *request, const char *image_id, const char *project_id)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT visibility, status, data_image, (SELECT count(*) FROM ims_member WHERE image_id = "
        "id) AS members FROM ims_image WHERE id = $1 AND project_id = $2 FOR UPDATE",
        "ss", image_id, ims_project(request));

    if (!rows)
        return "the store failed";
    if (PQntuples(rows) == 0)
        return "The image does not exist.";
    if (strcmp(row_text(rows, 0, "visibility"), "public") == 0)
        return "A public image needs not be shared.";
    if (strcmp(row_text(rows, 0, "status"), "active") != 0)
        return "The image is not active.";
    if (row_number(rows, 0, "members") >= MEMBERS_MOST)
        return "The image is shared with as many projects as it can be.";
    if (!*project_id || strlen(project_id) > 64 || strcmp(project_id, ims_project(request)) == 0)
        return "An image cannot be shared with its own project.";
    if (store_run(request->store, "INSERT INTO ims_member (image_id, project_id) VALUES ($1, $2)",
                  "ss", image_id, project_id) < 0)
        return strcmp(store_sqlstate(request->store), "23505") == 0
                   ? "The image is already shared with the project."
                   : "the store failed";
    store_run(request->store,
              "UPDATE ims_image SET visibility = 'shared', updated = now() WHERE id = $1", "s",
              image_id);
    return NULL;
}

static const char *
remove_member(ApiRequest *request, const char *image_id, const char *project_id)
{
    long rows = store_run(request->store,
                          "DELETE FROM ims_member m USING ims_image i WHERE i.id = m.image_id AND "
                          "i.id = $1 AND i.project_id = $2 AND m.project_id = $3",
                          "sss", image_id, ims_project(request), project_id);

    return rows < 0 ? "the store failed" : rows == 0 ? "The image is not shared with it." : NULL;
}

static const char *
answer_member(ApiRequest *request, const char *image_id, const char *status)
{
    long rows = store_run(request->store,
                          "UPDATE ims_member SET status = $3, updated = now() WHERE image_id = $1 "
                          "AND project_id = $2",
                          "sss", image_id, ims_project(request), status);

    return rows < 0 ? "the store failed" : rows == 0 ? "The image was not shared with it." : NULL;
}

/* ---- Huawei's, in batches ---- */

static json_t *
result_of(const char *image, const char *project, const char *problem)
{
    json_t *result = json_pack("{s:s, s:s, s:s}", "image_id", image, "project_id", project,
                               "status", problem ? "FAILED" : "SUCCESS");

    json_put_text(result, "fail_reason", problem);
    return result;
}

typedef const char *(*MemberChange)(ApiRequest *request, const char *image, const char *project);

/* Each in a transaction of its own: one that fails leaves the others. */
static json_t *
change_all(ApiRequest *request, MemberChange change)
{
    const json_t *images = json_object_get(request->json, "images"),
                 *projects = json_object_get(request->json, "projects");
    json_t *results = json_array();

    for (size_t i = 0; i < json_array_size(images) && i < BATCH; i++)
        for (size_t j = 0; j < json_array_size(projects) && j < BATCH; j++) {
            const char *image = json_string_value(json_array_get(images, i));
            const char *project = json_string_value(json_array_get(projects, j));
            const char *problem = "the store failed";

            if (store_begin(request->store)) {
                problem = change(request, image, project);
                if (problem)
                    store_rollback(request->store);
                else if (!store_commit(request->store))
                    problem = "the store failed";
            }
            json_array_append_new(results, result_of(image, project, problem));
        }
    return results;
}

static void
answer_results(ApiRequest *request, json_t *results)
{
    AUTO_JSON json_t *data = json_pack("{s:o}", "results", results);
    const char *first = json_text(json_array_get(results, 0), "image_id", "");
    char job[41];

    if (!store_begin(request->store) ||
        job_start(request->store, ims_job_share.name, ims_project(request), first, "", false, data,
                  job) != 0 ||
        !store_commit(request->store)) {
        if (store_in_transaction(request->store))
            store_rollback(request->store);
        api_fail_store(request);
        return;
    }
    api_reply(request, 200, json_pack("{s:s}", "job_id", job));
}

static bool
batch_is_sound(ApiRequest *request)
{
    size_t images = json_array_size(json_object_get(request->json, "images"));

    if (!ims_scoped(request))
        return false;
    if (images >= 1 && images <= BATCH &&
        json_array_size(json_object_get(request->json, "projects")) <= BATCH)
        return true;
    ims_bad(request, "images and projects: 1 to %d each.", BATCH);
    return false;
}

void
ims_add_members(ApiRequest *request)
{
    if (batch_is_sound(request))
        answer_results(request, change_all(request, add_member));
}

void
ims_delete_members(ApiRequest *request)
{
    if (batch_is_sound(request))
        answer_results(request, change_all(request, remove_member));
}

void
ims_update_members(ApiRequest *request)
{
    const char *project = json_text(request->json, "project_id", ""),
               *status = json_text(request->json, "status", "");
    const json_t *images = json_object_get(request->json, "images");

    if (!batch_is_sound(request))
        return;
    if (strcmp(project, ims_project(request)) != 0) {
        api_fail(request, API_FORBIDDEN, "ims:images:share");
        return;
    }
    json_t *results = json_array();
    for (size_t i = 0; i < json_array_size(images); i++) {
        const char *image = json_string_value(json_array_get(images, i));

        json_array_append_new(results,
                              result_of(image, project, answer_member(request, image, status)));
    }
    answer_results(request, results);
}

/* ---- Lists: the owner sees all, a member itself ---- */

static json_t *
members_of(ApiRequest *request, const char *image_id, const char *member)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT " IMS_MEMBER " AS form FROM ims_member m JOIN ims_image i ON i.id = m.image_id "
        "WHERE i.id = $2 AND (i.project_id = $1 OR m.project_id = $1) AND ($3::text IS NULL OR "
        "m.project_id = $3) ORDER BY m.created, m.project_id",
        "sss", ims_project(request), image_id, member);

    if (!rows) {
        api_fail_store(request);
        return NULL;
    }
    json_t *members = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(members, json_loads(row_text(rows, i, "form"), 0, NULL));
    return members;
}

/* Whether the project may know of the image; answers 404 where not. */
static bool
knows(ApiRequest *request, const char *image_id)
{
    if (!ims_scoped(request))
        return false;
    json_t *form = ims_form(request, image_id);
    json_decref(form);
    return form != NULL;
}

static void
list_members(ApiRequest *request, bool paged)
{
    const char *image_id = api_path(request, "image_id");
    json_t *members = knows(request, image_id) ? members_of(request, image_id, NULL) : NULL;

    if (!members)
        return;
    json_int_t count = (json_int_t) json_array_size(members);
    json_t *body = json_pack("{s:o, s:s}", "members", members, "schema", "/v2/schemas/members");
    if (paged)
        json_object_set_new(body, "page_info", json_pack("{s:I}", "current_count", count));
    api_reply(request, 200, body);
}

void
ims_list_members(ApiRequest *request)
{
    list_members(request, true);
}

void
glance_list_members(ApiRequest *request)
{
    list_members(request, false);
}

static void
reply_member(ApiRequest *request, const char *image_id, const char *member)
{
    AUTO_JSON json_t *members = members_of(request, image_id, member);

    if (!members)
        return;
    if (json_array_size(members) == 0)
        ims_none(request, member);
    else
        api_reply(request, 200, json_incref(json_array_get(members, 0)));
}

void
glance_show_member(ApiRequest *request)
{
    const char *image_id = api_path(request, "image_id");

    if (knows(request, image_id))
        reply_member(request, image_id, api_path(request, "member_id"));
}

/* ---- Glance's changes ---- */

/* Runs it in a transaction; false when it has answered with the problem. */
static bool
one_change(ApiRequest *request, const char *image_id, const char *member, MemberChange change)
{
    ImsImage image;

    if (!store_begin(request->store)) {
        api_fail_store(request);
        return false;
    }
    if (ims_own(request, image_id, &image)) {
        image_done(&image);
        const char *problem = change(request, image_id, member);
        if (problem)
            api_fail_as(request, change == remove_member ? 404 : 409, "IMG.0049", "%s", problem);
        else if (!store_commit(request->store))
            api_fail_store(request);
    }
    if (store_in_transaction(request->store))
        store_rollback(request->store);
    return !request->answered;
}

void
glance_create_member(ApiRequest *request)
{
    const char *image_id = api_path(request, "image_id"),
               *member = json_text(request->json, "member", "");

    if (one_change(request, image_id, member, add_member))
        reply_member(request, image_id, member);
}

void
glance_delete_member(ApiRequest *request)
{
    if (one_change(request, api_path(request, "image_id"), api_path(request, "member_id"),
                   remove_member))
        api_reply(request, 204, NULL);
}

/* Only the member itself answers. */
void
glance_update_member(ApiRequest *request)
{
    const char *image_id = api_path(request, "image_id"), *member = api_path(request, "member_id");
    const char *problem;

    if (!knows(request, image_id))
        return;
    if (strcmp(member, ims_project(request)) != 0) {
        api_fail(request, API_FORBIDDEN, "modify_member");
        return;
    }
    problem = answer_member(request, image_id, json_text(request->json, "status", ""));
    if (problem)
        api_fail_as(request, 404, "IMG.0049", "%s", problem);
    else
        reply_member(request, image_id, member);
}
