/*
 * LOGIN7. The variable fields are one table: where their offset stands, how long they may be, and
 * where they go. See login7.h.
 */
#include "tds/login7.h"

#include "tds/unicode.h"

#include <stddef.h>

#define FIXED_7_1 86 /* up to AtchDBFile */
#define FIXED_7_2 94 /* with ChangePassword and cbSSPILong */

#define AT_PASSWORD 44
#define AT_EXTENSION 56
#define AT_CLIENT_ID 72
#define AT_SSPI 78
#define AT_CHANGE_PASSWORD 86
#define AT_SSPI_LONG 90

/* Limits are the protocol's, in characters (2.2.6.4). */
static const struct {
    uint8_t at;
    uint16_t max;
    size_t field;
    const char *wrong;
} texts[] = {
#define FIELD(name, at, max)                                                                       \
    {                                                                                              \
        at, max, offsetof(TdsLogin, name), "LOGIN7 " #name " lies outside or is too long"          \
    }
    FIELD(host_name, 36, 128),         FIELD(user_name, 40, 128),
    FIELD(password, AT_PASSWORD, 128), FIELD(app_name, 48, 128),
    FIELD(server_name, 52, 128),       FIELD(library_name, 60, 128),
    FIELD(language, 64, 128),          FIELD(database, 68, 128),
    FIELD(attach_file, 82, 260),       FIELD(new_password, AT_CHANGE_PASSWORD, 128),
#undef FIELD
};

static uint16_t
get16(const uint8_t *p)
{
    return (uint16_t) (p[0] | p[1] << 8);
}

static uint32_t
get32(const uint8_t *p)
{
    return (uint32_t) get16(p) | (uint32_t) get16(p + 2) << 16;
}

void
tds_password_scramble(uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t) ((bytes[i] << 4 | bytes[i] >> 4) ^ 0xA5);
}

void
tds_password_unscramble(uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint8_t b = bytes[i] ^ 0xA5;

        bytes[i] = (uint8_t) (b << 4 | b >> 4);
    }
}

/* The bytes of a text field of `max` characters: false when it lies outside. Empty fields have no
 * place: their offset is not looked at. */
static bool
locate(const uint8_t *message,
       size_t length,
       size_t fixed,
       uint8_t at,
       size_t max,
       size_t *from,
       size_t *bytes)
{
    *from = get16(message + at);
    *bytes = (size_t) get16(message + at + 2) * 2;
    if (*bytes == 0) {
        *from = fixed;
        return true;
    }
    return *bytes <= max * 2 && *from >= fixed && *from <= length && *bytes <= length - *from;
}

static void
parse_fixed(const uint8_t *m, TdsLogin *login)
{
    login->wire_version = get32(m + 4);
    login->version = tds_version_from_login(login->wire_version);
    login->packet_size = get32(m + 8);
    login->client_version = get32(m + 12);
    login->client_pid = get32(m + 16);
    login->connection_id = get32(m + 20);
    login->big_endian = (m[24] & 0x01) != 0;
    login->ebcdic = (m[24] & 0x02) != 0;
    login->float_format = m[24] >> 2 & 0x03;
    login->use_db_notify = (m[24] & 0x20) != 0;
    login->database_fatal = (m[24] & 0x40) != 0;
    login->set_language_warn = (m[24] & 0x80) != 0;
    login->language_fatal = (m[25] & 0x01) != 0;
    login->odbc = (m[25] & 0x02) != 0;
    login->user_type = m[25] >> 4 & 0x07;
    login->integrated_security = (m[25] & 0x80) != 0;
    login->sql_type = m[26] & 0x0F;
    login->oledb = (m[26] & 0x10) != 0;
    login->read_only_intent = (m[26] & 0x20) != 0;
    login->change_password = (m[27] & 0x01) != 0;
    login->send_yukon_binary_xml = (m[27] & 0x02) != 0;
    login->user_instance = (m[27] & 0x04) != 0;
    login->unknown_collation_handling = (m[27] & 0x08) != 0;
    login->extension_used = (m[27] & 0x10) != 0;
    login->time_zone = (int32_t) get32(m + 28);
    login->lcid = get32(m + 32);
    memcpy(login->client_id, m + AT_CLIENT_ID, 6);
}

/* The FeatureExt block: {id, DWORD length, data}* 0xFF. */
static TdsStatus
parse_features(const uint8_t *m, size_t length, size_t fixed, TdsLogin *login, const char **detail)
{
    uint32_t pointer = get16(m + AT_EXTENSION);
    uint32_t start, at;

    *detail = "LOGIN7 feature extension lies outside the message";
    if (get16(m + AT_EXTENSION + 2) < 4 || pointer < fixed || pointer > length ||
        length - pointer < 4)
        return TDS_MALFORMED;
    start = at = get32(m + pointer);
    if (start < fixed || start >= length)
        return TDS_MALFORMED;
    *detail = "LOGIN7 feature extension is not ended";
    while (m[at] != TDS_FEATURE_TERMINATOR) {
        uint32_t data;

        if (length - at < 6) /* id, length and at least the terminator after it */
            return TDS_TRUNCATED;
        data = get32(m + at + 1);
        if (data > length - at - 6)
            return TDS_TRUNCATED;
        at += 5 + data;
    }
    login->features.data = m + start;
    login->features.length = at - start;
    *detail = NULL;
    return TDS_OK;
}

static TdsStatus
parse_sspi(const uint8_t *m, size_t length, size_t fixed, TdsLogin *login, const char **detail)
{
    size_t from = get16(m + AT_SSPI);
    size_t bytes = get16(m + AT_SSPI + 2);

    if (bytes == 0xFFFF && fixed >= FIXED_7_2 && get32(m + AT_SSPI_LONG) > 0)
        bytes = get32(m + AT_SSPI_LONG);
    if (bytes == 0)
        return TDS_OK;
    if (from < fixed || from > length || bytes > length - from) {
        *detail = "LOGIN7 SSPI data lies outside the message";
        return TDS_MALFORMED;
    }
    login->sspi.data = m + from;
    login->sspi.length = bytes;
    return TDS_OK;
}

static TdsStatus
parse_texts(uint8_t *m,
            size_t length,
            size_t fixed,
            const TdsMemory *memory,
            TdsLogin *login,
            const char **detail)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TdsText *field = (TdsText *) ((char *) login + texts[i].field);
        TdsReader reader;
        size_t from, bytes;

        if (texts[i].at >= fixed) { /* not there in 7.0 and 7.1 */
            field->data = "";
            continue;
        }
        if (!locate(m, length, fixed, texts[i].at, texts[i].max, &from, &bytes)) {
            *detail = texts[i].wrong;
            return TDS_MALFORMED;
        }
        if (texts[i].at == AT_PASSWORD || texts[i].at == AT_CHANGE_PASSWORD)
            tds_password_unscramble(m + from, bytes);
        tds_reader_init(&reader, m + from, bytes);
        *field = tds_read_utf16(&reader, bytes / 2, memory);
        if (field->data == NULL) {
            *detail = "out of memory";
            return TDS_NO_MEMORY;
        }
    }
    return TDS_OK;
}

TdsStatus
tds_login_parse(
    uint8_t *message, size_t length, const TdsMemory *memory, TdsLogin *login, const char **detail)
{
    size_t fixed;
    uint32_t declared;
    TdsStatus status;

    memset(login, 0, sizeof(*login));
    *detail = NULL;
    if (length < FIXED_7_1) {
        *detail = "LOGIN7 ends inside its fixed part";
        return TDS_TRUNCATED;
    }
    if (length > TDS_LOGIN_MAX) {
        *detail = "LOGIN7 longer than 128 kB";
        return TDS_TOO_BIG;
    }
    declared = get32(message);
    if (declared < FIXED_7_1 || declared > length) {
        *detail = "LOGIN7 Length does not fit the message";
        return TDS_MALFORMED;
    }
    length = declared;
    parse_fixed(message, login);
    if (login->version == 0) {
        *detail = "TDS version below 7.0";
        return TDS_UNSUPPORTED;
    }
    fixed = login->version >= TDS_7_2 ? FIXED_7_2 : FIXED_7_1;
    if (length < fixed) {
        *detail = "LOGIN7 ends inside its fixed part";
        return TDS_TRUNCATED;
    }
    if (login->big_endian || login->ebcdic || login->float_format != 0) {
        *detail = "LOGIN7 asks for a byte order, character set or float format of another machine";
        return TDS_UNSUPPORTED;
    }
    status = parse_texts(message, length, fixed, memory, login, detail);
    if (status == TDS_OK)
        status = parse_sspi(message, length, fixed, login, detail);
    if (status == TDS_OK && login->extension_used && login->version >= TDS_7_4)
        status = parse_features(message, length, fixed, login, detail);
    return status;
}

/* A memset that the compiler may not leave out. */
static void
wipe(void *at, size_t length)
{
    volatile uint8_t *p = at;

    while (length-- > 0)
        *p++ = 0;
}

void
tds_login_wipe(uint8_t *message, size_t length, TdsLogin *login)
{
    size_t fixed = login->version >= TDS_7_2 ? FIXED_7_2 : FIXED_7_1;
    size_t from, bytes;

    if (message != NULL && length >= fixed) {
        if (locate(message, length, fixed, AT_PASSWORD, 128, &from, &bytes))
            wipe(message + from, bytes);
        if (fixed > AT_CHANGE_PASSWORD &&
            locate(message, length, fixed, AT_CHANGE_PASSWORD, 128, &from, &bytes))
            wipe(message + from, bytes);
    }
    if (login->password.length > 0)
        wipe((char *) (uintptr_t) login->password.data, login->password.length);
    if (login->new_password.length > 0)
        wipe((char *) (uintptr_t) login->new_password.data, login->new_password.length);
    login->password.length = login->new_password.length = 0;
}

uint32_t
tds_login_packet_size(const TdsLogin *login)
{
    if (login->packet_size == 0)
        return 4096;
    if (login->packet_size < 512)
        return 512;
    return login->packet_size > 32767 ? 32767 : login->packet_size;
}

bool
tds_login_next_feature(const TdsLogin *login, size_t *position, TdsFeature *feature)
{
    const uint8_t *at;

    if (*position >= login->features.length)
        return false;
    /* parse_features has checked the block */
    at = login->features.data + *position;
    feature->id = at[0];
    feature->data.data = at + 5;
    feature->data.length = get32(at + 1);
    *position += 5 + feature->data.length;
    return true;
}

bool
tds_login_find_feature(const TdsLogin *login, uint8_t id, TdsFeature *feature)
{
    size_t position = 0;

    while (tds_login_next_feature(login, &position, feature))
        if (feature->id == id)
            return true;
    return false;
}
