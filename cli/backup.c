/*
 * backup.c: `casement backup ...`: backups, and restores to a moment.
 */
#include "handlers.h"
#include "rds.h"
#include "service.h"
#include "table.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/moment.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int
run_backup_list(Invocation *invocation)
{
    const char *name = positional(invocation, 0);
    AUTO_JSON json_t *instance = name ? service_instance(name) : NULL;
    AUTO_JSON json_t *answer =
        instance ? service_get("/v3/{p}/backups?instance_id=%s", json_text(instance, "id", ""))
                 : service_get("/v3/{p}/backups");
    size_t index;
    json_t *one;

    if (print_json(invocation, answer))
        return EXIT_FINE;
    Table *table = table_new("NAME|TYPE|STATUS|BEGUN|ENDED|>KB|ID");
    json_array_foreach(json_object_get(answer, "backups"), index, one)
    {
        AUTO_FREE char *size = str_format("%lld", json_number(one, "size", 0));
        table_row(table, (const char *const[]){
                             json_text(one, "name", ""), json_text(one, "type", ""),
                             json_text(one, "status", ""), json_text(one, "begin_time", ""),
                             json_text(one, "end_time", "-"), size, json_text(one, "id", "")});
    }
    table_print(table, "There are no backups.");
    return EXIT_FINE;
}

/* Backups have no job that is told; their status is looked at. */
static int
wait_for_backup(Invocation *invocation, const char *id)
{
    for (;;) {
        struct timespec pause = {.tv_nsec = 500000000};
        AUTO_JSON json_t *answer = service_get("/v3/{p}/backups?backup_id=%s", id);
        const char *status =
            json_text(json_array_get(json_object_get(answer, "backups"), 0), "status", "FAILED");

        if (strcmp(status, "BUILDING") != 0) {
            if (strcmp(status, "COMPLETED") == 0)
                return service_finish(invocation, NULL, "The backup is made.");
            fprintf(stderr, "casement: the backup ended as %s\n", status);
            return EXIT_JOB_FAILED;
        }
        nanosleep(&pause, NULL);
    }
}

int
run_backup_create(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    AUTO_FREE char *standard = str_format("%s-manual", json_text(instance, "name", ""));
    AUTO_JSON json_t *body = json_pack("{s:s, s:s}", "instance_id", json_text(instance, "id", ""),
                                       "name", option_text(invocation, "name", standard));
    AUTO_JSON json_t *answer = service_call("POST", "/v3/{p}/backups", body);
    const char *id = json_text(json_object_get(answer, "backup"), "id", "");

    print_json(invocation, answer);
    if (invocation->wait)
        return wait_for_backup(invocation, id);
    if (!invocation->quiet && !invocation->json)
        printf("Begun as backup %s; casement backup list shows it.\n", id);
    return EXIT_FINE;
}

int
run_backup_delete(Invocation *invocation)
{
    AUTO_FREE char *id = url_text(positional(invocation, 0));
    AUTO_FREE char *path = str_format("/v3/{p}/backups/%s", id);

    confirm(invocation, "Delete the backup %s?", positional(invocation, 0));
    AUTO_JSON json_t *answer = service_call("DELETE", path, NULL);
    return service_finish(invocation, NULL, "Deleted.");
}

int
run_backup_window(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    AUTO_JSON json_t *answer =
        service_get("/v3/{p}/instances/%s/restore-time", json_text(instance, "id", ""));
    size_t index;
    json_t *one;

    if (print_json(invocation, answer))
        return EXIT_FINE;
    Table *table = table_new("FROM|TO");
    json_array_foreach(json_object_get(answer, "restore_time"), index, one)
    {
        char from[MOMENT_TEXT], to[MOMENT_TEXT];
        moment_rds(json_number(one, "start_time", 0) * 1000, from);
        moment_rds(json_number(one, "end_time", 0) * 1000, to);
        table_row(table, (const char *const[]){from, to});
    }
    table_print(table, "There is nothing to restore yet.");
    return EXIT_FINE;
}

int
run_backup_policy(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    AUTO_FREE char *path =
        str_format("/v3/{p}/instances/%s/backups/policy", json_text(instance, "id", ""));
    AUTO_JSON json_t *now = service_call("GET", path, NULL);
    const json_t *policy = json_object_get(now, "backup_policy");

    if (option_given(invocation, "keep-days") || option_given(invocation, "start")) {
        AUTO_JSON json_t *body = json_pack(
            "{s:{s:i, s:s, s:s}}", "backup_policy", "keep_days",
            (int) option_number(invocation, "keep-days", json_number(policy, "keep_days", 7), 0,
                                732),
            "start_time",
            option_text(invocation, "start", json_text(policy, "start_time", "01:00-02:00")),
            "period", json_text(policy, "period", "1,2,3,4,5,6,7"));
        AUTO_JSON json_t *answer = service_call("PUT", path, body);
        return service_finish(invocation, NULL, "Set.");
    }
    if (!print_json(invocation, now))
        printf("kept %lld days, made %s, on days %s\n", json_number(policy, "keep_days", 0),
               json_text(policy, "start_time", "-"), json_text(policy, "period", "-"));
    return EXIT_FINE;
}

/* Where to restore from: a moment or a backup. Exits 2 where neither or both are given. */
static json_t *
restore_source(Invocation *invocation, const char *instance_id)
{
    const char *to = option_text(invocation, "to", NULL),
               *backup = option_text(invocation, "backup", NULL);
    Moment moment;

    if (!to == !backup) {
        fprintf(stderr, "casement backup restore: give --to MOMENT or --backup ID, one of them\n");
        exit(EXIT_USAGE);
    }
    if (backup)
        return json_pack("{s:s, s:s, s:s}", "instance_id", instance_id, "type", "backup",
                         "backup_id", backup);
    if (strcmp(to, "now") == 0) {
        moment = moment_now();
    } else if (!moment_parse(to, &moment)) {
        fprintf(stderr,
                "casement backup restore: \"%s\" is no moment; write '2026-11-23 10:00:00' (UTC) "
                "or now\n",
                to);
        exit(EXIT_USAGE);
    }
    return json_pack("{s:s, s:s, s:I}", "instance_id", instance_id, "type", "timestamp",
                     "restore_time", (json_int_t) (moment / 1000));
}

static void
add_databases(Invocation *invocation, json_t *source)
{
    json_t *map = json_object();
    const char *pair;

    for (int n = 0; (pair = option_nth(invocation, "database", n)) != NULL; n++) {
        const char *colon = strchr(pair, ':');
        AUTO_FREE char *old = str_copy_n(pair, colon ? (size_t) (colon - pair) : strlen(pair));
        json_object_set_new(map, old, json_string(colon ? colon + 1 : pair));
    }
    if (json_object_size(map) > 0)
        json_object_set(source, "database_name", map);
    json_decref(map);
}

int
run_backup_restore(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    const char *id = json_text(instance, "id", ""), *name = option_text(invocation, "name", NULL);
    const char *into = option_text(invocation, "into", NULL);
    AUTO_JSON json_t *source = restore_source(invocation, id);
    AUTO_JSON json_t *answer = NULL;

    if (name && into) {
        fprintf(stderr, "casement backup restore: --name makes a new instance, --into uses one; "
                        "give one of them\n");
        return EXIT_USAGE;
    }
    add_databases(invocation, source);
    if (name) {
        AUTO_JSON json_t *body = new_instance_body(
            invocation, json_text(json_object_get(instance, "datastore"), "version", "2022_SE"),
            true);
        json_object_set(body, "restore_point", source);
        answer = service_call("POST", "/v3/{p}/instances", body);
    } else {
        AUTO_JSON json_t *target = into ? service_instance(into) : json_incref(instance);
        AUTO_JSON json_t *body = json_pack("{s:O, s:{s:s}}", "source", source, "target",
                                           "instance_id", json_text(target, "id", ""));
        if (!option_given(invocation, "database"))
            confirm(invocation, "Replace everything in %s?", json_text(target, "name", ""));
        answer = service_call("POST", "/v3.1/{p}/instances/recovery", body);
    }
    print_json(invocation, answer);
    return service_finish(invocation, json_text(answer, "job_id", NULL), "Restored.");
}
