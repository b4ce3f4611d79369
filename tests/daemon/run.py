#!/usr/bin/env python3
"""How casementd starts, is watched and ends."""
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "harness"))
from cloud import Cloud  # noqa: E402
from report import Report, Skip, expect, expect_equal  # noqa: E402
from tds_client import Client  # noqa: E402


def wait_until(condition, what, seconds=30):
    until = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < until, f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def first_instance(cloud):
    found = cloud.get(f"/v3/{cloud.project}/instances").expect(200).json["instances"]
    return next(one for one in found if one["name"] == "sql-1")


def ask(cloud, sql="SELECT 1"):
    shown = first_instance(cloud)
    with open(os.path.join(cloud.data, "sql.password"), encoding="ascii") as file:
        password = file.read().strip()
    with Client(shown["private_ips"][0], int(shown["port"]), "rdsuser", password) as client:
        return client.batch(sql).check().rows


def first_start_leaves_what_it_says(cloud):
    for name in ("admin.json", "sql.password", "master.key", "tls/ca.key", "tls/api.key"):
        expect_equal(mode(os.path.join(cloud.data, name)), 0o600, f"the mode of {name}")
    admin = cloud.admin
    for key in ("endpoint", "region", "domain_id", "domain_name", "project_id", "user_id", "user",
                "password", "ak", "sk", "ca_file"):
        expect(admin.get(key), f"admin.json lacks {key}")
    expect_equal(first_instance(cloud)["status"], "ACTIVE", "the first instance")
    expect_equal(ask(cloud), [[1]], "its answer")
    expect(any(line.startswith("  database") for line in cloud.output), "no line for the database")


def requests_are_read_without_root(cloud):
    if os.geteuid() != 0:
        raise Skip("not root")
    with open(f"/proc/{cloud.process.pid}/status", encoding="ascii") as file:
        status = dict(line.split(":", 1) for line in file.read().splitlines())
    expect("0" not in status["Uid"].split(), f"casementd runs with uids {status['Uid']}")
    expect_equal(int(status["CapEff"].strip(), 16), 0, "its capabilities")
    shown = first_instance(cloud)["id"]
    owner = os.stat(os.path.join(cloud.data, "instances", shown, "cluster", "data")).st_uid
    expect(owner not in (0, int(status["Uid"].split()[0])), "the instance has no uid of its own")


def data_directory_has_one_daemon(cloud):
    run = subprocess.run([cloud.program, "--data", cloud.data, "--port", "1"], capture_output=True,
                         text=True, timeout=60, check=False)
    expect_equal(run.returncode, 1, "the second one's status")
    expect("already serves" in run.stderr, run.stderr[-300:])
    expect_equal(cloud.get("/v3/projects").status, 200, "the first one's answer")


def stop_cancels_queries(cloud):
    shown = first_instance(cloud)
    with open(os.path.join(cloud.data, "sql.password"), encoding="ascii") as file:
        password = file.read().strip()
    path = f"/v3/{cloud.project}/instances/{shown['id']}/query"
    answers = []

    def wait_long():
        try:
            answers.append(cloud.post(path, {"user": "rdsuser", "password": password, "timeout": 300,
                                             "sql": "CREATE TABLE ##running (a int); "
                                                    "WAITFOR DELAY '00:04:00'"}))
        except OSError as error:
            answers.append(error)

    caller = threading.Thread(target=wait_long)
    caller.start()
    there = "SELECT COUNT(OBJECT_ID('tempdb..##running'))"
    wait_until(lambda: ask(cloud, there) == [[1]], "the query to run")
    # --stop-instances is not given here: the instance goes on and must see the session end.
    process = cloud.process
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    caller.join(60)
    expect(time.monotonic() - began < 30, "the stop waited for the query")
    expect(answers and not isinstance(answers[0], OSError), f"the caller got {answers}")
    expect_equal(answers[0].status, 503, "the caller's status")
    expect("is stopping" in answers[0].text, answers[0].text)
    cloud.start()
    expect_equal(ask(cloud), [[1]], "the instance's answer afterwards")


def second_start_finds_everything(cloud):
    admin, shown = cloud.admin, first_instance(cloud)
    ask(cloud, "CREATE DATABASE kept")
    before = ask(cloud, "SELECT sqlserver_start_time FROM sys.dm_os_sys_info")
    cloud.stop()
    cloud.start()
    expect_equal(cloud.admin, admin, "admin.json")
    expect_equal(first_instance(cloud)["id"], shown["id"], "the first instance")
    expect_equal(ask(cloud, "SELECT sqlserver_start_time FROM sys.dm_os_sys_info"), before,
                 "the instance's start (it should have gone on)")
    expect(cloud.ready_seconds < 5, f"ready after {cloud.ready_seconds} s")


def stopped_instances_are_started_again(cloud):
    cloud.stop()
    cloud.options += ["--stop-instances", "yes"]
    cloud.start()
    cloud.stop()
    expect_equal(cloud.processes(), [], "processes after the end")
    del cloud.options[-2:]
    cloud.start()
    expect_equal(ask(cloud, "SELECT name FROM sys.databases WHERE name = 'kept'"), [["kept"]],
                 "the database made before")


def killed_daemon_is_followed_by_another(cloud):
    for _ in range(3):
        cloud.kill()
        cloud.start()
        expect_equal(ask(cloud), [[1]], "the answer")


def unknown_folder_is_removed_and_told(cloud):
    cloud.stop()
    folder = os.path.join(cloud.data, "instances", "f" * 32 + "in04")
    os.mkdir(folder, 0o750)
    with open(os.path.join(folder, "something"), "w", encoding="ascii") as file:
        file.write("left over")
    cloud.start()
    expect(not os.path.exists(folder), "the folder is still there")
    expect("no row and no job knows it" in cloud.log(), "the log does not say so")
    expect_equal(first_instance(cloud)["status"], "ACTIVE", "the known instance")


def lost_store_is_started_again(cloud):
    path = os.path.join(cloud.data, "store", "data", "postmaster.pid")
    with open(path, encoding="ascii") as file:
        os.kill(int(file.readline()), signal.SIGKILL)
    wait_until(lambda: "starting it again" in cloud.log(), "the daemon to notice")
    wait_until(lambda: cloud.get(f"/v3/{cloud.project}/jobs", {"id": "none"}).status < 500,
               "an answer that needs the store", 60)


def lost_agent_ends_the_daemon(cloud):
    agent = subprocess.run(["pgrep", "-x", "-P", str(cloud.process.pid), "casement-agent"],
                           capture_output=True, text=True, check=True).stdout.split()
    expect_equal(len(agent), 1, "agents of the daemon")
    os.kill(int(agent[0]), signal.SIGKILL)
    expect_equal(cloud.wait_end(), 1, "the daemon's exit status")
    expect("the host agent ended" in cloud.log(), "the log does not say so")
    cloud.start()
    expect_equal(ask(cloud), [[1]], "the answer")


def slow_clients_do_not_hold_the_end(cloud):
    """Connections kept open, a request half sent, a handshake not begun."""
    def connect():
        return socket.create_connection((cloud.host, cloud.port), timeout=10)
    context = ssl._create_unverified_context()  # pylint: disable=protected-access
    kept = [context.wrap_socket(connect()) for _ in range(10)]
    for link in kept:
        link.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        expect(link.recv(4096).startswith(b"HTTP/1.1 "), "no answer")
    half = context.wrap_socket(connect())
    half.sendall(b"POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    silent = connect()
    time.sleep(0.3)
    began = time.monotonic()
    expect_equal(cloud.stop(), 0, "the status")
    took = time.monotonic() - began
    for link in (*kept, half, silent):
        link.close()
    expect(took < 10, f"the end took {took:.1f} s")


def certificate_is_reloaded(cloud):
    def serial():
        text = ssl.get_server_certificate((cloud.host, cloud.port))
        return subprocess.run(["openssl", "x509", "-noout", "-serial"], input=text, text=True,
                              capture_output=True, check=True).stdout
    before = serial()
    os.unlink(os.path.join(cloud.data, "tls", "api.crt"))
    cloud.process.send_signal(signal.SIGHUP)
    wait_until(lambda: serial() != before, "the new certificate")
    expect_equal(cloud.get("/v3/projects").status, 200, "the answer")


def administrator_is_reset_on_demand(cloud):
    old = cloud.admin
    cloud.stop()
    cloud.options.append("--reset-admin")
    cloud.start()
    cloud.options.pop()
    expect(cloud.admin["password"] != old["password"] and cloud.admin["sk"] != old["sk"],
           "the same secrets as before")
    expect_equal(cloud.admin["project_id"], old["project_id"], "the project")
    expect_equal(cloud.get("/v3/projects").status, 200, "with the new key")
    expect_equal(cloud.get("/v3/projects", credentials=(old["ak"], old["sk"])).status, 401,
                 "with the old key")


def store_may_be_elsewhere(cloud):
    """A second daemon with a data directory of its own over the first one's PostgreSQL."""
    if os.geteuid() != 0:
        raise Skip("not root")
    socket = os.path.join(cloud.data, "store", "run")
    base = ["setpriv", "--reuid", "casement", "--regid", "casement", "--clear-groups", "psql", "-Xq",
            "-h", socket, "-d", "postgres", "-c"]
    subprocess.run([*base, "CREATE DATABASE elsewhere"], check=True, cwd="/")
    other = Cloud("--store", f"host={socket} user=casement dbname=elsewhere")
    try:
        other.start()
        expect(not os.path.exists(os.path.join(other.data, "store")), "it made a store of its own")
        expect_equal(other.get("/v3/projects").status, 200, "its answer")
        expect(other.admin["domain_id"] != cloud.admin["domain_id"], "the same domain")
    finally:
        other.destroy()


def wrong_options_are_refused(cloud):
    for words in (["--port", "0"], ["--region", "Eu 1"], ["--instance-network", "10.0.0.0/99"],
                  ["--certificate", "/x"], ["--nothing", "1"], ["stray"]):
        run = subprocess.run([cloud.program, "--data", cloud.data, *words], capture_output=True,
                             text=True, timeout=20, check=False)
        expect_equal(run.returncode, 2, f"status of {words}")
        expect(run.stderr.startswith("casementd: "), run.stderr)


def operations_are_listed(cloud):
    run = subprocess.run([cloud.program, "--list-operations"], capture_output=True, text=True,
                         check=True)
    expect(" create_instance POST /v3/{project_id}/instances " in run.stdout, run.stdout[:300])


TESTS = [first_start_leaves_what_it_says, requests_are_read_without_root,
         data_directory_has_one_daemon, second_start_finds_everything, stop_cancels_queries,
         stopped_instances_are_started_again, killed_daemon_is_followed_by_another,
         unknown_folder_is_removed_and_told, lost_store_is_started_again,
         lost_agent_ends_the_daemon, slow_clients_do_not_hold_the_end, certificate_is_reloaded,
         administrator_is_reset_on_demand, store_may_be_elsewhere, wrong_options_are_refused,
         operations_are_listed]


def main():
    report = Report()
    cloud = Cloud(first_instance=True)
    try:
        cloud.start()
        for test in TESTS:
            if len(sys.argv) == 1 or test.__name__ in sys.argv[1:]:
                if not cloud.process:
                    cloud.start()
                report.run(test.__name__, test, cloud)
    finally:
        if report.failed:
            print(cloud.log()[-3000:])
        cloud.destroy()
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
