/*
 * reconcile.h: brings rows and processes together at a start: instances that should run and do not
 * (the host was restarted, casementd stopped them) are started, states are set right, folders that
 * no row and no running job knows are removed.
 */
#pragma once

#include "store/store.h"

/* Before jobs run. Removes orphans; says how many instances are to be started. */
int reconcile_folders(StoreConn *store);

/* Starts what should run, several at once, and returns when each has been tried. */
void reconcile_instances(void);

/* Stops every instance that runs; rows keep their state, so that the next start starts them. */
void reconcile_stop_all(void);
