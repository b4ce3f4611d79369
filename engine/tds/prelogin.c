/*
 * PRELOGIN, both ways. See prelogin.h.
 */
#include "tds/prelogin.h"

#define MAX_OPTIONS 32 /* there are eight; a client with more has something else in mind */

/* One option's data; `at` walks it. */
static bool
take_option(
    TdsReader *reader, uint8_t token, const uint8_t *at, size_t length, TdsPrelogin *prelogin)
{
    TdsReader option;
    size_t n;

    tds_reader_init(&option, at, length);
    switch (token) {
    case TDS_PRELOGIN_VERSION:
        prelogin->has_version = true;
        tds_read_bytes(&option, prelogin->version, 4);
        prelogin->sub_build = tds_read_u16(&option);
        break;
    case TDS_PRELOGIN_ENCRYPTION:
        prelogin->has_encryption = true;
        prelogin->encryption = tds_read_u8(&option);
        break;
    case TDS_PRELOGIN_INSTOPT:
        prelogin->has_instance = true;
        n = 0;
        while (n < length && at[n] != '\0' && n < sizeof(prelogin->instance) - 1)
            n++;
        memcpy(prelogin->instance, at, n);
        prelogin->instance[n] = '\0';
        break;
    case TDS_PRELOGIN_THREADID:
        /* a server's reply has it empty */
        prelogin->has_thread_id = length > 0;
        if (length > 0)
            prelogin->thread_id = tds_read_u32be(&option);
        break;
    case TDS_PRELOGIN_MARS:
        prelogin->has_mars = true;
        prelogin->mars = tds_read_u8(&option) == 1;
        break;
    case TDS_PRELOGIN_TRACEID:
        prelogin->has_trace_id = length > 0;
        if (length > 0) {
            tds_read_bytes(&option, prelogin->connection_id, 16);
            tds_read_bytes(&option, prelogin->activity_id, 16);
            prelogin->activity_sequence = tds_read_u32(&option);
        }
        break;
    case TDS_PRELOGIN_FEDAUTHREQUIRED:
        prelogin->has_fedauth = true;
        prelogin->fedauth_required = tds_read_u8(&option);
        break;
    case TDS_PRELOGIN_NONCEOPT:
        prelogin->has_nonce = true;
        tds_read_bytes(&option, prelogin->nonce, 32);
        break;
    default:
        break; /* later versions' options are passed over */
    }
    if (option.status != TDS_OK)
        return tds_reader_fail(reader, TDS_MALFORMED, "PRELOGIN option of the wrong length");
    return true;
}

bool
tds_prelogin_parse(TdsReader *reader, TdsPrelogin *prelogin)
{
    const uint8_t *start = reader->cur;
    size_t size = (size_t) (reader->end - start);

    memset(prelogin, 0, sizeof(*prelogin));
    for (int i = 0; reader->status == TDS_OK; i++) {
        uint8_t token = tds_read_u8(reader);
        uint16_t offset, length;

        if (reader->status != TDS_OK || token == TDS_PRELOGIN_TERMINATOR)
            break;
        if (i == MAX_OPTIONS)
            return tds_reader_fail(reader, TDS_MALFORMED, "too many PRELOGIN options");
        offset = tds_read_u16be(reader);
        length = tds_read_u16be(reader);
        if (reader->status != TDS_OK)
            break;
        if (offset > size || length > size - offset)
            return tds_reader_fail(reader, TDS_MALFORMED, "PRELOGIN option outside the message");
        if (!take_option(reader, token, start + offset, length, prelogin))
            return false;
    }
    return reader->status == TDS_OK;
}

void
tds_put_prelogin(TdsOut *out, const TdsPreloginReply *reply)
{
    struct {
        uint8_t token;
        uint8_t length;
    } options[7] = {
        {TDS_PRELOGIN_VERSION, 6},  {TDS_PRELOGIN_ENCRYPTION, 1}, {TDS_PRELOGIN_INSTOPT, 1},
        {TDS_PRELOGIN_THREADID, 0}, {TDS_PRELOGIN_MARS, 1},
    };
    unsigned count = 5;
    uint16_t offset;

    if (reply->answer_fedauth) {
        options[count].token = TDS_PRELOGIN_FEDAUTHREQUIRED;
        options[count++].length = 1;
    }
    if (reply->nonce != NULL) {
        options[count].token = TDS_PRELOGIN_NONCEOPT;
        options[count++].length = 32;
    }
    offset = (uint16_t) (count * 5 + 1);
    for (unsigned i = 0; i < count; i++) {
        tds_put_u8(out, options[i].token);
        tds_put_u16be(out, offset);
        tds_put_u16be(out, options[i].length);
        offset = (uint16_t) (offset + options[i].length);
    }
    tds_put_u8(out, TDS_PRELOGIN_TERMINATOR);
    tds_put_bytes(out, reply->version, 4);
    tds_put_u16(out, reply->sub_build);
    tds_put_u8(out, reply->encryption);
    tds_put_u8(out, reply->instance_matches ? 0 : 1);
    tds_put_u8(out, reply->mars ? 1 : 0);
    if (reply->answer_fedauth)
        tds_put_u8(out, reply->fedauth_required);
    if (reply->nonce != NULL)
        tds_put_bytes(out, reply->nonce, 32);
}

TdsEncryptionUse
tds_prelogin_encryption(const TdsPrelogin *prelogin, bool have_tls, bool force, uint8_t *answer)
{
    uint8_t asked = prelogin->has_encryption
                        ? (uint8_t) (prelogin->encryption & ~TDS_ENCRYPT_CLIENT_CERT)
                        : (uint8_t) TDS_ENCRYPT_NOT_SUP;

    if (!have_tls) {
        *answer = TDS_ENCRYPT_NOT_SUP;
        return asked == TDS_ENCRYPT_ON || asked == TDS_ENCRYPT_REQ || force ? TDS_USE_REFUSE
                                                                            : TDS_USE_NO_TLS;
    }
    switch (asked) {
    case TDS_ENCRYPT_ON:
    case TDS_ENCRYPT_REQ:
        *answer = TDS_ENCRYPT_ON;
        return TDS_USE_TLS;
    case TDS_ENCRYPT_OFF:
        *answer = force ? TDS_ENCRYPT_REQ : TDS_ENCRYPT_OFF;
        return force ? TDS_USE_TLS : TDS_USE_TLS_FOR_LOGIN;
    case TDS_ENCRYPT_NOT_SUP:
        *answer = force ? TDS_ENCRYPT_REQ : TDS_ENCRYPT_NOT_SUP;
        return force ? TDS_USE_REFUSE : TDS_USE_NO_TLS;
    default:
        *answer = TDS_ENCRYPT_NOT_SUP;
        return TDS_USE_REFUSE;
    }
}
