"""Batches, procedure calls, transaction manager requests, attention, reset, tables and bulk load."""
import struct
import threading
import time

from report import expect, expect_equal
from tds_client import Closed
from wire_client import (ENV_BEGIN, ENV_COMMIT, ENV_RESET, ENV_ROLLBACK, STATUS_EOM, STATUS_IGNORE, STATUS_RESET,
                         STATUS_RESET_KEEP, TM_COMMIT, TM_ROLLBACK, TYPE_ATTENTION, TYPE_BATCH, intn, nvarchar, table,
                         varbinary, varchar, wide)

EXECUTESQL, PREPARE, EXECUTE, PREPEXEC, UNPREPARE = 10, 11, 12, 13, 15
DONE_MORE, DONE_ERROR, DONE_COUNT, DONE_ATTENTION = 0x01, 0x02, 0x10, 0x20


def numbers(reply):
    return [message.number for message in reply.errors]


# ---------------------------------------------------------------- batches

def an_empty_batch_is_answered_with_done(server):
    with server.client() as client:
        for sql in ("", "   ", "-- nothing\n", "/* nothing */"):
            reply = client.batch(sql).check()
            expect_equal(len(reply.dones), 1, f"DONE tokens for {sql!r}")
            expect_equal(reply.dones[0].status & DONE_MORE, 0, "the MORE bit")


def several_results_end_with_more_until_the_last(server):
    with server.client() as client:
        reply = client.batch("SELECT 1 AS a SELECT N'two' AS b, NULL AS c PRINT 'three' SELECT 4 WHERE 1 = 0").check()
        expect_equal([s.rows for s in reply.sets], [[[1]], [["two", None]], []], "the rows")
        expect_equal([s.names for s in reply.sets], [["a"], ["b", "c"], [""]], "the names")
        expect_equal([m.text for m in reply.messages], ["three"], "the messages")
        expect_equal(reply.counts, [1, 1, 0], "the counts")
        flags = [bool(done.status & DONE_MORE) for done in reply.dones]
        expect_equal(flags, [True] * (len(flags) - 1) + [False], "the MORE bits")


def an_error_has_number_line_and_the_error_bit(server):
    with server.client() as client:
        reply = client.batch("SELECT 1\n\nSELECT * FROM no_such_table")
        expect_equal(numbers(reply), [208], "errors")
        error = reply.errors[0]
        expect_equal((error.severity, error.state, error.line), (16, 1, 3), "severity, state and line")
        expect_equal(error.text, "Invalid object name 'no_such_table'.", "the text")
        expect(reply.dones[-1].status & DONE_ERROR, "the last DONE lacks the error bit")
        expect_equal(client.batch("SELECT 2").check().rows, [[2]], "the next answer")


def messages_of_low_severity_are_info(server):
    """Severity 10 is shown as 0."""
    with server.client() as client:
        reply = client.batch("PRINT N'naïve ☃ 😀' RAISERROR('ten', 10, 7) RAISERROR('sixteen', 16, 8)")
        expect_equal([(m.error, m.severity, m.state, m.text) for m in reply.messages],
                     [(False, 0, 1, "naïve ☃ 😀"), (False, 0, 7, "ten"), (True, 16, 8, "sixteen")], "messages")


def a_batch_longer_than_packets_arrives_whole(server):
    with server.client(packet_size=512) as client:
        long = "é☃😀" * 20000
        row = client.batch(f"SELECT LEN(N'{long}'), N'{long}'").check().rows[0]
        expect_equal(row[1], long, "the text")


def many_rows_arrive_in_order(server):
    with server.client() as client:
        reply = client.batch("WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
                             "SELECT i, N'row ' + CAST(i AS nvarchar(10)) AS t FROM n OPTION (MAXRECURSION 0)").check()
        expect_equal(len(reply.rows), 20000, "rows")
        expect_equal(reply.rows[19999], [20000, "row 20000"], "the last row")
        expect_equal(reply.counts, [20000], "the count")


def rows_mostly_null_come_back_right(server):
    with server.client() as client:
        columns = ", ".join(f"CAST(NULL AS {kind}) AS c{n}" for n, kind in enumerate(
            ["int", "nvarchar(10)", "varchar(max)", "datetime2", "decimal(10,2)", "bit", "uniqueidentifier",
             "varbinary(5)", "float", "money", "sql_variant", "xml"]))
        reply = client.batch(f"SELECT 1 AS first, {columns}, N'last' AS last").check()
        expect_equal(reply.rows, [[1] + [None] * 12 + ["last"]], "the row")


def requests_can_follow_without_waiting(server):
    """A client may send the next request in the same segment; they are answered one by one."""
    with server.client(encrypt="off" if server.plain else "full") as client:
        body = [client.headers() + wide(f"SELECT {n}") for n in range(20)]
        client.raw(b"".join(struct.pack(">BBHHBB", TYPE_BATCH, 1, len(one) + 8, 0, 1, 0) + one for one in body))
        for n in range(20):
            expect_equal(client.read_reply().check().rows, [[n]], "the answer")


def a_batch_with_half_a_character_is_a_protocol_error(server):
    with server.client() as client:
        client.send_message(TYPE_BATCH, client.headers() + b"S\0E")
        try:
            reply = client.read_reply()
        except (Closed, ConnectionError):
            return
        expect(reply.errors, "half a character was accepted")


def headers_that_lie_are_a_protocol_error(server):
    for headers in (b"\xff" * 22, b"\3\0\0\0", struct.pack("<IIHQI", 22, 40, 2, 0, 1)):
        with server.client() as client:
            client.send_message(TYPE_BATCH, headers + wide("SELECT 1"))
            try:
                reply = client.read_reply()
            except (Closed, ConnectionError):
                continue
            expect(reply.errors, f"headers {headers.hex()} were accepted")


# ---------------------------------------------------------------- procedures

def executesql_takes_parameters_and_gives_outputs(server):
    with server.client() as client:
        reply = client.call(EXECUTESQL, [
            ("", nvarchar("SET @out = @a + 1; SELECT @a AS a, @t AS t")),
            ("", nvarchar("@a int, @t nvarchar(20), @out int OUTPUT")),
            ("@a", intn(4, 41)), ("@t", nvarchar("naïve ☃", 20)), ("@out", intn(4, None), 1)]).check()
        expect_equal(reply.rows, [[41, "naïve ☃"]], "the rows")
        expect_equal([(name, value) for name, value, _ in reply.values], [("@out", 42)], "the outputs")
        expect_equal(reply.return_status, 0, "the return status")
        expect_equal(reply.dones[-1].kind, "DONEPROC", "the last token")


def executesql_named_in_full_is_the_same(server):
    with server.client() as client:
        for name in ("sp_executesql", "sys.sp_executesql", "SP_EXECUTESQL"):
            reply = client.call(name, [("", nvarchar("SELECT @p")), ("", nvarchar("@p int")), ("@p", intn(4, 5))])
            expect_equal(reply.check().rows, [[5]], f"rows of {name}")


def prepared_statements_live_until_unprepared(server):
    with server.client() as client:
        reply = client.call(PREPARE, [("", intn(4, None), 1), ("", nvarchar("@p int")),
                                      ("", nvarchar("SELECT @p * 2 AS d")), ("", intn(4, 1))]).check()
        handle = reply.values[0][1]
        for n in (1, 21):
            expect_equal(client.call(EXECUTE, [("", intn(4, handle)), ("@p", intn(4, n))]).check().rows, [[n * 2]], "rows")
        client.call(UNPREPARE, [("", intn(4, handle))]).check()
        expect_equal(numbers(client.call(EXECUTE, [("", intn(4, handle)), ("@p", intn(4, 1))])), [8179],
                     "errors of an ended handle")


def prepexec_prepares_and_runs(server):
    with server.client() as client:
        reply = client.call(PREPEXEC, [("", intn(4, None), 1), ("", nvarchar("@p int")),
                                       ("", nvarchar("SELECT @p + 1")), ("", intn(4, 6))]).check()
        expect_equal(reply.rows, [[7]], "rows")
        handle = reply.values[0][1]
        expect_equal(client.call(EXECUTE, [("", intn(4, handle)), ("", intn(4, 9))]).check().rows, [[10]], "rows again")


def procedures_return_status_outputs_and_defaults(server):
    with server.client() as client:
        client.batch("CREATE PROCEDURE #p @a int, @b nvarchar(10) = N'none', @c int = 3 OUTPUT AS "
                     "BEGIN SELECT @a AS a, @b AS b; SET @c = @c + @a; RETURN 7 END").check()
        reply = client.call("#p", [("@a", intn(4, 1)), ("@c", intn(4, 10), 1)]).check()
        expect_equal(reply.rows, [[1, "none"]], "rows")
        expect_equal(reply.return_status, 7, "the return status")
        expect_equal([(n, v) for n, v, _ in reply.values], [("@c", 11)], "outputs")
        reply = client.call("#p", [("", intn(4, 2)), ("", nvarchar("x", 10))]).check()
        expect_equal(reply.rows, [[2, "x"]], "rows by position")
        expect_equal(numbers(client.call("#p", [])), [201], "errors without the parameter")
        expect_equal(numbers(client.call("no_such_procedure", [])), [2812], "errors of an unknown one")


def several_calls_in_one_message_run_in_turn(server):
    with server.client() as client:
        one = (EXECUTESQL, [("", nvarchar("SELECT 1"))])
        two = (EXECUTESQL, [("", nvarchar("SELECT @p")), ("", nvarchar("@p int")), ("@p", intn(4, 2))])
        bad = (EXECUTESQL, [("", nvarchar("SELECT * FROM no_such_table"))])
        reply = client.calls(one, two)
        expect_equal([s.rows for s in reply.check().sets], [[[1]], [[2]]], "rows")
        reply = client.calls(one, bad, two)
        expect_equal([s.rows for s in reply.sets], [[[1]], [[2]]], "rows around an error")
        expect_equal(numbers(reply), [208], "errors")
        expect_equal(reply.dones[-1].status & DONE_MORE, 0, "the last MORE bit")


def a_request_that_is_no_request_is_8009_or_ends_the_connection(server):
    for body in (b"\xff\xff\x63\0\0\0", b"\xff\xff\x0a\0\0\0\0\0\x77", b"\xff\xff\x0a\0\0\0\0\0\x26\3\0",
                 b"\xff\xff\x0a\0\0\0\0\0\xe7\x41\x1f"):
        with server.client() as client:
            client.send_message(0x03, client.headers() + body)
            try:
                reply = client.read_reply()
            except (Closed, ConnectionError):
                continue
            expect(reply.errors, f"{body.hex()} was accepted")


def tables_are_parameters(server):
    with server.client() as client:
        client.batch("IF TYPE_ID(N'dbo.wire_pairs') IS NOT NULL DROP TYPE dbo.wire_pairs").check()
        client.batch("CREATE TYPE dbo.wire_pairs AS TABLE (id int NOT NULL, name nvarchar(20) NULL)").check()
        rows = [[intn(4, n).value, nvarchar(None if n % 10 == 0 else f"n{n}").value] for n in range(1000)]
        value = table("dbo", "wire_pairs", [intn(4, 0).info, nvarchar("", 20).info], rows)
        reply = client.call(EXECUTESQL, [
            ("", nvarchar("SELECT COUNT(*), SUM(id), COUNT(name), MAX(name) FROM @t")),
            ("", nvarchar("@t dbo.wire_pairs READONLY")), ("@t", value)]).check()
        expect_equal(reply.rows, [[1000, 499500, 900, "n999"]], "rows")
        reply = client.call(EXECUTESQL, [
            ("", nvarchar("SELECT COUNT(*) FROM @t")), ("", nvarchar("@t dbo.wire_pairs READONLY")),
            ("@t", table("dbo", "wire_pairs", None, []))]).check()
        expect_equal(reply.rows, [[0]], "rows of an empty one")
        client.batch("DROP TYPE dbo.wire_pairs").check()


def tables_must_have_the_columns_of_their_type(server):
    with server.client() as client:
        client.batch("IF TYPE_ID(N'dbo.wire_three') IS NOT NULL DROP TYPE dbo.wire_three").check()
        client.batch("CREATE TYPE dbo.wire_three AS TABLE (a int, b int, c int)").check()
        for count, expected in ((2, [500]), (4, [500]), (3, [])):
            value = table("dbo", "wire_three", [intn(4, 0).info] * count, [[intn(4, n).value for n in range(count)]])
            reply = client.call(EXECUTESQL, [("", nvarchar("SELECT a, b, c FROM @t")),
                                             ("", nvarchar("@t dbo.wire_three READONLY")), ("@t", value)])
            expect_equal(numbers(reply), expected, f"errors with {count} columns")
        expect_equal(reply.rows, [[0, 1, 2]], "rows")
        client.batch("DROP TYPE dbo.wire_three").check()


# -------------------------------------------------------------- transactions

def transactions_are_driven_by_requests(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (a int)").check()
        begun = client.begin().check()
        expect(client.environment(begun, ENV_BEGIN), "no ENVCHANGE of the beginning")
        expect(client.transaction != 0, "the descriptor is zero")
        client.batch("INSERT INTO #t VALUES (1)").check()
        expect_equal(client.batch("SELECT @@TRANCOUNT").check().rows, [[1]], "@@TRANCOUNT")
        client.save("here").check()
        client.batch("INSERT INTO #t VALUES (2)").check()
        client.end(TM_ROLLBACK, "here").check()
        ended = client.end(TM_COMMIT).check()
        expect(client.environment(ended, ENV_COMMIT), "no ENVCHANGE of the commit")
        expect_equal(client.batch("SELECT a FROM #t").check().rows, [[1]], "rows after the commit")
        client.begin().check()
        client.batch("DELETE FROM #t").check()
        ended = client.end(TM_ROLLBACK).check()
        expect(client.environment(ended, ENV_ROLLBACK), "no ENVCHANGE of the rollback")
        expect_equal(client.batch("SELECT a, @@TRANCOUNT FROM #t").check().rows, [[1, 0]], "rows after the rollback")


def a_commit_can_begin_the_next_transaction(server):
    with server.client() as client:
        client.begin().check()
        first = client.transaction
        reply = client.end(TM_COMMIT, begin_next=True).check()
        expect(client.environment(reply, ENV_BEGIN), "no new transaction")
        expect(client.transaction not in (0, first), "the descriptor is the old one")
        expect_equal(client.batch("SELECT @@TRANCOUNT").check().rows, [[1]], "@@TRANCOUNT")
        client.end(TM_ROLLBACK).check()


def sql_transactions_are_told_too(server):
    with server.client() as client:
        reply = client.batch("BEGIN TRANSACTION").check()
        expect(client.environment(reply, ENV_BEGIN), "no ENVCHANGE of BEGIN TRANSACTION")
        reply = client.batch("COMMIT").check()
        expect(client.environment(reply, ENV_COMMIT), "no ENVCHANGE of COMMIT")


def a_commit_without_a_transaction_is_3902(server):
    with server.client() as client:
        expect_equal(numbers(client.end(TM_COMMIT)), [3902], "errors of a commit")
        expect_equal(numbers(client.end(TM_ROLLBACK)), [3903], "errors of a rollback")
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the next answer")


def isolation_levels_are_taken_from_the_request(server):
    with server.client() as client:
        for level, name in ((1, 1), (2, 2), (3, 3), (4, 4)):
            client.begin(level).check()
            row = client.batch("SELECT transaction_isolation_level FROM sys.dm_exec_sessions "
                               "WHERE session_id = @@SPID").check().rows
            expect_equal(row, [[name]], "the level")
            client.end(TM_ROLLBACK).check()


# -------------------------------------------------------- attention and reset

def attention_stops_what_runs(server):
    with server.client() as client:
        client.send_batch("WAITFOR DELAY '00:00:30' SELECT 1")
        time.sleep(0.3)
        began = time.monotonic()
        client.attention()
        reply = client.read_reply()
        expect(time.monotonic() - began < 5, "it took too long")
        expect(reply.dones[-1].status & DONE_ATTENTION, "the last DONE does not acknowledge")
        expect(not reply.sets, "the statement after the wait ran")
        expect_equal(client.batch("SELECT 2").check().rows, [[2]], "the next answer")


def attention_stops_a_flood_of_rows(server):
    with server.client() as client:
        client.send_batch("WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) "
                          "SELECT i, REPLICATE(N'x', 100) FROM n OPTION (MAXRECURSION 0)")
        timer = threading.Timer(0.5, client.attention)
        timer.start()
        began = time.monotonic()
        try:
            reply = client.read_reply()
        finally:
            timer.join()
        expect(time.monotonic() - began < 20, "it took too long")
        expect(reply.dones[-1].status & DONE_ATTENTION, "the last DONE does not acknowledge")
        expect_equal(client.batch("SELECT 2").check().rows, [[2]], "the next answer")


def attention_between_requests_is_acknowledged(server):
    with server.client() as client:
        client.attention()
        reply = client.read_reply()
        expect_equal(len(reply.dones), 1, "DONE tokens")
        expect(reply.dones[0].status & DONE_ATTENTION, "it is not acknowledged")
        expect_equal(client.batch("SELECT 2").check().rows, [[2]], "the next answer")


def attention_keeps_the_transaction(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (a int) BEGIN TRANSACTION INSERT INTO #t VALUES (1)").check()
        client.send_batch("WAITFOR DELAY '00:00:30'")
        time.sleep(0.2)
        client.attention()
        client.read_reply()
        expect_equal(client.batch("SELECT @@TRANCOUNT, COUNT(*) FROM #t").check().rows, [[1, 1]], "the state")
        client.batch("ROLLBACK").check()


def a_message_given_up_is_not_run(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (a int)").check()
        body = client.headers() + wide("INSERT INTO #t VALUES (1)")
        client.packet(TYPE_BATCH, 0, body[:40])
        client.packet(TYPE_BATCH, STATUS_EOM | STATUS_IGNORE, body[40:])
        client.read_reply()
        expect_equal(client.batch("SELECT COUNT(*) FROM #t").check().rows, [[0]], "rows")


def reset_forgets_the_session(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (a int) SET NOCOUNT ON SET DATEFIRST 3 USE tempdb").check()
        client.batch("BEGIN TRANSACTION").check()
        client.send_message(TYPE_BATCH, client.headers() + wide("SELECT OBJECT_ID('tempdb..#t'), @@DATEFIRST, @@TRANCOUNT, DB_NAME()"),
                            STATUS_RESET)
        reply = client.read_reply().check()
        expect(client.environment(reply, ENV_RESET), "the reset is not acknowledged")
        expect_equal(reply.rows, [[None, 7, 0, "master"]], "the state")


def reset_can_keep_the_transaction(server):
    with server.client() as client:
        client.batch("SET DATEFIRST 3 BEGIN TRANSACTION").check()
        client.send_message(TYPE_BATCH, client.headers() + wide("SELECT @@DATEFIRST, @@TRANCOUNT"), STATUS_RESET_KEEP)
        reply = client.read_reply().check()
        expect_equal(reply.rows, [[7, 1]], "the state")


# ------------------------------------------------------------------ bulk load

def bulk_rows_are_loaded(server):
    columns = [("id", intn(4, 0).info), ("name", nvarchar("", 50).info), ("note", nvarchar("", 0xFFFF).info)]
    rows = [[intn(4, n).value, nvarchar(None if n % 7 == 0 else f"näme {n}", 50).value,
             nvarchar("long " * 100 if n % 100 == 0 else None, 0xFFFF).value] for n in range(5000)]
    with server.client() as client:
        client.batch("CREATE TABLE #t (id int NOT NULL, name nvarchar(50), note nvarchar(max))").check()
        reply = client.bulk("INSERT BULK #t (id int, name nvarchar(50), note nvarchar(max))", columns, rows).check()
        expect_equal(reply.counts[-1:], [5000], "the count")
        row = client.batch("SELECT COUNT(*), SUM(id), COUNT(name), MAX(LEN(note)) FROM #t").check().rows
        expect_equal(row, [[5000, 12497500, 4285, 499]], "what was loaded")


def a_bulk_load_that_fails_loads_nothing(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (id int NOT NULL PRIMARY KEY)").check()
        rows = [[intn(4, n % 900).value] for n in range(1000)]
        reply = client.bulk("INSERT BULK #t (id int)", [("id", intn(4, 0).info)], rows)
        expect_equal(numbers(reply)[:1], [2627], "errors")
        expect_equal(client.batch("SELECT COUNT(*) FROM #t").check().rows, [[0]], "rows")


def bulk_values_longer_than_their_column_are_refused(server):
    with server.client() as client:
        for kind, value, fits in (("varchar(5)", nvarchar("abcdef"), nvarchar("abcdé")),
                                  ("nvarchar(5)", nvarchar("abcd😀"), nvarchar("abc😀")),
                                  ("char(5)", varchar("abcdef"), varchar("ab")),
                                  ("varbinary(3)", varbinary(b"1234"), varbinary(b"123"))):
            client.batch(f"DROP TABLE IF EXISTS #t; CREATE TABLE #t (a {kind})").check()
            reply = client.bulk(f"INSERT BULK #t (a {kind})", [("a", value.info)], [[value.value]])
            expect_equal(numbers(reply), [4815], f"errors of {kind}")
            client.bulk(f"INSERT BULK #t (a {kind})", [("a", fits.info)], [[fits.value]]).check()
            expect_equal(client.batch("SELECT COUNT(*) FROM #t").check().rows, [[1]], f"rows of {kind}")


def a_broken_bulk_stream_is_an_error(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (id int)").check()
        client.batch("INSERT BULK #t (id int)").check()
        client.send_message(0x07, b"\x81\1\0\0\0\0\0\x09\0\x26\4\2i\0d\0" + b"\xd1\4\1\0\0\0" + b"\x55garbage")
        try:
            reply = client.read_reply()
        except (Closed, ConnectionError):
            return
        expect(reply.errors, "garbage was loaded")
        if reply.errors[0].severity >= 20:
            expect(client.closed(), "the connection stays open after a fatal error")
        else:
            expect_equal(client.batch("SELECT COUNT(*) FROM #t").check().rows, [[0]], "rows")


TESTS = [
    an_empty_batch_is_answered_with_done,
    several_results_end_with_more_until_the_last,
    an_error_has_number_line_and_the_error_bit,
    messages_of_low_severity_are_info,
    a_batch_longer_than_packets_arrives_whole,
    many_rows_arrive_in_order,
    rows_mostly_null_come_back_right,
    requests_can_follow_without_waiting,
    a_batch_with_half_a_character_is_a_protocol_error,
    headers_that_lie_are_a_protocol_error,
    executesql_takes_parameters_and_gives_outputs,
    executesql_named_in_full_is_the_same,
    prepared_statements_live_until_unprepared,
    prepexec_prepares_and_runs,
    procedures_return_status_outputs_and_defaults,
    several_calls_in_one_message_run_in_turn,
    a_request_that_is_no_request_is_8009_or_ends_the_connection,
    tables_are_parameters,
    tables_must_have_the_columns_of_their_type,
    transactions_are_driven_by_requests,
    a_commit_can_begin_the_next_transaction,
    sql_transactions_are_told_too,
    a_commit_without_a_transaction_is_3902,
    isolation_levels_are_taken_from_the_request,
    attention_stops_what_runs,
    attention_stops_a_flood_of_rows,
    attention_between_requests_is_acknowledged,
    attention_keeps_the_transaction,
    a_message_given_up_is_not_run,
    reset_forgets_the_session,
    reset_can_keep_the_transaction,
    bulk_rows_are_loaded,
    a_bulk_load_that_fails_loads_nothing,
    bulk_values_longer_than_their_column_are_refused,
    a_broken_bulk_stream_is_an_error,
]
