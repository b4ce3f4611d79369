"""The API of images: imports, lists, changes, sharing, copies, images of volumes, quotas."""
import os
import shutil

from stage import must, qemu_io


def put_into_import(stage, name, tenant=None):
    folder = os.path.join(stage.cloud.data, "import", *([tenant.project] if tenant else []))
    os.makedirs(folder, exist_ok=True)
    shutil.copy(stage.disk(), os.path.join(folder, name))
    os.chmod(os.path.join(folder, name), 0o644)


def an_import_is_a_job_with_entities(stage):
    put_into_import(stage, "w.qcow2", stage.alpha)
    body = {"name": "windows", "image_url": "import:w.qcow2", "min_disk": 1, "tags": ["env.test"],
            "os_version": "Windows Server 2022 Datacenter 64bit", "hw_firmware_type": "uefi"}
    job = stage.ask("POST", "/v2/cloudimages/action", body).expect(200).json["job_id"]
    done = stage.job(job)
    must(done["status"] == "SUCCESS" and done["job_type"] == "createImageByFile", done)
    image = stage.ask("GET", f"/v2/images/{done['entities']['image_id']}").expect(200).json
    must((image["__os_type"], image["__platform"], image["hw_firmware_type"], image["tags"]) ==
         ("Windows", "Windows", "uefi", ["env.test"]), image)
    # Another project's own file is not there.
    job = stage.ask("POST", "/v2/cloudimages/action", body, stage.beta).expect(200).json["job_id"]
    done = stage.job(job, stage.beta)
    must(done["status"] == "FAIL" and "no file" in done["fail_reason"], done)
    must(stage.ask("GET", f"/v1/cloudimages/job/{job}").status == 404, "another's job")


def lists_filter_and_page(stage):
    ids = [stage.row(f"paged{i}", tags=["paged"]) for i in range(5)]
    found, marker = [], None
    while True:
        query = {"tag": "paged", "limit": 2, **({"marker": marker} if marker else {})}
        page = stage.ask("GET", "/v2/images", query=query).expect(200).json
        found += [image["id"] for image in page["images"]]
        if "next" not in page:
            break
        marker = page["images"][-1]["id"]
    must(found == ids[::-1], f"{found}, {ids}")

    def names(**query):
        answer = stage.ask("GET", "/v2/cloudimages", query={"tag": "paged", **query})
        return [image["name"] for image in answer.expect(200).json["images"]]
    must(names(sort_key="name", sort_dir="asc")[0] == "paged0")
    must(names(name="paged3") == ["paged3"] and names(status="active") == [])
    must(len(names(__imagetype="private")) == 5 and names(__imagetype="gold") == [])
    must(len(names(status="in:queued,active")) == 5 and names(__os_type="Windows") == [])
    must(stage.ask("GET", "/v2/cloudimages", query={"limit": -1}).status == 400)
    must(stage.ask("GET", "/v2/images", query={"sort_key": "x"}).status == 400)
    for image in ids:
        stage.ask("DELETE", f"/v2/images/{image}").expect(204)


def patches_change_what_tenants_may(stage):
    image = stage.row("before")

    def patch(*changes):
        return stage.ask("PATCH", f"/v2/cloudimages/{image}", [
            dict(zip(("op", "path", "value"), change)) for change in changes])
    done = patch(("replace", "/name", "after"), ("add", "/__os_type", "Windows"),
                 ("add", "/mine", "1"), ("replace", "/min_ram", 2048), ("replace", "/tags", ["a", "b"])
                 ).expect(200).json
    must((done["name"], done["__os_type"], done["mine"], done["min_ram"], done["tags"]) ==
         ("after", "Windows", "1", 2048, ["a", "b"]), done)
    must("mine" not in patch(("remove", "/mine")).expect(200).json)
    must(patch(("remove", "/mine")).status == 409)
    for wrong in (("replace", "/status", "active"), ("replace", "/owner", "x"), ("remove", "/name"),
                  ("replace", "/visibility", "public"), ("replace", "/size", 1), ("x", "/a", "b"),
                  ("add", "/a/b", "c"), ("replace", "/name", "a/b"), ("add", "/id", "x")):
        must(patch(wrong).status in (400, 403), wrong)
    must(stage.ask("GET", f"/v2/images/{image}").json["status"] == "queued")
    patch(("replace", "/protected", True)).expect(200)
    must(stage.ask("DELETE", f"/v2/images/{image}").status == 403, "protected")
    patch(("replace", "/protected", False)).expect(200)
    stage.ask("PUT", f"/v2/images/{image}/tags/c").expect(204)
    stage.ask("DELETE", f"/v2/images/{image}/tags/a").expect(204)
    stage.ask("POST", f"/v2/{{p}}/images/{image}/tags/action", {
        "action": "create", "tags": [{"key": "k", "value": "v"}]}).expect(204)
    must(stage.ask("GET", f"/v2/images/{image}").json["tags"] == ["b", "c", "k.v"])
    stage.ask("DELETE", f"/v2/images/{image}").expect(204)
    must(stage.ask("GET", f"/v2/images/{image}").status == 404)


def an_image_is_shared_when_it_is_accepted(stage):
    image, other = stage.image(name="shared"), stage.beta
    path = f"/v2/images/{image}"
    must(stage.ask("GET", path, tenant=other).status == 404, "a stranger sees it")
    for method, what, body in (("PATCH", path, [{"op": "add", "path": "/x", "value": "y"}]),
                               ("DELETE", path, None), ("GET", path + "/file", None),
                               ("GET", path + "/members", None),
                               ("POST", path + "/members", {"member": other.project}),
                               ("POST", f"/v1/cloudimages/{image}/copy", {"name": "c"})):
        must(stage.ask(method, what, body, other).status == 404, (method, what))
    stage.ask("POST", path + "/members", {"member": other.project}).expect(200)
    must(stage.ask("GET", path + "/file", tenant=other).status == 404, "before it is accepted")
    must(stage.ask("PUT", f"{path}/members/{other.project}", {"status": "accepted"}).status == 403,
         "the owner accepts for the member")
    stage.ask("PUT", f"{path}/members/{other.project}", {"status": "accepted"}, other).expect(200)
    must(len(stage.ask("GET", path + "/file", tenant=other).expect(200).body) > 0)
    listed = stage.ask("GET", "/v2/cloudimages", tenant=other, query={"__imagetype": "shared"}).json
    must([one["id"] for one in listed["images"]] == [image], listed)
    must(stage.ask("DELETE", path, tenant=other).status == 403, "a member deletes it")
    must(stage.ask("PATCH", path, [{"op": "add", "path": "/x", "value": "y"}], other).status == 403)
    # Huawei's form takes it back; what was copied before stays.
    job = stage.ask("POST", f"/v1/cloudimages/{image}/copy", {"name": "kept"}, other).expect(200).json
    copy = stage.job(job["job_id"], other)["entities"]["image_id"]
    job = stage.ask("DELETE", "/v1/cloudimages/members", {
        "images": [image], "projects": [other.project]}).expect(200).json
    results = stage.job(job["job_id"])["entities"]["results"]
    must(results[0]["status"] == "SUCCESS", results)
    must(stage.ask("GET", path, tenant=other).status == 404, "after it was taken back")
    stage.ask("DELETE", path).expect(204)
    must(len(stage.ask("GET", f"/v2/images/{copy}/file", tenant=other).expect(200).body) > 0)


def an_image_of_a_volume_has_its_content(stage):
    base = stage.image(name="base")
    volume = stage.volume(imageRef=base)
    qemu_io(stage.volume_file(volume), "write -P 0x55 2M 1M")
    job = stage.ask("POST", "/v2/cloudimages/action", {
        "name": "taken", "volume_id": volume}).expect(200).json["job_id"]
    done = stage.job(job)
    must(done["status"] == "SUCCESS", done)
    path = os.path.join(stage.cloud.data, "images", done["entities"]["image_id"] + ".qcow2")
    qemu_io(path, "read -P 0x41 0 1M", "read -P 0x55 2M 1M")
    answer = stage.ask("POST", "/v2/cloudimages/action", {"name": "x", "volume_id": volume},
                       stage.beta)
    must(answer.status == 400, "another project's volume")
    must(stage.ask("POST", "/v2/cloudimages/action", {"name": "x", "instance_id": volume}).code ==
         "IMG.0005")
    stage.remove(volume)


def what_is_not_done_says_so(stage):
    image = stage.row()
    for path in (f"/v1/cloudimages/{image}/file", f"/v1/cloudimages/{image}/cross_region_copy"):
        answer = stage.ask("POST", path, {})
        must(answer.status == 400 and "not supported" in answer.text, answer)
    quota = stage.ask("GET", "/v1/cloudimages/quota").json["quotas"]["resources"][0]
    stage.cloud.sql(f"INSERT INTO disk_quota VALUES ('{stage.alpha.project}', 'image', "
                    f"{quota['used']})")
    must(stage.ask("POST", "/v2/images", {"name": "more"}).code == "IMG.0058")
    stage.cloud.sql("DELETE FROM disk_quota")
    stage.ask("GET", "/v1/cloudimages/os_version").expect(200)


TESTS = [an_import_is_a_job_with_entities, lists_filter_and_page, patches_change_what_tenants_may,
         an_image_is_shared_when_it_is_accepted, an_image_of_a_volume_has_its_content,
         what_is_not_done_says_so]
