/*
 * The language of fields, the router, queries and the dress of errors, without a server.
 */
#include "api/request.h"
#include "api/uri.h"
#include "check.h"

static void
nothing(ApiRequest *request)
{
}

#define OPERATION OPERATION_ROW
static Operation rows[] = {
    OPERATION(projects, GET, "/v3/projects", "", 0, nothing, "", "", "", "") OPERATION(
        instances, GET, "/v3/{project_id}/instances", "", 0, nothing, "", "", "", "")
        OPERATION(create, POST, "/v3/{project_id}/instances", "", 0, nothing, "", "", "", "")
            OPERATION(
                special, GET, "/v3/{project_id}/instances/special", "", 0, nothing, "", "", "", "")
                OPERATION(show,
                          GET,
                          "/v3/{project_id}/instances/{instance_id}",
                          "",
                          0,
                          nothing,
                          "",
                          "",
                          "",
                          "")
                    OPERATION(deep,
                              GET,
                              "/v3/{project_id}/instances/{instance_id}/database/{db_name}/users",
                              "",
                              0,
                              nothing,
                              "",
                              "",
                              "",
                              "") OPERATION(root, GET, "/", "", 0, nothing, "", "", "", "")};
#undef OPERATION

static const Service service = {"test", "Test", STYLE_GATEWAY, rows,
                                sizeof(rows) / sizeof(rows[0])};

/* The id of the operation and its values, as "show p1 i1"; "-" none, "!" another method. */
static const char *
route(const char *method, const char *path)
{
    static char text[300];
    char *values[OPERATION_VALUES];
    bool known;
    const Operation *operation = operation_find(method, path, values, &known);

    snprintf(text, sizeof(text), "%s", operation ? operation->id : known ? "!" : "-");
    for (int i = 0; i < OPERATION_VALUES && values[i]; i++) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", values[i]);
        free(values[i]);
    }
    return text;
}

static void
literals_win_over_placeholders(void)
{
    CHECK_STR(route("GET", "/v3/projects"), "projects");
    CHECK_STR(route("GET", "/v3/p1/instances"), "instances p1");
    CHECK_STR(route("GET", "/v3/p1/instances/special"), "special p1");
    CHECK_STR(route("GET", "/v3/p1/instances/other"), "show p1 other");
    CHECK_STR(route("GET", "/v3/p1/instances/special/database/d/users"), "deep p1 special d");
    CHECK_STR(route("GET", "/v3/projects/instances"), "instances projects");
    CHECK_STR(route("GET", "/"), "root");
}

static void
slashes_too_many_are_tolerated(void)
{
    CHECK_STR(route("GET", "/v3/projects/"), "projects");
    CHECK_STR(route("GET", "//v3//p1///instances//"), "instances p1");
    CHECK_STR(route("GET", "/////"), "root");
}

static void
segments_are_decoded_once(void)
{
    CHECK_STR(route("GET", "/v3/p%2F1/instances/a%20b"), "show p/1 a b");
    CHECK_STR(route("GET", "/v3/p/instances/%2541"), "show p %41");
    CHECK_STR(route("GET", "/%763/projects"), "projects");
    CHECK_STR(route("GET", "/v3/p/instances/a%00"), "-");
    CHECK_STR(route("GET", "/v3/p/instances/%f"), "-");
    CHECK_STR(route("GET", "/v3/p/instances/%ff"), "-");
}

static void
methods_are_told_from_paths(void)
{
    CHECK_STR(route("POST", "/v3/p1/instances"), "create p1");
    CHECK_STR(route("HEAD", "/v3/p1/instances"), "instances p1");
    CHECK_STR(route("DELETE", "/v3/p1/instances"), "!");
    CHECK_STR(route("GET", "/v3/p1/instance"), "-");
    CHECK_STR(route("GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z"), "-");
}

/* What is wrong with the value, "" nothing. */
static const char *
problem(const char *line, const char *text)
{
    static char said[400];
    SchemaField *schema = schema_parse(line);
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    char *why = NULL;
    bool good = schema_check(schema, value, &why);

    snprintf(said, sizeof(said), "%s", good ? "" : why ? why : "(no reason)");
    free(why);
    json_decref(value);
    schema_free(schema);
    return said;
}

static void
required_and_unknown_members(void)
{
    CHECK_STR(problem("name:str! age:int", "{\"name\":\"a\",\"other\":[1]}"), "");
    CHECK_STR(problem("name:str!", "{}"), "name is missing.");
    CHECK_STR(problem("name:str!", "{\"name\":null}"), "name is missing.");
    CHECK_STR(problem("name:str", "{\"name\":null}"), "");
    CHECK_STR(problem("name:str", "[]"), "the request must be an object.");
}

static void
texts_and_numbers_have_bounds(void)
{
    CHECK_STR(problem("n:str(2..3)", "{\"n\":\"é\"}"), "n must have 2 to 3 characters.");
    CHECK_STR(problem("n:str(2..3)", "{\"n\":\"ééé\"}"), "");
    CHECK_STR(problem("n:str", "{\"n\":5}"), "n must be a string.");
    CHECK_STR(problem("p:int(1..5)", "{\"p\":6}"), "p must be between 1 and 5.");
    CHECK_STR(problem("p:int(1..)", "{\"p\":0}"), "p must be at least 1.");
    CHECK_STR(problem("p:int(1..5)", "{\"p\":\"5\"}"), "");
    CHECK_STR(problem("p:int", "{\"p\":\"5x\"}"), "p must be a whole number.");
    CHECK_STR(problem("p:int", "{\"p\":\"99999999999999999999\"}"), "p must be a whole number.");
    CHECK_STR(problem("p:int", "{\"p\":1.5}"), "p must be a whole number.");
    CHECK_STR(problem("p:int", "{\"p\":1.0}"), "");
    CHECK_STR(problem("p:num(0..1)", "{\"p\":1.5}"), "p must be between 0 and 1.");
    CHECK_STR(problem("p:bool", "{\"p\":\"TRUE\"}"), "");
    CHECK_STR(problem("p:bool", "{\"p\":1}"), "p must be true or false.");
}

static void
choices_may_ignore_case(void)
{
    CHECK_STR(problem("k:str(Single|Ha)", "{\"k\":\"single\"}"), "k must be one of Single, Ha.");
    CHECK_STR(problem("k:str(Single|Ha)~", "{\"k\":\"single\"}"), "");
    CHECK_STR(problem("k:int(1|2)", "{\"k\":3}"), "k must be one of 1, 2.");
}

static void
places_within_are_named(void)
{
    const char *line =
        "v{size:int(40..400)! inner{x:str!}} tags[]{key:str! value:str} m{}:int l[]:str";

    CHECK_STR(problem(line, "{\"v\":{\"size\":1}}"), "v.size must be between 40 and 400.");
    CHECK_STR(problem(line, "{\"v\":{\"size\":40,\"inner\":{}}}"), "v.inner.x is missing.");
    CHECK_STR(problem(line, "{\"tags\":[{\"key\":\"a\"},{}]}"), "tags[1].key is missing.");
    CHECK_STR(problem(line, "{\"tags\":{}}"), "tags must be an array.");
    CHECK_STR(problem(line, "{\"m\":{\"a\":1,\"b\":\"x\"}}"), "m.b must be a whole number.");
    CHECK_STR(problem(line, "{\"l\":[\"a\",1]}"), "l[1] must be a string.");
}

static void
json_schema_says_the_same(void)
{
    SchemaField *schema =
        schema_parse("name:str(4..64)! tags[]{key:str!} m{}:int OS-EXT:host:str k:str(a|b)");
    AUTO_JSON json_t *document = schema_openapi(schema);
    AUTO_FREE char *text = json_render(document);

    CHECK_STR(
        text,
        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":4,"
        "\"maxLength\":64},\"tags\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
        "\"properties\":{\"key\":{\"type\":\"string\"}},\"required\":[\"key\"]}},\"m\":{"
        "\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}},\"OS-EXT:host\":{"
        "\"type\":\"string\"},\"k\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}},"
        "\"required\":[\"name\"]}");
    schema_free(schema);
}

static void
queries_are_decoded(void)
{
    AUTO_JSON json_t *query = uri_query("a=1&b=x%26y&c&a=2&&d=p+q%2B&=e");
    AUTO_FREE char *text = json_render(query);

    CHECK_STR(text, "{\"a\":[\"1\",\"2\"],\"b\":\"x&y\",\"c\":\"\",\"d\":\"p q+\",\"\":\"e\"}");
    CHECK(uri_query("a=%") == NULL);
    CHECK(uri_query("a=%4") == NULL);
    CHECK(uri_query("a=%00") == NULL);
    CHECK(uri_query("%c3=1") == NULL);
}

/* The answer of an error under a style. */
static const char *
error_under(ErrorStyle style)
{
    static char text[600];
    Operation operation = {.path = "/", .style = style};
    ApiRequest request = {.operation = &operation, .request_id = "id"};

    api_fail(&request, API_NO_SUCH_INSTANCE, "x");
    snprintf(text, sizeof(text), "%d %s", request.status, request.answer);
    free(request.answer);
    return text;
}

#define BESIDE                                                                                     \
    "\"error_code\":\"DBS.280121\",\"error_msg\":\"The DB instance x does not exist.\","           \
    "\"request_id\":\"id\"}"
#define SAID "The DB instance x does not exist."

static void
errors_wear_their_services_dress(void)
{
    CHECK_STR(error_under(STYLE_GATEWAY), "404 {" BESIDE);
    CHECK_STR(error_under(STYLE_KEYSTONE), "404 {\"error\":{\"code\":404,\"message\":\"" SAID
                                           "\",\"title\":\"Not Found\"}," BESIDE);
    CHECK_STR(error_under(STYLE_CES),
              "404 {\"http_code\":404,\"message\":{\"code\":\"DBS.280121\",\"details\":\"" SAID
              "\"}," BESIDE);
    CHECK_STR(error_under(STYLE_ECS),
              "404 {\"error\":{\"code\":\"DBS.280121\",\"message\":\"" SAID "\"}," BESIDE);
    CHECK_STR(error_under(STYLE_NOVA),
              "404 {\"itemNotFound\":{\"code\":404,\"message\":\"" SAID "\"}," BESIDE);
    CHECK_STR(error_under(STYLE_VPC),
              "404 {\"code\":\"DBS.280121\",\"message\":\"" SAID "\"," BESIDE);
}

static void
errors_survive_any_bytes(void)
{
    ApiRequest request = {.request_id = "id"};
    AUTO_JSON json_t *said = NULL;

    api_fail(&request, API_BAD_PARAMETER, "\xff\"\n");
    CHECK(request.answer != NULL);
    said = json_loads(request.answer, 0, NULL);
    CHECK_STR(json_text(said, "error_msg", ""), "Invalid parameter: ?\"\n");
    free(request.answer);
}

static void
paging_has_limits(void)
{
    static const struct {
        const char *query;
        bool good;
        long offset, limit;
    } cases[] = {{"", true, 0, 100},         {"offset=5&limit=7", true, 5, 7},
                 {"limit=0", false, 0, 0},   {"limit=101", false, 0, 0},
                 {"offset=-1", false, 0, 0}, {"offset=x", false, 0, 0},
                 {"limit=", false, 0, 0}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ApiRequest request = {.query = uri_query(cases[i].query)};
        long offset, limit;

        CHECK_INT(api_paging(&request, &offset, &limit), cases[i].good);
        if (cases[i].good) {
            CHECK_INT(offset, cases[i].offset);
            CHECK_INT(limit, cases[i].limit);
        } else {
            CHECK_INT(request.status, 400);
        }
        json_decref(request.query);
        free(request.answer);
    }
}

int
main(void)
{
    service_register(&service);
    RUN(literals_win_over_placeholders);
    RUN(slashes_too_many_are_tolerated);
    RUN(segments_are_decoded_once);
    RUN(methods_are_told_from_paths);
    RUN(required_and_unknown_members);
    RUN(texts_and_numbers_have_bounds);
    RUN(choices_may_ignore_case);
    RUN(places_within_are_named);
    RUN(json_schema_says_the_same);
    RUN(queries_are_decoded);
    RUN(errors_wear_their_services_dress);
    RUN(errors_survive_any_bytes);
    RUN(paging_has_limits);
    return check_done();
}
