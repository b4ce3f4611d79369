/*
 * Programs: parsed text ready to be run again and again. A program is a batch (with or without
 * declared parameters, as sp_executesql and sp_prepare give them) or the body of a module. It holds
 * the tree, the variables that it declares, and one slot for each statement or expression that has
 * been bound, with its plan.
 *
 * Programs are kept per backend, found by text or by object id and version, and thrown out least
 * recently used first when they take more than casement.plan_cache_size. They are
 * reference-counted: whoever runs one holds a reference, so one that is thrown out or replaced
 * while it runs lives until its last user lets go.
 */
#pragma once

#include "postgres.h"

#include "bind/bind.h"
#include "catalogue/catalog.h"
#include "lib/ilist.h"
#include "nodes/params.h"
#include "plan/statement_plan.h"
#include "syntax/parser.h"

/* A parameter or a declared variable. */
typedef struct ProgramVariable {
    const char *name; /* with its @, as written */
    SqlType type;     /* scalars */
    Oid pg_type;
    int16 type_length;
    bool type_by_value;
    bool is_parameter, is_output, is_readonly;
    bool is_table, is_cursor;
    const AstNode *default_value;  /* of a parameter */
    const AstList *table_elements; /* TABLE (...), else NULL */
    CatalogObject table_type;      /* a table type's instance: id 0 if not */
    uint32 declared_at;            /* byte offset of its declaration */
    int line;
} ProgramVariable;

/* How the literals of an auto-parameterised batch became parameters or were kept as they are. */
typedef struct ProgramLiterals {
    BindLiterals decisions;
    const char **pinned; /* per literal: its source text when it is no parameter */
    uint32 *pinned_length;
} ProgramLiterals;

typedef struct Program {
    MemoryContext memory;
    int references;
    bool cached;     /* in the table; not yet thrown out or replaced */
    bool shape_only; /* found by its literals' shape, not by text */
    dlist_node lru, chain;
    uint32 hash;
    Size size; /* bytes, as of its last use */

    /* key of a batch */
    const char *text;
    uint32 text_length;
    const char *parameters_text; /* declaration list; "" if none */
    uint32 parameters_length;
    bool quoted_identifier;
    int32 key_database;

    /* a module */
    int32 object_id; /* 0: a batch */
    int32 number;    /* proc;n */
    uint64 version;
    CatalogObjectType object_type;
    const char *name; /* object's name, for messages; NULL for a batch */
    const char *schema_name;
    int32 database;              /* whose names it means */
    uint32 option_mask, options; /* options that the module fixes */
    const char *execute_as;

    Arena *arena;
    AstList *body;
    const AstNode *routine; /* AST_CREATE_PROCEDURE and so on of a module */
    int parameter_count;    /* the first of the variables */
    int variable_count;
    ProgramVariable *variables;
    SqlType return_type;       /* of a scalar function */
    int return_variable;       /* index of RETURNS @t TABLE, -1 */
    ProgramLiterals *literals; /* NULL unless auto-parameterised */
    struct slot_hash *slots;   /* plans by node, private to statement_plan.c */
} Program;

/* Registers callbacks; once per backend. */
void program_init(void);

/*
 * The program of a batch text, parsed if it is not known yet, with a reference for the caller.
 * `parameters`: a declaration list as sp_executesql takes it, or NULL. Raises syntax errors and
 * those of undeclared variables (137), doubly declared ones (134), wrong types.
 */
Program *
program_for_text(const char *text, size_t length, const char *parameters, size_t parameters_length);

/*
 * The same for a batch without parameters, looking for a program that differs in literals only.
 * On such a find `*values` gets a ParamListInfo with the literals' values (in
 * CurrentMemoryContext), else NULL.
 */
Program *program_for_batch(const char *text, size_t length, ParamListInfo *values);

/* As program_for_text, but undeclared variables are no errors, and nothing is kept. */
Program *program_for_describe(const char *text,
                              size_t length,
                              const char *parameters,
                              size_t parameters_length);

/* The program of a procedure, function or trigger; NULL when the module is gone. */
Program *program_for_module(int32 object_id, int32 number);

Program *program_ref(Program *program);
void program_unref(Program *program);

/* Index of a variable, -1 if there is none. Names compare under the database's collation. */
int program_variable(const Program *program, const char *name);

/* Takes everything out of the cache (DBCC FREEPROCCACHE, sp_reset_connection keeps it). */
void program_forget_all(void);

/* Where names of the program mean things now, with `scope` for its variables. */
void program_bind_context(const Program *program, const BindScope *scope, BindContext *context);

/* Number of cached programs and bytes, for sys.dm_os_memory... views. */
void program_cache_size(int *count, Size *bytes);

extern int program_cache_limit; /* casement.plan_cache_size, kB */
