#!/usr/bin/env python3
"""VPC v1, v2.0 and v3, EIP and neutron's form by signed requests."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "harness"), os.path.join(TESTS, "iam")]

from cloud import Cloud  # noqa: E402
from report import Report  # noqa: E402
from tenants import Tenant  # noqa: E402
import eips  # noqa: E402
import groups  # noqa: E402
import routes  # noqa: E402
import strangers  # noqa: E402
import vpcs  # noqa: E402


def main():
    report = Report()
    with Cloud("--eip-network", "198.18.7.0/29") as cloud:
        alpha, beta = Tenant(cloud, "alpha"), Tenant(cloud, "beta")
        for module in (vpcs, groups, routes, eips, strangers):
            for test in module.TESTS:
                report.run(test.__name__, test, alpha, beta)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
