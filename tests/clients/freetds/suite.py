#!/usr/bin/env python3
"""The behaviours with FreeTDS's own programs: tsql for batches and errors, freebcp for bulk copy.

They show values as text of their own and take no parameters, so that times and parameters are left to the
other drivers. Where the server is stands in CASEMENT_HOST, _PORT, _PASSWORD; _MODE: encrypted, plain,
or a TDS version.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "harness"))

from report import Report, Skip, expect, expect_equal  # noqa: E402

MODE = os.environ.get("CASEMENT_MODE", "encrypted")
HOST, PORT = os.environ["CASEMENT_HOST"], os.environ["CASEMENT_PORT"]
# Shown in FreeTDS's own way, which depends on its version and locale.
OWN_FORMAT = ("date", "time", "float", "real", "money", "varbinary", "binary", "xml", "unique", "variant",
              "char_padded", "empty", "offset")


def environment(folder):
    version = MODE if MODE.startswith("7.") else "7.4"
    encryption = {"plain": "off", "encrypted": "require"}.get(MODE, "request")
    with open(os.path.join(folder, "freetds.conf"), "w", encoding="utf-8") as file:
        file.write(f"[server]\nhost = {HOST}\nport = {PORT}\ntds version = {version}\n"
                   f"encryption = {encryption}\nclient charset = UTF-8\ntext size = 67108864\n")
    return {**os.environ, "FREETDSCONF": os.path.join(folder, "freetds.conf"), "LC_ALL": "C.UTF-8"}


class Freetds:
    def __init__(self, folder):
        self.env = environment(folder)
        self.folder = folder

    def run(self, sql, password=None, database="behaviours"):
        """Output of a batch: (lines of rows as lists of text, numbers of errors, everything)."""
        done = subprocess.run(
            ["tsql", "-S", "server", "-U", "sa", "-P", password or os.environ["CASEMENT_PASSWORD"], "-D",
             database, "-o", "fh", "-t", "\x1f", "-r", "\x1e"],
            input=sql + "\nGO\nEXIT\n", capture_output=True, text=True, env=self.env, timeout=120, check=False)
        # option q would leave the rows out too, so what tsql says around them is taken off here
        shown = re.sub(r"(?:^locale .*|^using default charset .*|\(\d+ rows? affected\))\n", "", done.stdout, flags=re.M)
        rows = [re.sub(r"^(?:\d+> )+", "", row.strip("\n")).split("\x1f") for row in shown.split("\x1e")[:-1]]
        errors = [int(number) for number, severity in re.findall(r"Msg (\d+).*?(?:, Level |severity )(\d+)",
                                                                 done.stderr) if int(severity) > 10]
        return rows, errors, done.stdout + done.stderr

    def case(self, entry):
        if "params" in entry["needs"]:
            raise Skip("tsql takes no parameters")
        if any(part in entry["name"] for part in OWN_FORMAT) and "error" not in entry:
            raise Skip("tsql shows such values in a format of its own")
        if {"types2008"} & set(entry["needs"]):
            raise Skip("tsql shows such values in a format of its own")
        rows, errors, everything = self.run(entry["sql"])
        if "error" in entry:
            expect(entry["error"] in errors or ("loose_error" in entry["needs"] and errors),
                   f"errors {errors}, expected {entry['error']}: {everything}")
            return
        expect_equal(errors, [], f"errors in {everything}")
        wanted = [row for result in entry["results"] for row in result]
        expect_equal(rows, wanted, "rows")

    def login_failure(self):
        _, errors, everything = self.run("SELECT 1", password="wrong")
        expect(18456 in errors or "18456" in everything or "Login failed" in everything, everything)

    def print_and_error_in_batch(self):
        rows, errors, everything = self.run("PRINT 'before'; SELECT 1/0; SELECT 'after' AS a")
        expect("before" in everything and 8134 in errors and ["after"] in rows, everything)

    def use_database(self):
        rows, _, everything = self.run("USE master\nGO\nSELECT DB_NAME()")
        expect(["master"] in rows, everything)

    def big_text(self):
        rows, errors, everything = self.run("SELECT REPLICATE(CAST('x' AS varchar(max)), 5000000)")
        expect(not errors and len(rows[0][0]) == 5000000, everything[:300])

    def bulk_copy(self):
        if MODE == "plain" or not any(os.access(os.path.join(p, "freebcp"), os.X_OK)
                                      for p in os.environ["PATH"].split(":")):
            raise Skip("freebcp is not there" if MODE != "plain" else "covered by the encrypted mode")
        self.run("DELETE FROM dbo.behaviour_load")
        data = os.path.join(self.folder, "load.txt")
        with open(data, "w", encoding="utf-8") as file:
            file.writelines(f"{n}\tbulk \u00e9{n}\t{n}.2500\t2026-11-23 01:02:03\n" for n in range(5000))
        done = subprocess.run(
            ["freebcp", "behaviours.dbo.behaviour_load", "in", data, "-S", "server", "-U", "sa", "-P",
             os.environ["CASEMENT_PASSWORD"], "-c", "-t", "\t"], capture_output=True, text=True, env=self.env,
            timeout=120, check=False)
        rows, _, everything = self.run("SELECT COUNT(*), COUNT(name) FROM dbo.behaviour_load WHERE name LIKE N'bulk \u00e9%'")
        expect(["5000", "5000"] in rows, done.stdout + done.stderr + everything)


def main():
    report = Report(prefix=f"freetds/{MODE}/")
    with open(os.environ["CASEMENT_BEHAVIOURS"], encoding="utf-8") as file:
        behaviours = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        freetds = Freetds(folder)
        for statement in behaviours["setup"]:
            _, errors, everything = freetds.run(statement)
            if errors:
                report.not_ok("setup", everything)
                return report.status()
        for entry in behaviours["cases"]:
            report.run(entry["name"], freetds.case, entry)
        for name in ("login_failure", "print_and_error_in_batch", "use_database", "big_text", "bulk_copy"):
            report.run(name, getattr(freetds, name))
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
