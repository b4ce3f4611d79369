/*
 * metadata.c: answers of the metadata service to one known server, in OpenStack's form
 * (/openstack/DATE/...) and EC2's (/DATE/meta-data/...). Pure: the listener found out by the port
 * of the subnet who asks. Paths are compared as wholes, so that no trick with dots leads anywhere.
 */
#include "base/memory.h"
#include "provision/provision.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

/* Nova keeps four pieces of 255; an RSA key of 4096 bits makes 684 characters. */
#define PASSWORD_MAX 1020

/* Dates of OpenStack's form, oldest first; a document has a first one. */
static const char *const openstack_dates[] = {
    "2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15", "2016-06-30", "2016-10-06",
    "2017-02-22", "2018-08-27", "2020-10-14", "latest",     NULL};
static const char *const ec2_dates[] = {"1.0",        "2007-01-19", "2007-03-01", "2007-08-29",
                                        "2007-10-10", "2007-12-15", "2008-02-01", "2008-09-01",
                                        "2009-04-04", "latest",     NULL};

typedef enum Document { META, USER, PASSWORD, VENDOR, NETWORK, VENDOR2 } Document;
static const struct {
    const char *name;
    Document document;
    int since; /* index in openstack_dates */
} openstack_files[] = {
    {"meta_data.json", META, 0},       {"user_data", USER, 0},
    {"password", PASSWORD, 1},         {"vendor_data.json", VENDOR, 2},
    {"network_data.json", NETWORK, 3}, {"vendor_data2.json", VENDOR2, 5},
};
#define OPENSTACK_FILES (sizeof openstack_files / sizeof *openstack_files)

/* Takes the bytes over. */
static void
give(MetadataAnswer *answer, int status, const char *type, char *body, size_t length)
{
    answer->status = status;
    answer->type = type;
    answer->body = body;
    answer->length = length;
}

static void
give_text(MetadataAnswer *answer, int status, const char *text)
{
    give(answer, status, "text/plain; charset=utf-8", str_copy(text), strlen(text));
}

static void
give_buffer(MetadataAnswer *answer, Buffer *text)
{
    if (!text->text)
        buffer_add_text(text, "");
    give(answer, 200, "text/plain; charset=utf-8", text->text, text->length);
}

/* Takes the reference over. */
static void
give_json(MetadataAnswer *answer, json_t *value)
{
    char *text = json_render(value);

    json_decref(value);
    give(answer, 200, "application/json", text, strlen(text));
}

static void
not_found(MetadataAnswer *answer)
{
    give_text(answer, 404, "404 Not Found\n");
}

static int
date_index(const char *const *dates, const char *text, size_t length)
{
    for (int i = 0; dates[i]; i++)
        if (strlen(dates[i]) == length && !memcmp(dates[i], text, length))
            return i;
    return -1;
}

static void
list_dates(const char *const *dates, MetadataAnswer *answer)
{
    Buffer text = {0};

    for (int i = 0; dates[i]; i++)
        buffer_format(&text, "%s%s", i ? "\n" : "", dates[i]);
    give_buffer(answer, &text);
}

static void
give_user_data(const ProvisionServer *server, MetadataAnswer *answer)
{
    if (!server->user_data || !server->user_data_length) {
        not_found(answer);
        return;
    }
    char *copy = mem_new(server->user_data_length + 1, 1);
    memcpy(copy, server->user_data, server->user_data_length);
    give(answer, 200, "application/octet-stream", copy, server->user_data_length);
}

/* Base64 of an encrypted password, and nothing else. */
static bool
password_looks_right(const char *body, size_t length)
{
    if (length < 4 || length % 4)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool padding = body[i] == '=' && i + 2 >= length;
        if (!padding && !isalnum((unsigned char) body[i]) && body[i] != '+' && body[i] != '/')
            return false;
    }
    return true;
}

static void
post_password(const ProvisionServer *server,
              const char *body,
              size_t length,
              const char *kept,
              ProvisionKeepPassword keep,
              void *context,
              MetadataAnswer *answer)
{
    if (kept && *kept) {
        give_text(answer, 409, "the password was posted before\n");
        return;
    }
    if (length > PASSWORD_MAX) {
        give_text(answer, 413, "the encrypted password is too long\n");
        return;
    }
    if (!password_looks_right(body, length)) {
        give_text(answer, 400, "the password must be base64 of what the public key encrypted\n");
        return;
    }
    if (!keep) {
        give_text(answer, 405, "this server posts no password\n");
        return;
    }
    AUTO_FREE char *text = str_copy_n(body, length);
    int status = keep(server->id, text, context);
    if (status == -EEXIST)
        give_text(answer, 409, "the password was posted before\n");
    else if (status < 0)
        give_text(answer, 500, "the password could not be kept\n");
    else
        give_text(answer, 200, "");
}

static void
give_document(const ProvisionServer *server,
              Document document,
              const char *kept,
              MetadataAnswer *answer)
{
    switch (document) {
    case META:
        give_json(answer, provision_meta_data(server));
        break;
    case USER:
        give_user_data(server, answer);
        break;
    case PASSWORD:
        give_text(answer, 200, kept ? kept : "");
        break;
    case VENDOR:
        give_json(answer, provision_vendor_data(server));
        break;
    case NETWORK:
        give_json(answer, provision_network_data(server));
        break;
    case VENDOR2:
        give_json(answer, json_pack("{s:o}", "static", provision_vendor_data(server)));
        break;
    }
}

static void
list_openstack(const ProvisionServer *server, int date, MetadataAnswer *answer)
{
    Buffer text = {0};

    for (size_t i = 0; i < OPENSTACK_FILES; i++) {
        if (openstack_files[i].since > date)
            continue;
        if (openstack_files[i].document == USER && !server->user_data_length)
            continue;
        buffer_format(&text, "%s%s", text.length ? "\n" : "", openstack_files[i].name);
    }
    give_buffer(answer, &text);
}

/* An EC2 object's members, one a line; those that have members themselves end with a slash. */
static void
list_members(const json_t *object, bool keys, MetadataAnswer *answer)
{
    Buffer text = {0};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *) (uintptr_t) object, name, value)
    {
        if (*name == '_')
            continue;
        buffer_add_text(&text, text.length ? "\n" : "");
        if (keys)
            buffer_format(&text, "%s=%s", name, json_text(value, "_name", ""));
        else
            buffer_format(&text, "%s%s", name, json_is_object(value) ? "/" : "");
    }
    give_buffer(answer, &text);
}

/* path: what follows meta-data, without its first slash. */
static void
give_ec2(const ProvisionServer *server, const char *path, MetadataAnswer *answer)
{
    AUTO_JSON json_t *root = provision_ec2_meta_data(server);
    const json_t *at = root;
    bool keys = false;

    while (*path) {
        size_t length = strcspn(path, "/");
        AUTO_FREE char *name = str_copy_n(path, length);
        const json_t *next = *name == '_' ? NULL : json_object_get(at, name);
        if (!next) {
            not_found(answer);
            return;
        }
        keys = at == root && !strcmp(name, "public-keys");
        at = next;
        path += length;
        path += *path == '/';
    }
    if (json_is_object(at))
        list_members(at, keys, answer);
    else
        give_text(answer, 200, json_string_value(at));
}

void
provision_metadata(const ProvisionServer *server,
                   const char *method,
                   const char *path,
                   const void *body,
                   size_t body_length,
                   const char *encrypted_password,
                   ProvisionKeepPassword keep,
                   void *context,
                   MetadataAnswer *answer)
{
    bool post = !strcmp(method, "POST");
    bool openstack;
    const char *rest, *file;

    path += strspn(path, "/");
    openstack = !strncmp(path, "openstack", 9) && (!path[9] || path[9] == '/');
    if (openstack) {
        path += 9;
        path += strspn(path, "/");
    }
    const char *const *dates = openstack ? openstack_dates : ec2_dates;
    size_t length = strcspn(path, "/");
    int date = date_index(dates, path, length);
    rest = path + length;
    file = rest + strspn(rest, "/");

    if (!post && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        give_text(answer, 405, "only GET, and POST of the password\n");
        return;
    }
    if (post && !(openstack && date >= 1 && !strcmp(file, "password"))) {
        give_text(answer, 405, "only the password can be posted\n");
        return;
    }
    if (post) {
        post_password(server, body, body_length, encrypted_password, keep, context, answer);
    } else if (!*path) {
        list_dates(dates, answer);
    } else if (date < 0) {
        not_found(answer);
    } else if (openstack) {
        if (!*file) {
            list_openstack(server, date, answer);
            return;
        }
        for (size_t i = 0; i < OPENSTACK_FILES; i++)
            if (!strcmp(file, openstack_files[i].name) && openstack_files[i].since <= date) {
                give_document(server, openstack_files[i].document, encrypted_password, answer);
                return;
            }
        not_found(answer);
    } else if (!*file) {
        give_text(answer, 200, server->user_data_length ? "meta-data/\nuser-data" : "meta-data/");
    } else if (!strcmp(file, "user-data")) {
        give_user_data(server, answer);
    } else if (!strcmp(file, "meta-data") || !strncmp(file, "meta-data/", 10)) {
        give_ec2(server, file[9] ? file + 10 : "", answer);
    } else {
        not_found(answer);
    }
}
