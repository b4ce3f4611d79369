/*
 * The one place where PostgreSQL's versions differ: small inline functions with the newest
 * version's meaning, which do the older thing on older servers. Whatever builds Query trees or
 * calls a function whose signature changed goes through here; nowhere else is PG_VERSION_NUM read.
 */
#pragma once

#include "postgres.h"

#include "access/sysattr.h"
#include "executor/executor.h"
#include "nodes/bitmapset.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "nodes/value.h"
#include "storage/lock.h"
#include "storage/proc.h"

#if PG_VERSION_NUM >= 160000
#include "parser/parse_relation.h"
#endif

/* ---- permissions of a range table entry (RTEPermissionInfo since 16) ---- */

/* Asks for `permissions` on the relation of `rte`, checked as `user` (InvalidOid: current). */
static inline void
pgcompat_rte_permissions(Query *query, RangeTblEntry *rte, AclMode permissions, Oid user)
{
#if PG_VERSION_NUM >= 160000
    RTEPermissionInfo *info = addRTEPermissionInfo(&query->rteperminfos, rte);

    info->requiredPerms = permissions;
    info->checkAsUser = user;
#else
    rte->requiredPerms = permissions;
    rte->checkAsUser = user;
#endif
}

static inline void
pgcompat_rte_add_permissions(Query *query, RangeTblEntry *rte, AclMode permissions)
{
#if PG_VERSION_NUM >= 160000
    getRTEPermissionInfo(query->rteperminfos, rte)->requiredPerms |= permissions;
#else
    rte->requiredPerms |= permissions;
#endif
}

/* The sets of columns read, inserted, updated: attnums offset by FirstLowInvalidHeapAttributeNumber
 * as PostgreSQL keeps them. */
static inline Bitmapset **
pgcompat_rte_selected(Query *query, RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 160000
    return &getRTEPermissionInfo(query->rteperminfos, rte)->selectedCols;
#else
    return &rte->selectedCols;
#endif
}

static inline Bitmapset **
pgcompat_rte_inserted(Query *query, RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 160000
    return &getRTEPermissionInfo(query->rteperminfos, rte)->insertedCols;
#else
    return &rte->insertedCols;
#endif
}

static inline Bitmapset **
pgcompat_rte_updated(Query *query, RangeTblEntry *rte)
{
#if PG_VERSION_NUM >= 160000
    return &getRTEPermissionInfo(query->rteperminfos, rte)->updatedCols;
#else
    return &rte->updatedCols;
#endif
}

/* ---- outer joins that null a Var (since 16) ---- */

static inline void
pgcompat_var_nulling(Var *var, const Bitmapset *nulling)
{
#if PG_VERSION_NUM >= 160000
    var->varnullingrels = bms_copy(nulling);
#else
    (void) var;
    (void) nulling;
#endif
}

/* ---- MERGE (fields changed in 17) ---- */

/* Says whether an action is for matched rows (else: rows of the source without a target row). */
static inline void
pgcompat_merge_action_match(MergeAction *action, bool matched)
{
#if PG_VERSION_NUM >= 170000
    action->matchKind = matched ? MERGE_WHEN_MATCHED : MERGE_WHEN_NOT_MATCHED_BY_TARGET;
#else
    action->matched = matched;
#endif
}

/* The source's jointree item and the ON condition of a MERGE whose resultRelation is set. */
static inline void
pgcompat_merge_join(Query *query, Node *source, Node *condition)
{
#if PG_VERSION_NUM >= 170000
    query->mergeTargetRelation = query->resultRelation;
    query->mergeJoinCondition = condition;
    query->jointree = makeFromExpr(list_make1(source), NULL);
#else
    query->jointree = makeFromExpr(list_make1(source), condition);
#endif
}

/* Rows of the source without a target row are wanted, too. */
static inline void
pgcompat_merge_use_outer_join(Query *query)
{
#if PG_VERSION_NUM < 170000
    query->mergeUseOuterJoin = true;
#else
    (void) query;
#endif
}

/* ---- running a plan (ExecutorRun lost execute_once in 18) ---- */

/* Runs to the end or for `count` rows (0: all). */
static inline void
pgcompat_executor_run(QueryDesc *query, uint64 count)
{
#if PG_VERSION_NUM >= 180000
    ExecutorRun(query, ForwardScanDirection, count);
#else
    ExecutorRun(query, ForwardScanDirection, count, true);
#endif
}

/* ---- index entries of a row just inserted (ExecInsertIndexTuples grew an argument in 16) ---- */

/* Returns the indexes whose deferred constraints are to be checked again. */
static inline List *
pgcompat_insert_index_tuples(ResultRelInfo *result, TupleTableSlot *slot, EState *estate)
{
    if (result->ri_NumIndices == 0)
        return NIL;
#if PG_VERSION_NUM >= 160000
    return ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL, false);
#else
    return ExecInsertIndexTuples(result, slot, estate, false, false, NULL, NIL);
#endif
}

/* ---- descending order (SortGroupClause says it itself since 18) ---- */

/* To be called wherever sortop is set: without it 18 sorts ascending. */
static inline void
pgcompat_sort_direction(SortGroupClause *sort, bool descending)
{
#if PG_VERSION_NUM >= 180000
    sort->reverse_sort = descending;
#else
    (void) sort;
    (void) descending;
#endif
}

/* ---- NOT NULL (a constraint of its own since 18) ---- */

static inline void
pgcompat_column_not_null(ColumnDef *column)
{
#if PG_VERSION_NUM >= 180000
    column->constraints =
        lappend(column->constraints, makeNotNullConstraint(makeString(pstrdup(column->colname))));
#else
    column->is_not_null = true;
#endif
}

/* ---- constraints that are not enforced (since 18) ---- */

/* To be called for every CHECK or FOREIGN KEY made without the grammar. */
static inline void
pgcompat_constraint_enforced(Constraint *constraint)
{
#if PG_VERSION_NUM >= 180000
    constraint->is_enforced = true;
#else
    (void) constraint;
#endif
}

/* ---- heavyweight locks (LockHeldByMe grew an argument in 17) ---- */

/* Whether this session holds the lock in exactly this mode. */
static inline bool
pgcompat_lock_held(const LOCKTAG *tag, LOCKMODE mode)
{
#if PG_VERSION_NUM >= 170000
    return LockHeldByMe(tag, mode, false);
#else
    return LockHeldByMe(tag, mode);
#endif
}

/* ---- numbers of processes (MyProcNumber since 17) ---- */

/* This process's number, below MaxBackends for all but auxiliary processes; -1 before it has one.
 */
static inline int
pgcompat_backend_number(void)
{
#if PG_VERSION_NUM >= 170000
    return MyProcNumber;
#else
    return MyProc != NULL ? MyProc->pgprocno : -1;
#endif
}
