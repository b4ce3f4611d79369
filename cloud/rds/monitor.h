/*
 * monitor.h: periodic work on instances.
 *
 * Restart policy: the shim of an instance restarts its server; a shim that ended by itself is
 * started again by the monitor, at once the first time, then after 5, 15, 45, 135 s; after the
 * fifth failure in a row the instance is FAILED and is tried each ten minutes.
 */
#pragma once

#include "store/store.h"

/* Every few seconds: whether what should run does. */
void monitor_states(StoreConn *store);
/* Every minute: storage in use, STORAGE FULL, growth by policy. */
void monitor_storage(StoreConn *store);
