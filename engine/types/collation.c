/*
 * The list of collations, made from collations.def, and their look-up by name, oid and wire form.
 * How they compare is in collator.c.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "mb/pg_wchar.h"
#include "types/collation_table.h"
#include "types/sqltype.h"
#include "utils/hsearch.h"
#include "utils/syscache.h"

#define IGNORE_CASE 0x01
#define IGNORE_ACCENT 0x02
#define IGNORE_KANA 0x04
#define IGNORE_WIDTH 0x08
#define BINARY_OLD 0x10
#define BINARY_CODE_POINT 0x20
#define UTF8_CODE_PAGE 0x40

#define FLAGS_CI_AI (IGNORE_CASE | IGNORE_ACCENT | IGNORE_WIDTH | IGNORE_KANA)
#define FLAGS_CI_AS (IGNORE_CASE | IGNORE_WIDTH | IGNORE_KANA)
#define FLAGS_CS_AI (IGNORE_ACCENT | IGNORE_WIDTH | IGNORE_KANA)
#define FLAGS_CS_AS (IGNORE_WIDTH | IGNORE_KANA)
#define FLAGS_BIN BINARY_OLD
#define FLAGS_BIN2 BINARY_CODE_POINT

#define ROW(name, lcid, sort_id, code_page, locale, version, flags)                                \
    {name, lcid, sort_id, code_page, locale, version, flags},
#define SQL_SORT(name, lcid, sort_id, code_page, locale, sensitivity)                              \
    ROW(name, lcid, sort_id, code_page, locale, 0, FLAGS_##sensitivity)
#define SIX(base, lcid, code_page, locale, version)                                                \
    ROW(base "_BIN", lcid, 0, code_page, "", version, FLAGS_BIN)                                   \
    ROW(base "_BIN2", lcid, 0, code_page, "", version, FLAGS_BIN2)                                 \
    ROW(base "_CI_AI", lcid, 0, code_page, locale, version, FLAGS_CI_AI)                           \
    ROW(base "_CI_AS", lcid, 0, code_page, locale, version, FLAGS_CI_AS)                           \
    ROW(base "_CS_AI", lcid, 0, code_page, locale, version, FLAGS_CS_AI)                           \
    ROW(base "_CS_AS", lcid, 0, code_page, locale, version, FLAGS_CS_AS)
#define FOUR(base, suffix, lcid, code_page, locale, version, more)                                 \
    ROW(base "_CI_AI" suffix, lcid, 0, code_page, locale, version, FLAGS_CI_AI | (more))           \
    ROW(base "_CI_AS" suffix, lcid, 0, code_page, locale, version, FLAGS_CI_AS | (more))           \
    ROW(base "_CS_AI" suffix, lcid, 0, code_page, locale, version, FLAGS_CS_AI | (more))           \
    ROW(base "_CS_AS" suffix, lcid, 0, code_page, locale, version, FLAGS_CS_AS | (more))
#define WINDOWS(base, lcid, code_page, locale) SIX(base, lcid, code_page, locale, 0)
#define WINDOWS_100(base, lcid, code_page, locale)                                                 \
    SIX(base "_100", lcid, code_page, locale, 2)                                                   \
    FOUR(base "_100", "_SC", lcid, code_page, locale, 2, 0)                                        \
    FOUR(base "_100", "_SC_UTF8", lcid, 65001, locale, 2, UTF8_CODE_PAGE)                          \
    ROW(base "_100_BIN2_UTF8", lcid, 0, 65001, "", 2, FLAGS_BIN2 | UTF8_CODE_PAGE)

static const CollationRow rows[] = {
#include "types/collations.def"
};

static SqlCollation collations[lengthof(rows)];
static bool collations_ready;
static HTAB *collations_by_oid;

typedef struct OidEntry {
    Oid oid;
    int index;
} OidEntry;

static void
make_collations(void)
{
    if (collations_ready)
        return;
    for (int i = 0; i < lengthof(rows); i++) {
        const CollationRow *row = &rows[i];
        SqlCollation *collation = &collations[i];
        uint32 info = row->lcid | (uint32) row->flags << 20 | (uint32) row->version << 28;

        collation->name = row->name;
        collation->lcid = row->lcid;
        collation->sort_id = row->sort_id;
        collation->code_page = row->code_page;
        collation->case_sensitive = !(row->flags & IGNORE_CASE);
        collation->accent_sensitive = !(row->flags & IGNORE_ACCENT);
        collation->kana_sensitive = !(row->flags & IGNORE_KANA);
        collation->width_sensitive = !(row->flags & IGNORE_WIDTH);
        collation->binary = (row->flags & (BINARY_OLD | BINARY_CODE_POINT)) != 0;
        collation->utf8 = (row->flags & UTF8_CODE_PAGE) != 0;
        for (int byte = 0; byte < 4; byte++)
            collation->tds[byte] = (uint8) (info >> (8 * byte));
        collation->tds[4] = row->sort_id;
    }
    collations_ready = true;
}

const CollationRow *
collation_row(const SqlCollation *collation)
{
    return &rows[collation - collations];
}

int
collation_index(const SqlCollation *collation)
{
    return (int) (collation - collations);
}

int
collation_count(void)
{
    return lengthof(rows);
}

/* Fills in the oid, which is known only where the extension is installed. */
static const SqlCollation *
with_oid(SqlCollation *collation)
{
    if (!OidIsValid(collation->oid)) {
        Oid schema = get_namespace_oid("sys", true);

        if (OidIsValid(schema)) {
            Oid oid = GetSysCacheOid3(COLLNAMEENCNSP, Anum_pg_collation_oid,
                                      PointerGetDatum(collation->name), Int32GetDatum(-1),
                                      ObjectIdGetDatum(schema));

            if (!OidIsValid(oid))
                oid = GetSysCacheOid3(
                    COLLNAMEENCNSP, Anum_pg_collation_oid, PointerGetDatum(collation->name),
                    Int32GetDatum(GetDatabaseEncoding()), ObjectIdGetDatum(schema));
            collation->oid = oid;
        }
    }
    return collation;
}

static int
index_by_name(const char *name)
{
    make_collations();
    for (int i = 0; i < lengthof(rows); i++)
        if (pg_strcasecmp(rows[i].name, name) == 0)
            return i;
    return -1;
}

const SqlCollation *
sql_collation_by_name(const char *name)
{
    int index = index_by_name(name);

    return index >= 0 ? with_oid(&collations[index]) : NULL;
}

static int
index_by_oid(Oid oid)
{
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(oid));
    int index;

    if (!HeapTupleIsValid(tuple))
        return -1;
    index = index_by_name(NameStr(((Form_pg_collation) GETSTRUCT(tuple))->collname));
    ReleaseSysCache(tuple);
    return index;
}

const SqlCollation *
sql_collation(Oid oid)
{
    OidEntry *entry;
    bool found;

    if (!OidIsValid(oid))
        return NULL;
    if (collations_by_oid == NULL) {
        HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(OidEntry)};

        collations_by_oid = hash_create("collations", 64, &control, HASH_ELEM | HASH_BLOBS);
    }
    entry = hash_search(collations_by_oid, &oid, HASH_FIND, NULL);
    if (entry == NULL) {
        int index = index_by_oid(oid);

        entry = hash_search(collations_by_oid, &oid, HASH_ENTER, &found);
        entry->index = index;
    }
    if (entry->index < 0)
        return NULL;
    collations[entry->index].oid = oid;
    return &collations[entry->index];
}

const SqlCollation *
sql_collation_by_tds(const uint8 tds[5])
{
    uint32 lcid = tds[0] | tds[1] << 8 | (tds[2] & 0x0F) << 16;

    make_collations();
    for (int i = 0; i < lengthof(rows); i++)
        if (memcmp(collations[i].tds, tds, 5) == 0)
            return with_oid(&collations[i]);
    for (int i = 0; i < lengthof(rows); i++)
        if (rows[i].lcid == lcid && rows[i].sort_id == 0 && rows[i].flags == FLAGS_CI_AS)
            return with_oid(&collations[i]);
    return with_oid(&collations[0]);
}

const SqlCollation *
sql_collation_at(int index)
{
    make_collations();
    return index >= 0 && index < lengthof(rows) ? with_oid(&collations[index]) : NULL;
}

Oid
sql_collation_default(void)
{
    make_collations();
    return with_oid(&collations[0])->oid;
}
