/* See syntax_print.h. */
#include "syntax_print.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct Printer {
    char *out;
    size_t size, used;
} Printer;

static void say(Printer *printer, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
say(Printer *printer, const char *format, ...)
{
    va_list args;
    int written;

    va_start(args, format);
    written = vsnprintf(printer->out + printer->used, printer->size - printer->used, format, args);
    va_end(args);
    if (written > 0)
        printer->used += (size_t) written;
    if (printer->used >= printer->size)
        printer->used = printer->size - 1;
}

static const char *
operator_text(Operator op)
{
    static const char *const texts[] = {
        "+",
        "-",
        "*",
        "/",
        "%",
        "&",
        "|",
        "^",
        "~",
        "<<",
        ">>",
        "+",
        "-",
        "=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "AND",
        "OR",
        "NOT",
        "IS DISTINCT FROM",
        "IS NOT DISTINCT FROM",
        "AT TIME ZONE",
        "||",
        ":=",
    };

    return texts[op];
}

static void print(Printer *printer, const AstNode *node);

static void
print_list(Printer *printer, const AstList *list)
{
    for (int i = 0; i < AST_LIST_COUNT(list); i++) {
        say(printer, "%s", i > 0 ? ", " : "");
        print(printer, list->items[i]);
    }
}

static void
print_literal(Printer *printer, const AstLiteral *literal)
{
    switch (literal->type) {
    case LITERAL_STRING:
        say(printer, "'%s'", literal->text);
        break;
    case LITERAL_NSTRING:
        say(printer, "N'%s'", literal->text);
        break;
    case LITERAL_BINARY:
        say(printer, "0x");
        for (uint32_t i = 0; i < literal->length; i++)
            say(printer, "%02X", (unsigned char) literal->text[i]);
        break;
    case LITERAL_MONEY:
        say(printer, "$%s", literal->text);
        break;
    case LITERAL_NULL:
        say(printer, "NULL");
        break;
    case LITERAL_DEFAULT:
        say(printer, "DEFAULT");
        break;
    default:
        say(printer, "%s", literal->text);
    }
}

static void
print_query(Printer *printer, const AstNode *node)
{
    static const char *const operators[] = {"UNION", "UNION ALL", "EXCEPT", "INTERSECT"};

    if (node->kind == AST_SET_OPERATION) {
        const AstSetOperation *set = (const AstSetOperation *) node;

        say(printer, "(");
        print_query(printer, set->left);
        say(printer, " %s ", operators[set->op]);
        print_query(printer, set->right);
        say(printer, ")");
    } else if (node->kind == AST_SELECT) {
        const AstSelect *select = (const AstSelect *) node;

        say(printer, "SELECT ");
        print_list(printer, select->items);
        if (select->from != NULL) {
            say(printer, " FROM ");
            print_list(printer, select->from);
        }
        if (select->where != NULL) {
            say(printer, " WHERE ");
            print(printer, select->where);
        }
    }
}

static void
print_join(Printer *printer, const AstJoin *join)
{
    static const char *const types[] = {"JOIN",       "LEFT JOIN",   "RIGHT JOIN", "FULL JOIN",
                                        "CROSS JOIN", "CROSS APPLY", "OUTER APPLY"};

    say(printer, "(");
    print(printer, join->left);
    say(printer, " %s ", types[join->type]);
    print(printer, join->right);
    if (join->on != NULL) {
        say(printer, " ON ");
        print(printer, join->on);
    }
    say(printer, ")");
}

static void
print_call(Printer *printer, const AstFunctionCall *call)
{
    if (call->name.schema != NULL)
        say(printer, "%s.", call->name.schema);
    say(printer, "%s(%s", call->name.object, call->star ? "*" : call->distinct ? "DISTINCT " : "");
    print_list(printer, call->args);
    say(printer, ")");
}

static void
print_column(Printer *printer, const AstColumnRef *column)
{
    if (column->database != NULL)
        say(printer, "%s.", column->database);
    if (column->schema != NULL)
        say(printer, "%s.", column->schema);
    if (column->table != NULL)
        say(printer, "%s.", column->table);
    say(printer, "%s", column->column);
}

static void
print(Printer *printer, const AstNode *node)
{
    switch (node->kind) {
    case AST_LITERAL:
        print_literal(printer, (const AstLiteral *) node);
        break;
    case AST_VARIABLE:
    case AST_GLOBAL_VARIABLE:
        say(printer, "%s", ((const AstVariable *) node)->name);
        break;
    case AST_COLUMN_REF:
        print_column(printer, (const AstColumnRef *) node);
        break;
    case AST_UNARY:
        say(printer, "(%s ", operator_text(((const AstUnary *) node)->op));
        print(printer, ((const AstUnary *) node)->operand);
        say(printer, ")");
        break;
    case AST_BINARY:
    case AST_IS_DISTINCT:
    case AST_AT_TIME_ZONE: {
        const AstBinary *binary = (const AstBinary *) node;

        say(printer, "(");
        print(printer, binary->left);
        say(printer, " %s ", operator_text(binary->op));
        print(printer, binary->right);
        say(printer, ")");
        break;
    }
    case AST_COLLATE:
        say(printer, "(");
        print(printer, ((const AstCollate *) node)->operand);
        say(printer, " COLLATE %s)", ((const AstCollate *) node)->collation);
        break;
    case AST_SCALAR_SUBQUERY:
        say(printer, "(");
        print_query(printer, ((const AstSubquery *) node)->query);
        say(printer, ")");
        break;
    case AST_FUNCTION_CALL:
        print_call(printer, (const AstFunctionCall *) node);
        break;
    case AST_JOIN:
        print_join(printer, (const AstJoin *) node);
        break;
    case AST_TABLE_REF:
        say(printer, "%s", ((const AstTableRef *) node)->name.object);
        break;
    case AST_SELECT_ITEM:
        print(printer, ((const AstSelectItem *) node)->expr);
        break;
    case AST_STAR:
        say(printer, "*");
        break;
    case AST_QUERY_STATEMENT:
        print_query(printer, ((const AstQueryStatement *) node)->query);
        break;
    default:
        say(printer, "<%d>", (int) node->kind);
    }
}

void
syntax_print(const AstNode *node, char *out, size_t size)
{
    Printer printer = {.out = out, .size = size};

    out[0] = '\0';
    print(&printer, node);
}

typedef struct Fingerprint {
    uint64_t value;
    uint64_t depth;
    bool with_lines;
} Fingerprint;

static bool
mix(AstNode *node, void *context)
{
    Fingerprint *print = context;
    uint64_t line = print->with_lines ? (uint64_t) node->line : 0;

    print->value = (print->value ^ ((uint64_t) node->kind << 24 ^ print->depth << 8 ^ line)) *
                   UINT64_C(1099511628211);
    print->depth++;
    ast_walk(node, mix, print);
    print->depth--;
    return false;
}

uint64_t
syntax_fingerprint(const AstList *statements, bool with_lines)
{
    Fingerprint print = {.value = UINT64_C(14695981039346656037), .with_lines = with_lines};

    for (int i = 0; i < AST_LIST_COUNT(statements); i++)
        mix(statements->items[i], &print);
    return print.value;
}
