#!/usr/bin/env python3
"""A guest's life under libvirt and QEMU: guest.c on a data directory of its own."""
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from cloud import Cloud  # noqa: E402
from instance import BUILD  # noqa: E402
from report import Report  # noqa: E402

VOLUMES = ("0a0a0a0a-2222-4222-8333-444455556666", "0b0b0b0b-2222-4222-8333-444455556666")
# mov ax, 0x0e43; int 0x10 (writes C); jmp back: a screen that fills.
SECTOR = bytes.fromhex("b8430ecd10ebf9").ljust(510, b"\0") + b"\x55\xaa"


def missing():
    if os.geteuid() != 0:
        return "guests need a host agent with root"
    for program in ("/usr/sbin/libvirtd", "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-img"):
        if not os.access(program, os.X_OK):
            return f"{program} is not there"
    return None


def left_of(data):
    """Processes that work for the data directory."""
    return [int(name) for name in os.listdir("/proc")
            if name.isdigit() and int(name) != os.getpid() and Cloud.works_in(int(name), data)]


def colours_of(path):
    """How many colours a PNG of one byte a channel, not interlaced, has (at most 256 are counted)."""
    with open(path, "rb") as file:
        bytes_ = file.read()
    at, body = 8, b""
    while at < len(bytes_):
        length, kind = struct.unpack(">I4s", bytes_[at:at + 8])
        part = bytes_[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", part)
        body += part if kind == b"IDAT" else b""
        at += length + 12
    size = {0: 1, 2: 3, 6: 4}[colour]
    if depth != 8 or interlace:
        raise AssertionError(f"a PNG of depth {depth}, interlace {interlace} is not read here")
    raw, row, before, seen = zlib.decompress(body), width * size, bytes(width * size), set()
    for start in range(0, len(raw), row + 1):
        before = unfilter(raw[start], bytearray(raw[start + 1:start + 1 + row]), before, size)
        seen.update(bytes(before[i:i + size]) for i in range(0, row, size))
        if len(seen) >= 256:
            break
    return len(seen)


def unfilter(kind, line, above, size):
    """A line of a PNG as it was before its filter (W3C PNG, 9.2)."""
    for i, value in enumerate(line):
        left = line[i - size] if i >= size else 0
        corner = above[i - size] if i >= size else 0
        guess = left + above[i] - corner
        paeth = min((left, above[i], corner), key=lambda one: abs(guess - one))
        line[i] = (value + (0, left, above[i], (left + above[i]) // 2, paeth)[kind]) & 255
    return line


def make_volumes(data):
    os.makedirs(os.path.join(data, "volumes"), 0o711)
    for number, volume in enumerate(VOLUMES):
        raw = os.path.join(data, "raw")
        with open(raw, "wb") as file:
            file.write(b"" if number else SECTOR)
            file.truncate(1 << 20)
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw,
                        os.path.join(data, "volumes", volume + ".qcow2")], check=True)


def screen_has_more_than_one_colour(data):
    count = colours_of(os.path.join(data, "screen.png"))
    if count < 2:
        raise AssertionError("the screen is one area of one colour")


def main():
    report = Report()
    reason = missing()
    if reason:
        report.skip("hypervisor", reason)
        return report.status()
    data = tempfile.mkdtemp(prefix="casement-hypervisor-", dir="/tmp")
    os.chmod(data, 0o755)
    try:
        make_volumes(data)
        run = subprocess.run([os.path.join(BUILD, "tests", "hypervisor", "hypervisor_guest"), data],
                             stdin=subprocess.DEVNULL, timeout=170, check=False)
        if run.returncode not in (0, 1):
            report.not_ok("guest", f"guest ended with {run.returncode}")
        report.run("screen_has_more_than_one_colour", screen_has_more_than_one_colour, data)
        left = left_of(data)
        (report.not_ok if left else report.ok)("no_process_is_left",
                                               *([f"{left}"] if left else []))
        status = report.status() or run.returncode
        if status:
            log = os.path.join(data, "hypervisor", "log", "libvirtd.log")
            if os.path.exists(log):
                with open(log, encoding="utf-8", errors="replace") as file:
                    print(file.read()[-3000:])
        return status
    finally:
        for pid in left_of(data):
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
