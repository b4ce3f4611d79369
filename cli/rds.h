/* rds.h: what other nouns share with `casement rds`. */
#pragma once

#include "command.h"

/* The body of POST .../instances from the options that make an instance; a new reference. */
json_t *new_instance_body(Invocation *invocation, const char *version, bool ask_password);
