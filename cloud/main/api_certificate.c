/*
 * api_certificate.c: finds or issues the API's certificate; see api_certificate.h.
 */
#include "main/api_certificate.h"

#include "base/memory.h"
#include "base/settings.h"
#include "crypto/authority.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define MOST_NAMES 64

static char *certificate_file, *key_file;

const char *
api_certificate_file(void)
{
    return certificate_file;
}

const char *
api_certificate_key(void)
{
    return key_file;
}

typedef struct Names {
    char *all[MOST_NAMES + 1]; /* NULL-terminated */
    int count;
} Names;

static void
add_name(Names *names, const char *name)
{
    if (*name == '\0' || names->count == MOST_NAMES)
        return;
    for (int i = 0; i < names->count; i++)
        if (strcasecmp(names->all[i], name) == 0)
            return;
    names->all[names->count++] = str_copy(name);
}

/* The host of "https://host:port/path", brackets of an IPv6 address taken off. */
static void
add_endpoint(Names *names)
{
    const char *at = strstr(settings_endpoint(), "://");

    if (!at)
        return;
    at += 3;
    bool bracket = *at == '[';
    at += bracket;
    AUTO_FREE char *host = str_copy_n(at, strcspn(at, bracket ? "]" : ":/"));
    add_name(names, host);
}

static void
add_interfaces(Names *names)
{
    struct ifaddrs *all = NULL;
    char text[INET6_ADDRSTRLEN];

    if (getifaddrs(&all) != 0)
        return;
    for (struct ifaddrs *one = all; one; one = one->ifa_next) {
        const void *address = NULL;
        if (!one->ifa_addr || !(one->ifa_flags & IFF_UP))
            continue;
        if (one->ifa_addr->sa_family == AF_INET)
            address = &((struct sockaddr_in *) one->ifa_addr)->sin_addr;
        if (address && inet_ntop(one->ifa_addr->sa_family, address, text, sizeof(text)))
            add_name(names, text);
    }
    freeifaddrs(all);
}

static void
collect_names(Names *names)
{
    const char *listen = setting_text(SETTING_LISTEN);
    char host[256];

    add_endpoint(names);
    add_name(names, "localhost");
    add_name(names, "127.0.0.1");
    add_name(names, "::1");
    if (gethostname(host, sizeof(host)) == 0) {
        host[sizeof(host) - 1] = '\0';
        add_name(names, host);
    }
    if (!strcmp(listen, "*") || !strcmp(listen, "0.0.0.0") || !strcmp(listen, "::"))
        add_interfaces(names);
    else
        add_name(names, listen);
}

int
api_certificate_prepare(char **problem)
{
    Names names = {.count = 0};
    bool given = *setting_text(SETTING_CERTIFICATE);

    /* Once: others keep what the functions above return. */
    if (!certificate_file) {
        certificate_file =
            given ? str_copy(setting_text(SETTING_CERTIFICATE)) : settings_path("tls/api.crt");
        key_file =
            given ? str_copy(setting_text(SETTING_PRIVATE_KEY)) : settings_path("tls/api.key");
    }
    if (given) {
        if (access(certificate_file, R_OK) == 0 && access(key_file, R_OK) == 0)
            return 0;
        *problem = str_format("cannot read %s and %s as the user of the service", certificate_file,
                              key_file);
        return -EACCES;
    }
    collect_names(&names);
    int result =
        authority_renew(certificate_file, key_file, (const char *const *) names.all, problem);
    for (int i = 0; i < names.count; i++)
        free(names.all[i]);
    return result;
}
