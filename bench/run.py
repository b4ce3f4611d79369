#!/usr/bin/env python3
"""Measures TDS against PostgreSQL's own protocol on one server, side by side in one run.

    make bench                      everything, about a quarter of an hour
    make bench ARGS="--quick"       a third of the time, wider margins
    make bench ARGS="point scan"    only these

The two sides of a ratio run in turn, several rounds, and each round gives a ratio; the table shows the medians.
Only ratios are meant to be kept: the machine's speed changes from minute to minute. Throughput ratios above 1
and latency ratios below 1 mean that TDS is faster. Written to bench/results.md, too.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "tests", "harness"))

from instance import BUILD, Instance  # noqa: E402
from tds_client import Client  # noqa: E402

LOAD = os.path.join(os.path.abspath(BUILD), "bench", "bench_load")
ROWS = 100_000
BULK_ROWS = 100_000
PASSWORD = "bench-Only-1"

# TDS side, PostgreSQL side that it is held against, throughput ratio to reach (None: none set)
PAIRS = [("tds-execute", "pg-prepared", 0.95), ("tds-executesql", "pg-prepared", 0.95),
         ("tds-batch", "pg-simple", 1.0)]


class Bench:
    def __init__(self, options):
        self.options = options
        self.seconds = 1.0 if options.quick else 3.0
        self.rounds = 3 if options.quick else 5
        self.table = []
        self.instance = Instance("--encryption", "login", memory=1024)

    # ---- the servers: one cluster, both protocols

    def start(self):
        self.instance.start()
        self.instance.stop()
        data = os.path.join(self.instance.data, "cluster", "data")
        self.pg_port = 5432  # the cluster's own, which casement serve connects by
        with open(os.path.join(data, "postgresql.auto.conf"), "a", encoding="ascii") as file:
            file.write(f"listen_addresses = '127.0.0.1'\nssl = on\n"
                       f"ssl_cert_file = '{self.instance.data}/tls/certificate.pem'\n"
                       f"ssl_key_file = '{self.key(data)}'\n")
        with open(os.path.join(data, "pg_hba.conf"), "a", encoding="ascii") as file:
            file.write("host casement bench 127.0.0.1/32 scram-sha-256\n")
        self.instance.start()
        self.client = Client("127.0.0.1", self.instance.port, "sa", self.instance.password)
        self.fill()
        self.environment = {
            **os.environ, "BENCH_HOST": "127.0.0.1", "BENCH_TDS_PORT": str(self.instance.port),
            "BENCH_TDS_PASSWORD": self.instance.password, "BENCH_PG": self.pg("disable")}

    def key(self, data):
        """The private key in a place and with the rights that PostgreSQL wants."""
        target = os.path.join(data, "bench.key")
        source = os.path.join(self.instance.data, "tls", "private_key.pem")
        subprocess.run(["cp", source, target], check=True)
        owner = os.stat(data)
        if os.geteuid() == 0:
            os.chown(target, owner.st_uid, owner.st_gid)
        os.chmod(target, 0o600)
        return target

    def pg(self, tls):
        return f"host=127.0.0.1 port={self.pg_port} user=bench password={PASSWORD} dbname=casement sslmode={tls}"

    def psql(self, sql):
        words = ["psql", "-h", os.path.join(self.instance.data, "run"), "-p", str(self.pg_port), "-U", "casement",
                 "-d", "casement", "-v", "ON_ERROR_STOP=1", "-qAt", "-c", sql]
        if os.geteuid() == 0:
            words = ["setpriv", "--reuid=casement", "--regid=casement", "--clear-groups", "env", "HOME=/tmp", *words]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def fill(self):
        """The same rows for both: T-SQL's tables, and PostgreSQL's own with its own types."""
        for sql in ("CREATE DATABASE bench", "USE bench",
                    "CREATE TABLE dbo.bench_rows (id int NOT NULL PRIMARY KEY, name nvarchar(50) NOT NULL, amount bigint NOT NULL)",
                    "CREATE TABLE dbo.bench_scan (id int NOT NULL PRIMARY KEY, name nvarchar(50) NOT NULL, amount bigint NOT NULL)",
                    "CREATE TABLE dbo.bench_load (id int NOT NULL, name nvarchar(50) NULL, amount bigint NULL)",
                    "WITH d AS (SELECT n FROM (VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9)) AS v(n)) "
                    "INSERT INTO dbo.bench_rows SELECT 1 + a.n + 10*b.n + 100*c.n + 1000*e.n + 10000*f.n, N'row number', a.n "
                    "FROM d a, d b, d c, d e, d f",
                    "INSERT INTO dbo.bench_scan SELECT TOP 1000 id, name, amount FROM dbo.bench_rows ORDER BY id"):
            self.client.batch(sql).check()
        self.psql(f"SET password_encryption = 'scram-sha-256'; CREATE ROLE bench LOGIN PASSWORD '{PASSWORD}'; "
                  "CREATE SCHEMA bench AUTHORIZATION bench; SET ROLE bench; "
                  "CREATE TABLE bench.bench_rows (id int PRIMARY KEY, name varchar(50) NOT NULL, amount bigint NOT NULL); "
                  "CREATE TABLE bench.bench_scan (id int PRIMARY KEY, name varchar(50) NOT NULL, amount bigint NOT NULL); "
                  "CREATE TABLE bench.bench_load (id int NOT NULL, name varchar(50), amount bigint); "
                  f"INSERT INTO bench.bench_rows SELECT n, 'row number', n % 10 FROM generate_series(1, {ROWS}) n; "
                  "INSERT INTO bench.bench_scan SELECT * FROM bench.bench_rows WHERE id <= 1000;")
        self.psql("VACUUM ANALYZE")

    # ---- one measurement

    def cpu(self):
        """CPU seconds that the cluster's processes have used, those that ended among them."""
        ticks = 0
        for pid in self.instance.processes():
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
                if pid == self.instance.postmaster():
                    ticks += int(fields[13]) + int(fields[14])
            except (FileNotFoundError, ProcessLookupError):
                continue
        return ticks / os.sysconf("SC_CLK_TCK")

    def load(self, side, operation, connections, rows=ROWS, seconds=None, tls="disable"):
        environment = {**self.environment, "BENCH_PG": self.pg(tls)}
        process = subprocess.Popen([LOAD, side, operation, str(connections), str(seconds or self.seconds), str(rows)],
                                   env=environment, stdout=subprocess.PIPE, text=True)
        if process.stdout.readline() != "started\n":
            process.wait()
            raise SystemExit(f"bench: {side} {operation} did not start")
        before = self.cpu()
        time.sleep((seconds or self.seconds) * 0.8)
        used = (self.cpu() - before) / 0.8
        result = json.loads(process.stdout.readline())
        process.wait()
        result["rate"] = result["count"] / result["seconds"]
        result["cpu"] = used / max(result["count"], 1) * 1e6
        return result

    def pair(self, name, tds, pg, target=None, by_latency=False, **more):
        """Rounds of both sides in turn; a row of the table."""
        ratios = {"rate": [], "p50": [], "p99": [], "cpu": []}
        tls = "require" if tds.endswith("tls") else "disable"
        for round_number in range(self.rounds):
            sides = [tds, pg] if round_number % 2 == 0 else [pg, tds]
            results = {side: self.load(side, tls=tls, **more) for side in sides}
            for what, found in ratios.items():
                if results[pg][what] > 0:
                    found.append(results[tds][what] / results[pg][what])
        row = {what: statistics.median(found) if found else float("nan") for what, found in ratios.items()}
        row.update(name=name, sides=f"{tds} / {pg}", target=target, by_latency=by_latency)
        self.table.append(row)
        print(self.line(row), flush=True)

    def line(self, row):
        target = row["target"]
        reached = ""
        if target is not None:
            value = row["p50"] if row["by_latency"] else row["rate"]
            met = value <= target if row["by_latency"] else value >= target
            reached = f"{'<=' if row['by_latency'] else '>='} {target}: {'yes' if met else 'NO'}"
        cells = [f"{row[what]:.2f}" if row[what] == row[what] else "-" for what in ("rate", "p50", "p99", "cpu")]
        return f"| {row['name']:34} | {row['sides']:32} | {' | '.join(f'{cell:>6}' for cell in cells)} | {reached} |"

    HEAD = ("| what | sides | throughput | p50 | p99 | server CPU per operation | to reach |\n"
            "|---|---|---|---|---|---|---|")

    # ---- what is measured

    def statements(self, operation):
        for connections in (1, 8):
            for tds, pg, target in PAIRS:
                wanted = target if connections == 8 and operation in ("point", "update") else None
                self.pair(f"{operation}, {connections} connection{'s' if connections > 1 else ''}", tds, pg, wanted,
                          operation=operation, connections=connections)

    def login(self):
        self.pair("connect and login, no TLS", "tds-login", "pg-login", 1.5, True, operation="-", connections=1)
        self.pair("connect and login, TLS", "tds-login-tls", "pg-login-tls", 1.5, True, operation="-", connections=1)

    def bulk(self):
        self.pair("bulk load of 100,000 rows", "tds-bulk", "pg-copy", 0.7, operation="-", connections=1, rows=BULK_ROWS)

    def parse(self):
        self.pair("parse a 30 kB statement", "tds-parse", "pg-parse", operation="-", connections=1)

    def memory(self):
        """Private memory of an idle connection's backend after one statement."""
        sizes = {}
        for side in ("tds-idle", "pg-idle"):
            process = subprocess.Popen([LOAD, side, "-", "10", "4", "1"], env=self.environment,
                                       stdout=subprocess.PIPE, text=True)
            process.stdout.readline()
            time.sleep(1)
            wanted = "sa" if side == "tds-idle" else "bench"
            pids = self.psql(f"SELECT pid FROM pg_stat_activity WHERE usename = '{wanted}' AND state = 'idle'").split()
            found = [self.private_kilobytes(pid) for pid in pids]
            sizes[side] = statistics.median(found) if found else float("nan")
            process.wait()
        ratio = sizes["tds-idle"] / sizes["pg-idle"]
        self.memory_line = (f"Private memory of an idle connection after one statement: {sizes['tds-idle'] / 1024:.1f} MiB over TDS, "
                            f"{sizes['pg-idle'] / 1024:.1f} MiB over PostgreSQL's protocol, ratio {ratio:.2f}.")
        print(self.memory_line, flush=True)

    @staticmethod
    def private_kilobytes(pid):
        total = 0
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Private_"):
                    total += int(line.split()[1])
        return total

    def write(self):
        with open(os.path.join(HERE, "results.md"), "w", encoding="utf-8") as file:
            file.write("# Ratios of one run of `make bench`\n\n"
                       f"TDS against PostgreSQL's own protocol on the same server: {time.strftime('%Y-%m-%d')}, "
                       f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release().split('-')[0]}, PostgreSQL "
                       f"{self.psql('SHOW server_version').split()[0]}, {self.rounds} rounds of {self.seconds:g} s a side, medians of "
                       "the rounds' ratios. The measuring client shares the cores with the server.\n\n")
            file.write(self.HEAD + "\n" + "\n".join(self.line(row) for row in self.table) + "\n")
            if hasattr(self, "memory_line"):
                file.write("\n" + self.memory_line + "\n")


PARTS = {"point": lambda bench: bench.statements("point"), "update": lambda bench: bench.statements("update"),
         "select1": lambda bench: bench.statements("select1"), "scan": lambda bench: bench.statements("scan"),
         "login": Bench.login, "bulk": Bench.bulk, "parse": Bench.parse, "memory": Bench.memory}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    options.parts = options.parts or list(PARTS)
    bench = Bench(options)
    try:
        bench.start()
        print(Bench.HEAD)
        for part in bench.options.parts:
            PARTS[part](bench)
        bench.write()
    finally:
        bench.instance.__exit__(None, None, None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
