/*
 * PIVOT and UNPIVOT, rewritten to what they mean: PIVOT groups by the columns that it does not
 * name, one CASE in the aggregate for each value; UNPIVOT is a lateral VALUES list without the
 * NULLs. The rewriting makes tree nodes in the current memory context.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"

static void *
make_ast(size_t size, AstKind kind, const AstNode *like)
{
    AstNode *node = palloc0(size);

    *node = *like;
    node->kind = kind;
    return node;
}

static void
ast_append(AstList **list, void *node)
{
    if (!*list)
        *list = palloc0(sizeof(AstList));
    if ((*list)->count == (*list)->capacity) {
        int capacity = Max((*list)->capacity * 2, 4);
        AstNode **items = palloc(sizeof(AstNode *) * capacity);

        if ((*list)->count > 0)
            memcpy(items, (*list)->items, sizeof(AstNode *) * (*list)->count);
        (*list)->items = items;
        (*list)->capacity = capacity;
    }
    (*list)->items[(*list)->count++] = node;
}

static AstNode *
column_node(const AstNode *like, const char *name)
{
    AstColumnRef *ref = make_ast(sizeof(AstColumnRef), AST_COLUMN_REF, like);

    ref->column = name;
    return &ref->node;
}

static AstNode *
string_node(const AstNode *like, const char *text)
{
    AstLiteral *literal = make_ast(sizeof(AstLiteral), AST_LITERAL, like);

    literal->type = LITERAL_NSTRING;
    literal->text = text;
    literal->length = strlen(text);
    literal->token = -1;
    return &literal->node;
}

/* CAST(N'name' AS nvarchar(128)): what UNPIVOT's name column holds. */
static AstNode *
name_node(const AstNode *like, const char *name)
{
    AstConvert *convert = make_ast(sizeof(AstConvert), AST_CONVERT, like);
    AstType *type = palloc0(sizeof(AstType));

    type->name.object = "nvarchar";
    type->line = like->line;
    type->has_length = true;
    type->length = 128;
    convert->form = CONVERT_CAST;
    convert->operand = string_node(like, name);
    convert->type = type;
    return &convert->node;
}

/* aggregate(CASE WHEN for = value THEN argument END) */
static AstNode *
pivot_aggregate(const AstPivot *pivot, const char *value)
{
    const AstNode *like = &pivot->node;
    AstFunctionCall *call = make_ast(sizeof(AstFunctionCall), AST_FUNCTION_CALL, like);
    AstCase *chosen = make_ast(sizeof(AstCase), AST_CASE, like);
    AstWhen *when = make_ast(sizeof(AstWhen), AST_WHEN, like);
    AstBinary *equal_to = make_ast(sizeof(AstBinary), AST_BINARY, like);

    *call = *pivot->aggregate;
    call->args = NULL;
    equal_to->op = OP_EQ;
    equal_to->left = column_node(like, pivot->for_column);
    equal_to->right = string_node(like, value);
    when->condition = &equal_to->node;
    when->result = AST_LIST_ITEM(AstNode, pivot->aggregate->args, 0);
    ast_append(&chosen->whens, when);
    ast_append(&call->args, chosen);
    return &call->node;
}

static bool
argument_names(Binder *binder, const AstFunctionCall *aggregate, const char *name)
{
    for (int i = 0; i < AST_LIST_COUNT(aggregate->args); i++) {
        const AstNode *node = AST_LIST_ITEM(AstNode, aggregate->args, i);

        if (node->kind == AST_COLUMN_REF &&
            binder_name_equal(binder, ((const AstColumnRef *) node)->column, name))
            return true;
    }
    return false;
}

static Query *
pivot_query(Binder *binder, const AstPivot *pivot, ColumnList *columns)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    Query *query = scope->query;
    Node *item = bind_table_source(binder, pivot->source);
    ListCell *cell;

    binder_set_line(&pivot->node);
    if (!pivot->aggregate || AST_LIST_COUNT(pivot->aggregate->args) != 1)
        tsql_error(ERR_102, "*");
    query->jointree = makeFromExpr(list_make1(item), NULL);
    scope->clause = CLAUSE_SELECT_LIST;
    foreach (cell, scope->sources) {
        const ScopeSource *source = lfirst(cell);

        for (int i = 0; i < source->column_count; i++) {
            const char *name = source->columns[i].name;
            TargetEntry *entry;

            if (source->columns[i].hidden || binder_name_equal(binder, name, pivot->for_column) ||
                argument_names(binder, pivot->aggregate, name))
                continue;
            entry = bind_add_target(&query->targetList, columns,
                                    scope_column_expr(binder, source, i, 0), name);
            query->groupClause =
                lappend(query->groupClause, bind_sort_clause(entry, query->targetList, false));
        }
    }
    for (int i = 0; i < pivot->value_count; i++) {
        BoundExpr value = bind_expr(binder, pivot_aggregate(pivot, pivot->values[i]));

        bind_add_target(&query->targetList, columns, value, pivot->values[i]);
    }
    return scope_finish(binder);
}

/* ---- UNPIVOT ---- */

static bool
is_unpivoted(Binder *binder, const AstPivot *pivot, const char *name)
{
    for (int i = 0; i < pivot->value_count; i++)
        if (binder_name_equal(binder, pivot->values[i], name))
            return true;
    return false;
}

static AstNode *
unpivot_values(const AstPivot *pivot)
{
    const AstNode *like = &pivot->node;
    AstValues *values = make_ast(sizeof(AstValues), AST_VALUES, like);
    AstDerivedTable *derived = make_ast(sizeof(AstDerivedTable), AST_DERIVED_TABLE, like);

    values->row_count = pivot->value_count;
    values->rows = palloc0(sizeof(AstList *) * Max(pivot->value_count, 1));
    for (int i = 0; i < pivot->value_count; i++) {
        ast_append(&values->rows[i], column_node(like, pivot->values[i]));
        ast_append(&values->rows[i], name_node(like, pivot->values[i]));
    }
    derived->query = &values->node;
    derived->alias = pivot->alias;
    derived->column_count = 2;
    derived->columns = palloc(sizeof(char *) * 2);
    derived->columns[0] = pivot->value_column;
    derived->columns[1] = pivot->for_column;
    return &derived->node;
}

static void
check_unpivot_types(Binder *binder, const AstPivot *pivot)
{
    AstColumnRef ref = {.node = pivot->node};
    SqlType first = {.id = SQL_UNKNOWN};

    for (int i = 0; i < pivot->value_count; i++) {
        SqlType type;

        ref.column = pivot->values[i];
        type = bind_column_ref(binder, &ref).type;
        if (i == 0)
            first = type;
        else if (first.id != type.id || first.length != type.length || first.scale != type.scale ||
                 first.precision != type.precision)
            tsql_error(ERR_8167, pivot->values[i]);
    }
}

static Query *
unpivot_query(Binder *binder, const AstPivot *pivot, ColumnList *columns)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    Query *query = scope->query;
    Node *left = bind_table_source(binder, pivot->source);
    int sources = list_length(scope->sources);
    NullTest *test = makeNode(NullTest);
    const ScopeSource *pairs;
    Node *right;

    binder_set_line(&pivot->node);
    check_unpivot_types(binder, pivot);
    right = bind_source_item(binder, unpivot_values(pivot), 0);
    pairs = list_nth(scope->sources, sources);
    for (int s = 0; s < sources; s++) {
        const ScopeSource *source = list_nth(scope->sources, s);

        for (int i = 0; i < source->column_count; i++) {
            const char *name = source->columns[i].name;

            if (source->columns[i].hidden || is_unpivoted(binder, pivot, name))
                continue;
            bind_add_target(&query->targetList, columns, scope_column_expr(binder, source, i, 0),
                            name);
        }
    }
    for (int i = 0; i < 2; i++)
        bind_add_target(&query->targetList, columns, scope_column_expr(binder, pairs, i, 0),
                        pairs->columns[i].name);
    test->arg = scope_column_expr(binder, pairs, 0, 0).expr;
    test->nulltesttype = IS_NOT_NULL;
    test->location = -1;
    query->jointree = makeFromExpr(list_make2(left, right), (Node *) test);
    return scope_finish(binder);
}

ScopeSource *
bind_pivot(Binder *binder, const AstPivot *pivot, bool lateral)
{
    ColumnList columns = {0};
    Query *query = pivot->node.kind == AST_PIVOT ? pivot_query(binder, pivot, &columns)
                                                 : unpivot_query(binder, pivot, &columns);

    return scope_add_subquery(binder, query, &columns, pivot->alias, lateral);
}
