/*
 * parameter_table.c: parameters and what they do to the engine; see parameter_table.h.
 */
#include "rds/parameter_table.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* ---- effects ---- */

static void
put(ParameterSink sink, void *context, const char *name, long long value, const char *unit)
{
    char text[40];

    snprintf(text, sizeof(text), "%lld%s", value, unit);
    sink(context, name, text);
}

static long long
within(long long value, long long low, long long high)
{
    return value < low ? low : value > high ? high : value;
}

static void
effect_cost_threshold(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    /* The default of SQL Server, 5, stands for PostgreSQL's, 1000. */
    put(sink, context, "parallel_setup_cost", value * 200, "");
}

static void
effect_index_memory(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    long long most = (flavor ? flavor->ram_gb : 1) * 262144LL;

    put(sink, context, "maintenance_work_mem", within(value, 1024, most), "kB");
}

static void
effect_lockout(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    put(sink, context, "casement.lockout_threshold", value, "");
}

static void
effect_parallelism(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    /* PostgreSQL counts the helpers of the one that runs the query. */
    put(sink, context, "max_parallel_workers_per_gather", value - 1, "");
}

static void
effect_server_memory(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    long long memory = within(value, 128, flavor ? flavor->ram_gb * 1024LL : 1048576);

    put(sink, context, "shared_buffers", within(memory / 4, 32, 8192), "MB");
    put(sink, context, "effective_cache_size", within(memory / 4 * 3, 64, 1 << 30), "MB");
}

static void
effect_workers(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    put(sink, context, "max_worker_processes", within(value, 16, 1024), "");
    put(sink, context, "max_parallel_workers", within(value, 8, 1024), "");
}

static void
effect_query_memory(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    long long most = (flavor ? flavor->ram_gb : 1) * 65536LL;

    put(sink, context, "work_mem", within(value, 512, most), "kB");
}

static void
effect_ad_hoc(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    put(sink, context, "casement.plan_cache_size", value ? 4096 : 16384, "kB");
}

static void
effect_recovery(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    put(sink, context, "checkpoint_timeout", value, "min");
}

static void
effect_request_timeout(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    put(sink, context, "casement.statement_timeout", value, "s");
}

static void
effect_idle_timeout(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    put(sink, context, "casement.idle_timeout", value, "s");
}

static void
effect_slow_threshold(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    (void) flavor;
    put(sink, context, "casement.slow_request", value, "ms");
}

static void
effect_connections(ParameterSink sink, void *context, long long value, const Flavor *flavor)
{
    put(sink, context, "casement.max_connections",
        within(value, 10, flavor ? flavor->max_connections : 32767), "");
}

/* ---- the table ---- */

static const Parameter parameters[] = {
#define PARAMETER(name, standard, low, high, special, restart, readonly, effect, description)      \
    {name, standard, low, high, special, restart, readonly, effect, description},
#include "rds/parameters.def"
#undef PARAMETER
    {0}};

const Parameter *
parameter_all(void)
{
    return parameters;
}

const Parameter *
parameter_find(const char *name)
{
    for (const Parameter *one = parameters; one->name; one++)
        if (strcasecmp(one->name, name) == 0)
            return one;
    return NULL;
}

/* "128-65535", with the special value before it where there is one. */
static char *
range_of(const Parameter *parameter)
{
    return parameter->special < parameter->low
               ? str_format("%lld,%lld-%lld", parameter->special, parameter->low, parameter->high)
               : str_format("%lld-%lld", parameter->low, parameter->high);
}

bool
parameter_check(const Parameter *parameter, const char *value, char **problem)
{
    char *end;

    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (parameter->readonly && strcmp(value, parameter->standard) != 0) {
        *problem = str_format("%s cannot be changed", parameter->name);
        return false;
    }
    if (value[0] == '\0' || value[0] == '+' || value[0] == ' ' || *end != '\0' || errno != 0 ||
        ((number < parameter->low || number > parameter->high) && number != parameter->special)) {
        AUTO_FREE char *range = range_of(parameter);
        *problem = str_format("%s must be within %s", parameter->name, range);
        return false;
    }
    return true;
}

const char *
parameter_value(const json_t *values, const Parameter *parameter)
{
    return json_text(values, parameter->name, parameter->standard);
}

/* A value as text: clients send numbers and booleans as such. Owned by the caller; NULL: neither.
 */
static char *
text_of(const json_t *value)
{
    if (json_is_string(value))
        return str_copy(json_string_value(value));
    if (json_is_integer(value))
        return str_format("%lld", (long long) json_integer_value(value));
    if (json_is_boolean(value))
        return str_copy(json_is_true(value) ? "1" : "0");
    return NULL;
}

/* One value into the object; false with *problem. */
static bool
merge_one(json_t *into, const char *name, const json_t *value, json_t *ignored, char **problem)
{
    const Parameter *parameter = parameter_find(name);
    AUTO_FREE char *text = text_of(value);

    if (!parameter && ignored) {
        json_array_append_new(ignored, json_string(name));
        return true;
    }
    if (!parameter || !text) {
        *problem = str_format(parameter ? "%s must be a text" : "%s is not a parameter", name);
        return false;
    }
    if (!parameter_check(parameter, text, problem))
        return false;
    if (strtoll(text, NULL, 10) == strtoll(parameter->standard, NULL, 10)) {
        json_object_del(into, parameter->name);
        return true;
    }
    AUTO_FREE char *plain = str_format("%lld", strtoll(text, NULL, 10));
    json_object_set_new(into, parameter->name, json_string(plain));
    return true;
}

json_t *
parameter_merge(const json_t *before, const json_t *values, json_t *ignored, char **problem)
{
    json_t *after = json_is_object(before) ? json_deep_copy(before) : json_object();
    const char *name;
    json_t *value;

    json_object_foreach((json_t *) values, name, value)
    {
        if (!merge_one(after, name, value, ignored, problem)) {
            json_decref(after);
            return NULL;
        }
    }
    return after;
}

bool
parameter_needs_restart(const json_t *before, const json_t *after)
{
    for (const Parameter *one = parameters; one->name; one++)
        if (one->restart && strcmp(parameter_value(before, one), parameter_value(after, one)) != 0)
            return true;
    return false;
}

void
parameter_effects(const json_t *values, const Flavor *flavor, ParameterSink sink, void *context)
{
    for (const Parameter *one = parameters; one->name; one++) {
        const char *value = json_text(values, one->name, NULL);

        if (value && one->effect)
            one->effect(sink, context, strtoll(value, NULL, 10), flavor);
    }
}

json_t *
parameter_list(const json_t *values)
{
    json_t *list = json_array();

    for (const Parameter *one = parameters; one->name; one++) {
        AUTO_FREE char *range = range_of(one);

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:b, s:s, s:s, s:s}", "name", one->name,
                                        "value", parameter_value(values, one), "restart_required",
                                        one->restart, "readonly", one->readonly, "value_range",
                                        range, "type", "integer", "description", one->description));
    }
    return list;
}
