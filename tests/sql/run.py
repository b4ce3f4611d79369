#!/usr/bin/env python3
"""The SQL suite: each cases/NAME.sql is run and its transcript compared with cases/NAME.out.

    tests/sql/run.py                   every case
    tests/sql/run.py join 'date*'      cases whose names match
    tests/sql/run.py --update join     writes the transcript as the expected one; read it before
                                       you commit it: the expected output is SQL Server's, not ours
    tests/sql/run.py --at HOST:PORT --password-file FILE   against a server that runs already

A case runs on a connection of its own, in a database of its own that is dropped after it, unless
its first lines say `-- database: NAME`. `-- mask: REGEX` replaces what differs from run to run.
"""
import argparse
import fnmatch
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from expected import compare  # noqa: E402
from instance import Instance, StartFailed  # noqa: E402
from report import Report  # noqa: E402
from tds_client import Client, Closed, LoginFailed  # noqa: E402
from transcript import transcript  # noqa: E402


class Target:
    """Where the cases run."""

    def __init__(self, host, port, password, instance=None):
        self.host, self.port, self.password, self.instance = host, port, password, instance

    def connect(self, database=""):
        try:
            return Client(self.host, self.port, "sa", self.password, database)
        except ConnectionRefusedError:
            if not self.instance:
                raise
            self.instance.wait_for_port()
            return Client(self.host, self.port, "sa", self.password, database)


def report_crashes(instance, report):
    """A case may have survived the crash of its backend by its expected output; the suite does not."""
    crashes = instance.crashes()
    print("\n".join(crashes[:40]))
    if crashes:
        report.not_ok("no_backend_crashes", crashes[0])
    else:
        report.ok("no_backend_crashes")


def directive(script, name):
    return re.findall(rf"^-- {name}: (.+)$", script, re.M)


def run_case(target, name, script):
    """The transcript of a case, masked."""
    own = not directive(script, "database")
    database = directive(script, "database")[0].strip() if not own else f"case_{name}"
    if own:
        with target.connect() as admin:
            admin.batch(f"DROP DATABASE IF EXISTS [{database}]")
            admin.batch(f"CREATE DATABASE [{database}]").check()
    client = target.connect(database)
    try:
        text, client = transcript(script, lambda: target.connect(database), client)
    finally:
        client.close()
        if own:
            with target.connect() as admin:
                admin.batch(f"DROP DATABASE IF EXISTS [{database}]")
    for pattern in directive(script, "mask"):
        lines = [re.sub(pattern, "<masked>", line) if line.startswith("> ") else line
                 for line in text.split("\n")]
        text = "\n".join(lines)
    return text


def run_cases(target, cases, update, report):
    for name in cases:
        path = os.path.join(HERE, "cases", name + ".sql")
        with open(path, encoding="utf-8") as file:
            script = file.read()
        try:
            actual = run_case(target, name, script)
        except Exception as error:  # pylint: disable=broad-except
            report.not_ok(name, f"{type(error).__name__}: {error}")
            continue
        expected_path = os.path.join(HERE, "cases", name + ".out")
        compare(name, actual, expected_path, report, update)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*", default=["*"])
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--at", metavar="HOST:PORT")
    parser.add_argument("--password-file")
    arguments = parser.parse_args()
    cases = sorted(entry[:-4] for entry in os.listdir(os.path.join(HERE, "cases"))
                   if entry.endswith(".sql"))
    cases = [name for name in cases
             if any(fnmatch.fnmatch(name, pattern) for pattern in arguments.patterns)]
    report = Report()
    if arguments.at:
        host, port = arguments.at.rsplit(":", 1)
        with open(arguments.password_file, encoding="utf-8") as file:
            target = Target(host, int(port), file.read().strip())
        run_cases(target, cases, arguments.update, report)
        return report.status()
    try:
        with Instance() as instance:
            target = Target(instance.host, instance.port, instance.password, instance)
            run_cases(target, cases, arguments.update, report)
            report_crashes(instance, report)
    except (StartFailed, LoginFailed, Closed, OSError) as error:
        print(error)
        report.not_ok("start", f"{type(error).__name__}: {error}")
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
