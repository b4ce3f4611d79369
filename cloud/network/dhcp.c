/*
 * dhcp.c: one dnsmasq a vpc, in its namespace: DHCP of the ports' own addresses and DNS of their
 * names. It knows nothing but two files of root's in the vpc's folder below /run, drops root itself
 * and keeps no leases: every address is a port's for good.
 */
#include "network/host.h"
#include "supervise/agent_verb.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define END_TRIES 100

static char *
place_of(int vpc, const char *file)
{
    AUTO_FREE char *folder = network_run_folder(agent_data());

    return str_format("%s/v%d%s%s", folder, vpc, *file ? "/" : "", file);
}

/* "255.255.255.0" of "10.0.0.0/24" */
static void
mask_of(const char *cidr, char mask[16])
{
    long bits = strtol(strchr(cidr, '/') + 1, NULL, 10);
    struct in_addr address = {bits ? htonl(0xffffffffu << (32 - bits)) : 0};

    inet_ntop(AF_INET, &address, mask, 16);
}

static void
add_subnet(Buffer *text, const json_t *subnet)
{
    const char *cidr = json_text(subnet, "cidr", "/32"),
               *gateway = json_text(subnet, "gateway", "");
    long long number = json_number(subnet, "number", 0);
    const json_t *dns = json_object_get(subnet, "dns");
    char mask[16];
    size_t index;
    json_t *one;

    if (!json_flag(subnet, "dhcp", true))
        return;
    mask_of(cidr, mask);
    buffer_format(text, "bridge-interface=s%llx,p%llx-*\n", number, number);
    buffer_format(text, "dhcp-range=set:s%llx,%.*s,static,%s,86400\n", number,
                  (int) strcspn(cidr, "/"), cidr, mask);
    buffer_format(text, "dhcp-option=tag:s%llx,3,%s\ndhcp-option=tag:s%llx,26,1500\n", number,
                  gateway, number);
    /* Windows asks for 121 too; 249 is what it asked for before. */
    for (int code = 121; code <= 249; code += 128)
        buffer_format(text, "dhcp-option=tag:s%llx,%d,169.254.169.254/32,%s,0.0.0.0/0,%s\n", number,
                      code, gateway, gateway);
    buffer_format(text, "dhcp-option=tag:s%llx,6", number);
    json_array_foreach(dns, index, one) buffer_format(text, ",%s", json_string_value(one));
    buffer_format(text, json_array_size(dns) ? "\n" : ",%s\n", gateway);
}

static char *
settings_text(const json_t *state, int vpc)
{
    AUTO_FREE char *process = place_of(vpc, "pid");
    AUTO_FREE char *hosts = place_of(vpc, "hosts");
    AUTO_FREE char *names = place_of(vpc, "names");
    Buffer text = {0};
    size_t index;
    json_t *subnet;

    /* Broadcast: for an answer to one address it would change the port's fixed neighbour. A
     * pattern: with the name of one interface, dnsmasq would hear that one alone. */
    buffer_format(&text,
                  "pid-file=%s\ndhcp-hostsfile=%s\nuser=nobody\ngroup=nogroup\nleasefile-ro\n"
                  "bind-interfaces\ninterface=s*\nexcept-interface=lo\nno-resolv\nno-hosts\nno-"
                  "poll\nno-ping\n"
                  "addn-hosts=%s\ndhcp-broadcast\ndhcp-authoritative\ndhcp-ignore=tag:!"
                  "known\nquiet-dhcp\nquiet-ra\n"
                  "dhcp-lease-max=%d\ncache-size=1000\n",
                  process, hosts, names, 100000);
    json_array_foreach(json_object_get(state, "subnets"), index, subnet) add_subnet(&text, subnet);
    return text.text;
}

/* DHCP's lines of the ports, and DNS's. */
static void
hosts_text(const json_t *state, Buffer *hosts, Buffer *names)
{
    size_t index;
    json_t *port;

    buffer_add_text(hosts, "");
    buffer_add_text(names, "");
    json_array_foreach(json_object_get(state, "ports"), index, port)
    {
        const char *host = json_text(port, "host", ""), *ip = json_text(port, "ip", "");
        buffer_format(hosts, "%s,%s%s%s\n", json_text(port, "mac", ""), ip, *host ? "," : "", host);
        if (*host)
            buffer_format(names, "%s %s\n", ip, host);
    }
}

/* ---- Files and the process ---- */

/* At most so many bytes of a small file; NULL where there is none. */
static char *
read_text(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    Buffer text = {0};
    char bytes[8192];
    ssize_t got;

    if (file < 0)
        return NULL;
    buffer_add_text(&text, "");
    while ((got = read(file, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < got; i++)
            bytes[i] = bytes[i] ? bytes[i] : ' ';
        buffer_add(&text, bytes, (size_t) got);
    }
    close(file);
    return text.text;
}

/* 1 where it was otherwise before, 0 where it is the same, or -errno. */
static int
write_text(const char *path, const char *text)
{
    AUTO_FREE char *before = read_text(path);
    AUTO_FREE char *fresh = str_format("%s.new", path);
    size_t length = strlen(text);

    if (before && strcmp(before, text) == 0)
        return 0;
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0)
        return -errno;
    bool whole = write(file, text, length) == (ssize_t) length;
    close(file);
    return whole && rename(fresh, path) == 0 ? 1 : -EIO;
}

/* The vpc's dnsmasq, by what it was started with: a number may be another's by now. 0: none. */
static pid_t
process_of(int vpc)
{
    AUTO_FREE char *process = place_of(vpc, "pid");
    AUTO_FREE char *settings = place_of(vpc, "settings");
    AUTO_FREE char *number = read_text(process);
    long pid = number ? strtol(number, NULL, 10) : 0;

    if (pid < 2)
        return 0;
    AUTO_FREE char *path = str_format("/proc/%ld/cmdline", pid);
    AUTO_FREE char *command = read_text(path);
    return command && strstr(command, settings) ? (pid_t) pid : 0;
}

/* It may be in a namespace that was taken away under it, which it keeps alive. */
static bool
is_in_space(pid_t process, const char *space)
{
    AUTO_FREE char *its = str_format("/proc/%d/ns/net", (int) process);
    AUTO_FREE char *ours = str_format("/run/netns/%s", space);
    struct stat one, other;

    return stat(its, &one) == 0 && stat(ours, &other) == 0 && one.st_ino == other.st_ino;
}

static void
end_process(int vpc)
{
    AUTO_FREE char *file = place_of(vpc, "pid");
    pid_t process = process_of(vpc);

    for (int i = 0; process && i < END_TRIES; i++) {
        kill(process, i < END_TRIES / 2 ? SIGTERM : SIGKILL);
        poll(NULL, 0, 10);
        process = process_of(vpc);
    }
    unlink(file);
}

static int
make_folder(int vpc, char **problem)
{
    AUTO_FREE char *all = network_run_folder(agent_data());
    AUTO_FREE char *folder = place_of(vpc, "");

    if ((mkdir("/run/casement", 0755) != 0 && errno != EEXIST) ||
        (mkdir(all, 0755) != 0 && errno != EEXIST) || (mkdir(folder, 0755) != 0 && errno != EEXIST))
        return agent_problem(problem, -errno, "cannot make %s: %s", folder, strerror(errno));
    return 0;
}

int
dhcp_apply(const json_t *state, const char *space, char **problem)
{
    int vpc = (int) json_number(state, "vpc", 0);
    AUTO_FREE char *settings = place_of(vpc, "settings");
    AUTO_FREE char *hosts = place_of(vpc, "hosts");
    AUTO_FREE char *called = place_of(vpc, "names");
    AUTO_FREE char *file = str_format("--conf-file=%s", settings);
    AUTO_FREE char *wanted = settings_text(state, vpc);
    const char *const program[] = {DNSMASQ_PROGRAM, file, NULL};
    Buffer lines = {0}, names = {0};
    int error = make_folder(vpc, problem);

    if (error)
        return error;
    hosts_text(state, &lines, &names);
    int fresh = write_text(settings, wanted), known = write_text(hosts, lines.text);
    int named = write_text(called, names.text);
    buffer_done(&lines);
    buffer_done(&names);
    if (fresh < 0 || known < 0 || named < 0)
        return agent_problem(problem, -EIO, "the files of the vpc's DHCP cannot be written");
    pid_t process = process_of(vpc);
    if (process && !fresh && is_in_space(process, space))
        return (!known && !named) || kill(process, SIGHUP) == 0 ? 0 : -errno;
    end_process(vpc);
    return run_program(space, program, NULL, NULL, problem);
}

void
dhcp_remove(int vpc)
{
    static const char *const files[] = {"settings",     "hosts",     "names",    "pid",
                                        "settings.new", "hosts.new", "names.new"};
    AUTO_FREE char *folder = place_of(vpc, "");

    end_process(vpc);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        AUTO_FREE char *path = place_of(vpc, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

json_t *
dhcp_list(void)
{
    AUTO_FREE char *path = network_run_folder(agent_data());
    json_t *found = json_array();
    DIR *folder = opendir(path);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)) != NULL) {
        long number = entry->d_name[0] == 'v' ? strtol(entry->d_name + 1, NULL, 10) : 0;
        if (number > 0)
            json_array_append_new(found, json_integer(number));
    }
    if (folder)
        closedir(folder);
    return found;
}
