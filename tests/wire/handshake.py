"""PRELOGIN, TLS and LOGIN7, as clients of every age do them."""
import socket
import struct
import time

from report import Skip, expect, expect_equal
from tds_client import Closed, LoginFailed
from wire_client import (ENV_COLLATION, ENV_DATABASE, ENV_LANGUAGE, ENV_PACKET, TYPE_LOGIN, TYPE_PRELOGIN,
                         WireClient, login_body, parse_prelogin, prelogin_body)


def fresh(server, **options):
    """A socket connected, nothing said yet."""
    return server.client(connect=False, **options)


def prelogin_answers_with_a_version_and_the_encryption(server):
    with fresh(server) as client:
        client.prelogin()
        answer = client.prelogin_answer
        expect_equal(len(answer[0]), 6, "length of VERSION")
        expect(answer[0][0] >= 15, f"the version answered is {answer[0].hex()}")
        expect_equal(len(answer[1]), 1, "length of ENCRYPTION")
        expect_equal(answer[4], b"\0", "MARS")


def unknown_prelogin_options_are_passed_over(server):
    with fresh(server) as client:
        client.send_message(TYPE_PRELOGIN, prelogin_body(
            [(0, b"\x10\0\0\0\0\0"), (1, b"\0"), (2, b"\0"), (3, b"\0\0\0\1"), (4, b"\0"), (0x42, b"what"),
             (5, bytes(36)), (6, b"\1"), (7, bytes(32))]))
        answer = parse_prelogin(client.read_message())
        expect(0x42 not in answer, "an unknown option was answered")
        expect(0 in answer and 1 in answer, "VERSION or ENCRYPTION is missing")


def a_prelogin_that_points_outside_itself_ends_the_connection(server):
    for body in (b"\0\xff\xff\0\6\xff", b"\0\0\6\xff\xff\xff", b"\1\0\x06\0\0\xff", b"", b"\0", b"\0\0\x1a"):
        with fresh(server) as client:
            client.send_message(TYPE_PRELOGIN, body)
            expect(client.closed(), f"PRELOGIN {body.hex()} was accepted")


def a_prelogin_in_two_packets_and_single_bytes_is_put_together(server):
    body = prelogin_body([(0, b"\x10\0\0\0\0\0"), (1, b"\0"), (2, b"\0"), (3, b"\0" * 4), (4, b"\0")])
    with fresh(server) as client:
        wire = struct.pack(">BBHHBB", TYPE_PRELOGIN, 0, 8 + 10, 0, 1, 0) + body[:10]
        wire += struct.pack(">BBHHBB", TYPE_PRELOGIN, 1, 8 + len(body) - 10, 0, 2, 0) + body[10:]
        for at in range(len(wire)):
            client.sock.sendall(wire[at:at + 1])
        expect(0 in parse_prelogin(client.read_message()), "no VERSION in the answer")


def login_is_encrypted_and_the_rest_is_plain(server):
    with server.client(encrypt="login") as client:
        if client.encrypt == "full":
            raise Skip("the server requires encryption")
        expect(client.tls is None, "TLS is still on after the login")
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the answer")


def everything_is_encrypted_when_the_client_asks(server):
    with server.client(encrypt="full") as client:
        expect(client.tls is not None, "TLS is off")
        expect_equal(client.batch("SELECT REPLICATE(CAST(N'x' AS nvarchar(max)), 100000)").check().rows,
                     [["x" * 100000]], "the answer")


def tds_8_speaks_tls_from_the_first_byte(server):
    with server.client(version="8.0") as client:
        expect_equal(client.alpn, "tds/8.0", "ALPN")
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the answer")
        expect_equal(client.login.login_ack[1:5], b"\x08\0\0\0", "the version in LOGINACK")


def a_login_without_tls_is_understood_when_allowed(server):
    with fresh(server, encrypt="off") as client:
        try:
            client.connect()
        except Closed as reason:
            raise Skip(f"the server requires encryption: {reason}") from None
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the answer")


def every_version_is_acknowledged_as_asked(server):
    for version, expected in (("7.1", "71000001"), ("7.2", "72090002"), ("7.3A", "730a0003"),
                              ("7.3", "730b0003"), ("7.4", "74000004")):
        with server.client(version=version) as client:
            expect_equal(client.login.login_ack[1:5].hex(), expected, f"LOGINACK of {version}")
            expect_equal(client.batch("SELECT 1").check().rows, [[1]], f"the answer to {version}")


def login_tells_database_language_collation_and_packet_size(server):
    with server.client(database="master") as client:
        reply = client.login
        expect_equal(client.current_database, "master", "the database")
        kinds = [kind for kind, _ in reply.environment]
        for kind in (ENV_DATABASE, ENV_LANGUAGE, ENV_COLLATION, ENV_PACKET):
            expect(kind in kinds, f"ENVCHANGE {kind} is missing")
        expect_equal(client.environment(reply, ENV_COLLATION)[0][:6].hex(), "050904d00034", "the collation")
        numbers = [message.number for message in reply.messages]
        expect(5701 in numbers and 5703 in numbers, f"messages of the login: {numbers}")
        expect(b"M\0i\0c\0r\0o\0s\0o\0f\0t" in reply.login_ack, "LOGINACK names no product")


def a_wrong_password_is_18456(server):
    for user, password in ((server.user, "wrong"), ("nobody", "wrong"), (server.user, ""), ("", "")):
        with fresh(server) as client:
            client.user, client.password = user, password
            try:
                client.connect()
            except LoginFailed as failure:
                expect_equal([m.number for m in failure.messages], [18456], f"errors for {user!r}")
                message = failure.messages[0]
                expect_equal((message.state, message.severity), (1, 14), "state and severity")
                expect_equal(message.text, f"Login failed for user '{user}'.", "the text")
                expect(client.closed(), "the connection stays open")
            else:
                raise AssertionError(f"{user!r} with {password!r} was let in")


def an_unknown_database_is_4060(server):
    with fresh(server, database="no such database") as client:
        try:
            client.connect()
        except LoginFailed as failure:
            expect_equal([m.number for m in failure.messages], [4060, 18456], "errors")
        else:
            raise AssertionError("the login succeeded")


def features_are_acknowledged_or_left_out(server):
    with server.client(features={1: b"", 4: b"\1", 9: b"\2", 10: b"\1", 13: b"\1", 14: b"\1", 0x77: b"abc"}) as client:
        acks = client.login.features
        expect_equal(acks.get(10), b"\1", "UTF8_SUPPORT")
        for feature in (4, 13, 14, 0x77):
            expect(feature not in acks, f"feature {feature} was acknowledged")
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the answer")


def packet_sizes_are_negotiated(server):
    for asked, expected in ((512, 512), (4096, 4096), (8000, 8000), (32767, 32767), (100, 512), (0, 4096)):
        with server.client(packet_size=4096, login_tweak=lambda m, n=asked: struct.pack_into("<I", m, 8, n)) as client:
            expect(client.packet_size == expected or (expected > 16383 and client.packet_size <= 32767),
                   f"asked for {asked}, got {client.packet_size}")
            long = "x" * 30000
            expect_equal(client.batch(f"SELECT N'{long}' AS a").check().rows, [[long]], "a long answer")


def names_of_the_login_are_shown_by_functions(server):
    with server.client(app="näme ☃") as client:
        row = client.batch("SELECT APP_NAME(), HOST_NAME(), SUSER_SNAME()").check().rows[0]
        expect_equal(row, ["näme ☃", "testhost", server.user], "the names")


def logins_that_lie_are_refused(server):
    def longer(message):
        struct.pack_into("<I", message, 0, len(message) + 1)

    def outside(message):
        struct.pack_into("<HH", message, 40, 0xFFF0, 10)

    def long_name(message):
        struct.pack_into("<HH", message, 36, 94, 129)

    def tiny(message):
        struct.pack_into("<I", message, 0, 20)

    def ancient(message):
        struct.pack_into("<I", message, 4, 0x60000000)

    def endless_features(message):
        message[-1] = 0

    for tweak in (longer, outside, long_name, tiny, ancient, endless_features):
        with fresh(server, features={10: b"\1"}, login_tweak=tweak) as client:
            try:
                client.connect()
            except (Closed, LoginFailed, ConnectionError):
                continue
            raise AssertionError(f"{tweak.__name__}: the login succeeded")


def a_login_must_come_after_prelogin_or_alone(server):
    """Old clients send LOGIN7 first: it is understood, or the connection ends; it never hangs."""
    with fresh(server) as client:
        client.send_message(TYPE_LOGIN, login_body(server.user, server.password))
        client.sock.settimeout(20)
        try:
            client.read_message()
        except (Closed, ConnectionError):
            pass


def a_batch_before_the_login_ends_the_connection(server):
    with fresh(server) as client:
        client.prelogin()
        client.tls = None
        client.send_message(0x01, "SELECT 1".encode("utf-16-le"))
        expect(client.closed(), "the connection stays open")


def bytes_of_another_protocol_end_the_connection(server):
    for data in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 64, b"\xff" * 64, b"SSH-2.0-x\r\n", b"\x02\x01\x02\x00" + b"\0" * 600,
                 b"\x12\x01\x00\x07\0\0\1\0", b"\x12\x01\xff\xff\0\0\1\0"):
        with fresh(server) as client:
            client.sock.sendall(data)
            expect(client.closed(15), f"{data[:8]!r} keeps the connection open")


def a_client_that_vanishes_leaves_nothing_behind(server):
    for say in (b"", b"\x12", b"\x12\x01\x00\x2f\0\0\1\0", b"\x16\x03\x01\x00\xc8\x01"):
        for _ in range(5):
            with socket.create_connection((server.host, server.port), 10) as sock:
                sock.sendall(say)
    deadline = time.monotonic() + 20
    while True:
        with server.client() as client:
            count = client.batch("SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE is_user_process = 1")
        if not count.errors and count.rows[0][0] <= 1:
            return
        if time.monotonic() > deadline:
            if count.errors:
                raise Skip(str(count.errors[0]))
            raise AssertionError(f"{count.rows[0][0]} sessions remain")
        time.sleep(0.5)


TESTS = [
    prelogin_answers_with_a_version_and_the_encryption,
    unknown_prelogin_options_are_passed_over,
    a_prelogin_that_points_outside_itself_ends_the_connection,
    a_prelogin_in_two_packets_and_single_bytes_is_put_together,
    login_is_encrypted_and_the_rest_is_plain,
    everything_is_encrypted_when_the_client_asks,
    tds_8_speaks_tls_from_the_first_byte,
    a_login_without_tls_is_understood_when_allowed,
    every_version_is_acknowledged_as_asked,
    login_tells_database_language_collation_and_packet_size,
    a_wrong_password_is_18456,
    an_unknown_database_is_4060,
    features_are_acknowledged_or_left_out,
    packet_sizes_are_negotiated,
    names_of_the_login_are_shown_by_functions,
    logins_that_lie_are_refused,
    a_login_must_come_after_prelogin_or_alone,
    a_batch_before_the_login_ends_the_connection,
    bytes_of_another_protocol_end_the_connection,
    a_client_that_vanishes_leaves_nothing_behind,
]
