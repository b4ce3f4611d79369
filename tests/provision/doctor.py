"""`casement doctor`: what it says of a host, and of a cloud's things on it."""
import json
import os
import shutil
import subprocess
import tempfile

from instance import BUILD
from report import Skip, expect, expect_equal

STATES = {"ok", "warning", "missing", "unknown"}
STRANGER = "3f2b8c1e-aaaa-4bbb-8ccc-0123456789ab"


def doctor(*words, prefix=(), login=None):
    """(exit status, JSON) of casement doctor."""
    environment = dict(os.environ, CASEMENT_LOGIN=login or "/nonexistent/login")
    done = subprocess.run([*prefix, os.path.join(BUILD, "casement"), "doctor", "--output", "json", *words],
                          capture_output=True, text=True, env=environment, timeout=120, check=False)
    expect(done.stdout.startswith("{"), f"no JSON, status {done.returncode}: {done.stderr[-300:]}")
    return done.returncode, json.loads(done.stdout)


def checks_of(answer):
    return {check["check"]: check for check in answer["checks"]}


def every_check_says_what_to_do():
    status, answer = doctor()
    expect_equal(status, 0 if answer["fine"] else 1, "exit status")
    expect_equal(answer["fine"], all(c["state"] != "missing" for c in answer["checks"]), "fine")
    expect(len(answer["checks"]) >= 15, "few checks")
    for check in answer["checks"]:
        expect(check["state"] in STATES and check["found"] and check["needed_for"], f"{check}")
        expect(check["state"] == "ok" or (check.get("why") and check.get("remedy")),
               f"{check['check']} is {check['state']} without reason and remedy")


def table_is_plain():
    done = subprocess.run([os.path.join(BUILD, "casement"), "doctor"], capture_output=True, text=True,
                          timeout=120, check=False)
    expect("CHECK" in done.stdout and "hardware virtualisation (KVM)" in done.stdout, done.stdout[:300])
    expect(max(map(len, done.stdout.splitlines())) < 200, "very long lines")
    expect("To do: " in done.stdout or "warning" not in done.stdout, "no remedies")


def missing_program_is_named():
    """In a mount namespace in which some programs cannot be run."""
    if os.geteuid() != 0:
        raise Skip("needs root")
    hidden = [path for path in ("/usr/bin/xorriso", "/usr/sbin/nft") if os.path.exists(path)]
    if len(hidden) < 2:
        raise Skip("xorriso and nft are not here to be hidden")
    script = "".join(f"mount --bind /dev/null {path} && " for path in hidden) + 'exec "$@"'
    status, answer = doctor(prefix=("unshare", "-m", "sh", "-c", script, "sh"))
    checks = checks_of(answer)
    expect_equal(status, 1, "exit status")
    expect_equal(checks["programs"]["state"], "missing", "state of servers' programs")
    expect("xorriso" in checks["programs"]["found"], checks["programs"]["found"])
    expect_equal(checks["programs"]["remedy"], "apt-get install xorriso", "remedy")
    expect("nftables" in checks["network-programs"]["remedy"], "nft's package")
    expect_equal(checks["nft"]["state"], "unknown", "rules that cannot be tried")


def folder_without_direct_access_is_found():
    if os.geteuid() != 0:
        raise Skip("needs root")
    script = 'mount -t ramfs none /mnt && exec "$@"'
    status, answer = doctor("--data", "/mnt/casement", prefix=("unshare", "-m", "sh", "-c", script, "sh"))
    check = checks_of(answer)["direct-io"]
    if check["state"] == "ok":
        raise Skip("this kernel's ramfs opens files past its cache")
    expect_equal((status, check["state"]), (1, "missing"), "direct access on ramfs")


def works_for_anyone():
    if os.geteuid() != 0:
        raise Skip("needs root to become someone else")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(os.path.join(BUILD, "casement"), folder)
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "doctor",
                               "--output", "json"], capture_output=True, text=True, timeout=120, check=False)
    checks = checks_of(json.loads(done.stdout))
    expect_equal(checks["root"]["state"], "unknown", "root")
    expect_equal(checks["programs"]["state"], checks_of(doctor()[1])["programs"]["state"], "programs")


HOST_TESTS = (every_check_says_what_to_do, table_is_plain, missing_program_is_named,
              folder_without_direct_access_is_found, works_for_anyone)


# ---- With a cloud ----

def differences(cloud):
    answer = cloud.get("/v1/doctor", {"host": "no"}).expect(200).json
    return {(one["kind"], one["id"], one["state"]) for one in answer["differences"]}, answer


def fresh_cloud_has_no_differences(cloud):
    found, answer = differences(cloud)
    expect_equal(found, set(), "differences")
    expect(answer["fine"] and answer["checks"] == [], "fine, and no checks of the host")
    expect(any(c["kind"] == "instance-folder" for c in answer["counts"]), "counts")


def checks_are_made_as_root(cloud):
    answer = cloud.get("/v1/doctor").expect(200).json
    expect_equal(checks_of(answer)["root"]["state"], "ok" if os.geteuid() == 0 else "unknown", "root")


def only_the_operator_asks(cloud):
    user = cloud.post("/v3/users", {"user": {"name": "nosy", "domain_id": cloud.admin["domain_id"],
                                             "password": "Cash0815+y"}}).expect(201).json["user"]
    key = cloud.post("/v3.0/OS-CREDENTIAL/credentials",
                     {"credential": {"user_id": user["id"]}}).expect(201).json["credential"]
    expect_equal(cloud.get("/v1/doctor", credentials=(key["access"], key["secret"])).status, 403, "a user's question")
    expect_equal(cloud.get("/v1/doctor", sign=None).status, 401, "nobody's question")
    cloud.request("DELETE", f"/v3/users/{user['id']}").expect(204)


def strange_things_are_named(cloud):
    if os.geteuid() != 0:
        raise Skip("needs root")
    folder = os.path.join(cloud.data, "instances", "0123456789abcdef0123456789abcdefin04")
    os.mkdir(folder)
    mark = mark_of(cloud.data)
    space, link = f"casement-{mark}-v77", f"cv{mark}-1f"
    made = []
    try:
        for make, remove in ((["ip", "netns", "add", space], ["ip", "netns", "del", space]),
                             (["ip", "link", "add", link, "type", "bridge"], ["ip", "link", "del", link])):
            if subprocess.run(make, capture_output=True, check=False).returncode:
                raise Skip("no network namespaces or bridges here")
            made.append(remove)
        found, answer = differences(cloud)
        expect_equal(found, {("instance-folder", os.path.basename(folder), "strange"),
                             ("namespace", "77", "strange"), ("veth", "31", "strange")}, "differences")
        expect(not answer["fine"], "fine all the same")
    finally:
        os.rmdir(folder)
        for remove in made:
            subprocess.run(remove, check=False)
    expect_equal(differences(cloud)[0], set(), "afterwards")


def absent_things_are_named(cloud):
    vpc = cloud.post(f"/v1/{cloud.project}/vpcs", {"vpc": {"name": "v", "cidr": "10.9.0.0/16"}}).expect(200).json["vpc"]
    subnet = cloud.post(f"/v1/{cloud.project}/subnets", {"subnet": {
        "name": "s", "cidr": "10.9.0.0/24", "gateway_ip": "10.9.0.1", "vpc_id": vpc["id"]}}).expect(200).json["subnet"]
    cloud.post(f"/v1/{cloud.project}/ports", {"port": {"network_id": subnet["id"]}}).expect(200, 201)
    # As after a restart of the host: the row says that it is plugged, and nothing of it is there.
    cloud.sql("UPDATE vpc_port SET plugged = true")
    try:
        kinds = {(kind, state) for kind, _, state in differences(cloud)[0]}
        expect_equal(kinds, {("namespace", "absent"), ("tap", "absent"), ("veth", "absent")}, "differences")
    finally:
        cloud.sql("UPDATE vpc_port SET plugged = false")


def command_asks_the_cloud(cloud):
    login = os.path.join(cloud.data, "doctor-login.json")
    subprocess.run([os.path.join(BUILD, "casement"), "login", os.path.join(cloud.data, "admin.json")],
                   env=dict(os.environ, CASEMENT_LOGIN=login), check=True, capture_output=True)
    status, answer = doctor("--cloud", login=login)
    expect_equal(answer["differences"], [], "differences")
    expect_equal(status, 0 if answer["fine"] else 1, "exit status")


CLOUD_TESTS = (fresh_cloud_has_no_differences, checks_are_made_as_root, only_the_operator_asks,
               strange_things_are_named, absent_things_are_named, command_asks_the_cloud)


def mark_of(data):
    """network/names.c's four digits of a data directory."""
    value = 2166136261
    for byte in data.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return f"{(value >> 16 ^ value) & 0xFFFF:04x}"
