/*
 * The system procedures in C of this layer (sp_rename, sp_addextendedproperty, ...).
 */
#pragma once

#include "postgres.h"

/* Adds them to the table of system procedures; once, from _PG_init. */
void system_procedures_register(void);
