/*
 * answer.h: what the handlers of the vpc service share: the project, checks of values, answers made
 * by the store (forms.h).
 */
#pragma once

#include "api/request.h"

#include <netinet/in.h>

/* The project of the path, or of the caller's scope (v2.0 has none in its paths). */
const char *vpc_project(const ApiRequest *request);
/* Whether there is a project; answers 400 where not. */
bool vpc_scoped(ApiRequest *request);

/* One list of the API. where begins after "WHERE" and has $1 (project) and filters on $2. */
typedef struct VpcList {
    const char *key;  /* "vpcs" */
    const char *form; /* of forms.h */
    const char *from; /* "vpc_vpc v" */
    const char *where;
    const char *id; /* "v.id": the order, and the marker */
} VpcList;

/* Answers with a page of it. v3 adds request_id and page_info. */
void vpc_list(ApiRequest *request, const VpcList *list, bool v3);
/* Of one row by "... AND id = $2": {key: form}, or 404 with what ("vpc") in its text. Returns the
 * answer's body, or NULL when it has answered with an error. */
json_t *vpc_one(ApiRequest *request, const VpcList *list, const char *id, const char *what);
/* Answers with it, or 404. */
void vpc_show(ApiRequest *request,
              const VpcList *list,
              const char *id,
              const char *what,
              int status,
              bool v3);

/* Runs a change in a transaction: it returns the answer's body (json_null() for none), or NULL when
 * it has answered with an error, and then nothing of it stays. Hosts follow after the commit. */
void vpc_change(ApiRequest *request, int status, json_t *(*change)(ApiRequest *request));
/* The failed statement of a change: answers 500 and returns NULL. */
json_t *vpc_store_failed(ApiRequest *request);

/* Checks; answer 400 with the member's name. NULL text is fine. */
bool vpc_name_is_sound(ApiRequest *request, const char *text, size_t most, bool empty_too);
bool vpc_description_is_sound(ApiRequest *request, const char *text);
bool vpc_tags_are_sound(ApiRequest *request, const json_t *tags);

/* "10.0.0.0/8": network in host's order and its length; false where it is none, or has bits behind
 * its length. */
bool vpc_cidr_read(const char *text, uint32_t *network, int *length);
bool vpc_address_read(const char *text, uint32_t *address);
void vpc_address_write(uint32_t address, char text[INET_ADDRSTRLEN]);
uint32_t vpc_mask(int length);

/* Whether the project may have one more; answers 409 where not. Call in a transaction:
 * it holds back others of the project until its end. */
bool vpc_quota_allows(ApiRequest *request, const char *type);
/* Limit and use of a type (quotas.def); false where the store failed or there is none. */
bool vpc_quota_of(
    StoreConn *store, const char *project_id, const char *type, int *limit, long long *used);

/* After a commit: brings hosts' networks up to date, as far as it can now; what fails is repeated
 * later. */
void vpc_apply_dirty(StoreConn *store, const char *project_id);
/* In a transaction: what follows from a change of the vpc ("" all of the project with something
 * plugged in). */
bool vpc_mark(StoreConn *store, const char *project_id, const char *vpc_id);
