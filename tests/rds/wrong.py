"""Requests that are refused, and the field that the answer names."""
from report import expect, expect_equal


def refused(world, field, code="DBS.200001", status=400, **fields):
    body = world.cloud.instance_body("wrong")
    for name, value in fields.items():
        if value is None:
            body.pop(name, None)
        elif isinstance(value, dict) and isinstance(body.get(name), dict):
            body[name] = {**body[name], **value}
        else:
            body[name] = value
    answer = world.cloud.post(f"{world.base}/instances", body)
    expect_equal((answer.status, answer.code), (status, code), f"the answer to {fields}")
    expect(field in answer.json["error_msg"], f"{answer.json['error_msg']} does not name {field}")


def names_are_checked(world):
    for name in ("abc", "1abc", "a" * 65, "a b c d", "shöp1", "shop;--"):
        refused(world, "name", name=name)


def passwords_are_checked(world):
    for password in ("Ab1!", "alllowercase", "lower1234", "A1!" + "a" * 30, "rdsuser", "Pass word1!",
                     "Quote'1433x"):
        refused(world, "password", password=password)
    refused(world, "password", password=None)


def ports_are_checked(world):
    for port in (1, 1434, 2099, 9501, 5355, 5985, 65536, -1):
        refused(world, "port", port=port)


def sizes_are_checked(world):
    for size in (0, 30, 45, 4010, -40):
        refused(world, "size", volume={"size": size})
    refused(world, "volume.type", volume={"type": "FLOPPY"})


def versions_are_checked(world):
    for version in ("2022 SE", "2022", "2016_SE", "2022_se"):
        refused(world, "2022_SE", code="DBS.280269", datastore={"version": version})
    refused(world, "SQLServer", code="DBS.280269", datastore={"type": "MySQL"})


def flavors_are_checked(world):
    refused(world, "flavor_ref", flavor_ref="rds.mssql.none")
    refused(world, "flavor_ref", flavor_ref="rds.mssql.spec.ee.s6.small.1")


def places_are_checked(world):
    refused(world, "availability_zone", availability_zone="mars-1a")
    refused(world, "region", region="mars-1")
    refused(world, "data_vip", data_vip="8.8.8.8")


def the_rest_is_checked(world):
    refused(world, "collation", collation="Klingon_CI_AS")
    refused(world, "time_zone", time_zone="Europe/Paris")
    refused(world, "backup_strategy", backup_strategy={"start_time": "25:00-26:00"})
    refused(world, "backup_strategy", backup_strategy={"start_time": "01:00-02:00",
                                                       "keep_days": 800})
    refused(world, "tags", tags=[{"key": "a", "value": "1"}, {"key": "a", "value": "2"}])
    refused(world, "charge_info", charge_info={"charge_mode": "prePaid"})
    refused(world, "ha", code="DBS.280238", ha={"mode": "Ha", "replication_mode": "sync"})
    refused(world, "count", count=51)


def nothing_is_made_by_a_dry_run(world):
    before = world.cloud.get(f"{world.base}/instances").json["total_count"]
    answer = world.cloud.post(f"{world.base}/instances",
                              world.cloud.instance_body("tried", dry_run=True)).expect(202)
    expect("job_id" not in answer.json, "a dry run has a job")
    expect_equal(world.cloud.get(f"{world.base}/instances").json["total_count"], before, "instances")


def quotas_are_enforced(world):
    path = f"{world.base}/quotas"

    def limit(kind, number):
        world.cloud.request("PUT", path, {"quotas": {"resources": [
            {"type": kind, "quota": number}]}}).expect(200)

    for kind, standard, word in (("instance", 200, "instances"), ("vcpus", 1000, "vCPUs"),
                                 ("volume", 200000, "storage")):
        limit(kind, 0)
        refused(world, word, status=403, code="DBS.280404")
        limit(kind, standard)


def changes_are_checked(world):
    def refuse(method, rest, body, field, code="DBS.200001"):
        answer = world.cloud.request(method, world.path(rest), body)
        expect_equal((answer.status, answer.code), (400, code), f"the answer to {rest} {body}")
        expect(field in answer.json["error_msg"], answer.json["error_msg"])

    refuse("POST", "/action", {}, "exactly one")
    refuse("POST", "/action", {"restart": {}, "enlarge_volume": {"size": 50}}, "exactly one")
    refuse("POST", "/action", {"enlarge_volume": {"size": 40}}, "enlarge_volume.size")
    refuse("POST", "/action", {"enlarge_volume": {"size": 55}}, "enlarge_volume.size")
    refuse("POST", "/action", {"resize_flavor": {"spec_code": "x"}}, "spec_code")
    refuse("POST", "/action", {"resize_flavor": {"spec_code": world.shop["flavor_ref"]}},
           "spec_code")
    refuse("POST", "/action", {"single_to_ha": {"az_code_new_node": "x"}}, "single_to_ha",
           "DBS.280238")
    refuse("PUT", "/port", {"port": 1}, "port")
    refuse("PUT", "/ip", {"new_ip": "8.8.8.8"}, "new_ip")
    refuse("PUT", "/name", {"name": "x"}, "name")
    refuse("PUT", "/ops-window", {"start_time": "1", "end_time": "2"}, "start_time")
    refuse("POST", "/password", {"db_user_pwd": "weak"}, "db_user_pwd")
    refuse("PUT", "/disk-auto-expansion", {"switch_option": True, "limit_size": 45}, "limit_size")
    refuse("PUT", "/public-ip", {"is_bind": True, "public_ip": "1.2.3.4"}, "public_ip",
           "DBS.280238")
    refuse("PUT", "/collations", {"collation": "x"}, "collation")


def what_is_not_supported_says_so(world):
    answer = world.cloud.request("PUT", world.path("/failover"), {})
    expect_equal((answer.status, answer.code), (400, "DBS.280238"), "failover")


TESTS = [names_are_checked, passwords_are_checked, ports_are_checked, sizes_are_checked,
         versions_are_checked, flavors_are_checked, places_are_checked, the_rest_is_checked,
         nothing_is_made_by_a_dry_run, quotas_are_enforced, changes_are_checked,
         what_is_not_supported_says_so]
