/*
 * IGNORE_DUP_KEY: an INSERT leaves out rows whose key is there already, as ON CONFLICT DO NOTHING.
 * Its runner tells the client (3604) when it left one out.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/relation.h"
#include "bind/dml.h"
#include "catalogue/tables.h"
#include "nodes/makefuncs.h"
#include "utils/rel.h"

typedef struct UniqueIndexes {
    int ignoring, strict;
    Oid index; /* an ignoring one */
    bool filtered;
} UniqueIndexes;

static UniqueIndexes
unique_indexes(const CatalogRelation *relation)
{
    UniqueIndexes found = {0};
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, relation->object.id);
    while (catalog_scan_next(&scan)) {
        if (catalog_field_bool(&scan, COL_indexes_disabled) ||
            !catalog_field_bool(&scan, COL_indexes_is_unique))
            continue;
        if (!catalog_field_bool(&scan, COL_indexes_ignore_dup_key)) {
            found.strict++;
            continue;
        }
        found.ignoring++;
        found.index = catalog_field_oid(&scan, COL_indexes_relation);
        found.filtered = catalog_field_text(&scan, COL_indexes_filter_text) != NULL;
    }
    catalog_scan_end(&scan);
    return found;
}

/* The columns of the index, from which PostgreSQL infers it again. */
static List *
key_columns(const CatalogRelation *relation, int rtindex, Oid index_oid)
{
    Relation index = index_open(index_oid, AccessShareLock);
    List *elements = NIL;

    for (int i = 0; i < index->rd_index->indnkeyatts; i++) {
        AttrNumber attnum = index->rd_index->indkey.values[i];

        for (int c = 0; c < relation->column_count; c++)
            if (relation->columns[c].attnum == attnum) {
                const SqlType *type = &relation->columns[c].type;
                InferenceElem *element = makeNode(InferenceElem);

                element->expr = (Node *) makeVar(rtindex, attnum, sql_type_oid(type->id),
                                                 sql_type_typmod(type), type->collation, 0);
                elements = lappend(elements, element);
            }
    }
    if (list_length(elements) != index->rd_index->indnkeyatts)
        tsql_error(ERR_40517, "IGNORE_DUP_KEY on a computed column");
    index_close(index, NoLock);
    return elements;
}

void
dml_ignore_duplicates(Binder *binder, const CatalogRelation *relation, int rtindex)
{
    UniqueIndexes found = unique_indexes(relation);
    OnConflictExpr *conflict;

    if (found.ignoring == 0)
        return;
    conflict = makeNode(OnConflictExpr);
    conflict->action = ONCONFLICT_NOTHING;
    if (found.strict > 0) {
        /* the other keys still raise 2601 and 2627 */
        if (found.ignoring > 1 || found.filtered)
            tsql_error(ERR_40517, "IGNORE_DUP_KEY on some of several unique indexes");
        conflict->arbiterElems = key_columns(relation, rtindex, found.index);
    }
    binder->scope->query->onConflict = conflict;
    binder->statement->ignores_duplicates = true;
}
