/*
 * answer.h: what the handlers of the image service share.
 */
#pragma once

#include "api/request.h"
#include "ims/ims.h"

/* The project of the path, or of the caller's scope. "" for none. */
const char *ims_project(const ApiRequest *request);
/* Whether there is a project; answers 400 where not. */
bool ims_scoped(ApiRequest *request);

/* Every error has the service's own code (errors.def of api has those of all services). */
void ims_bad(ApiRequest *request, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ims_none(ApiRequest *request, const char *id);

/* The image's JSON as the project sees it (a new reference), or NULL when it has answered. */
json_t *ims_form(ApiRequest *request, const char *id);
void ims_reply(ApiRequest *request, int status, const char *id);

/* The project's own image, held until the end of the transaction; answers 404 or 403 where it is
 * none of its own. image_done by the caller on true. */
bool ims_own(ApiRequest *request, const char *id, ImsImage *image);

/* In a transaction. Whether the project may have that many more; answers where not. */
bool ims_quota_allows(ApiRequest *request, int more);
/* Limit (quotas.def, or the project's own row) and use. False where the store failed. */
bool ims_quota(StoreConn *store, const char *project_id, int *limit, long long *used);

/* Checks; answer 400. */
bool ims_name_is_sound(ApiRequest *request, const char *name);
/* "key" or "key.value" texts, and {"key", "value"} objects, as the row has them: a new reference,
 * or NULL when it has answered. Either may be NULL. */
json_t *ims_tags_read(ApiRequest *request, const json_t *texts, const json_t *objects);
/* Whether a property may be set by tenants. */
bool ims_property_is_free(const char *name);

/* Bytes of a file and of a disk that an image may have, by the settings. */
long long ims_most_bytes(void);
long long ims_most_virtual(void);
