/*
 * cluster_files.c: writes what the postmaster reads at its start; see cluster_files.h. Called at
 * each start, so that a changed setting or a machine with other memory takes effect.
 */
#include "cluster_files.h"

#include "console.h"
#include "files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARAMETERS_FILE "casement.parameters.conf"

static void
replace_in(const char *dir, const char *name, const char *content)
{
    char *path = text_format("%s/%s", dir, name);

    file_replace(path, 0600, content);
    free(path);
}

static bool
folder_decides(const Settings *settings)
{
    return !strcmp(settings->values[SETTING_LOCAL_ACCESS], "folder");
}

void
cluster_write_include(const char *dir)
{
    char *path = text_format("%s/postgresql.conf", dir);
    size_t length = 0;
    char *standard = file_content(path, (size_t) 4 << 20, &length);

    if (!standard)
        fail("cannot read %s: %s", path, strerror(errno));
    char *whole = text_format("%s\ninclude '" PARAMETERS_FILE "'\n", standard);
    replace_in(dir, "postgresql.conf", whole);
    free(whole);
    free(standard);
    free(path);
}

/* Lines that an administrator added behind ours stay. */
static void
begin_with(const char *dir, const char *name, const char *content)
{
    char *path = text_format("%s/%s", dir, name);
    size_t length = 0;
    char *now = file_content(path, (size_t) 1 << 20, &length);

    if (!now || strncmp(now, content, strlen(content)) != 0)
        replace_in(dir, name, content);
    free(now);
    free(path);
}

void
cluster_write_access(const Cluster *cluster, const Settings *settings)
{
    const char *how = folder_decides(settings) ? "trust" : "peer map=operator";
    char *ident = text_format("operator \"%s\" casement\n", cluster->operator_name);
    char *access = text_format("# SQL Server's clients are let in by the engine's listener, which "
                               "has its own check.\n"
                               "local all         casement %s\n"
                               "local replication casement %s\n",
                               how, how);

    begin_with(cluster->dir, "pg_ident.conf", ident);
    begin_with(cluster->dir, "pg_hba.conf", access);
    free(access);
    free(ident);
}

static long
within(long value, long low, long high)
{
    return value < low ? low : value > high ? high : value;
}

/* Memory to size for, in MB: the setting, or the machine's (or control group's) own. */
static long
memory_megabytes(const Settings *settings)
{
    long given = settings_number(settings, SETTING_MEMORY);
    long machine = (long) (sysconf(_SC_PHYS_PAGES) / 1024 * (sysconf(_SC_PAGESIZE) / 1024));
    long long bytes = 0;

    if (given > 0)
        return within(given, 128, 1L << 30);
    FILE *limit = fopen("/sys/fs/cgroup/memory.max", "re");
    if (limit) {
        if (fscanf(limit, "%lld", &bytes) == 1 && bytes > 0 && bytes / 1048576 < machine)
            machine = (long) (bytes / 1048576);
        fclose(limit);
    }
    return within(machine, 128, 1L << 30);
}

static void
write_sizes(FILE *out, const Settings *settings)
{
    long memory = memory_megabytes(settings);
    long clients = settings_number(settings, SETTING_MAX_CONNECTIONS);
    long pool = settings_number(settings, SETTING_POOL_SIZE);

    fprintf(out, "# sized for %ld MB\n", memory);
    fprintf(out, "shared_buffers = %ldMB\n", within(memory / 4, 32, 8192));
    fprintf(out, "effective_cache_size = %ldMB\n", within(memory / 4 * 3, 64, 1L << 30));
    fprintf(out, "work_mem = %ldMB\n", within(memory / 4 / within(clients, 16, 512), 4, 64));
    fprintf(out, "maintenance_work_mem = %ldMB\n", within(memory / 16, 32, 1024));
    fprintf(out, "max_wal_size = 2GB\nmin_wal_size = 128MB\nrandom_page_cost = 1.1\n");
    /* Beyond the clients: warm backends, the listener's own, and room to look after the server. */
    fprintf(out, "max_connections = %ld\n", clients + pool + 16);
    fprintf(out, "superuser_reserved_connections = 3\nmax_worker_processes = 16\n");
}

static void
write_quoted(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s = '", name);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            fputc(*value, out);
        fputc(*value, out);
    }
    fputs("'\n", out);
}

static void
write_settings(FILE *out, const Cluster *cluster, const Settings *settings)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *parameter = settings_parameter(i), *value = settings->values[i];
        char *standard = NULL;

        if (!parameter)
            continue;
        if (i == SETTING_CERTIFICATE && *value == '\0')
            standard = text_format("%s/certificate.pem", cluster->tls_dir);
        else if (i == SETTING_PRIVATE_KEY && *value == '\0')
            standard = text_format("%s/private_key.pem", cluster->tls_dir);
        else if (settings_in_seconds(i))
            standard = text_format("%ss", value);
        write_quoted(out, parameter, standard ? standard : value);
        free(standard);
    }
    for (char **extra = settings->extra; *extra; extra++) {
        char *name = text_copy(*extra), *value = strchr(name, '=');
        *value++ = '\0';
        write_quoted(out, name, value);
        free(name);
    }
}

void
cluster_write_parameters(const Cluster *cluster, const Settings *settings)
{
    char *content = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&content, &length);

    must_have(out);
    fputs("# Written by casement serve at each start: change casement.conf instead.\n"
          "shared_preload_libraries = 'casement'\n"
          "listen_addresses = ''\nport = 5432\n",
          out);
    fprintf(out, "unix_socket_permissions = %s\n", folder_decides(settings) ? "0777" : "0700");
    write_quoted(out, "unix_socket_directories", cluster->socket_dir);
    fputs("logging_collector = on\nlog_filename = 'engine-%a.log'\nlog_rotation_age = 1d\n"
          "log_rotation_size = 0\nlog_truncate_on_rotation = on\n"
          "log_line_prefix = '%m [%p] %q%u '\nlc_messages = 'C'\n",
          out);
    write_quoted(out, "log_directory", cluster->log_dir);
    /* Point statements are the common ones: compiling them costs more than it gives. */
    fputs("jit = off\n", out);
    write_sizes(out, settings);
    write_settings(out, cluster, settings);
    if (fclose(out) != 0)
        fail("out of memory");
    replace_in(cluster->dir, PARAMETERS_FILE, content);
    free(content);
}
