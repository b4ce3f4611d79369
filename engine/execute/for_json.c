/*
 * FOR JSON.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "execute/format.h"

void
for_json_begin(ResultFormatter *formatter)
{
    tsql_error(ERR_40517, "FOR JSON");
}
