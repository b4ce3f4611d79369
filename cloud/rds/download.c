/*
 * download.c: sealed links and what they lead to; see download.h.
 */
#include "rds/download.h"

#include "base/settings.h"
#include "crypto/authority.h"
#include "crypto/master_key.h"
#include "rds/handlers.h"
#include "rds/log_files.h"

#include <string.h>

#define PURPOSE "rds-download"

static void
exchange(char *text, const char *from, const char *to)
{
    for (; *text; text++)
        for (int i = 0; from[i]; i++)
            if (*text == from[i]) {
                *text = to[i];
                break;
            }
}

char *
download_link(const Instance *instance, const char *kind, const char *name)
{
    AUTO_JSON json_t *what =
        json_pack("{s:s, s:s, s:s, s:s, s:I}", "kind", kind, "project", instance->project_id,
                  "instance", instance->id, "name", name, "until",
                  (json_int_t) (moment_now() / MOMENT_SECOND + DOWNLOAD_SECONDS));
    AUTO_FREE char *text = json_render(what);
    AUTO_FREE char *token = secret_seal(PURPOSE, text, strlen(text));

    if (!token)
        return NULL;
    exchange(token, "+/=", "-_~");
    return str_format("%s/v3/downloads/%s", settings_endpoint(), token);
}

/* What the token says, if it is ours and in time; else NULL. A new reference. */
static json_t *
open_token(const char *given)
{
    AUTO_FREE char *token = str_copy(given);
    size_t length = 0;

    exchange(token, "-_~", "+/=");
    AUTO_WIPE char *text = secret_open(PURPOSE, token, &length);
    json_t *what = text ? json_loads(text, 0, NULL) : NULL;
    if (what && json_number(what, "until", 0) >= moment_now() / MOMENT_SECOND)
        return what;
    json_decref(what);
    return NULL;
}

static void
answer_text(ApiRequest *request, const char *type, const char *name, char *text, size_t length)
{
    AUTO_FREE char *disposition = str_format("attachment; filename=\"%s\"", name);

    api_answer_header(request, "Content-Disposition", disposition);
    api_answer_header(request, "X-Content-Type-Options", "nosniff");
    api_answer_header(request, "Cache-Control", "no-store");
    api_reply_bytes(request, 200, type, text, length);
}

void
download_file(ApiRequest *request)
{
    AUTO_JSON json_t *what = open_token(api_path(request, "token"));
    const char *kind = json_text(what, "kind", ""), *name = json_text(what, "name", "");
    size_t length = 0;
    char *text;

    if (!what) {
        api_fail(request, API_BAD_LINK);
        return;
    }
    AUTO_INSTANCE Instance *instance = instance_load(request->store, json_text(what, "project", ""),
                                                     json_text(what, "instance", ""));
    if (!instance) {
        api_fail(request, API_BAD_LINK);
        return;
    }
    if (strcmp(kind, "certificate") == 0) {
        text = str_copy(authority_certificate());
        answer_text(request, "application/x-pem-file", name, text, strlen(text));
        return;
    }
    text = log_file(instance->id, kind, name, &length);
    if (text)
        answer_text(request, "text/plain; charset=utf-8", name, text, length);
    else
        api_fail(request, API_BAD_LINK);
}
