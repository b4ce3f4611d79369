/*
 * Names inside texts: what OBJECT_ID('db.[my schema].t') means. Private to engine/views and the
 * system procedures.
 */
#pragma once

#include "postgres.h"

#include "catalogue/catalog.h"

typedef struct NameParts {
    int count;            /* 1-4; 0: not a name */
    const char *parts[4]; /* object last; "" for an empty part; palloc'd */
} NameParts;

/* Splits a written name: brackets and double quotes taken off. */
NameParts name_split(const char *name);

/* The object that a written name means in the session's database. */
bool name_find_object(const char *name, CatalogObject *object);
