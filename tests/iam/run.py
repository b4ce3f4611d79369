#!/usr/bin/env python3
"""Identity: signatures, tokens, lock-out, rights, and tenants that must not meet."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from cloud import Cloud  # noqa: E402
from report import Report, expect_equal  # noqa: E402
import crossing  # noqa: E402
import nonsense  # noqa: E402
import rights  # noqa: E402
import signatures  # noqa: E402
import signin  # noqa: E402
from tenants import Tenant, forget_nothing, password_body  # noqa: E402


def who_could_come_in_still_can_after_a_restart(cloud, tenant):
    token, revoked = tenant.token(), tenant.token()
    cloud.request("DELETE", "/v3/auth/tokens", token=token,
                  headers={"X-Subject-Token": revoked}).expect(204)
    cloud.kill()
    cloud.start()
    cloud.get("/v3/users", token=token).expect(200)
    cloud.get("/v3/users", token=revoked).expect(401)
    tenant.get("/v3/users").expect(200)
    cloud.get("/v3/users").expect(200)


def a_lost_administrator_gets_another_password_and_key(cloud, tenant):
    old = cloud.admin
    cloud.stop()
    cloud.options.append("--reset-admin")
    cloud.start()
    cloud.options.remove("--reset-admin")
    for name in ("domain_id", "project_id", "user_id"):
        expect_equal(cloud.admin[name], old[name], name)
    cloud.get("/v3/users").expect(200)
    cloud.token()
    cloud.get("/v3/users", credentials=(old["ak"], old["sk"])).expect(401)
    cloud.post("/v3/auth/tokens", password_body(old["user"], old["password"], old["domain_name"]),
               sign=None).expect(401)
    tenant.get("/v3/users").expect(200)


def main():
    report = Report()
    with Cloud() as cloud:
        tenant = Tenant(cloud, "alpha")
        other = Tenant(cloud, "beta")
        for test in (who_could_come_in_still_can_after_a_restart,
                     a_lost_administrator_gets_another_password_and_key):
            report.run(test.__name__, test, cloud, tenant)
        for module in (signatures, rights, crossing, nonsense, signin):
            for test in module.TESTS:
                report.run(test.__name__, test, cloud, tenant, other)
        report.run("no_secret_comes_into_the_log", forget_nothing, cloud)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
