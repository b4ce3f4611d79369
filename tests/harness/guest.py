"""A small Linux guest, made of Debian's packages: kernel, busybox, guest agent and our `guest` program.

    path = guest.image()                     # a qcow2 of 1 GiB that boots by UEFI, made once and cached
    agent = guest.LibvirtAgent(cloud.data, server_id)     # its guest agent, by the cloud's libvirtd
    agent.wait()
    agent.run("ping -c 1 10.0.0.7")          # (status, output) of a shell command in the guest
    with guest.Machine(drive="config.iso") as machine:    # the same under a QEMU of the test's own
        machine.wait_for("guest: ready")

It reads its ConfigDrive (network, host name, user data), else DHCP and the metadata service; posts a
password as Cloudbase-Init does; runs user data that begins with "#!"; counts in the corner of its
screen, with a shell on it; answers on TCP and UDP port 7 (echo) and runs lines that come on TCP port
2323. Its serial console says what happened, each line beginning with "guest:". `guest udp` and `guest
arp` (guest/guest.c) send frames that lie.

Nothing is installed: packages are fetched by `apt-get download`, unpacked and kept in
~/.cache/casement. Where that cannot be, image() raises Unavailable with the reason, for a skip.
"""
import base64
import ctypes
import fcntl
import glob
import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "casement")
DISK_BYTES = 1 << 30
SYSTEM_BYTES = 48 << 20   # what follows on the disk is the tests' own
# In this order, each after what it depends on. The console's and keyboard's drivers are in the kernel.
MODULES = ["virtio_pci", "virtio_blk", "virtio_net", "virtio_console", "ahci", "virtio_scsi", "sr_mod",
           "isofs", "button", "evdev", "virtio_balloon", "ext4", "crc32c_generic", "crc32c-intel",
           "xhci_pci", "usbhid"]
COMMAND_LINE = ("console=tty0 console=ttyS0 quiet panic=-1 net.ifnames=0 tsc=unstable "
                "mitigations=off random.trust_cpu=on\0")


class Unavailable(Exception):
    """The guest cannot be made or run here; the text says why."""


def _run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    if done.returncode:
        raise Unavailable(f"{' '.join(command)[:120]}: {done.stdout.strip()[-300:]}")
    return done.stdout


def _need(program, package):
    if not shutil.which(program):
        raise Unavailable(f"{program} is missing: install {package}")


# ---- Making the image ----

def _kernel_package():
    try:
        answer = _run(["apt-cache", "depends", "linux-image-amd64"])
    except FileNotFoundError as error:
        raise Unavailable("no apt here to fetch Debian's kernel with") from error
    found = re.search(r"Depends: (linux-image-\d\S*)", answer)
    if not found:
        raise Unavailable("apt knows no kernel called linux-image-amd64 (apt-get update?)")
    return found.group(1)


def _unpacked(package, folder):
    """The package's files, below folder/package."""
    target = os.path.join(folder, package)
    if not os.path.isdir(target):
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            _run(["apt-get", "download", "-q", package], cwd=scratch)
            archive = glob.glob(os.path.join(scratch, "*.deb"))[0]
            tree = os.path.join(scratch, "tree")
            _run(["dpkg-deb", "-x", archive, tree])
            os.rename(tree, target)
    return target


def _module_files(kernel):
    """(name, bytes) of the modules in the order of loading."""
    root = glob.glob(os.path.join(kernel, "lib/modules/*"))[0]
    paths = {}
    for path in glob.iglob(os.path.join(root, "kernel/**/*.ko*"), recursive=True):
        paths[re.sub(r"\.ko.*", "", os.path.basename(path)).replace("-", "_")] = path
    done, order = set(), []

    def content(path):
        if path.endswith(".xz"):
            import lzma  # pylint: disable=import-outside-toplevel
            return lzma.open(path).read()
        with open(path, "rb") as file:
            return file.read()

    def add(name):
        name = name.replace("-", "_")
        if name in done or name not in paths:   # those that are not there are in the kernel
            return
        done.add(name)
        data = content(paths[name])
        found = re.search(rb"\0depends=([^\0]*)\0", data)
        for other in (found.group(1).decode().split(",") if found else []):
            add(other)
        order.append((name + ".ko", data))

    for name in MODULES:
        add(name)
    return order


def _cpio(entries):
    """A newc archive of (name, mode, bytes)."""
    out = bytearray()
    for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        raw = name.encode() + b"\0"
        out += b"070701" + b"".join(b"%08X" % field for field in (
            number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0))
        out += raw + b"\0" * (-(len(out) + len(raw)) % 4)
        out += data + b"\0" * (-len(data) % 4)
    return bytes(out)


def _libraries(program):
    """What the dynamic linker takes for a program, from this host."""
    answer = _run(["ldd", program])
    if "not found" in answer:
        raise Unavailable("the guest agent's libraries are not here: " +
                          ", ".join(re.findall(r"(\S+) => not found", answer)))
    return sorted(set(re.findall(r"(/\S+) \(0x", answer)))


def _program(folder):
    """Our own program, linked statically."""
    target = os.path.join(folder, "guest")
    _need("gcc", "build-essential")
    done = subprocess.run(["gcc", "-O1", "-static", "-s", "-D_GNU_SOURCE", "-o", target,
                           os.path.join(HERE, "guest.c"), "-ljansson", "-lcrypto"],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"the guest's program does not build: {done.stderr[-300:]}")
    return target


def _initramfs(kernel, agent, scratch):
    def read(path):
        with open(path, "rb") as file:
            return file.read()

    busybox = next((p for p in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(p)), None)
    if not busybox or "not a dynamic" not in subprocess.run(
            ["ldd", busybox], capture_output=True, text=True, check=False).stderr:
        raise Unavailable("busybox-static is missing")
    modules = _module_files(kernel)
    files = {"init": (0o755, read(os.path.join(HERE, "init"))),
             "etc/stand-in.sh": (0o755, read(os.path.join(HERE, "stand-in.sh"))),
             "etc/udhcpc.sh": (0o755, read(os.path.join(HERE, "udhcpc.sh"))),
             "sbin/shutdown": (0o755, b"#!/bin/sh\necho 'guest: shut down by its agent' >/dev/console\n"
                               b"sync\ncase \"$*\" in *-r*) reboot -f ;; *) poweroff -f ;; esac\n"),
             "bin/chpasswd": (0o755, b"#!/bin/sh\nread line\n"
                              b"echo \"guest: password of ${line%%:*} set\" >/dev/console\n"),
             "etc/passwd": (0o644, b"root::0:0:root:/:/bin/sh\nAdministrator::0:0::/:/bin/sh\n"),
             "etc/group": (0o644, b"root:x:0:\n"),
             "bin/busybox": (0o755, read(busybox)),
             "bin/guest": (0o755, read(_program(scratch))),
             "modules/order": (0o644, "".join(f"{name}\n" for name, _ in modules).encode())}
    for name, data in modules:
        files[f"modules/{name}"] = (0o644, data)
    program = os.path.join(agent, "usr/sbin/qemu-ga")
    files["bin/qemu-ga"] = (0o755, read(program))
    for path in _libraries(program):
        files[path.lstrip("/")] = (0o755, read(path))
    folders = {"proc", "sys", "dev", "run", "tmp", "etc", "config", "sbin", "root", "mnt", "var"}
    for name in files:
        while os.path.dirname(name):
            name = os.path.dirname(name)
            folders.add(name)
    entries = [(name, 0o040755, b"") for name in sorted(folders)]
    entries.append(("bin/sh", 0o120777, b"busybox"))
    entries += [(name, 0o100000 | mode, data) for name, (mode, data) in sorted(files.items())]
    return gzip.compress(_cpio(entries), 6, mtime=0)


def _unified(stub, kernel, initramfs, scratch):
    """Kernel, initramfs and command line as one EFI program, by systemd's stub."""
    _need("objcopy", "binutils")
    parts = {".osrel": b"NAME=guest\n\0", ".cmdline": COMMAND_LINE.encode(), ".linux": kernel,
             ".initrd": initramfs}
    at = {".osrel": 0x20000, ".cmdline": 0x30000, ".linux": 0x2000000, ".initrd": 0x4000000}
    command = ["objcopy"]
    for name, data in parts.items():
        path = os.path.join(scratch, name)
        with open(path, "wb") as file:
            file.write(data)
        command += ["--add-section", f"{name}={path}", "--change-section-vma", f"{name}={at[name]:#x}"]
    target = os.path.join(scratch, "bootx64.efi")
    _run([*command, stub, target])
    with open(target, "rb") as file:
        return file.read()


def _fat(program, size):
    """A FAT16 file system with the program as EFI/BOOT/BOOTX64.EFI."""
    sector, cluster_sectors, reserved, entries = 512, 4, 4, 512
    total = size // sector
    fat_sectors = (total // cluster_sectors + 2) * 2 // sector + 1
    data_at = reserved + 2 * fat_sectors + entries * 32 // sector
    cluster = cluster_sectors * sector
    count = -(-len(program) // cluster)
    if data_at * sector + (count + 3) * cluster > size:
        raise Unavailable("the guest's system has outgrown its partition")
    boot = struct.pack("<3s8sHBHBHHBHHHII", b"\xeb\x3c\x90", b"CASEMENT", sector, cluster_sectors,
                       reserved, 2, entries, 0, 0xF8, fat_sectors, 63, 255, 2048, total)
    boot += struct.pack("<BBBI11s8s", 0x80, 0, 0x29, 0x43415345, b"GUEST      ", b"FAT16   ")
    fat = [0xFFF8, 0xFFFF, 0xFFFF, 0xFFFF] + [n + 1 for n in range(4, 4 + count)]
    fat[-1] = 0xFFFF

    def entry(name, kind, first, length=0):
        return struct.pack("<11sBBBHHHHHHHI", name, kind, 0, 0, 0, 0x5821, 0x5821, 0, 0, 0x5821,
                           first, length)

    out = bytearray(size)
    out[0:len(boot)] = boot
    out[510:512] = b"\x55\xaa"
    table = struct.pack(f"<{len(fat)}H", *fat)
    for copy in range(2):
        start = (reserved + copy * fat_sectors) * sector
        out[start:start + len(table)] = table
    root = (reserved + 2 * fat_sectors) * sector
    top = entry(b"EFI        ", 0x10, 2)
    out[root:root + 32] = top
    at = data_at * sector
    efi = entry(b".          ", 0x10, 2) + entry(b"..         ", 0x10, 0) + entry(b"BOOT       ", 0x10, 3)
    out[at:at + len(efi)] = efi
    boot_folder = (entry(b".          ", 0x10, 3) + entry(b"..         ", 0x10, 2) +
                   entry(b"BOOTX64 EFI", 0x20, 4, len(program)))
    out[at + cluster:at + cluster + len(boot_folder)] = boot_folder
    out[at + 2 * cluster:at + 2 * cluster + len(program)] = program
    return out


def boot_floppy():
    """The guest as an image that a disc starts by UEFI (El Torito): at most 32 MB."""
    with open(image() + ".efi", "rb") as file:
        return bytes(_fat(file.read(), 31 << 20))


def _disk(program, target, scratch):
    first = 2048
    raw = os.path.join(scratch, "disk.raw")
    with open(raw, "wb") as file:
        file.truncate(DISK_BYTES)
        # One partition, of the type of EFI systems.
        file.seek(440)
        file.write(struct.pack("<IH", 0x43415345, 0))
        file.write(struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", 0xEF, b"\xfe\xff\xff", first,
                               SYSTEM_BYTES // 512))
        file.seek(510)
        file.write(b"\x55\xaa")
        file.seek(first * 512)
        file.write(_fat(program, SYSTEM_BYTES))
    _run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, target])


def _sources(package):
    digest = hashlib.sha256(package.encode())
    for name in (os.path.join(HERE, "guest.c"), os.path.join(HERE, "init"),
                 os.path.join(HERE, "udhcpc.sh"), os.path.join(HERE, "stand-in.sh"), os.path.abspath(__file__)):
        with open(name, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


def image():
    """Path of the guest's qcow2, made where it is not in the cache. Raises Unavailable."""
    _need("qemu-img", "qemu-utils")
    package = _kernel_package()
    os.makedirs(CACHE, exist_ok=True)
    target = os.path.join(CACHE, f"guest-{_sources(package)}.qcow2")
    with open(os.path.join(CACHE, "guest.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(target):
            return target
        packages = os.path.join(CACHE, "packages")
        os.makedirs(packages, exist_ok=True)
        kernel = _unpacked(package, packages)
        agent = _unpacked("qemu-guest-agent", packages)
        stub = _unpacked("systemd-boot-efi", packages)
        with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
            with open(glob.glob(os.path.join(kernel, "boot/vmlinuz-*"))[0], "rb") as file:
                linux = file.read()
            program = _unified(os.path.join(stub, "usr/lib/systemd/boot/efi/linuxx64.efi.stub"), linux,
                               _initramfs(kernel, agent, scratch), scratch)
            fresh = os.path.join(scratch, "disk.qcow2")
            _disk(program, fresh, scratch)
            with open(target + ".efi", "wb") as file:
                file.write(program)
            os.rename(fresh, target)
        for old in glob.glob(os.path.join(CACHE, "guest-*.qcow2")):
            if old != target and time.time() - os.path.getmtime(old) > 86400:
                os.unlink(old)
                if os.path.exists(old + ".efi"):
                    os.unlink(old + ".efi")
    return target


# ---- The guest agent ----

class AgentFailed(Exception):
    """The agent refused, or did not answer."""


class Agent:
    """What can be asked of a guest agent; ask(name, arguments, timeout) is the subclass's."""

    def ask(self, name, arguments=None, timeout=20):
        raise NotImplementedError

    def wait(self, timeout=120):
        """Until the agent answers."""
        end = time.time() + timeout
        while True:
            try:
                self.ask("guest-ping", timeout=5)
                return self
            except (AgentFailed, OSError) as error:
                if time.time() > end:
                    raise AgentFailed(f"no answer of the guest agent within {timeout} s: {error}") from error
                time.sleep(0.5)

    def run(self, command, timeout=60):
        """Runs a shell command in the guest: (status, output of both kinds)."""
        started = self.ask("guest-exec", {"path": "/bin/sh", "capture-output": True,
                                          "arg": ["-c", f"exec 2>&1; {command}"]})
        end = time.time() + timeout
        while time.time() < end:
            state = self.ask("guest-exec-status", {"pid": started["pid"]})
            if state["exited"]:
                text = base64.b64decode(state.get("out-data", "")).decode("utf-8", "replace")
                return state.get("exitcode", -1), text
            time.sleep(0.1)
        raise AgentFailed(f"{command!r} did not end within {timeout} s")

    def sh(self, command, timeout=60):
        """The output of a command that must succeed."""
        status, text = self.run(command, timeout)
        if status:
            raise AgentFailed(f"{command!r} in the guest ended with {status}: {text}")
        return text


class SocketAgent(Agent):
    """An agent by the socket of a QEMU of our own."""

    def __init__(self, path):
        self.path, self.link, self.rest = path, None, b""

    def close(self):
        if self.link:
            self.link.close()
        self.link, self.rest = None, b""

    def _line(self):
        while b"\n" not in self.rest:
            more = self.link.recv(65536)
            if not more:
                raise AgentFailed("the agent's channel is closed")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line.lstrip(b"\xff"))

    def ask(self, name, arguments=None, timeout=20):
        try:
            if not self.link:
                self.link = socket.socket(socket.AF_UNIX)
                self.link.connect(self.path)
            self.link.settimeout(timeout)
            token = int(time.time() * 1000) & 0x7FFFFFFF
            # 0xff resets the agent's parser; what an earlier asker left unread comes before the token.
            self.link.sendall(b"\xff" + json.dumps(
                {"execute": "guest-sync", "arguments": {"id": token}}).encode() + b"\n")
            while self._line().get("return") != token:
                pass
            self.link.sendall(json.dumps({"execute": name, "arguments": arguments or {}}).encode() + b"\n")
            answer = self._line()
        except (OSError, ValueError) as error:
            self.close()
            raise AgentFailed(f"{name}: {error}") from error
        if "error" in answer:
            raise AgentFailed(f"{name}: {answer['error'].get('desc')}")
        return answer["return"]


class LibvirtAgent(Agent):
    """An agent by the libvirtd of a casementd (its data directory, the server's id); needs root."""

    def __init__(self, data, server):
        try:
            self.libvirt = ctypes.CDLL("libvirt.so.0")
            self.qemu = ctypes.CDLL("libvirt-qemu.so.0")
        except OSError as error:
            raise Unavailable(f"libvirt's client library: {error}") from error
        self.uri = f"qemu+unix:///system?socket={data}/hypervisor/run/libvirt-sock"
        self.server, self.link = server, None
        for function in ("virConnectOpen", "virDomainLookupByUUIDString", "virGetLastErrorMessage"):
            getattr(self.libvirt, function).restype = ctypes.c_void_p
        self.libvirt.virGetLastErrorMessage.restype = ctypes.c_char_p
        self.libvirt.virDomainLookupByUUIDString.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self.libvirt.virDomainFree.argtypes = [ctypes.c_void_p]
        self.libvirt.virConnectClose.argtypes = [ctypes.c_void_p]
        self.qemu.virDomainQemuAgentCommand.restype = ctypes.c_void_p
        self.qemu.virDomainQemuAgentCommand.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int,
                                                        ctypes.c_uint]
        # Errors are returned; libvirt would print them too.
        self.quiet = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(lambda _, __: None)
        self.libvirt.virSetErrorFunc(None, self.quiet)

    def _failed(self, what):
        return AgentFailed(f"{what}: {(self.libvirt.virGetLastErrorMessage() or b'?').decode()}")

    def close(self):
        if self.link:
            self.libvirt.virConnectClose(self.link)
        self.link = None

    def ask(self, name, arguments=None, timeout=20):
        if not self.link:
            self.link = self.libvirt.virConnectOpen(self.uri.encode())
        if not self.link:
            raise self._failed("libvirtd")
        domain = self.libvirt.virDomainLookupByUUIDString(self.link, self.server.encode())
        if not domain:
            failure = self._failed(self.server)
            self.close()
            raise failure
        line = json.dumps({"execute": name, "arguments": arguments or {}})
        answer = self.qemu.virDomainQemuAgentCommand(domain, line.encode(), timeout, 0)
        try:
            if not answer:
                raise self._failed(name)
            return json.loads(ctypes.string_at(answer))["return"]
        finally:
            self.libvirt.virDomainFree(domain)
            if answer:
                ctypes.CDLL(None).free(ctypes.c_void_p(answer))


# ---- A QEMU of the test's own ----

def works_with_kvm():
    """Whether a guest really runs under KVM here: one of a single sector, within ten seconds."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with tempfile.NamedTemporaryFile() as sector:
        sector.write(bytes([0xB0, 0x2A, 0xE6, 0xF4, 0xF4, 0xEB, 0xFD]).ljust(510, b"\0") + b"\x55\xaa")
        sector.flush()
        try:
            done = subprocess.run(
                ["qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", "-m", "16", "-nodefaults",
                 "-display", "none", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
                 "-drive", f"file={sector.name},format=raw,if=ide"], timeout=10, capture_output=True,
                check=False)
        except (subprocess.TimeoutExpired, FileNotFoundError):
            return False
        return done.returncode == 2 * 0x2A + 1


class Machine:
    """The guest under a QEMU of our own, without libvirt and without networks of the cloud: what the
    drive says is tried with it. forward: {host port: guest port} by QEMU's user network."""

    def __init__(self, drive=None, forward=None, memory=256, arguments=(), restrict=None):
        _need("qemu-system-x86_64", "qemu-system-x86")
        firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd"
        if not os.path.exists(firmware):
            raise Unavailable("the UEFI firmware is missing: install ovmf")
        disk = image()
        self.folder = tempfile.mkdtemp(prefix="casement-guest-")
        overlay = os.path.join(self.folder, "disk.qcow2")
        _run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", disk, overlay])
        shutil.copy("/usr/share/OVMF/OVMF_VARS_4M.fd", os.path.join(self.folder, "vars.fd"))
        accelerator = "kvm" if works_with_kvm() else "tcg"
        user = "user,id=net0" + ("" if restrict is None else f",{restrict}")
        for outside, inside in (forward or {}).items():
            user += f",hostfwd=tcp:127.0.0.1:{outside}-:{inside}"
        command = ["qemu-system-x86_64", "-accel", accelerator, "-machine", "q35", "-cpu", "max",
                   "-m", str(memory), "-nodefaults", "-no-user-config",
                   "-drive", f"if=pflash,format=raw,readonly=on,file={firmware}",
                   "-drive", f"if=pflash,format=raw,file={self.folder}/vars.fd",
                   "-drive", f"if=none,id=disk,file={overlay}", "-device", "virtio-blk-pci,drive=disk,bootindex=1",
                   "-netdev", user, "-device", "virtio-net-pci,netdev=net0,mac=fa:16:3e:00:00:01,romfile=",
                   "-serial", f"file:{self.folder}/console.log", "-vga", "std",
                   "-display", "none", "-device", "virtio-serial-pci",
                   "-chardev", f"socket,id=qga,path={self.folder}/agent.sock,server=on,wait=off",
                   "-device", "virtserialport,chardev=qga,name=org.qemu.guest_agent.0",
                   "-qmp", f"unix:{self.folder}/qmp.sock,server=on,wait=off", *arguments]
        if drive:
            command += ["-drive", f"if=none,id=cd,format=raw,readonly=on,media=cdrom,file={drive}",
                        "-device", "ide-cd,drive=cd"]
        with open(os.path.join(self.folder, "qemu.log"), "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.agent = SocketAgent(os.path.join(self.folder, "agent.sock"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.agent.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def serial(self):
        try:
            with open(os.path.join(self.folder, "console.log"), "rb") as file:
                return file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def wait_for(self, text, timeout=120):
        """The line of the serial console with the text, once it is there."""
        end = time.time() + timeout
        while time.time() < end:
            for line in self.serial().splitlines():
                if text in line:
                    return line
            if self.process.poll() is not None:
                with open(os.path.join(self.folder, "qemu.log"), encoding="utf-8") as log:
                    raise Unavailable(f"QEMU ended: {log.read()[-300:]}")
            time.sleep(0.2)
        raise AssertionError(f"no {text!r} on the console within {timeout} s:\n{self.serial()[-1500:]}")

    def screenshot(self):
        """The picture of its screen, as PPM."""
        path = os.path.join(self.folder, "screen.ppm")
        self.order("screendump", filename=path)
        with open(path, "rb") as file:
            return file.read()

    def power_button(self):
        self.order("system_powerdown")

    def order(self, name, **arguments):
        """An order of QEMU's monitor."""
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(os.path.join(self.folder, "qmp.sock"))
            stream = link.makefile("rw")
            stream.readline()
            for order in ({"execute": "qmp_capabilities"},
                          {"execute": name, "arguments": arguments}):
                stream.write(json.dumps(order) + "\n")
                stream.flush()
                while "return" not in (answer := json.loads(stream.readline())):
                    if "error" in answer:
                        raise AssertionError(answer["error"])


if __name__ == "__main__":
    print(image())
