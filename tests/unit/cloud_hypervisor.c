/*
 * cloud_hypervisor.c: descriptions of guests that are taken and refused, and the XML made of them.
 */
#include "hypervisor/domain.h"

#include "base/memory.h"
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#define ID "9d2ab8c0-1111-4222-8333-444455556666"
#define VOLUME "0a0a0a0a-2222-4222-8333-444455556666"

static DomainHost host = {.data = "/data/o'ne",
                          .kvm = true,
                          .tpm = true,
                          .loader = "/fw/CODE",
                          .secure_loader = "/fw/CODE.secboot",
                          .variables = "/fw/VARS",
                          .secure_variables = "/fw/VARS.ms"};

static json_t *
sample(void)
{
    return json_pack(
        "{s:s, s:i, s:i, s:i, s:b, s:s, s:b, s:b, s:b, s:[{s:s, s:s}], s:[{s:s, s:s}]}", "id", ID,
        "slot", 5, "memory_mb", 2048, "vcpus", 2, "windows", 1, "firmware", "uefi", "secure_boot",
        1, "tpm", 1, "config_drive", 1, "disks", "volume", VOLUME, "device", "vda", "nics", "mac",
        "fa:16:3e:00:00:01", "tap", "ct0a1b-7");
}

static int
outcome(json_t *guest)
{
    AUTO_JSON json_t *owned = guest;
    AUTO_FREE char *problem = NULL;
    Domain domain;
    int error = domain_read(owned, &domain, &problem);

    CHECK(!error == !problem);
    return error;
}

/* The sample with a member in another way. */
static int
with(const char *key, json_t *value)
{
    json_t *guest = sample();

    json_object_set_new(guest, key, value);
    return outcome(guest);
}

static void
a_sound_description_is_taken(void)
{
    CHECK_INT(outcome(sample()), 0);
    CHECK_INT(with("firmware", json_string("uefi")), 0);
    CHECK_INT(with("nics", json_array()), 0);
}

static void
what_leads_out_of_its_place_is_refused(void)
{
    CHECK_INT(with("id", json_string("../../etc/passwd")), -EINVAL);
    CHECK_INT(with("id", json_string("9D2AB8C0-1111-4222-8333-444455556666")), -EINVAL);
    CHECK_INT(with("id", json_string("9d2ab8c001111-4222-8333-444455556666")), -EINVAL);
    CHECK_INT(with("slot", json_integer(0)), -EINVAL);
    CHECK_INT(with("slot", json_integer(60001)), -EINVAL);
    CHECK_INT(with("vcpus", json_integer(0)), -EINVAL);
    CHECK_INT(with("memory_mb", json_integer(4)), -EINVAL);
    CHECK_INT(with("firmware", json_string("<x/>")), -EINVAL);
    CHECK_INT(with("firmware", json_string("bios")), -EINVAL); /* with secure boot */
    CHECK_INT(with("disks", json_pack("[{s:s, s:s}]", "volume", "/etc/shadow", "device", "vda")),
              -EINVAL);
    CHECK_INT(with("disks", json_pack("[{s:s, s:s}]", "volume", VOLUME, "device", "vd'")), -EINVAL);
    CHECK_INT(with("nics", json_pack("[{s:s, s:s}]", "mac", "fa:16:3e:00:00:01", "tap", "eth0")),
              -EINVAL);
    CHECK_INT(with("nics", json_pack("[{s:s, s:s}]", "mac", "fa:16:3e:00:00:0'", "tap", "ct1")),
              -EINVAL);
}

static char *
xml_of(const DomainHost *place, char **problem)
{
    AUTO_JSON json_t *guest = sample();
    Domain domain;

    CHECK_INT(domain_read(guest, &domain, problem), 0);
    return domain_xml(&domain, place, problem);
}

static bool
has(const char *xml, const char *part)
{
    return xml && strstr(xml, part) != NULL;
}

static void
windows_gets_its_shape(void)
{
    AUTO_FREE char *problem = NULL;
    AUTO_FREE char *xml = xml_of(&host, &problem);

    CHECK(has(xml, "<domain type='kvm'>"));
    CHECK(has(xml, "machine='q35'"));
    CHECK(has(xml, "secure='yes' type='pflash'>/fw/CODE.secboot</loader>"));
    CHECK(has(xml, "<nvram>/data/o&apos;ne/servers/" ID "/nvram.fd"));
    CHECK(has(xml, "<smm state='on'/>"));
    CHECK(has(xml, "<hyperv mode='custom'>"));
    CHECK(has(xml, "<clock offset='localtime'><timer name='hpet' present='no'/>"));
    CHECK(has(xml, "<tpm model='tpm-crb'>"));
    CHECK(has(xml, "org.qemu.guest_agent.0"));
    CHECK(has(xml, "/volumes/" VOLUME ".qcow2"));
    CHECK(has(xml, "<target dev='ct0a1b-7' managed='no'/>"));
    CHECK(has(xml, "relabel='no'><label>+770005:+770000</label>"));
    CHECK(has(xml, "index='10' model='pcie-root-port'"));
    CHECK(!has(xml, "index='11' model='pcie-root-port'"));
}

static void
emulation_gets_no_enlightenments(void)
{
    DomainHost place = host;
    AUTO_FREE char *problem = NULL;

    place.kvm = place.tpm = false;
    AUTO_FREE char *xml = xml_of(&place, &problem);
    CHECK(has(xml, "<domain type='qemu'>"));
    CHECK(has(xml, "<cpu mode='maximum'>"));
    CHECK(!has(xml, "hyperv"));
    CHECK(!has(xml, "<tpm"));
}

static void
missing_firmware_is_said(void)
{
    DomainHost place = host;
    AUTO_FREE char *problem = NULL;

    place.secure_loader = NULL;
    AUTO_FREE char *xml = xml_of(&place, &problem);
    CHECK(xml == NULL);
    CHECK(has(problem, "ovmf"));
}

int
main(void)
{
    RUN(a_sound_description_is_taken);
    RUN(what_leads_out_of_its_place_is_refused);
    RUN(windows_gets_its_shape);
    RUN(emulation_gets_no_enlightenments);
    RUN(missing_firmware_is_said);
    return check_done();
}
