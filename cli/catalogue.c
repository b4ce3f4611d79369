/*
 * catalogue.c: nouns that mostly show: flavors, parameters, logs, jobs, quotas, projects, users,
 * keys.
 */
#include "handlers.h"
#include "service.h"
#include "table.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/moment.h"

#include <stdio.h>
#include <string.h>

/* A table of the members `keys` (divided by '|') of each object of the answer's array. */
static int
show_list(Invocation *invocation,
          json_t *answer,
          const char *array,
          const char *headings,
          const char *keys,
          const char *empty)
{
    AUTO_JSON json_t *owned = answer;
    size_t index;
    json_t *one;

    if (print_json(invocation, owned))
        return EXIT_FINE;
    Table *table = table_new(headings);
    json_array_foreach(json_object_get(owned, array), index, one)
    {
        AUTO_FREE char *copy = str_copy(keys);
        char *rest = copy, *key, *texts[16] = {0};
        int count = 0;

        while (count < 16 && (key = strsep(&rest, "|")) != NULL) {
            const json_t *value = json_object_get(one, key);
            texts[count++] = json_is_string(value) ? str_copy(json_string_value(value))
                             : json_is_integer(value)
                                 ? str_format("%lld", (long long) json_integer_value(value))
                             : json_is_boolean(value) ? str_copy(json_is_true(value) ? "yes" : "no")
                                                      : NULL;
        }
        table_row(table, (const char *const *) texts);
        for (int i = 0; i < count; i++)
            free(texts[i]);
    }
    table_print(table, empty);
    return EXIT_FINE;
}

int
run_flavor_list(Invocation *invocation)
{
    AUTO_FREE char *version = url_text(option_text(invocation, "version", ""));
    json_t *answer = *version ? service_get("/v3/{p}/flavors/SQLServer?version_name=%s", version)
                              : service_get("/v3/{p}/flavors/SQLServer");

    return show_list(invocation, answer, "flavors", "FLAVOR|>CPUS|>GB|MODE",
                     "spec_code|vcpus|ram|instance_mode", "There are none.");
}

int
run_parameter_list(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));

    return show_list(
        invocation,
        service_get("/v3/{p}/instances/%s/configurations", json_text(instance, "id", "")),
        "configuration_parameters", "NAME|VALUE|RESTART|READ ONLY|RANGE",
        "name|value|restart_required|readonly|value_range", "There are none.");
}

int
run_parameter_set(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    AUTO_JSON json_t *values = json_object();
    const char *pair;

    for (int n = 0; (pair = option_nth(invocation, "set", n)) != NULL; n++) {
        const char *equals = strchr(pair, '=');
        if (!equals) {
            fprintf(stderr, "casement parameter set: --set needs NAME=VALUE; it is \"%s\"\n", pair);
            return EXIT_USAGE;
        }
        AUTO_FREE char *name = str_copy_n(pair, (size_t) (equals - pair));
        json_object_set_new(values, name, json_string(equals + 1));
    }
    AUTO_JSON json_t *body = json_pack("{s:O}", "values", values);
    AUTO_FREE char *path =
        str_format("/v3.1/{p}/instances/%s/configurations", json_text(instance, "id", ""));
    AUTO_JSON json_t *answer = service_call("PUT", path, body);
    print_json(invocation, answer);
    return service_finish(invocation, json_text(answer, "job_id", NULL),
                          json_flag(answer, "restart_required", false)
                              ? "Set; casement rds restart makes it take effect."
                              : "Set.");
}

/* The last hours as start_date and end_date, as the service writes moments, encoded. */
static void
log_range(Invocation *invocation, char from[80], char to[80])
{
    Moment now = moment_now();
    char plain[MOMENT_TEXT];

    moment_rds(now - option_number(invocation, "hours", 24, 1, 720) * 3600 * MOMENT_SECOND, plain);
    AUTO_FREE char *first = url_text(plain);
    moment_rds(now, plain);
    AUTO_FREE char *last = url_text(plain);
    snprintf(from, 80, "%s", first);
    snprintf(to, 80, "%s", last);
}

int
run_log_error(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    char from[80], to[80];

    log_range(invocation, from, to);
    return show_list(
        invocation,
        service_get("/v3/{p}/instances/%s/errorlog?start_date=%s&end_date=%s&offset=1&limit=100",
                    json_text(instance, "id", ""), from, to),
        "error_log_list", "TIME|LEVEL|MESSAGE", "time|level|content",
        "There is nothing in the log.");
}

int
run_log_slow(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    char from[80], to[80];

    log_range(invocation, from, to);
    return show_list(
        invocation,
        service_get("/v3/{p}/instances/%s/slowlog?start_date=%s&end_date=%s&offset=1&limit=100",
                    json_text(instance, "id", ""), from, to),
        "slow_log_list", "BEGUN|>TOOK|DATABASE|USER|STATEMENT",
        "start_time|time|database|users|query_sample", "There were no slow statements.");
}

int
run_job_list(Invocation *invocation)
{
    return show_list(invocation, service_get("/v3/{p}/tasklist?offset=0&limit=100"), "tasks",
                     "NAME|INSTANCE|STATUS|>DONE|CREATED|ID",
                     "name|instance_name|status|process|create_time|id", "There are no jobs.");
}

int
run_job_show(Invocation *invocation)
{
    AUTO_FREE char *id = url_text(positional(invocation, 0));

    if (invocation->wait)
        return service_finish(invocation, id, "Completed.");
    AUTO_JSON json_t *answer = service_get("/v3/{p}/jobs?id=%s", id);
    const json_t *job = json_object_get(answer, "job");
    if (!print_json(invocation, answer))
        printf("job       %s\nname      %s\nstatus    %s\ndone      %s\ninstance  %s\ncreated   "
               "%s\nended     %s\nreason    %s\n",
               json_text(job, "id", "-"), json_text(job, "name", "-"),
               json_text(job, "status", "-"), json_text(job, "process", "-"),
               json_text(json_object_get(job, "instance"), "name", "-"),
               json_text(job, "created", "-"), json_text(job, "ended", "-"),
               json_text(job, "fail_reason", "-"));
    return EXIT_FINE;
}

int
run_quota_list(Invocation *invocation)
{
    AUTO_JSON json_t *answer = service_get("/v3/{p}/quotas");

    if (print_json(invocation, answer))
        return EXIT_FINE;
    return show_list(invocation, json_incref(json_object_get(answer, "quotas")), "resources",
                     "OF|>USED|>QUOTA", "type|used|quota", "There are none.");
}

int
run_project_list(Invocation *invocation)
{
    return show_list(invocation, service_get("/v3/auth/projects"), "projects", "NAME|ENABLED|ID",
                     "name|enabled|id", "There are none.");
}

static json_t *
users(void)
{
    return service_get("/v3/users?domain_id=%s", json_text(service_login(), "domain_id", ""));
}

int
run_user_list(Invocation *invocation)
{
    return show_list(invocation, users(), "users", "NAME|ENABLED|DESCRIPTION|ID",
                     "name|enabled|description|id", "There are none.");
}

int
run_user_create(Invocation *invocation)
{
    AUTO_WIPE char *password = service_password(invocation, positional(invocation, 0), true);
    AUTO_JSON json_t *body =
        json_pack("{s:{s:s, s:s, s:s, s:b}}", "user", "name", positional(invocation, 0), "password",
                  password, "domain_id", json_text(service_login(), "domain_id", ""), "enabled", 1);
    AUTO_JSON json_t *answer = service_call("POST", "/v3.0/OS-USER/users", body);

    print_json(invocation, answer);
    return service_finish(invocation, NULL,
                          "Created; it may do nothing until a group of it gets a role.");
}

int
run_user_delete(Invocation *invocation)
{
    AUTO_JSON json_t *all = users();
    const char *wanted = positional(invocation, 0);
    size_t index;
    json_t *one;

    json_array_foreach(json_object_get(all, "users"), index, one)
    {
        if (strcmp(json_text(one, "name", ""), wanted) != 0 &&
            strcmp(json_text(one, "id", ""), wanted) != 0)
            continue;
        AUTO_FREE char *path = str_format("/v3/users/%s", json_text(one, "id", ""));
        confirm(invocation, "Delete the user %s?", json_text(one, "name", ""));
        AUTO_JSON json_t *answer = service_call("DELETE", path, NULL);
        return service_finish(invocation, NULL, "Deleted.");
    }
    fprintf(stderr, "casement: there is no user \"%s\"\n", wanted);
    return EXIT_MISSING;
}

int
run_key_list(Invocation *invocation)
{
    return show_list(invocation, service_get("/v3.0/OS-CREDENTIAL/credentials"), "credentials",
                     "ACCESS KEY|STATUS|CREATED|DESCRIPTION",
                     "access|status|create_time|description", "There are none.");
}

int
run_key_create(Invocation *invocation)
{
    AUTO_JSON json_t *body = json_pack("{s:{s:s, s:s}}", "credential", "user_id",
                                       json_text(service_login(), "user_id", ""), "description",
                                       option_text(invocation, "description", ""));
    AUTO_JSON json_t *answer = service_call("POST", "/v3.0/OS-CREDENTIAL/credentials", body);
    const json_t *key = json_object_get(answer, "credential");

    if (!print_json(invocation, answer))
        printf("access key  %s\nsecret key  %s   (shown this once)\n", json_text(key, "access", ""),
               json_text(key, "secret", ""));
    return EXIT_FINE;
}

int
run_key_delete(Invocation *invocation)
{
    AUTO_FREE char *key = url_text(positional(invocation, 0));
    AUTO_FREE char *path = str_format("/v3.0/OS-CREDENTIAL/credentials/%s", key);

    confirm(invocation, "Delete the access key %s?", positional(invocation, 0));
    AUTO_JSON json_t *answer = service_call("DELETE", path, NULL);
    return service_finish(invocation, NULL, "Deleted.");
}
