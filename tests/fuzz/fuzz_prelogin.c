/*
 * PRELOGIN as a client sends it.
 */
#include "tds/prelogin.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TdsReader reader;
    TdsPrelogin prelogin;
    uint8_t answer;
    bool parsed;

    tds_reader_init(&reader, data, size);
    parsed = tds_prelogin_parse(&reader, &prelogin);
    if (parsed != (reader.status == TDS_OK) || (!parsed && reader.detail == NULL))
        abort();
    if (memchr(prelogin.instance, 0, sizeof(prelogin.instance)) == NULL)
        abort();
    tds_prelogin_encryption(&prelogin, true, false, &answer);
    return 0;
}
