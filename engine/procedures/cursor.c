/*
 * What a cursor is and does, whoever holds it. Statements are in cursor_statement.c, the procedures
 * of the API in cursor_api.c. See cursor.h.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/tableam.h"
#include "bind/bind.h"
#include "catalog/pg_type_d.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parsetree.h"
#include "procedures/cursor.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

int cursor_count;

Cursor *
cursor_new(Program *program, const AstNode *query, ParamListInfo params)
{
    MemoryContext memory =
        AllocSetContextCreate(session_memory, "T-SQL cursor", ALLOCSET_SMALL_SIZES);
    MemoryContext old = MemoryContextSwitchTo(memory);
    Cursor *cursor = palloc0(sizeof(Cursor));

    cursor_count++;
    cursor->memory = memory;
    cursor->references = 1;
    cursor->program = program_ref(program);
    cursor->query = query;
    if (params != NULL)
        cursor->params = copyParamList(params);
    cursor->fetch_status = -1;
    MemoryContextSwitchTo(old);
    return cursor;
}

Cursor *
cursor_ref(Cursor *cursor)
{
    cursor->references++;
    return cursor;
}

static void
drop_rows(Cursor *cursor)
{
    if (cursor->slot != NULL)
        ExecDropSingleTupleTableSlot(cursor->slot);
    if (cursor->rows != NULL)
        tuplestore_end(cursor->rows);
    cursor->slot = NULL;
    cursor->rows = NULL;
    cursor->open = false;
    cursor->row_count = cursor->position = 0;
}

void
cursor_unref(Cursor *cursor)
{
    if (cursor == NULL || --cursor->references > 0)
        return;
    drop_rows(cursor);
    program_unref(cursor->program);
    cursor_count--;
    MemoryContextDelete(cursor->memory);
}

/* ---- opening ---- */

/* Lets the rows of plain queries carry the ctids of their base tables, for WHERE CURRENT OF. */
static Query *
with_row_positions(Cursor *cursor, const Query *bound)
{
    Query *query = copyObjectImpl(bound);
    int rtindex = 0;
    ListCell *cell;

    cursor->base_count = 0;
    if (cursor->read_only || query->groupClause != NIL || query->groupingSets != NIL ||
        query->distinctClause != NIL || query->hasAggs || query->setOperations != NULL)
        return query;
    cursor->bases =
        MemoryContextAlloc(cursor->memory, sizeof(CursorBase) * (list_length(query->rtable) + 1));
    foreach (cell, query->rtable) {
        RangeTblEntry *rte = lfirst(cell);
        int resno = list_length(query->targetList) + 1;
        Var *ctid;

        rtindex++;
        if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_RELATION)
            continue;
        ctid = makeVar(rtindex, SelfItemPointerAttributeNumber, TIDOID, -1, InvalidOid, 0);
        query->targetList = lappend(query->targetList,
                                    makeTargetEntry((Expr *) ctid, resno, pstrdup("ctid"), false));
        cursor->bases[cursor->base_count].relation = rte->relid;
        cursor->bases[cursor->base_count++].column = -1;
    }
    return query;
}

/* Where the ctids came to stand in the rows, junk columns being left out of them. */
static void
place_row_positions(Cursor *cursor, const PlannedStmt *planned)
{
    int visible = 0;
    int base = 0;
    ListCell *cell;

    foreach (cell, planned->planTree->targetlist) {
        TargetEntry *entry = lfirst(cell);

        if (entry->resjunk)
            continue;
        if (entry->resname != NULL && strcmp(entry->resname, "ctid") == 0 &&
            visible >= cursor->column_count && base < cursor->base_count)
            cursor->bases[base++].column = visible;
        visible++;
    }
    cursor->base_count = base;
}

static void
copy_columns(Cursor *cursor, const BoundStatement *bound)
{
    MemoryContext old = MemoryContextSwitchTo(cursor->memory);

    cursor->column_count = bound->column_count;
    cursor->columns = palloc(sizeof(BoundColumn) * (bound->column_count + 1));
    for (int i = 0; i < bound->column_count; i++) {
        cursor->columns[i] = bound->columns[i];
        cursor->columns[i].name = pstrdup(bound->columns[i].name ? bound->columns[i].name : "");
        cursor->columns[i].source_database = cursor->columns[i].source_schema = NULL;
        cursor->columns[i].source_table = cursor->columns[i].source_column = NULL;
    }
    MemoryContextSwitchTo(old);
}

/* Runs the plan in a frame of the cursor's program, with the values that DECLARE saw. */
static void
fill_rows(Cursor *cursor, Frame *frame)
{
    StatementPlan *plan = plan_statement(cursor->program, cursor->query, &frame->scope);
    Query *query = with_row_positions(cursor, plan->bound->query);
    PlannedStmt *planned = plan_query(query, cursor->params);
    DestReceiver *receiver = CreateDestReceiver(DestTuplestore);
    TupleDesc descriptor;
    MemoryContext old;

    copy_columns(cursor, plan->bound);
    place_row_positions(cursor, planned);
    old = MemoryContextSwitchTo(cursor->memory);
    cursor->rows = tuplestore_begin_heap(true, true, work_mem);
    MemoryContextSwitchTo(old);
    SetTuplestoreDestReceiverParams(receiver, cursor->rows, cursor->memory, true, NULL, NULL);
    cursor->row_count = (int64) execute_plan(frame, plan, planned, receiver, 0);
    old = MemoryContextSwitchTo(cursor->memory);
    descriptor = ExecCleanTypeFromTL(planned->planTree->targetlist);
    cursor->slot = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
    MemoryContextSwitchTo(old);
    receiver->rDestroy(receiver);
    plan_release(plan);
}

void
cursor_open(Cursor *cursor, Frame *frame)
{
    Frame *volatile runs_in = frame;
    ParamListInfo volatile saved = NULL;

    if (cursor->open)
        tsql_error(ERR_16905);
    if (frame->program != cursor->program)
        runs_in = frame_push(FRAME_TEXT, program_ref(cursor->program), cursor->params);
    else {
        saved = frame->params;
        frame->params = cursor->params;
    }
    PG_TRY();
    {
        fill_rows(cursor, runs_in);
    }
    PG_CATCH();
    {
        if (runs_in == frame)
            frame->params = saved;
        drop_rows(cursor);
        PG_RE_THROW();
    }
    PG_END_TRY();
    if (runs_in == frame)
        frame->params = saved;
    else
        frame_pop(runs_in);
    cursor->open = true;
    session_context->cursor_rows = (int) cursor->row_count;
    cursor->position = 0;
    cursor->fetch_status = -1;
}

void
cursor_close(Cursor *cursor)
{
    if (!cursor->open)
        tsql_error(ERR_16917);
    drop_rows(cursor);
}

/* ---- moving ---- */

/* Puts the tuplestore's read pointer so that the next forward read gives row `position`. */
static void
seek(Cursor *cursor, int64 position)
{
    if (position == cursor->position + 1 && cursor->position <= cursor->row_count)
        return;
    tuplestore_rescan(cursor->rows);
    if (position > 1)
        tuplestore_skiptuples(cursor->rows, position - 1, true);
}

static int64
target_position(const Cursor *cursor, AstFetchDirection direction, int64 count)
{
    switch (direction) {
    case FETCH_DIR_NEXT:
        return cursor->position + 1;
    case FETCH_DIR_PRIOR:
        return cursor->position - 1;
    case FETCH_DIR_FIRST:
        return 1;
    case FETCH_DIR_LAST:
        return cursor->row_count;
    case FETCH_DIR_ABSOLUTE:
        return count >= 0 ? count : cursor->row_count + 1 + count;
    case FETCH_DIR_RELATIVE:
        return cursor->position + count;
    }
    return 0;
}

TupleTableSlot *
cursor_move(Cursor *cursor, AstFetchDirection direction, int64 count)
{
    int64 position = target_position(cursor, direction, count);
    MemoryContext old;
    bool found;

    if (position < 1 || position > cursor->row_count) {
        tuplestore_rescan(cursor->rows);
        cursor->position = position < 1 ? 0 : cursor->row_count + 1;
        if (cursor->position > 0)
            tuplestore_skiptuples(cursor->rows, cursor->row_count, true);
        cursor->fetch_status = -1;
        ExecClearTuple(cursor->slot);
        return NULL;
    }
    seek(cursor, position);
    old = MemoryContextSwitchTo(cursor->memory); /* the slot keeps the row */
    found = tuplestore_gettupleslot(cursor->rows, true, true, cursor->slot);
    MemoryContextSwitchTo(old);
    if (!found) {
        cursor->fetch_status = -1;
        return NULL;
    }
    cursor->position = position;
    cursor->fetch_status = 0;
    return cursor->slot;
}

/* ---- WHERE CURRENT OF ---- */

PG_FUNCTION_INFO_V1(casement_cursor_position);

/*
 * sys.cursor_position(cursor text, relation oid) returns tid: the row of the relation that the
 * cursor stands on, in its latest version; what WHERE CURRENT OF is bound to. 16931 when the cursor
 * stands on no row, 16929/16930 when it cannot be updated through.
 */
Datum
casement_cursor_position(PG_FUNCTION_ARGS)
{
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
    Oid relation_oid = PG_GETARG_OID(1);
    Cursor *cursor = cursor_find(frame_current(), name, false);
    ItemPointer tid = palloc(sizeof(ItemPointerData));
    Relation relation;
    TableScanDesc scan;

    if (!cursor->open || cursor->position < 1 || cursor->position > cursor->row_count)
        tsql_error(ERR_16931);
    if (cursor->read_only)
        tsql_error(ERR_16929);
    for (int i = 0; i < cursor->base_count; i++) {
        bool is_null;
        Datum value;

        if (cursor->bases[i].relation != relation_oid)
            continue;
        value = slot_getattr(cursor->slot, cursor->bases[i].column + 1, &is_null);
        if (is_null)
            tsql_error(ERR_16931);
        ItemPointerCopy((ItemPointer) DatumGetPointer(value), tid);
        relation = relation_open(relation_oid, AccessShareLock);
        scan = table_beginscan_tid(relation, GetActiveSnapshot());
        if (table_tuple_tid_valid(scan, tid))
            table_tuple_get_latest_tid(scan, tid);
        table_endscan(scan);
        relation_close(relation, AccessShareLock);
        PG_RETURN_POINTER(tid);
    }
    tsql_error(ERR_16930);
}
