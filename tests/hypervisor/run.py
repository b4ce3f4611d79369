#!/usr/bin/env python3
"""A guest's life under libvirt and QEMU: guest.c on a data directory of its own."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

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


def guest_processes(data):
    return [pid for pid in left_of(data) if "qemu" in os.readlink(f"/proc/{pid}/exe")]


def make_volumes(data):
    os.makedirs(os.path.join(data, "volumes"), 0o711)
    for number, volume in enumerate(VOLUMES):
        raw = os.path.join(data, "raw")
        with open(raw, "wb") as file:
            file.write(b"" if number else SECTOR)
            file.truncate(1 << 20)
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw,
                        os.path.join(data, "volumes", volume + ".qcow2")], check=True)


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
        left = guest_processes(data)
        (report.not_ok if left else report.ok)("no_process_of_a_guest_is_left",
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
