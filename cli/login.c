/*
 * login.c: `casement login`, `logout`, `whoami`. A login by name and password makes an access key
 * for the command line, so that the password is not kept.
 */
#include "handlers.h"
#include "service.h"
#include "table.h"

#include "base/json.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static int
login_by_file(const char *path)
{
    json_error_t error;
    AUTO_JSON json_t *admin = json_load_file(path, 0, &error);
    json_t *login;

    if (!admin || !*json_text(admin, "ak", "") || !*json_text(admin, "endpoint", "")) {
        fprintf(stderr, "casement: %s is not casementd's admin.json%s%s\n", path, admin ? "" : ": ",
                admin ? "" : error.text);
        return EXIT_USAGE;
    }
    login =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "endpoint", json_text(admin, "endpoint", ""),
                  "ak", json_text(admin, "ak", ""), "sk", json_text(admin, "sk", ""), "project_id",
                  json_text(admin, "project_id", ""), "domain_id",
                  json_text(admin, "domain_id", ""), "user", json_text(admin, "user", ""));
    json_put_text(login, "ca_file", json_text(admin, "ca_file", NULL));
    json_put_text(login, "user_id", json_text(admin, "user_id", NULL));
    json_put_text(login, "region", json_text(admin, "region", NULL));
    service_keep_login(login);
    printf("Logged in as %s at %s.\n", json_text(admin, "user", ""),
           json_text(admin, "endpoint", ""));
    return EXIT_FINE;
}

static int
login_by_password(Invocation *invocation)
{
    const char *endpoint = option_text(invocation, "endpoint", NULL),
               *ca = option_text(invocation, "ca", NULL);
    const char *domain = option_text(invocation, "domain", NULL),
               *user = option_text(invocation, "user", NULL);
    const char *project = option_text(invocation, "project", NULL);
    AUTO_FREE char *token = NULL;

    if (!endpoint || !domain || !user) {
        fprintf(
            stderr,
            "casement login: give casementd's admin.json, or --endpoint, --domain and --user\n");
        return EXIT_USAGE;
    }
    AUTO_WIPE char *password = service_password(invocation, user, false);
    AUTO_JSON json_t *request = json_pack(
        "{s:{s:{s:[s], s:{s:{s:s, s:s, s:{s:s}}}}, s:{s:{s:s}}}}", "auth", "identity", "methods",
        "password", "password", "user", "name", user, "password", password, "domain", "name",
        domain, "scope", project ? "project" : "domain", "name", project ? project : domain);
    AUTO_JSON json_t *answer = service_authenticate(endpoint, ca, request, &token);
    const json_t *about = json_object_get(answer, "token"), *who = json_object_get(about, "user");
    AUTO_JSON json_t *projects =
        service_call_token(endpoint, ca, token, "GET", "/v3/auth/projects", NULL);
    const json_t *first = json_object_get(about, "project");
    if (!first)
        first = json_array_get(json_object_get(projects, "projects"), 0);
    AUTO_JSON json_t *wish =
        json_pack("{s:{s:s, s:s}}", "credential", "user_id", json_text(who, "id", ""),
                  "description", "casement command line");
    AUTO_JSON json_t *made =
        service_call_token(endpoint, ca, token, "POST", "/v3.0/OS-CREDENTIAL/credentials", wish);
    const json_t *key = json_object_get(made, "credential");
    json_t *login =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "endpoint", endpoint, "ak",
                  json_text(key, "access", ""), "sk", json_text(key, "secret", ""), "project_id",
                  json_text(first, "id", ""), "user", user, "user_id", json_text(who, "id", ""),
                  "domain_id", json_text(json_object_get(who, "domain"), "id", ""));
    json_put_text(login, "ca_file", ca);
    json_put_text(login, "region", json_text(first, "name", NULL));
    service_keep_login(login);
    printf("Logged in as %s at %s. An access key was made for this; casement key list shows it.\n",
           user, endpoint);
    return EXIT_FINE;
}

int
run_login(Invocation *invocation)
{
    const char *file = positional(invocation, 0);

    return file ? login_by_file(file) : login_by_password(invocation);
}

int
run_logout(Invocation *invocation)
{
    service_keep_login(NULL);
    printf("Logged out.\n");
    return EXIT_FINE;
}

int
run_whoami(Invocation *invocation)
{
    const json_t *login = service_login();

    if (invocation->json) {
        AUTO_JSON json_t *shown = json_deep_copy(login);
        json_object_del(shown, "sk");
        print_json(invocation, shown);
        return EXIT_FINE;
    }
    printf("user      %s\nendpoint  %s\nregion    %s\nproject   %s\nkey       %s\n",
           json_text(login, "user", "-"), json_text(login, "endpoint", "-"),
           json_text(login, "region", "-"), json_text(login, "project_id", "-"),
           json_text(login, "ak", "-"));
    return EXIT_FINE;
}
