/*
 * INSERT, UPDATE and DELETE on a table or view with an INSTEAD OF trigger for it: nothing is
 * changed, so the statement becomes a SELECT of the images that the trigger sees. The row has the
 * deleted image (UPDATE, DELETE), then the inserted one (INSERT, UPDATE), each with all columns in
 * order.
 */
#include "postgres.h"

#include "bind/dml.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"

/* The trigger's own statements on its table are carried out. */
static bool
inside_own_trigger(Binder *binder, const CatalogRelation *relation)
{
    const BindScope *scope = binder->context->scope;
    const CatalogRelation *inserted;

    if (scope == NULL || scope->transition_table == NULL)
        return false;
    inserted = scope->transition_table(scope->context, "inserted");
    return inserted != NULL && inserted->object.id == relation->object.id;
}

bool
dml_takes_instead_of(Binder *binder, const AstDml *dml, AstKind action)
{
    const CatalogRelation *relation;
    CatalogObject object;

    if (dml->target->variable != NULL || bind_find_cte(binder, &dml->target->name) != NULL)
        return false;
    if (!catalog_find_object(binder->database, binder->default_schema, dml->target->name.database,
                             dml->target->name.schema, dml->target->name.object, false, &object) ||
        (object.type != CATALOG_TABLE && object.type != CATALOG_VIEW) || object.is_system)
        return false;
    relation = catalog_relation(&object);
    if (!(action == AST_INSERT   ? relation->has_instead_of_insert
          : action == AST_UPDATE ? relation->has_instead_of_update
                                 : relation->has_instead_of_delete) ||
        inside_own_trigger(binder, relation))
        return false;
    if (dml->output != NULL)
        tsql_error(ERR_40517, "OUTPUT with an INSTEAD OF trigger");
    binder->statement->target = relation;
    binder->statement->instead_of = true;
    return true;
}

static void
add_image_column(List **targets, const CatalogColumn *column, Expr *expr)
{
    *targets = lappend(
        *targets, makeTargetEntry(expr, list_length(*targets) + 1, pstrdup(column->name), false));
}

static void
finish(Binder *binder, Scope *scope, List *jointree, Node *quals, List *targets)
{
    scope->query->jointree = makeFromExpr(jointree, quals);
    scope->query->targetList = targets;
    binder->statement->query = scope_finish(binder);
}

/* ---- INSERT ---- */

static Expr *
missing_value(Binder *binder, const CatalogRelation *relation, const CatalogColumn *column)
{
    Expr *value = bind_column_default(binder, relation, column);

    return value != NULL ? value : (Expr *) sql_const_null(&column->type);
}

void
bind_instead_of_insert(Binder *binder, const AstInsert *insert)
{
    const CatalogRelation *relation = binder->statement->target;
    Scope *scope = scope_push(binder, CMD_SELECT);
    List *targets = NIL;
    ColumnList given = {0};
    RangeTblRef *ref = makeNode(RangeTblRef);
    ScopeSource *rows;
    int count;
    int *columns;

    if (insert->source == NULL || insert->source->kind == AST_EXECUTE)
        tsql_error(ERR_40517, "this INSERT with an INSTEAD OF trigger");
    rows = scope_add_subquery(binder, bind_query(binder, insert->source, &given), &given, "source",
                              false);
    columns = dml_insert_columns(binder, relation, insert->columns, insert->column_count, &count);
    if (given.count != count)
        tsql_error(insert->columns == NULL ? ERR_213 : given.count < count ? ERR_120 : ERR_121);
    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *column = &relation->columns[i];
        Expr *value = NULL;

        for (int j = 0; j < count && value == NULL; j++)
            if (columns[j] == i)
                value = bind_assignment_convert(binder, scope_column_expr(binder, rows, j, 0),
                                                relation, column);
        add_image_column(&targets, column,
                         value != NULL ? value : missing_value(binder, relation, column));
    }
    ref->rtindex = rows->rtindex;
    binder->statement->kind = BOUND_INSERT;
    finish(binder, scope, list_make1(ref), NULL, targets);
}

/* ---- UPDATE and DELETE ---- */

/* The target among the FROM list's sources, or alone. */
static ScopeSource *
bind_source(Binder *binder, const AstDml *dml, const AstList *from, List **jointree)
{
    ScopeSource *source = NULL;

    *jointree = NIL;
    if (AST_LIST_COUNT(from) > 0) {
        *jointree = bind_from(binder, from);
        source = scope_find_source(binder, dml->target->name.object);
    }
    if (source == NULL) {
        *jointree = lappend(*jointree, bind_table_source(binder, &dml->target->node));
        source = llast(binder->scope->sources);
    }
    return source;
}

static void
add_old_image(Binder *binder, ScopeSource *source, List **targets)
{
    const CatalogRelation *relation = binder->statement->target;

    for (int i = 0; i < relation->column_count; i++) {
        int index = scope_source_column(binder, source, relation->columns[i].name);

        add_image_column(targets, &relation->columns[i],
                         scope_column_expr(binder, source, index, 0).expr);
    }
}

static Expr *
assigned_value(Binder *binder,
               const AstList *assignments,
               const CatalogRelation *relation,
               const CatalogColumn *column)
{
    for (int i = 0; i < AST_LIST_COUNT(assignments); i++) {
        const AstAssignment *assignment = AST_LIST_ITEM(AstAssignment, assignments, i);

        if (assignment->column == NULL)
            tsql_error(ERR_40517, "SET @variable with an INSTEAD OF trigger");
        if (catalog_column_find(relation, assignment->column->column) < 0)
            tsql_error(ERR_207, assignment->column->column);
        if (!binder_name_equal(binder, assignment->column->column, column->name))
            continue;
        if (assignment->op == OP_ASSIGN)
            return bind_assignment_value(binder, assignment->value, relation, column);
        return bind_assignment_convert(binder,
                                       bind_operator(binder, assignment->op,
                                                     bind_column_ref(binder, assignment->column),
                                                     bind_expr(binder, assignment->value)),
                                       relation, column);
    }
    return NULL;
}

void
bind_instead_of_update(Binder *binder, const AstUpdate *update)
{
    const CatalogRelation *relation = binder->statement->target;
    Scope *scope = scope_push(binder, CMD_SELECT);
    List *targets = NIL;
    List *jointree;
    ScopeSource *source = bind_source(binder, &update->dml, update->from, &jointree);
    Node *quals = bind_where(binder, update->where);

    add_old_image(binder, source, &targets);
    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *column = &relation->columns[i];
        Expr *value = assigned_value(binder, update->assignments, relation, column);

        if (value == NULL)
            value = scope_column_expr(binder, source,
                                      scope_source_column(binder, source, column->name), 0)
                        .expr;
        else
            binder->statement->updated_columns =
                bms_add_member(binder->statement->updated_columns, column->attnum);
        add_image_column(&targets, column, value);
    }
    binder->statement->kind = BOUND_UPDATE;
    finish(binder, scope, jointree, quals, targets);
}

void
bind_instead_of_delete(Binder *binder, const AstDelete *delete_statement)
{
    Scope *scope = scope_push(binder, CMD_SELECT);
    List *targets = NIL;
    List *jointree;
    ScopeSource *source =
        bind_source(binder, &delete_statement->dml, delete_statement->from, &jointree);
    Node *quals = bind_where(binder, delete_statement->where);

    add_old_image(binder, source, &targets);
    binder->statement->kind = BOUND_DELETE;
    finish(binder, scope, jointree, quals, targets);
}
