/*
 * value.c: columns' types and values of a reply (MS-TDS 2.2.5.4 to 2.2.5.6), as text in the form in
 * which sqlcmd shows them.
 */
#include "tdsclient/connection.h"

#include "base/memory.h"

#include <errno.h>
#include <iconv.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* More than any value that is shown; a larger one is a lie or of no use here. */
#define VALUE_LIMIT ((size_t) 256 << 20)

enum {
    T_NULL = 0x1F,
    T_INT1 = 0x30,
    T_BIT = 0x32,
    T_INT2 = 0x34,
    T_INT4 = 0x38,
    T_DATETIM4 = 0x3A,
    T_FLT4 = 0x3B,
    T_MONEY = 0x3C,
    T_DATETIME = 0x3D,
    T_FLT8 = 0x3E,
    T_MONEY4 = 0x7A,
    T_INT8 = 0x7F,
    T_GUID = 0x24,
    T_INTN = 0x26,
    T_DATE = 0x28,
    T_TIME = 0x29,
    T_DATETIME2 = 0x2A,
    T_DATETIMEOFFSET = 0x2B,
    T_BITN = 0x68,
    T_DECIMALN = 0x6A,
    T_NUMERICN = 0x6C,
    T_FLTN = 0x6D,
    T_MONEYN = 0x6E,
    T_DATETIMN = 0x6F,
    T_VARBINARY = 0xA5,
    T_VARCHAR = 0xA7,
    T_BINARY = 0xAD,
    T_CHAR = 0xAF,
    T_NVARCHAR = 0xE7,
    T_NCHAR = 0xEF,
    T_XML = 0xF1,
    T_UDT = 0xF0,
    T_TEXT = 0x23,
    T_IMAGE = 0x22,
    T_NTEXT = 0x63,
    T_VARIANT = 0x62
};

/* Bytes of a fixed-length type, or -1. */
static int
fixed_length(unsigned type)
{
    switch (type) {
    case T_NULL:
        return 0;
    case T_INT1:
    case T_BIT:
        return 1;
    case T_INT2:
        return 2;
    case T_INT4:
    case T_DATETIM4:
    case T_FLT4:
    case T_MONEY4:
        return 4;
    case T_MONEY:
    case T_DATETIME:
    case T_FLT8:
    case T_INT8:
        return 8;
    default:
        return -1;
    }
}

static bool
is_text(unsigned type)
{
    return type == T_VARCHAR || type == T_CHAR || type == T_NVARCHAR || type == T_NCHAR ||
           type == T_TEXT || type == T_NTEXT;
}

static bool
is_long(unsigned type)
{
    return type == T_TEXT || type == T_NTEXT || type == T_IMAGE;
}

static bool
read_two_byte_type(TdsConnection *connection, ColumnType *type)
{
    unsigned length;

    if (!read_u16(connection, &length))
        return false;
    type->plp = length == 0xFFFF;
    type->length = length;
    return !is_text(type->type) || read_bytes(connection, type->collation, 5);
}

static bool
read_long_type(TdsConnection *connection, ColumnType *type)
{
    unsigned parts, length;

    if (!read_u32(connection, &type->length))
        return false;
    if (is_text(type->type) && !read_bytes(connection, type->collation, 5))
        return false;
    if (!read_u8(connection, &parts)) /* of the table's name */
        return false;
    while (parts-- > 0)
        if (!read_u16(connection, &length) || !read_skip(connection, (size_t) length * 2))
            return false;
    return true;
}

static bool
read_xml_type(TdsConnection *connection, ColumnType *type)
{
    unsigned schema, length;

    type->plp = true;
    if (!read_u8(connection, &schema))
        return false;
    if (!schema)
        return true;
    return read_u8(connection, &length) && read_skip(connection, (size_t) length * 2) &&
           read_u8(connection, &length) && read_skip(connection, (size_t) length * 2) &&
           read_u16(connection, &length) && read_skip(connection, (size_t) length * 2);
}

static bool
read_udt_type(TdsConnection *connection, ColumnType *type)
{
    unsigned length;

    type->plp = true;
    if (!read_u16(connection, &length))
        return false;
    for (int i = 0; i < 3; i++)
        if (!read_u8(connection, &length) || !read_skip(connection, (size_t) length * 2))
            return false;
    return read_u16(connection, &length) && read_skip(connection, (size_t) length * 2);
}

bool
type_read(TdsConnection *connection, ColumnType *type)
{
    unsigned length;

    *type = (ColumnType){0};
    if (!read_u8(connection, &type->type))
        return false;
    if (fixed_length(type->type) >= 0)
        return true;
    switch (type->type) {
    case T_DATE:
        return true;
    case T_TIME:
    case T_DATETIME2:
    case T_DATETIMEOFFSET:
        return read_u8(connection, &type->scale);
    case T_DECIMALN:
    case T_NUMERICN:
        return read_u8(connection, &length) && read_u8(connection, &type->precision) &&
               read_u8(connection, &type->scale);
    case T_GUID:
    case T_INTN:
    case T_BITN:
    case T_FLTN:
    case T_MONEYN:
    case T_DATETIMN:
        return read_u8(connection, &length) && (type->length = length, true);
    case T_VARBINARY:
    case T_VARCHAR:
    case T_BINARY:
    case T_CHAR:
    case T_NVARCHAR:
    case T_NCHAR:
        return read_two_byte_type(connection, type);
    case T_TEXT:
    case T_NTEXT:
    case T_IMAGE:
        return read_long_type(connection, type);
    case T_XML:
        return read_xml_type(connection, type);
    case T_UDT:
        return read_udt_type(connection, type);
    case T_VARIANT:
        return read_u32(connection, &type->length);
    default:
        return connection_break(connection, -EPROTO, "the server sends a type 0x%02X", type->type);
    }
}

static char *
sized_name(const char *name, const ColumnType *type, unsigned unit)
{
    return type->plp ? str_format("%s(max)", name)
                     : str_format("%s(%u)", name, type->length / unit);
}

char *
type_name(const ColumnType *type)
{
    switch (type->type) {
    case T_INT1:
        return str_copy("tinyint");
    case T_BIT:
    case T_BITN:
        return str_copy("bit");
    case T_INT2:
        return str_copy("smallint");
    case T_INT4:
        return str_copy("int");
    case T_INT8:
        return str_copy("bigint");
    case T_INTN:
        return str_copy(type->length == 1   ? "tinyint"
                        : type->length == 2 ? "smallint"
                        : type->length == 4 ? "int"
                                            : "bigint");
    case T_FLT4:
        return str_copy("real");
    case T_FLT8:
        return str_copy("float");
    case T_FLTN:
        return str_copy(type->length == 4 ? "real" : "float");
    case T_MONEY4:
        return str_copy("smallmoney");
    case T_MONEY:
        return str_copy("money");
    case T_MONEYN:
        return str_copy(type->length == 4 ? "smallmoney" : "money");
    case T_DATETIM4:
        return str_copy("smalldatetime");
    case T_DATETIME:
        return str_copy("datetime");
    case T_DATETIMN:
        return str_copy(type->length == 4 ? "smalldatetime" : "datetime");
    case T_GUID:
        return str_copy("uniqueidentifier");
    case T_DATE:
        return str_copy("date");
    case T_TIME:
        return str_format("time(%u)", type->scale);
    case T_DATETIME2:
        return str_format("datetime2(%u)", type->scale);
    case T_DATETIMEOFFSET:
        return str_format("datetimeoffset(%u)", type->scale);
    case T_DECIMALN:
        return str_format("decimal(%u,%u)", type->precision, type->scale);
    case T_NUMERICN:
        return str_format("numeric(%u,%u)", type->precision, type->scale);
    case T_VARBINARY:
        return sized_name("varbinary", type, 1);
    case T_BINARY:
        return sized_name("binary", type, 1);
    case T_VARCHAR:
        return sized_name("varchar", type, 1);
    case T_CHAR:
        return sized_name("char", type, 1);
    case T_NVARCHAR:
        return sized_name("nvarchar", type, 2);
    case T_NCHAR:
        return sized_name("nchar", type, 2);
    case T_XML:
        return str_copy("xml");
    case T_TEXT:
        return str_copy("text");
    case T_NTEXT:
        return str_copy("ntext");
    case T_IMAGE:
        return str_copy("image");
    case T_VARIANT:
        return str_copy("sql_variant");
    default:
        return str_copy("udt");
    }
}

bool
type_is_numeric(const ColumnType *type)
{
    switch (type->type) {
    case T_INT1:
    case T_BIT:
    case T_BITN:
    case T_INT2:
    case T_INT4:
    case T_INT8:
    case T_INTN:
    case T_FLT4:
    case T_FLT8:
    case T_FLTN:
    case T_MONEY4:
    case T_MONEY:
    case T_MONEYN:
    case T_DECIMALN:
    case T_NUMERICN:
        return true;
    default:
        return false;
    }
}

int
type_width(const ColumnType *type)
{
    switch (type->type) {
    case T_INT1:
        return 3;
    case T_BIT:
    case T_BITN:
        return 1;
    case T_INT2:
        return 6;
    case T_INT4:
        return 11;
    case T_INT8:
        return 20;
    case T_INTN:
        return type->length == 1 ? 3 : type->length == 2 ? 6 : type->length == 4 ? 11 : 20;
    case T_FLT4:
    case T_FLT8:
    case T_FLTN:
        return 24;
    case T_MONEY:
    case T_MONEY4:
    case T_MONEYN:
        return 21;
    case T_DECIMALN:
    case T_NUMERICN:
        return (int) type->precision + 2;
    case T_GUID:
        return 36;
    case T_DATE:
        return 10;
    case T_TIME:
        return 16;
    case T_DATETIM4:
    case T_DATETIME:
    case T_DATETIMN:
        return 23;
    case T_DATETIME2:
        return 27;
    case T_DATETIMEOFFSET:
        return 34;
    case T_NVARCHAR:
    case T_NCHAR:
        return type->plp || type->length > 512 ? 256 : (int) type->length / 2;
    case T_VARCHAR:
    case T_CHAR:
        return type->plp || type->length > 256 ? 256 : (int) type->length;
    case T_BINARY:
    case T_VARBINARY:
        return type->plp || type->length > 127 ? 256 : (int) type->length * 2 + 2;
    default:
        return 256;
    }
}

static uint64_t
little(const unsigned char *bytes, size_t length)
{
    uint64_t value = 0;

    for (size_t i = 0; i < length && i < 8; i++)
        value |= (uint64_t) bytes[i] << (8 * i);
    return value;
}

static int64_t
little_signed(const unsigned char *bytes, size_t length)
{
    switch (length) {
    case 1:
        return bytes[0]; /* tinyint has no sign */
    case 2:
        return (int16_t) little(bytes, 2);
    case 4:
        return (int32_t) little(bytes, 4);
    default:
        return (int64_t) little(bytes, length);
    }
}

static char *
text_of_float(const unsigned char *bytes, size_t length)
{
    double wide;
    float narrow;

    if (length == 4) {
        memcpy(&narrow, bytes, 4);
        /* The shortest text that reads back as the same number. */
        for (int digits = 6; digits < 9; digits++) {
            char *text = str_format("%.*g", digits, (double) narrow);
            if (strtof(text, NULL) == narrow)
                return text;
            free(text);
        }
        return str_format("%.9g", (double) narrow);
    }
    memcpy(&wide, bytes, 8);
    for (int digits = 15; digits < 17; digits++) {
        char *text = str_format("%.*g", digits, wide);
        if (strtod(text, NULL) == wide)
            return text;
        free(text);
    }
    return str_format("%.17g", wide);
}

/* money: 8 bytes, the high half first; smallmoney: 4. */
static char *
text_of_money(const unsigned char *bytes, size_t length)
{
    int64_t amount = length == 4 ? (int32_t) little(bytes, 4)
                                 : (int64_t) (little(bytes, 4) << 32 | little(bytes + 4, 4));
    uint64_t positive = amount < 0 ? 0 - (uint64_t) amount : (uint64_t) amount;

    return str_format("%s%llu.%04u", amount < 0 ? "-" : "", (unsigned long long) positive / 10000,
                      (unsigned) (positive % 10000));
}

static char *
text_of_decimal(const unsigned char *bytes, size_t length, unsigned scale)
{
    unsigned char number[17] = {0};
    char digits[48];
    size_t count = 0;

    if (length < 2 || length > sizeof(number))
        return str_copy("");
    memcpy(number, bytes + 1, length - 1);
    for (bool more = true; more || count <= scale;) {
        unsigned rest = 0;
        more = false;
        for (size_t i = length - 1; i-- > 0;) {
            unsigned part = rest << 8 | number[i];
            number[i] = (unsigned char) (part / 10);
            rest = part % 10;
            more = more || number[i];
        }
        if (count < sizeof(digits))
            digits[count++] = (char) ('0' + rest);
        else
            break;
    }
    Buffer text = {0};
    if (bytes[0] == 0)
        buffer_add(&text, "-", 1);
    while (count > 0) {
        buffer_add(&text, &digits[--count], 1);
        if (count == scale && scale > 0)
            buffer_add(&text, ".", 1);
    }
    return text.text;
}

/* Days since 0001-01-01 to a date of the proleptic Gregorian calendar. */
static void
date_of_days(int64_t days, int *year, int *month, int *day)
{
    int64_t shifted = days + 306; /* since 0000-03-01 */
    int64_t era = shifted / 146097, of_era = shifted % 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t part = (5 * day_of_year + 2) / 153;

    *day = (int) (day_of_year - (153 * part + 2) / 5 + 1);
    *month = (int) (part < 10 ? part + 3 : part - 9);
    *year = (int) (year_of_era + era * 400 + (*month <= 2));
}

#define DAYS_TO_1900 693595

static char *
text_of_datetime(const unsigned char *bytes, size_t length)
{
    int year, month, day;

    if (length == 4) {
        unsigned minutes = (unsigned) little(bytes + 2, 2);
        date_of_days(DAYS_TO_1900 + (int64_t) little(bytes, 2), &year, &month, &day);
        return str_format("%04d-%02d-%02d %02u:%02u:00", year, month, day, minutes / 60,
                          minutes % 60);
    }
    int32_t days = (int32_t) little(bytes, 4);
    uint32_t ticks = (uint32_t) little(bytes + 4, 4); /* of 1/300 s */
    unsigned milliseconds = (unsigned) ((ticks * 10ull + 1) / 3);
    date_of_days(DAYS_TO_1900 + days, &year, &month, &day);
    return str_format("%04d-%02d-%02d %02u:%02u:%02u.%03u", year, month, day,
                      milliseconds / 3600000, milliseconds / 60000 % 60, milliseconds / 1000 % 60,
                      milliseconds % 1000);
}

/* hh:mm:ss[.fraction] from a number of 10^-scale seconds. */
static void
add_time(Buffer *text, uint64_t units, unsigned scale)
{
    uint64_t second = 1;

    for (unsigned i = 0; i < scale; i++)
        second *= 10;
    uint64_t seconds = units / second;
    buffer_format(text, "%02u:%02u:%02u", (unsigned) (seconds / 3600 % 100),
                  (unsigned) (seconds / 60 % 60), (unsigned) (seconds % 60));
    if (scale > 0)
        buffer_format(text, ".%0*llu", (int) scale, (unsigned long long) (units % second));
}

static char *
text_of_moment(unsigned type, const unsigned char *bytes, size_t length, unsigned scale)
{
    size_t tail = type == T_TIME ? 0 : type == T_DATETIME2 ? 3 : 5;
    Buffer text = {0};
    int year, month, day;

    if (length < tail + 3 || length > tail + 5 || scale > 7)
        return str_copy("");
    size_t time_length = length - tail;
    uint64_t units = little(bytes, time_length);
    if (type == T_TIME) {
        add_time(&text, units, scale);
        return text.text;
    }
    int64_t days = (int64_t) little(bytes + time_length, 3);
    int offset = 0;
    if (type == T_DATETIMEOFFSET) {
        /* The wire has UTC; what is shown is the local time of the offset. */
        uint64_t day_units = 86400;
        for (unsigned i = 0; i < scale; i++)
            day_units *= 10;
        offset = (int16_t) little(bytes + time_length + 3, 2);
        int64_t local = (int64_t) units + (int64_t) (day_units / 1440) * offset;
        if (local < 0) {
            local += (int64_t) day_units;
            days--;
        } else if (local >= (int64_t) day_units) {
            local -= (int64_t) day_units;
            days++;
        }
        units = (uint64_t) local;
    }
    date_of_days(days, &year, &month, &day);
    buffer_format(&text, "%04d-%02d-%02d ", year, month, day);
    add_time(&text, units, scale);
    if (type == T_DATETIMEOFFSET)
        buffer_format(&text, " %c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60,
                      abs(offset) % 60);
    return text.text;
}

static char *
text_of_guid(const unsigned char *b)
{
    return str_format("%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[3],
                      b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12],
                      b[13], b[14], b[15]);
}

static char *
text_of_binary(const unsigned char *bytes, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";
    char *text = mem_new(length * 2 + 3, 1);

    text[0] = '0';
    text[1] = 'x';
    for (size_t i = 0; i < length; i++) {
        text[2 + 2 * i] = digits[bytes[i] >> 4];
        text[3 + 2 * i] = digits[bytes[i] & 15];
    }
    return text;
}

/* Code page of a collation: by its sort id's family or its language (MS-TDS 2.2.5.1.2). */
static const char *
code_page(const unsigned char collation[5])
{
    static const struct {
        unsigned language;
        const char *page;
    } pages[] = {{0x01, "CP1256"}, {0x04, "GBK"},    {0x05, "CP1250"}, {0x08, "CP1253"},
                 {0x0D, "CP1255"}, {0x0E, "CP1250"}, {0x11, "CP932"},  {0x12, "CP949"},
                 {0x15, "CP1250"}, {0x18, "CP1250"}, {0x19, "CP1251"}, {0x1E, "CP874"},
                 {0x1F, "CP1254"}, {0x22, "CP1251"}, {0x2A, "CP1258"}};
    unsigned language = (unsigned) (collation[0] | (collation[1] & 3) << 8);

    if (collation[3] & 0x04) /* UTF-8 */
        return NULL;
    for (size_t i = 0; collation[4] == 0 && i < sizeof(pages) / sizeof(pages[0]); i++)
        if (pages[i].language == language)
            return (collation[0] | collation[1] << 8) == 0x0404 ? "BIG5" : pages[i].page;
    return "CP1252";
}

static char *
text_of_chars(const unsigned char *bytes,
              size_t length,
              const unsigned char collation[5],
              size_t *out)
{
    const char *page = code_page(collation);
    bool ascii = true;

    for (size_t i = 0; i < length && ascii; i++)
        ascii = bytes[i] < 0x80;
    iconv_t convert = ascii || !page ? (iconv_t) -1 : iconv_open("UTF-8", page);
    if (convert == (iconv_t) -1) {
        *out = length;
        return str_copy_n((const char *) bytes, length);
    }
    size_t room = length * 3 + 1, left = room;
    char *text = mem_new(room + 1, 1), *to = text, *from = (char *) bytes;
    while (length > 0 && iconv(convert, &from, &length, &to, &left) == (size_t) -1) {
        if (length == 0 || left < 4)
            break;
        from++; /* a byte that the page does not have */
        length--;
        memcpy(to, "\xEF\xBF\xBD", 3);
        to += 3;
        left -= 3;
    }
    iconv_close(convert);
    *out = (size_t) (to - text);
    return text;
}

static char *
text_of(const ColumnType *type, const unsigned char *bytes, size_t length, size_t *out)
{
    switch (type->type) {
    case T_INT1:
    case T_BIT:
    case T_INT2:
    case T_INT4:
    case T_INT8:
    case T_INTN:
    case T_BITN:
        return str_format("%lld", (long long) little_signed(bytes, length));
    case T_FLT4:
    case T_FLT8:
    case T_FLTN:
        return text_of_float(bytes, length);
    case T_MONEY4:
    case T_MONEY:
    case T_MONEYN:
        return text_of_money(bytes, length);
    case T_DATETIM4:
    case T_DATETIME:
    case T_DATETIMN:
        return text_of_datetime(bytes, length);
    case T_DECIMALN:
    case T_NUMERICN:
        return text_of_decimal(bytes, length, type->scale);
    case T_DATE: {
        int year, month, day;
        date_of_days((int64_t) little(bytes, 3), &year, &month, &day);
        return str_format("%04d-%02d-%02d", year, month, day);
    }
    case T_TIME:
    case T_DATETIME2:
    case T_DATETIMEOFFSET:
        return text_of_moment(type->type, bytes, length, type->scale);
    case T_GUID:
        return length == 16 ? text_of_guid(bytes) : str_copy("");
    case T_NVARCHAR:
    case T_NCHAR:
    case T_NTEXT:
    case T_XML:
        return text_from_utf16(bytes, length, out);
    case T_VARCHAR:
    case T_CHAR:
    case T_TEXT:
        return text_of_chars(bytes, length, type->collation, out);
    default:
        return text_of_binary(bytes, length);
    }
}

/* Bytes a value of the type must have at least, so that no reader above looks beyond them. */
static bool
length_fits(const ColumnType *type, size_t length)
{
    switch (type->type) {
    case T_INTN:
    case T_BITN:
        return length == 1 || length == 2 || length == 4 || length == 8;
    case T_FLTN:
    case T_MONEYN:
    case T_DATETIMN:
        return length == 4 || length == 8;
    case T_DATE:
        return length == 3;
    default:
        return true;
    }
}

/* sql_variant: a type, its properties, the value (MS-TDS 2.2.5.5.4). */
static bool
read_variant(TdsConnection *connection, size_t length, char **text, size_t *out)
{
    ColumnType inner = {0};
    unsigned properties;
    unsigned char about[16] = {0}, bytes[8016];

    if (length < 2 || length > sizeof(bytes))
        return connection_break(connection, -EPROTO, "a sql_variant of %zu bytes", length);
    if (!read_u8(connection, &inner.type) || !read_u8(connection, &properties))
        return false;
    if (properties > sizeof(about) || properties + 2 > length)
        return connection_break(connection, -EPROTO, "a malformed sql_variant");
    if (!read_bytes(connection, about, properties) ||
        !read_bytes(connection, bytes, length - 2 - properties))
        return false;
    length -= 2 + properties;
    if (inner.type == T_DECIMALN || inner.type == T_NUMERICN)
        inner.scale = about[1];
    else if (inner.type == T_TIME || inner.type == T_DATETIME2 || inner.type == T_DATETIMEOFFSET)
        inner.scale = about[0];
    else if (is_text(inner.type))
        memcpy(inner.collation, about, 5);
    int fixed = fixed_length(inner.type);
    if ((fixed >= 0 && (size_t) fixed != length) || !length_fits(&inner, length))
        return connection_break(connection, -EPROTO, "a malformed sql_variant");
    *text = text_of(&inner, bytes, length, out);
    return true;
}

/* A value in chunks (MS-TDS 2.2.5.2.3). */
static bool
read_chunks(TdsConnection *connection, unsigned char **bytes, size_t *length)
{
    Buffer all = {0};
    uint64_t whole;
    uint32_t chunk;

    *bytes = NULL;
    *length = 0;
    if (!read_u64(connection, &whole))
        return false;
    if (whole == UINT64_MAX)
        return true;
    for (;;) {
        if (!read_u32(connection, &chunk))
            break;
        if (chunk == 0) {
            *length = all.length;
            *bytes = (unsigned char *) (all.text ? all.text : str_copy(""));
            return true;
        }
        if (all.length + chunk > VALUE_LIMIT) {
            connection_break(connection, -EMSGSIZE, "a value is larger than this client takes");
            break;
        }
        /* In parts, so that a lie about the length costs no memory. */
        while (chunk > 0) {
            unsigned char part[8192];
            size_t now = chunk < sizeof(part) ? chunk : sizeof(part);
            if (!read_bytes(connection, part, now))
                break;
            buffer_add(&all, part, now);
            chunk -= (uint32_t) now;
        }
        if (chunk > 0)
            break;
    }
    buffer_done(&all);
    return false;
}

/* The length that stands before a value; *null for SQL's NULL. */
static bool
read_length(TdsConnection *connection, const ColumnType *type, size_t *length, bool *null)
{
    unsigned small;
    uint32_t wide;

    *null = false;
    if (is_long(type->type)) { /* text pointer and timestamp stand before it */
        if (!read_u8(connection, &small))
            return false;
        *null = small == 0;
        if (*null)
            return true;
        if (!read_skip(connection, small + 8) || !read_u32(connection, &wide))
            return false;
        *length = wide;
        return true;
    }
    if (type->type == T_VARIANT) {
        if (!read_u32(connection, &wide))
            return false;
        *length = wide;
        *null = wide == 0;
        return true;
    }
    if (type->type >= T_VARBINARY) {
        if (!read_u16(connection, &small))
            return false;
        *length = small;
        *null = small == 0xFFFF;
        return true;
    }
    if (!read_u8(connection, &small))
        return false;
    *length = small;
    *null = small == 0;
    return true;
}

bool
value_read(TdsConnection *connection, const ColumnType *type, char **text, size_t *length)
{
    int fixed = fixed_length(type->type);
    size_t size = fixed >= 0 ? (size_t) fixed : 0;
    bool null = fixed == 0;
    AUTO_FREE unsigned char *bytes = NULL;

    *text = NULL;
    *length = 0;
    if (type->plp) {
        if (!read_chunks(connection, &bytes, &size))
            return false;
        null = bytes == NULL;
    } else {
        if (fixed < 0 && !read_length(connection, type, &size, &null))
            return false;
        if (null)
            return true;
        if (type->type == T_VARIANT) {
            if (!read_variant(connection, size, text, length))
                return false;
            *length = *length ? *length : strlen(*text);
            return true;
        }
        if (size > VALUE_LIMIT || !length_fits(type, size))
            return connection_break(connection, -EPROTO,
                                    "a value of %zu bytes does not fit its type", size);
        bytes = mem_new(size + 1, 1);
        if (!read_bytes(connection, bytes, size))
            return false;
    }
    if (null)
        return true;
    size_t out = SIZE_MAX;
    *text = text_of(type, bytes, size, &out);
    *length = out != SIZE_MAX ? out : strlen(*text);
    return true;
}
