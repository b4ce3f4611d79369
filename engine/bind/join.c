/*
 * Joins and APPLY. ON sees the two sides only; APPLY's right side sees the left. Sources on a
 * nullable side are marked, so that their columns are described as nullable and (PostgreSQL 16 on)
 * their Vars say which joins can null them.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "nodes/makefuncs.h"

typedef struct JoinSide {
    List *vars;    /* Var: every column that the side exposes */
    List *names;   /* String */
    List *numbers; /* int: column numbers in the side's own range table entry */
} JoinSide;

static ScopeSource *
source_of_entry(const Scope *scope, int rtindex)
{
    ListCell *cell;

    foreach (cell, scope->sources) {
        ScopeSource *source = lfirst(cell);

        if (source->rtindex == rtindex)
            return source;
    }
    return NULL;
}

static void
side_of_source(const ScopeSource *source, JoinSide *side)
{
    for (int i = 0; i < source->column_count; i++) {
        const ScopeColumn *column = &source->columns[i];
        Var *var;

        if (column->expression)
            continue;
        var = makeVar(source->rtindex, column->attnum, sql_type_oid(column->type.id),
                      sql_type_typmod(&column->type), column->type.collation, 0);
        pgcompat_var_nulling(var, source->nulling);
        side->vars = lappend(side->vars, var);
        side->names =
            lappend(side->names, makeString(pstrdup(column->name[0] ? column->name : "?column?")));
        side->numbers = lappend_int(side->numbers, column->attnum);
    }
}

static JoinSide
join_side(const Scope *scope, const Node *item)
{
    JoinSide side = {NIL, NIL, NIL};

    if (IsA(item, RangeTblRef)) {
        side_of_source(source_of_entry(scope, ((const RangeTblRef *) item)->rtindex), &side);
    } else {
        const JoinExpr *join = (const JoinExpr *) item;
        const RangeTblEntry *entry = list_nth(scope->query->rtable, join->rtindex - 1);

        side.vars = copyObject(entry->joinaliasvars);
        side.names = copyObject(entry->eref->colnames);
        for (int i = 1; i <= list_length(side.vars); i++)
            side.numbers = lappend_int(side.numbers, i);
    }
    return side;
}

int
bind_join_entry(Binder *binder, const JoinExpr *join)
{
    Scope *scope = binder->scope;
    RangeTblEntry *entry = makeNode(RangeTblEntry);
    JoinSide left = join_side(scope, join->larg), right = join_side(scope, join->rarg);

    entry->rtekind = RTE_JOIN;
    entry->jointype = join->jointype;
    entry->joinaliasvars = list_concat(left.vars, right.vars);
    entry->joinleftcols = left.numbers;
    entry->joinrightcols = right.numbers;
    entry->eref = makeAlias("unnamed_join", list_concat(left.names, right.names));
    entry->inFromCl = true;
    scope->query->rtable = lappend(scope->query->rtable, entry);
    return list_length(scope->query->rtable);
}

static void
mark_nullable(Scope *scope, int from, int to, int rtindex)
{
    for (int i = from; i < to; i++) {
        ScopeSource *source = list_nth(scope->sources, i);

        source->outer_nullable = true;
        source->nulling = bms_add_member(source->nulling, rtindex);
    }
}

static JoinType
pg_join_type(AstJoinType type)
{
    switch (type) {
    case JOIN_TYPE_LEFT:
    case JOIN_TYPE_OUTER_APPLY:
        return JOIN_LEFT;
    case JOIN_TYPE_RIGHT:
        return JOIN_RIGHT;
    case JOIN_TYPE_FULL:
        return JOIN_FULL;
    default:
        return JOIN_INNER;
    }
}

static Node *
bind_on(Binder *binder, const AstJoin *ast, int from, int to)
{
    Scope *scope = binder->scope;
    int saved_from = scope->visible_from, saved_to = scope->visible_to;
    BindClause saved;
    Node *quals;

    if (!ast->on)
        return ast->type == JOIN_TYPE_OUTER_APPLY ? (Node *) bind_bool_const(true) : NULL;
    scope->visible_from = from;
    scope->visible_to = to;
    saved = binder_set_clause(binder, CLAUSE_ON);
    quals = bind_predicate(binder, ast->on);
    binder_set_clause(binder, saved);
    scope->visible_from = saved_from;
    scope->visible_to = saved_to;
    return quals;
}

Node *
bind_join(Binder *binder, const AstJoin *ast, int lateral_from)
{
    Scope *scope = binder->scope;
    JoinExpr *join = makeNode(JoinExpr);
    bool apply = ast->type == JOIN_TYPE_CROSS_APPLY || ast->type == JOIN_TYPE_OUTER_APPLY;
    int left = list_length(scope->sources), right, end;

    join->jointype = pg_join_type(ast->type);
    join->larg = bind_source_item(binder, ast->left, lateral_from);
    right = list_length(scope->sources);
    join->rarg = bind_source_item(binder, ast->right, apply ? left : lateral_from);
    end = list_length(scope->sources);
    join->quals = bind_on(binder, ast, left, end);
    join->rtindex = bind_join_entry(binder, join);
    if (join->jointype == JOIN_LEFT || join->jointype == JOIN_FULL)
        mark_nullable(scope, right, end, join->rtindex);
    if (join->jointype == JOIN_RIGHT || join->jointype == JOIN_FULL)
        mark_nullable(scope, left, right, join->rtindex);
    return (Node *) join;
}
