"""Images and volumes by openstackclient and by huaweicloudsdkims and huaweicloudsdkevs, unmodified:
sent, listed, changed, shared, fetched; made, extended, snapshots, rolled back, deleted."""
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness"))

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkevs import v2 as evs
from huaweicloudsdkims import v2 as ims

from report import Report, Skip, expect, expect_equal

with open(sys.argv[1], encoding="utf-8") as file:
    ADMIN = json.load(file)
STATE = {}


def client(kind):
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = ADMIN["ca_file"]
    return (kind.new_builder().with_http_config(config)
            .with_credentials(BasicCredentials(ADMIN["ak"], ADMIN["sk"], ADMIN["project_id"]))
            .with_endpoint(ADMIN["endpoint"]).build())


IMS, EVS = client(ims.ImsClient), client(evs.EvsClient)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
    "OS_AUTH_URL": ADMIN["endpoint"] + "/v3", "OS_CACERT": ADMIN["ca_file"],
    "OS_USERNAME": ADMIN["user"], "OS_PASSWORD": ADMIN["password"],
    "OS_USER_DOMAIN_NAME": ADMIN["domain_name"], "OS_PROJECT_DOMAIN_NAME": ADMIN["domain_name"],
    "OS_PROJECT_NAME": ADMIN["region"], "OS_REGION_NAME": ADMIN["region"],
    "OS_IDENTITY_API_VERSION": "3",
}


def run(*words):
    program = os.path.join(os.path.dirname(sys.executable), "openstack")
    done = subprocess.run([program, *words], env=ENVIRONMENT, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"openstack {' '.join(words)}: {done.stderr[-300:]}")
    return done.stdout


def asked(*words):
    return json.loads(run(*words, "-f", "json"))


def until(question, what, seconds=60):
    end = time.monotonic() + seconds
    while True:
        found = question()
        if found:
            return found
        expect(time.monotonic() < end, what)
        time.sleep(0.1)


def an_image_is_sent_changed_and_fetched():
    with tempfile.TemporaryDirectory() as folder:
        image, back = os.path.join(folder, "image.qcow2"), os.path.join(folder, "back.qcow2")
        try:
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", image, "32M"], check=True)
        except FileNotFoundError:
            raise Skip("there is no qemu-img") from None
        made = asked("image", "create", "--disk-format", "qcow2", "--container-format", "bare", "--file",
                     image, "--property", "__os_type=Windows", "--tag", "mine", "windows")
        STATE["image"] = made["id"]
        until(lambda: show_image().status == "active", "the image does not become active")
        run("image", "set", "--property", "hw_firmware_type=uefi", "--name", "renamed", made["id"])
        run("image", "save", "--file", back, made["id"])
        expect(os.path.getsize(back) == show_image().size, "another file comes back")
    shown = asked("image", "show", "renamed")
    expect_equal((shown["status"], shown["tags"]), ("active", ["mine"]), "the image")
    expect(made["id"] in [one["ID"] for one in asked("image", "list")], "it is not in the list")


def show_image():
    return IMS.list_images(ims.ListImagesRequest(id=STATE["image"])).images[0]


def huaweis_sdk_knows_the_image():
    if "image" not in STATE:
        raise Skip("there is no image")
    image = show_image()
    expect_equal((image.name, image.os_type, image.hw_firmware_type, image.imagetype),
                 ("renamed", "Windows", "uefi", "private"), "the image")
    IMS.update_image(ims.UpdateImageRequest(image_id=image.id, body=[
        ims.UpdateImageRequestBody(op="replace", path="/min_ram", value="2048")]))
    expect_equal(show_image().min_ram, 2048, "min_ram")
    copied = IMS.copy_image_in_region(ims.CopyImageInRegionRequest(
        image_id=image.id, body=ims.CopyImageInRegionRequestBody(name="copy")))

    def progress():
        return IMS.show_job_progress(ims.ShowJobProgressRequest(job_id=copied.job_id))
    until(lambda: progress().status == "SUCCESS", "the copy is not made")
    IMS.glance_delete_image(ims.GlanceDeleteImageRequest(
        image_id=progress().entities.image_id, body=ims.GlanceDeleteImageRequestBody()))
    expect(IMS.list_os_versions(ims.ListOsVersionsRequest()).body, "no operating systems")
    quota = IMS.show_image_quota(ims.ShowImageQuotaRequest()).quotas.resources[0]
    expect_equal((quota.type, quota.used), ("image", 1), "the quota")


def volume(status=None):
    def ask():
        try:
            found = EVS.show_volume(evs.ShowVolumeRequest(volume_id=STATE["volume"])).volume
        except ClientRequestException as problem:
            if status == "gone" and problem.status_code == 404:
                return True
            raise
        return found if found.status == status else None
    return until(ask, f"the volume does not become {status}")


def a_volume_lives_by_huaweis_sdk():
    if "image" not in STATE:
        raise Skip("there is no image")
    made = EVS.create_volume(evs.CreateVolumeRequest(body=evs.CreateVolumeRequestBody(
        volume=evs.CreateVolumeOption(availability_zone=ADMIN["region"] + "a", volume_type="SSD", size=1,
                                      name="root", image_ref=STATE["image"]))))
    STATE["volume"] = made.volume_ids[0]
    expect_equal(volume("available").bootable, "true", "bootable")
    EVS.resize_volume(evs.ResizeVolumeRequest(volume_id=STATE["volume"], body=evs.ResizeVolumeRequestBody(
        os_extend=evs.OsExtend(new_size=2))))
    expect_equal(volume("available").size, 2, "the size")
    snapshot = EVS.create_snapshot(evs.CreateSnapshotRequest(body=evs.CreateSnapshotRequestBody(
        snapshot=evs.CreateSnapshotOption(volume_id=STATE["volume"], name="before")))).snapshot.id
    until(lambda: EVS.show_snapshot(evs.ShowSnapshotRequest(snapshot_id=snapshot)).snapshot.status ==
          "available", "the snapshot is not made")
    EVS.rollback_snapshot(evs.RollbackSnapshotRequest(
        snapshot_id=snapshot, body=evs.RollbackSnapshotRequestBody(
            rollback=evs.RollbackSnapshotOption(volume_id=STATE["volume"]))))
    volume("available")
    EVS.delete_snapshot(evs.DeleteSnapshotRequest(snapshot_id=snapshot))
    until(lambda: not EVS.list_snapshots(evs.ListSnapshotsRequest()).snapshots, "the snapshot stays")
    EVS.delete_volume(evs.DeleteVolumeRequest(volume_id=STATE["volume"]))
    volume("gone")


def openstackclient_knows_volumes():
    if "image" not in STATE:
        raise Skip("there is no image")
    made = asked("volume", "create", "--size", "1", "--image", STATE["image"], "data")
    STATE["volume"] = made["id"]
    volume("available")
    expect_equal([one["Name"] for one in asked("volume", "list")], ["data"], "the volumes")
    run("volume", "set", "--size", "2", "--property", "a=b", made["id"])
    expect_equal(volume("available").size, 2, "the size")
    run("volume", "snapshot", "create", "--volume", made["id"], "moment")
    until(lambda: asked("volume", "snapshot", "list")[0]["Status"] == "available", "no snapshot")
    run("volume", "snapshot", "delete", "moment")
    until(lambda: asked("volume", "snapshot", "list") == [], "the snapshot stays")
    run("volume", "delete", made["id"])
    volume("gone")
    run("image", "delete", STATE["image"])
    expect_equal(asked("image", "list"), [], "the images")


def main():
    report = Report("sdk images: ")
    for test in (an_image_is_sent_changed_and_fetched, huaweis_sdk_knows_the_image,
                 a_volume_lives_by_huaweis_sdk, openstackclient_knows_volumes):
        report.run(test.__name__, test)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
