/*
 * A bump allocator for syntax trees. Chunks come from a backing allocator so that the engine can
 * give memory that PostgreSQL owns (and frees when an error unwinds) and the fuzzers plain malloc.
 */
#pragma once

#include <stddef.h>

typedef struct ArenaBacking {
    void *(*allocate)(void *context, size_t size); /* never returns NULL to the arena's user: may
                                                      unwind (PostgreSQL) or abort (malloc) */
    void (*release)(void *context, void *chunk);
    void *context;
} ArenaBacking;

typedef struct Arena Arena;

/* Makes an arena; `backing` NULL means malloc. The caller ends it with arena_free. */
Arena *arena_new(const ArenaBacking *backing);

/* Frees the arena and all that was allocated from it. NULL is allowed. */
void arena_free(Arena *arena);

/* `size` zeroed bytes, aligned for any type, living as long as the arena. */
void *arena_alloc(Arena *arena, size_t size);

/* A NUL-terminated copy of `length` bytes. */
char *arena_copy(Arena *arena, const char *bytes, size_t length);

/* Bytes taken from the backing allocator so far. */
size_t arena_size(const Arena *arena);
