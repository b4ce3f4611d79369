/*
 * image.c: `casement image build`: an image of Windows from its installation disc, on this host.
 */
#include "handlers.h"

#include "base/memory.h"
#include "provision/image_build.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
say(void *context, const char *step, const char *text)
{
    (void) context;
    if (*step)
        printf("%-8s %s\n", step, text);
    else
        printf("         %s\n", text);
    fflush(stdout);
}

/* Absolute: what runs has another working directory. Owned by the caller. */
static char *
absolute(const char *path)
{
    char here[PATH_MAX];

    if (!path || *path == '/' || !getcwd(here, sizeof(here)))
        return str_copy(path);
    return str_format("%s/%s", here, path);
}

int
run_image_build(Invocation *invocation)
{
    const char *system = positional(invocation, 0);
    AUTO_FREE char *standard = str_format("/var/lib/casement/image-builds/%s", system);
    AUTO_FREE char *file = str_format("%s.qcow2", system);
    AUTO_FREE char *iso = absolute(option_text(invocation, "iso", NULL));
    AUTO_FREE char *drivers = absolute(option_text(invocation, "virtio-iso", NULL));
    AUTO_FREE char *cloudbase = absolute(option_text(invocation, "cloudbase-init", NULL));
    AUTO_FREE char *agent = absolute(option_text(invocation, "guest-agent", NULL));
    AUTO_FREE char *work = absolute(option_text(invocation, "work", standard));
    AUTO_FREE char *output = absolute(option_text(invocation, "to", file));
    AUTO_FREE char *problem = NULL;
    ImageBuildWish wish = {.system = system,
                           .iso = iso,
                           .virtio_iso = drivers,
                           .cloudbase_init = cloudbase,
                           .guest_agent = agent,
                           .edition = option_text(invocation, "edition", "SERVERSTANDARD"),
                           .language = option_text(invocation, "language", "en-US"),
                           .product_key = option_text(invocation, "product-key", NULL),
                           .work = work,
                           .output = output,
                           .size_gb = (int) option_number(invocation, "size", 40, 1, 2000),
                           .memory_mb =
                               (int) option_number(invocation, "memory", 4096, 256, 1 << 20),
                           .vcpus = (int) option_number(invocation, "cpus", 2, 1, 64),
                           .hours = (int) option_number(invocation, "hours", 12, 1, 200),
                           .prepare_only = option_given(invocation, "prepare-only")};

    if (image_build(&wish, say, NULL, &problem) != 0) {
        fflush(stdout);
        fprintf(stderr, "casement: %s\n", problem);
        return EXIT_REFUSED;
    }
    if (wish.prepare_only)
        printf("The disc to start from is %s/boot.iso. Without --prepare-only the same command "
               "goes on.\n",
               work);
    else
        printf("The image is %s, its properties are in %s.json.\n", output, output);
    return EXIT_FINE;
}
