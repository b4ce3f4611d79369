#!/usr/bin/env python3
"""The behaviours that every driver is held to, as data: one table for all languages.

Prints them as JSON (the runner hands the file to each driver's program). A case is
    name, sql, params, results            a batch, its parameters and its result sets, or
    name, sql, params, error              the number of the error that it must end with
`{}` stands for the next parameter, used once each, in order. A parameter is [type, value] with the value
as text, None for NULL. Values are compared as canonical text:
    NULL, integers and bit as digits, decimal and money with their scale, float as a number, binary as 0x and
    upper-case hex, uniqueidentifier in upper case, dates as 2026-11-23, times as 12:34:56[.fraction
    without trailing zeros], both joined by a blank, offsets as +01:00 after another blank.
Fractions beyond what a driver's type can hold are cut before comparing. `needs`: "types2008" are types
that TDS 7.1 and 7.2 show as text; "params" cannot be run by programs without parameters.
"""
import json

CASES = []


def case(name, sql, rows=None, params=(), error=None, results=None, needs=()):
    entry = {"name": name, "sql": sql, "params": [list(p) for p in params], "needs": list(needs)}
    if params and "params" not in entry["needs"]:
        entry["needs"].append("params")
    if error is not None:
        entry["error"] = error
    else:
        entry["results"] = results if results is not None else [rows]
    CASES.append(entry)


def value(name, expression, expected, needs=()):
    case("value_" + name, f"SELECT {expression} AS v", [[expected]], needs=needs)


def echo(name, kind, text, expected=None, sql="SELECT {} AS v", needs=()):
    case("param_" + name, sql, [[expected if expected is not None else (text if text is not None else "NULL")]],
         params=[(kind, text)], needs=needs)


# ---- values of every type, at their extremes
value("bit", "CAST(1 AS bit)", "1")
value("tinyint_max", "CAST(255 AS tinyint)", "255")
value("smallint_min", "CAST(-32768 AS smallint)", "-32768")
value("int_min", "CAST(-2147483648 AS int)", "-2147483648")
value("bigint_max", "CAST(9223372036854775807 AS bigint)", "9223372036854775807")
value("bigint_min", "CAST(-9223372036854775808 AS bigint)", "-9223372036854775808")
value("decimal_38", "CAST(99999999999999999999999999999999999.999 AS decimal(38,3))",
      "99999999999999999999999999999999999.999")
value("decimal_small", "CAST(-0.0001 AS decimal(5,4))", "-0.0001")
value("money_max", "CAST(922337203685477.5807 AS money)", "922337203685477.5807")
value("smallmoney_min", "CAST(-214748.3648 AS smallmoney)", "-214748.3648")
value("float_max", "CAST(1.7976931348623157E+308 AS float)", "1.7976931348623157E+308")
value("real", "CAST(-1.5 AS real)", "-1.5")
value("varchar", "CAST('na\u00efve' AS varchar(20))", "na\u00efve")
value("char_padded", "CAST('ab' AS char(5))", "ab   ")
value("nvarchar_beyond_bmp", "N'\U0001F600 \u4f60\u597d'", "\U0001F600 \u4f60\u597d")
value("varbinary", "CAST(0x00FF10 AS varbinary(10))", "0x00FF10")
value("binary_padded", "CAST(0x01 AS binary(4))", "0x01000000")
value("uniqueidentifier", "CAST('6F9619FF-8B86-D011-B42D-00C04FC964FF' AS uniqueidentifier)",
      "6F9619FF-8B86-D011-B42D-00C04FC964FF")
value("datetime", "CAST('2026-11-23T12:34:56.997' AS datetime)", "2026-11-23 12:34:56.997")
value("datetime_min", "CAST('1753-01-01' AS datetime)", "1753-01-01 00:00:00")
value("smalldatetime", "CAST('2026-11-23 12:34' AS smalldatetime)", "2026-11-23 12:34:00")
value("date_max", "CAST('9999-12-31' AS date)", "9999-12-31", needs=["types2008"])
value("date_min", "CAST('0001-01-01' AS date)", "0001-01-01", needs=["types2008"])
value("time_7", "CAST('12:34:56.1234561' AS time(7))", "12:34:56.1234561", needs=["types2008"])
value("datetime2_7", "CAST('2026-11-23 01:02:03.1234561' AS datetime2(7))",
      "2026-11-23 01:02:03.1234561", needs=["types2008"])
value("datetime2_0", "CAST('2026-11-23 01:02:03' AS datetime2(0))", "2026-11-23 01:02:03",
      needs=["types2008"])
value("datetimeoffset", "CAST('2026-11-23 01:02:03.5 +05:30' AS datetimeoffset(3))",
      "2026-11-23 01:02:03.5 +05:30", needs=["types2008", "offset"])
value("sql_variant_int", "CAST(CAST(42 AS int) AS sql_variant)", "42", needs=["variant"])
value("xml", "CAST(N'<a b=\"1\"/>' AS xml)", "<a b=\"1\"/>")
value("text", "CAST('long text' AS text)", "long text")
value("empty_varchar", "''", "")
value("empty_varbinary", "CAST(0x AS varbinary(5))", "0x")
value("empty_nvarchar_max", "CAST(N'' AS nvarchar(max))", "")
case("value_nulls_of_every_type",
     "SELECT CAST(NULL AS bit), CAST(NULL AS int), CAST(NULL AS bigint), CAST(NULL AS decimal(9,2)), "
     "CAST(NULL AS money), CAST(NULL AS float), CAST(NULL AS varchar(5)), CAST(NULL AS nvarchar(max)), "
     "CAST(NULL AS varbinary(max)), CAST(NULL AS datetime), CAST(NULL AS uniqueidentifier), CAST(NULL AS xml)",
     [["NULL"] * 12])
case("value_many_nullable_columns",
     "SELECT " + ", ".join("CAST(NULL AS int)" if n % 2 else f"{n}" for n in range(40)),
     [["NULL" if n % 2 else str(n) for n in range(40)]])
case("value_max_1_mb", "SELECT LEN(REPLICATE(CAST(N'x' AS nvarchar(max)), 1000000)) AS n", [["1000000"]])

# ---- parameters in
echo("int", "int", "-7")
echo("int_null", "int", None)
echo("bigint", "bigint", "9007199254740993", sql="SELECT CAST({} AS bigint) + 0 AS v")
echo("bit", "bit", "1")
echo("float", "float", "0.1")
echo("nvarchar", "nvarchar", "\u00df\u4f60\U0001F680", sql="SELECT CAST({} AS nvarchar(50)) AS v")
echo("nvarchar_empty", "nvarchar", "", sql="SELECT CAST({} AS nvarchar(50)) AS v")
echo("varbinary", "varbinary", "0x00010203FF", sql="SELECT CAST({} AS varbinary(50)) AS v")
echo("decimal", "decimal", "12345.6789", sql="SELECT CAST({} AS decimal(18,4)) AS v")
echo("uniqueidentifier", "uniqueidentifier", "6F9619FF-8B86-D011-B42D-00C04FC964FF",
     sql="SELECT CAST({} AS uniqueidentifier) AS v")
echo("datetime2", "datetime2", "2026-11-23 01:02:03.123", sql="SELECT CAST({} AS datetime2(3)) AS v",
     needs=["types2008"])
case("param_in_where", "SELECT name FROM behaviour_rows WHERE id = {} AND name LIKE {}", [["b"]],
     params=[("int", "2"), ("nvarchar", "b%")])
case("param_same_statement_again", "SELECT name FROM behaviour_rows WHERE id = {} AND name LIKE {}", [["c"]],
     params=[("int", "3"), ("nvarchar", "c%")])
case("param_quote_in_text", "SELECT LEN({}) AS n", [["5"]], params=[("nvarchar", "it's;")])

# ---- batches, results, errors
case("several_result_sets", "SELECT 1 AS a; SELECT 2 AS b, 'x' AS c; SELECT 3 AS d WHERE 1 = 0",
     results=[[["1"]], [["2", "x"]], []])
case("rows_in_order", "SELECT id, name FROM behaviour_rows ORDER BY id DESC",
     [["3", "c"], ["2", "b"], ["1", "a"]])
case("thousand_rows", "SELECT COUNT(*) AS n, SUM(CAST(v AS bigint)) AS s FROM (SELECT TOP 1000 "
     "ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) AS v FROM behaviour_rows a CROSS JOIN behaviour_rows b "
     "CROSS JOIN behaviour_rows c CROSS JOIN behaviour_rows d CROSS JOIN behaviour_rows e "
     "CROSS JOIN behaviour_rows f CROSS JOIN behaviour_rows g) AS t", [["1000", "500500"]])
case("variables_and_if",
     "DECLARE @i int = 0, @s varchar(20) = ''; WHILE @i < 5 BEGIN SET @i += 1; "
     "IF @i % 2 = 1 SET @s += CAST(@i AS varchar(2)) END; SELECT @s AS s", [["135"]])
case("temp_table", "CREATE TABLE #t (a int); INSERT INTO #t VALUES (1), (2); SELECT SUM(a) AS s FROM #t; DROP TABLE #t",
     [["3"]])
case("try_catch", "BEGIN TRY SELECT 1/0 AS x END TRY BEGIN CATCH SELECT ERROR_NUMBER() AS n, ERROR_LINE() AS l END CATCH",
     results=[[], [["8134", "1"]]], needs=["try_results"])
case("three_part_name", "SELECT COUNT(*) AS n FROM master.sys.databases WHERE name = 'master'", [["1"]])
case("error_divide_by_zero", "SELECT 1/0 AS x", error=8134)
case("error_no_object", "SELECT * FROM no_such_table_here", error=208)
case("error_no_column", "SELECT no_such_column FROM behaviour_rows", error=207)
case("error_syntax", "SELEC 1", error=102, needs=["loose_error"])
case("error_conversion", "SELECT CAST('abc' AS int) AS x", error=245)
case("error_duplicate_key", "INSERT INTO behaviour_rows (id, name) VALUES (1, 'again')", error=2627)
case("error_null", "INSERT INTO behaviour_rows (id, name) VALUES (NULL, 'x')", error=515)
case("error_raised", "RAISERROR('told you so', 16, 3)", error=50000)
case("error_thrown", "THROW 51234, 'thrown', 1", error=51234)
case("still_usable_after_errors", "SELECT 42 AS v", [["42"]])
case("unicode_names", "SELECT 1 AS [caf\u00e9 \u4f60]", [["1"]])

SETUP = [
    "IF OBJECT_ID('dbo.behaviour_rows') IS NOT NULL DROP TABLE dbo.behaviour_rows",
    "CREATE TABLE dbo.behaviour_rows (id int NOT NULL CONSTRAINT pk_behaviour PRIMARY KEY, name nvarchar(50) NOT NULL)",
    "INSERT INTO dbo.behaviour_rows VALUES (1, N'a'), (2, N'b'), (3, N'c')",
    "IF OBJECT_ID('dbo.behaviour_load') IS NOT NULL DROP TABLE dbo.behaviour_load",
    "CREATE TABLE dbo.behaviour_load (id int NOT NULL, name nvarchar(50) NULL, amount decimal(18,4) NULL, at datetime2(3) NULL)",
    "IF OBJECT_ID('dbo.behaviour_blob') IS NOT NULL DROP TABLE dbo.behaviour_blob",
    "CREATE TABLE dbo.behaviour_blob (id int NOT NULL, t nvarchar(max) NULL, b varbinary(max) NULL)",
    "IF OBJECT_ID('dbo.behaviour_proc') IS NOT NULL DROP PROCEDURE dbo.behaviour_proc",
    "CREATE PROCEDURE dbo.behaviour_proc @a int, @b nvarchar(20) = N'def', @o int OUTPUT AS "
    "BEGIN SET NOCOUNT ON; SET @o = @a * 2; SELECT @a AS a, @b AS b; RETURN 7 END",
    "IF TYPE_ID('dbo.behaviour_ids') IS NOT NULL DROP TYPE dbo.behaviour_ids",
    "CREATE TYPE dbo.behaviour_ids AS TABLE (id int NOT NULL, name nvarchar(20) NULL)",
]

if __name__ == "__main__":
    print(json.dumps({"setup": SETUP, "cases": CASES}, ensure_ascii=False, indent=1))
