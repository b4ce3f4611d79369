/*
 * COMPRESS and DECOMPRESS: GZIP, by zlib. National strings are compressed as the UTF-16 that SQL
 * Server keeps, so that a client's gunzip yields the same bytes.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/argument.h"
#include "functions/characters.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "types/sqltype.h"
#include "utils/memutils.h"

#include <zlib.h>

PG_FUNCTION_INFO_V1(fn_compress);
PG_FUNCTION_INFO_V1(fn_decompress);

#define GZIP_WINDOW (15 + 16) /* the largest window, with gzip's header and trailer */
#define PIECE 65536

/* zlib's memory is ours, so that an error in between leaks nothing. */
static voidpf
piece_alloc(voidpf opaque, uInt items, uInt size)
{
    return palloc((Size) items * size);
}

static void
piece_free(voidpf opaque, voidpf address)
{
    pfree(address);
}

/* Runs `step` until it ends; false when the input is not what it takes. */
static bool
run_stream(z_stream *stream, int (*step)(z_stream *, int), int flush, StringInfo out)
{
    int status;

    do {
        CHECK_FOR_INTERRUPTS();
        enlargeStringInfo(out, PIECE);
        stream->next_out = (Bytef *) out->data + out->len;
        stream->avail_out = PIECE;
        status = step(stream, flush);
        out->len += PIECE - stream->avail_out;
        if (status != Z_OK && status != Z_STREAM_END)
            return false;
    } while (status != Z_STREAM_END);
    return true;
}

Datum
fn_compress(PG_FUNCTION_ARGS)
{
    SqlType type = argument_sql_type(fcinfo, 0);
    SqlType binary = sql_type_binary(SQL_VARBINARY, -1);
    z_stream stream = {.zalloc = piece_alloc, .zfree = piece_free};
    StringInfoData out;
    StringView bytes;
    bool is_null;

    if (!sql_type_is_string(type.id) && sql_type_info(type.id)->category != 'B')
        tsql_error(ERR_8116, sql_type_info(type.id)->name, 1, "compress");
    bytes = string_view(sql_convert_datum(PG_GETARG_DATUM(0), false, &type, &binary,
                                          CONVERSION_EXPLICIT, 0, &is_null));
    initStringInfo(&out);
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        elog(ERROR, "zlib cannot begin");
    stream.next_in = (Bytef *) bytes.bytes;
    stream.avail_in = (uInt) bytes.length;
    if (!run_stream(&stream, deflate, Z_FINISH, &out))
        elog(ERROR, "zlib cannot compress");
    deflateEnd(&stream);
    return string_datum(out.data, out.len);
}

Datum
fn_decompress(PG_FUNCTION_ARGS)
{
    z_stream stream = {.zalloc = piece_alloc, .zfree = piece_free};
    StringView bytes = string_view(PG_GETARG_DATUM(0));
    StringInfoData out;

    initStringInfo(&out);
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
        elog(ERROR, "zlib cannot begin");
    stream.next_in = (Bytef *) bytes.bytes;
    stream.avail_in = (uInt) bytes.length;
    if (!run_stream(&stream, inflate, Z_NO_FLUSH, &out))
        PG_RETURN_NULL(); /* it was not GZIP */
    inflateEnd(&stream);
    return string_datum(out.data, out.len);
}
