#!/usr/bin/env python3
"""The program `casement`: its commands against a cloud of its own."""
import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from cloud import BUILD, Cloud  # noqa: E402
from report import Report, expect, expect_equal  # noqa: E402

PASSWORD = "Shop4711!x"
OTHER_PASSWORD = "Cash0815+y"


class World:
    """The cloud and a command line that is at home in its data directory."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.login = os.path.join(cloud.data, "cli-login.json")
        self.password = self.write("password", PASSWORD + "\n")
        self.other_password = self.write("other", OTHER_PASSWORD + "\n")

    def write(self, name, text):
        path = os.path.join(self.cloud.data, "cli-" + name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def run(self, *words, status=0, text=None, **environment):
        """Runs casement; its standard output. Any other exit status is a failure."""
        run = subprocess.run(
            [os.path.join(BUILD, "casement"), *words], input=text if text is not None else "",
            capture_output=True, text=True, timeout=180, check=False,
            env={**os.environ, "CASEMENT_LOGIN": self.login, "LC_ALL": "C.UTF-8", **environment})
        expect(run.returncode == status,
               f"casement {' '.join(words)}: exit status {run.returncode}, not {status}: "
               f"{run.stdout[-300:]}{run.stderr[-300:]}")
        self.errors = run.stderr
        return run.stdout

    def json(self, *words, **more):
        return json.loads(self.run(*words, "--output", "json", **more))

    def sql(self, text, *words, status=0, password=PASSWORD, **more):
        return self.run("sql", "shop", "--command", text, *words, status=status,
                        CASEMENT_SQL_PASSWORD=password, **more)


def every_command_is_explained(world):
    overview = world.run("help")
    nouns = [line.split()[0] for line in overview.splitlines() if re.match(r"  [a-z]", line)]
    expect(len(nouns) > 15, f"few nouns: {nouns}")
    commands = os.path.join(os.path.dirname(os.path.dirname(HERE)), "cli", "commands.def")
    with open(commands, encoding="utf-8") as file:
        rows = re.findall(r'^COMMAND\("([a-z]+)", "([a-z]*)"', file.read(), re.M)
    manual, completion = world.run("manual"), world.run("completion")
    for noun, verb in rows:
        words = [noun] + ([verb] if verb else [])
        expect("Usage: casement " + " ".join(words) in world.run(*words, "--help"), f"help of {words}")
        expect(".SS casement " + " ".join(words) in manual, f"the manual lacks {words}")
        expect(noun in completion and verb in completion, f"the completion lacks {words}")


def the_completion_works_in_bash(world):
    script = ('eval "$(' + os.path.join(BUILD, "casement") + ' completion)"; COMP_WORDS=(casement rds cre); '
              'COMP_CWORD=2; _casement; echo "${COMPREPLY[*]}"; COMP_WORDS=(casement rds create --fl); '
              'COMP_CWORD=3; _casement; echo "${COMPREPLY[*]}"')
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    expect_equal(run.stdout.split(), ["create", "--flavor"], "completions")


def wrong_usage_is_told_apart(world):
    for words in (["rds", "creat"], ["nonsense"], ["rds", "show"], ["rds", "list", "--nonsense"],
                  ["rds", "create"], ["rds", "show", "a", "b"], ["rds", "create", "--name"]):
        world.run(*words, status=2)
    world.run("rds", "list", status=4)
    expect("casement login" in world.errors, "it does not tell how to log in")


def logs_in_by_the_administrators_file(world):
    admin = os.path.join(world.cloud.data, "admin.json")
    expect("Logged in as" in world.run("login", admin), "the login")
    expect_equal(stat.S_IMODE(os.stat(world.login).st_mode), 0o600, "mode of the login's file")
    shown = world.json("whoami")
    expect("sk" not in shown and shown["ak"], "whoami shows the secret, or no key")
    world.run("login", "/nonexistent", status=2)


def makes_an_instance_and_waits(world):
    began = time.monotonic()
    output = world.run("rds", "create", "--name", "shop", "--password-file", world.password, "--wait")
    expect("ready" in output, output)
    expect(time.monotonic() - began < 60, "it took a minute")
    listed = world.json("rds", "list")["instances"]
    expect_equal([(one["name"], one["status"]) for one in listed], [("shop", "ACTIVE")], "the list")
    table = world.run("rds", "list")
    expect(table.splitlines()[0].startswith("NAME") and "shop" in table, table)
    expect(listed[0]["private_ips"][0] in world.run("rds", "show", "shop"), "show lacks the address")


def refuses_with_the_services_words(world):
    world.run("rds", "create", "--name", "x", "--password-file", world.password, status=1)
    expect("name" in world.errors, world.errors)
    world.run("rds", "create", "--name", "shop2", "--size", "41", "--password-file", world.password, status=1)
    expect("size" in world.errors, world.errors)
    world.run("rds", "show", "nothing", status=3)
    world.run("job", "show", "00000000-0000-0000-0000-000000000000", status=3)


def runs_statements(world):
    expect("rdsuser" in world.sql("SELECT SUSER_NAME() AS who, N'日本' AS place"), "who am I")
    world.sql("SELECT 1 FROM nowhere", status=1)
    expect("Msg 208, Level 16" in world.errors, world.errors)
    world.sql("SELECT 1", status=4, password="wrong")
    expect("18456" in world.errors, world.errors)


def runs_scripts_with_go(world):
    script = "CREATE DATABASE films\nGO\nUSE films\nGO\nCREATE TABLE t (a int)\nINSERT t VALUES (1)\nGO 3\n"
    path = world.write("script.sql", script.replace("GO 3", "GO") + "INSERT t VALUES (2)\nGO 3\nSELECT COUNT(*) AS n FROM t\n")
    output = world.run("sql", "shop", "--file", path, CASEMENT_SQL_PASSWORD=PASSWORD)
    expect(re.search(r"^n\n4\n", output, re.M), output)
    output = world.run("sql", "shop", "--database", "films", text="SELECT DB_NAME() AS d\nGO\n", CASEMENT_SQL_PASSWORD=PASSWORD)
    expect("films" in output, output)


def databases_and_accounts(world):
    world.run("database", "create", "shop", "orders")
    expect("orders" in world.run("database", "list", "shop"), "the list of databases")
    world.run("account", "create", "shop", "clerk", "--password-file", world.other_password)
    world.run("account", "grant", "shop", "clerk", "orders", "--readonly")
    expect("orders (reading)" in world.run("account", "list", "shop"), "the list of accounts")
    world.sql("SELECT DB_NAME()", "--user", "clerk", "--database", "orders", password=OTHER_PASSWORD)
    world.sql("CREATE TABLE t (a int)", "--user", "clerk", "--database", "orders", password=OTHER_PASSWORD, status=1)
    world.run("account", "revoke", "shop", "clerk", "orders")
    world.run("account", "delete", "shop", "clerk", status=2)  # it would have to ask
    world.run("account", "delete", "shop", "clerk", "--yes")
    world.run("database", "delete", "shop", "orders", "--yes")
    world.run("database", "delete", "shop", "orders", "--yes", status=3)


def parameters(world):
    expect("max degree of parallelism" in world.run("parameter", "list", "shop"), "the list of parameters")
    world.run("parameter", "set", "shop", "--set", "cost threshold for parallelism=9", "--wait")
    listed = world.json("parameter", "list", "shop")["configuration_parameters"]
    expect_equal([one["value"] for one in listed if one["name"] == "cost threshold for parallelism"], ["9"], "its value")


def changes_an_instance(world):
    world.run("rds", "rename", "shop", "shop-new")
    world.run("rds", "rename", "shop-new", "shop")
    world.run("rds", "resize", "shop", "--size", "50", "--wait")
    world.run("rds", "restart", "shop", "--wait")
    world.run("rds", "password", "shop", "--password-file", world.other_password)
    world.sql("SELECT 1", password=OTHER_PASSWORD)
    world.run("rds", "password", "shop", "--password-file", world.password)
    world.run("rds", "stop", "shop", "--wait")
    expect_equal(world.json("rds", "show", "shop")["status"], "SHUTDOWN", "status of a stopped instance")
    world.run("rds", "start", "shop", "--wait")
    world.sql("SELECT 1")


def backups_and_restores(world):
    world.sql("CREATE TABLE films.dbo.kept (a int); INSERT films.dbo.kept VALUES (7)")
    world.run("backup", "create", "shop", "--name", "by-hand", "--wait")
    expect("COMPLETED" in world.run("backup", "list", "shop"), "the list of backups")
    moment = time.time() + 1
    time.sleep(2.2)
    world.sql("DROP TABLE films.dbo.kept")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment))
    world.run("backup", "restore", "shop", "--to", when, "--database", "films:films_then", "--wait")
    expect("7" in world.sql("SELECT a FROM films_then.dbo.kept"), "the restored row")
    world.run("backup", "restore", "shop", status=2)


def shows_the_load(world):
    until = time.monotonic() + 100
    while not re.search(r"^memory +[0-9.]+", world.run("rds", "metrics", "shop"), re.M):
        expect(time.monotonic() < until, "there are no metrics")
        time.sleep(2)


def users_and_keys(world):
    world.run("user", "create", "guest", "--password-file", world.other_password)
    expect("guest" in world.run("user", "list"), "the list of users")
    world.run("user", "delete", "guest", "--yes")
    key = re.search(r"access key +(\S+)", world.run("key", "create", "--description", "a test")).group(1)
    expect(key in world.run("key", "list"), "the list of keys")
    world.run("key", "delete", key, "--yes")
    for noun in (["project", "list"], ["quota", "list"], ["flavor", "list"], ["job", "list"], ["log", "error", "shop"],
                 ["log", "slow", "shop"]):
        world.run(*noun)


def deletes_into_the_recycle_bin(world):
    world.run("rds", "delete", "shop", status=2)
    world.run("rds", "delete", "shop", "--yes", "--wait")
    expect("shop" in world.run("rds", "recycled"), "the recycle bin")
    expect("There are no instances" in world.run("rds", "list"), "the list")


def in_a_terminal(line, answers, environment):
    """Runs a shell's line in a terminal of its own and types each answer when its question comes."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve("/bin/bash", ["bash", "-c", line], environment)
    said, until, waiting = "", time.monotonic() + 120, list(answers)
    while True:
        expect(time.monotonic() < until, f"{line} hangs: {said[-300:]}")
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            part = os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            break
        if not part:
            break
        said += part
        while waiting and waiting[0][0] in said:
            said = said.split(waiting[0][0], 1)[1]
            os.write(terminal, waiting.pop(0)[1].encode())
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    expect(status == 0, f"{line}: exit status {status}: {said[-400:]}")
    return said


def the_readmes_tour_works_as_printed(world):
    with open(os.path.join(os.path.dirname(os.path.dirname(HERE)), "README.md"), encoding="utf-8") as file:
        tour = file.read().split("### A tour", 1)[1].split("\n## ", 1)[0]
    lines = [line.strip() for line in tour.splitlines() if line.startswith("    build/casement")]
    expect_equal(len(lines), 10, "lines of the tour")
    home = os.path.join(world.cloud.data, "cli-home")
    os.makedirs(home, exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": home, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    twice = [("Password of rdsuser", PASSWORD + "\n"), ("Once more", PASSWORD + "\n")]
    for line in lines:
        answers = []
        if " create --name" in line or "--name shop-then" in line:
            answers = twice
        elif " sql " in line:
            answers = [("Password of rdsuser", PASSWORD + "\n"), ("1> ", "SELECT 6 * 7 AS answer\n"), ("2> ", "GO\n"),
                       ("42", ""), ("1> ", "exit\n")]
        elif " delete " in line:
            answers = [("[y/N]", "y\n")]
        command = line.replace("build/casement", os.path.join(BUILD, "casement")).replace("DATA", world.cloud.data)
        said = in_a_terminal(command, answers, environment)
        if " recycled" in line:
            expect("shop" in said, said)


def logs_out(world):
    world.run("logout")
    world.run("whoami", status=4)
    admin = world.cloud.admin
    world.run("login", "--endpoint", admin["endpoint"], "--domain", admin["domain_name"], "--user", admin["user"],
              "--ca", admin["ca_file"], "--password-file", world.write("admin", admin["password"] + "\n"))
    expect_equal(world.json("whoami")["user"], admin["user"], "who is logged in")
    world.run("rds", "list")


TESTS = [every_command_is_explained, the_completion_works_in_bash, wrong_usage_is_told_apart,
         logs_in_by_the_administrators_file, makes_an_instance_and_waits, refuses_with_the_services_words, runs_statements,
         runs_scripts_with_go, databases_and_accounts, parameters, changes_an_instance, backups_and_restores,
         shows_the_load, users_and_keys, deletes_into_the_recycle_bin, the_readmes_tour_works_as_printed, logs_out]


def main():
    report = Report()
    chosen = [test for test in TESTS if len(sys.argv) < 2 or any(word in test.__name__ for word in sys.argv[1:])]
    with Cloud() as cloud:
        world = World(cloud)
        for test in chosen:
            report.run(test.__name__, test, world)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
