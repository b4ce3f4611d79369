/*
 * store.h: the daemon's PostgreSQL database, by libpq.
 *
 * The store is one database: a private cluster of casementd's by default, any PostgreSQL by
 * --store. A StoreConn belongs to one thread. Every statement has parameters ($1...), all sent as
 * text; no value is ever put into SQL text. A lost connection is opened again at the next statement
 * outside a transaction.
 *
 * Tables are made by migrations: files cloud/store/migrations/NNNN-name.sql, run once each in the
 * order of their names, each in a transaction, recorded in casement_migration.
 */
#pragma once

#include "base/moment.h"

#include <libpq-fe.h>
#include <stdbool.h>

typedef struct StoreConn StoreConn;

/* Where the store is; kept for store_connect. Called once, before threads. */
void store_configure(const char *conninfo);
/* Brings the tables to this build's version. Negative errno (said in the log) on failure. */
int store_migrate(void);

/* A new connection owned by the caller; never NULL, it connects when it is used. */
StoreConn *store_connect(void);
void store_close(StoreConn *conn);

/*
 * Runs a statement. `types` has one letter a value that follows: s const char * (NULL is SQL's
 * NULL), i int, l long long, b bool (int), m Moment, j json_t * (borrowed; NULL is NULL), f double.
 *     PGresult *rows = store_query(conn, "SELECT name FROM project WHERE id = $1", "s", id);
 * Returns the result (PGRES_TUPLES_OK or COMMAND_OK), owned by the caller, or NULL on an error, of
 * which store_error and store_sqlstate tell.
 */
PGresult *store_query(StoreConn *conn, const char *sql, const char *types, ...);
/* The same where no rows are wanted: rows affected, or -1. */
long store_run(StoreConn *conn, const char *sql, const char *types, ...);
/* First value of the first row, owned by the caller; NULL where there is none (check store_failed).
 */
char *store_value(StoreConn *conn, const char *sql, const char *types, ...);

/* Of the last statement. */
bool store_failed(const StoreConn *conn);
const char *store_error(const StoreConn *conn);
const char *store_sqlstate(const StoreConn *conn);   /* "23505", or "" */
const char *store_constraint(const StoreConn *conn); /* name of the violated constraint or "" */

/* Transactions nest not. Commit says whether it took place. */
bool store_begin(StoreConn *conn);
bool store_commit(StoreConn *conn);
void store_rollback(StoreConn *conn);
bool store_in_transaction(const StoreConn *conn);
/* Whether the last statement failed because the server was lost or is going down. */
bool store_lost(const StoreConn *conn);
/* A connection of libpq of one's own, for LISTEN; maybe a failed one. PQfinish ends it. */
PGconn *store_link_open(const char *application);

/* Columns of a result by name; "" / 0 / false / 0 where NULL. Text is owned by the result. */
const char *row_text(const PGresult *rows, int row, const char *column);
bool row_is_null(const PGresult *rows, int row, const char *column);
long long row_number(const PGresult *rows, int row, const char *column);
double row_real(const PGresult *rows, int row, const char *column);
bool row_flag(const PGresult *rows, int row, const char *column);
Moment row_moment(const PGresult *rows,
                  int row,
                  const char *column); /* of a timestamptz; session is UTC */

void store_auto_clear(PGresult **rows);
#define AUTO_ROWS __attribute__((cleanup(store_auto_clear)))
