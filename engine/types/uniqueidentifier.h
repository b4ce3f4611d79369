/*
 * uniqueidentifier: 16 bytes as on the wire (the first three groups little-endian).
 */
#pragma once

#include "postgres.h"

#define GUID_TEXT_LENGTH 36

/* "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX", upper case; buffer of GUID_TEXT_LENGTH + 1. */
void guid_format(const uint8 bytes[16], char *buffer);
/* With or without braces; trailing text after the 36 characters is ignored, as SQL Server does. */
bool guid_parse(const char *string, size_t length, uint8 bytes[16]);
int guid_compare(const uint8 a[16], const uint8 b[16]);
