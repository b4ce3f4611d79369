"""Another tenant at every operation of an instance: nothing is told, nothing changes."""
import re

from report import expect, expect_equal
from tenants import Tenant

# What is about the caller's own project, or takes no id of an instance.
BODIES = {
    "start_instance_action": {"restart": {}},
    "update_instance_name": {"name": "stolen"},
    "update_port": {"port": 2200},
    "update_data_ip": {"new_ip": "127.0.0.1"},
    "set_security_group": {"security_group_id": "abc"},
    "attach_eip": {"is_bind": False},
    "reset_pwd": {"db_user_pwd": "Stolen-1433!"},
    "change_ops_window": {"start_time": "01:00", "end_time": "02:00"},
    "set_auto_enlarge_policy": {"switch_option": False},
    "set_auto_upgrade_policy": {"switch_option": True},
    "modify_collation": {"collation": "Latin1_General_CI_AS"},
    "batch_tag_action": {"action": "create", "tags": [{"key": "a", "value": "b"}]},
}


def operations(world):
    listing = world.cloud.get("/operations").expect(200).json["operations"]
    return [one for one in listing if one["service"] == "rds" and one["supported"]
            and "{instance_id}" in one["path"]]


def fill(path, project, instance):
    path = path.replace("{project_id}", project).replace("{instance_id}", instance)
    return re.sub(r"\{[a-z_]+\}", "x", path)


def another_tenant_reaches_nothing(world):
    other = Tenant(world.cloud, "stranger")
    before, count = world.shop, 0
    for one in operations(world):
        body = None if one["method"] == "GET" else BODIES.get(one["id"], {})
        own = other.request(one["method"], fill(one["path"], other.project, before["id"]), body)
        expect(own.status in (400, 404), f"{one['id']} in its own project: {own}")
        if one["id"] in BODIES or one["method"] == "GET" and own.code != "DBS.200001":
            expect_equal((own.status, own.code), (404, "DBS.280121"),
                         f"{one['id']} in its own project")
        crossed = other.request(one["method"],
                                fill(one["path"], world.cloud.project, before["id"]), body)
        expect(crossed.status in (403, 404), f"{one['id']} in our project: {crossed}")
        count += 1
    expect(count > 20, f"only {count} operations")
    after = world.shop
    expect_equal(after, before, "the instance afterwards")
    listed = other.get(f"/v3/{other.project}/instances", query={"id": before["id"]}).expect(200).json
    expect_equal(listed["total_count"], 0, "what the other finds")
    batch = other.request("POST", f"/v3/{other.project}/instances/batch-delete",
                          {"instance_ids": [before["id"]]})
    expect_equal(batch.status, 404, "status of a batch with our id")
    brief = other.request("POST", f"/v3/{other.project}/simplified-instances",
                          {"instance_ids": [before["id"]]}).expect(200).json
    expect_equal(brief["instances"], [], "what is shown briefly")


TESTS = [another_tenant_reaches_nothing]
