/*
 * The table of errors as rows: sys.messages reads casement.messages().
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

typedef struct Message {
    int number, severity;
    const char *message;
} Message;

static const Message messages[] = {
#define TSQL_ERROR(number, severity, text) {number, severity, text},
#include "errors/errors.def"
#undef TSQL_ERROR
};

PG_FUNCTION_INFO_V1(casement_messages);
Datum casement_messages(PG_FUNCTION_ARGS);

/* Fills the result's tuplestore at once. */
Datum
casement_messages(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

    InitMaterializedSRF(fcinfo, 0);
    for (int i = 0; i < lengthof(messages); i++) {
        Datum values[3] = {Int32GetDatum(messages[i].number), Int32GetDatum(messages[i].severity),
                           CStringGetTextDatum(messages[i].message)};
        bool nulls[3] = {false, false, false};

        tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
    }
    return (Datum) 0;
}
