#!/usr/bin/env python3
"""What `casement serve` promises to the person who runs it."""
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from instance import BUILD, Instance, StartFailed, free_port  # noqa: E402
from report import Report, expect, expect_equal  # noqa: E402
from tds_client import Client, LoginFailed  # noqa: E402

PROGRAM = os.path.join(BUILD, "casement")


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60,
                          check=False)


def select_one(instance):
    with Client(instance.host, instance.port, "sa", instance.password) as client:
        expect_equal(client.batch("SELECT 1 AS one").check().rows, [[1]], "the answer")


def help_explains_every_option():
    text = run("serve", "--help").stdout
    for option in ("--data", "--port", "--listen", "--encryption", "--certificate", "--private-key",
                   "--max-connections", "--pool-size", "--idle-timeout", "--statement-timeout",
                   "--memory", "--set"):
        expect(re.search(rf"^  {option} [A-Z]", text, re.M), f"--help lacks {option}")


def wrong_options_are_named():
    for arguments, wanted in ((["--prot", "1"], "--prot"), (["--port", "0"], "port must be"),
                              (["--port"], "needs a value"), (["file"], "is not an option"),
                              (["--encryption", "no"], "login, required or off"),
                              (["--certificate", "x"], "go together")):
        done = run("serve", "--data", "/tmp/casement-test-never", *arguments)
        expect_equal(done.returncode, 2, f"exit status of {arguments}")
        expect(wanted in done.stderr, f"{arguments}: {done.stderr}")
    expect(not os.path.exists("/tmp/casement-test-never"), "a wrong option made the directory")


def encryption_off_needs_loopback():
    done = run("serve", "--data", "/tmp/casement-test-never", "--encryption", "off", "--listen",
               "127.0.0.1,0.0.0.0")
    expect_equal(done.returncode, 2, "exit status")
    expect("loopback" in done.stderr, done.stderr)


def taken_port_names_its_holder():
    data = tempfile.mkdtemp(prefix="casement-test-", dir="/tmp")
    try:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            done = run("serve", "--data", data, "--listen", "127.0.0.1", "--port",
                       str(holder.getsockname()[1]))
        expect_equal(done.returncode, 1, "exit status")
        expect(f"process {os.getpid()}" in done.stderr, done.stderr)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def ready_line_and_ways_to_connect(instance):
    text = "".join(instance.output)
    expect(f"port {instance.port}" in text, "the ready line lacks the port")
    for client in ("sqlcmd", "ODBC", "JDBC", "ADO.NET", "Python", "Node", "Go"):
        expect(re.search(rf"^  {re.escape(client)}", text, re.M), f"no line for {client}")
    expect(instance.password not in text, "the password was printed")


def secrets_are_private(instance):
    for name in ("sa.password", "tls/private_key.pem"):
        mode = stat.S_IMODE(os.stat(os.path.join(instance.data, name)).st_mode)
        expect_equal(oct(mode), "0o600", f"mode of {name}")
    for name in ("cluster", "run"):
        mode = stat.S_IMODE(os.stat(os.path.join(instance.data, name)).st_mode)
        expect_equal(oct(mode), "0o700", f"mode of {name}")
    expect(len(instance.password) >= 24, "the password is short")
    expect(instance.password not in instance.log(), "the password is in the log")


def password_is_required(instance):
    for password in ("", "wrong", instance.password + "x"):
        try:
            Client(instance.host, instance.port, "sa", password).close()
        except LoginFailed as error:
            expect_equal(error.messages[0].number, 18456, "the error")
            continue
        raise AssertionError(f"sa got in with {password!r}")


def settings_file_is_commented(instance):
    with open(os.path.join(instance.data, "casement.conf"), encoding="utf-8") as file:
        lines = file.read().splitlines()
    expect(all(not line or line.startswith("#") for line in lines), "a line is in force")
    expect("#port = 1433" in lines, "the port's line is missing")


def second_program_is_refused(instance):
    done = run("serve", "--data", instance.data, "--port", str(free_port()))
    expect_equal(done.returncode, 1, "exit status")
    expect(f"process {instance.process.pid}" in done.stderr, done.stderr)


def system_postgresql_is_untouched(instance):
    for folder in ("/usr/lib/postgresql", "/usr/share/postgresql"):
        for place, _, names in os.walk(folder):
            expect(not any(name.startswith("casement") for name in names), f"{place} has ours")
    expect(instance.processes(), "no process works in the cluster")


def stop_is_clean(instance, number):
    expect_equal(instance.stop(number), 0, "exit status")
    expect_equal(instance.processes(), [], "processes left")
    expect("stopped" in "".join(instance.output), "it does not say that it stopped")


def second_start_finds_the_data(instance):
    with Client(instance.host, instance.port, "sa", instance.password) as client:
        client.batch("CREATE DATABASE kept").check()
        client.batch("USE kept; CREATE TABLE t (a int); INSERT INTO t VALUES (42)").check()
    password = instance.password
    stop_is_clean(instance, signal.SIGINT)
    instance.start()
    print(f"second start: ready after {instance.ready_seconds} s")
    expect_equal(instance.password, password, "the password")
    with Client(instance.host, instance.port, "sa", password, "kept") as client:
        expect_equal(client.batch("SELECT a FROM t").check().rows, [[42]], "the row")


def killed_program_leaves_nothing_in_the_way(instance):
    instance.stop(signal.SIGKILL)
    instance.start()
    select_one(instance)


def settings_file_is_read(instance):
    instance.stop()
    with open(os.path.join(instance.data, "casement.conf"), "a", encoding="utf-8") as file:
        file.write("max-connections = 17\nidle-timeout = 5\n")
    instance.start()
    path = os.path.join(instance.data, "cluster", "data", "casement.parameters.conf")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    expect("casement.max_connections = '17'" in text and "casement.idle_timeout = '5s'" in text,
           "the settings did not arrive")


def lost_password_is_made_anew(instance):
    old = instance.password
    instance.stop()
    os.unlink(os.path.join(instance.data, "sa.password"))
    instance.start()
    expect(instance.password != old, "the password is the old one")
    select_one(instance)


def wrong_settings_file_is_named(instance):
    instance.stop()
    path = os.path.join(instance.data, "casement.conf")
    with open(path, "a", encoding="utf-8") as file:
        file.write("prot = 1\n")
    try:
        instance.start()
    except StartFailed as error:
        expect("casement.conf line" in str(error) and "prot" in str(error), str(error))
    else:
        raise AssertionError("it started")


def main():
    report = Report()
    for test in (help_explains_every_option, wrong_options_are_named, encryption_off_needs_loopback,
                 taken_port_names_its_holder):
        report.run(test.__name__, test)
    try:
        with Instance() as instance:
            print(f"first start: ready after {instance.ready_seconds} s")
            report.run("answers_a_client", select_one, instance)
            for test in (ready_line_and_ways_to_connect, secrets_are_private, password_is_required,
                         settings_file_is_commented, second_program_is_refused,
                         system_postgresql_is_untouched, second_start_finds_the_data,
                         killed_program_leaves_nothing_in_the_way, settings_file_is_read,
                         lost_password_is_made_anew):
                report.run(test.__name__, test, instance)
            report.run("sigterm_stops_it_cleanly", stop_is_clean, instance, signal.SIGTERM)
            report.run("wrong_settings_file_is_named", wrong_settings_file_is_named, instance)
    except StartFailed as error:
        print(error)
        report.not_ok("start", error)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
