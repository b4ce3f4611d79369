"""Every type over the wire: in results of each protocol version, and as parameters."""
import decimal

from report import expect, expect_equal
from tds_client import Closed
from wire_client import (Typed, bit, date, datetime2, decimaln, floatn, guid, intn, nvarchar, text, varbinary,
                         varchar)

D = decimal.Decimal

# T-SQL expression, declared type in 7.4, value; and, where they differ, type and value for 7.2 and 7.1
RESULTS = [
    ("CAST(1 AS bit)", "bit", True),
    ("CAST(255 AS tinyint)", "tinyint", 255),
    ("CAST(-32768 AS smallint)", "smallint", -32768),
    ("CAST(-2147483648 AS int)", "int", -2147483648),
    ("CAST(-9223372036854775808 AS bigint)", "bigint", -9223372036854775808),
    ("CAST(1.5 AS real)", "real", 1.5),
    ("CAST(1.7976931348623157E308 AS float)", "float", 1.7976931348623157e308),
    ("CAST(-922337203685477.5808 AS money)", "money", D("-922337203685477.5808")),
    ("CAST(214748.3647 AS smallmoney)", "smallmoney", D("214748.3647")),
    ("CAST(-99999999999999999999999999999999999999 AS decimal(38,0))", "decimal(38,0)",
     D("-99999999999999999999999999999999999999")),
    ("CAST(123.45 AS decimal(5,2))", "decimal(5,2)", D("123.45")),
    ("CAST(0.5 AS numeric(9,4))", "numeric(9,4)", D("0.5000")),
    ("CAST('1753-01-01' AS datetime)", "datetime", "1753-01-01 00:00:00.000"),
    ("CAST('9999-12-31T23:59:59.997' AS datetime)", "datetime", "9999-12-31 23:59:59.997"),
    ("CAST('2079-06-06 23:59' AS smalldatetime)", "smalldatetime", "2079-06-06 23:59:00"),
    ("CAST('0001-01-01' AS date)", "date", "0001-01-01", "nvarchar(10)", "0001-01-01"),
    ("CAST('23:59:59.9999999' AS time)", "time(7)", "23:59:59.9999999", "nvarchar(16)", "23:59:59.9999999"),
    ("CAST('12:00:00.12' AS time(2))", "time(2)", "12:00:00.12", "nvarchar(16)", "12:00:00.12"),
    ("CAST('9999-12-31 23:59:59.9999999' AS datetime2)", "datetime2(7)", "9999-12-31 23:59:59.9999999",
     "nvarchar(27)", "9999-12-31 23:59:59.9999999"),
    ("CAST('2000-02-29 01:02:03' AS datetime2(0))", "datetime2(0)", "2000-02-29 01:02:03",
     "nvarchar(27)", "2000-02-29 01:02:03"),
    ("CAST('2024-01-01 00:30:00 +14:00' AS datetimeoffset(3))", "datetimeoffset(3)", "2024-01-01 00:30:00.000 +14:00",
     "nvarchar(34)", "2024-01-01 00:30:00.000 +14:00"),
    ("CAST('00112233-4455-6677-8899-AABBCCDDEEFF' AS uniqueidentifier)", "uniqueidentifier",
     "00112233-4455-6677-8899-AABBCCDDEEFF"),
    ("CAST('é€' AS varchar(10))", "varchar(10)", "é€"),
    ("CAST('x' AS char(3))", "char(3)", "x  "),
    ("CAST(N'é☃😀' AS nvarchar(10))", "nvarchar(10)", "é☃😀"),
    ("CAST(N'' AS nvarchar(10))", "nvarchar(10)", ""),
    ("CAST(N'y' AS nchar(3))", "nchar(3)", "y  "),
    ("CAST(0x00FF AS varbinary(5))", "varbinary(5)", b"\x00\xff"),
    ("CAST(0x01 AS binary(3))", "binary(3)", b"\x01\0\0"),
    ("REPLICATE(CAST('é' AS varchar(max)), 9000)", "varchar(max)", "é" * 9000, "varchar(max)", "é" * 9000,
     "text", "é" * 9000),
    ("REPLICATE(CAST(N'☃' AS nvarchar(max)), 9000)", "nvarchar(max)", "☃" * 9000, "nvarchar(max)", "☃" * 9000,
     "ntext", "☃" * 9000),
    ("CAST(REPLICATE(CAST('b' AS varchar(max)), 9000) AS varbinary(max))", "varbinary(max)", b"b" * 9000,
     "varbinary(max)", b"b" * 9000, "image", b"b" * 9000),
    ("CAST('old' AS text)", "text", "old"),
    ("CAST(N'old☃' AS ntext)", "ntext", "old☃"),
    ("CAST(0x0102 AS image)", "image", b"\1\2"),
    ("CAST('<a>é</a>' AS xml)", "xml", "<a>é</a>", "xml", "<a>é</a>", "ntext", "<a>é</a>"),
    ("CAST(7 AS sql_variant)", "sql_variant", 7),
    ("CAST(N'v☃' AS sql_variant)", "sql_variant", "v☃"),
    ("CAST(CAST(1.25 AS decimal(5,2)) AS sql_variant)", "sql_variant", D("1.25")),
]


def expected(case, version):
    """(type, value) of a case for a version."""
    if version == "7.1" and len(case) >= 7:
        return case[5:7]
    if version in ("7.1", "7.2") and len(case) >= 5:
        return case[3:5]
    return case[1:3]


def results_of(version):
    def test(server):
        wrong = []
        with server.client(version=version) as client:
            for case in RESULTS:
                kind, value = expected(case, version)
                reply = client.batch(f"SELECT {case[0]} AS v")
                if reply.errors:
                    wrong.append(f"{case[0]}: {reply.errors[0]}")
                elif (reply.sets[0].columns[0].type_name, reply.rows) != (kind, [[value]]):
                    got = f"{reply.sets[0].columns[0].type_name} {reply.rows!r:.60}"
                    wrong.append(f"{case[0]} gives {got}, not {kind} {value!r:.40}")
        expect(not wrong, "; ".join(wrong))
    test.__name__ = f"every_type_is_sent_to_tds_{version.replace('.', '_')}"
    return test


PARAMETERS = [
    ("bit", bit(True), True), ("bit", bit(None), None), ("tinyint", intn(1, 200), 200),
    ("smallint", intn(2, -5), -5), ("int", intn(4, 2**31 - 1), 2**31 - 1), ("bigint", intn(8, -2**63), -2**63),
    ("real", floatn(4, 0.5), 0.5), ("float", floatn(8, -1e300), -1e300), ("float", floatn(8, None), None),
    ("decimal(38,10)", decimaln(38, 10, -12345678901234567890123456789), D("-1234567890123456789.0123456789")),
    ("decimal(9,2)", decimaln(9, 2, None), None), ("date", date(3652058), "9999-12-31"), ("date", date(None), None),
    ("datetime2(7)", datetime2(0, 1), "0001-01-01 00:00:00.0000001"),
    ("uniqueidentifier", guid(bytes(range(16))), "03020100-0504-0706-0809-0A0B0C0D0E0F"),
    ("nvarchar(20)", nvarchar("é☃😀", 20), "é☃😀"), ("nvarchar(20)", nvarchar("", 20), ""),
    ("nvarchar(20)", nvarchar(None, 20), None), ("nvarchar(max)", nvarchar("☃" * 50000, 0xFFFF), "☃" * 50000),
    ("nvarchar(max)", nvarchar(None, 0xFFFF), None), ("varchar(20)", varchar("é€", 20), "é€"),
    ("varchar(max)", varchar("é" * 20000, 0xFFFF), "é" * 20000), ("varbinary(10)", varbinary(b"\0\xff", 10), b"\0\xff"),
    ("varbinary(max)", varbinary(b"\1" * 100000, 0xFFFF), b"\1" * 100000), ("text", text("old é"), "old é"),
]


def every_type_is_taken_as_a_parameter(server):
    wrong = []
    with server.client() as client:
        for kind, value, wanted in PARAMETERS:
            reply = client.call(10, [("", nvarchar("SELECT @p")), ("", nvarchar(f"@p {kind}")), ("@p", value)])
            if reply.errors:
                wrong.append(f"{kind}: {reply.errors[0]}")
            elif reply.rows != [[wanted]]:
                wrong.append(f"{kind} gives {reply.rows!r:.60}, not {wanted!r:.40}")
    expect(not wrong, "; ".join(wrong))


def values_that_are_no_instances_of_their_type_are_refused(server):
    bad = [Typed(b"\x6d\x08", b"\x08" + b"\0" * 6 + b"\xf0\x7f"), Typed(b"\x28", b"\x03\xff\xff\xff"),
           Typed(b"\x26\x04", b"\x03\0\0\0"), Typed(b"\x6a\x11\x26\x00", b"\x11\x01" + b"\xff" * 16)]
    for value in bad:
        with server.client() as client:
            try:
                reply = client.call(10, [("", nvarchar("SELECT @p")), ("", nvarchar("@p sql_variant")), ("@p", value)])
            except (Closed, ConnectionError):
                continue
            expect(reply.errors, f"{value.info.hex()} {value.value.hex()} was accepted")


def nullable_and_not_nullable_columns_differ(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (a int NOT NULL IDENTITY, b int NULL, c AS a + 1)").check()
        columns = client.batch("SELECT a, b, c FROM #t").check().sets[0].columns
        expect_equal([column.nullable for column in columns[:2]], [False, True], "the nullable flags")
        expect_equal([column.type_id for column in columns[:2]], [0x38, 0x26], "the wire types")
        expect(columns[0].identity, "the identity flag is missing")


TESTS = [results_of(version) for version in ("7.4", "7.3", "7.2", "7.1", "8.0")] + [
    every_type_is_taken_as_a_parameter,
    values_that_are_no_instances_of_their_type_are_refused,
    nullable_and_not_nullable_columns_differ,
]
