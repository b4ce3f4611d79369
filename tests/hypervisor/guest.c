/*
 * guest.c: a guest's life by hypervisor.h. Run by run.py, which has put two volumes into the data
 * directory: guest DATA.
 */
#include "hypervisor/hypervisor.h"

#include "base/memory.h"
#include "check.h"
#include "supervise/agent.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ID "9d2ab8c0-1111-4222-8333-444455556666"
#define VOLUME "0a0a0a0a-2222-4222-8333-444455556666"
#define SECOND "0b0b0b0b-2222-4222-8333-444455556666"
#define SECONDS 20

static const char *data;
static char *problem;

static bool
done(int error)
{
    if (error)
        check_failure("%d: %s", error, problem ? problem : "no reason");
    free(problem);
    problem = NULL;
    return error == 0;
}

static HypervisorState
state(void)
{
    HypervisorState found = HYPERVISOR_ABSENT;

    done(hypervisor_state(ID, &found, &problem));
    return found;
}

static void
probe_says_what_runs_guests(void)
{
    AUTO_JSON json_t *found = hypervisor_probe();

    CHECK(json_flag(found, "available", false));
    printf("acceleration: %s %s\n", json_text(found, "acceleration", "?"),
           json_text(found, "reason", ""));
    CHECK(*json_text(found, "acceleration", ""));
}

static void
guest_starts(void)
{
    AUTO_JSON json_t *guest = json_pack("{s:s, s:i, s:i, s:i, s:s, s:[{s:s, s:s}], s:[]}", "id", ID,
                                        "slot", 3, "memory_mb", 64, "vcpus", 1, "firmware", "bios",
                                        "disks", "volume", VOLUME, "device", "vda", "nics");

    CHECK_INT(state(), HYPERVISOR_ABSENT);
    done(hypervisor_define(guest, &problem));
    done(hypervisor_define(guest, &problem)); /* again: nothing new */
    CHECK_INT(state(), HYPERVISOR_STOPPED);
    done(hypervisor_start(ID, &problem));
    done(hypervisor_start(ID, &problem));
    CHECK_INT(state(), HYPERVISOR_RUNNING);
    AUTO_JSON json_t *all = NULL;
    done(hypervisor_list(&all, &problem));
    CHECK_INT(json_number(all, ID, -1), HYPERVISOR_RUNNING);
}

static int
open_process(const char *process, const char *name)
{
    AUTO_FREE char *path = str_format("/proc/%s/%s", process, name);

    return open(path, O_RDONLY | O_CLOEXEC);
}

/* The guest's QEMU: its user is its own, and it is bound by seccomp. */
static void
guest_runs_without_rights(void)
{
    AUTO_FREE char *mark = str_format("%s/volumes/" VOLUME, data);
    DIR *all = opendir("/proc");
    int found = 0;

    for (struct dirent *one; (one = readdir(all));) {
        static char text[65536];
        int file = open_process(one->d_name, "cmdline");
        ssize_t length = file < 0 ? 0 : read(file, text, sizeof(text) - 1);

        if (file >= 0)
            close(file);
        if (length <= 0 || !strstr(text, "qemu-system"))
            continue;
        for (ssize_t i = 0; i < length; i++)
            if (text[i] == '\0')
                text[i] = ' ';
        text[length] = '\0';
        if (!strstr(text, mark))
            continue;
        file = open_process(one->d_name, "status");
        length = read(file, text, sizeof(text) - 1);
        close(file);
        text[length > 0 ? length : 0] = '\0';
        found++;
        CHECK(strstr(text, "\nUid:\t770003\t770003\t") != NULL);
        CHECK(strstr(text, "\nSeccomp:\t2") != NULL);
        CHECK(strstr(text, "\nCapEff:\t0000000000000000") != NULL);
    }
    closedir(all);
    CHECK_INT(found, 1);
}

/* Whether there is a picture (PNG) that an empty screen's would be much shorter than. */
static bool
screen_shows_something(void)
{
    AUTO_FREE unsigned char *bytes = NULL;
    size_t length = 0;

    if (!done(hypervisor_screenshot(ID, &bytes, &length, &problem)))
        return false;
    if (length < 100 || memcmp(bytes, "\x89PNG", 4) != 0)
        return check_failure("the picture is none: %zu bytes", length);
    AUTO_FREE char *path = str_format("%s/screen.png", data);
    FILE *file = fopen(path, "we"); /* run.py looks at its colours */
    bool written = file && fwrite(bytes, 1, length, file) == length;
    CHECK(file && fclose(file) == 0 && written);
    return length > 1000;
}

static void
screen_is_seen(void)
{
    struct timespec pause = {.tv_nsec = 250 * 1000 * 1000};
    bool seen = false;

    for (int i = 0; i < SECONDS * 4 && !seen && check_state.ok; i++) {
        seen = screen_shows_something();
        if (!seen)
            nanosleep(&pause, NULL);
    }
    CHECK(seen);
}

static void
console_speaks_rfb(void)
{
    AUTO_FREE char *path = NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval most = {.tv_sec = 5};
    char text[13] = "";

    if (!done(hypervisor_console(ID, &path, &problem)))
        return;
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int link = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
    CHECK_INT(connect(link, (struct sockaddr *) &address, sizeof(address)), 0);
    CHECK_INT(recv(link, text, 12, MSG_WAITALL), 12);
    CHECK(strncmp(text, "RFB 003.", 8) == 0);
    close(link);
}

static void
disk_comes_and_stays_while_it_runs(void)
{
    AUTO_JSON json_t *disk = json_pack("{s:s, s:s}", "volume", SECOND, "device", "vdb");
    AUTO_JSON json_t *strange = json_pack("{s:s, s:s}", "volume", "/etc/shadow", "device", "vdc");

    done(hypervisor_attach_disk(ID, 3, disk, &problem));
    done(hypervisor_attach_disk(ID, 3, disk, &problem));
    CHECK_INT(hypervisor_attach_disk(ID, 3, strange, &problem), -EINVAL);
    CHECK_INT(state(), HYPERVISOR_RUNNING);
}

static void
agent_is_missed(void)
{
    AUTO_JSON json_t *usage = NULL;

    CHECK_INT(hypervisor_agent_ping(ID, &problem), -ENOTCONN);
    CHECK_INT(hypervisor_freeze(ID, &problem), -ENOTCONN);
    CHECK_INT(hypervisor_set_password(ID, "../x", "Secret-1", &problem), -EINVAL);
    CHECK_INT(hypervisor_set_password(ID, "root", "Secret-1", &problem), -ENOTCONN);
    done(hypervisor_usage(ID, &usage, &problem));
    CHECK(json_real_value(json_object_get(usage, "cpu_seconds")) > 0);
    CHECK(json_number(usage, "disk_read_bytes", 0) >= 512);
}

static void
reset_and_end(void)
{
    done(hypervisor_reboot(ID, true, &problem));
    CHECK_INT(state(), HYPERVISOR_RUNNING);
    done(hypervisor_destroy(ID, &problem));
    CHECK_INT(state(), HYPERVISOR_STOPPED);
    CHECK_INT(hypervisor_console(ID, &(char *){NULL}, &problem), -ENOTCONN);
    done(hypervisor_start(ID, &problem));
    CHECK_INT(state(), HYPERVISOR_RUNNING);
}

static void
nothing_is_left(void)
{
    AUTO_FREE char *folder = str_format("%s/servers/" ID, data);
    AUTO_JSON json_t *all = NULL;

    done(hypervisor_remove(ID, &problem));
    done(hypervisor_remove(ID, &problem));
    CHECK_INT(state(), HYPERVISOR_ABSENT);
    CHECK(access(folder, F_OK) != 0);
    done(hypervisor_list(&all, &problem));
    CHECK_INT(json_object_size(all), 0);
    AUTO_FREE char *process = str_format("%s/hypervisor/run/libvirtd.pid", data);
    CHECK(access(process, F_OK) != 0); /* the daemon went with its last guest */
}

int
main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    data = arguments[1];
    hypervisor_register_verbs();
    if (agent_start(data) != 0 || agent_drop_privileges() != 0)
        return 2;
    RUN(probe_says_what_runs_guests);
    RUN(guest_starts);
    RUN(guest_runs_without_rights);
    RUN(screen_is_seen);
    RUN(console_speaks_rfb);
    RUN(disk_comes_and_stays_while_it_runs);
    RUN(agent_is_missed);
    RUN(reset_and_end);
    RUN(nothing_is_left);
    return check_done();
}
