/*
 * xml: UTF-8 text that is well-formed (a document or a fragment), checked by libxml2 when a string
 * or binary becomes xml. Its methods are elsewhere.
 */
#define _GNU_SOURCE /* memmem */
#include "postgres.h"

#include "errors/errors.h"
#include "lib/stringinfo.h"
#include "types/codepage.h"
#include "types/conversion.h"
#include "utils/builtins.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

typedef struct XmlProblem {
    int code;
    int line;
    int column;
} XmlProblem;

/* SQL Server's number for one of libxml2's errors. */
static TsqlErrorNumber
number_of(int code)
{
    switch (code) {
    case XML_ERR_TAG_NAME_MISMATCH:
        return ERR_9436;
    case XML_ERR_ATTRIBUTE_REDEFINED:
        return ERR_9437;
    case XML_ERR_UNDECLARED_ENTITY:
        return ERR_9448;
    case XML_ERR_SPACE_REQUIRED:
        return ERR_9410;
    case XML_ERR_ENTITYREF_SEMICOL_MISSING:
        return ERR_9411;
    case XML_ERR_GT_REQUIRED:
        return ERR_9412;
    case XML_ERR_ATTRIBUTE_NOT_STARTED:
        return ERR_9413;
    case XML_ERR_EQUAL_REQUIRED:
    case XML_ERR_ATTRIBUTE_WITHOUT_VALUE:
        return ERR_9414;
    case XML_NS_ERR_UNDEFINED_NAMESPACE:
        return ERR_9459;
    case XML_ERR_INVALID_CHAR:
    case XML_ERR_INVALID_CHARREF:
        return ERR_9420;
    case XML_ERR_TAG_NOT_FINISHED:
    case XML_ERR_DOCUMENT_END:
        return ERR_9400;
    case XML_ERR_NAME_REQUIRED:
        return ERR_9421;
    default:
        return ERR_9422;
    }
}

static void
ignore_error(void *context, const xmlError *error)
{
}

/* Characters in the last line. */
static int
last_column(const char *string, size_t length)
{
    size_t start = length;

    while (start > 0 && string[start - 1] != '\n')
        start--;
    return sql_utf16_length(string + start, length - start);
}

static bool
well_formed(const char *string, size_t length, XmlProblem *problem)
{
    xmlParserCtxtPtr context;
    xmlDocPtr document;
    bool ok;
    StringInfoData wrapped;

    /* A fragment is the content of an element of our own; a declaration is left out. */
    if (length > 5 && strncmp(string, "<?xml", 5) == 0) {
        const char *end = memmem(string, length, "?>", 2);

        if (end != NULL) {
            length -= end + 2 - string;
            string = end + 2;
        }
    }
    initStringInfo(&wrapped);
    appendStringInfoString(&wrapped, "<r>");
    appendBinaryStringInfo(&wrapped, string, (int) length);
    appendStringInfoString(&wrapped, "</r>");
    context = xmlNewParserCtxt();
    if (context == NULL)
        ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc) (void (*)(void)) ignore_error);
    document = xmlCtxtReadMemory(context, wrapped.data, wrapped.len, NULL, "UTF-8",
                                 XML_PARSE_NONET | XML_PARSE_HUGE);
    ok = document != NULL && context->wellFormed;
    if (!ok) {
        const xmlError *last = xmlCtxtGetLastError(context);

        problem->code = last != NULL ? last->code : XML_ERR_INTERNAL_ERROR;
        problem->line = last != NULL ? Max(last->line, 1) : 1;
        problem->column = (last != NULL ? last->int2 : 1) - (problem->line == 1 ? 3 : 0);
        /* The end tag that closes our element too early means that theirs is missing. */
        if (problem->code == XML_ERR_TAG_NAME_MISMATCH &&
            problem->column > last_column(string, length) + 1)
            problem->code = XML_ERR_TAG_NOT_FINISHED;
        problem->column = Min(problem->column, last_column(string, length));
    }
    if (document != NULL)
        xmlFreeDoc(document);
    xmlFreeParserCtxt(context);
    pfree(wrapped.data);
    return ok;
}

Datum
convert_to_xml(Conversion *c, Datum value)
{
    size_t length;
    const char *string;
    XmlProblem problem;

    if (c->from.id == SQL_XML)
        return value;
    if (sql_type_info(c->from.id)->category == 'B') {
        Conversion to_text = {.from = c->from, .kind = c->kind, .style = CONVERSION_NO_STYLE};
        const uint8 *bytes = (const uint8 *) string_bytes(value, &length);

        to_text.to = sql_type_string(length >= 2 && bytes[1] == 0 ? SQL_NVARCHAR : SQL_VARCHAR, -1,
                                     sql_collation_default());
        value = convert_to_string(&to_text, value);
    }
    string = string_bytes(value, &length);
    if (!well_formed(string, length, &problem))
        CONVERSION_ERROR(c, number_of(problem.code), problem.line, Max(problem.column, 1));
    return PointerGetDatum(cstring_to_text_with_len(string, (int) length));
}
