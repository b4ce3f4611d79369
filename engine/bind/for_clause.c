/*
 * FOR XML and FOR JSON: the query becomes a derived table whose rows one aggregate writes into
 * text.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"
#include "rewrite/rewriteManip.h"

Query *
bind_for_subquery(Binder *binder, Query *query, ColumnList *columns, const AstQueryTail *tail)
{
    elog(ERROR, "FOR XML is not there yet");
}
