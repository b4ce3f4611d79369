/*
 * format.c: headers of disk files. Every number is the uploader's.
 *
 * qcow2: docs/interop/qcow2.txt of QEMU. VHD: "Virtual Hard Disk Image Format Specification" 1.0.
 * VHDX: MS-VHDX. VMDK: "Virtual Disk Format 5.0".
 */
#include "disk/format.h"

#include "base/memory.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define HEAD_BYTES 65536
#define QCOW2_EXTERNAL_DATA 0x4
#define QCOW2_CORRUPT 0x2
#define QCOW2_KNOWN 0x1f /* dirty, corrupt, data file, compression, extended L2 */
#define L1_BYTES_MOST (32 << 20)
#define VMDK_DESCRIPTOR_MOST 65536

typedef struct Head {
    int file;
    long long length;
    unsigned char bytes[HEAD_BYTES];
    size_t have;
    const char **problem;
} Head;

static int
refuse(const Head *head, const char *why)
{
    *head->problem = why;
    return -EINVAL;
}

static uint32_t
big32(const unsigned char *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return be32toh(number);
}

static uint64_t
big64(const unsigned char *at)
{
    uint64_t number;

    memcpy(&number, at, sizeof(number));
    return be64toh(number);
}

static uint32_t
little32(const unsigned char *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return le32toh(number);
}

static uint64_t
little64(const unsigned char *at)
{
    uint64_t number;

    memcpy(&number, at, sizeof(number));
    return le64toh(number);
}

/* Whether all of it was there. */
static bool
read_at(const Head *head, uint64_t offset, void *bytes, size_t length)
{
    if (offset > (uint64_t) head->length || length > (uint64_t) head->length - offset)
        return false;
    for (size_t have = 0; have < length;) {
        ssize_t got =
            pread(head->file, (char *) bytes + have, length - have, (off_t) (offset + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        have += (size_t) got;
    }
    return true;
}

static int
settle(const Head *head, DiskFormat *format, const char *name, const char *driver, uint64_t size)
{
    if (size == 0 || size > (uint64_t) 1 << 60)
        return refuse(head, "the size of its disk is impossible");
    format->name = name;
    format->driver = driver;
    format->virtual_bytes = (long long) size;
    return 0;
}

/* ---- qcow2 ---- */

/* Extensions may name a data file outside. */
static int
qcow2_extensions(const Head *head, size_t at, size_t end)
{
    while (at + 8 <= end && at + 8 <= head->have) {
        uint32_t type = big32(head->bytes + at), length = big32(head->bytes + at + 4);

        if (type == 0)
            return 0;
        if (type == 0x44415441)
            return refuse(head, "it names a data file outside of itself");
        if (type == 0x0537be77)
            return refuse(head, "it is encrypted");
        if (length > end || at + 8 + length > end)
            return refuse(head, "its header is malformed");
        at += 8 + (((size_t) length + 7) & ~(size_t) 7);
    }
    return 0;
}

static int
qcow2_backing(const Head *head, DiskFormat *format, bool own)
{
    uint64_t offset = big64(head->bytes + 8);
    uint32_t length = big32(head->bytes + 16);

    if (offset == 0 && length == 0)
        return 0;
    if (!own)
        return refuse(head, "it names a backing file: only whole disks can be taken");
    if (length == 0 || length >= DISK_NAME_MOST || !read_at(head, offset, format->backing, length))
        return refuse(head, "its header is malformed");
    format->backing[length] = '\0';
    return 0;
}

static int
read_qcow2(const Head *head, DiskFormat *format, bool own)
{
    const unsigned char *bytes = head->bytes;
    uint32_t version = big32(bytes + 4), cluster_bits = big32(bytes + 20);
    size_t header = 72;

    if (head->have < 104)
        return refuse(head, "its header is cut short");
    if (version != 2 && version != 3)
        return refuse(head, "this version of qcow2 is not known");
    if (version == 3) {
        uint64_t features = big64(bytes + 72);

        header = big32(bytes + 100);
        if (features & QCOW2_EXTERNAL_DATA)
            return refuse(head, "it names a data file outside of itself");
        if (features & QCOW2_CORRUPT)
            return refuse(head, "it is marked as corrupt");
        if (features & ~(uint64_t) QCOW2_KNOWN)
            return refuse(head, "it has features that are not known");
        if (header < 104 || header > 4096)
            return refuse(head, "its header is malformed");
    }
    if (cluster_bits < 9 || cluster_bits > 21 || (uint64_t) big32(bytes + 36) * 8 > L1_BYTES_MOST ||
        big64(bytes + 40) > (uint64_t) head->length ||
        big64(bytes + 48) > (uint64_t) head->length || big64(bytes + 64) > (uint64_t) head->length)
        return refuse(head, "its header is malformed");
    if (big32(bytes + 32) != 0)
        return refuse(head, "it is encrypted");
    format->snapshots = big32(bytes + 60);
    if (format->snapshots > 65536)
        return refuse(head, "its header is malformed");
    int error = qcow2_backing(head, format, own);
    if (!error)
        error =
            qcow2_extensions(head, header, (size_t) 1 << (cluster_bits > 16 ? 16 : cluster_bits));
    return error ? error : settle(head, format, "qcow2", "qcow2", big64(bytes + 24));
}

/* ---- VMDK ---- */

/* Begins the line with the word (any case)? Then what follows it. */
static const char *
after_word(const char *line, const char *word)
{
    size_t length = strlen(word);

    while (*line == ' ' || *line == '\t')
        line++;
    return strncasecmp(line, word, length) == 0 ? line + length : NULL;
}

/* The one extent must be the file itself, and there must be no parent. */
static const char *
vmdk_problem(char *descriptor)
{
    int extents = 0;
    char *line, *rest = descriptor;

    while ((line = strsep(&rest, "\n")) != NULL) {
        const char *value = after_word(line, "parentCID=");

        if (value && strncasecmp(value, "ffffffff", 8) != 0)
            return "it names a parent disk: only whole disks can be taken";
        if (after_word(line, "parentFileNameHint"))
            return "it names a parent disk: only whole disks can be taken";
        value = after_word(line, "createType=");
        if (value && strncasecmp(value, "\"monolithicSparse\"", 18) != 0 &&
            strncasecmp(value, "\"streamOptimized\"", 17) != 0)
            return "its parts are in other files: only monolithicSparse and streamOptimized can be "
                   "taken";
        if (after_word(line, "RW ") || after_word(line, "RDONLY ") || after_word(line, "NOACCESS "))
            extents++;
        else if (after_word(line, "ddb.encoding") == NULL && after_word(line, "encryption"))
            return "it is encrypted";
    }
    return extents == 1 ? NULL : "its descriptor names other files, or none";
}

static int
read_vmdk(const Head *head, DiskFormat *format)
{
    const unsigned char *bytes = head->bytes;
    uint64_t capacity = little64(bytes + 12), offset = little64(bytes + 28) * 512,
             length = little64(bytes + 36) * 512;
    const char *problem;

    /* Without a capacity QEMU takes it from a descriptor that may name other files. */
    if (head->have < 512 || capacity == 0 || capacity > (uint64_t) 1 << 50)
        return refuse(head, "its header is malformed");
    if (length == 0 || length > VMDK_DESCRIPTOR_MOST || little64(bytes + 28) > (uint64_t) 1 << 40)
        return refuse(head, "it has no descriptor of its own");
    AUTO_FREE char *descriptor = mem_new((size_t) length + 1, 1);
    if (!read_at(head, offset, descriptor, (size_t) length))
        return refuse(head, "it is cut short");
    if ((problem = vmdk_problem(descriptor)) != NULL)
        return refuse(head, problem);
    return settle(head, format, "vmdk", "vmdk", capacity * 512);
}

/* ---- VHD ---- */

static int
read_vhd(const Head *head, const unsigned char *footer, DiskFormat *format)
{
    uint32_t type = big32(footer + 60);

    if (type == 4)
        return refuse(head, "it names a parent disk: only whole disks can be taken");
    if (type != 2 && type != 3)
        return refuse(head, "its kind of VHD is not known");
    return settle(head, format, "vhd", "vpc", big64(footer + 48));
}

/* ---- VHDX ---- */

static const unsigned char vhdx_metadata[16] = {0x06, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b,
                                                0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e};
static const unsigned char vhdx_parameters[16] = {0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d,
                                                  0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b};
static const unsigned char vhdx_size[16] = {0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48,
                                            0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8};
static const unsigned char vhdx_parent[16] = {0x2d, 0x5f, 0xd3, 0xa8, 0x0b, 0xb3, 0x4d, 0x45,
                                              0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab, 0x0c};

/* The offset of the metadata region, or 0. */
static uint64_t
vhdx_region(const Head *head)
{
    unsigned char table[65536];

    for (int copy = 0; copy < 2; copy++) {
        if (!read_at(head, 192 * 1024 + copy * 65536, table, sizeof(table)) ||
            memcmp(table, "regi", 4) != 0)
            continue;
        uint32_t count = little32(table + 8);
        for (uint32_t i = 0; i < count && i < 2047; i++)
            if (memcmp(table + 16 + 32 * i, vhdx_metadata, 16) == 0)
                return little64(table + 16 + 32 * i + 16);
    }
    return 0;
}

static int
read_vhdx(const Head *head, DiskFormat *format)
{
    uint64_t region = vhdx_region(head), size = 0;
    unsigned char table[65536], value[8];
    bool parameters = false;

    if (region == 0 || !read_at(head, region, table, sizeof(table)) ||
        memcmp(table, "metadata", 8) != 0)
        return refuse(head, "its header is malformed");
    uint32_t count = (uint32_t) table[10] | (uint32_t) table[11] << 8;
    for (uint32_t i = 0; i < count && i < 2047; i++) {
        const unsigned char *entry = table + 32 + 32 * i;
        uint64_t offset = region + little32(entry + 16);

        if (memcmp(entry, vhdx_parent, 16) == 0)
            return refuse(head, "it names a parent disk: only whole disks can be taken");
        if (memcmp(entry, vhdx_parameters, 16) == 0 && read_at(head, offset, value, 8)) {
            parameters = true;
            if (little32(value + 4) & 2)
                return refuse(head, "it names a parent disk: only whole disks can be taken");
        }
        if (memcmp(entry, vhdx_size, 16) == 0 && read_at(head, offset, value, 8))
            size = little64(value);
    }
    if (!parameters)
        return refuse(head, "its header is malformed");
    return settle(head, format, "vhdx", "vhdx", size);
}

/* ---- All ---- */

/* What is no disk, or one that is not taken: by its first bytes. */
static const char *
unwanted(const Head *head)
{
    static const struct {
        size_t at, length;
        const char *mark, *why;
    } marks[] = {
        {0, 6, "LUKS\xba\xbe", "it is encrypted"},
        {0, 4, "QED\0", "the format qed is not taken"},
        {0, 4, "COWD",
         "its parts are in other files: only monolithicSparse and streamOptimized "
         "can be taken"},
        {0, 21, "# Disk DescriptorFile",
         "its parts are in other files: only monolithicSparse and "
         "streamOptimized can be taken"},
        {64, 4, "\x7f\x10\xda\xbe", "the format vdi is not taken"},
        {0, 2, "\x1f\x8b", "it is compressed as a whole: unpack it first"},
        {0, 6,
         "\xfd"
         "7zXZ\0",
         "it is compressed as a whole: unpack it first"},
        {0, 4, "\x28\xb5\x2f\xfd", "it is compressed as a whole: unpack it first"},
        {0, 3, "BZh", "it is compressed as a whole: unpack it first"},
        {0, 4, "PK\x03\x04", "it is an archive: unpack it first"},
        {0, 6, "7z\xbc\xaf\x27\x1c", "it is an archive: unpack it first"},
        {257, 5, "ustar", "it is an archive: unpack it first"},
        {0, 16, "WithoutFreeSpace", "the format parallels is not taken"},
        {0, 16, "WithouFreSpacExt", "the format parallels is not taken"},
    };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (head->have >= marks[i].at + marks[i].length &&
            memcmp(head->bytes + marks[i].at, marks[i].mark, marks[i].length) == 0)
            return marks[i].why;
    return NULL;
}

static int
read_plain(const Head *head, DiskFormat *format)
{
    unsigned char footer[512];
    bool iso = head->have > 32774 && memcmp(head->bytes + 32769, "CD001", 5) == 0;

    if (head->length >= 1024 && read_at(head, (uint64_t) head->length - 512, footer, 512) &&
        memcmp(footer, "conectix", 8) == 0)
        return read_vhd(head, footer, format);
    if (head->length % 512 != 0)
        return refuse(head, "it is no disk of a known format, and as a raw one not a multiple of "
                            "512 bytes");
    return settle(head, format, iso ? "iso" : "raw", "raw", (uint64_t) head->length);
}

int
disk_format_read(int file, long long length, bool own, DiskFormat *format, const char **problem)
{
    Head *head = MEM_NEW(Head);
    const char *why;
    int error;

    memset(format, 0, sizeof(*format));
    head->file = file;
    head->length = length;
    head->problem = problem;
    head->have = length < HEAD_BYTES ? (size_t) (length > 0 ? length : 0) : HEAD_BYTES;
    if (!read_at(head, 0, head->bytes, head->have))
        error = -EIO;
    else if ((why = unwanted(head)) != NULL)
        error = refuse(head, why);
    else if (head->have < 512)
        error = refuse(head, "it is too short for a disk");
    else if (memcmp(head->bytes, "QFI\xfb", 4) == 0)
        error = read_qcow2(head, format, own);
    else if (memcmp(head->bytes, "KDMV", 4) == 0)
        error = read_vmdk(head, format);
    else if (memcmp(head->bytes, "vhdxfile", 8) == 0)
        error = read_vhdx(head, format);
    else if (memcmp(head->bytes, "conectix", 8) == 0)
        error = read_vhd(head, head->bytes, format);
    else
        error = read_plain(head, format);
    if (error == -EIO)
        *problem = "it cannot be read";
    free(head);
    return error;
}
