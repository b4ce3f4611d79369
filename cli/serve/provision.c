/*
 * provision.c: fills a new cluster through libpq; see provision.h. Runs at each start, right after
 * the postmaster takes connections; on a cluster that is complete it asks three questions.
 */
#include "provision.h"

#include "console.h"
#include "files.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

static void
ignore_notice(void *context, const PGresult *result)
{
}

static PGconn *
open_database(const Cluster *cluster, const char *database)
{
    char *parameters = cluster_connection(cluster, database);
    PGconn *connection = PQconnectdb(parameters);

    free(parameters);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    if (PQstatus(connection) == CONNECTION_OK)
        return connection;
    warn("cannot connect to the database %s: %s", database, PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

/* First value of the answer ("" for none), owned by the caller; NULL, having said why, on errors.
 */
static char *
ask(PGconn *connection, const char *query, int count, const char *const *values)
{
    PGresult *result = PQexecParams(connection, query, count, NULL, values, NULL, NULL, 0);
    char *answer = NULL;

    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        answer = text_copy(PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    else if (PQresultStatus(result) == PGRES_COMMAND_OK)
        answer = text_copy("");
    else
        warn("the server refused \"%s\": %s", query, PQresultErrorMessage(result));
    PQclear(result);
    return answer;
}

static bool
carry_out(PGconn *connection, const char *query)
{
    char *answer = ask(connection, query, 0, NULL);

    free(answer);
    return answer != NULL;
}

static bool
make_database(const Cluster *cluster)
{
    PGconn *connection = open_database(cluster, "postgres");
    bool done = false;

    if (!connection)
        return false;
    char *found = ask(connection, "SELECT 1 FROM pg_database WHERE datname = 'casement'", 0, NULL);
    if (found)
        done = *found ? true
                      : carry_out(connection, "CREATE DATABASE casement TEMPLATE template0 "
                                              "ENCODING 'UTF8' LOCALE 'C.UTF-8'");
    free(found);
    PQfinish(connection);
    return done;
}

static bool
make_extension(PGconn *connection)
{
    char *state = ask(connection,
                      "SELECT CASE WHEN installed_version IS NULL THEN 'missing'"
                      " WHEN installed_version <> default_version THEN 'old' ELSE 'ready' END"
                      " FROM pg_available_extensions WHERE name = 'casement'",
                      0, NULL);
    bool done = false;

    if (!state)
        return false;
    if (!strcmp(state, "ready")) {
        done = true;
    } else if (!strcmp(state, "missing")) {
        say("installing the engine into the new cluster");
        done = carry_out(connection, "CREATE EXTENSION casement");
    } else if (!strcmp(state, "old")) {
        say("updating the engine's catalogue to version " CASEMENT_VERSION);
        done = carry_out(connection, "ALTER EXTENSION casement UPDATE");
    } else {
        warn("the server does not find the extension casement in its runtime tree");
    }
    free(state);
    return done;
}

static bool
set_password(PGconn *connection, const char *password)
{
    const char *const values[] = {"sa", password};
    /* No log of this session may show the password, whatever logging was switched on. */
    bool done = carry_out(connection, "SET log_statement = 'none'") &&
                carry_out(connection, "SET log_min_duration_statement = -1") &&
                carry_out(connection, "SET log_min_error_statement = panic") &&
                carry_out(connection, "SET log_parameter_max_length = 0");

    if (!done)
        return false;
    char *answer = ask(connection, "SELECT casement.set_login_password($1, $2)", 2, values);
    free(answer);
    return answer != NULL;
}

bool
provision(const Cluster *cluster, const char *password)
{
    bool done = false;

    if (!make_database(cluster))
        return false;
    PGconn *connection = open_database(cluster, "casement");
    if (!connection)
        return false;
    done = make_extension(connection) && (!password || set_password(connection, password));
    PQfinish(connection);
    return done;
}
