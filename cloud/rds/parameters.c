/*
 * parameters.c: the lines of an instance's settings beyond its limits; see parameters.h.
 */
#include "rds/parameters.h"

#include "rds/catalogue.h"
#include "rds/parameter_table.h"
#include "rds/repository.h"

#include <string.h>

#define MOST_LINES 128

typedef struct Lines {
    char **lines;
    int count;
} Lines;

static void
add_line(void *context, const char *name, const char *value)
{
    Lines *all = context;

    if (all->count < MOST_LINES)
        all->lines[all->count++] = str_format("%s=%s", name, value);
}

char **
parameter_lines(const Instance *instance)
{
    Lines all = {mem_new(MOST_LINES + 1, sizeof(char *)), 0};
    const char *zone = time_zone_of(instance->time_zone);
    AUTO_FREE char *limit = str_format("%dGB", instance->volume_gb);

    add_line(&all, "timezone", zone ? zone : "UTC");
    /* The log is read back (rds/log_files.c). */
    add_line(&all, "log_timezone", "UTC");
    add_line(&all, "casement.server_name", instance->name);
    add_line(&all, "casement.storage_limit", limit);
    parameter_effects(json_object_get(instance->row, "parameters"), flavor_find(instance->flavor),
                      add_line, &all);
    char **archiving = repository_parameters(instance->id);
    for (char **line = archiving; *line && all.count < MOST_LINES; line++)
        all.lines[all.count++] = *line;
    free(archiving);
    return all.lines;
}

void
parameter_lines_free(char **lines)
{
    for (char **line = lines; line && *line; line++)
        free(*line);
    free(lines);
}
