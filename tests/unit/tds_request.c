/*
 * What clients ask: SQLBatch, RPC with and without tables, transaction manager requests, bulk load.
 * The first bytes are the examples of MS-TDS section 4 and a capture of a real driver.
 */
#include "check.h"
#include "tds/bulk.h"
#include "tds/rpc.h"
#include "tds/transaction.h"
#include "tds_capture.h"

#define HEADERS "16000000 12000000 0200 0000000000000000 01000000 "

/* Walks an RPC message to its end; what it holds is counted. */
typedef struct Walk {
    int calls, params, rows;
    TdsStatus status;
    int64_t integers; /* sum of all int values */
} Walk;

static Walk
walk_rpc(TdsReader *reader, TdsVersion version, const TdsMemory *memory)
{
    Walk walk = {0};
    TdsRpc rpc;
    TdsRpcCall call;
    TdsRpcParam param;

    tds_rpc_begin(&rpc, reader, version, memory);
    while (tds_rpc_next(&rpc, &call)) {
        walk.calls++;
        while (tds_rpc_next_param(&rpc, &param)) {
            walk.params++;
            if (param.value.kind == TDS_VALUE_INT)
                walk.integers += param.value.integer;
            if (param.table != NULL && walk.params % 2 == 1) { /* every other table is left */
                TdsValue *row = calloc(param.table->columns + 1, sizeof(TdsValue));

                while (tds_tvp_next_row(&rpc, memory, row)) {
                    walk.rows++;
                    for (unsigned i = 0; i < param.table->columns; i++)
                        if (row[i].kind == TDS_VALUE_INT)
                            walk.integers += row[i].integer;
                }
                free(row);
            }
        }
    }
    walk.status = reader->status;
    return walk;
}

static Walk
walk_hex(const char *hex, TdsVersion version)
{
    uint8_t *bytes = malloc(1024);
    size_t n = unhex(hex, bytes, 1024);
    TdsPool pool;
    TdsReader reader;
    Walk walk;

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, n);
    walk = walk_rpc(&reader, version, &pool.memory);
    tds_pool_clear(&pool);
    free(bytes);
    return walk;
}

static void
the_batch_example_is_understood(void) /* 4.4 */
{
    uint8_t bytes[128];
    size_t n =
        unhex(HEADERS "0A00 73006500 6C006500 63007400 20002700 66006F00 6F002700 20006100 73002000"
                      "27006200 61007200 2700 0A00 2000 2000 2000 2000 2000 2000 2000 2000",
              bytes, sizeof(bytes));
    TdsPool pool;
    TdsReader reader;
    TdsHeaders headers;
    TdsText sql;

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, n);
    CHECK(tds_batch_parse(&reader, TDS_7_2, &pool.memory, &headers, &sql));
    CHECK(headers.has_transaction);
    CHECK_INT(headers.transaction_descriptor, 0);
    CHECK_INT(headers.outstanding_requests, 1);
    CHECK_STR(sql.data, "\nselect 'foo' as 'bar'\n        ");
    tds_reader_init(&reader, bytes, n - 1);
    CHECK(!tds_batch_parse(&reader, TDS_7_2, &pool.memory, &headers, &sql));
    CHECK_INT(reader.status, TDS_MALFORMED);
    tds_reader_init(&reader, bytes + 22, n - 22);
    CHECK(tds_batch_parse(&reader, TDS_7_1, &pool.memory, &headers, &sql));
    CHECK_INT(sql.length, 31);
    tds_pool_clear(&pool);
}

static void
headers_that_do_not_add_up_are_refused(void)
{
    static const char *const cases[] = {
        "",
        "160000",
        "03000000",
        "16000000 13000000 0200 0000000000000000 01000000",
        "16000000 05000000 0200",
        "12000000 0E000000 0200 0000000000000000",
        "28000000 12000000 0200 0000000000000000 01000000 12000000 0200 0000000000000000 01000000",
        "FFFFFFFF 12000000 0200 0000000000000000 01000000",
        "16000000 12000000 0200 00000000000000",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[128];
        TdsReader reader;
        TdsHeaders headers;

        tds_reader_init(&reader, bytes, unhex(cases[i], bytes, sizeof(bytes)));
        CHECK(!tds_read_headers(&reader, TDS_7_4, &headers));
        CHECK(reader.detail != NULL);
    }
}

static void
other_headers_are_taken_too(void)
{
    uint8_t bytes[128];
    size_t n = unhex("3C000000 1A000000 0300 000102030405060708090A0B0C0D0E0F 05000000"
                     "12000000 0200 0100000000000000 02000000 0C000000 0100 010203040506",
                     bytes, sizeof(bytes));
    TdsReader reader;
    TdsHeaders headers;

    tds_reader_init(&reader, bytes, n);
    CHECK(tds_read_headers(&reader, TDS_7_4, &headers));
    CHECK(headers.has_activity && headers.wants_notification);
    CHECK_INT(headers.activity_sequence, 5);
    CHECK_INT(headers.transaction_descriptor, 1);
    CHECK_INT(headers.outstanding_requests, 2);
}

static void
the_rpc_example_is_understood(void) /* 4.6: foo3 with a null smallint by position */
{
    uint8_t bytes[64];
    size_t n = unhex(HEADERS "0400 66006F006F003300 0000 00 02 26 02 00", bytes, sizeof(bytes));
    TdsPool pool;
    TdsReader reader;
    TdsRpc rpc;
    TdsRpcCall call;
    TdsRpcParam param;

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, n);
    CHECK(tds_rpc_begin(&rpc, &reader, TDS_7_2, &pool.memory));
    CHECK(tds_rpc_next(&rpc, &call));
    CHECK_STR(call.name.data, "foo3");
    CHECK_INT(call.proc, TDS_PROC_NONE);
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_INT(param.name.length, 0);
    CHECK_INT(param.status, TDS_PARAM_DEFAULT);
    CHECK_INT(param.type.length, 2);
    CHECK_INT(param.value.kind, TDS_VALUE_NULL);
    CHECK(!tds_rpc_next_param(&rpc, &param));
    CHECK(!tds_rpc_next(&rpc, &call));
    CHECK_INT(reader.status, TDS_OK);
    tds_pool_clear(&pool);
}

/* sp_prepare of TDS 7.1, as an ODBC driver sent it: handle out, no parameters, text, options. */
static void
a_captured_prepare_is_understood(void)
{
    uint8_t bytes[128];
    size_t n =
        unhex("FFFF 0B00 0000 00 01 26 04 04 FFFFFFFF 00 00 63 00000000 0904000132 FFFFFFFF"
              "00 00 63 08000000 0904000132 08000000 65007800 65006300 00 00 26 04 04 01000000",
              bytes, sizeof(bytes));
    TdsPool pool;
    TdsReader reader;
    TdsRpc rpc;
    TdsRpcCall call;
    TdsRpcParam param;

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, n);
    CHECK(tds_rpc_begin(&rpc, &reader, TDS_7_1, &pool.memory));
    CHECK(tds_rpc_next(&rpc, &call));
    CHECK_INT(call.proc, TDS_PROC_PREPARE);
    CHECK_STR(call.name.data, "sp_prepare");
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_INT(param.status, TDS_PARAM_BY_REF);
    CHECK_INT(param.value.integer, -1);
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_INT(param.value.kind, TDS_VALUE_NULL);
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_STR(param.value.text.data, "exec");
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_INT(param.value.integer, 1);
    CHECK(!tds_rpc_next_param(&rpc, &param));
    CHECK_INT(reader.status, TDS_OK);
    tds_pool_clear(&pool);
}

static void
several_calls_in_one_message_are_told_apart(void)
{
    Walk walk = walk_hex(
        HEADERS "FFFF 0C00 0000 00 00 26 04 04 01000000 FF FFFF 0C00 0000 00 00 26 04 04 02000000",
        TDS_7_4);

    CHECK_INT(walk.status, TDS_OK);
    CHECK_INT(walk.calls, 2);
    CHECK_INT(walk.integers, 3);
    walk = walk_hex(
        "FFFF 0C00 0000 00 00 26 04 04 01000000 80 FFFF 0C00 0000 00 00 26 04 04 02000000 80",
        TDS_7_1);
    CHECK_INT(walk.status, TDS_OK);
    CHECK_INT(walk.calls, 2);
    walk = walk_hex(HEADERS "FFFF 0C00 0000 FE FFFF 0C00 0000 FF", TDS_7_4);
    CHECK_INT(walk.status, TDS_OK);
    CHECK_INT(walk.calls, 2);
}

static void
calls_not_walked_are_passed_over(void)
{
    uint8_t bytes[128];
    size_t n = unhex(HEADERS "FFFF 0C00 0000 00 00 26 04 04 01000000 FE FFFF 0F00 0000", bytes,
                     sizeof(bytes));
    TdsPool pool;
    TdsReader reader;
    TdsRpc rpc;
    TdsRpcCall call;

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, n);
    CHECK(tds_rpc_begin(&rpc, &reader, TDS_7_4, &pool.memory));
    CHECK(tds_rpc_next(&rpc, &call));
    CHECK(tds_rpc_next(&rpc, &call));
    CHECK_INT(call.proc, TDS_PROC_UNPREPARE);
    CHECK(!tds_rpc_next(&rpc, &call));
    CHECK_INT(reader.status, TDS_OK);
    tds_pool_clear(&pool);
}

static void
procedures_are_known_by_number_and_name(void)
{
    CHECK_STR(tds_proc_name(10), "sp_executesql");
    CHECK(tds_proc_name(0) == NULL && tds_proc_name(16) == NULL && tds_proc_name(0xFFFF) == NULL);
    CHECK_INT(tds_proc_id("SP_ExecuteSQL"), TDS_PROC_EXECUTESQL);
    CHECK_INT(tds_proc_id("sp_executesq"), TDS_PROC_NONE);
    CHECK_INT(tds_proc_id(""), TDS_PROC_NONE);
    CHECK_INT(walk_hex(HEADERS "FFFF 1000 0000", TDS_7_4).status, TDS_MALFORMED);
}

/* One table of (int, nvarchar(10)) with order, ordering and two rows; then an int; then a null
 * table. */
static const char table_call[] =
    HEADERS "0300 700072006F00 0000"
            "02 40007400 00 F3 00 03 640062006F00 02 74007400"
            "  0200 00000000 0100 26 04 00  00000000 0000 E7 1400 0904D00034 00"
            "  10 0100 0100 05  11 0200 0200 0100  00"
            "  01 0200 6100 04 07000000"
            "  01 FFFF 04 08000000"
            "  00"
            "00 00 26 04 04 64000000"
            "00 00 F3 00 00 02 74007400 FFFF 00 00";

static void
table_parameters_are_read_row_by_row(void)
{
    uint8_t bytes[512];
    size_t n = unhex(table_call, bytes, sizeof(bytes));
    TdsPool pool;
    TdsReader reader;
    TdsRpc rpc;
    TdsRpcCall call;
    TdsRpcParam param;
    TdsValue row[2];

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, n);
    CHECK(tds_rpc_begin(&rpc, &reader, TDS_7_4, &pool.memory));
    CHECK(tds_rpc_next(&rpc, &call));
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_STR(param.name.data, "@t");
    if (!CHECK(param.table != NULL))
        return;
    CHECK_STR(param.table->schema.data, "dbo");
    CHECK_STR(param.table->type_name.data, "tt");
    CHECK_INT(param.table->columns, 2);
    CHECK_INT(param.table->order[0].flags, 5);
    CHECK_INT(param.table->ordering[0], 2);
    CHECK(tds_tvp_next_row(&rpc, &pool.memory, row));
    CHECK_INT(row[0].integer, 7);
    CHECK_STR(row[1].text.data, "a");
    CHECK(tds_tvp_next_row(&rpc, &pool.memory, row));
    CHECK_INT(row[0].integer, 8);
    CHECK_INT(row[1].kind, TDS_VALUE_NULL);
    CHECK(!tds_tvp_next_row(&rpc, &pool.memory, row));
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_INT(param.value.integer, 100);
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK(param.table != NULL && param.table->is_null);
    CHECK(!tds_tvp_next_row(&rpc, &pool.memory, row));
    CHECK(!tds_rpc_next_param(&rpc, &param));
    CHECK_INT(reader.status, TDS_OK);
    tds_pool_clear(&pool);
}

static void
rows_that_nobody_takes_are_passed_over(void)
{
    uint8_t bytes[512];
    size_t n = unhex(table_call, bytes, sizeof(bytes));
    TdsPool pool;
    TdsReader reader;
    TdsRpc rpc;
    TdsRpcCall call;
    TdsRpcParam param;

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, n);
    CHECK(tds_rpc_begin(&rpc, &reader, TDS_7_4, &pool.memory));
    CHECK(tds_rpc_next(&rpc, &call));
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK(tds_rpc_next_param(&rpc, &param));
    CHECK_INT(param.value.integer, 100);
    CHECK(!tds_rpc_next(&rpc, &call));
    CHECK_INT(reader.status, TDS_OK);
    tds_pool_clear(&pool);
}

static void
default_columns_have_no_values_in_rows(void)
{
    Walk walk =
        walk_hex(HEADERS "0100 7000 0000 00 00 F3 00 00 01 7400"
                         "0200 00000000 0002 26 04 00 00000000 0000 26 04 00 00 01 04 05000000 00",
                 TDS_7_4);

    CHECK_INT(walk.status, TDS_OK);
    CHECK_INT(walk.rows, 1);
    CHECK_INT(walk.integers, 5);
}

/* Cut at every byte: either refused or, where a parameter just ended, understood as shorter. */
static void
cut_requests_do_no_harm(void)
{
    uint8_t bytes[512];
    size_t length = unhex(table_call, bytes, sizeof(bytes));
    int whole = 0;

    for (size_t n = 0; n < length; n++) {
        uint8_t *cut = malloc(n + 1);
        Source source = {.bytes = cut, .length = n, .piece = 1 + n % 5};
        TdsPool pool;
        TdsReader reader;
        Walk held, streamed;

        memcpy(cut, bytes, n);
        tds_pool_init(&pool);
        tds_reader_init(&reader, cut, n);
        held = walk_rpc(&reader, TDS_7_4, &pool.memory);
        tds_reader_init_stream(&reader, source_fill, &source);
        streamed = walk_rpc(&reader, TDS_7_4, &pool.memory);
        CHECK_INT(held.status, streamed.status);
        CHECK_INT(held.integers, streamed.integers);
        whole += held.status == TDS_OK;
        free(source.given);
        tds_pool_clear(&pool);
        free(cut);
    }
    CHECK_INT(whole, 4); /* after the headers, the name, the first parameter, the second */
}

static void
mutated_requests_do_no_harm(void)
{
    static const uint8_t values[] = {0, 1, 0x7F, 0x80, 0xFE, 0xFF, 0xF3, 0x62};
    uint8_t bytes[512];
    size_t length = unhex(table_call, bytes, sizeof(bytes));
    int refused = 0;

    for (size_t i = 0; i < length; i++) {
        for (size_t v = 0; v < sizeof(values); v++) {
            uint8_t *copy = malloc(length);
            TdsPool pool;
            TdsReader reader;

            memcpy(copy, bytes, length);
            copy[i] = values[v];
            tds_pool_init(&pool);
            tds_reader_init(&reader, copy, length);
            refused += walk_rpc(&reader, TDS_7_4, &pool.memory).status != TDS_OK;
            CHECK(pool.total < 1 << 20);
            tds_pool_clear(&pool);
            free(copy);
        }
    }
    CHECK(refused > 200);
}

static void
bad_requests_are_refused(void)
{
    CHECK_INT(walk_hex(HEADERS "FFFE", TDS_7_4).status, TDS_MALFORMED); /* name of 65534 */
    CHECK_INT(walk_hex(HEADERS "0100 7000 0000 81", TDS_7_4).status,
              TDS_MALFORMED); /* name of 129 */
    CHECK_INT(walk_hex(HEADERS "0100 7000 0000 00 08 26 04 00", TDS_7_4).status, TDS_UNSUPPORTED);
    CHECK_INT(walk_hex("0100 7000 0000 00 00 F3 00 00 00 FFFF 00 00", TDS_7_1).status,
              TDS_UNSUPPORTED);
    CHECK_INT(walk_hex(HEADERS "0100 7000 0000 00 00 F3 00 00 00 0000 00 00", TDS_7_4).status,
              TDS_MALFORMED);
    CHECK_INT(walk_hex(HEADERS "0100 7000 0000 00 00 F3 00 00 00 FFFF 00 01", TDS_7_4).status,
              TDS_MALFORMED);
    CHECK_INT(walk_hex(HEADERS "0100 7000 0000 00 00 F3 00 00 00 FFFF 12", TDS_7_4).status,
              TDS_MALFORMED);
    CHECK_INT(walk_hex(HEADERS "0100 7000 0000 00 00 F3 00 00 00 0004 00", TDS_7_4).status,
              TDS_TRUNCATED); /* 1024 columns claimed */
}

static bool
parse_transaction(const char *hex, TdsTransaction *transaction, TdsPool *pool)
{
    uint8_t *bytes = tds_allocate(&pool->memory, 256);
    TdsReader reader;

    tds_reader_init(&reader, bytes, unhex(hex, bytes, 256));
    return tds_transaction_parse(&reader, TDS_7_4, &pool->memory, transaction);
}

static void
transaction_requests_are_understood(void)
{
    TdsTransaction t;
    TdsPool pool;

    tds_pool_init(&pool);
    CHECK(parse_transaction(HEADERS "0500 02 06 610062006300", &t, &pool));
    CHECK_INT(t.request, TDS_TM_BEGIN_XACT);
    CHECK_INT(t.isolation, TDS_ISOLATION_READ_COMMITTED);
    CHECK_STR(t.name.data, "abc");
    CHECK(parse_transaction(HEADERS "0700 00 00", &t, &pool));
    CHECK_INT(t.request, TDS_TM_COMMIT_XACT);
    CHECK(!t.begin_next);
    CHECK(parse_transaction(HEADERS "0800 02 6100 01 05 02 6200", &t, &pool));
    CHECK_INT(t.request, TDS_TM_ROLLBACK_XACT);
    CHECK_STR(t.name.data, "a");
    CHECK(t.begin_next);
    CHECK_INT(t.next_isolation, TDS_ISOLATION_SNAPSHOT);
    CHECK_STR(t.next_name.data, "b");
    CHECK(parse_transaction(HEADERS "0900 02 7300", &t, &pool));
    CHECK_STR(t.name.data, "s");
    CHECK(parse_transaction(HEADERS "0000 0000", &t, &pool));
    CHECK(parse_transaction(HEADERS "0100 0200 AABB", &t, &pool));
    CHECK_BYTES(t.dtc.data, t.dtc.length, "\xAA\xBB", 2);
    CHECK(parse_transaction(HEADERS "0600", &t, &pool));
    CHECK(!parse_transaction(HEADERS "0200", &t, &pool));
    CHECK(!parse_transaction(HEADERS "0500 06 00", &t, &pool));
    CHECK(!parse_transaction(HEADERS "0500 02 03 610062", &t, &pool));
    CHECK(!parse_transaction(HEADERS "0500 02", &t, &pool));
    CHECK(!parse_transaction(HEADERS "0700 00 01 01", &t, &pool));
    CHECK(!parse_transaction(HEADERS "05", &t, &pool));
    tds_pool_clear(&pool);
}

/* (int null, varchar(max), text) with a ROW, an NBCROW and DONE. */
static const char bulk_load[] =
    "81 0300 00000000 0900 26 04 01 6900"
    "   00000000 0900 A7 FFFF 0904D00034 01 7600"
    "   00000000 0900 23 FFFFFF7F 0904D00034 01 0100 7400 01 7400"
    "D1 04 01000000  FEFFFFFFFFFFFFFF 02000000 6162 01000000 63 00000000"
    "   10 FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 02000000 7878"
    "D2 05 0300000000000000 03000000 646566 00000000"
    "D1 00 FFFFFFFFFFFFFFFF 00"
    "FD 0000 0000 0000000000000000";

static void
bulk_rows_stream_through(void)
{
    uint8_t bytes[256];
    size_t n = unhex(bulk_load, bytes, sizeof(bytes));

    for (size_t piece = 1; piece < 40; piece++) {
        Source source = {.bytes = bytes, .length = n, .piece = piece};
        TdsPool pool, rows;
        TdsReader reader;
        TdsBulk bulk;
        TdsValue row[3];

        tds_pool_init(&pool);
        tds_pool_init(&rows);
        tds_reader_init_stream(&reader, source_fill, &source);
        if (!CHECK(tds_bulk_begin(&bulk, &reader, TDS_7_4, &pool.memory)))
            return;
        CHECK_INT(bulk.columns, 3);
        CHECK_STR(bulk.column[2].table[3].data, "t");
        CHECK(tds_bulk_next(&bulk, &rows.memory, row));
        CHECK_INT(row[0].integer, 1);
        CHECK_STR(row[1].text.data, "abc");
        CHECK_STR(row[2].text.data, "xx");
        tds_pool_clear(&rows);
        CHECK(tds_bulk_next(&bulk, &rows.memory, row));
        CHECK_INT(row[0].kind, TDS_VALUE_NULL);
        CHECK_STR(row[1].text.data, "def");
        CHECK_INT(row[2].kind, TDS_VALUE_NULL);
        tds_pool_clear(&rows);
        CHECK(tds_bulk_next(&bulk, &rows.memory, row));
        CHECK_INT(row[1].kind, TDS_VALUE_NULL);
        CHECK(!tds_bulk_next(&bulk, &rows.memory, row));
        CHECK(bulk.done);
        CHECK_INT(bulk.rows, 3);
        CHECK_INT(reader.status, TDS_OK);
        CHECK(tds_reader_at_end(&reader));
        free(source.given);
        tds_pool_clear(&rows);
        tds_pool_clear(&pool);
    }
}

static void
a_cut_bulk_load_is_refused_or_ends_between_rows(void)
{
    uint8_t bytes[256];
    size_t length = unhex(bulk_load, bytes, sizeof(bytes));
    int clean = 0;

    for (size_t n = 0; n < length; n++) {
        Source source = {.bytes = bytes, .length = n, .piece = 7};
        TdsPool pool;
        TdsReader reader;
        TdsBulk bulk;
        TdsValue row[3];

        tds_pool_init(&pool);
        tds_reader_init_stream(&reader, source_fill, &source);
        if (tds_bulk_begin(&bulk, &reader, TDS_7_4, &pool.memory))
            while (tds_bulk_next(&bulk, &pool.memory, row))
                continue;
        clean += reader.status == TDS_OK;
        free(source.given);
        tds_pool_clear(&pool);
    }
    CHECK_INT(clean, 4 + 12); /* DONE, whose bytes are not missed */
}

static void
writetext_data_is_a_plain_long_value(void)
{
    TdsPool pool;
    TdsReader reader;
    TdsBytes bytes;

    tds_pool_init(&pool);
    tds_reader_init(&reader,
                    (const uint8_t *) "\x02\x00\x00\x00"
                                      "ab",
                    6);
    CHECK(tds_bulk_read_text(&reader, &pool.memory, &bytes));
    CHECK_BYTES(bytes.data, bytes.length, "ab", 2);
    tds_reader_init(&reader,
                    (const uint8_t *) "\xFF\xFF\xFF\xFF"
                                      "ab",
                    6);
    CHECK(!tds_bulk_read_text(&reader, &pool.memory, &bytes));
    tds_pool_clear(&pool);
}

/* A connection that is lost in the middle is told apart from a message that ends early. */
static TdsStatus
lost(void *context, const uint8_t **bytes, size_t *length)
{
    return TDS_IO;
}

static void
a_lost_connection_is_told_apart(void)
{
    TdsReader reader;
    TdsPool pool;

    tds_pool_init(&pool);
    tds_reader_init_stream(&reader, lost, NULL);
    CHECK_INT(tds_read_u32(&reader), 0);
    CHECK_INT(reader.status, TDS_IO);
    CHECK(tds_reader_at_end(&reader));
    CHECK(tds_read_view(&reader, 3, &pool.memory) == NULL);
    CHECK_STR(tds_status_name(reader.status), "input/output");
    tds_pool_clear(&pool);
}

int
main(void)
{
    RUN(the_batch_example_is_understood);
    RUN(headers_that_do_not_add_up_are_refused);
    RUN(other_headers_are_taken_too);
    RUN(the_rpc_example_is_understood);
    RUN(a_captured_prepare_is_understood);
    RUN(several_calls_in_one_message_are_told_apart);
    RUN(calls_not_walked_are_passed_over);
    RUN(procedures_are_known_by_number_and_name);
    RUN(table_parameters_are_read_row_by_row);
    RUN(rows_that_nobody_takes_are_passed_over);
    RUN(default_columns_have_no_values_in_rows);
    RUN(cut_requests_do_no_harm);
    RUN(mutated_requests_do_no_harm);
    RUN(bad_requests_are_refused);
    RUN(transaction_requests_are_understood);
    RUN(bulk_rows_stream_through);
    RUN(a_cut_bulk_load_is_refused_or_ends_between_rows);
    RUN(writetext_data_is_a_plain_long_value);
    RUN(a_lost_connection_is_told_apart);
    return check_done();
}
