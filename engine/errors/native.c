/*
 * Translation of PostgreSQL's errors. The catalogue registers how names are turned into T-SQL's
 * (this layer is below it); key values are taken from the detail text, which we ask PostgreSQL to
 * write in English (lc_messages is C in our clusters).
 */
#include "postgres.h"

#include "errors/native.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/elog.h"

static ErrorNames registered_names;
static char statement_verb[16] = "INSERT";

void
tsql_error_register_names(const ErrorNames *names)
{
    registered_names = *names;
}

void
tsql_error_set_statement(const char *verb)
{
    strlcpy(statement_verb, verb, sizeof statement_verb);
}

/* The T-SQL name of the relation that `edata` tells of, and its database. */
static void
relation_names(const ErrorData *edata, char **name, char **database)
{
    *name = NULL;
    *database = NULL;
    if (registered_names.relation != NULL && edata->schema_name != NULL &&
        edata->table_name != NULL &&
        registered_names.relation(edata->schema_name, edata->table_name, name, database))
        return;
    *name = edata->table_name != NULL ? pstrdup(edata->table_name) : pstrdup("");
    *database = pstrdup("");
}

static char *
constraint_name(const ErrorData *edata, bool *is_primary, bool *is_constraint)
{
    char *name = NULL;

    *is_primary = false;
    *is_constraint = true;
    if (edata->constraint_name == NULL)
        return pstrdup("");
    if (registered_names.constraint != NULL && edata->schema_name != NULL)
        name = registered_names.constraint(edata->schema_name,
                                           edata->table_name != NULL ? edata->table_name : "",
                                           edata->constraint_name, is_primary, is_constraint);
    return name != NULL ? name : pstrdup(edata->constraint_name);
}

static char *
column_name(const ErrorData *edata, const char *pg_column)
{
    char *name = NULL;

    if (registered_names.column != NULL && edata->schema_name != NULL && edata->table_name != NULL)
        name = registered_names.column(edata->schema_name, edata->table_name, pg_column);
    return name != NULL ? name : pstrdup(pg_column);
}

ErrorColumn
tsql_error_column(const char *pg_schema, const char *pg_relation, const char *pg_column)
{
    ErrorData edata = {.schema_name = unconstify(char *, pg_schema),
                       .table_name = unconstify(char *, pg_relation)};
    ErrorColumn names;
    char *table, *database;

    relation_names(&edata, &table, &database);
    names.table = database[0] != '\0' ? psprintf("%s.%s", database, table) : table;
    names.column = column_name(&edata, pg_column != NULL ? pg_column : "");
    return names;
}

/* The values as T-SQL writes them: PostgreSQL's null is <NULL>. */
static char *
key_with_nulls(const char *values)
{
    StringInfoData text;

    initStringInfo(&text);
    for (const char *p = values; *p != '\0'; p++)
        if ((p[0] == '(' || (p[0] == ' ' && p > values && p[-1] == ',')) &&
            strncmp(p + 1, "null", 4) == 0 && (p[5] == ',' || p[5] == ')')) {
            appendStringInfo(&text, "%c<NULL>", p[0]);
            p += 4;
        } else
            appendStringInfoChar(&text, *p);
    return text.data;
}

/* "(a, 1)" out of "Key (x, y)=(a, 1) already exists." or "Key (x)=(1) is duplicated." */
static char *
key_values(const char *detail)
{
    const char *start = detail != NULL ? strstr(detail, ")=(") : NULL;
    const char *end = NULL;

    if (start == NULL)
        return pstrdup("(<unknown>)");
    start += 2;
    for (const char *p = start; (p = strchr(p, ')')) != NULL; p++)
        if (p[1] == ' ' || p[1] == '.')
            end = p;
    if (end == NULL)
        return pstrdup("(<unknown>)");
    return key_with_nulls(pnstrdup(start, end - start + 1));
}

static void
set_error(TsqlError *error, int number, char *message)
{
    error->number = number;
    tsql_error_text(number, &error->severity);
    error->message = message;
}

static void
from_unique_violation(const ErrorData *edata, TsqlError *error)
{
    char *table, *database, *constraint;
    char *values = key_values(edata->detail);
    bool is_primary, is_constraint;

    relation_names(edata, &table, &database);
    constraint = constraint_name(edata, &is_primary, &is_constraint);
    /* Building a unique index over rows that repeat a key names only the index. */
    if (edata->detail != NULL && strstr(edata->detail, "is duplicated") != NULL)
        set_error(error, ERR_1505, tsql_error_format(ERR_1505, table, constraint, values));
    else if (is_constraint)
        set_error(error, ERR_2627,
                  tsql_error_format(ERR_2627, is_primary ? "PRIMARY KEY" : "UNIQUE KEY", constraint,
                                    table, values));
    else
        set_error(error, ERR_2601, tsql_error_format(ERR_2601, table, constraint, values));
}

/* 547 of a foreign key or check: its text names the table, and the column of a key of one. */
static void
set_conflict(const ErrorData *edata, TsqlError *error, const char *kind, bool referenced)
{
    char *table, *database, *constraint, *column = NULL;
    bool is_primary, is_constraint;

    constraint = constraint_name(edata, &is_primary, &is_constraint);
    if (registered_names.conflict == NULL || edata->schema_name == NULL ||
        edata->table_name == NULL || edata->constraint_name == NULL ||
        !registered_names.conflict(edata->schema_name, edata->table_name, edata->constraint_name,
                                   referenced, &table, &database, &column))
        relation_names(edata, &table, &database);
    set_error(error, ERR_547,
              tsql_error_format(ERR_547, statement_verb, kind, constraint, database, table,
                                column != NULL ? ", column '" : "", column != NULL ? column : "",
                                column != NULL ? "'" : ""));
}

static void
from_foreign_key_violation(const ErrorData *edata, TsqlError *error)
{
    /* A row that is still referenced: the text is about the rows that refer to it. */
    bool from_parent =
        edata->detail != NULL && strstr(edata->detail, "is still referenced") != NULL;

    set_conflict(edata, error, from_parent ? "REFERENCE" : "FOREIGN KEY", !from_parent);
}

static void
from_check_violation(const ErrorData *edata, TsqlError *error)
{
    set_conflict(edata, error, "CHECK", false);
}

static void
from_not_null_violation(const ErrorData *edata, TsqlError *error)
{
    char *table, *database;

    relation_names(edata, &table, &database);
    set_error(error, ERR_515,
              tsql_error_format(
                  ERR_515, column_name(edata, edata->column_name != NULL ? edata->column_name : ""),
                  database[0] != '\0' ? psprintf("%s.%s", database, table) : table,
                  statement_verb));
}

static void
from_out_of_range(const ErrorData *edata, TsqlError *error)
{
    static const struct {
        const char *pg;
        const char *tsql;
    } types[] = {{"bigint", "bigint"},    {"smallint", "smallint"},        {"integer", "int"},
                 {"\"char\"", "tinyint"}, {"value out of range", "float"}, {"date", "date"}};
    const char *type = "numeric";

    for (int i = 0; i < lengthof(types); i++)
        if (strncmp(edata->message, types[i].pg, strlen(types[i].pg)) == 0) {
            type = types[i].tsql;
            break;
        }
    set_error(error, ERR_8115, tsql_error_format(ERR_8115, "expression", type));
}

static void
from_deadlock(const ErrorData *edata, TsqlError *error)
{
    set_error(error, ERR_1205, tsql_error_format(ERR_1205, MyProcPid, "lock"));
    error->state = 51;
}

static void
from_lock_not_available(const ErrorData *edata, TsqlError *error)
{
    set_error(error, ERR_1222, tsql_error_format(ERR_1222));
    error->state = 51;
}

static void
from_insufficient_privilege(const ErrorData *edata, TsqlError *error)
{
    char *quote = strstr(edata->message, " for ");
    char *object = pstrdup("");

    /* "permission denied for table x": only the name is known here. */
    if (quote != NULL) {
        char *space = strchr(quote + 5, ' ');

        object = pstrdup(space != NULL ? space + 1 : quote + 5);
    }
    set_error(error, ERR_229, tsql_error_format(ERR_229, statement_verb, object, "", "dbo"));
    error->state = 5;
}

/* Errors whose text needs nothing from PostgreSQL's. */
typedef struct PlainError {
    int sqlstate;
    TsqlErrorNumber number;
} PlainError;

static const PlainError plain_errors[] = {
    {ERRCODE_DIVISION_BY_ZERO, ERR_8134},
    {ERRCODE_CARDINALITY_VIOLATION, ERR_512},
    {ERRCODE_WITH_CHECK_OPTION_VIOLATION, ERR_550},
    {ERRCODE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, ERR_127},
    {ERRCODE_INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, ERR_10742},
    {ERRCODE_STATEMENT_TOO_COMPLEX, ERR_565},
    {ERRCODE_TOO_MANY_COLUMNS, ERR_8623},
    {ERRCODE_QUERY_CANCELED, ERR_3980},
};

typedef struct NativeError {
    int sqlstate;
    void (*translate)(const ErrorData *edata, TsqlError *error);
} NativeError;

static const NativeError native_errors[] = {
    {ERRCODE_UNIQUE_VIOLATION, from_unique_violation},
    {ERRCODE_FOREIGN_KEY_VIOLATION, from_foreign_key_violation},
    {ERRCODE_CHECK_VIOLATION, from_check_violation},
    {ERRCODE_NOT_NULL_VIOLATION, from_not_null_violation},
    {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, from_out_of_range},
    {ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, from_out_of_range},
    {ERRCODE_T_R_DEADLOCK_DETECTED, from_deadlock},
    {ERRCODE_LOCK_NOT_AVAILABLE, from_lock_not_available},
    {ERRCODE_INSUFFICIENT_PRIVILEGE, from_insufficient_privilege},
};

/* A MERGE that meets a row twice has the same SQLSTATE as a subquery with two rows. */
static bool
is_merge_conflict(const ErrorData *edata)
{
    return edata->sqlerrcode == ERRCODE_CARDINALITY_VIOLATION && edata->message != NULL &&
           strncmp(edata->message, "MERGE", 5) == 0;
}

void
error_from_native(const ErrorData *edata, TsqlError *error)
{
    int sqlstate = edata->sqlerrcode;
    const char *message = edata->message != NULL ? edata->message : "";

    if (is_merge_conflict(edata)) {
        set_error(error, ERR_8672, tsql_error_format(ERR_8672));
        return;
    }
    for (int i = 0; i < lengthof(native_errors); i++)
        if (native_errors[i].sqlstate == sqlstate) {
            native_errors[i].translate(edata, error);
            return;
        }
    for (int i = 0; i < lengthof(plain_errors); i++)
        if (plain_errors[i].sqlstate == sqlstate) {
            set_error(error, plain_errors[i].number, tsql_error_format(plain_errors[i].number));
            return;
        }
    if (ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_TRANSACTION_ROLLBACK)
        set_error(error, ERR_3960, tsql_error_format(ERR_3960, "", ""));
    else if (sqlstate == ERRCODE_OUT_OF_MEMORY)
        set_error(error, ERR_701, tsql_error_format(ERR_701, "default"));
    else if (sqlstate == ERRCODE_DISK_FULL)
        set_error(error, ERR_1105, tsql_error_format(ERR_1105, "", "", "", "PRIMARY"));
    else if (sqlstate == ERRCODE_ADMIN_SHUTDOWN || sqlstate == ERRCODE_CRASH_SHUTDOWN)
        set_error(error, ERR_596, tsql_error_format(ERR_596));
    else if (sqlstate == ERRCODE_READ_ONLY_SQL_TRANSACTION)
        set_error(error, ERR_3906, tsql_error_format(ERR_3906, ""));
    else
        set_error(error, ERR_8630, tsql_error_format(ERR_8630, message));
    if (edata->elevel >= FATAL && error->severity < 20)
        error->severity = 20;
}
