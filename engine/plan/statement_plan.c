/*
 * Plans of statements and expressions: binding, planning, keeping, invalidating. Stands between the
 * interpreter (execute/), which asks for the plan of a node each time it runs it, and the binder.
 */
#include "postgres.h"

#include "plan/statement_plan.h"

#include "context/counters.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "plan/program.h"
#include "rewrite/rewriteHandler.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* Plans cheaper than this are point look-ups: knowing the values would not better them. */
#define POINT_COST 12.0
#define CUSTOM_TRIES 5
/* The generation of a plan that is bound anew each time: no look-up finds it. */
#define UNCACHEABLE PG_UINT64_MAX

typedef struct PlanSlot {
    const AstNode *node;
    StatementPlan *plan;
    char status;
} PlanSlot;

#define SH_PREFIX slot
#define SH_ELEMENT_TYPE PlanSlot
#define SH_KEY_TYPE const AstNode *
#define SH_KEY node
#define SH_HASH_KEY(tb, key) ((uint32) (((uintptr_t) (key) >> 4) * 2654435761u))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static dlist_head all_plans = DLIST_STATIC_INIT(all_plans);
bool plan_is_binding;

/* ---------------------------------------------------------------- invalidation */

static void
relation_changed(Datum argument, Oid relation)
{
    dlist_iter iter;

    dlist_foreach (iter, &all_plans) {
        StatementPlan *plan = dlist_container(StatementPlan, link, iter.cur);

        if (!plan->valid || !plan->has_relations)
            continue;
        if (!OidIsValid(relation) || list_member_oid(plan->relations, relation))
            plan->valid = false;
    }
}

static void
object_changed(Datum argument, int cache, uint32 hash)
{
    dlist_iter iter;

    dlist_foreach (iter, &all_plans) {
        StatementPlan *plan = dlist_container(StatementPlan, link, iter.cur);
        ListCell *cell;

        if (!plan->valid)
            continue;
        if (hash == 0 && plan->items != NIL) {
            plan->valid = false;
            continue;
        }
        foreach (cell, plan->items) {
            PlanInvalItem *item = lfirst_node(PlanInvalItem, cell);

            if (item->cacheId == cache && item->hashValue == hash) {
                plan->valid = false;
                break;
            }
        }
    }
}

static void
anything_changed(Datum argument, int cache, uint32 hash)
{
    dlist_iter iter;

    dlist_foreach (iter, &all_plans) {
        dlist_container(StatementPlan, link, iter.cur)->valid = false;
    }
}

void
statement_plan_init(void)
{
    static bool done;

    if (done)
        return;
    CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
    CacheRegisterSyscacheCallback(PROCOID, object_changed, (Datum) 0);
    CacheRegisterSyscacheCallback(TYPEOID, object_changed, (Datum) 0);
    CacheRegisterSyscacheCallback(OPEROID, anything_changed, (Datum) 0);
    CacheRegisterSyscacheCallback(AMOPOPID, anything_changed, (Datum) 0);
    CacheRegisterSyscacheCallback(FOREIGNSERVEROID, anything_changed, (Datum) 0);
    done = true;
}

/* ---------------------------------------------------------------- life */

static StatementPlan *
plan_new(Program *program)
{
    MemoryContext memory =
        AllocSetContextCreate(CacheMemoryContext, "T-SQL plan", ALLOCSET_SMALL_SIZES);
    StatementPlan *plan = MemoryContextAllocZero(memory, sizeof(StatementPlan));
    SessionContext *session = session_context;

    plan->memory = memory;
    plan->valid = true;
    plan->generation = catalog_generation();
    plan->database = session->database;
    plan->user_id = session->user_id;
    plan->login_id = session->login_id;
    plan->scope_database = session->scope_database;
    plan->options = session->options & OPTION_BINDING_MASK;
    plan->default_schema =
        MemoryContextStrdup(memory, session->default_schema ? session->default_schema : "");
    return plan;
}

static void
plan_free(StatementPlan *plan)
{
    MemoryContextDelete(plan->memory);
}

void
plan_release(StatementPlan *plan)
{
    Assert(plan->references > 0);
    if (--plan->references == 0) {
        if (plan->link.next != NULL)
            dlist_delete(&plan->link);
        plan_free(plan);
    }
}

/* Puts a finished plan into its slot, which owns one reference. */
static void
plan_keep(Program *program, const AstNode *node, StatementPlan *plan)
{
    bool found;
    PlanSlot *slot;

    if (program->slots == NULL)
        program->slots = slot_create(program->memory, 16, NULL);
    slot = slot_insert(program->slots, node, &found);
    if (found && slot->plan != NULL) {
        StatementPlan *old = slot->plan;

        slot->plan = NULL;
        plan_release(old);
    }
    plan->references++;
    dlist_push_tail(&all_plans, &plan->link);
    slot->plan = plan;
}

void
plan_slots_free(Program *program)
{
    slot_iterator iterator;
    PlanSlot *slot;

    if (program->slots == NULL)
        return;
    slot_start_iterate(program->slots, &iterator);
    while ((slot = slot_iterate(program->slots, &iterator)) != NULL) {
        if (slot->plan != NULL)
            plan_release(slot->plan);
        slot->plan = NULL;
    }
    program->slots = NULL; /* its memory is the program's */
}

Size
plan_slots_size(const Program *program)
{
    slot_iterator iterator;
    PlanSlot *slot;
    Size size = 0;

    if (program->slots == NULL)
        return 0;
    slot_start_iterate(program->slots, &iterator);
    while ((slot = slot_iterate(program->slots, &iterator)) != NULL)
        if (slot->plan != NULL)
            size += MemoryContextMemAllocated(slot->plan->memory, true);
    return size;
}

static bool
plan_usable(const StatementPlan *plan)
{
    const SessionContext *session = session_context;

    return plan->valid && plan->generation == catalog_generation() &&
           plan->options == (session->options & OPTION_BINDING_MASK) &&
           plan->database == session->database && plan->user_id == session->user_id &&
           plan->login_id == session->login_id && plan->scope_database == session->scope_database &&
           strcmp(plan->default_schema, session->default_schema ? session->default_schema : "") ==
               0;
}

static StatementPlan *
plan_find(Program *program, const AstNode *node)
{
    PlanSlot *slot;

    if (program->slots == NULL)
        return NULL;
    slot = slot_lookup(program->slots, node);
    if (slot == NULL || slot->plan == NULL || !plan_usable(slot->plan))
        return NULL;
    return slot->plan;
}

bool
plan_is_usable(Program *program, const AstNode *node)
{
    return plan_find(program, node) != NULL;
}

/* ---------------------------------------------------------------- planning */

PlannedStmt *
plan_query(const Query *query, ParamListInfo params)
{
    Query *copy = copyObjectImpl(query);
    List *rewritten;
    PlannedStmt *planned;
    bool pushed = false;

    AcquireRewriteLocks(copy, true, false);
    rewritten = pg_rewrite_query(copy);
    if (list_length(rewritten) != 1)
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("rewrite rules are not supported on tables used from T-SQL")));
    if (!ActiveSnapshotSet()) {
        PushActiveSnapshot(GetTransactionSnapshot());
        pushed = true;
    }
    planned = pg_plan_query(linitial_node(Query, rewritten), "", CURSOR_OPT_PARALLEL_OK, params);
    if (pushed)
        PopActiveSnapshot();
    return planned;
}

static void
plan_lock(const PlannedStmt *planned)
{
    ListCell *cell;

    foreach (cell, planned->rtable) {
        RangeTblEntry *rte = lfirst_node(RangeTblEntry, cell);

        if (rte->rtekind == RTE_RELATION)
            LockRelationOid(rte->relid, rte->rellockmode);
    }
}

static bool
param_walker(Node *node, void *context)
{
    if (node == NULL)
        return false;
    if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXTERN)
        return true;
    if (IsA(node, Query))
        return query_tree_walker((Query *) node, param_walker, context, 0);
    return expression_tree_walker(node, param_walker, context);
}

/* Copies the binder's result, made in a scratch context, into the plan. */
static BoundColumn *
copy_columns(const BoundColumn *columns, int count)
{
    BoundColumn *copy = palloc(sizeof(BoundColumn) * Max(count, 1));

    for (int i = 0; i < count; i++) {
        copy[i] = columns[i];
#define COPY_TEXT(field) copy[i].field = columns[i].field ? pstrdup(columns[i].field) : NULL
        COPY_TEXT(name);
        COPY_TEXT(source_database);
        COPY_TEXT(source_schema);
        COPY_TEXT(source_table);
        COPY_TEXT(source_column);
#undef COPY_TEXT
        if (copy[i].name == NULL)
            copy[i].name = "";
    }
    return copy;
}

static CatalogRelation *
copy_relation(const CatalogRelation *relation)
{
    CatalogRelation *copy;

    if (relation == NULL)
        return NULL;
    copy = palloc(sizeof(CatalogRelation));
    *copy = *relation;
    copy->object.name = pstrdup(relation->object.name);
    copy->object.schema_name =
        relation->object.schema_name ? pstrdup(relation->object.schema_name) : NULL;
    copy->columns = palloc(sizeof(CatalogColumn) * Max(relation->column_count, 1));
    for (int i = 0; i < relation->column_count; i++) {
        CatalogColumn *column = &copy->columns[i];

        *column = relation->columns[i];
        column->name = pstrdup(column->name);
        column->key = column->key ? pstrdup(column->key) : NULL;
        column->computed_text = column->computed_text ? pstrdup(column->computed_text) : NULL;
        column->default_text = column->default_text ? pstrdup(column->default_text) : NULL;
    }
    return copy;
}

static void *
copy_bytes(const void *bytes, Size size)
{
    void *copy;

    if (bytes == NULL || size == 0)
        return NULL;
    copy = palloc(size);
    memcpy(copy, bytes, size);
    return copy;
}

static BoundStatement *
copy_bound(const BoundStatement *bound)
{
    BoundStatement *copy = palloc(sizeof(BoundStatement));

    *copy = *bound;
    copy->query = copyObject(bound->query);
    copy->merge_rows = copyObject(bound->merge_rows);
    copy->columns = copy_columns(bound->columns, bound->column_count);
    copy->assignments =
        copy_bytes(bound->assignments, sizeof(BoundAssignment) * bound->assignment_count);
    for (int i = 0; i < bound->assignment_count; i++)
        copy->assignments[i].variable = pstrdup(bound->assignments[i].variable);
    copy->order = copy_bytes(bound->order, sizeof(int16) * bound->order_count);
    copy->target = copy_relation(bound->target);
    copy->output_into = copy_relation(bound->output_into);
    copy->output_into_attnums =
        copy_bytes(bound->output_into_attnums, sizeof(AttrNumber) * bound->output_into_count);
    copy->insert_exec_attnums =
        copy_bytes(bound->insert_exec_attnums, sizeof(AttrNumber) * bound->insert_exec_count);
    copy->objects = list_copy(bound->objects);
    return copy;
}

/* Facts of a query that the interpreter and the plan choice need. */
static void
note_query_facts(StatementPlan *plan)
{
    const PlannedStmt *planned = plan->generic;
    Query *query = plan->query;

    plan->relations = list_copy(planned->relationOids);
    plan->items = copyObject(planned->invalItems);
    plan->has_relations = planned->relationOids != NIL;
    plan->generic_cost = planned->planTree->total_cost;
    plan->has_params = query_tree_walker(query, param_walker, NULL, 0);
    plan->writes = query->commandType != CMD_SELECT || query->hasModifyingCTE ||
                   (plan->bound != NULL &&
                    (plan->bound->kind != BOUND_SELECT && plan->bound->kind != BOUND_ASSIGN));
}

static void
plan_query_of(StatementPlan *plan, Query *query)
{
    MemoryContext old;
    PlannedStmt *planned = plan_query(query, NULL);

    old = MemoryContextSwitchTo(plan->memory);
    plan->generic = copyObject(planned);
    MemoryContextSwitchTo(old);
}

/* The first query of a MERGE: what it depends on is what the statement depends on. */
static void
plan_merge_rows(StatementPlan *plan)
{
    MemoryContext old;
    PlannedStmt *planned;

    if (plan->bound == NULL || plan->bound->merge_rows == NULL)
        return;
    planned = plan_query(plan->bound->merge_rows, NULL);
    old = MemoryContextSwitchTo(plan->memory);
    plan->merge_rows = copyObject(planned);
    plan->relations = list_concat_unique_oid(plan->relations, plan->merge_rows->relationOids);
    plan->items = list_concat(plan->items, copyObject(plan->merge_rows->invalItems));
    MemoryContextSwitchTo(old);
}

/* A scratch context for binding and planning; what stays is copied out. */
static MemoryContext
scratch_enter(MemoryContext *old)
{
    MemoryContext scratch =
        AllocSetContextCreate(CurrentMemoryContext, "T-SQL binding", ALLOCSET_DEFAULT_SIZES);

    *old = MemoryContextSwitchTo(scratch);
    return scratch;
}

static StatementPlan *
bind_and_plan(Program *program, const AstNode *node, const BindScope *scope)
{
    MemoryContext old, scratch = scratch_enter(&old);
    StatementPlan *plan;
    BindContext context;
    BoundStatement *bound;
    uint64 generation = catalog_generation();

    program_bind_context(program, scope, &context);
    if (program->literals != NULL)
        context.literals = &program->literals->decisions;
    plan_is_binding = true;
    counter_add(COUNTER_COMPILATIONS, 1);
    bound = bind_statement(node, &context);
    plan_is_binding = false;

    plan = plan_new(program);
    MemoryContextSetParent(plan->memory, scratch); /* until it is complete */
    plan->generation = bound->cacheable ? generation : UNCACHEABLE;
    MemoryContextSwitchTo(plan->memory);
    plan->bound = copy_bound(bound);
    plan->query = plan->bound->query;
    MemoryContextSwitchTo(scratch);
    if (plan->query != NULL && bound->insert_exec == NULL) {
        plan_query_of(plan, plan->query);
        MemoryContextSwitchTo(plan->memory);
        note_query_facts(plan);
        MemoryContextSwitchTo(scratch);
        plan_merge_rows(plan);
    } else
        plan->writes = true;
    MemoryContextSwitchTo(old);
    MemoryContextSetParent(plan->memory, CacheMemoryContext);
    MemoryContextDelete(scratch);
    plan_keep(program, node, plan);
    return plan;
}

StatementPlan *
plan_statement(Program *program, const AstNode *statement, const BindScope *scope)
{
    StatementPlan *plan = plan_find(program, statement);

    if (plan == NULL)
        plan = bind_and_plan(program, statement, scope);
    plan->references++;
    return plan;
}

/* Plancache's rule: a few tries with the values known, then whichever costs less. Statements that
 * change variables while they run cannot have them folded. */
static bool
wants_custom(const StatementPlan *plan)
{
    if (!plan->has_params || !plan->has_relations || plan->generic_cost < POINT_COST)
        return false;
    if (plan->bound != NULL && plan->bound->assignment_count > 0)
        return false;
    if (plan->custom_count < CUSTOM_TRIES)
        return true;
    return plan->generic_cost > plan->custom_cost / plan->custom_count;
}

/* Planning costs something too, in the units of the planner: as plancache reckons it. */
static double
planning_cost(const PlannedStmt *planned)
{
    return 1000.0 * cpu_operator_cost * (list_length(planned->rtable) + 1);
}

static PlannedStmt *
plan_custom(StatementPlan *plan, ParamListInfo params)
{
    PlannedStmt *planned;

    for (int i = 0; i < params->numParams; i++)
        params->params[i].pflags = PARAM_FLAG_CONST;
    planned = plan_query(plan->query, params);
    for (int i = 0; i < params->numParams; i++)
        params->params[i].pflags = 0;
    plan->custom_cost += planned->planTree->total_cost + planning_cost(planned);
    plan->custom_count++;
    return planned;
}

PlannedStmt *
plan_choose(StatementPlan *plan, ParamListInfo params)
{
    if (plan->merge_rows != NULL)
        plan_lock(plan->merge_rows);
    if (plan->has_relations)
        plan_lock(plan->generic);
    if (!plan->valid ||
        (plan->generation != UNCACHEABLE && plan->generation != catalog_generation()))
        return NULL;
    if (params == NULL || !wants_custom(plan))
        return plan->generic;
    return plan_custom(plan, params);
}

/* ---------------------------------------------------------------- expressions */

/* variable op expression, for compound assignments. */
static const AstNode *
compound_expression(Program *program, const AstNode *value, Operator op, const char *variable)
{
    AstVariable *reference;
    AstBinary *binary;

    if (op == OP_ASSIGN || variable == NULL)
        return value;
    reference = arena_alloc(program->arena, sizeof(AstVariable));
    reference->node = *value;
    reference->node.kind = AST_VARIABLE;
    reference->name = variable;
    binary = arena_alloc(program->arena, sizeof(AstBinary));
    binary->node = *value;
    binary->node.kind = AST_BINARY;
    binary->op = op;
    binary->left = &reference->node;
    binary->right = (AstNode *) value;
    return &binary->node;
}

/* The expression as the executor wants it: folded, with its ExprState. */
static void
prepare_simple(StatementPlan *plan, Expr *expr)
{
    MemoryContext old;
    Expr *planned = expression_planner(expr);

    old = MemoryContextSwitchTo(plan->memory);
    plan->expr = copyObject(planned);
    plan->pure = !contain_mutable_functions((Node *) plan->expr);
    plan->state = ExecInitExpr(plan->expr, NULL);
    MemoryContextSwitchTo(old);
}

static StatementPlan *
bind_expression_plan(Program *program,
                     const AstNode *node,
                     const BindScope *scope,
                     bool predicate,
                     const SqlType *want,
                     Operator compound,
                     const char *variable)
{
    MemoryContext old, scratch = scratch_enter(&old);
    StatementPlan *plan;
    BindContext context;
    Expr *expr;
    SqlType type;
    bool has_subquery = false;
    uint64 generation = catalog_generation();
    const AstNode *whole = compound_expression(program, node, compound, variable);

    program_bind_context(program, scope, &context);
    plan_is_binding = true;
    expr = bind_expression(whole, &context, predicate, want, &type, &has_subquery);
    plan_is_binding = false;

    plan = plan_new(program);
    MemoryContextSetParent(plan->memory, scratch);
    plan->generation = generation;
    plan->type = type;
    plan->pg_type = exprType((Node *) expr);
    get_typlenbyval(plan->pg_type, &plan->type_length, &plan->type_by_value);
    if (has_subquery) {
        Query *query = bind_expression_query(expr);

        MemoryContextSwitchTo(plan->memory);
        plan->query = copyObject(query);
        MemoryContextSwitchTo(scratch);
        plan_query_of(plan, plan->query);
        MemoryContextSwitchTo(plan->memory);
        note_query_facts(plan);
    } else
        prepare_simple(plan, expr);
    MemoryContextSwitchTo(old);
    MemoryContextSetParent(plan->memory, CacheMemoryContext);
    MemoryContextDelete(scratch);
    plan_keep(program, node, plan);
    return plan;
}

StatementPlan *
plan_expression(Program *program,
                const AstNode *expression,
                const BindScope *scope,
                bool predicate,
                const SqlType *want,
                Operator compound,
                const char *variable)
{
    StatementPlan *plan = plan_find(program, expression);

    if (plan == NULL)
        plan =
            bind_expression_plan(program, expression, scope, predicate, want, compound, variable);
    plan->references++;
    return plan;
}

ExprState *
plan_expression_state(StatementPlan *plan)
{
    if (!plan->state_busy)
        return plan->state;
    return ExecInitExpr(plan->expr, NULL);
}
