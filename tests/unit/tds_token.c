/*
 * Reply tokens against the bytes of the examples in MS-TDS section 4 and against the layouts of the
 * other versions.
 */
#include "check.h"
#include "tds/token.h"
#include "tds/value.h"
#include "tds_capture.h"

/* What was written since capture_begin is compared with bytes in hex. */
static void
check_hex(Capture *capture, const char *hex)
{
    uint8_t expected[1024];
    size_t n = unhex(hex, expected, sizeof(expected));

    capture_end(capture);
    CHECK_BYTES(capture->payload, capture->payload_length, expected, n);
    capture_done(capture);
}

static void
the_login_response_example_is_written(void) /* 4.3 */
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsMessage message = {.number = 5701,
                          .state = 2,
                          .severity = 0,
                          .text = "Changed database context to 'master'.",
                          .server = "",
                          .line = 0};
    TdsCollation collation = tds_collation_default;

    tds_put_env_text(out, TDS_ENV_DATABASE, "master", "master");
    tds_put_message(out, TDS_7_2, &message);
    tds_put_env_collation(out, &collation, NULL);
    tds_put_env_text(out, TDS_ENV_LANGUAGE, "us_english", NULL);
    tds_put_loginack(out, TDS_7_2, 0x72090002, "Microsoft SQL Server",
                     (const uint8_t[]){9, 0, 0, 0});
    tds_put_env_packet_size(out, 4096, 4096);
    tds_put_done(out, TDS_7_2, TDS_TOKEN_DONE, TDS_DONE_FINAL, 0, 0);
    check_hex(&capture,
              "E3 1B00 01 06 6D00610073007400650072 00 06 6D00610073007400650072 00"
              "AB 5800 45160000 02 00 2500 "
              "4300680061006E00670065006400200064006100740061006200610073006500"
              "200063006F006E007400650078007400200074006F00200027006D0061007300740065007200 "
              "27002E00 00 00 00000000"
              "E3 0800 07 05 0904D00034 00"
              "E3 1700 02 0A 750073005F0065006E0067006C00690073006800 00"
              "AD 3200 01 72090002 14 4D006900630072006F0073006F00660074002000530051004C002000"
              "53006500720076006500 7200 09000000"
              "E3 1300 04 04 3400300039003600 04 3400300039003600"
              "FD 0000 0000 0000000000000000");
}

static void
the_batch_response_example_is_written(void) /* 4.5: select 'foo' as 'bar' */
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsColumn column = {.name = {"bar", 3}, .flags = TDS_COLUMN_COMPUTED};

    column.type = tds_type_string(TDS_BIGVARCHAR, 3, &tds_collation_default);
    tds_put_colmetadata(out, TDS_7_2, &column, 1);
    tds_put_row_begin(out);
    tds_put_text(out, &column.type, "foo", 3, NULL);
    tds_put_done(out, TDS_7_2, TDS_TOKEN_DONE, TDS_DONE_COUNT, TDS_CMD_SELECT, 1);
    check_hex(&capture, "81 0100 00000000 2000 A7 0300 0904D00034 03 620061007200 D1 0300 666F6F"
                        "FD 1000 C100 0100000000000000");
}

static void
the_rpc_response_tokens_are_written(void) /* 4.7 */
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsTypeInfo type = tds_type_int(4, true);

    tds_put_return_status(out, 0);
    tds_put_return_value_begin(out, TDS_7_2, 1, "@x", 2, 1, 0, 0, &type);
    tds_put_int(out, &type, -2);
    tds_put_done(out, TDS_7_2, TDS_TOKEN_DONEPROC, TDS_DONE_FINAL, TDS_CMD_EXECUTE, 0);
    check_hex(&capture, "79 00000000 AC 0100 02 40007800 01 00000000 0000 26 04 04 FEFFFFFF"
                        "FE 0000 E000 0000000000000000");
}

static void
versions_before_7_2_have_the_short_layouts(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsColumn columns[2] = {
        {.name = {"i", 1}, .flags = TDS_COLUMN_NULLABLE | TDS_COLUMN_KEY, .user_type = 7},
        {.name = {"t", 1}, .table = {{NULL, 0}, {NULL, 0}, {"dbo", 3}, {"x", 1}}}};
    TdsMessage message = {.number = 208,
                          .state = 1,
                          .severity = 16,
                          .text = "m",
                          .server = "s",
                          .procedure = "p",
                          .line = 70000};

    columns[0].type = tds_type_int(4, true);
    columns[1].type = tds_type_long(TDS_TEXT, &tds_collation_default);
    tds_put_colmetadata(out, TDS_7_1, columns, 2);
    tds_put_done(out, TDS_7_1, TDS_TOKEN_DONE, TDS_DONE_COUNT, 0, UINT64_C(0x1FFFFFFFF));
    tds_put_message(out, TDS_7_1, &message);
    tds_put_env_transaction(out, TDS_7_1, TDS_ENV_BEGIN_TRAN, 1);
    check_hex(&capture, "81 0200 0700 0100 26 04 01 6900  0000 0000 23 FFFFFF7F 0904D00034 0500 "
                        "640062006F002E007800 01 7400"
                        "FD 1000 0000 FFFFFFFF"
                        "AA 1200 D0000000 01 10 0100 6D00 01 7300 01 7000 FFFF");
}

static void
no_collation_before_7_1(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsTypeInfo type = tds_type_string(TDS_BIGVARCHAR, 30, &tds_collation_default);

    tds_put_type_info(out, &type, TDS_7_0);
    check_hex(&capture, "A7 1E00");
}

static void
text_columns_name_their_table(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsColumn columns[2] = {
        {.name = {"t", 1}, .table = {{NULL, 0}, {NULL, 0}, {"dbo", 3}, {"x", 1}}},
        {.name = {"i", 1}}};

    columns[0].type = tds_type_long(TDS_NTEXT, &tds_collation_default);
    columns[1].type = tds_type_long(TDS_IMAGE, NULL);
    tds_put_colmetadata(out, TDS_7_4, columns, 2);
    tds_put_no_metadata(out, TDS_7_4);
    check_hex(&capture,
              "81 0200 00000000 0000 63 FEFFFF7F 0904D00034 02 0300 640062006F00 0100 7800 01 7400"
              "00000000 0000 22 FFFFFF7F 01 0000 01 6900"
              "81 FFFF");
}

static void
null_bitmaps_are_put_lowest_column_first(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    bool nulls[10] = {true, false, true, false, false, false, false, true, false, true};

    tds_put_nbcrow_begin(out, nulls, 10);
    tds_put_nbcrow_begin(out, nulls, 8);
    check_hex(&capture, "D2 85 02 D2 85");
}

static void
nbcrow_is_chosen_where_it_is_shorter(void)
{
    TdsColumn columns[9] = {{.name = {"a", 1}}};
    bool none[9] = {false};
    bool all[9] = {true, true, true, true, true, true, true, true, true};
    bool one[9] = {true};

    for (int i = 0; i < 9; i++)
        columns[i].type = tds_type_int(4, true);
    CHECK(!tds_row_wants_nbc(TDS_7_4, none, 9, columns));
    CHECK(tds_row_wants_nbc(TDS_7_4, all, 9, columns));
    CHECK(!tds_row_wants_nbc(TDS_7_4, one, 9, columns)); /* saves 1, costs 2 */
    CHECK(!tds_row_wants_nbc(TDS_7_3, all, 9, columns));
    columns[0].type = tds_type_string(TDS_NVARCHAR, TDS_PLP_LENGTH, NULL);
    CHECK(tds_row_wants_nbc(TDS_7_4, one, 9, columns));
}

static void
transactions_are_told_with_their_descriptor(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);

    tds_put_env_transaction(out, TDS_7_4, TDS_ENV_BEGIN_TRAN, 0x0102030405060708);
    tds_put_env_transaction(out, TDS_7_4, TDS_ENV_COMMIT_TRAN, 1);
    tds_put_env_transaction(out, TDS_7_4, TDS_ENV_ROLLBACK_TRAN, 2);
    tds_put_env_reset(out);
    tds_put_env_routing(out, "ab", 1433);
    check_hex(&capture, "E3 0B00 08 08 0807060504030201 00"
                        "E3 0B00 09 00 08 0100000000000000"
                        "E3 0B00 0A 00 08 0200000000000000"
                        "E3 0300 12 00 00"
                        "E3 0E00 14 0900 00 9905 0200 61006200 0000");
}

static void
the_small_tokens_have_their_layouts(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsFeatureAck ack = {.id = TDS_FEATURE_UTF8_SUPPORT, .data = {(const uint8_t *) "\x01", 1}};
    TdsSessionState state = {9, {(const uint8_t *) "ab", 2}};
    TdsTableName table = {{{NULL, 0}, {NULL, 0}, {"d", 1}, {"t", 1}}};
    TdsColInfo info[2] = {{1, 1, TDS_COLINFO_KEY, {NULL, 0}},
                          {2, 1, TDS_COLINFO_DIFFERENT_NAME, {"b", 1}}};

    tds_put_order(out, (const uint16_t[]){2, 1}, 2);
    tds_put_feature_ext_ack(out, &ack, 1);
    tds_put_feature_ext_ack(out, NULL, 0);
    tds_put_sspi(out, "xy", 2);
    tds_put_session_state(out, 3, true, &state, 1);
    tds_put_tabname(out, TDS_7_4, &table, 1);
    tds_put_colinfo(out, info, 2);
    check_hex(&capture, "A9 0400 0200 0100 AE 0A 01000000 01 FF AE FF ED 0200 7879"
                        "E4 09000000 03000000 01 09 02 6162"
                        "A4 0900 02 0100 6400 0100 7400"
                        "A5 0900 01 01 08 02 01 20 01 6200");
}

static void
a_session_state_block_is_what_a_client_sends_back(void)
{
    TdsPool pool;
    uint8_t big[300] = {5};
    TdsSessionState states[2] = {{1, {(const uint8_t *) "a", 1}}, {2, {big, sizeof(big)}}};
    TdsBytes block;

    tds_pool_init(&pool);
    block = tds_session_state_block(states, 2, &pool.memory);
    CHECK_INT(block.length, 3 + 6 + 300);
    CHECK_BYTES(block.data, 9,
                "\x01\x01"
                "a\x02\xFF\x2C\x01\x00\x00",
                9);
    tds_pool_clear(&pool);
}

static void
overlong_messages_are_cut_to_their_token(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    char *text = malloc(100001);
    TdsMessage message = {
        .number = 50000, .state = 1, .severity = 16, .text = text, .server = "server", .line = 1};
    size_t length;

    memset(text, 'x', 100000);
    text[100000] = '\0';
    tds_put_message(out, TDS_7_4, &message);
    capture_end(&capture);
    length = (size_t) capture.payload[1] | (size_t) capture.payload[2] << 8;
    CHECK_INT(capture.payload_length, length + 3);
    CHECK(length > 65000);
    capture_done(&capture);
    free(text);
}

static void
colmetadata_is_read_back(void)
{
    static const TdsVersion versions[] = {TDS_7_0, TDS_7_1, TDS_7_2, TDS_7_4};

    for (size_t v = 0; v < 4; v++) {
        Capture capture;
        TdsOut *out = capture_begin(&capture, 4096);
        TdsColumn columns[3] = {
            {.name = {"id", 2}, .flags = TDS_COLUMN_IDENTITY},
            {.name = {"text", 4}, .table = {{NULL, 0}, {NULL, 0}, {NULL, 0}, {"t", 1}}},
            {.name = {"n", 1}, .user_type = 80}};
        TdsPool pool;
        TdsReader reader;
        TdsColumn *back;
        unsigned count;
        bool old;

        columns[0].type = tds_type_int(4, false);
        columns[1].type = tds_type_long(TDS_TEXT, &tds_collation_default);
        columns[2].type = tds_type_string(TDS_NVARCHAR, 60, &tds_collation_default);
        tds_put_colmetadata(out, versions[v], columns, 3);
        capture_end(&capture);
        tds_pool_init(&pool);
        tds_reader_init(&reader, capture.payload, capture.payload_length);
        CHECK(tds_read_colmetadata(&reader, versions[v], &pool.memory, &back, &count, &old));
        CHECK(tds_reader_at_end(&reader));
        CHECK_INT(count, 3);
        CHECK_INT(old, versions[v] < TDS_7_2);
        CHECK_STR(back[0].name.data, "id");
        CHECK_INT(back[0].flags, TDS_COLUMN_IDENTITY);
        CHECK_STR(back[1].table[3].data, "t");
        CHECK_INT(back[2].user_type, 80);
        CHECK_INT(back[2].type.length, 60);
        for (size_t n = 0; n < capture.payload_length; n++) {
            tds_reader_init(&reader, capture.payload, n);
            CHECK(!tds_read_colmetadata(&reader, versions[v], &pool.memory, &back, &count, &old));
        }
        if (versions[v] == TDS_7_1) { /* as a client writes it that takes 8.0 for older than 7.2 */
            tds_reader_init(&reader, capture.payload, capture.payload_length);
            CHECK(tds_read_colmetadata(&reader, TDS_8_0, &pool.memory, &back, &count, &old));
            CHECK(old && tds_reader_at_end(&reader));
            CHECK_INT(back[0].flags, TDS_COLUMN_IDENTITY);
            CHECK_INT(back[2].user_type, 80);
        }
        tds_pool_clear(&pool);
        capture_done(&capture);
    }
}

int
main(void)
{
    RUN(the_login_response_example_is_written);
    RUN(the_batch_response_example_is_written);
    RUN(the_rpc_response_tokens_are_written);
    RUN(versions_before_7_2_have_the_short_layouts);
    RUN(no_collation_before_7_1);
    RUN(text_columns_name_their_table);
    RUN(null_bitmaps_are_put_lowest_column_first);
    RUN(nbcrow_is_chosen_where_it_is_shorter);
    RUN(transactions_are_told_with_their_descriptor);
    RUN(the_small_tokens_have_their_layouts);
    RUN(a_session_state_block_is_what_a_client_sends_back);
    RUN(overlong_messages_are_cut_to_their_token);
    RUN(colmetadata_is_read_back);
    return check_done();
}
