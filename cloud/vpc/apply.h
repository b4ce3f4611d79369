/*
 * apply.h: what the service does with the host's network on its own.
 */
#pragma once

#include "store/store.h"

/* Every half a minute: what is behind is tried again, what belongs to no vpc goes. */
void vpc_reconcile(StoreConn *store);
/* At the start: all that is plugged is to be looked at again. 0 or -errno. */
int vpc_restore(StoreConn *store);
