/*
 * Running PostgreSQL's own utility statements. Trees are built by hand where they carry bound
 * expressions (cooked defaults, checks, USING); else from text. Either way ProcessUtility sees a
 * source text that PostgreSQL can read, for extensions that re-parse it.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "ddl/ddl_internal.h"
#include "nodes/makefuncs.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

void
ddl_utility(Node *statement, const char *sql)
{
    PlannedStmt *planned = makeNode(PlannedStmt);

    planned->commandType = CMD_UTILITY;
    planned->canSetTag = false;
    planned->utilityStmt = statement;
    planned->stmt_location = -1;
    planned->stmt_len = 0;
    ProcessUtility(planned, sql, false, PROCESS_UTILITY_SUBCOMMAND, NULL, NULL, None_Receiver,
                   NULL);
    CommandCounterIncrement();
}

void
ddl_run_sql(const char *sql)
{
    List *parsed = pg_parse_query(sql);
    ListCell *cell;

    foreach (cell, parsed)
        ddl_utility(lfirst_node(RawStmt, cell)->stmt, sql);
}

RangeVar *
ddl_range_var(Oid relation)
{
    char *namespace = get_namespace_name(get_rel_namespace(relation));
    RangeVar *var = makeRangeVar(namespace, get_rel_name(relation), -1);

    return var;
}

char *
ddl_quoted_relation(Oid relation)
{
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                      get_rel_name(relation));
}

AlterTableCmd *
ddl_alter_command(int subtype, const char *name, Node *definition)
{
    AlterTableCmd *command = makeNode(AlterTableCmd);

    command->subtype = subtype;
    command->name = name ? pstrdup(name) : NULL;
    command->def = definition;
    command->behavior = DROP_CASCADE;
    return command;
}

void
ddl_alter_table(Oid relation, AlterTableCmd *command, const char *sql_action)
{
    AlterTableStmt *statement = makeNode(AlterTableStmt);

    statement->relation = ddl_range_var(relation);
    statement->cmds = list_make1(command);
    statement->objtype = OBJECT_TABLE;
    ddl_utility((Node *) statement,
                psprintf("ALTER TABLE %s %s", ddl_quoted_relation(relation), sql_action));
}

void
ddl_drop_relation(Oid relation)
{
    ObjectAddress address;

    if (!OidIsValid(relation) || get_rel_name(relation) == NULL)
        return;
    if (get_rel_relkind(relation) == RELKIND_RELATION ||
        get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE) {
        ddl_run_sql(psprintf("DROP TABLE %s CASCADE", ddl_quoted_relation(relation)));
        return;
    }
    ObjectAddressSet(address, RelationRelationId, relation);
    performDeletion(&address, DROP_CASCADE, PERFORM_DELETION_INTERNAL);
    CommandCounterIncrement();
}

char *
ddl_free_relation_name(const char *name, Oid namespace, int32 object)
{
    char *pg_name = catalog_pg_name(name);

    if (OidIsValid(namespace) && !OidIsValid(get_relname_relid(pg_name, namespace)))
        return pg_name;
    return catalog_pg_name(psprintf("%s~%d", pg_name, object));
}

char *
ddl_deparse(Node *expression, Oid relation)
{
    List *context = NIL;

    if (OidIsValid(relation))
        context = deparse_context_for(get_rel_name(relation), relation);
    return deparse_expression(expression, context, false, false);
}

char *
ddl_pg_column(Oid relation, AttrNumber attnum)
{
    return get_attname(relation, attnum, false);
}

void
ddl_set_default(Oid relation, AttrNumber attnum, Node *expression)
{
    char *column = ddl_pg_column(relation, attnum);
    AlterTableCmd *command;

    if (expression == NULL) {
        command = ddl_alter_command(AT_ColumnDefault, column, NULL);
        ddl_alter_table(relation, command,
                        psprintf("ALTER COLUMN %s DROP DEFAULT", quote_identifier(column)));
        return;
    }
    command = ddl_alter_command(AT_CookedColumnDefault, NULL, expression);
    command->num = attnum;
    ddl_alter_table(relation, command,
                    psprintf("ALTER COLUMN %s SET DEFAULT %s", quote_identifier(column),
                             ddl_deparse(expression, relation)));
}
