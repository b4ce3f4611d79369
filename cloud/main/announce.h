/*
 * announce.h: what casementd prints for the person who started it, and the lists that tests and the
 * curious ask for.
 */
#pragma once

#include "store/store.h"

/* "ready after N s" and how to reach API, console, command line and database. */
void announce_ready(StoreConn *store, double seconds);

/* --list-steps: "KIND STEP" lines; "KIND failed" where there is a clean-up. */
void announce_steps(void);

/* --list-operations: "service id METHOD path action" lines, "-" for those that are not supported.
 */
void announce_operations(void);
