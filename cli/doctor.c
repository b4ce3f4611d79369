/*
 * doctor.c: `casement doctor`: what the host lacks, in plain words. Needs no daemon; with --cloud
 * the daemon is asked, which looks as root and compares what is on its host with what should be.
 */
#include "handlers.h"
#include "service.h"
#include "table.h"

#include "base/json.h"
#include "base/memory.h"
#include "host/host.h"

#include <stdio.h>
#include <string.h>

/* Wrapped at 80 columns, indented. */
static void
print_text(const char *label, const char *text)
{
    size_t column = (size_t) printf("    %s", label);

    while (*text) {
        size_t word = strcspn(text, " ");
        if (column + word > 79)
            column = (size_t) printf("\n        ") - 1;
        printf("%.*s", (int) word, text);
        column += word;
        text += word;
        if (*text == ' ') {
            putchar(' ');
            column++;
            text += strspn(text, " ");
        }
    }
    putchar('\n');
}

static void
print_checks(const json_t *checks)
{
    Table *table = table_new("CHECK|STATE|FOUND");
    size_t index;
    json_t *check;

    json_array_foreach(checks, index, check)
    {
        const char *row[] = {json_text(check, "title", ""), json_text(check, "state", ""),
                             json_text(check, "found", "")};
        table_row(table, row);
    }
    table_print(table, "Nothing was looked at.");
    json_array_foreach(checks, index, check)
    {
        const char *remedy = json_text(check, "remedy", NULL);
        if (!remedy)
            continue;
        printf("\n%s (for %s)\n", json_text(check, "title", ""),
               json_text(check, "needed_for", ""));
        print_text("", json_text(check, "why", ""));
        print_text("To do: ", remedy);
    }
}

static void
print_differences(const json_t *answer)
{
    const json_t *differences = json_object_get(answer, "differences");
    size_t index;
    json_t *one;

    if (!differences)
        return;
    Table *table = table_new("ON THE HOST|>THERE|>SHOULD BE");
    json_array_foreach(json_object_get(answer, "counts"), index, one)
    {
        AUTO_FREE char *there = str_format("%lld", json_number(one, "there", 0));
        AUTO_FREE char *expected = str_format("%lld", json_number(one, "expected", 0));
        const char *row[] = {json_text(one, "title", ""), there, expected};
        table_row(table, row);
    }
    putchar('\n');
    table_print(table, "Nothing of the cloud is on this host.");
    putchar('\n');
    json_array_foreach(differences, index, one)
        printf("difference: %s\n", json_text(one, "text", ""));
    if (json_array_size(differences) == 0)
        puts("Everything on the host is known, and everything that should be there is.");
}

int
run_doctor(Invocation *invocation)
{
    AUTO_JSON json_t *answer =
        option_given(invocation, "cloud")
            ? service_get("/v1/doctor")
            : host_checks(option_text(invocation, "data", "/var/lib/casement"));
    int status = json_flag(answer, "fine", false) ? EXIT_FINE : EXIT_REFUSED;

    if (print_json(invocation, answer))
        return status;
    print_checks(json_object_get(answer, "checks"));
    print_differences(answer);
    puts(status == EXIT_FINE ? "\nNothing that is needed is missing."
                             : "\nSomething is missing or different; what needs it is refused.");
    return status;
}
