/*
 * quota.h: limits of a project: instances, processors, storage. Enforced where something grows.
 */
#pragma once

#include "rds/instance.h"

/* Within the caller's transaction (the project is locked until its end): whether so much more fits;
 * false after having answered (the transaction is rolled back). */
bool quota_allows(ApiRequest *request, int instances, int vcpus, int volume_gb);
