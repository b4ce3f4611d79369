"""Servers by huaweicloudsdkecs and huaweicloudsdkvpc, and by openstackclient: flavors, key pair, image,
create, list, show, stop, resize, delete. The guest is one sector that writes to its screen."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness"))

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkecs import v2 as ecs
from huaweicloudsdkvpc import v2 as vpc

from report import Report, Skip, expect, expect_equal

with open(sys.argv[1], encoding="utf-8") as file:
    ADMIN = json.load(file)
SECTOR = bytes.fromhex("b8430ecd10ebf9").ljust(510, b"\0") + b"\x55\xaa"
STATE = {}


def client(kind):
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = ADMIN["ca_file"]
    return (kind.new_builder().with_http_config(config)
            .with_credentials(BasicCredentials(ADMIN["ak"], ADMIN["sk"], ADMIN["project_id"]))
            .with_endpoint(ADMIN["endpoint"]).build())


ECS, VPC = client(ecs.EcsClient), client(vpc.VpcClient)
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


def flavors_and_zones_are_the_same_in_both():
    flavors = {one.id for one in ECS.list_flavors(ecs.ListFlavorsRequest()).flavors}
    expect_equal({one["Name"] for one in asked("flavor", "list")}, flavors, "flavors")
    zones = [one.zone_name for one in ECS.nova_list_availability_zones(
        ecs.NovaListAvailabilityZonesRequest()).availability_zone_info]
    expect_equal([one["Zone Name"] for one in asked("availability", "zone", "list", "--compute")],
                 zones, "zones")


def a_keypair_is_made_and_listed():
    with tempfile.TemporaryDirectory() as folder:
        run("keypair", "create", "--private-key", os.path.join(folder, "key"), "client")
        expect(os.path.getsize(os.path.join(folder, "key")) > 300, "the private key is short")
    listed = ECS.nova_list_keypairs(ecs.NovaListKeypairsRequest()).keypairs
    expect_equal([one.keypair.name for one in listed], ["client"], "the key pairs")
    expect_equal([one["Name"] for one in asked("keypair", "list")], ["client"], "the key pairs")


def an_image_is_sent():
    with tempfile.TemporaryDirectory() as folder:
        raw, image = os.path.join(folder, "raw"), os.path.join(folder, "image.qcow2")
        with open(raw, "wb") as out:
            out.write(SECTOR.ljust(1 << 20, b"\0"))
        try:
            subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, image], check=True)
        except FileNotFoundError:
            raise Skip("there is no qemu-img") from None
        run("image", "create", "--disk-format", "qcow2", "--container-format", "bare", "--file", image,
            "sector")
    until = time.monotonic() + 60
    while asked("image", "show", "sector")["status"] != "active":
        expect(time.monotonic() < until, "the image does not become active")
        time.sleep(0.5)
    STATE["image"] = asked("image", "show", "sector")["id"]
    expect_equal([one["Name"] for one in asked("image", "list")], ["sector"], "the images")


def a_network_is_made():
    made = VPC.create_vpc(vpc.CreateVpcRequest(vpc.CreateVpcRequestBody(
        vpc.CreateVpcOption(name="servers", cidr="192.168.0.0/16"))))
    STATE["vpc"] = made.vpc.id
    subnet = VPC.create_subnet(vpc.CreateSubnetRequest(vpc.CreateSubnetRequestBody(vpc.CreateSubnetOption(
        name="servers", cidr="192.168.1.0/24", vpc_id=made.vpc.id, gateway_ip="192.168.1.1"))))
    STATE["subnet"] = subnet.subnet.id


def needs(*names):
    for name in names:
        if name not in STATE:
            raise Skip(f"there is no {name}")


def wait_job(job, seconds=90):
    until = time.monotonic() + seconds
    while True:
        found = ECS.show_job(ecs.ShowJobRequest(job_id=job))
        if found.status in ("SUCCESS", "FAIL"):
            if "cannot make networks" in (found.fail_reason or ""):
                raise Skip(found.fail_reason)
            expect_equal(found.status, "SUCCESS", f"job {found.job_type}: {found.fail_reason}")
            return found
        expect(time.monotonic() < until, f"job {found.job_type} does not end")
        time.sleep(0.3)


def sdk_makes_a_server():
    needs("image", "subnet")
    server = ecs.PostPaidServer(
        name="by-sdk", flavor_ref="s6.small.1", image_ref=STATE["image"], vpcid=STATE["vpc"],
        nics=[ecs.PostPaidServerNic(subnet_id=STATE["subnet"])], key_name="client",
        root_volume=ecs.PostPaidServerRootVolume(volumetype="SAS", size=10),
        user_data=base64.b64encode(b"#!/bin/sh\n").decode())
    request = ecs.CreatePostPaidServersRequest(body=ecs.CreatePostPaidServersRequestBody(server=server))
    try:
        made = ECS.create_post_paid_servers(request)
    except (ClientRequestException, ServerResponseException) as error:
        if error.error_code == "Ecs.0319":
            raise Skip(error.error_msg) from None
        raise
    job = wait_job(made.job_id)
    STATE["server"] = job.entities.sub_jobs[0].entities.server_id
    expect_equal(made.server_ids, [STATE["server"]], "the server's id")
    found = ECS.list_servers_details(ecs.ListServersDetailsRequest(name="by-sdk")).servers
    expect_equal([(one.id, one.status) for one in found], [(STATE["server"], "ACTIVE")], "the list")


def sdk_stops_resizes_and_deletes_it():
    needs("server")
    server = ecs.ServerId(id=STATE["server"])
    stopped = ECS.batch_stop_servers(ecs.BatchStopServersRequest(body=ecs.BatchStopServersRequestBody(
        os_stop=ecs.BatchStopServersOption(servers=[server], type="HARD"))))
    wait_job(stopped.job_id)
    resized = ECS.resize_post_paid_server(ecs.ResizePostPaidServerRequest(
        server_id=STATE["server"], body=ecs.ResizePostPaidServerRequestBody(
            resize=ecs.ResizePostPaidServerOption(flavor_ref="s6.medium.2"))))
    wait_job(resized.job_id)
    shown = ECS.show_server(ecs.ShowServerRequest(server_id=STATE["server"])).server
    expect_equal((shown.status, shown.flavor.id), ("SHUTOFF", "s6.medium.2"), "the server")
    gone = ECS.delete_servers(ecs.DeleteServersRequest(body=ecs.DeleteServersRequestBody(
        servers=[server], delete_volume=True)))
    wait_job(gone.job_id)
    expect_equal(ECS.list_servers_details(ecs.ListServersDetailsRequest()).servers, [], "the servers")


def openstackclient_makes_and_deletes_a_server():
    needs("image", "subnet", "server")
    made = asked("server", "create", "--flavor", "s6.small.1", "--image", "sector", "--nic",
                 f"net-id={STATE['subnet']}", "--key-name", "client", "--wait", "by-client")
    expect_equal(made["status"], "ACTIVE", "the status")
    listed = asked("server", "list")
    expect_equal([(one["Name"], one["Status"]) for one in listed], [("by-client", "ACTIVE")], "the list")
    expect("192.168.1." in json.dumps(listed[0]["Networks"]), f"the networks are {listed[0]['Networks']}")
    expect_equal(asked("server", "show", "by-client")["id"], made["id"], "the id")
    run("server", "delete", "--wait", "by-client")
    expect_equal(asked("server", "list"), [], "the servers")


def main():
    report = Report("servers: ")
    for test in (flavors_and_zones_are_the_same_in_both, a_keypair_is_made_and_listed, an_image_is_sent,
                 a_network_is_made, sdk_makes_a_server, sdk_stops_resizes_and_deletes_it,
                 openstackclient_makes_and_deletes_a_server):
        report.run(test.__name__, test)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
