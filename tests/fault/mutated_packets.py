"""Valid LOGIN7 and RPC messages with bytes changed, cut or added, sent to a live server."""
import concurrent.futures
import random
import socket
import struct

from report import expect, expect_equal
from tds_client import TYPE_LOGIN, TYPE_RPC, Client, Closed, LoginFailed


def mutate(body, source):
    """A copy of the message with one to six small damages."""
    data = bytearray(body)
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(data)) if data else 0
        kind = source.randrange(6)
        if kind == 0 and data:
            data[at] = source.randrange(256)
        elif kind == 1 and data:
            data[at] ^= 1 << source.randrange(8)
        elif kind == 2 and len(data) > at + 4:
            data[at:at + 4] = struct.pack("<I", source.choice(
                (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFE, source.randrange(1 << 32))))
        elif kind == 3:
            del data[at:at + source.randint(1, 40)]
        elif kind == 4:
            data[at:at] = bytes(source.randrange(256) for _ in range(source.randint(1, 20)))
        elif data:
            piece = data[at:at + source.randint(1, 60)]
            data[at:at] = piece
    return bytes(data)


def drain(sock):
    """Reads until the server has closed its side; hangs are the socket's timeout."""
    while sock.recv(65536):
        pass


def send_and_leave(client, kind, body):
    """Sends the message, says that no more will come, and waits until the server lets go."""
    try:
        client.send_message(kind, body)
        client.sock.shutdown(socket.SHUT_WR)
        drain(client.sock)
    except (ConnectionError, BrokenPipeError):
        pass
    finally:
        client.close()


def rpc_messages(client):
    """Bodies of a few valid calls: by name and number, several types, more than one call."""
    bodies = []
    capture = client.send_message
    client.send_message = lambda kind, body, status=0: bodies.append(body)
    try:
        client.send_rpc(10, [("", "SELECT @a, @b, @c"), ("", "@a int, @b nvarchar(10), @c float"),
                             ("@a", 1), ("@b", "text"), ("@c", 1.5)])
        client.send_rpc("sp_executesql", [("", "SELECT @v"), ("", "@v varbinary(max)"),
                                          ("@v", b"\x01" * 9000)])
        client.send_rpc(13, [("@handle", 0, "output"), ("", "@p int"), ("", "SELECT @p"), ("", 4)])
        client.send_rpc("sp_who", [])
    finally:
        client.send_message = capture
    second = bodies[0][len(client.headers()):]
    bodies.append(bodies[3] + b"\xff" + second)
    return bodies


def check_serving(instance, postmaster):
    with Client(instance.host, instance.port, "sa", instance.password, encrypt="off") as client:
        expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the answer")
    expect_equal(instance.postmaster(), postmaster, "the postmaster")


def run(instance, count):
    """Half of count as logins, half as calls. The instance must not encrypt."""
    source = random.Random(20240501)
    postmaster = instance.postmaster()

    def connect(**options):
        return Client(instance.host, instance.port, "sa", instance.password, encrypt="off",
                      timeout=60, **options)

    def one_login(body):
        client = connect(connect=False)
        client.prelogin()
        send_and_leave(client, TYPE_LOGIN, body)

    valid = Client(instance.host, instance.port, "sa", instance.password, encrypt="off")
    bodies = [mutate(valid.login_body(), source) for _ in range(count // 2)]
    valid.close()
    # Side by side: what still is a login, with a wrong password, is answered late on purpose.
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        for start in range(0, len(bodies), 500):
            list(pool.map(one_login, bodies[start:start + 500]))
            check_serving(instance, postmaster)
    client = connect()
    bodies = rpc_messages(client)
    for turn in range(count // 2):
        try:
            client.send_message(TYPE_RPC, mutate(source.choice(bodies), source))
            client.read_reply()
        except (Closed, ConnectionError, LoginFailed, UnicodeDecodeError, KeyError):
            client.close()
            client = connect()
        if turn % 500 == 499:
            check_serving(instance, postmaster)
    client.close()
    log = instance.log()
    for word in ("was terminated by signal", "PANIC", "TRAP:"):
        expect(word not in log, f"the log has \"{word}\"")
