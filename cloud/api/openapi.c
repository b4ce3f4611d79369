/*
 * openapi.c: the OpenAPI 3.0 document of the registered operations, for generators of clients,
 * readers and the fuzzer of the API.
 */
#include "api/request.h"

#include <ctype.h>
#include <string.h>

static json_t *
placeholder_parameters(const Operation *operation)
{
    json_t *list = json_array();

    for (const char *at = strchr(operation->path, '{'); at; at = strchr(at + 1, '{')) {
        AUTO_FREE char *name = str_copy_n(at + 1, strcspn(at + 1, "}"));

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:{s:s, s:i}}", "name", name, "in", "path",
                                        "required", 1, "schema", "type", "string", "minLength", 1));
    }
    return list;
}

static json_t *
parameters(const Operation *operation)
{
    json_t *list = placeholder_parameters(operation);
    const SchemaField *query = operation->query_schema;

    for (int i = 0; i < query->field_count; i++) {
        const SchemaField *field = &query->fields[i];

        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:o}", "name", field->name, "in",
                                              "query", "required", field->required, "schema",
                                              schema_openapi(field)));
    }
    return list;
}

/* Whether an empty body would do: nothing in it is required. */
static bool
body_may_be_absent(const Operation *operation)
{
    if (operation->flags & OP_OPTIONAL_BODY)
        return true;
    for (int i = 0; i < operation->body_schema->field_count; i++)
        if (operation->body_schema->fields[i].required)
            return false;
    return true;
}

static json_t *
request_body(const Operation *operation)
{
    if (operation->flags & OP_RAW_BODY)
        return json_pack("{s:{s:{s:{s:s, s:s}}}}", "content", "application/octet-stream", "schema",
                         "type", "string", "format", "binary");
    return json_pack("{s:b, s:{s:{s:o}}}", "required", !body_may_be_absent(operation), "content",
                     "application/json", "schema", schema_openapi(operation->body_schema));
}

static json_t *
responses(const Operation *operation)
{
    json_t *list = json_object();
    SchemaField *schema = schema_parse(operation->response);

    if (operation->handler)
        json_object_set_new(list, "2XX",
                            schema->field_count
                                ? json_pack("{s:s, s:{s:{s:o}}}", "description", "Done or begun.",
                                            "content", "application/json", "schema",
                                            schema_openapi(schema))
                                : json_pack("{s:s}", "description", "Done or begun."));
    json_object_set_new(list, "default",
                        json_pack("{s:s}", "$ref", "#/components/responses/error"));
    schema_free(schema);
    return list;
}

static json_t *
one_operation(const Operation *operation)
{
    json_t *object = json_object();

    json_object_set_new(object, "operationId",
                        json_sprintf("%s_%s", operation->service, operation->id));
    json_object_set_new(object, "summary", json_string(operation->summary));
    json_object_set_new(object, "tags", json_pack("[s]", operation->service));
    json_object_set_new(object, "x-supported", json_boolean(operation->handler != NULL));
    if (operation->action[0])
        json_object_set_new(object, "x-action", json_string(operation->action));
    if (operation->flags & OP_PUBLIC)
        json_object_set_new(object, "security", json_array());
    json_object_set_new(object, "parameters", parameters(operation));
    if (operation->body[0] || (operation->flags & OP_RAW_BODY))
        json_object_set_new(object, "requestBody", request_body(operation));
    json_object_set_new(object, "responses", responses(operation));
    return object;
}

static void
add_operation(json_t *paths, const Operation *operation)
{
    json_t *path = json_object_get(paths, operation->path);
    char method[16] = "";

    if (path == NULL) {
        path = json_object();
        json_object_set_new(paths, operation->path, path);
    }
    for (size_t i = 0; operation->method[i] && i + 1 < sizeof(method); i++)
        method[i] = (char) tolower((unsigned char) operation->method[i]);
    json_object_set_new(path, method, one_operation(operation));
}

static json_t *
components(void)
{
    json_t *error =
        json_pack("{s:s, s:{s:{s:s}, s:{s:s}, s:{s:s}}, s:[s, s]}", "type", "object", "properties",
                  "error_code", "type", "string", "error_msg", "type", "string", "request_id",
                  "type", "string", "required", "error_code", "error_msg");

    return json_pack("{s:{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s, s:s}}, s:{s:{s:s, s:{s:{s:o}}}}}",
                     "securitySchemes", "token", "type", "apiKey", "in", "header", "name",
                     "X-Auth-Token", "signature", "type", "apiKey", "in", "header", "name",
                     "Authorization", "description", "SDK-HMAC-SHA256 with an access key",
                     "responses", "error", "description", "An error.", "content",
                     "application/json", "schema", error);
}

json_t *
operation_openapi(const char *server)
{
    json_t *paths = json_object();
    json_t *tags = json_array();

    for (const Service *const *service = service_list(); *service; service++) {
        json_array_append_new(tags, json_pack("{s:s, s:s}", "name", (*service)->name, "description",
                                              (*service)->title));
        for (int i = 0; i < (*service)->operation_count; i++)
            add_operation(paths, &(*service)->operations[i]);
    }
    return json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{s:s}], s:o, s:[{s:[]}, {s:[]}], s:o, s:o}",
                     "openapi", "3.0.3", "info", "title", "Casement", "version", CASEMENT_VERSION,
                     "description", "The API of a Casement cloud, in the form of Huawei Cloud's.",
                     "servers", "url", server, "tags", tags, "security", "token", "signature",
                     "paths", paths, "components", components());
}
