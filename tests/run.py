#!/usr/bin/env python3
"""Runs test suites and sums them up.

A suite is a folder tests/NAME with an executable `run` or `run.py`. It prints one line a test,
    ok NAME
    not ok NAME: reason
    skip NAME: reason
and whatever else helps to understand a failure. A suite that ends badly, runs too long or prints
no such line counts as one failure. The last line is `N passed, N failed[, N skipped]`.

    tests/run.py              every suite, in order
    tests/run.py lint sql     only these
"""
import os
import signal
import subprocess
import sys
import threading
import time

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)

# In order: what fails fastest and explains most comes first. Seconds after which a suite is taken
# for hung; far above what it needs, so that a slow machine fails nothing.
SUITES = {
    "lint": 600,
    "unit": 900,
    "iam": 300,
    "serve": 600,
    "sql": 1200,
    "samples": 600,
    "scripts": 1500,
    "wire": 1200,
    "sessions": 600,
    "api": 900,
    "network": 120,
    "vpc": 200,
    "hypervisor": 200,
    "images": 200,
    "provision": 300,
    "ecs": 400,
    "rds": 300,
    "backup": 600,
    "cli": 600,
    "clients": 3000,
    "sdk": 900,
    "console": 600,
    "fault": 1500,
    "daemon": 600,
    "cloudfault": 1800,
    "fuzz": 1500,
    "fresh": 1200,
    "guides": 1200,
}
BUDGET_MINUTES = 40


def executable(suite):
    for name in ("run", "run.py"):
        path = os.path.join(TESTS, suite, name)
        if os.access(path, os.X_OK):
            return path
    return None


class Counts:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def take(self, suite, line):
        """Counts a result line; returns whether it was one."""
        if line.startswith("ok "):
            self.passed += 1
        elif line.startswith("not ok "):
            self.fail(suite, line[7:])
        elif line.startswith("skip "):
            self.skipped += 1
        else:
            return False
        return True

    def fail(self, suite, what):
        self.failed += 1
        self.failures.append(f"{suite}: {what}")

    def total(self):
        return self.passed + self.failed + self.skipped


def end_group(process):
    """Ends the suite and whatever it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            continue


def run_suite(suite, counts):
    path = executable(suite)
    if not path:
        print(f"== {suite}: no suite of this name is in tests/")
        counts.fail(suite, "the suite is missing")
        return
    print(f"== {suite}", flush=True)
    before = counts.total()
    began = time.monotonic()
    process = subprocess.Popen([path], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, text=True, errors="replace",
                               start_new_session=True)
    hung = threading.Event()

    def too_long():
        hung.set()
        end_group(process)

    guard = threading.Timer(SUITES.get(suite, 1200), too_long)
    guard.start()
    try:
        failed_before = counts.failed
        for line in process.stdout:
            line = line.rstrip("\n")
            print(line if counts.take(suite, line) else "    " + line, flush=True)
        status = process.wait()
    except BaseException:
        end_group(process)
        raise
    finally:
        guard.cancel()
    if hung.is_set():
        counts.fail(suite, f"taken for hung after {SUITES.get(suite, 1200)} s and ended")
    elif status != 0 and counts.failed == failed_before:
        counts.fail(suite, f"the suite ended with status {status}")
    elif counts.total() == before:
        counts.fail(suite, "the suite tested nothing")
    print(f"== {suite}: {counts.total() - before} results in {time.monotonic() - began:.0f} s",
          flush=True)


def main():
    suites = sys.argv[1:] or [name for name in SUITES if executable(name)]
    counts = Counts()
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for suite in suites:
        run_suite(suite, counts)
    minutes = (time.monotonic() - began) / 60
    print(f"\n{minutes:.1f} minutes of a budget of {BUDGET_MINUTES}"
          + (": OVER IT, make the suites above faster" if minutes > BUDGET_MINUTES else ""))
    for failure in counts.failures:
        print(f"failed: {failure}")
    skipped = f", {counts.skipped} skipped" if counts.skipped else ""
    print(f"{counts.passed} passed, {counts.failed} failed{skipped}", flush=True)
    return 1 if counts.failed else 0


if __name__ == "__main__":
    sys.exit(main())
