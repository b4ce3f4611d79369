/*
 * What the files of INSERT, UPDATE, DELETE and MERGE share: finding the target, the OUTPUT clause
 * and the carrier of old values. Private to engine/bind.
 *
 * PostgreSQL takes T-SQL's row-limited and self-joined forms directly once the Query is built by
 * hand: the target may stand anywhere in the join tree, and UPDATE and DELETE take a LIMIT (TOP)
 * and a sort order. A target that is a CTE, a derived table or a view is bound in the statement's
 * own scope, so that it needs no join with itself, when it is a plain select; otherwise it becomes
 * a subquery that carries the row's ctid.
 */
#pragma once

#include "bind/bind_internal.h"

typedef struct DmlTarget {
    const CatalogRelation *relation; /* the base table that is changed */
    ScopeSource *source; /* the target under its SET names: the table, or the CTE or view over it */
    int rtindex;         /* of the base table in the statement's query */
    List *jointree;      /* FROM items, the target among them */
    Node *quals;         /* what the target itself demands (a CTE's WHERE, ctid joins) */
    bool through_view;   /* source's columns are not the table's: use base_attnum */
} DmlTarget;

/* Binds FROM and the target of UPDATE or DELETE (8154, 208, 4403, 4405...). The current scope's
 * query gets its resultRelation. */
DmlTarget
dml_bind_target(Binder *binder, const AstDml *dml, const AstList *from, AclMode permission);

/* Whether UPDATE's or DELETE's target is a CTE or view that cannot be bound in the statement's own
 * scope. */
bool dml_is_query_target(Binder *binder, const AstTableRef *target);

/* Makes a source that is a query over one table tell the ctid of that table's row: the number of
 * the column, and the table. 4403 where its rows are not rows of a table. */
AttrNumber dml_expose_row(Binder *binder, ScopeSource *source, const CatalogRelation **base);

/* WITH CHECK OPTION of a view through which `base`, the entry `rtindex`, is written. */
void dml_add_view_check(Binder *binder,
                        const CatalogRelation *view,
                        const CatalogRelation *base,
                        int rtindex);

/* The base table that INSERT's or MERGE's target name means; `*view` is set when it came through
 * one (its columns by name are then the view's). */
const CatalogRelation *dml_target_relation(Binder *binder, const AstTableRef *target);

/* Index into relation->columns of a SET or column-list name of the target: 207 if none. */
int dml_target_column(Binder *binder, const DmlTarget *target, const char *name);

/*
 * The carrier: LATERAL (SELECT exprs OFFSET 0), which keeps values of the row as it was before the
 * change (OUTPUT deleted.*, SET @old = column) where RETURNING sees only the new row. OFFSET keeps
 * the planner from pulling it up. It is re-evaluated with the row when a concurrent change is
 * followed.
 */
typedef struct DmlCarrier {
    Binder *binder;
    Query *query; /* the lateral subquery; its target list grows */
    int rtindex;  /* 0 until the first value is carried */
} DmlCarrier;
/* Carries `expr` (over the current scope's entries); the Var that stands for it. */
Expr *dml_carry(DmlCarrier *carrier, Expr *expr, const SqlType *type);
/* Appends the carrier, when used, to the join tree. */
List *dml_carrier_finish(DmlCarrier *carrier, List *jointree);

/*
 * Binds OUTPUT into the query's RETURNING list. `inserted`/`deleted` say which images exist; the
 * deleted image of an UPDATE goes through `carrier` (NULL for INSERT and DELETE).
 * Appends to *returning; fills statement->columns and output_into*.
 */
void dml_bind_output(Binder *binder,
                     const AstOutputClause *output,
                     const DmlTarget *target,
                     bool inserted,
                     bool deleted,
                     DmlCarrier *carrier,
                     List **returning);

/* The lists of OUTPUT alone, over sources that the caller has put into the scope. */
void dml_bind_output_lists(Binder *binder, const AstOutputClause *output, List **returning);

/* Ends the statement's scope and keeps its query. */
void dml_finish(Binder *binder);

/* For the binder's entry point: each fills binder->statement. */
void bind_insert(Binder *binder, const AstInsert *insert);
void bind_update(Binder *binder, const AstUpdate *update);
void bind_delete(Binder *binder, const AstDelete *delete_statement);
void bind_merge(Binder *binder, const AstMerge *merge);
/* UPDATE and DELETE of a CTE or view that dml_is_query_target(): in MERGE's two steps, so that its
 * rows are locked and looked at anew when one had changed. */
void bind_query_update(Binder *binder, const AstUpdate *update);
void bind_query_delete(Binder *binder, const AstDelete *delete_statement);

/* ---- pieces that INSERT and MERGE share (insert.c) ---- */

/* A relation's columns by written names (NULL: all that take values): 207, 264, 273, 271. Returns
 * indexes into relation->columns. */
int *dml_insert_columns(Binder *binder,
                        const CatalogRelation *relation,
                        const char **names,
                        int name_count,
                        int *count);
/* INSERT through a view: its columns by the base table's names, when they all come from one table
 * (4405, 4406). */
const char **dml_view_columns(Binder *binder,
                              const CatalogRelation *view,
                              const AstInsert *insert,
                              const CatalogRelation **base,
                              int *count);
/* A target entry for a value or DEFAULT of a column; NULL node means DEFAULT. */
TargetEntry *
dml_value_target(Binder *binder, const CatalogRelation *relation, int column, const AstNode *value);
/* The next row version, for rowversion columns of inserted and updated rows. */
TargetEntry *dml_rowversion_target(const CatalogRelation *relation, int column);
/* A target entry for a converted expression of a column. */
TargetEntry *dml_target_entry(const CatalogRelation *relation, int column, Expr *expr);
/* Target entries of one UPDATE SET list (UPDATE and MERGE): 264, 8102, 271, 272. `carrier` NULL:
 * assignments to variables are not allowed. Variables' values go to *returning. */
List *dml_set_list(Binder *binder,
                   const AstList *assignments,
                   const DmlTarget *target,
                   DmlCarrier *carrier,
                   List **returning);

/* IGNORE_DUP_KEY of the target's unique indexes (ignore_dup_key.c). */
void dml_ignore_duplicates(Binder *binder, const CatalogRelation *relation, int rtindex);

/* ---- INSTEAD OF triggers (instead_of.c) ---- */

/* Whether the target has an INSTEAD OF trigger that takes this action's rows; then
 * statement->target and instead_of are set, and one of the following binds the statement. */
bool dml_takes_instead_of(Binder *binder, const AstDml *dml, AstKind action);
void bind_instead_of_insert(Binder *binder, const AstInsert *insert);
void bind_instead_of_update(Binder *binder, const AstUpdate *update);
void bind_instead_of_delete(Binder *binder, const AstDelete *delete_statement);
