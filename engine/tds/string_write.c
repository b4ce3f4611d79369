/*
 * Text, binary and (max) streams to the wire. See value.h.
 */
#include "tds/unicode.h"
#include "tds/value.h"

#include <assert.h>

/* What stands before the length of text, ntext and image in rows: a text pointer and a timestamp
 * that mean nothing, since READTEXT and its kin address columns otherwise. */
static void
put_text_pointer(TdsOut *out)
{
    tds_put_u8(out, 16);
    tds_put_bytes(out, "casement pointer", 16);
    tds_put_bytes(out, "casement", 8);
}

/* The head of a value of n bytes that follows whole; `end` below closes it. */
static void
put_head(TdsOut *out, const TdsTypeInfo *info, uint64_t n)
{
    switch (tds_type_kind(info->type)) {
    case TDS_KIND_LEGACY:
        tds_put_u8(out, (uint8_t) n);
        break;
    case TDS_KIND_LONG:
        put_text_pointer(out);
        tds_put_u32(out, (uint32_t) n);
        break;
    default:
        if (!tds_type_is_plp(info)) {
            tds_put_u16(out, (uint16_t) n);
            break;
        }
        tds_put_u64(out, n);
        if (n > 0)
            tds_put_u32(out, (uint32_t) n);
        break;
    }
}

static void
put_tail(TdsOut *out, const TdsTypeInfo *info)
{
    if (tds_type_is_plp(info))
        tds_put_u32(out, 0);
}

/* The most bytes that a value of this type may have in one piece. */
static size_t
max_bytes(const TdsTypeInfo *info)
{
    if (tds_type_is_plp(info) || tds_type_kind(info->type) == TDS_KIND_LONG)
        return TDS_LONG_LENGTH;
    return info->length;
}

void
tds_put_binary(TdsOut *out, const TdsTypeInfo *info, const void *bytes, size_t length)
{
    size_t max = max_bytes(info);

    if (length > max)
        length = max;
    put_head(out, info, length);
    tds_put_bytes(out, bytes, length);
    put_tail(out, info);
}

static void
put_utf16_value(TdsOut *out, const TdsTypeInfo *info, const char *utf8, size_t length)
{
    size_t units;
    uint8_t *to;

    /* short nvarchar, the common case: convert first, then say how long it became */
    if (tds_type_kind(info->type) == TDS_KIND_USHORT && info->length != TDS_PLP_LENGTH &&
        length * 2 <= info->length && (to = tds_out_reserve(out, 2 + length * 2)) != NULL) {
        size_t used;
        size_t written = tds_utf8_to_utf16(utf8, length, to + 2, length * 2, &used);

        to[0] = (uint8_t) written;
        to[1] = (uint8_t) (written >> 8);
        tds_out_advance(out, 2 + written);
        return;
    }
    units = tds_utf16_units_within(utf8, &length, max_bytes(info) / 2);
    put_head(out, info, units * 2);
    tds_put_utf16(out, utf8, length);
    put_tail(out, info);
}

static void
put_codepage_value(
    TdsOut *out, const TdsTypeInfo *info, const char *utf8, size_t length, const TdsMemory *memory)
{
    unsigned codepage = tds_collation_codepage(&info->collation);
    TdsBytes bytes = tds_codepage_encode(codepage, utf8, length, memory);
    size_t max = max_bytes(info);
    size_t n = bytes.length;

    if (n > max) {
        n = max - tds_codepage_incomplete_tail(codepage, bytes.data, max);
    }
    put_head(out, info, n);
    tds_put_bytes(out, bytes.data, n);
    put_tail(out, info);
    if (bytes.data != NULL && bytes.data != (const uint8_t *) utf8)
        memory->resize(memory->context, (uint8_t *) (uintptr_t) bytes.data, length + 4, 0);
}

void
tds_put_text(
    TdsOut *out, const TdsTypeInfo *info, const char *utf8, size_t length, const TdsMemory *memory)
{
    if (tds_type_is_utf16(info->type))
        put_utf16_value(out, info, utf8, length);
    else
        put_codepage_value(out, info, utf8, length, memory);
}

/* ----------------------------------------------------------------- streams */

void
tds_plp_begin(TdsPlpWriter *writer,
              TdsOut *out,
              const TdsTypeInfo *info,
              uint64_t total,
              const TdsMemory *memory)
{
    memset(writer, 0, sizeof(*writer));
    writer->out = out;
    writer->info = info;
    writer->memory = memory;
    writer->chunked = tds_type_is_plp(info);
    if (writer->chunked) {
        tds_put_u64(out, total);
    } else {
        assert(total != TDS_PLP_UNKNOWN);
        put_head(out, info, total);
    }
}

void
tds_plp_put_bytes(TdsPlpWriter *writer, const void *bytes, size_t length)
{
    if (length == 0)
        return; /* an empty chunk would end the value */
    if (writer->chunked)
        tds_put_u32(writer->out, (uint32_t) length);
    tds_put_bytes(writer->out, bytes, length);
}

/* Whole characters. */
static void
put_stream_text(TdsPlpWriter *writer, const char *utf8, size_t length)
{
    if (length == 0)
        return;
    if (tds_type_is_utf16(writer->info->type)) {
        if (writer->chunked)
            tds_put_u32(writer->out, (uint32_t) (tds_utf16_units(utf8, length) * 2));
        tds_put_utf16(writer->out, utf8, length);
    } else {
        TdsBytes bytes = tds_codepage_encode(tds_collation_codepage(&writer->info->collation), utf8,
                                             length, writer->memory);

        tds_plp_put_bytes(writer, bytes.data, bytes.length);
        if (bytes.data != NULL && bytes.data != (const uint8_t *) utf8)
            writer->memory->resize(writer->memory->context, (uint8_t *) (uintptr_t) bytes.data,
                                   length + 4, 0);
    }
}

void
tds_plp_put_text(TdsPlpWriter *writer, const char *utf8, size_t length)
{
    size_t tail;

    /* complete what the last chunk left over */
    while (writer->tail_length > 0 && length > 0) {
        writer->tail[writer->tail_length++] = *utf8++;
        length--;
        if (writer->tail_length == 4 ||
            tds_utf8_incomplete_tail(writer->tail, writer->tail_length) != writer->tail_length) {
            /* complete, or proved wrong; a byte that begins something new is kept again */
            size_t keep = tds_utf8_incomplete_tail(writer->tail, writer->tail_length);
            size_t whole = writer->tail_length - keep;

            put_stream_text(writer, writer->tail, whole);
            memmove(writer->tail, writer->tail + whole, keep);
            writer->tail_length = (uint8_t) keep;
        }
    }
    if (length == 0)
        return;
    tail = tds_utf8_incomplete_tail(utf8, length);
    put_stream_text(writer, utf8, length - tail);
    memcpy(writer->tail, utf8 + length - tail, tail);
    writer->tail_length = (uint8_t) tail;
}

void
tds_plp_end(TdsPlpWriter *writer)
{
    put_stream_text(writer, writer->tail, writer->tail_length);
    writer->tail_length = 0;
    if (writer->chunked)
        tds_put_u32(writer->out, 0);
}
