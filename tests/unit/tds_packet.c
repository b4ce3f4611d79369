/*
 * Packets out and in.
 */
#include "check.h"
#include "tds_capture.h"

static void
a_short_message_is_one_packet_with_eom(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);

    out->spid = 0x0133;
    tds_put_bytes(out, "abc", 3);
    CHECK(tds_out_has_message(out));
    CHECK(!tds_out_message_started_sending(out));
    capture_end(&capture);
    CHECK_BYTES(capture.packets, capture.packets_length,
                "\x04\x01\x00\x0B\x01\x33\x01\x00"
                "abc",
                11);
    CHECK(!tds_out_has_message(out));
    capture_done(&capture);
}

static void
a_message_that_fills_its_packet_has_no_empty_one_behind(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 512);
    uint8_t body[504] = {7};

    tds_put_bytes(out, body, sizeof(body));
    capture_end(&capture);
    CHECK_INT(capture.packets_length, 512);
    CHECK_INT(capture.packets[1], TDS_STATUS_EOM);
    capture_done(&capture);
}

static void
an_empty_message_is_a_header_with_eom(void)
{
    Capture capture;

    capture_begin(&capture, 512);
    capture_end(&capture);
    CHECK_BYTES(capture.packets, capture.packets_length, "\x04\x01\x00\x08\x00\x00\x01\x00", 8);
    capture_done(&capture);
}

/* 200,000 bytes by every put function, at each packet size: what comes in is what went out. */
static void
any_mix_of_writes_arrives_whole(void)
{
    static const uint32_t sizes[] = {1, 512, 513, 4096, 8000, 32767, 99999};

    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        Capture capture;
        TdsOut *out = capture_begin(&capture, sizes[s]);
        TdsIn in;
        TdsInEvent event = TDS_IN_MORE;
        size_t fed = 0;
        size_t expected = 0;
        size_t packets = 0;

        for (uint32_t i = 0; i < 10000; i++) {
            tds_put_u8(out, (uint8_t) i);
            tds_put_u16(out, (uint16_t) i);
            tds_put_u32(out, i);
            tds_put_u64(out, i);
            tds_put_b_varchar(out, "x\xC3\xA9", 3);
            expected += 1 + 2 + 4 + 8 + 5;
        }
        capture_end(&capture);
        for (size_t at = 0; at < capture.packets_length; packets++) {
            size_t length = (size_t) capture.packets[at + 2] << 8 | capture.packets[at + 3];

            CHECK(length <= out->packet_size);
            CHECK_INT(capture.packets[at + 6], (packets + 1) & 0xFF);
            at += length;
            CHECK_INT(capture.packets[at - length + 1], at == capture.packets_length ? 1 : 0);
        }
        tds_in_init(&in, &tds_memory_malloc);
        in.max_message = 1 << 20;
        while (fed < capture.packets_length && event == TDS_IN_MORE)
            fed += tds_in_feed(
                &in, capture.packets + fed,
                capture.packets_length - fed < 777 ? capture.packets_length - fed : 777, &event);
        CHECK_INT(event, TDS_IN_MESSAGE);
        CHECK_INT(in.length, expected);
        CHECK_BYTES(in.data, in.length, capture.payload, capture.payload_length);
        CHECK_INT(in.packets, packets);
        tds_in_done(&in);
        capture_done(&capture);
    }
}

static void
flush_sends_a_short_packet_and_goes_on(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);

    tds_put_u8(out, 'a');
    tds_out_flush(out);
    CHECK_BYTES(capture.packets, capture.packets_length,
                "\x04\x00\x00\x09\x00\x00\x01\x00"
                "a",
                9);
    CHECK(tds_out_message_started_sending(out));
    tds_out_flush(out); /* nothing new: nothing sent */
    CHECK_INT(capture.packets_length, 9);
    tds_put_u8(out, 'b');
    capture_end(&capture);
    CHECK_BYTES(capture.packets + 9, capture.packets_length - 9,
                "\x04\x01\x00\x09\x00\x00\x02\x00"
                "b",
                9);
    capture_done(&capture);
}

static void
discard_forgets_what_was_not_sent(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 512);

    for (int i = 0; i < 2000; i++)
        tds_put_u8(out, 'x');
    tds_out_discard(out);
    tds_put_u8(out, 'y');
    capture_end(&capture);
    CHECK_BYTES(capture.payload, capture.payload_length, "y", 1);
    capture_done(&capture);
}

static bool
refuse(void *context, const uint8_t *bytes, size_t length)
{
    (*(int *) context)++;
    return false;
}

static void
a_lost_connection_swallows_further_writes(void)
{
    TdsOut out;
    int calls = 0;

    tds_out_init(&out, &tds_memory_malloc, 512, refuse, &calls);
    for (int i = 0; i < 300000; i++)
        tds_put_u8(&out, 1);
    CHECK(out.failed);
    CHECK_INT(calls, 1);
    CHECK(!tds_out_end_message(&out));
    CHECK_INT(calls, 1);
    tds_out_done(&out);
}

static void
long_text_is_cut_to_what_its_count_can_say(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    char text[1025];

    for (int i = 0; i < 1024; i += 4) /* 256 pairs: 512 units */
        memcpy(text + i, "\xF0\x9F\x98\x80", 4);
    text[1024] = '\0';
    tds_put_b_varchar(out, text, 1024);
    tds_put_b_varchar(out, NULL, 0);
    capture_end(&capture);
    CHECK_INT(capture.payload[0], 254); /* not 255: that would split a pair */
    CHECK_INT(capture.payload_length, 1 + 254 * 2 + 1);
    capture_done(&capture);
}

/* Feeds byte by byte and in one go; returns the first event that is not MORE. */
static TdsInEvent
feed(TdsIn *in, const char *hex, size_t piece)
{
    uint8_t bytes[256];
    size_t length = unhex(hex, bytes, sizeof(bytes));
    size_t at = 0;
    TdsInEvent event = TDS_IN_MORE;

    while (at < length && event == TDS_IN_MORE)
        at += tds_in_feed(in, bytes + at, length - at < piece ? length - at : piece, &event);
    return event;
}

static TdsInEvent
feed_fresh(TdsIn *in, const char *hex, size_t piece)
{
    tds_in_init(in, &tds_memory_malloc);
    return feed(in, hex, piece);
}

static void
messages_come_together_from_any_split(void)
{
    for (size_t piece = 1; piece < 30; piece++) {
        TdsIn in;

        /* two packets, the second with EOM, reset asked in the first */
        CHECK_INT(feed_fresh(&in, "01 08 000A 0000 01 00 6100  01 01 000A 0000 02 00 6200", piece),
                  TDS_IN_MESSAGE);
        CHECK_INT(in.type, TDS_PACKET_BATCH);
        CHECK_INT(in.first_status, TDS_STATUS_RESET);
        CHECK_BYTES(in.data, in.length, "a\0b\0", 4);
        CHECK(tds_in_idle(&in));
        tds_in_next(&in);
        CHECK_INT(feed(&in, "06 01 0008 0000 01 00", piece), TDS_IN_MESSAGE);
        CHECK_INT(in.type, TDS_PACKET_ATTENTION);
        CHECK_INT(in.length, 0);
        CHECK(in.data != NULL);
        tds_in_done(&in);
    }
}

static void
bytes_of_the_next_message_are_left(void)
{
    TdsIn in;
    TdsInEvent event;
    uint8_t bytes[32];
    size_t length = unhex("01 01 0009 0000 01 00 61 06 01 0008 0000 01 00", bytes, sizeof(bytes));

    tds_in_init(&in, &tds_memory_malloc);
    CHECK_INT(tds_in_wanted(&in), 8);
    CHECK_INT(tds_in_feed(&in, bytes, 8, &event), 8);
    CHECK_INT(tds_in_wanted(&in), 1);
    CHECK_INT(tds_in_feed(&in, bytes + 8, length - 8, &event), 1);
    CHECK_INT(event, TDS_IN_MESSAGE);
    tds_in_done(&in);
}

static void
a_given_up_message_is_told(void)
{
    TdsIn in;

    CHECK_INT(feed_fresh(&in, "01 00 0009 0000 01 00 61  01 03 0009 0000 02 00 62", 99),
              TDS_IN_IGNORED);
    tds_in_done(&in);
}

static void
bad_headers_are_refused(void)
{
    static const struct {
        const char *hex;
        TdsStatus status;
    } cases[] = {
        {"01 01 0007 0000 01 00", TDS_MALFORMED},                              /* too short */
        {"55 01 0009 0000 01 00 00", TDS_MALFORMED},                           /* unknown type */
        {"02 01 0200 0000 01 00", TDS_UNSUPPORTED},                            /* TDS 5.0 */
        {"01 01 FFFF 0000 01 00", TDS_TOO_BIG},                                /* above 32767 */
        {"01 00 0009 0000 01 00 61  03 01 0009 0000 02 00 61", TDS_MALFORMED}, /* type changes */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        TdsIn in;
        TdsInEvent event;

        CHECK_INT(feed_fresh(&in, cases[i].hex, 3), TDS_IN_ERROR);
        CHECK_INT(in.status, cases[i].status);
        CHECK(in.detail != NULL);
        tds_in_feed(&in, (const uint8_t *) "\x01", 1, &event);
        CHECK_INT(event, TDS_IN_ERROR);
        tds_in_done(&in);
    }
}

static void
messages_beyond_the_limit_are_refused(void)
{
    TdsIn in;

    tds_in_init(&in, &tds_memory_malloc);
    in.max_message = 3;
    CHECK_INT(feed(&in, "01 00 000A 0000 01 00 6162  01 01 000A 0000 02 00 6364", 99),
              TDS_IN_ERROR);
    CHECK_INT(in.status, TDS_TOO_BIG);
    tds_in_done(&in);
}

static void
streamed_messages_come_packet_by_packet(void)
{
    TdsIn in;

    tds_in_init(&in, &tds_memory_malloc);
    in.stream_types = 1u << TDS_PACKET_BULK;
    in.max_message = 2;
    CHECK_INT(feed(&in, "07 00 000A 0000 01 00 6162", 3), TDS_IN_PACKET);
    CHECK_BYTES(in.data, in.length, "ab", 2);
    tds_in_next(&in);
    CHECK_INT(feed(&in, "07 00 0008 0000 02 00  07 00 000A 0000 02 00 6364", 3), TDS_IN_PACKET);
    CHECK_BYTES(in.data, in.length, "cd", 2);
    tds_in_next(&in);
    CHECK_INT(feed(&in, "07 01 0009 0000 03 00 65", 3), TDS_IN_MESSAGE);
    CHECK_BYTES(in.data, in.length, "e", 1);
    CHECK_INT(in.bytes, 5);
    tds_in_done(&in);
}

int
main(void)
{
    RUN(a_short_message_is_one_packet_with_eom);
    RUN(a_message_that_fills_its_packet_has_no_empty_one_behind);
    RUN(an_empty_message_is_a_header_with_eom);
    RUN(any_mix_of_writes_arrives_whole);
    RUN(flush_sends_a_short_packet_and_goes_on);
    RUN(discard_forgets_what_was_not_sent);
    RUN(a_lost_connection_swallows_further_writes);
    RUN(long_text_is_cut_to_what_its_count_can_say);
    RUN(messages_come_together_from_any_split);
    RUN(bytes_of_the_next_message_are_left);
    RUN(a_given_up_message_is_told);
    RUN(bad_headers_are_refused);
    RUN(messages_beyond_the_limit_are_refused);
    RUN(streamed_messages_come_packet_by_packet);
    return check_done();
}
