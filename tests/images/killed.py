"""kill -9 of casementd in the middle of uploads, conversions and clones: the right state comes back,
and no file is without its row."""
import os
import socket

from stage import must, qemu_io
from uploads import head


def killed_at(stage, point, begin, settle):
    """Starts again with a kill point, does what leads to it, starts again, and looks."""
    cloud = stage.cloud
    once = os.path.join(cloud.data, "killed-once")
    if os.path.exists(once):
        os.unlink(once)
    cloud.stop()
    cloud.start({"CASEMENT_KILL_AT": point, "CASEMENT_KILL_ONCE": once})
    thing = begin()
    cloud.wait_end(30)
    cloud.start()
    settle(thing)
    stage.nothing_is_orphaned()


def an_upload_that_is_cut_short_waits_for_another(stage):
    image = stage.row()
    with stage.cloud.ssl_context().wrap_socket(
            socket.create_connection((stage.cloud.host, stage.cloud.port)),
            server_hostname=stage.cloud.host) as line:
        line.sendall(head(stage, image, 1 << 20).encode() + bytes(65536))
        while stage.ask("GET", f"/v2/images/{image}").json["status"] != "saving":
            pass
        stage.cloud.kill()
    stage.cloud.start()
    must(stage.ask("GET", f"/v2/images/{image}").json["status"] == "queued")
    stage.nothing_is_orphaned()
    with open(stage.disk(), "rb") as file:
        stage.send(image, file.read()).expect(204)
    must(stage.settled(image)["status"] == "active")


def a_conversion_is_done_again(stage):
    image = stage.row()
    with open(stage.disk(), "rb") as file:
        data = file.read()

    def begin():
        stage.send(image, data).expect(204)

    def settle(_):
        must(stage.settled(image)["status"] == "active")
    killed_at(stage, "createImageByFile:convert:after", begin, settle)


def a_clone_is_made_once(stage):
    image = stage.image()

    def settle(volume):
        stage.steady(volume)
        qemu_io(stage.volume_file(volume), "read -P 0x41 0 1M")
        stage.remove(volume)
    killed_at(stage, "createVolume:make:after",
              lambda: stage.volume(imageRef=image, wait=False), settle)


def a_deletion_is_finished(stage):
    volume = stage.volume()

    def begin():
        stage.ask("DELETE", f"/v2/{{p}}/cloudvolumes/{volume}").expect(200)
    killed_at(stage, "deleteVolume:remove:before", begin,
              lambda _: stage.steady(volume, wanted="gone"))


def changes_of_a_volume_are_done_once(stage):
    volume = stage.volume()
    file = stage.volume_file(volume)
    qemu_io(file, "write -P 1 0 1M")
    found = {}

    def extend():
        stage.ask("POST", f"/v2.1/{{p}}/cloudvolumes/{volume}/action", {
            "os-extend": {"new_size": 2}}).expect(200)

    def take():
        found["snapshot"] = stage.ask("POST", "/v2/{p}/cloudsnapshots", {"snapshot": {
            "volume_id": volume, "name": "s"}}).expect(202).json["snapshot"]["id"]

    def roll_back():
        qemu_io(file, "write -P 2 0 1M")
        stage.ask("POST", f"/v2/{{p}}/cloudsnapshots/{found['snapshot']}/rollback", {
            "rollback": {"volume_id": volume}}).expect(202)

    def forget():
        stage.ask("DELETE", f"/v2/{{p}}/cloudsnapshots/{found['snapshot']}").expect(202)

    def is_extended(_):
        must(stage.steady(volume)["size"] == 2)

    def is_rolled_back(_):
        stage.steady(volume)
        qemu_io(file, "read -P 1 0 1M")
    for point, begin, settle in (
            ("extendVolume:grow:after", extend, is_extended),
            ("createSnapshot:take:after", take, lambda _: stage.snapshot_steady(found["snapshot"])),
            ("rollbackSnapshot:roll-back:after", roll_back, is_rolled_back),
            ("deleteSnapshot:forget:after", forget,
             lambda _: stage.snapshot_steady(found["snapshot"], "gone"))):
        killed_at(stage, point, begin, settle)
    stage.remove(volume)


def images_of_volumes_and_copies_are_made_once(stage):
    volume, image = stage.volume(), stage.image()
    for point, path, body in (
            ("createImageByInstance:copy:after", "/v2/cloudimages/action",
             {"name": "taken", "volume_id": volume}),
            ("copyImageInRegion:link:after", f"/v1/cloudimages/{image}/copy", {"name": "copied"})):
        killed_at(stage, point,
                  lambda path=path, body=body: stage.ask("POST", path, body).expect(200).json["job_id"],
                  lambda job: must(stage.job(job)["status"] == "SUCCESS", "the job failed"))


TESTS = [an_upload_that_is_cut_short_waits_for_another, a_conversion_is_done_again,
         a_clone_is_made_once, a_deletion_is_finished, changes_of_a_volume_are_done_once,
         images_of_volumes_and_copies_are_made_once]
