"""A small TDS client for tests: connects, sends batches and RPCs, and keeps the reply token by token.

It follows MS-TDS on its own and shares no code with the server, so that both sides cannot agree on
the same mistake. Dates, times and decimals come back as text or Decimal with every digit that was
sent; nothing is rounded on the way.

    client = Client(host, port, "sa", password)
    reply = client.batch("SELECT 1 AS one")
    reply.sets[0].rows == [[1]]
"""
import decimal
import socket
import ssl
import struct
import uuid

VERSIONS = {"7.1": 0x71000001, "7.2": 0x72090002, "7.3": 0x730B0003, "7.4": 0x74000004}

TYPE_BATCH, TYPE_RPC, TYPE_ATTENTION, TYPE_LOGIN, TYPE_PRELOGIN = 0x01, 0x03, 0x06, 0x10, 0x12
DONE_MORE, DONE_ERROR, DONE_COUNT, DONE_ATTENTION = 0x01, 0x02, 0x10, 0x20


class Closed(Exception):
    """The server closed the connection."""


class LoginFailed(Exception):
    """Carries the server's messages."""

    def __init__(self, messages):
        super().__init__("; ".join(str(m) for m in messages) or "no message")
        self.messages = messages


class ServerError(Exception):
    """Raised by Reply.check: the first error of a reply."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message
        self.number = message.number


class Message:
    """An ERROR or INFO token."""

    def __init__(self, error, number, state, severity, text, server, procedure, line):
        self.error, self.number, self.state, self.severity = error, number, state, severity
        self.text, self.server, self.procedure, self.line = text, server, procedure, line

    def __str__(self):
        where = f", Procedure {self.procedure}" if self.procedure else ""
        return (f"Msg {self.number}, Level {self.severity}, State {self.state}{where}, "
                f"Line {self.line}: {self.text}")


class Column:
    """One column (or returned value) as COLMETADATA describes it."""

    def __init__(self, name, type_id, flags):
        self.name, self.type_id, self.flags = name, type_id, flags
        self.length = self.precision = self.scale = 0
        self.collation = b""
        self.user_type = 0
        self.plp = False

    @property
    def nullable(self):
        return bool(self.flags & 0x01)

    @property
    def identity(self):
        return bool(self.flags & 0x10)

    @property
    def type_name(self):
        """The type as T-SQL writes it."""
        kind = self.type_id
        if kind in BY_LENGTH:
            return BY_LENGTH[kind].get(self.length, f"type 0x{kind:02x} of {self.length} bytes")
        name = NAMES.get(kind, f"type 0x{kind:02x}")
        if kind in (0x6A, 0x6C):
            return f"{name}({self.precision},{self.scale})"
        if kind in (0x29, 0x2A, 0x2B):
            return f"{name}({self.scale})"
        if kind in (0xA7, 0xAF, 0xA5, 0xAD, 0xE7, 0xEF):
            size = self.length // 2 if kind in (0xE7, 0xEF) else self.length
            return f"{name}({'max' if self.plp else size})"
        return name

    @property
    def encoding(self):
        flags = int.from_bytes(self.collation[:4], "little") if len(self.collation) >= 4 else 0
        return "utf-8" if flags & 0x04000000 else "cp1252"


BY_LENGTH = {
    0x26: {1: "tinyint", 2: "smallint", 4: "int", 8: "bigint"}, 0x68: {1: "bit"},
    0x6D: {4: "real", 8: "float"}, 0x6E: {4: "smallmoney", 8: "money"},
    0x6F: {4: "smalldatetime", 8: "datetime"}, 0x24: {16: "uniqueidentifier"},
}
NAMES = {
    0x1F: "null", 0x30: "tinyint", 0x32: "bit", 0x34: "smallint", 0x38: "int", 0x7F: "bigint",
    0x3A: "smalldatetime", 0x3D: "datetime", 0x3B: "real", 0x3E: "float", 0x3C: "money",
    0x7A: "smallmoney", 0x6A: "decimal", 0x6C: "numeric", 0x28: "date", 0x29: "time",
    0x2A: "datetime2", 0x2B: "datetimeoffset", 0xA7: "varchar", 0xAF: "char", 0xA5: "varbinary",
    0xAD: "binary", 0xE7: "nvarchar", 0xEF: "nchar", 0x23: "text", 0x63: "ntext", 0x22: "image",
    0x62: "sql_variant", 0xF1: "xml", 0xF0: "udt",
}
FIXED = {0x1F: 0, 0x30: 1, 0x32: 1, 0x34: 2, 0x38: 4, 0x3A: 4, 0x3B: 4, 0x3C: 8, 0x3D: 8, 0x3E: 8,
         0x7A: 4, 0x7F: 8}


class ResultSet:
    def __init__(self, columns):
        self.columns, self.rows, self.order = columns, [], []

    @property
    def names(self):
        return [column.name for column in self.columns]


class Done:
    def __init__(self, kind, status, command, count):
        self.kind, self.status, self.command, self.count = kind, status, command, count


class Reply:
    """A whole reply: `items` has ResultSet, Message and Done objects as they came."""

    def __init__(self):
        self.items, self.environment, self.values = [], [], []
        self.return_status = None
        self.features = {}
        self.login_ack = None

    @property
    def sets(self):
        return [item for item in self.items if isinstance(item, ResultSet)]

    @property
    def messages(self):
        return [item for item in self.items if isinstance(item, Message)]

    @property
    def errors(self):
        return [message for message in self.messages if message.error]

    @property
    def dones(self):
        return [item for item in self.items if isinstance(item, Done)]

    @property
    def rows(self):
        """Rows of the first result set."""
        return self.sets[0].rows if self.sets else []

    @property
    def counts(self):
        return [done.count for done in self.dones if done.status & DONE_COUNT]

    def check(self):
        if self.errors:
            raise ServerError(self.errors[0])
        return self


class Stream:
    """Reads exact pieces of a message that arrives packet by packet."""

    def __init__(self, client):
        self.client, self.data, self.at, self.last = client, b"", 0, False

    def take(self, count):
        while len(self.data) - self.at < count:
            if self.last:
                raise Closed(f"the message ends where {count} more bytes were expected")
            body, self.last = self.client.read_packet()
            self.data = self.data[self.at:] + body
            self.at = 0
        piece = self.data[self.at:self.at + count]
        self.at += count
        return piece

    def ended(self):
        while self.at == len(self.data) and not self.last:
            body, self.last = self.client.read_packet()
            self.data, self.at = body, 0
        return self.at == len(self.data)

    def number(self, count, signed=False):
        return int.from_bytes(self.take(count), "little", signed=signed)

    def text(self, prefix):
        """A UTF-16 text whose length in characters comes first, in so many bytes."""
        return self.take(2 * self.number(prefix)).decode("utf-16-le", "surrogatepass")


def shortest_real(value):
    for digits in range(6, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == struct.pack("<f", value):
            return float(text)
    return value


def day_text(days):
    """Days since 0001-01-01 as text, by the civil calendar."""
    import datetime
    return datetime.date.fromordinal(days + 1).isoformat()


def clock_text(ticks, scale):
    seconds, rest = divmod(ticks, 10 ** scale)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:0{scale}}" if scale else text


def decode(column, data):
    """The value of a column's bytes."""
    kind, size = column.type_id, len(data)
    if kind in (0x30, 0x34, 0x38, 0x7F, 0x26):
        return int.from_bytes(data, "little", signed=size > 1)
    if kind in (0x32, 0x68):
        return data != b"\0"
    if kind in (0x3B, 0x3E, 0x6D):
        return shortest_real(struct.unpack("<f", data)[0]) if size == 4 \
            else struct.unpack("<d", data)[0]
    if kind in (0x3C, 0x7A, 0x6E):
        number = struct.unpack("<i", data)[0] if size == 4 else \
            (struct.unpack("<i", data[:4])[0] << 32) + struct.unpack("<I", data[4:])[0]
        return decimal.Decimal(number).scaleb(-4)
    if kind in (0x3A, 0x3D, 0x6F):
        if size == 4:
            days, minutes = struct.unpack("<HH", data)
            return f"{day_text(days + 693595)} {minutes // 60:02}:{minutes % 60:02}:00"
        days, ticks = struct.unpack("<iI", data)
        return f"{day_text(days + 693595)} {clock_text((ticks * 10 + 1) // 3, 3)}"
    if kind in (0x6A, 0x6C):
        number = int.from_bytes(data[1:], "little") * (1 if data[0] else -1)
        with decimal.localcontext() as context:
            context.prec = 60
            return decimal.Decimal(number).scaleb(-column.scale)
    if kind == 0x24:
        return str(uuid.UUID(bytes_le=data)).upper()
    if kind == 0x28:
        return day_text(int.from_bytes(data, "little"))
    if kind == 0x29:
        return clock_text(int.from_bytes(data, "little"), column.scale)
    if kind == 0x2A:
        return (f"{day_text(int.from_bytes(data[-3:], 'little'))} "
                f"{clock_text(int.from_bytes(data[:-3], 'little'), column.scale)}")
    if kind == 0x2B:
        return decode_offset(column, data)
    if kind in (0xE7, 0xEF, 0x63, 0xF1):
        if kind == 0xF1 and data[:2] == b"\xff\xfe":
            data = data[2:]
        return data.decode("utf-16-le", "surrogatepass")
    if kind in (0xA7, 0xAF, 0x23):
        return data.decode(column.encoding, "backslashreplace")
    if kind == 0x62:
        return decode_variant(data)
    return bytes(data)


def decode_offset(column, data):
    """datetimeoffset is sent in UTC with the offset beside it; shown in its own zone."""
    offset = struct.unpack("<h", data[-2:])[0]
    unit = 10 ** column.scale
    ticks = int.from_bytes(data[:-5], "little") + offset * 60 * unit
    days = int.from_bytes(data[-5:-2], "little")
    whole = 86400 * unit
    days, ticks = days + ticks // whole, ticks % whole
    sign = "-" if offset < 0 else "+"
    return (f"{day_text(days)} {clock_text(ticks, column.scale)} "
            f"{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}")


def decode_variant(data):
    kind, properties = data[0], data[1]
    inner = Column("", kind, 0)
    extra, value = data[2:2 + properties], data[2 + properties:]
    if kind in (0x6A, 0x6C):
        inner.precision, inner.scale = extra[0], extra[1]
    elif kind in (0x29, 0x2A, 0x2B):
        inner.scale = extra[0]
    elif kind in (0xA7, 0xAF, 0xE7, 0xEF):
        inner.collation = extra[:5]
    return decode(inner, value)


class Client:
    """One connection. encrypt: "login" (login only), "full" or "off"."""

    attention_sent = False

    def __init__(self, host, port, user, password, database="", encrypt="login", version="7.4",
                 packet_size=4096, timeout=60, app="casement tests", language="", connect=True):
        self.user, self.password, self.database, self.language = user, password, database, language
        self.encrypt, self.version, self.packet_size, self.app = encrypt, version, packet_size, app
        self.tls = None
        self.transaction = 0
        self.current_database = ""
        self.reset = False
        self.login = None
        self.sock = socket.create_connection((host, port), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if connect:
            try:
                self.connect()
            except BaseException:
                self.close()
                raise

    # -- bytes and packets

    def _receive_raw(self, count):
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise Closed("the server closed the connection")
            data += piece
        return data

    def _receive(self, count):
        if not self.tls:
            return self._receive_raw(count)
        data = b""
        while len(data) < count:
            try:
                data += self.tls.read(count - len(data))
            except ssl.SSLWantReadError:
                piece = self.sock.recv(65536)
                if not piece:
                    raise Closed("the server closed the connection") from None
                self.incoming.write(piece)
            except ssl.SSLZeroReturnError:
                raise Closed("the server closed the connection") from None
        return data

    def _send(self, data):
        if self.tls:
            self.tls.write(data)
            data = self.outgoing.read()
        self.sock.sendall(data)

    def send_message(self, kind, body, status=0):
        """Sends a message cut into packets. status is or-ed into the first packet's."""
        room = self.packet_size - 8
        pieces = [body[at:at + room] for at in range(0, len(body), room)] or [b""]
        if self.reset and kind in (TYPE_BATCH, TYPE_RPC):
            status |= 0x08
            self.reset = False
        for index, piece in enumerate(pieces):
            flags = (0x01 if index == len(pieces) - 1 else 0) | (status if index == 0 else 0)
            self._send(struct.pack(">BBHHBB", kind, flags, len(piece) + 8, 0, index % 256, 0)
                       + piece)

    def read_packet(self):
        """Body of the next packet and whether it ends its message."""
        header = self._receive(8)
        length = struct.unpack(">H", header[2:4])[0]
        return self._receive(length - 8), bool(header[1] & 0x01)

    def read_message(self):
        body, last = self.read_packet()
        while not last:
            more, last = self.read_packet()
            body += more
        return body

    # -- connecting

    def connect(self):
        self.prelogin()
        self.send_message(TYPE_LOGIN, self.login_body())
        if self.encrypt == "login":
            self.tls = None
        self.login = self.read_reply()
        if self.login.login_ack is None:
            raise LoginFailed(self.login.errors)

    def prelogin(self):
        wish = {"login": 0, "full": 1, "off": 2}[self.encrypt]
        options = [(0, b"\x10\0\0\0\0\0"), (1, bytes([wish])), (2, b"\0"), (3, struct.pack(">I", 0)),
                   (4, b"\0")]
        at, head, body = 5 * len(options) + 1, b"", b""
        for token, value in options:
            head += struct.pack(">BHH", token, at + len(body), len(value))
            body += value
        self.send_message(TYPE_PRELOGIN, head + b"\xff" + body)
        answer = self.read_message()
        self.prelogin_answer = {}
        position = 0
        while answer[position] != 0xFF:
            token, offset, length = struct.unpack(">BHH", answer[position:position + 5])
            self.prelogin_answer[token] = answer[offset:offset + length]
            position += 5
        agreed = self.prelogin_answer[1][0]
        if agreed == 2 and wish == 2:
            return
        if wish == 2 or agreed == 2:
            raise Closed(f"encryption cannot be agreed on (asked {wish}, got {agreed})")
        if agreed in (1, 3):
            self.encrypt = "full"
        self.handshake()

    def handshake(self):
        """TLS with its records inside PRELOGIN packets (MS-TDS 3.2.5.2)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
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
                self.send_message(TYPE_PRELOGIN, pending)
            if done:
                break
            self.incoming.write(self.read_message())
        self.tls = tls

    def login_body(self):
        def wide(text):
            return text.encode("utf-16-le")
        secret = bytes((((byte & 0x0F) << 4) | (byte >> 4)) ^ 0xA5 for byte in wide(self.password))
        fields = [wide("testhost"), wide(self.user), secret, wide(self.app), wide("server"), b"",
                  wide("tds_client"), wide(self.language), wide(self.database)]
        at, places, body = 94, b"", b""
        for field in fields:
            places += struct.pack("<HH", at + len(body), len(field) // 2)
            body += field
        end = at + len(body)
        places += b"\0" * 6 + struct.pack("<HHHHHHI", end, 0, end, 0, end, 0, 0)
        fixed = struct.pack("<IIIIIBBBBiI", VERSIONS[self.version], self.packet_size, 7, 1234, 0,
                            0xE0, 0x03, 0, 0, 0, 0x0409)
        whole = fixed + places + body
        return struct.pack("<I", len(whole) + 4) + whole

    # -- requests

    def headers(self):
        if self.version == "7.1":
            return b""
        return struct.pack("<IIHQI", 22, 18, 2, self.transaction, 1)

    def send_batch(self, sql):
        self.send_message(TYPE_BATCH, self.headers() + sql.encode("utf-16-le", "surrogatepass"))

    def batch(self, sql):
        self.send_batch(sql)
        return self.read_reply()

    def send_rpc(self, procedure, parameters=()):
        """procedure: a name or one of the numbers of MS-TDS 2.2.6.6. parameters: (name, value) or
        (name, value, "output"); values are int, str, bytes or None (an nvarchar NULL)."""
        body = self.headers()
        if isinstance(procedure, int):
            body += struct.pack("<HH", 0xFFFF, procedure)
        else:
            body += struct.pack("<H", len(procedure)) + procedure.encode("utf-16-le")
        body += b"\0\0"
        for name, value, *output in parameters:
            body += struct.pack("<B", len(name)) + name.encode("utf-16-le")
            body += (b"\x01" if output else b"\0") + self._parameter(value)
        self.send_message(TYPE_RPC, body)

    def _parameter(self, value):
        collation = b"\x09\x04\xd0\x00\x34"
        if isinstance(value, bool):
            return b"\x68\x01\x01" + bytes([value])
        if isinstance(value, int):
            size = 4 if -2 ** 31 <= value < 2 ** 31 else 8
            return bytes([0x26, size, size]) + value.to_bytes(size, "little", signed=True)
        if isinstance(value, float):
            return b"\x6d\x08\x08" + struct.pack("<d", value)
        if isinstance(value, bytes):
            if len(value) <= 8000:
                return b"\xa5" + struct.pack("<HH", 8000, len(value)) + value
            return b"\xa5\xff\xff" + self._chunks(value)
        if value is None:
            return b"\xe7" + struct.pack("<H", 8000) + collation + b"\xff\xff"
        data = value.encode("utf-16-le", "surrogatepass")
        if len(data) <= 8000:
            return b"\xe7" + struct.pack("<H", 8000) + collation + struct.pack("<H", len(data)) + data
        return b"\xe7\xff\xff" + collation + self._chunks(data)

    @staticmethod
    def _chunks(data):
        return struct.pack("<QI", len(data), len(data)) + data + b"\0\0\0\0"

    def rpc(self, procedure, parameters=()):
        self.send_rpc(procedure, parameters)
        return self.read_reply()

    def execute(self, sql, declaration="", **values):
        """sp_executesql with named parameters."""
        parameters = [("", sql)]
        if declaration:
            parameters += [("", declaration)] + [("@" + k, v) for k, v in values.items()]
        return self.rpc(10, parameters)

    def attention(self):
        """Asks the server to stop what it does; the reply still has to be read."""
        self.attention_sent = True
        self.send_message(TYPE_ATTENTION, b"")

    # -- replies

    def read_reply(self):
        """One message; after an attention also the one that acknowledges it."""
        reply, stream = Reply(), Stream(self)
        while True:
            while not stream.ended():
                token = stream.number(1)
                handler = self.TOKENS.get(token)
                if not handler:
                    raise Closed(f"the reply has the unknown token 0x{token:02x}")
                handler(self, reply, stream)
            if not self.attention_sent or any(done.status & DONE_ATTENTION for done in reply.dones):
                self.attention_sent = False
                return reply
            stream = Stream(self)

    def _token_columns(self, reply, stream):
        count = stream.number(2)
        columns = []
        for _ in range(0 if count == 0xFFFF else count):
            columns.append(self._column(stream))
        if count != 0xFFFF:
            reply.items.append(ResultSet(columns))

    def _column(self, stream, named=True):
        user_type = stream.number(2 if self.version == "7.1" else 4)
        flags = stream.number(2)
        column = Column("", stream.number(1), flags)
        column.user_type = user_type
        kind = column.type_id
        if kind in FIXED:
            column.length = FIXED[kind]
        elif kind in (0x29, 0x2A, 0x2B):
            column.scale = stream.number(1)
        elif kind in (0xA7, 0xA5, 0xAF, 0xAD, 0xE7, 0xEF):
            column.length = stream.number(2)
            column.plp = column.length == 0xFFFF
            if kind not in (0xA5, 0xAD):
                column.collation = stream.take(5)
        elif kind in (0x23, 0x63, 0x22, 0x62):
            column.length = stream.number(4)
            if kind in (0x23, 0x63):
                column.collation = stream.take(5)
            if named and kind != 0x62:
                self._table_name(stream)
        elif kind == 0xF1:
            column.plp = True
            if stream.number(1):
                stream.text(1), stream.text(1), stream.text(2)
        elif kind != 0x28:
            column.length = stream.number(1)
            if kind in (0x6A, 0x6C):
                column.precision, column.scale = stream.number(1), stream.number(1)
        if named:
            column.name = stream.text(1)
        return column

    def _table_name(self, stream):
        parts = 1 if self.version == "7.1" else stream.number(1)
        for _ in range(parts):
            stream.text(2)

    def _value(self, column, stream):
        kind = column.type_id
        if kind in FIXED:
            return None if kind == 0x1F else decode(column, stream.take(FIXED[kind]))
        if column.plp:
            return self._plp(column, stream)
        if kind in (0xA7, 0xA5, 0xAF, 0xAD, 0xE7, 0xEF):
            size = stream.number(2)
            return None if size == 0xFFFF else decode(column, stream.take(size))
        if kind in (0x23, 0x63, 0x22):
            pointer = stream.number(1)
            if pointer == 0:
                return None
            stream.take(pointer + 8)
            return decode(column, stream.take(stream.number(4)))
        if kind == 0x62:
            size = stream.number(4)
            return None if size == 0 else decode(column, stream.take(size))
        size = stream.number(1)
        return None if size == 0 else decode(column, stream.take(size))

    def _plp(self, column, stream):
        total = stream.number(8)
        if total == 0xFFFFFFFFFFFFFFFF:
            return None
        pieces = []
        while size := stream.number(4):
            pieces.append(stream.take(size))
        data = b"".join(pieces)
        if total != 0xFFFFFFFFFFFFFFFE and total != len(data):
            raise Closed(f"a value of {total} announced bytes has {len(data)}")
        return decode(column, data)

    def _token_row(self, reply, stream):
        result = reply.sets[-1]
        result.rows.append([self._value(column, stream) for column in result.columns])

    def _token_nbcrow(self, reply, stream):
        result = reply.sets[-1]
        nulls = stream.take((len(result.columns) + 7) // 8)
        result.rows.append([None if nulls[index // 8] >> index % 8 & 1
                            else self._value(column, stream)
                            for index, column in enumerate(result.columns)])

    def _message(self, reply, stream, error):
        stream.number(2)
        number, state, severity = stream.number(4, True), stream.number(1), stream.number(1)
        text, server, procedure = stream.text(2), stream.text(1), stream.text(1)
        line = stream.number(2 if self.version == "7.1" else 4)
        reply.items.append(Message(error, number, state, severity, text, server, procedure, line))

    def _token_error(self, reply, stream):
        self._message(reply, stream, True)

    def _token_info(self, reply, stream):
        self._message(reply, stream, False)

    def _token_login_ack(self, reply, stream):
        reply.login_ack = stream.take(stream.number(2))

    def _token_environment(self, reply, stream):
        data = stream.take(stream.number(2))
        kind = data[0]
        reply.environment.append((kind, data[1:]))
        if kind == 8:
            self.transaction = int.from_bytes(data[2:2 + data[1]], "little")
        elif kind in (9, 10):
            self.transaction = 0
        elif kind == 4:
            self.packet_size = int(data[2:2 + 2 * data[1]].decode("utf-16-le"))
        elif kind == 1:
            self.current_database = data[2:2 + 2 * data[1]].decode("utf-16-le")

    def _token_done(self, reply, stream, kind):
        status, command = stream.number(2), stream.number(2)
        count = stream.number(4 if self.version == "7.1" else 8)
        reply.items.append(Done(kind, status, command, count))

    def _token_return_value(self, reply, stream):
        stream.number(2)
        name = stream.text(1)
        stream.number(1)
        column = self._column(stream, named=False)
        column.name = name
        reply.values.append((name, self._value(column, stream), column))

    def _token_order(self, reply, stream):
        size = stream.number(2)
        order = [stream.number(2) for _ in range(size // 2)]
        if reply.sets:
            reply.sets[-1].order = order

    def _token_features(self, reply, stream):
        while (feature := stream.number(1)) != 0xFF:
            reply.features[feature] = stream.take(stream.number(4))

    def _token_return_status(self, reply, stream):
        reply.return_status = stream.number(4, True)

    def _token_skip(self, reply, stream):
        stream.take(stream.number(2))

    def _token_session_state(self, reply, stream):
        stream.take(stream.number(4))

    TOKENS = {
        0x81: _token_columns, 0xD1: _token_row, 0xD2: _token_nbcrow, 0xAA: _token_error,
        0xAB: _token_info, 0xAD: _token_login_ack, 0xE3: _token_environment,
        0xFD: lambda s, r, t: s._token_done(r, t, "DONE"),
        0xFE: lambda s, r, t: s._token_done(r, t, "DONEPROC"),
        0xFF: lambda s, r, t: s._token_done(r, t, "DONEINPROC"),
        0xAC: _token_return_value, 0xA9: _token_order, 0xAE: _token_features,
        0x79: _token_return_status, 0xA4: _token_skip, 0xA5: _token_skip,
        0xE4: _token_session_state,
    }

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
