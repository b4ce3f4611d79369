/*
 * ast_walk(): the one place that knows the children of every node. It visits them in the order of
 * their fields and goes no further than `visit` says.
 */
#include "parser.h"

typedef struct Walk {
    AstVisitor visit;
    void *context;
} Walk;

/* Visits a child, and below it if the visitor wants. Takes any node pointer. */
static void
one(const Walk *walk, void *node)
{
    if (node != NULL && walk->visit(node, walk->context))
        ast_walk(node, walk->visit, walk->context);
}

static void
many(const Walk *walk, const AstList *list)
{
    for (int i = 0; i < AST_LIST_COUNT(list); i++)
        one(walk, list->items[i]);
}

static void
walk_type(const Walk *walk, const AstType *type)
{
    if (type != NULL)
        many(walk, type->table_elements);
}

static void
walk_tail(const Walk *walk, const AstQueryTail *tail)
{
    if (tail == NULL)
        return;
    many(walk, tail->ctes);
    many(walk, tail->order_by);
    one(walk, tail->offset);
    one(walk, tail->fetch);
    many(walk, tail->for_options);
    many(walk, tail->hints);
}

static void
walk_dml(const Walk *walk, const AstDml *dml)
{
    many(walk, dml->ctes);
    one(walk, dml->top);
    one(walk, dml->target);
    one(walk, dml->output);
    many(walk, dml->hints);
}

static void
walk_grouping(const Walk *walk, const AstGrouping *grouping)
{
    many(walk, grouping->exprs);
    for (int i = 0; i < grouping->set_count; i++)
        walk_grouping(walk, grouping->sets[i]);
}

static void
walk_select(const Walk *walk, const AstSelect *n)
{
    one(walk, n->top);
    many(walk, n->items);
    many(walk, n->from);
    one(walk, n->where);
    for (int i = 0; i < n->grouping_count; i++)
        walk_grouping(walk, n->groupings[i]);
    one(walk, n->having);
    many(walk, n->windows);
    walk_tail(walk, n->tail);
}

static void
walk_table_ref(const Walk *walk, const AstTableRef *n)
{
    many(walk, n->hints);
    if (n->sample != NULL) {
        one(walk, n->sample->amount);
        one(walk, n->sample->repeatable);
    }
    one(walk, n->temporal_from);
    one(walk, n->temporal_to);
}

static void
walk_column_def(const Walk *walk, const AstColumnDef *n)
{
    walk_type(walk, n->type);
    one(walk, n->identity_seed);
    one(walk, n->identity_increment);
    one(walk, n->computed);
    many(walk, n->constraints);
    many(walk, n->indexes);
}

static void
walk_routine(const Walk *walk, const AstCreateRoutine *n)
{
    many(walk, n->params);
    walk_type(walk, n->returns);
    many(walk, n->table_elements);
    one(walk, n->inline_query);
    many(walk, n->options);
    many(walk, n->body);
}

static void
walk_sequence(const Walk *walk, const AstCreateSequence *n)
{
    walk_type(walk, n->type);
    one(walk, n->start);
    one(walk, n->increment);
    one(walk, n->minimum);
    one(walk, n->maximum);
    one(walk, n->cache);
}

#define CAST(Type) ((Type *) node)

/* The children of expressions; false when the node is none. */
static bool
walk_expression(const Walk *walk, AstNode *node)
{
    switch (node->kind) {
    case AST_UNARY:
        one(walk, CAST(AstUnary)->operand);
        return true;
    case AST_BINARY:
    case AST_IS_DISTINCT:
    case AST_AT_TIME_ZONE:
        one(walk, CAST(AstBinary)->left);
        one(walk, CAST(AstBinary)->right);
        return true;
    case AST_IS_NULL:
        one(walk, CAST(AstIsNull)->operand);
        return true;
    case AST_BETWEEN:
        one(walk, CAST(AstBetween)->operand);
        one(walk, CAST(AstBetween)->low);
        one(walk, CAST(AstBetween)->high);
        return true;
    case AST_LIKE:
        one(walk, CAST(AstLike)->operand);
        one(walk, CAST(AstLike)->pattern);
        one(walk, CAST(AstLike)->escape);
        return true;
    case AST_IN_LIST:
    case AST_IN_SUBQUERY:
        one(walk, CAST(AstIn)->operand);
        many(walk, CAST(AstIn)->list);
        one(walk, CAST(AstIn)->subquery);
        return true;
    case AST_EXISTS:
    case AST_SCALAR_SUBQUERY:
        one(walk, CAST(AstSubquery)->query);
        return true;
    case AST_QUANTIFIED:
        one(walk, CAST(AstQuantified)->operand);
        one(walk, CAST(AstQuantified)->query);
        return true;
    case AST_CASE:
        one(walk, CAST(AstCase)->operand);
        many(walk, CAST(AstCase)->whens);
        one(walk, CAST(AstCase)->otherwise);
        return true;
    case AST_FUNCTION_CALL:
        many(walk, CAST(AstFunctionCall)->args);
        many(walk, CAST(AstFunctionCall)->within_group);
        one(walk, CAST(AstFunctionCall)->over);
        many(walk, CAST(AstFunctionCall)->json_options);
        return true;
    case AST_CONVERT:
        one(walk, CAST(AstConvert)->operand);
        walk_type(walk, CAST(AstConvert)->type);
        one(walk, CAST(AstConvert)->style);
        return true;
    case AST_COLLATE:
        one(walk, CAST(AstCollate)->operand);
        return true;
    case AST_NEXT_VALUE_FOR:
        one(walk, CAST(AstNextValueFor)->over);
        return true;
    case AST_METHOD_CALL:
        one(walk, CAST(AstMethodCall)->object);
        many(walk, CAST(AstMethodCall)->args);
        return true;
    case AST_FULLTEXT:
        many(walk, CAST(AstFulltext)->columns);
        one(walk, CAST(AstFulltext)->condition);
        one(walk, CAST(AstFulltext)->language);
        return true;
    default:
        return false;
    }
}

/* Queries, table sources and their parts. */
static bool
walk_query(const Walk *walk, AstNode *node)
{
    switch (node->kind) {
    case AST_SELECT:
        walk_select(walk, CAST(AstSelect));
        return true;
    case AST_SET_OPERATION:
        one(walk, CAST(AstSetOperation)->left);
        one(walk, CAST(AstSetOperation)->right);
        walk_tail(walk, CAST(AstSetOperation)->tail);
        return true;
    case AST_VALUES:
        for (int i = 0; i < CAST(AstValues)->row_count; i++)
            many(walk, CAST(AstValues)->rows[i]);
        return true;
    case AST_TABLE_REF:
    case AST_TABLE_VARIABLE:
        walk_table_ref(walk, CAST(AstTableRef));
        return true;
    case AST_DERIVED_TABLE:
        one(walk, CAST(AstDerivedTable)->query);
        return true;
    case AST_TABLE_FUNCTION:
        many(walk, CAST(AstTableFunction)->args);
        one(walk, CAST(AstTableFunction)->method);
        many(walk, CAST(AstTableFunction)->with_schema);
        return true;
    case AST_JOIN:
        one(walk, CAST(AstJoin)->left);
        one(walk, CAST(AstJoin)->right);
        one(walk, CAST(AstJoin)->on);
        return true;
    case AST_PIVOT:
    case AST_UNPIVOT:
        one(walk, CAST(AstPivot)->source);
        one(walk, CAST(AstPivot)->aggregate);
        return true;
    case AST_SELECT_ITEM:
        one(walk, CAST(AstSelectItem)->expr);
        return true;
    case AST_ORDER_ITEM:
        one(walk, CAST(AstOrderItem)->expr);
        return true;
    case AST_CTE:
        one(walk, CAST(AstCte)->query);
        return true;
    case AST_WHEN:
        one(walk, CAST(AstWhen)->condition);
        one(walk, CAST(AstWhen)->result);
        return true;
    case AST_WINDOW:
        many(walk, CAST(AstWindow)->partition_by);
        many(walk, CAST(AstWindow)->order_by);
        one(walk, CAST(AstWindow)->frame_start_value);
        one(walk, CAST(AstWindow)->frame_end_value);
        return true;
    case AST_TABLE_HINT:
        many(walk, CAST(AstTableHint)->args);
        return true;
    case AST_OPTION:
        one(walk, CAST(AstOption)->value);
        many(walk, CAST(AstOption)->list);
        return true;
    default:
        return false;
    }
}

/* Data manipulation and its parts. */
static bool
walk_manipulation(const Walk *walk, AstNode *node)
{
    switch (node->kind) {
    case AST_QUERY_STATEMENT:
        one(walk, CAST(AstQueryStatement)->query);
        return true;
    case AST_INSERT:
        walk_dml(walk, &CAST(AstInsert)->dml);
        one(walk, CAST(AstInsert)->source);
        return true;
    case AST_UPDATE:
        walk_dml(walk, &CAST(AstUpdate)->dml);
        many(walk, CAST(AstUpdate)->assignments);
        many(walk, CAST(AstUpdate)->from);
        one(walk, CAST(AstUpdate)->where);
        return true;
    case AST_DELETE:
        walk_dml(walk, &CAST(AstDelete)->dml);
        many(walk, CAST(AstDelete)->from);
        one(walk, CAST(AstDelete)->where);
        return true;
    case AST_MERGE:
        walk_dml(walk, &CAST(AstMerge)->dml);
        one(walk, CAST(AstMerge)->source);
        one(walk, CAST(AstMerge)->on);
        many(walk, CAST(AstMerge)->clauses);
        return true;
    case AST_TRUNCATE:
        many(walk, CAST(AstTruncate)->partitions);
        return true;
    case AST_BULK_INSERT:
        many(walk, CAST(AstBulkInsert)->options);
        return true;
    case AST_INSERT_BULK:
        many(walk, CAST(AstInsertBulk)->columns);
        many(walk, CAST(AstInsertBulk)->options);
        return true;
    case AST_MERGE_CLAUSE:
        one(walk, CAST(AstMergeClause)->condition);
        many(walk, CAST(AstMergeClause)->assignments);
        many(walk, CAST(AstMergeClause)->values);
        return true;
    case AST_ASSIGNMENT:
        one(walk, CAST(AstAssignment)->column);
        one(walk, CAST(AstAssignment)->value);
        one(walk, CAST(AstAssignment)->mutator);
        return true;
    case AST_OUTPUT_CLAUSE:
        many(walk, CAST(AstOutputClause)->items);
        one(walk, CAST(AstOutputClause)->into);
        many(walk, CAST(AstOutputClause)->second_items);
        return true;
    default:
        return false;
    }
}

static void
walk_declare(const Walk *walk, AstDeclare *n)
{
    for (int i = 0; i < n->count; i++) {
        walk_type(walk, n->variables[i].type);
        one(walk, n->variables[i].value);
    }
}

/* Control of flow. */
static bool
walk_flow(const Walk *walk, AstNode *node)
{
    switch (node->kind) {
    case AST_BLOCK:
        many(walk, CAST(AstBlock)->statements);
        return true;
    case AST_IF:
        one(walk, CAST(AstIf)->condition);
        one(walk, CAST(AstIf)->then_branch);
        one(walk, CAST(AstIf)->else_branch);
        return true;
    case AST_WHILE:
        one(walk, CAST(AstWhile)->condition);
        one(walk, CAST(AstWhile)->body);
        return true;
    case AST_RETURN:
        one(walk, CAST(AstReturn)->value);
        return true;
    case AST_TRY_CATCH:
        many(walk, CAST(AstTryCatch)->try_statements);
        many(walk, CAST(AstTryCatch)->catch_statements);
        return true;
    case AST_THROW:
        one(walk, CAST(AstThrow)->number);
        one(walk, CAST(AstThrow)->message);
        one(walk, CAST(AstThrow)->state);
        return true;
    case AST_RAISERROR:
        one(walk, CAST(AstRaiserror)->message);
        one(walk, CAST(AstRaiserror)->severity);
        one(walk, CAST(AstRaiserror)->state);
        many(walk, CAST(AstRaiserror)->args);
        return true;
    case AST_PRINT:
        one(walk, CAST(AstPrint)->value);
        return true;
    case AST_WAITFOR:
        one(walk, CAST(AstWaitfor)->value);
        return true;
    case AST_DECLARE:
        walk_declare(walk, CAST(AstDeclare));
        return true;
    case AST_SET_VARIABLE:
        one(walk, CAST(AstSetVariable)->value);
        one(walk, CAST(AstSetVariable)->cursor);
        return true;
    case AST_EXECUTE:
        many(walk, CAST(AstExecute)->text);
        many(walk, CAST(AstExecute)->params);
        many(walk, CAST(AstExecute)->result_sets);
        return true;
    case AST_EXECUTE_AS:
        one(walk, CAST(AstExecuteAs)->name);
        one(walk, CAST(AstExecuteAs)->cookie);
        return true;
    case AST_EXEC_PARAM:
        one(walk, CAST(AstExecParam)->value);
        return true;
    case AST_DECLARE_CURSOR:
        one(walk, CAST(AstDeclareCursor)->query);
        return true;
    case AST_FETCH_CURSOR:
        one(walk, CAST(AstFetch)->count);
        return true;
    default:
        return false;
    }
}

/* Everything else: the switch has no default, so that the compiler asks for new kinds here. */
static void
walk_other(const Walk *walk, AstNode *node)
{
    switch (node->kind) {
    case AST_TRANSACTION:
        one(walk, CAST(AstTransaction)->mark);
        break;
    case AST_SET_OPTION:
        one(walk, CAST(AstSetOption)->value);
        break;
    case AST_KILL:
        one(walk, CAST(AstKill)->session);
        break;
    case AST_DBCC:
        many(walk, CAST(AstDbcc)->args);
        many(walk, CAST(AstDbcc)->options);
        break;
    case AST_CREATE_TABLE:
        many(walk, CAST(AstCreateTable)->elements);
        many(walk, CAST(AstCreateTable)->options);
        break;
    case AST_ALTER_TABLE:
        many(walk, CAST(AstAlterTable)->elements);
        one(walk, CAST(AstAlterTable)->column);
        many(walk, CAST(AstAlterTable)->drops);
        many(walk, CAST(AstAlterTable)->options);
        break;
    case AST_CREATE_INDEX:
        one(walk, CAST(AstCreateIndex)->where);
        many(walk, CAST(AstCreateIndex)->options);
        break;
    case AST_ALTER_INDEX:
        many(walk, CAST(AstAlterIndex)->options);
        break;
    case AST_CREATE_VIEW:
        one(walk, CAST(AstCreateView)->query);
        break;
    case AST_CREATE_PROCEDURE:
    case AST_CREATE_FUNCTION:
        walk_routine(walk, CAST(AstCreateRoutine));
        break;
    case AST_CREATE_TRIGGER:
        many(walk, CAST(AstCreateTrigger)->options);
        many(walk, CAST(AstCreateTrigger)->body);
        break;
    case AST_CREATE_SCHEMA:
        many(walk, CAST(AstCreateSchema)->elements);
        break;
    case AST_CREATE_DATABASE:
        many(walk, CAST(AstCreateDatabase)->options);
        break;
    case AST_ALTER_DATABASE:
        many(walk, CAST(AstAlterDatabase)->set_options);
        many(walk, CAST(AstAlterDatabase)->file_options);
        break;
    case AST_CREATE_TYPE:
        walk_type(walk, CAST(AstCreateType)->from);
        many(walk, CAST(AstCreateType)->elements);
        many(walk, CAST(AstCreateType)->options);
        break;
    case AST_CREATE_SEQUENCE:
        walk_sequence(walk, CAST(AstCreateSequence));
        break;
    case AST_CREATE_STATISTICS:
        one(walk, CAST(AstCreateStatistics)->where);
        many(walk, CAST(AstCreateStatistics)->options);
        break;
    case AST_CREATE_PRINCIPAL:
        many(walk, CAST(AstCreatePrincipal)->options);
        break;
    case AST_DROP:
        many(walk, CAST(AstDrop)->options);
        break;
    case AST_BACKUP_RESTORE:
        many(walk, CAST(AstBackupRestore)->devices);
        many(walk, CAST(AstBackupRestore)->options);
        break;
    case AST_COLUMN_DEF:
        walk_column_def(walk, CAST(AstColumnDef));
        break;
    case AST_CONSTRAINT:
        one(walk, CAST(AstConstraint)->expr);
        many(walk, CAST(AstConstraint)->options);
        break;
    case AST_ROUTINE_PARAM:
        walk_type(walk, CAST(AstRoutineParam)->type);
        one(walk, CAST(AstRoutineParam)->default_value);
        break;
    /* without children */
    case AST_LITERAL:
    case AST_VARIABLE:
    case AST_GLOBAL_VARIABLE:
    case AST_COLUMN_REF:
    case AST_STAR:
    case AST_CURRENT_OF:
    case AST_BREAK:
    case AST_CONTINUE:
    case AST_GOTO:
    case AST_LABEL:
    case AST_USE:
    case AST_CHECKPOINT:
    case AST_SHUTDOWN:
    case AST_RECONFIGURE:
    case AST_OPEN_CURSOR:
    case AST_CLOSE_CURSOR:
    case AST_DEALLOCATE_CURSOR:
    case AST_CREATE_SYNONYM:
    case AST_ALTER_ROLE_MEMBER:
    case AST_ALTER_SCHEMA:
    case AST_ALTER_AUTHORIZATION:
    case AST_PERMISSION:
    case AST_ENABLE_TRIGGER:
        break;
    /* by walk_expression, walk_query, walk_manipulation and walk_flow */
    case AST_UNARY:
    case AST_BINARY:
    case AST_IS_NULL:
    case AST_IS_DISTINCT:
    case AST_BETWEEN:
    case AST_LIKE:
    case AST_IN_LIST:
    case AST_IN_SUBQUERY:
    case AST_EXISTS:
    case AST_QUANTIFIED:
    case AST_SCALAR_SUBQUERY:
    case AST_CASE:
    case AST_FUNCTION_CALL:
    case AST_CONVERT:
    case AST_COLLATE:
    case AST_AT_TIME_ZONE:
    case AST_NEXT_VALUE_FOR:
    case AST_METHOD_CALL:
    case AST_FULLTEXT:
    case AST_SELECT:
    case AST_SET_OPERATION:
    case AST_VALUES:
    case AST_TABLE_REF:
    case AST_TABLE_VARIABLE:
    case AST_DERIVED_TABLE:
    case AST_TABLE_FUNCTION:
    case AST_JOIN:
    case AST_PIVOT:
    case AST_UNPIVOT:
    case AST_QUERY_STATEMENT:
    case AST_INSERT:
    case AST_UPDATE:
    case AST_DELETE:
    case AST_MERGE:
    case AST_TRUNCATE:
    case AST_BULK_INSERT:
    case AST_INSERT_BULK:
    case AST_BLOCK:
    case AST_IF:
    case AST_WHILE:
    case AST_RETURN:
    case AST_TRY_CATCH:
    case AST_THROW:
    case AST_RAISERROR:
    case AST_PRINT:
    case AST_WAITFOR:
    case AST_DECLARE:
    case AST_SET_VARIABLE:
    case AST_EXECUTE:
    case AST_EXECUTE_AS:
    case AST_DECLARE_CURSOR:
    case AST_FETCH_CURSOR:
    case AST_SELECT_ITEM:
    case AST_ORDER_ITEM:
    case AST_CTE:
    case AST_WHEN:
    case AST_MERGE_CLAUSE:
    case AST_ASSIGNMENT:
    case AST_OUTPUT_CLAUSE:
    case AST_TABLE_HINT:
    case AST_OPTION:
    case AST_EXEC_PARAM:
    case AST_WINDOW:
        break;
    }
}

void
ast_walk(AstNode *node, AstVisitor visit, void *context)
{
    Walk walk = {.visit = visit, .context = context};

    if (node == NULL)
        return;
    if (!walk_expression(&walk, node) && !walk_query(&walk, node) &&
        !walk_manipulation(&walk, node) && !walk_flow(&walk, node))
        walk_other(&walk, node);
}
