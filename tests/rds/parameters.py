"""Parameters and templates, logs and links."""
import glob
import http.client
import ssl
import time
import urllib.parse

from report import expect, expect_equal
from tds_client import LoginFailed
from tenants import Tenant

from databases import client_of


def parameters(world):
    found = world.cloud.get(world.path("/configurations")).expect(200).json
    return {one["name"]: one for one in found["configuration_parameters"]}


def put(world, rest, body, status=200):
    return world.cloud.request("PUT", f"{world.base}{rest}", body).expect(status)


def setting(world, name):
    """A setting of PostgreSQL, as the instance's settings have it."""
    path = f"{world.cloud.data}/instances/{world.shop['id']}/casement.conf"
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(f"set = {name}="):
                return line.split("=", 2)[2].strip()
    return None


def templates_are_made_compared_and_deleted(world):
    listed = world.cloud.get(f"{world.base}/configurations").expect(200).json["configurations"]
    standard = [one for one in listed if one["datastore_version_name"] == "2022_SE"][0]
    expect(not standard["user_defined"] and standard["id"].endswith("pr04"), standard)
    body = {"name": "tuned", "datastore": {"type": "SQLServer", "version": "2022_SE"},
            "values": {"max degree of parallelism": "2", "user connections": 50}}
    made = world.cloud.post(f"{world.base}/configurations", body).expect(200).json["configuration"]
    world.template = made["id"]
    world.cloud.post(f"{world.base}/configurations", body).expect(409)
    for values in ({"max degree of parallelism": "70"}, {"xp_cmdshell": "1"}, {"no such": "1"},
                   {"user connections": "5"}, {"user connections": "1; DROP"}, {"clr enabled": []}):
        answer = world.cloud.post(f"{world.base}/configurations",
                                  {**body, "name": "wrong", "values": values})
        expect_equal((answer.status, answer.code), (400, "DBS.212037"), str(values))
    shown = world.cloud.get(f"{world.base}/configurations/{made['id']}").expect(200).json
    values = {one["name"]: one["value"] for one in shown["configuration_parameters"]}
    expect_equal(values["user connections"], "50", "user connections")
    changed = put(world, f"/configurations/{made['id']}",
                  {"values": {"cost threshold for parallelism": "25", "unheard of": "1"}}).json
    expect_equal(changed["configuration"]["ignored_params"], ["unheard of"], "ignored_params")
    different = put(world, "/configurations/difference",
                    {"source_id": standard["id"], "target_id": made["id"]}).json["parameters"]
    expect_equal({one["name"]: one["target_value"] for one in different},
                 {"max degree of parallelism": "2", "user connections": "50",
                  "cost threshold for parallelism": "25"}, "difference")
    copy = world.cloud.post(f"{world.base}/configurations/{made['id']}/copy",
                            {"name": "tuned-2"}).expect(200).json
    expect_equal(put(world, f"/configurations/{copy['id']}/reset", {}).json["need_restart"], True,
                 "need_restart")
    world.cloud.request("DELETE", f"{world.base}/configurations/{copy['id']}").expect(200)
    world.cloud.get(f"{world.base}/configurations/{copy['id']}").expect(404)
    world.cloud.request("DELETE", f"{world.base}/configurations/{standard['id']}").expect(403)
    put(world, f"/configurations/{standard['id']}", {"name": "mine"}, 403)


def a_template_is_applied(world):
    path = f"{world.base}/configurations/{world.template}"
    entities = world.cloud.get(f"{path}/query-instances").expect(200).json["entities"]
    expect(world.shop["id"] in [one["entity_id"] for one in entities], entities)
    applied = put(world, f"/configurations/{world.template}/apply",
                  {"instance_ids": [world.shop["id"]]}).json
    expect_equal((applied["success"], applied["apply_results"][0]["restart_required"]),
                 (True, True), "result")
    job = world.cloud.request("PUT", f"{path}/apply".replace("/v3/", "/v3.1/"),
                              {"instance_ids": [world.shop["id"]]}).expect(202).json["job_id"]
    world.cloud.wait_job(job)
    expect_equal(setting(world, "max_parallel_workers_per_gather"), "1", "in the settings")
    expect_equal(parameters(world)["user connections"]["value"], "50", "of the instance")
    histories = world.cloud.get(f"{path}/apply-histories").expect(200).json
    expect_equal((histories["total_count"], histories["histories"][0]["apply_result"]),
                 (2, "SUCCESS"), "histories")
    world.cloud.request("DELETE", path).expect(409)
    rows = world.sql("SELECT CONVERT(int, value_in_use) FROM sys.configurations WHERE name = "
                     "'cost threshold for parallelism'")
    expect_equal(rows, [[25]], "as sys.configurations shows it")


def parameters_of_an_instance_change(world):
    answer = world.cloud.request("PUT", world.path("/configurations"),
                                 {"values": {"slow query threshold (ms)": "300"}}).expect(200)
    expect_equal(answer.json, {"restart_required": False}, "answer")
    later = world.cloud.request(
        "PUT", world.path("/configurations").replace("/v3/", "/v3.1/"),
        {"values": {"max server memory (MB)": "512"}}).expect(202).json
    expect_equal(later["restart_required"], True, "restart_required")
    world.cloud.wait_job(later["job_id"])
    found = parameters(world)
    expect_equal(found["max server memory (MB)"]["value"], "512", "value")
    expect(found["clr enabled"]["readonly"], found["clr enabled"])
    histories = world.cloud.get(world.path("/configuration-histories"),
                                {"param_name": "slow query threshold (ms)"}).expect(200).json
    expect_equal((histories["total_count"], histories["histories"][0]["old_value"],
                  histories["histories"][0]["new_value"]), (1, "1000", "300"), "history")
    for values in ({}, {"no such": "1"}, {"clr enabled": "1"}):
        world.cloud.request("PUT", world.path("/configurations"), {"values": values}).expect(400)
    # what waits for a restart holds after it
    world.cloud.wait_job(world.cloud.post(world.path("/action"),
                                          {"restart": {}}).expect(202).json["job_id"])
    world.cloud.wait_instance(world.shop["id"])
    expect_equal(world.sql("SELECT 1"), [[1]], "after the restart")
    with open(setting_file(world), encoding="utf-8") as file:
        expect("shared_buffers = '128MB'" in file.read(), "shared_buffers is not 128MB")


def setting_file(world):
    """The file in which `casement serve` gives PostgreSQL its settings."""
    for path in glob.glob(f"{world.cloud.data}/instances/{world.shop['id']}/cluster/data/*.conf"):
        with open(path, encoding="utf-8", errors="replace") as file:
            if "Written by casement serve" in file.read():
                return path
    raise AssertionError("no settings of casement serve")


def templates_are_the_projects_own(world):
    other = Tenant(world.cloud, "tuner")
    for method, rest, body in (("GET", "", None), ("PUT", "", {"name": "stolen"}), ("DELETE", "", None),
                               ("PUT", "/reset", {}), ("POST", "/copy", {"name": "copied"}),
                               ("PUT", "/apply", {"instance_ids": [world.shop["id"]]}),
                               ("GET", "/apply-histories", None), ("GET", "/query-instances", None)):
        answer = other.request(
            method, f"/v3/{other.project}/configurations/{world.template}{rest}", body)
        expect_equal((answer.status, answer.code), (404, "DBS.212001"), f"{method} {rest}")
    made = other.request("POST", f"/v3/{other.project}/configurations", {
        "name": "tuned", "datastore": {"type": "SQLServer", "version": "2022_SE"}})
    own = made.expect(200).json["configuration"]["id"]
    answer = other.request("PUT", f"/v3/{other.project}/configurations/{own}/apply",
                           {"instance_ids": [world.shop["id"]]})
    expect_equal((answer.status, answer.code), (404, "DBS.280121"), "its template, our instance")
    listed = other.get(f"/v3/{other.project}/configurations").expect(200).json["configurations"]
    expect_equal([one["id"] for one in listed if one["user_defined"]], [own], "what it sees")


# ---- logs ----

def until(found, seconds=10):
    """What the function gives once it is not empty: a log is written a moment later."""
    end = time.monotonic() + seconds
    while True:
        value = found()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.1)


def the_slow_log_shows_what_was_slow_without_its_data(world):
    world.sql("SELECT 'a secret' AS x, 4711 AS y; WAITFOR DELAY '00:00:00.4'")
    world.sql("SELECT 'quick'")
    listed = until(lambda: world.cloud.get(world.path("/slowlog"), {
        "start_date": "2020-01-01T00:00:00+0000", "end_date": "2099-01-01T00:00:00+0000",
        "offset": 1, "limit": 10}).expect(200).json["slow_log_list"])
    first = [one for one in listed if one["query_sample"].startswith("SELECT ? AS")][0]
    expect_equal((first["users"], first["type"]), ("rdsuser", "SELECT"), "who and what")
    expect(float(first["time"].split()[0]) >= 0.4, first["time"])
    expect("secret" not in str(listed) and "4711" not in str(listed), "data in the slow log")
    expect(not any("quick" in one["query_sample"] for one in listed), "a quick one is listed")
    period = {"start_time": "2020-01-01T00:00:00+0000", "end_time": "2099-01-01T00:00:00+0000"}
    lines = world.cloud.post(world.path("/slow-logs"), {**period, "limit": 1}).expect(200).json
    expect_equal((len(lines["slow_log_list"]), lines["long_query_time"]), (1, "0.300"), "by line")
    sums = world.cloud.get(world.path("/slowlog/statistics"),
                           {"cur_page": 1, "per_page": 10}).expect(200).json
    expect(any("WAITFOR" in one["querySample"] for one in sums["slowLogList"]), sums)
    world.cloud.post(world.path("/slow-logs/statistics").replace("/v3/", "/v3.1/"),
                     period).expect(200)
    nothing = world.cloud.get(world.path("/slowlog"), {"type": "DELETE"}).expect(200).json
    expect_equal(nothing, {"slow_log_list": [], "total_record": 0}, "of another type")


def the_error_log_is_listed_by_level_and_time(world):
    try:
        client_of(world, "nobody", "Wrong-1433!").close()
    except LoginFailed:
        pass
    listed = until(lambda: [one for one in world.cloud.get(
        world.path("/errorlog"), {"level": "ALL", "limit": 100}).expect(200).json["error_log_list"]
        if "login failed" in one["content"].lower()])
    expect(listed and "nobody" in listed[0]["content"], listed)
    new = world.cloud.get(world.path("/errorlog").replace("/v3/", "/v3.1/"),
                          {"limit": 1}).expect(200).json
    expect(len(new["error_log_list"]) == 1 and new["total_record"] > 1, new)
    past = world.cloud.get(world.path("/errorlog"), {
        "start_date": "2020-01-01T00:00:00+0000",
        "end_date": "2020-01-02T00:00:00+0000"}).expect(200).json
    expect_equal(past, {"error_log_list": [], "total_record": 0}, "of another year")
    levels = world.cloud.get(world.path("/errorlog"), {"level": "FATAL"}).expect(200).json
    expect(all(one["level"] == "FATAL" for one in levels["error_log_list"]), levels)
    world.cloud.get(world.path("/errorlog"), {"level": "LOUD"}).expect(400)
    world.cloud.get(world.path("/errorlog"), {"start_date": "yesterday"}).expect(400)
    expect("Wrong-1433!" not in str(listed), "a password in the log")


def fetch(world, link):
    """A link's answer, without any signature."""
    parts = urllib.parse.urlsplit(link)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port,
                                             context=world.cloud.ssl_context(), timeout=30)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def links_lead_to_files_without_a_signature(world):
    files = world.cloud.get(world.path("/slowlog-files")).expect(200).json
    expect(files["total_count"] >= 1 and int(files["list"][0]["file_size"]) > 0, files)
    made = world.cloud.post(world.path("/slowlog-download"),
                            {"file_name": files["list"][0]["file_name"]}).expect(200).json
    status, text = fetch(world, made["list"][0]["file_link"])
    expect(status == 200 and b"WAITFOR" in text, (status, text[:200]))
    world.cloud.post(world.path("/slowlog-download"), {"file_name": "slow-1999-01-01.log"}).expect(400)
    link = world.cloud.post(world.path("/errorlog-download")).expect(200).json["list"][0]["file_link"]
    expect_equal(fetch(world, link)[0], 200, "error log")
    found = world.cloud.get(world.path("/ssl-cert/download-link")).expect(200).json
    link = found["cert_info_list"][0]["download_link"]
    status, pem = fetch(world, link)
    expect(status == 200 and pem.startswith(b"-----BEGIN CERTIFICATE-----"), (status, pem[:80]))
    ssl.create_default_context(cadata=pem.decode())
    for changed in (link[:-3] + ("AAA" if link[-3:] != "AAA" else "BBB"), link[:-40],
                    link.rsplit("/", 1)[0] + "/v1.AAAA"):
        status, text = fetch(world, changed)
        expect(status in (403, 404), f"{changed}: {status} {text[:100]}")


def auditing_is_said_to_be_off(world):
    expect_equal(world.cloud.get(world.path("/auditlog-policy")).expect(200).json["keep_days"], 0,
                 "keep_days")
    world.cloud.request("PUT", world.path("/auditlog-policy"), {"keep_days": 7}).expect(400)
    world.cloud.request("PUT", world.path("/ssl"), {"ssl_option": False}).expect(400)


def a_stopped_instance_says_so(world):
    world.cloud.wait_job(world.cloud.post(world.path("/action/shutdown")).expect(202).json["job_id"])
    world.cloud.wait_instance(world.shop["id"], "SHUTDOWN")
    for method, rest, body in (("GET", "/database/detail", None), ("POST", "/database", {"name": "x"}),
                               ("GET", "/db_user/detail", None),
                               ("PUT", "/configurations", {"values": {"xp_cmdshell": "0"}}),
                               ("POST", "/query", {"user": "a", "password": "b", "sql": "SELECT 1"})):
        answer = world.cloud.request(method, world.path(rest), body)
        expect_equal((answer.status, answer.code), (409, "DBS.200011"), f"{method} {rest}")
    world.cloud.get(world.path("/errorlog")).expect(200)
    world.cloud.wait_job(world.cloud.post(world.path("/action/startup")).expect(202).json["job_id"])
    world.cloud.wait_instance(world.shop["id"])


TESTS = [templates_are_made_compared_and_deleted, a_template_is_applied,
         templates_are_the_projects_own,
         parameters_of_an_instance_change, the_slow_log_shows_what_was_slow_without_its_data,
         the_error_log_is_listed_by_level_and_time, links_lead_to_files_without_a_signature,
         auditing_is_said_to_be_off, a_stopped_instance_says_so]
