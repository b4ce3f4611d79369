#!/usr/bin/env python3
"""The web console in headless Chromium: against a mock of the API, then against casementd."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from cloud import Cloud  # noqa: E402
from instance import BUILD, StartFailed, free_port  # noqa: E402

CACHE = os.path.join(os.path.abspath(BUILD), "clients", "console")
SHOTS = os.path.join(os.path.abspath(BUILD), "test-artefacts", "console")
SITE = os.path.join(os.path.abspath(BUILD), "console", "site")


def prepare():
    """The browser's path, or the reason for skipping."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    for what, there in (("chromium", browser), ("node", shutil.which("node")), ("npm", shutil.which("npm")),
                        ("the built console", os.path.isdir(SITE))):
        if not there:
            return None, f"{what} is not on this machine"
    os.makedirs(CACHE, exist_ok=True)
    os.makedirs(SHOTS, exist_ok=True)
    for name in ("package.json", "console.js", "pages.js"):
        shutil.copy(os.path.join(HERE, name), os.path.join(CACHE, name))
    if not os.path.isdir(os.path.join(CACHE, "node_modules", "playwright-core")):
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=CACHE,
                              capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            return None, "npm install failed: " + " ".join(done.stderr.split())[-200:]
    return browser, None


def drive(browser, which, address, **more):
    """Runs the scenarios; they print result lines."""
    settings = {"browser": browser, "which": which, "address": address, "shots": SHOTS, **more}
    done = subprocess.run(["node", os.path.join(CACHE, "console.js")], cwd=CACHE, timeout=240, check=False,
                          env={**os.environ, "CONSOLE_TEST": json.dumps(settings)})
    if done.returncode != 0:
        print(f"not ok {which}: the scenarios ended with status {done.returncode}", flush=True)
    return done.returncode


def against_mock(browser):
    port = free_port()
    with subprocess.Popen([sys.executable, os.path.join(HERE, "mock", "server.py"), str(port), SITE],
                          stdout=subprocess.PIPE, text=True) as mock:
        try:
            mock.stdout.readline()
            return drive(browser, "mock", f"http://127.0.0.1:{port}", domain="acme", user="admin",
                         password="Console-1!")
        finally:
            mock.kill()


def against_cloud(browser):
    try:
        with Cloud() as cloud:
            admin = cloud.admin
            return drive(browser, "cloud", cloud.endpoint, domain=admin["domain_name"], user=admin["user"],
                         password=admin["password"])
    except StartFailed as problem:
        print(f"not ok cloud: casementd did not start: {str(problem)[-300:]!r}")
        return 1


def main():
    browser, reason = prepare()
    if reason:
        print(f"skip console: {reason}")
        return 0
    wanted = sys.argv[1:] or ["mock", "cloud"]
    failed = 0
    for name, act in (("mock", against_mock), ("cloud", against_cloud)):
        if name in wanted:
            failed |= act(browser)
    return failed


sys.exit(main())
