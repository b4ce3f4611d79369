/*
 * migrate.h: the migrations, embedded at build time by tools/gen_migrations.py, in order.
 */
#pragma once

typedef struct StoreMigration {
    const char *name; /* "0002-jobs" */
    const char *sql;
} StoreMigration;

extern const StoreMigration store_migrations[];
extern const int store_migration_count;
