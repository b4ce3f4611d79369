/*
 * FOR XML and FOR JSON: the query becomes a derived table, each column is converted to text, and
 * one aggregate (for_text.c) writes the rows into a single nvarchar(max). Works alike in statements
 * and subqueries. No row comes out where the query has none.
 *
 * The aggregate's first argument tells the form: fields separated by \1,
 * kind, mode, flags, root, row name, then for every column its kind and level as letters and name.
 */
#include "postgres.h"

#include "bind/bind_internal.h"

#include "catalog/pg_aggregate.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#define XML_COLUMN "XML_F52E2B61-18A1-11d1-B105-00805F49916B"
#define JSON_COLUMN "JSON_F52E2B61-18A1-11d1-B105-00805F49916B"
#define SEPARATOR '\1'

typedef struct ForForm {
    bool json;
    char mode;        /* 'R' RAW, 'A' AUTO, 'P' PATH */
    const char *root; /* NULL: none */
    const char *row;
    bool elements, xsinil, include_nulls, no_wrapper, type;
} ForForm;

static const char *
option_text(const AstOption *option, const char *otherwise)
{
    if (option->value && option->value->kind == AST_LITERAL)
        return ((const AstLiteral *) option->value)->text;
    return otherwise;
}

static void
read_option(ForForm *form, const AstOption *option)
{
    const char *name = option->name;

    if (strcmp(name, "RAW") == 0) {
        form->mode = 'R';
        form->row = option_text(option, "row");
    } else if (strcmp(name, "PATH") == 0) {
        form->mode = 'P';
        form->elements = true;
        form->row = option_text(option, "row");
    } else if (strcmp(name, "AUTO") == 0) {
        form->mode = 'A';
    } else if (strcmp(name, "ROOT") == 0) {
        form->root = option_text(option, "root");
    } else if (strcmp(name, "ELEMENTS") == 0) {
        form->elements = true;
        form->xsinil = option->word && strcmp(option->word, "XSINIL") == 0;
    } else if (strcmp(name, "TYPE") == 0) {
        form->type = true;
    } else if (strcmp(name, "INCLUDE_NULL_VALUES") == 0) {
        form->include_nulls = true;
    } else if (strcmp(name, "WITHOUT_ARRAY_WRAPPER") == 0) {
        form->no_wrapper = true;
    } else if (strcmp(name, "BINARY") != 0) {
        binder_set_line(&option->node);
        tsql_error(ERR_40517, psprintf("FOR XML %s", name));
    }
}

static ForForm
read_form(const AstQueryTail *tail)
{
    ForForm form = {.json = tail->for_clause == FOR_JSON, .row = "row"};

    for (int i = 0; i < AST_LIST_COUNT(tail->for_options); i++)
        read_option(&form, AST_LIST_ITEM(AstOption, tail->for_options, i));
    return form;
}

/* ---- columns ---- */

/* Text that is JSON or XML already: a nested FOR clause, JSON_QUERY. */
static bool
is_nested_text(Expr *expr, const SqlType *type, bool json)
{
    while (IsA(expr, RelabelType))
        expr = ((RelabelType *) expr)->arg;
    if (!json)
        return type->id == SQL_XML;
    if (IsA(expr, SubLink)) {
        const Query *query = (const Query *) ((SubLink *) expr)->subselect;
        const TargetEntry *entry = linitial(query->targetList);

        return entry->resname && strcmp(entry->resname, JSON_COLUMN) == 0;
    }
    if (IsA(expr, FuncExpr)) {
        char *name = get_func_name(((FuncExpr *) expr)->funcid);

        return name && strncmp(name, "json_", 5) == 0 && strcmp(name, "json_value") != 0;
    }
    return false;
}

static char
column_kind(Expr *source, const SqlType *type, bool json)
{
    char category = sql_type_info(type->id)->category;

    if (is_nested_text(source, type, json))
        return 'j';
    if (type->id == SQL_BIT)
        return 't';
    if (category == 'B')
        return 'b';
    if (category == 'I' || category == 'D' || category == 'F')
        return 'v';
    return 's';
}

static Expr *
column_text(Binder *binder, BoundExpr column, const SqlType *text)
{
    char category = sql_type_info(column.type.id)->category;
    int style = category == 'F'                                                               ? 2
                : column.type.id == SQL_MONEY || column.type.id == SQL_SMALLMONEY             ? 2
                : category == 'T' && column.type.id != SQL_TIME && column.type.id != SQL_DATE ? 126
                                                                                              : 0;

    if (category == 'B') {
        Expr *bytes =
            (Expr *) makeRelabelType(column.expr, BYTEAOID, -1, InvalidOid, COERCE_IMPLICIT_CAST);
        Expr *encoded = (Expr *) makeFuncExpr(
            F_ENCODE, TEXTOID,
            list_make2(bytes, makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
                                        PointerGetDatum(cstring_to_text("base64")), false, false)),
            InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);

        return (Expr *) makeRelabelType(encoded, sql_type_oid(SQL_NVARCHAR), -1, text->collation,
                                        COERCE_IMPLICIT_CAST);
    }
    if (!sql_conversion_exists(&column.type, text, CONVERSION_EXPLICIT))
        bind_convert(binder, column, text, CONVERSION_EXPLICIT); /* raises */
    return sql_conversion_build(column.expr, &column.type, text, CONVERSION_EXPLICIT,
                                style ? bind_int_const(style) : NULL);
}

Expr *
for_json_value(Binder *binder, BoundExpr value, const SqlType *text, char *kind)
{
    *kind = column_kind(value.expr, &value.type, true);
    return column_text(binder, value, text);
}

/* AUTO: the table that a column comes from, by its alias; the columns of expressions stay with the
 * table before them. */
static const char *
column_table(const Query *query, const TargetEntry *entry)
{
    const Var *var = (const Var *) entry->expr;

    if (!IsA(var, Var) || var->varlevelsup != 0)
        return NULL;
    return ((RangeTblEntry *) list_nth(query->rtable, var->varno - 1))->eref->aliasname;
}

typedef struct LevelNames {
    int count;
    const char *names[26];
} LevelNames;

static int
column_level(LevelNames *levels, const char *table, int former)
{
    if (!table)
        return former;
    for (int i = 0; i < levels->count; i++)
        if (strcmp(levels->names[i], table) == 0)
            return i;
    if (levels->count == (int) lengthof(levels->names))
        return levels->count - 1;
    levels->names[levels->count] = table;
    return levels->count++;
}

static void
describe_columns(StringInfo spec,
                 const ForForm *form,
                 const Query *query,
                 const ColumnList *columns)
{
    LevelNames levels = {0};
    int level = 0;

    for (int i = 0; i < columns->count; i++) {
        const TargetEntry *entry = list_nth(query->targetList, i);
        const BoundColumn *column = &columns->columns[i];
        const char *table = form->mode == 'A' ? column_table(query, entry) : NULL;

        if (!column->name[0] && form->json)
            tsql_error(ERR_13605);
        if (!column->name[0] && form->mode != 'P')
            tsql_error(ERR_6809);
        level = column_level(&levels, table, level);
        appendStringInfo(spec, "%c%c%c%s", SEPARATOR,
                         column_kind(entry->expr, &column->type, form->json), 'A' + level,
                         column->name);
    }
    for (int i = 0; i < levels.count; i++)
        appendStringInfo(spec, "%c=%c%s", SEPARATOR, 'A' + i, levels.names[i]);
}

static char *
form_spec(const ForForm *form, const Query *query, const ColumnList *columns)
{
    StringInfoData spec;

    initStringInfo(&spec);
    appendStringInfo(&spec, "%c%c%s%s%s%s%s%c%s%c%s", form->json ? 'J' : 'X', form->mode,
                     form->elements ? "e" : "", form->xsinil ? "x" : "",
                     form->include_nulls ? "n" : "", form->no_wrapper ? "w" : "",
                     form->root ? "r" : "", SEPARATOR, form->root ? form->root : "", SEPARATOR,
                     form->row);
    describe_columns(&spec, form, query, columns);
    return spec.data;
}

/* ---- the aggregate ---- */

static Aggref *
make_aggregate(Oid function, Oid result, Oid collation, List *args)
{
    Aggref *aggref = makeNode(Aggref);
    AttrNumber number = 1;
    ListCell *cell;

    aggref->aggfnoid = function;
    aggref->aggtype = result;
    aggref->aggcollid = aggref->inputcollid = collation;
    foreach (cell, args) {
        aggref->aggargtypes = lappend_oid(aggref->aggargtypes, exprType(lfirst(cell)));
        aggref->args = lappend(aggref->args, makeTargetEntry(lfirst(cell), number++, NULL, false));
    }
    aggref->aggstar = args == NIL;
    aggref->aggkind = AGGKIND_NORMAL;
    aggref->aggsplit = AGGSPLIT_SIMPLE;
    aggref->aggno = aggref->aggtransno = -1;
    aggref->location = -1;
    return aggref;
}

static Expr *
values_array(Binder *binder, const ScopeSource *source, const SqlType *text)
{
    ArrayExpr *array = makeNode(ArrayExpr);

    array->element_typeid = sql_type_oid(SQL_NVARCHAR);
    array->array_typeid = get_array_type(array->element_typeid);
    array->array_collid = text->collation;
    array->location = -1;
    for (int i = 0; i < source->column_count; i++)
        array->elements = lappend(
            array->elements, column_text(binder, scope_column_expr(binder, source, i, 0), text));
    return (Expr *) array;
}

Query *
bind_for_subquery(Binder *binder, Query *query, ColumnList *columns, const AstQueryTail *tail)
{
    ForForm form = read_form(tail);
    SqlType text = sql_type_string(SQL_NVARCHAR, -1, binder->collation);
    SqlType xml = sql_type_make(SQL_XML);
    char *spec = form_spec(&form, query, columns);
    RangeTblRef *ref = makeNode(RangeTblRef);
    Oid types[2] = {sql_type_oid(SQL_NVARCHAR), get_array_type(sql_type_oid(SQL_NVARCHAR))};
    Oid function = LookupFuncName(
        list_make2(makeString("sys"), makeString(form.json ? "for_json" : "for_xml")), 2, types,
        false);
    ScopeSource *source;
    BoundExpr result;
    Query *wrapper;
    List *args;

    IncrementVarSublevelsUp((Node *) query, 1, 1);
    wrapper = scope_push(binder, CMD_SELECT)->query;
    source = scope_add_subquery(binder, query, columns, "rows", false);
    args = list_make2(bind_text_const(spec, &text), values_array(binder, source, &text));
    result = bound_make((Expr *) make_aggregate(function, types[0], text.collation, args), text,
                        true, COLLATION_COERCIBLE);
    if (form.type)
        result = bind_converted(binder, result, &xml, CONVERSION_EXPLICIT);
    memset(columns, 0, sizeof(*columns));
    bind_add_target(&wrapper->targetList, columns, result, form.json ? JSON_COLUMN : XML_COLUMN);
    wrapper->havingQual = (Node *) makeFuncExpr(
        F_INT8GT, BOOLOID,
        list_make2(make_aggregate(F_COUNT_, INT8OID, InvalidOid, NIL), bind_bigint_const(0)),
        InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
    binder->scope->has_aggregates = true;
    ref->rtindex = source->rtindex;
    wrapper->jointree = makeFromExpr(list_make1(ref), NULL);
    return scope_finish(binder);
}
