/*
 * Firing T-SQL's AFTER triggers from PostgreSQL's statement triggers. See trigger.h.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_trigger.h"
#include "catalogue/tables.h"
#include "commands/trigger.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "pgcompat/base.h"
#include "procedures/trigger.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/queryenvironment.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#define EVENT_COUNT 3

/* What UPDATE(column) asks about, held by a trigger's frame. */
typedef struct FiredTrigger {
    const CatalogRelation *table;
    bool by_insert, by_update;
    const Bitmapset *updated; /* attnums */
} FiredTrigger;

typedef struct TriggerEventInfo {
    const char *name; /* of the PostgreSQL trigger */
    int16 type;       /* TRIGGER_TYPE_... */
    int attribute;    /* of casement.triggers that says that a trigger is for it */
    bool inserted, deleted;
} TriggerEventInfo;

static const TriggerEventInfo events[EVENT_COUNT] = {
    {"casement_after_insert", TRIGGER_TYPE_INSERT, COL_triggers_on_insert, true, false},
    {"casement_after_update", TRIGGER_TYPE_UPDATE, COL_triggers_on_update, true, true},
    {"casement_after_delete", TRIGGER_TYPE_DELETE, COL_triggers_on_delete, false, true},
};

/* ---- which triggers there are ---- */

typedef struct FoundTrigger {
    int32 object;
    int ordering;
} FoundTrigger;

static int
compare_found(const void *a, const void *b)
{
    const FoundTrigger *x = a;
    const FoundTrigger *y = b;

    return x->ordering != y->ordering ? (x->ordering < y->ordering ? -1 : 1)
           : x->object < y->object    ? -1
                                      : x->object > y->object;
}

/* The enabled AFTER (or INSTEAD OF) triggers of a table for an event, in the order in which they
 * fire. */
static FoundTrigger *
find_triggers(int32 table, const TriggerEventInfo *event, bool instead_of, int *count)
{
    int capacity = 8;
    FoundTrigger *found = palloc(sizeof(FoundTrigger) * capacity);
    CatalogScan scan;

    *count = 0;
    catalog_scan_begin(&scan, TABLE_triggers, "triggers_parent", false);
    catalog_scan_key_int(&scan, COL_triggers_parent, table);
    while (catalog_scan_next(&scan)) {
        if (catalog_field_bool(&scan, COL_triggers_disabled) ||
            catalog_field_bool(&scan, COL_triggers_instead_of) != instead_of ||
            !catalog_field_bool(&scan, event->attribute))
            continue;
        if (*count == capacity) {
            capacity *= 2;
            found = repalloc(found, sizeof(FoundTrigger) * capacity);
        }
        found[*count].object = catalog_field_int(&scan, COL_triggers_object);
        found[(*count)++].ordering = catalog_field_int(&scan, COL_triggers_ordering);
    }
    catalog_scan_end(&scan);
    qsort(found, *count, sizeof(FoundTrigger), compare_found);
    return found;
}

/* ---- running them ---- */

/* inserted or deleted: the table's own columns under that name. `descriptor` NULL: the rows are of
 * the PostgreSQL relation itself. */
static void
attach_rows(Frame *frame,
            const CatalogRelation *table,
            const char *name,
            TupleDesc descriptor,
            Tuplestorestate *rows)
{
    CatalogRelation *relation = palloc(sizeof(CatalogRelation));
    EphemeralNamedRelation enr = palloc0(sizeof(EphemeralNamedRelationData));

    *relation = *table;
    relation->object.name = name;
    if (rows == NULL)
        rows = tuplestore_begin_heap(false, false, work_mem);
    if (descriptor != NULL)
        relation->object.relation = InvalidOid;
    frame->transition_tables = lappend(frame->transition_tables, relation);
    enr->md.name = pstrdup(name);
    enr->md.reliddesc = descriptor != NULL ? InvalidOid : table->object.relation;
    enr->md.tupdesc = descriptor;
    enr->md.enrtype = ENR_NAMED_TUPLESTORE;
    enr->md.enrtuples = tuplestore_tuple_count(rows);
    enr->reldata = rows;
    register_ENR(frame->environment, enr);
}

/* Runs a trigger's body with its images; the statement's row count is its @@ROWCOUNT. */
static void
run_trigger(int32 id,
            FiredTrigger *fired,
            const CatalogRelation *images,
            TupleDesc descriptor,
            Tuplestorestate *inserted,
            Tuplestorestate *deleted)
{
    Program *program = program_for_module(id, 0);
    int64 row_count = session_context->row_count;
    MemoryContext old;
    Frame *frame;
    Flow flow;

    if (program == NULL)
        return;
    frame = frame_push(FRAME_TRIGGER, program, NULL);
    old = MemoryContextSwitchTo(frame->memory);
    frame->trigger = fired;
    frame->environment = create_queryEnv();
    attach_rows(frame, images, "inserted", descriptor, inserted);
    attach_rows(frame, images, "deleted", descriptor, deleted);
    session_context->row_count = tuplestore_tuple_count(inserted != NULL ? inserted : deleted);
    CommandCounterIncrement(); /* the body sees the rows that its statement wrote */
    flow = run_list(frame, program->body);
    MemoryContextSwitchTo(old);
    if (flow != FLOW_ERROR && flow != FLOW_ABORT && session_context->tran_count == 0 &&
        frame->tran_count_at_start > 0)
        tsql_error(ERR_3609);
    frame_pop(frame);
    session_context->row_count = row_count;
}

static Bitmapset *
updated_attnums(const TriggerData *data)
{
    Bitmapset *attnums = NULL;
    int member = -1;

    while ((member = bms_next_member(data->tg_updatedcols, member)) >= 0)
        if (member + FirstLowInvalidHeapAttributeNumber > 0)
            attnums = bms_add_member(attnums, member + FirstLowInvalidHeapAttributeNumber);
    return attnums;
}

/* RECURSIVE_TRIGGERS OFF: the change that a trigger makes does not fire that trigger again. */
static bool
is_recursion(int32 id)
{
    const Frame *frame;

    for (frame = frame_current(); frame != NULL; frame = frame->parent)
        if (frame->kind == FRAME_TRIGGER)
            break;
    return frame != NULL && frame->program->object_id == id &&
           !catalog_database(frame->program->database)->recursive_triggers;
}

static const TriggerEventInfo *
event_of(TriggerEvent event)
{
    return TRIGGER_FIRED_BY_INSERT(event)   ? &events[0]
           : TRIGGER_FIRED_BY_UPDATE(event) ? &events[1]
                                            : &events[2];
}

PG_FUNCTION_INFO_V1(casement_after_trigger);

/* sys.after_trigger(): the function of the PostgreSQL triggers that trigger_sync() makes. */
Datum
casement_after_trigger(PG_FUNCTION_ARGS)
{
    TriggerData *data = (TriggerData *) fcinfo->context;
    const TriggerEventInfo *event;
    CatalogObject object;
    FoundTrigger *found;
    FiredTrigger fired;
    int count;

    if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(data->tg_event) ||
        TRIGGER_FIRED_FOR_ROW(data->tg_event))
        ereport(ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                errmsg("sys.after_trigger is for statement triggers"));
    if (frame_current() == NULL ||
        !catalog_object_by_relation(RelationGetRelid(data->tg_relation), &object))
        return PointerGetDatum(NULL);
    event = event_of(data->tg_event);
    found = find_triggers(object.id, event, false, &count);
    fired.table = catalog_relation(&object);
    fired.by_insert = TRIGGER_FIRED_BY_INSERT(data->tg_event);
    fired.by_update = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
    fired.updated = updated_attnums(data);
    for (int i = 0; i < count; i++)
        if (!is_recursion(found[i].object))
            run_trigger(found[i].object, &fired, fired.table, NULL, data->tg_newtable,
                        data->tg_oldtable);
    return PointerGetDatum(NULL);
}

/* ---- UPDATE(column) and COLUMNS_UPDATED() ---- */

static const FiredTrigger *
current_trigger(void)
{
    Frame *frame;

    for (frame = frame_current(); frame != NULL; frame = frame->parent)
        if (frame->kind == FRAME_TRIGGER)
            return frame->trigger;
    tsql_error(ERR_157);
}

/* An INSERT sets all columns, a DELETE none. */
static bool
column_is_updated(const FiredTrigger *fired, const CatalogColumn *column)
{
    return fired->by_insert || (fired->by_update && bms_is_member(column->attnum, fired->updated));
}

PG_FUNCTION_INFO_V1(casement_trigger_update);

/* sys.trigger_update(column nvarchar): what UPDATE(column) is bound to. 207 if there is none. */
Datum
casement_trigger_update(PG_FUNCTION_ARGS)
{
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
    const FiredTrigger *fired = current_trigger();
    int index = catalog_column_find(fired->table, name);

    if (index < 0)
        tsql_error(ERR_207, name);
    PG_RETURN_BOOL(column_is_updated(fired, &fired->table->columns[index]));
}

PG_FUNCTION_INFO_V1(casement_columns_updated);

/* COLUMNS_UPDATED(): a bit per column, the first column in the lowest bit of the first byte. */
Datum
casement_columns_updated(PG_FUNCTION_ARGS)
{
    const FiredTrigger *fired = current_trigger();
    const CatalogRelation *table = fired->table;
    int last = table->columns[table->column_count - 1].attnum;
    int length = (last + 7) / 8;
    bytea *mask = palloc0(VARHDRSZ + length);

    SET_VARSIZE(mask, VARHDRSZ + length);
    for (int i = 0; i < table->column_count; i++) {
        int bit = table->columns[i].attnum - 1;

        if (column_is_updated(fired, &table->columns[i]))
            VARDATA(mask)[bit / 8] |= 1 << (bit % 8);
    }
    PG_RETURN_BYTEA_P(mask);
}

/* ---- INSTEAD OF ---- */

/* The relation as images have it: columns numbered without gaps. */
static CatalogRelation *
image_relation(const CatalogRelation *table, TupleDesc *descriptor)
{
    CatalogRelation *images = palloc(sizeof(CatalogRelation));

    *images = *table;
    images->columns = palloc(sizeof(CatalogColumn) * (table->column_count + 1));
    *descriptor = CreateTemplateTupleDesc(table->column_count);
    for (int i = 0; i < table->column_count; i++) {
        const SqlType *type = &table->columns[i].type;

        images->columns[i] = table->columns[i];
        images->columns[i].attnum = i + 1;
        images->columns[i].computed = false;
        TupleDescInitEntry(*descriptor, i + 1, NULL, sql_type_oid(type->id), sql_type_typmod(type),
                           0);
        TupleDescInitEntryCollation(*descriptor, i + 1, type->collation);
    }
    return images;
}

/* Cuts rows of both images into a tuplestore of one. */
static Tuplestorestate *
cut_image(Tuplestorestate *rows, TupleTableSlot *slot, TupleDesc descriptor, int first)
{
    Tuplestorestate *image = tuplestore_begin_heap(false, false, work_mem);

    tuplestore_rescan(rows);
    while (tuplestore_gettupleslot(rows, true, false, slot)) {
        CHECK_FOR_INTERRUPTS();
        slot_getallattrs(slot);
        tuplestore_putvalues(image, descriptor, slot->tts_values + first, slot->tts_isnull + first);
    }
    return image;
}

/* Columns as images number them. */
static Bitmapset *
image_numbers(const CatalogRelation *table, const Bitmapset *attnums)
{
    Bitmapset *numbers = NULL;

    for (int i = 0; i < table->column_count; i++)
        if (bms_is_member(table->columns[i].attnum, attnums))
            numbers = bms_add_member(numbers, i + 1);
    return numbers;
}

static uint64
instead_of(Frame *frame, BoundStatement *bound)
{
    StatementPlan plan = {.writes = true, .valid = true, .has_relations = true};
    PlannedStmt *planned = plan_query(bound->query, frame->params);
    DestReceiver *receiver = CreateDestReceiver(DestTuplestore);
    Tuplestorestate *rows = tuplestore_begin_heap(true, false, work_mem);
    bool both = bound->kind == BOUND_UPDATE;
    FiredTrigger fired = {.by_insert = bound->kind == BOUND_INSERT, .by_update = both};
    Tuplestorestate *inserted = NULL;
    Tuplestorestate *deleted = NULL;
    TupleTableSlot *slot;
    TupleDesc descriptor;
    CatalogRelation *images = image_relation(bound->target, &descriptor);
    const TriggerEventInfo *event = &events[bound->kind == BOUND_INSERT ? 0 : both ? 1 : 2];
    FoundTrigger *found;
    uint64 count;
    int triggers;

    plan.bound = bound;
    SetTuplestoreDestReceiverParams(receiver, rows, CurrentMemoryContext, false, NULL, NULL);
    count = execute_plan(frame, &plan, planned, receiver, 0);
    slot = MakeSingleTupleTableSlot(ExecCleanTypeFromTL(planned->planTree->targetlist),
                                    &TTSOpsMinimalTuple);
    if (bound->kind != BOUND_INSERT)
        deleted = cut_image(rows, slot, descriptor, 0);
    if (bound->kind != BOUND_DELETE)
        inserted = cut_image(rows, slot, descriptor, both ? bound->target->column_count : 0);
    ExecDropSingleTupleTableSlot(slot);
    tuplestore_end(rows);
    fired.table = images;
    fired.updated = image_numbers(bound->target, bound->updated_columns);
    found = find_triggers(bound->target->object.id, event, true, &triggers);
    for (int i = 0; i < triggers; i++)
        run_trigger(found[i].object, &fired, images, descriptor, inserted, deleted);
    return count;
}

void
trigger_init(void)
{
    execute_trigger_hooks.instead_of = instead_of;
}

/* ---- the PostgreSQL triggers ---- */

static List *
transition(const TriggerEventInfo *event)
{
    List *list = NIL;

    for (int new_rows = 0; new_rows <= 1; new_rows++) {
        TriggerTransition *rows = makeNode(TriggerTransition);

        if (new_rows ? !event->inserted : !event->deleted)
            continue;
        rows->name = new_rows ? "inserted" : "deleted";
        rows->isNew = new_rows;
        rows->isTable = true;
        list = lappend(list, rows);
    }
    return list;
}

static void
create_pg_trigger(Oid relation_oid, const TriggerEventInfo *event)
{
    Relation relation = relation_open(relation_oid, AccessShareLock);
    CreateTrigStmt *statement = makeNode(CreateTrigStmt);

    statement->trigname = (char *) event->name;
    statement->relation = makeRangeVar(get_namespace_name(RelationGetNamespace(relation)),
                                       pstrdup(RelationGetRelationName(relation)), -1);
    statement->funcname = list_make2(makeString("sys"), makeString("after_trigger"));
    statement->timing = TRIGGER_TYPE_AFTER;
    statement->events = event->type;
    statement->transitionRels = transition(event);
    relation_close(relation, AccessShareLock);
    CreateTrigger(statement, NULL, relation_oid, InvalidOid, InvalidOid, InvalidOid, InvalidOid,
                  InvalidOid, NULL, false, false);
}

void
trigger_sync(const CatalogObject *table)
{
    if (!OidIsValid(table->relation))
        return;
    for (int i = 0; i < EVENT_COUNT; i++) {
        Oid existing = get_trigger_oid(table->relation, events[i].name, true);
        int count;

        find_triggers(table->id, &events[i], false, &count);
        if (count > 0 && !OidIsValid(existing))
            create_pg_trigger(table->relation, &events[i]);
        else if (count == 0 && OidIsValid(existing)) {
            ObjectAddress address = {TriggerRelationId, existing, 0};

            performDeletion(&address, DROP_RESTRICT, 0);
        }
    }
    CommandCounterIncrement();
}
