"""Thousands of spoilt requests: the server refuses each or answers it, and goes on serving."""
import concurrent.futures
import random
import socket
import struct
import time

from mutate import batch_seeds, bulk_seeds, login_seeds, mutations, rpc_seeds, transaction_seeds
from report import expect, expect_equal
from tds_client import Closed
from wire_client import (STATUS_EOM, TYPE_BATCH, TYPE_BULK, TYPE_LOGIN, TYPE_RPC, TYPE_TRANSACTION, bit, date, datetime2,
                         decimaln, floatn, guid, intn, nvarchar, table, text, varbinary, varchar)

PROCEDURES = list(range(1, 16)) + ["sp_executesql", "sp_describe_first_result_set", "sp_columns", "sp_tables", "sp_help",
                                   "sp_who", "sp_reset_connection", "sp_getapplock", "sp_rename", "sp_helptext",
                                   "sp_describe_undeclared_parameters", "xp_msver", "master..sp_prepare"]
ODD = [intn(1, 0), intn(2, -1), intn(4, None), intn(4, 1), intn(4, 2**31 - 1), intn(8, -2**63), bit(None), bit(True),
       floatn(8, 1e300), floatn(4, None), decimaln(38, 38, 1), decimaln(1, 0, None), date(0), date(None),
       datetime2(3652058, 0, 0), guid(None), guid(bytes(16)), nvarchar(None), nvarchar(""), nvarchar("SELECT 1"),
       nvarchar("@p int"), nvarchar("SELECT @p"), nvarchar("]]'\"; DROP"), nvarchar("x" * 4000), nvarchar(None, 0xFFFF),
       nvarchar("SELECT a FROM (VALUES (1)) v(a)", 0xFFFF), varchar("dbo.x"), varchar(None, 0xFFFF), varbinary(b""),
       varbinary(b"\0" * 8000), varbinary(None, 0xFFFF), text("SELECT 2"), table("", "nosuch", None, []),
       table("sys", "objects", [intn(4, 0).info], [[intn(4, 1).value]])]
PATIENCE = 20  # seconds without an answer that count as a hang


def healthy(server, when):
    """A new connection works, and no process of the server has died."""
    with server.client() as client:
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], f"the answer {when}")
    expect(not server.crashes(), f"{when}: {server.crashes()[:200]}")


def drain(client):
    """Reads until a message ends or the connection does. False: it ended."""
    client.sock.settimeout(PATIENCE)
    try:
        client.read_message()
        return True
    except (Closed, ConnectionError):
        return False
    except socket.timeout:
        raise AssertionError(f"no answer within {PATIENCE} s") from None


def try_login(server, name, body):
    """Says a spoilt LOGIN7; what went wrong beyond a refusal, or None."""
    with server.client(connect=False, encrypt="off" if server.plain else "login") as client:
        try:
            client.prelogin()
            client.send_message(TYPE_LOGIN, body)
        except (Closed, ConnectionError):
            return None
        if client.encrypt == "login":
            client.tls = None  # the answer to a login is plain again
        try:
            drain(client)
        except AssertionError as hang:
            return f"{name}: {hang}"
    return None


def spoilt_logins_do_no_harm(server):
    """Several at once: a wrong password is answered late on purpose, and this is one in ten."""
    requests = mutations(login_seeds(server.user, server.password), server.count // 2, 1)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for problem in pool.map(lambda one: try_login(server, *one), requests):
            expect(not problem, problem)
    healthy(server, "after all logins")


def spoilt(kind, seeds, share, salt, before=None):
    """A test that sends spoilt requests of one kind; a connection serves until it is closed."""
    def test(server):
        client = None
        for number, (name, body) in enumerate(mutations(seeds, max(1, server.count * share // 100), salt)):
            try:
                if client is None:
                    client = server.client(encrypt="off" if server.plain else "login")
                if before:
                    client.batch(before)
                client.send_message(kind, body)
                alive = drain(client)
            except (Closed, ConnectionError):
                alive = False
            except AssertionError as hang:
                raise AssertionError(f"{name}: {hang}") from None
            if not alive and client is not None:
                client.close()
                client = None
            if number % 500 == 499:
                healthy(server, f"after {name}")
        if client is not None:
            client.close()
        healthy(server, "after all requests")
    return test


spoilt_calls_do_no_harm = spoilt(TYPE_RPC, rpc_seeds(), 35, 2)
spoilt_batches_do_no_harm = spoilt(TYPE_BATCH, batch_seeds(), 5, 3)
spoilt_transaction_requests_do_no_harm = spoilt(TYPE_TRANSACTION, transaction_seeds(), 5, 4)
spoilt_bulk_loads_do_no_harm = spoilt(
    TYPE_BULK, bulk_seeds(), 5, 5,
    "IF OBJECT_ID('tempdb..#b') IS NULL CREATE TABLE #b (a int, b nvarchar(max)); INSERT BULK #b (a int, b nvarchar(max))")
for _name in ("calls", "batches", "transaction_requests", "bulk_loads"):
    globals()[f"spoilt_{_name}_do_no_harm"].__name__ = f"spoilt_{_name}_do_no_harm"


def calls_with_odd_parameters_do_no_harm(server):
    """Well-formed calls that make no sense: every numbered procedure with values of any type."""
    client = None
    for number in range(max(1, server.count * 8 // 100)):
        chance = random.Random(6000003 + number)
        procedure = chance.choice(PROCEDURES)
        parameters = [(chance.choice(("", "", "@p", "@stmt", "@params", "@handle")), chance.choice(ODD),
                       chance.choice((0, 0, 0, 1, 2))) for _ in range(chance.randrange(7))]
        try:
            client = client or server.client(encrypt="off" if server.plain else "login")
            client.call(procedure, parameters)
        except (Closed, ConnectionError):
            client = None
        except socket.timeout:
            raise AssertionError(f"call {number} of {procedure} hangs") from None
        if server.crashes():
            raise AssertionError(f"call {number} of {procedure}: {server.crashes()[:200]}")
    healthy(server, "after odd calls")


def packets_that_lie_end_the_connection(server):
    for header in (struct.pack(">BBHHBB", TYPE_BATCH, STATUS_EOM, 4, 0, 1, 0),
                   struct.pack(">BBHHBB", 0x99, STATUS_EOM, 20, 0, 1, 0) + b"\0" * 12,
                   struct.pack(">BBHHBB", TYPE_BATCH, 0, 10, 0, 1, 0) + b"ab" +
                   struct.pack(">BBHHBB", TYPE_RPC, 1, 10, 0, 2, 0) + b"cd",
                   struct.pack(">BBHHBB", TYPE_BATCH, 0, 0xFFFF, 0, 1, 0)):
        with server.client(encrypt="off" if server.plain else "login") as client:
            client.raw(header)
            expect(client.closed(PATIENCE), f"{header.hex()} keeps the connection open")
    healthy(server, "after packets that lie")


def slow_clients_do_not_keep_others_out(server):
    slow = []
    try:
        for _ in range(20):
            sock = socket.create_connection((server.host, server.port), 10)
            sock.sendall(b"\x12\x01\x00\x2f\0\0\1\0\0")
            slow.append(sock)
        began = time.monotonic()
        healthy(server, "beside slow clients")
        expect(time.monotonic() - began < 10, "a login took too long beside slow clients")
    finally:
        for sock in slow:
            sock.close()


TESTS = [
    spoilt_logins_do_no_harm,
    spoilt_calls_do_no_harm,
    spoilt_batches_do_no_harm,
    spoilt_transaction_requests_do_no_harm,
    spoilt_bulk_loads_do_no_harm,
    calls_with_odd_parameters_do_no_harm,
    packets_that_lie_end_the_connection,
    slow_clients_do_not_keep_others_out,
]
