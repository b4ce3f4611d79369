/*
 * configurations.c: parameter templates: made, shown, changed, compared, copied. Applying them is
 * configuration_apply.c's.
 */
#include "rds/configuration.h"

#include "crypto/master_key.h"
#include "crypto/random_id.h"
#include "rds/catalogue.h"
#include "rds/handlers.h"
#include "rds/parameter_table.h"

#include <string.h>
#include <strings.h>

#define MOST_TEMPLATES 100 /* of a project, as on the public cloud */
#define ENGINE "sqlserver"

/* ---- loading ---- */

void
configuration_default_id(const char *engine_version, char *id)
{
    unsigned char hash[32];
    AUTO_FREE char *seed = str_format("default parameters of %s", engine_version);
    char text[65];

    sha256(seed, strlen(seed), hash);
    hex_text(hash, sizeof(hash), text);
    snprintf(id, ID_SIZE, "%.32spr04", text);
}

static Configuration *
default_of(const EngineVersion *version)
{
    Configuration *configuration = MEM_NEW(Configuration);
    char id[ID_SIZE];

    configuration_default_id(version->name, id);
    configuration->id = str_copy(id);
    configuration->name = str_format("Default-SQLServer-%s", version->name);
    configuration->description = str_format("Default parameter template of %s", version->name);
    configuration->engine_version = str_copy(version->name);
    configuration->values = json_object();
    return configuration;
}

#define COLUMNS "id, name, description, engine_version, parameter_values, created, updated"

static Configuration *
of_row(const PGresult *rows, int row)
{
    Configuration *configuration = MEM_NEW(Configuration);

    configuration->id = str_copy(row_text(rows, row, "id"));
    configuration->name = str_copy(row_text(rows, row, "name"));
    configuration->description = str_copy(row_text(rows, row, "description"));
    configuration->engine_version = str_copy(row_text(rows, row, "engine_version"));
    configuration->values = json_loads(row_text(rows, row, "parameter_values"), 0, NULL);
    if (!configuration->values)
        configuration->values = json_object();
    configuration->created = row_moment(rows, row, "created");
    configuration->updated = row_moment(rows, row, "updated");
    configuration->user_defined = true;
    return configuration;
}

Configuration *
configuration_load(StoreConn *store, const char *project_id, const char *id)
{
    char known[ID_SIZE];

    for (const EngineVersion *version = engine_version_all(); version->name; version++) {
        configuration_default_id(version->name, known);
        if (strcmp(known, id) == 0)
            return default_of(version);
    }
    AUTO_ROWS PGresult *rows = store_query(
        store, "SELECT " COLUMNS " FROM rds_configuration WHERE id = $1 AND project_id = $2", "ss",
        id, project_id);
    return rows && PQntuples(rows) > 0 ? of_row(rows, 0) : NULL;
}

static Configuration *
load_or_fail(ApiRequest *request, const char *id)
{
    Configuration *configuration = configuration_load(request->store, api_project(request), id);

    if (configuration)
        return configuration;
    if (store_failed(request->store))
        api_fail_store(request);
    else
        api_fail(request, API_NO_SUCH_CONFIGURATION, id);
    return NULL;
}

Configuration *
configuration_of_request(ApiRequest *request)
{
    return load_or_fail(request, api_path(request, "config_id"));
}

/* The same, and one that may be changed. */
static Configuration *
own_of_request(ApiRequest *request)
{
    Configuration *configuration = configuration_of_request(request);

    if (!configuration || configuration->user_defined)
        return configuration;
    api_fail(request, API_CONFIGURATION_FIXED, configuration->name);
    configuration_free(configuration);
    return NULL;
}

void
configuration_free(Configuration *configuration)
{
    if (!configuration)
        return;
    free(configuration->id);
    free(configuration->name);
    free(configuration->description);
    free(configuration->engine_version);
    json_decref(configuration->values);
    free(configuration);
}

void
configuration_auto_free(Configuration **configuration)
{
    configuration_free(*configuration);
}

/* ---- showing ---- */

static json_t *
render(const Configuration *configuration, const char *created_key, const char *updated_key)
{
    char created[MOMENT_TEXT], updated[MOMENT_TEXT];

    moment_rds(configuration->created, created);
    moment_rds(configuration->updated, updated);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", configuration->id, "name",
                     configuration->name, "description", configuration->description,
                     "datastore_version_name", configuration->engine_version, "datastore_name",
                     ENGINE, created_key, created, updated_key, updated);
}

static void
add_shown(json_t *list, const Configuration *configuration)
{
    json_t *shown = render(configuration, "created", "updated");

    json_object_set_new(shown, "user_defined", json_boolean(configuration->user_defined));
    json_array_append_new(list, shown);
}

void
list_configurations(ApiRequest *request)
{
    long offset, limit;
    size_t index;
    json_t *one;

    if (!api_paging(request, &offset, &limit))
        return;
    AUTO_ROWS PGresult *rows =
        store_query(request->store,
                    "SELECT " COLUMNS " FROM rds_configuration WHERE project_id = $1 ORDER BY name",
                    "s", api_project(request));
    if (!rows) {
        api_fail_store(request);
        return;
    }
    AUTO_JSON json_t *all = json_array();
    for (const EngineVersion *version = engine_version_all(); version->name; version++) {
        AUTO_CONFIGURATION Configuration *configuration = default_of(version);
        add_shown(all, configuration);
    }
    for (int row = 0; row < PQntuples(rows); row++) {
        AUTO_CONFIGURATION Configuration *configuration = of_row(rows, row);
        add_shown(all, configuration);
    }
    json_t *list = json_array();
    json_array_foreach(all, index, one) if ((long) index >= offset && (long) index < offset + limit)
        json_array_append(list, one);
    api_reply(request, 200,
              json_pack("{s:o, s:I}", "configurations", list, "count",
                        (json_int_t) json_array_size(all)));
}

void
show_configuration(ApiRequest *request)
{
    AUTO_CONFIGURATION Configuration *configuration = configuration_of_request(request);

    if (!configuration)
        return;
    json_t *shown = render(configuration, "created", "updated");
    json_object_set_new(shown, "configuration_parameters", parameter_list(configuration->values));
    api_reply(request, 200, shown);
}

void
compare_configurations(ApiRequest *request)
{
    AUTO_CONFIGURATION Configuration *source =
        load_or_fail(request, json_text(request->json, "source_id", ""));
    AUTO_CONFIGURATION Configuration *target =
        source ? load_or_fail(request, json_text(request->json, "target_id", "")) : NULL;

    if (!target)
        return;
    json_t *list = json_array();
    for (const Parameter *one = parameter_all(); one->name; one++) {
        const char *left = parameter_value(source->values, one);
        const char *right = parameter_value(target->values, one);

        if (strcmp(left, right) != 0)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", one->name,
                                                  "source_value", left, "target_value", right));
    }
    api_reply(request, 200,
              json_pack("{s:s, s:s, s:s, s:s, s:o}", "source_id", source->id, "target_id",
                        target->id, "source_name", source->name, "target_name", target->name,
                        "parameters", list));
}

/* ---- making and changing ---- */

static bool
check_template_name(ApiRequest *request, const char *name)
{
    size_t fits = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

    if (fits > 0 && fits <= 64 && name[fits] == '\0')
        return true;
    api_fail(request, API_BAD_PARAMETER, "name must be 1 to 64 letters, digits, '_', '-' or '.'");
    return false;
}

static bool
check_description(ApiRequest *request, const char *text)
{
    if (!text || strpbrk(text, ">!<\"&'=\r\n") == NULL)
        return true;
    api_fail(request, API_BAD_PARAMETER,
             "description must be one line without any of > ! < \" & ' =");
    return false;
}

/* The instance's values over those of the body; NULL after having answered. */
static json_t *
values_of_body(ApiRequest *request, const json_t *before, json_t *ignored)
{
    const json_t *values = json_object_get(request->json, "values");
    AUTO_FREE char *problem = NULL;

    if (values && !json_is_object(values) && !json_is_null(values)) {
        api_fail(request, API_BAD_PARAMETER, "values must be an object");
        return NULL;
    }
    json_t *after = parameter_merge(before, values, ignored, &problem);
    if (!after)
        api_fail(request, API_BAD_ENGINE_PARAMETER, problem);
    return after;
}

/* Stores a new template and gives it back as it is in the store; NULL after having answered. */
static Configuration *
store_new(ApiRequest *request,
          const char *name,
          const char *description,
          const char *version,
          const json_t *values)
{
    char id[ID_SIZE];

    if (strncasecmp(name, "Default-SQLServer-", 18) == 0) {
        api_fail(request, API_NAME_TAKEN, name);
        return NULL;
    }
    id_new(id, "pr04");
    AUTO_ROWS PGresult *rows = store_query(
        request->store,
        "INSERT INTO rds_configuration (id, project_id, name, description, "
        "engine_version, parameter_values) SELECT $1, $2, $3, $4, $5, $6::jsonb WHERE "
        "(SELECT count(*) FROM rds_configuration WHERE project_id = $2) < $7 "
        "RETURNING " COLUMNS,
        "sssssji", id, api_project(request), name, description, version, values, MOST_TEMPLATES);
    if (!rows && strcmp(store_sqlstate(request->store), "23505") == 0)
        api_fail(request, API_NAME_TAKEN, name);
    else if (!rows)
        api_fail_store(request);
    else if (PQntuples(rows) == 0)
        api_fail(request, API_QUOTA, "parameter templates");
    else
        return of_row(rows, 0);
    return NULL;
}

void
create_configuration(ApiRequest *request)
{
    const json_t *datastore = json_object_get(request->json, "datastore");
    const char *name = json_text(request->json, "name", "");
    const char *description = json_text(request->json, "description", "");
    const EngineVersion *version = engine_version_find(json_text(datastore, "version", ""));

    if (!check_template_name(request, name) || !check_description(request, description))
        return;
    if (strcasecmp(json_text(datastore, "type", ""), "SQLServer") != 0 || !version) {
        api_fail(request, API_BAD_PARAMETER,
                 "datastore must be of type SQLServer and a known version, as 2022_SE");
        return;
    }
    AUTO_JSON json_t *values = values_of_body(request, NULL, NULL);
    AUTO_CONFIGURATION Configuration *made =
        values ? store_new(request, name, description, version->name, values) : NULL;
    if (made)
        api_reply(request, 200,
                  json_pack("{s:o}", "configuration", render(made, "created", "updated")));
}

void
copy_configuration(ApiRequest *request)
{
    const char *name = json_text(request->json, "name", "");
    const char *description = json_text(request->json, "description", "");

    if (!check_template_name(request, name) || !check_description(request, description))
        return;
    AUTO_CONFIGURATION Configuration *source = configuration_of_request(request);
    AUTO_CONFIGURATION Configuration *made =
        source ? store_new(request, name, description, source->engine_version, source->values)
               : NULL;
    if (made)
        api_reply(request, 200, render(made, "create_time", "update_time"));
}

static bool
store_changed(ApiRequest *request,
              const char *id,
              const char *name,
              const char *description,
              const json_t *values)
{
    long rows = store_run(request->store,
                          "UPDATE rds_configuration SET name = coalesce($3, name), description = "
                          "coalesce($4, description), parameter_values = $5::jsonb, updated = "
                          "now() WHERE id = $1 AND project_id = $2",
                          "ssssj", id, api_project(request), name, description, values);

    if (rows < 0 && strcmp(store_sqlstate(request->store), "23505") == 0)
        api_fail(request, API_NAME_TAKEN, name ? name : "");
    else if (rows < 0)
        api_fail_store(request);
    else if (rows == 0)
        api_fail(request, API_NO_SUCH_CONFIGURATION, id);
    return rows > 0;
}

void
update_configuration(ApiRequest *request)
{
    const char *name = json_text(request->json, "name", NULL);
    const char *description = json_text(request->json, "description", NULL);

    if ((name && !check_template_name(request, name)) || !check_description(request, description))
        return;
    AUTO_CONFIGURATION Configuration *configuration = own_of_request(request);
    if (!configuration)
        return;
    AUTO_JSON json_t *ignored = json_array();
    AUTO_JSON json_t *values = values_of_body(request, configuration->values, ignored);
    if (values && store_changed(request, configuration->id, name, description, values))
        api_reply(request, 200,
                  json_pack("{s:{s:s, s:s, s:O}}", "configuration", "id", configuration->id, "name",
                            name ? name : configuration->name, "ignored_params", ignored));
}

void
reset_configuration(ApiRequest *request)
{
    AUTO_CONFIGURATION Configuration *configuration = own_of_request(request);

    if (!configuration)
        return;
    AUTO_JSON json_t *none = json_object();
    if (store_changed(request, configuration->id, NULL, NULL, none))
        api_reply(request, 200,
                  json_pack("{s:s, s:b}", "config_name", configuration->name, "need_restart",
                            parameter_needs_restart(configuration->values, none)));
}

void
delete_configuration(ApiRequest *request)
{
    AUTO_CONFIGURATION Configuration *configuration = own_of_request(request);

    if (!configuration)
        return;
    long rows = store_run(request->store,
                          "DELETE FROM rds_configuration WHERE id = $1 AND project_id = $2 AND NOT "
                          "EXISTS (SELECT FROM rds_instance WHERE configuration_id = $1 AND "
                          "project_id = $2 AND deleted_at IS NULL)",
                          "ss", configuration->id, api_project(request));
    if (rows < 0)
        api_fail_store(request);
    else if (rows == 0)
        api_fail(request, API_CONFIGURATION_APPLIED, configuration->name);
    else
        api_reply(request, 200, json_object());
}
