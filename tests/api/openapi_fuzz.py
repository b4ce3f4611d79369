"""Requests that schemathesis (https://schemathesis.io, from PyPI) makes of /openapi.json, wrong and
right ones, with the administrator's token: none may be answered with 5xx.

By hand, longer: start casementd, then
    build/clients/schemathesis/bin/st run https://127.0.0.1:8443/openapi.json \\
        -H "X-Auth-Token: ..." --tls-verify DATA/tls/ca.crt -c not_a_server_error --max-time 600
"""
import os
import re
import subprocess
import venv

from instance import BUILD
from report import Skip

VERSION = "4.32.5"
SECONDS = 80
# Operations that would take away what the others are tried on: the project and the instance.
KEPT = ("update_project_status$", "keystone_update_project$", "keystone_delete_project$",
        "_delete_instance$")
FOLDER = os.path.join(os.path.abspath(BUILD), "clients", "schemathesis")


def program():
    """Schemathesis in an environment of its own; Skip where it cannot be had."""
    path = os.path.join(FOLDER, "bin", "st")
    if os.path.exists(path):
        return path
    venv.EnvBuilder(with_pip=True, clear=True).create(FOLDER)
    done = subprocess.run([os.path.join(FOLDER, "bin", "python3"), "-m", "pip", "install", "-q",
                           "--disable-pip-version-check", f"schemathesis=={VERSION}"],
                          capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0 or not os.path.exists(path):
        raise Skip("schemathesis cannot be installed: " + " ".join(done.stderr.split())[-200:])
    return path


def write_settings(cloud, values):
    """Placeholders that random texts would never fill are given: most requests reach a handler."""
    path = os.path.join(FOLDER, "schemathesis.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("[parameters]\n")
        for name, value in {"project_id": cloud.project, **values}.items():
            file.write(f'"path.{name}" = "{value}"\n')
    return path


def run(cloud, seconds=SECONDS, only=None, **values):
    """only: a pattern of paths; values: placeholders to be given, beside the project."""
    tool = program()
    before = cloud.process.pid
    done = subprocess.run(
        [tool, "--config-file", write_settings(cloud, values), "run", f"{cloud.endpoint}/openapi.json",
         "-H", f"X-Auth-Token: {cloud.token()}", "--tls-verify",
         os.path.join(cloud.data, "tls", "ca.crt"), "--checks", "not_a_server_error", "--max-time",
         str(seconds), "--phases", "coverage,fuzzing", "--max-examples", "30", "--no-shrink",
         "--continue-on-failure", "--request-timeout", "20", "--suppress-health-check", "all",
         "--warnings", "off", *(["--include-path-regex", only] if only else []),
         "--exclude-operation-id-regex", "|".join(KEPT)],
        capture_output=True, text=True, cwd=FOLDER, timeout=seconds * 3 + 60, check=False)
    print("\n".join("  " + line for line in done.stdout.splitlines()[-20:]))
    if done.returncode != 0:
        found = [line.strip() for line in done.stdout.splitlines()
                 if re.search(r"Server error|\[5\d\d\]|curl -X", line)]
        raise AssertionError("; ".join(found[:8]) or done.stdout[-400:] + done.stderr[-400:])
    if cloud.process.pid != before or cloud.process.poll() is not None:
        raise AssertionError("casementd ended")
