/*
 * FOR XML.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "execute/format.h"

void
for_xml_begin(ResultFormatter *formatter)
{
    tsql_error(ERR_40517, "FOR XML");
}
