/*
 * The TDS port: a background worker that accepts clients and hands each socket to a backend of a
 * small pool that it keeps ready. It never reads a client's bytes.
 */
#pragma once

/* Registers the worker, unless casement.port is 0; from _PG_init. */
void listener_register(void);
