/*
 * port_holder.c: tries the port before anything is started and, when it is taken, finds the holder
 * through /proc: the socket's inode in net/tcp*, then the process with a descriptor for it.
 */
#include "port_holder.h"

#include "console.h"
#include "files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Inode of a socket that listens on the port, by one of the kernel's tables; 0 when none does. */
static unsigned long
listening_inode(const char *table, int port)
{
    FILE *file = fopen(table, "re");
    char line[512];
    unsigned long found = 0;

    if (!file)
        return 0;
    while (!found && fgets(line, sizeof(line), file)) {
        unsigned local_port = 0, state = 0;
        unsigned long inode = 0;
        /* "sl local:port remote:port state queues timer retransmits uid timeout inode" */
        if (sscanf(line, "%*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s %*s %*s %lu",
                   &local_port, &state, &inode) == 3 &&
            (int) local_port == port && state == 0x0A)
            found = inode;
    }
    fclose(file);
    return found;
}

static bool
process_has_socket(const char *pid, const char *wanted)
{
    char *dir = text_format("/proc/%s/fd", pid);
    DIR *entries = opendir(dir);
    bool found = false;

    for (struct dirent *entry; entries && !found && (entry = readdir(entries));) {
        char target[64];
        ssize_t length = readlinkat(dirfd(entries), entry->d_name, target, sizeof(target) - 1);

        if (length > 0) {
            target[length] = '\0';
            found = strcmp(target, wanted) == 0;
        }
    }
    if (entries)
        closedir(entries);
    free(dir);
    return found;
}

/* "name (process N)" of the process that has the socket, or NULL. */
static char *
process_of_inode(unsigned long inode)
{
    char *wanted = text_format("socket:[%lu]", inode), *answer = NULL;
    DIR *processes = opendir("/proc");

    for (struct dirent *entry; processes && !answer && (entry = readdir(processes));) {
        if (!isdigit((unsigned char) entry->d_name[0]) ||
            !process_has_socket(entry->d_name, wanted))
            continue;
        char *path = text_format("/proc/%s/comm", entry->d_name), name[64] = "?";
        FILE *file = fopen(path, "re");
        if (file) {
            if (fgets(name, sizeof(name), file))
                name[strcspn(name, "\n")] = '\0';
            fclose(file);
        }
        free(path);
        answer = text_format("%s (process %s)", name, entry->d_name);
    }
    if (processes)
        closedir(processes);
    free(wanted);
    return answer;
}

static void
fail_taken(const char *address, int port)
{
    unsigned long inode = listening_inode("/proc/net/tcp", port);

    if (!inode)
        inode = listening_inode("/proc/net/tcp6", port);
    char *holder = inode ? process_of_inode(inode) : NULL;
    if (holder)
        fail("port %d on %s is taken by %s; stop it or choose another port with --port", port,
             address, holder);
    fail("port %d on %s is taken by a process of another user; stop it or choose another port with "
         "--port",
         port, address);
}

static void
try_address(const char *address, int port)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *found = NULL;
    char service[16];
    bool bound = false;
    int last_error = 0;

    snprintf(service, sizeof(service), "%d", port);
    int code = getaddrinfo(strcmp(address, "*") ? address : NULL, service, &hints, &found);
    if (code != 0)
        fail("cannot listen on \"%s\": %s", address, gai_strerror(code));
    for (struct addrinfo *one = found; one; one = one->ai_next) {
        int on = 1, sock = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (sock < 0)
            continue; /* a machine without IPv6 */
        setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (one->ai_family == AF_INET6)
            setsockopt(sock, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
        if (bind(sock, one->ai_addr, one->ai_addrlen) == 0 && listen(sock, 1) == 0)
            bound = true;
        else if (errno == EADDRINUSE)
            fail_taken(address, port);
        else
            last_error = errno;
        close(sock);
    }
    freeaddrinfo(found);
    if (!bound)
        fail("cannot listen on %s port %d: %s", address, port, strerror(last_error));
}

void
port_require_free(const char *addresses, int port)
{
    char *list = text_copy(addresses), *rest = list;

    for (char *address; (address = strsep(&rest, ", "));)
        if (*address)
            try_address(address, port);
    free(list);
}
