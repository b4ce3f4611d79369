/*
 * CREATE and ALTER SEQUENCE. The PostgreSQL sequence counts; type and bounds as T-SQL has them are
 * in the rows.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "ddl/ddl_internal.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

typedef struct Sequence {
    SqlType type;
    int64 start, increment, minimum, maximum;
    bool cycle, cached;
    int64 cache;
} Sequence;

static void
type_bounds(const Sequence *sequence, int64 *low, int64 *high)
{
    switch (sequence->type.id) {
    case SQL_TINYINT:
        *low = 0;
        *high = 255;
        break;
    case SQL_SMALLINT:
        *low = PG_INT16_MIN;
        *high = PG_INT16_MAX;
        break;
    case SQL_INT:
        *low = PG_INT32_MIN;
        *high = PG_INT32_MAX;
        break;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
        *high = 9;
        for (int i = 1; i < Min(sequence->type.precision, 18); i++)
            *high = *high * 10 + 9;
        *low = -*high;
        break;
    default:
        *low = PG_INT64_MIN;
        *high = PG_INT64_MAX;
    }
}

static void
apply_options(const AstCreateSequence *statement, Sequence *sequence, bool is_new)
{
    int64 low, high;
    bool start_given = ddl_integer(statement->start, &sequence->start);

    type_bounds(sequence, &low, &high);
    ddl_integer(statement->increment, &sequence->increment);
    if (sequence->increment == 0)
        tsql_error(ERR_11700, statement->name.object);
    if (is_new || statement->no_minimum)
        sequence->minimum = low;
    if (is_new || statement->no_maximum)
        sequence->maximum = high;
    ddl_integer(statement->minimum, &sequence->minimum);
    ddl_integer(statement->maximum, &sequence->maximum);
    if (sequence->minimum < low)
        sequence->minimum = low;
    if (sequence->maximum > high)
        sequence->maximum = high;
    if (is_new && !start_given)
        sequence->start = sequence->increment > 0 ? sequence->minimum : sequence->maximum;
    if (sequence->start < sequence->minimum || sequence->start > sequence->maximum)
        tsql_error(ERR_11703, statement->name.object);
    if (statement->cycle != 0)
        sequence->cycle = statement->cycle > 0;
    if (statement->no_cache)
        sequence->cached = false;
    if (ddl_integer(statement->cache, &sequence->cache))
        sequence->cached = true;
}

static char *
options_sql(const Sequence *sequence)
{
    return psprintf("INCREMENT BY " INT64_FORMAT " MINVALUE " INT64_FORMAT " MAXVALUE " INT64_FORMAT
                    " START WITH " INT64_FORMAT " %s",
                    sequence->increment, sequence->minimum, sequence->maximum, sequence->start,
                    sequence->cycle ? "CYCLE" : "NO CYCLE");
}

static void
fill_row(CatalogRow *row, const Sequence *sequence)
{
    int system_type, precision, scale;
    int32 user_type, max_length;

    catalog_type_store(&sequence->type, &system_type, &user_type, &max_length, &precision, &scale);
    catalog_row_init(row, TABLE_sequences);
    catalog_row_short(row, COL_sequences_system_type, system_type);
    catalog_row_int(row, COL_sequences_user_type, user_type);
    catalog_row_short(row, COL_sequences_precision, precision);
    catalog_row_big(row, COL_sequences_start, sequence->start);
    catalog_row_big(row, COL_sequences_increment, sequence->increment);
    catalog_row_big(row, COL_sequences_minimum, sequence->minimum);
    catalog_row_big(row, COL_sequences_maximum, sequence->maximum);
    catalog_row_bool(row, COL_sequences_cycle, sequence->cycle);
    catalog_row_bool(row, COL_sequences_cached, sequence->cached);
    if (sequence->cache > 0)
        catalog_row_int(row, COL_sequences_cache_size, (int32) sequence->cache);
}

static void
create_sequence(const AstCreateSequence *statement,
                const DdlTarget *target,
                const DdlContext *context)
{
    BindContext bind = ddl_bind_context(context, target->database);
    Sequence sequence = {.increment = 1, .cached = true};
    char *schema = get_namespace_name(target->namespace);
    int32 id = ddl_new_object_id(false);
    char *name = ddl_free_relation_name(target->name, target->namespace, id);
    CatalogRow row;
    Oid relation;

    sequence.type =
        statement->type ? bind_type(statement->type, NULL, &bind, NULL) : sql_type_make(SQL_BIGINT);
    if (!sql_type_is_number(sequence.type.id) || sequence.type.id == SQL_BIT ||
        sequence.type.scale != 0 || sql_type_info(sequence.type.id)->category == 'F')
        tsql_error(ERR_11702, target->name);
    apply_options(statement, &sequence, true);
    ddl_run_sql(psprintf("CREATE SEQUENCE %s AS pg_catalog.int8 %s",
                         quote_qualified_identifier(schema, name), options_sql(&sequence)));
    relation = get_relname_relid(name, target->namespace);
    ddl_run_sql(psprintf("GRANT ALL ON SEQUENCE %s TO PUBLIC", ddl_quoted_relation(relation)));
    ddl_insert_object(id, target, target->name, CATALOG_SEQUENCE, 0, relation, NULL);
    fill_row(&row, &sequence);
    catalog_row_int(&row, COL_sequences_object, id);
    catalog_row_insert(&row);
}

static void
alter_sequence(const AstCreateSequence *statement, const CatalogObject *object)
{
    Sequence sequence = {0};
    CatalogScan scan;
    CatalogRow row;
    int64 restart;

    catalog_scan_begin(&scan, TABLE_sequences, "sequences_pkey", true);
    catalog_scan_key_int(&scan, COL_sequences_object, object->id);
    if (!catalog_scan_next(&scan))
        elog(ERROR, "sequence %d has no row", object->id);
    sequence.type =
        catalog_type_load(catalog_field_int(&scan, COL_sequences_system_type),
                          catalog_field_int(&scan, COL_sequences_user_type), 0,
                          catalog_field_int(&scan, COL_sequences_precision), 0, InvalidOid);
    sequence.start = catalog_field_int(&scan, COL_sequences_start);
    sequence.increment = catalog_field_int(&scan, COL_sequences_increment);
    sequence.minimum = catalog_field_int(&scan, COL_sequences_minimum);
    sequence.maximum = catalog_field_int(&scan, COL_sequences_maximum);
    sequence.cycle = catalog_field_bool(&scan, COL_sequences_cycle);
    sequence.cached = catalog_field_bool(&scan, COL_sequences_cached);
    apply_options(statement, &sequence, false);
    if (statement->restart && ddl_integer(statement->start, &restart))
        sequence.start = restart;
    fill_row(&row, &sequence);
    catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
    ddl_run_sql(psprintf("ALTER SEQUENCE %s %s %s", ddl_quoted_relation(object->relation),
                         options_sql(&sequence), statement->restart ? "RESTART" : ""));
    ddl_touch(object->id);
}

void
ddl_create_sequence(const AstCreateSequence *statement, DdlContext *context)
{
    DdlTarget target;
    CatalogObject existing;

    ddl_target(&statement->name, context, &target);
    if (statement->form == FORM_ALTER) {
        if (!ddl_existing(&target, &existing) || existing.type != CATALOG_SEQUENCE ||
            !ddl_may_alter(&existing))
            tsql_error(ERR_208, ddl_name(&statement->name));
        alter_sequence(statement, &existing);
    } else {
        ddl_must_be_allowed_in(&target, "CREATE SEQUENCE");
        ddl_must_be_new(&target);
        create_sequence(statement, &target, context);
    }
    ddl_changed(false);
}
