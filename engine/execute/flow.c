/*
 * Control of flow: IF, WHILE, TRY...CATCH, RETURN, labels, WAITFOR.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* ---------------------------------------------------------------- labels */

static bool
has_label(const AstNode *statement, const char *label)
{
    const AstIf *branch;

    switch (statement->kind) {
    case AST_LABEL:
        return pg_strcasecmp(((const AstLabel *) statement)->name, label) == 0;
    case AST_BLOCK: {
        int index;

        return list_has_label(((const AstBlock *) statement)->statements, label, &index);
    }
    case AST_IF:
        branch = (const AstIf *) statement;
        return has_label(branch->then_branch, label) ||
               (branch->else_branch != NULL && has_label(branch->else_branch, label));
    case AST_WHILE:
        return has_label(((const AstWhile *) statement)->body, label);
    default:
        return false; /* GOTO cannot enter TRY or CATCH (1026) */
    }
}

/* The statement of the list that is the label or holds it. */
bool
list_has_label(const AstList *statements, const char *label, int *index)
{
    for (int i = 0; i < AST_LIST_COUNT(statements); i++)
        if (has_label(statements->items[i], label)) {
            *index = i;
            return true;
        }
    return false;
}

/* Whether a GOTO is looking for a label inside this block statement: then conditions are passed. */
static bool
enters(const Frame *frame, const AstNode *body)
{
    return frame->goto_label != NULL && body != NULL && has_label(body, frame->goto_label);
}

/* ---------------------------------------------------------------- IF and WHILE */

Flow
run_if(Frame *frame, const AstIf *statement)
{
    const AstNode *branch;

    if (enters(frame, statement->then_branch))
        branch = statement->then_branch;
    else if (enters(frame, statement->else_branch))
        branch = statement->else_branch;
    else {
        branch = frame_condition(frame, statement->condition) ? statement->then_branch
                                                              : statement->else_branch;
        session_context->error = 0;
    }
    if (branch == NULL)
        return FLOW_NEXT;
    return run_statement(frame, branch);
}

Flow
run_while(Frame *frame, const AstWhile *statement)
{
    while (enters(frame, statement->body) || frame_condition(frame, statement->condition)) {
        Flow flow = run_body(frame, statement->body);

        CHECK_FOR_INTERRUPTS();
        if (flow == FLOW_BREAK)
            break;
        if (flow != FLOW_NEXT && flow != FLOW_CONTINUE)
            return flow;
        tsql_error_set_line(statement->node.line);
    }
    return FLOW_NEXT;
}

/* ---------------------------------------------------------------- TRY and RETURN */

Flow
run_try_catch(Frame *frame, const AstTryCatch *statement)
{
    CaughtError *caught;
    const TsqlError *outer;
    Flow flow;

    frame->try_depth++;
    flow = run_list(frame, statement->try_statements);
    frame->try_depth--;
    if (flow != FLOW_ERROR || interpreter.error_skips_scope)
        return flow;

    caught = interpreter.error;
    interpreter.error = NULL;
    caught->outer = frame->caught;
    frame->caught = caught;
    session_context->row_count = 0;
    session_context->error = caught->error.number;
    outer = session_context->caught_error;
    session_context->caught_error = &caught->error;
    flow = run_list(frame, statement->catch_statements);
    session_context->caught_error = outer;
    frame->caught = caught->outer;
    error_free(caught);
    return flow;
}

Flow
run_return(Frame *frame, const AstReturn *statement)
{
    if (statement->value == NULL)
        return FLOW_RETURN;
    if (frame->kind == FRAME_FUNCTION) {
        MemoryContext old;
        bool is_null;
        Datum value =
            frame_evaluate(frame, statement->value, &frame->program->return_type, NULL, &is_null);

        old = MemoryContextSwitchTo(frame->memory);
        frame->return_value = value;
        frame->return_is_null = is_null;
        frame->has_return_value = true;
        MemoryContextSwitchTo(old);
        return FLOW_RETURN;
    }
    if (frame->program->object_id == 0)
        tsql_error(ERR_178);
    frame->return_status = frame_evaluate_int(frame, statement->value, 0);
    return FLOW_RETURN;
}

/* ---------------------------------------------------------------- WAITFOR */

static void
wait_milliseconds(int64 milliseconds)
{
    TimestampTz end = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), milliseconds);

    transaction_settle();
    interpreter.sink->flush(interpreter.sink);
    for (;;) {
        int64 left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), end);

        if (left <= 0)
            break;
        WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, Min(left, 60000),
                  PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    }
}

/* hh:mm[:ss[.fff]] as milliseconds, -1 if it is not that. */
static int64
read_time(const char *text)
{
    int hours, minutes, seconds = 0, used = 0;
    int64 milliseconds = 0;

    while (*text == ' ')
        text++;
    if (sscanf(text, "%2d:%2d%n", &hours, &minutes, &used) != 2)
        return -1;
    text += used;
    used = 0;
    if (*text == ':') {
        if (sscanf(text, ":%2d%n", &seconds, &used) != 1)
            return -1;
        text += used;
        if (*text == '.' || *text == ':') {
            int64 unit = 100;

            for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
                milliseconds += (*text - '0') * unit;
        }
    }
    while (*text == ' ')
        text++;
    if (*text != '\0' || hours > 23 || minutes > 59 || seconds > 59)
        return -1;
    return ((hours * 60 + minutes) * 60 + seconds) * INT64CONST(1000) + milliseconds;
}

Flow
run_waitfor(Frame *frame, const AstWaitfor *statement)
{
    char *text = frame_evaluate_text(frame, statement->value);
    int64 wait;

    if (text == NULL)
        return FLOW_NEXT;
    wait = read_time(text);
    if (wait < 0)
        tsql_error(ERR_148, text);
    if (statement->is_time) {
        TimestampTz now = GetCurrentTimestamp();
        pg_time_t seconds = timestamptz_to_time_t(now);
        struct pg_tm *local = pg_localtime(&seconds, log_timezone);
        int64 today =
            ((local->tm_hour * 60 + local->tm_min) * 60 + local->tm_sec) * INT64CONST(1000);

        wait -= today;
        if (wait < 0)
            wait += 24 * 3600 * INT64CONST(1000);
    }
    wait_milliseconds(wait);
    return FLOW_NEXT;
}
