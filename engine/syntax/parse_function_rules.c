/*
 * What a user-defined function may not do: return rows to the client (444), change anything but its
 * own table variables, or act on the session (443). SQL Server refuses it when the function is
 * made, so the parser does.
 */
#include "parse_internal.h"

typedef struct AliasSearch {
    const char *alias;
    bool found;
} AliasSearch;

/* A table variable under the alias searched for? */
static bool
find_variable_alias(AstNode *node, void *context)
{
    AliasSearch *search = context;

    if (node->kind == AST_TABLE_VARIABLE) {
        const AstTableRef *table = (const AstTableRef *) node;

        if (table->alias != NULL && parse_same_name(table->alias, search->alias))
            search->found = true;
    }
    return node->kind == AST_JOIN;
}

/* Is the target a table variable, by itself or as an alias in the FROM clause? */
static bool
changes_own_variable(const AstDml *dml, const AstList *from)
{
    AliasSearch search = {0};

    if (dml->target->node.kind == AST_TABLE_VARIABLE)
        return true;
    if (dml->target->name.schema != NULL)
        return false;
    search.alias = dml->target->name.object;
    for (int i = 0; i < AST_LIST_COUNT(from); i++)
        if (find_variable_alias(from->items[i], &search))
            ast_walk(from->items[i], find_variable_alias, &search);
    return search.found;
}

/* Rows come from a SELECT whose items assign no variables. */
static bool
returns_rows(const AstNode *query)
{
    const AstSelect *select = (const AstSelect *) query;

    if (query->kind != AST_SELECT)
        return true;
    return select->into == NULL && AST_LIST_ITEM(AstSelectItem, select->items, 0)->variable == NULL;
}

static const char *
transaction_operator(const AstTransaction *node)
{
    switch (node->action) {
    case TRANSACTION_BEGIN:
        return "BEGIN TRANSACTION";
    case TRANSACTION_COMMIT:
        return "COMMIT TRANSACTION";
    case TRANSACTION_ROLLBACK:
        return "ROLLBACK TRANSACTION";
    case TRANSACTION_SAVE:
        return "SAVEPOINT";
    }
    return "";
}

/* The side-effecting operator that the statement is, or NULL. */
static const char *
side_effect(const AstNode *node)
{
    switch (node->kind) {
    case AST_INSERT:
        return changes_own_variable(&((const AstInsert *) node)->dml, NULL) ? NULL : "INSERT";
    case AST_UPDATE: {
        const AstUpdate *update = (const AstUpdate *) node;

        return changes_own_variable(&update->dml, update->from) ? NULL : "UPDATE";
    }
    case AST_DELETE: {
        const AstDelete *deletion = (const AstDelete *) node;

        return changes_own_variable(&deletion->dml, deletion->from) ? NULL : "DELETE";
    }
    case AST_MERGE:
        return changes_own_variable(&((const AstMerge *) node)->dml, NULL) ? NULL : "MERGE";
    case AST_QUERY_STATEMENT:
        return "SELECT INTO";
    case AST_EXECUTE:
        return ((const AstExecute *) node)->text != NULL ? "EXECUTE STRING" : NULL;
    case AST_TRANSACTION:
        return transaction_operator((const AstTransaction *) node);
    case AST_SET_OPTION: {
        const AstSetOption *set = (const AstSetOption *) node;

        return set->word != NULL && strcmp(set->word, "OFF") == 0 ? "SET OPTION OFF"
                                                                  : "SET OPTION ON";
    }
    case AST_TRY_CATCH:
        return "BEGIN TRY";
    case AST_THROW:
        return "THROW";
    case AST_PRINT:
        return "PRINT";
    case AST_RAISERROR:
        return "RAISERROR";
    case AST_WAITFOR:
        return "WAITFOR";
    case AST_TRUNCATE:
        return "TRUNCATE TABLE";
    case AST_CREATE_TABLE:
        return "CREATE TABLE";
    case AST_ALTER_TABLE:
        return "ALTER TABLE";
    case AST_CREATE_INDEX:
        return "CREATE INDEX";
    case AST_DROP:
        return "DROP OBJECT";
    default:
        return NULL;
    }
}

void
parse_check_function_statement(Parser *p, const Token *first, AstNode *node)
{
    const char *what;

    if (node->kind == AST_QUERY_STATEMENT) {
        const AstNode *query = ((const AstQueryStatement *) node)->query;

        if (returns_rows(query))
            parse_fail(p, 444, first, NULL);
        if (query->kind != AST_SELECT || ((const AstSelect *) query)->into == NULL)
            return;
    }
    what = side_effect(node);
    if (what != NULL)
        parse_fail(p, 443, first, what);
}
