"""Values of Python's drivers as the canonical text of behaviours.py."""
import datetime
import decimal
import uuid


def fraction(text, digits):
    """A time's text without the fraction's trailing zeros, cut to `digits`."""
    if "." not in text:
        return text
    head, _, tail = text.partition(".")
    end = len(tail)
    while end and tail[end - 1].isdigit() is False:
        end -= 1
    kept = tail[:digits].rstrip("0")
    return head + ("." + kept if kept else "")


def canonical(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "0x" + bytes(value).hex().upper()
    if isinstance(value, uuid.UUID):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        text = fraction(value.strftime("%Y-%m-%d %H:%M:%S.%f").zfill(26), 6)
        if value.tzinfo is not None:
            offset = value.strftime("%z")
            text += f" {offset[:3]}:{offset[3:5]}"
        return text
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        return fraction(value.strftime("%H:%M:%S.%f"), 6)
    return str(value)


def same(actual, expected, digits=6):
    """Whether canonical texts agree, given how fine the driver's times are."""
    if actual == expected:
        return True
    if ":" in expected and "." in expected:
        head, _, zone = expected.partition(" +")
        cut = fraction(head, digits) + (" +" + zone if zone else "")
        return actual == cut
    try:
        number = "e" in expected.lower() or "e" in actual.lower() or "." in expected
        return number and float(actual) == float(expected)
    except ValueError:
        # drivers give uniqueidentifier as text in either case
        return len(expected) == 36 and actual.upper() == expected
