/*
 * Splitting names in texts: see names.h.
 */
#include "postgres.h"

#include "context/context.h"
#include "lib/stringinfo.h"
#include "views/names.h"

/* Reads one part; NULL when a quote is not closed. */
static const char *
read_part(const char *c, StringInfo part)
{
    char close;

    if (*c != '[' && *c != '"') {
        while (*c != '\0' && *c != '.')
            appendStringInfoChar(part, *c++);
        while (part->len > 0 && part->data[part->len - 1] == ' ')
            part->data[--part->len] = '\0';
        return c;
    }
    close = *c == '[' ? ']' : '"';
    for (c++; *c != '\0'; c++) {
        if (*c == close && c[1] == close)
            c++;
        else if (*c == close) {
            c++;
            while (*c == ' ')
                c++;
            return c;
        }
        appendStringInfoChar(part, *c);
    }
    return NULL;
}

NameParts
name_split(const char *name)
{
    NameParts split = {0};
    const char *c = name;

    for (;;) {
        StringInfoData part;

        initStringInfo(&part);
        while (*c == ' ')
            c++;
        c = read_part(c, &part);
        if (c == NULL || split.count == 4 || (*c != '\0' && *c != '.')) {
            split.count = 0;
            return split;
        }
        split.parts[split.count++] = part.data;
        if (*c == '\0')
            break;
        c++;
    }
    if (split.parts[split.count - 1][0] == '\0')
        split.count = 0;
    return split;
}

bool
name_find_object(const char *name, CatalogObject *object)
{
    NameParts split = name_split(name);

    if (split.count == 0 || split.count == 4)
        return false;
    return catalog_find_object(session_context->database, session_context->default_schema,
                               split.count == 3 ? split.parts[0] : NULL,
                               split.count >= 2 ? split.parts[split.count - 2] : NULL,
                               split.parts[split.count - 1], true, object);
}
