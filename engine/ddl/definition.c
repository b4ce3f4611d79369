/*
 * Expressions of definitions as SQL Server stores and shows them: every name in brackets, numbers
 * in parentheses, CAST as CONVERT, IN and BETWEEN spelt out. The text parses to the same meaning:
 * it is bound again for computed columns. What this printer does not know it keeps as written.
 */
#include "postgres.h"

#include "ddl/ddl_internal.h"
#include "lib/stringinfo.h"
#include "syntax/parser.h"

typedef struct Printer {
    StringInfoData out;
    const char *text;
    bool unknown; /* met something to keep as written */
} Printer;

static void print(Printer *printer, const AstNode *node, int outer);

/* Binding strengths, for parentheses. */
enum { LEVEL_OR = 1, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_ADD, LEVEL_MULTIPLY, LEVEL_UNARY };

static void
print_name(Printer *printer, const char *name)
{
    appendStringInfoChar(&printer->out, '[');
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == ']')
            appendStringInfoChar(&printer->out, ']');
        appendStringInfoChar(&printer->out, *c);
    }
    appendStringInfoChar(&printer->out, ']');
}

static void
print_string(Printer *printer, const AstLiteral *literal)
{
    if (literal->type == LITERAL_NSTRING)
        appendStringInfoChar(&printer->out, 'N');
    appendStringInfoChar(&printer->out, '\'');
    for (uint32 i = 0; i < literal->length; i++) {
        if (literal->text[i] == '\'')
            appendStringInfoChar(&printer->out, '\'');
        appendStringInfoChar(&printer->out, literal->text[i]);
    }
    appendStringInfoChar(&printer->out, '\'');
}

static void
print_literal(Printer *printer, const AstLiteral *literal)
{
    switch (literal->type) {
    case LITERAL_NULL:
        appendStringInfoString(&printer->out, "NULL");
        break;
    case LITERAL_DEFAULT:
        appendStringInfoString(&printer->out, "DEFAULT");
        break;
    case LITERAL_MONEY:
        appendStringInfo(&printer->out, "($%s)", literal->text);
        break;
    case LITERAL_STRING:
    case LITERAL_NSTRING:
        print_string(printer, literal);
        break;
    case LITERAL_BINARY:
        appendStringInfoString(&printer->out, "0x");
        for (uint32 i = 0; i < literal->length; i++)
            appendStringInfo(&printer->out, "%02X", (unsigned char) literal->text[i]);
        break;
    default:
        appendStringInfo(&printer->out, "(%s)", literal->text);
    }
}

static void
print_type(Printer *printer, const AstType *type)
{
    if (type->name.schema != NULL && pg_strcasecmp(type->name.schema, "sys") != 0) {
        print_name(printer, type->name.schema);
        appendStringInfoChar(&printer->out, '.');
    }
    print_name(printer, type->name.object);
    if (type->is_max)
        appendStringInfoString(&printer->out, "(max)");
    else if (type->has_scale)
        appendStringInfo(&printer->out, "(%d,%d)", type->length, type->scale);
    else if (type->has_length)
        appendStringInfo(&printer->out, "(%d)", type->length);
}

static const char *
operator_text(Operator op, int *level)
{
    switch (op) {
    case OP_ADD:
        *level = LEVEL_ADD;
        return "+";
    case OP_SUBTRACT:
        *level = LEVEL_ADD;
        return "-";
    case OP_BIT_AND:
        *level = LEVEL_ADD;
        return "&";
    case OP_BIT_OR:
        *level = LEVEL_ADD;
        return "|";
    case OP_BIT_XOR:
        *level = LEVEL_ADD;
        return "^";
    case OP_MULTIPLY:
        *level = LEVEL_MULTIPLY;
        return "*";
    case OP_DIVIDE:
        *level = LEVEL_MULTIPLY;
        return "/";
    case OP_MODULO:
        *level = LEVEL_MULTIPLY;
        return "%";
    case OP_EQ:
        *level = LEVEL_COMPARE;
        return "=";
    case OP_NE:
        *level = LEVEL_COMPARE;
        return "<>";
    case OP_LT:
        *level = LEVEL_COMPARE;
        return "<";
    case OP_LE:
        *level = LEVEL_COMPARE;
        return "<=";
    case OP_GT:
        *level = LEVEL_COMPARE;
        return ">";
    case OP_GE:
        *level = LEVEL_COMPARE;
        return ">=";
    case OP_AND:
        *level = LEVEL_AND;
        return " AND ";
    case OP_OR:
        *level = LEVEL_OR;
        return " OR ";
    default:
        return NULL;
    }
}

static void
print_binary(Printer *printer, const AstBinary *binary, int outer)
{
    int level = 0;
    const char *symbol = operator_text(binary->op, &level);

    if (symbol == NULL) {
        printer->unknown = true;
        return;
    }
    if (level < outer)
        appendStringInfoChar(&printer->out, '(');
    print(printer, binary->left, level);
    appendStringInfoString(&printer->out, symbol);
    print(printer, binary->right, level + (level >= LEVEL_COMPARE));
    if (level < outer)
        appendStringInfoChar(&printer->out, ')');
}

/* a IN (x, y) is stored as a=y OR a=x. */
static void
print_in(Printer *printer, const AstIn *in, int outer)
{
    int count = AST_LIST_COUNT(in->list);

    if (in->negated)
        appendStringInfoString(&printer->out, "NOT ");
    if (in->negated || (count > 1 && outer > LEVEL_OR))
        appendStringInfoChar(&printer->out, '(');
    for (int i = count - 1; i >= 0; i--) {
        print(printer, in->operand, LEVEL_COMPARE);
        appendStringInfoChar(&printer->out, '=');
        print(printer, in->list->items[i], LEVEL_ADD);
        if (i > 0)
            appendStringInfoString(&printer->out, " OR ");
    }
    if (in->negated || (count > 1 && outer > LEVEL_OR))
        appendStringInfoChar(&printer->out, ')');
}

static void
print_between(Printer *printer, const AstBetween *between, int outer)
{
    bool parentheses = between->negated || outer > LEVEL_AND;

    if (between->negated)
        appendStringInfoString(&printer->out, "NOT ");
    if (parentheses)
        appendStringInfoChar(&printer->out, '(');
    print(printer, between->operand, LEVEL_COMPARE);
    appendStringInfoString(&printer->out, ">=");
    print(printer, between->low, LEVEL_ADD);
    appendStringInfoString(&printer->out, " AND ");
    print(printer, between->operand, LEVEL_COMPARE);
    appendStringInfoString(&printer->out, "<=");
    print(printer, between->high, LEVEL_ADD);
    if (parentheses)
        appendStringInfoChar(&printer->out, ')');
}

static void
print_like(Printer *printer, const AstLike *like, int outer)
{
    if (like->negated)
        appendStringInfoString(&printer->out, "NOT ");
    print(printer, like->operand, LEVEL_ADD);
    appendStringInfoString(&printer->out, " like ");
    print(printer, like->pattern, LEVEL_ADD);
    if (like->escape != NULL) {
        appendStringInfoString(&printer->out, " escape ");
        print(printer, like->escape, LEVEL_ADD);
    }
}

static void
print_case(Printer *printer, const AstCase *node)
{
    appendStringInfoString(&printer->out, "case");
    if (node->operand != NULL) {
        appendStringInfoChar(&printer->out, ' ');
        print(printer, node->operand, LEVEL_UNARY);
    }
    for (int i = 0; i < AST_LIST_COUNT(node->whens); i++) {
        const AstWhen *when = AST_LIST_ITEM(AstWhen, node->whens, i);

        appendStringInfoString(&printer->out, " when ");
        print(printer, when->condition, 0);
        appendStringInfoString(&printer->out, " then ");
        print(printer, when->result, 0);
    }
    if (node->otherwise != NULL) {
        appendStringInfoString(&printer->out, " else ");
        print(printer, node->otherwise, 0);
    }
    appendStringInfoString(&printer->out, " end");
}

static void
print_call(Printer *printer, const AstFunctionCall *call)
{
    if (call->star || call->distinct || call->over != NULL || call->within_group != NULL ||
        call->trim_side || call->nulls || call->json_options != NULL) {
        printer->unknown = true;
        return;
    }
    if (call->no_parens) {
        appendStringInfoString(&printer->out,
                               pg_strcasecmp(call->name.object, "CURRENT_TIMESTAMP") == 0
                                   ? "getdate()"
                                   : call->name.object);
        return;
    }
    if (call->name.schema != NULL) {
        if (call->name.database != NULL)
            print_name(printer, call->name.database), appendStringInfoChar(&printer->out, '.');
        print_name(printer, call->name.schema);
        appendStringInfoChar(&printer->out, '.');
        print_name(printer, call->name.object);
    } else
        appendStringInfoString(&printer->out,
                               sql_identifier_fold(call->name.object, sql_collation_default()));
    appendStringInfoChar(&printer->out, '(');
    for (int i = 0; i < AST_LIST_COUNT(call->args); i++) {
        const AstNode *argument = call->args->items[i];
        bool bare_word = argument->kind == AST_COLUMN_REF && i == 0 && call->name.schema == NULL &&
                         pg_strncasecmp(call->name.object, "DATE", 4) == 0;

        if (i > 0)
            appendStringInfoChar(&printer->out, ',');
        if (bare_word) /* a datepart */
            appendStringInfoString(&printer->out, ((const AstColumnRef *) argument)->column);
        else
            print(printer, argument, 0);
    }
    appendStringInfoChar(&printer->out, ')');
}

static void
print_convert(Printer *printer, const AstConvert *convert)
{
    if (convert->form == CONVERT_PARSE) {
        printer->unknown = true;
        return;
    }
    appendStringInfoString(&printer->out, convert->is_try ? "TRY_CONVERT(" : "CONVERT(");
    print_type(printer, convert->type);
    appendStringInfoChar(&printer->out, ',');
    print(printer, convert->operand, 0);
    if (convert->style != NULL) {
        appendStringInfoChar(&printer->out, ',');
        print(printer, convert->style, 0);
    }
    appendStringInfoChar(&printer->out, ')');
}

static void
print_unary(Printer *printer, const AstUnary *unary, int outer)
{
    const AstLiteral *literal = (const AstLiteral *) unary->operand;

    if (unary->op == OP_NOT) {
        if (outer > LEVEL_NOT)
            appendStringInfoChar(&printer->out, '(');
        appendStringInfoString(&printer->out, "NOT ");
        print(printer, unary->operand, LEVEL_NOT);
        if (outer > LEVEL_NOT)
            appendStringInfoChar(&printer->out, ')');
        return;
    }
    if (unary->op == OP_MINUS && unary->operand->kind == AST_LITERAL &&
        (literal->type == LITERAL_INTEGER || literal->type == LITERAL_DECIMAL ||
         literal->type == LITERAL_FLOAT)) {
        appendStringInfo(&printer->out, "(-%s)", literal->text);
        return;
    }
    appendStringInfoString(&printer->out, unary->op == OP_MINUS  ? "-"
                                          : unary->op == OP_PLUS ? "+"
                                                                 : "~");
    print(printer, unary->operand, LEVEL_UNARY);
}

static void
print(Printer *printer, const AstNode *node, int outer)
{
    switch (node->kind) {
    case AST_LITERAL:
        print_literal(printer, (const AstLiteral *) node);
        break;
    case AST_COLUMN_REF:
        print_name(printer, ((const AstColumnRef *) node)->column);
        break;
    case AST_GLOBAL_VARIABLE:
        appendStringInfoString(&printer->out, ((const AstVariable *) node)->name);
        break;
    case AST_UNARY:
        print_unary(printer, (const AstUnary *) node, outer);
        break;
    case AST_BINARY:
        print_binary(printer, (const AstBinary *) node, outer);
        break;
    case AST_IS_NULL:
        print(printer, ((const AstIsNull *) node)->operand, LEVEL_ADD);
        appendStringInfoString(&printer->out,
                               ((const AstIsNull *) node)->negated ? " IS NOT NULL" : " IS NULL");
        break;
    case AST_BETWEEN:
        print_between(printer, (const AstBetween *) node, outer);
        break;
    case AST_LIKE:
        print_like(printer, (const AstLike *) node, outer);
        break;
    case AST_IN_LIST:
        print_in(printer, (const AstIn *) node, outer);
        break;
    case AST_CASE:
        print_case(printer, (const AstCase *) node);
        break;
    case AST_FUNCTION_CALL:
        print_call(printer, (const AstFunctionCall *) node);
        break;
    case AST_CONVERT:
        print_convert(printer, (const AstConvert *) node);
        break;
    case AST_COLLATE:
        print(printer, ((const AstCollate *) node)->operand, LEVEL_UNARY);
        appendStringInfo(&printer->out, " collate %s", ((const AstCollate *) node)->collation);
        break;
    case AST_NEXT_VALUE_FOR: {
        const AstName *name = &((const AstNextValueFor *) node)->sequence;

        appendStringInfoString(&printer->out, "NEXT VALUE FOR ");
        print_name(printer, name->schema && name->schema[0] ? name->schema : "dbo");
        appendStringInfoChar(&printer->out, '.');
        print_name(printer, name->object);
        break;
    }
    default:
        printer->unknown = true;
    }
}

char *
ddl_definition(const AstNode *expression, const char *batch)
{
    Printer printer = {.text = batch};

    initStringInfo(&printer.out);
    appendStringInfoChar(&printer.out, '(');
    print(&printer, expression, 0);
    appendStringInfoChar(&printer.out, ')');
    if (printer.unknown && batch != NULL) {
        resetStringInfo(&printer.out);
        appendStringInfo(&printer.out, "(%.*s)", (int) (expression->end - expression->start),
                         batch + expression->start);
    }
    return printer.out.data;
}

static bool
gather_column(AstNode *node, void *context)
{
    List **names = context;

    if (node->kind == AST_COLUMN_REF)
        *names = lappend(*names, (char *) ((AstColumnRef *) node)->column);
    return true;
}

List *
ddl_columns_of(const AstNode *expression)
{
    List *names = NIL;

    ast_walk((AstNode *) expression, gather_column, &names);
    return names;
}

BindContext
ddl_bind_context(const DdlContext *context, int32 database)
{
    BindContext bind = {0};

    bind.database = database;
    bind.default_schema = context->default_schema;
    bind.options = context->options;
    bind.memory = CurrentMemoryContext;
    return bind;
}

bool
ddl_integer(const AstNode *node, int64 *value)
{
    const AstLiteral *literal = (const AstLiteral *) node;
    bool negative = false;
    char *end;

    if (node == NULL)
        return false;
    if (node->kind == AST_UNARY) {
        const AstUnary *unary = (const AstUnary *) node;

        negative = unary->op == OP_MINUS;
        if (!negative && unary->op != OP_PLUS)
            return false;
        literal = (const AstLiteral *) unary->operand;
    }
    if (literal->node.kind != AST_LITERAL ||
        (literal->type != LITERAL_INTEGER && literal->type != LITERAL_DECIMAL))
        return false;
    errno = 0;
    *value = strtoll(literal->text, &end, 10);
    if (errno != 0)
        return false;
    if (negative)
        *value = -*value;
    return true;
}

const AstOption *
ddl_option(const AstList *options, const char *name)
{
    for (int i = 0; i < AST_LIST_COUNT(options); i++) {
        const AstOption *option = AST_LIST_ITEM(AstOption, options, i);

        if (option->node.kind == AST_OPTION && strcmp(option->name, name) == 0)
            return option;
    }
    return NULL;
}

bool
ddl_option_on(const AstList *options, const char *name, bool otherwise)
{
    const AstOption *option = ddl_option(options, name);

    if (option == NULL)
        return otherwise;
    return option->word == NULL || pg_strcasecmp(option->word, "OFF") != 0;
}

/* ---- back to trees ---- */

static void *
arena_allocate(void *context, size_t size)
{
    return MemoryContextAlloc((MemoryContext) context, size);
}

static void
arena_release(void *context, void *chunk)
{
    pfree(chunk);
}

static Arena *
arena_here(void)
{
    ArenaBacking backing = {arena_allocate, arena_release, CurrentMemoryContext};

    return arena_new(&backing);
}

const AstNode *
ddl_parse_definition(const char *definition)
{
    ParseOptions options = {.quoted_identifier = true};
    ParseError error;
    AstNode *node =
        parse_expression(arena_here(), definition, strlen(definition), &options, &error);

    if (node == NULL)
        tsql_raise(error.number, error.severity, error.state, error.message);
    return node;
}

const AstBatch *
ddl_parse_module(const CatalogModule *module)
{
    ParseOptions options = {.quoted_identifier = module->quoted_identifier};
    ParseError error;
    AstBatch *batch =
        parse_batch(arena_here(), module->definition, strlen(module->definition), &options, &error);

    if (batch == NULL)
        tsql_raise(error.number, error.severity, error.state, error.message);
    return batch;
}
