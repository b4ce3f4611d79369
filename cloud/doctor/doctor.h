/*
 * doctor.h: what the host has against what should be, for the operator and for tests that look
 * whether anything is left.
 */
#pragma once

#include "base/json.h"
#include "store/store.h"

typedef enum DoctorFinder {
    DOCTOR_FILES,
    DOCTOR_LINKS,
    DOCTOR_SPACES,
    DOCTOR_RUNNING,
} DoctorFinder;

typedef struct DoctorKind {
    const char *name, *title;
    DoctorFinder finder;
    const char *argument, *table, *query;
} DoctorKind;
extern const DoctorKind doctor_kinds[];
extern const int doctor_kind_count;

/* Before agent_start: the agent's verbs. */
void doctor_register_verbs(void);

/*
 * {"differences": [{"kind", "title", "id", "state": "strange"|"absent", "text"}], "counts":
 * [{"kind", "title", "there", "expected"}]}; a new reference. 0 or a negative errno with *problem.
 */
int doctor_compare(StoreConn *store, json_t **answer, char **problem);
/* The checks of cloud/host as the agent sees them; a new reference. */
int doctor_host(json_t **answer, char **problem);
