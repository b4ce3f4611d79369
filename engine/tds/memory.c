/*
 * malloc behind TdsMemory: directly, and as a pool that is released as a whole. The engine brings
 * its own; these serve the tests, the fuzzers and tools.
 */
#include "tds/memory.h"

#include <stdlib.h>
#include <string.h>

static void *
malloc_resize(void *context, void *chunk, size_t old_size, size_t new_size)
{
    (void) context;
    (void) old_size;
    if (new_size == 0) {
        free(chunk);
        return NULL;
    }
    return realloc(chunk, new_size);
}

const TdsMemory tds_memory_malloc = {malloc_resize, NULL};

struct TdsPoolBlock {
    struct TdsPoolBlock *next;
    _Alignas(16) uint8_t data[];
};

static void *
pool_resize(void *context, void *chunk, size_t old_size, size_t new_size)
{
    TdsPool *pool = context;
    struct TdsPoolBlock *block;

    if (new_size == 0)
        return NULL;
    if (new_size > SIZE_MAX - sizeof(*block))
        return NULL;
    block = malloc(sizeof(*block) + new_size);
    if (block == NULL)
        return NULL;
    block->next = pool->blocks;
    pool->blocks = block;
    pool->total += new_size;
    if (chunk != NULL) {
        /* move rather than realloc: a stale pointer to the old chunk then shows up under ASan */
        struct TdsPoolBlock *old =
            (struct TdsPoolBlock *) ((uint8_t *) chunk - offsetof(struct TdsPoolBlock, data));
        struct TdsPoolBlock **link = &pool->blocks;

        memcpy(block->data, chunk, old_size < new_size ? old_size : new_size);
        while (*link != old)
            link = &(*link)->next;
        *link = old->next;
        free(old);
    }
    return block->data;
}

void
tds_pool_init(TdsPool *pool)
{
    pool->memory.resize = pool_resize;
    pool->memory.context = pool;
    pool->blocks = NULL;
    pool->total = 0;
}

void
tds_pool_clear(TdsPool *pool)
{
    while (pool->blocks != NULL) {
        struct TdsPoolBlock *block = pool->blocks;

        pool->blocks = block->next;
        free(block);
    }
    pool->total = 0;
}
