#!/usr/bin/env python3
"""The sessions suite: how sessions begin, what limits them, how they end, and what they leave.

    tests/sessions/run.py             every test, on instances of its own
    tests/sessions/run.py shutdown    tests whose names have this in them
"""
import os
import signal
import ssl
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "wire"))
from instance import Instance, StartFailed  # noqa: E402
from report import Report, expect, expect_equal  # noqa: E402
from tds_client import DONE_ATTENTION, Closed, LoginFailed  # noqa: E402
from wire_client import STATUS_EOM, STATUS_IGNORE, TYPE_BULK, TYPE_RPC, WireClient, bulk_body, intn, nvarchar  # noqa: E402

EXECUTESQL = 10
PASSWORD = "Str0ng!Pass1"
OPTIONS = ("--set", "casement.lockout_threshold=3", "--set", "max_connections=40", "--max-connections", "12")


def connect(instance, user="sa", password=None, **options):
    options.setdefault("timeout", 60)
    return WireClient(instance.host, instance.port, user, password or instance.password, **options)


def connect_to_freed(instance):
    """A connection where a place was just freed: refused for a moment, at most."""
    until = time.monotonic() + 30
    while True:
        try:
            return connect(instance)
        except LoginFailed as failure:
            expect_equal([message.number for message in failure.messages], [17809], "the refusal")
            expect(time.monotonic() < until, "the place is not freed")
            time.sleep(0.1)


def set_parameter(instance, name, value):
    """Changes a setting of the running server, as an administrator would."""
    path = os.path.join(instance.data, "cluster", "data", "postgresql.auto.conf")
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith(name + " ")]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines + [f"{name} = '{value}'\n"])
    os.kill(instance.postmaster(), signal.SIGHUP)
    time.sleep(0.5)


def error_of(reply):
    expect(reply.errors, "there was no error")
    first = reply.errors[0]
    return first.number, first.severity


def logged(instance, words):
    """Whether the log tells it; what a collector writes comes a moment later."""
    until = time.monotonic() + 10
    while words not in instance.log():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def refused(instance, user, password, **options):
    """The errors of a login that must fail."""
    try:
        connect(instance, user, password, **options).close()
    except LoginFailed as failure:
        return [message.number for message in failure.messages if message.error]
    raise AssertionError(f"{user} got in")


# ------------------------------------------------------------------ logins

def disabled_logins_are_told(instance):
    with connect(instance) as sa:
        sa.batch(f"CREATE LOGIN blocked WITH PASSWORD = '{PASSWORD}'; ALTER LOGIN blocked DISABLE").check()
    expect_equal(refused(instance, "blocked", PASSWORD), [18470], "the right password")
    expect_equal(refused(instance, "blocked", "wrong"), [18456], "the wrong password")
    expect(logged(instance, "state 7"), "the log does not tell the state")


def unknown_logins_and_databases_are_told(instance):
    expect_equal(refused(instance, "nobody", PASSWORD), [18456], "a login that is not there")
    expect(logged(instance, "state 5"), "the log does not tell the state")
    expect_equal(refused(instance, "sa", None, database="nowhere"), [4060, 18456], "a database that is not there")
    expect(logged(instance, "state 38"), "the log does not tell the state of the database")


def a_denied_connect_keeps_a_login_out(instance):
    with connect(instance) as sa:
        sa.batch(f"CREATE LOGIN denied WITH PASSWORD = '{PASSWORD}'; DENY CONNECT SQL TO denied").check()
    expect_equal(refused(instance, "denied", PASSWORD), [18456], "the error")
    expect(logged(instance, "state 12"), "the log does not tell the state")
    with connect(instance) as sa:
        sa.batch("GRANT CONNECT SQL TO denied").check()
    connect(instance, "denied", PASSWORD).close()


def a_login_is_locked_out_and_unlocked(instance):
    with connect(instance) as sa:
        sa.batch(f"CREATE LOGIN forgetful WITH PASSWORD = '{PASSWORD}'").check()
    expect_equal(refused(instance, "forgetful", "wrong"), [18456], "the first time")
    connect(instance, "forgetful", PASSWORD).close()  # which forgets the first
    for _ in range(3):
        expect_equal(refused(instance, "forgetful", "wrong"), [18456], "a wrong password")
    expect_equal(refused(instance, "forgetful", PASSWORD), [18486], "the right password of a locked login")
    with connect(instance) as sa:
        sa.batch(f"ALTER LOGIN forgetful WITH PASSWORD = '{PASSWORD}' UNLOCK").check()
    connect(instance, "forgetful", PASSWORD).close()


def a_password_must_be_changed_first(instance):
    with connect(instance) as sa:
        reply = sa.batch(f"CREATE LOGIN fresh WITH PASSWORD = '{PASSWORD}' MUST_CHANGE")
        expect_equal(error_of(reply), (15128, 16), "without CHECK_EXPIRATION")
        sa.batch(f"CREATE LOGIN fresh WITH PASSWORD = '{PASSWORD}' MUST_CHANGE, CHECK_EXPIRATION = ON").check()
    expect_equal(refused(instance, "fresh", PASSWORD), [18488], "the first login")
    connect(instance, "fresh", PASSWORD, new_password=PASSWORD + "2").close()
    expect_equal(refused(instance, "fresh", PASSWORD), [18456], "the former password")
    with connect(instance, "fresh", PASSWORD + "2") as client:
        reply = client.batch("ALTER LOGIN fresh WITH PASSWORD = 'An0ther!Pass'")
        expect_equal(error_of(reply), (15151, 16), "its own password without the old one")
        client.batch(f"ALTER LOGIN fresh WITH PASSWORD = 'An0ther!Pass' OLD_PASSWORD = '{PASSWORD}2'").check()
    connect(instance, "fresh", "An0ther!Pass").close()


def a_login_may_do_what_it_was_granted(instance):
    with connect(instance) as sa:
        sa.batch(f"CREATE LOGIN plain WITH PASSWORD = '{PASSWORD}'; CREATE DATABASE closed").check()
    with connect(instance, "plain", PASSWORD) as client:
        for text, number in (("USE closed", 916), ("CREATE LOGIN x WITH PASSWORD = 'Str0ng!Pass1'", 15247),
                             ("CREATE DATABASE x", 262), ("KILL 60", 6102), ("ALTER LOGIN sa DISABLE", 15151),
                             ("SELECT * FROM closed.dbo.t", 916)):
            reply = client.batch(text)
            expect_equal(error_of(reply)[0], number, text)
        rows = client.batch("SELECT count(*) FROM sys.dm_exec_sessions").check().rows
        expect_equal(rows, [[1]], "sessions that it sees")
    expect_equal(refused(instance, "plain", PASSWORD, database="closed"), [4060, 18456], "the database")


# ------------------------------------------------------------------ limits

def a_request_that_takes_too_long_is_told(instance):
    set_parameter(instance, "casement.statement_timeout", "1s")
    try:
        with connect(instance) as client:
            for text in ("WAITFOR DELAY '00:00:20'", "DECLARE @i bigint = 0; WHILE 1 = 1 SET @i += 1"):
                began = time.monotonic()
                reply = client.batch(text)
                expect(time.monotonic() - began < 10, "it took too long")
                expect_equal(error_of(reply), (8649, 17), text)
            client.send_message(TYPE_RPC, client.headers() + client.call_body(
                EXECUTESQL, [("", nvarchar("WAITFOR DELAY '00:00:20'"))]))
            expect_equal(error_of(client.read_reply()), (8649, 17), "a call")
            expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the next answer")
    finally:
        set_parameter(instance, "casement.statement_timeout", "0")


def a_full_storage_takes_no_more_data(instance):
    with connect(instance) as client:
        client.batch("CREATE TABLE tempdb.dbo.large (id int IDENTITY, filler char(2000))").check()
        set_parameter(instance, "casement.storage_limit", "150MB")
        try:
            reply = client.batch("INSERT tempdb.dbo.large (filler) SELECT TOP 500000 'x' FROM sys.all_objects a,"
                                 " sys.all_objects b, sys.all_objects c")
            expect_equal(error_of(reply), (1105, 17), "a statement that fills it")
            expect_equal(client.batch("SELECT COUNT(*) FROM tempdb.dbo.large").check().rows, [[0]], "what it left")
            for text in ("INSERT tempdb.dbo.large (filler) VALUES ('y')", "CREATE TABLE tempdb.dbo.other (a int)",
                         "SELECT 1 AS a INTO tempdb.dbo.third"):
                expect_equal(error_of(client.batch(text)), (1105, 17), text)
            client.batch("DELETE tempdb.dbo.large; DROP TABLE tempdb.dbo.large; CHECKPOINT").check()
            until = time.monotonic() + 20
            while client.batch("CREATE TABLE tempdb.dbo.room (a int); DROP TABLE tempdb.dbo.room").errors:
                expect(time.monotonic() < until, "there is never room again")
                time.sleep(0.3)
        finally:
            set_parameter(instance, "casement.storage_limit", "0")


def an_idle_session_is_closed(instance):
    set_parameter(instance, "casement.idle_timeout", "1s")
    try:
        with connect(instance) as client:
            client.batch("WAITFOR DELAY '00:00:02'").check()  # a request is not idleness
            client.sock.settimeout(10)
            expect(client.closed(), "it stays open")
    finally:
        set_parameter(instance, "casement.idle_timeout", "0")
    expect(logged(instance, "idle for too long"), "the log does not tell")


def a_lock_that_is_not_had_in_time_is_told(instance):
    with connect(instance) as holder, connect(instance) as other:
        holder.batch("CREATE TABLE tempdb.dbo.locked (a int); INSERT INTO tempdb.dbo.locked VALUES (1)").check()
        holder.batch("BEGIN TRAN; UPDATE tempdb.dbo.locked SET a = 2").check()
        began = time.monotonic()
        reply = other.batch("SET LOCK_TIMEOUT 300; UPDATE tempdb.dbo.locked SET a = 3")
        expect(0.2 < time.monotonic() - began < 10, "it took another time")
        expect_equal(error_of(reply), (1222, 16), "the error")
        other.batch("SET LOCK_TIMEOUT -1").check()
        other.send_batch("UPDATE tempdb.dbo.locked SET a = 3")
        time.sleep(0.3)
        rows = holder.batch("SELECT status, blocking_session_id FROM sys.dm_exec_requests "
                            "WHERE blocking_session_id = @@SPID").check().rows
        expect_equal([row[0] for row in rows], ["suspended"], "who waits")
        holder.batch("ROLLBACK").check()
        other.read_reply().check()
        holder.batch("DROP TABLE tempdb.dbo.locked").check()


def one_client_too_many_is_told(instance):
    clients = []
    try:
        for _ in range(12):
            clients.append(connect(instance))
        try:
            clients.append(connect(instance))
        except LoginFailed as failure:
            expect_equal([(m.number, m.severity) for m in failure.messages], [(17809, 20)], "the refusal")
        else:
            raise AssertionError("one more got in")
        clients.pop().close()
        clients.append(connect_to_freed(instance))
    finally:
        for client in clients:
            client.close()
    # The server sees that clients have gone a moment after they have: who comes next finds places.
    with connect_to_freed(instance) as client:
        until = time.monotonic() + 30
        while (left := client.batch("SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE is_user_process = 1 "
                                    "AND session_id <> @@SPID").check().rows[0][0]) > 0:
            expect(time.monotonic() < until, f"{left} of the sessions stay")
            time.sleep(0.1)


# ------------------------------------------------------------------ being ended

def a_killed_session_is_told(instance):
    with connect(instance) as victim, connect(instance) as other:
        spid = victim.batch("SELECT @@SPID").check().rows[0][0]
        victim.send_batch("WAITFOR DELAY '00:00:30'")
        time.sleep(0.3)
        other.batch(f"KILL {spid}").check()
        reply = victim.read_reply()
        expect_equal(error_of(reply), (596, 21), "the error")
        expect_equal(reply.errors[0].text,
                     "Cannot continue the execution because the session is in the kill state.", "its text")
        expect(victim.closed(), "the connection stays open")
        # The client sees the end of the connection a moment before the session's place is free.
        until = time.monotonic() + 20
        while not (reply := other.batch(f"KILL {spid}")).errors:
            expect(time.monotonic() < until, "it can be killed for ever")
            time.sleep(0.1)
        expect_equal(error_of(reply)[0], 6106, "killing it again")
        reply = other.batch("DECLARE @k nvarchar(20) = N'KILL ' + CAST(@@SPID AS nvarchar(10)); EXEC (@k)")
        expect_equal(error_of(reply)[0], 6104, "killing oneself")


def backend_of(instance, client):
    """The process that serves a client: the one that holds the server's end of its connection."""
    port = client.sock.getsockname()[1]
    with open("/proc/net/tcp", encoding="ascii") as file:
        ends = [line.split() for line in file.readlines()[1:]]
    inode = next(end[9] for end in ends if end[1].endswith(f":{instance.port:04X}") and end[2].endswith(f":{port:04X}"))
    for pid in instance.processes():
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                if os.readlink(f"/proc/{pid}/fd/{name}") == f"socket:[{inode}]":
                    return pid
            except OSError:
                continue
    raise AssertionError("no process serves the client")


def administrators_cancel_and_terminate(instance):
    """From outside T-SQL: SIGINT and SIGTERM are what pg_cancel_backend and pg_terminate_backend send."""
    with connect(instance) as client:
        pid = backend_of(instance, client)
        client.send_batch("WAITFOR DELAY '00:00:30'")
        time.sleep(0.3)
        os.kill(pid, signal.SIGINT)
        expect_equal(error_of(client.read_reply()), (3980, 16), "a cancelled request")
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the next answer")
        client.send_batch("WAITFOR DELAY '00:00:30'")
        time.sleep(0.3)
        os.kill(pid, signal.SIGTERM)
        expect_equal(error_of(client.read_reply()), (596, 21), "a terminated session")
        expect(client.closed(), "the connection stays open")


# ------------------------------------------------------------------ attention

def stop_and_look(client, what):
    client.attention()
    reply = client.read_reply()
    expect(reply.dones[-1].status & DONE_ATTENTION, f"{what}: it is not acknowledged")
    expect_equal(client.batch("SELECT 2").check().rows, [[2]], f"{what}: the next answer")


def attention_stops_every_kind_of_request(instance):
    with connect(instance) as client:
        client.send_batch("WAITFOR DELAY '00:00:30'")
        time.sleep(0.2)
        stop_and_look(client, "a batch")
        client.send_message(TYPE_RPC, client.headers() + client.call_body(
            EXECUTESQL, [("", nvarchar("WAITFOR DELAY '00:00:30'"))]))
        time.sleep(0.2)
        stop_and_look(client, "a call")
        client.batch("CREATE PROCEDURE #slow AS BEGIN TRY WAITFOR DELAY '00:00:30' END TRY "
                     "BEGIN CATCH SELECT 'caught' END CATCH").check()
        client.send_message(TYPE_RPC, client.headers() + client.call_body("#slow", []))
        time.sleep(0.2)
        stop_and_look(client, "a procedure with TRY")


def attention_stops_a_bulk_load(instance):
    """A client that sends gives up with the ignore bit; one that has sent all, with an attention."""
    with connect(instance) as client:
        client.batch("CREATE TABLE #t (id int)").check()
        body = bulk_body([("id", intn(4, 0).info)], [[intn(4, n).value] for n in range(9000)])
        client.batch("INSERT BULK #t (id int)").check()
        for at in range(0, len(body) - 4000, 4000):
            client.packet(TYPE_BULK, 0, body[at:at + 4000])
        client.packet(TYPE_BULK, STATUS_EOM | STATUS_IGNORE, b"")
        client.read_reply()
        expect_equal(client.batch("SELECT count(*) FROM #t").check().rows, [[0]], "rows of a load given up")
        client.batch("CREATE TABLE tempdb.dbo.slow (id int); INSERT INTO tempdb.dbo.slow VALUES (1)").check()
        with connect(instance) as holder:
            holder.batch("BEGIN TRAN; SELECT * FROM tempdb.dbo.slow WITH (TABLOCKX)").check()
            client.batch("INSERT BULK tempdb.dbo.slow (id int)")
            client.send_message(TYPE_BULK, body)
            time.sleep(0.3)
            client.attention()
            time.sleep(0.2)
            holder.batch("ROLLBACK").check()
        reply = client.read_reply()
        expect(reply.dones[-1].status & DONE_ATTENTION, "it is not acknowledged")
        expect_equal(client.batch("SELECT 2").check().rows, [[2]], "the next answer")
        client.batch("DROP TABLE tempdb.dbo.slow").check()


# ------------------------------------------------------------------ what a session used

def sessions_tell_what_they_used(instance):
    columns = "cpu_time, logical_reads, writes, total_elapsed_time, row_count"
    with connect(instance) as worker, connect(instance) as other:
        spid = worker.batch("SELECT @@SPID").check().rows[0][0]
        look = f"SELECT {columns} FROM sys.dm_exec_sessions WHERE session_id = {spid}"
        before = other.batch(look).check().rows[0]
        worker.batch("CREATE TABLE #used (a int, b char(2000)); DECLARE @i int = 0; "
                     "WHILE @i < 3000 BEGIN INSERT INTO #used VALUES (@i, 'x'); SET @i += 1 END").check()
        worker.batch("SELECT count(*) AS n FROM #used a, #used b").check()
        after = other.batch(look).check().rows[0]
        expect(after[0] > before[0], f"cpu_time: {before} {after}")
        expect(after[1] >= before[1] + 700, f"logical_reads: {before} {after}")
        expect(after[2] >= before[2] + 700, f"writes: {before} {after}")
        expect(after[3] > before[3], f"total_elapsed_time: {before} {after}")
        expect_equal(after[4], 1, "row_count")
        rows = other.batch("SELECT DATEDIFF(ms, last_request_start_time, last_request_end_time) FROM "
                           f"sys.dm_exec_sessions WHERE session_id = {spid}").check().rows
        expect(rows[0][0] >= 0, "the last request ended before it began")
        worker.send_batch("DECLARE @i bigint = 0; WHILE 1 = 1 SET @i += 1")
        time.sleep(0.7)
        rows = other.batch("SELECT status, cpu_time, total_elapsed_time, logical_reads FROM sys.dm_exec_requests "
                           f"WHERE session_id = {spid}").check().rows
        expect(rows and rows[0][0] == "running" and rows[0][1] > 50 and rows[0][2] > 300, f"the running request: {rows}")
        stop_and_look(worker, "the loop")


def resident_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("RssAnon"))


def memory_stays_flat_over_many_tables(instance):
    with connect(instance) as client:
        client.batch("CREATE DATABASE many").check()
        client.batch("USE many").check()
        loop = ("DECLARE @i int = 0; WHILE @i < 250 BEGIN EXEC ('CREATE TABLE t (a int PRIMARY KEY, b varchar(10))'); "
                "EXEC ('DROP TABLE t'); SET @i += 1 END")
        client.batch(loop).check()
        pid = backend_of(instance, client)
        for _ in range(3):
            client.batch(loop).check()
        settled = resident_kb(pid)
        for _ in range(16):
            client.batch(loop).check()
        grown = resident_kb(pid) - settled
        print(f"resident memory grew by {grown} kB over 4000 more tables")
        expect(grown < 16384, f"memory grew by {grown} kB")


# ------------------------------------------------------------------ the certificate, the end

def fingerprint(instance):
    with connect(instance, encrypt="full") as client:
        return client.tls.getpeercert(True)


def a_new_certificate_is_used_without_restart(instance):
    before = fingerprint(instance)
    folder = os.path.join(instance.data, "tls")
    key, certificate = os.path.join(folder, "private_key.pem"), os.path.join(folder, "certificate.pem")
    owner = os.stat(key)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", "/CN=renewed",
                    "-keyout", key + ".new", "-out", certificate + ".new"], check=True, capture_output=True)
    for path in (key, certificate):
        os.chown(path + ".new", owner.st_uid, owner.st_gid)
        os.chmod(path + ".new", 0o600)
        os.rename(path + ".new", path)
    os.kill(instance.postmaster(), signal.SIGHUP)
    time.sleep(0.5)
    after = fingerprint(instance)
    expect(after != before, "the old certificate is still shown")


def a_smart_shutdown_waits(instance):
    with connect(instance) as client:
        client.send_batch("WAITFOR DELAY '00:00:03'; SELECT 42 AS a")
        time.sleep(0.3)
        os.kill(instance.postmaster(), signal.SIGTERM)
        time.sleep(1.5)
        try:
            connect(instance, timeout=5).close()
            raise AssertionError("a new client got in")
        except (ConnectionError, Closed, LoginFailed):
            pass
        expect_equal(client.read_reply().check().rows, [[42]], "the answer")
        expect_equal(client.batch("SELECT 43 AS a").check().rows, [[43]], "another one")


def a_fast_shutdown_is_told(instance):
    with connect(instance) as busy, connect(instance) as idle:
        busy.send_batch("WAITFOR DELAY '00:00:30'")
        time.sleep(0.3)
        os.kill(instance.postmaster(), signal.SIGINT)
        reply = busy.read_reply()
        expect_equal(error_of(reply), (6005, 21), "the error")
        expect_equal(reply.errors[0].text, "SHUTDOWN is in progress.", "its text")
        expect(busy.closed() and idle.closed(), "a connection stays open")


def with_restart(test):
    """The server comes back by itself after each of these."""
    def run(instance):
        try:
            test(instance)
        finally:
            until = time.monotonic() + 60
            while True:
                try:
                    connect(instance, timeout=5).close()
                    break
                except (OSError, Closed, LoginFailed, ssl.SSLError, struct.error):  # the last: an error for PRELOGIN
                    if time.monotonic() > until:
                        raise
                    time.sleep(0.3)
    run.__name__ = test.__name__
    return run


TESTS = [
    disabled_logins_are_told, unknown_logins_and_databases_are_told, a_denied_connect_keeps_a_login_out,
    a_login_is_locked_out_and_unlocked, a_password_must_be_changed_first, a_login_may_do_what_it_was_granted,
    a_request_that_takes_too_long_is_told, a_full_storage_takes_no_more_data, an_idle_session_is_closed, a_lock_that_is_not_had_in_time_is_told,
    one_client_too_many_is_told, a_killed_session_is_told, administrators_cancel_and_terminate,
    attention_stops_every_kind_of_request, attention_stops_a_bulk_load, sessions_tell_what_they_used,
    memory_stays_flat_over_many_tables, a_new_certificate_is_used_without_restart,
    with_restart(a_smart_shutdown_waits), with_restart(a_fast_shutdown_is_told),
]


def main():
    report = Report()
    chosen = [test for test in TESTS
              if len(sys.argv) < 2 or any(word in test.__name__ for word in sys.argv[1:])]
    try:
        with Instance(*OPTIONS) as instance:
            for test in chosen:
                report.run(test.__name__, test, instance)
            crashes = instance.crashes()
            if crashes:
                report.not_ok("no_backend_crashes", crashes[0])
    except StartFailed as failure:
        report.not_ok("the instance starts", failure)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
