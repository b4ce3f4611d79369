/*
 * TOP, OFFSET and FETCH as PostgreSQL's limit and offset.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/fmgroids.h"

Node *
bind_limit_expr(Binder *binder, const AstNode *node, const char *what)
{
    BoundExpr count;
    SqlType bigint = sql_type_make(SQL_BIGINT);
    BindClause saved = binder->scope->clause;
    int visible = binder->scope->visible_to;

    /* no column of this query is visible in its own row count */
    binder->scope->clause = CLAUSE_TOP;
    binder->scope->visible_to = 0;
    count = bind_expr(binder, node);
    binder->scope->visible_to = visible;
    binder->scope->clause = saved;
    if (count.type.id == SQL_UNKNOWN ||
        (sql_type_info(count.type.id)->category != 'I' && count.type.id != SQL_DECIMAL &&
         count.type.id != SQL_NUMERIC)) {
        binder_set_line(node);
        tsql_error(ERR_1060);
    }
    return (Node *) bind_convert(binder, count, &bigint, CONVERSION_EXPLICIT);
}

/* ---- PERCENT ---- */

static Aggref *
count_star(void)
{
    Aggref *count = makeNode(Aggref);

    count->aggfnoid = F_COUNT_;
    count->aggtype = INT8OID;
    count->aggstar = true;
    count->aggkind = AGGKIND_NORMAL;
    count->aggsplit = AGGSPLIT_SIMPLE;
    count->aggno = count->aggtransno = -1;
    count->location = -1;
    return count;
}

/*
 * ceil(p / 100 * count(*)) over a second copy of the query: PostgreSQL has no percentage. The copy
 * stands two levels deeper (sublink, FROM), so its references outwards move by two.
 */
static Node *
percent_limit(Binder *binder, Expr *percent, Query *query)
{
    Scope *scope = binder->scope;
    Query *copy = copyObject(query), *count;
    ColumnList columns = {0};
    ScopeSource *source;
    RangeTblRef *ref = makeNode(RangeTblRef);
    SqlType bigint = sql_type_make(SQL_BIGINT);
    SubLink *link = makeNode(SubLink);
    Expr *limit;

    if (copy->commandType != CMD_SELECT) {
        /* the rows that UPDATE or DELETE would change */
        copy->commandType = CMD_SELECT;
        copy->resultRelation = 0;
        copy->targetList = copy->returningList = copy->withCheckOptions = NIL;
    }
    copy->sortClause = NIL;
    copy->hasAggs = scope->has_aggregates;
    copy->hasWindowFuncs = scope->has_windows;
    copy->hasSubLinks = scope->has_sublinks;
    copy->rowMarks = NIL;
    IncrementVarSublevelsUp((Node *) copy, 2, 1);
    scope_push(binder, CMD_SELECT);
    source = scope_add_subquery(binder, copy, &columns, "counted", false);
    ref->rtindex = source->rtindex;
    count = binder->scope->query;
    count->jointree = makeFromExpr(list_make1(ref), NULL);
    percent = copyObject(percent);
    IncrementVarSublevelsUp((Node *) percent, 1, 0);
    limit = bind_call("top_percent_rows", &bigint, list_make2(percent, count_star()), InvalidOid);
    count->targetList = list_make1(makeTargetEntry(limit, 1, pstrdup("rows"), false));
    binder->scope->has_aggregates = true;
    count = scope_finish(binder);
    link->subLinkType = EXPR_SUBLINK;
    link->subselect = (Node *) count;
    link->location = -1;
    scope->has_sublinks = true;
    return (Node *) link;
}

static bool
is_hundred(const AstNode *node)
{
    const AstLiteral *literal = (const AstLiteral *) node;

    return node->kind == AST_LITERAL && literal->type != LITERAL_STRING &&
           literal->type != LITERAL_NULL && strtod(literal->text, NULL) == 100.0;
}

static void
bind_top_percent(Binder *binder, const AstNode *top, Query *query)
{
    SqlType type = sql_type_make(SQL_FLOAT);

    /* the well-known way to put ORDER BY into a view */
    if (is_hundred(top))
        return;
    query->limitCount = percent_limit(
        binder, bind_convert(binder, bind_expr(binder, top), &type, CONVERSION_IMPLICIT), query);
}

void
bind_top(Binder *binder, const AstNode *top, bool percent, bool with_ties, Query *query)
{
    if (with_ties && query->sortClause == NIL) {
        binder_set_line(top);
        tsql_error(ERR_1062);
    }
    if (percent)
        bind_top_percent(binder, top, query);
    else
        query->limitCount = bind_limit_expr(binder, top, "TOP");
    query->limitOption =
        with_ties && query->limitCount ? LIMIT_OPTION_WITH_TIES : LIMIT_OPTION_COUNT;
}

void
bind_offset_fetch(Binder *binder, const AstQueryTail *tail, Query *query)
{
    if (!tail->offset)
        return;
    if (query->limitCount) {
        binder_set_line(tail->offset);
        tsql_error(ERR_10741);
    }
    query->limitOffset = bind_limit_expr(binder, tail->offset, "OFFSET");
    if (tail->fetch)
        query->limitCount = bind_limit_expr(binder, tail->fetch, "FETCH");
    query->limitOption = LIMIT_OPTION_COUNT;
}
