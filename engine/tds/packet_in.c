/*
 * TdsIn: packets in, messages out. See buffer.h. Memory grows with what has arrived, never with
 * what a header announces.
 */
#include "tds/buffer.h"

#define KEEP_CAPACITY ((size_t) 1 << 20)

void
tds_in_init(TdsIn *in, const TdsMemory *memory)
{
    memset(in, 0, sizeof(*in));
    in->memory = memory;
    in->max_packet = TDS_MAX_PACKET;
    in->max_message = 128 * 1024;
}

void
tds_in_done(TdsIn *in)
{
    if (in->buffer != NULL)
        in->memory->resize(in->memory->context, in->buffer, in->capacity, 0);
    memset(in, 0, sizeof(*in));
}

static TdsInEvent
fail(TdsIn *in, TdsStatus status, const char *detail)
{
    in->status = status;
    in->detail = detail;
    return TDS_IN_ERROR;
}

static bool
known_type(uint8_t type)
{
    switch (type) {
    case TDS_PACKET_BATCH:
    case TDS_PACKET_RPC:
    case TDS_PACKET_REPLY: /* the tests read replies with it */
    case TDS_PACKET_ATTENTION:
    case TDS_PACKET_BULK:
    case TDS_PACKET_FEDAUTH_TOKEN:
    case TDS_PACKET_TRANSACTION:
    case TDS_PACKET_LOGIN7:
    case TDS_PACKET_SSPI:
    case TDS_PACKET_PRELOGIN:
        return true;
    default:
        return false;
    }
}

static bool
is_streamed(const TdsIn *in)
{
    return in->type < 32 && (in->stream_types >> in->type & 1) != 0;
}

/* The eight bytes of a header are there. TDS_IN_MORE when they are good. */
static TdsInEvent
begin_packet(TdsIn *in)
{
    uint32_t length = (uint32_t) in->header[2] << 8 | in->header[3];

    if (!in->in_message) {
        in->type = in->header[0];
        in->first_status = in->header[1];
        in->bytes = 0;
        if (in->type == TDS_PACKET_PRE70_LOGIN)
            return fail(in, TDS_UNSUPPORTED, "logins of TDS 4.2 and 5.0 are not spoken");
        if (!known_type(in->type))
            return fail(in, TDS_MALFORMED, "unknown packet type");
    } else if (in->header[0] != in->type) {
        return fail(in, TDS_MALFORMED, "the packet type changes inside a message");
    }
    if (length < TDS_HEADER_SIZE)
        return fail(in, TDS_MALFORMED, "packet length below that of the header");
    if (length > in->max_packet)
        return fail(in, TDS_TOO_BIG, "packet longer than negotiated");
    in->packet_status = in->header[1];
    in->packet_left = length - TDS_HEADER_SIZE;
    in->bytes += in->packet_left;
    if (!is_streamed(in) && in->bytes > in->max_message)
        return fail(in, TDS_TOO_BIG, "message longer than allowed");
    in->in_message = true;
    return TDS_IN_MORE;
}

static bool
append(TdsIn *in, const uint8_t *bytes, size_t length)
{
    if (in->capacity - in->have < length) {
        size_t capacity = in->capacity ? in->capacity : TDS_DEFAULT_PACKET;
        uint8_t *buffer;

        while (capacity - in->have < length)
            capacity *= 2;
        buffer = in->memory->resize(in->memory->context, in->buffer, in->capacity, capacity);
        if (buffer == NULL)
            return false;
        in->buffer = buffer;
        in->capacity = capacity;
    }
    memcpy(in->buffer + in->have, bytes, length);
    in->have += length;
    return true;
}

/* The packet under way is complete. */
static TdsInEvent
end_packet(TdsIn *in)
{
    static const uint8_t nothing[1] = {0};
    bool eom = (in->packet_status & TDS_STATUS_EOM) != 0;

    in->header_have = 0;
    in->packets++;
    if (!eom && (!is_streamed(in) || in->have == 0))
        return TDS_IN_MORE;
    in->data = in->have > 0 ? in->buffer : nothing;
    in->length = in->have;
    in->told = true;
    if (!eom)
        return TDS_IN_PACKET;
    in->in_message = false;
    return (in->packet_status & TDS_STATUS_IGNORE) != 0 ? TDS_IN_IGNORED : TDS_IN_MESSAGE;
}

size_t
tds_in_feed(TdsIn *in, const uint8_t *bytes, size_t length, TdsInEvent *event)
{
    size_t taken = 0;

    *event = TDS_IN_MORE;
    if (in->status != TDS_OK) {
        *event = TDS_IN_ERROR;
        return 0;
    }
    if (in->told)
        tds_in_next(in);
    while (taken < length && *event == TDS_IN_MORE) {
        size_t n;

        if (in->header_have < TDS_HEADER_SIZE) {
            in->header[in->header_have++] = bytes[taken++];
            if (in->header_have < TDS_HEADER_SIZE)
                continue;
            *event = begin_packet(in);
        } else {
            n = length - taken < in->packet_left ? length - taken : in->packet_left;
            if (!append(in, bytes + taken, n)) {
                *event = fail(in, TDS_NO_MEMORY, "out of memory");
                break;
            }
            in->packet_left -= (uint32_t) n;
            taken += n;
        }
        if (*event == TDS_IN_MORE && in->packet_left == 0)
            *event = end_packet(in);
    }
    return taken;
}

void
tds_in_next(TdsIn *in)
{
    in->told = false;
    in->data = NULL;
    in->length = 0;
    in->have = 0;
    if (in->capacity > KEEP_CAPACITY && !in->in_message) {
        in->memory->resize(in->memory->context, in->buffer, in->capacity, 0);
        in->buffer = NULL;
        in->capacity = 0;
    }
}

bool
tds_in_idle(const TdsIn *in)
{
    return in->header_have == 0 && !in->in_message;
}

size_t
tds_in_wanted(const TdsIn *in)
{
    if (in->header_have < TDS_HEADER_SIZE)
        return (size_t) (TDS_HEADER_SIZE - in->header_have);
    return in->packet_left;
}
