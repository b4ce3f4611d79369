/*
 * MERGE: onto PostgreSQL's own MERGE, whose join of target and source follows concurrent changes
 * row by row. See dml.h. What that MERGE of PostgreSQL 15 lacks (OUTPUT, NOT MATCHED BY SOURCE,
 * TOP, views) is done in two steps, see merge.h.
 */
#include "postgres.h"

#include "bind/merge.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"

static List *
insert_targets(Binder *binder, const AstMergeClause *clause, const CatalogRelation *relation)
{
    BindClause saved = binder_set_clause(binder, CLAUSE_VALUES);
    List *targets = NIL;
    int count;
    int *columns =
        dml_insert_columns(binder, relation, clause->columns, clause->column_count, &count);

    if (clause->values != NULL && AST_LIST_COUNT(clause->values) != count)
        tsql_error(clause->columns == NULL                  ? ERR_213
                   : AST_LIST_COUNT(clause->values) < count ? ERR_109
                                                            : ERR_110);
    for (int i = 0; clause->values != NULL && i < count; i++)
        targets = lappend(targets,
                          dml_value_target(binder, relation, columns[i], clause->values->items[i]));
    if (relation->rowversion_column >= 0)
        targets = lappend(targets, dml_rowversion_target(relation, relation->rowversion_column));
    binder_set_clause(binder, saved);
    return targets;
}

/* NOT MATCHED clauses see the source only. */
static MergeAction *
bind_action(Binder *binder, const AstMergeClause *clause, DmlTarget *target)
{
    MergeAction *action = makeNode(MergeAction);
    BindClause saved = binder_set_clause(binder, CLAUSE_MERGE_WHEN);
    ListCell *cell;

    pgcompat_merge_action_match(action, clause->match == MERGE_MATCHED);
    action->override = OVERRIDING_USER_VALUE;
    target->source->hidden = clause->match != MERGE_MATCHED;
    if (clause->condition != NULL)
        action->qual = bind_predicate(binder, clause->condition);
    binder_set_clause(binder, saved);
    switch (clause->action) {
    case AST_UPDATE:
        action->commandType = CMD_UPDATE;
        action->targetList = dml_set_list(binder, clause->assignments, target, NULL, NULL);
        foreach (cell, action->targetList)
            scope_mark_updated(binder, target->source, ((TargetEntry *) lfirst(cell))->resno);
        break;
    case AST_DELETE:
        action->commandType = CMD_DELETE;
        break;
    default:
        action->commandType = CMD_INSERT;
        action->targetList = insert_targets(binder, clause, target->relation);
        foreach (cell, action->targetList)
            scope_mark_inserted(binder, target->source, ((TargetEntry *) lfirst(cell))->resno);
        break;
    }
    target->source->hidden = false;
    return action;
}

static AclMode
needed_permissions(const AstMerge *merge)
{
    AclMode mode = ACL_SELECT;

    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++) {
        AstMergeClause *clause = AST_LIST_ITEM(AstMergeClause, merge->clauses, i);

        mode |= clause->action == AST_UPDATE   ? ACL_UPDATE
                : clause->action == AST_DELETE ? ACL_DELETE
                                               : ACL_INSERT;
    }
    return mode;
}

/* ---- rules of the clauses ---- */

static const char *
match_name(const AstMergeClause *clause)
{
    return clause->match == MERGE_MATCHED                 ? "WHEN MATCHED"
           : clause->match == MERGE_NOT_MATCHED_BY_SOURCE ? "WHEN NOT MATCHED BY SOURCE"
                                                          : "WHEN NOT MATCHED";
}

static const char *
action_name(const AstMergeClause *clause)
{
    return clause->action == AST_INSERT   ? "INSERT"
           : clause->action == AST_UPDATE ? "UPDATE"
                                          : "DELETE";
}

static void
check_clauses(const AstMerge *merge)
{
    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++) {
        AstMergeClause *clause = AST_LIST_ITEM(AstMergeClause, merge->clauses, i);

        binder_set_line(&clause->node);
        if ((clause->action == AST_INSERT) != (clause->match == MERGE_NOT_MATCHED_BY_TARGET))
            tsql_error(ERR_10710, action_name(clause), match_name(clause));
        for (int j = 0; j < i; j++) {
            AstMergeClause *earlier = AST_LIST_ITEM(AstMergeClause, merge->clauses, j);

            if (earlier->match != clause->match)
                continue;
            if (earlier->action == clause->action)
                tsql_error(ERR_10714, match_name(clause), action_name(clause));
            if (earlier->condition == NULL)
                tsql_error(ERR_5324, match_name(clause), match_name(clause));
        }
    }
    binder_set_line(&merge->node);
}

/* Rows would have to reach the triggers of several actions. */
static void
refuse_instead_of(Binder *binder, const AstMerge *merge)
{
    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++) {
        AstMergeClause *clause = AST_LIST_ITEM(AstMergeClause, merge->clauses, i);
        AstDml dml = merge->dml;

        dml.output = NULL;
        if (dml_takes_instead_of(binder, &dml, clause->action))
            tsql_error(ERR_40517, "MERGE into a target with an INSTEAD OF trigger");
    }
}

/* ---- which way ---- */

static bool
locks_hard(const AstList *hints)
{
    for (int i = 0; i < AST_LIST_COUNT(hints); i++) {
        const char *name = AST_LIST_ITEM(AstTableHint, hints, i)->name;

        if (pg_strcasecmp(name, "HOLDLOCK") == 0 || pg_strcasecmp(name, "SERIALIZABLE") == 0 ||
            pg_strcasecmp(name, "TABLOCKX") == 0)
            return true;
    }
    return false;
}

/* Whether PostgreSQL's own MERGE can do it. */
static bool
is_plain(Binder *binder, const AstMerge *merge)
{
    const AstTableRef *target = merge->dml.target;
    const CatalogRelation *relation;
    bool inserts = false;

    if (merge->dml.output != NULL || merge->dml.top != NULL || locks_hard(target->hints) ||
        (target->variable == NULL && bind_find_cte(binder, &target->name) != NULL))
        return false;
    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++) {
        AstMergeClause *clause = AST_LIST_ITEM(AstMergeClause, merge->clauses, i);

        if (clause->match == MERGE_NOT_MATCHED_BY_SOURCE)
            return false;
        inserts = inserts || clause->action == AST_INSERT;
    }
    relation = dml_target_relation(binder, target);
    return relation->object.type != CATALOG_VIEW && !(inserts && relation->identity_column >= 0);
}

static void
bind_in_steps(Binder *binder, const AstMerge *merge)
{
    BoundStatement *statement = binder->statement;
    MergeRows rows = {.binder = binder, .ast = merge};

    statement->kind = BOUND_MERGE;
    statement->merge_rows = merge_bind_rows(&rows);
    statement->target = rows.target.relation;
    statement->query = merge_bind_changes(&rows);
}

/* A target's rows, changed where `where` holds: a MERGE without a source. */
static void
bind_without_source(Binder *binder, const AstDml *dml, AstMergeClause *clause, BoundKind kind)
{
    AstNode *item = &clause->node;
    AstList clauses = {.count = 1, .capacity = 1, .items = &item};
    AstMerge merge = {.node = clause->node, .dml = *dml, .clauses = &clauses};

    clause->match = MERGE_MATCHED;
    bind_in_steps(binder, &merge);
    binder->statement->kind = kind;
}

void
bind_query_update(Binder *binder, const AstUpdate *update)
{
    AstMergeClause clause = {.node = update->node,
                             .condition = update->where,
                             .action = AST_UPDATE,
                             .assignments = update->assignments};

    bind_without_source(binder, &update->dml, &clause, BOUND_UPDATE);
}

void
bind_query_delete(Binder *binder, const AstDelete *delete_statement)
{
    AstMergeClause clause = {
        .node = delete_statement->node, .condition = delete_statement->where, .action = AST_DELETE};

    bind_without_source(binder, &delete_statement->dml, &clause, BOUND_DELETE);
}

/* ---- PostgreSQL's MERGE ---- */

static void
bind_plain(Binder *binder, const AstMerge *merge)
{
    Scope *scope = scope_push(binder, CMD_MERGE);
    Query *query = scope->query;
    BoundStatement *statement = binder->statement;
    DmlTarget target = {0};
    Node *source;
    BindClause clause;
    Node *on;

    target.relation = dml_target_relation(binder, merge->dml.target);
    statement->kind = BOUND_MERGE;
    statement->target = target.relation;
    target.source = scope_add_relation(binder, target.relation, merge->dml.target->alias,
                                       needed_permissions(merge), false);
    target.rtindex = query->resultRelation = target.source->rtindex;
    bind_table_hints(binder, merge->dml.target->hints, NULL);
    target.source->hidden = true;
    source = bind_table_source(binder, merge->source);
    target.source->hidden = false;
    clause = binder_set_clause(binder, CLAUSE_ON);
    on = bind_predicate(binder, merge->on);
    binder_set_clause(binder, clause);
    pgcompat_merge_join(query, source, on);
    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++) {
        AstMergeClause *when = AST_LIST_ITEM(AstMergeClause, merge->clauses, i);

        query->mergeActionList =
            lappend(query->mergeActionList, bind_action(binder, when, &target));
        if (when->match != MERGE_MATCHED)
            pgcompat_merge_use_outer_join(query);
    }
    statement->query = scope_finish(binder);
}

void
bind_merge(Binder *binder, const AstMerge *merge)
{
    CteEntry *ctes = binder->ctes;

    check_clauses(merge);
    bind_ctes(binder, merge->dml.ctes);
    refuse_instead_of(binder, merge);
    if (is_plain(binder, merge))
        bind_plain(binder, merge);
    else
        bind_in_steps(binder, merge);
    binder_set_line(&merge->node);
    binder->ctes = ctes;
}
