/*
 * Batches of rows into a table. See bulk_rows.h.
 */
#include "postgres.h"

#include "session/bulk_rows.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_relation.h"
#include "pgcompat/pgcompat.h"
#include "rewrite/rewriteHandler.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define BATCH_ROWS 1000
#define BATCH_BYTES 65536

typedef struct ColumnDefault {
    AttrNumber attnum;
    ExprState *expression;
} ColumnDefault;

struct BulkRows {
    Relation relation;
    EState *estate;
    ResultRelInfo *result;
    BulkInsertState insert_state;
    BulkOptions options;
    MemoryContext home;   /* of this and the slots: lives as long as the load */
    MemoryContext memory; /* of a batch's values */
    int column_count;
    const AttrNumber *attnums;
    ExprState **brought_defaults; /* of the columns brought, NULL if there is none */
    int default_count;
    ColumnDefault *defaults; /* of the columns not brought */
    int row_count;
    size_t bytes;
    uint64 total;
    TupleTableSlot *slots[BATCH_ROWS];
};

/* Leaves only the triggers that the options ask for; foreign keys count as constraints. */
static void
choose_triggers(BulkRows *rows)
{
    TriggerDesc *triggers = CopyTriggerDesc(rows->result->ri_TrigDesc);
    bool any = false;

    if (triggers == NULL)
        return;
    for (int i = 0; i < triggers->numtriggers; i++) {
        Trigger *trigger = &triggers->triggers[i];
        bool wanted =
            trigger->tgisinternal ? rows->options.check_constraints : rows->options.fire_triggers;

        if (!wanted)
            trigger->tgenabled = TRIGGER_DISABLED;
        else
            any = true;
    }
    rows->result->ri_TrigDesc = any ? triggers : NULL;
}

static ExprState *
default_of(BulkRows *rows, AttrNumber attnum)
{
    Node *expression = build_column_default(rows->relation, attnum);

    if (expression == NULL)
        return NULL;
    return ExecInitExpr(expression_planner((Expr *) expression), NULL);
}

static void
find_defaults(BulkRows *rows)
{
    TupleDesc descriptor = RelationGetDescr(rows->relation);

    rows->brought_defaults = palloc0(sizeof(ExprState *) * Max(rows->column_count, 1));
    rows->defaults = palloc0(sizeof(ColumnDefault) * Max(descriptor->natts, 1));
    for (int i = 0; i < rows->column_count; i++)
        rows->brought_defaults[i] = default_of(rows, rows->attnums[i]);
    for (AttrNumber attnum = 1; attnum <= descriptor->natts; attnum++) {
        Form_pg_attribute attribute = TupleDescAttr(descriptor, attnum - 1);
        bool brought = attribute->attisdropped || attribute->attgenerated != '\0';
        ExprState *expression;

        for (int i = 0; i < rows->column_count; i++)
            brought = brought || rows->attnums[i] == attnum;
        expression = brought ? NULL : default_of(rows, attnum);
        if (expression != NULL) {
            rows->defaults[rows->default_count].attnum = attnum;
            rows->defaults[rows->default_count++].expression = expression;
        }
    }
}

BulkRows *
bulk_rows_begin(Oid relation, const AttrNumber *attnums, int count, const BulkOptions *options)
{
    BulkRows *rows = palloc0(sizeof(BulkRows));

    rows->options = *options;
    rows->home = CurrentMemoryContext;
    rows->column_count = count;
    rows->attnums = attnums;
    rows->relation = table_open(relation, options->table_lock ? ExclusiveLock : RowExclusiveLock);
    rows->estate = CreateExecutorState();
    rows->result = makeNode(ResultRelInfo);
    InitResultRelInfo(rows->result, rows->relation, 1, NULL, 0);
    ExecOpenIndices(rows->result, false);
    rows->estate->es_opened_result_relations = lappend(NIL, rows->result);
    rows->estate->es_output_cid = GetCurrentCommandId(true);
    rows->insert_state = GetBulkInsertState();
    rows->memory =
        AllocSetContextCreate(CurrentMemoryContext, "bulk load batch", ALLOCSET_DEFAULT_SIZES);
    choose_triggers(rows);
    find_defaults(rows);
    AfterTriggerBeginQuery();
    return rows;
}

bool
bulk_rows_default(BulkRows *rows, int i, Datum *value, bool *is_null)
{
    if (rows->brought_defaults[i] == NULL)
        return false;
    *value = ExecEvalExpr(rows->brought_defaults[i], GetPerTupleExprContext(rows->estate), is_null);
    return true;
}

MemoryContext
bulk_rows_memory(BulkRows *rows)
{
    return rows->memory;
}

/* NOT NULL alone; the error is the one that ExecConstraints raises. */
static void
check_not_null(Relation relation, TupleTableSlot *slot)
{
    TupleDesc descriptor = RelationGetDescr(relation);

    if (descriptor->constr == NULL || !descriptor->constr->has_not_null)
        return;
    for (AttrNumber attnum = 1; attnum <= descriptor->natts; attnum++) {
        Form_pg_attribute attribute = TupleDescAttr(descriptor, attnum - 1);

        if (attribute->attnotnull && slot->tts_isnull[attnum - 1])
            ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION),
                            errmsg("null value in column \"%s\" violates not-null constraint",
                                   NameStr(attribute->attname)),
                            errtablecol(relation, attnum)));
    }
}

/* Writes the batch: heap first, then indexes and triggers row by row. */
static void
write_batch(BulkRows *rows)
{
    EState *estate = rows->estate;
    MemoryContext old;

    if (rows->row_count == 0)
        return;
    old = MemoryContextSwitchTo(GetPerTupleMemoryContext(estate));
    table_multi_insert(rows->relation, rows->slots, rows->row_count, estate->es_output_cid, 0,
                       rows->insert_state);
    MemoryContextSwitchTo(old);
    for (int i = 0; i < rows->row_count; i++) {
        TupleTableSlot *slot = rows->slots[i];
        List *recheck;

        slot->tts_tableOid = RelationGetRelid(rows->relation);
        recheck = pgcompat_insert_index_tuples(rows->result, slot, estate);
        if (rows->result->ri_TrigDesc != NULL)
            ExecARInsertTriggers(estate, rows->result, slot, recheck, NULL);
        list_free(recheck);
        ExecClearTuple(slot);
    }
    rows->row_count = 0;
    rows->bytes = 0;
    ResetPerTupleExprContext(estate);
    MemoryContextReset(rows->memory);
}

void
bulk_rows_add(BulkRows *rows, const Datum *values, const bool *nulls, size_t bytes)
{
    EState *estate = rows->estate;
    TupleTableSlot *slot = rows->slots[rows->row_count];
    TupleDesc descriptor = RelationGetDescr(rows->relation);

    if (slot == NULL) {
        MemoryContext old = MemoryContextSwitchTo(rows->home);

        slot = rows->slots[rows->row_count] = table_slot_create(rows->relation, NULL);
        MemoryContextSwitchTo(old);
    }
    ExecClearTuple(slot);
    memset(slot->tts_isnull, true, sizeof(bool) * descriptor->natts);
    for (int i = 0; i < rows->column_count; i++) {
        slot->tts_values[rows->attnums[i] - 1] = values[i];
        slot->tts_isnull[rows->attnums[i] - 1] = nulls[i];
    }
    for (int i = 0; i < rows->default_count; i++) {
        const ColumnDefault *column = &rows->defaults[i];
        MemoryContext old = MemoryContextSwitchTo(rows->memory);

        slot->tts_values[column->attnum - 1] =
            ExecEvalExpr(column->expression, GetPerTupleExprContext(estate),
                         &slot->tts_isnull[column->attnum - 1]);
        MemoryContextSwitchTo(old);
    }
    ExecStoreVirtualTuple(slot);
    if (descriptor->constr != NULL && descriptor->constr->has_generated_stored)
        ExecComputeStoredGenerated(rows->result, estate, slot, CMD_INSERT);
    if (rows->options.check_constraints && descriptor->constr != NULL)
        ExecConstraints(rows->result, slot, estate);
    else
        check_not_null(rows->relation, slot);
    rows->row_count++;
    rows->total++;
    rows->bytes += bytes;
    if (rows->row_count == BATCH_ROWS || rows->bytes > BATCH_BYTES)
        write_batch(rows);
}

uint64
bulk_rows_end(BulkRows *rows)
{
    uint64 total = rows->total;

    write_batch(rows);
    FreeBulkInsertState(rows->insert_state);
    table_finish_bulk_insert(rows->relation, 0);
    AfterTriggerEndQuery(rows->estate);
    for (int i = 0; i < BATCH_ROWS && rows->slots[i] != NULL; i++)
        ExecDropSingleTupleTableSlot(rows->slots[i]);
    ExecResetTupleTable(rows->estate->es_tupleTable, false);
    ExecCloseIndices(rows->result);
    FreeExecutorState(rows->estate);
    table_close(rows->relation, NoLock);
    MemoryContextDelete(rows->memory);
    return total;
}
