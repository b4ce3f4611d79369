"""What a session lives through: databases, procedures, cursors by number, large values, cancelled sending,
many connections, and being killed."""
import concurrent.futures
import time

from report import expect, expect_equal
from tds_client import Closed
from wire_client import (COLLATION, ENV_DATABASE, ENV_LANGUAGE, STATUS_EOM, STATUS_IGNORE, STATUS_RESET, TYPE_BULK, TYPE_RPC,
                         Typed, bulk_body, intn, nvarchar, plp, varbinary, wide)

EXECUTESQL, CURSOROPEN, CURSORFETCH, CURSORCLOSE = 10, 2, 7, 9
DONE_ERROR = 0x02


def numbers(reply):
    return [message.number for message in reply.errors]


def use_tells_the_database(server):
    with server.client() as client:
        reply = client.batch("USE tempdb").check()
        expect_equal(client.current_database, "tempdb", "the database")
        expect(client.environment(reply, ENV_DATABASE), "no ENVCHANGE")
        expect_equal([(m.number, m.text) for m in reply.messages],
                     [(5701, "Changed database context to 'tempdb'.")], "messages")
        expect_equal(client.batch("SELECT DB_NAME()").check().rows, [["tempdb"]], "DB_NAME()")
        expect_equal(numbers(client.batch("USE no_such_database")), [911], "errors")


def set_language_tells_the_language(server):
    with server.client() as client:
        reply = client.batch("SET LANGUAGE Deutsch").check()
        expect(client.environment(reply, ENV_LANGUAGE), "no ENVCHANGE")
        expect_equal([m.number for m in reply.messages], [5703], "messages")


def statements_in_procedures_end_in_their_own_way(server):
    with server.client() as client:
        client.batch("CREATE PROCEDURE #p AS SELECT 1 AS a; SELECT 2 AS b; RETURN 3").check()
        reply = client.call("#p").check()
        kinds = [done.kind for done in reply.dones]
        expect_equal(kinds, ["DONEINPROC", "DONEINPROC", "DONEPROC"], "tokens of a call")
        expect_equal(reply.return_status, 3, "the return status")
        reply = client.batch("EXEC #p").check()
        expect_equal([s.rows for s in reply.sets], [[[1]], [[2]]], "rows of EXEC")
        reply = client.batch("SET NOCOUNT ON SELECT 1 AS a").check()
        expect_equal(reply.counts, [], "counts with NOCOUNT")


def cursors_are_driven_by_number(server):
    with server.client() as client:
        client.batch("CREATE TABLE #t (a int PRIMARY KEY) INSERT INTO #t VALUES (1), (2), (3), (4), (5)").check()
        reply = client.call(CURSOROPEN, [
            ("", intn(4, None), 1), ("", nvarchar("SELECT a FROM #t ORDER BY a")), ("", intn(4, 8), 1),
            ("", intn(4, 1), 1), ("", intn(4, 0), 1)]).check()
        handle = reply.values[0][1]
        expect(handle, "no handle")
        rows = []
        for _ in range(4):
            reply = client.call(CURSORFETCH, [("", intn(4, handle)), ("", intn(4, 2)), ("", intn(4, 0)),
                                              ("", intn(4, 2))]).check()
            rows.append([row[0] for row in reply.rows])
        expect_equal(rows, [[1, 2], [3, 4], [5], []], "rows fetched")
        client.call(CURSORCLOSE, [("", intn(4, handle))]).check()
        expect(client.call(CURSORFETCH, [("", intn(4, handle)), ("", intn(4, 2)), ("", intn(4, 0)),
                                         ("", intn(4, 1))]).errors, "a closed cursor is fetched from")


def metadata_alone_can_be_asked_for(server):
    with server.client() as client:
        reply = client.batch("SET FMTONLY ON SELECT 1 AS a, N'x' AS b SET FMTONLY OFF").check()
        expect_equal([(s.names, s.rows) for s in reply.sets], [(["a", "b"], [])], "results")
        reply = client.call("sp_describe_first_result_set", [("", nvarchar("SELECT 1 AS a, CAST(N'x' AS nvarchar(7)) AS b"))])
        names = reply.check().sets[0].names
        described = [dict(zip(names, row)) for row in reply.rows]
        expect_equal([(d["name"], d["system_type_name"]) for d in described], [("a", "int"), ("b", "nvarchar(7)")],
                     "what is described")


def large_values_go_both_ways(server):
    size = 20 * 1024 * 1024
    with server.client(packet_size=32767 if server.plain else 8000, encrypt="off" if server.plain else "full") as client:
        data = bytes(range(256)) * (size // 256)
        reply = client.call(EXECUTESQL, [("", nvarchar("SELECT DATALENGTH(@p), @p")), ("", nvarchar("@p varbinary(max)")),
                                         ("@p", varbinary(data, 0xFFFF))]).check()
        expect_equal(reply.rows[0][0], size, "DATALENGTH")
        expect(reply.rows[0][1] == data, "the value came back another")


def chunks_of_unknown_length_are_put_together(server):
    text = "näme ☃😀 " * 5000
    for chunk in (1, 3, 4094, 100000):
        raw = wide(text if chunk > 3 else text[:300])
        with server.client() as client:
            value = Typed(b"\xe7\xff\xff" + COLLATION, plp(raw, chunk))
            reply = client.call(EXECUTESQL, [("", nvarchar("SELECT @p")), ("", nvarchar("@p nvarchar(max)")), ("@p", value)])
            expect_equal(reply.check().rows[0][0], raw.decode("utf-16-le"), f"text in chunks of {chunk}")


def many_parameters_are_taken_and_too_many_refused(server):
    with server.client() as client:
        def send(count):
            declared = ", ".join(f"@p{n} int" for n in range(count))
            total = "+".join(f"@p{n}" for n in range(0, count, 100))
            return client.call(EXECUTESQL, [("", nvarchar(f"SELECT {total}", 0xFFFF)), ("", nvarchar(declared, 0xFFFF))] +
                               [(f"@p{n}", intn(4, 1)) for n in range(count)])
        expect_equal(send(2098).check().rows, [[21]], "the sum")
        try:
            reply = send(2200)
        except (Closed, ConnectionError):
            return
        expect(reply.errors, "2200 parameters were accepted")


def a_bulk_load_given_up_loads_nothing(server):
    with server.client(encrypt="off" if server.plain else "full") as client:
        client.batch("CREATE TABLE #t (id int NOT NULL)").check()
        client.batch("INSERT BULK #t (id int)").check()
        body = bulk_body([("id", intn(4, 0).info)], [[intn(4, n).value] for n in range(2000)])
        client.packet(TYPE_BULK, 0, body[:4000])
        time.sleep(0.1)
        client.packet(TYPE_BULK, STATUS_EOM | STATUS_IGNORE, b"")
        reply = client.read_reply()
        expect(reply.dones[-1].status & DONE_ERROR, "the DONE lacks the error bit")
        expect_equal(client.batch("SELECT COUNT(*) FROM #t").check().rows, [[0]], "rows")


def a_large_bulk_load_streams_through(server):
    filler = nvarchar("filler " * 500, 0xFFFF).value
    with server.client(packet_size=32767 if server.plain else 8000, encrypt="off" if server.plain else "full") as client:
        client.batch("CREATE TABLE #t (id int NOT NULL, f nvarchar(max))").check()
        rows = [[intn(4, n).value, filler] for n in range(4000)]
        reply = client.bulk("INSERT BULK #t (id int, f nvarchar(max)) WITH (TABLOCK)",
                            [("id", intn(4, 0).info), ("f", nvarchar("", 0xFFFF).info)], rows).check()
        expect_equal(reply.counts[-1:], [4000], "the count")
        row = client.batch("SELECT COUNT(*), MIN(LEN(f)), MAX(DATALENGTH(f)) FROM #t").check().rows
        expect_equal(row, [[4000, 3499, 7000]], "what was loaded")


def reset_comes_with_calls_too(server):
    with server.client() as client:
        client.batch("SET DATEFIRST 2").check()
        client.send_message(TYPE_RPC, client.headers() + client.call_body(EXECUTESQL, [("", nvarchar("SELECT @@DATEFIRST"))]),
                            STATUS_RESET)
        expect_equal(client.read_reply().check().rows, [[7]], "the state")


def a_killed_session_is_told_and_closed(server):
    with server.client() as victim, server.client() as other:
        spid = victim.batch("SELECT @@SPID").check().rows[0][0]
        victim.send_batch("WAITFOR DELAY '00:00:30'")
        time.sleep(0.3)
        other.batch(f"KILL {spid}").check()
        try:
            reply = victim.read_reply()
            expect(reply.errors and reply.errors[0].severity >= 20, f"the victim was told {numbers(reply)}")
        except (Closed, ConnectionError):
            pass
        expect(victim.closed(), "the victim's connection stays open")
        expect_equal(other.batch("SELECT 1").check().rows, [[1]], "the other's answer")


def many_sessions_work_side_by_side(server):
    def work(n):
        with server.client(encrypt="off" if server.plain else "login") as client:
            client.batch("CREATE TABLE #t (a int)").check()
            for k in range(10):
                client.call(EXECUTESQL, [("", nvarchar("INSERT INTO #t VALUES (@p)")), ("", nvarchar("@p int")),
                                         ("@p", intn(4, n * k))]).check()
            return client.batch("SELECT SUM(a), COUNT(*) FROM #t").check().rows[0]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for n, row in enumerate(pool.map(work, range(48))):
            expect_equal(row, [n * 45, 10], f"session {n}")


def an_old_version_has_counts_of_32_bits(server):
    with server.client(version="7.1") as client:
        reply = client.batch("SELECT 1 AS a UNION ALL SELECT 2").check()
        expect_equal(reply.counts, [2], "the count")
        client.batch("BEGIN TRANSACTION").check()
        expect_equal(client.batch("SELECT @@TRANCOUNT").check().rows, [[1]], "@@TRANCOUNT")
        reply = client.call(EXECUTESQL, [("", nvarchar("SELECT @p")), ("", nvarchar("@p int")), ("@p", intn(4, 3))])
        expect_equal(reply.check().rows, [[3]], "a call")
        client.batch("ROLLBACK").check()


TESTS = [
    use_tells_the_database,
    set_language_tells_the_language,
    statements_in_procedures_end_in_their_own_way,
    cursors_are_driven_by_number,
    metadata_alone_can_be_asked_for,
    large_values_go_both_ways,
    chunks_of_unknown_length_are_put_together,
    many_parameters_are_taken_and_too_many_refused,
    a_bulk_load_given_up_loads_nothing,
    a_large_bulk_load_streams_through,
    reset_comes_with_calls_too,
    a_killed_session_is_told_and_closed,
    many_sessions_work_side_by_side,
    an_old_version_has_counts_of_32_bits,
]
