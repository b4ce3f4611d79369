/*
 * licence.c: what is known about the licence of a Windows server. Facts from the image's properties
 * only; nothing is asked of the guest and nothing is promised.
 */
#include "base/memory.h"
#include "base/moment.h"
#include "provision/provision.h"

#include <string.h>

/* Microsoft's evaluation editions of Windows Server run so long from their installation. */
#define EVALUATION_DAYS 180

json_t *
provision_licence(const json_t *properties, const char *created, const char *kms_host)
{
    Moment made;
    char ends[MOMENT_TEXT];

    if (strcmp(json_text(properties, "__os_type", ""), "Windows") != 0)
        return json_null();
    const char *edition = json_text(properties, "casement_edition", "");
    bool evaluation = json_flag(properties, "casement_evaluation", strstr(edition, "Eval") != NULL);
    json_t *facts = json_object();
    json_put_text(facts, "os_version", json_text(properties, "__os_version", ""));
    json_put_text(facts, "edition", edition);
    json_object_set_new(facts, "evaluation", json_boolean(evaluation));
    json_put_text(facts, "activation", evaluation ? "evaluation" : kms_host ? "kms" : "none");
    json_put_text(facts, "kms_host", kms_host);
    if (!evaluation) {
        json_put_text(facts, "note",
                      kms_host ? "The licence is the tenant's; activation is asked of the KMS host."
                               : "The licence is the tenant's; no KMS host is set.");
        return facts;
    }
    json_object_set_new(facts, "evaluation_days", json_integer(EVALUATION_DAYS));
    if (created && moment_parse(created, &made)) {
        moment_iso(made + (Moment) EVALUATION_DAYS * 24 * 3600 * MOMENT_SECOND, ends);
        json_put_text(facts, "evaluation_ends", ends);
    }
    json_put_text(facts, "note",
                  "An evaluation edition: it shuts itself down every hour after its time.");
    return facts;
}
