"""openstackclient's commands, and otcextensions with a password and with a token."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness"))

import openstack
from otcextensions import sdk

from report import Report, expect, expect_equal

with open(sys.argv[1], encoding="utf-8") as file:
    ADMIN = json.load(file)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
    "OS_AUTH_URL": ADMIN["endpoint"] + "/v3", "OS_CACERT": ADMIN["ca_file"],
    "OS_USERNAME": ADMIN["user"], "OS_PASSWORD": ADMIN["password"],
    "OS_USER_DOMAIN_NAME": ADMIN["domain_name"], "OS_PROJECT_DOMAIN_NAME": ADMIN["domain_name"],
    "OS_PROJECT_NAME": ADMIN["region"], "OS_REGION_NAME": ADMIN["region"],
    "OS_IDENTITY_API_VERSION": "3",
}


def run(*words):
    program = os.path.join(os.path.dirname(sys.executable), "openstack")
    done = subprocess.run([program, *words], env=ENVIRONMENT, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"openstack {' '.join(words)}: {done.stderr[-300:]}")
    return done.stdout


def asked(*words):
    return json.loads(run(*words, "-f", "json"))


def a_token_is_issued():
    token = asked("token", "issue")
    expect_equal(token["project_id"], ADMIN["project_id"], "the project")
    expect_equal(token["user_id"], ADMIN["user_id"], "the user")
    run("token", "revoke", token["id"])


def lists_are_shown():
    expect_equal([one["Name"] for one in asked("project", "list")], [ADMIN["region"]], "projects")
    expect_equal([one["Name"] for one in asked("user", "list")], [ADMIN["user"]], "users")
    expect_equal([one["Name"] for one in asked("group", "list")], ["admin"], "groups")
    expect("readonly" in [one["Name"] for one in asked("role", "list")], "no role readonly")
    types = [one["Type"] for one in asked("catalog", "list")]
    expect("identity" in types and "rdsv3" in types, f"the catalogue has {types}")
    expect_equal([one["Region"] for one in asked("region", "list")], [ADMIN["region"]], "regions")


def a_user_is_made_and_ended():
    run("user", "create", "--password", "Cli-Secret-12", "cli-user")
    run("group", "create", "cli-group")
    run("group", "add", "user", "cli-group", "cli-user")
    run("group", "contains", "user", "cli-group", "cli-user")
    run("role", "add", "--group", "cli-group", "--project", ADMIN["region"], "readonly")
    run("role", "remove", "--group", "cli-group", "--project", ADMIN["region"], "readonly")
    run("user", "set", "--disable", "cli-user")
    expect_equal(asked("user", "show", "cli-user")["enabled"], False, "enabled")
    run("group", "delete", "cli-group")
    run("user", "delete", "cli-user")


def connection(**auth):
    made = openstack.connection.Connection(
        auth={"auth_url": ADMIN["endpoint"] + "/v3", "project_name": ADMIN["region"],
              "project_domain_name": ADMIN["domain_name"], **auth},
        auth_type="token" if "token" in auth else "password", cacert=ADMIN["ca_file"],
        region_name=ADMIN["region"])
    sdk.load(made)
    return made


def looks_around(made):
    expect_equal(made.current_project_id, ADMIN["project_id"], "the current project")
    expect_equal([one.name for one in made.identity.projects()], [ADMIN["region"]], "the projects")
    list(made.rds.instances())


def otcextensions_comes_in_by_password():
    looks_around(connection(username=ADMIN["user"], password=ADMIN["password"],
                            user_domain_name=ADMIN["domain_name"]))


def otcextensions_comes_in_by_token():
    token = asked("token", "issue")["id"]
    looks_around(connection(token=token))


def otcextensions_makes_a_temporary_key():
    made = connection(username=ADMIN["user"], password=ADMIN["password"],
                      user_domain_name=ADMIN["domain_name"])
    key = made.identity.create_security_token(duration=900)
    expect(key.access and key.secret, "the temporary key has no pair")


def main():
    report = Report("openstack: ")
    for test in (a_token_is_issued, lists_are_shown, a_user_is_made_and_ended,
                 otcextensions_comes_in_by_password, otcextensions_comes_in_by_token,
                 otcextensions_makes_a_temporary_key):
        report.run(test.__name__, test)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
