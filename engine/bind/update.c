/*
 * UPDATE and DELETE, with FROM, TOP, CTE and view targets, assignments to variables. See dml.h.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "bind/dml.h"
#include "catalog/pg_operator_d.h"
#include "catalog/pg_type_d.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"

/* ---- the carrier of old values ---- */

static void
carrier_start(DmlCarrier *carrier)
{
    Query *statement = carrier->binder->scope->query;
    RangeTblEntry *rte = makeNode(RangeTblEntry);

    carrier->query = makeNode(Query);
    carrier->query->commandType = CMD_SELECT;
    carrier->query->querySource = QSRC_ORIGINAL;
    carrier->query->canSetTag = true;
    carrier->query->jointree = makeFromExpr(NIL, NULL);
    carrier->query->limitOffset = (Node *) bind_bigint_const(0);
    rte->rtekind = RTE_SUBQUERY;
    rte->subquery = carrier->query;
    rte->lateral = true;
    rte->inFromCl = true;
    rte->alias = makeAlias("deleted", NIL);
    rte->eref = makeAlias("deleted", NIL);
    statement->rtable = lappend(statement->rtable, rte);
    carrier->rtindex = list_length(statement->rtable);
}

Expr *
dml_carry(DmlCarrier *carrier, Expr *expr, const SqlType *type)
{
    Expr *inner = copyObject(expr);
    RangeTblEntry *rte;
    int number;
    ListCell *cell;

    if (carrier->rtindex == 0)
        carrier_start(carrier);
    rte = rt_fetch(carrier->rtindex, carrier->binder->scope->query->rtable);
    IncrementVarSublevelsUp((Node *) inner, 1, 0);
    number = 0;
    foreach (cell, carrier->query->targetList) {
        TargetEntry *entry = lfirst(cell);

        if (equal(entry->expr, inner))
            number = entry->resno;
    }
    if (number == 0) {
        char *name;

        number = list_length(carrier->query->targetList) + 1;
        name = psprintf("c%d", number);
        carrier->query->targetList =
            lappend(carrier->query->targetList, makeTargetEntry(inner, number, name, false));
        rte->eref->colnames = lappend(rte->eref->colnames, makeString(name));
        carrier->query->hasSubLinks =
            carrier->query->hasSubLinks || checkExprHasSubLink((Node *) inner);
    }
    return (Expr *) makeVar(carrier->rtindex, number, exprType((Node *) expr),
                            exprTypmod((Node *) expr), exprCollation((Node *) expr), 0);
}

List *
dml_carrier_finish(DmlCarrier *carrier, List *jointree)
{
    RangeTblRef *ref;

    if (carrier->rtindex == 0)
        return jointree;
    ref = makeNode(RangeTblRef);
    ref->rtindex = carrier->rtindex;
    return lappend(jointree, ref);
}

/* ---- SET ---- */

/* @v = expr, @v = column = expr: the value is carried, and returned for the interpreter. */
static void
assign_variable(
    Binder *binder, const char *name, BoundExpr value, DmlCarrier *carrier, List **returning)
{
    BoundStatement *statement = binder->statement;
    const BindScope *names = binder->context->scope;
    BindVariable variable;
    BoundAssignment *assignment;
    Expr *expr;

    if (names == NULL || names->variable == NULL ||
        !names->variable(names->context, name, &variable))
        tsql_error(ERR_137, name);
    if (carrier == NULL)
        tsql_error(ERR_40517, "SET @variable in MERGE");
    expr = bind_convert(binder, value, &variable.type, CONVERSION_ASSIGN);
    expr = dml_carry(carrier, expr, &variable.type);
    *returning = lappend(*returning,
                         makeTargetEntry(expr, list_length(*returning) + 1, pstrdup(name), true));
    statement->assignments =
        statement->assignments == NULL
            ? palloc(sizeof(BoundAssignment))
            : repalloc(statement->assignments,
                       sizeof(BoundAssignment) * (statement->assignment_count + 1));
    assignment = &statement->assignments[statement->assignment_count++];
    assignment->variable = pstrdup(name);
    assignment->column = list_length(*returning) - 1;
    assignment->param = variable.param;
}

static void
check_settable(const CatalogColumn *column)
{
    if (column->identity)
        tsql_error(ERR_8102, column->name);
    if (column->computed)
        tsql_error(ERR_271, column->name);
    if (column->type.id == SQL_ROWVERSION)
        tsql_error(ERR_272);
}

static BoundExpr
current_value(Binder *binder, const AstAssignment *assignment)
{
    return bind_column_ref(binder, assignment->column);
}

/* column = value, column op= value: the expression converted to the column. */
static Expr *
set_value(Binder *binder, const AstAssignment *assignment, const DmlTarget *target, int column)
{
    const CatalogColumn *to = &target->relation->columns[column];
    const AstNode *value = assignment->value;

    if (assignment->op != OP_ASSIGN) {
        BoundExpr result = bind_operator(binder, assignment->op, current_value(binder, assignment),
                                         bind_expr(binder, value));

        return bind_assignment_convert(binder, result, target->relation, to);
    }
    if (value->kind == AST_LITERAL && ((const AstLiteral *) value)->type == LITERAL_DEFAULT) {
        Expr *expr = bind_column_default(binder, target->relation, to);

        return expr != NULL ? expr : (Expr *) sql_const_null(&to->type);
    }
    return bind_assignment_value(binder, value, target->relation, to);
}

static void
set_one(Binder *binder,
        const AstAssignment *assignment,
        const DmlTarget *target,
        DmlCarrier *carrier,
        List **targets,
        List **returning)
{
    int column;
    Expr *expr;
    ListCell *cell;

    if (assignment->mutator != NULL)
        tsql_error(ERR_8137, assignment->mutator->method);
    if (assignment->column == NULL) {
        BoundExpr value = bind_expr(binder, assignment->value);

        if (assignment->op != OP_ASSIGN) {
            AstVariable variable = {.node = assignment->node, .name = assignment->variable};

            variable.node.kind = AST_VARIABLE;
            value = bind_operator(binder, assignment->op, bind_variable(binder, &variable), value);
        }
        assign_variable(binder, assignment->variable, value, carrier, returning);
        return;
    }
    column = dml_target_column(binder, target, assignment->column->column);
    check_settable(&target->relation->columns[column]);
    foreach (cell, *targets)
        if (((TargetEntry *) lfirst(cell))->resno == target->relation->columns[column].attnum)
            tsql_error(ERR_264, assignment->column->column);
    expr = set_value(binder, assignment, target, column);
    *targets = lappend(*targets, dml_target_entry(target->relation, column, expr));
    if (assignment->variable != NULL) {
        const SqlType *type = &target->relation->columns[column].type;
        BoundExpr value = {.expr = expr, .type = *type, .nullable = true};

        assign_variable(binder, assignment->variable, value, carrier, returning);
    }
}

List *
dml_set_list(Binder *binder,
             const AstList *assignments,
             const DmlTarget *target,
             DmlCarrier *carrier,
             List **returning)
{
    BindClause clause = binder_set_clause(binder, CLAUSE_SET);
    List *targets = NIL;

    for (int i = 0; i < AST_LIST_COUNT(assignments); i++)
        set_one(binder, AST_LIST_ITEM(AstAssignment, assignments, i), target, carrier, &targets,
                returning);
    if (target->relation->rowversion_column >= 0)
        targets = lappend(
            targets, dml_rowversion_target(target->relation, target->relation->rowversion_column));
    binder_set_clause(binder, clause);
    return targets;
}

/* ---- the statements ---- */

static ScopeSource *
base_source(Binder *binder, const DmlTarget *target)
{
    ListCell *cell;

    foreach (cell, binder->scope->sources) {
        ScopeSource *source = lfirst(cell);

        if (source->rtindex == target->rtindex)
            return source;
    }
    return target->source;
}

/* WHERE CURRENT OF: the row whose place the cursor tells when the statement runs. */
static Node *
current_of(const DmlTarget *target, const AstCurrentOf *current)
{
    Oid types[2] = {sql_type_oid(SQL_NVARCHAR), OIDOID};
    Oid function = LookupFuncName(list_make2(makeString("sys"), makeString("cursor_position")), 2,
                                  types, false);
    SqlType name_type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    Expr *name = bind_text_const(current->cursor, &name_type);
    Const *relation = makeConst(OIDOID, -1, InvalidOid, sizeof(Oid),
                                ObjectIdGetDatum(target->relation->object.relation), false, true);
    FuncExpr *position = makeFuncExpr(function, TIDOID, list_make2(name, relation), InvalidOid,
                                      InvalidOid, COERCE_EXPLICIT_CALL);
    Var *ctid = makeVar(target->rtindex, SelfItemPointerAttributeNumber, TIDOID, -1, InvalidOid, 0);
    Expr *equal = make_opclause(TIDEqualOperator, BOOLOID, false, (Expr *) ctid, (Expr *) position,
                                InvalidOid, InvalidOid);

    set_opfuncid((OpExpr *) equal);
    return (Node *) equal;
}

static void
add_quals(Binder *binder, DmlTarget *target, List *jointree, const AstNode *where)
{
    Node *quals = NULL;

    if (where != NULL && where->kind == AST_CURRENT_OF)
        quals = current_of(target, (const AstCurrentOf *) where);
    else if (where != NULL)
        quals = bind_where(binder, where);

    if (target->quals != NULL)
        quals = quals != NULL
                    ? (Node *) makeBoolExpr(AND_EXPR, list_make2(target->quals, quals), -1)
                    : target->quals;
    binder->scope->query->jointree = makeFromExpr(jointree, quals);
}

static void
add_top(Binder *binder, const AstDml *dml)
{
    if (dml->top == NULL)
        return;
    bind_top(binder, dml->top, dml->top_percent, false, binder->scope->query);
}

static bool
is_current_of(const AstNode *where)
{
    return where != NULL && where->kind == AST_CURRENT_OF;
}

static bool
assigns_variables(const AstList *assignments)
{
    for (int i = 0; i < AST_LIST_COUNT(assignments); i++)
        if (AST_LIST_ITEM(AstAssignment, assignments, i)->variable != NULL)
            return true;
    return false;
}

void
bind_update(Binder *binder, const AstUpdate *update)
{
    Scope *scope;
    BoundStatement *statement = binder->statement;
    DmlCarrier carrier = {.binder = binder};
    CteEntry *ctes = binder->ctes;
    List *variables = NIL;
    List *returning = NIL;
    List *targets;
    List *sort_targets;
    DmlTarget target;
    ListCell *cell;

    bind_ctes(binder, update->dml.ctes);
    if (dml_takes_instead_of(binder, &update->dml, AST_UPDATE)) {
        bind_instead_of_update(binder, update);
        binder->ctes = ctes;
        return;
    }
    if (update->from == NULL && !is_current_of(update->where) &&
        !assigns_variables(update->assignments) &&
        dml_is_query_target(binder, update->dml.target)) {
        bind_query_update(binder, update);
        binder->ctes = ctes;
        return;
    }
    scope = scope_push(binder, CMD_UPDATE);
    target = dml_bind_target(binder, &update->dml, update->from, ACL_UPDATE);
    statement->kind = BOUND_UPDATE;
    sort_targets = scope->query->targetList;
    add_quals(binder, &target, target.jointree, update->where);
    dml_bind_output(binder, update->dml.output, &target, true, true, &carrier, &returning);
    variables = returning;
    targets = dml_set_list(binder, update->assignments, &target, &carrier, &variables);
    foreach (cell, targets)
        scope_mark_updated(binder, base_source(binder, &target),
                           ((TargetEntry *) lfirst(cell))->resno);
    scope->query->targetList = list_concat(targets, sort_targets);
    scope->query->returningList = variables;
    scope->query->jointree->fromlist =
        dml_carrier_finish(&carrier, scope->query->jointree->fromlist);
    add_top(binder, &update->dml);
    binder->ctes = ctes;
    dml_finish(binder);
}

void
bind_delete(Binder *binder, const AstDelete *delete_statement)
{
    Scope *scope;
    BoundStatement *statement = binder->statement;
    CteEntry *ctes = binder->ctes;
    List *returning = NIL;
    DmlTarget target;

    bind_ctes(binder, delete_statement->dml.ctes);
    if (dml_takes_instead_of(binder, &delete_statement->dml, AST_DELETE)) {
        bind_instead_of_delete(binder, delete_statement);
        binder->ctes = ctes;
        return;
    }
    if (delete_statement->from == NULL && !is_current_of(delete_statement->where) &&
        dml_is_query_target(binder, delete_statement->dml.target)) {
        bind_query_delete(binder, delete_statement);
        binder->ctes = ctes;
        return;
    }
    scope = scope_push(binder, CMD_DELETE);
    target = dml_bind_target(binder, &delete_statement->dml, delete_statement->from, ACL_DELETE);
    statement->kind = BOUND_DELETE;
    add_quals(binder, &target, target.jointree, delete_statement->where);
    dml_bind_output(binder, delete_statement->dml.output, &target, false, true, NULL, &returning);
    scope->query->returningList = returning;
    add_top(binder, &delete_statement->dml);
    binder->ctes = ctes;
    dml_finish(binder);
}
