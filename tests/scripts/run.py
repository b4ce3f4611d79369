#!/usr/bin/env python3
"""Runs the sample scripts as they are and checks what they leave behind."""
import decimal
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from contents import COUNTS, QUERIES  # noqa: E402
from instance import BUILD, ROOT, Instance, StartFailed  # noqa: E402
from report import Report, Skip, expect, expect_equal  # noqa: E402
from tds_client import Client  # noqa: E402
from transcript import split_batches  # noqa: E402

SHARED = os.environ.get("CASEMENT_SHARED", os.path.join(os.path.dirname(ROOT), "shared"))
SCRIPTS = {"Northwind": "instnwnd.sql", "pubs": "instpubs.sql", "Chinook": "Chinook_SqlServer.sql"}
SQLCMD = "github.com/microsoft/go-sqlcmd v1.10.0"
# Errors that SQL Server gives as well: see through_sqlcmd().
CLIENT_ERRORS = {"Northwind": (102, 208, 4902, 1767, 1750)}
NOT_BY_SQLCMD = {"Northwind": {"CustomerDemographics", "Region", "Territories", "EmployeeTerritories"}}


def script_path(database):
    return os.path.join(SHARED, "data", SCRIPTS[database])


def connect(instance, database=""):
    return Client(instance.host, instance.port, "sa", instance.password, database, timeout=300)


def prepare(instance, database):
    """instnwnd.sql makes no database of its own; the other two drop and make theirs."""
    with connect(instance) as client:
        client.batch(f"DROP DATABASE IF EXISTS {database}")
        if database == "Northwind":
            client.batch("CREATE DATABASE Northwind").check()


def through_client(instance, database):
    prepare(instance, database)
    with open(script_path(database), encoding="utf-8-sig") as file:
        batches = split_batches(file.read())
    errors = []
    with connect(instance, "Northwind" if database == "Northwind" else "") as client:
        for text, count in batches:
            for _ in range(count):
                for error in client.batch(text).errors:
                    errors.append(f"{error} in \"{' '.join(text.split())[:80]}\"")
    for error in errors[:20]:
        print(error)
    expect(not errors, f"{len(errors)} errors, the first: {errors[:1]}")


def find_sqlcmd():
    """Microsoft's sqlcmd written in Go, built from its module."""
    folder = os.path.join(os.path.abspath(BUILD), "clients", "sqlcmd")
    built = os.path.join(folder, "sqlcmd")
    if os.path.exists(built):
        return built
    if not shutil.which("go"):
        raise Skip("go is not on this machine")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "go.mod"), "w", encoding="ascii") as file:
        file.write(f"module casement/sqlcmd\n\ngo 1.24\n\nrequire {SQLCMD}\n")
    done = subprocess.run(["go", "build", "-mod=mod", "-o", built, SQLCMD.split()[0] + "/cmd/modern"],
                          cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    if done.returncode != 0:
        raise Skip("go-sqlcmd cannot be had: " + " ".join(done.stderr.split())[-160:])
    return built


def through_sqlcmd(instance, database):
    """Without an error that SQL Server would not give. One line of instnwnd.sql reads GO and two tabs, which
    go-sqlcmd does not take for its separator and sends on: SQL Server refuses that batch, too (102), and
    what builds on its two tables then (208, 4902, 1767 and 1750)."""
    program = find_sqlcmd()
    prepare(instance, database)
    done = subprocess.run(
        [program, "-S", f"tcp:{instance.host},{instance.port}", "-U", "sa", "-C",
         "-d", "Northwind" if database == "Northwind" else "master", "-i", script_path(database)],
        capture_output=True, text=True, timeout=900, check=False,
        env={**os.environ, "SQLCMDPASSWORD": instance.password})
    said = done.stdout + done.stderr
    expect_equal(done.returncode, 0, f"exit status, having said {said[-400:]}")
    numbers = [int(number) for number, level in re.findall(r"Msg (\d+), Level (\d+)", said) if int(level) > 10]
    wrong = [number for number in numbers if number not in CLIENT_ERRORS.get(database, ())]
    expect(not wrong, f"errors {wrong} in {said[-400:]}")
    expect_equal(numbers[:1], list(CLIENT_ERRORS.get(database, ()))[:1], "the first error")


def check_counts(instance, database, how):
    absent = NOT_BY_SQLCMD.get(database, ()) if how == "go-sqlcmd" else ()
    with connect(instance, database) as client:
        for table, count in COUNTS[database].items():
            if table in absent:
                continue
            rows = client.batch(f"SELECT COUNT(*) FROM [{table}]").check().rows
            expect_equal(rows, [[count]], f"rows of {table}")


def comparable(value):
    if isinstance(value, decimal.Decimal):
        return f"{value.normalize():f}"
    return value


def check_query(instance, database, query, wanted):
    with connect(instance, database) as client:
        reply = client.batch(query).check()
    rows = [tuple(comparable(value) for value in row) for row in reply.rows]
    expect_equal(rows, wanted, "the answer")


def check_trigger(instance):
    """pubs' trigger refuses a level that does not fit the job, and undoes the insert."""
    with connect(instance, "pubs") as client:
        reply = client.batch("INSERT employee VALUES ('ABC12345M', 'A', 'B', 'C', 1, 20, '0736', "
                             "'06/01/94')")
        expect_equal([error.number for error in reply.errors], [50000, 3609], "the errors")
        expect_equal(reply.errors[0].text, "Job id 1 expects the default level of 10.", "the text")
        expect_equal(client.batch("SELECT COUNT(*) FROM employee").check().rows, [[43]], "the rows")


def check_database(instance, database, report, how):
    report.run(f"{database} by {how}: row counts", check_counts, instance, database, how)
    for name, query, wanted in QUERIES[database]:
        report.run(f"{database} by {how}: {name}", check_query, instance, database, query, wanted)
    if database == "pubs":
        report.run(f"pubs by {how}: trigger employee_insupd", check_trigger, instance)


def main():
    report = Report()
    absent = [path for path in map(script_path, SCRIPTS) if not os.path.exists(path)]
    if absent:
        report.skip("scripts", f"{absent[0]} is not here")
        return 0
    try:
        with Instance() as instance:
            for database in SCRIPTS:
                report.run(f"{database} by our client", through_client, instance, database)
                check_database(instance, database, report, "our client")
                before = report.skipped
                report.run(f"{database} by go-sqlcmd", through_sqlcmd, instance, database)
                if report.skipped == before:
                    check_database(instance, database, report, "go-sqlcmd")
    except StartFailed as error:
        print(error)
        report.not_ok("start", error)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
