/*
 * parameters.h: the lines "name=value" that an instance's settings get beyond its limits.
 */
#pragma once

#include "rds/instance.h"

/* NULL-terminated lines, owned by the caller (parameter_lines_free). Storage limit, and what the
 * instance's parameters (column `parameters`) mean for the engine. */
char **parameter_lines(const Instance *instance);
void parameter_lines_free(char **lines);
