/*
 * backups.c: the operations on backups: their requests become rows and jobs (backup_jobs.c,
 * restore_jobs.c), their lists come from the store.
 */
#include "rds/backups.h"

#include "rds/cache.h"
#include "rds/catalogue.h"
#include "rds/check.h"
#include "rds/handlers.h"

#include "crypto/random_id.h"

#include <errno.h>
#include <string.h>

/* The instance that the body names; NULL after having answered. */
static Instance *
instance_named(ApiRequest *request, const char *id)
{
    Instance *instance = instance_load(request->store, api_project(request), id);

    if (!instance)
        api_fail(request, API_NO_SUCH_INSTANCE, id);
    return instance;
}

static const char *
status_of(const Instance *instance)
{
    return instance->status;
}

/* ---- Made and deleted ---- */

static void
reply_created(ApiRequest *request, const char *id, const Instance *instance)
{
    char now[MOMENT_TEXT];
    json_t *databases = json_object_get(request->json, "databases");

    moment_rds(moment_now(), now);
    api_reply(request, 200,
              json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O}}", "backup", "id", id,
                        "instance_id", instance->id, "name", json_text(request->json, "name", ""),
                        "description", json_text(request->json, "description", ""), "begin_time",
                        now, "status", "BUILDING", "type", "manual", "databases",
                        databases ? databases : json_array()));
}

void
create_backup(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance =
        instance_named(request, json_text(request->json, "instance_id", ""));
    char backup[41], job[41];
    int error;

    if (!instance)
        return;
    const char *status = status_of(instance);
    if (strcmp(status, "ACTIVE") != 0 && strcmp(status, "STORAGE FULL") != 0) {
        if (job_busy(request->store, instance->id))
            api_fail(request, API_INSTANCE_BUSY);
        else
            api_fail(request, API_INSTANCE_STATE, status);
        return;
    }
    if (!check_name(request, json_text(request->json, "name", "")))
        return;
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    error = backup_begin(request->store, instance, "manual", json_text(request->json, "name", ""),
                         json_text(request->json, "description", ""),
                         json_object_get(request->json, "databases"), backup, job);
    if (error || !store_commit(request->store)) {
        store_rollback(request->store);
        api_fail_store(request);
        return;
    }
    reply_created(request, backup, instance);
}

/* NULL, or what is wrong with deleting it; an empty text for a store error. */
static const char *
delete_one(ApiRequest *request, const char *id)
{
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "UPDATE rds_backup SET status = 'DELETING' WHERE id = $1 AND project_id = $2 "
                    "AND type = 'manual' AND status IN ('COMPLETED', 'FAILED') RETURNING "
                    "instance_id",
                    "ss", id, api_project(request));
    AUTO_JSON json_t *data = json_pack("{s:s}", "backup_id", id);
    char job[41];

    if (!rows)
        return "";
    if (PQntuples(rows) == 0)
        return "There is no such manual backup, or it is still being made.";
    return job_start(request->store, job_delete_backup.name, api_project(request),
                     row_text(rows, 0, "instance_id"), "", false, data, job) == 0
               ? NULL
               : "";
}

void
delete_backup(ApiRequest *request)
{
    if (!store_begin(request->store)) {
        api_fail_store(request);
        return;
    }
    const char *problem = delete_one(request, api_path(request, "backup_id"));
    if (!problem && store_commit(request->store)) {
        api_reply(request, 200, json_object());
        return;
    }
    store_rollback(request->store);
    if (problem && *problem)
        api_fail_as(request, 404, "DBS.280125", "%s", problem);
    else
        api_fail_store(request);
}

void
delete_backups(ApiRequest *request)
{
    json_t *results = json_array(), *one;
    size_t index;

    if (json_array_size(json_object_get(request->json, "backup_ids")) > 50) {
        json_decref(results);
        api_fail(request, API_BAD_PARAMETER, "backup_ids: at most 50");
        return;
    }
    json_array_foreach(json_object_get(request->json, "backup_ids"), index, one)
    {
        const char *problem = "";
        json_t *result = json_pack("{s:s}", "backup_id", json_string_value(one));

        if (store_begin(request->store))
            problem = delete_one(request, json_string_value(one));
        if (!problem && !store_commit(request->store))
            problem = "";
        if (problem) {
            store_rollback(request->store);
            json_put_text(result, "error_code", *problem ? "DBS.280125" : "DBS.200412");
            json_put_text(result, "error_msg", *problem ? problem : "Internal server error.");
        }
        json_array_append_new(results, result);
    }
    api_reply(request, 200, json_pack("{s:o}", "delete_results", results));
}

/* ---- Lists ---- */

static json_t *
render(const PGresult *rows, int i)
{
    char began[MOMENT_TEXT], ended[MOMENT_TEXT] = "";
    json_t *databases = json_loads(row_text(rows, i, "databases"), 0, NULL);

    moment_rds(row_moment(rows, i, "begun"), began);
    if (!row_is_null(rows, i, "ended"))
        moment_rds(row_moment(rows, i, "ended"), ended);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:{s:s, s:s}, s:b, s:i, s:s, s:s}",
        "id", row_text(rows, i, "id"), "instance_id", row_text(rows, i, "instance_id"), "name",
        row_text(rows, i, "name"), "description", row_text(rows, i, "description"), "type",
        row_text(rows, i, "type"), "status", row_text(rows, i, "status"), "begin_time", began,
        "end_time", ended, "size", (json_int_t) (row_number(rows, i, "size") / 1024), "databases",
        databases ? databases : json_array(), "datastore", "type", "SQLServer", "version",
        row_text(rows, i, "engine_version"), "associated_with_ddm", 0,
        "min_data_volume_capacity_for_restore", (int) row_number(rows, i, "volume_gb"),
        "verify_result", row_text(rows, i, "verify_result"), "fail_reason",
        row_text(rows, i, "problem"));
}

static bool
parse_time(ApiRequest *request, const char *name, Moment fallback, Moment *moment)
{
    const char *text = api_query(request, name, "");

    *moment = fallback;
    if (!*text || moment_parse(text, moment))
        return true;
    AUTO_FREE char *problem = str_format("%s: a moment as 2026-11-23T10:00:00Z", name);
    api_fail(request, API_BAD_PARAMETER, problem);
    return false;
}

void
list_backups(ApiRequest *request)
{
    long offset, limit;
    Moment from, to;

    if (!api_paging(request, &offset, &limit) || !parse_time(request, "begin_time", 0, &from) ||
        !parse_time(request, "end_time", moment_now() + 86400 * MOMENT_SECOND, &to))
        return;
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT b.*, coalesce(r.verify_result, '') AS verify_result, count(*) OVER () AS total "
        "FROM "
        "rds_backup b LEFT JOIN rds_repository r USING (instance_id) WHERE b.project_id = $1 AND "
        "($2 "
        "= '' OR b.instance_id = $2) AND ($3 = '' OR b.id = $3) AND ($4 = '' OR b.type = "
        "lower($4)) "
        "AND ($5 = '' OR b.status = upper($5)) AND b.begun >= $6 AND b.begun <= $7 AND b.status <> "
        "'DELETED' ORDER BY b.begun DESC, b.id OFFSET $8 LIMIT $9",
        "sssssmmll", api_project(request), api_query(request, "instance_id", ""),
        api_query(request, "backup_id", ""), api_query(request, "backup_type", ""),
        api_query(request, "status", ""), from, to, (long long) offset, (long long) limit);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *backups = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(backups, render(rows, i));
    api_reply(request, 200,
              json_pack("{s:o, s:I}", "backups", backups, "total_count",
                        (json_int_t) (PQntuples(rows) ? row_number(rows, 0, "total") : 0)));
}

void
show_backup_usage(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT (SELECT coalesce(sum(stored), 0) FROM rds_backup WHERE project_id = $1 AND status "
        "= "
        "'COMPLETED') / 1073741824.0 AS backups, (SELECT coalesce(sum(storage_used), 0) FROM "
        "rds_instance WHERE project_id = $1 AND deleted_at IS NULL) / 1073741824.0 AS databases",
        "s", api_project(request));

    if (!rows) {
        api_fail_store(request);
        return;
    }
    api_reply(request, 200,
              json_pack("{s:f, s:f, s:f, s:f}", "backup_use_space", row_real(rows, 0, "backups"),
                        "db_use_space", row_real(rows, 0, "databases"), "rds_snapshot_use_space",
                        0.0, "offsite_use_space", 0.0));
}

/* How a summary is ordered: its clause, or NULL after having answered. */
static const char *
summary_order(ApiRequest *request)
{
    static const struct {
        const char *field, *rule, *clause;
    } orders[] = {
        {"", "ASC", "i.created ASC, i.id"},
        {"", "DESC", "i.created DESC, i.id"},
        {"backup_used_space", "ASC", "coalesce(sum(b.stored), 0) ASC, i.created, i.id"},
        {"backup_used_space", "DESC", "coalesce(sum(b.stored), 0) DESC, i.created, i.id"},
        {"obs", "ASC", "coalesce(sum(b.stored), 0) ASC, i.created, i.id"},
        {"obs", "DESC", "coalesce(sum(b.stored), 0) DESC, i.created, i.id"},
    };
    const char *field = api_query(request, "order_field", "");
    const char *rule = api_query(request, "order_rule", "");

    /* As there: descending, once something to order by is named. */
    if (!*rule)
        rule = *field ? "DESC" : "ASC";
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (strcmp(orders[i].field, field) == 0 && strcasecmp(orders[i].rule, rule) == 0)
            return orders[i].clause;
    api_fail(request, API_BAD_PARAMETER,
             "order_field: backup_used_space or obs; order_rule: ASC or DESC");
    return NULL;
}

void
list_backup_summary(ApiRequest *request)
{
    long offset, limit;
    const char *order = summary_order(request);

    if (!order || !api_paging(request, &offset, &limit))
        return;
    AUTO_FREE char *sql = str_format(
        "SELECT i.id, i.name, i.engine_version, coalesce(sum(b.stored), 0) / 1073741824.0 AS "
        "space, count(*) OVER () AS total FROM rds_instance i LEFT JOIN rds_backup b ON "
        "b.instance_id = i.id AND b.status = 'COMPLETED' WHERE i.project_id = $1 AND i.deleted_at "
        "IS NULL AND ($2 = '' OR i.id = $2) AND ($3 = '' OR position($3 IN i.name) > 0) AND ($6 = "
        "'' OR lower($6) = 'sqlserver') GROUP BY i.id ORDER BY %s OFFSET $4 LIMIT $5",
        order);
    AUTO_ROWS PGresult *rows =
        store_query(request->store, sql, "ssslls", api_project(request),
                    api_query(request, "instance_id", ""), api_query(request, "instance_name", ""),
                    (long long) offset, (long long) limit, api_query(request, "engine", ""));
    if (!rows) {
        api_fail_store(request);
        return;
    }
    json_t *infos = json_array();
    for (int i = 0; i < PQntuples(rows); i++)
        json_array_append_new(
            infos, json_pack("{s:s, s:s, s:f, s:{s:s, s:s}, s:{s:f, s:f, s:f, s:f}}", "id",
                             row_text(rows, i, "id"), "name", row_text(rows, i, "name"),
                             "backup_use_space", row_real(rows, i, "space"), "datastore", "type",
                             "SQLServer", "version", row_text(rows, i, "engine_version"), "spaces",
                             "obs", row_real(rows, i, "space"), "snapshot", 0.0, "obs_free", 0.0,
                             "snapshot_free", 0.0));
    api_reply(request, 200,
              json_pack("{s:o, s:I}", "infos", infos, "total_count",
                        (json_int_t) (PQntuples(rows) ? row_number(rows, 0, "total") : 0)));
}

/* The repository is encrypted and of many files; what can be had of it is named, not served. */
void
show_backup_files(ApiRequest *request)
{
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "SELECT instance_id, label, stored, generation FROM rds_backup WHERE id = $1 AND "
        "project_id = $2 AND status = 'COMPLETED'",
        "ss", api_query(request, "backup_id", ""), api_project(request));

    if (!rows) {
        api_fail_store(request);
        return;
    }
    if (PQntuples(rows) == 0) {
        api_fail_as(request, 404, "DBS.280125", "There is no such completed backup.");
        return;
    }
    api_fail_as(request, 400, "DBS.280238",
                "The backup is kept encrypted in its repository; restore it instead. Downloads are "
                "not supported.");
}

/* ---- Policy ---- */

/* "HH:MM-HH:MM", an hour long, minutes 00, 15, 30 or 45. */
static bool
window_is_sound(const char *text)
{
    AUTO_FREE char *first = str_copy_n(text, strcspn(text, "-"));
    const char *rest = strchr(text, '-');
    int from, to;

    return rest && check_clock(first, &from) && check_clock(rest + 1, &to) && from % 15 == 0 &&
           (to - from + 1440) % 1440 == 60;
}

static bool
period_is_sound(const char *text)
{
    for (; *text; text++) {
        if (*text < '1' || *text > '7' || (text[1] && text[1] != ','))
            return false;
        if (text[1])
            text++;
        if (*text == ',' && !text[1])
            return false;
    }
    return true;
}

void
set_backup_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    const json_t *policy = json_object_get(request->json, "backup_policy");
    const char *start = json_text(policy, "start_time", ""),
               *period = json_text(policy, "period", "");

    if (!instance)
        return;
    if (*start && !window_is_sound(start)) {
        api_fail(request, API_BAD_PARAMETER,
                 "start_time: HH:MM-HH:MM, one hour, on 00, 15, 30 or 45");
        return;
    }
    if (!period_is_sound(period)) {
        api_fail(request, API_BAD_PARAMETER, "period: days 1 to 7, separated by commas");
        return;
    }
    if (store_run(
            request->store,
            "UPDATE rds_instance SET backup_keep_days = $2, backup_start_time = "
            "coalesce(nullif($3, ''), backup_start_time), backup_period = coalesce(nullif($4, "
            "''), backup_period), updated = now() WHERE id = $1",
            "siss", instance->id, (int) json_number(policy, "keep_days", 0), start, period) != 1) {
        api_fail_store(request);
        return;
    }
    instance_touch(request->store, instance->id);
    api_reply(request, 200, json_object());
}

void
show_backup_policy(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    json_t *policy;

    if (!instance)
        return;
    policy = json_pack("{s:I, s:s, s:s}", "keep_days",
                       (json_int_t) json_number(instance->row, "backup_keep_days", 0), "start_time",
                       json_text(instance->row, "backup_start_time", ""), "period",
                       json_text(instance->row, "backup_period", ""));
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT verified_at, verify_result FROM rds_repository WHERE instance_id = $1",
                    "s", instance->id);
    if (rows && PQntuples(rows) > 0 && *row_text(rows, 0, "verify_result")) {
        char when[MOMENT_TEXT];
        moment_rds(row_moment(rows, 0, "verified_at"), when);
        json_put_text(policy, "verify_result", row_text(rows, 0, "verify_result"));
        json_put_text(policy, "verified_at", when);
    }
    api_reply(request, 200, json_pack("{s:o}", "backup_policy", policy));
}

/* ---- Jobs on all backups of an instance ---- */

static void
begin_shared(ApiRequest *request, const JobKind *kind)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    char job[41];

    if (!instance)
        return;
    if (!store_begin(request->store) ||
        job_start(request->store, kind->name, instance->project_id, instance->id, instance->name,
                  false, NULL, job) != 0 ||
        !store_commit(request->store)) {
        store_rollback(request->store);
        api_fail_store(request);
        return;
    }
    api_reply(request, 202, json_pack("{s:s}", "job_id", job));
}

void
stop_backup(ApiRequest *request)
{
    begin_shared(request, &job_stop_backup);
}

void
verify_backups(ApiRequest *request)
{
    begin_shared(request, &job_verify_backups);
}

/* ---- Moments ---- */

/* Up to where the archive goes: a live instance's WAL can be fetched up to now, unless archiving
 * fails. */
static Moment
archive_end(const Instance *instance)
{
    AgentState state = AGENT_ABSENT;
    AUTO_FREE char *problem = NULL;
    Moment end = moment_now();

    if (agent_instance_state(instance->id, &state) != 0 || state != AGENT_READY)
        return end; /* nothing is written any more: all of its history is what it last was */
    AUTO_FREE char *failing = repository_ask(
        instance->id, instance->slot,
        "SELECT CASE WHEN last_failed_time > coalesce(last_archived_time, '-infinity') THEN "
        "(extract(epoch FROM last_archived_time) * 1000000)::int8 END FROM pg_stat_archiver",
        &problem);
    return failing && *failing ? (Moment) strtoll(failing, NULL, 10) : end;
}

static const char windows_sql[] =
    "SELECT greatest(t.began, (SELECT min(greatest(consistent, r.archive_from)) FROM rds_backup b "
    "WHERE b.instance_id = t.instance_id AND b.generation = t.generation AND (b.timeline = "
    "t.timeline OR b.timeline < t.timeline) AND b.status IN ('COMPLETED', 'DELETED') AND b.problem "
    "= "
    "'')) AS "
    "from_time, "
    "lead(t.began) OVER (ORDER BY t.generation, t.timeline) AS to_time, (SELECT min(consistent) "
    "FROM "
    "rds_backup b WHERE b.instance_id = t.instance_id AND b.generation = t.generation AND "
    "b.timeline "
    "<= t.timeline AND b.status IN ('COMPLETED', 'DELETED') AND b.problem = '') AS first FROM "
    "rds_timeline t JOIN "
    "rds_repository r USING (instance_id) WHERE t.instance_id = $1 ORDER BY t.generation, "
    "t.timeline";

void
list_restore_times(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    Moment day = 0, end;

    if (!instance)
        return;
    if (*api_query(request, "date", "")) {
        AUTO_FREE char *text = str_format("%s 00:00:00", api_query(request, "date", ""));
        if (!moment_parse(text, &day)) {
            api_fail(request, API_BAD_PARAMETER, "date: yyyy-mm-dd");
            return;
        }
    }
    AUTO_ROWS PGresult *rows = store_query(request->store, windows_sql, "s", instance->id);
    if (!rows) {
        api_fail_store(request);
        return;
    }
    end = archive_end(instance);
    json_t *windows = json_array();
    for (int i = 0; i < PQntuples(rows); i++) {
        Moment from = row_moment(rows, i, "from_time");
        Moment to = row_is_null(rows, i, "to_time") ? end : row_moment(rows, i, "to_time");

        if (row_is_null(rows, i, "first") || (day && (to < day || from >= day + 86400000000LL)))
            continue;
        if (day && from < day)
            from = day;
        if (day && to > day + 86400000000LL)
            to = day + 86400000000LL;
        if (from < to)
            json_array_append_new(windows, json_pack("{s:I, s:I}", "start_time",
                                                     (json_int_t) ((from + 999) / 1000), "end_time",
                                                     (json_int_t) (to / 1000)));
    }
    api_reply(request, 200, json_pack("{s:o}", "restore_time", windows));
}

/* ---- Restore into an instance ---- */

static bool
names_are_sound(ApiRequest *request, const json_t *names)
{
    const char *old;
    json_t *fresh;

    json_object_foreach((json_t *) names, old, fresh)
    {
        size_t length = json_is_string(fresh) ? strlen(json_string_value(fresh)) : 0;
        if (length < 1 || length > 128 || !*old || strlen(old) > 128) {
            api_fail(request, API_BAD_PARAMETER,
                     "source.database_name: old and new names of 1 to 128 characters");
            return false;
        }
    }
    return true;
}

/* How large the volume of the source was: at that backup, or for a moment is now. 0: unknown. */
static int
source_volume(ApiRequest *request, const RestorePoint *point)
{
    AUTO_FREE char *found =
        store_value(request->store,
                    point->moment ? "SELECT volume_gb::text FROM rds_instance WHERE id = $1"
                                  : "SELECT volume_gb::text FROM rds_backup WHERE id = $1",
                    "s", point->moment ? point->source : point->backup);

    return found ? (int) strtol(found, NULL, 10) : 0;
}

/* Whether another instance can take the whole of the source; false after having answered. */
static bool
target_fits(ApiRequest *request, const Instance *target, const RestorePoint *point)
{
    AUTO_INSTANCE Instance *source = instance_load_any(request->store, point->source);
    const EngineVersion *has = engine_version_find(target->engine_version);
    const EngineVersion *wants = source ? engine_version_find(source->engine_version) : NULL;
    int volume = source_volume(request, point);
    char text[200];

    if (!has || !wants || volume == 0) {
        api_fail_store(request);
        return false;
    }
    if (strtod(has->complete, NULL) < strtod(wants->complete, NULL)) {
        snprintf(text, sizeof(text), "target.instance_id: its version %s is older than %s",
                 has->name, wants->name);
        api_fail(request, API_BAD_PARAMETER, text);
        return false;
    }
    if (target->volume_gb < volume) {
        snprintf(text, sizeof(text),
                 "target.instance_id: its volume of %d GB is smaller than the source's %d GB",
                 (int) target->volume_gb, volume);
        api_fail(request, API_BAD_PARAMETER, text);
        return false;
    }
    return true;
}

void
restore_instance(ApiRequest *request)
{
    const json_t *source = json_object_get(request->json, "source");
    const json_t *names = json_object_get(source, "database_name");
    bool some = json_object_size(names) > 0 && !json_flag(source, "restore_all_database", false);
    AUTO_INSTANCE Instance *target = instance_named(
        request, json_text(json_object_get(request->json, "target"), "instance_id", ""));
    RestorePoint point;
    char folder[41], job[41];

    if (!target)
        return;
    if (some && !names_are_sound(request, names))
        return;
    AUTO_FREE char *problem =
        restore_point_find(request->store, target->project_id, source, &point);
    if (problem) {
        AUTO_FREE char *text = str_format("source.%s", problem);
        api_fail(request, API_BAD_PARAMETER, text);
        return;
    }
    if (job_busy(request->store, target->id)) {
        api_fail(request, API_INSTANCE_BUSY);
        return;
    }
    /* One that failed can be brought back to what it was, and take nothing else. */
    bool own = strcmp(point.source, target->id) == 0;
    if (strcmp(status_of(target), "ACTIVE") != 0 &&
        (!own || some || strcmp(status_of(target), "FAILED") != 0)) {
        api_fail(request, API_INSTANCE_STATE, status_of(target));
        return;
    }
    if (!own && !some && !target_fits(request, target, &point))
        return;
    id_new(folder, "rs04");
    AUTO_JSON json_t *data =
        json_pack("{s:o, s:s}", "point", restore_point_json(&point), "folder", folder);
    if (some)
        json_object_set(data, "databases", (json_t *) names);
    if (instance_start_job(request, target,
                           some ? job_restore_database.name : job_restore_instance.name,
                           "RESTORING", data, job))
        api_reply(request, 202, json_pack("{s:s}", "job_id", job));
}
