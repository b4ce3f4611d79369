/*
 * LOGIN7 with its feature extensions and recovery data.
 */
#include "tds/feature_ext.h"
#include "tds/login7.h"
#include "tds/unicode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const TdsText *text)
{
    if (text->data == NULL || text->data[text->length] != '\0' ||
        tds_utf8_incomplete_tail(text->data, text->length) != 0)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *message = malloc(size + 1);
    TdsPool pool;
    TdsLogin login;
    TdsStatus status;
    const char *detail;

    memcpy(message, data, size);
    tds_pool_init(&pool);
    status = tds_login_parse(message, size, &pool.memory, &login, &detail);
    if ((status == TDS_OK) != (detail == NULL))
        abort();
    if (status == TDS_OK) {
        TdsFeatureAck acks[TDS_FEATURE_ACK_MAX];
        TdsFeature feature;
        TdsRecovery recovery;

        check_text(&login.user_name);
        check_text(&login.password);
        check_text(&login.database);
        check_text(&login.attach_file);
        tds_features_answer(&login, NULL, acks);
        if (tds_login_find_feature(&login, TDS_FEATURE_SESSIONRECOVERY, &feature))
            tds_recovery_parse(&feature, &pool.memory, &recovery);
    }
    tds_login_wipe(message, size, &login);
    tds_pool_clear(&pool);
    free(message);
    return 0;
}
