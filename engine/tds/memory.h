/*
 * Where this library's memory comes from. The library itself owns none: whoever asks for something
 * that must be held (a decoded string, a reassembled message) passes a TdsMemory. The engine gives
 * one backed by a memory context, so that everything goes when an error unwinds; tests and fuzzers
 * give plain malloc (tds_memory_malloc).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct TdsMemory {
    /*
     * One function does all three: chunk NULL allocates new_size bytes; new_size 0 releases; else
     * the chunk is moved to new_size keeping min(old_size, new_size) bytes. It may unwind instead
     * of returning (PostgreSQL), or return NULL, which the callers here turn into TDS_NO_MEMORY.
     */
    void *(*resize)(void *context, void *chunk, size_t old_size, size_t new_size);
    void *context;
} TdsMemory;

/* realloc/free. */
extern const TdsMemory tds_memory_malloc;

/*
 * A chain of blocks from malloc that is released all at once: what the tests and fuzzers use, and
 * a model of what the engine's memory contexts do. `resize` to 0 is a no-op.
 */
typedef struct TdsPool {
    TdsMemory memory; /* give &pool.memory to the parsers */
    struct TdsPoolBlock *blocks;
    size_t total; /* bytes handed out since the last clear */
} TdsPool;

void tds_pool_init(TdsPool *pool);
void tds_pool_clear(TdsPool *pool);

static inline void *
tds_allocate(const TdsMemory *memory, size_t size)
{
    return memory->resize(memory->context, NULL, 0, size ? size : 1);
}

/* Text as every parser here hands it out: valid UTF-8, NUL-terminated, length without the NUL. It
 * may hold NUL characters inside where the peer sent them. data NULL means absent. */
typedef struct TdsText {
    const char *data;
    size_t length;
} TdsText;

/* Raw bytes; data may point into the message being read (valid until that message is dropped). */
typedef struct TdsBytes {
    const uint8_t *data;
    size_t length;
} TdsBytes;
