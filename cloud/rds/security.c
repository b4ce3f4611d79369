/*
 * security.c: certificates and encryption of an instance by the API.
 */
#include "rds/download.h"
#include "rds/handlers.h"

void
list_certificate_links(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (!instance)
        return;
    AUTO_FREE char *link = download_link(instance, "certificate", "ca.pem");
    if (link)
        api_reply(request, 200,
                  json_pack("{s:[{s:s, s:s}]}", "cert_info_list", "download_link", link, "category",
                            "international"));
    else
        api_fail(request, API_INTERNAL, request->request_id);
}

void
switch_tls(ApiRequest *request)
{
    AUTO_INSTANCE Instance *instance = instance_of_request(request);

    if (!instance)
        return;
    if (json_flag(request->json, "ssl_option", true))
        api_reply(request, 200, json_object());
    else
        api_fail(request, API_NOT_SUPPORTED, "of switching TLS off");
}
