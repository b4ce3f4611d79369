/*
 * What the parser makes of T-SQL: that all of the language parses, what the trees look like where
 * the rules are doubtful, positions, literals. Errors are in syntax_errors.c, shapes in
 * syntax_shape.c.
 */
#include "check.h"
#include "syntax/parser.h"
#include "syntax_print.h"
#include "syntax_snippets.h"

static const ParseOptions quoted = {.quoted_identifier = true};
static Arena *arena; /* of the test that runs */

/* Parses, failing the test with the parser's message when that is an error. */
static AstBatch *
parse(const char *text)
{
    ParseError error;
    AstBatch *batch = parse_batch(arena, text, strlen(text), &quoted, &error);

    if (batch == NULL)
        CHECK_FAIL("%d %s: %.300s", error.number, error.message, text);
    return batch;
}

/* The only (or first) statement; an empty node when parsing failed, so that the test goes on. */
static AstNode *
statement(const char *text)
{
    AstBatch *batch = parse(text);

    if (batch == NULL || AST_LIST_COUNT(batch->statements) == 0)
        return arena_alloc(arena, 4096);
    return batch->statements->items[0];
}

static AstSelect *
select_of(const char *text)
{
    AstNode *node = statement(text);

    if (node->kind != AST_QUERY_STATEMENT ||
        ((AstQueryStatement *) node)->query->kind != AST_SELECT) {
        CHECK_FAIL("no plain SELECT: %s", text);
        return arena_alloc(arena, sizeof(AstSelect));
    }
    return (AstSelect *) ((AstQueryStatement *) node)->query;
}

static void
expect_expression(const char *text, const char *expected)
{
    char printed[2000];
    ParseError error;
    AstNode *node = parse_expression(arena, text, strlen(text), &quoted, &error);

    if (node == NULL) {
        CHECK_FAIL("%s: %s", text, error.message);
        return;
    }
    syntax_print(node, printed, sizeof(printed));
    CHECK_STR(printed, expected);
}

static void
expect_query(const char *text, const char *expected)
{
    char printed[2000];

    syntax_print(statement(text), printed, sizeof(printed));
    CHECK_STR(printed, expected);
}

/* ---- all snippets ---- */

typedef struct Survey {
    const AstBatch *batch;
    const AstNode *parent;
    bool kinds[AST_WINDOW + 1];
    int literals;
} Survey;

static bool
survey_node(AstNode *node, void *context)
{
    Survey *survey = context;
    const AstNode *parent = survey->parent;

    survey->kinds[node->kind] = true;
    if (node->start > node->end || node->end > survey->batch->text_length || node->line < 1)
        CHECK_FAIL("kind %d at [%u, %u) line %d: %.200s", node->kind, node->start, node->end,
                   node->line, survey->batch->text);
    if (parent != NULL && (node->start < parent->start || node->end > parent->end))
        CHECK_FAIL("kind %d [%u, %u) outside its parent %d [%u, %u): %.200s", node->kind,
                   node->start, node->end, parent->kind, parent->start, parent->end,
                   survey->batch->text);
    if (node->kind == AST_LITERAL && ((AstLiteral *) node)->token >= 0)
        survey->literals++;
    survey->parent = node;
    ast_walk(node, survey_node, survey);
    survey->parent = parent;
    return false;
}

static void
every_kind_of_node_parses_with_positions_inside_its_parent(void)
{
    Survey survey = {0};

    for (int i = 0; i < SYNTAX_SNIPPETS; i++) {
        survey.batch = parse(syntax_snippets[i]);
        if (survey.batch == NULL)
            continue;
        for (int j = 0; j < AST_LIST_COUNT(survey.batch->statements); j++)
            (void) survey_node(survey.batch->statements->items[j], &survey);
    }
    for (int kind = 0; kind <= AST_WINDOW; kind++)
        if (!survey.kinds[kind])
            CHECK_FAIL("no snippet makes a node of kind %d", kind);
}

/* Each literal token is an AstLiteral with its number or has been used by the parser itself. */
static void
every_literal_token_is_in_the_tree_or_marked_as_fixed(void)
{
    for (int i = 0; i < SYNTAX_SNIPPETS; i++) {
        AstBatch *batch = parse(syntax_snippets[i]);
        Survey survey = {.batch = batch};
        int fixed = 0;

        if (batch == NULL)
            continue;
        for (int j = 0; j < AST_LIST_COUNT(batch->statements); j++)
            (void) survey_node(batch->statements->items[j], &survey);
        for (int j = 0; j < batch->literal_count; j++)
            fixed += batch->literal_fixed[j];
        if (survey.literals + fixed > batch->literal_count)
            CHECK_FAIL("%d in the tree, %d fixed, %d in all: %.300s", survey.literals, fixed,
                       batch->literal_count, batch->text);
    }
}

/* ---- expressions ---- */

static void
operators_bind_as_in_t_sql(void)
{
    expect_expression("1 + 2 * 3", "(1 + (2 * 3))");
    expect_expression("1 - 2 - 3", "((1 - 2) - 3)");
    expect_expression("1 | 2 + 3 & 4 ^ 5", "((((1 | 2) + 3) & 4) ^ 5)");
    expect_expression("2 * 3 % 4 / 5", "(((2 * 3) % 4) / 5)");
    expect_expression("~1 * 2", "((~ 1) * 2)");
    expect_expression("-1 * 2", "(- (1 * 2))");
    expect_expression("-100.0 / -100.0 * 10.0", "(- (100.0 / (- (100.0 * 10.0))))");
    expect_expression("1 - -2", "(1 - (- 2))");
    expect_expression("- - 1", "(- (- 1))");
    expect_expression("(1 + 2) * 3", "((1 + 2) * 3)");
    expect_expression("a = 1 or b = 2 and not c = 3", "((a = 1) OR ((b = 2) AND (NOT (c = 3))))");
    expect_expression("not a = 1 and b = 2", "((NOT (a = 1)) AND (b = 2))");
    expect_expression("(a + 1) * 2 > b", "(((a + 1) * 2) > b)");
    expect_expression("((a = 1) or (b = 2)) and (((c)) = d)", "(((a = 1) OR (b = 2)) AND (c = d))");
    expect_expression("a + b collate x", "(a + (b COLLATE x))");
    expect_expression("a AT TIME ZONE 'x' AT TIME ZONE 'y'",
                      "((a AT TIME ZONE 'x') AT TIME ZONE 'y')");
}

static void
numbers_and_strings_are_read_as_written(void)
{
    expect_expression("1.", "1.");
    expect_expression(".5", ".5");
    expect_expression("1e5", "1e5");
    expect_expression("1e", "1e0");
    expect_expression("1.5E-3", "1.5E-3");
    expect_expression("$1.50", "$1.50");
    expect_expression("$", "$0");
    expect_expression("\xe2\x82\xac"
                      "5",
                      "$5");
    expect_expression("0xABC", "0x0ABC");
    expect_expression("0x", "0x");
    expect_expression("0x12\\\n34", "0x1234");
    expect_expression("'it''s'", "'it's'");
    expect_expression("'a\\\r\nb'", "'ab'");
    expect_expression("n'x'", "N'x'");
    expect_expression("99999999999999999999999999", "99999999999999999999999999");
}

static void
spaced_operators_are_one(void)
{
    expect_expression("a > = b", "(a >= b)");
    expect_expression("a < /* c */ > b", "(a <> b)");
    expect_expression("a ! = b", "(a <> b)");
    expect_expression("a !< b", "(a >= b)");
    expect_expression("a !> b", "(a <= b)");
    CHECK_INT(((AstSetVariable *) statement("SET @a + = 1"))->op, OP_ADD);
}

static void
set_operations_associate_and_intersect_binds_tighter(void)
{
    expect_query("SELECT 1 UNION SELECT 2 EXCEPT SELECT 3",
                 "((SELECT 1 UNION SELECT 2) EXCEPT SELECT 3)");
    expect_query("SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3",
                 "(SELECT 1 UNION ALL (SELECT 2 INTERSECT SELECT 3))");
    expect_query("SELECT 1 UNION (SELECT 2 UNION SELECT 3)",
                 "(SELECT 1 UNION (SELECT 2 UNION SELECT 3))");
    expect_expression("((SELECT 1) UNION SELECT 2)", "((SELECT 1 UNION SELECT 2))");
    expect_expression("((SELECT 1) + 2)", "((SELECT 1) + 2)");
}

static void
joins_nest_as_their_on_clauses_say(void)
{
    expect_query("SELECT * FROM a JOIN b ON 1=1 LEFT JOIN c ON 2=2",
                 "SELECT * FROM ((a JOIN b ON (1 = 1)) LEFT JOIN c ON (2 = 2))");
    expect_query("SELECT * FROM a JOIN b JOIN c ON 1=1 ON 2=2",
                 "SELECT * FROM (a JOIN (b JOIN c ON (1 = 1)) ON (2 = 2))");
    expect_query("SELECT * FROM a LEFT JOIN (b CROSS JOIN c) ON 1=1, d",
                 "SELECT * FROM (a LEFT JOIN (b CROSS JOIN c) ON (1 = 1)), d");
}

/* ---- names ---- */

static void
names_are_unquoted_and_their_empty_parts_kept(void)
{
    AstTableRef *table =
        AST_LIST_ITEM(AstTableRef, select_of("SELECT 1 FROM [a]]b]..\"c\"\"d\"")->from, 0);

    CHECK_STR(table->name.object, "c\"d");
    CHECK_STR(table->name.schema, "");
    CHECK_STR(table->name.database, "a]b");
    CHECK(table->name.server == NULL);
    expect_expression("d..t.c", "d..t.c");
    expect_expression("s.$identity", "s.$IDENTITY");
    expect_expression("dbo.f(1)", "dbo.f(1)");
    expect_expression("[select]", "select");
}

static void
words_that_are_not_reserved_are_names(void)
{
    parse("SELECT name, type, value, date, time, level, output, [key], action, path, row, rows, "
          "first, "
          "last, next, matched, source, target, work, mark, content, precision, xml, json, status, "
          "state, year, login, role, server, object, owner, partition, range, offset, window, "
          "cast, iif, trim, try, catch, throw, log FROM name AS type, value time, date");
    parse("CREATE TABLE t (value int, type int, date date, time time, xml xml, name sysname, path "
          "int, "
          "period int, hash int, role int, start int, status int)");
    expect_expression("precision + scale", "(precision + scale)");
}

static void
aliases_take_their_four_forms(void)
{
    AstSelect *select =
        select_of("SELECT a AS x, b y, z = c, 'w' = d, e 'v', @f AS [u u] FROM t AS q");
    const char *expected[] = {"x", "y", "z", "w", "v", "u u"};

    for (int i = 0; i < 6 && i < AST_LIST_COUNT(select->items); i++)
        CHECK_STR(AST_LIST_ITEM(AstSelectItem, select->items, i)->alias, expected[i]);
    CHECK_INT(AST_LIST_COUNT(select->items), 6);
    CHECK_STR(AST_LIST_ITEM(AstTableRef, select->from, 0)->alias, "q");
}

static void
a_label_is_no_alias(void)
{
    AstBatch *batch = parse("SELECT a FROM t done: SELECT 1 x: EXEC p y: RETURN z: GOTO done");

    if (batch != NULL) {
        CHECK_INT(batch->statements->count, 9);
        CHECK_INT(batch->statements->items[1]->kind, AST_LABEL);
    }
}

/* ---- statements ---- */

static void
statements_need_no_semicolons(void)
{
    AstBatch *batch =
        parse("DECLARE @a int SET @a = 1 SELECT @a IF @a = 1 PRINT 'x' ELSE PRINT 'y' EXEC p @a "
              "INSERT t VALUES (1) UPDATE t SET a = 2 DELETE t COMMIT ROLLBACK TRAN RETURN");

    if (batch != NULL)
        CHECK_INT(batch->statements->count, 11);
}

static void
the_first_word_of_a_batch_may_be_a_procedure(void)
{
    AstExecute *call = (AstExecute *) statement("sp_help foo, @x = 'bar'");
    AstExecParam *param;

    CHECK_INT(call->node.kind, AST_EXECUTE);
    CHECK_STR(call->procedure.object, "sp_help");
    CHECK_INT(AST_LIST_COUNT(call->params), 2);
    if (AST_LIST_COUNT(call->params) == 2) {
        param = AST_LIST_ITEM(AstExecParam, call->params, 0);
        CHECK_INT(param->value->kind, AST_COLUMN_REF);
        CHECK_STR(((AstColumnRef *) param->value)->column, "foo");
        CHECK_STR(AST_LIST_ITEM(AstExecParam, call->params, 1)->name, "@x");
    }
}

static void
a_procedure_body_runs_to_the_end_of_the_batch(void)
{
    const char *text = "-- head\nCREATE PROC p AS BEGIN SELECT 1 END\nSELECT 2\nRETURN 3 -- tail";
    AstBatch *batch = parse(text);
    AstCreateRoutine *routine;

    if (batch == NULL)
        return;
    routine = (AstCreateRoutine *) batch->statements->items[0];
    CHECK_INT(batch->statements->count, 1);
    CHECK_INT(routine->body->count, 3);
    CHECK_INT(routine->node.line, 2);
    CHECK_INT(routine->node.start, 8);
    CHECK_INT(routine->node.end, (long long) (strstr(text, " -- tail") - text));
    CHECK_INT(routine->body->items[1]->line, 3);
}

static void
lines_count_through_comments_and_strings(void)
{
    AstBatch *batch = parse("/* a\n /* b\n */ */ SELECT 'x\ny'\nSELECT 2");

    if (batch != NULL) {
        CHECK_INT(batch->statements->items[0]->line, 3);
        CHECK_INT(batch->statements->items[1]->line, 5);
    }
}

static void
set_quoted_identifier_changes_the_rest_of_the_batch(void)
{
    AstBatch *batch = parse("SELECT \"a\" SET NOCOUNT, QUOTED_IDENTIFIER OFF SELECT \"a\"");
    AstSelect *first, *last;

    if (batch == NULL)
        return;
    first = (AstSelect *) ((AstQueryStatement *) batch->statements->items[0])->query;
    last = (AstSelect *) ((AstQueryStatement *) batch->statements->items[2])->query;
    CHECK_INT(AST_LIST_ITEM(AstSelectItem, first->items, 0)->expr->kind, AST_COLUMN_REF);
    CHECK_INT(AST_LIST_ITEM(AstSelectItem, last->items, 0)->expr->kind, AST_LITERAL);
}

static void
table_hints_need_no_with(void)
{
    AstSelect *select =
        select_of("SELECT * FROM t (NOLOCK), f(1), u x (UPDLOCK, HOLDLOCK), v WITH (INDEX(1, a))");

    if (AST_LIST_COUNT(select->from) != 4) {
        CHECK_INT(AST_LIST_COUNT(select->from), 4);
        return;
    }
    CHECK_INT(AST_LIST_COUNT(AST_LIST_ITEM(AstTableRef, select->from, 0)->hints), 1);
    CHECK_INT(select->from->items[1]->kind, AST_TABLE_FUNCTION);
    CHECK_INT(AST_LIST_COUNT(AST_LIST_ITEM(AstTableRef, select->from, 2)->hints), 2);
    CHECK_INT(AST_LIST_ITEM(AstTableHint, AST_LIST_ITEM(AstTableRef, select->from, 3)->hints, 0)
                  ->args->count,
              2);
}

static void
update_tells_variables_and_columns_apart(void)
{
    AstUpdate *update =
        (AstUpdate *) statement("UPDATE t SET @v = c = 1, @w = 2, x.d += 3, e.WRITE('x', 0, 1)");
    AstAssignment *item;

    CHECK_INT(AST_LIST_COUNT(update->assignments), 4);
    if (AST_LIST_COUNT(update->assignments) != 4)
        return;
    item = AST_LIST_ITEM(AstAssignment, update->assignments, 0);
    CHECK_STR(item->variable, "@v");
    CHECK_STR(item->column->column, "c");
    item = AST_LIST_ITEM(AstAssignment, update->assignments, 1);
    CHECK(item->column == NULL);
    item = AST_LIST_ITEM(AstAssignment, update->assignments, 2);
    CHECK_INT(item->op, OP_ADD);
    CHECK_STR(item->column->table, "x");
    item = AST_LIST_ITEM(AstAssignment, update->assignments, 3);
    CHECK_STR(item->mutator->method, "WRITE");
    CHECK_STR(((AstColumnRef *) item->mutator->object)->column, "e");
}

static void
types_keep_lengths_and_standard_names_become_theirs(void)
{
    ParseError error;
    AstType *type = parse_type(arena, "decimal(10, 2)", 14, &error);

    CHECK(type != NULL && type->length == 10 && type->scale == 2 && type->has_scale);
    type = parse_type(arena, "nvarchar(max)", 13, &error);
    CHECK(type != NULL && type->is_max && !type->has_length);
    type = parse_type(arena, "national char varying(5)", 24, &error);
    CHECK_STR(type ? type->name.object : NULL, "nvarchar");
    type = parse_type(arena, "double precision", 16, &error);
    CHECK_STR(type ? type->name.object : NULL, "float");
    type = parse_type(arena, "int int", 7, &error);
    CHECK(type == NULL && error.number == 102);
}

static void
parameter_lists_of_sp_executesql_parse(void)
{
    const char *text = "@a int, @b nvarchar(20) = N'x' OUTPUT, @c dbo.tt READONLY";
    ParseError error;
    AstList *list = parse_parameters(arena, text, strlen(text), &error);

    CHECK_INT(AST_LIST_COUNT(list), 3);
    if (AST_LIST_COUNT(list) == 3) {
        CHECK(AST_LIST_ITEM(AstRoutineParam, list, 1)->output);
        CHECK(AST_LIST_ITEM(AstRoutineParam, list, 2)->readonly);
    }
    list = parse_parameters(arena, "  ", 2, &error);
    CHECK(list == NULL && error.number == 0);
    list = parse_parameters(arena, "@a", 2, &error);
    CHECK(list == NULL && error.number == 102);
}

static void
literals_are_numbered_as_they_stand(void)
{
    AstBatch *batch = parse("SELECT 'a', CAST(1 AS varchar(10)), N'b' AS 'c', NULL, -5");
    AstSelect *select;

    if (batch == NULL)
        return;
    select = (AstSelect *) ((AstQueryStatement *) batch->statements->items[0])->query;
    CHECK_INT(batch->literal_count, 6);
    CHECK_INT(((AstLiteral *) AST_LIST_ITEM(AstSelectItem, select->items, 0)->expr)->token, 0);
    CHECK_INT(((AstLiteral *) AST_LIST_ITEM(AstSelectItem, select->items, 2)->expr)->token, 3);
    CHECK_INT(((AstLiteral *) AST_LIST_ITEM(AstSelectItem, select->items, 3)->expr)->token, -1);
    CHECK_INT(batch->literal_fixed[2], 1); /* the length */
    CHECK_INT(batch->literal_fixed[3], 0);
    CHECK_INT(batch->literal_fixed[4], 1); /* the alias */
}

int
main(void)
{
#define TEST(name)                                                                                 \
    arena = arena_new(NULL);                                                                       \
    RUN(name);                                                                                     \
    arena_free(arena)

    TEST(every_kind_of_node_parses_with_positions_inside_its_parent);
    TEST(every_literal_token_is_in_the_tree_or_marked_as_fixed);
    TEST(operators_bind_as_in_t_sql);
    TEST(numbers_and_strings_are_read_as_written);
    TEST(spaced_operators_are_one);
    TEST(set_operations_associate_and_intersect_binds_tighter);
    TEST(joins_nest_as_their_on_clauses_say);
    TEST(names_are_unquoted_and_their_empty_parts_kept);
    TEST(words_that_are_not_reserved_are_names);
    TEST(aliases_take_their_four_forms);
    TEST(a_label_is_no_alias);
    TEST(statements_need_no_semicolons);
    TEST(the_first_word_of_a_batch_may_be_a_procedure);
    TEST(a_procedure_body_runs_to_the_end_of_the_batch);
    TEST(lines_count_through_comments_and_strings);
    TEST(set_quoted_identifier_changes_the_rest_of_the_batch);
    TEST(table_hints_need_no_with);
    TEST(update_tells_variables_and_columns_apart);
    TEST(types_keep_lengths_and_standard_names_become_theirs);
    TEST(parameter_lists_of_sp_executesql_parse);
    TEST(literals_are_numbered_as_they_stand);
    return check_done();
}
