/*
 * Bulk load. The first byte chooses version and piece size; held whole and streamed must agree.
 */
#include "request_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TdsPool pool;
    TdsReader reader;
    TdsVersion version;
    uint64_t held, streamed;
    Pieces pieces;
    TdsStatus status;

    if (size < 1)
        return 0;
    version = walk_version(data[0]);
    pieces = (Pieces){data + 1, size - 1, 1 + (data[0] >> 3)};
    tds_pool_init(&pool);
    tds_reader_init(&reader, data + 1, size - 1);
    held = walk_bulk(&reader, version, &pool.memory);
    status = reader.status;
    tds_pool_clear(&pool);
    tds_reader_init_stream(&reader, next_piece, &pieces);
    streamed = walk_bulk(&reader, version, &pool.memory);
    if ((status == TDS_OK || reader.status == TDS_OK) && held != streamed)
        abort();
    tds_pool_clear(&pool);
    return 0;
}
