/*
 * guest.c: what the small guest of the tests does besides busybox, in one static program. Its first
 * argument names the applet; all print to standard output what they did, in words that tests look
 * for.
 *
 *   configure FOLDER        interfaces, host name and user data by a ConfigDrive's documents
 *   metadata ADDRESS        the same by the metadata service
 *   password ADDRESS        makes a password, posts it encrypted as Cloudbase-Init does
 *   get ADDRESS PATH        one GET; prints status and body
 *   echo PORT               answers TCP and UDP with what came
 *   commands PORT           runs each TCP connection's first line by the shell, answers its output
 *   udp IF SMAC DMAC SIP DIP PORT TEXT    one frame, whatever it claims
 *   arp IF SMAC SIP DMAC DIP              one ARP reply, whatever it claims
 *   clock                   counts in the corner of the screen, so that its picture changes
 *   button                  ends with 0 once the power button is pressed
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/if_packet.h>
#include <linux/input.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <openssl/bn.h>
#include <openssl/sha.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MOST (1 << 20)
#define FRAME_MOST 1514

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The documents come from outside: only what an address or a name is made of goes to the shell. */
static int
run(const char *format, ...)
{
    char command[600];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(command, sizeof(command), format, arguments);
    va_end(arguments);
    if (strpbrk(command, "`$;|&<>\n\"'\\")) {
        printf("guest: refused to run: %s\n", command);
        return -1;
    }
    pid_t child = fork();
    int status = -1;
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *) NULL);
        _exit(127);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static int
number(const char *text)
{
    return (int) strtol(text, NULL, 10);
}

/* ---- HTTP, as much of it as the metadata service speaks. ---- */

typedef struct Answer {
    int status;
    char *body;
    size_t length;
} Answer;

static int
dial(const char *host)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct timeval patience = {.tv_sec = 10};
    int link = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    inet_pton(AF_INET, host, &address.sin_addr);
    setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(link, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(link, (struct sockaddr *) &address, sizeof(address)) != 0) {
        close(link);
        return -1;
    }
    return link;
}

static Answer
ask(const char *host, const char *method, const char *path, const char *body)
{
    Answer answer = {.status = 0, .body = calloc(1, ANSWER_MOST)};
    size_t length = 0;
    ssize_t more = 1;
    char head[700];
    int link = dial(host);

    if (link < 0)
        return answer;
    snprintf(head, sizeof(head),
             "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: guest\r\nConnection: close\r\n"
             "Content-Length: %zu\r\n\r\n",
             method, path, host, body ? strlen(body) : 0);
    if (write(link, head, strlen(head)) > 0 && body && write(link, body, strlen(body)) < 0)
        more = 0;
    while (more > 0 && length < ANSWER_MOST - 1) {
        more = read(link, answer.body + length, ANSWER_MOST - 1 - length);
        length += more > 0 ? (size_t) more : 0;
    }
    close(link);
    char *end = strstr(answer.body, "\r\n\r\n");
    if (!end || sscanf(answer.body, "HTTP/1.%*d %d", &answer.status) != 1)
        return answer;
    end += 4;
    answer.length = length - (size_t) (end - answer.body);
    memmove(answer.body, end, answer.length);
    answer.body[answer.length] = '\0';
    return answer;
}

/* ---- Configuration. ---- */

static const char *
text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* The interface of the MAC, as the kernel calls it. */
static bool
interface_of(const char *mac, char name[IFNAMSIZ])
{
    struct if_nameindex *all = if_nameindex();
    bool found = false;

    for (struct if_nameindex *one = all; one && one->if_index && !found; one++) {
        char path[100], text[32] = "";
        snprintf(path, sizeof(path), "/sys/class/net/%s/address", one->if_name);
        FILE *file = fopen(path, "r");
        if (file && fgets(text, sizeof(text), file) && strncasecmp(text, mac, 17) == 0) {
            snprintf(name, IFNAMSIZ, "%s", one->if_name);
            found = true;
        }
        if (file)
            fclose(file);
    }
    if_freenameindex(all);
    return found;
}

static int
prefix_of(const char *mask)
{
    struct in_addr address = {0};
    inet_pton(AF_INET, mask, &address);
    return __builtin_popcount(address.s_addr);
}

static const json_t *
link_of(const json_t *network, const char *id)
{
    const json_t *link;
    size_t i;

    json_array_foreach(json_object_get(network, "links"), i,
                       link) if (!strcmp(text_of(link, "id"), id)) return link;
    return NULL;
}

static void
configure_network(const json_t *network)
{
    const json_t *entry, *route, *service;
    size_t i, k;

    json_array_foreach(json_object_get(network, "networks"), i, entry)
    {
        const json_t *link = link_of(network, text_of(entry, "link"));
        char name[IFNAMSIZ];

        if (!link || !interface_of(text_of(link, "ethernet_mac_address"), name)) {
            printf("guest: no interface for network %zu\n", i);
            continue;
        }
        run("ip link set %s mtu %d up", name,
            (int) json_integer_value(json_object_get(link, "mtu")));
        if (!strcmp(text_of(entry, "type"), "ipv4_dhcp")) {
            run("udhcpc -i %s -n -q -t 12 -T 2 -s /etc/udhcpc.sh", name);
            continue;
        }
        run("ip addr add %s/%d dev %s", text_of(entry, "ip_address"),
            prefix_of(text_of(entry, "netmask")), name);
        json_array_foreach(json_object_get(entry, "routes"), k, route)
            run("ip route add %s/%d via %s dev %s onlink", text_of(route, "network"),
                prefix_of(text_of(route, "netmask")), text_of(route, "gateway"), name);
        json_array_foreach(json_object_get(entry, "services"), k, service)
        {
            FILE *file = fopen("/etc/resolv.conf", "a");
            if (file) {
                fprintf(file, "nameserver %s\n", text_of(service, "address"));
                fclose(file);
            }
        }
        printf("guest: %s has %s\n", name, text_of(entry, "ip_address"));
    }
}

static void
keep(const char *name, const char *bytes, size_t length)
{
    char path[100];
    snprintf(path, sizeof(path), "/run/%s", name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    if (file >= 0 && write(file, bytes, length) < 0)
        printf("guest: cannot write %s\n", path);
    if (file >= 0)
        close(file);
}

/* The first key of the document goes to /run/key, for the password. */
static void
configure_server(const json_t *server)
{
    const char *host = text_of(server, "hostname"), *name;
    json_t *key;

    if (*host && sethostname(host, strlen(host)) == 0)
        printf("guest: host name %s\n", host);
    json_object_foreach(json_object_get(server, "public_keys"), name, key)
    {
        keep("key", json_string_value(key), strlen(json_string_value(key)));
        break;
    }
    keep("uuid", text_of(server, "uuid"), strlen(text_of(server, "uuid")));
    if (*text_of(server, "admin_pass"))
        printf("guest: a password was given\n");
    char *meta = json_dumps(json_object_get(server, "meta"), JSON_COMPACT | JSON_SORT_KEYS);
    printf("guest: meta %s\n", meta ? meta : "{}");
}

static int
configure(const char *folder)
{
    char path[300];
    struct stat stat_of;

    snprintf(path, sizeof(path), "%s/openstack/latest/meta_data.json", folder);
    json_t *server = json_load_file(path, 0, NULL);
    snprintf(path, sizeof(path), "%s/openstack/latest/network_data.json", folder);
    json_t *network = json_load_file(path, 0, NULL);
    if (!server || !network)
        return 1;
    printf("guest: configured by the drive, server %s\n", text_of(server, "uuid"));
    configure_server(server);
    configure_network(network);
    snprintf(path, sizeof(path), "%s/openstack/latest/user_data", folder);
    if (stat(path, &stat_of) == 0 && stat_of.st_size < ANSWER_MOST) {
        char *data = malloc((size_t) stat_of.st_size + 1);
        FILE *file = fopen(path, "r");
        size_t length = file ? fread(data, 1, (size_t) stat_of.st_size, file) : 0;
        keep("user_data", data, length);
    }
    return 0;
}

static int
configure_by_metadata(const char *host)
{
    Answer answer = ask(host, "GET", "/openstack/latest/meta_data.json", NULL);
    json_t *server = json_loads(answer.body, 0, NULL);

    if (answer.status != 200 || !server)
        return 1;
    printf("guest: configured by metadata, server %s\n", text_of(server, "uuid"));
    configure_server(server);
    answer = ask(host, "GET", "/openstack/latest/user_data", NULL);
    if (answer.status == 200)
        keep("user_data", answer.body, answer.length);
    return 0;
}

/* ---- The password. ---- */

static size_t
from_base64(const char *text, unsigned char *bytes, size_t most)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    int count = 0;
    size_t length = 0;

    for (; *text && strchr(letters, *text) && length < most; text++) {
        bits = bits << 6 | (uint32_t) (strchr(letters, *text) - letters);
        count += 6;
        if (count >= 8)
            bytes[length++] = (unsigned char) (bits >> (count -= 8));
    }
    return length;
}

static void
to_base64(const unsigned char *bytes, size_t length, char *text)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t) bytes[i] << 16 |
                         (i + 1 < length ? (uint32_t) bytes[i + 1] << 8 : 0) |
                         (i + 2 < length ? bytes[i + 2] : 0);
        *text++ = letters[three >> 18 & 63];
        *text++ = letters[three >> 12 & 63];
        *text++ = i + 1 < length ? letters[three >> 6 & 63] : '=';
        *text++ = i + 2 < length ? letters[three & 63] : '=';
    }
    *text = '\0';
}

/* The next length-prefixed piece of an OpenSSH key; NULL at its end. */
static const unsigned char *
piece(const unsigned char **at, const unsigned char *end, size_t *length)
{
    if (end - *at < 4)
        return NULL;
    *length = (size_t) (*at)[0] << 24 | (size_t) (*at)[1] << 16 | (size_t) (*at)[2] << 8 | (*at)[3];
    const unsigned char *found = *at + 4;
    if (*length > (size_t) (end - found))
        return NULL;
    *at = found + *length;
    return found;
}

/* RSA with PKCS#1 v1.5, in base64. */
static bool
encrypt(const char *key, const char *secret, char *text)
{
    unsigned char blob[2048], block[1024], sealed[1024];
    const char *space = strchr(key, ' ');
    const unsigned char *at = blob, *end, *exponent, *modulus;
    size_t e = 0, n = 0, kind = 0, length = strlen(secret);

    if (strncmp(key, "ssh-rsa ", 8) != 0 || !space)
        return false;
    end = blob + from_base64(space + 1, blob, sizeof(blob));
    if (!piece(&at, end, &kind) || !(exponent = piece(&at, end, &e)) ||
        !(modulus = piece(&at, end, &n)))
        return false;
    while (n && !*modulus)
        modulus++, n--;
    if (n > sizeof(block) || length + 11 > n)
        return false;
    memset(block, 0, n);
    block[1] = 2;
    for (size_t i = 2; i < n - length - 1; i++)
        while (!block[i])
            if (getrandom(&block[i], 1, 0) != 1)
                return false;
    memcpy(block + n - length, secret, length);
    BIGNUM *m = BN_bin2bn(block, (int) n, NULL), *c = BN_new();
    BN_mod_exp(c, m, BN_bin2bn(exponent, (int) e, NULL), BN_bin2bn(modulus, (int) n, NULL),
               BN_CTX_new());
    BN_bn2binpad(c, sealed, (int) n);
    to_base64(sealed, n, text);
    return true;
}

/* Cloudbase-Init's order: nothing where there is no key, nothing where one is kept already. */
static int
post_password(const char *host)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    char key[3000] = "", secret[21] = "", sealed[1500];
    unsigned char random[20], digest[SHA256_DIGEST_LENGTH];
    FILE *file = fopen("/run/key", "r");

    if (!file || !fgets(key, sizeof(key), file))
        return printf("guest: no key, no password\n"), 0;
    Answer before = ask(host, "GET", "/openstack/2013-04-04/password", NULL);
    if (before.status == 200 && before.length > 0)
        return printf("guest: a password is kept already\n"), 0;
    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return 1;
    for (size_t i = 0; i < 20; i++)
        secret[i] = letters[random[i] % (sizeof(letters) - 1)];
    if (!encrypt(key, secret, sealed))
        return printf("guest: the key encrypts nothing\n"), 1;
    Answer answer = ask(host, "POST", "/openstack/2013-04-04/password", sealed);
    SHA256((unsigned char *) secret, strlen(secret), digest);
    printf("guest: password posted, answer %d, sha256 ", answer.status);
    for (size_t i = 0; i < sizeof(digest); i++)
        printf("%02x", digest[i]);
    printf("\n");
    return answer.status != 200 && answer.status != 201;
}

/* ---- Responders. ---- */

static int
listen_on(int port, int kind)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    int one = 1, link = socket(AF_INET, kind | SOCK_CLOEXEC, 0);

    setsockopt(link, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(link, (struct sockaddr *) &address, sizeof(address)) != 0 ||
        (kind == SOCK_STREAM && listen(link, 20) != 0)) {
        perror("guest: listen");
        exit(1);
    }
    return link;
}

static void
echo_stream(int link)
{
    char bytes[4096];
    ssize_t length;

    while ((length = read(link, bytes, sizeof(bytes))) > 0)
        if (write(link, bytes, (size_t) length) != length)
            break;
    _exit(0);
}

static void
run_line(int link)
{
    char line[8192];
    size_t length = 0;

    while (length < sizeof(line) - 1 && read(link, line + length, 1) == 1 && line[length] != '\n')
        length++;
    line[length] = '\0';
    dup2(link, 1);
    dup2(link, 2);
    execl("/bin/sh", "sh", "-c", line, (char *) NULL);
    _exit(127);
}

static int
serve(int port, void (*handle)(int link), bool datagrams)
{
    struct pollfd waiting[2] = {
        {.fd = listen_on(port, SOCK_STREAM), .events = POLLIN},
        {.fd = datagrams ? listen_on(port, SOCK_DGRAM) : -1, .events = POLLIN}};

    signal(SIGCHLD, SIG_IGN);
    while (poll(waiting, 2, -1) > 0) {
        if (waiting[0].revents & POLLIN) {
            int link = accept4(waiting[0].fd, NULL, NULL, SOCK_CLOEXEC);
            if (link >= 0 && fork() == 0) {
                signal(SIGCHLD, SIG_DFL);
                handle(link);
            }
            close(link);
        }
        if (waiting[1].revents & POLLIN) {
            char bytes[2048];
            struct sockaddr_in from;
            socklen_t size = sizeof(from);
            ssize_t length =
                recvfrom(waiting[1].fd, bytes, sizeof(bytes), 0, (struct sockaddr *) &from, &size);
            if (length >= 0)
                sendto(waiting[1].fd, bytes, (size_t) length, 0, (struct sockaddr *) &from, size);
        }
    }
    return 1;
}

/* ---- Frames that lie. ---- */

static void
read_mac(const char *text, unsigned char mac[6])
{
    if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
               &mac[5]) != 6) {
        fprintf(stderr, "guest: %s is no MAC\n", text);
        exit(2);
    }
}

static int
send_frame(const char *name, const unsigned char *frame, size_t length)
{
    struct sockaddr_ll to = {
        .sll_family = AF_PACKET, .sll_ifindex = (int) if_nametoindex(name), .sll_halen = 6};
    int link = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

    memcpy(to.sll_addr, frame, 6);
    ssize_t sent = sendto(link, frame, length, 0, (struct sockaddr *) &to, sizeof(to));
    printf("guest: frame of %zd bytes sent\n", sent);
    return sent == (ssize_t) length ? 0 : 1;
}

static uint16_t
checksum(const unsigned char *bytes, size_t length)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t) bytes[i] << 8 | bytes[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t) ~sum);
}

static int
send_udp(char **a)
{
    unsigned char frame[FRAME_MOST] = {0}, *ip = frame + 14, *udp = ip + 20;
    size_t text = strlen(a[6]);
    uint16_t port = htons((uint16_t) number(a[5])), size = htons((uint16_t) (8 + text)),
             total = htons((uint16_t) (28 + text)), sum;

    if (text > 1000)
        return 2;
    read_mac(a[2], frame);
    read_mac(a[1], frame + 6);
    frame[12] = 8;
    ip[0] = 0x45;
    memcpy(ip + 2, &total, 2);
    ip[8] = 64;
    ip[9] = IPPROTO_UDP;
    inet_pton(AF_INET, a[3], ip + 12);
    inet_pton(AF_INET, a[4], ip + 16);
    sum = checksum(ip, 20);
    memcpy(ip + 10, &sum, 2);
    memcpy(udp, &port, 2);
    memcpy(udp + 2, &port, 2);
    memcpy(udp + 4, &size, 2);
    memcpy(udp + 8, a[6], text);
    return send_frame(a[0], frame, 42 + text);
}

static int
send_arp(char **a)
{
    unsigned char frame[42] = {0}, *arp = frame + 14;
    static const unsigned char head[] = {0, 1, 8, 0, 6, 4, 0, 2}; /* a reply */

    read_mac(a[3], frame);
    read_mac(a[1], frame + 6);
    frame[12] = 8;
    frame[13] = 6;
    memcpy(arp, head, sizeof(head));
    read_mac(a[1], arp + 8);
    inet_pton(AF_INET, a[2], arp + 14);
    read_mac(a[3], arp + 18);
    inet_pton(AF_INET, a[4], arp + 24);
    return send_frame(a[0], frame, sizeof(frame));
}

static int
count_on_screen(void)
{
    for (int i = 0;; i++) {
        FILE *screen = fopen("/dev/tty1", "w");
        char host[64] = "";

        gethostname(host, sizeof(host) - 1);
        if (screen) {
            /* Saved and restored, so that it does not disturb the shell below. */
            fprintf(screen, "\0337\033[1;1H\033[44;97m %-30s %6d s \033[K\033[0m\0338", host, i);
            fclose(screen);
        }
        poll(NULL, 0, 1000);
    }
}

/* Waits for the power button of any input device that was there at the beginning. */
static int
wait_for_power_button(void)
{
    struct pollfd devices[16];
    struct input_event event;
    nfds_t count = 0;

    for (int i = 0; i < 16; i++) {
        char path[40];
        snprintf(path, sizeof(path), "/dev/input/event%d", i);
        int device = open(path, O_RDONLY | O_CLOEXEC);
        if (device >= 0)
            devices[count++] = (struct pollfd){.fd = device, .events = POLLIN};
    }
    while (count && poll(devices, count, -1) > 0)
        for (nfds_t i = 0; i < count; i++)
            if (devices[i].revents && read(devices[i].fd, &event, sizeof(event)) == sizeof(event) &&
                event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
                return 0;
    return 1;
}

int
main(int argc, char **argv)
{
    const char *applet = argc > 1 ? argv[1] : "";

    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(applet, "configure") && argc == 3)
        return configure(argv[2]);
    if (!strcmp(applet, "metadata") && argc == 3)
        return configure_by_metadata(argv[2]);
    if (!strcmp(applet, "password") && argc == 3)
        return post_password(argv[2]);
    if (!strcmp(applet, "get") && argc == 4) {
        Answer answer = ask(argv[2], "GET", argv[3], NULL);
        printf("%d %s\n", answer.status, answer.body);
        return answer.status != 200;
    }
    if (!strcmp(applet, "echo") && argc == 3)
        return serve(number(argv[2]), echo_stream, true);
    if (!strcmp(applet, "commands") && argc == 3)
        return serve(number(argv[2]), run_line, false);
    if (!strcmp(applet, "udp") && argc == 9)
        return send_udp(argv + 2);
    if (!strcmp(applet, "arp") && argc == 7)
        return send_arp(argv + 2);
    if (!strcmp(applet, "clock"))
        return count_on_screen();
    if (!strcmp(applet, "button"))
        return wait_for_power_button();
    fprintf(stderr, "guest: see the head of guest.c\n");
    return 2;
}
