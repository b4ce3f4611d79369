/*
 * The methods of xml: value(), query() and exist(), over XPath 1.0 as libxml2 has it, which is what
 * most XQuery in T-SQL is. Other XQuery is refused. Called by what engine/bind makes of a method.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/argument.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>

PG_FUNCTION_INFO_V1(fn_xml_value);
PG_FUNCTION_INFO_V1(fn_xml_query);
PG_FUNCTION_INFO_V1(fn_xml_exist);

typedef struct XmlSearch {
    xmlDocPtr document;
    xmlXPathContextPtr context;
    xmlXPathObjectPtr found;
} XmlSearch;

static void
ignore_error(void *user, const xmlError *error)
{
}

/* The text without an XML declaration, inside an element of ours: xml may be a fragment. */
static char *
wrapped(Datum value)
{
    char *string = TextDatumGetCString(value);
    char *end = strncmp(string, "<?xml", 5) == 0 ? strstr(string, "?>") : NULL;

    return psprintf("<r>%s</r>", end != NULL ? end + 2 : string);
}

/* The children of our element become those of the document. */
static void
unwrap(xmlDocPtr document)
{
    xmlNodePtr root = xmlDocGetRootElement(document);
    xmlNodePtr child = root->children;

    xmlUnlinkNode(root);
    while (child != NULL) {
        xmlNodePtr next = child->next;

        xmlUnlinkNode(child);
        xmlAddChild((xmlNodePtr) document, child);
        child = next;
    }
    xmlFreeNode(root);
}

static void
search_end(XmlSearch *search)
{
    if (search->found != NULL)
        xmlXPathFreeObject(search->found);
    if (search->context != NULL)
        xmlXPathFreeContext(search->context);
    if (search->document != NULL)
        xmlFreeDoc(search->document);
    memset(search, 0, sizeof(*search));
}

/* Evaluates the path; what it holds must be given back by search_end(). */
static XmlSearch
search_begin(Datum value, Datum path)
{
    XmlSearch search = {0};
    char *string = wrapped(value);
    char *expression = TextDatumGetCString(path);

    xmlSetStructuredErrorFunc(NULL, (xmlStructuredErrorFunc) (void (*)(void)) ignore_error);
    search.document =
        xmlReadMemory(string, strlen(string), NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE);
    if (search.document != NULL) {
        unwrap(search.document);
        search.context = xmlXPathNewContext(search.document);
    }
    if (search.context != NULL) {
        search.context->node = (xmlNodePtr) search.document;
        search.found = xmlXPathEvalExpression((xmlChar *) expression, search.context);
    }
    if (search.found == NULL) {
        search_end(&search);
        tsql_error(ERR_40517, "an XQuery expression that is not XPath 1.0");
    }
    return search;
}

static int
found_nodes(const XmlSearch *search)
{
    return search->found->nodesetval != NULL ? search->found->nodesetval->nodeNr : 0;
}

/* sys.xml_value(xml, path): the text of the one thing found, NULL for none, 2389 for several. */
Datum
fn_xml_value(PG_FUNCTION_ARGS)
{
    XmlSearch search = search_begin(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    bool nodes = search.found->type == XPATH_NODESET;
    int count = found_nodes(&search);
    text *volatile result = NULL;

    PG_TRY();
    {
        if (nodes && count > 1)
            tsql_error(ERR_2389);
        if (!nodes || count == 1) {
            xmlChar *string = xmlXPathCastToString(search.found);

            result = cstring_to_text((char *) string);
            xmlFree(string);
        }
    }
    PG_FINALLY();
    {
        search_end(&search);
    }
    PG_END_TRY();
    if (result == NULL)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(result);
}

static void
append_node(StringInfo result, const XmlSearch *search, xmlNodePtr node)
{
    xmlBufferPtr buffer;

    if (node->type == XML_ATTRIBUTE_NODE)
        tsql_error(ERR_2396);
    if (node->type == XML_DOCUMENT_NODE) {
        for (node = node->children; node != NULL; node = node->next)
            append_node(result, search, node);
        return;
    }
    buffer = xmlBufferCreate();
    xmlNodeDump(buffer, search->document, node, 0, 0);
    appendStringInfoString(result, (const char *) xmlBufferContent(buffer));
    xmlBufferFree(buffer);
}

/* sys.xml_query(xml, path): the nodes found, one after another. */
Datum
fn_xml_query(PG_FUNCTION_ARGS)
{
    XmlSearch search = search_begin(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    StringInfoData result;

    PG_TRY();
    {
        initStringInfo(&result);
        if (search.found->type != XPATH_NODESET) {
            xmlChar *string = xmlXPathCastToString(search.found);
            xmlChar *escaped = xmlEncodeSpecialChars(NULL, string);

            appendStringInfoString(&result, (char *) escaped);
            xmlFree(escaped);
            xmlFree(string);
        }
        for (int i = 0; i < found_nodes(&search); i++)
            append_node(&result, &search, search.found->nodesetval->nodeTab[i]);
    }
    PG_FINALLY();
    {
        search_end(&search);
    }
    PG_END_TRY();
    PG_RETURN_TEXT_P(cstring_to_text_with_len(result.data, result.len));
}

/* sys.xml_exist(xml, path): whether anything is found; a value that is no node always is. */
Datum
fn_xml_exist(PG_FUNCTION_ARGS)
{
    XmlSearch search = search_begin(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
    bool exists = search.found->type != XPATH_NODESET || found_nodes(&search) > 0;

    search_end(&search);
    PG_RETURN_BOOL(exists);
}
