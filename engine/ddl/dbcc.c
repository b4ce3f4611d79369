/*
 * DBCC: CHECKIDENT changes an identity's counter; the checks and cache commands have nothing to do
 * here and say that they are done.
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "commands/sequence.h"
#include "ddl/ddl_internal.h"
#include "execute/interpreter.h"
#include "utils/fmgrprotos.h"

static const char *
word(const AstNode *node)
{
    if (node->kind == AST_COLUMN_REF)
        return ((const AstColumnRef *) node)->column;
    if (node->kind == AST_LITERAL)
        return ((const AstLiteral *) node)->text;
    return "";
}

/* The sequence's last value; false when nothing was drawn since it was made or restarted. */
static bool
last_value(Oid sequence, int64 *value)
{
    LOCAL_FCINFO(call, 1);
    Datum last;

    InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
    call->args[0].value = ObjectIdGetDatum(sequence);
    call->args[0].isnull = false;
    last = pg_sequence_last_value(call);
    *value = call->isnull ? 0 : DatumGetInt64(last);
    return !call->isnull;
}

/* CHECKIDENT (table [, NORESEED | RESEED [, value]]) */
static void
check_identity(const AstDbcc *statement, const DdlContext *context)
{
    const char *written = AST_LIST_COUNT(statement->args) ? word(statement->args->items[0]) : "";
    AstName name = {0};
    int number;
    const CatalogRelation *relation;
    CatalogObject table;
    List *sequences;
    int64 current, value;
    bool drawn;
    char *shown;

    parse_procedure_name(written, &name, &number);
    if (!ddl_find(&name, context, &table) || table.type != CATALOG_TABLE)
        tsql_error(ERR_2501, written);
    if (!ddl_may_alter(&table))
        tsql_error(ERR_2501, written);
    relation = catalog_relation(&table);
    sequences = getOwnedSequences(table.relation);
    if (relation->identity_column < 0 || sequences == NIL)
        tsql_error(ERR_7997, table.name);
    drawn = last_value(linitial_oid(sequences), &current);
    shown = drawn ? psprintf("'" INT64_FORMAT "'", current) : pstrdup("'NULL'");
    if (AST_LIST_COUNT(statement->args) >= 3 && ddl_integer(statement->args->items[2], &value)) {
        /* in a table that never had a row the value itself comes next, else the one after it */
        DirectFunctionCall3(setval3_oid, ObjectIdGetDatum(linitial_oid(sequences)),
                            Int64GetDatum(value), BoolGetDatum(drawn));
        ddl_inform(psprintf("Checking identity information: current identity value %s.", shown),
                   7998);
    } else
        ddl_inform(
            psprintf("Checking identity information: current identity value %s, current column "
                     "value %s.",
                     shown, shown),
            7998);
}

void
ddl_dbcc(const AstDbcc *statement, DdlContext *context)
{
    static const char *const quiet[] = {
        "CHECKDB",          "CHECKTABLE",       "CHECKALLOC",     "CHECKCATALOG",
        "CHECKCONSTRAINTS", "CHECKFILEGROUP",   "FREEPROCCACHE",  "DROPCLEANBUFFERS",
        "FREESYSTEMCACHE",  "FREESESSIONCACHE", "UPDATEUSAGE",    "TRACEON",
        "TRACEOFF",         "TRACESTATUS",      "SHRINKDATABASE", "SHRINKFILE",
        "INDEXDEFRAG",      "DBREINDEX",        "CLEANTABLE"};
    bool known = strcmp(statement->command, "CHECKIDENT") == 0;

    if (known)
        check_identity(statement, context);
    for (int i = 0; i < lengthof(quiet); i++)
        known |= strcmp(statement->command, quiet[i]) == 0;
    if (!known)
        tsql_error(ERR_2526);
    if (!ddl_option(statement->options, "NO_INFOMSGS"))
        ddl_inform(tsql_error_format(ERR_2528), 2528);
}
