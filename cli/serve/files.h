/*
 * files.h: strings and files for the command line program, where running out of memory or being
 * refused a file ends the program with a clear line.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Returns pointer; exits when it is NULL because memory ran out. */
void *must_have(void *pointer);

/* A copy owned by the caller. */
char *text_copy(const char *text);

/* A formatted string owned by the caller. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes the directory and its missing parents; the last one gets mode. Exits on failure. */
void directory_make(const char *path, mode_t mode);

/* Replaces the file's content in one step (written beside it, then renamed). Exits on failure. */
void file_replace(const char *path, mode_t mode, const char *content);

/*
 * Whole content with a NUL after it, owned by the caller, and its length; NULL where the file
 * cannot be read (errno says why) or is larger than limit.
 */
char *file_content(const char *path, size_t limit, size_t *length);

/* Copies a file, with its time, where size or time differ. Returns whether it had to. Exits on
 * failure. */
bool file_copy_changed(const char *from, const char *to, mode_t mode);
