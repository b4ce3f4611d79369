/*
 * pages.c: the service "api", whose operations tell of all others: the OpenAPI document, a page to
 * read it, and the bare list of what is supported and what is not.
 */
#include "api/pages.h"

#include "api/request.h"

#include <pthread.h>
#include <string.h>
#include <strings.h>

static void answer_openapi(ApiRequest *request);
static void answer_docs(ApiRequest *request);
static void answer_style(ApiRequest *request);
static void answer_list(ApiRequest *request);

#define OPERATION OPERATION_ROW
static Operation operations[] = {
#include "api/operations.def"
};
#undef OPERATION

static const Service service = {
    .name = "api",
    .title = "About this API",
    .style = STYLE_GATEWAY,
    .operations = operations,
    .operation_count = sizeof(operations) / sizeof(operations[0]),
};

/* Made at the first request for one of them and kept. */
static Buffer openapi_text, docs_text;
static pthread_once_t rendered = PTHREAD_ONCE_INIT;

static void
add_html(Buffer *page, const char *text)
{
    for (; *text; text++) {
        if (*text == '<')
            buffer_add_text(page, "&lt;");
        else if (*text == '>')
            buffer_add_text(page, "&gt;");
        else if (*text == '&')
            buffer_add_text(page, "&amp;");
        else if (*text == '"')
            buffer_add_text(page, "&quot;");
        else
            buffer_add(page, text, 1);
    }
}

static void
add_cell(Buffer *page, const char *tag, const char *text)
{
    buffer_format(page, "<%s>", tag);
    add_html(page, text);
    buffer_format(page, "</%s>", tag);
}

static void
add_lines(Buffer *page, const char *label, const char *schema)
{
    if (schema[0] == '\0')
        return;
    buffer_format(page, "<dt>%s</dt><dd>", label);
    add_cell(page, "code", schema);
    buffer_add_text(page, "</dd>");
}

static void
add_operation(Buffer *page, const Operation *operation)
{
    buffer_format(page, "<details class=\"%s\" id=\"%s-%s\"><summary><b>%s</b> ",
                  operation->handler ? "on" : "off", operation->service, operation->id,
                  operation->method);
    add_cell(page, "code", operation->path);
    add_cell(page, "span", operation->summary);
    buffer_format(page, "%s</summary><dl>", operation->handler ? "" : "<i>not supported</i>");
    add_lines(page, "Name", operation->id);
    add_lines(page, "Action of policies", operation->action);
    add_lines(page, "Query", operation->query);
    add_lines(page, "Body", operation->body);
    add_lines(page, "Answer", operation->response);
    buffer_add_text(page, "</dl></details>\n");
}

static void
add_service(Buffer *page, const Service *of)
{
    int supported = 0;

    for (int i = 0; i < of->operation_count; i++)
        supported += of->operations[i].handler != NULL;
    buffer_format(page, "<h2 id=\"%s\">", of->name);
    add_html(page, of->title);
    buffer_format(page, "</h2>\n<p>%d of %d operations are supported.</p>\n", supported,
                  of->operation_count);
    for (int i = 0; i < of->operation_count; i++)
        add_operation(page, &of->operations[i]);
}

static void
render_docs(Buffer *page)
{
    buffer_add_text(page, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                          "<meta name=\"viewport\" content=\"width=device-width\">"
                          "<title>Casement API</title>"
                          "<link rel=\"stylesheet\" href=\"/docs.css\"></head><body>\n"
                          "<h1>Casement API</h1>\n<p>The same as <a href=\"/openapi.json\">an "
                          "OpenAPI 3.0 document</a>. In the lines below "
                          "<code>name:type(limits)</code> is a field, <code>!</code> marks one "
                          "that is required, <code>name{&hellip;}</code> is an object and "
                          "<code>name[]</code> an array.</p>\n<nav>");
    for (const Service *const *of = service_list(); *of; of++)
        buffer_format(page, "<a href=\"#%s\">%s</a> ", (*of)->name, (*of)->name);
    buffer_add_text(page, "</nav>\n");
    for (const Service *const *of = service_list(); *of; of++)
        add_service(page, *of);
    buffer_add_text(page, "</body></html>\n");
}

static void
render(void)
{
    AUTO_JSON json_t *document = operation_openapi("/");

    openapi_text.text = json_render(document);
    openapi_text.length = strlen(openapi_text.text);
    render_docs(&docs_text);
}

static void
answer_copy(ApiRequest *request, const char *type, const Buffer *text)
{
    api_reply_bytes(request, 200, type, str_copy_n(text->text, text->length), text->length);
}

static void
answer_openapi(ApiRequest *request)
{
    pthread_once(&rendered, render);
    answer_copy(request, "application/json", &openapi_text);
}

static void
answer_docs(ApiRequest *request)
{
    pthread_once(&rendered, render);
    answer_copy(request, "text/html; charset=utf-8", &docs_text);
}

static void
answer_style(ApiRequest *request)
{
    static const char style[] =
        ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}"
        "body{max-width:60rem;margin:2rem auto;padding:0 1rem}code{font-size:.9em}"
        "nav a{margin-right:.8rem}details{border-bottom:1px solid #8884;padding:.4rem 0}"
        "summary{cursor:pointer;overflow-wrap:anywhere}summary b{display:inline-block;width:4.5rem}"
        "summary span{margin-left:.8rem}summary i{margin-left:.8rem;color:#b33}"
        ".off summary{opacity:.7}dt{font-weight:600}dd{margin:0 0 .4rem 1rem;"
        "overflow-wrap:anywhere}";

    api_reply_bytes(request, 200, "text/css; charset=utf-8", str_copy(style), sizeof(style) - 1);
}

/* {"operations": [{"service", "id", "method", "path", "action", "supported", "summary"}]} */
static void
answer_list(ApiRequest *request)
{
    json_t *list = json_array();
    const char *only = api_query(request, "supported", NULL);

    for (const Service *const *of = service_list(); *of; of++)
        for (int i = 0; i < (*of)->operation_count; i++) {
            const Operation *operation = &(*of)->operations[i];
            bool supported = operation->handler != NULL;

            if (only && (strcasecmp(only, "true") == 0) != supported)
                continue;
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "service",
                                                  (*of)->name, "id", operation->id, "method",
                                                  operation->method, "path", operation->path,
                                                  "action", operation->action, "supported",
                                                  supported, "summary", operation->summary));
        }
    api_reply(request, 200, json_pack("{s:o}", "operations", list));
}

void
api_pages_register(void)
{
    service_register(&service);
}

int
api_pages_start(StoreConn *store)
{
    return 0;
}
