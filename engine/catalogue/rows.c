/*
 * Catalogue rows through heap and index: see tables.h. Oids of tables and indexes are resolved by
 * name once a session (they change only when the extension is dropped and made again).
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalogue/catalog.h"
#include "catalogue/tables.h"
#include "pgcompat/base.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#define MAX_KEYS 6

static const char *const table_names[] = {
#define DEF_TABLE(table) #table,
#define DEF_COLUMN(table, column, type, constraint)
#define DEF_INDEX(table, name, kind, columns)
#include "tables.def"
#undef DEF_TABLE
#undef DEF_COLUMN
#undef DEF_INDEX
};

static Oid table_oids[CATALOG_TABLE_COUNT];

typedef struct IndexName {
    char name[NAMEDATALEN];
    Oid oid;
} IndexName;
static IndexName index_names[64];
static int index_name_count;

/* Keys are gathered here until the first row is asked for; one scan is being set up at a time. */
static ScanKeyData pending_keys[MAX_KEYS];
static const char *pending_index;

Oid
catalog_table_oid(CatalogTable table)
{
    Oid namespace_oid;

    if (OidIsValid(table_oids[table]))
        return table_oids[table];
    namespace_oid = get_namespace_oid("casement", true);
    if (!OidIsValid(namespace_oid))
        return InvalidOid;
    table_oids[table] = get_relname_relid(table_names[table], namespace_oid);
    return table_oids[table];
}

bool
catalog_is_installed(void)
{
    return OidIsValid(catalog_table_oid(TABLE_server_principals));
}

static Oid
index_oid(const char *name)
{
    Oid oid;

    for (int i = 0; i < index_name_count; i++)
        if (strcmp(index_names[i].name, name) == 0)
            return index_names[i].oid;
    oid = get_relname_relid(name, get_namespace_oid("casement", false));
    if (!OidIsValid(oid))
        elog(ERROR, "catalogue index \"%s\" does not exist", name);
    if (index_name_count < lengthof(index_names)) {
        strlcpy(index_names[index_name_count].name, name, NAMEDATALEN);
        index_names[index_name_count++].oid = oid;
    }
    return oid;
}

static Relation
table_open_catalog(CatalogTable table, LOCKMODE mode)
{
    Oid oid = catalog_table_oid(table);

    if (!OidIsValid(oid))
        elog(ERROR, "catalogue table casement.%s does not exist", table_names[table]);
    return table_open(oid, mode);
}

/* ---- rows ---- */

void
catalog_row_init(CatalogRow *row, CatalogTable table)
{
    memset(row, 0, sizeof(*row));
    row->table = table;
}

void
catalog_row_set(CatalogRow *row, int attribute, Datum value)
{
    row->values[attribute - 1] = value;
    row->set[attribute - 1] = true;
    row->nulls[attribute - 1] = false;
}

void
catalog_row_int(CatalogRow *row, int attribute, int32 value)
{
    catalog_row_set(row, attribute, Int32GetDatum(value));
}

void
catalog_row_short(CatalogRow *row, int attribute, int value)
{
    catalog_row_set(row, attribute, Int16GetDatum((int16) value));
}

void
catalog_row_big(CatalogRow *row, int attribute, int64 value)
{
    catalog_row_set(row, attribute, Int64GetDatum(value));
}

void
catalog_row_oid(CatalogRow *row, int attribute, Oid value)
{
    catalog_row_set(row, attribute, ObjectIdGetDatum(value));
}

void
catalog_row_bool(CatalogRow *row, int attribute, bool value)
{
    catalog_row_set(row, attribute, BoolGetDatum(value));
}

void
catalog_row_text(CatalogRow *row, int attribute, const char *value)
{
    catalog_row_set(row, attribute, value ? CStringGetTextDatum(value) : (Datum) 0);
    row->nulls[attribute - 1] = value == NULL;
}

void
catalog_row_bytes(CatalogRow *row, int attribute, const void *bytes, size_t length)
{
    bytea *value = palloc(VARHDRSZ + length);

    SET_VARSIZE(value, VARHDRSZ + length);
    memcpy(VARDATA(value), bytes, length);
    catalog_row_set(row, attribute, PointerGetDatum(value));
}

void
catalog_row_now(CatalogRow *row, int attribute)
{
    Timestamp now = DatumGetTimestamp(DirectFunctionCall1(
        timestamptz_timestamp, TimestampTzGetDatum(GetCurrentStatementStartTimestamp())));

    catalog_row_set(row, attribute, TimestampGetDatum(now));
}

/* What a column that the writer did not set gets: zero for numbers, now for times, else NULL. The
 * columns whose DEFAULT in tables.def is something else are set by their writers. */
static void
fill_unset(CatalogRow *row, TupleDesc desc)
{
    for (int i = 0; i < desc->natts; i++) {
        Form_pg_attribute attribute = TupleDescAttr(desc, i);

        if (row->set[i])
            continue;
        switch (attribute->atttypid) {
        case INT2OID:
        case INT4OID:
        case INT8OID:
        case OIDOID:
        case BOOLOID:
            row->values[i] = (Datum) 0;
            row->nulls[i] = !attribute->attnotnull;
            break;
        case TIMESTAMPOID:
            catalog_row_now(row, i + 1);
            break;
        case TEXTOID:
            if (attribute->attnotnull)
                row->values[i] = CStringGetTextDatum("");
            row->nulls[i] = !attribute->attnotnull;
            break;
        default:
            row->nulls[i] = true;
        }
    }
}

void
catalog_row_insert(const CatalogRow *row)
{
    CatalogRow full = *row;
    Relation relation = table_open_catalog(row->table, RowExclusiveLock);
    HeapTuple tuple;

    Assert(RelationGetNumberOfAttributes(relation) <= CATALOG_MAX_COLUMNS);
    fill_unset(&full, RelationGetDescr(relation));
    tuple = heap_form_tuple(RelationGetDescr(relation), full.values, full.nulls);
    CatalogTupleInsert(relation, tuple);
    heap_freetuple(tuple);
    table_close(relation, RowExclusiveLock);
    CommandCounterIncrement();
}

/* ---- scans ---- */

void
catalog_scan_begin(CatalogScan *scan, CatalogTable table, const char *index, bool writing)
{
    memset(scan, 0, sizeof(*scan));
    scan->table = table;
    scan->writing = writing;
    scan->relation = table_open_catalog(table, writing ? RowExclusiveLock : AccessShareLock);
    pending_index = index;
}

static void
add_key(CatalogScan *scan, int attribute, RegProcedure procedure, Datum value)
{
    Assert(scan->scan == NULL && scan->key_count < MAX_KEYS);
    ScanKeyInit(&pending_keys[scan->key_count++], attribute, BTEqualStrategyNumber, procedure,
                value);
}

void
catalog_scan_key_int(CatalogScan *scan, int attribute, int32 value)
{
    add_key(scan, attribute, F_INT4EQ, Int32GetDatum(value));
}

void
catalog_scan_key_short(CatalogScan *scan, int attribute, int value)
{
    add_key(scan, attribute, F_INT2EQ, Int16GetDatum((int16) value));
}

void
catalog_scan_key_oid(CatalogScan *scan, int attribute, Oid value)
{
    add_key(scan, attribute, F_OIDEQ, ObjectIdGetDatum(value));
}

void
catalog_scan_key_text(CatalogScan *scan, int attribute, const char *value)
{
    add_key(scan, attribute, F_TEXTEQ, CStringGetTextDatum(value));
}

bool
catalog_scan_next(CatalogScan *scan)
{
    if (scan->scan == NULL) {
        bool use_index = pending_index != NULL;

        scan->scan =
            systable_beginscan(scan->relation, use_index ? index_oid(pending_index) : InvalidOid,
                               use_index, NULL, scan->key_count, pending_keys);
    }
    scan->tuple = systable_getnext(scan->scan);
    return HeapTupleIsValid(scan->tuple);
}

void
catalog_scan_end(CatalogScan *scan)
{
    if (scan->scan != NULL)
        systable_endscan(scan->scan);
    table_close(scan->relation, scan->writing ? RowExclusiveLock : AccessShareLock);
    if (scan->writing)
        CommandCounterIncrement();
    scan->scan = NULL;
    scan->relation = NULL;
}

Datum
catalog_field(const CatalogScan *scan, int attribute, bool *is_null)
{
    return heap_getattr(scan->tuple, attribute, RelationGetDescr(scan->relation), is_null);
}

int64
catalog_field_int(const CatalogScan *scan, int attribute)
{
    bool is_null;
    Datum value = catalog_field(scan, attribute, &is_null);

    if (is_null)
        return 0;
    switch (TupleDescAttr(RelationGetDescr(scan->relation), attribute - 1)->atttypid) {
    case INT2OID:
        return DatumGetInt16(value);
    case INT4OID:
        return DatumGetInt32(value);
    case INT8OID:
        return DatumGetInt64(value);
    default:
        elog(ERROR, "catalogue column %d is not an integer", attribute);
    }
}

Oid
catalog_field_oid(const CatalogScan *scan, int attribute)
{
    bool is_null;
    Datum value = catalog_field(scan, attribute, &is_null);

    return is_null ? InvalidOid : DatumGetObjectId(value);
}

bool
catalog_field_bool(const CatalogScan *scan, int attribute)
{
    bool is_null;
    Datum value = catalog_field(scan, attribute, &is_null);

    return !is_null && DatumGetBool(value);
}

char *
catalog_field_text(const CatalogScan *scan, int attribute)
{
    bool is_null;
    Datum value = catalog_field(scan, attribute, &is_null);

    return is_null ? NULL : TextDatumGetCString(value);
}

void
catalog_scan_update(CatalogScan *scan, const CatalogRow *row)
{
    Datum values[CATALOG_MAX_COLUMNS];
    bool nulls[CATALOG_MAX_COLUMNS], replace[CATALOG_MAX_COLUMNS];
    HeapTuple changed;

    Assert(scan->writing && row->table == scan->table);
    memcpy(values, row->values, sizeof(values));
    memcpy(nulls, row->nulls, sizeof(nulls));
    memcpy(replace, row->set, sizeof(replace));
    changed =
        heap_modify_tuple(scan->tuple, RelationGetDescr(scan->relation), values, nulls, replace);
    CatalogTupleUpdate(scan->relation, &changed->t_self, changed);
    heap_freetuple(changed);
}

void
catalog_scan_delete(CatalogScan *scan)
{
    Assert(scan->writing);
    CatalogTupleDelete(scan->relation, &scan->tuple->t_self);
}

int
catalog_delete_by_int(CatalogTable table, const char *index, int attribute, int32 value)
{
    CatalogScan scan;
    int count = 0;

    catalog_scan_begin(&scan, table, index, true);
    catalog_scan_key_int(&scan, attribute, value);
    while (catalog_scan_next(&scan)) {
        catalog_scan_delete(&scan);
        count++;
    }
    catalog_scan_end(&scan);
    return count;
}
