/*
 * The session's cache of catalogue rows, private to this folder. Two caches of the same make: of
 * what all sessions share, thrown away whole when any session's catalog_changed() commits, and of
 * this session's #temporary objects, thrown away by catalog_changed_locally() and by aborts.
 *
 * An entry is put in only when it is complete, so an error while it is built leaves nothing.
 * Thrown-away caches stay readable until catalog_release() (between batches), because callers up
 * the stack hold pointers into them.
 */
#pragma once

#include "postgres.h"

#include "catalogue/catalog.h"
#include "catalogue/tables.h"

typedef enum CacheKind {
    CACHE_DATABASE,    /* name: key; id */
    CACHE_SCHEMA,      /* name: a = database; id: database, schema_id */
    CACHE_OBJECT,      /* name: a = database, b = schema; id */
    CACHE_BY_RELATION, /* id: pg_class oid */
    CACHE_RELATION,    /* id: object_id -> CatalogRelation */
    CACHE_MODULE,      /* id: object_id, number */
    CACHE_TYPE,        /* name: a = database, b = schema; id: database, user_type_id */
    CACHE_LOGIN,       /* name; id */
    CACHE_USER,        /* name: a = database; id: database, login */
    CACHE_SYNONYM,     /* id: object_id */
    CACHE_SYSADMIN,    /* id: login */
    CACHE_PERMISSION,  /* id: database, user -> grants */
} CacheKind;

typedef struct CatalogCache CatalogCache;

/* The cache to read and fill now. */
CatalogCache *catalog_cache_shared(void);
CatalogCache *catalog_cache_session(void);

/* Where complete entries must live. */
MemoryContext catalog_cache_memory(CatalogCache *cache);

/* true: it is known, `*value` being NULL when it is known not to exist. */
bool catalog_cache_get_name(
    CatalogCache *cache, CacheKind kind, int32 a, int32 b, const char *key, void **value);
bool catalog_cache_get_id(CatalogCache *cache, CacheKind kind, int32 a, int64 b, void **value);

/* `value` (may be NULL) lives in catalog_cache_memory(); `key` is copied. */
void catalog_cache_put_name(
    CatalogCache *cache, CacheKind kind, int32 a, int32 b, const char *key, void *value);
void catalog_cache_put_id(CatalogCache *cache, CacheKind kind, int32 a, int64 b, void *value);

/* A copy of a string (NULL stays) in the cache's memory. */
char *catalog_cache_strdup(CatalogCache *cache, const char *string);

/* Fills a CatalogObject (strings in the current context) from a row of objects. */
void catalog_object_from_row(const CatalogScan *scan, CatalogObject *object);
