#!/usr/bin/env python3
"""The wire suite: the protocol as clients see it, without any driver in between.

    tests/wire/run.py                          every test, on an instance of its own
    tests/wire/run.py attention 'bulk*'        tests whose names have this in them
    tests/wire/run.py --count 500 spoilt       fewer spoilt requests (5000 unless said)
    tests/wire/run.py --at HOST:PORT --password-file FILE   against a server that runs already
"""
import argparse
import fnmatch
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
sys.path.insert(0, HERE)
from instance import Instance, StartFailed  # noqa: E402
from report import Report  # noqa: E402
import handshake  # noqa: E402
import requests  # noqa: E402  (this folder's, not the package)
import robustness  # noqa: E402
import sessions  # noqa: E402
import values  # noqa: E402
from wire_client import WireClient  # noqa: E402


class Server:
    """Where the tests connect. plain: whether it lets clients in without TLS."""

    user = "sa"

    def __init__(self, host, port, password, count, instance=None):
        self.host, self.port, self.password, self.count = host, port, password, count
        self.instance = instance
        self.plain = False

    def client(self, **options):
        options.setdefault("timeout", 60)
        return WireClient(self.host, self.port, self.user, self.password, **options)

    def find_out(self):
        """Without TLS thousands of connections are quicker."""
        try:
            with self.client(encrypt="off"):
                self.plain = True
        except Exception:  # pylint: disable=broad-except
            self.plain = False

    def crashes(self):
        """What the log says of processes that died, or ""."""
        if not self.instance:
            return ""
        found = re.findall(r".*(?:was terminated by signal|TRAP:|PANIC:).*", self.instance.log())
        return "; ".join(found)


def tests():
    for module in (handshake, requests, sessions, values, robustness):
        for test in module.TESTS:
            yield test.__name__.replace("_", " "), test


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--at")
    parser.add_argument("--password-file")
    parser.add_argument("--count", type=int, default=5000)
    arguments = parser.parse_args()
    chosen = [(name, test) for name, test in tests() if not arguments.names or
              any(fnmatch.fnmatch(name, f"*{wanted}*") for wanted in arguments.names)]
    report = Report()
    instance = None
    try:
        if arguments.at:
            host, port = arguments.at.rsplit(":", 1)
            with open(arguments.password_file, encoding="ascii") as file:
                server = Server(host, int(port), file.read().strip(), arguments.count)
        else:
            instance = Instance()
            instance.start()
            server = Server(instance.host, instance.port, instance.password, arguments.count, instance)
        server.find_out()
        for name, test in chosen:
            report.run(name, test, server)
    except StartFailed as failure:
        report.not_ok("the instance starts", failure)
    finally:
        if instance:
            instance.__exit__()
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
