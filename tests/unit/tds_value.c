/*
 * Values: every type there and back, held whole and streamed in pieces of every size, cut at every
 * byte; the downgrades for old clients; sql_variant and (max) streams.
 */
#include "check.h"
#include "tds/value.h"
#include "tds/value_text.h"
#include "tds_capture.h"

static const TdsTypeNames point_names = {
    {"db", 2}, {"dbo", 3}, {"Point", 5}, {"Asm, Version=1", 14}};
static const TdsTypeNames xml_names = {{"db", 2}, {"dbo", 3}, {"schemas", 7}, {NULL, 0}};

typedef struct Case {
    const char *name;
    TdsTypeInfo type;
    TdsValue value;
} Case;

#define INT(t, v)                                                                                  \
    {                                                                                              \
#t, t,                                                                                     \
        {                                                                                          \
            .kind = TDS_VALUE_INT, .integer = v                                                    \
        }                                                                                          \
    }
#define TEXT(t, v)                                                                                 \
    {                                                                                              \
#t, t,                                                                                     \
        {                                                                                          \
            .kind = TDS_VALUE_TEXT, .text = { v, sizeof(v) - 1 }                                   \
        }                                                                                          \
    }
#define BYTES(t, v)                                                                                \
    {                                                                                              \
#t, t,                                                                                     \
        {                                                                                          \
            .kind = TDS_VALUE_BYTES, .bytes = {(const uint8_t *) (v), sizeof(v) - 1 }              \
        }                                                                                          \
    }
#define DT2(t, k, d, n, o)                                                                         \
    {                                                                                              \
#t, t,                                                                                     \
        {                                                                                          \
            .kind = k, .datetime2 = {.ticks = n, .days = d, .offset = o }                          \
        }                                                                                          \
    }
#define DEC(t, h, l, p, s, neg)                                                                    \
    {                                                                                              \
#t, t,                                                                                     \
        {                                                                                          \
            .kind = TDS_VALUE_DECIMAL, .decimal = {                                                \
                .low = l,                                                                          \
                .high = h,                                                                         \
                .precision = p,                                                                    \
                .scale = s,                                                                        \
                .negative = neg                                                                    \
            }                                                                                      \
        }                                                                                          \
    }

/* Calls `each` for every case. */
static void
for_each_case(void (*each)(const Case *))
{
    const TdsCollation *latin = &tds_collation_default;
    TdsCollation utf8 = tds_collation_make(0x0409, TDS_COLLATION_UTF8, 2, 0);
    TdsCollation japanese = tds_collation_make(0x0411, 0, 1, 0);
    const Case cases[] = {
        {"bit", tds_type_bit(true), {.kind = TDS_VALUE_BIT, .integer = 1}},
        {"bit not null", tds_type_bit(false), {.kind = TDS_VALUE_BIT, .integer = 0}},
        INT(tds_type_int(1, true), 255),
        INT(tds_type_int(1, false), 0),
        INT(tds_type_int(2, true), INT16_MIN),
        INT(tds_type_int(2, false), INT16_MAX),
        INT(tds_type_int(4, true), INT32_MIN),
        INT(tds_type_int(4, false), INT32_MAX),
        INT(tds_type_int(8, true), INT64_MIN),
        INT(tds_type_int(8, false), INT64_MAX),
        {"real", tds_type_float(4, true), {.kind = TDS_VALUE_REAL, .number = -1.5}},
        {"float",
         tds_type_float(8, true),
         {.kind = TDS_VALUE_FLOAT, .number = 1.7976931348623157e308}},
        {"float", tds_type_float(8, false), {.kind = TDS_VALUE_FLOAT, .number = 5e-324}},
        {"money", tds_type_money(8, true), {.kind = TDS_VALUE_MONEY, .integer = INT64_MIN}},
        {"money", tds_type_money(8, false), {.kind = TDS_VALUE_MONEY, .integer = INT64_MAX}},
        {"smallmoney", tds_type_money(4, true), {.kind = TDS_VALUE_MONEY, .integer = INT32_MIN}},
        {"smallmoney", tds_type_money(4, false), {.kind = TDS_VALUE_MONEY, .integer = -1}},
        {"datetime",
         tds_type_datetime(8, true),
         {.kind = TDS_VALUE_DATETIME, .datetime = {-53690, 0}}},
        {"datetime",
         tds_type_datetime(8, false),
         {.kind = TDS_VALUE_DATETIME, .datetime = {2958463, 25919999}}},
        {"smalldatetime",
         tds_type_datetime(4, true),
         {.kind = TDS_VALUE_SMALLDATETIME, .smalldatetime = {65535, 1439}}},
        {"smalldatetime",
         tds_type_datetime(4, false),
         {.kind = TDS_VALUE_SMALLDATETIME, .smalldatetime = {0, 0}}},
        DT2(tds_type_date(), TDS_VALUE_DATE, TDS_MAX_DATE, 0, 0),
        DT2(tds_type_date(), TDS_VALUE_DATE, 0, 0, 0),
        DT2(tds_type_time(7), TDS_VALUE_TIME, 0, TDS_TICKS_PER_DAY - 1, 0),
        DT2(tds_type_time(0), TDS_VALUE_TIME, 0, TDS_TICKS_PER_DAY - TDS_TICKS_PER_SECOND, 0),
        DT2(tds_type_time(3), TDS_VALUE_TIME, 0, 123 * UINT64_C(10000), 0),
        DT2(tds_type_datetime2(7), TDS_VALUE_DATETIME2, TDS_MAX_DATE, TDS_TICKS_PER_DAY - 1, 0),
        DT2(tds_type_datetime2(2), TDS_VALUE_DATETIME2, 1, 100000, 0),
        DT2(tds_type_datetimeoffset(7), TDS_VALUE_DATETIMEOFFSET, 738000, 42, -840),
        DT2(tds_type_datetimeoffset(0), TDS_VALUE_DATETIMEOFFSET, 738000, 0, 840),
        DEC(tds_type_decimal(38, 0, false), UINT64_C(0x4B3B4CA85A86C47A),
            UINT64_C(0x098A223FFFFFFFFF), 38, 0, true),
        DEC(tds_type_decimal(38, 38, true), 0, 1, 38, 38, false),
        DEC(tds_type_decimal(9, 2, true), 0, 999999999, 9, 2, true),
        DEC(tds_type_decimal(19, 4, false), 0, UINT64_C(9999999999999999999), 19, 4, false),
        DEC(tds_type_decimal(28, 10, false), 5, 7, 28, 10, false),
        DEC(tds_type_decimal(1, 0, false), 0, 0, 1, 0, false),
        {"guid",
         tds_type_guid(),
         {.kind = TDS_VALUE_GUID, .guid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}}},
        TEXT(tds_type_string(TDS_NVARCHAR, 8000, latin), ""),
        TEXT(tds_type_string(TDS_NVARCHAR, 40, latin), "na\xC3\xAFve \xF0\x9F\x98\x80"),
        TEXT(tds_type_string(TDS_NCHAR, 10, latin), "abcde"),
        TEXT(tds_type_string(TDS_BIGVARCHAR, 8000, latin), "plain"),
        TEXT(tds_type_string(TDS_BIGVARCHAR, 30, latin), "\xE2\x82\xAC"
                                                         "uro"),
        TEXT(tds_type_string(TDS_BIGVARCHAR, 30, &utf8), "\xE2\x82\xAC"
                                                         "uro"),
        TEXT(tds_type_string(TDS_BIGVARCHAR, 30, &japanese), "\xE6\x97\xA5\xE6\x9C\xAC"),
        TEXT(tds_type_string(TDS_BIGCHAR, 3, latin), "x  "),
        BYTES(tds_type_string(TDS_BIGVARBINARY, 8000, NULL), "\0\1\2\xFF"),
        BYTES(tds_type_string(TDS_BIGBINARY, 2, NULL), "\0\1"),
        TEXT(tds_type_string(TDS_NVARCHAR, TDS_PLP_LENGTH, latin),
             "max \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 text"),
        TEXT(tds_type_string(TDS_NVARCHAR, TDS_PLP_LENGTH, latin), ""),
        TEXT(tds_type_string(TDS_BIGVARCHAR, TDS_PLP_LENGTH, latin), "max \xC3\xA9"),
        TEXT(tds_type_string(TDS_BIGVARCHAR, TDS_PLP_LENGTH, &utf8), "max \xC3\xA9\xE2\x82\xAC"),
        BYTES(tds_type_string(TDS_BIGVARBINARY, TDS_PLP_LENGTH, NULL), "\x01\x02\x03"),
        BYTES(tds_type_string(TDS_BIGVARBINARY, TDS_PLP_LENGTH, NULL), ""),
        TEXT(tds_type_long(TDS_TEXT, latin), "old text \xC3\xA9"),
        TEXT(tds_type_long(TDS_NTEXT, latin), "old ntext \xE2\x82\xAC"),
        BYTES(tds_type_long(TDS_IMAGE, NULL), "old image"),
        TEXT(tds_type_xml(NULL), "<a>\xE2\x82\xAC</a>"),
        TEXT(tds_type_xml(&xml_names), "<a/>"),
        BYTES(tds_type_udt(&point_names, 0xFFFF), "clr"),
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        each(&cases[i]);
}

static bool
same_value(const TdsValue *a, const TdsValue *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case TDS_VALUE_NULL:
        return true;
    case TDS_VALUE_REAL:
    case TDS_VALUE_FLOAT:
        return memcmp(&a->number, &b->number, sizeof(a->number)) == 0;
    case TDS_VALUE_DECIMAL:
        return a->decimal.low == b->decimal.low && a->decimal.high == b->decimal.high &&
               a->decimal.negative == b->decimal.negative && a->decimal.scale == b->decimal.scale;
    case TDS_VALUE_DATETIME:
        return a->datetime.days == b->datetime.days && a->datetime.ticks == b->datetime.ticks;
    case TDS_VALUE_SMALLDATETIME:
        return a->smalldatetime.days == b->smalldatetime.days &&
               a->smalldatetime.minutes == b->smalldatetime.minutes;
    case TDS_VALUE_DATE:
    case TDS_VALUE_TIME:
    case TDS_VALUE_DATETIME2:
    case TDS_VALUE_DATETIMEOFFSET:
        return a->datetime2.days == b->datetime2.days && a->datetime2.ticks == b->datetime2.ticks &&
               a->datetime2.offset == b->datetime2.offset;
    case TDS_VALUE_GUID:
        return memcmp(a->guid, b->guid, 16) == 0;
    case TDS_VALUE_TEXT:
        return a->text.length == b->text.length &&
               memcmp(a->text.data, b->text.data, a->text.length) == 0;
    case TDS_VALUE_BYTES:
        return a->bytes.length == b->bytes.length &&
               (a->bytes.length == 0 || memcmp(a->bytes.data, b->bytes.data, a->bytes.length) == 0);
    default:
        return a->integer == b->integer;
    }
}

/* Rows are what has the text pointers that the writers put. */
static bool
read_back(TdsReader *reader, const Case *c, const TdsMemory *memory, TdsValue *value)
{
    return tds_read_value(reader, &c->type, TDS_IN_ROW, 0, memory, value);
}

static void
goes_there_and_back(const Case *c)
{
    for (uint32_t packet = 512; packet <= 4096; packet *= 8) {
        Capture capture;
        TdsOut *out = capture_begin(&capture, packet);
        TdsPool pool;
        TdsReader reader;
        TdsValue value;

        /* begin near the end of a packet, so that the value straddles it */
        for (int i = 0; i < 500; i++)
            tds_put_u8(out, 0);
        tds_put_value(out, &c->type, &c->value, &tds_memory_malloc);
        capture_end(&capture);
        tds_pool_init(&pool);
        tds_reader_init(&reader, capture.payload + 500, capture.payload_length - 500);
        if (!check_condition(read_back(&reader, c, &pool.memory, &value) &&
                                 same_value(&value, &c->value),
                             c->name, __FILE__, __LINE__))
            printf("  %s\n", reader.detail ? reader.detail : "another value");
        check_condition(tds_reader_at_end(&reader), c->name, __FILE__, __LINE__);
        tds_reader_init(&reader, capture.payload + 500, capture.payload_length - 500);
        check_condition(tds_skip_value(&reader, &c->type, TDS_IN_ROW) && tds_reader_at_end(&reader),
                        c->name, __FILE__, __LINE__);
        tds_pool_clear(&pool);
        capture_done(&capture);
    }
}

static void
streams_in_any_piece(const Case *c)
{
    for (size_t piece = 1; piece < 20; piece++) {
        Capture capture;
        TdsOut *out = capture_begin(&capture, 4096);
        Source source = {.piece = piece};
        TdsPool pool;
        TdsReader reader;
        TdsValue value;

        tds_put_value(out, &c->type, &c->value, &tds_memory_malloc);
        capture_end(&capture);
        source.bytes = capture.payload;
        source.length = capture.payload_length;
        tds_pool_init(&pool);
        tds_reader_init_stream(&reader, source_fill, &source);
        check_condition(read_back(&reader, c, &pool.memory, &value) &&
                            same_value(&value, &c->value),
                        c->name, __FILE__, __LINE__);
        check_condition(tds_reader_at_end(&reader), c->name, __FILE__, __LINE__);
        free(source.given);
        tds_pool_clear(&pool);
        capture_done(&capture);
    }
}

static void
is_refused_when_cut(const Case *c)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);

    tds_put_value(out, &c->type, &c->value, &tds_memory_malloc);
    capture_end(&capture);
    for (size_t n = 0; n < capture.payload_length; n++) {
        uint8_t *cut = malloc(n + 1);
        Source source = {.bytes = cut, .length = n, .piece = 3};
        TdsPool pool;
        TdsReader reader;
        TdsValue value;

        memcpy(cut, capture.payload, n);
        tds_pool_init(&pool);
        tds_reader_init(&reader, cut, n);
        check_condition(!read_back(&reader, c, &pool.memory, &value), c->name, __FILE__, __LINE__);
        check_int(reader.status, TDS_TRUNCATED, c->name, __FILE__, __LINE__);
        tds_reader_init_stream(&reader, source_fill, &source);
        check_condition(!read_back(&reader, c, &pool.memory, &value), c->name, __FILE__, __LINE__);
        free(source.given);
        tds_pool_clear(&pool);
        free(cut);
    }
    capture_done(&capture);
}

static void
type_info_is_read_back(const Case *c)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsPool pool;
    TdsReader reader;
    TdsTypeInfo info;

    tds_pool_init(&pool);
    tds_put_type_info(out, &c->type, TDS_7_4);
    capture_end(&capture);
    tds_reader_init(&reader, capture.payload, capture.payload_length);
    check_condition(tds_read_column_type_info(&reader, TDS_7_4, &pool.memory, &info), c->name,
                    __FILE__, __LINE__);
    check_condition(tds_reader_at_end(&reader), c->name, __FILE__, __LINE__);
    check_int(info.type, c->type.type, c->name, __FILE__, __LINE__);
    check_int(info.length, c->type.length, c->name, __FILE__, __LINE__);
    check_int(info.scale, c->type.scale, c->name, __FILE__, __LINE__);
    check_int(info.precision, c->type.precision, c->name, __FILE__, __LINE__);
    check_bytes(info.collation.bytes, 5, c->type.collation.bytes, 5, c->name, __FILE__, __LINE__);
    for (size_t n = 0; n < capture.payload_length; n++) {
        tds_reader_init(&reader, capture.payload, n);
        check_condition(!tds_read_column_type_info(&reader, TDS_7_4, &pool.memory, &info), c->name,
                        __FILE__, __LINE__);
    }
    tds_pool_clear(&pool);
    capture_done(&capture);
}

static void
null_is_read_back(const Case *c)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsPool pool;
    TdsReader reader;
    TdsValue value;

    if (tds_type_kind(c->type.type) != TDS_KIND_FIXED) {
        tds_pool_init(&pool);
        tds_put_null(out, &c->type);
        capture_end(&capture);
        tds_reader_init(&reader, capture.payload, capture.payload_length);
        check_condition(read_back(&reader, c, &pool.memory, &value), c->name, __FILE__, __LINE__);
        check_int(value.kind, TDS_VALUE_NULL, c->name, __FILE__, __LINE__);
        check_condition(tds_reader_at_end(&reader), c->name, __FILE__, __LINE__);
        tds_pool_clear(&pool);
    }
    capture_done(&capture);
}

static void
fits_in_a_variant(const Case *c)
{
    TdsTypeInfo variant = tds_type_variant();
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsPool pool;
    TdsReader reader;
    TdsValue value;
    bool can = !tds_type_is_plp(&c->type) && tds_type_kind(c->type.type) != TDS_KIND_LONG;

    if (can) {
        tds_put_variant(out, &variant, &c->type, &c->value, &tds_memory_malloc);
        capture_end(&capture);
        tds_pool_init(&pool);
        tds_reader_init(&reader, capture.payload, capture.payload_length);
        if (!check_condition(
                tds_read_value(&reader, &variant, TDS_IN_ROW, 0, &pool.memory, &value) &&
                    same_value(&value, &c->value) && value.in_variant,
                c->name, __FILE__, __LINE__))
            printf("  %s\n", reader.detail ? reader.detail : "another value");
        for (size_t n = 0; n < capture.payload_length; n++) {
            tds_reader_init(&reader, capture.payload, n);
            check_condition(!tds_read_value(&reader, &variant, TDS_IN_ROW, 0, &pool.memory, &value),
                            c->name, __FILE__, __LINE__);
        }
        tds_pool_clear(&pool);
    }
    capture_done(&capture);
}

static void
every_type_goes_there_and_back(void)
{
    for_each_case(goes_there_and_back);
}

static void
every_type_streams_in_any_piece(void)
{
    for_each_case(streams_in_any_piece);
}

static void
every_type_is_refused_when_cut(void)
{
    for_each_case(is_refused_when_cut);
}

static void
every_type_info_is_read_back(void)
{
    for_each_case(type_info_is_read_back);
}

static void
every_null_is_read_back(void)
{
    for_each_case(null_is_read_back);
}

static void
every_short_type_fits_in_a_variant(void)
{
    for_each_case(fits_in_a_variant);
}

/* Writes a value and compares with bytes. */
static void
check_wire(const TdsTypeInfo *type, const TdsValue *value, const char *hex)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    uint8_t expected[256];
    size_t n = unhex(hex, expected, sizeof(expected));

    tds_put_value(out, type, value, &tds_memory_malloc);
    capture_end(&capture);
    CHECK_BYTES(capture.payload, capture.payload_length, expected, n);
    capture_done(&capture);
}

static void
known_values_have_the_known_bytes(void)
{
    TdsTypeInfo type = tds_type_int(4, true);
    TdsValue value = {.kind = TDS_VALUE_INT, .integer = 7};

    check_wire(&type, &value, "04 07000000");
    type = tds_type_money(8, false); /* 1.0000: high half first */
    value = (TdsValue){.kind = TDS_VALUE_MONEY, .integer = 10000};
    check_wire(&type, &value, "00000000 10270000");
    type = tds_type_decimal(5, 2, true); /* 123.45 */
    value = (TdsValue){.kind = TDS_VALUE_DECIMAL,
                       .decimal = {.low = 12345, .precision = 5, .scale = 2}};
    check_wire(&type, &value, "05 01 39300000");
    type = tds_type_datetime(8, false); /* 2000-01-01 12:00 */
    value = (TdsValue){.kind = TDS_VALUE_DATETIME, .datetime = {36524, 12960000}};
    check_wire(&type, &value, "AC8E0000 00C1C500");
    type = tds_type_date(); /* 2000-01-01 */
    value = (TdsValue){.kind = TDS_VALUE_DATE, .datetime2 = {.days = 730119}};
    check_wire(&type, &value, "03 07240B");
    type = tds_type_time(7);
    value = (TdsValue){.kind = TDS_VALUE_TIME, .datetime2 = {.ticks = 1}};
    check_wire(&type, &value, "05 0100000000");
    type = tds_type_datetimeoffset(7);
    value = (TdsValue){.kind = TDS_VALUE_DATETIMEOFFSET,
                       .datetime2 = {.ticks = 1, .days = 730119, .offset = -60}};
    check_wire(&type, &value, "0A 0100000000 07240B C4FF");
    type = tds_type_string(TDS_NVARCHAR, 20, &tds_collation_default);
    value = (TdsValue){.kind = TDS_VALUE_TEXT, .text = {"hi", 2}};
    check_wire(&type, &value, "0400 6800 6900");
    type = tds_type_string(TDS_NVARCHAR, TDS_PLP_LENGTH, &tds_collation_default);
    check_wire(&type, &value, "0400000000000000 04000000 6800 6900 00000000");
    type = tds_type_variant();
    value = (TdsValue){.kind = TDS_VALUE_INT, .integer = 1, .type = tds_type_int(4, true)};
    check_wire(&type, &value, "06000000 38 00 01000000");
    value = (TdsValue){.kind = TDS_VALUE_TEXT,
                       .text = {"x", 1},
                       .type = tds_type_string(TDS_BIGVARCHAR, 10, &tds_collation_default)};
    check_wire(&type, &value, "0A000000 A7 07 0904D00034 0A00 78");
}

static void
strings_are_cut_at_their_type_between_characters(void)
{
    TdsTypeInfo type = tds_type_string(TDS_NVARCHAR, 6, &tds_collation_default);
    TdsValue value = {.kind = TDS_VALUE_TEXT,
                      .text = {"a\xF0\x9F\x98\x80"
                               "b",
                               6}};
    TdsCollation utf8 = tds_collation_make(0x0409, TDS_COLLATION_UTF8, 2, 0);

    check_wire(&type, &value, "0600 6100 3DD8 00DE");
    type = tds_type_string(TDS_BIGVARCHAR, 3, &utf8);
    check_wire(&type, &value, "0100 61");
    type = tds_type_string(TDS_BIGVARBINARY, 2, NULL);
    value = (TdsValue){.kind = TDS_VALUE_BYTES, .bytes = {(const uint8_t *) "abc", 3}};
    check_wire(&type, &value, "0200 6162");
}

static void
decimals_are_rescaled_and_rounded(void)
{
    TdsTypeInfo type = tds_type_decimal(9, 1, true);
    TdsValue value = {.kind = TDS_VALUE_DECIMAL,
                      .decimal = {.low = 125, .precision = 3, .scale = 2, .negative = true}};

    check_wire(&type, &value, "05 00 0D000000"); /* -1.25 -> -1.3 */
    type.scale = 3;
    check_wire(&type, &value, "05 00 E2040000"); /* -1.250 */
    value.decimal.low = 0;
    check_wire(&type, &value, "05 01 00000000"); /* no minus zero */
}

static void
check_downgrade(
    TdsTypeInfo natural, TdsVersion version, const TdsValue *value, uint8_t type, const char *text)
{
    TdsTypeInfo wire = tds_type_for_version(&natural, version, &tds_collation_default);
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    TdsPool pool;
    TdsReader reader;
    TdsValue back;

    tds_pool_init(&pool);
    CHECK_INT(wire.type, type);
    tds_put_value(out, &wire, value, &tds_memory_malloc);
    capture_end(&capture);
    tds_reader_init(&reader, capture.payload, capture.payload_length);
    CHECK(tds_read_value(&reader, &wire, TDS_IN_ROW, 0, &pool.memory, &back));
    if (back.kind == TDS_VALUE_TEXT)
        CHECK_STR(back.text.data, text);
    tds_pool_clear(&pool);
    capture_done(&capture);
}

static void
old_clients_get_types_that_they_know(void)
{
    TdsValue date = {.kind = TDS_VALUE_DATE, .datetime2 = {.days = 730119}};
    TdsValue time = {.kind = TDS_VALUE_TIME, .datetime2 = {.ticks = 864000000000 - 1}};
    TdsValue datetime2 = {.kind = TDS_VALUE_DATETIME2, .datetime2 = {.days = 0, .ticks = 10000000}};
    TdsValue offset = {.kind = TDS_VALUE_DATETIMEOFFSET,
                       .datetime2 = {.days = 730119, .ticks = 0, .offset = -90}};
    TdsValue big = {.kind = TDS_VALUE_INT, .integer = INT64_MIN};
    TdsValue text = {.kind = TDS_VALUE_TEXT, .text = {"long", 4}};
    TdsValue bytes = {.kind = TDS_VALUE_BYTES, .bytes = {(const uint8_t *) "long", 4}};
    const TdsCollation *c = &tds_collation_default;

    check_downgrade(tds_type_date(), TDS_7_2, &date, TDS_NVARCHAR, "2000-01-01");
    check_downgrade(tds_type_date(), TDS_7_3, &date, TDS_DATEN, NULL);
    check_downgrade(tds_type_time(7), TDS_7_2, &time, TDS_NVARCHAR, "23:59:59.9999999");
    check_downgrade(tds_type_time(0), TDS_7_2, &time, TDS_NVARCHAR, "23:59:59");
    check_downgrade(tds_type_datetime2(3), TDS_7_1, &datetime2, TDS_NVARCHAR,
                    "0001-01-01 00:00:01.000");
    check_downgrade(tds_type_datetimeoffset(0), TDS_7_1, &offset, TDS_NVARCHAR,
                    "1999-12-31 22:30:00 -01:30");
    check_downgrade(tds_type_string(TDS_NVARCHAR, TDS_PLP_LENGTH, c), TDS_7_1, &text, TDS_NTEXT,
                    "long");
    check_downgrade(tds_type_string(TDS_BIGVARCHAR, TDS_PLP_LENGTH, c), TDS_7_1, &text, TDS_TEXT,
                    "long");
    check_downgrade(tds_type_string(TDS_BIGVARBINARY, TDS_PLP_LENGTH, c), TDS_7_1, &bytes,
                    TDS_IMAGE, NULL);
    check_downgrade(tds_type_xml(NULL), TDS_7_1, &text, TDS_NTEXT, "long");
    check_downgrade(tds_type_int(8, true), TDS_7_0, &big, TDS_NUMERICN, NULL);
    check_downgrade(tds_type_int(8, true), TDS_7_1, &big, TDS_INTN, NULL);
    check_downgrade(tds_type_variant(), TDS_7_0, &big, TDS_BIGVARCHAR, "-9223372036854775808");
}

static void
dates_are_formatted_over_the_whole_calendar(void)
{
    static const struct {
        int32_t days;
        const char *text;
    } cases[] = {
        {0, "0001-01-01"},      {TDS_MAX_DATE, "9999-12-31"}, {TDS_DAYS_TO_1900, "1900-01-01"},
        {730178, "2000-02-29"}, {730179, "2000-03-01"},       {58, "0001-02-28"},
        {59, "0001-03-01"},     {364, "0001-12-31"},          {365, "0002-01-01"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[TDS_VALUE_TEXT_ROOM];

        tds_format_date(cases[i].days, text);
        CHECK_STR(text, cases[i].text);
    }
}

static void
long_text_streams_out_in_any_chunks(void)
{
    static const char text[] = "na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80 end";
    const size_t length = sizeof(text) - 1;

    for (int narrow = 0; narrow < 2; narrow++) {
        for (size_t piece = 1; piece <= length; piece++) {
            TdsTypeInfo type = tds_type_string(narrow ? TDS_BIGVARCHAR : TDS_NVARCHAR,
                                               TDS_PLP_LENGTH, &tds_collation_default);
            Capture capture;
            TdsOut *out = capture_begin(&capture, 512);
            TdsPlpWriter writer;
            TdsPool pool;
            TdsReader reader;
            TdsValue value;

            tds_plp_begin(&writer, out, &type, TDS_PLP_UNKNOWN, &tds_memory_malloc);
            for (size_t at = 0; at < length; at += piece)
                tds_plp_put_text(&writer, text + at, length - at < piece ? length - at : piece);
            tds_plp_end(&writer);
            capture_end(&capture);
            tds_pool_init(&pool);
            tds_reader_init(&reader, capture.payload, capture.payload_length);
            CHECK(tds_read_value(&reader, &type, TDS_IN_ROW, 0, &pool.memory, &value));
            CHECK_STR(value.text.data, narrow ? "na\xC3\xAFve \xE2\x82\xAC ? end" : text);
            tds_pool_clear(&pool);
            capture_done(&capture);
        }
    }
}

/* Ten megabytes through 4 kB packets, streamed in and out. */
static void
a_big_value_passes_in_small_pieces(void)
{
    TdsTypeInfo type = tds_type_string(TDS_BIGVARBINARY, TDS_PLP_LENGTH, NULL);
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    const size_t total = 10 << 20;
    TdsPlpWriter writer;
    TdsPlpReader plp;
    uint8_t block[1024];
    size_t got = 0, n;
    Source source = {.piece = 4088};
    TdsReader reader;
    TdsPool pool;
    TdsValue value;

    tds_plp_begin(&writer, out, &type, total, &tds_memory_malloc);
    for (size_t at = 0; at < total; at += sizeof(block)) {
        memset(block, (int) (at >> 10), sizeof(block));
        tds_plp_put_bytes(&writer, block, sizeof(block));
    }
    tds_plp_end(&writer);
    capture_end(&capture);
    source.bytes = capture.payload;
    source.length = capture.payload_length;
    tds_reader_init_stream(&reader, source_fill, &source);
    CHECK(tds_plp_read_begin(&plp, &reader, UINT64_MAX));
    CHECK_INT(plp.total, total);
    while ((n = tds_plp_read(&plp, block, sizeof(block))) > 0) {
        CHECK_INT(block[0], (got >> 10) & 0xFF);
        got += n;
    }
    CHECK_INT(got, total);
    CHECK_INT(reader.status, TDS_OK);
    source.at = 0;
    tds_pool_init(&pool);
    tds_reader_init_stream(&reader, source_fill, &source);
    CHECK(tds_read_value(&reader, &type, TDS_IN_ROW, 0, &pool.memory, &value));
    CHECK_INT(value.bytes.length, total);
    CHECK(pool.total < 4 * total);
    source.at = 0;
    tds_reader_init_stream(&reader, source_fill, &source);
    CHECK(!tds_read_value(&reader, &type, TDS_IN_ROW, total - 1, &pool.memory, &value));
    CHECK_INT(reader.status, TDS_TOO_BIG);
    free(source.given);
    tds_pool_clear(&pool);
    capture_done(&capture);
}

static TdsStatus
read_hex(TdsTypeInfo type, const char *hex)
{
    uint8_t bytes[256];
    TdsPool pool;
    TdsReader reader;
    TdsValue value;

    tds_pool_init(&pool);
    tds_reader_init(&reader, bytes, unhex(hex, bytes, sizeof(bytes)));
    CHECK(tds_read_value(&reader, &type, TDS_IN_PARAMETER, 0, &pool.memory, &value) ==
          (reader.status == TDS_OK));
    tds_pool_clear(&pool);
    return reader.status;
}

static void
invalid_instances_are_refused(void)
{
    TdsTypeInfo narrow = tds_type_string(TDS_NVARCHAR, 4, &tds_collation_default);
    TdsTypeInfo max = tds_type_string(TDS_BIGVARBINARY, TDS_PLP_LENGTH, NULL);
    TdsTypeInfo variant = tds_type_variant();

    CHECK_INT(read_hex(tds_type_int(4, true), "03 000000"), TDS_MALFORMED);
    CHECK_INT(read_hex(tds_type_float(8, true), "08 000000000000F07F"),
              TDS_MALFORMED);                                                   /* infinity */
    CHECK_INT(read_hex(tds_type_float(4, true), "04 0000C07F"), TDS_MALFORMED); /* NaN */
    CHECK_INT(read_hex(tds_type_datetime(8, true), "08 00000080 00000000"), TDS_MALFORMED);
    CHECK_INT(read_hex(tds_type_datetime(8, true), "08 00000000 0082 8B01"),
              TDS_MALFORMED); /* 24:00 */
    CHECK_INT(read_hex(tds_type_datetime(4, true), "04 0000 A005"), TDS_MALFORMED);
    CHECK_INT(read_hex(tds_type_date(), "03 FFFFFF"), TDS_MALFORMED);
    CHECK_INT(read_hex(tds_type_date(), "04 00000000"), TDS_MALFORMED);
    CHECK_INT(read_hex(tds_type_time(7), "05 00C0692AC9"), TDS_MALFORMED); /* 24:00 */
    CHECK_INT(read_hex(tds_type_datetimeoffset(7), "0A 0000000000 000000 4903"),
              TDS_MALFORMED); /* +14:01 */
    CHECK_INT(read_hex(tds_type_decimal(38, 0, true), "11 01 FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
              TDS_MALFORMED);
    CHECK_INT(read_hex(tds_type_decimal(5, 0, true), "05 02 00000000"), TDS_MALFORMED);
    CHECK_INT(read_hex(tds_type_guid(), "0F 000000000000000000000000000000"), TDS_MALFORMED);
    CHECK_INT(read_hex(narrow, "0300 616161"), TDS_MALFORMED);       /* half a character */
    CHECK_INT(read_hex(narrow, "0600 610061006100"), TDS_MALFORMED); /* longer than its type */
    CHECK_INT(read_hex(max, "0300000000000000 02000000 6161 00000000"), TDS_MALFORMED);
    CHECK_INT(read_hex(max, "0100000000000000 02000000 6161 00000000"), TDS_MALFORMED);
    CHECK_INT(read_hex(max, "FEFFFFFFFFFFFFFF 02000000 6161 00000000"), TDS_OK);
    CHECK_INT(read_hex(max, "FFFFFFFFFFFFFF7F 02000000 6161 00000000"), TDS_TOO_BIG);
    CHECK_INT(read_hex(variant, "06000000 38 01 00 000000"), TDS_MALFORMED); /* properties */
    CHECK_INT(read_hex(variant, "05000000 38 00 010000"), TDS_MALFORMED);    /* three-byte int */
    CHECK_INT(read_hex(variant, "06000000 62 00 01000000"), TDS_MALFORMED); /* variant in variant */
    CHECK_INT(read_hex(variant, "01000000 38"), TDS_TRUNCATED);
    CHECK_INT(read_hex(variant, "FFFFFFFF 38 00"), TDS_MALFORMED);
}

static void
xml_is_taken_in_either_encoding(void)
{
    static const char *const cases[] = {
        "FEFFFFFFFFFFFFFF 0A000000 FFFE 3C00 6100 2F00 3E00 00000000", /* UTF-16 with a mark */
        "FEFFFFFFFFFFFFFF 08000000 3C00 6100 2F00 3E00 00000000",
        "FEFFFFFFFFFFFFFF 04000000 3C612F3E 00000000", /* UTF-8 */
        "FEFFFFFFFFFFFFFF 07000000 EFBBBF 3C612F3E 00000000",
        "FEFFFFFFFFFFFFFF 01000000 3C 01000000 61 02000000 2F3E 00000000",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[64];
        TdsTypeInfo type = tds_type_xml(NULL);
        TdsPool pool;
        TdsReader reader;
        TdsValue value;

        tds_pool_init(&pool);
        tds_reader_init(&reader, bytes, unhex(cases[i], bytes, sizeof(bytes)));
        CHECK(tds_read_value(&reader, &type, TDS_IN_PARAMETER, 0, &pool.memory, &value));
        CHECK_STR(value.text.data, "<a/>");
        tds_pool_clear(&pool);
    }
}

static void
impossible_type_infos_are_refused(void)
{
    static const char *const cases[] = {
        "26 03",
        "68 02",
        "24 0F",
        "6D 02",
        "6A 11 27 00",
        "6A 11 05 06",
        "6A 11 00 00",
        "29 08",
        "E7 411F 0904D00034",
        "EF FFFF 0904D00034",
        "AD FFFF",
        "77",
        "F4",
        "F5 0800",
        "6A 12 05 02",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[64];
        TdsPool pool;
        TdsReader reader;
        TdsTypeInfo info;

        tds_pool_init(&pool);
        tds_reader_init(&reader, bytes, unhex(cases[i], bytes, sizeof(bytes)));
        CHECK(!tds_read_type_info(&reader, TDS_7_4, &pool.memory, &info));
        CHECK(reader.status == TDS_MALFORMED || reader.status == TDS_UNSUPPORTED);
        tds_pool_clear(&pool);
    }
}

int
main(void)
{
    RUN(every_type_goes_there_and_back);
    RUN(every_type_streams_in_any_piece);
    RUN(every_type_is_refused_when_cut);
    RUN(every_type_info_is_read_back);
    RUN(every_null_is_read_back);
    RUN(every_short_type_fits_in_a_variant);
    RUN(known_values_have_the_known_bytes);
    RUN(strings_are_cut_at_their_type_between_characters);
    RUN(decimals_are_rescaled_and_rounded);
    RUN(old_clients_get_types_that_they_know);
    RUN(dates_are_formatted_over_the_whole_calendar);
    RUN(long_text_streams_out_in_any_chunks);
    RUN(a_big_value_passes_in_small_pieces);
    RUN(invalid_instances_are_refused);
    RUN(xml_is_taken_in_either_encoding);
    RUN(impossible_type_infos_are_refused);
    return check_done();
}
