/*
 * Gathering of long values. See gather.h.
 */
#include "tds/gather.h"

#include "tds/unicode.h"

#define FIRST_CAPACITY 65536

void
tds_gather_init(TdsGather *gather, const TdsMemory *memory, const TdsTypeInfo *info, uint64_t hint)
{
    memset(gather, 0, sizeof(*gather));
    gather->memory = memory;
    if (info->type == TDS_XML) {
        gather->mode = TDS_GATHER_XML;
    } else if (tds_type_is_utf16(info->type)) {
        gather->mode = TDS_GATHER_UTF16;
        hint /= 2;
    } else if (tds_type_is_text(info->type)) {
        gather->mode = TDS_GATHER_CODEPAGE;
        gather->codepage = tds_collation_codepage(&info->collation);
    } else {
        gather->mode = TDS_GATHER_BYTES;
    }
    gather->capacity = hint > 0 && hint < FIRST_CAPACITY ? (size_t) hint + 1 : 256;
    if (hint >= FIRST_CAPACITY)
        gather->capacity = FIRST_CAPACITY;
    gather->data = tds_allocate(memory, gather->capacity);
    gather->failed = gather->data == NULL;
}

/* Room for n more bytes and the NUL. */
static bool
reserve(TdsGather *gather, size_t n)
{
    size_t capacity = gather->capacity;
    char *data;

    if (gather->failed)
        return false;
    if (capacity - gather->length > n)
        return true;
    while (capacity - gather->length <= n)
        capacity *= 2;
    data =
        gather->memory->resize(gather->memory->context, gather->data, gather->capacity, capacity);
    if (data == NULL) {
        gather->failed = true;
        return false;
    }
    gather->data = data;
    gather->capacity = capacity;
    return true;
}

static size_t
add_utf16(TdsGather *gather, const uint8_t *bytes, size_t length, bool last)
{
    size_t units = length / 2;

    /* a high surrogate at the end waits for its other half */
    if (!last && units > 0 && (bytes[units * 2 - 1] & 0xFC) == 0xD8)
        units--;
    if (reserve(gather, units * 3))
        gather->length += tds_utf16_to_utf8(bytes, units, gather->data + gather->length);
    return last ? length : units * 2;
}

static size_t
add_codepage(TdsGather *gather, const uint8_t *bytes, size_t length, bool last)
{
    size_t tail = last ? 0 : tds_codepage_incomplete_tail(gather->codepage, bytes, length);
    TdsText text = tds_codepage_decode(gather->codepage, bytes, length - tail, gather->memory);

    if (text.data == NULL) {
        gather->failed = true;
    } else {
        if (reserve(gather, text.length)) {
            memcpy(gather->data + gather->length, text.data, text.length);
            gather->length += text.length;
        }
        gather->memory->resize(gather->memory->context, (char *) (uintptr_t) text.data,
                               text.length + 1, 0);
    }
    return length - tail;
}

/* Settles how the XML is encoded by its first bytes; returns the length of the byte order mark. */
static size_t
start_xml(TdsGather *gather, const uint8_t *bytes, size_t length)
{
    gather->codepage = 65001;
    gather->mode = TDS_GATHER_CODEPAGE;
    if (length >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF)
        return 3;
    if (length >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE) {
        gather->mode = TDS_GATHER_UTF16;
        return 2;
    }
    /* markup and white space are ASCII in both */
    if (length >= 2 && bytes[0] != 0 && bytes[1] == 0)
        gather->mode = TDS_GATHER_UTF16;
    return 0;
}

size_t
tds_gather_add(TdsGather *gather, const uint8_t *bytes, size_t length, bool last)
{
    size_t skip = 0;

    if (gather->mode == TDS_GATHER_XML) {
        if (!last && length < 4)
            return 0;
        skip = start_xml(gather, bytes, length);
    }
    switch (gather->mode) {
    case TDS_GATHER_UTF16:
        return skip + add_utf16(gather, bytes + skip, length - skip, last);
    case TDS_GATHER_CODEPAGE:
        return skip + add_codepage(gather, bytes + skip, length - skip, last);
    default:
        if (length > 0 && reserve(gather, length)) {
            memcpy(gather->data + gather->length, bytes, length);
            gather->length += length;
        }
        return length;
    }
}

bool
tds_gather_end(TdsGather *gather, TdsValue *value)
{
    if (!reserve(gather, 0))
        return false;
    gather->data[gather->length] = '\0';
    if (gather->mode == TDS_GATHER_BYTES) {
        value->kind = TDS_VALUE_BYTES;
        value->bytes.data = (const uint8_t *) gather->data;
        value->bytes.length = gather->length;
    } else {
        value->kind = TDS_VALUE_TEXT;
        value->text.data = gather->data;
        value->text.length = gather->length;
    }
    return true;
}
