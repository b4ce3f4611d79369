"""Disks that name other files of the host, are encrypted, lie about themselves or burst: each is
refused with its reason, and nothing of it stays."""
import os
import struct

from stage import must, qemu_img, qemu_io


def refused(stage, path, words, kind="qcow2"):
    image = stage.row(disk_format=kind)
    with open(path, "rb") as file:
        stage.send(image, file.read()).expect(204)
    found = stage.settled(image)
    must(found["status"] == "killed", f"it was taken: {found['status']}")
    must(words in found["__fail_reason"], found["__fail_reason"])
    must(stage.cloud.data not in found["__fail_reason"], "a path of the host is told")
    stage.ask("GET", f"/v2/images/{image}/file").expect(204)
    must(not os.path.exists(os.path.join(stage.cloud.data, "uploads", image)), "it is kept")
    stage.ask("DELETE", f"/v2/images/{image}").expect(204)


def path_of(stage, name):
    path = os.path.join(stage.folder, name)
    if os.path.exists(path):
        os.unlink(path)
    return path


def patched(stage, name, *patches):
    """A sound qcow2 with bytes changed."""
    path = stage.disk(name)
    with open(path, "r+b") as file:
        for offset, data in patches:
            file.seek(offset)
            file.write(data)
    return path


def a_backing_file_is_refused(stage):
    path = path_of(stage, "backed.qcow2")
    qemu_img("create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", "/etc/shadow", path, "64M")
    refused(stage, path, "backing file")


def a_data_file_is_refused(stage):
    path = path_of(stage, "outside.qcow2")
    qemu_img("create", "-q", "-f", "qcow2", "-o", f"data_file={path}.data,data_file_raw=on", path,
             "64M")
    refused(stage, path, "data file")


def an_encrypted_disk_is_refused(stage):
    """By the method in the header, written here: qemu-img measures the processor before it makes
    such a disk, and gives up where the host's clock is too coarse."""
    for method in (1, 2):
        refused(stage, patched(stage, "locked.qcow2", (32, struct.pack(">I", method))), "encrypted")
    path = path_of(stage, "locked.luks")
    with open(path, "wb") as file:
        file.write(b"LUKS\xba\xbe\0\1aes" + bytes((1 << 20) - 11))
    refused(stage, path, "encrypted", "raw")


def a_huge_disk_is_refused(stage):
    path = path_of(stage, "huge.qcow2")
    qemu_img("create", "-q", "-f", "qcow2", path, "16T")
    refused(stage, path, "more than the 20 GB")


def a_bomb_bursts_within_its_limit(stage):
    """2 GB that are one compressed cluster over and over; images have at most 1 GB here."""
    path = path_of(stage, "bomb.qcow2")
    qemu_img("create", "-q", "-f", "qcow2", path, "2G")
    qemu_io(path, "write -c -P 0x41 0 64k")
    with open(path, "r+b") as file:
        file.seek(40)
        table, = struct.unpack(">Q", file.read(8))
        file.seek(table)
        second, = struct.unpack(">Q", file.read(8))
        file.seek(table)
        file.write(struct.pack(">Q", second) * 4)
        file.seek(second & 0x00fffffffffffe00)
        cluster = file.read(8)
        file.seek(second & 0x00fffffffffffe00)
        file.write(cluster * 8192)
    must(os.path.getsize(path) < 1 << 20, "it is no bomb")
    refused(stage, path, "larger than an image may be")


def parents_of_other_formats_are_refused(stage):
    base = stage.disk("base.vmdk", "vmdk")
    path = path_of(stage, "child.vmdk")
    qemu_img("create", "-q", "-f", "vmdk", "-F", "vmdk", "-b", base, path)
    refused(stage, path, "parent disk", "vmdk")
    path = path_of(stage, "flat.vmdk")
    qemu_img("create", "-q", "-f", "vmdk", "-o", "subformat=monolithicFlat", path, "8M")
    refused(stage, path, "other files", "vmdk")
    path = stage.disk("child.vhd", "vpc")
    with open(path, "r+b") as file:
        file.seek(60)
        file.write(struct.pack(">I", 4))
        file.seek(-512 + 60, os.SEEK_END)
        file.write(struct.pack(">I", 4))
    refused(stage, path, "parent disk", "vhd")


def malformed_headers_are_refused(stage):
    refused(stage, patched(stage, "bits.qcow2", (20, struct.pack(">I", 60))), "malformed")
    refused(stage, patched(stage, "table.qcow2", (36, struct.pack(">I", 0x7fffffff))), "malformed")
    refused(stage, patched(stage, "far.qcow2", (40, struct.pack(">Q", 1 << 50))), "malformed")
    refused(stage, patched(stage, "features.qcow2", (72, struct.pack(">Q", 1 << 40))), "not known")
    refused(stage, patched(stage, "zero.qcow2", (24, struct.pack(">Q", 0))), "impossible")
    refused(stage, patched(stage, "old.qcow2", (4, struct.pack(">I", 9))), "not known")


def a_disk_of_another_kind_than_said_is_refused(stage):
    refused(stage, stage.disk("lie.qcow2"), "said to be raw but is qcow2", "raw")
    path = path_of(stage, "noise.raw")
    with open(path, "wb") as file:
        file.write(b"no disk at all")
    refused(stage, path, "too short", "raw")
    with open(path, "wb") as file:
        file.write(b"\x1f\x8b" + bytes(4094))
    refused(stage, path, "compressed", "raw")


def names_are_never_paths(stage):
    for name in ("../../etc/passwd", "a/b", "..", ".hidden", ""):
        answer = stage.ask("POST", "/v2/cloudimages/action", {
            "name": "x", "image_url": "import:" + name, "min_disk": 1})
        must(answer.status == 400, f"{name!r}: {answer}")
    answer = stage.ask("POST", "/v2/images", {"name": "../../etc/passwd"})
    must(answer.status == 400, answer)
    for image in ("..%2f..%2fetc%2fpasswd", "....", "%2e%2e"):
        must(stage.ask("GET", f"/v2/images/{image}/file").status in (400, 404), image)
        must(stage.send(image, b"x").status in (400, 404), image)
    os.symlink("/etc/shadow", os.path.join(stage.cloud.data, "import", "link.raw"))
    made = stage.ask("POST", "/v2/cloudimages/action", {
        "name": "x", "image_url": "import:link.raw", "min_disk": 1}).expect(200)
    must(stage.job(made.json["job_id"])["status"] == "FAIL", "a link was followed")
    os.unlink(os.path.join(stage.cloud.data, "import", "link.raw"))


TESTS = [a_backing_file_is_refused, a_data_file_is_refused, an_encrypted_disk_is_refused,
         a_huge_disk_is_refused, a_bomb_bursts_within_its_limit, parents_of_other_formats_are_refused,
         malformed_headers_are_refused, a_disk_of_another_kind_than_said_is_refused,
         names_are_never_paths]
