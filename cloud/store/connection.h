/*
 * connection.h: what the files of the store share: a connection of libpq and the state around it.
 */
#pragma once

#include "store/store.h"

#include <stdint.h>

#define STORE_STATEMENTS 256 /* remembered by one connection */

/* A statement's text that was seen; prepared at its second use. */
typedef struct StoreStatement {
    char *sql;
    bool prepared;
} StoreStatement;

struct StoreConn {
    PGconn *link; /* NULL before its first use */
    bool in_transaction;
    bool broken; /* the transaction's connection was lost: nothing of it can be committed */
    char *error;
    char sqlstate[6];
    char *constraint;
    StoreStatement statements[STORE_STATEMENTS];
    int statement_count;
};

/* Where the store is, as store_configure was told. */
const char *store_conninfo(void);
