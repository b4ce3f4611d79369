"""What is left over: rows without folders, folders without rows, processes, ports and jobs that no
instance accounts for. Each function returns lines that say so; none is good."""
import os
import re
import socket


def rows(cloud):
    """Instances of the store: id to (status, address, port, whether it has a folder)."""
    found = cloud.sql("SELECT id, status, address, port, slot IS NOT NULL FROM rds_instance")
    return {row[0]: (row[1], row[2], int(row[3]), row[4] == "t") for row in found}


def folders(cloud):
    return set(os.listdir(os.path.join(cloud.data, "instances")))


def of_folders(cloud, known):
    there = folders(cloud)
    for name in sorted(there):
        if name.endswith(".lock") and name[:-5] in there:
            continue
        if name.split(".")[0] not in known:
            yield f"the folder {name} has no row"
        elif name not in known and not name.endswith((".replaced", ".lock")):
            yield f"the folder {name} is a leftover"
    for identifier, (status, _, _, has_folder) in known.items():
        if has_folder and identifier not in there and status not in ("CREATE FAIL", "FAILED"):
            yield f"instance {identifier} ({status}) has a slot and no folder"


def of_processes(cloud, known):
    for pid in cloud.processes():
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace")
            words += " " + os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            continue
        found = re.search(r"/instances/([0-9a-z.]+)", words)
        if not found:
            continue
        state = known.get(found.group(1))
        if state is None:
            yield f"process {pid} works for {found.group(1)}, which has no row"
        elif state[0] == "SHUTDOWN":
            yield f"process {pid} works for {found.group(1)}, which is shut down"


def of_ports(cloud, known):
    """Every ACTIVE instance is reached, and nothing else listens in the network."""
    wanted = set()
    for identifier, (status, address, port, has_folder) in known.items():
        if status == "ACTIVE" and has_folder:
            wanted.add((address, port))
            try:
                socket.create_connection((address, port), 10).close()
            except OSError as error:
                yield f"instance {identifier} is ACTIVE and not reached at {address}:{port}: {error}"
    prefix = cloud.network.split("/")[0].rsplit(".", 1)[0] + "."
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if fields[3] != "0A":
                continue
            raw, port = fields[1].split(":")
            address = ".".join(str(int(raw[i:i + 2], 16)) for i in (6, 4, 2, 0))
            if address.startswith(prefix) and (address, int(port, 16)) not in wanted:
                yield f"something listens at {address}:{int(port, 16)}"


def of_jobs(cloud):
    for identifier, kind, step in cloud.sql(
            "SELECT id, kind, step_name FROM job WHERE status = 'Running'"):
        yield f"job {identifier} ({kind}) still runs, at step {step}"


def of_backups(cloud, known):
    """Repositories of instances that no longer are; the store may not have backups yet."""
    folder = os.path.join(cloud.data, "backups")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if re.fullmatch(r"[0-9a-f]{32}in04", name) and name not in known:
            yield f"the repository {name} has no instance"


def find(cloud):
    """All that is left over, as lines."""
    known = rows(cloud)
    return [*of_folders(cloud, known), *of_processes(cloud, known), *of_ports(cloud, known),
            *of_jobs(cloud), *of_backups(cloud, known)]
