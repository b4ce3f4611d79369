/*
 * parameter_table.h: the parameters that an instance has (parameters.def): their rules, and what
 * the engine is told for them.
 */
#pragma once

#include "rds/catalogue.h"

#include "base/json.h"
#include "base/memory.h"

/* Gets a setting of the engine. */
typedef void (*ParameterSink)(void *context, const char *name, const char *value);

typedef struct Parameter {
    const char *name, *standard;
    long long low, high, special;
    bool restart, readonly;
    void (*effect)(ParameterSink sink, void *context, long long value, const Flavor *flavor);
    const char *description;
} Parameter;

/* The last has a NULL name. */
const Parameter *parameter_all(void);
/* By name, in any case; NULL where there is none. */
const Parameter *parameter_find(const char *name);

/* Whether the value may be set; *problem (owned by the caller) says why not. */
bool parameter_check(const Parameter *parameter, const char *value, char **problem);
/*
 * What is left of `values` ({name: value}) when it is applied over `before`: an object with the
 * table's spelling of names and without what is at its default. NULL with *problem when a value
 * will not do; a name that is not known goes to `ignored` (an array), or is a problem too where
 * that is NULL.
 */
json_t *
parameter_merge(const json_t *before, const json_t *values, json_t *ignored, char **problem);
/* In `values`, or its default. */
const char *parameter_value(const json_t *values, const Parameter *parameter);
/* Whether going from one to the other changes one that needs a restart. */
bool parameter_needs_restart(const json_t *before, const json_t *after);

/* The engine's settings for these values on an instance of the flavor (may be NULL). */
void
parameter_effects(const json_t *values, const Flavor *flavor, ParameterSink sink, void *context);

/* [{name, value, restart_required, readonly, value_range, type, description}...] */
json_t *parameter_list(const json_t *values);
