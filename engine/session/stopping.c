/*
 * The postmaster's state from its pid file. See stopping.h.
 */
#include "postgres.h"

#include "session/stopping.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID_FILE "postmaster.pid" /* the working directory is the data directory */

bool
server_is_stopping(void)
{
    char text[1024];
    int file = open(PID_FILE, O_RDONLY | O_CLOEXEC);
    ssize_t length;

    if (file < 0)
        return errno == ENOENT;
    length = read(file, text, sizeof(text) - 1);
    close(file);
    text[Max(length, 0)] = '\0';
    return strstr(text, "\nstopping") != NULL;
}

bool
server_began_stopping(void)
{
    static time_t seen;
    struct stat status;

    if (stat(PID_FILE, &status) != 0 || status.st_mtime == seen)
        return false;
    seen = status.st_mtime;
    return server_is_stopping();
}
