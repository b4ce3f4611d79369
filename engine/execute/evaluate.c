/*
 * Evaluating expressions for the interpreter: conditions, values of SET, arguments. Most have no
 * subquery and are evaluated by a kept ExprState without starting an executor; those that are
 * immutable besides touch neither transaction nor snapshot.
 */
#include "postgres.h"

#include "execute/interpreter.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* ---------------------------------------------------------------- pins */

/* Plans in use are noted so that an error, which jumps over their users, can let them go. */
void
pin_plan(StatementPlan *plan)
{
    if (interpreter.pin_count == MAX_PINS)
        elog(ERROR, "too many plans in use");
    interpreter.pins[interpreter.pin_count++] = (Pin){.plan = plan};
}

void
unpin_plan(StatementPlan *plan)
{
    Pin *pin = &interpreter.pins[--interpreter.pin_count];

    Assert(pin->plan == plan);
    if (pin->holds_state)
        plan->state_busy = false;
    plan_release(plan);
}

void
pins_restore(int count)
{
    while (interpreter.pin_count > count)
        unpin_plan(interpreter.pins[interpreter.pin_count - 1].plan);
}

/* ---------------------------------------------------------------- simple expressions */

static ExprContext *
expression_context(Frame *frame)
{
    ExprContext *context = interpreter.econtext;

    if (context == NULL || interpreter.econtext_depth > 0) {
        MemoryContext old =
            MemoryContextSwitchTo(context == NULL ? session_memory : frame->statement);

        context = CreateStandaloneExprContext();
        MemoryContextSwitchTo(old);
        if (interpreter.econtext == NULL)
            interpreter.econtext = context;
    }
    return context;
}

/* The result is in the expression context's memory: copied by the caller before the next one. */
static Datum
evaluate_simple(Frame *frame, StatementPlan *plan, bool *is_null)
{
    ExprContext *context = expression_context(frame);
    ExprState *state = plan_expression_state(plan);
    bool own_state = state == plan->state;
    MemoryContext old;
    Datum value;

    context->ecxt_param_list_info = frame->params;
    interpreter.econtext_depth++;
    if (own_state) {
        plan->state_busy = true;
        interpreter.pins[interpreter.pin_count - 1].holds_state = true;
    }
    ResetExprContext(context);
    old = MemoryContextSwitchTo(context->ecxt_per_tuple_memory);
    value = ExecEvalExpr(state, context, is_null);
    MemoryContextSwitchTo(old);
    if (own_state) {
        plan->state_busy = false;
        interpreter.pins[interpreter.pin_count - 1].holds_state = false;
    }
    interpreter.econtext_depth--;
    return value;
}

/* ---------------------------------------------------------------- with subqueries */

typedef struct OneValue {
    DestReceiver pub;
    MemoryContext memory;
    StatementPlan *plan;
    Datum value;
    bool is_null;
} OneValue;

static bool
one_value_receive(TupleTableSlot *slot, DestReceiver *self)
{
    OneValue *receiver = (OneValue *) self;
    MemoryContext old = MemoryContextSwitchTo(receiver->memory);
    Datum value = slot_getattr(slot, 1, &receiver->is_null);

    if (!receiver->is_null)
        receiver->value =
            datumCopy(value, receiver->plan->type_by_value, receiver->plan->type_length);
    MemoryContextSwitchTo(old);
    return true;
}

static void
nothing_to_start(DestReceiver *self, int operation, TupleDesc descriptor)
{
}

static void
nothing_to_end(DestReceiver *self)
{
}

static Datum
evaluate_query(Frame *frame, StatementPlan *plan, bool *is_null)
{
    OneValue receiver = {
        .pub = {one_value_receive, nothing_to_start, nothing_to_end, nothing_to_end, DestNone},
        .memory = CurrentMemoryContext,
        .plan = plan,
        .is_null = true};
    PlannedStmt *planned = NULL;

    while (planned == NULL)
        planned = plan_choose(plan, frame->params);
    execute_plan(frame, plan, planned, &receiver.pub, 0);
    *is_null = receiver.is_null;
    return receiver.value;
}

/*
 * Evaluates a pinned plan. By-reference results are in memory that lasts at least until the next
 * evaluation; frame_evaluate() makes them last for the statement.
 */
Datum
evaluate_plan(Frame *frame, StatementPlan *plan, bool *is_null)
{
    StatementGuard guard;
    Datum value;

    if (plan->expr != NULL && plan->pure)
        return evaluate_simple(frame, plan, is_null);
    guard_enter(&guard, false);
    PushActiveSnapshot(GetTransactionSnapshot());
    if (plan->expr != NULL)
        value = evaluate_simple(frame, plan, is_null);
    else
        value = evaluate_query(frame, plan, is_null);
    PopActiveSnapshot();
    if (!*is_null && !plan->type_by_value) {
        MemoryContext old = MemoryContextSwitchTo(frame->statement);

        /* may point into toast, which needs the transaction */
        if (plan->type_length == -1)
            value = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
        else
            value = datumCopy(value, false, plan->type_length);
        MemoryContextSwitchTo(old);
    }
    guard_leave(&guard);
    return value;
}

Datum
frame_evaluate(
    Frame *frame, const AstNode *expression, const SqlType *want, SqlType *type, bool *is_null)
{
    StatementPlan *plan;
    Datum value;

    transaction_ensure();
    plan = plan_expression(frame->program, expression, &frame->scope, false, want, OP_ASSIGN, NULL);
    pin_plan(plan);
    value = evaluate_plan(frame, plan, is_null);
    if (!*is_null && !plan->type_by_value) {
        MemoryContext old = MemoryContextSwitchTo(frame->statement);

        value = datumCopy(value, false, plan->type_length);
        MemoryContextSwitchTo(old);
    }
    if (type != NULL)
        *type = plan->type;
    unpin_plan(plan);
    return value;
}

bool
frame_condition(Frame *frame, const AstNode *condition)
{
    StatementPlan *plan;
    bool is_null;
    Datum value;

    transaction_ensure();
    plan = plan_expression(frame->program, condition, &frame->scope, true, NULL, OP_ASSIGN, NULL);
    pin_plan(plan);
    value = evaluate_plan(frame, plan, &is_null);
    unpin_plan(plan);
    return !is_null && DatumGetBool(value);
}

char *
frame_evaluate_text(Frame *frame, const AstNode *expression)
{
    SqlType type = sql_type_string(SQL_NVARCHAR, -1, sql_collation_default());
    bool is_null;
    Datum value = frame_evaluate(frame, expression, &type, NULL, &is_null);

    return is_null ? NULL : text_to_cstring(DatumGetTextPP(value));
}

int32
frame_evaluate_int(Frame *frame, const AstNode *expression, int32 otherwise)
{
    SqlType type = sql_type_make(SQL_INT);
    bool is_null;
    Datum value = frame_evaluate(frame, expression, &type, NULL, &is_null);

    return is_null ? otherwise : DatumGetInt32(value);
}
