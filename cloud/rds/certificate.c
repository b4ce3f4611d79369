/*
 * certificate.c: the TLS certificate of an instance; see certificate.h. Made anew whenever its
 * settings are written, so that it follows its address.
 */
#include "rds/certificate.h"

#include "crypto/authority.h"

#define TEN_YEARS 3650

int
certificate_give(const Instance *instance, char **problem)
{
    const char *names[] = {instance_address(instance), instance->name, NULL};
    AUTO_FREE char *certificate = NULL;
    AUTO_WIPE char *key = NULL;
    int error = authority_issue(names, TEN_YEARS, &certificate, &key, problem);

    if (!error)
        error = agent_write_file(instance->id, instance->slot, "server.crt", certificate, problem);
    if (!error)
        error = agent_write_file(instance->id, instance->slot, "server.key", key, problem);
    return error;
}
