"""The API as the console needs it, in memory: for error states and for work without casementd.

    server.py PORT SITE      SITE: the built files (build/console/site)

POST /mock/fail {"match": "METHOD /path part", "status", "body"} makes the next such request fail.
"""
import json
import math
import os
import re
import sys
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLICY = ("default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
          "form-action 'self'; frame-ancestors 'none'")
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
PROJECT = {"id": "0c" * 16, "name": "eu-casement-1", "enabled": True}
DOMAIN = {"id": "0d" * 16, "name": "acme"}
USERS = [{"id": "u1", "name": "admin", "enabled": True, "description": "Administrator"},
         {"id": "u2", "name": "camille", "enabled": True, "description": "Reporting"}]
GROUPS = [{"id": "g1", "name": "operators", "description": "Database operators"}]
ROLES = [{"id": "r1", "name": "system_all_rds_full", "display_name": "RDS FullAccess"},
         {"id": "r2", "name": "readonly", "display_name": "Tenant Guest"}]
FLAVORS = [(1, 2, "medium"), (2, 4, "large"), (2, 8, "large.4"), (4, 16, "xlarge.4"), (8, 32, "2xlarge.4")]
START = time.time()
STATE = {"instances": {}, "jobs": {}, "recycled": [], "failures": [], "databases": {}, "users": {},
         "backups": {}, "tags": {}, "keys": [{"access": "CASEMENTACCESS000001", "status": "active",
                                             "create_time": "2026-11-20T09:00:00.000000Z", "user_id": "u1",
                                             "description": "Terraform"}]}
COUNTER = [100]


def stamp(when=None):
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime(when or time.time()))


def fresh(suffix):
    COUNTER[0] += 1
    return f"{COUNTER[0]:032x}{suffix}"


def instance(name, version, cpu, memory, size, status="ACTIVE", used=0.0, port=1433):
    found = {"id": fresh("in04"), "name": name, "status": status, "type": "Single",
             "created": stamp(START - 86400 * 9), "updated": stamp(), "port": port,
             "private_ips": [f"127.77.0.{COUNTER[0] - 96}"], "public_ips": [], "db_user_name": "rdsuser",
             "datastore": {"type": "SQLServer", "version": version, "complete_version": "16.0.4175.1"},
             "flavor_ref": f"rds.mssql.spec.se.c6.{cpu}.{memory}", "cpu": str(cpu), "mem": str(memory),
             "volume": {"type": "CLOUDSSD", "size": size}, "region": "eu-casement-1",
             "collation": "SQL_Latin1_General_CP1_CI_AS", "time_zone": "UTC",
             "maintenance_window": "02:00-06:00", "tags": [], "storage_used_space": used,
             "backup_strategy": {"start_time": "02:00-03:00", "keep_days": 7},
             "nodes": [{"id": "n", "name": name, "role": "master", "status": "ACTIVE", "availability_zone": "az1"}]}
    STATE["instances"][found["id"]] = found
    STATE["databases"][found["id"]] = ["northwind", "shop"]
    STATE["users"][found["id"]] = [{"name": "reporting", "databases": [{"name": "shop", "readonly": True}]},
                                   {"name": "webshop", "databases": [{"name": "shop", "readonly": False},
                                                                     {"name": "northwind", "readonly": True}]}]
    STATE["backups"][found["id"]] = [
        {"id": fresh("br04"), "instance_id": found["id"], "name": f"auto-2026112{day}0200", "type": "auto",
         "begin_time": stamp(START - 86400 * (3 - day)), "end_time": stamp(START - 86400 * (3 - day) + 14),
         "status": "COMPLETED", "size": 418000 + day * 9100, "datastore": found["datastore"]} for day in range(3)]
    return found


def job(name, one, seconds=2.0, done=None, reason=None):
    identity = fresh("")
    STATE["jobs"][identity] = {"id": identity, "name": name, "begin": time.time(), "seconds": seconds, "done": done,
                               "instance": {"id": one["id"], "name": one["name"]}, "reason": reason, "end": None}
    return identity


def shown_job(entry):
    part = min(1.0, (time.time() - entry["begin"]) / entry["seconds"])
    if part >= 1 and not entry["end"]:
        entry["end"] = time.time()
        if entry["done"]:
            entry["done"]()
    status = "Running" if part < 1 else "Failed" if entry["reason"] else "Completed"
    return {"id": entry["id"], "name": entry["name"], "status": status, "process": f"{int(part * 100)}",
            "created": stamp(entry["begin"]), "ended": stamp(entry["end"]) if entry["end"] else "",
            "instance": entry["instance"], "task_detail": "copy_template", "fail_reason": entry["reason"] if status == "Failed" else ""}


def becoming(one, during, after="ACTIVE", then=None):
    one["status"] = during

    def done():
        one["status"] = after
        if then:
            then()
    return done


def point(name, metric, when):
    phase = sum(map(ord, name)) % 7
    wave = 0.5 + 0.5 * math.sin(when / 900 + phase)
    noise = ((int(when) // 60 * 7919 + phase * 31) % 97) / 97
    return {"rds001_cpu_util": 8 + 34 * wave + 14 * noise, "rds054_db_connections_in_use": round(6 + 18 * wave + 3 * noise),
            "rds056_batch_per_sec": 40 + 190 * wave * (0.7 + 0.3 * noise),
            "rds048_disk_used_size": 11.2 + (when - START + 3600) / 36000}.get(metric, 0)


PARAMETERS = [
    ("cost threshold for parallelism", "5", False, "0-32767", "integer", "Least estimated cost of a query that may use several workers."),
    ("max degree of parallelism", "0", False, "0-64", "integer", "Most workers of one query; 0 leaves it to the server."),
    ("max server memory (MB)", "4096", True, "512-8192", "integer", "Memory that the server may use."),
    ("optimize for ad hoc workloads", "0", False, "0|1", "boolean", "Plans are kept from their second use on."),
    ("remote login timeout (s)", "10", False, "0-2147483647", "integer", "How long a login to another server may take."),
    ("user connections", "500", True, "10-32767", "integer", "Most connections at a time."),
]


class Refusal(Exception):
    def __init__(self, status, code, text):
        super().__init__(text)
        self.status, self.code = status, code


def parameters():
    return [{"name": n, "value": v, "restart_required": r, "readonly": False, "value_range": w, "type": k,
             "description": d} for n, v, r, w, k, d in PARAMETERS]


def make(body):
    if body["name"] in (one["name"] for one in STATE["instances"].values()):
        raise Refusal(409, "DBS.280234", "The instance name already exists.")
    flavor = next((f for f in FLAVORS if body["flavor_ref"].endswith(f[2])), FLAVORS[0])
    one = instance(body["name"], body["datastore"]["version"], flavor[0], flavor[1], body["volume"]["size"], "BUILD")
    if not body.get("restore_point"):
        STATE["databases"][one["id"]], STATE["users"][one["id"]], STATE["backups"][one["id"]] = [], [], []
    one["private_ips"], address = [], one["private_ips"]
    identity = job("CreateSqlserverInstance", one, 1.6, becoming(one, "BUILD", then=lambda: one.update(private_ips=address)))
    return 202, {"instance": {"id": one["id"], "name": one["name"]}, "job_id": identity}


def query(body):
    if body["password"] != "Casement-1433!":
        raise Refusal(400, "DBS.280803", "Login failed for user 'rdsuser'.")
    if "WAITFOR" in body["sql"]:
        time.sleep(8)
    if "1/0" in body["sql"]:
        return {"results": [], "messages": [{"number": 8134, "severity": 16, "state": 1, "line": 1,
                                             "text": "Divide by zero error encountered."}]}
    rows = [["1", "master", "2003-04-08 09:13:36.390", None], ["5", "northwind", "2026-11-20 08:00:01.123", "42.50"],
            ["6", "shop", "2026-11-21 10:30:44.007", "7.25"]]
    results = [{"columns": [{"name": "database_id", "type": "int"}, {"name": "name", "type": "nvarchar(128)"},
                            {"name": "create_date", "type": "datetime"}, {"name": "size_mb", "type": "decimal(9,2)"}],
                "rows": rows, "row_count": 3, "truncated": False}]
    if body["sql"].count("SELECT") > 1:
        results.append({"columns": [{"name": "", "type": "int"}], "rows": [["2"]], "row_count": 1})
    return {"results": results, "messages": [{"number": 0, "severity": 0, "state": 1, "line": 1, "text": "(3 rows affected)"}]}


def action(one, body):
    if one["status"] != "ACTIVE":
        raise Refusal(409, "DBS.200019", "Another operation is being performed on the DB instance.")
    if "restart" in body:
        return job("RestartInstance", one, 1.5, becoming(one, "REBOOTING"))
    if "enlarge_volume" in body:
        return job("EnlargeVolume", one, 1.5, becoming(one, "MODIFYING", then=lambda: one["volume"].update(body["enlarge_volume"])))
    return job("ResizeFlavor", one, 1.5, becoming(one, "MODIFYING INSTANCE TYPE"))


def in_instance(method, one, rest, body):
    """Answers of /v3/{p}/instances/{id}/REST."""
    identity = one["id"]
    databases, users = STATE["databases"][identity], STATE["users"][identity]
    listed = {"database/detail": ("databases", [{"name": n, "character_set": one["collation"], "state": "Running"} for n in databases]),
              "db_user/detail": ("users", users)}
    if rest in listed:
        key, rows = listed[rest]
        return 200, {key: rows, "total_count": len(rows)}
    if rest == "":
        def gone():
            STATE["instances"].pop(identity)
            STATE["recycled"].append({
                "id": identity, "name": one["name"], "engine_name": "SQLServer", "engine_version": one["datastore"]["version"],
                "created_at": one["created"], "deleted_at": stamp(), "volume_type": "CLOUDSSD",
                "volume_size": one["volume"]["size"], "retained_until": stamp(time.time() + 7 * 86400),
                "recycle_backup_id": fresh("br04")})
        return 202, {"job_id": job("DeleteInstance", one, 1.2, gone)}
    if rest == "action":
        return 202, {"job_id": action(one, body)}
    if rest.startswith("action/"):
        return 202, {"job_id": job(rest, one, 1, becoming(one, "MODIFYING", "SHUTDOWN" if rest.endswith("down") else "ACTIVE"))}
    if rest == "database":
        if body["name"] in databases:
            raise Refusal(409, "DBS.280110", "The database already exists.")
        databases.append(body["name"])
    elif rest.startswith("database/"):
        databases.remove(rest.split("/")[1])
    elif rest == "db_user" and method == "POST":
        users.append({"name": body["name"], "databases": []})
    elif rest == "db_privilege" and method == "POST":
        for user in users:
            if user["name"] == body["users"][0]["name"]:
                user["databases"].append({"name": body["db_name"], "readonly": body["users"][0]["readonly"]})
    elif rest == "db_privilege":
        for user in users:
            if user["name"] == body["users"][0]["name"]:
                user["databases"] = [d for d in user["databases"] if d["name"] != body["db_name"]]
    elif rest == "backups/policy":
        return 200, {"backup_policy": {"keep_days": 7, "start_time": "02:00-03:00", "period": "1,2,3,4,5,6,7"}}
    elif rest == "restore-time":
        now = int(time.time() * 1000)
        return 200, {"restore_time": [{"start_time": now - 3 * 86400_000, "end_time": now - 40 * 3600_000},
                                      {"start_time": now - 38 * 3600_000, "end_time": now - 20_000}]}
    elif rest == "configurations" and method == "GET":
        return 200, {"configuration_parameters": parameters()}
    elif rest == "configurations":
        return 200, {"job_id": job("ModifyParameters", one, 0.8), "restart_required": "user connections" in body["values"]}
    elif rest == "errorlog":
        return 200, {"total_record": 3, "error_log_list": [
            {"time": stamp(), "level": "ERROR", "content": "Login failed for user 'sa'. Reason: Could not find a login matching the name provided. [CLIENT: 10.0.4.17]"},
            {"time": stamp(START - 300), "level": "WARNING", "content": "Deadlock: process 61 was chosen as the victim."},
            {"time": stamp(START - 900), "level": "INFO", "content": "SQL Server is now ready for client connections."}]}
    elif rest == "slowlog":
        return 200, {"total_record": 1, "slow_log_list": [
            {"count": "14", "time": "3.21 s", "database": "shop", "users": "webshop", "type": "SELECT",
             "query_sample": "SELECT o.id, SUM(l.price * l.quantity) FROM dbo.orders AS o JOIN dbo.order_lines AS l ON l.order_id = o.id GROUP BY o.id"}]}
    elif rest == "query":
        return 200, query(body)
    elif rest == "tags/action":
        keys = [tag["key"] for tag in body["tags"]]
        one["tags"] = [tag for tag in one["tags"] if tag["key"] not in keys] + (body["tags"] if body["action"] == "create" else [])
    elif rest in ("name", "port"):
        one.update(body)
    return 200, {"resp": "successful"}


def in_project(method, path, query_string, body):
    """Answers of /v3/{p}/PATH."""
    if path == "instances" and method == "GET":
        found = [one for one in STATE["instances"].values() if query_string.get("id", one["id"]) == one["id"]]
        return 200, {"instances": found, "total_count": len(found)}
    if path == "instances":
        return make(body)
    if path == "instances/recovery":
        one = STATE["instances"][body["target"]["instance_id"]]
        names = body["source"].get("database_name") or {}
        return 202, {"job_id": job("RestoreInstance", one, 2, becoming(
            one, "RESTORING", then=lambda: STATE["databases"][one["id"]].extend(names.values())))}
    found = re.fullmatch(r"instances/(\w+in04)/?(.*)", path)
    if found:
        if found.group(1) not in STATE["instances"]:
            raise Refusal(404, "DBS.280238", "The DB instance does not exist.")
        return in_instance(method, STATE["instances"][found.group(1)], found.group(2), body)
    if path == "jobs":
        entry = STATE["jobs"].get(query_string["id"])
        if not entry:
            raise Refusal(404, "DBS.280303", "The job does not exist.")
        return 200, {"job": shown_job(entry)}
    if path == "tasklist":
        rows = [shown_job(entry) for entry in reversed(STATE["jobs"].values())]
        return 200, {"total_count": len(rows), "tasks": [
            {**row, "create_time": row["created"], "end_time": row["ended"], "instance_id": row["instance"]["id"],
             "instance_name": row["instance"]["name"]} for row in rows
            if query_string.get("instance_id", row["instance"]["id"]) == row["instance"]["id"]]}
    if path == "backups" and method == "POST":
        backup = {"id": fresh("br04"), "instance_id": body["instance_id"], "name": body["name"], "type": "manual",
                  "begin_time": stamp(), "end_time": stamp(), "status": "COMPLETED", "size": 431000}
        STATE["backups"][body["instance_id"]].append(backup)
        return 200, {"backup": backup}
    if path == "backups":
        return 200, {"backups": STATE["backups"].get(query_string.get("instance_id"), []), "total_count": 3}
    template = {"id": "t" * 32 + "pr04", "name": "Default-SQLServer-2022_SE", "description": "Values of the version",
                "datastore_name": "sqlserver", "datastore_version_name": "2022_SE", "user_defined": False}
    if path.startswith("configurations/"):
        return 200, {**template, "configuration_parameters": parameters()}
    flavors = [{"id": f"f{i}", "vcpus": str(c), "ram": r, "spec_code": f"rds.mssql.spec.se.c6.{n}", "instance_mode": "single",
                "az_status": {"az1": "normal"}} for i, (c, r, n) in enumerate(FLAVORS)]
    return 200, {
        "flavors/SQLServer": {"flavors": flavors},
        "datastores/SQLServer": {"dataStores": [{"id": n, "name": n} for n in ("2019_SE", "2022_SE", "2022_EE", "2022_WEB")]},
        "storage-type/SQLServer": {"storage_type": [{"name": "CLOUDSSD", "az_status": {"az1": "normal"}}]},
        "collations": {"charSets": ["SQL_Latin1_General_CP1_CI_AS", "French_CI_AS", "Latin1_General_100_CI_AS_SC_UTF8"]},
        "quotas": {"quotas": {"resources": [{"type": "instance", "quota": 50, "used": len(STATE["instances"])},
                                            {"type": "volume", "quota": 2000, "used": 640}]}},
        "configurations": {"configurations": [template, {**template, "id": "o" * 32 + "pr04", "name": "shop-tuned", "user_defined": True}]},
        "recycle-instances": {"instances": STATE["recycled"], "total_count": len(STATE["recycled"])},
    }.get(path, {})


def identity_service(method, path, body):
    if path == "auth/tokens" and method == "POST":
        given = body["auth"]["identity"]
        if given["methods"] == ["password"] and given["password"]["user"]["password"] != "Console-1!":
            raise Refusal(401, "IAM.0011", "The username or password is wrong.")
        return 201, {"token": {"expires_at": "2099-01-01T00:00:00.000000Z",
                               "user": {"id": "u1", "name": "admin", "domain": DOMAIN}}}
    return 200, {"auth/projects": {"projects": [PROJECT]}, "users": {"users": USERS}, "groups": {"groups": GROUPS},
                 "roles": {"roles": ROLES}, "groups/g1/users": {"users": USERS[1:]}}.get(path, {"roles": ROLES[:1]})


def metric_data(body):
    step = {"1": 60, "300": 300, "1200": 1200, "3600": 3600}[body["period"]]
    out = []
    for one in body["metrics"]:
        value = one["dimensions"][0]["value"]
        begin = body["from"] // 1000
        if value in STATE["instances"] and STATE["instances"][value]["name"].startswith("new"):
            begin = body["to"] // 1000
        out.append({**one, "datapoints": [{"timestamp": when * 1000, "average": point(value, one["metric_name"], when)}
                                          for when in range(begin - begin % step + step, body["to"] // 1000, step)]})
    return 200, {"metrics": out}


def credentials(method, path, body):
    if method == "POST":
        key = {"access": f"CASEMENTACCESS{len(STATE['keys']) + 1:06d}", "status": "active", "user_id": "u1",
               "create_time": stamp(), "description": body["credential"].get("description", "")}
        STATE["keys"].append(key)
        return 201, {"credential": {**key, "secret": "s" * 40}}
    if method == "DELETE":
        STATE["keys"] = [key for key in STATE["keys"] if key["access"] != path.split("/")[-1]]
    return 200, {"credentials": STATE["keys"]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site = ""

    def log_message(self, *_):
        pass

    def reply(self, status, content, kind="application/json", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), "X-Request-Id": "req-" + "7" * 28,
                            "Content-Security-Policy": POLICY, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def answer(self, method):
        address = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}") if length else {}
        path = "/index.html" if address.path == "/" else address.path
        file = os.path.join(self.site, path.lstrip("/"))
        if method == "GET" and os.path.isfile(file):
            with open(file, "rb") as content:
                self.reply(200, content.read(), TYPES[path.rsplit(".", 1)[1]])
            return
        try:
            status, found = self.find(method, path, dict(urllib.parse.parse_qsl(address.query)), body)
        except Refusal as refusal:
            status, found = refusal.status, {"error_code": refusal.code, "error_msg": str(refusal)}
        try:
            self.reply(status, json.dumps(found).encode(), **{"X-Subject-Token": "token"})
        except (BrokenPipeError, ConnectionResetError):
            pass  # the page cancelled

    def find(self, method, path, query_string, body):
        if path == "/mock/fail":
            STATE["failures"].append(body)
            return 200, {}
        for failure in STATE["failures"]:
            if failure["match"] in f"{method} {path}":
                STATE["failures"].remove(failure)
                return failure["status"], failure["body"]
        found = re.fullmatch(r"/v3(?:\.1)?/" + PROJECT["id"] + "/(.+)", path)
        if found:
            return in_project(method, urllib.parse.unquote(found.group(1)), query_string, body)
        if path.endswith("/batch-query-metric-data"):
            return metric_data(body)
        if path.startswith("/v3.0/OS-CREDENTIAL"):
            return credentials(method, path, body)
        if path.startswith("/v3/"):
            return identity_service(method, path[4:], body)
        raise Refusal(404, "APIGW.0101", "The API does not exist")

    do_GET = lambda self: self.answer("GET")
    do_POST = lambda self: self.answer("POST")
    do_PUT = lambda self: self.answer("PUT")
    do_PATCH = lambda self: self.answer("PATCH")
    do_DELETE = lambda self: self.answer("DELETE")


def main():
    Handler.site = sys.argv[2]
    instance("shop", "2022_SE", 2, 8, 100, used=11.2)
    instance("reporting", "2022_EE", 8, 32, 500, used=83.4)
    instance("crm-staging", "2019_SE", 1, 2, 40, "SHUTDOWN", used=3.1)
    for name in ("CreateSqlserverInstance", "ResizeFlavor"):
        job(name, next(iter(STATE["instances"].values())), 0.01)
    print("ready", flush=True)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


main()
