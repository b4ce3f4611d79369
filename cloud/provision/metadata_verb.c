/*
 * metadata_verb.c: the agent's side of the metadata service: a socket that listens in a vpc's
 * namespace, made as root and given to the daemon, which has no right to make it.
 */
#include "base/memory.h"
#include "network/names.h"
#include "provision/metadata_server.h"
#include "supervise/agent_verb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ADDRESS "169.254.169.254"
#define BACKLOG 64

/* The address belongs to the namespace; repeated without harm. */
static int
add_address(void)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        char *environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
        execle("/sbin/ip", "ip", "address", "replace", ADDRESS "/32", "dev", "lo", (char *) NULL,
               environment);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* The interface's number comes with the socket's options once the kernel is asked to keep it. */
static int
make_listener(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (listener < 0)
        return -errno;
    inet_pton(AF_INET, ADDRESS, &address.sin_addr);
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
        setsockopt(listener, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)) != 0 ||
        bind(listener, (struct sockaddr *) &address, sizeof(address)) != 0 ||
        listen(listener, BACKLOG) != 0) {
        int error = -errno;
        close(listener);
        return error;
    }
    return listener;
}

static int
verb_listen(const json_t *request, json_t *answer, int stream, char **problem)
{
    long long vpc = json_number(request, "vpc", 0);
    char name[NETWORK_SPACE];

    (void) answer;
    if (vpc < 1 || vpc > INT32_MAX)
        return agent_problem(problem, -EINVAL, "%lld is no vpc's number", vpc);
    if (!agent_has_root())
        return agent_problem(problem, -EOPNOTSUPP, "tenants' networks need root");
    network_space(agent_data(), (int) vpc, name);
    AUTO_FREE char *path = str_format("/run/netns/%s", name);
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) != 0) {
        int error = -errno;
        if (space >= 0)
            close(space);
        return agent_problem(problem, error, "the namespace %s cannot be entered: %s", name,
                             strerror(-error));
    }
    close(space);
    int listener = add_address() ? -EIO : make_listener();
    if (listener < 0)
        return agent_problem(problem, listener, "nothing can listen at " ADDRESS " in %s: %s", name,
                             strerror(-listener));
    bool given = agent_give_descriptor(stream, listener);
    close(listener);
    return given ? 0 : -EPIPE;
}

void
metadata_register_verbs(void)
{
    agent_verb_add("metadata-listen", verb_listen);
}
