/*
 * Plans of single statements and expressions of a program: bound once, planned, and run until
 * something they depend on changes. Always through the rewriter and planner().
 *
 * A plan is bound for an environment (database, default schema, user, SET options) and thrown away
 * when the session is in another, when PostgreSQL's invalidation messages name something it uses,
 * or when the catalogue has changed. Between two bindings of a statement one plan may still be
 * running: plans are reference-counted.
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "executor/execdesc.h"
#include "lib/ilist.h"
#include "nodes/execnodes.h"
#include "nodes/params.h"
#include "nodes/plannodes.h"

typedef struct Program Program;

typedef struct StatementPlan {
    MemoryContext memory;
    int references;
    bool valid;
    dlist_node link; /* in the list of all plans */

    /* the environment it was bound in */
    int32 database, user_id, login_id, scope_database;
    uint32 options;
    uint64 generation;
    char *default_schema;

    /* a statement, or an expression with subqueries as a query of one column */
    BoundStatement *bound; /* NULL for expressions */
    Query *query;
    PlannedStmt *generic;
    PlannedStmt *merge_rows; /* of bound->merge_rows */
    double generic_cost, custom_cost;
    int custom_count;
    bool has_params;
    bool has_relations; /* reads or writes tables */
    bool writes;        /* INSERT, UPDATE, DELETE, MERGE, SELECT INTO */
    List *relations;    /* oids; NIL: none */
    List *items;        /* PlanInvalItem */

    /* an expression */
    Expr *expr; /* without subqueries; else NULL and `query` is set */
    ExprState *state;
    bool state_busy;
    bool pure; /* immutable all through: needs no snapshot, leaves nothing behind */
    SqlType type;
    Oid pg_type;
    int16 type_length;
    bool type_by_value;
} StatementPlan;

/* Registers the invalidation callbacks; once per backend. */
void statement_plan_init(void);

/*
 * The plan of `statement` (a query statement or DML) in `program`: bound if need be. With a
 * reference for the caller. `scope` gives the variables. Raises binding errors.
 */
StatementPlan *plan_statement(Program *program, const AstNode *statement, const BindScope *scope);

/* Whether plan_statement would find a plan that is good now. */
bool plan_is_usable(Program *program, const AstNode *node);

/*
 * What to run: takes the locks and returns the generic plan or one made for the values of `params`
 * (NULL allowed); it lives as long as the plan, or in CurrentMemoryContext. NULL when something
 * changed meanwhile: get the plan anew.
 */
PlannedStmt *plan_choose(StatementPlan *plan, ParamListInfo params);

/*
 * The plan of a scalar expression, converted to `want` unless NULL; `predicate`: a condition.
 * `compound`: not OP_ASSIGN for SET @variable op= expression: the expression is variable op
 * expression.
 */
StatementPlan *plan_expression(Program *program,
                               const AstNode *expression,
                               const BindScope *scope,
                               bool predicate,
                               const SqlType *want,
                               Operator compound,
                               const char *variable);

/* The state to evaluate plan->expr with: the plan's own, or a new one in CurrentMemoryContext when
 * that is running further down the stack. Set plan->state_busy around the use of its own. */
ExprState *plan_expression_state(StatementPlan *plan);

void plan_release(StatementPlan *plan);

/* True while the binder runs: an error raised now is one of compilation, which T-SQL's TRY does not
 * catch in its own scope. Whoever catches sets it back. */
extern bool plan_is_binding;

/* Frees the slots of a program; its plans too unless referenced. */
void plan_slots_free(Program *program);
Size plan_slots_size(const Program *program);

/* Rewrites and plans a query (copied first) with values known for `params` or NULL. */
PlannedStmt *plan_query(const Query *query, ParamListInfo params);
