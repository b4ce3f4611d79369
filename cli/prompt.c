/*
 * prompt.c: `casement sql INSTANCE`: batches divided by lines of GO, from a terminal, a file or an
 * option; results as tables. Ctrl-C cancels what runs.
 */
#include "handlers.h"
#include "service.h"
#include "table.h"

#include "base/json.h"
#include "base/memory.h"
#include "tdsclient/tds_client.h"

#include <editline/readline.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN_COLUMNS 60 /* a longer value is cut in a table on a terminal */

static TdsConnection *volatile running;

static void
cancel_running(int number)
{
    if (running)
        tds_cancel(running);
}

typedef struct Printer {
    Table *table;
    bool terminal, failed;
    int columns;
    long rows;
} Printer;

static bool
begin_table(void *context, const TdsColumn *columns, int count)
{
    Printer *printer = context;
    Buffer headings = {0};

    for (int i = 0; i < count; i++) {
        AUTO_FREE char *name = str_copy(columns[i].name);
        for (char *at = name; *at; at++)
            if (*at == '|')
                *at = '!';
        buffer_format(&headings, "%s%s%s", i ? "|" : "", columns[i].numeric ? ">" : "", name);
    }
    printer->table = table_new(headings.text ? headings.text : "");
    printer->columns = count;
    printer->rows = 0;
    buffer_done(&headings);
    return true;
}

static void
end_table(Printer *printer)
{
    if (printer->table)
        table_print(printer->table, NULL);
    printer->table = NULL;
}

/* Cut at a character, with a mark that it was. */
static char *
shortened(const char *text)
{
    size_t length = strlen(text);

    if (length <= SHOWN_COLUMNS)
        return str_copy(text);
    length = SHOWN_COLUMNS - 1;
    while (length > 0 && ((unsigned char) text[length] & 0xC0) == 0x80)
        length--;
    return str_format("%.*s…", (int) length, text);
}

static bool
print_row(void *context, const char *const *values, const size_t *lengths, int count)
{
    Printer *printer = context;
    AUTO_FREE char **shown = mem_new((size_t) count + 1, sizeof(char *));

    for (int i = 0; i < count; i++)
        shown[i] = !values[i]          ? str_copy("NULL")
                   : printer->terminal ? shortened(values[i])
                                       : str_copy(values[i]);
    table_row(printer->table, (const char *const *) shown);
    for (int i = 0; i < count; i++)
        free(shown[i]);
    printer->rows++;
    return true;
}

static void
print_done(void *context, long long rows, bool counted)
{
    Printer *printer = context;

    end_table(printer);
    if (counted)
        printf("(%lld row%s)\n", rows, rows == 1 ? "" : "s");
}

static void
print_message(void *context, const TdsMessage *message)
{
    Printer *printer = context;

    end_table(printer);
    if (message->severity <= 10) {
        if (message->number != 5701 && message->number != 5703)
            printf("%s\n", message->text);
        return;
    }
    printer->failed = true;
    fflush(stdout);
    fprintf(stderr, "Msg %d, Level %d, State %d%s%s, Line %d\n%s\n", message->number,
            message->severity, message->state, *message->procedure ? ", Procedure " : "",
            message->procedure, message->line, message->text);
}

/* 0, 1 after an error of T-SQL, -1 when the connection is lost. */
static int
run_batch(TdsConnection *connection, const char *batch)
{
    Printer printer = {.terminal = isatty(1)};
    TdsReceiver receiver = {.context = &printer,
                            .columns = begin_table,
                            .row = print_row,
                            .done = print_done,
                            .message = print_message};
    int status;

    running = connection;
    status = tds_batch(connection, batch, &receiver);
    running = NULL;
    end_table(&printer);
    if (status < 0) {
        fprintf(stderr, "casement: the connection was lost: %s\n", strerror(-status));
        return -1;
    }
    return status || printer.failed;
}

/* GO, GO 5: how often; 0 where the line is none (sqlcmd's rule: the word alone on its line). */
static long
repeats_of(const char *line)
{
    long count = 1;

    line += strspn(line, " \t");
    if (strncasecmp(line, "go", 2) != 0)
        return 0;
    line += 2;
    if (*line && !strchr(" \t\r\n", *line))
        return 0;
    line += strspn(line, " \t");
    if (*line >= '0' && *line <= '9')
        count = strtol(line, (char **) &line, 10);
    line += strspn(line, " \t\r\n;");
    return *line ? 0 : count;
}

/* Takes a line in; runs what is complete. *status as run_batch's worst. False: the connection is
 * lost. */
static bool
take_line(TdsConnection *connection, Buffer *batch, const char *line, int *status)
{
    long repeats = repeats_of(line);

    if (repeats == 0) {
        buffer_add_text(batch, line);
        buffer_add_text(batch, "\n");
        return true;
    }
    for (long i = 0; i < repeats && batch->length > 0; i++) {
        int result = run_batch(connection, batch->text);
        if (result != 0)
            *status = 1;
        if (result < 0)
            return false;
    }
    batch->length = 0;
    if (batch->text)
        batch->text[0] = '\0';
    return true;
}

static int
run_script(TdsConnection *connection, FILE *in)
{
    Buffer batch = {0};
    char *line = NULL;
    size_t room = 0;
    int status = 0;
    bool alive = true, first = true;

    while (alive && getline(&line, &room, in) >= 0) {
        line[strcspn(line, "\r\n")] = '\0';
        const char *text = first && strncmp(line, "\xEF\xBB\xBF", 3) == 0 ? line + 3 : line;
        first = false;
        alive = take_line(connection, &batch, text, &status);
    }
    if (alive && batch.length > 0)
        take_line(connection, &batch, "GO", &status);
    buffer_done(&batch);
    free(line);
    return status;
}

static char *
history_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    AUTO_FREE char *folder = state && *state == '/'
                                 ? str_format("%s/casement", state)
                                 : str_format("%s/.local/state/casement", home ? home : "");

    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
    mkdir(folder, 0700);
    return str_format("%s/sql_history", folder);
}

static int
run_prompt(TdsConnection *connection)
{
    AUTO_FREE char *history = history_path();
    Buffer batch = {0};
    bool alive = true;
    int number = 1, status = 0;
    mode_t before = umask(077);

    using_history();
    read_history(history);
    printf("GO on a line of its own runs what stands before it; exit leaves, Ctrl-C cancels.\n");
    while (alive) {
        AUTO_FREE char *prompt =
            batch.length > 0
                ? str_format("%*d> ", (int) strlen(tds_database(connection)) + 2, number)
                : str_format("%s %d> ", tds_database(connection), number);
        AUTO_FREE char *line = readline(prompt);
        if (!line)
            break;
        if (*line)
            add_history(line);
        if (batch.length == 0 &&
            (!strcasecmp(line, "exit") || !strcasecmp(line, "quit") || !strcasecmp(line, ":q")))
            break;
        /* A line that ends its batch with a semicolon and GO's habit forgotten still waits for GO.
         */
        alive = take_line(connection, &batch, line, &status);
        number = batch.length > 0 ? number + 1 : 1;
    }
    write_history(history);
    umask(before);
    buffer_done(&batch);
    return alive ? EXIT_FINE : EXIT_REFUSED;
}

static char *
sql_password(Invocation *invocation, const char *user)
{
    const char *known = getenv("CASEMENT_SQL_PASSWORD");

    return known && !option_given(invocation, "password-file")
               ? str_copy(known)
               : service_password(invocation, user, false);
}

int
run_sql(Invocation *invocation)
{
    AUTO_JSON json_t *instance = service_instance(positional(invocation, 0));
    const char *user =
        option_text(invocation, "user", json_text(instance, "db_user_name", "rdsuser"));
    const json_t *address = json_array_get(json_object_get(instance, "private_ips"), 0);
    const char *command = option_text(invocation, "command", NULL),
               *path = option_text(invocation, "file", NULL);
    AUTO_WIPE char *password = sql_password(invocation, user);
    AUTO_FREE char *problem = NULL;
    TdsTarget target = {.host = json_is_string(address) ? json_string_value(address) : "localhost",
                        .port = (int) json_number(instance, "port", 1433),
                        .user = user,
                        .password = password,
                        .database = option_text(invocation, "database", NULL),
                        .application = "casement sql",
                        .ca_file = option_text(invocation, "ca", NULL)};
    struct sigaction action = {.sa_handler = cancel_running, .sa_flags = SA_RESTART};
    int number = 0, status;

    TdsConnection *connection = tds_open(&target, &problem, &number);
    if (!connection) {
        fprintf(stderr, "casement: %s%s\n", problem, number == 18456 ? " (error 18456)" : "");
        return EXIT_UNREACHABLE;
    }
    sigaction(SIGINT, &action, NULL);
    if (command) {
        status = run_batch(connection, command) ? EXIT_REFUSED : EXIT_FINE;
    } else if (path || !isatty(0)) {
        FILE *in = path ? fopen(path, "re") : stdin;
        if (!in) {
            fprintf(stderr, "casement: cannot read %s: %s\n", path, strerror(errno));
            status = EXIT_USAGE;
        } else {
            status = run_script(connection, in) ? EXIT_REFUSED : EXIT_FINE;
        }
    } else {
        status = run_prompt(connection);
    }
    tds_close(connection);
    return status;
}
