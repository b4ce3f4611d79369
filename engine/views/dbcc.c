/*
 * DBCC statements (the DBCC pages of the T-SQL reference). See dbcc.h.
 */
#include "postgres.h"

#include "catalog/dependency.h"
#include "commands/sequence.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "fmgr.h"
#include "plan/program.h"
#include "procedures/cursor.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "views/dbcc.h"
#include "views/names.h"

/* ---- identity ---- */

typedef struct Identity {
    CatalogObject table;
    const CatalogColumn *column;
    Oid sequence;
    bool used; /* it has given a value */
    int64 current;
} Identity;

static void
find_identity(const char *written, Identity *identity)
{
    const CatalogRelation *relation;
    List *sequences;
    LOCAL_FCINFO(call, 1);
    Datum last;

    if (!name_find_object(written, &identity->table) || identity->table.type != CATALOG_TABLE)
        tsql_error(ERR_2501, written);
    relation = catalog_relation(&identity->table);
    if (relation->identity_column < 0 ||
        (sequences = getOwnedSequences(identity->table.relation)) == NIL)
        tsql_error(ERR_7997, relation->object.name);
    identity->column = &relation->columns[relation->identity_column];
    identity->sequence = linitial_oid(sequences);
    InitFunctionCallInfoData(*call, NULL, 1, InvalidOid, NULL, NULL);
    call->args[0].value = ObjectIdGetDatum(identity->sequence);
    call->args[0].isnull = false;
    last = pg_sequence_last_value(call);
    identity->used = !call->isnull;
    identity->current = call->isnull ? identity->column->identity_seed : DatumGetInt64(last);
}

/* The greatest value that the column holds; false when the table is empty. */
static bool
greatest_value(Frame *frame, const Identity *identity, int64 *value)
{
    char *text =
        psprintf("SELECT MAX(%s) FROM %s.%s.%s", quote_bracket(identity->column->name),
                 quote_bracket(catalog_database(identity->table.database)->name),
                 quote_bracket(identity->table.schema_name), quote_bracket(identity->table.name));
    Program *program = program_for_text(text, strlen(text), NULL, 0);
    Cursor *cursor = cursor_new(program, program->body->items[0], NULL);
    SqlType bigint = sql_type_make(SQL_BIGINT);
    TupleTableSlot *slot;
    bool is_null;
    Datum datum;

    cursor->read_only = true;
    cursor_open(cursor, frame);
    slot = cursor_move(cursor, FETCH_DIR_NEXT, 0);
    datum = slot_getattr(slot, 1, &is_null);
    if (!is_null)
        datum = sql_convert_datum(datum, false, &cursor->columns[0].type, &bigint,
                                  CONVERSION_ASSIGN, 0, &is_null);
    if (!is_null)
        *value = DatumGetInt64(datum);
    cursor_unref(cursor);
    program_unref(program);
    return !is_null;
}

static void
set_identity(const Identity *identity, int64 value, bool used)
{
    DirectFunctionCall3(setval3_oid, ObjectIdGetDatum(identity->sequence), Int64GetDatum(value),
                        BoolGetDatum(used));
}

static char *
argument_text(const AstDbcc *statement, int index)
{
    const AstNode *node = AST_LIST_ITEM(AstNode, statement->args, index);

    if (node->kind == AST_LITERAL)
        return pstrdup(((const AstLiteral *) node)->text);
    if (node->kind == AST_COLUMN_REF) {
        const AstColumnRef *ref = (const AstColumnRef *) node;

        return psprintf("%s%s%s%s%s", ref->schema ? ref->schema : "", ref->schema ? "." : "",
                        ref->table ? ref->table : "", ref->table ? "." : "", ref->column);
    }
    return NULL;
}

/*
 * CHECKIDENT (table [, NORESEED | RESEED [, value]]). Without a value the counter is moved up to
 * the column's greatest value when that is beyond it.
 */
static void
check_identity(Frame *frame, const AstDbcc *statement)
{
    int count = AST_LIST_COUNT(statement->args);
    char *option = count > 1 ? argument_text(statement, 1) : NULL;
    char *table = count > 0 ? argument_text(statement, 0) : NULL;
    Identity identity;
    int64 greatest = 0;
    bool any;

    if (table == NULL || count > 3 ||
        (option != NULL && pg_strcasecmp(option, "RESEED") != 0 &&
         pg_strcasecmp(option, "NORESEED") != 0))
        tsql_error(ERR_2560, table == NULL ? 1 : 2);
    find_identity(table, &identity);
    if (count == 3) {
        SqlType bigint = sql_type_make(SQL_BIGINT);
        bool is_null;
        Datum value = frame_evaluate(frame, AST_LIST_ITEM(AstNode, statement->args, 2), &bigint,
                                     NULL, &is_null);

        if (is_null)
            tsql_error(ERR_2560, 3);
        report_info(7998, 1,
                    psprintf("Checking identity information: current identity value '%lld'.",
                             (long long) identity.current));
        set_identity(&identity, DatumGetInt64(value), identity.used);
        return;
    }
    any = greatest_value(frame, &identity, &greatest);
    report_info(7998, 1,
                psprintf("Checking identity information: current identity value '%s', current "
                         "column value '%s'.",
                         identity.used ? psprintf("%lld", (long long) identity.current) : "NULL",
                         any ? psprintf("%lld", (long long) greatest) : "NULL"));
    if ((option == NULL || pg_strcasecmp(option, "RESEED") == 0) && any &&
        (!identity.used || greatest > identity.current))
        set_identity(&identity, greatest, true);
}

static void
run_dbcc(Frame *frame,
         const AstNode *node,
         const char *text,
         size_t text_length,
         StatementResult *result)
{
    const AstDbcc *statement = (const AstDbcc *) node;
    bool quiet = false;
    int severity;

    for (int i = 0; i < AST_LIST_COUNT(statement->options); i++)
        quiet |= pg_strcasecmp(AST_LIST_ITEM(AstOption, statement->options, i)->name,
                               "NO_INFOMSGS") == 0;
    if (strcmp(statement->command, "CHECKIDENT") == 0)
        check_identity(frame, statement);
    else if (strcmp(statement->command, "FREEPROCCACHE") == 0)
        program_forget_all();
    else
        tsql_error(ERR_40517, psprintf("DBCC %s", statement->command));
    if (!quiet)
        report_info(2528, 1, tsql_error_text(ERR_2528, &severity));
    result->no_done = true;
}

void
dbcc_init(void)
{
    execute_register_statement(AST_DBCC, run_dbcc, true);
}
