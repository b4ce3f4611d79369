"""Requests that were spoilt on purpose, always the same ones: seeds, and ways to spoil them.

    for name, data in mutations(login_seeds(...), 2500): ...

Nothing here is random from run to run: the number of the mutation decides everything about it.
"""
import random
import struct

from wire_client import (COLLATION, b_varchar, bit, date, datetime2, decimaln, floatn, guid, intn, login_body,
                         nvarchar, plp, table, text, varbinary, varchar, wide)

INTERESTING = [0, 1, 2, 4, 8, 16, 0x1F, 0x26, 0x28, 0x2B, 0x62, 0x63, 0x68, 0x6A, 0x7F, 0x80, 0x81, 0xA7,
               0xAA, 0xD1, 0xD2, 0xE7, 0xF0, 0xF1, 0xF3, 0xF4, 0xFD, 0xFE, 0xFF]
WORDS = [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1F40, 0x1F41, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF]
DWORDS = [0, 1, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]


def login_seeds(user, password):
    features = {1: b"", 2: b"\x02\x01\0\0\0x", 4: b"\x01", 5: b"", 9: b"\x02", 10: b"\x01", 13: b"\x01"}
    return {
        "plain": login_body(user, password),
        "features": login_body(user, password, features=features, database="master"),
        "old": login_body(user, password, wire_version=0x71000001),
        "sspi": login_body("", "", sspi=b"NTLMSSP\0\1\0\0\0" + b"\0" * 24),
        # with the right password a spoilt new one would be taken, and nobody know it
        "new password": login_body(user, "not " + password, new_password="Another1!"),
    }


def headers():
    return struct.pack("<IIHQI", 22, 18, 2, 0, 1)


def call(procedure, *parameters):
    body = struct.pack("<HH", 0xFFFF, procedure) if isinstance(procedure, int) else \
        struct.pack("<H", len(procedure)) + wide(procedure)
    body += b"\0\0"
    for name, status, value in parameters:
        body += b_varchar(name) + bytes([status]) + value.info + value.value
    return body


def rpc_seeds():
    sql = nvarchar("SELECT @a, @b")
    every = [("@p", 0, value) for value in (
        intn(1, 1), intn(2, 2), intn(4, 3), intn(8, 4), bit(True), floatn(4, 1.5), floatn(8, 2.5),
        decimaln(38, 10, 12345), date(738000), datetime2(738000, 1), guid(bytes(range(16))), nvarchar("text"),
        nvarchar("max" * 100, 0xFFFF), varchar("char"), varbinary(b"\0\1"), varbinary(b"\2" * 500, 0xFFFF),
        text("old"))]
    rows = table("dbo", "nosuch", [intn(4, 0).info, nvarchar("").info],
                 [[intn(4, n).value, nvarchar(f"row {n}").value] for n in range(5)])
    variant = type(sql)(b"\x62" + struct.pack("<I", 8009), struct.pack("<IBB", 6, 0x38, 0) + struct.pack("<i", 7))
    xml = type(sql)(b"\xf1\0", plp(wide("<a/>"), 3))
    return {
        "executesql": headers() + call(10, ("", 0, sql), ("", 0, nvarchar("@a int, @b nvarchar(20)")),
                                       ("@a", 0, intn(4, 7)), ("@b", 0, nvarchar("seven", 20))),
        "every type": headers() + call("no_such_procedure", *every),
        "table": headers() + call("no_such_procedure", ("@t", 0, rows), ("@v", 0, variant), ("@x", 0, xml)),
        "two calls": headers() + call(12, ("", 0, intn(4, 1))) + b"\xff" + call(15, ("", 0, intn(4, 1))),
        "prepare": headers() + call(11, ("", 1, intn(4, None)), ("", 0, nvarchar("@p int")),
                                    ("", 0, nvarchar("SELECT @p")), ("", 0, intn(4, 1))),
    }


def batch_seeds():
    return {"batch": headers() + wide("SELECT 1; SELECT N'two'; PRINT 'three'")}


def transaction_seeds():
    return {"begin": headers() + struct.pack("<HBB", 5, 2, 4) + wide("ab"),
            "commit": headers() + struct.pack("<HBBBB", 7, 0, 1, 2, 0)}


def bulk_seeds():
    body = b"\x81\x02\0" + struct.pack("<IH", 0, 9) + intn(4, 0).info + b_varchar("a")
    body += struct.pack("<IH", 0, 9) + b"\xe7\xff\xff" + COLLATION + b_varchar("b")
    for number in range(4):
        body += b"\xd1" + intn(4, number).value + plp(wide("value"), 4)
    return {"bulk": body + b"\xd2\x03" + b"\xfd" + b"\0" * 12}


def spoil(data, chance):
    """One to four changes of a copy of data."""
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        if not data:
            break
        at = chance.randrange(len(data))
        kind = chance.randrange(10)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice(INTERESTING)
        elif kind == 2:
            data[at:at + 2] = struct.pack("<H", chance.choice(WORDS))
        elif kind == 3:
            data[at:at + 4] = struct.pack("<I", chance.choice(DWORDS))
        elif kind == 4:
            del data[at:]
        elif kind == 5:
            del data[at:at + chance.choice((1, 2, 3, 4, 8))]
        elif kind == 6:
            data[at:at] = bytes(chance.choice(INTERESTING) for _ in range(chance.choice((1, 2, 4, 8, 64))))
        elif kind == 7:
            start = chance.randrange(len(data))
            data[at:at] = data[start:start + chance.randrange(1, 40)]
        elif kind == 8:
            data += bytes(chance.choice(INTERESTING) for _ in range(chance.randrange(1, 64)))
        else:
            data[at:at + 8] = b"\xff" * 8
    return bytes(data)


def mutations(seeds, count, salt=0):
    """`count` spoilt copies, taking the seeds in turn: (name, bytes)."""
    names = sorted(seeds)
    for number in range(count):
        chance = random.Random(salt * 1000003 + number)
        name = names[number % len(names)]
        yield f"{name} {number}", spoil(seeds[name], chance)
