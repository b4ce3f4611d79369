/*
 * service_user.c: who the cluster runs as; see service_user.h.
 */
#include "service_user.h"

#include "console.h"
#include "files.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SERVICE_USER "casement"

static void
make_user(void)
{
    static char *const command[] = {"useradd",           "--system",         "--home-dir",
                                    "/nonexistent",      "--no-create-home", "--shell",
                                    "/usr/sbin/nologin", SERVICE_USER,       NULL};
    int status = 0;

    say("adding the system user \"" SERVICE_USER
        "\": PostgreSQL does not run as root, so the data belongs to it");
    pid_t child = fork();
    if (child < 0)
        fail("cannot start useradd: %s", strerror(errno));
    if (child == 0) {
        setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
        execvp(command[0], command);
        _exit(127);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail("useradd could not add the user \"" SERVICE_USER "\"; add it by hand and start again");
}

ServiceUser
service_user_find(bool named)
{
    ServiceUser user = {.uid = geteuid(), .gid = getegid()};
    struct passwd *entry;

    if (user.uid != 0) {
        entry = getpwuid(user.uid);
        if (!entry && !named) {
            user.name = text_format("%u", (unsigned) user.uid);
            return user;
        }
        if (!entry)
            fail("the user with id %u has no name; PostgreSQL needs one", (unsigned) user.uid);
        user.name = text_copy(entry->pw_name);
        return user;
    }
    entry = getpwnam(SERVICE_USER);
    if (!entry) {
        make_user();
        entry = getpwnam(SERVICE_USER);
    }
    if (!entry)
        fail("the user \"" SERVICE_USER "\" is missing although it was just added");
    user.uid = entry->pw_uid;
    user.gid = entry->pw_gid;
    user.name = text_copy(entry->pw_name);
    user.dropping = true;
    return user;
}

void
service_user_own(const ServiceUser *user, const char *path)
{
    if (user->dropping && lchown(path, user->uid, user->gid) != 0)
        fail("cannot give %s to the user %s: %s", path, user->name, strerror(errno));
}

void
service_user_become(const ServiceUser *user)
{
    if (!user->dropping)
        return;
    if (initgroups(user->name, user->gid) != 0 || setgid(user->gid) != 0 || setuid(user->uid) != 0)
        fail("cannot become the user %s: %s", user->name, strerror(errno));
    /* Tools below look at these; root's own would lead them to files they cannot read. */
    setenv("HOME", "/nonexistent", 1);
    setenv("USER", user->name, 1);
    setenv("LOGNAME", user->name, 1);
}
