/*
 * domain.c: checks of a guest's description, and libvirt's XML of it; see domain.h.
 */
#include "hypervisor/domain.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SPARE_PORTS 8 /* PCIe root ports for what is plugged in while the guest runs */

static int
refuse(char **problem, const char *what, const char *value)
{
    free(*problem);
    *problem = str_format("%s: \"%.60s\" is not one that a guest can have", what, value);
    return -EINVAL;
}

bool
domain_id_is_sound(const char *id)
{
    if (strlen(id) != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? id[i] != '-'
                 : !isxdigit((unsigned char) id[i]) || isupper((unsigned char) id[i]))
            return false;
    }
    return true;
}

int
domain_read_disk(const json_t *disk, DomainDisk *read, char **problem)
{
    read->volume = json_text(disk, "volume", "");
    read->device = json_text(disk, "device", "");
    if (!domain_id_is_sound(read->volume))
        return refuse(problem, "volume", read->volume);
    if (strlen(read->device) != 3 || strncmp(read->device, "vd", 2) != 0 ||
        !islower((unsigned char) read->device[2]))
        return refuse(problem, "device", read->device);
    return 0;
}

int
domain_read_nic(const json_t *nic, DomainNic *read, char **problem)
{
    read->mac = json_text(nic, "mac", "");
    read->tap = json_text(nic, "tap", "");
    if (strlen(read->mac) != 17)
        return refuse(problem, "mac", read->mac);
    for (int i = 0; i < 17; i++)
        if (i % 3 == 2 ? read->mac[i] != ':' : !isxdigit((unsigned char) read->mac[i]))
            return refuse(problem, "mac", read->mac);
    /* Only taps of our own networks (network/network.h). */
    if (strncmp(read->tap, "ct", 2) != 0 || strlen(read->tap) > 15 ||
        read->tap[strspn(read->tap, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0')
        return refuse(problem, "tap", read->tap);
    return 0;
}

/* Small letters: they become names of files beside the ConfigDrive. */
static int
read_discs(const json_t *guest, Domain *domain, char **problem)
{
    const json_t *discs = json_object_get(guest, "discs");

    if (json_array_size(discs) > DOMAIN_DISCS)
        return refuse(problem, "discs", "more than 4");
    for (size_t i = 0; i < json_array_size(discs); i++) {
        const char *name = json_string_value(json_array_get(discs, i));
        size_t length = name ? strlen(name) : 0;
        if (length < 1 || length > 16 || name[strspn(name, "abcdefghijklmnopqrstuvwxyz")] != '\0' ||
            !strcmp(name, "config"))
            return refuse(problem, "discs", name ? name : "no text");
        domain->discs[domain->disc_count++] = name;
    }
    return 0;
}

static int
read_devices(const json_t *guest, Domain *domain, char **problem)
{
    const json_t *disks = json_object_get(guest, "disks"), *nics = json_object_get(guest, "nics");
    int error = 0;

    if (json_array_size(disks) > DOMAIN_DISKS)
        return refuse(problem, "disks", "more than 24");
    if (json_array_size(nics) > DOMAIN_NICS)
        return refuse(problem, "nics", "more than 12");
    domain->disk_count = (int) json_array_size(disks);
    domain->nic_count = (int) json_array_size(nics);
    for (int i = 0; i < domain->disk_count && !error; i++)
        error = domain_read_disk(json_array_get(disks, (size_t) i), &domain->disks[i], problem);
    for (int i = 0; i < domain->nic_count && !error; i++)
        error = domain_read_nic(json_array_get(nics, (size_t) i), &domain->nics[i], problem);
    return error;
}

int
domain_read(const json_t *guest, Domain *domain, char **problem)
{
    long long slot = json_number(guest, "slot", 0), vcpus = json_number(guest, "vcpus", 0);
    const char *firmware = json_text(guest, "firmware", "bios");

    *domain = (Domain){.id = json_text(guest, "id", ""),
                       .slot = (int) slot,
                       .vcpus = (int) vcpus,
                       .memory_mb = json_number(guest, "memory_mb", 0),
                       .windows = json_flag(guest, "windows", false),
                       .uefi = strcmp(firmware, "uefi") == 0,
                       .secure_boot = json_flag(guest, "secure_boot", false),
                       .tpm = json_flag(guest, "tpm", false),
                       .config_drive = json_flag(guest, "config_drive", false)};
    if (!domain_id_is_sound(domain->id))
        return refuse(problem, "id", domain->id);
    if (slot < 1 || slot > DOMAIN_SLOTS)
        return refuse(problem, "slot", "out of range");
    if (vcpus < 1 || vcpus > 128)
        return refuse(problem, "vcpus", "out of range");
    if (domain->memory_mb < 16 || domain->memory_mb > 4 << 20)
        return refuse(problem, "memory_mb", "out of range");
    if (!domain->uefi && strcmp(firmware, "bios") != 0)
        return refuse(problem, "firmware", firmware);
    if (domain->secure_boot && !domain->uefi)
        return refuse(problem, "secure_boot", "without uefi");
    int error = read_discs(guest, domain, problem);
    return error ? error : read_devices(guest, domain, problem);
}

/* ---- XML. What is put in is checked above, but for the data directory. ---- */

static void
add_escaped(Buffer *xml, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            buffer_add_text(xml, "&amp;");
            break;
        case '<':
            buffer_add_text(xml, "&lt;");
            break;
        case '\'':
            buffer_add_text(xml, "&apos;");
            break;
        default:
            buffer_add(xml, text, 1);
        }
}

char *
domain_disk_xml(const DomainHost *host, const DomainDisk *disk, int boot_order)
{
    Buffer xml = {0};

    buffer_add_text(&xml, "<disk type='file' device='disk'><driver name='qemu' type='qcow2' "
                          "cache='none' io='threads' discard='unmap'/><source file='");
    add_escaped(&xml, host->data);
    buffer_format(&xml, "/volumes/%s.qcow2'/><target dev='%s' bus='virtio'/>", disk->volume,
                  disk->device);
    if (boot_order > 0)
        buffer_format(&xml, "<boot order='%d'/>", boot_order);
    /* virtio's serial numbers have 20 characters: what guests find the volume by. */
    buffer_format(&xml, "<serial>%.20s</serial></disk>", disk->volume);
    return xml.text;
}

char *
domain_nic_xml(const DomainNic *nic)
{
    return str_format("<interface type='ethernet'><mac address='%s'/><target dev='%s' "
                      "managed='no'/><model type='virtio'/></interface>",
                      nic->mac, nic->tap);
}

static int
add_firmware(Buffer *xml, const Domain *domain, const DomainHost *host, char **problem)
{
    const char *loader = domain->secure_boot ? host->secure_loader : host->loader;
    const char *variables = domain->secure_boot ? host->secure_variables : host->variables;

    buffer_add_text(xml, "<os><type arch='x86_64' machine='q35'>hvm</type>");
    if (domain->uefi && (!loader || !variables)) {
        free(*problem);
        *problem = str_copy("the guest needs UEFI firmware, which this host lacks: install ovmf");
        return -EOPNOTSUPP;
    }
    if (domain->uefi) {
        buffer_format(xml, "<loader readonly='yes' secure='%s' type='pflash'>%s</loader>",
                      domain->secure_boot ? "yes" : "no", loader);
        /* Raw, as the template is: libvirt before 10 opens it in the format of the loader. */
        buffer_add_text(xml, "<nvram>");
        add_escaped(xml, host->data);
        buffer_format(xml, "/servers/%s/nvram.fd</nvram>", domain->id);
    }
    buffer_add_text(xml, "</os>");
    return 0;
}

static void
add_features(Buffer *xml, const Domain *domain, const DomainHost *host)
{
    buffer_add_text(xml, "<features><acpi/><apic/>");
    if (domain->secure_boot)
        buffer_add_text(xml, "<smm state='on'/>");
    /* Emulation has none of them, or has them wrong. */
    if (domain->windows && host->kvm)
        buffer_add_text(xml,
                        "<hyperv mode='custom'><relaxed state='on'/><vapic state='on'/><spinlocks "
                        "state='on' retries='8191'/><vpindex state='on'/><runtime state='on'/>"
                        "<synic state='on'/><stimer state='on'/><reset state='on'/><frequencies "
                        "state='on'/></hyperv>");
    buffer_add_text(xml, "</features>");
    buffer_format(xml,
                  "<cpu mode='%s'><topology sockets='1' dies='1' cores='%d' threads='1'/></cpu>",
                  host->kvm ? "host-passthrough" : "maximum", domain->vcpus);
    buffer_format(xml, "<clock offset='%s'><timer name='hpet' present='no'/>",
                  domain->windows ? "localtime" : "utc");
    if (domain->windows && host->kvm)
        buffer_add_text(xml, "<timer name='hypervclock' present='yes'/>");
    buffer_add_text(xml, "</clock><on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot>"
                         "<on_crash>destroy</on_crash>");
}

/* SATA, since an installation of Windows has a driver for it without being given one, and every
 * Linux has one too. */
static void
add_disc(Buffer *xml,
         const Domain *domain,
         const DomainHost *host,
         const char *name,
         int number,
         int boot_order)
{
    buffer_add_text(xml, "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
                         "<source file='");
    add_escaped(xml, host->data);
    buffer_format(xml, "/servers/%s/%s.iso'/><target dev='sd%c' bus='sata'/><readonly/>",
                  domain->id, name, 'a' + number);
    if (boot_order > 0)
        buffer_format(xml, "<boot order='%d'/>", boot_order);
    buffer_add_text(xml, "</disk>");
}

static void
add_own_devices(Buffer *xml, const Domain *domain, const DomainHost *host)
{
    if (domain->config_drive)
        add_disc(xml, domain, host, "config", 0, 0);
    for (int i = 0; i < domain->disc_count; i++)
        add_disc(xml, domain, host, domain->discs[i], i + 1, domain->disk_count + i + 1);
    buffer_add_text(xml, "<graphics type='vnc' socket='");
    add_escaped(xml, host->data);
    buffer_format(xml, "/servers/%s/vnc.sock'/><serial type='file'><source path='", domain->id);
    add_escaped(xml, host->data);
    buffer_format(xml, "/servers/%s/console.log'/></serial>", domain->id);
    if (domain->tpm && host->tpm)
        buffer_add_text(xml, "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>");
    buffer_add_text(xml, "<channel type='unix'><target type='virtio' "
                         "name='org.qemu.guest_agent.0'/></channel><video><model type='vga'/>"
                         "</video><input type='tablet' bus='usb'/><rng model='virtio'><backend "
                         "model='random'>/dev/urandom</backend></rng><memballoon model='virtio'/>");
}

static void
add_devices(Buffer *xml, const Domain *domain, const DomainHost *host)
{
    buffer_add_text(xml, "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><controller "
                         "type='pci' index='0' model='pcie-root'/>");
    for (int i = 1; i <= domain->disk_count + domain->nic_count + SPARE_PORTS; i++)
        buffer_format(xml, "<controller type='pci' index='%d' model='pcie-root-port'/>", i);
    for (int i = 0; i < domain->disk_count; i++) {
        AUTO_FREE char *disk = domain_disk_xml(host, &domain->disks[i], i + 1);
        buffer_add_text(xml, disk);
    }
    for (int i = 0; i < domain->nic_count; i++) {
        AUTO_FREE char *nic = domain_nic_xml(&domain->nics[i]);
        buffer_add_text(xml, nic);
    }
    add_own_devices(xml, domain, host);
    buffer_add_text(xml, "</devices>");
}

char *
domain_xml(const Domain *domain, const DomainHost *host, char **problem)
{
    Buffer xml = {0};

    buffer_format(&xml, "<domain type='%s'><name>%s</name><uuid>%s</uuid>",
                  host->kvm ? "kvm" : "qemu", domain->id, domain->id);
    buffer_format(&xml, "<memory unit='MiB'>%lld</memory><vcpu placement='static'>%d</vcpu>",
                  domain->memory_mb, domain->vcpus);
    if (add_firmware(&xml, domain, host, problem) != 0) {
        buffer_done(&xml);
        return NULL;
    }
    add_features(&xml, domain, host);
    add_devices(&xml, domain, host);
    buffer_format(&xml,
                  "<seclabel type='static' model='dac' relabel='no'><label>+%d:+%d</label>"
                  "</seclabel></domain>",
                  DOMAIN_UID_BASE + domain->slot, host->group > 0 ? host->group : DOMAIN_UID_BASE);
    return xml.text;
}
