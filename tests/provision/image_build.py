"""`casement image build` on made-up discs: laid out like those of Windows, with a Linux guest in the place of
Windows Setup. What Windows itself does with the answers is not tested here."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import guest
import unattend_rules
from instance import BUILD
from report import Skip, expect, expect_equal

CASEMENT = os.path.join(BUILD, "casement")
DRIVERS = ("viostor", "vioscsi", "NetKVM", "vioserial", "Balloon", "viorng")


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options)
    expect_equal(done.returncode, 0, f"{' '.join(command)[:90]} (it said {done.stdout[-300:]})")
    return done.stdout


class Media:
    """Discs in a folder of their own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="casement-media-", dir="/tmp")
        os.chmod(self.folder, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content=b"x"):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def windows(self, name="windows.iso", build="20348", arch="9", loader=b"\0" * 4096, leave_out=(), udf=False):
        """A disc of Windows Server, as far as a build looks."""
        root = f"{name}.d"
        shutil.rmtree(self.path(root), ignore_errors=True)
        for part in ("efi/boot/bootx64.efi", "efi/microsoft/boot/bcd", "boot/boot.sdi", "boot/bcd",
                     "sources/install.wim", "setup.exe", "efi/microsoft/boot/efisys.bin"):
            self.write(f"{root}/{part}", part.encode() * 100)
        self.write(f"{root}/efi/microsoft/boot/efisys_noprompt.bin", loader)
        self.write("pe/Windows/System32/startnet.cmd", b"wpeinit\r\n")
        wim = self.path(f"{root}/sources/boot.wim")
        for number, title in ((1, "Microsoft Windows PE (amd64)"), (2, "Microsoft Windows Setup (amd64)")):
            run(["wimlib-imagex", "capture" if number == 1 else "append", self.path("pe"), wim, title, "--no-acls"])
            run(["wimlib-imagex", "info", wim, str(number), "--image-property", f"WINDOWS/VERSION/BUILD={build}",
                 "--image-property", f"WINDOWS/ARCH={arch}", "--image-property", "WINDOWS/VERSION/MAJOR=10",
                 "--image-property", "WINDOWS/VERSION/MINOR=0", "--image-property", "WINDOWS/PRODUCTNAME=x"])
        for part in leave_out:
            os.unlink(self.path(f"{root}/{part}"))
        disc = self.path(name)
        if udf:   # as Microsoft's: its files are in UDF alone
            run(["genisoimage", "-quiet", "-udf", "-V", "SSS_X64FREE_EN-US_DV9", "-hide", "*", "-o", disc, self.path(root)])
        else:
            run(["xorriso", "-as", "mkisofs", "-quiet", "-r", "-J", "-joliet-long", "-V", "SSS_X64FREE", "-o", disc, self.path(root)])
        return disc

    def drivers(self, name="virtio-win.iso", system="2k22", which=DRIVERS):
        root = f"{name}.d"
        for driver in which:
            for ending in ("inf", "sys", "cat"):
                self.write(f"{root}/{driver}/{system}/amd64/{driver.lower()}.{ending}", driver.encode())
                self.write(f"{root}/{driver}/w11/amd64/{driver.lower()}.{ending}", b"other")
        self.write(f"{root}/guest-agent/qemu-ga-x86_64.msi", b"agent msi")
        run(["xorriso", "-as", "mkisofs", "-quiet", "-r", "-J", "-V", "virtio-win", "-o", self.path(name), self.path(root)])
        return self.path(name)

    def build(self, *words, status=0, system="windows-2022", work="work", prepare=True):
        """What `casement image build` said on standard output and error."""
        done = subprocess.run([CASEMENT, "image", "build", system, "--work", self.path(work),
                               "--to", self.path(f"{system}.qcow2"), *words,
                               *(["--prepare-only"] if prepare else [])], capture_output=True, text=True, check=False)
        expect_equal(done.returncode, status, f"exit status (it said {done.stdout[-400:]} {done.stderr[-600:]})")
        return done.stdout, done.stderr

    def files_of(self, disc):
        """Everything of a disc, copied out."""
        target = tempfile.mkdtemp(dir=self.folder)
        run(["xorriso", "-osirrox", "on", "-indev", disc, "-extract", "/", target])
        run(["chmod", "-R", "u+w", target])
        return target

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def everything_missing_is_said_at_once(media):
    _, error = media.build("--iso", "/nowhere/windows.iso", "--virtio-iso", "/nowhere/drivers.iso",
                           "--cloudbase-init", "/nowhere/c.msi", status=1, work="w1")
    for word in ("/nowhere/windows.iso", "/nowhere/drivers.iso", "/nowhere/c.msi", "evaluations"):
        expect(word in error, f"{word} is not named: {error}")
    _, error = media.build("--iso", "/nowhere", status=1, system="windows-95", work="w2")
    expect("no system that can be built" in error, error)


def wrong_discs_are_refused(media):
    drivers = media.drivers()
    cases = ((media.windows("old.iso", build="17763"), drivers, "17763"),
             (media.windows("arm.iso", arch="12"), drivers, "ARM64"),
             (media.windows("noloader.iso", leave_out=["efi/microsoft/boot/efisys_noprompt.bin"]), drivers, "efisys_noprompt"),
             (media.windows("nosystem.iso", leave_out=["sources/install.wim"]), drivers, "install.wim"),
             (drivers, drivers, "no installation disc"),
             (media.windows("right.iso"), media.drivers("nodisk.iso", which=("NetKVM",)), "viostor/2k22/amd64"))
    for number, (iso, virtio, word) in enumerate(cases):
        _, error = media.build("--iso", iso, "--virtio-iso", virtio, status=1, work=f"wrong{number}")
        expect(word in error, f"{os.path.basename(iso)}: {word} is not named: {error}")


def prepared(media, work="prepared", **options):
    iso = media.windows(f"{work}.iso", **options)
    output, _ = media.build("--iso", iso, "--virtio-iso", media.drivers(), "--cloudbase-init",
                            media.write("CloudbaseInitSetup_x64.msi", b"cloudbase msi"), "--product-key",
                            "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE", work=work)
    return output, media.path(f"{work}/boot.iso")


def disc_is_laid_out(media):
    output, disc = prepared(media)
    expect("build 20348" in output, output)
    report = run(["xorriso", "-indev", disc, "-pvd_info", "-report_el_torito", "plain"])
    expect(re.search(r"El Torito boot img.*UEFI\s+y", report), f"no UEFI image: {report}")
    expect("CASEMENT" in report, "the label")
    files = media.files_of(disc)
    expect("efisys_noprompt.bin" in report, f"another loader: {report}")
    for name, content in (("$WinPEDriver$/viostor/2k22/amd64/viostor.inf", b"viostor"),
                          ("$WinPEDriver$/NetKVM/2k22/amd64/netkvm.sys", b"NetKVM"),
                          ("casement/guest-agent.msi", b"agent msi"), ("casement/cloudbase-init.msi", b"cloudbase msi"),
                          ("efi/boot/bootx64.efi", b"efi/boot/bootx64.efi" * 100), ("boot/boot.sdi", b"boot/boot.sdi" * 100)):
        with open(os.path.join(files, name), "rb") as file:
            expect_equal(file.read(), content, name)
    expect(not os.path.exists(os.path.join(files, "$WinPEDriver$/viostor/w11")), "drivers of another system")
    expect(not os.path.exists(os.path.join(files, "sources/install.wim")), "the system is on it twice")
    for name in ("boot.iso", "state.json"):
        expect_equal(os.stat(media.path(f"prepared/{name}")).st_mode & 0o077, 0, f"others' rights on {name}")
    expect(not os.path.exists(media.path("prepared/tree")), "what the disc was made of is left")


def answers_keep_the_schemas_rules(media):
    files = media.files_of(media.path("prepared/boot.iso"))
    with open(os.path.join(files, "Autounattend.xml"), encoding="utf-8") as file:
        text = file.read()
    root = unattend_rules.check(text)
    expect_equal([s.get("pass") for s in root], ["windowsPE", "specialize", "oobeSystem"], "passes")
    expect("Windows Server 2022 SERVERSTANDARD</Value>" in text and "AAAAA-BBBBB" in text, "edition and key")
    password, = unattend_rules.passwords(root)
    expect(len(password) >= 14 and password not in text, "the password")
    with open(os.path.join(files, "casement/unattend.xml"), encoding="utf-8") as file:
        unattend_rules.check(file.read())
    if shutil.which("xmllint"):
        run(["xmllint", "--noout", os.path.join(files, "Autounattend.xml"), os.path.join(files, "casement/unattend.xml")])
    # The rules find what is wrong.
    for wrong, right in (('pass="specialize"', 'pass="windowsPE"'), ("<Order>2</Order><Type>MSR", "<Order>5</Order><Type>MSR"),
                         ("<Format>NTFS</Format>", "<Format>EXT4</Format>"), ("amd64", "x86"), ("OOBE>", "OOBEX>"),
                         ("<PartitionID>3</PartitionID>\n", "<PartitionID>1</PartitionID>\n"), (' wcm:action="add"', "")):
        broken = text.replace(wrong, right)
        if broken == text:
            continue
        try:
            unattend_rules.check(broken)
        except AssertionError:
            continue
        raise AssertionError(f"{right!r} for {wrong!r} goes unseen")


def scripts_do_what_they_are_for(media):
    files = media.files_of(media.path("prepared/boot.iso"))
    with open(os.path.join(files, "casement/setup.cmd"), "rb") as file:
        script = file.read()
    expect(script.count(b"\n") == script.count(b"\r\n"), "line ends of DOS")
    text = script.decode("ascii")
    order = [text.index(word) for word in ("pnputil", "guest-agent.msi", "cloudbase-init.msi", "sysprep.exe", "casement: sealed")]
    expect_equal(order, sorted(order), "order")
    for label in re.findall(r"goto (\w+)", text):
        expect(f":{label}\r\n" in text, f"no label {label}")
    expect("/generalize /oobe" in text, "sysprep's options")
    with open(os.path.join(files, "casement/cloudbase-init.conf"), encoding="ascii") as file:
        settings = dict(line.strip().split("=", 1) for line in file if "=" in line)
    expect_equal(settings["first_logon_behaviour"], "no", "a change of the password at the first logon")
    expect(settings["metadata_services"].split(",")[0].endswith("HttpService"), "only HTTP takes a posted password")
    expect("ConfigDriveService" in settings["metadata_services"], "the drive")


def answers_are_in_boot_wim(media):
    files = media.files_of(media.path("prepared/boot.iso"))
    wim = os.path.join(files, "sources/boot.wim")
    expect("/Autounattend.xml" in run(["wimlib-imagex", "dir", wim, "2"]).splitlines(), "not in the second image")
    expect("/Autounattend.xml" not in run(["wimlib-imagex", "dir", wim, "1"]).splitlines(), "in the first image too")
    target = tempfile.mkdtemp(dir=media.folder)
    run(["wimlib-imagex", "extract", wim, "2", "/Autounattend.xml", "/Windows/System32/startnet.cmd", "--dest-dir", target])
    with open(os.path.join(target, "Autounattend.xml"), "rb") as ours, open(os.path.join(files, "Autounattend.xml"), "rb") as disc:
        expect_equal(ours.read(), disc.read(), "the answers in boot.wim")
    run(["wimlib-imagex", "verify", wim])


def discs_of_udf_are_read(media):
    if not shutil.which("genisoimage") or not (shutil.which("7zz") or shutil.which("7z")):
        raise Skip("genisoimage or 7zip is missing")
    prepared(media, "udf", udf=True)
    expect(os.path.exists(media.path("udf/boot.iso")), "no disc")


def build_goes_on_where_it_was(media):
    words = ("--iso", media.path("prepared.iso"), "--virtio-iso", media.path("virtio-win.iso"), "--cloudbase-init",
             media.path("CloudbaseInitSetup_x64.msi"))
    before = os.stat(media.path("prepared/boot.iso")).st_mtime_ns
    output, _ = media.build(*words, work="prepared")
    expect("making the disc" not in output and "looking for" in output, f"done again: {output}")
    expect_equal(os.stat(media.path("prepared/boot.iso")).st_mtime_ns, before, "time of the disc")
    # Cut short while it read the disc: what was half made is made again.
    state = media.path("prepared/state.json")
    with open(state, encoding="utf-8") as file:
        known = json.load(file)
    known["done"] = "check"
    with open(state, "w", encoding="utf-8") as file:
        json.dump(known, file)
    media.write("prepared/tree/half", b"made")
    output, _ = media.build(*words, work="prepared")
    expect("making the disc" in output, output)
    expect(not os.path.exists(os.path.join(media.files_of(media.path("prepared/boot.iso")), "half")), "half of an earlier attempt")
    _, error = media.build("--iso", media.path("udf.iso"), status=1, work="prepared")
    expect("belongs to another build" in error, error)


def left_of(folder):
    """Processes with the folder in their command line."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if name.isdigit() and int(name) != os.getpid() and folder.encode() in file.read():
                    found.append(int(name))
        except OSError:
            pass
    return found


def stand_in_is_installed_and_sealed(media):
    """All of it, with a Linux guest in the place of Setup; the command is killed while it installs."""
    if os.geteuid() != 0 or not os.path.exists("/usr/sbin/libvirtd"):
        raise Skip("needs root, libvirtd and QEMU")
    try:
        loader = guest.boot_floppy()
    except guest.Unavailable as reason:
        raise Skip(str(reason)) from reason
    iso = media.windows("stand-in.iso", loader=loader)
    words = ("--iso", iso, "--virtio-iso", media.drivers(), "--size", "1", "--memory", "512", "--cpus", "1")
    process = subprocess.Popen([CASEMENT, "image", "build", "windows-2022", "--work", media.path("full"), "--to",
                                media.path("windows-2022.qcow2"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True)
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if "it installs" in line:
                break
        expect("it installs" in said[-1], "".join(said)[-900:])
        end = time.time() + 60
        while not os.path.exists(media.path("full/screen.png")) and time.time() < end:
            time.sleep(0.2)
        with open(media.path("full/screen.png"), "rb") as file:
            expect(file.read(8) == b"\x89PNG\r\n\x1a\n", "no picture of its screen")
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        output, _ = media.build(*words, work="full", prepare=False)
        expect("still installs" in output, f"the guest was not found again: {output}")
        expect("the guest: sealed" in output, output)
        run(["qemu-img", "convert", "-O", "raw", media.path("windows-2022.qcow2"), media.path("installed.raw")])
        with open(media.path("installed.raw"), "rb") as disk:
            expect_equal(disk.read(19), b"sources/install.wim", "what was installed")
        with open(media.path("windows-2022.qcow2.json"), encoding="utf-8") as file:
            facts = json.load(file)
        expect_equal((facts["__os_type"], facts["hw_firmware_type"], facts["__os_version"]),
                     ("Windows", "uefi", "Windows Server 2022"), "properties")
        end = time.time() + 15
        while left_of(media.path("full")) and time.time() < end:
            time.sleep(0.3)
        expect_equal(left_of(media.path("full")), [], "processes that are left")
        expect(not os.path.exists(media.path("full/servers")), "the guest's folder is left")
    finally:
        process.kill()
        process.wait()
        for pid in left_of(media.path("full")):
            os.kill(pid, signal.SIGKILL)


TESTS = (everything_missing_is_said_at_once, wrong_discs_are_refused, disc_is_laid_out, answers_keep_the_schemas_rules,
         scripts_do_what_they_are_for, answers_are_in_boot_wim, discs_of_udf_are_read, build_goes_on_where_it_was,
         stand_in_is_installed_and_sealed)
