/*
 * OUTPUT: the inserted and deleted images of changed rows, to the client and INTO tables, as the
 * RETURNING list. See dml.h.
 */
#include "postgres.h"

#include "bind/dml.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "syntax/parser.h"

/* The target's columns under the name inserted or deleted. `carrier`: old values of an UPDATE, each
 * carried when the image is made; the planner drops those that nothing reads. */
static ScopeSource *
add_image(Binder *binder, const DmlTarget *target, const char *name, DmlCarrier *carrier)
{
    const CatalogRelation *relation = target->relation;
    ScopeColumn *columns = palloc0(sizeof(ScopeColumn) * (relation->column_count + 1));

    for (int i = 0; i < relation->column_count; i++) {
        const CatalogColumn *column = &relation->columns[i];
        Expr *expr;

        columns[i].name = column->name;
        columns[i].type = column->type;
        columns[i].attnum = column->attnum;
        columns[i].nullable = column->nullable;
        columns[i].identity = column->identity;
        columns[i].computed = column->computed;
        columns[i].hidden = column->hidden;
        columns[i].label = OidIsValid(column->type.collation) ? COLLATION_IMPLICIT : COLLATION_NONE;
        columns[i].base_relation = relation->object.relation;
        columns[i].base_attnum = column->attnum;
        if (column->computed && !column->persisted)
            expr = bind_computed_column(binder, relation, column, target->rtindex).expr;
        else
            expr = (Expr *) makeVar(target->rtindex, column->attnum, sql_type_oid(column->type.id),
                                    sql_type_typmod(&column->type), column->type.collation, 0);
        columns[i].expression = carrier != NULL ? dml_carry(carrier, expr, &column->type) : expr;
    }
    return scope_add_source(binder, name, 0, relation->column_count, columns);
}

/* Whether a list mentions deleted.*: old values are carried only then. */
typedef struct FindDeleted {
    bool found;
} FindDeleted;

static bool
find_deleted(AstNode *node, void *context)
{
    FindDeleted *find = context;
    const char *table = NULL;

    if (node->kind == AST_COLUMN_REF)
        table = ((AstColumnRef *) node)->table;
    else if (node->kind == AST_STAR)
        table = ((AstStar *) node)->table;
    if (table != NULL && pg_strcasecmp(table, "deleted") == 0)
        find->found = true;
    return !find->found;
}

static bool
mentions_deleted(const AstList *items)
{
    FindDeleted find = {false};

    for (int i = 0; i < AST_LIST_COUNT(items); i++) {
        AstSelectItem *item = AST_LIST_ITEM(AstSelectItem, items, i);

        if (item->expr != NULL) {
            find_deleted(item->expr, &find);
            ast_walk(item->expr, find_deleted, &find);
        }
    }
    return find.found;
}

/* OUTPUT ... INTO table (columns): converts the items to the columns; 213, 207. */
static void
bind_into(Binder *binder,
          const AstOutputClause *output,
          List *items,
          const ColumnList *columns,
          List **returning)
{
    BoundStatement *statement = binder->statement;
    const AstTableRef *into = (const AstTableRef *) output->into;
    const CatalogRelation *relation = dml_target_relation(binder, into);
    int count;
    int *targets = dml_insert_columns(binder, relation, output->into_columns,
                                      output->into_column_count, &count);

    if (count != columns->count)
        tsql_error(ERR_213);
    statement->output_into = relation;
    statement->output_into_first = list_length(*returning) + 1;
    statement->output_into_count = count;
    statement->output_into_attnums = palloc(sizeof(AttrNumber) * (count + 1));
    for (int i = 0; i < count; i++) {
        TargetEntry *entry = list_nth(items, i);
        const CatalogColumn *column = &relation->columns[targets[i]];
        BoundExpr value = {.expr = entry->expr,
                           .type = columns->columns[i].type,
                           .nullable = columns->columns[i].nullable,
                           .label = COLLATION_IMPLICIT};

        statement->output_into_attnums[i] = column->attnum;
        entry->expr = bind_assignment_convert(binder, value, relation, column);
        entry->resno = list_length(*returning) + 1;
        entry->resjunk = true;
        *returning = lappend(*returning, entry);
    }
}

static void
bind_list(Binder *binder, const AstList *items, List **targets, ColumnList *columns)
{
    BoundStatement *statement = binder->statement;
    int assignments = statement->assignment_count;

    bind_select_list(binder, items, targets, columns);
    if (statement->assignment_count != assignments)
        tsql_error(ERR_102, "=");
}

/* What the client gets: the plain list, or the second one after an INTO. */
static void
bind_client_list(Binder *binder, const AstList *items, List **returning)
{
    BoundStatement *statement = binder->statement;
    ColumnList columns = {0};

    bind_list(binder, items, returning, &columns);
    statement->column_count = columns.count;
    statement->columns = columns.columns;
}

void
dml_bind_output_lists(Binder *binder, const AstOutputClause *output, List **returning)
{
    if (output->into == NULL)
        bind_client_list(binder, output->items, returning);
    else {
        ColumnList columns = {0};
        List *items = NIL;

        if (output->second_items != NULL)
            bind_client_list(binder, output->second_items, returning);
        bind_list(binder, output->items, &items, &columns);
        bind_into(binder, output, items, &columns, returning);
    }
}

void
dml_bind_output(Binder *binder,
                const AstOutputClause *output,
                const DmlTarget *target,
                bool inserted,
                bool deleted,
                DmlCarrier *carrier,
                List **returning)
{
    BindClause clause;
    ScopeSource *new_image = NULL;
    ScopeSource *old_image = NULL;

    if (output == NULL)
        return;
    clause = binder_set_clause(binder, CLAUSE_OUTPUT);
    if (inserted)
        new_image = add_image(binder, target, "inserted", NULL);
    if (deleted && (carrier == NULL || mentions_deleted(output->items) ||
                    mentions_deleted(output->second_items)))
        old_image = add_image(binder, target, "deleted", carrier);
    dml_bind_output_lists(binder, output, returning);
    if (new_image != NULL)
        new_image->hidden = true;
    if (old_image != NULL)
        old_image->hidden = true;
    binder_set_clause(binder, clause);
}
