/*
 * connect_lines.c: how to connect, shown after the ready line; one entry a client. In the texts, %H
 * is the host, %P the port and %F the password's file.
 */
#include "connect_lines.h"

#include <stdio.h>

static const struct {
    const char *client, *line;
} clients[] = {
    {"sqlcmd", "sqlcmd -S tcp:%H,%P -U sa -P \"$(cat %F)\" -C"},
    {"ODBC (shell)",
     "isql -v -k \"Driver={ODBC Driver 18 for SQL Server};Server=tcp:%H,%P;UID=sa;PWD=$(cat %F);"
     "TrustServerCertificate=yes\""},
    {"JDBC (Java)",
     "DriverManager.getConnection(\"jdbc:sqlserver://%H:%P;encrypt=true;"
     "trustServerCertificate=true\", \"sa\", Files.readString(Path.of(\"%F\")).strip())"},
    {"ADO.NET (C#)", "new SqlConnection($\"Server=tcp:%H,%P;User ID=sa;"
                     "Password={File.ReadAllText(\"%F\").Trim()};TrustServerCertificate=true\")"},
    {"Python", "mssql_python.connect(\"Server=tcp:%H,%P;UID=sa;PWD=\" + "
               "open(\"%F\").read().strip() + \";TrustServerCertificate=yes\")"},
    {"Node", "await require(\"mssql\").connect({server: \"%H\", port: %P, user: \"sa\", password: "
             "require(\"fs\").readFileSync(\"%F\", \"utf8\").trim(), options: "
             "{trustServerCertificate: true}})"},
    {"Go", "secret, _ := os.ReadFile(\"%F\"); db, err := sql.Open(\"sqlserver\", "
           "\"sqlserver://sa:\"+strings.TrimSpace(string(secret))+\"@%H:%P?"
           "TrustServerCertificate=true\")"},
};

static void
print_filled(const char *text, const char *host, int port, const char *file)
{
    for (; *text; text++) {
        if (*text != '%') {
            putchar(*text);
            continue;
        }
        switch (*++text) {
        case 'H':
            fputs(host, stdout);
            break;
        case 'P':
            printf("%d", port);
            break;
        case 'F':
            fputs(file, stdout);
            break;
        }
    }
    putchar('\n');
}

void
connect_lines_print(const char *host, int port, const char *password_file)
{
    printf("The password of the login sa is in %s. Connect with\n", password_file);
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        printf("  %-12s  ", clients[i].client);
        print_filled(clients[i].line, host, port, password_file);
    }
    fflush(stdout);
}
