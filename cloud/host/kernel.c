/*
 * kernel.c: whether the kernel has what tenants' networks are made of. Each is tried in a network
 * namespace of the child that tries it; without root in a user namespace besides, where the kernel
 * lets everyone have one.
 */
#include "base/memory.h"
#include "host/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MILLISECONDS 8000
enum { WORKS, FAILS, NO_NAMESPACE, NO_PROGRAM };

static void
write_once(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);

    /* Where it fails, so does what follows, which is what is asked. */
    if (file >= 0 && write(file, text, strlen(text)) >= 0)
        close(file);
}

/* In a user namespace this user is its root, or the programs that are run would have no rights. */
static bool
enter_namespace(void)
{
    AUTO_FREE char *users = str_format("0 %d 1", (int) geteuid());
    AUTO_FREE char *groups = str_format("0 %d 1", (int) getegid());

    if (unshare(CLONE_NEWNET) == 0)
        return true;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    write_once("/proc/self/setgroups", "deny");
    write_once("/proc/self/uid_map", users);
    write_once("/proc/self/gid_map", groups);
    return true;
}

/* Runs a program with this on its standard input. */
static int
run(const char *name, char *const arguments[], const char *input)
{
    const char *program = host_program(name);
    int ends[2], status = 0;

    if (!program)
        return NO_PROGRAM;
    if (pipe(ends) != 0)
        return FAILS;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[0], 0);
        close(ends[0]);
        close(ends[1]);
        execv(program, arguments);
        _exit(127);
    }
    close(ends[0]);
    if (write(ends[1], input, strlen(input)) < 0)
        status = -1;
    close(ends[1]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? WORKS : FAILS;
}

static int
try_namespace(void)
{
    return enter_namespace() ? WORKS : NO_NAMESPACE;
}

static int
try_bridge(void)
{
    if (!enter_namespace())
        return NO_NAMESPACE;
    int link = socket(AF_INET, SOCK_DGRAM, 0);
    return link >= 0 && ioctl(link, SIOCBRADDBR, "tried") == 0 ? WORKS : FAILS;
}

static int
try_veth(void)
{
    char *arguments[] = {"ip",   "link", "add",  "tried0", "type",
                         "veth", "peer", "name", "tried1", NULL};
    return enter_namespace() ? run("ip", arguments, "") : NO_NAMESPACE;
}

static int
try_tun(void)
{
    struct ifreq wish = {.ifr_name = "tried", .ifr_flags = IFF_TAP | IFF_NO_PI};

    if (!enter_namespace())
        return NO_NAMESPACE;
    int device = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    return device >= 0 && ioctl(device, TUNSETIFF, &wish) == 0 ? WORKS : FAILS;
}

static int
try_rules(const char *rules)
{
    char *arguments[] = {"nft", "-f", "-", NULL};
    return enter_namespace() ? run("nft", arguments, rules) : NO_NAMESPACE;
}

static int
try_nft(void)
{
    return try_rules("table inet tried {\n set s {\n type ipv4_addr\n flags interval\n }\n"
                     " chain c {\n type filter hook forward priority 0; policy drop;\n"
                     " ip saddr @s tcp dport 80 accept\n }\n}\n");
}

static int
try_conntrack(void)
{
    return try_rules("table inet tried {\n chain c {\n type filter hook forward priority 0;\n"
                     " ct state established,related accept\n }\n}\n");
}

static int
try_nat(void)
{
    return try_rules("table inet tried {\n chain c {\n type nat hook postrouting priority 100;\n"
                     " ip saddr 10.0.0.0/8 masquerade\n }\n chain d {\n"
                     " type nat hook prerouting priority -100;\n"
                     " ip daddr 10.0.0.1 dnat ip to 10.0.0.2\n }\n}\n");
}

static void
look(HostFinding *finding, int (*attempt)(void), const char *module, const char *why)
{
    int result = host_attempt(attempt, MILLISECONDS);
    AUTO_FREE char *remedy = str_format(
        "modprobe %s, or a kernel that has it (Debian's linux-image-amd64 does)", module);

    switch (result) {
    case WORKS:
        finding_set(finding, HOST_OK, "it works");
        break;
    case NO_NAMESPACE:
        finding_set(finding, HOST_UNKNOWN, "it cannot be tried without a network namespace");
        finding_explain(finding, why,
                        geteuid() == 0 ? "allow namespaces (in a container: privileged)"
                                       : "run it as root");
        break;
    case NO_PROGRAM:
        finding_set(finding, HOST_UNKNOWN, "the program to try it with is missing");
        finding_explain(finding, why, "apt-get install iproute2 nftables");
        break;
    default:
        finding_set(finding, HOST_MISSING, "the kernel refused it");
        finding_explain(finding, why, remedy);
    }
}

void
look_namespaces(HostFinding *finding, const char *data)
{
    (void) data;
    look(finding, try_namespace, "(nothing: CONFIG_NET_NS)",
         "Each vpc is a network namespace, so that ranges of tenants may overlap.");
    if (finding->state == HOST_UNKNOWN && geteuid() == 0) {
        finding_set(finding, HOST_MISSING, "none can be made here");
        finding_explain(finding, finding->why,
                        "a kernel with CONFIG_NET_NS; in a container, one that may make them");
    }
}

void
look_bridge(HostFinding *finding, const char *data)
{
    (void) data;
    look(finding, try_bridge, "bridge", "Each port of a network has a bridge of its own.");
}

void
look_veth(HostFinding *finding, const char *data)
{
    (void) data;
    look(finding, try_veth, "veth", "Veth pairs lead from a vpc's namespace to its servers.");
}

void
look_tun(HostFinding *finding, const char *data)
{
    (void) data;
    look(finding, try_tun, "tun", "A server's network card is a tap on the host.");
}

void
look_nft(HostFinding *finding, const char *data)
{
    (void) data;
    look(finding, try_nft, "nf_tables", "Security groups are nftables' rules.");
}

void
look_conntrack(HostFinding *finding, const char *data)
{
    (void) data;
    look(finding, try_conntrack, "nf_conntrack nft_ct",
         "Security groups let answers through by the state of a connection.");
}

void
look_nat(HostFinding *finding, const char *data)
{
    (void) data;
    look(finding, try_nat, "nft_nat nft_masq", "Elastic addresses are translated by the kernel.");
}
