"""The API of volumes: made, extended, snapshots, rollback, clones, tenants, quotas."""
import json
import os

from stage import must, qemu_img, qemu_io


def a_volume_of_an_image_is_an_overlay(stage):
    image = stage.image(name="golden")
    volume = stage.volume(imageRef=image, size=2, name="root", metadata={"a": "b"}, tags={"t": "v"})
    shown = stage.show(volume)
    must((shown["size"], shown["bootable"], shown["metadata"], shown["tags"], shown["volume_type"]) ==
         (2, "true", {"a": "b"}, {"t": "v"}, "SSD"), shown)
    must(shown["volume_image_metadata"]["image_id"] == image)
    must(os.path.getsize(stage.volume_file(volume)) < 1 << 20, "the image was copied")
    qemu_io(stage.volume_file(volume), "read -P 0x41 0 1M", "write -P 0x42 0 64k")
    # The image may go; the volume keeps what it needs until it goes itself.
    stage.ask("DELETE", f"/v2/images/{image}").expect(204)
    qemu_io(stage.volume_file(volume), "read -P 0x42 0 64k", "read -P 0x41 64k 960k")
    stage.remove(volume)
    must(not os.path.exists(os.path.join(stage.cloud.data, "volumes", volume + ".base")), "its base")


def volumes_refuse_what_cannot_be(stage):
    image = stage.image(name="small")
    for fields, code in (({"size": 0}, None), ({"size": 40000}, "EVS.1010"),
                         ({"volume_type": "TAPE"}, "EVS.1010"), ({"imageRef": "x"}, "EVS.1018"),
                         ({"snapshot_id": "x"}, "EVS.1018"), ({"availability_zone": "x"}, "EVS.1010"),
                         ({"multiattach": True}, "EVS.1009"), ({"name": "<x>"}, "EVS.1003")):
        answer = stage.ask("POST", "/v2.1/{p}/cloudvolumes", {"volume": {
            "size": 1, "volume_type": "SSD", **fields}})
        must(answer.status == 400 and (code is None or answer.code == code), (fields, answer))
    answer = stage.ask("POST", "/v2.1/{p}/cloudvolumes", {"volume": {
        "size": 1, "imageRef": image}}, stage.beta)
    must(answer.status == 400, "another project's image")
    stage.cloud.sql(f"INSERT INTO disk_quota VALUES ('{stage.alpha.project}', 'gigabytes', 3)")
    answer = stage.ask("POST", "/v2.1/{p}/cloudvolumes", {"volume": {"size": 4}})
    must(answer.status == 413 and "gigabytes" in answer.text, answer)
    stage.cloud.sql("DELETE FROM disk_quota")
    for method, path in (("POST", "/v2/{p}/os-volume-transfer"), ("POST", "/v3/{p}/attachments")):
        must("not supported" in stage.ask(method, path, {}).text, path)


def a_volume_grows_and_never_shrinks(stage):
    volume = stage.volume()
    path = f"/v2.1/{{p}}/cloudvolumes/{volume}/action"
    must(stage.ask("POST", path, {"os-extend": {"new_size": 1}}).code == "EVS.1015")
    stage.ask("POST", path, {"os-extend": {"new_size": 3}}).expect(200)
    must(stage.steady(volume)["size"] == 3)
    info = json.loads(qemu_img("info", "--output=json", stage.volume_file(volume)))
    must(info["virtual-size"] == 3 << 30, info)
    stage.remove(volume)


def snapshots_keep_their_moment(stage):
    image = stage.image(name="for snapshots")
    volume = stage.volume(imageRef=image)
    file = stage.volume_file(volume)
    qemu_io(file, "write -P 1 4M 1M")
    first = stage.snapshot(volume)
    qemu_io(file, "write -P 2 4M 1M")
    must(stage.ask("DELETE", f"/v2/{{p}}/cloudvolumes/{volume}").status == 400, "it has snapshots")
    clone = stage.volume(snapshot_id=first, size=2)
    qemu_io(stage.volume_file(clone), "read -P 1 4M 1M", "read -P 0x41 0 1M")
    must(os.path.getsize(stage.volume_file(clone)) < 8 << 20, "the base was copied")
    stage.ask("POST", f"/v2.1/{{p}}/cloudvolumes/{volume}/action", {
        "os-extend": {"new_size": 2}}).expect(200)
    stage.steady(volume)
    stage.ask("POST", f"/v2/{{p}}/cloudsnapshots/{first}/rollback", {
        "rollback": {"volume_id": clone}}).expect(400)
    stage.ask("POST", f"/v2/{{p}}/cloudsnapshots/{first}/rollback", {
        "rollback": {"volume_id": volume}}).expect(202)
    stage.steady(volume)
    qemu_io(file, "read -P 1 4M 1M")
    info = json.loads(qemu_img("info", "--output=json", file))
    must(info["virtual-size"] == 2 << 30, "it is as small as it was then")
    stage.ask("DELETE", f"/v2/{{p}}/cloudsnapshots/{first}").expect(202)
    stage.snapshot_steady(first, "gone")
    must("snapshots" not in json.loads(qemu_img("info", "--output=json", file)), "it is in the file")
    stage.remove(volume)
    qemu_io(stage.volume_file(clone), "read -P 1 4M 1M", "read -P 0x41 0 1M")
    stage.remove(clone)


def tenants_do_not_meet(stage):
    volume = stage.volume()
    snapshot = stage.snapshot(volume)
    for method, path, body in (
            ("GET", f"/v2/{{p}}/cloudvolumes/{volume}", None),
            ("PUT", f"/v2/{{p}}/cloudvolumes/{volume}", {"volume": {"name": "x"}}),
            ("DELETE", f"/v2/{{p}}/cloudvolumes/{volume}", None),
            ("POST", f"/v2.1/{{p}}/cloudvolumes/{volume}/action", {"os-extend": {"new_size": 9}}),
            ("POST", "/v2/{p}/cloudsnapshots", {"snapshot": {"volume_id": volume}}),
            ("GET", f"/v2/{{p}}/cloudsnapshots/{snapshot}", None),
            ("DELETE", f"/v2/{{p}}/cloudsnapshots/{snapshot}", None),
            ("POST", f"/v2/{{p}}/cloudsnapshots/{snapshot}/rollback",
             {"rollback": {"volume_id": volume}}),
            ("GET", f"/v3/{{p}}/volumes/{volume}", None),
            ("GET", f"/v2/{{p}}/cloudvolumes/{volume}/tags", None),
            ("POST", f"/v3/{{p}}/volumes/{volume}/metadata", {"metadata": {"a": "b"}})):
        must(stage.ask(method, path, body, stage.beta).status == 404, (method, path))
    must(stage.ask("GET", "/v2/{p}/cloudvolumes/detail", tenant=stage.beta).json["count"] == 0)
    must(stage.cloud.request("GET", f"/v2/{stage.alpha.project}/cloudvolumes/detail",
                             token=stage.token(stage.beta)).status in (403, 404), "another's path")
    must(stage.ask("POST", "/v2.1/{p}/cloudvolumes", {"volume": {
        "size": 1, "snapshot_id": snapshot}}, stage.beta).status == 400, "another's snapshot")
    stage.remove(volume)


def an_attached_volume_is_held(stage):
    volume = stage.volume()
    stage.cloud.sql(f"UPDATE evs_volume SET server_id = gen_random_uuid()::text, status = 'in-use', "
                    f"device = '/dev/vdb' WHERE id = '{volume}'")
    shown = stage.show(volume)
    must(shown["status"] == "in-use" and shown["attachments"][0]["device"] == "/dev/vdb", shown)
    must(stage.ask("DELETE", f"/v2/{{p}}/cloudvolumes/{volume}").code == "EVS.2024")
    snapshot = stage.snapshot(volume)
    must(stage.ask("POST", f"/v2/{{p}}/cloudsnapshots/{snapshot}/rollback", {
        "rollback": {"volume_id": volume}}).code == "EVS.2024")
    stage.cloud.sql(f"UPDATE evs_volume SET server_id = '', status = 'available', device = '' WHERE "
                    f"id = '{volume}'")
    stage.remove(volume)


def a_volume_s_header_cannot_lead_elsewhere(stage):
    """As a guest that has broken out of its QEMU could write it."""
    volume = stage.volume()
    file = stage.volume_file(volume)
    qemu_img("rebase", "-u", "-f", "qcow2", "-F", "raw", "-b", "/etc/shadow", file)
    job = stage.ask("POST", "/v2/cloudimages/action", {
        "name": "loot", "volume_id": volume}).expect(200).json["job_id"]
    done = stage.job(job)
    must(done["status"] == "FAIL" and "names another file" in done["fail_reason"], done)
    stage.remove(volume)


def cinder_s_form_is_of_the_same_volumes(stage):
    made = stage.ask("POST", "/v3/{p}/volumes", {"volume": {"size": 1, "name": "c"}}).expect(202)
    volume = made.json["volume"]["id"]
    stage.steady(volume)
    stage.ask("POST", f"/v3/{{p}}/volumes/{volume}/action", {"os-extend": {"new_size": 2}}).expect(202)
    stage.steady(volume)
    must(stage.ask("PUT", f"/v2/{{p}}/volumes/{volume}", {"volume": {"name": "d"}}).json[
        "volume"]["name"] == "d")
    stage.ask("POST", f"/v3/{{p}}/volumes/{volume}/metadata", {"metadata": {"k": "v"}}).expect(200)
    stage.ask("DELETE", f"/v3/{{p}}/volumes/{volume}/metadata/k").expect(200)
    listed = stage.ask("GET", "/v3/{p}/volumes/detail", query={"name": "d"}).json["volumes"]
    must([one["id"] for one in listed] == [volume] and listed[0]["size"] == 2)
    must(stage.ask("GET", "/v3/{p}/types").json["volume_types"][0]["name"] == "SAS")
    missing = stage.ask("GET", "/v3/{p}/volumes/none")
    must(missing.status == 404 and "itemNotFound" in missing.json, missing)
    stage.ask("DELETE", f"/v3/{{p}}/volumes/{volume}").expect(202)
    stage.steady(volume, wanted="gone")


def nothing_is_left_over(stage):
    stage.nothing_is_orphaned()


TESTS = [a_volume_of_an_image_is_an_overlay, volumes_refuse_what_cannot_be,
         a_volume_grows_and_never_shrinks, snapshots_keep_their_moment, tenants_do_not_meet,
         an_attached_volume_is_held, a_volume_s_header_cannot_lead_elsewhere,
         cinder_s_form_is_of_the_same_volumes, nothing_is_left_over]
