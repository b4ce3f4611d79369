/*
 * memory.c: memory and strings that end the daemon rather than fail; see memory.h.
 */
#include "base/memory.h"

#include "base/log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void *
must_have(void *pointer)
{
    if (!pointer) {
        log_error("out of memory");
        abort();
    }
    return pointer;
}

void *
mem_new(size_t count, size_t size)
{
    return must_have(calloc(count ? count : 1, size ? size : 1));
}

void *
mem_resize(void *pointer, size_t count, size_t size)
{
    void *grown = reallocarray(pointer, count ? count : 1, size ? size : 1);

    return must_have(grown);
}

char *
str_copy(const char *text)
{
    return text ? must_have(strdup(text)) : NULL;
}

char *
str_copy_n(const char *text, size_t length)
{
    return text ? must_have(strndup(text, length)) : NULL;
}

char *
str_vformat(const char *format, va_list arguments)
{
    char *text = NULL;

    return must_have(vasprintf(&text, format, arguments) < 0 ? NULL : text);
}

char *
str_format(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = str_vformat(format, arguments);
    va_end(arguments);
    return text;
}

void
str_wipe(char *secret)
{
    if (secret)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

void
mem_auto_free(void *pointer_to_pointer)
{
    void **pointer = pointer_to_pointer;

    free(*pointer);
}

void
str_auto_wipe(char **secret)
{
    str_wipe(*secret);
}

/* Room for so many more bytes and a NUL. */
static void
buffer_grow(Buffer *buffer, size_t more)
{
    if (more >= SIZE_MAX / 2 - buffer->length)
        must_have(NULL);
    size_t needed = buffer->length + more + 1;

    if (needed <= buffer->room)
        return;
    size_t room = buffer->room ? buffer->room : 128;
    while (room < needed)
        room *= 2;
    buffer->text = mem_resize(buffer->text, room, 1);
    buffer->room = room;
}

void
buffer_add(Buffer *buffer, const void *bytes, size_t length)
{
    buffer_grow(buffer, length);
    if (length)
        memcpy(buffer->text + buffer->length, bytes, length);
    buffer->length += length;
    buffer->text[buffer->length] = '\0';
}

void
buffer_add_text(Buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void
buffer_format(Buffer *buffer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = str_vformat(format, arguments);
    va_end(arguments);
    buffer_add_text(buffer, text);
    free(text);
}

void
buffer_done(Buffer *buffer)
{
    free(buffer->text);
    *buffer = (Buffer){0};
}
