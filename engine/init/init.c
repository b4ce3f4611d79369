/*
 * The extension's entry: what happens when the postmaster loads casement.so. It defines the
 * settings, asks for shared memory, puts the hooks in place and registers the listener; each layer
 * does its own part, this file only fixes the order.
 */
#include "postgres.h"

#include "catalogue/catalog.h"
#include "context/context.h"
#include "context/counters.h"
#include "ddl/ddl.h"
#include "fmgr.h"
#include "listener/listener.h"
#include "miscadmin.h"
#include "procedures/procedures.h"
#include "session/entry.h"
#include "session/settings.h"
#include "session/storage.h"
#include "session/table.h"
#include "views/dbcc.h"
#include "views/system_procedures.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void
_PG_init(void)
{
    if (!process_shared_preload_libraries_in_progress)
        ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                        errmsg("casement must be loaded by shared_preload_libraries")));

    settings_define();
    session_context_init();
    catalog_init();
    procedures_init();
    ddl_init();
    dbcc_init();
    system_procedures_register();
    session_table_register();
    counters_register();
    storage_register();
    entry_register();
    listener_register();
}
