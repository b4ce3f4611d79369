/*
 * Reply tokens other than COLMETADATA and ENVCHANGE. See token.h.
 */
#include "tds/token.h"

#include "tds/unicode.h"

/* -------------------------------------------------------------------- rows */

void
tds_put_nbcrow_begin(TdsOut *out, const bool *nulls, unsigned count)
{
    uint8_t byte = 0;

    tds_put_u8(out, TDS_TOKEN_NBCROW);
    for (unsigned i = 0; i < count; i++) {
        if (nulls[i])
            byte |= (uint8_t) (1u << (i & 7));
        if ((i & 7) == 7) {
            tds_put_u8(out, byte);
            byte = 0;
        }
    }
    if ((count & 7) != 0)
        tds_put_u8(out, byte);
}

/* Bytes that a NULL takes in a ROW. */
static unsigned
null_bytes(const TdsTypeInfo *type)
{
    if (tds_type_is_plp(type))
        return 8;
    switch (tds_type_kind(type->type)) {
    case TDS_KIND_USHORT:
        return 2;
    case TDS_KIND_VARIANT:
        return 4;
    default:
        return 1;
    }
}

bool
tds_row_wants_nbc(TdsVersion version, const bool *nulls, unsigned count, const TdsColumn *columns)
{
    unsigned saved = 0;
    unsigned bitmap = (count + 7) / 8;

    if (version < TDS_7_3B)
        return false;
    for (unsigned i = 0; i < count; i++) {
        if (nulls[i])
            saved += null_bytes(&columns[i].type);
        if (saved > bitmap)
            return true;
    }
    return false;
}

/* ------------------------------------------------- what goes with a result */

void
tds_put_order(TdsOut *out, const uint16_t *columns, unsigned count)
{
    if (count > 0x7FFF)
        count = 0x7FFF;
    tds_put_u8(out, TDS_TOKEN_ORDER);
    tds_put_u16(out, (uint16_t) (count * 2));
    for (unsigned i = 0; i < count; i++)
        tds_put_u16(out, columns[i]);
}

static size_t
text_units(const TdsText *text)
{
    return text->length > 0 ? tds_utf16_units(text->data, text->length) : 0;
}

void
tds_put_tabname(TdsOut *out, TdsVersion version, const TdsTableName *tables, unsigned count)
{
    size_t length = 0;

    for (unsigned i = 0; i < count; i++) {
        length += version >= TDS_7_2 ? 1 : 2;
        for (unsigned k = 0; k < 4; k++) {
            bool there = tables[i].part[k].data != NULL;

            if (version >= TDS_7_2 ? there : k == 3)
                length += text_units(&tables[i].part[k]) * 2 + (version >= TDS_7_2 ? 2 : 0);
        }
    }
    tds_put_u8(out, TDS_TOKEN_TABNAME);
    tds_put_u16(out, (uint16_t) length);
    for (unsigned i = 0; i < count; i++) {
        unsigned first = 0;

        if (version < TDS_7_2) {
            tds_put_us_varchar(out, tables[i].part[3].data, tables[i].part[3].length);
            continue;
        }
        while (first < 4 && tables[i].part[first].data == NULL)
            first++;
        tds_put_u8(out, (uint8_t) (4 - first));
        for (; first < 4; first++)
            tds_put_us_varchar(out, tables[i].part[first].data, tables[i].part[first].length);
    }
}

void
tds_put_colinfo(TdsOut *out, const TdsColInfo *columns, unsigned count)
{
    size_t length = 0;

    for (unsigned i = 0; i < count; i++) {
        length += 3;
        if ((columns[i].status & TDS_COLINFO_DIFFERENT_NAME) != 0)
            length += 1 + text_units(&columns[i].base_name) * 2;
    }
    tds_put_u8(out, TDS_TOKEN_COLINFO);
    tds_put_u16(out, (uint16_t) length);
    for (unsigned i = 0; i < count; i++) {
        tds_put_u8(out, columns[i].column);
        tds_put_u8(out, columns[i].table);
        tds_put_u8(out, columns[i].status);
        if ((columns[i].status & TDS_COLINFO_DIFFERENT_NAME) != 0)
            tds_put_b_varchar(out, columns[i].base_name.data, columns[i].base_name.length);
    }
}

/* -------------------------------------------------------------------- DONE */

void
tds_put_done(TdsOut *out,
             TdsVersion version,
             TdsToken token,
             uint16_t status,
             uint16_t command,
             uint64_t row_count)
{
    tds_put_u8(out, (uint8_t) token);
    tds_put_u16(out, status);
    tds_put_u16(out, command);
    if (version >= TDS_7_2)
        tds_put_u64(out, row_count);
    else
        tds_put_u32(out, row_count > UINT32_MAX ? UINT32_MAX : (uint32_t) row_count);
}

/* ------------------------------------------------------------------- login */

void
tds_put_loginack(TdsOut *out,
                 TdsVersion version,
                 uint32_t wire_version,
                 const char *product,
                 const uint8_t program_version[4])
{
    size_t length = strlen(product);
    size_t units = tds_utf16_units_within(product, &length, 255);

    tds_put_u8(out, TDS_TOKEN_LOGINACK);
    tds_put_u16(out, (uint16_t) (1 + 4 + 1 + units * 2 + 4));
    tds_put_u8(out, 1); /* interface: T-SQL */
    tds_put_u32be(out, tds_version_loginack(version, wire_version));
    tds_put_b_varchar(out, product, length);
    tds_put_bytes(out, program_version, 4);
}

void
tds_put_feature_ext_ack(TdsOut *out, const TdsFeatureAck *acks, size_t count)
{
    tds_put_u8(out, TDS_TOKEN_FEATUREEXTACK);
    for (size_t i = 0; i < count; i++) {
        tds_put_u8(out, acks[i].id);
        tds_put_u32(out, (uint32_t) acks[i].data.length);
        tds_put_bytes(out, acks[i].data.data, acks[i].data.length);
    }
    tds_put_u8(out, TDS_FEATURE_TERMINATOR);
}

void
tds_put_sspi(TdsOut *out, const void *bytes, size_t length)
{
    if (length > 0xFFFF)
        length = 0xFFFF;
    tds_put_u8(out, TDS_TOKEN_SSPI);
    tds_put_u16(out, (uint16_t) length);
    tds_put_bytes(out, bytes, length);
}

/* ---------------------------------------------------------------- messages */

void
tds_put_message(TdsOut *out, TdsVersion version, const TdsMessage *message)
{
    const char *text = message->text != NULL ? message->text : "";
    const char *server = message->server != NULL ? message->server : "";
    const char *procedure = message->procedure != NULL ? message->procedure : "";
    size_t text_length = strlen(text);
    size_t server_length = strlen(server);
    size_t procedure_length = strlen(procedure);
    size_t server_units = tds_utf16_units_within(server, &server_length, 255);
    size_t procedure_units = tds_utf16_units_within(procedure, &procedure_length, 255);
    size_t line_bytes = version >= TDS_7_2 ? 4 : 2;
    size_t around = 4 + 1 + 1 + 2 + 1 + server_units * 2 + 1 + procedure_units * 2 + line_bytes;
    size_t units = tds_utf16_units_within(text, &text_length, (0xFFFF - around) / 2);

    tds_put_u8(out, message->severity > 10 ? TDS_TOKEN_ERROR : TDS_TOKEN_INFO);
    tds_put_u16(out, (uint16_t) (around + units * 2));
    tds_put_u32(out, (uint32_t) message->number);
    tds_put_u8(out, message->state);
    tds_put_u8(out, message->severity);
    tds_put_us_varchar(out, text, text_length);
    tds_put_b_varchar(out, server, server_length);
    tds_put_b_varchar(out, procedure, procedure_length);
    if (version >= TDS_7_2)
        tds_put_u32(out, message->line);
    else
        tds_put_u16(out, (uint16_t) (message->line > 0xFFFF ? 0xFFFF : message->line));
}

/* -------------------------------------------------------------- procedures */

void
tds_put_return_status(TdsOut *out, int32_t value)
{
    tds_put_u8(out, TDS_TOKEN_RETURNSTATUS);
    tds_put_u32(out, (uint32_t) value);
}

void
tds_put_return_value_begin(TdsOut *out,
                           TdsVersion version,
                           uint16_t ordinal,
                           const char *name,
                           size_t name_length,
                           uint8_t status,
                           uint32_t user_type,
                           uint16_t flags,
                           const TdsTypeInfo *type)
{
    tds_put_u8(out, TDS_TOKEN_RETURNVALUE);
    tds_put_u16(out, ordinal);
    tds_put_b_varchar(out, name, name_length);
    tds_put_u8(out, status);
    if (version >= TDS_7_2)
        tds_put_u32(out, user_type);
    else
        tds_put_u16(out, (uint16_t) user_type);
    tds_put_u16(out, flags);
    tds_put_type_info(out, type, version);
}
