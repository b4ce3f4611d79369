/*
 * Which feature extensions of LOGIN7 the server acknowledges, and with what (MS-TDS 2.2.7.11). One
 * table in feature_ext.c says for each known id: decline, or accept with which data. What is
 * declined is left out of FEATUREEXTACK, which is how a server says that it lacks it.
 *
 *   SESSIONRECOVERY     accepted when the session gives its initial state, else left out
 *   FEDAUTH             left out: no federated authentication (the login fails elsewhere)
 *   COLUMNENCRYPTION    left out: drivers then know that Always Encrypted is not there
 *   GLOBALTRANSACTIONS  left out
 *   AZURESQLSUPPORT     left out: that is for Azure's own read-only routing
 *   DATACLASSIFICATION  accepted, version as asked (1 or 2), enabled 0: no labels are sent
 *   UTF8_SUPPORT        accepted, 1: varchar of a _UTF8 collation is sent as UTF-8
 *   AZURESQLDNSCACHING  left out
 *   JSONSUPPORT, VECTORSUPPORT   left out: json goes as nvarchar(max), vector likewise
 *   USERAGENT           left out; its text is only information
 */
#pragma once

#include "tds/buffer.h"
#include "tds/login7.h"

typedef struct TdsFeatureAck {
    uint8_t id;
    uint8_t fixed[8]; /* room for short answers */
    TdsBytes data;    /* may point at `fixed` of the same element: do not copy the struct about */
} TdsFeatureAck;

#define TDS_FEATURE_ACK_MAX 8

/*
 * The acknowledgements due to this login; returns how many. `recovery_state`, when not NULL, is the
 * session state data set to acknowledge SESSIONRECOVERY with (built by tds_session_state_*).
 * Write them with tds_put_feature_ext_ack (token.h), and only when at least one was asked:
 * `login->extension_used`. With none accepted, the token holds the terminator alone.
 */
size_t tds_features_answer(const TdsLogin *login,
                           const TdsBytes *recovery_state,
                           TdsFeatureAck acks[TDS_FEATURE_ACK_MAX]);

/* What a client sends to recover a session (SESSIONRECOVERY data, when longer than 0 bytes). */
typedef struct TdsRecovery {
    TdsText initial_database, initial_language;
    uint8_t initial_collation[5];
    bool has_initial_collation;
    TdsText database, language; /* data NULL: unchanged since login */
    uint8_t collation[5];
    bool has_collation;
    TdsBytes initial_states; /* {id BYTE, length BYTE or 0xFF DWORD, value}*, checked */
    TdsBytes states;
} TdsRecovery;

/* Parses it; false on malformed data. Zero length (a first login) gives an empty TdsRecovery. */
bool tds_recovery_parse(const TdsFeature *feature, const TdsMemory *memory, TdsRecovery *recovery);
