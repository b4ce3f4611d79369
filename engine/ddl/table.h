/*
 * Tables made while statements run: SELECT INTO, #temporary tables, table variables, TRUNCATE; and
 * what system procedures change in the catalogue (sp_rename, sp_addtype...).
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "ddl/ddl.h"

/* A table of these columns (names, types, nullability, identity are used); the row, columns and
 * PostgreSQL table are made. Raises 2714. Returns its relation. */
const CatalogRelation *table_create(const AstName *name,
                                    const CatalogColumn *columns,
                                    int count,
                                    const DdlContext *context);

/* An empty temporary PostgreSQL table without catalogue rows: a table variable. `elements`: columns
 * and constraints, or `type`: a table type. The result is in CurrentMemoryContext. */
const CatalogRelation *table_variable_create(const char *name,
                                             const AstList *elements,
                                             const CatalogObject *type,
                                             const DdlContext *context);
void table_variable_drop(const CatalogRelation *relation);

/* Drops this session's #tables of nest level `level` and deeper; 0: all. */
void table_drop_temporary(int level);

/* TRUNCATE TABLE: 4712 when referenced by a foreign key; identity restarts at its seed. */
void table_truncate(const CatalogRelation *relation);
