/*
 * kvm.c: whether KVM runs a guest. A /dev/kvm that opens proves nothing (hosts that are guests
 * themselves may have one that runs nothing), so a machine of one page executes two instructions;
 * then QEMU, where it is there, has to bring a guest of one sector to its end, for a kernel may do
 * the first and fail the second.
 */
#include "host/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECONDS 10
enum { RAN, NO_DEVICE, NO_RIGHT, NO_MACHINE, NO_RUN };

/* mov al, 0x2a; out 0xf4, al; hlt */
static const unsigned char code[] = {0xb0, 0x2a, 0xe6, 0xf4, 0xf4};

/* Real mode at address 0. */
static int
set_registers(int processor)
{
    struct kvm_regs registers = {.rip = 0, .rflags = 2};
    struct kvm_sregs segments;

    if (ioctl(processor, KVM_GET_SREGS, &segments) != 0)
        return -1;
    segments.cs.base = 0;
    segments.cs.selector = 0;
    return ioctl(processor, KVM_SET_SREGS, &segments) != 0 ||
                   ioctl(processor, KVM_SET_REGS, &registers) != 0
               ? -1
               : 0;
}

static int
attempt(void)
{
    int device = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (device < 0)
        return errno == EACCES || errno == EPERM ? NO_RIGHT : NO_DEVICE;
    int machine = ioctl(device, KVM_CREATE_VM, 0);
    long page = sysconf(_SC_PAGESIZE);
    void *memory =
        mmap(NULL, (size_t) page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (machine < 0 || memory == MAP_FAILED)
        return NO_MACHINE;
    memcpy(memory, code, sizeof(code));
    struct kvm_userspace_memory_region region = {.memory_size = (uint64_t) page,
                                                 .userspace_addr = (uintptr_t) memory};
    if (ioctl(machine, KVM_SET_USER_MEMORY_REGION, &region) != 0)
        return NO_MACHINE;
    int processor = ioctl(machine, KVM_CREATE_VCPU, 0);
    int size = ioctl(device, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (processor < 0 || size <= 0)
        return NO_MACHINE;
    struct kvm_run *run =
        mmap(NULL, (size_t) size, PROT_READ | PROT_WRITE, MAP_SHARED, processor, 0);
    if (run == MAP_FAILED || set_registers(processor) != 0)
        return NO_MACHINE;
    if (ioctl(processor, KVM_RUN, 0) != 0 || run->exit_reason != KVM_EXIT_IO ||
        run->io.port != 0xf4)
        return NO_RUN;
    return RAN;
}

/* The same instructions as a boot sector, which QEMU is given as a file without a name. */
static int
attempt_qemu(void)
{
    unsigned char sector[512] = {0};
    char drive[80];
    int file = memfd_create("sector", 0);

    memcpy(sector, code, sizeof(code));
    sector[510] = 0x55;
    sector[511] = 0xaa;
    if (file < 0 || write(file, sector, sizeof(sector)) != sizeof(sector))
        return NO_MACHINE;
    snprintf(drive, sizeof(drive), "file=/proc/self/fd/%d,format=raw,if=ide", file);
    execl(host_program("qemu-system-x86_64"), "qemu-system-x86_64", "-accel", "kvm", "-machine",
          "pc", "-cpu", "host", "-m", "16", "-nodefaults", "-display", "none", "-no-reboot",
          "-device", "isa-debug-exit,iobase=0xf4,iosize=0x01", "-drive", drive, (char *) NULL);
    return NO_MACHINE;
}

void
look_kvm(HostFinding *finding, const char *data)
{
    static const char why[] =
        "Without KVM guests are emulated: correct, but ten to fifty times "
        "slower. Linux guests of tests are fine so; Windows is hardly usable.";
    int result = host_attempt(attempt, SECONDS * 1000);

    if (result == RAN && host_program("qemu-system-x86_64") &&
        host_attempt(attempt_qemu, SECONDS * 1000) != 2 * 0x2a + 1)
        result = NO_RUN;

    (void) data;
    switch (result) {
    case RAN:
        finding_set(finding, HOST_OK, "a guest ran under it");
        break;
    case NO_DEVICE:
        finding_set(finding, HOST_WARNING, "there is no /dev/kvm");
        finding_explain(
            finding, why,
            "switch on virtualisation in the firmware and modprobe kvm_intel or kvm_amd; "
            "in a virtual machine, ask for nested virtualisation; in a container, pass "
            "/dev/kvm in");
        break;
    case NO_RIGHT:
        finding_set(finding, HOST_UNKNOWN, "/dev/kvm may not be opened by this user");
        finding_explain(finding, why, "run it as root, or join the group kvm");
        break;
    default:
        finding_set(finding, HOST_WARNING, "/dev/kvm is there, but %s",
                    result == -2 ? "a guest under it came to nothing within 10 s"
                                 : "no guest can be run under it");
        finding_explain(
            finding, why,
            "this host is probably a virtual machine whose own host promises what it does "
            "not do: ask for nested virtualisation that works, or use a machine of your "
            "own");
    }
}
