/*
 * service.c: the operation of cloud/doctor.
 */
#include "api/request.h"
#include "base/log.h"
#include "doctor/doctor.h"

#include <string.h>

void doctor_register(void);
int doctor_start(StoreConn *store);

static void
show_doctor(ApiRequest *request)
{
    AUTO_JSON json_t *compared = NULL;
    AUTO_JSON json_t *host = NULL;
    AUTO_FREE char *problem = NULL;
    int error = doctor_compare(request->store, &compared, &problem);

    /* The checks take a while where KVM hangs. */
    if (!error && !strcmp(api_query(request, "host", "yes"), "yes"))
        error = doctor_host(&host, &problem);
    if (error) {
        log_error("%s: the host cannot be looked at: %s", request->request_id,
                  problem ? problem : strerror(-error));
        api_fail_store(request);
        return;
    }
    bool fine = json_array_size(json_object_get(compared, "differences")) == 0 &&
                (!host || json_flag(host, "fine", false));
    json_t *answer = host ? json_deep_copy(host) : json_pack("{s:[]}", "checks");
    json_object_update(answer, compared);
    json_object_set_new(answer, "fine", json_boolean(fine));
    api_reply(request, 200, answer);
}

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "doctor/operations.def"
};
#undef OPERATION

static const Service service = {.name = "doctor",
                                .title = "The operator's look at the host",
                                .style = STYLE_GATEWAY,
                                .operations = operations,
                                .operation_count = sizeof(operations) / sizeof(operations[0])};

void
doctor_register(void)
{
    service_register(&service);
}

int
doctor_start(StoreConn *store)
{
    (void) store;
    return 0;
}
