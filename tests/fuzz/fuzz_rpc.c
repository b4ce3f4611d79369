/*
 * RPC, batch and transaction manager requests. The first byte chooses version and piece size.
 * A request that is understood when held whole must be understood the same when streamed.
 */
#include "request_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TdsPool pool;
    TdsReader reader;
    TdsVersion version;
    TdsHeaders headers;
    TdsTransaction transaction;
    TdsText sql;
    uint64_t held, streamed;
    Pieces pieces;
    TdsStatus status;

    if (size < 1)
        return 0;
    version = walk_version(data[0]);
    pieces = (Pieces){data + 1, size - 1, 1 + (data[0] >> 3)};
    tds_pool_init(&pool);
    tds_reader_init(&reader, data + 1, size - 1);
    held = walk_rpc(&reader, version, &pool.memory, true);
    status = reader.status;
    tds_pool_clear(&pool);
    tds_reader_init_stream(&reader, next_piece, &pieces);
    streamed = walk_rpc(&reader, version, &pool.memory, true);
    if ((status == TDS_OK || reader.status == TDS_OK) && held != streamed)
        abort();
    tds_pool_clear(&pool);
    tds_reader_init(&reader, data + 1, size - 1);
    walk_rpc(&reader, version, &pool.memory, false);
    tds_pool_clear(&pool);
    tds_reader_init(&reader, data + 1, size - 1);
    tds_batch_parse(&reader, version, &pool.memory, &headers, &sql);
    tds_reader_init(&reader, data + 1, size - 1);
    tds_transaction_parse(&reader, version, &pool.memory, &transaction);
    tds_pool_clear(&pool);
    return 0;
}
