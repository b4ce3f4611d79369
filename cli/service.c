/*
 * service.c: requests of the command line by libcurl, signed as the API's SDKs sign; see service.h.
 */
#include "service.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/moment.h"
#include "crypto/master_key.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_LIMIT ((size_t) 64 << 20)

static json_t *login; /* for the life of the program */

static char *
login_path(void)
{
    const char *given = getenv("CASEMENT_LOGIN"), *config = getenv("XDG_CONFIG_HOME"),
               *home = getenv("HOME");

    if (given && *given)
        return str_copy(given);
    return config && *config == '/'
               ? str_format("%s/casement/login.json", config)
               : str_format("%s/.config/casement/login.json", home ? home : "");
}

const json_t *
service_login(void)
{
    AUTO_FREE char *path = login_path();

    if (!login)
        login = json_load_file(path, 0, NULL);
    if (!login) {
        fprintf(stderr,
                "casement: nobody is logged in. Log in with\n"
                "  casement login DATA/admin.json      (the file that casementd made at its first "
                "start)\n"
                "  casement login --endpoint https://host:8443 --domain DOMAIN --user USER\n");
        exit(EXIT_UNREACHABLE);
    }
    return login;
}

void
service_keep_login(json_t *value)
{
    AUTO_FREE char *path = login_path();
    AUTO_FREE char *folder = str_copy(path);

    if (!value) {
        unlink(path);
        return;
    }
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
    AUTO_FREE char *beside = str_format("%s.new", path);
    AUTO_WIPE char *text = json_render(value);
    json_decref(value);
    unlink(beside);
    int file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    size_t length = strlen(text);
    if (file < 0 || write(file, text, length) != (ssize_t) length || close(file) != 0 ||
        rename(beside, path) != 0) {
        fprintf(stderr, "casement: cannot write %s: %s\n", path, strerror(errno));
        exit(EXIT_REFUSED);
    }
}

char *
url_text(const char *text)
{
    Buffer out = {0};

    buffer_add_text(&out, "");
    for (; *text; text++)
        if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
            (*text >= '0' && *text <= '9') || strchr("-_.~", *text))
            buffer_add(&out, text, 1);
        else
            buffer_format(&out, "%%%02X", (unsigned char) *text);
    return out.text ? out.text : str_copy("");
}

typedef struct Answer {
    Buffer body;
    long status;
    char *token, *request_id;
} Answer;

static size_t
take_body(char *bytes, size_t size, size_t count, void *context)
{
    Answer *answer = context;

    if (answer->body.length + size * count > ANSWER_LIMIT)
        return 0;
    buffer_add(&answer->body, bytes, size * count);
    return size * count;
}

static size_t
take_header(char *bytes, size_t size, size_t count, void *context)
{
    Answer *answer = context;
    AUTO_FREE char *line = str_copy_n(bytes, size * count);

    line[strcspn(line, "\r\n")] = '\0';
    if (strncasecmp(line, "X-Subject-Token:", 16) == 0) {
        free(answer->token);
        answer->token = str_copy(line + 16 + strspn(line + 16, " "));
    } else if (strncasecmp(line, "X-Request-Id:", 13) == 0) {
        free(answer->request_id);
        answer->request_id = str_copy(line + 13 + strspn(line + 13, " "));
    }
    return size * count;
}

/* Key and value pairs of a query, sorted, each encoded (the signature's canonical query). */
static int
compare_texts(const void *one, const void *other)
{
    return strcmp(*(char *const *) one, *(char *const *) other);
}

static char *
canonical_query(const char *query)
{
    AUTO_FREE char *copy = str_copy(query);
    char *pairs[64], *rest = copy;
    int count = 0;
    Buffer out = {0};

    for (char *pair; count < 64 && (pair = strsep(&rest, "&")) != NULL;)
        if (*pair)
            pairs[count++] = pair;
    qsort(pairs, (size_t) count, sizeof(pairs[0]), compare_texts);
    for (int i = 0; i < count; i++) {
        bool has_value = strchr(pairs[i], '=') != NULL, past_key = false;

        if (i)
            buffer_add(&out, "&", 1);
        /* What is encoded stays so; what need not be encoded in a URL is in the signature. */
        for (const char *at = pairs[i]; *at; at++) {
            if (isalnum((unsigned char) *at) || strchr("-_.~%", *at) || (*at == '=' && !past_key))
                buffer_add(&out, at, 1);
            else
                buffer_format(&out, "%%%02X", (unsigned char) *at);
            past_key = past_key || *at == '=';
        }
        buffer_add_text(&out, has_value ? "" : "=");
    }
    return out.text ? out.text : str_copy("");
}

/* "Authorization: SDK-HMAC-SHA256 ..." of the request (auth.md's current form). */
static char *
signature(
    const char *method, const char *path, const char *host, const char *date, const char *body)
{
    unsigned char hash[32];
    char body_hex[65], canonical_hex[65], signature_hex[65];
    size_t path_length = strcspn(path, "?");
    const char *query = path[path_length] ? path + path_length + 1 : "";
    const char *secret = json_text(service_login(), "sk", "");
    AUTO_FREE char *uri = str_copy_n(path, path_length);
    AUTO_FREE char *sorted = canonical_query(query);

    sha256(body, strlen(body), hash);
    hex_text(hash, 32, body_hex);
    AUTO_FREE char *canonical =
        str_format("%s\n%s%s\n%s\nhost:%s\nx-sdk-date:%s\n\nhost;x-sdk-date\n%s", method, uri,
                   uri[path_length - 1] == '/' ? "" : "/", sorted, host, date, body_hex);
    sha256(canonical, strlen(canonical), hash);
    hex_text(hash, 32, canonical_hex);
    AUTO_FREE char *to_sign = str_format("SDK-HMAC-SHA256\n%s\n%s", date, canonical_hex);
    hmac_sha256(secret, strlen(secret), to_sign, strlen(to_sign), hash);
    hex_text(hash, 32, signature_hex);
    return str_format(
        "Authorization: SDK-HMAC-SHA256 Access=%s, SignedHeaders=host;x-sdk-date, Signature=%s",
        json_text(service_login(), "ak", ""), signature_hex);
}

static struct curl_slist *
request_headers(const char *method,
                const char *endpoint,
                const char *path,
                const char *token,
                bool authenticated,
                const char *body)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

    headers = curl_slist_append(headers, "Expect:");
    if (token) {
        AUTO_FREE char *line = str_format("X-Auth-Token: %s", token);
        return curl_slist_append(headers, line);
    }
    if (!authenticated)
        return headers;
    const char *host = strstr(endpoint, "://") ? strstr(endpoint, "://") + 3 : endpoint;
    time_t now = time(NULL);
    struct tm utc;
    char date[32];

    gmtime_r(&now, &utc);
    strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &utc);
    AUTO_FREE char *date_line = str_format("X-Sdk-Date: %s", date);
    AUTO_FREE char *authorization = signature(method, path, host, date, body);
    headers = curl_slist_append(headers, date_line);
    return curl_slist_append(headers, authorization);
}

/* Sends; exits 4 where the service cannot be reached. */
static void
request(const char *method,
        const char *endpoint,
        const char *ca_file,
        const char *path,
        const char *token,
        bool authenticated,
        const char *body,
        Answer *answer)
{
    static CURL *curl; /* one connection for the program's calls */
    AUTO_FREE char *url = str_format("%s%s", endpoint, path);
    char reason[CURL_ERROR_SIZE] = "";

    if (!curl)
        curl = curl_easy_init();
    struct curl_slist *headers =
        request_headers(method, endpoint, path, token, authenticated, body);
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "casement/" CASEMENT_VERSION);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, answer);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 300L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
    if (*body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (ca_file && *ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    CURLcode code = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) {
        fprintf(stderr, "casement: cannot reach %s: %s\n", endpoint,
                *reason ? reason : curl_easy_strerror(code));
        exit(EXIT_UNREACHABLE);
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
}

/* Code and message wherever the service has put them. */
static const char *
told(const json_t *json, const char *const *keys)
{
    const char *key;
    json_t *value;

    for (; *keys; keys++)
        if (json_is_string(json_object_get(json, *keys)))
            return json_string_value(json_object_get(json, *keys));
    json_object_foreach((json_t *) json, key, value) if (json_is_object(value))
    {
        const char *inner = told(value, (const char *const[]){"message", "details", NULL});
        if (inner)
            return inner;
    }
    return NULL;
}

static json_t *
judge(Answer *answer)
{
    json_t *json = answer->body.length > 0
                       ? json_loadb(answer->body.text, answer->body.length, JSON_DECODE_ANY, NULL)
                       : NULL;

    if (answer->status >= 200 && answer->status < 300)
        return json ? json : json_object();
    static const char *const messages[] = {"error_msg", "message", NULL};
    static const char *const codes[] = {"error_code", "code", NULL};
    const char *message = told(json, messages), *code = told(json, codes);
    fprintf(stderr, "casement: %s%s%s%s\n", message ? message : "the service refused",
            code ? " (" : "", code ? code : "", code ? ")" : "");
    if (answer->status >= 500 && answer->request_id)
        fprintf(stderr, "  request %s, in casementd's log\n", answer->request_id);
    exit(answer->status == 404   ? EXIT_MISSING
         : answer->status == 401 ? EXIT_UNREACHABLE
                                 : EXIT_REFUSED);
}

static void
answer_done(Answer *answer)
{
    buffer_done(&answer->body);
    free(answer->token);
    free(answer->request_id);
}

json_t *
service_call(const char *method, const char *template, const json_t *body)
{
    const json_t *who = service_login();
    AUTO_WIPE char *text = body ? json_render(body) : str_copy("");
    Answer answer = {0};
    Buffer path = {0};

    for (const char *at = template; *at; at++)
        if (strncmp(at, "{p}", 3) == 0) {
            buffer_add_text(&path, json_text(who, "project_id", ""));
            at += 2;
        } else {
            buffer_add(&path, at, 1);
        }
    request(method, json_text(who, "endpoint", ""), json_text(who, "ca_file", NULL), path.text,
            NULL, true, text, &answer);
    json_t *json = judge(&answer);
    answer_done(&answer);
    buffer_done(&path);
    return json;
}

json_t *
service_get(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    AUTO_FREE char *path = str_vformat(format, arguments);
    va_end(arguments);
    return service_call("GET", path, NULL);
}

json_t *
service_authenticate(const char *endpoint, const char *ca_file, const json_t *body, char **token)
{
    AUTO_WIPE char *text = json_render(body);
    Answer answer = {0};

    request("POST", endpoint, ca_file, "/v3/auth/tokens", NULL, false, text, &answer);
    json_t *json = judge(&answer);
    *token = str_copy(answer.token ? answer.token : "");
    answer_done(&answer);
    return json;
}

json_t *
service_call_token(const char *endpoint,
                   const char *ca_file,
                   const char *token,
                   const char *method,
                   const char *path,
                   const json_t *body)
{
    AUTO_WIPE char *text = body ? json_render(body) : str_copy("");
    Answer answer = {0};

    request(method, endpoint, ca_file, path, token, false, text, &answer);
    json_t *json = judge(&answer);
    answer_done(&answer);
    return json;
}

json_t *
service_instance(const char *name)
{
    AUTO_FREE char *encoded = url_text(name);
    AUTO_JSON json_t *by_id =
        strlen(name) > 32 ? service_get("/v3/{p}/instances?id=%s", encoded) : NULL;
    AUTO_JSON json_t *by_name = by_id ? NULL : service_get("/v3/{p}/instances?name=%s", encoded);
    json_t *list = json_object_get(by_id ? by_id : by_name, "instances"), *one, *found = NULL;
    size_t index;

    json_array_foreach(list, index, one)
    {
        if (strcmp(json_text(one, "name", ""), name) != 0 &&
            strcmp(json_text(one, "id", ""), name) != 0)
            continue;
        if (found) {
            fprintf(stderr, "casement: several instances are named \"%s\"; use the id of one\n",
                    name);
            exit(EXIT_USAGE);
        }
        found = one;
    }
    if (!found) {
        fprintf(stderr, "casement: there is no instance \"%s\"; see casement rds list\n", name);
        exit(EXIT_MISSING);
    }
    return json_incref(found);
}

static void
show_progress(const json_t *job, bool terminal, bool end)
{
    const char *process = json_text(job, "process", "0%");
    long percent = strtol(process, NULL, 10);
    char bar[31];

    if (!terminal)
        return;
    memset(bar, ' ', 30);
    bar[30] = '\0';
    for (long i = 0; i < percent * 30 / 100 && i < 30; i++)
        bar[i] = '=';
    fprintf(stderr, "\r%-28.28s [%s] %3ld%%%s", json_text(job, "name", "job"), bar, percent,
            end ? "\n" : "");
    fflush(stderr);
}

int
service_finish(const Invocation *invocation, const char *job_id, const char *done)
{
    bool terminal = isatty(2) && !invocation->quiet;

    if (!job_id || !*job_id) {
        if (!invocation->quiet && !invocation->json)
            printf("%s\n", done);
        return EXIT_FINE;
    }
    if (!invocation->wait) {
        if (!invocation->quiet && !invocation->json)
            printf("Begun as job %s; casement job show %s --wait waits for it.\n", job_id, job_id);
        return EXIT_FINE;
    }
    for (int round = 0;; round++) {
        struct timespec pause = {.tv_nsec = round < 10 ? 200000000 : 700000000};
        AUTO_JSON json_t *answer = service_get("/v3/{p}/jobs?id=%s", job_id);
        const json_t *job = json_object_get(answer, "job");
        const char *status = json_text(job, "status", "");
        bool over = strcmp(status, "Running") != 0;

        show_progress(job, terminal, over);
        if (over && strcmp(status, "Completed") == 0) {
            if (!invocation->quiet && !invocation->json)
                printf("%s\n", done);
            return EXIT_FINE;
        }
        if (over) {
            fprintf(stderr, "casement: the job failed: %s\n",
                    json_text(job, "fail_reason", "no reason given"));
            return EXIT_JOB_FAILED;
        }
        nanosleep(&pause, NULL);
    }
}

static char *
ask_hidden(const char *prompt)
{
    struct termios normal, hidden;
    char *line = NULL;
    size_t room = 0;
    bool terminal = tcgetattr(0, &normal) == 0;

    fprintf(stderr, "%s: ", prompt);
    if (terminal) {
        hidden = normal;
        hidden.c_lflag &= ~(tcflag_t) ECHO;
        tcsetattr(0, TCSAFLUSH, &hidden);
    }
    ssize_t length = getline(&line, &room, stdin);
    if (terminal) {
        tcsetattr(0, TCSAFLUSH, &normal);
        fprintf(stderr, "\n");
    }
    if (length <= 0) {
        fprintf(stderr, "casement: no password was given\n");
        exit(EXIT_USAGE);
    }
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

char *
service_password(const Invocation *invocation, const char *whose, bool twice)
{
    const char *path = option_text(invocation, "password-file", NULL);
    char *line = NULL;
    size_t room = 0;

    if (path) {
        FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
        if (!file || getline(&line, &room, file) <= 0) {
            fprintf(stderr, "casement: cannot read a password from %s\n", path);
            exit(EXIT_USAGE);
        }
        if (file != stdin)
            fclose(file);
        line[strcspn(line, "\r\n")] = '\0';
        return line;
    }
    AUTO_FREE char *prompt = str_format("Password of %s", whose);
    char *first = ask_hidden(prompt);
    if (twice) {
        AUTO_WIPE char *second = ask_hidden("Once more");
        if (strcmp(first, second) != 0) {
            fprintf(stderr, "casement: the two differ\n");
            exit(EXIT_USAGE);
        }
    }
    return first;
}
