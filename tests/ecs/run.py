#!/usr/bin/env python3
"""Servers by ECS's and Nova's API, and real guests."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "harness"), os.path.join(TESTS, "iam")]

from cloud import Cloud  # noqa: E402
from report import Report  # noqa: E402
from stage import Stage  # noqa: E402
from tenants import Tenant  # noqa: E402
import guests  # noqa: E402
import interface  # noqa: E402


def main():
    report = Report()
    with Cloud() as cloud:
        stage, other = Stage(Tenant(cloud, "alpha")), Stage(Tenant(cloud, "beta"))
        for test in interface.TESTS:
            report.run(test.__name__, test, stage, other)
        state = {"acceleration": "emulation"}
        for test in guests.TESTS:
            report.run(test.__name__, test, stage, state)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
