/*
 * query.c: T-SQL by the API, for the console and for tools: one batch as one of the instance's own
 * logins, whose rights are all that it has. An extension of Casement; the public cloud's query
 * editor is no API.
 */
#include "rds/query.h"
#include "base/settings.h"
#include "crypto/authority.h"
#include "rds/engine_call.h"
#include "rds/handlers.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#define MOST_RUNNING 64
#define MOST_BYTES ((size_t) 8 << 20)

/* Batches that run, so that they can be cancelled and counted. */
typedef struct Running {
    char key[160]; /* instance and query_id; "" for one without */
    TdsConnection *connection;
} Running;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Running running[MOST_RUNNING];
static int running_count;
static bool ending;

static void
key_of(char key[160], const char *instance, const char *query)
{
    snprintf(key, 160, "%s/%s", instance, query);
}

/* A place among the running batches, before it connects; NULL when there are enough. Half of the
 * workers stay for everything else. */
static Running *
enter(void)
{
    int most = setting_number(SETTING_WORKERS) / 2;
    Running *place = NULL;

    pthread_mutex_lock(&lock);
    if (!ending && running_count < (most > 0 ? most : 1) && running_count < MOST_RUNNING) {
        place = running;
        while (place->key[0])
            place++;
        snprintf(place->key, sizeof(place->key), "-");
        running_count++;
    }
    pthread_mutex_unlock(&lock);
    return place;
}

/* False where the end came while it connected: then it is not to run. */
static bool
show(Running *place, const char *instance, const char *query, TdsConnection *connection)
{
    bool wanted;

    pthread_mutex_lock(&lock);
    if (*query)
        key_of(place->key, instance, query);
    place->connection = connection;
    wanted = !ending;
    pthread_mutex_unlock(&lock);
    return wanted;
}

static void
leave(Running *place)
{
    pthread_mutex_lock(&lock);
    memset(place, 0, sizeof(*place));
    running_count--;
    pthread_mutex_unlock(&lock);
}

static bool
is_ending(void)
{
    pthread_mutex_lock(&lock);
    bool found = ending;
    pthread_mutex_unlock(&lock);
    return found;
}

void
queries_end(void)
{
    pthread_mutex_lock(&lock);
    ending = true;
    for (int i = 0; i < MOST_RUNNING; i++)
        if (running[i].connection)
            tds_cancel(running[i].connection);
    pthread_mutex_unlock(&lock);
}

void
cancel_query(ApiRequest *request)
{
    char key[160];
    bool found = false;

    AUTO_INSTANCE Instance *instance = instance_of_request(request);
    if (!instance)
        return;
    key_of(key, instance->id, api_path(request, "query_id"));
    pthread_mutex_lock(&lock);
    for (int i = 0; i < MOST_RUNNING; i++)
        if (strcmp(running[i].key, key) == 0 && running[i].connection) {
            tds_cancel(running[i].connection);
            found = true;
        }
    pthread_mutex_unlock(&lock);
    if (found)
        api_reply(request, 200, json_object());
    else
        api_fail_as(request, 404, "DBS.200823", "No such query runs.");
}

static TdsConnection *
connect_as(ApiRequest *request, const Instance *instance)
{
    AUTO_FREE char *problem = NULL;
    int number = 0;
    Moment began = moment_now();
    TdsTarget target = {
        .host = instance_address(instance),
        .port = instance->port,
        .user = json_text(request->json, "user", ""),
        .password = json_text(request->json, "password", ""),
        .database = json_text(request->json, "database", "master"),
        .application = "Casement query editor",
        .ca_file = NULL,
        .timeout_seconds = (int) json_number(request->json, "timeout", 60),
    };
    TdsConnection *connection = tds_open(&target, &problem, &number);

    if (!connection && number)
        api_fail(request, API_ENGINE_REFUSED, problem ? problem : "", number);
    else if (!connection && moment_now() - began >= target.timeout_seconds * 1000000LL)
        api_fail(request, API_ENGINE_REFUSED, "the login took longer than the timeout given", 0);
    else if (!connection)
        api_fail(request, API_ENGINE_AWAY, problem ? problem : "no answer");
    return connection;
}

static void
run_and_answer(ApiRequest *request, TdsConnection *connection)
{
    long rows = (long) json_number(request->json, "max_rows", 1000);
    Moment began = moment_now();
    int status = 0;
    json_t *answer =
        tds_batch_json(connection, json_text(request->json, "sql", ""), rows, MOST_BYTES, &status);

    if (is_ending()) { /* what it had of rows is not all of them */
        json_decref(answer);
        api_fail(request, API_STOPPING);
        return;
    }
    if (answer && status >= 0) {
        json_object_set_new(answer, "database", json_string(tds_database(connection)));
        json_object_set_new(answer, "elapsed_ms", json_integer((moment_now() - began) / 1000));
        api_reply(request, 200, answer);
        return;
    }
    json_decref(answer);
    if (status == -ETIMEDOUT)
        api_fail(request, API_ENGINE_REFUSED, "the batch took too long and was cancelled", 0);
    else
        api_fail(request, API_ENGINE_AWAY, "the connection was lost");
}

void
run_query(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = engine_instance(request);
    if (!instance)
        return;
    Running *place = enter();
    if (!place) {
        if (is_ending())
            api_fail(request, API_STOPPING);
        else
            api_fail(request, API_THROTTLED, "too many queries run at once");
        return;
    }
    TdsConnection *connection = connect_as(request, instance);
    if (connection) {
        if (show(place, instance->id, json_text(request->json, "query_id", ""), connection))
            run_and_answer(request, connection);
        else
            api_fail(request, API_STOPPING);
    }
    leave(place);
    if (connection)
        tds_close(connection);
}
