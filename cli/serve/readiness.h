/*
 * readiness.h: whether the instance answers SQL Server clients.
 */
#pragma once

#include <stdbool.h>

/*
 * Sends one PRELOGIN packet (MS-TDS 2.2.6.5) to the address and waits for the reply's header, both
 * within the milliseconds. address is one of the listen setting's; '*' and wildcard addresses mean
 * this machine.
 */
bool readiness_probe(const char *address, int port, int milliseconds);
