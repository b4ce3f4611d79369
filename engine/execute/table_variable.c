/*
 * Table variables are not part of transactions: ROLLBACK leaves their rows. PostgreSQL's temporary
 * relations are, so that the rows of all live frames' table variables are saved before the
 * PostgreSQL transaction goes and are put back after.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "execute/interpreter.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "pgcompat/base.h"
#include "pgcompat/pgcompat.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct KeptTable {
    Frame *frame;
    int index;
    Tuplestorestate *rows;
} KeptTable;

/* Values that are stored out of line would go with the transaction: they are fetched. */
static void
save_row(Tuplestorestate *rows, TupleTableSlot *slot)
{
    TupleDesc descriptor = slot->tts_tupleDescriptor;

    slot_getallattrs(slot);
    for (int i = 0; i < descriptor->natts; i++) {
        struct varlena *value = (struct varlena *) DatumGetPointer(slot->tts_values[i]);

        if (!slot->tts_isnull[i] && TupleDescAttr(descriptor, i)->attlen == -1 &&
            VARATT_IS_EXTERNAL(value))
            slot->tts_values[i] = PointerGetDatum(detoast_external_attr(value));
    }
    tuplestore_putvalues(rows, descriptor, slot->tts_values, slot->tts_isnull);
}

static Tuplestorestate *
save_rows(const CatalogRelation *table)
{
    Relation relation = table_open(table->object.relation, AccessShareLock);
    TupleTableSlot *slot = table_slot_create(relation, NULL);
    Tuplestorestate *rows = tuplestore_begin_heap(false, true, work_mem);
    TableScanDesc scan;

    PushActiveSnapshot(GetLatestSnapshot());
    scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);
    while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
        save_row(rows, slot);
    table_endscan(scan);
    PopActiveSnapshot();
    ExecDropSingleTupleTableSlot(slot);
    table_close(relation, AccessShareLock);
    return rows;
}

/* The rows of every table variable in force; NIL mostly. In the request's memory. */
List *
table_variables_save(void)
{
    MemoryContext old = MemoryContextSwitchTo(interpreter.memory);
    List *kept = NIL;

    for (Frame *frame = interpreter.frame; frame != NULL; frame = frame->parent)
        for (int i = 0; i < frame->program->variable_count; i++) {
            KeptTable *table;

            if (frame->tables[i] == NULL || !frame->tables_owned[i] ||
                get_rel_relkind(frame->tables[i]->object.relation) == '\0')
                continue;
            if (kept == NIL)
                CommandCounterIncrement();
            table = palloc(sizeof(KeptTable));
            table->frame = frame;
            table->index = i;
            table->rows = save_rows(frame->tables[i]);
            kept = lappend(kept, table);
        }
    MemoryContextSwitchTo(old);
    return kept;
}

static void
clear_rows(Relation relation)
{
    TupleTableSlot *slot = table_slot_create(relation, NULL);
    TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);

    while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
        simple_table_tuple_delete(relation, &slot->tts_tid, GetActiveSnapshot());
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
    CommandCounterIncrement();
}

static void
insert_rows(Relation relation, Tuplestorestate *rows)
{
    EState *estate = CreateExecutorState();
    ResultRelInfo *result = makeNode(ResultRelInfo);
    TupleTableSlot *slot =
        MakeSingleTupleTableSlot(RelationGetDescr(relation), &TTSOpsMinimalTuple);
    TupleTableSlot *target = table_slot_create(relation, NULL);

    InitResultRelInfo(result, relation, 0, NULL, 0);
    ExecOpenIndices(result, false);
    while (tuplestore_gettupleslot(rows, true, false, slot)) {
        ExecCopySlot(target, slot);
        simple_table_tuple_insert(relation, target);
        pgcompat_insert_index_tuples(result, target, estate);
        ResetPerTupleExprContext(estate);
    }
    ExecCloseIndices(result);
    ExecDropSingleTupleTableSlot(slot);
    ExecDropSingleTupleTableSlot(target);
    FreeExecutorState(estate);
}

static void
restore_table(KeptTable *kept)
{
    Frame *frame = kept->frame;
    Relation relation;

    if (get_rel_relkind(frame->tables[kept->index]->object.relation) == '\0') {
        /* it was made in the transaction that is gone */
        make_table_variable(frame, kept->index);
        CommandCounterIncrement();
    }
    relation = table_open(frame->tables[kept->index]->object.relation, RowExclusiveLock);
    PushActiveSnapshot(GetLatestSnapshot());
    clear_rows(relation);
    insert_rows(relation, kept->rows);
    PopActiveSnapshot();
    table_close(relation, NoLock);
    CommandCounterIncrement();
    tuplestore_end(kept->rows);
}

/* Puts saved rows back, in a transaction of its own. */
void
table_variables_restore(List *kept)
{
    ListCell *cell;

    if (kept == NIL)
        return;
    transaction_ensure();
    foreach (cell, kept)
        restore_table(lfirst(cell));
    transaction_settle();
}
