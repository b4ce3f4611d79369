/*
 * MERGE where PostgreSQL's own falls short (OUTPUT, TOP, NOT MATCHED BY SOURCE, identity columns,
 * views and CTEs as targets): private to merge.c and its two halves.
 *
 * The statement becomes two queries. The first, BoundStatement.merge_rows, joins target and source
 * and gives one row for each row to be changed: the target row's ctid, what is to be done, and
 * every value that the change or the OUTPUT list needs. engine/execute runs it, locks those target
 * rows (and runs it again if one had changed meanwhile) and keeps its rows as the table MERGE_ROWS.
 * The second, BoundStatement.query, is a SELECT over DELETE, UPDATE and INSERT of these rows: one
 * statement for triggers and constraints.
 */
#pragma once

#include "bind/dml.h"

typedef struct MergeRows {
    Binder *binder;
    const AstMerge *ast;
    DmlTarget target;            /* in the join: base table, view or CTE over it */
    const CatalogRelation *view; /* NULL: the target is a table or CTE */
    Scope *outer;                /* the query of the rows */
    Query *join;                 /* its one subquery */
    Var *ctid;                   /* of the target's row, in the join */
    Node *source_present;        /* in the join; NULL: always */
    List *sources;               /* ScopeSource of the join other than the target */
    List *targets;               /* the rows' columns; the first ones are MERGE_ROW_... */
    const AstMergeClause *insert;
    int insert_clause;    /* 1-based, 0: none */
    List *insert_targets; /* as an INSERT's list; Vars of the rows table, number 2 */
    List *update_targets; /* the same for UPDATE */
    bool updates, deletes;
    int deleted;         /* first column of the old image (the target's columns), 0: not kept */
    List *source_images; /* ScopeSource over the rows table, for OUTPUT */
} MergeRows;

/* Where the rows table stands in the range tables of the changing queries and the result. */
#define MERGE_ROWS_INDEX 2

/* Binds the first query; `rows` holds the statement, the rest is filled in. */
Query *merge_bind_rows(MergeRows *rows);
/* Binds the second. */
Query *merge_bind_changes(MergeRows *rows);
/* Whether a column of the target's source is one of the base table (not an expression of a view).
 */
bool merge_exposes_base(const MergeRows *rows, int column);
/* A column of the rows table as a Var of its entry MERGE_ROWS_INDEX. */
Var *merge_row_var(const MergeRows *rows, int column);
