/*
 * rules.c: rules of security groups in the forms of v1, v2.0 and v3. A rule is kept as v3 has it
 * (multiport, action, priority); a v1 range is a multiport of one part.
 */
#include "base/memory.h"
#include "vpc/answer.h"
#include "vpc/forms.h"
#include "vpc/handlers.h"
#include "vpc/vpc.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MULTIPORT 200
#define PARTS_MOST 20

#define RULE_FROM "vpc_security_rule r JOIN vpc_security_group g ON g.id = r.group_id"
#define RULE_WHERE                                                                                 \
    "g.project_id = $1" FILTER("id", "r.id") FILTER("security_group_id", "r.group_id")             \
        FILTER("direction", "r.direction") FILTER("protocol", "r.protocol")                        \
            FILTER("ethertype", "r.ethertype") FILTER("remote_ip_prefix", "r.remote_prefix")       \
                FILTER("remote_group_id", "coalesce(r.remote_group_id, '')")                       \
                    FILTER("action", "r.action") FILTER("priority", "r.priority")                  \
                        FILTER("enabled", "r.enabled") FILTER("description", "r.description")

static const VpcList list_v1 = {"security_group_rules", RULE_V1, RULE_FROM, RULE_WHERE, "r.id"};
static const VpcList one_v1 = {"security_group_rule", RULE_V1, RULE_FROM, RULE_WHERE, "r.id"};
static const VpcList list_v3 = {"security_group_rules", RULE_V3, RULE_FROM, RULE_WHERE, "r.id"};
static const VpcList one_v3 = {"security_group_rule", RULE_V3, RULE_FROM, RULE_WHERE, "r.id"};

typedef struct Rule {
    const char *direction, *ethertype, *description, *action;
    char protocol[16], multiport[MULTIPORT], prefix[64];
    const char *remote_group;
    long long priority;
    bool enabled;
} Rule;

void
vpc_list_rules(ApiRequest *request)
{
    vpc_list(request, &list_v1, false);
}

void
vpc_list_rules_v3(ApiRequest *request)
{
    vpc_list(request, &list_v3, true);
}

void
vpc_show_rule(ApiRequest *request)
{
    vpc_show(request, &one_v1, api_path(request, "security_group_rule_id"), "rule", 200, false);
}

void
vpc_show_rule_v3(ApiRequest *request)
{
    vpc_show(request, &one_v3, api_path(request, "security_group_rule_id"), "rule", 200, true);
}

static bool
wrong(ApiRequest *request, const char *what)
{
    api_fail(request, API_VPC_GROUP_PARAMETER, what);
    return false;
}

/* A number of at most five digits at *at, which moves behind it; -1 where there is none. */
static long
number_at(const char **at)
{
    long number = 0;
    int digits = 0;

    while (isdigit((unsigned char) **at) && digits++ < 5)
        number = number * 10 + *(*at)++ - '0';
    return digits == 0 || digits > 5 ? -1 : number;
}

/* "22", "80-90", several with commas; of ICMP "type" or "type-code". */
static bool
multiport_is_sound(const char *text, bool icmp)
{
    long most = icmp ? 255 : 65535, least = icmp ? 0 : 1;
    int parts = 0;

    do {
        long low = number_at(&text), high = low;

        if (*text == '-') {
            text++;
            high = number_at(&text);
        }
        if (low < least || low > most || high < 0 || high > most || (!icmp && high < low) ||
            ++parts > (icmp ? 1 : PARTS_MOST) || (*text && *text != ','))
            return false;
    } while (*text++ == ',');
    return true;
}

static bool
read_protocol(ApiRequest *request, const json_t *body, Rule *rule)
{
    const char *text = json_text(body, "protocol", "");
    long long number = json_number(body, "protocol", -1);
    static const char *const names[] = {"tcp", "udp", "icmp", "icmpv6", NULL};
    static const int numbers[] = {6, 17, 1, 58};

    if (!*text && number < 0)
        return true;
    for (int i = 0; names[i]; i++)
        if (strcasecmp(names[i], text) == 0 || number == numbers[i]) {
            snprintf(rule->protocol, sizeof(rule->protocol), "%s", names[i]);
            return true;
        }
    if (strcasecmp(text, "any") == 0)
        return true;
    if (number < 0 || number > 255)
        return wrong(request, "protocol: tcp, udp, icmp, icmpv6 or a number of IP is wanted.");
    snprintf(rule->protocol, sizeof(rule->protocol), "%lld", number);
    return true;
}

/* port_range_min and _max, or multiport. */
static bool
read_ports(ApiRequest *request, const json_t *body, Rule *rule)
{
    long long low = json_number(body, "port_range_min", -1);
    long long high = json_number(body, "port_range_max", -1);
    bool icmp = strncmp(rule->protocol, "icmp", 4) == 0;
    const char *multiport = json_text(body, "multiport", "");

    if (*multiport)
        snprintf(rule->multiport, sizeof(rule->multiport), "%s", multiport);
    else if (low >= 0 && (high == low || (icmp && high < 0)))
        snprintf(rule->multiport, sizeof(rule->multiport),
                 icmp && high == low ? "%lld-%lld" : "%lld", low, high);
    else if (low >= 0 || high >= 0)
        snprintf(rule->multiport, sizeof(rule->multiport), "%lld-%lld", low, high);
    if (!*rule->multiport)
        return true;
    if (!icmp && strcmp(rule->protocol, "tcp") != 0 && strcmp(rule->protocol, "udp") != 0)
        return wrong(request, "ports: only tcp, udp and icmp have any.");
    return strlen(multiport) < sizeof(rule->multiport) && multiport_is_sound(rule->multiport, icmp)
               ? true
               : wrong(request, "ports: 1 to 65535, as \"22\", \"80-90\" or \"22,80-90\", wanted.");
}

/* An address or a range of either family, as a range without bits behind its length. */
static bool
read_prefix(ApiRequest *request, const json_t *body, Rule *rule)
{
    const char *text = json_text(body, "remote_ip_prefix", "");
    const char *slash = strchr(text, '/');
    bool six = strcmp(rule->ethertype, "IPv6") == 0;
    AUTO_FREE char *address = slash ? str_copy_n(text, (size_t) (slash - text)) : str_copy(text);
    unsigned char raw[16];
    char shown[INET6_ADDRSTRLEN];
    int bits = six ? 128 : 32;
    long length = bits;

    if (!*text)
        return true;
    if (slash) {
        const char *at = slash + 1;
        length = number_at(&at);
        if (*at || length < 0 || length > bits)
            return wrong(request, "remote_ip_prefix: the length of the range is wrong.");
    }
    if (inet_pton(six ? AF_INET6 : AF_INET, address, raw) != 1)
        return wrong(request, "remote_ip_prefix: a range of the rule's ethertype is wanted.");
    for (int i = 0; i < bits; i++)
        if (i >= length)
            raw[i / 8] &= (unsigned char) ~(0x80 >> i % 8);
    inet_ntop(six ? AF_INET6 : AF_INET, raw, shown, sizeof(shown));
    snprintf(rule->prefix, sizeof(rule->prefix), "%s/%ld", shown, length);
    return true;
}

static bool
read_rule(ApiRequest *request, const json_t *body, Rule *rule)
{
    const char *ethertype = json_text(body, "ethertype", "IPv4");

    *rule = (Rule){.direction = json_text(body, "direction", ""),
                   .description = json_text(body, "description", ""),
                   .action = json_text(body, "action", "allow"),
                   .remote_group = json_text(body, "remote_group_id", NULL),
                   .priority = json_number(body, "priority", 1),
                   .enabled = json_flag(body, "enabled", true)};
    rule->ethertype = strcasecmp(ethertype, "IPv6") == 0 ? "IPv6" : "IPv4";
    if (rule->remote_group && !*rule->remote_group)
        rule->remote_group = NULL;
    if (strcmp(rule->direction, "ingress") != 0 && strcmp(rule->direction, "egress") != 0)
        return wrong(request, "direction: ingress or egress is wanted.");
    if (strcasecmp(ethertype, rule->ethertype) != 0 && *ethertype)
        return wrong(request, "ethertype: IPv4 or IPv6 is wanted.");
    if (strcmp(rule->action, "allow") != 0 && strcmp(rule->action, "deny") != 0)
        return wrong(request, "action: allow or deny is wanted.");
    if (rule->priority < 1 || rule->priority > 100)
        return wrong(request, "priority: 1 to 100 is wanted.");
    if (*json_text(body, "remote_address_group_id", ""))
        return wrong(request, "remote_address_group_id: address groups are not offered here.");
    if (!vpc_description_is_sound(request, rule->description) ||
        !read_protocol(request, body, rule) || !read_ports(request, body, rule) ||
        !read_prefix(request, body, rule))
        return false;
    if (rule->remote_group && *rule->prefix)
        return wrong(request, "remote_ip_prefix and remote_group_id exclude each other.");
    return true;
}

/* Whether the group is the project's; answers where not. */
static bool
group_is_ours(ApiRequest *request, const char *id)
{
    AUTO_FREE char *found = store_value(
        request->store,
        "SELECT id FROM vpc_security_group WHERE project_id = $1 AND id = $2 FOR KEY SHARE", "ss",
        vpc_project(request), id);

    if (!found && store_failed(request->store))
        api_fail_store(request);
    else if (!found)
        api_fail(request, API_VPC_NO_GROUP, id);
    return found != NULL;
}

/* The new rule's id, owned by the caller; NULL when it has answered. "" where the group has one
 * like it and that may be. */
static char *
insert(ApiRequest *request, const char *group, const json_t *body, bool again)
{
    Rule rule;

    if (!read_rule(request, body, &rule) || !group_is_ours(request, group) ||
        (rule.remote_group && !group_is_ours(request, rule.remote_group)) ||
        !vpc_quota_allows(request, "securityGroupRule"))
        return NULL;
    char *id = store_value(request->store,
                           "INSERT INTO vpc_security_rule (group_id, description, direction, "
                           "ethertype, protocol, multiport, remote_prefix, remote_group_id, "
                           "action, priority, enabled) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                           "$10, $11) ON CONFLICT DO NOTHING RETURNING id",
                           "sssssssssib", group, rule.description, rule.direction, rule.ethertype,
                           rule.protocol, rule.multiport, rule.prefix, rule.remote_group,
                           rule.action, (int) rule.priority, rule.enabled);
    if (id)
        return id;
    if (store_failed(request->store))
        api_fail_store(request);
    else if (again)
        return str_copy("");
    else
        api_fail(request, API_VPC_RULE_EXISTS);
    return NULL;
}

static json_t *
create(ApiRequest *request, const VpcList *form)
{
    const json_t *body = json_object_get(request->json, "security_group_rule");
    AUTO_FREE char *id = insert(request, json_text(body, "security_group_id", ""), body, false);

    if (!id)
        return NULL;
    if (!vpc_mark(request->store, vpc_project(request), ""))
        return vpc_store_failed(request);
    return vpc_one(request, form, id, "rule");
}

static json_t *
create_v1(ApiRequest *request)
{
    return create(request, &one_v1);
}

static json_t *
create_v3(ApiRequest *request)
{
    json_t *body = create(request, &one_v3);

    if (body)
        json_put_text(body, "request_id", request->request_id);
    return body;
}

static json_t *
create_several(ApiRequest *request)
{
    bool again = json_flag(request->json, "ignore_duplicate", false);
    json_t *rules = json_array(), *rule;
    size_t index;

    json_array_foreach(json_object_get(request->json, "security_group_rules"), index, rule)
    {
        AUTO_FREE char *id = insert(request, api_path(request, "security_group_id"), rule, again);
        json_t *made = id && *id ? vpc_one(request, &one_v3, id, "rule") : NULL;

        if (!id || (*id && !made)) {
            json_decref(rules);
            return NULL;
        }
        json_array_append(rules, json_object_get(made, "security_group_rule"));
        json_decref(made);
    }
    if (!vpc_mark(request->store, vpc_project(request), "")) {
        json_decref(rules);
        return vpc_store_failed(request);
    }
    return json_pack("{s:o, s:s}", "security_group_rules", rules, "request_id",
                     request->request_id);
}

void
vpc_create_rule(ApiRequest *request)
{
    vpc_change(request, 200, create_v1);
}

void
neutron_create_rule(ApiRequest *request)
{
    vpc_change(request, 201, create_v1);
}

void
vpc_create_rule_v3(ApiRequest *request)
{
    vpc_change(request, 201, create_v3);
}

void
vpc_create_rules_v3(ApiRequest *request)
{
    vpc_change(request, 201, create_several);
}

static json_t *
remove_rule(ApiRequest *request)
{
    const char *id = api_path(request, "security_group_rule_id");
    long rows = store_run(request->store,
                          "DELETE FROM vpc_security_rule r USING vpc_security_group g WHERE g.id = "
                          "r.group_id AND g.project_id = $1 AND r.id = $2",
                          "ss", vpc_project(request), id);

    if (rows == 0)
        api_fail(request, API_VPC_NO_RULE, id);
    if (rows == 0)
        return NULL;
    if (rows < 0 || !vpc_mark(request->store, vpc_project(request), ""))
        return vpc_store_failed(request);
    return json_null();
}

void
vpc_delete_rule(ApiRequest *request)
{
    vpc_change(request, 204, remove_rule);
}
