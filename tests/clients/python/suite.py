#!/usr/bin/env python3
"""The behaviours with one of Python's drivers: suite.py pymssql|pyodbc|mssql_python.

Where the server is stands in CASEMENT_HOST, _PORT, _PASSWORD; _BEHAVIOURS names the table of
behaviours; _MODE says how to connect: encrypted, plain, strict, or a TDS version 7.1 to 7.4.
"""
import datetime
import decimal
import importlib
import json
import os
import sys
import threading
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "harness"))
sys.path.insert(0, HERE)

from canonical import canonical, same  # noqa: E402
from report import Report, Skip, expect, expect_equal  # noqa: E402

HOST = os.environ["CASEMENT_HOST"]
PORT = os.environ["CASEMENT_PORT"]
PASSWORD = os.environ["CASEMENT_PASSWORD"]
MODE = os.environ.get("CASEMENT_MODE", "encrypted")


class Driver:
    """What differs between the drivers."""

    marker = "?"
    can = frozenset()
    cuts_parameters = False
    lacks = frozenset()  # the `needs` of behaviours that it cannot do, in this mode

    def error_number(self, error):
        raise NotImplementedError

    def begin(self, connection):
        """Ends autocommit: the next statement opens a transaction."""
        connection.autocommit = False


class Pymssql(Driver):
    name = "pymssql"
    marker = "%s"
    can = {"bulk", "callproc"}

    def __init__(self):
        self.module = importlib.import_module("pymssql")
        # DB-Library gives a sql_variant as the bytes of its value
        self.lacks = {"variant", "types2008"} if MODE in ("7.1", "7.2") else {"variant"}

    def begin(self, connection):
        connection.autocommit(False)

    def connect(self, password=PASSWORD, database="behaviours", **more):
        version = MODE if MODE.startswith("7.") else "7.4"
        options = {"encryption": "off" if MODE == "plain" else "require"} if MODE != "default" else {}
        return self.module.connect(server=HOST, port=PORT, user="sa", password=password, database=database,
                                   tds_version=version, login_timeout=20, autocommit=True,
                                   **{**options, **more})

    def error_number(self, error):
        return error.args[0] if error.args else None

    def adapt(self, kind, text):
        return adapt(kind, text)


class Odbc(Driver):
    """Drivers whose errors carry the number in brackets at the end or on their cursor."""

    def error_number(self, error):
        text = " ".join(str(part) for part in error.args)
        for number in ("8134", "208", "207", "102", "245", "2627", "515", "50000", "51234", "18456"):
            if f"({number})" in text or f"[{number}]" in text:
                return int(number)
        return getattr(error, "number", None) or MESSAGES.get_number(text)

    def adapt(self, kind, text):
        return adapt(kind, text)


class Pyodbc(Odbc):
    name = "pyodbc"
    can = {"timeout", "cancel"}
    # over TDS 7.2 FreeTDS's ODBC driver declares every long parameter varbinary(8000) or nvarchar(4000) and
    # cuts the value to that before it sends it; long values then go as literals
    cuts_parameters = MODE == "7.2"

    def __init__(self):
        self.module = importlib.import_module("pyodbc")
        self.module.pooling = False
        if MODE in ("7.1", "7.2"):
            self.lacks = {"types2008"}
        # FreeTDS's ODBC driver gives offsets as text of its own, and cannot describe a sql_variant
        self.lacks = set(self.lacks) | {"offset", "variant"}

    def connect(self, password=PASSWORD, database="behaviours", **more):
        version = MODE if MODE.startswith("7.") else "7.4"
        encryption = {"plain": "off", "encrypted": "require"}.get(MODE, "request")
        return self.module.connect(
            f"DRIVER=FreeTDS;SERVER={HOST};PORT={PORT};UID=sa;PWD={{{password}}};DATABASE={database};"
            f"TDS_Version={version};Encryption={encryption};ClientCharset=UTF-8", autocommit=True, **more)


class MssqlPython(Odbc):
    name = "mssql_python"
    can = {"timeout", "bulk_many"}

    def __init__(self):
        self.module = importlib.import_module("mssql_python")
        self.lacks = {"variant"}

    def connect(self, password=PASSWORD, database="behaviours", **more):
        encrypt = {"plain": "no", "strict": "strict"}.get(MODE, "yes")
        trust = "" if MODE == "strict" else "TrustServerCertificate=yes;"
        certificate = f"ServerCertificate={os.environ['CASEMENT_CERTIFICATE']};" if MODE == "strict" else ""
        return self.module.connect(
            f"SERVER={HOST},{PORT};UID=sa;PWD={{{password}}};DATABASE={database};Encrypt={encrypt};"
            f"{trust}{certificate}", autocommit=True, **more)


class Messages:
    """Numbers of errors by what their text says, for drivers that give no number."""

    texts = {"Divide by zero": 8134, "Invalid object name": 208, "Invalid column name": 207,
             "Incorrect syntax": 102, "Could not find stored procedure": 2812,
             "Conversion failed": 245, "Violation of PRIMARY KEY": 2627,
             "Cannot insert the value NULL": 515, "told you so": 50000, "thrown": 51234,
             "Login failed": 18456}

    def get_number(self, text):
        for part, number in self.texts.items():
            if part in text:
                return number
        return None


MESSAGES = Messages()


def adapt(kind, text):
    """A parameter's Python value."""
    if text is None:
        return None
    if kind in ("int", "bigint"):
        return int(text)
    if kind == "bit":
        return bool(int(text))
    if kind == "float":
        return float(text)
    if kind == "decimal":
        return decimal.Decimal(text)
    if kind == "varbinary":
        return bytes.fromhex(text[2:])
    if kind == "uniqueidentifier":
        return uuid.UUID(text)
    if kind == "datetime2":
        return datetime.datetime.fromisoformat(text)
    return text


class Suite:
    def __init__(self, driver, report):
        self.driver = driver
        self.report = report
        self.connection = driver.connect()

    def execute(self, sql, params=(), connection=None):
        cursor = (connection or self.connection).cursor()
        sql = sql.replace("%", "%%") if params and self.driver.marker == "%s" else sql
        for _ in params:
            sql = sql.replace("{}", self.driver.marker, 1)
        values = [self.driver.adapt(kind, text) for kind, text in params]
        if values:
            cursor.execute(sql, tuple(values))
        else:
            cursor.execute(sql)
        return cursor

    def results(self, cursor):
        """All result sets that have columns, as canonical text."""
        found = []
        while True:
            if cursor.description is not None:
                found.append([[canonical(value) for value in row] for row in cursor.fetchall()])
            if not cursor.nextset():
                return found

    def scalar(self, sql, params=(), connection=None):
        cursor = self.execute(sql, params, connection)
        rows = self.results(cursor)
        cursor.close()
        return rows[-1][0][0]

    # ---- behaviours that are data

    def case(self, entry):
        missing = self.driver.lacks & set(entry["needs"])
        if missing:
            raise Skip(f"{self.driver.name} {MODE} cannot show {', '.join(missing)}")
        if "error" in entry:
            self.expect_error(entry["sql"], entry["error"], "loose_error" in entry["needs"])
            return
        results = self.results(self.execute(entry["sql"], entry["params"]))
        wanted = entry["results"]
        if "try_results" in entry["needs"]:
            results, wanted = results[-1:], wanted[-1:]
        expect_equal(len(results), len(wanted), "number of result sets")
        for got_rows, want_rows in zip(results, wanted):
            expect_equal(len(got_rows), len(want_rows), "number of rows")
            for got, want in zip(got_rows, want_rows):
                expect(len(got) == len(want) and all(same(a, b) for a, b in zip(got, want)),
                       f"row is {got}, expected {want}")

    def expect_error(self, sql, number, loose=False):
        try:
            self.results(self.execute(sql))
        except self.driver.module.Error as error:
            got = self.driver.error_number(error)
            expect(got == number or loose, f"error is {got} ({error}), expected {number}")
            return
        raise AssertionError(f"no error, expected {number}")

    # ---- behaviours that are code

    def login_failure(self):
        try:
            self.driver.connect(password="wrong-" + PASSWORD)
        except self.driver.module.Error as error:
            text = str(error)
            expect("Login failed" in text or "18456" in text, f"the error is {text}")
            return
        raise AssertionError("a wrong password was let in")

    def unknown_database(self):
        try:
            self.driver.connect(database="no_such_database")
        except self.driver.module.Error as error:
            # the server sends 4060 and 18456; drivers keep the one or the other
            text = str(error)
            expect("no_such_database" in text or "18456" in text or "Login failed" in text, f"the error is {text}")
            return
        raise AssertionError("an unknown database was opened")

    def big_text(self):
        text = "\u00e9\U0001F600x" * 2_500_000
        self.execute("DELETE FROM dbo.behaviour_blob")
        if self.driver.cuts_parameters:
            self.execute(f"INSERT INTO dbo.behaviour_blob (id, t) VALUES (1, N'{text}')")
        else:
            self.execute("INSERT INTO dbo.behaviour_blob (id, t) VALUES (1, {})", [("nvarchar", text)])
        cursor = self.execute("SELECT t FROM dbo.behaviour_blob WHERE id = 1")
        expect(cursor.fetchone()[0] == text, "10 million characters did not come back as they went")

    def big_binary(self):
        data = bytes(range(256)) * 40_000
        self.execute("DELETE FROM dbo.behaviour_blob")
        if self.driver.cuts_parameters:
            self.execute(f"INSERT INTO dbo.behaviour_blob (id, b) VALUES (1, 0x{data.hex()})")
        else:
            self.execute("INSERT INTO dbo.behaviour_blob (id, b) VALUES (1, {})",
                         [("varbinary", "0x" + data.hex())])
        cursor = self.execute("SELECT b FROM dbo.behaviour_blob WHERE id = 1")
        expect(bytes(cursor.fetchone()[0]) == data, "10 MB did not come back as they went")

    def transaction_commit(self):
        connection = self.driver.connect()
        self.driver.begin(connection)
        self.execute("INSERT INTO dbo.behaviour_load (id) VALUES (900501)", (), connection)
        connection.commit()
        connection.close()
        expect_equal(self.scalar("SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 900501"), "1", "rows")

    def transaction_rollback(self):
        connection = self.driver.connect()
        self.driver.begin(connection)
        self.execute("INSERT INTO dbo.behaviour_load (id) VALUES (900502)", (), connection)
        expect_equal(self.scalar("SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 900502", (), connection),
                     "1", "rows seen inside")
        connection.rollback()
        connection.close()
        expect_equal(self.scalar("SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 900502"), "0", "rows")

    def error_keeps_transaction(self):
        cursor = self.execute("BEGIN TRANSACTION; INSERT INTO dbo.behaviour_load (id) VALUES (900503)")
        self.results(cursor)
        self.expect_error("INSERT INTO dbo.behaviour_rows (id, name) VALUES (1, 'dup')", 2627)
        expect_equal(self.scalar("SELECT @@TRANCOUNT"), "1", "@@TRANCOUNT after the error")
        self.execute("COMMIT")
        expect_equal(self.scalar("SELECT COUNT(*) FROM dbo.behaviour_load WHERE id = 900503"), "1", "rows")

    def row_counts(self):
        cursor = self.execute("UPDATE dbo.behaviour_rows SET name = name WHERE id IN (1, 2)")
        expect_equal(cursor.rowcount, 2, "rows updated")

    def column_names(self):
        cursor = self.execute("SELECT id AS [The Id], name FROM dbo.behaviour_rows WHERE id = 1")
        expect_equal([column[0] for column in cursor.description], ["The Id", "name"], "names")

    def executemany(self):
        self.execute("DELETE FROM dbo.behaviour_load")
        cursor = self.connection.cursor()
        mark = self.driver.marker
        rows = [(n, f"n{n}", decimal.Decimal(n) / 4) for n in range(200)]
        cursor.executemany(f"INSERT INTO dbo.behaviour_load (id, name, amount) VALUES ({mark}, {mark}, {mark})",
                           rows)
        expect_equal(self.scalar("SELECT COUNT(*) FROM dbo.behaviour_load"), "200", "rows")
        expect(same(self.scalar("SELECT SUM(amount) FROM dbo.behaviour_load"), "4975.0000"), "the sum is wrong")

    def bulk_copy(self):
        self.execute("DELETE FROM dbo.behaviour_load")
        rows = [(n, f"bulk {n}", decimal.Decimal(n), datetime.datetime(2026, 1, 1)) for n in range(5000)]
        if "bulk" in self.driver.can:
            self.connection.bulk_copy("dbo.behaviour_load", [row[:2] for row in rows], column_ids=[1, 2])
        elif hasattr(self.connection.cursor(), "bulkcopy"):
            self.connection.cursor().bulkcopy("dbo.behaviour_load", rows)
        else:
            raise Skip(f"{self.driver.name} has no bulk copy")
        expect_equal(self.scalar("SELECT COUNT(*) FROM dbo.behaviour_load WHERE name LIKE 'bulk%'"), "5000",
                     "rows")

    def procedure(self):
        cursor = self.execute("DECLARE @o int, @r int; EXEC @r = dbo.behaviour_proc {}, {}, @o OUTPUT; "
                              "SELECT @o AS o, @r AS r", [("int", "21"), ("nvarchar", "x")])
        expect_equal(self.results(cursor), [[["21", "x"]], [["42", "7"]]], "result sets")
        if "callproc" not in self.driver.can:
            return
        cursor = self.connection.cursor()
        cursor.callproc("dbo.behaviour_proc", (21, "x", self.driver.module.output(int)))
        expect_equal([list(row) for row in cursor.fetchall()], [[21, "x"]], "rows of the call")
        cursor.close()
        # DB-Library reads output values only of a procedure without rows
        self.execute("CREATE OR ALTER PROCEDURE dbo.behaviour_out @a int, @o int OUTPUT AS "
                     "SET NOCOUNT ON; SET @o = @a * 2; RETURN 7")
        cursor = self.connection.cursor()
        values = cursor.callproc("dbo.behaviour_out", (21, self.driver.module.output(int)))
        expect_equal((values[-1], cursor.returnvalue), (42, 7), "output value and return status")

    def query_timeout(self):
        connection = self.driver.connect(**({"timeout": 2} if self.driver.name == "pymssql" else {}))
        if self.driver.name == "pyodbc":
            connection.timeout = 2
        elif self.driver.name == "mssql_python":
            connection.timeout = 2
        began = time.monotonic()
        try:
            self.execute("WAITFOR DELAY '00:00:50'", (), connection)
        except self.driver.module.Error:
            expect(time.monotonic() - began < 40, "the statement was waited for to its end")
            return
        raise AssertionError("no time-out")

    def cancel(self):
        if "cancel" not in self.driver.can:
            raise Skip(f"{self.driver.name} has no cancel")
        connection = self.driver.connect()
        cursor = connection.cursor()
        threading.Timer(1.0, cursor.cancel).start()
        began = time.monotonic()
        try:
            cursor.execute("WAITFOR DELAY '00:00:50'")
        except self.driver.module.Error:
            expect(time.monotonic() - began < 40, "the statement was waited for to its end")
        else:
            raise AssertionError("the statement was not cancelled")
        expect_equal(self.scalar("SELECT 1", (), connection), "1", "the connection's next value")

    def many_connections(self):
        connections = [self.driver.connect() for _ in range(8)]
        for number, connection in enumerate(connections):
            expect_equal(self.scalar(f"SELECT {number}", (), connection), str(number), "value")
        for connection in connections:
            connection.close()

    def isolated_temp_tables(self):
        other = self.driver.connect()
        self.execute("CREATE TABLE #mine (a int)")
        self.execute("CREATE TABLE #mine (a int)", (), other)
        self.execute("DROP TABLE #mine")
        expect_equal(self.scalar("SELECT COUNT(*) FROM #mine", (), other), "0", "rows of the other's table")
        other.close()

    def encryption(self):
        want = "FALSE" if MODE == "plain" else "TRUE"
        if MODE.startswith("7."):
            raise Skip("the mode leaves encryption to the driver")
        expect_equal(self.scalar("SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID"),
                     want, "encrypt_option")

    CODE = ("login_failure", "unknown_database", "encryption", "row_counts", "column_names", "executemany",
            "bulk_copy", "procedure", "transaction_commit", "transaction_rollback",
            "error_keeps_transaction", "big_text", "big_binary", "isolated_temp_tables",
            "many_connections", "query_timeout", "cancel")


DRIVERS = {"pymssql": Pymssql, "pyodbc": Pyodbc, "mssql_python": MssqlPython}


def main():
    driver = DRIVERS[sys.argv[1]]()
    report = Report(prefix=f"{driver.name}/{MODE}/")
    with open(os.environ["CASEMENT_BEHAVIOURS"], encoding="utf-8") as file:
        behaviours = json.load(file)
    suite = Suite(driver, report)
    for statement in behaviours["setup"]:
        suite.execute(statement)
    for entry in behaviours["cases"]:
        report.run(entry["name"], suite.case, entry)
    for name in Suite.CODE:
        report.run(name, getattr(suite, name))
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
