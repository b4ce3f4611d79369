/*
 * serve.h: `casement serve`, a SQL Server instance on this machine.
 */
#pragma once

/* Runs until it is told to stop; returns the program's exit status. argv begins after `serve`. */
int serve(int argc, char **argv);
