/*
 * Rows of the catalogue's tables (tables.def): attribute numbers, scans and changes straight
 * through the heap and index access methods, without SQL. Private to those who write catalogue rows
 * (catalogue, ddl, procedures); readers use catalog.h.
 *
 * Changes are transactional like all rows. After the changes of a statement the caller calls
 * catalog_changed(), or catalog_changed_locally() when only #temporary objects were touched.
 */
#pragma once

#include "postgres.h"

#include "access/genam.h"
#include "access/htup.h"
#include "utils/relcache.h"

/* COL_objects_id ...: attribute numbers, from 1 in each table. */
typedef enum CatalogAttribute {
#define DEF_TABLE(table) COL_##table##_before_first = 0,
#define DEF_COLUMN(table, column, type, constraint) COL_##table##_##column,
#define DEF_INDEX(table, name, kind, columns)
#include "tables.def"
#undef DEF_TABLE
#undef DEF_COLUMN
#undef DEF_INDEX
} CatalogAttribute;

typedef enum CatalogTable {
#define DEF_TABLE(table) TABLE_##table,
#define DEF_COLUMN(table, column, type, constraint)
#define DEF_INDEX(table, name, kind, columns)
#include "tables.def"
#undef DEF_TABLE
#undef DEF_COLUMN
#undef DEF_INDEX
    CATALOG_TABLE_COUNT
} CatalogTable;

/* The oid of a catalogue table; InvalidOid while the extension is not installed. */
Oid catalog_table_oid(CatalogTable table);

#define CATALOG_MAX_COLUMNS 40

/* Values of a row being written. Start with CATALOG_ROW(table); unset columns are NULL in an
 * insert (or the fixed default given by catalog_row_defaults) and kept in an update. */
typedef struct CatalogRow {
    CatalogTable table;
    Datum values[CATALOG_MAX_COLUMNS];
    bool set[CATALOG_MAX_COLUMNS];
    bool nulls[CATALOG_MAX_COLUMNS];
} CatalogRow;

void catalog_row_init(CatalogRow *row, CatalogTable table);
void catalog_row_set(CatalogRow *row, int attribute, Datum value);
void catalog_row_int(CatalogRow *row, int attribute, int32 value); /* int4 columns */
void catalog_row_short(CatalogRow *row, int attribute, int value); /* int2 columns */
void catalog_row_big(CatalogRow *row, int attribute, int64 value); /* int8 columns */
void catalog_row_oid(CatalogRow *row, int attribute, Oid value);
void catalog_row_bool(CatalogRow *row, int attribute, bool value);
void catalog_row_text(CatalogRow *row, int attribute, const char *value); /* NULL: SQL NULL */
void catalog_row_bytes(CatalogRow *row, int attribute, const void *bytes, size_t length);
void catalog_row_now(CatalogRow *row, int attribute); /* timestamp columns */

/* Inserts; int, short, bool and oid columns that were not set become 0/false where NOT NULL. */
void catalog_row_insert(const CatalogRow *row);

/*
 * A scan over the rows whose columns equal the keys, through the index of that name on exactly
 * these columns (in its order; fewer than all is a prefix). index NULL: whole table.
 */
typedef struct CatalogScan {
    CatalogTable table;
    Relation relation;
    SysScanDesc scan;
    HeapTuple tuple; /* the current row */
    int key_count;
    bool writing;
} CatalogScan;

void catalog_scan_begin(CatalogScan *scan, CatalogTable table, const char *index, bool writing);
/* Adds keys before the first catalog_scan_next(). */
void catalog_scan_key_int(CatalogScan *scan, int attribute, int32 value);
void catalog_scan_key_short(CatalogScan *scan, int attribute, int value);
void catalog_scan_key_oid(CatalogScan *scan, int attribute, Oid value);
void catalog_scan_key_text(CatalogScan *scan, int attribute, const char *value);
bool catalog_scan_next(CatalogScan *scan);
void catalog_scan_end(CatalogScan *scan);

/* Fields of the current row. Text is palloc'd; NULLs read as 0, false, NULL. */
Datum catalog_field(const CatalogScan *scan, int attribute, bool *is_null);
int64 catalog_field_int(const CatalogScan *scan, int attribute); /* any integer column */
Oid catalog_field_oid(const CatalogScan *scan, int attribute);
bool catalog_field_bool(const CatalogScan *scan, int attribute);
char *catalog_field_text(const CatalogScan *scan, int attribute);

/* Changes the current row of a writing scan. */
void catalog_scan_update(CatalogScan *scan, const CatalogRow *row);
void catalog_scan_delete(CatalogScan *scan);

/* Deletes all rows whose int column `attribute` (leading column of `index`) equals `value`;
 * returns how many. */
int catalog_delete_by_int(CatalogTable table, const char *index, int attribute, int32 value);
