/*
 * AFTER triggers: T-SQL's run once per statement with the changed rows as tables inserted and
 * deleted. PostgreSQL fires them: a table with triggers for an event has one statement trigger of
 * ours for that event, with transition tables, whose function runs the bodies through the
 * interpreter. So they see every way that rows change: statements, MERGE, bulk loads, cascades of
 * foreign keys.
 */
#pragma once

#include "postgres.h"

#include "catalogue/catalog.h"

/* Makes the PostgreSQL triggers of a table agree with its enabled T-SQL triggers. For the DDL of
 * triggers (CREATE, ALTER, DROP, ENABLE, DISABLE), in its transaction. */
void trigger_sync(const CatalogObject *table);

/* Registers the INSTEAD OF hook; once when the library is loaded. */
void trigger_init(void);
