/*
 * COLMETADATA, both ways (MS-TDS 2.2.7.4). See token.h.
 */
#include "tds/token.h"

#include "tds/unicode.h"

#define NO_METADATA 0xFFFF
#define MAX_COLUMNS 4096

/* Flags that exist before 7.2. */
#define OLD_FLAGS 0x001F

static bool
has_table_name(uint8_t type)
{
    return tds_type_kind(type) == TDS_KIND_LONG;
}

/* The name's parts that are there: they are the last ones of the four. */
static unsigned
first_part(const TdsText table[4])
{
    unsigned first = 0;

    while (first < 4 && table[first].data == NULL)
        first++;
    return first;
}

/* TableName: counted parts since 7.2, before that one string with dots. */
static void
put_table_name(TdsOut *out, TdsVersion version, const TdsText table[4])
{
    unsigned first = first_part(table);
    size_t units = 0;

    if (version >= TDS_7_2) {
        if (first == 4) { /* a column of no table still has one, empty, part */
            tds_put_u8(out, 1);
            tds_put_u16(out, 0);
            return;
        }
        tds_put_u8(out, (uint8_t) (4 - first));
        for (unsigned i = first; i < 4; i++)
            tds_put_us_varchar(out, table[i].data, table[i].length);
        return;
    }
    for (unsigned i = first; i < 4; i++) {
        if (table[i].length > 0)
            units += tds_utf16_units(table[i].data, table[i].length);
        units += i > first ? 1 : 0;
    }
    tds_put_u16(out, (uint16_t) units);
    for (unsigned i = first; i < 4; i++) {
        if (i > first)
            tds_put_utf16(out, ".", 1);
        if (table[i].length > 0)
            tds_put_utf16(out, table[i].data, table[i].length);
    }
}

void
tds_put_colmetadata(TdsOut *out, TdsVersion version, const TdsColumn *columns, unsigned count)
{
    tds_put_u8(out, TDS_TOKEN_COLMETADATA);
    tds_put_u16(out, (uint16_t) count);
    for (unsigned i = 0; i < count; i++) {
        const TdsColumn *column = &columns[i];

        if (version >= TDS_7_2) {
            tds_put_u32(out, column->user_type);
            tds_put_u16(out, column->flags);
        } else {
            tds_put_u16(out, (uint16_t) column->user_type);
            tds_put_u16(out, column->flags & OLD_FLAGS);
        }
        tds_put_type_info(out, &column->type, version);
        if (has_table_name(column->type.type))
            put_table_name(out, version, column->table);
        tds_put_b_varchar(out, column->name.data, column->name.length);
    }
}

void
tds_put_no_metadata(TdsOut *out, TdsVersion version)
{
    (void) version; /* the same in all of them */
    tds_put_u8(out, TDS_TOKEN_COLMETADATA);
    tds_put_u16(out, NO_METADATA);
}

static bool
read_table_name(TdsReader *reader, TdsVersion version, const TdsMemory *memory, TdsText table[4])
{
    unsigned parts = 1;

    if (version >= TDS_7_2)
        parts = tds_read_u8(reader);
    if (parts > 4)
        return tds_reader_fail(reader, TDS_MALFORMED, "COLMETADATA: table name of too many parts");
    for (unsigned i = 4 - parts; i < 4; i++)
        table[i] = tds_read_us_varchar(reader, memory);
    return reader->status == TDS_OK;
}

/* User type and flags. go-mssqldb compares TDS 8.0 (0x08000000) with 7.2 (0x72090002) as numbers
 * and writes user types of two bytes under 8.0. No user type needs more than two, so where the
 * upper half of the first column's should be, anything but zero is the flags of the old layout. */
static void
read_user_type(TdsReader *reader, TdsVersion version, bool first, bool *old, TdsColumn *column)
{
    uint16_t upper;

    column->user_type = tds_read_u16(reader);
    upper = tds_read_u16(reader); /* or the flags */
    if (first && version >= TDS_8_0 && upper != 0)
        *old = true;
    if (*old) {
        column->flags = upper;
        return;
    }
    column->user_type |= (uint32_t) upper << 16;
    column->flags = tds_read_u16(reader);
}

static bool
read_column(TdsReader *reader,
            TdsVersion version,
            const TdsMemory *memory,
            bool first,
            bool *old,
            TdsColumn *column)
{
    read_user_type(reader, version, first, old, column);
    if (!tds_read_column_type_info(reader, version, memory, &column->type))
        return false;
    if (column->type.type == TDS_TVP || column->type.type == TDS_NULL)
        return tds_reader_fail(reader, TDS_MALFORMED, "COLMETADATA: a type that no column has");
    if (has_table_name(column->type.type) &&
        !read_table_name(reader, *old ? TDS_7_1 : version, memory, column->table))
        return false;
    column->name = tds_read_b_varchar(reader, memory);
    return reader->status == TDS_OK;
}

bool
tds_read_colmetadata(TdsReader *reader,
                     TdsVersion version,
                     const TdsMemory *memory,
                     TdsColumn **columns,
                     unsigned *count,
                     bool *old_layout)
{
    uint8_t token = tds_read_u8(reader);
    unsigned n = tds_read_u16(reader);

    *columns = NULL;
    *count = 0;
    *old_layout = version < TDS_7_2;
    if (reader->status != TDS_OK)
        return false;
    if (token != TDS_TOKEN_COLMETADATA)
        return tds_reader_fail(reader, TDS_MALFORMED, "COLMETADATA expected");
    if (n == NO_METADATA)
        return true;
    if (n > MAX_COLUMNS)
        return tds_reader_fail(reader, TDS_TOO_BIG, "COLMETADATA: too many columns");
    *columns = tds_allocate(memory, n * sizeof(TdsColumn));
    if (*columns == NULL)
        return tds_reader_fail(reader, TDS_NO_MEMORY, "out of memory");
    memset(*columns, 0, n * sizeof(TdsColumn));
    for (unsigned i = 0; i < n; i++)
        if (!read_column(reader, version, memory, i == 0, old_layout, &(*columns)[i]))
            return false;
    *count = n;
    return true;
}
