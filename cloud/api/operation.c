/*
 * operation.c: the registry of services and the router. Paths become a tree of segments when a
 * service is registered; afterwards it is only read, so that threads need no lock.
 */
#include "api/operation.h"

#include "api/uri.h"
#include "base/log.h"
#include "base/memory.h"

#include <string.h>

#define MAX_SERVICES 32
#define MAX_SEGMENTS 24

typedef struct RouteNode {
    char *literal; /* NULL: the root or a placeholder */
    struct RouteNode **children;
    int child_count; /* sorted by literal */
    struct RouteNode *placeholder;
    const Operation **operations; /* of paths that end here */
    int operation_count;
} RouteNode;

typedef struct Segment {
    const char *text;
    size_t length;
} Segment;

typedef struct Match {
    const char *method;
    Segment segments[MAX_SEGMENTS];
    int segment_count;
    int captured[OPERATION_VALUES]; /* segments that placeholders took */
    bool path_known;
} Match;

static const Service *services[MAX_SERVICES + 1];
static int service_count;
static RouteNode root;

const Service *const *
service_list(void)
{
    return services;
}

/* ---- Making the tree ---- */

static int
compare_segment(const RouteNode *node, const Segment *segment)
{
    size_t length = strlen(node->literal);
    size_t shorter = length < segment->length ? length : segment->length;
    int order = memcmp(node->literal, segment->text, shorter);

    return order ? order : (length > segment->length) - (length < segment->length);
}

/* Where the literal is among the children, or would have to be. */
static int
child_place(const RouteNode *node, const Segment *segment, bool *found)
{
    int low = 0, high = node->child_count;

    *found = false;
    while (low < high) {
        int middle = (low + high) / 2;
        int order = compare_segment(node->children[middle], segment);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static RouteNode *
child_for(RouteNode *node, const Segment *segment)
{
    bool found;
    int place;

    if (segment->length > 0 && segment->text[0] == '{') {
        if (node->placeholder == NULL)
            node->placeholder = MEM_NEW(RouteNode);
        return node->placeholder;
    }
    place = child_place(node, segment, &found);
    if (found)
        return node->children[place];
    node->children =
        mem_resize(node->children, (size_t) node->child_count + 1, sizeof(RouteNode *));
    memmove(node->children + place + 1, node->children + place,
            (size_t) (node->child_count - place) * sizeof(RouteNode *));
    node->child_count++;
    node->children[place] = MEM_NEW(RouteNode);
    node->children[place]->literal = str_copy_n(segment->text, segment->length);
    return node->children[place];
}

/* Splits at '/', leaving out empty segments: SDKs end paths with a slash or join them with two.
 * -1 when there are more than the router takes. */
static int
split_path(const char *path, Segment segments[MAX_SEGMENTS])
{
    int count = 0;

    for (;;) {
        path += strspn(path, "/");
        if (*path == '\0')
            return count;
        if (count == MAX_SEGMENTS)
            return -1;
        segments[count].text = path;
        segments[count].length = strcspn(path, "/");
        path += segments[count++].length;
    }
}

static _Noreturn void
bad_row(const Operation *operation, const char *what)
{
    log_error("operation %s.%s: %s", operation->service, operation->id, what);
    abort();
}

static void
add_route(const Operation *operation)
{
    Segment segments[MAX_SEGMENTS];
    int count = split_path(operation->path, segments);
    int values = 0;
    RouteNode *node = &root;

    if (operation->path[0] != '/' || count < 0)
        bad_row(operation, "its path cannot be routed");
    for (int i = 0; i < count; i++) {
        values += segments[i].text[0] == '{';
        node = child_for(node, &segments[i]);
    }
    if (values > OPERATION_VALUES)
        bad_row(operation, "its path has too many placeholders");
    for (int i = 0; i < node->operation_count; i++)
        if (strcmp(node->operations[i]->method, operation->method) == 0)
            bad_row(operation, "another operation has its method and path");
    node->operations =
        mem_resize(node->operations, (size_t) node->operation_count + 1, sizeof(Operation *));
    node->operations[node->operation_count++] = operation;
}

void
service_register(const Service *service)
{
    if (service_count == MAX_SERVICES) {
        log_error("more than %d services", MAX_SERVICES);
        abort();
    }
    services[service_count++] = service;
    for (int i = 0; i < service->operation_count; i++) {
        Operation *operation = &service->operations[i];

        operation->service = service->name;
        operation->style = service->style;
        operation->query_schema = schema_parse(operation->query);
        operation->body_schema = schema_parse(operation->body);
        add_route(operation);
    }
}

/* ---- Finding ---- */

static const Operation *
of_method(const RouteNode *node, const char *method)
{
    for (int i = 0; i < node->operation_count; i++)
        if (strcmp(node->operations[i]->method, method) == 0)
            return node->operations[i];
    return NULL;
}

static const Operation *
match_end(Match *match, const RouteNode *node)
{
    const Operation *operation = of_method(node, match->method);

    if (operation == NULL && strcmp(match->method, "HEAD") == 0)
        operation = of_method(node, "GET");
    match->path_known = match->path_known || node->operation_count > 0;
    return operation;
}

/* Walks down from a node at segment number `at`, with `values` placeholders taken. Literals come
 * first; where they lead nowhere a placeholder may. The depth is bounded by the tree's. */
static const Operation *
match_from(Match *match, const RouteNode *node, int at, int values)
{
    const Operation *operation = NULL;
    bool found;
    int place;

    if (at == match->segment_count)
        return match_end(match, node);
    place = child_place(node, &match->segments[at], &found);
    if (found)
        operation = match_from(match, node->children[place], at + 1, values);
    if (operation == NULL && node->placeholder) {
        match->captured[values] = at;
        operation = match_from(match, node->placeholder, at + 1, values + 1);
    }
    return operation;
}

static int
placeholders(const Operation *operation)
{
    int count = 0;

    for (const char *at = operation->path; *at; at++)
        count += *at == '{';
    return count;
}

const Operation *
operation_find(const char *method,
               const char *path,
               char *values[OPERATION_VALUES],
               bool *path_known)
{
    Match match = {.method = method};
    char *decoded[MAX_SEGMENTS] = {NULL};
    const Operation *operation = NULL;
    int count;

    memset(values, 0, OPERATION_VALUES * sizeof(char *));
    *path_known = false;
    match.segment_count = split_path(path, match.segments);
    for (int i = 0; i < match.segment_count; i++) {
        if (memchr(match.segments[i].text, '%', match.segments[i].length) == NULL)
            continue;
        decoded[i] = uri_decode(match.segments[i].text, match.segments[i].length, false);
        if (decoded[i] == NULL)
            goto done;
        match.segments[i] = (Segment){decoded[i], strlen(decoded[i])};
    }
    if (match.segment_count >= 0)
        operation = match_from(&match, &root, 0, 0);
    *path_known = match.path_known;
    count = operation ? placeholders(operation) : 0;
    for (int i = 0; i < count; i++) {
        const Segment *segment = &match.segments[match.captured[i]];

        values[i] = str_copy_n(segment->text, segment->length);
    }
done:
    for (int i = 0; i < match.segment_count; i++)
        free(decoded[i]);
    return operation;
}
