#!/usr/bin/env python3
"""kill -9 in the middle of concurrent writes, connections without end, limits."""
import os
import random
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
import mutated_packets  # noqa: E402
from instance import Instance, StartFailed  # noqa: E402
from report import Report, expect, expect_equal  # noqa: E402
from tds_client import Client, Closed, LoginFailed, ServerError  # noqa: E402

ROUNDS = 20
WRITERS = 4
BROKEN = (Closed, LoginFailed, ServerError, OSError)
PATIENCE = 120  # seconds that a reconnection may take before it counts as a hang


def wait_until(condition, what, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < until, f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


class Writer(threading.Thread):
    """Inserts numbers one by one, remembers those that the server acknowledged, reconnects."""

    def __init__(self, instance, number):
        super().__init__(daemon=True)
        self.instance, self.number = instance, number
        self.acknowledged, self.reconnects, self.next = [], 0, 0
        self.client, self.failure = None, None
        self.ending = threading.Event()

    def connect(self):
        until = time.monotonic() + PATIENCE
        while not self.ending.is_set():
            try:
                return Client(self.instance.host, self.instance.port, "sa", self.instance.password,
                              "fault", timeout=PATIENCE)
            except BROKEN as error:
                if time.monotonic() > until:
                    raise Closed(f"no connection within {PATIENCE} s: {error}") from error
                time.sleep(0.05)
        return None

    def run(self):
        try:
            self.client = self.connect()
            while not self.ending.is_set():
                self.next += 1
                try:
                    self.client.batch(f"INSERT INTO written (writer, number) VALUES "
                                      f"({self.number}, {self.next})").check()
                    self.acknowledged.append(self.next)
                except BROKEN:
                    self.client.close()
                    self.reconnects += 1
                    self.client = self.connect()
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def backend(self):
        """Process of the cluster that serves this writer's connection now, or None."""
        try:
            port = self.client.sock.getsockname()[1]
        except (AttributeError, OSError):
            return None
        inode = socket_inode(self.instance.port, port)
        for pid in self.instance.processes() if inode else []:
            try:
                for name in os.listdir(f"/proc/{pid}/fd"):
                    if os.readlink(f"/proc/{pid}/fd/{name}") == f"socket:[{inode}]":
                        return pid
            except OSError:
                continue
        return None


def socket_inode(local, remote):
    """Inode of the established socket with these ports, as the kernel lists it."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if (fields[3] == "01" and int(fields[1].split(":")[1], 16) == local
                    and int(fields[2].split(":")[1], 16) == remote):
                return fields[9]
    return None


def all_write(writers, count):
    """Waits until each writer has so many more acknowledged rows."""
    marks = [len(writer.acknowledged) + count for writer in writers]
    wait_until(lambda: all(len(writer.acknowledged) >= mark or writer.failure
                           for writer, mark in zip(writers, marks)), "all writers to write")
    for writer in writers:
        if writer.failure:
            raise writer.failure


def kill_one(instance, writers, postmaster):
    """kill -9 of the postmaster or of a backend that is writing."""
    if postmaster:
        victim = instance.postmaster()
    else:
        found = []
        wait_until(lambda: found.append(random.choice(writers).backend()) or found[-1],
                   "a backend to kill")
        victim = found[-1]
    os.kill(victim, signal.SIGKILL)


def acknowledged_writes_survive(instance):
    with Client(instance.host, instance.port, "sa", instance.password) as client:
        client.batch("CREATE DATABASE fault").check()
        client.batch("USE fault; CREATE TABLE written (writer int NOT NULL, number int NOT NULL, "
                     "PRIMARY KEY (writer, number))").check()
    writers = [Writer(instance, number) for number in range(WRITERS)]
    slowest = 0.0
    for writer in writers:
        writer.start()
    try:
        for turn in range(ROUNDS):
            all_write(writers, 10)
            began = time.monotonic()
            kill_one(instance, writers, postmaster=turn % 2 == 0)
            all_write(writers, 1)
            slowest = max(slowest, time.monotonic() - began)
    finally:
        for writer in writers:
            writer.ending.set()
        for writer in writers:
            writer.join(PATIENCE)
    # The last kill may still be on its way to all backends: reads as patiently as the writers write.
    with Writer(instance, WRITERS).connect() as client:
        rows = client.batch("SELECT writer, number FROM written").check().rows
    stored = {(row[0], row[1]) for row in rows}
    for writer in writers:
        missing = [n for n in writer.acknowledged if (writer.number, n) not in stored]
        expect(not missing, f"writer {writer.number} misses acknowledged rows {missing[:5]}")
        expect(writer.reconnects > 0, f"writer {writer.number} was never cut off")
    total = sum(len(writer.acknowledged) for writer in writers)
    print(f"{ROUNDS} kills, {total} acknowledged rows, all there; slowest time until every writer "
          f"wrote again {slowest:.2f} s")


def descriptors(instance):
    """Open descriptors of the postmaster and the processes that live as long as it."""
    counts = {}
    for pid in instance.processes():
        try:
            counts[pid] = len(os.listdir(f"/proc/{pid}/fd"))
        except OSError:
            continue
    return counts


def connections_in_a_row_leak_nothing(instance):
    def one():
        with Client(instance.host, instance.port, "sa", instance.password) as client:
            expect_equal(client.batch("SELECT 1").check().rows, [[1]], "the answer")

    for _ in range(50):
        one()
    before = descriptors(instance)
    began = time.monotonic()
    for _ in range(2000):
        one()
    seconds = time.monotonic() - began
    wait_until(lambda: len(instance.processes()) <= len(before) + 1, "the backends to go")
    after = descriptors(instance)
    kept = {pid: (before[pid], after[pid]) for pid in before if pid in after}
    grown = {pid: pair for pid, pair in kept.items() if pair[1] > pair[0] + 2}
    expect(not grown, f"descriptors grew (before, after): {grown}")
    print(f"2000 connections in {seconds:.1f} s, {1000 * seconds / 2000:.1f} ms each; "
          f"{len(before)} processes before, {len(after)} after")


def one_connection_too_many_is_told(_):
    with Instance("--max-connections", "10") as instance:
        open_clients, refused = [], []
        for _ in range(25):
            try:
                open_clients.append(Client(instance.host, instance.port, "sa", instance.password,
                                           timeout=PATIENCE))
            except LoginFailed as error:
                refused.append(error)
        expect(len(open_clients) >= 10, f"only {len(open_clients)} of 10 were let in")
        expect(len(open_clients) <= 10, f"{len(open_clients)} were let in, the limit is 10")
        expect(all(error.messages for error in refused), "a refusal without a message")
        print(f"the refusal: {refused[0]}")
        for client in open_clients:
            expect_equal(client.batch("SELECT 1").check().rows, [[1]], "an open session's answer")
            client.close()
        again = []
        wait_until(lambda: try_connect(instance, again), "a freed place")
        again[0].close()


def try_connect(instance, into):
    try:
        into.append(Client(instance.host, instance.port, "sa", instance.password,
                           timeout=PATIENCE))
        return True
    except LoginFailed:
        return False


def vanished_clients_are_noticed(instance):
    """Clients that go away in the middle of a statement leave no backend behind."""
    with Client(instance.host, instance.port, "sa", instance.password) as probe:
        probe.batch("SELECT 1").check()
        before = len(instance.processes())
        for _ in range(10):
            client = Client(instance.host, instance.port, "sa", instance.password)
            client.send_batch("WAITFOR DELAY '01:00:00'")
            client.close()
        wait_until(lambda: len(instance.processes()) <= before + 1, "the backends to go")


def mutated_packets_leave_it_serving(_):
    with Instance("--encryption", "off") as instance:
        mutated_packets.run(instance, 5000)


def main():
    report = Report()
    try:
        with Instance() as instance:
            for test in (connections_in_a_row_leak_nothing, one_connection_too_many_is_told,
                         vanished_clients_are_noticed, mutated_packets_leave_it_serving,
                         acknowledged_writes_survive):
                report.run(test.__name__, test, instance)
    except StartFailed as error:
        print(error)
        report.not_ok("start", error)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
