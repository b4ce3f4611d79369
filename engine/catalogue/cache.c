/*
 * Hash tables of catalogue entries and their invalidation: see cache.h.
 *
 * catalog_changed() sends a relcache invalidation for casement.objects. PostgreSQL delivers it to
 * the sender at the next command and again when the (sub)transaction aborts, and to all others
 * after the commit; each delivery marks the shared cache stale. A look-up that follows starts a new
 * cache. Rows are read with a fresh snapshot, so what is put in after a delivery is not older.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalogue/cache.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

struct CatalogCache {
    MemoryContext memory;
    HTAB *names, *ids;
    bool stale;
};

typedef struct NameKey {
    CacheKind kind;
    int32 a, b;
    const char *key;
} NameKey;

typedef struct IdKey {
    int64 b;
    int32 a;
    CacheKind kind;
} IdKey;

typedef struct NameEntry {
    NameKey key;
    void *value;
} NameEntry;

typedef struct IdEntry {
    IdKey key;
    void *value;
} IdEntry;

static CatalogCache *shared_cache, *session_cache;
static MemoryContext retired; /* parent of thrown-away caches' memory */
static uint64 generation = 1;
static bool callbacks_registered;
static bool session_changed; /* in this transaction */

static uint32
name_hash(const void *key, Size size)
{
    const NameKey *name = key;
    uint32 hash = DatumGetUInt32(hash_any((const unsigned char *) name->key, strlen(name->key)));

    return hash_combine(hash, hash_combine(murmurhash32((uint32) name->a * 31 + name->kind),
                                           murmurhash32((uint32) name->b)));
}

static int
name_match(const void *left, const void *right, Size size)
{
    const NameKey *a = left, *b = right;

    if (a->kind != b->kind || a->a != b->a || a->b != b->b)
        return 1;
    return strcmp(a->key, b->key);
}

static void
on_relcache(Datum argument, Oid relation)
{
    if (relation != InvalidOid && relation != catalog_table_oid(TABLE_objects))
        return;
    if (shared_cache != NULL)
        shared_cache->stale = true;
    generation++;
}

static void
forget_session_objects(void)
{
    if (session_cache != NULL)
        session_cache->stale = true;
    generation++;
}

static void
on_transaction(XactEvent event, void *argument)
{
    if (event == XACT_EVENT_ABORT && session_changed)
        forget_session_objects();
    if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT)
        session_changed = false;
}

static void
on_subtransaction(SubXactEvent event,
                  SubTransactionId mine,
                  SubTransactionId parent,
                  void *argument)
{
    if (event == SUBXACT_EVENT_ABORT_SUB && session_changed)
        forget_session_objects();
}

static CatalogCache *
cache_new(const char *name)
{
    MemoryContext memory =
        AllocSetContextCreate(CacheMemoryContext, "T-SQL catalogue", ALLOCSET_DEFAULT_SIZES);
    CatalogCache *cache = MemoryContextAllocZero(memory, sizeof(CatalogCache));
    HASHCTL control = {0};

    MemoryContextSetIdentifier(memory, name);
    cache->memory = memory;
    control.hcxt = memory;
    control.keysize = sizeof(NameKey);
    control.entrysize = sizeof(NameEntry);
    control.hash = name_hash;
    control.match = name_match;
    cache->names = hash_create("T-SQL names", 64, &control,
                               HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
    control.keysize = sizeof(IdKey);
    control.entrysize = sizeof(IdEntry);
    cache->ids = hash_create("T-SQL ids", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    return cache;
}

static CatalogCache *
cache_current(CatalogCache **slot, const char *name)
{
    if (!callbacks_registered) {
        catalog_table_oid(TABLE_objects); /* the callback must not have to look it up */
        CacheRegisterRelcacheCallback(on_relcache, (Datum) 0);
        RegisterXactCallback(on_transaction, NULL);
        RegisterSubXactCallback(on_subtransaction, NULL);
        callbacks_registered = true;
    }
    if (*slot != NULL && (*slot)->stale) {
        if (retired == NULL)
            retired = AllocSetContextCreate(CacheMemoryContext, "T-SQL catalogue, retired",
                                            ALLOCSET_SMALL_SIZES);
        MemoryContextSetParent((*slot)->memory, retired);
        *slot = NULL;
    }
    if (*slot == NULL)
        *slot = cache_new(name);
    return *slot;
}

CatalogCache *
catalog_cache_shared(void)
{
    return cache_current(&shared_cache, "shared");
}

CatalogCache *
catalog_cache_session(void)
{
    return cache_current(&session_cache, "session");
}

MemoryContext
catalog_cache_memory(CatalogCache *cache)
{
    return cache->memory;
}

bool
catalog_cache_get_name(
    CatalogCache *cache, CacheKind kind, int32 a, int32 b, const char *key, void **value)
{
    NameKey name = {.kind = kind, .a = a, .b = b, .key = key};
    NameEntry *entry = hash_search(cache->names, &name, HASH_FIND, NULL);

    *value = entry ? entry->value : NULL;
    return entry != NULL;
}

bool
catalog_cache_get_id(CatalogCache *cache, CacheKind kind, int32 a, int64 b, void **value)
{
    IdKey id = {.kind = kind, .a = a, .b = b};
    IdEntry *entry = hash_search(cache->ids, &id, HASH_FIND, NULL);

    *value = entry ? entry->value : NULL;
    return entry != NULL;
}

void
catalog_cache_put_name(
    CatalogCache *cache, CacheKind kind, int32 a, int32 b, const char *key, void *value)
{
    NameKey name = {.kind = kind, .a = a, .b = b, .key = catalog_cache_strdup(cache, key)};
    NameEntry *entry = hash_search(cache->names, &name, HASH_ENTER, NULL);

    entry->value = value;
}

void
catalog_cache_put_id(CatalogCache *cache, CacheKind kind, int32 a, int64 b, void *value)
{
    IdKey id = {.kind = kind, .a = a, .b = b};
    IdEntry *entry = hash_search(cache->ids, &id, HASH_ENTER, NULL);

    entry->value = value;
}

char *
catalog_cache_strdup(CatalogCache *cache, const char *string)
{
    return string ? MemoryContextStrdup(cache->memory, string) : NULL;
}

int32
catalog_session_key(void)
{
    return MyProcPid;
}

void
catalog_changed(void)
{
    CacheInvalidateRelcacheByRelid(catalog_table_oid(TABLE_objects));
    CommandCounterIncrement();
}

void
catalog_changed_locally(void)
{
    session_changed = true;
    forget_session_objects();
}

uint64
catalog_generation(void)
{
    return generation;
}

void
catalog_release(void)
{
    if (retired != NULL)
        MemoryContextDeleteChildren(retired);
}
