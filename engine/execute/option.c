/*
 * SET options and USE. set_options.def is the table of options; those that are more than a bit
 * have a function here.
 */
#include "postgres.h"

#include "context/context.h"
#include "errors/errors.h"
#include "execute/interpreter.h"
#include "pgcompat/base.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define ANSI_DEFAULTS                                                                              \
    (OPTION_QUOTED_IDENTIFIER | OPTION_ANSI_NULLS | OPTION_ANSI_PADDING | OPTION_ANSI_WARNINGS |   \
     OPTION_ANSI_NULL_DFLT_ON | OPTION_CURSOR_CLOSE_ON_COMMIT | OPTION_IMPLICIT_TRANSACTIONS)

typedef struct SetOption {
    const char *name;
    uint32 bit; /* 0: by handler; no handler: ignored */
    void (*handler)(Frame *frame, const AstSetOption *statement);
} SetOption;

/* ---------------------------------------------------------------- values */

static bool
is_on(const AstSetOption *statement)
{
    if (statement->word != NULL && pg_strcasecmp(statement->word, "ON") == 0)
        return true;
    if (statement->word == NULL || pg_strcasecmp(statement->word, "OFF") != 0)
        tsql_error(ERR_102, statement->word ? statement->word : statement->names[0]);
    return false;
}

static void
set_bits(uint32 bits, bool on)
{
    if (on)
        session_context->options |= bits;
    else
        session_context->options &= ~bits;
}

static int32
int_value(Frame *frame, const AstSetOption *statement, int32 otherwise)
{
    if (statement->value == NULL)
        return otherwise;
    return frame_evaluate_int(frame, statement->value, otherwise);
}

static char *
text_value(Frame *frame, const AstSetOption *statement)
{
    char *text;

    if (statement->word != NULL)
        return pstrdup(statement->word);
    text = statement->value ? frame_evaluate_text(frame, statement->value) : NULL;
    return text ? text : pstrdup("");
}

/* ---------------------------------------------------------------- handlers */

static void
option_implicit_transactions(Frame *frame, const AstSetOption *statement)
{
    set_bits(OPTION_IMPLICIT_TRANSACTIONS, is_on(statement));
}

static void
option_ansi_defaults(Frame *frame, const AstSetOption *statement)
{
    set_bits(ANSI_DEFAULTS, is_on(statement));
}

static void
option_ansi_null_dflt_off(Frame *frame, const AstSetOption *statement)
{
    if (is_on(statement))
        set_bits(OPTION_ANSI_NULL_DFLT_ON, false);
}

static void
option_dateformat(Frame *frame, const AstSetOption *statement)
{
    static const char *const orders[] = {"mdy", "dmy", "ymd", "ydm", "myd", "dym"};
    char *text = text_value(frame, statement);

    for (int i = 0; i < lengthof(orders); i++)
        if (pg_strcasecmp(text, orders[i]) == 0) {
            strlcpy(session_context->date_order, orders[i], sizeof(session_context->date_order));
            return;
        }
    tsql_error(ERR_2741, text);
}

static void
option_datefirst(Frame *frame, const AstSetOption *statement)
{
    int32 day = int_value(frame, statement, 0);

    if (day < 1 || day > 7)
        tsql_error(ERR_2742, day);
    session_context->date_first = day;
}

typedef struct Language {
    int16 id;
    const char *name, *alias, *date_order;
    uint8 date_first;
    int lcid;
} Language;

static const Language languages[] = {
#define LANGUAGE(id, name, alias, order, first, lcid) {id, name, alias, order, first, lcid},
#include "execute/languages.def"
#undef LANGUAGE
};

static void
set_language(const Language *language)
{
    SessionContext *session = session_context;
    const char *former = session->language;

    session->language = language->name;
    session->language_id = language->id;
    session->date_first = language->date_first;
    strlcpy(session->date_order, language->date_order, sizeof(session->date_order));
    interpreter.sink->environment(interpreter.sink, SINK_ENV_LANGUAGE, language->name,
                                  former ? former : "");
    report_info(5703, 1, tsql_error_format(ERR_5703, language->name));
}

bool
set_language_by_name(const char *name)
{
    for (int i = 0; i < lengthof(languages); i++)
        if (pg_strcasecmp(languages[i].name, name) == 0 ||
            pg_strcasecmp(languages[i].alias, name) == 0) {
            set_language(&languages[i]);
            return true;
        }
    return false;
}

static void
option_language(Frame *frame, const AstSetOption *statement)
{
    char *name = text_value(frame, statement);

    if (!set_language_by_name(name))
        tsql_error(ERR_2740, name);
}

/* PostgreSQL's 0 is T-SQL's -1, no limit; T-SQL's 0 is "do not wait". */
void
apply_lock_timeout(void)
{
    int32 timeout = session_context->lock_timeout;

    LockTimeout = timeout < 0 ? 0 : Max(timeout, 1);
}

static void
option_lock_timeout(Frame *frame, const AstSetOption *statement)
{
    session_context->lock_timeout = Max(int_value(frame, statement, -1), -1);
    apply_lock_timeout();
}

static void
option_rowcount(Frame *frame, const AstSetOption *statement)
{
    session_context->row_count_limit = Max(int_value(frame, statement, 0), 0);
}

static void
option_textsize(Frame *frame, const AstSetOption *statement)
{
    int32 size = int_value(frame, statement, 0);

    session_context->text_size = size == 0 ? 4096 : size;
}

static void
option_deadlock_priority(Frame *frame, const AstSetOption *statement)
{
    char *text = statement->word ? pstrdup(statement->word) : NULL;

    if (text == NULL && statement->value != NULL && statement->value->kind != AST_VARIABLE) {
        session_context->deadlock_priority = int_value(frame, statement, 0);
        return;
    }
    if (text == NULL)
        text = text_value(frame, statement);
    if (pg_strcasecmp(text, "LOW") == 0)
        session_context->deadlock_priority = -5;
    else if (pg_strcasecmp(text, "NORMAL") == 0)
        session_context->deadlock_priority = 0;
    else if (pg_strcasecmp(text, "HIGH") == 0)
        session_context->deadlock_priority = 5;
    else
        session_context->deadlock_priority = pg_strtoint32(text);
}

static void
option_isolation(Frame *frame, const AstSetOption *statement)
{
    static const char *const levels[] = {"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ",
                                         "SERIALIZABLE", "SNAPSHOT"};
    char *text = text_value(frame, statement);

    for (int i = 0; i < lengthof(levels); i++)
        if (pg_strcasecmp(text, levels[i]) == 0) {
            transaction_set_isolation(i + 1);
            return;
        }
    tsql_error(ERR_102, text);
}

static void
option_identity_insert(Frame *frame, const AstSetOption *statement)
{
    SessionContext *session = session_context;
    bool on = is_on(statement);
    BindContext context;
    CatalogObject object, other;

    transaction_ensure();
    program_bind_context(frame->program, &frame->scope, &context);
    if (statement->table == NULL ||
        !catalog_find_object(context.database, context.default_schema, statement->table->database,
                             statement->table->schema, statement->table->object, false, &object))
        tsql_error(ERR_1088, statement->table ? statement->table->object : "");
    if (catalog_relation(&object)->identity_column < 0)
        tsql_error(ERR_8106, object.name);
    if (!on) {
        if (session->identity_insert == object.relation)
            session->identity_insert = InvalidOid;
        return;
    }
    if (OidIsValid(session->identity_insert) && session->identity_insert != object.relation &&
        catalog_object_by_relation(session->identity_insert, &other)) {
        const CatalogDatabase *database = catalog_database(other.database);

        tsql_error(ERR_8107, database ? database->name : "", other.schema_name, other.name,
                   object.name);
    }
    session->identity_insert = object.relation;
}

static void
option_context_info(Frame *frame, const AstSetOption *statement)
{
    SqlType type = sql_type_binary(SQL_VARBINARY, 128);
    SessionContext *session = session_context;
    bool is_null = true;
    Datum value = (Datum) 0;
    bytea *bytes;

    if (statement->value != NULL)
        value = frame_evaluate(frame, statement->value, &type, NULL, &is_null);
    memset(session->context_info, 0, sizeof(session->context_info));
    session->context_info_set = !is_null;
    if (is_null)
        return;
    bytes = DatumGetByteaPP(value);
    memcpy(session->context_info, VARDATA_ANY(bytes),
           Min(VARSIZE_ANY_EXHDR(bytes), sizeof(session->context_info)));
}

/* ---------------------------------------------------------------- the table */

static const SetOption set_options[] = {
#define SET_BIT(name, bit) {name, bit, NULL},
#define SET_VALUE(name, handler) {name, 0, option_##handler},
#define SET_IGNORED(name) {name, 0, NULL},
#include "execute/set_options.def"
#undef SET_BIT
#undef SET_VALUE
#undef SET_IGNORED
};

static void
set_one(Frame *frame, const AstSetOption *statement, const char *name)
{
    for (int i = 0; i < lengthof(set_options); i++) {
        const SetOption *option = &set_options[i];

        if (pg_strcasecmp(option->name, name) != 0)
            continue;
        if (option->handler != NULL)
            option->handler(frame, statement);
        else if (option->bit != 0)
            set_bits(option->bit, is_on(statement));
        return;
    }
    tsql_error(ERR_195, name, "SET option");
}

Flow
run_set_option(Frame *frame, const AstSetOption *statement)
{
    for (int i = 0; i < statement->name_count; i++)
        set_one(frame, statement, statement->names[i]);
    session_context->row_count = 0;
    report_done(frame, SINK_COMMAND_SET, false, 0);
    return FLOW_NEXT;
}

/* ---------------------------------------------------------------- USE */

void
change_database(const char *name)
{
    SessionContext *session = session_context;
    const char *former = session->database_name;
    Oid collation = session->database_collation;

    session_use_database(name);
    interpreter.sink->environment(interpreter.sink, SINK_ENV_DATABASE, session->database_name,
                                  former ? former : "");
    if (collation != session->database_collation)
        interpreter.sink->environment(interpreter.sink, SINK_ENV_COLLATION, NULL, NULL);
    report_info(5701, 1, tsql_error_format(ERR_5701, session->database_name));
}

Flow
run_use(Frame *frame, const AstUse *statement)
{
    if (frame->program->object_id != 0)
        tsql_error(ERR_154, "a USE database statement", "a procedure, function or trigger");
    transaction_ensure();
    change_database(statement->database);
    report_done(frame, SINK_COMMAND_USE, false, 0);
    return FLOW_NEXT;
}
