/*
 * PostgreSQL's side of constraints. Apart from the rest because the names in PostgreSQL's header of
 * pg_constraint are also names in the syntax tree's.
 */
#pragma once

#include "postgres.h"

/* The oid of a table's constraint by PostgreSQL name; InvalidOid if there is none. */
Oid ddl_pg_constraint(Oid relation, const char *pg_name);
/* Enables or disables the triggers that enforce a foreign key. */
void ddl_enable_constraint_triggers(Oid constraint, bool enable);
/* Checks all rows against a foreign key again. */
void ddl_revalidate_constraint(Oid relation, Oid constraint, const char *pg_name);
/* Drops a PostgreSQL index, or the constraint that owns it. */
void ddl_drop_pg_index(Oid relation);
/* utility.c */
void ddl_run_sql(const char *sql);
char *ddl_quoted_relation(Oid relation);
