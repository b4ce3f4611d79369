#!/usr/bin/env python3
"""Database instances by their API: made, changed, deleted, rebuilt; refused; listed; kept apart."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
sys.path.append(os.path.join(os.path.dirname(HERE), "iam"))

from cloud import Cloud  # noqa: E402
from report import Report  # noqa: E402
import crossing  # noqa: E402
import databases  # noqa: E402
import lifecycle  # noqa: E402
import lists  # noqa: E402
import parameters  # noqa: E402
import storage  # noqa: E402
import wrong  # noqa: E402


def main():
    report = Report()
    with Cloud() as cloud:
        world = lifecycle.World(cloud)
        for module in (wrong, lifecycle, lists, databases, parameters, storage, crossing, lifecycle.Ending):
            for test in module.TESTS:
                report.run(test.__name__, test, world)
        if report.failed:
            print(cloud.log()[-3000:])
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
