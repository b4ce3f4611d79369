"""Runs a T-SQL script through a client and writes down what came back, readably.

The transcript repeats each batch and follows it with lines that begin with `> `: column headers with
types, rows, row counts and messages in the order of the reply. It is what expected outputs hold.
"""
import decimal
import re

from tds_client import DONE_ATTENTION, DONE_COUNT, Closed, Done, Message, ResultSet

SEPARATOR = re.compile(r"^\s*GO(?:\s+(\d+))?\s*;?\s*(?:--.*)?$", re.I)


def split_batches(script):
    """[(text, repetitions)] of a script cut at GO lines, as sqlcmd does."""
    batches, lines = [], []
    for line in script.splitlines():
        found = SEPARATOR.match(line)
        if found:
            batches.append(("\n".join(lines), int(found.group(1) or 1)))
            lines = []
        else:
            lines.append(line)
    if any(line.strip() for line in lines):
        batches.append(("\n".join(lines), 1))
    return [(text, count) for text, count in batches if text.strip()]


def value_text(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, bytes):
        return "0x" + value.hex().upper()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        return "'" + text.replace("\t", "\\t").replace("\0", "\\0") + "'"
    return str(value)


def plain_text(column, value):
    """Dates, times and identifiers need no quotes: their column says what they are."""
    if isinstance(value, str) and column.type_id in (0x28, 0x29, 0x2A, 0x2B, 0x3A, 0x3D, 0x6F, 0x24):
        return value
    return value_text(value)


def column_text(column):
    flags = "" if column.nullable else " not null"
    if column.identity:
        flags += " identity"
    return f"{column.name or '(no name)'} {column.type_name}{flags}"


def message_lines(message):
    word = "Msg" if message.error else "Info"
    where = f", Procedure {message.procedure}" if message.procedure else ""
    if not message.error and message.number == 0:
        return message.text.splitlines() or [""]
    return [f"{word} {message.number}, Level {message.severity}, State {message.state}{where}, "
            f"Line {message.line}", *("  " + line for line in message.text.splitlines())]


def reply_lines(reply):
    lines = []
    for item in reply.items:
        if isinstance(item, ResultSet):
            lines.append("[" + " | ".join(column_text(column) for column in item.columns) + "]")
            for row in item.rows:
                lines.append(" | ".join(plain_text(column, value)
                                        for column, value in zip(item.columns, row)))
        elif isinstance(item, Message):
            lines.extend(message_lines(item))
        elif isinstance(item, Done):
            if item.status & DONE_ATTENTION:
                lines.append("(cancelled)")
            elif item.status & DONE_COUNT:
                lines.append(f"({item.count} row{'' if item.count == 1 else 's'})")
    for name, value, column in reply.values:
        lines.append(f"{name} = {plain_text(column, value)}")
    return lines


def transcript(script, connect, client):
    """The transcript of a script. After a lost connection the rest runs on a new one from connect().
    Returns it with the client that is open at the end."""
    out = []
    for text, count in split_batches(script):
        out.append(text)
        out.append("GO" if count == 1 else f"GO {count}")
        for _ in range(count):
            try:
                out.extend("> " + line for line in reply_lines(client.batch(text)))
            except (Closed, ConnectionError) as error:
                out.append(f"> (connection lost: {error})")
                client.close()
                client = connect()
    return "\n".join(line.rstrip() for line in out) + "\n", client
