/*
 * port_holder.h: who holds a taken TCP port, so that the error can name it.
 */
#pragma once

/*
 * Exits with a clear error when the port cannot be listened on at one of the addresses
 * (comma-separated, '*' for all): it names the program and process that hold it, as far as /proc
 * lets this user see.
 */
void port_require_free(const char *addresses, int port);
