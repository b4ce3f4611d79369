/*
 * Transaction manager requests. See transaction.h.
 */
#include "tds/transaction.h"

/* Names have a byte count, not a character count (2.2.6.9: B_VARBYTE). */
static TdsText
read_name(TdsReader *reader, const TdsMemory *memory)
{
    uint8_t bytes = tds_read_u8(reader);
    TdsText nothing = {NULL, 0};

    if (bytes % 2 != 0) {
        tds_reader_fail(reader, TDS_MALFORMED, "transaction name: half a character");
        return nothing;
    }
    return tds_read_utf16(reader, bytes / 2u, memory);
}

static TdsIsolation
read_isolation(TdsReader *reader)
{
    uint8_t level = tds_read_u8(reader);

    if (level > TDS_ISOLATION_SNAPSHOT)
        tds_reader_fail(reader, TDS_MALFORMED, "unknown isolation level");
    return (TdsIsolation) level;
}

static void
read_end(TdsReader *reader, const TdsMemory *memory, TdsTransaction *transaction)
{
    transaction->name = read_name(reader, memory);
    transaction->begin_next = (tds_read_u8(reader) & 1) != 0;
    if (reader->status == TDS_OK && transaction->begin_next) {
        transaction->next_isolation = read_isolation(reader);
        transaction->next_name = read_name(reader, memory);
    }
}

bool
tds_transaction_parse(TdsReader *reader,
                      TdsVersion version,
                      const TdsMemory *memory,
                      TdsTransaction *transaction)
{
    memset(transaction, 0, sizeof(*transaction));
    transaction->name.data = transaction->next_name.data = "";
    if (!tds_read_headers(reader, version, &transaction->headers))
        return false;
    transaction->request = (TdsTransactionRequest) tds_read_u16(reader);
    if (reader->status != TDS_OK)
        return false;
    switch (transaction->request) {
    case TDS_TM_GET_DTC_ADDRESS:
    case TDS_TM_PROPAGATE_XACT:
        /* the first carries an empty US_VARBYTE */
        transaction->dtc.length = tds_read_u16(reader);
        transaction->dtc.data = tds_read_view(reader, transaction->dtc.length, memory);
        break;
    case TDS_TM_BEGIN_XACT:
        transaction->isolation = read_isolation(reader);
        transaction->name = read_name(reader, memory);
        break;
    case TDS_TM_PROMOTE_XACT:
        break;
    case TDS_TM_COMMIT_XACT:
    case TDS_TM_ROLLBACK_XACT:
        read_end(reader, memory, transaction);
        break;
    case TDS_TM_SAVE_XACT:
        transaction->name = read_name(reader, memory);
        break;
    default:
        return tds_reader_fail(reader, TDS_UNSUPPORTED, "unknown transaction manager request");
    }
    return reader->status == TDS_OK;
}
