/*
 * catalogue.h: what can be had: engine versions, flavors, storage, collations, zones.
 *
 * The tables are rds/versions.def, rds/flavors.def, rds/collations.def and rds/zones.def.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum Edition { EDITION_SE = 1, EDITION_EE = 2, EDITION_WEB = 4 } Edition;

typedef struct Flavor {
    const char *code;
    int vcpus, ram_gb, max_connections;
    unsigned editions;
} Flavor;

typedef struct EngineVersion {
    const char *name;     /* 2022_SE */
    const char *id;       /* of the datastore */
    const char *complete; /* what @@VERSION's number begins with: 16.0 */
    Edition edition;
} EngineVersion;

const Flavor *flavor_find(const char *code);
/* The last has a NULL code / name. */
const Flavor *flavor_all(void);
const EngineVersion *engine_version_find(const char *name);
const EngineVersion *engine_version_all(void);
/* "2017_SE, 2017_EE, ..." for messages; static. */
const char *engine_version_names(void);
bool flavor_fits(const Flavor *flavor, const EngineVersion *version);

bool volume_type_known(const char *name);
bool collation_known(const char *name);
/* The zone of the tz database that a Windows name stands for, or NULL; static. */
const char *time_zone_of(const char *name);
/* The region's zone, as "eu-casement-1a"; static. */
const char *catalogue_zone(void);

#define VOLUME_LEAST_GB 40
#define VOLUME_MOST_GB 4000
#define VOLUME_STEP_GB 10
