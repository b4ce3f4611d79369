/*
 * A table-valued parameter: the input stands behind a fixed call and the parameter's type byte, so
 * that the fuzzer spends its time in the table.
 */
#include "request_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t before[] = {
    22, 0, 0,       0, 18, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, /* ALL_HEADERS */
    1,  0, 'p',     0, 0,  0,                                                 /* procedure p */
    0,  0, TDS_TVP,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t length = sizeof(before) + size;
    uint8_t *message = malloc(length);
    Pieces pieces = {message, length, 1 + size % 61};
    TdsPool pool;
    TdsReader reader;
    TdsStatus status;
    uint64_t held, streamed;

    memcpy(message, before, sizeof(before));
    if (size > 0)
        memcpy(message + sizeof(before), data, size);
    tds_pool_init(&pool);
    tds_reader_init(&reader, message, length);
    held = walk_rpc(&reader, TDS_7_4, &pool.memory, true);
    status = reader.status;
    tds_pool_clear(&pool);
    tds_reader_init_stream(&reader, next_piece, &pieces);
    streamed = walk_rpc(&reader, TDS_7_4, &pool.memory, true);
    if ((status == TDS_OK || reader.status == TDS_OK) && held != streamed)
        abort();
    tds_pool_clear(&pool);
    tds_reader_init(&reader, message, length);
    walk_rpc(&reader, TDS_7_4, &pool.memory, false);
    tds_pool_clear(&pool);
    free(message);
    return 0;
}
