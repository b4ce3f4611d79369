/*
 * download.h: links that answer without a signature for a while: the token in them is sealed by the
 * daemon's master key, so that it can be neither guessed nor changed, and says itself what it is
 * for and until when.
 */
#pragma once

#include "rds/instance.h"

#define DOWNLOAD_SECONDS 900

/* A URL of this API, owned by the caller; NULL when it cannot be sealed. kind: "certificate",
 * "errorlog", "slowlog"; name: which one. */
char *download_link(const Instance *instance, const char *kind, const char *name);
