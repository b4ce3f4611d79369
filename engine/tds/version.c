/*
 * The wire's version numbers, as one table (MS-TDS 2.2.6.4, 2.2.7.14).
 */
#include "tds/version.h"

#include <stddef.h>

static const struct {
    uint32_t login;    /* LOGIN7, read little-endian */
    uint32_t loginack; /* LOGINACK, written big-endian */
    TdsVersion version;
} versions[] = {
    {0x70000000, 0x07000000, TDS_7_0}, {0x71000000, 0x07010000, TDS_7_1},
    {0x71000001, 0x71000001, TDS_7_1}, {0x72090002, 0x72090002, TDS_7_2},
    {0x730A0003, 0x730A0003, TDS_7_3}, {0x730B0003, 0x730B0003, TDS_7_3B},
    {0x74000004, 0x74000004, TDS_7_4}, {0x08000000, 0x08000000, TDS_8_0},
    {0x00000008, 0x08000000, TDS_8_0}, /* the same in the byte order of the specification's table */
};

TdsVersion
tds_version_from_login(uint32_t wire)
{
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (versions[i].login == wire)
            return versions[i].version;
    /* beta and service pack numbers between the known ones */
    switch (wire >> 24) {
    case 0x70:
        return TDS_7_0;
    case 0x71:
        return TDS_7_1;
    case 0x72:
        return TDS_7_2;
    case 0x73:
        return (wire >> 16 & 0xFF) >= 0x0B ? TDS_7_3B : TDS_7_3;
    default:
        return wire >> 24 >= 0x74 ? TDS_7_4 : (TdsVersion) 0;
    }
}

uint32_t
tds_version_loginack(TdsVersion version, uint32_t wire)
{
    uint32_t found = 0x74000004;

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (versions[i].version != version)
            continue;
        found = versions[i].loginack;
        if (versions[i].login == wire)
            break;
    }
    return found;
}
