"""Two tenants, disks to send them, and waiting for what jobs do."""
import os
import subprocess
import tempfile
import time


def must(value, text="this must hold"):
    if not value:
        raise AssertionError(text)
    return value


def qemu_img(*arguments):
    done = subprocess.run(["qemu-img", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"qemu-img {arguments[0]}: {done.stderr}")
    return done.stdout


def qemu_io(path, *commands, mode="-f"):
    arguments = ["qemu-io", mode, "qcow2"] if mode == "-f" else ["qemu-io", mode]
    for command in commands:
        arguments += ["-c", command]
    until = time.monotonic() + 5
    while True:
        done = subprocess.run([*arguments, path], capture_output=True, text=True, check=False)
        # A program of a killed daemon may be about to end.
        if 'Failed to get "write" lock' not in done.stderr or time.monotonic() > until:
            break
        time.sleep(0.1)
    must(done.returncode == 0 and "Pattern verification failed" not in done.stdout,
         f"qemu-io: {done.stdout}{done.stderr}")


class Stage:
    def __init__(self, cloud, alpha, beta):
        self.cloud, self.alpha, self.beta = cloud, alpha, beta
        self.folder = tempfile.mkdtemp(prefix="disks-", dir=cloud.data)
        self.tokens = {}

    def token(self, tenant):
        if tenant.name not in self.tokens:
            self.tokens[tenant.name] = tenant.project_token()
        return self.tokens[tenant.name]

    def ask(self, method, path, body=None, tenant=None, **more):
        tenant = tenant or self.alpha
        return self.cloud.request(method, path.replace("{p}", tenant.project), body,
                                  token=self.token(tenant), **more)

    # ---- disks ----

    def disk(self, name="disk.qcow2", kind="qcow2", size="64M", pattern=0x41):
        """A file with a first MiB of the pattern."""
        path = os.path.join(self.folder, name)
        raw = path + ".raw"
        with open(raw, "wb") as file:
            file.truncate(64 << 20 if size == "64M" else int(size))
            file.write(bytes([pattern]) * (1 << 20))
        if kind == "raw":
            os.rename(raw, path)
        else:
            qemu_img("convert", "-f", "raw", "-O", kind, raw, path)
            os.unlink(raw)
        return path

    # ---- images ----

    def row(self, name="image", tenant=None, **fields):
        body = {"name": name, "disk_format": "qcow2", "container_format": "bare", **fields}
        return self.ask("POST", "/v2/images", body, tenant).expect(201).json["id"]

    def send(self, image, data, tenant=None, **headers):
        return self.ask("PUT", f"/v2/images/{image}/file", data, tenant,
                        headers={"Content-Type": "application/octet-stream", **headers})

    def settled(self, image, tenant=None, seconds=30):
        """The image once it is no longer being saved."""
        until = time.monotonic() + seconds
        while True:
            found = self.ask("GET", f"/v2/images/{image}", tenant=tenant).expect(200).json
            if found["status"] not in ("saving", "queued") or time.monotonic() > until:
                return found
            time.sleep(0.05)

    def image(self, path=None, tenant=None, kind="qcow2", name="image", **fields):
        """An active image of a file."""
        path = path or self.disk()
        image = self.row(name, tenant, disk_format=kind, **fields)
        with open(path, "rb") as file:
            self.send(image, file.read(), tenant).expect(204)
        found = self.settled(image, tenant)
        must(found["status"] == "active", f"the image is {found}")
        return image

    def job(self, job, tenant=None, seconds=30):
        until = time.monotonic() + seconds
        while True:
            found = self.ask("GET", f"/v1/cloudimages/job/{job}", tenant=tenant).expect(200).json
            if found["status"] not in ("INIT", "RUNNING") or time.monotonic() > until:
                return found
            time.sleep(0.05)

    # ---- volumes ----

    def volume(self, tenant=None, wait=True, **fields):
        body = {"volume": {"size": 1, "volume_type": "SSD", **fields}}
        made = self.ask("POST", "/v2.1/{p}/cloudvolumes", body, tenant).expect(200).json
        return self.steady(made["volume_ids"][0], tenant)["id"] if wait else made["volume_ids"][0]

    def show(self, volume, tenant=None):
        answer = self.ask("GET", f"/v2/{{p}}/cloudvolumes/{volume}", tenant=tenant)
        return answer.json["volume"] if answer.status == 200 else None

    def steady(self, volume, tenant=None, wanted="available", seconds=30):
        until = time.monotonic() + seconds
        while True:
            found = self.show(volume, tenant)
            state = found["status"] if found else "gone"
            if state == wanted:
                return found
            if time.monotonic() > until or (state.startswith("error") and wanted != state):
                raise AssertionError(f"volume is {state}, not {wanted}: {found}")
            time.sleep(0.05)

    def snapshot(self, volume, **fields):
        made = self.ask("POST", "/v2/{p}/cloudsnapshots", {"snapshot": {
            "volume_id": volume, "name": "s", **fields}}).expect(202).json["snapshot"]["id"]
        return self.snapshot_steady(made)

    def snapshot_steady(self, snapshot, wanted="available", seconds=30):
        until = time.monotonic() + seconds
        while True:
            answer = self.ask("GET", f"/v2/{{p}}/cloudsnapshots/{snapshot}")
            state = answer.json["snapshot"]["status"] if answer.status == 200 else "gone"
            if state == wanted:
                return snapshot
            must(time.monotonic() < until, f"the snapshot is {state}, not {wanted}")
            time.sleep(0.05)

    def volume_file(self, volume):
        return os.path.join(self.cloud.data, "volumes", volume + ".qcow2")

    def remove(self, volume):
        self.ask("DELETE", f"/v2/{{p}}/cloudvolumes/{volume}", query={"cascade": "true"}).expect(200)
        self.steady(volume, wanted="gone")

    # ---- what is on the host ----

    def files(self):
        """Ids of the files of images and of volumes, and what is being made."""
        def names(folder, suffix):
            return {name[:36] for name in os.listdir(os.path.join(self.cloud.data, folder))
                    if name.endswith(suffix) and len(name) == 36 + len(suffix)}
        return (names("images", ".qcow2"), names("volumes", ".qcow2"), names("work/images", "")
                | names("work/volumes", "") | names("uploads", ""))

    def nothing_is_orphaned(self):
        """Every file has its row, and every row that should its file; nothing is half made."""
        images = {row[0] for row in self.cloud.sql("SELECT id FROM ims_image WHERE status = 'active'")}
        volumes = {row[0] for row in self.cloud.sql(
            "SELECT id FROM evs_volume WHERE status IN ('available', 'in-use')")}
        until = time.monotonic() + 10
        while self.files() != (images, volumes, set()) and time.monotonic() < until:
            time.sleep(0.1)
        must(self.files() == (images, volumes, set()),
             f"files {self.files()} are not those of the rows {images} {volumes}")
