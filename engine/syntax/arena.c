/*
 * The arena: chunks of growing size in a list, bytes handed out from the newest. A request that is
 * large beside the chunk size gets a chunk of its own, so that the rest of the current one is kept.
 */
#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_FIRST_CHUNK 8192
#define ARENA_LARGEST_CHUNK (256 * 1024)
#define ARENA_ALIGN (_Alignof(max_align_t))

typedef struct Chunk {
    struct Chunk *next;
} Chunk;

struct Arena {
    ArenaBacking backing;
    Chunk *chunks;     /* every chunk but the one that holds the arena itself */
    char *free;        /* next byte to hand out, aligned */
    char *limit;       /* end of the current chunk */
    size_t next_chunk; /* size of the next ordinary chunk */
    size_t total;
};

static size_t
round_up(size_t size)
{
    return (size + (ARENA_ALIGN - 1)) & ~(size_t) (ARENA_ALIGN - 1);
}

static void *
malloc_or_abort(void *context, size_t size)
{
    void *chunk = malloc(size);

    (void) context;
    if (chunk == NULL)
        abort();
    return chunk;
}

static void
malloc_release(void *context, void *chunk)
{
    (void) context;
    free(chunk);
}

Arena *
arena_new(const ArenaBacking *backing)
{
    static const ArenaBacking by_malloc = {malloc_or_abort, malloc_release, NULL};
    char *memory;
    Arena *arena;

    if (backing == NULL)
        backing = &by_malloc;
    memory = backing->allocate(backing->context, ARENA_FIRST_CHUNK);
    arena = (Arena *) memory;
    arena->backing = *backing;
    arena->chunks = NULL;
    arena->free = memory + round_up(sizeof(Arena));
    arena->limit = memory + ARENA_FIRST_CHUNK;
    arena->next_chunk = 2 * ARENA_FIRST_CHUNK;
    arena->total = ARENA_FIRST_CHUNK;
    return arena;
}

void
arena_free(Arena *arena)
{
    ArenaBacking backing;
    Chunk *chunk;

    if (arena == NULL)
        return;
    backing = arena->backing;
    chunk = arena->chunks;
    while (chunk != NULL) {
        Chunk *next = chunk->next;

        backing.release(backing.context, chunk);
        chunk = next;
    }
    backing.release(backing.context, arena);
}

/* A new chunk with room for `size` bytes after its head; becomes current unless it is a large one.
 */
static void *
arena_alloc_slow(Arena *arena, size_t size)
{
    size_t head = round_up(sizeof(Chunk));
    bool large = size > arena->next_chunk / 4;
    size_t chunk_size = large ? head + size : arena->next_chunk;
    Chunk *chunk;
    char *start;

    if (chunk_size < size)
        abort();
    chunk = arena->backing.allocate(arena->backing.context, chunk_size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->total += chunk_size;
    start = (char *) chunk + head;
    if (!large) {
        arena->free = start + size;
        arena->limit = (char *) chunk + chunk_size;
        if (arena->next_chunk < ARENA_LARGEST_CHUNK)
            arena->next_chunk *= 2;
    }
    return start;
}

void *
arena_alloc(Arena *arena, size_t size)
{
    void *result;

    if (size > SIZE_MAX / 2)
        abort();
    size = round_up(size);
    if ((size_t) (arena->limit - arena->free) >= size) {
        result = arena->free;
        arena->free += size;
    } else
        result = arena_alloc_slow(arena, size);
    return memset(result, 0, size);
}

char *
arena_copy(Arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

size_t
arena_size(const Arena *arena)
{
    return arena->total;
}
