/*
 * cloud_disk.c: headers of disks that are taken and refused, and every sound header with each of
 * its bytes changed, under the sanitizers.
 */
#include "disk/format.h"

#include "base/memory.h"
#include "check.h"
#include "disk/disk.h"

#include <endian.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LENGTH 4096

static unsigned char bytes[LENGTH];

static void
put32(size_t at, uint32_t number)
{
    number = htobe32(number);
    memcpy(bytes + at, &number, sizeof(number));
}

static void
put64(size_t at, uint64_t number)
{
    number = htobe64(number);
    memcpy(bytes + at, &number, sizeof(number));
}

static void
sound_qcow2(void)
{
    memset(bytes, 0, LENGTH);
    memcpy(bytes, "QFI\xfb", 4);
    put32(4, 3);
    put32(20, 16);
    put64(24, 1 << 20);
    put32(36, 1);
    put32(100, 104);
}

static void
sound_vmdk(void)
{
    static const char descriptor[] = "# Disk DescriptorFile\nparentCID=ffffffff\n"
                                     "createType=\"monolithicSparse\"\nRW 2048 SPARSE \"a.vmdk\"\n";

    memset(bytes, 0, LENGTH);
    memcpy(bytes, "KDMV", 4);
    bytes[4] = 1;
    bytes[13] = 8; /* 2048 sectors */
    bytes[28] = 1;
    bytes[36] = 1;
    memcpy(bytes + 512, descriptor, sizeof(descriptor) - 1);
}

static void
sound_vhd(void)
{
    memset(bytes, 0, LENGTH);
    memcpy(bytes, "conectix", 8);
    put32(60, 3);
    put64(48, 1 << 20);
}

/* What the bytes are taken for, or why they are not. */
static const char *
read_bytes(size_t length, bool own, DiskFormat *format)
{
    int file = memfd_create("disk", MFD_CLOEXEC);
    const char *problem = NULL;

    if (write(file, bytes, length) != (ssize_t) length)
        CHECK_FAIL("write");
    int error = disk_format_read(file, (long long) length, own, format, &problem);
    close(file);
    return error ? problem : format->name;
}

static void
sound_headers_are_taken(void)
{
    DiskFormat format;

    sound_qcow2();
    CHECK(strcmp(read_bytes(LENGTH, false, &format), "qcow2") == 0);
    CHECK(format.virtual_bytes == 1 << 20);
    sound_vmdk();
    CHECK(strcmp(read_bytes(LENGTH, false, &format), "vmdk") == 0);
    CHECK(format.virtual_bytes == 1 << 20);
    sound_vhd();
    CHECK(strcmp(read_bytes(LENGTH, false, &format), "vhd") == 0);
    CHECK(strcmp(format.driver, "vpc") == 0);
    memset(bytes, 0, LENGTH);
    CHECK(strcmp(read_bytes(LENGTH, false, &format), "raw") == 0);
}

static void
a_backing_file_is_for_our_own_only(void)
{
    DiskFormat format;

    sound_qcow2();
    put64(8, 1024);
    put32(16, 11);
    memcpy(bytes + 1024, "/etc/shadow", 11);
    CHECK(strstr(read_bytes(LENGTH, false, &format), "backing file") != NULL);
    CHECK(strcmp(read_bytes(LENGTH, true, &format), "qcow2") == 0);
    CHECK(strcmp(format.backing, "/etc/shadow") == 0);
    put32(16, 1023);
    put64(8, LENGTH - 10);
    CHECK(strstr(read_bytes(LENGTH, true, &format), "malformed") != NULL);
    put32(16, 0x7fffffff);
    CHECK(strstr(read_bytes(LENGTH, true, &format), "malformed") != NULL);
}

static void
extensions_do_not_lead_outside(void)
{
    DiskFormat format;

    sound_qcow2();
    put32(104, 0x44415441);
    put32(108, 4);
    CHECK(strstr(read_bytes(LENGTH, false, &format), "data file") != NULL);
    put32(104, 0x12345678);
    put32(108, 0xfffffff0);
    CHECK(strstr(read_bytes(LENGTH, false, &format), "malformed") != NULL);
    put32(108, 8);
    put32(120, 0x44415441);
    CHECK(strstr(read_bytes(LENGTH, false, &format), "data file") != NULL);
}

/* No byte of a header may lead to a read outside of it, nor make another file be followed. */
static void
a_changed_byte_never_opens_another_file(void)
{
    static void (*const sound[])(void) = {sound_qcow2, sound_vmdk, sound_vhd};
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    DiskFormat format;
    const char *said;

    for (size_t kind = 0; kind < 3; kind++)
        for (size_t at = 0; at < 640; at++)
            for (size_t value = 0; value < sizeof(values); value++) {
                sound[kind]();
                bytes[at] = values[value];
                said = read_bytes(LENGTH, false, &format);
                if (said == NULL || format.backing[0])
                    CHECK_FAIL("kind %zu, byte %zu as %d", kind, at, values[value]);
            }
}

static void
short_files_are_refused(void)
{
    static void (*const sound[])(void) = {sound_qcow2, sound_vmdk, sound_vhd};
    DiskFormat format;

    for (size_t kind = 0; kind < 3; kind++) {
        sound[kind]();
        for (size_t length = 0; length < 512; length += 7)
            if (strstr(read_bytes(length, false, &format), "short") == NULL)
                CHECK_FAIL("kind %zu of %zu bytes", kind, length);
    }
}

static void
ids_are_uuids_in_small_letters(void)
{
    CHECK(disk_id_is_sound("0a0a0a0a-2222-4222-8333-444455556666"));
    CHECK(!disk_id_is_sound("0A0a0a0a-2222-4222-8333-444455556666"));
    CHECK(!disk_id_is_sound("../0a0a0-2222-4222-8333-444455556666"));
    CHECK(!disk_id_is_sound("0a0a0a0a-2222-4222-8333-44445555666"));
    CHECK(!disk_id_is_sound(""));
}

int
main(void)
{
    RUN(sound_headers_are_taken);
    RUN(a_backing_file_is_for_our_own_only);
    RUN(extensions_do_not_lead_outside);
    RUN(a_changed_byte_never_opens_another_file);
    RUN(short_files_are_refused);
    RUN(ids_are_uuids_in_small_letters);
    return check_done();
}
