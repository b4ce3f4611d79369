/*
 * configuration.h: parameter templates, and setting an instance's parameters.
 *
 * A template is a row of rds_configuration, or one of the default ones, which exist for each engine
 * version without a row: their ids follow from the version.
 */
#pragma once

#include "rds/instance.h"

typedef struct Configuration {
    char *id, *name, *description, *engine_version;
    json_t *values; /* what differs from the defaults */
    Moment created, updated;
    bool user_defined;
} Configuration;

/* The project's template or a default one; NULL when there is none (store_failed tells). */
Configuration *configuration_load(StoreConn *store, const char *project_id, const char *id);
/* Of the path's config_id; NULL after having answered. */
Configuration *configuration_of_request(ApiRequest *request);
void configuration_free(Configuration *configuration);
void configuration_auto_free(Configuration **configuration);
#define AUTO_CONFIGURATION __attribute__((cleanup(configuration_auto_free)))

/* The id of a version's default template; has room for ID_SIZE. */
void configuration_default_id(const char *engine_version, char *id);

/*
 * Makes `after` (as parameter_merge gives it) the parameters of the instance: row, history, the
 * engine's settings, which are read again at once. configuration_id, where not NULL, is noted as
 * the template in force. *restart says whether some wait for a restart. 0 or a negative errno with
 * *problem; may be run again.
 */
int instance_set_parameters(StoreConn *store,
                            const Instance *instance,
                            const json_t *after,
                            const char *configuration_id,
                            bool *restart,
                            char **problem);

/* The job kinds of configuration_apply.c. */
void configurations_register(void);
