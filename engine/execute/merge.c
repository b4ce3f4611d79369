/*
 * MERGE, and UPDATE and DELETE of CTEs and views, in two steps: runs the query that finds the rows
 * to be changed, locks those of the target, and runs the changes over the rows found. See
 * bind/merge.h.
 *
 * A row that another transaction had changed meanwhile makes the whole first step run again, in a
 * new snapshot (READ COMMITTED); the locks taken so far stay, so that this comes to an end. Once
 * all are locked, what was computed from them holds until they are changed.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "storage/itemptr.h"
#include "utils/hsearch.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

typedef struct MergeRun {
    Frame *frame;
    StatementPlan *plan;
    TupleDesc descriptor;
    Relation target;
    TupleTableSlot *slot; /* of the rows found */
    TupleTableSlot *lock; /* of the target */
    HTAB *seen;           /* ctids that are to be changed */
    int64 inserted, other;
} MergeRun;

static Tuplestorestate *
find_rows(MergeRun *run)
{
    DestReceiver *receiver = CreateDestReceiver(DestTuplestore);
    Tuplestorestate *rows = tuplestore_begin_heap(false, false, work_mem);

    SetTuplestoreDestReceiverParams(receiver, rows, CurrentMemoryContext, false, NULL, NULL);
    execute_plan(run->frame, run->plan, run->plan->merge_rows, receiver,
                 session_context->row_count_limit);
    receiver->rDestroy(receiver);
    return rows;
}

static void
start_seen(MergeRun *run)
{
    HASHCTL control = {.keysize = sizeof(ItemPointerData),
                       .entrysize = sizeof(ItemPointerData),
                       .hcxt = CurrentMemoryContext};

    run->seen = hash_create("MERGE rows", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    run->inserted = run->other = 0;
}

/* Locks a row of the target; false: it is no longer what the first step saw. */
static bool
lock_row(MergeRun *run, ItemPointer ctid, int action)
{
    TM_FailureData failure;
    TM_Result result;

    result = table_tuple_lock(
        run->target, ctid, GetActiveSnapshot(), run->lock, GetCurrentCommandId(true),
        action == MERGE_ACTION_DELETE ? LockTupleExclusive : LockTupleNoKeyExclusive, LockWaitBlock,
        0, &failure);
    ExecClearTuple(run->lock);
    if (result == TM_Ok)
        return true;
    if (result != TM_Updated && result != TM_Deleted)
        elog(ERROR, "unexpected result %d of locking a row of a MERGE target", (int) result);
    if (IsolationUsesXactSnapshot())
        ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                        errmsg("could not serialize access due to concurrent update")));
    return false;
}

/* Whether the row is one that was taken before. A MERGE may not change it twice (8672), an UPDATE
 * or DELETE of a query changes it once. */
static bool
is_taken(MergeRun *run)
{
    bool is_null, found;
    Datum ctid = slot_getattr(run->slot, MERGE_ROW_CTID, &is_null);

    if (is_null)
        elog(ERROR, "a row of a MERGE target has no place");
    hash_search(run->seen, (ItemPointer) DatumGetPointer(ctid), HASH_ENTER, &found);
    if (found && run->plan->bound->kind == BOUND_MERGE)
        tsql_error(ERR_8672);
    return found;
}

static ItemPointer
row_place(TupleTableSlot *slot)
{
    return (ItemPointer) DatumGetPointer(slot->tts_values[MERGE_ROW_CTID - 1]);
}

/* Locks and numbers the rows; NULL: they must be found anew. */
static Tuplestorestate *
take_rows(MergeRun *run, Tuplestorestate *found)
{
    Tuplestorestate *rows = tuplestore_begin_heap(false, false, work_mem);

    start_seen(run);
    while (tuplestore_gettupleslot(found, true, false, run->slot)) {
        int action;

        CHECK_FOR_INTERRUPTS();
        slot_getallattrs(run->slot);
        action = DatumGetInt32(run->slot->tts_values[MERGE_ROW_ACTION - 1]);
        if (action != MERGE_ACTION_INSERT && is_taken(run))
            continue;
        if (action != MERGE_ACTION_INSERT && !lock_row(run, row_place(run->slot), action)) {
            tuplestore_end(rows);
            rows = NULL;
            break;
        }
        run->slot->tts_values[MERGE_ROW_KEY - 1] =
            Int64GetDatum(action == MERGE_ACTION_INSERT ? ++run->inserted : -(++run->other));
        run->slot->tts_values[MERGE_ROW_ORDINAL - 1] = Int64GetDatum(run->inserted + run->other);
        tuplestore_putvalues(rows, run->descriptor, run->slot->tts_values, run->slot->tts_isnull);
    }
    hash_destroy(run->seen);
    return rows;
}

static Tuplestorestate *
find_and_take(MergeRun *run)
{
    for (;;) {
        Tuplestorestate *found = find_rows(run);
        Tuplestorestate *rows;

        PushActiveSnapshot(GetTransactionSnapshot());
        rows = take_rows(run, found);
        PopActiveSnapshot();
        ExecClearTuple(run->slot);
        tuplestore_end(found);
        if (rows != NULL)
            return rows;
        CHECK_FOR_INTERRUPTS();
    }
}

static QueryEnvironment *
environment_of(MergeRun *run, Tuplestorestate *rows)
{
    QueryEnvironment *environment = create_queryEnv();
    EphemeralNamedRelation enr = palloc0(sizeof(EphemeralNamedRelationData));

    enr->md.name = MERGE_ROWS_NAME;
    enr->md.reliddesc = InvalidOid;
    enr->md.tupdesc = run->descriptor;
    enr->md.enrtype = ENR_NAMED_TUPLESTORE;
    enr->md.enrtuples = tuplestore_tuple_count(rows);
    enr->reldata = rows;
    register_ENR(environment, enr);
    return environment;
}

/* The second step. */
static void
run_changes(MergeRun *run, Tuplestorestate *rows, PlannedStmt *changes, DestReceiver *receiver)
{
    QueryEnvironment *former = run->frame->environment;

    PG_TRY();
    {
        run->frame->environment = environment_of(run, rows);
        execute_plan(run->frame, run->plan, changes, receiver, 0);
    }
    PG_FINALLY();
    {
        run->frame->environment = former;
    }
    PG_END_TRY();
    tuplestore_end(rows);
}

uint64
run_merge(Frame *frame, StatementPlan *plan, PlannedStmt *changes, DestReceiver *receiver)
{
    MergeRun run = {.frame = frame, .plan = plan};
    Tuplestorestate *rows;

    run.descriptor = ExecCleanTypeFromTL(plan->merge_rows->planTree->targetlist);
    run.target = table_open(plan->bound->target->object.relation, RowExclusiveLock);
    run.slot = MakeSingleTupleTableSlot(run.descriptor, &TTSOpsMinimalTuple);
    run.lock = table_slot_create(run.target, NULL);
    rows = find_and_take(&run);
    ExecDropSingleTupleTableSlot(run.lock);
    ExecDropSingleTupleTableSlot(run.slot);
    table_close(run.target, NoLock);
    run_changes(&run, rows, changes, receiver);
    return run.inserted + run.other;
}
