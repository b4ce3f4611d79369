/*
 * connect_lines.h: the lines that a new user copies to connect with each driver.
 */
#pragma once

/* Prints one line for each client; the password is read from its file, never printed. */
void connect_lines_print(const char *host, int port, const char *password_file);
