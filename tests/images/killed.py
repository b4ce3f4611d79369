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


TESTS = [an_upload_that_is_cut_short_waits_for_another, a_conversion_is_done_again,
         a_clone_is_made_once, a_deletion_is_finished]
