/*
 * Rows into a table, fast: gathered in slots and written in batches with table_multi_insert, then
 * the indexes. What bulk_load.c decodes goes in here.
 */
#pragma once

#include "postgres.h"

#include "catalogue/catalog.h"

typedef struct BulkRows BulkRows;

typedef struct BulkOptions {
    bool check_constraints; /* else only NOT NULL is checked, as SQL Server does */
    bool fire_triggers;
    bool table_lock;
} BulkOptions;

/* Opens the table in the running transaction. `attnums` are the `count` columns that each row
 * brings; the others take their defaults. */
BulkRows *
bulk_rows_begin(Oid relation, const AttrNumber *attnums, int count, const BulkOptions *options);

/* The table's default of the i-th column brought; false if it has none. */
bool bulk_rows_default(BulkRows *rows, int i, Datum *value, bool *is_null);

/* Memory for the values of the row that comes next; cleared with each batch. */
MemoryContext bulk_rows_memory(BulkRows *rows);

/* Adds a row: `count` values. `bytes` is its rough size. Raises what the table's constraints raise.
 */
void bulk_rows_add(BulkRows *rows, const Datum *values, const bool *nulls, size_t bytes);

/* Writes the rest, runs the deferred row triggers, closes. Returns the rows added. */
uint64 bulk_rows_end(BulkRows *rows);
