/*
 * password.h: strong random passwords.
 */
#pragma once

/* Room for a generated password and its NUL. */
#define PASSWORD_SIZE 33

/*
 * Fills in 32 characters from the kernel's random source: letters, digits, '-' and '_', at least
 * one of each, none that a shell, a URL or a connection string would read as its own. About 190
 * bits. Exits when there is no randomness.
 */
void password_generate(char password[PASSWORD_SIZE]);
