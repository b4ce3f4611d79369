/*
 * memory.h: memory and strings of the daemon.
 *
 * Running out of memory ends the daemon with a line in its log: its jobs are persisted and its
 * instances outlive it, so that it starts again where it was. What peers can make grow is bounded
 * elsewhere (the size of a request, the entries of a cache); nothing here bounds it.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

/* Zeroed memory for count items of size bytes; never NULL. The caller frees it. */
void *mem_new(size_t count, size_t size);
#define MEM_NEW(type) ((type *) mem_new(1, sizeof(type)))

/* Grows or shrinks; never NULL. */
void *mem_resize(void *pointer, size_t count, size_t size);

/* Copies owned by the caller; NULL in, NULL out. */
char *str_copy(const char *text);
char *str_copy_n(const char *text, size_t length);

/* A formatted string owned by the caller. */
char *str_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *str_vformat(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* Overwrites, then frees; for secrets. NULL is fine. */
void str_wipe(char *secret);

/* Frees at the end of the block: AUTO_FREE char *name = str_copy(...); */
void mem_auto_free(void *pointer_to_pointer);
#define AUTO_FREE __attribute__((cleanup(mem_auto_free)))
void str_auto_wipe(char **secret);
#define AUTO_WIPE __attribute__((cleanup(str_auto_wipe)))

/* A string that grows. `text` is always NUL-terminated once something was added; {0} is empty. */
typedef struct Buffer {
    char *text;
    size_t length, room;
} Buffer;

void buffer_add(Buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(Buffer *buffer, const char *text);
void buffer_format(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_done(Buffer *buffer);
