/*
 * Users' functions called from queries: scalar ones and multi-statement table functions (inline
 * ones are expanded by the binder). PostgreSQL's executor calls the two C functions here with the
 * object's id and arguments of the parameters' types; the body runs in a frame of its own inside
 * the statement that calls. Errors pass through to that statement.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(casement_call_scalar_function);
PG_FUNCTION_INFO_V1(casement_call_table_function);

extern Datum casement_call_scalar_function(PG_FUNCTION_ARGS);
extern Datum casement_call_table_function(PG_FUNCTION_ARGS);

/* What a call site keeps between calls. */
typedef struct CallSite {
    Program *program; /* referenced */
    uint64 generation;
    int16 result_length;
    bool result_by_value;
    MemoryContextCallback release;
} CallSite;

static void
release_site(void *argument)
{
    CallSite *site = argument;

    if (site->program != NULL)
        program_unref(site->program);
    site->program = NULL;
}

static CallSite *
call_site(FunctionCallInfo fcinfo)
{
    CallSite *site = fcinfo->flinfo->fn_extra;
    int32 object_id = PG_GETARG_INT32(0);

    if (site == NULL) {
        site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallSite));
        site->release.func = release_site;
        site->release.arg = site;
        MemoryContextRegisterResetCallback(fcinfo->flinfo->fn_mcxt, &site->release);
        fcinfo->flinfo->fn_extra = site;
    }
    if (site->program != NULL && site->generation == catalog_generation() &&
        site->program->object_id == object_id)
        return site;
    release_site(site);
    site->generation = catalog_generation();
    site->program = program_for_module(object_id, 0);
    if (site->program == NULL)
        tsql_error(ERR_208, psprintf("%d", object_id));
    if (site->program->return_variable < 0)
        get_typlenbyval(sql_type_oid(site->program->return_type.id), &site->result_length,
                        &site->result_by_value);
    return site;
}

/* What the body must leave as it was for the statement that calls. */
typedef struct Surroundings {
    int64 row_count;
    int error;
    bool statement_writes;
    MemoryContext memory;
} Surroundings;

static Frame *
enter(FunctionCallInfo fcinfo, CallSite *site, Surroundings *around)
{
    Program *program = site->program;
    Frame *frame;

    if (interpreter.memory == NULL)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("functions written in T-SQL run in T-SQL sessions only")));
    check_stack_depth();
    around->row_count = session_context->row_count;
    around->error = session_context->error;
    around->statement_writes = interpreter.statement_writes;
    around->memory = CurrentMemoryContext;
    frame = frame_push(FRAME_FUNCTION, program_ref(program), NULL);
    for (int i = 0; i < program->parameter_count && i + 1 < PG_NARGS(); i++)
        if (!program->variables[i].is_table)
            frame_assign(frame, i, PG_GETARG_DATUM(i + 1), PG_ARGISNULL(i + 1));
    MemoryContextSwitchTo(frame->memory);
    return frame;
}

static void
leave(Frame *frame, const Surroundings *around)
{
    frame_pop(frame);
    MemoryContextSwitchTo(around->memory);
    interpreter.statement_writes = around->statement_writes;
    session_context->row_count = around->row_count;
    session_context->error = around->error;
}

Datum
casement_call_scalar_function(PG_FUNCTION_ARGS)
{
    CallSite *site = call_site(fcinfo);
    Surroundings around;
    Frame *frame = enter(fcinfo, site, &around);
    int depth = interpreter.executor_depth;
    Datum result = (Datum) 0;
    bool is_null;

    interpreter.executor_depth = Max(depth, 1);
    run_list(frame, site->program->body);
    interpreter.executor_depth = depth;
    is_null = !frame->has_return_value || frame->return_is_null;
    if (!is_null) {
        MemoryContextSwitchTo(around.memory);
        result = datumCopy(frame->return_value, site->result_by_value, site->result_length);
    }
    leave(frame, &around);
    if (is_null)
        PG_RETURN_NULL();
    return result;
}

/* Copies the rows of the result variable to the caller's tuplestore. */
static void
return_rows(Frame *frame, ReturnSetInfo *info, const CatalogRelation *result)
{
    Relation relation = table_open(result->object.relation, AccessShareLock);
    TupleTableSlot *slot = table_slot_create(relation, NULL);
    TableScanDesc scan;
    Datum *values = palloc(sizeof(Datum) * Max(result->column_count, 1));
    bool *nulls = palloc(sizeof(bool) * Max(result->column_count, 1));

    PushCopiedSnapshot(GetActiveSnapshot());
    UpdateActiveSnapshotCommandId();
    scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);
    while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        slot_getallattrs(slot);
        for (int i = 0; i < result->column_count; i++) {
            int attribute = result->columns[i].attnum - 1;

            values[i] = slot->tts_values[attribute];
            nulls[i] = slot->tts_isnull[attribute];
        }
        tuplestore_putvalues(info->setResult, info->setDesc, values, nulls);
    }
    table_endscan(scan);
    PopActiveSnapshot();
    ExecDropSingleTupleTableSlot(slot);
    table_close(relation, AccessShareLock);
}

Datum
casement_call_table_function(PG_FUNCTION_ARGS)
{
    ReturnSetInfo *info = (ReturnSetInfo *) fcinfo->resultinfo;
    CallSite *site = call_site(fcinfo);
    Program *program = site->program;
    int depth = interpreter.executor_depth;
    Surroundings around;
    Frame *frame;
    MemoryContext old;

    if (info == NULL || !IsA(info, ReturnSetInfo) || info->expectedDesc == NULL ||
        program->return_variable < 0)
        elog(ERROR, "table function called where no table is expected");
    old = MemoryContextSwitchTo(info->econtext->ecxt_per_query_memory);
    info->returnMode = SFRM_Materialize;
    info->setResult = tuplestore_begin_heap(true, false, work_mem);
    info->setDesc = CreateTupleDescCopy(info->expectedDesc);
    MemoryContextSwitchTo(old);

    frame = enter(fcinfo, site, &around);
    interpreter.executor_depth = Max(depth, 1);
    make_table_variable(frame, program->return_variable);
    run_list(frame, program->body);
    CommandCounterIncrement();
    return_rows(frame, info, frame->tables[program->return_variable]);
    leave(frame, &around);
    interpreter.executor_depth = depth;
    PG_RETURN_NULL();
}
