/*
 * PRELOGIN, LOGIN7 and its feature extensions. The first bytes are the examples of MS-TDS
 * section 4.
 */
#include "check.h"
#include "tds/feature_ext.h"
#include "tds/login7.h"
#include "tds/prelogin.h"
#include "tds_capture.h"

static const char prelogin_example[] = /* 4.1 */
    "00 001A 0006 01 0020 0001 02 0021 0001 03 0022 0004 04 0026 0001 FF"
    "09 00 0000 0000 01 00 B80D0000 01";

static const char login_example[] = /* 4.2 */
    "88 00 00 00 02 00 09 72 00 10 00 00 00 00 00 07 00 01 00 00 00 00 00 00"
    "E0 03 00 00 E0 01 00 00 09 04 00 00 5E 00 08 00 6E 00 02 00 72 00 00 00 72 00 07 00"
    "80 00 00 00 80 00 00 00 80 00 04 00 88 00 00 00 88 00 00 00 00 50 8B E2 B7 8F"
    "88 00 00 00 88 00 00 00 88 00 00 00 00 00 00 00"
    "73 00 6B 00 6F 00 73 00 74 00 6F 00 76 00 31 00 73 00 61 00"
    "4F 00 53 00 51 00 4C 00 2D 00 33 00 32 00 4F 00 44 00 42 00 43 00";

static void
the_prelogin_example_is_understood(void)
{
    uint8_t bytes[64];
    TdsReader reader;
    TdsPrelogin prelogin;

    tds_reader_init(&reader, bytes, unhex(prelogin_example, bytes, sizeof(bytes)));
    CHECK(tds_prelogin_parse(&reader, &prelogin));
    CHECK_BYTES(prelogin.version, 4, "\x09\x00\x00\x00", 4);
    CHECK_INT(prelogin.encryption, TDS_ENCRYPT_ON);
    CHECK(prelogin.has_instance && prelogin.instance[0] == '\0');
    CHECK_INT(prelogin.thread_id, 0xB80D0000);
    CHECK(prelogin.has_mars && prelogin.mars);
    CHECK(!prelogin.has_trace_id && !prelogin.has_fedauth && !prelogin.has_nonce);
}

static void
a_cut_prelogin_is_refused_at_every_byte(void)
{
    uint8_t bytes[64];
    size_t length = unhex(prelogin_example, bytes, sizeof(bytes));

    for (size_t n = 0; n < length; n++) {
        uint8_t *cut = malloc(n + 1);
        TdsReader reader;
        TdsPrelogin prelogin;

        memcpy(cut, bytes, n);
        tds_reader_init(&reader, cut, n);
        CHECK(!tds_prelogin_parse(&reader, &prelogin));
        CHECK(reader.detail != NULL);
        free(cut);
    }
}

static void
prelogin_options_outside_the_message_are_refused(void)
{
    static const char *const cases[] = {
        "00 FFFF 0006 FF",    "00 0006 FFFF FF", "00 0006 0005 FF 0000000000",
        "07 0006 0001 FF 00", "01 0006 0000 FF", "00 0000 0006",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[64];
        TdsReader reader;
        TdsPrelogin prelogin;

        tds_reader_init(&reader, bytes, unhex(cases[i], bytes, sizeof(bytes)));
        CHECK(!tds_prelogin_parse(&reader, &prelogin));
    }
}

static void
unknown_prelogin_options_are_passed_over(void)
{
    uint8_t bytes[64];
    TdsReader reader;
    TdsPrelogin prelogin;

    tds_reader_init(&reader, bytes,
                    unhex("42 000B 0001 01 000C 0001 FF AA 03", bytes, sizeof(bytes)));
    CHECK(tds_prelogin_parse(&reader, &prelogin));
    CHECK_INT(prelogin.encryption, TDS_ENCRYPT_REQ);
}

static void
the_prelogin_reply_is_read_back(void)
{
    Capture capture;
    TdsOut *out = capture_begin(&capture, 4096);
    uint8_t nonce[32] = {1, 2, 3};
    TdsPreloginReply reply = {.version = {16, 0, 4, 1},
                              .encryption = TDS_ENCRYPT_ON,
                              .instance_matches = true,
                              .answer_fedauth = true,
                              .fedauth_required = 0,
                              .nonce = nonce};
    TdsReader reader;
    TdsPrelogin prelogin;

    tds_put_prelogin(out, &reply);
    capture_end(&capture);
    tds_reader_init(&reader, capture.payload, capture.payload_length);
    CHECK(tds_prelogin_parse(&reader, &prelogin));
    CHECK_BYTES(prelogin.version, 4, reply.version, 4);
    CHECK_INT(prelogin.encryption, TDS_ENCRYPT_ON);
    CHECK(prelogin.has_mars && !prelogin.mars && prelogin.has_fedauth && prelogin.has_nonce);
    CHECK_BYTES(prelogin.nonce, 32, nonce, 32);
    capture_done(&capture);
}

static void
encryption_is_settled_as_the_table_says(void)
{
    static const struct {
        uint8_t asked;
        bool have, force;
        uint8_t answer;
        TdsEncryptionUse use;
    } cases[] = {
        {TDS_ENCRYPT_OFF, true, false, TDS_ENCRYPT_OFF, TDS_USE_TLS_FOR_LOGIN},
        {TDS_ENCRYPT_OFF, true, true, TDS_ENCRYPT_REQ, TDS_USE_TLS},
        {TDS_ENCRYPT_ON, true, false, TDS_ENCRYPT_ON, TDS_USE_TLS},
        {TDS_ENCRYPT_REQ, true, true, TDS_ENCRYPT_ON, TDS_USE_TLS},
        {TDS_ENCRYPT_NOT_SUP, true, false, TDS_ENCRYPT_NOT_SUP, TDS_USE_NO_TLS},
        {TDS_ENCRYPT_NOT_SUP, true, true, TDS_ENCRYPT_REQ, TDS_USE_REFUSE},
        {TDS_ENCRYPT_ON, false, false, TDS_ENCRYPT_NOT_SUP, TDS_USE_REFUSE},
        {TDS_ENCRYPT_OFF, false, false, TDS_ENCRYPT_NOT_SUP, TDS_USE_NO_TLS},
        {0x77, true, false, TDS_ENCRYPT_NOT_SUP, TDS_USE_REFUSE},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        TdsPrelogin prelogin = {.has_encryption = true, .encryption = cases[i].asked};
        uint8_t answer;

        CHECK_INT(tds_prelogin_encryption(&prelogin, cases[i].have, cases[i].force, &answer),
                  cases[i].use);
        CHECK_INT(answer, cases[i].answer);
    }
}

static void
the_login_example_is_understood(void)
{
    uint8_t bytes[256];
    size_t length = unhex(login_example, bytes, sizeof(bytes));
    TdsPool pool;
    TdsLogin login;
    const char *detail;

    tds_pool_init(&pool);
    CHECK_INT(length, 136);
    CHECK_INT(tds_login_parse(bytes, length, &pool.memory, &login, &detail), TDS_OK);
    CHECK_INT(login.version, TDS_7_2);
    CHECK_INT(login.packet_size, 4096);
    CHECK_INT(login.client_pid, 256);
    CHECK(login.use_db_notify && login.database_fatal && login.set_language_warn);
    CHECK(login.language_fatal && login.odbc && !login.integrated_security);
    CHECK_INT(login.lcid, 0x0409);
    CHECK_STR(login.host_name.data, "skostov1");
    CHECK_STR(login.user_name.data, "sa");
    CHECK_STR(login.password.data, "");
    CHECK_STR(login.app_name.data, "OSQL-32");
    CHECK_STR(login.server_name.data, "");
    CHECK_STR(login.library_name.data, "ODBC");
    CHECK_BYTES(login.client_id, 6, "\x00\x50\x8B\xE2\xB7\x8F", 6);
    tds_pool_clear(&pool);
}

/* Builds a LOGIN7 of TDS 7.4 with a password, a new one, SSPI and features. Returns its length. */
static size_t
build_login(uint8_t *m)
{
    static const uint8_t features[] = {0x01, 0, 0, 0, 0, 0x0A, 1, 0, 0, 0, 1, 0x09,
                                       1,    0, 0, 0, 2, 0x04, 1, 0, 0, 0, 1, 0xFF};
    size_t at = 94;

    memset(m, 0, 512);
    m[4] = 0x04;
    m[7] = 0x74;
    m[27] = 0x11; /* change password, extension */
#define PUT_TEXT(field, text)                                                                      \
    do {                                                                                           \
        m[field] = (uint8_t) at;                                                                   \
        m[(field) + 1] = (uint8_t) (at >> 8);                                                      \
        m[(field) + 2] = sizeof(text) - 1;                                                         \
        for (size_t i = 0; i < sizeof(text) - 1; i++, at += 2)                                     \
            m[at] = (uint8_t) (text)[i];                                                           \
    } while (0)
    PUT_TEXT(36, "host");
    PUT_TEXT(40, "sa");
    PUT_TEXT(44, "Pa$$w0rd");
    tds_password_scramble(m + at - 16, 16);
    PUT_TEXT(68, "northwind");
    PUT_TEXT(86, "next");
    tds_password_scramble(m + at - 8, 8);
    m[78] = (uint8_t) at;
    m[80] = 3;
    memcpy(m + at, "NTL", 3);
    at += 3;
    m[56] = (uint8_t) at;
    m[58] = 4;
    m[at] = (uint8_t) (at + 4);
    m[at + 1] = (uint8_t) ((at + 4) >> 8);
    at += 4;
    memcpy(m + at, features, sizeof(features));
    at += sizeof(features);
    m[0] = (uint8_t) at;
    m[1] = (uint8_t) (at >> 8);
    return at;
}

static void
passwords_are_unscrambled_and_wiped(void)
{
    uint8_t m[512];
    size_t length = build_login(m);
    TdsPool pool;
    TdsLogin login;
    const char *detail;
    uint8_t scrambled[2] = {'a', 0};

    tds_password_scramble(scrambled, 2);
    CHECK_BYTES(scrambled, 2, "\xB3\xA5", 2);
    tds_pool_init(&pool);
    CHECK_INT(tds_login_parse(m, length, &pool.memory, &login, &detail), TDS_OK);
    CHECK_STR(login.password.data, "Pa$$w0rd");
    CHECK_STR(login.new_password.data, "next");
    CHECK(login.change_password);
    CHECK_BYTES(login.sspi.data, login.sspi.length, "NTL", 3);
    tds_login_wipe(m, length, &login);
    CHECK_BYTES(login.password.data, 8, "\0\0\0\0\0\0\0\0", 8);
    for (size_t i = 94; i + 2 < length; i++)
        CHECK(!(m[i] == 'P' && m[i + 2] == 'a'));
    tds_pool_clear(&pool);
}

static void
features_are_walked_and_answered(void)
{
    uint8_t m[512];
    size_t length = build_login(m);
    TdsPool pool;
    TdsLogin login;
    TdsFeature feature;
    TdsFeatureAck acks[TDS_FEATURE_ACK_MAX];
    TdsBytes state = {(const uint8_t *) "s", 1};
    const char *detail;
    size_t position = 0;
    int seen = 0;

    tds_pool_init(&pool);
    CHECK_INT(tds_login_parse(m, length, &pool.memory, &login, &detail), TDS_OK);
    while (tds_login_next_feature(&login, &position, &feature))
        seen++;
    CHECK_INT(seen, 4);
    CHECK(tds_login_find_feature(&login, TDS_FEATURE_COLUMNENCRYPTION, &feature));
    CHECK(!tds_login_find_feature(&login, TDS_FEATURE_FEDAUTH, &feature));
    CHECK_INT(tds_features_answer(&login, NULL, acks), 2);
    CHECK_INT(acks[0].id, TDS_FEATURE_UTF8_SUPPORT);
    CHECK_BYTES(acks[0].data.data, acks[0].data.length, "\x01", 1);
    CHECK_INT(acks[1].id, TDS_FEATURE_DATACLASSIFICATION);
    CHECK_BYTES(acks[1].data.data, acks[1].data.length, "\x02\x00", 2);
    CHECK_INT(tds_features_answer(&login, &state, acks), 3);
    CHECK_INT(acks[0].id, TDS_FEATURE_SESSIONRECOVERY);
    tds_pool_clear(&pool);
}

static void
a_cut_login_is_refused_at_every_byte(void)
{
    uint8_t m[512];
    size_t length = build_login(m);

    for (size_t n = 0; n < length; n++) {
        for (int declared = 0; declared < 2; declared++) {
            uint8_t *cut = malloc(n + 1);
            TdsPool pool;
            TdsLogin login;
            const char *detail;

            tds_pool_init(&pool);
            memcpy(cut, m, n);
            if (declared && n >= 2) { /* a length that agrees with the cut */
                cut[0] = (uint8_t) n;
                cut[1] = (uint8_t) (n >> 8);
            }
            CHECK(tds_login_parse(cut, n, &pool.memory, &login, &detail) != TDS_OK);
            CHECK(detail != NULL);
            tds_login_wipe(cut, n, &login);
            tds_pool_clear(&pool);
            free(cut);
        }
    }
}

/* Every single byte set to every interesting value: any result, no bad access. */
static void
mutated_logins_do_no_harm(void)
{
    static const uint8_t values[] = {0, 1, 0x7F, 0x80, 0xFF};
    uint8_t m[512];
    size_t length = build_login(m);
    int refused = 0;

    for (size_t i = 0; i < length; i++) {
        for (size_t v = 0; v < sizeof(values); v++) {
            uint8_t *copy = malloc(length);
            TdsPool pool;
            TdsLogin login;
            TdsFeatureAck acks[TDS_FEATURE_ACK_MAX];
            const char *detail;

            tds_pool_init(&pool);
            memcpy(copy, m, length);
            copy[i] = values[v];
            if (tds_login_parse(copy, length, &pool.memory, &login, &detail) == TDS_OK)
                tds_features_answer(&login, NULL, acks);
            else
                refused++;
            tds_login_wipe(copy, length, &login);
            tds_pool_clear(&pool);
            free(copy);
        }
    }
    CHECK(refused > 50);
}

static void
old_logins_have_a_shorter_fixed_part(void)
{
    uint8_t m[128] = {0};
    TdsPool pool;
    TdsLogin login;
    const char *detail;

    tds_pool_init(&pool);
    m[0] = 90;
    m[4] = 1;
    m[7] = 0x71;
    m[40] = 86;
    m[42] = 2;
    m[86] = 's';
    m[88] = 'a';
    CHECK_INT(tds_login_parse(m, 90, &pool.memory, &login, &detail), TDS_OK);
    CHECK_INT(login.version, TDS_7_1);
    CHECK_STR(login.user_name.data, "sa");
    CHECK_STR(login.new_password.data, "");
    m[7] = 0x60;
    CHECK_INT(tds_login_parse(m, 90, &pool.memory, &login, &detail), TDS_UNSUPPORTED);
    tds_pool_clear(&pool);
}

static void
versions_are_negotiated(void)
{
    CHECK_INT(tds_version_from_login(0x70000000), TDS_7_0);
    CHECK_INT(tds_version_from_login(0x71000001), TDS_7_1);
    CHECK_INT(tds_version_from_login(0x72090002), TDS_7_2);
    CHECK_INT(tds_version_from_login(0x730A0003), TDS_7_3);
    CHECK_INT(tds_version_from_login(0x730B0003), TDS_7_3B);
    CHECK_INT(tds_version_from_login(0x74000004), TDS_7_4);
    CHECK_INT(tds_version_from_login(0x08000000), TDS_8_0);
    CHECK_INT(tds_version_from_login(0x75000000), TDS_7_4);
    CHECK_INT(tds_version_from_login(0x42000000), 0);
    CHECK_INT(tds_version_loginack(TDS_7_1, 0x71000001), 0x71000001);
    CHECK_INT(tds_version_loginack(TDS_7_1, 0x71000000), 0x07010000);
    CHECK_INT(tds_version_loginack(TDS_7_4, 0x75000000), 0x74000004);
    CHECK_INT(tds_version_loginack(TDS_8_0, 0x08000000), 0x08000000);
}

static void
recovery_data_is_parsed_and_cut_data_refused(void)
{
    uint8_t bytes[64];
    size_t length = unhex("13000000 01 6400 05 0904D00034 01 7500 01 01 AA 02 00"
                          "07000000 00 00 00 01 02 0304",
                          bytes, sizeof(bytes));
    TdsFeature feature = {TDS_FEATURE_SESSIONRECOVERY, {bytes, length}};
    TdsPool pool;
    TdsRecovery recovery;

    tds_pool_init(&pool);
    bytes[0] = 17;
    CHECK(tds_recovery_parse(&feature, &pool.memory, &recovery));
    CHECK_STR(recovery.initial_database.data, "d");
    CHECK(recovery.has_initial_collation && !recovery.has_collation);
    CHECK_INT(recovery.initial_states.length, 5);
    CHECK_INT(recovery.states.length, 4);
    for (feature.data.length = 1; feature.data.length < length; feature.data.length++)
        CHECK(!tds_recovery_parse(&feature, &pool.memory, &recovery));
    tds_pool_clear(&pool);
}

int
main(void)
{
    RUN(the_prelogin_example_is_understood);
    RUN(a_cut_prelogin_is_refused_at_every_byte);
    RUN(prelogin_options_outside_the_message_are_refused);
    RUN(unknown_prelogin_options_are_passed_over);
    RUN(the_prelogin_reply_is_read_back);
    RUN(encryption_is_settled_as_the_table_says);
    RUN(the_login_example_is_understood);
    RUN(passwords_are_unscrambled_and_wiped);
    RUN(features_are_walked_and_answered);
    RUN(a_cut_login_is_refused_at_every_byte);
    RUN(mutated_logins_do_no_harm);
    RUN(old_logins_have_a_shorter_fixed_part);
    RUN(versions_are_negotiated);
    RUN(recovery_data_is_parsed_and_cut_data_refused);
    return check_done();
}
