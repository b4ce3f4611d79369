/*
 * The table of feature extensions: for each the answer. See feature_ext.h.
 */
#include "tds/feature_ext.h"

/* Fills the acknowledgement; false leaves the feature out. */
typedef bool (*Answer)(const TdsFeature *feature,
                       const TdsBytes *recovery_state,
                       TdsFeatureAck *ack);

static bool
answer_recovery(const TdsFeature *feature, const TdsBytes *recovery_state, TdsFeatureAck *ack)
{
    if (recovery_state == NULL)
        return false;
    ack->data = *recovery_state;
    return true;
}

/* Version as asked, then "enabled": 0, since no result ever carries sensitivity labels. */
static bool
answer_classification(const TdsFeature *feature, const TdsBytes *recovery_state, TdsFeatureAck *ack)
{
    if (feature->data.length < 1 || feature->data.data[0] < 1)
        return false;
    ack->fixed[0] = feature->data.data[0] > 2 ? 2 : feature->data.data[0];
    ack->fixed[1] = 0;
    ack->data.data = ack->fixed;
    ack->data.length = 2;
    return true;
}

static bool
answer_utf8(const TdsFeature *feature, const TdsBytes *recovery_state, TdsFeatureAck *ack)
{
    ack->fixed[0] = 1;
    ack->data.data = ack->fixed;
    ack->data.length = 1;
    return true;
}

static const struct {
    uint8_t id;
    Answer answer; /* NULL: never acknowledged */
} table[] = {
    {TDS_FEATURE_SESSIONRECOVERY, answer_recovery},
    {TDS_FEATURE_FEDAUTH, NULL},
    {TDS_FEATURE_COLUMNENCRYPTION, NULL},
    {TDS_FEATURE_GLOBALTRANSACTIONS, NULL},
    {TDS_FEATURE_AZURESQLSUPPORT, NULL},
    {TDS_FEATURE_DATACLASSIFICATION, answer_classification},
    {TDS_FEATURE_UTF8_SUPPORT, answer_utf8},
    {TDS_FEATURE_AZURESQLDNSCACHING, NULL},
    {TDS_FEATURE_JSONSUPPORT, NULL},
    {TDS_FEATURE_VECTORSUPPORT, NULL},
    {TDS_FEATURE_ENHANCEDROUTING, NULL},
    {TDS_FEATURE_USERAGENT, NULL},
};

static bool
answered_before(const TdsFeatureAck *acks, size_t count, uint8_t id)
{
    for (size_t i = 0; i < count; i++)
        if (acks[i].id == id)
            return true;
    return false;
}

size_t
tds_features_answer(const TdsLogin *login,
                    const TdsBytes *recovery_state,
                    TdsFeatureAck acks[TDS_FEATURE_ACK_MAX])
{
    size_t position = 0;
    size_t count = 0;
    TdsFeature feature;

    while (count < TDS_FEATURE_ACK_MAX && tds_login_next_feature(login, &position, &feature)) {
        for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
            TdsFeatureAck *ack = &acks[count];

            if (table[i].id != feature.id || table[i].answer == NULL ||
                answered_before(acks, count, feature.id))
                continue;
            memset(ack, 0, sizeof(*ack));
            ack->id = feature.id;
            if (table[i].answer(&feature, recovery_state, ack))
                count++;
            break;
        }
    }
    return count;
}

/* One of the two halves: database, collation, language, states. */
static bool
parse_half(TdsReader *reader,
           const TdsMemory *memory,
           TdsText *database,
           uint8_t collation[5],
           bool *has_collation,
           TdsText *language,
           TdsBytes *states)
{
    uint32_t length = tds_read_u32(reader);
    const uint8_t *at = tds_read_view(reader, length, memory);
    TdsReader half;
    uint8_t size;

    if (at == NULL)
        return false;
    tds_reader_init(&half, at, length);
    *database = tds_read_b_varchar(&half, memory);
    size = tds_read_u8(&half);
    if (size != 0 && size != 5)
        return tds_reader_fail(reader, TDS_MALFORMED,
                               "SESSIONRECOVERY collation of a wrong length");
    *has_collation = size == 5;
    if (size == 5)
        tds_read_bytes(&half, collation, 5);
    *language = tds_read_b_varchar(&half, memory);
    states->data = half.cur;
    states->length = (size_t) (half.end - half.cur);
    while (!tds_reader_at_end(&half)) {
        uint32_t value;

        tds_read_u8(&half);
        value = tds_read_u8(&half);
        if (value == 0xFF)
            value = tds_read_u32(&half);
        tds_read_skip(&half, value);
    }
    if (half.status != TDS_OK)
        return tds_reader_fail(reader, half.status, "SESSIONRECOVERY data ends inside a field");
    return true;
}

bool
tds_recovery_parse(const TdsFeature *feature, const TdsMemory *memory, TdsRecovery *recovery)
{
    TdsReader reader;

    memset(recovery, 0, sizeof(*recovery));
    if (feature->data.length == 0)
        return true;
    tds_reader_init(&reader, feature->data.data, feature->data.length);
    return parse_half(&reader, memory, &recovery->initial_database, recovery->initial_collation,
                      &recovery->has_initial_collation, &recovery->initial_language,
                      &recovery->initial_states) &&
           parse_half(&reader, memory, &recovery->database, recovery->collation,
                      &recovery->has_collation, &recovery->language, &recovery->states) &&
           tds_reader_at_end(&reader);
}
