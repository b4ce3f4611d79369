/*
 * MERGE: onto PostgreSQL's own MERGE, whose join of target and source follows concurrent changes
 * row by row. See dml.h. What that MERGE of PostgreSQL 15 and 16 lacks, OUTPUT and NOT MATCHED BY
 * SOURCE, is refused here with an error that says so.
 */
#include "postgres.h"

#include "bind/dml.h"
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

static void
refuse_what_is_missing(const AstMerge *merge)
{
    if (merge->dml.output != NULL)
        tsql_error(ERR_40517, "MERGE OUTPUT");
    if (merge->dml.top != NULL)
        tsql_error(ERR_40517, "MERGE TOP");
    for (int i = 0; i < AST_LIST_COUNT(merge->clauses); i++)
        if (AST_LIST_ITEM(AstMergeClause, merge->clauses, i)->match == MERGE_NOT_MATCHED_BY_SOURCE)
            tsql_error(ERR_40517, "NOT MATCHED BY SOURCE");
}

void
bind_merge(Binder *binder, const AstMerge *merge)
{
    Scope *scope = scope_push(binder, CMD_MERGE);
    Query *query = scope->query;
    BoundStatement *statement = binder->statement;
    DmlTarget target = {0};
    CteEntry *ctes = binder->ctes;
    Node *source;
    BindClause clause;
    Node *on;

    refuse_what_is_missing(merge);
    bind_ctes(binder, merge->dml.ctes);
    target.relation = dml_target_relation(binder, merge->dml.target);
    if (target.relation->object.type == CATALOG_VIEW)
        tsql_error(ERR_40517, "MERGE into a view");
    statement->kind = BOUND_MERGE;
    statement->target = target.relation;
    target.source = scope_add_relation(binder, target.relation, merge->dml.target->alias,
                                       needed_permissions(merge), false);
    target.rtindex = query->resultRelation = target.source->rtindex;
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
    binder->ctes = ctes;
    statement->query = scope_finish(binder);
}
