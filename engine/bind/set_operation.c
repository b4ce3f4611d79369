/*
 * UNION, EXCEPT and INTERSECT. Every operand is a subquery of the set query; columns meet pairwise
 * in one type by data type precedence, and operands are converted to it.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"

/* ---- converting a query's columns ---- */

static bool
needs_conversion(const ColumnList *columns, const SqlType *types)
{
    for (int i = 0; i < columns->count; i++)
        if (!sql_type_equal(&columns->columns[i].type, &types[i]))
            return true;
    return false;
}

/* Converting changes no meaning where rows are not compared or counted by their values. */
static bool
converts_in_place(const Query *query)
{
    return query->commandType == CMD_SELECT && !query->setOperations && !query->distinctClause &&
           !query->sortClause && !query->groupClause && !query->groupingSets &&
           !query->windowClause;
}

static BoundExpr
expr_of_column(Expr *expr, const BoundColumn *column, const SqlType *to)
{
    BoundExpr bound = bound_make(expr, column->type, column->nullable, COLLATION_IMPLICIT);

    /* the NULL literal was described as int but converts to anything */
    if (IsA(expr, Const) && ((Const *) expr)->constisnull && column->is_expression &&
        column->type.id == SQL_INT)
        bound.expr = (Expr *) sql_const_null(to), bound.type = *to;
    return bound;
}

static void
convert_in_place(
    Binder *binder, Query *query, ColumnList *columns, const SqlType *types, ConversionKind kind)
{
    for (int i = 0; i < columns->count; i++) {
        TargetEntry *entry = list_nth(query->targetList, i);
        BoundExpr bound = expr_of_column(entry->expr, &columns->columns[i], &types[i]);

        entry->expr = bind_convert(binder, bound, &types[i], kind);
    }
}

static Query *
convert_outside(
    Binder *binder, Query *query, ColumnList *columns, const SqlType *types, ConversionKind kind)
{
    Query *wrapper;
    ScopeSource *source;
    RangeTblRef *ref = makeNode(RangeTblRef);

    /* one level deeper than it was bound */
    IncrementVarSublevelsUp((Node *) query, 1, 1);
    scope_push(binder, CMD_SELECT);
    source = scope_add_subquery(binder, query, columns, "converted", false);
    wrapper = binder->scope->query;
    for (int i = 0; i < columns->count; i++) {
        BoundExpr column = scope_column_expr(binder, source, i, 0);

        bind_add_target(&wrapper->targetList, NULL, bind_converted(binder, column, &types[i], kind),
                        columns->columns[i].name);
    }
    ref->rtindex = source->rtindex;
    wrapper->jointree = makeFromExpr(list_make1(ref), NULL);
    return scope_finish(binder);
}

Query *
bind_query_convert(
    Binder *binder, Query *query, ColumnList *columns, const SqlType *types, ConversionKind kind)
{
    if (!needs_conversion(columns, types))
        return query;
    if (converts_in_place(query))
        convert_in_place(binder, query, columns, types, kind);
    else
        query = convert_outside(binder, query, columns, types, kind);
    for (int i = 0; i < columns->count; i++)
        if (!sql_type_equal(&columns->columns[i].type, &types[i])) {
            columns->columns[i].type = types[i];
            columns->columns[i].is_expression = true;
        }
    return query;
}

/* ---- the tree ---- */

typedef struct SetPart {
    Node *node; /* RangeTblRef of a leaf, or SetOperationStmt */
    ColumnList columns;
    bool *is_null; /* columns that are nothing but NULL literals */
} SetPart;

static void
fill_column_types(SetOperationStmt *operation, const ColumnList *columns)
{
    operation->colTypes = operation->colTypmods = operation->colCollations = NIL;
    for (int i = 0; i < columns->count; i++) {
        const SqlType *type = &columns->columns[i].type;

        operation->colTypes = lappend_oid(operation->colTypes, sql_type_oid(type->id));
        operation->colTypmods = lappend_int(operation->colTypmods, sql_type_typmod(type));
        operation->colCollations = lappend_oid(operation->colCollations, type->collation);
    }
}

static void
fill_group_clauses(SetOperationStmt *operation, const ColumnList *columns)
{
    operation->groupClauses = NIL;
    if (operation->op == SETOP_UNION && operation->all)
        return;
    for (int i = 0; i < columns->count; i++) {
        SortGroupClause *group = makeNode(SortGroupClause);
        SqlTypeId id = columns->columns[i].type.id;
        TypeCacheEntry *cache;

        if (id == SQL_TEXT || id == SQL_NTEXT || id == SQL_IMAGE || id == SQL_XML)
            tsql_error(ERR_421, sql_type_info(id)->name);
        cache = bind_type_operators(sql_type_oid(id));
        group->sortop = cache->lt_opr;
        group->eqop = cache->eq_opr;
        group->hashable = OidIsValid(cache->hash_proc);
        operation->groupClauses = lappend(operation->groupClauses, group);
    }
}

/* Converts every leaf under `node`, and the types written in the operations above them. */
static void
convert_part(Binder *binder, Node *node, const ColumnList *columns, const SqlType *types)
{
    if (IsA(node, RangeTblRef)) {
        RangeTblEntry *leaf =
            list_nth(binder->scope->query->rtable, ((RangeTblRef *) node)->rtindex - 1);
        ColumnList copy = *columns;

        copy.columns = palloc(sizeof(BoundColumn) * Max(columns->count, 1));
        memcpy(copy.columns, columns->columns, sizeof(BoundColumn) * columns->count);
        leaf->subquery =
            bind_query_convert(binder, leaf->subquery, &copy, types, CONVERSION_IMPLICIT);
    } else {
        SetOperationStmt *operation = (SetOperationStmt *) node;
        ColumnList result = {0};

        convert_part(binder, operation->larg, columns, types);
        convert_part(binder, operation->rarg, columns, types);
        for (int i = 0; i < columns->count; i++) {
            BoundColumn column = columns->columns[i];

            column.type = types[i];
            column_list_add(&result, column);
        }
        fill_column_types(operation, &result);
        fill_group_clauses(operation, &result);
    }
}

static void
note_null_columns(SetPart *part, const Query *query)
{
    part->is_null = palloc0(sizeof(bool) * Max(part->columns.count, 1));
    for (int i = 0; i < part->columns.count; i++) {
        const TargetEntry *entry = list_nth(query->targetList, i);

        part->is_null[i] = part->columns.columns[i].is_expression && IsA(entry->expr, Const) &&
                           ((const Const *) entry->expr)->constisnull &&
                           part->columns.columns[i].type.id == SQL_INT;
    }
}

static SetPart
bind_leaf(Binder *binder, const AstNode *node)
{
    Query *set = binder->scope->query;
    SetPart part = {0};
    Query *query = bind_query(binder, node, &part.columns);
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    RangeTblRef *ref = makeNode(RangeTblRef);
    List *names = NIL;

    for (int i = 0; i < part.columns.count; i++) {
        const char *name = part.columns.columns[i].name;

        names = lappend(names, makeString(pstrdup(name[0] ? name : "?column?")));
    }
    entry->rtekind = RTE_SUBQUERY;
    entry->subquery = query;
    entry->eref = makeAlias(psprintf("*SELECT* %d", list_length(set->rtable) + 1), names);
    set->rtable = lappend(set->rtable, entry);
    ref->rtindex = list_length(set->rtable);
    part.node = (Node *) ref;
    note_null_columns(&part, query);
    return part;
}

static void
meet_columns(Binder *binder, SetPart *left, SetPart *right, SetPart *result)
{
    int count = left->columns.count;
    SqlType *types = palloc(sizeof(SqlType) * Max(count, 1));

    result->is_null = palloc0(sizeof(bool) * Max(count, 1));
    for (int i = 0; i < count; i++) {
        BoundColumn *l = &left->columns.columns[i], *r = &right->columns.columns[i];
        BoundColumn column = *l;
        BoundExpr sides[2] = {0};
        CollationLabel label;

        sides[0] = bound_make(NULL, l->type, l->nullable,
                              l->is_expression ? COLLATION_COERCIBLE : COLLATION_IMPLICIT);
        sides[1] = bound_make(NULL, r->type, r->nullable,
                              r->is_expression ? COLLATION_COERCIBLE : COLLATION_IMPLICIT);
        if (left->is_null[i])
            sides[0].type.id = SQL_UNKNOWN;
        if (right->is_null[i])
            sides[1].type.id = SQL_UNKNOWN;
        if (!bind_common_type(binder, sides, 2, "UNION", &types[i], &label)) {
            types[i] = l->type;
            result->is_null[i] = true;
        }
        column.type = types[i];
        column.nullable = l->nullable || r->nullable;
        column.identity = column.computed = false;
        column.base_relation = InvalidOid;
        column.source_database = column.source_schema = column.source_table = NULL;
        column.source_column = NULL;
        if (!sql_type_equal(&types[i], &l->type))
            column.is_expression = true;
        column_list_add(&result->columns, column);
    }
    convert_part(binder, left->node, &left->columns, types);
    convert_part(binder, right->node, &right->columns, types);
}

static SetPart bind_part(Binder *binder, const AstNode *node);

static SetPart
bind_operation(Binder *binder, const AstSetOperation *ast)
{
    SetPart left = bind_part(binder, ast->left), right = bind_part(binder, ast->right);
    SetPart result = {0};
    SetOperationStmt *operation = makeNode(SetOperationStmt);

    binder_set_line(&ast->node);
    if (left.columns.count != right.columns.count)
        tsql_error(ERR_205);
    meet_columns(binder, &left, &right, &result);
    operation->op = ast->op == SET_EXCEPT      ? SETOP_EXCEPT
                    : ast->op == SET_INTERSECT ? SETOP_INTERSECT
                                               : SETOP_UNION;
    operation->all = ast->op == SET_UNION_ALL;
    operation->larg = left.node;
    operation->rarg = right.node;
    fill_column_types(operation, &result.columns);
    fill_group_clauses(operation, &result.columns);
    result.node = (Node *) operation;
    return result;
}

static SetPart
bind_part(Binder *binder, const AstNode *node)
{
    check_stack_depth();
    if (node->kind == AST_SET_OPERATION && !((const AstSetOperation *) node)->tail)
        return bind_operation(binder, (const AstSetOperation *) node);
    return bind_leaf(binder, node);
}

Query *
bind_set_operation(Binder *binder, const AstSetOperation *ast, ColumnList *columns)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    Query *query = scope->query;
    SetPart whole = bind_operation(binder, ast);
    const AstQueryTail *tail = ast->tail;

    for (int i = 0; i < whole.columns.count; i++) {
        const BoundColumn *column = &whole.columns.columns[i];
        Var *var = makeVar(1, i + 1, sql_type_oid(column->type.id), sql_type_typmod(&column->type),
                           column->type.collation, 0);

        query->targetList =
            lappend(query->targetList,
                    makeTargetEntry((Expr *) var, i + 1,
                                    pstrdup(column->name[0] ? column->name : "?column?"), false));
        column_list_add(columns, *column);
    }
    query->setOperations = whole.node;
    query->jointree = makeFromExpr(NIL, NULL);
    if (tail) {
        scope->clause = CLAUSE_ORDER_BY;
        bind_order_by(binder, tail->order_by, columns);
        bind_offset_fetch(binder, tail, query);
    }
    return scope_finish(binder);
}
