/*
 * Protocol versions (MS-TDS 2.2.6.4 LOGIN7 TDSVersion, 2.2.7.14 LOGINACK). The numbers here are
 * ordered, so that code asks `version >= TDS_7_2`. The wire's own numbers are not.
 */
#pragma once

#include <stdint.h>

typedef enum TdsVersion {
    TDS_7_0 = 0x700,  /* SQL Server 7.0 */
    TDS_7_1 = 0x710,  /* 2000: bigint, sql_variant, collations */
    TDS_7_2 = 0x720,  /* 2005: ALL_HEADERS, max types, xml, 64-bit row counts, MARS */
    TDS_7_3 = 0x730,  /* 2008 (A): date, time, datetime2, datetimeoffset, TVP */
    TDS_7_3B = 0x731, /* 2008 R2: NBCROW */
    TDS_7_4 = 0x740,  /* 2012: feature extensions, session recovery */
    TDS_8_0 = 0x800,  /* 7.4 inside TLS from the first byte */
} TdsVersion;

/*
 * The version to speak with a client that sent `wire` (the little-endian DWORD of LOGIN7). Unknown
 * newer numbers give TDS_7_4, unknown older ones (below 7.0) give 0: refuse the login.
 */
TdsVersion tds_version_from_login(uint32_t wire);

/* The DWORD for LOGINACK, to be written big-endian (2.2.7.14); `wire` is what the client asked. */
uint32_t tds_version_loginack(TdsVersion version, uint32_t wire);
