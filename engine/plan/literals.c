/*
 * Auto-parameterisation: a batch of one simple statement is kept by the shape of its text, in which
 * literals are holes, and run again with the literals of the new text as parameters, without being
 * parsed. Literals that the binder did not turn into parameters (TOP 10, GROUP BY expressions,
 * styles of CONVERT) are pinned: the new text must have the same there.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "context/context.h"
#include "plan/program_internal.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define MAX_LITERALS 128
#define MAX_TEXT 8192

/* What lex_shape tells of a text. */
typedef struct Shape {
    char text[MAX_TEXT];
    int length;
    LiteralToken tokens[MAX_LITERALS];
    int count;
} Shape;

static bool
may_have_shape(const char *text, size_t length)
{
    static const char *const openings[] = {"select", "insert", "update", "delete"};

    if (length > MAX_TEXT - 256)
        return false;
    while (length > 0 && (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t')) {
        text++;
        length--;
    }
    for (int i = 0; i < lengthof(openings); i++)
        if (length > 6 && pg_strncasecmp(text, openings[i], 6) == 0)
            return true;
    return false;
}

static bool
shape_read(const char *text, size_t length, Shape *shape)
{
    ParseOptions options = {.quoted_identifier = session_option(OPTION_QUOTED_IDENTIFIER)};

    shape->length = lex_shape(text, length, &options, shape->text, sizeof(shape->text),
                              shape->tokens, MAX_LITERALS, &shape->count);
    return shape->length >= 0 && shape->count > 0;
}

/* ---------------------------------------------------------------- values */

/* Removes quotes: 'it''s' and N'it''s' give it's. */
static char *
unquote(const char *text, uint32 length, uint32 *out_length)
{
    char *out = palloc(length + 1);
    uint32 to = 0, from = 0;
    char quote;

    if (length > 0 && (text[0] == 'N' || text[0] == 'n'))
        from++;
    quote = text[from++];
    while (from + 1 < length) {
        out[to++] = text[from];
        from += text[from] == quote ? 2 : 1;
    }
    out[to] = '\0';
    *out_length = to;
    return out;
}

static bool
integer_value(const char *text, uint32 length, SqlTypeId type, Datum *value)
{
    int64 number = 0;

    if (length > 18)
        return false;
    for (uint32 i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = number * 10 + (text[i] - '0');
    }
    if (type == SQL_BIGINT) {
        if (number <= PG_INT32_MAX)
            return false; /* it would have been an int */
        *value = Int64GetDatum(number);
        return true;
    }
    if (number > PG_INT32_MAX)
        return false;
    *value = Int32GetDatum((int32) number);
    return true;
}

/* Whether a decimal literal has exactly this precision and scale. */
static bool
decimal_fits(const char *text, uint32 length, const SqlType *type)
{
    int before = 0, after = 0;
    bool point = false;

    for (uint32 i = 0; i < length; i++) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        if (point)
            after++;
        else if (before > 0 || text[i] != '0')
            before++;
    }
    return after == type->scale && Max(before + after, 1) == type->precision;
}

/* The value of a literal as a parameter of the type that the plan was made with; false when it
 * needs another type. */
static bool
literal_value(const char *text, const LiteralToken *token, const SqlType *type, Datum *value)
{
    const char *start = text + token->start;
    uint32 length = token->end - token->start;

    switch (token->type) {
    case LITERAL_INTEGER:
        if (type->id == SQL_INT || type->id == SQL_BIGINT)
            return integer_value(start, length, type->id, value);
        return false;
    case LITERAL_DECIMAL:
        if ((type->id != SQL_DECIMAL && type->id != SQL_NUMERIC) ||
            !decimal_fits(start, length, type))
            return false;
        *value = sql_const_from_text(start, length, type)->constvalue;
        return true;
    case LITERAL_STRING:
    case LITERAL_NSTRING: {
        uint32 unquoted_length;
        char *unquoted = unquote(start, length, &unquoted_length);
        bool national = token->type == LITERAL_NSTRING;

        if (type->id != (national ? SQL_NVARCHAR : SQL_VARCHAR))
            return false;
        if (type->length >= 0 && unquoted_length > (uint32) type->length &&
            (!national || sql_utf16_length(unquoted, unquoted_length) > type->length))
            return false;
        if (!national)
            for (uint32 i = 0; i < unquoted_length; i++)
                if ((unsigned char) unquoted[i] >= 0x80)
                    return false; /* may not exist in the code page: the binder decides */
        *value = PointerGetDatum(cstring_to_text_with_len(unquoted, unquoted_length));
        return true;
    }
    default:
        return false;
    }
}

static ParamListInfo
literal_values(const Program *program, const char *text, const Shape *shape)
{
    const ProgramLiterals *literals = program->literals;
    const BindLiterals *decisions = &literals->decisions;
    ParamListInfo values = makeParamList(shape->count);

    values->numParams = 0;
    for (int i = 0; i < shape->count; i++) {
        const LiteralToken *token = &shape->tokens[i];

        if (decisions->is_param[i]) {
            int number = decisions->param[i];
            ParamExternData *param;

            if (number < 1 || number > shape->count)
                return NULL;
            param = &values->params[number - 1];
            param->isnull = false;
            param->pflags = 0;
            param->ptype = sql_type_oid(decisions->types[i].id);
            if (!literal_value(text, token, &decisions->types[i], &param->value))
                return NULL;
            values->numParams = Max(values->numParams, number);
        } else if (token->end - token->start != literals->pinned_length[i] ||
                   memcmp(text + token->start, literals->pinned[i], literals->pinned_length[i]) !=
                       0)
            return NULL;
    }
    return values;
}

/* ---------------------------------------------------------------- programs */

static Program *
shape_lookup(const char *text, const Shape *shape, uint32 hash, ParamListInfo *values)
{
    bool quoted = session_option(OPTION_QUOTED_IDENTIFIER);
    dlist_iter iter;

    dlist_foreach (iter, program_bucket(hash)) {
        Program *program = dlist_container(Program, chain, iter.cur);

        if (program->hash != hash || !program->shape_only ||
            program->parameters_length != (uint32) shape->length ||
            program->quoted_identifier != quoted ||
            program->key_database != session_context->database ||
            memcmp(program->parameters_text, shape->text, shape->length) != 0)
            continue;
        if (!plan_is_usable(program, program->body->items[0]))
            continue; /* bound anew it may want other types: left to age */
        *values = literal_values(program, text, shape);
        if (*values == NULL)
            continue;
        program_touch(program);
        return program_ref(program);
    }
    return NULL;
}

static ProgramLiterals *
literals_new(Program *program, const char *text, const Shape *shape)
{
    MemoryContext old = MemoryContextSwitchTo(program->memory);
    ProgramLiterals *literals = palloc0(sizeof(ProgramLiterals));

    literals->decisions.count = shape->count;
    literals->decisions.first_param = 1;
    literals->decisions.types = palloc0(sizeof(SqlType) * shape->count);
    literals->decisions.is_param = palloc0(sizeof(bool) * shape->count);
    literals->decisions.param = palloc0(sizeof(int) * shape->count);
    literals->pinned = palloc0(sizeof(char *) * shape->count);
    literals->pinned_length = palloc0(sizeof(uint32) * shape->count);
    for (int i = 0; i < shape->count; i++) {
        literals->pinned_length[i] = shape->tokens[i].end - shape->tokens[i].start;
        literals->pinned[i] = pnstrdup(text + shape->tokens[i].start, literals->pinned_length[i]);
    }
    MemoryContextSwitchTo(old);
    return literals;
}

/* A statement inside an INSERT's source is planned by itself. */
static bool
reads_statement(const AstInsert *insert)
{
    const AstSelect *select = (const AstSelect *) insert->source;
    const AstDerivedTable *derived;

    if (select == NULL || select->node.kind != AST_SELECT || AST_LIST_COUNT(select->from) == 0)
        return false;
    derived = AST_LIST_ITEM(AstDerivedTable, select->from, 0);
    return derived->node.kind == AST_DERIVED_TABLE &&
           (derived->query->kind == AST_INSERT || derived->query->kind == AST_UPDATE ||
            derived->query->kind == AST_DELETE || derived->query->kind == AST_MERGE);
}

static bool
one_plain_statement(const Program *program)
{
    if (AST_LIST_COUNT(program->body) != 1 || program->variable_count > 0)
        return false;
    switch (program->body->items[0]->kind) {
    case AST_INSERT:
        return !reads_statement(AST_LIST_ITEM(AstInsert, program->body, 0));
    case AST_QUERY_STATEMENT:
    case AST_UPDATE:
    case AST_DELETE:
        return true;
    default:
        return false;
    }
}

/* Binds the only statement with its literals as parameters; true if that is worth keeping. */
static bool
parameterise(Program *program, const char *text, const Shape *shape, ParamListInfo *values)
{
    StatementPlan *plan;
    bool simple, any = false;

    program->literals = literals_new(program, text, shape);
    plan = plan_statement(program, program->body->items[0], NULL);
    simple = plan->bound->simple_enough_to_parameterise && plan->bound->cacheable;
    plan_release(plan);
    for (int i = 0; i < shape->count; i++)
        any |= program->literals->decisions.is_param[i];
    if (simple && any)
        *values = literal_values(program, text, shape);
    if (*values != NULL)
        return true;
    if (any)
        plan_slots_free(program);
    program->literals = NULL;
    return false;
}

Program *
program_for_batch(const char *text, size_t length, ParamListInfo *values)
{
    uint32 hash, shape_hash = 0;
    Program *program = program_lookup_text(text, length, NULL, 0, &hash);
    Shape *shape = NULL;

    *values = NULL;
    if (program != NULL)
        return program;
    if (may_have_shape(text, length)) {
        shape = palloc(sizeof(Shape));
        if (shape_read(text, length, shape)) {
            shape_hash =
                hash_bytes((const unsigned char *) shape->text, shape->length) ^ 0x5A5A5A5A;
            program = shape_lookup(text, shape, shape_hash, values);
            if (program != NULL) {
                pfree(shape);
                return program;
            }
        } else {
            pfree(shape);
            shape = NULL;
        }
    }
    plan_is_binding = true;
    program = program_make(text, length, NULL, 0, true);
    plan_is_binding = false;
    program->hash = hash;
    if (shape != NULL && one_plain_statement(program) &&
        parameterise(program, text, shape, values)) {
        program->shape_only = true;
        program->hash = shape_hash;
        program->parameters_text = arena_copy(program->arena, shape->text, shape->length);
        program->parameters_length = shape->length;
    }
    program_cache_add(program);
    return program;
}
