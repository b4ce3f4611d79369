/*
 * ENVCHANGE and SESSIONSTATE (MS-TDS 2.2.7.9, 2.2.7.21). See token.h.
 */
#include "tds/token.h"
#include "tds/unicode.h"

#include <stdio.h>

void
tds_put_env_text(TdsOut *out, TdsEnvChange kind, const char *new_value, const char *old_value)
{
    const char *new_text = new_value != NULL ? new_value : "";
    const char *old_text = old_value != NULL ? old_value : "";
    size_t new_length = strlen(new_text);
    size_t old_length = strlen(old_text);
    size_t new_units = tds_utf16_units_within(new_text, &new_length, 255);
    size_t old_units = tds_utf16_units_within(old_text, &old_length, 255);

    tds_put_u8(out, TDS_TOKEN_ENVCHANGE);
    tds_put_u16(out, (uint16_t) (1 + 1 + new_units * 2 + 1 + old_units * 2));
    tds_put_u8(out, (uint8_t) kind);
    tds_put_b_varchar(out, new_text, new_length);
    tds_put_b_varchar(out, old_text, old_length);
}

void
tds_put_env_bytes(TdsOut *out,
                  TdsEnvChange kind,
                  const void *new_value,
                  size_t new_length,
                  const void *old_value,
                  size_t old_length)
{
    bool wide = kind == TDS_ENV_PROMOTE_TRAN; /* its new value has a four-byte length */
    size_t max = wide ? 0x8000 : 255;

    if (new_length > max)
        new_length = max;
    if (old_length > 255)
        old_length = 255;
    tds_put_u8(out, TDS_TOKEN_ENVCHANGE);
    tds_put_u16(out, (uint16_t) (1 + (wide ? 4 : 1) + new_length + 1 + old_length));
    tds_put_u8(out, (uint8_t) kind);
    if (wide)
        tds_put_u32(out, (uint32_t) new_length);
    else
        tds_put_u8(out, (uint8_t) new_length);
    tds_put_bytes(out, new_value, new_length);
    tds_put_u8(out, (uint8_t) old_length);
    tds_put_bytes(out, old_value, old_length);
}

void
tds_put_env_transaction(TdsOut *out, TdsVersion version, TdsEnvChange kind, uint64_t descriptor)
{
    uint8_t bytes[8];

    if (version < TDS_7_2)
        return;
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t) (descriptor >> (8 * i));
    if (kind == TDS_ENV_BEGIN_TRAN || kind == TDS_ENV_ENLIST_DTC)
        tds_put_env_bytes(out, kind, bytes, 8, NULL, 0);
    else
        tds_put_env_bytes(out, kind, NULL, 0, bytes, 8);
}

void
tds_put_env_packet_size(TdsOut *out, uint32_t new_size, uint32_t old_size)
{
    char new_text[16];
    char old_text[16];

    snprintf(new_text, sizeof(new_text), "%u", (unsigned) new_size);
    snprintf(old_text, sizeof(old_text), "%u", (unsigned) old_size);
    tds_put_env_text(out, TDS_ENV_PACKET_SIZE, new_text, old_text);
}

void
tds_put_env_collation(TdsOut *out, const TdsCollation *new_value, const TdsCollation *old_value)
{
    tds_put_env_bytes(out, TDS_ENV_COLLATION, new_value != NULL ? new_value->bytes : NULL,
                      new_value != NULL ? 5 : 0, old_value != NULL ? old_value->bytes : NULL,
                      old_value != NULL ? 5 : 0);
}

void
tds_put_env_reset(TdsOut *out)
{
    tds_put_env_bytes(out, TDS_ENV_RESET, NULL, 0, NULL, 0);
}

void
tds_put_env_routing(TdsOut *out, const char *server, uint16_t port)
{
    size_t length = strlen(server);
    size_t units = tds_utf16_units_within(server, &length, 1024);
    size_t value = 1 + 2 + 2 + units * 2;

    tds_put_u8(out, TDS_TOKEN_ENVCHANGE);
    tds_put_u16(out, (uint16_t) (1 + 2 + value + 2));
    tds_put_u8(out, TDS_ENV_ROUTING);
    tds_put_u16(out, (uint16_t) value);
    tds_put_u8(out, 0); /* protocol: TCP */
    tds_put_u16(out, port);
    tds_put_us_varchar(out, server, length);
    tds_put_u16(out, 0); /* old value */
}

/* ---------------------------------------------------------- session state */

static size_t
state_bytes(const TdsSessionState *state)
{
    return 1 + (state->value.length >= 0xFF ? 5 : 1) + state->value.length;
}

void
tds_put_session_state(
    TdsOut *out, uint32_t sequence, bool recoverable, const TdsSessionState *states, size_t count)
{
    size_t length = 4 + 1;

    for (size_t i = 0; i < count; i++)
        length += state_bytes(&states[i]);
    tds_put_u8(out, TDS_TOKEN_SESSIONSTATE);
    tds_put_u32(out, (uint32_t) length);
    tds_put_u32(out, sequence);
    tds_put_u8(out, recoverable ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        tds_put_u8(out, states[i].id);
        if (states[i].value.length >= 0xFF) {
            tds_put_u8(out, 0xFF);
            tds_put_u32(out, (uint32_t) states[i].value.length);
        } else {
            tds_put_u8(out, (uint8_t) states[i].value.length);
        }
        tds_put_bytes(out, states[i].value.data, states[i].value.length);
    }
}

TdsBytes
tds_session_state_block(const TdsSessionState *states, size_t count, const TdsMemory *memory)
{
    TdsBytes block = {NULL, 0};
    size_t length = 0;
    uint8_t *at;

    for (size_t i = 0; i < count; i++)
        length += state_bytes(&states[i]);
    at = tds_allocate(memory, length);
    if (at == NULL)
        return block;
    block.data = at;
    block.length = length;
    for (size_t i = 0; i < count; i++) {
        size_t n = states[i].value.length;

        *at++ = states[i].id;
        *at++ = n >= 0xFF ? 0xFF : (uint8_t) n;
        for (int shift = 0; n >= 0xFF && shift < 32; shift += 8)
            *at++ = (uint8_t) (n >> shift);
        if (n > 0)
            memcpy(at, states[i].value.data, n);
        at += n;
    }
    return block;
}
