"""The tests' TDS client (harness/tds_client.py) with what only protocol tests ask for: every TDS
version, TDS 8.0, LOGIN7 built field by field, typed parameters, tables, transaction manager requests,
bulk load, several calls in one message, and bytes that no driver sends.
"""
import os
import socket
import ssl
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
import tds_client  # noqa: E402
from tds_client import (Client, Closed, LoginFailed, Reply, TYPE_ATTENTION, TYPE_BATCH,  # noqa: E402,F401
                        TYPE_LOGIN, TYPE_PRELOGIN, TYPE_RPC, VERSIONS)

VERSIONS.setdefault("7.3A", 0x730A0003)
VERSIONS.setdefault("8.0", 0x08000000)

TYPE_BULK, TYPE_TRANSACTION = 0x07, 0x0E
STATUS_EOM, STATUS_IGNORE, STATUS_RESET, STATUS_RESET_KEEP = 0x01, 0x02, 0x08, 0x10
TM_DTC_ADDRESS, TM_BEGIN, TM_COMMIT, TM_ROLLBACK, TM_SAVE = 0, 5, 7, 8, 9
ENV_DATABASE, ENV_LANGUAGE, ENV_PACKET, ENV_COLLATION = 1, 2, 4, 7
ENV_BEGIN, ENV_COMMIT, ENV_ROLLBACK, ENV_RESET = 8, 9, 10, 18
COLLATION = bytes.fromhex("0904d00034")


def wide(text):
    return text.encode("utf-16-le", "surrogatepass")


def b_varchar(text):
    return bytes([len(wide(text)) // 2]) + wide(text)


def scramble(text):
    return bytes((((byte & 0x0F) << 4) | (byte >> 4)) ^ 0xA5 for byte in wide(text))


class Typed:
    """A value with its TYPE_INFO, both as bytes on the wire."""

    def __init__(self, info, value):
        self.info, self.value = info, value


def intn(size, value):
    data = b"\0" if value is None else bytes([size]) + value.to_bytes(size, "little", signed=size > 1)
    return Typed(bytes([0x26, size]), data)


def bit(value):
    return Typed(b"\x68\x01", b"\0" if value is None else bytes([1, value]))


def floatn(size, value):
    data = b"\0" if value is None else bytes([size]) + struct.pack("<f" if size == 4 else "<d", value)
    return Typed(bytes([0x6D, size]), data)


def nvarchar(value, size=4000):
    """size in characters; 0xFFFF for max."""
    info = b"\xe7" + struct.pack("<H", 0xFFFF if size == 0xFFFF else size * 2) + COLLATION
    if size == 0xFFFF:
        return Typed(info, plp(None if value is None else wide(value)))
    data = b"\xff\xff" if value is None else struct.pack("<H", len(wide(value))) + wide(value)
    return Typed(info, data)


def varchar(value, size=8000):
    info = b"\xa7" + struct.pack("<H", size) + COLLATION
    raw = None if value is None else value.encode("cp1252")
    if size == 0xFFFF:
        return Typed(info, plp(raw))
    return Typed(info, b"\xff\xff" if raw is None else struct.pack("<H", len(raw)) + raw)


def varbinary(value, size=8000):
    info = b"\xa5" + struct.pack("<H", size)
    if size == 0xFFFF:
        return Typed(info, plp(value))
    return Typed(info, b"\xff\xff" if value is None else struct.pack("<H", len(value)) + value)


def decimaln(precision, scale, number):
    """number: the value times 10^scale."""
    size = 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17
    info = bytes([0x6A, size, precision, scale])
    if number is None:
        return Typed(info, b"\0")
    return Typed(info, bytes([size, number >= 0]) + abs(number).to_bytes(size - 1, "little"))


def date(days):
    return Typed(b"\x28", b"\0" if days is None else b"\x03" + days.to_bytes(3, "little"))


def datetime2(days, ticks, scale=7):
    size = 3 if scale <= 2 else 4 if scale <= 4 else 5
    return Typed(bytes([0x2A, scale]),
                 bytes([size + 3]) + ticks.to_bytes(size, "little") + days.to_bytes(3, "little"))


def guid(raw):
    return Typed(b"\x24\x10", b"\0" if raw is None else b"\x10" + raw)


def text(value):
    """text in a parameter: no text pointer."""
    raw = value.encode("cp1252")
    return Typed(b"\x23" + struct.pack("<I", max(len(raw), 1)) + COLLATION, struct.pack("<I", len(raw)) + raw)


def plp(raw, chunk=None):
    """A (max) value; chunk: of unknown length, in chunks of so many bytes."""
    if raw is None:
        return b"\xff" * 8
    if chunk is None:
        return struct.pack("<Q", len(raw)) + (struct.pack("<I", len(raw)) + raw if raw else b"") + b"\0" * 4
    body = b"".join(struct.pack("<I", len(raw[at:at + chunk])) + raw[at:at + chunk]
                    for at in range(0, len(raw), chunk))
    return struct.pack("<Q", 0xFFFFFFFFFFFFFFFE) + body + b"\0" * 4


def table(schema, name, columns, rows):
    """A table-valued parameter. columns: TYPE_INFO bytes; rows: lists of value bytes; None: null."""
    head = b"\xf3" + b_varchar("") + b_varchar(schema) + b_varchar(name)
    if columns is None:
        return Typed(head + b"\xff\xff\0", b"\0")
    head += struct.pack("<H", len(columns))
    for info in columns:
        head += struct.pack("<IH", 0, 1) + info + b"\0"
    return Typed(head + b"\0", b"".join(b"\x01" + b"".join(row) for row in rows) + b"\0")


class WireClient(Client):
    """version "8.0" means TLS from the first byte. features: {id: data} of LOGIN7."""

    def __init__(self, host, port, user, password, *, features=None, new_password=None, login_tweak=None,
                 **options):
        self.features, self.new_password = features, new_password
        self.login_tweak = login_tweak
        super().__init__(host, port, user, password, **options)

    # -- connecting

    def connect(self):
        if self.version != "8.0":
            super().connect()
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["tds/8.0"])
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(self.incoming, self.outgoing)
        while True:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            pending = self.outgoing.read()
            if pending:
                self.sock.sendall(pending)
            if done:
                break
            piece = self.sock.recv(65536)
            if not piece:
                raise Closed("the server closed the connection during the TLS handshake")
            self.incoming.write(piece)
        self.tls = tls
        self.alpn = tls.selected_alpn_protocol()
        self.tls_version = tls.version()
        self.prelogin_strict()
        self.send_message(TYPE_LOGIN, self.login_body())
        self.login = self.read_reply()
        if self.login.login_ack is None:
            raise LoginFailed(self.login.errors)

    def prelogin_strict(self):
        options = [(0, b"\x10\0\0\0\0\0"), (1, b"\1"), (2, b"\0"), (3, b"\0" * 4), (4, b"\0")]
        self.send_message(TYPE_PRELOGIN, prelogin_body(options))
        self.prelogin_answer = parse_prelogin(self.read_message())

    def login_body(self):
        return login_body(self.user, self.password, wire_version=VERSIONS[self.version], database=self.database,
                          language=self.language, app=self.app, packet_size=self.packet_size,
                          features=self.features, new_password=self.new_password, tweak=self.login_tweak)

    # -- replies: the base class knows the layouts of 7.1 and of 7.2 up

    def headers(self):
        return b"" if self.version in ("7.0", "7.1") else super().headers()

    # -- requests

    def call_body(self, procedure, parameters=(), options=0):
        """One call without ALL_HEADERS. parameters: (name, Typed or plain value[, status])."""
        if isinstance(procedure, int):
            body = struct.pack("<HH", 0xFFFF, procedure)
        else:
            body = struct.pack("<H", len(wide(procedure)) // 2) + wide(procedure)
        body += struct.pack("<H", options)
        for name, value, *status in parameters:
            body += b_varchar(name) + bytes([status[0] if status else 0])
            body += value.info + value.value if isinstance(value, Typed) else self._parameter(value)
        return body

    def call(self, procedure, parameters=(), options=0):
        self.send_message(TYPE_RPC, self.headers() + self.call_body(procedure, parameters, options))
        return self.read_reply()

    def calls(self, *calls):
        """Several calls in one message: (procedure, parameters) each."""
        flag = b"\x80" if self.version in ("7.0", "7.1") else b"\xff"
        self.send_message(TYPE_RPC, self.headers() + flag.join(self.call_body(*one) for one in calls))
        return self.read_reply()

    def transaction_request(self, kind, payload=b""):
        self.send_message(TYPE_TRANSACTION, self.headers() + struct.pack("<H", kind) + payload)
        return self.read_reply()

    def begin(self, isolation=2, name=""):
        return self.transaction_request(TM_BEGIN, bytes([isolation, len(wide(name))]) + wide(name))

    def end(self, kind, name="", begin_next=False, isolation=2):
        payload = bytes([len(wide(name))]) + wide(name) + bytes([begin_next])
        if begin_next:
            payload += bytes([isolation, 0])
        return self.transaction_request(kind, payload)

    def save(self, name):
        return self.transaction_request(TM_SAVE, bytes([len(wide(name))]) + wide(name))

    def bulk(self, statement, columns, rows, done=True):
        """INSERT BULK: columns are (name, TYPE_INFO bytes), rows lists of value bytes."""
        reply = self.batch(statement)
        if reply.errors:
            return reply
        self.send_message(TYPE_BULK, bulk_body(columns, rows, self.version in ("7.0", "7.1"), done))
        return self.read_reply()

    def raw(self, data):
        """Bytes as they are, through TLS where it is on."""
        self._send(data)

    def packet(self, kind, status, body):
        self._send(struct.pack(">BBHHBB", kind, status, len(body) + 8, 0, 1, 0) + body)

    def closed(self, seconds=10):
        """Whether the server closes the connection (whatever it says before)."""
        self.sock.settimeout(seconds)
        try:
            while self.sock.recv(65536):
                continue
        except socket.timeout:
            return False
        except OSError:
            return True
        return True

    def environment(self, reply, kind):
        return [data for env, data in reply.environment if env == kind]


def prelogin_body(options):
    at, head, body = 5 * len(options) + 1, b"", b""
    for token, value in options:
        head += struct.pack(">BHH", token, at + len(body), len(value))
        body += value
    return head + b"\xff" + body


def parse_prelogin(answer):
    options, at = {}, 0
    while answer[at] != 0xFF:
        token, offset, length = struct.unpack(">BHH", answer[at:at + 5])
        options[token] = answer[offset:offset + length]
        at += 5
    return options


def login_body(user, password, *, wire_version=0x74000004, host="testhost", app="wire tests", server="server",
               library="wire", language="", database="", packet_size=4096, features=None, new_password=None,
               sspi=b"", tweak=None):
    """LOGIN7. tweak(bytearray) may spoil it before it is sent."""
    fixed = 94 if wire_version >= 0x72000000 or wire_version < 0x70000000 else 86
    head = bytearray(fixed)
    body = b""

    def put(at, data, unit=2):
        nonlocal body
        struct.pack_into("<HH", head, at, fixed + len(body), len(data) // unit)
        body += data

    struct.pack_into("<IIIIIBBBBiI", head, 4, wire_version, packet_size, 7, 1234, 0, 0xE0, 0x03, 0, 0, 0, 0x0409)
    put(36, wide(host))
    put(40, wide(user))
    put(44, scramble(password))
    put(48, wide(app))
    put(52, wide(server))
    put(60, wide(library))
    put(64, wide(language))
    put(68, wide(database))
    put(78, sspi, 1)
    put(82, b"")
    if new_password is not None:
        put(86, scramble(new_password))
        head[27] |= 0x01
    if features is not None:
        head[27] |= 0x10
        struct.pack_into("<HH", head, 56, fixed + len(body), 4)
        body += struct.pack("<I", fixed + len(body) + 4)
        for feature, data in features.items():
            body += struct.pack("<BI", feature, len(data)) + data
        body += b"\xff"
    struct.pack_into("<I", head, 0, fixed + len(body))
    message = bytearray(bytes(head) + body)
    if tweak:
        tweak(message)
    return bytes(message)


def bulk_body(columns, rows, old=False, done=True):
    body = b"\x81" + struct.pack("<H", len(columns))
    for name, info in columns:
        body += (struct.pack("<HH", 0, 9) if old else struct.pack("<IH", 0, 9)) + info
        if info[0] in (0x22, 0x23, 0x63):
            body += (b"" if old else b"\x01") + struct.pack("<H", 1) + wide("t")
        body += b_varchar(name)
    end = b"\xfd" + b"\0" * (8 if old else 12) if done else b""
    return b"".join([body, *(b"\xd1" + b"".join(row) for row in rows), end])
