/*
 * plan.h: where an instance lives on its host: its slot (and by it its uid), address and port, by
 * the setting --instance-network.
 */
#pragma once

#include "rds/instance.h"

/* Whether each instance has an address of its own. */
bool plan_has_network(void);

/* Gives the row a slot, an address and a port where it has none. 0, -ENOSPC when the network or the
 * ports are used up, -EADDRINUSE when its port is taken on the only address, or another errno. */
int plan_reserve(StoreConn *store, const char *instance_id);

/* Whether the address is of the network and may be an instance's. */
bool plan_may_use(const char *address);
