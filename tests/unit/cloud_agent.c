/*
 * cloud_agent.c: the host agent: an instance's life by its calls, and what it refuses. Needs the
 * built program `casement` and PostgreSQL; as root the instance runs under a user id of its own.
 */
#include "supervise/agent.h"

#include "check.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char data[64] = "/tmp/casement-agent-XXXXXX";
static AgentInstance one = {.id = "0123456789abcdef0123456789abcdefin04",
                            .slot = 7,
                            .address = "127.77.200.7",
                            .port = 14337,
                            .limits = {.memory_mb = 256, .cpus = 1, .max_connections = 50}};

static void
life_of_an_instance(void)
{
    char *problem = NULL, *output = NULL, *errors = NULL;
    AgentState state = AGENT_FAILED;
    AgentUsage usage;
    struct stat about;
    char path[240];
    const char *const parameters[] = {"work_mem=9MB", NULL};
    char socket_option[240];

    CHECK_INT(agent_template_prepare(&problem), 0);
    CHECK_INT(agent_instance_state(one.id, &state), 0);
    CHECK_INT(state, AGENT_ABSENT);
    CHECK_INT(agent_instance_create(&one, &problem), 0);
    CHECK_INT(agent_instance_create(&one, &problem), 0); /* again: nothing to do */
    CHECK_INT(agent_instance_configure(&one, parameters, false, &problem), 0);
    CHECK_INT(agent_instance_state(one.id, &state), 0);
    CHECK_INT(state, AGENT_STOPPED);
    CHECK_INT(agent_instance_start(&one, &problem), 0);
    CHECK_INT(agent_instance_start(&one, &problem), 0);
    CHECK_INT(agent_instance_state(one.id, &state), 0);
    CHECK_INT(state, AGENT_READY);

    CHECK_INT(agent_instance_usage(one.id, &usage), 0);
    CHECK(usage.processes >= 3);
    CHECK(usage.memory_bytes > 1 << 20);
    CHECK(usage.disk_bytes > 20 << 20);

    snprintf(path, sizeof(path), "%s/instances/%s/cluster/data", data, one.id);
    CHECK_INT(stat(path, &about), 0);
    CHECK(geteuid() != 0 || about.st_uid >= 700000);
    CHECK_INT(about.st_mode & 077, 0);

    snprintf(socket_option, sizeof(socket_option), "--host=%s/instances/%s/run", data, one.id);
    const char *const arguments[] = {"-X",
                                     "-A",
                                     "-t",
                                     "--username=casement",
                                     "--dbname=casement",
                                     socket_option,
                                     "--command=SHOW work_mem",
                                     NULL};
    CHECK_INT(
        agent_run(one.id, one.slot, AGENT_PSQL, arguments, NULL, NULL, NULL, &output, &errors), 0);
    CHECK_STR(output, "9MB\n");

    char **ids = NULL, **names = NULL;
    CHECK_INT(agent_list(&ids), 0);
    CHECK(ids && ids[0] && !strcmp(ids[0], one.id) && !ids[1]);
    CHECK_INT(agent_list_files(one.id, "log", &names), 0);
    CHECK(names && names[0]);

    CHECK_INT(agent_instance_stop(one.id, &problem), 0);
    CHECK_INT(agent_instance_state(one.id, &state), 0);
    CHECK_INT(state, AGENT_STOPPED);
    CHECK_INT(agent_instance_remove(one.id, &problem), 0);
    CHECK_INT(agent_instance_remove(one.id, &problem), 0);
    CHECK_INT(agent_instance_state(one.id, &state), 0);
    CHECK_INT(state, AGENT_ABSENT);
    if (problem)
        CHECK_STR(problem, "");
}

static void
what_it_refuses(void)
{
    char *problem = NULL, *bytes = NULL;
    size_t length;
    AgentInstance bad = one;

    CHECK_INT(agent_instance_stop("../../etc", &problem), -EINVAL);
    CHECK(problem && strstr(problem, "no instance id"));
    bad.slot = 0;
    CHECK_INT(agent_instance_create(&bad, &problem), -EINVAL);
    bad.slot = 99999999;
    CHECK_INT(agent_instance_create(&bad, &problem), -EINVAL);
    CHECK_INT(agent_instance_create(&one, &problem), 0);
    CHECK_INT(agent_read_file(one.id, "cluster", "data", 0, 10, &bytes, &length, NULL), -EINVAL);
    CHECK_INT(agent_read_file(one.id, "log", "../casement.conf", 0, 10, &bytes, &length, NULL),
              -EINVAL);
    CHECK_INT(agent_read_file(one.id, "tls", "private_key.pem", 0, 10, &bytes, &length, NULL),
              -EINVAL);
    CHECK_INT(agent_write_file(one.id, one.slot, "casement.conf", "x", &problem), -EINVAL);
    const char *const sneaky[] = {"work_mem=1MB\nshared_preload_libraries=x", NULL};
    CHECK_INT(agent_instance_configure(&one, sneaky, false, &problem), -EINVAL);
    CHECK_INT(agent_instance_remove(one.id, &problem), 0);
}

static int
drop(const char *path, const struct stat *about, int kind, struct FTW *level)
{
    return remove(path);
}

int
main(void)
{
    if (!mkdtemp(data) || chmod(data, 0755) != 0 || agent_start(data) != 0) {
        printf("not ok agent: it does not start\n");
        return 1;
    }
    RUN(life_of_an_instance);
    RUN(what_it_refuses);
    nftw(data, drop, 16, FTW_DEPTH | FTW_PHYS);
    return check_done();
}
