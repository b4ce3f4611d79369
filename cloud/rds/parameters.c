/*
 * parameters.c: the lines of an instance's settings beyond its limits; see parameters.h.
 */
#include "rds/parameters.h"

#include "rds/repository.h"

#include "rds/catalogue.h"

#include <string.h>

#define MOST_LINES 128

char **
parameter_lines(const Instance *instance)
{
    char **lines = mem_new(MOST_LINES + 1, sizeof(char *));
    const char *zone = time_zone_of(instance->time_zone);
    int count = 0;

    lines[count++] = str_format("timezone=%s", zone ? zone : "UTC");
    lines[count++] = str_format("casement.server_name=%s", instance->name);
    lines[count++] = str_format("casement.storage_limit=%dGB", instance->volume_gb);
    char **archiving = repository_parameters(instance->id);
    for (char **line = archiving; *line && count < MOST_LINES; line++)
        lines[count++] = *line;
    free(archiving);
    lines[count] = NULL;
    return lines;
}

void
parameter_lines_free(char **lines)
{
    for (char **line = lines; line && *line; line++)
        free(*line);
    free(lines);
}
