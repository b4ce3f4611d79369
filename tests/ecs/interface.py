"""What needs no guest: flavors, key pairs, groups, checks, tenants, pages."""
import subprocess
import tempfile

from report import Skip
from stage import FLAVOR


def error(answer, status, code, *words):
    """The service's own form of an error, with its words."""
    answer.expect(status)
    found = answer.json["error"]
    if found["code"] != code or answer.code != code:
        raise AssertionError(f"{found} is not {code}")
    for word in words:
        if word not in found["message"]:
            raise AssertionError(f"{word} is not in {found['message']}")


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found} is not {wanted}")


def test_flavors_have_sizes_and_extra_specs(stage, _):
    flavors = stage.get(f"{stage.servers}/flavors").expect(200).json["flavors"]
    small = next(one for one in flavors if one["id"] == FLAVOR)
    same((small["vcpus"], small["ram"]), ("1", 1024))
    same(small["os_extra_specs"]["cond:operation:status"], "normal")
    first = stage.get(f"{stage.servers}/flavors", {"limit": 2}).expect(200).json["flavors"]
    second = stage.get(f"{stage.servers}/flavors", {"limit": 2, "marker": first[1]["id"]}).json
    same([one["id"] for one in first + second["flavors"]], [one["id"] for one in flavors[:4]])
    nova = stage.get(f"{stage.nova}/flavors/detail").expect(200).json["flavors"]
    same([one["id"] for one in nova], [one["id"] for one in flavors])
    same(stage.get(f"{stage.nova}/flavors/{FLAVOR}").expect(200).json["flavor"]["vcpus"], 1)
    answer = stage.get(f"{stage.nova}/flavors/none").expect(404)
    same(answer.json["itemNotFound"]["code"], 404)


def test_zone_and_limits(stage, _):
    zones = stage.get(f"/v1/{stage.project}/availability-zones").expect(200).json
    zone = zones["availability_zones"][0]["availability_zone_id"]
    nova = stage.get(f"{stage.nova}/os-availability-zone").expect(200).json
    same(nova["availabilityZoneInfo"][0]["zoneName"], zone)
    limits = stage.get(f"{stage.servers}/limits").expect(200).json["absolute"]
    same((limits["maxTotalInstances"], limits["totalInstancesUsed"]), (100, 0))


def test_version_is_found_without_a_token(stage, _):
    for path in ("/v2.1", "/v2.1/"):
        answer = stage.tenant.cloud.request("GET", path, sign=None).expect(200)
        same(answer.json["version"]["id"], "v2.1")


def test_made_key_is_shown_once_and_fits(stage, _):
    made = stage.post(f"{stage.nova}/os-keypairs", {"keypair": {"name": "made"}}).expect(200).json
    private, public = made["keypair"]["private_key"], made["keypair"]["public_key"]
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(private)
        file.flush()
        found = subprocess.run(["openssl", "rsa", "-in", file.name, "-check", "-noout"],
                               capture_output=True, text=True, check=False)
        same(found.returncode, 0)
    same(public.split()[0], "ssh-rsa")
    shown = stage.get(f"{stage.nova}/os-keypairs/made").expect(200).json["keypair"]
    same((shown["public_key"], "private_key" in shown), (public, False))
    kps = stage.get(f"/v3/{stage.project}/keypairs/made").expect(200).json["keypair"]
    same(kps["fingerprint"], made["keypair"]["fingerprint"])


def test_imported_key_is_checked(stage, _):
    public = stage.get(f"{stage.nova}/os-keypairs/made").expect(200).json["keypair"]["public_key"]
    kps = f"/v3/{stage.project}/keypairs"
    stage.post(kps, {"keypair": {"name": "brought", "public_key": public}}).expect(200)
    same(stage.post(kps, {"keypair": {"name": "brought", "public_key": public}}).status, 409)
    error(stage.post(kps, {"keypair": {"name": "cut", "public_key": public[:100]}}), 400, "Ecs.0005")
    listed = stage.get(kps, {"limit": 1}).expect(200).json
    same([one["keypair"]["name"] for one in listed["keypairs"]], ["brought"])
    same(listed["page_info"]["next_marker"], "brought")
    stage.delete(f"{kps}/brought").expect(204)
    error(stage.delete(f"{kps}/brought"), 404, "Ecs.0219")


def test_group_is_made_listed_and_removed(stage, other):
    path = f"{stage.servers}/os-server-groups"
    made = stage.post(path, {"server_group": {"name": "apart", "policies": ["anti-affinity"]}})
    group = made.expect(200).json["server_group"]
    same((group["policies"], group["members"]), (["anti-affinity"], []))
    error(stage.post(path, {"server_group": {"name": "x", "policies": ["near"]}}), 400, "Ecs.0005")
    same(len(stage.get(path).expect(200).json["server_groups"]), 1)
    error(other.get(f"{other.servers}/os-server-groups/{group['id']}"), 404, "Ecs.0221")
    error(other.delete(f"{other.servers}/os-server-groups/{group['id']}"), 404, "Ecs.0221")
    stage.delete(f"{path}/{group['id']}").expect(204)
    same(stage.get(path).json["server_groups"], [])


WRONG = {
    "name": ("a b", "name"), "flavorRef": ("none", "flavorRef"), "imageRef": ("none", "imageRef"),
    "adminPass": ("weak", "password"), "user_data": ("%%%", "user_data"), "count": (101, "count"),
    "nics": ([], "nics"), "key_name": ("nobody", "nobody"), "availability_zone": ("mars", "zone"),
    "metadata": ({"a": {"b": 1}}, "metadata"), "publicip": ({"id": "x"}, "publicip"),
}


def test_wrong_creations_are_refused_with_their_reason(stage, _):
    if not stage.image:
        raise Skip("there is no image")
    for field, (value, word) in WRONG.items():
        answer = stage.create(**{field: value})
        if answer.status not in (400, 404) or word not in answer.json["error"]["message"]:
            raise AssertionError(f"{field}: {answer}")
    same(stage.get(f"{stage.servers}/detail").expect(200).json["servers"], [])


def rows(stage, count):
    """Servers as rows alone, as the lists see them."""
    stage.tenant.cloud.sql(
        "INSERT INTO ecs_server (id, project_id, user_id, slot, name, status, flavor, image_id, "
        "image_name, os_type, zone, created, tags, addresses) SELECT gen_random_uuid(), "
        f"'{stage.project}', 'u', 50000 + n, 'row' || n, CASE WHEN n % 2 = 0 THEN 'ERROR' ELSE "
        f"'BUILD' END, '{FLAVOR}', '{stage.image or str()}', 'tiny', 'Linux', 'z', now() - n * interval "
        "'1 s', jsonb_build_array(jsonb_build_object('key', 'n', 'value', n::text)), ' 10.0.0.' || "
        f"n || ' ' FROM generate_series(1, {count}) n")


def names(answer):
    return [one["name"] for one in answer.expect(200).json["servers"]]


def test_list_has_pages_and_filters(stage, other):
    rows(stage, 30)
    path = f"{stage.servers}/detail"
    everything = [f"row{n}" for n in range(1, 31)]
    first = stage.get(path)
    same((names(first), first.json["count"]), (everything[:25], 30))
    same(names(stage.get(path, {"limit": 10, "offset": 3})), everything[20:])
    same(names(stage.get(path, {"limit": 10, "offset": 4})), [])
    same(names(stage.get(path, {"name": "ROW3"})), ["row3", "row30"])
    same(names(stage.get(path, {"status": "error", "limit": 3})), ["row2", "row4", "row6"])
    same(names(stage.get(path, {"ip": "10.0.0.2", "limit": 3})), ["row2", "row20", "row21"])
    same(names(stage.get(path, {"ip_eq": "10.0.0.2"})), ["row2"])
    same(names(stage.get(path, {"tags": "n=7"})), ["row7"])
    same(len(names(stage.get(path, {"not-tags": "n=7", "limit": 100}))), 29)
    same(names(stage.get(path, {"flavor": "s6.large.2"})), [])
    same(names(other.get(f"{other.servers}/detail")), [])
    nova, marker = [], None
    while True:
        query = {"limit": 12, **({"marker": marker} if marker else {})}
        page = stage.get(f"{stage.nova}/servers", query)
        nova += names(page)
        if "servers_links" not in page.json:
            break
        marker = page.json["servers"][-1]["id"]
    same(nova, everything)
    error(stage.get(path, {"limit": 0}), 400, "Ecs.0005")


def test_strangers_find_no_server(stage, other):
    server = stage.get(f"{stage.servers}/detail", {"limit": 1}).json["servers"][0]["id"]
    path = f"{other.servers}/{server}"
    for answer in (other.get(path), other.put(path, {"server": {"name": "mine"}}),
                   other.post(f"{path}/metadata", {"metadata": {"a": "b"}}),
                   other.get(f"{path}/os-server-password"), other.get(f"{path}/screenshot"),
                   other.post(f"{path}/remote_console",
                              {"remote_console": {"protocol": "vnc", "type": "novnc"}}),
                   other.post(f"{other.servers}/action", {"os-start": {"servers": [{"id": server}]}}),
                   other.post(f"{other.servers}/delete", {"servers": [{"id": server}]})):
        error(answer, 404, "Ecs.0114")
    answer = other.delete(f"{other.nova}/servers/{server}").expect(404)
    same(answer.json["itemNotFound"]["code"], 404)
    if other.get(f"{stage.servers}/{server}").status not in (403, 404):
        raise AssertionError("a stranger reads in the project's own path")


def test_metadata_and_tags_are_kept(stage, _):
    server = stage.get(f"{stage.servers}/detail", {"limit": 1}).json["servers"][0]["id"]
    path = f"{stage.servers}/{server}"
    stage.post(f"{path}/metadata", {"metadata": {"role": "web", "n": 1}}).expect(200)
    stage.delete(f"{path}/metadata/n").expect(204)
    same(stage.show(server)["metadata"]["role"], "web")
    stage.post(f"{path}/tags/action", {"action": "create", "tags": [{"key": "k", "value": "v"}]}
               ).expect(204)
    same(sorted(stage.show(server)["tags"]), ["k=v", "n=1"])
    stage.post(f"{path}/tags/action", {"action": "delete", "tags": [{"key": "n", "value": "1"}]}
               ).expect(204)
    same(stage.get(f"{path}/tags").json["tags"], [{"key": "k", "value": "v"}])
    all_tags = {one["key"]: one["values"] for one in stage.get(f"{stage.servers}/tags").json["tags"]}
    same(all_tags["k"], ["v"])
    stage.put(path, {"server": {"name": "renamed"}}).expect(200)
    same(stage.show(server)["name"], "renamed")


def test_states_bind(stage, _):
    server = stage.get(f"{stage.servers}/detail", {"status": "BUILD"}).json["servers"][0]["id"]
    path = f"{stage.servers}/{server}"
    error(stage.post(f"{path}/remote_console",
                     {"remote_console": {"protocol": "vnc", "type": "novnc"}}), 409, "Ecs.0100")
    error(stage.post(f"{stage.servers}/action", {"os-start": {"servers": [{"id": server}]}}), 409,
          "Ecs.0100")
    error(stage.post(f"{path}/resize", {"resize": {"flavorRef": "s6.medium.2"}}), 409, "Ecs.0100")
    error(stage.post(f"{path}/resize", {"resize": {"flavorRef": "none"}}), 400, "Ecs.0005")
    error(stage.post(f"{stage.servers}/action", {}), 400, "Ecs.0005")


def test_server_without_a_guest_is_deleted(stage, _):
    listed = stage.get(f"{stage.servers}/detail", {"limit": 100}).json["servers"]
    job = stage.remove(*[one["id"] for one in listed])
    subs = job["entities"]["sub_jobs"]
    same((len(subs), job["entities"]["sub_jobs_total"]), (30, 30))
    same({one["status"] for one in subs}, {"SUCCESS"})
    same({one["entities"]["server_id"] for one in subs}, {one["id"] for one in listed})
    same(names(stage.get(f"{stage.servers}/detail")), [])


def test_job_is_its_projects(stage, other):
    job = stage.tenant.cloud.sql(f"SELECT id FROM job WHERE project_id = '{stage.project}' LIMIT 1")
    stage.get(f"/v1/{stage.project}/jobs/{job[0][0]}").expect(200)
    error(other.get(f"/v1/{other.project}/jobs/{job[0][0]}"), 404, "Common.0011")


def test_roles_bind(stage, _):
    reader = stage.tenant.user(("0ca5e000000000000000000000000031", "project"))
    job = stage.tenant.cloud.sql(f"SELECT id FROM job WHERE project_id = '{stage.project}' LIMIT 1")
    for path in (f"{stage.servers}/detail", f"{stage.nova}/os-keypairs",
                 f"/v1/{stage.project}/jobs/{job[0][0]}"):
        same(reader.request("GET", path).status, 200)
        same(stage.tenant.user().request("GET", path).status, 403)
    same(reader.request("POST", f"{stage.servers}/delete", {"servers": [{"id": "x"}]}).status, 403)
    same(reader.request("POST", f"{stage.nova}/os-keypairs", {"keypair": {"name": "x"}}).status, 403)


def test_console_asks_for_a_token(stage, _):
    cloud = stage.tenant.cloud
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    error(cloud.request("GET", "/console/ws", query={"token": "x" * 40}, headers=headers, sign=None),
          403, "Ecs.0321")
    same(cloud.request("GET", "/console/ws", query={"token": "x"}, sign=None).status, 426)


TESTS = [test for name, test in list(globals().items()) if name.startswith("test_")]
