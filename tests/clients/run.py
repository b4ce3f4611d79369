#!/usr/bin/env python3
"""Real drivers against one server: each runs the same table of behaviours (behaviours.py) in its own
language, in every mode of connecting that it has. What a driver needs is fetched by its own language's package
manager into build/clients and kept there; where it cannot be had its suite is skipped, saying why.

    tests/clients/run.py [DRIVER...] [--server HOST:PORT --password-file FILE --certificate FILE]
"""
import argparse
import os
import shutil
import subprocess
import sys
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))

from instance import BUILD, Instance  # noqa: E402
from report import Report, Skip  # noqa: E402
from tds_client import Client  # noqa: E402

CACHE = os.path.join(os.path.abspath(BUILD), "clients")


def command(words, where=None, seconds=900, **environment):
    """Runs a preparation step; its failure is the reason for skipping."""
    if not shutil.which(words[0]) and not os.path.exists(words[0]):
        raise Skip(f"{words[0]} is not on this machine")
    done = subprocess.run(words, cwd=where, capture_output=True, text=True, timeout=seconds, check=False,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-2:]
        raise Skip(f"{' '.join(words[:3])} failed: {' '.join(last)}")
    return done.stdout


def folder(name):
    path = os.path.join(CACHE, name)
    os.makedirs(path, exist_ok=True)
    return path


def copy_in(name, *files):
    """Puts a driver's sources into its own folder of the cache, where its tools may write."""
    path = folder(name)
    for file in files:
        target = os.path.join(path, file)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(os.path.join(HERE, name, file), target)
    return path


def python_driver(package, module):
    def prepare():
        path = os.path.join(folder("python"), package)
        python = os.path.join(path, "bin", "python3")
        if not os.path.exists(python):
            venv.EnvBuilder(with_pip=True, clear=True).create(path)
        done = subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False)
        if done.returncode != 0:
            command([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", package])
        return [python, os.path.join(HERE, "python", "suite.py"), module]
    return prepare


def pyodbc():
    words = python_driver("pyodbc", "pyodbc")()
    if "[FreeTDS]" not in command(["odbcinst", "-q", "-d"]):
        raise Skip("FreeTDS's ODBC driver is not registered with unixODBC (package tdsodbc)")
    return words


def node():
    path = copy_in("node", "package.json", "suite.js")
    if not os.path.isdir(os.path.join(path, "node_modules", "tedious")):
        command(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], path)
    return ["node", os.path.join(path, "suite.js")]


def go():
    path = copy_in("go", "go.mod", "main.go")
    program = os.path.join(path, "behaviours")
    # go.sum is made here: the module proxy's checksums are verified against the public database
    command(["go", "mod", "tidy"], path)
    command(["go", "build", "-o", program, "."], path)
    return [program]


def java():
    path = copy_in("java", "pom.xml", "Suite.java")
    jars = os.path.join(path, "jars")
    if not os.path.isdir(jars):
        command(["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=jars"], path)
    command(["javac", "-cp", os.path.join(jars, "*"), "-d", path, os.path.join(path, "Suite.java")], path)
    return ["java", "-Xmx1g", "-cp", path + ":" + os.path.join(jars, "*"), "Suite"]


def rust():
    path = copy_in("rust", "Cargo.toml", "src/main.rs")
    command(["cargo", "build", "--release", "--quiet"], path, 1500)
    return [os.path.join(path, "target", "release", "casement-behaviours")]


def freetds():
    if not shutil.which("tsql"):
        raise Skip("tsql is not on this machine (package freetds-bin)")
    return [sys.executable, os.path.join(HERE, "freetds", "suite.py")]


# driver: (preparation, modes of connecting)
DRIVERS = {
    "freetds": (freetds, ("encrypted", "plain", "7.1", "7.2", "7.3", "7.4")),
    "pymssql": (python_driver("pymssql", "pymssql"), ("encrypted", "plain", "7.1", "7.2", "7.3", "7.4")),
    "pyodbc": (pyodbc, ("encrypted", "plain", "7.1", "7.2", "7.3", "7.4")),
    "mssql-python": (python_driver("mssql-python", "mssql_python"), ("encrypted", "plain", "strict")),
    "tedious": (node, ("encrypted", "plain", "strict", "7.1", "7.2", "7.3", "7.4")),
    "mssql-jdbc": (java, ("encrypted", "plain", "strict")),
    "go-mssqldb": (go, ("encrypted", "plain", "strict")),
    "tiberius": (rust, ("encrypted", "plain")),
}


# What does not work yet: driver/mode/behaviour and why. Such a failure is reported as skipped with its reason;
# one that passes counts as a failure until it is taken off this list.
KNOWN_GAPS = {}


def with_known_gaps(output):
    """The driver's lines, failures that are known turned into skips."""
    lines = []
    for line in output.splitlines():
        verdict, _, name = line.partition(" ")
        if line.startswith("not ok "):
            name = line[len("not ok "):].partition(":")[0]
            if name in KNOWN_GAPS:
                line = f"skip {name}: known gap: {KNOWN_GAPS[name]}"
        elif verdict == "ok" and name in KNOWN_GAPS:
            line = f"not ok {name}: passes: take it off KNOWN_GAPS"
        lines.append(line)
    return "".join(line + "\n" for line in lines)


def create_database(server):
    """The database that the behaviours run in, made anew."""
    client = Client(server["CASEMENT_HOST"], int(server["CASEMENT_PORT"]), "sa", server["CASEMENT_PASSWORD"])
    for statement in ("IF DB_ID('behaviours') IS NOT NULL DROP DATABASE behaviours", "CREATE DATABASE behaviours"):
        client.batch(statement).check()
    client.close()


def run_driver(name, server, report, only):
    prepare, modes = DRIVERS[name]
    try:
        words = prepare()
    except Skip as reason:
        report.skip(name, reason)
        return
    for mode in [mode for mode in modes if not only or mode in only]:
        create_database(server)
        try:
            done = subprocess.run(words, env={**os.environ, **server, "CASEMENT_MODE": mode}, timeout=120,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
            output = done.stdout.decode("utf-8", "replace")
        except subprocess.TimeoutExpired as late:
            output = (late.stdout or b"").decode("utf-8", "replace")
            done = None
        failed = "not ok " in output
        output = with_known_gaps(output)
        print(output, end="", flush=True)
        report.failed += sum(line.startswith("not ok ") for line in output.splitlines())
        if done is None:
            report.not_ok(f"{name}/{mode}", "still running after 120 s")
        elif done.returncode != 0 and not failed:
            report.not_ok(f"{name}/{mode}", f"ended with {done.returncode}: {output[-300:]}")
        elif "ok " not in output:
            report.not_ok(f"{name}/{mode}", "it tested nothing")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drivers", nargs="*", default=list(DRIVERS))
    parser.add_argument("--mode", action="append", help="only this mode of connecting (may be given again)")
    parser.add_argument("--server", help="HOST:PORT of a running instance")
    parser.add_argument("--password-file")
    parser.add_argument("--certificate")
    options = parser.parse_args()
    os.makedirs(CACHE, exist_ok=True)
    behaviours = os.path.join(CACHE, "behaviours.json")
    with open(behaviours, "w", encoding="utf-8") as file:
        subprocess.run([sys.executable, os.path.join(HERE, "behaviours.py")], stdout=file, check=True)
    report = Report()
    instance = None
    if options.server:
        host, _, port = options.server.partition(":")
        with open(options.password_file, encoding="ascii") as file:
            password = file.read().strip()
        certificate = options.certificate or ""
    else:
        instance = Instance().start()
        host, port, password = instance.host, str(instance.port), instance.password
        certificate = os.path.join(instance.data, "tls", "certificate.pem")
    server = {"CASEMENT_HOST": host, "CASEMENT_PORT": port, "CASEMENT_PASSWORD": password,
              "CASEMENT_CERTIFICATE": certificate, "CASEMENT_BEHAVIOURS": behaviours}
    try:
        for name in options.drivers:
            run_driver(name, server, report, options.mode)
    finally:
        if instance:
            instance.stop()
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
