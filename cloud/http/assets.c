/*
 * assets.c: which embedded file answers a request, and how.
 */
#include "http/assets.h"

#include "crypto/master_key.h"
#include "http/server.h"

#include <string.h>

struct Asset {
    const HttpAsset *plain, *packed; /* packed may be NULL */
    char etag[40];
};

static Asset *assets; /* sorted by path */
static int asset_count;

static int
compare(const void *one, const void *other)
{
    return strcmp(((const Asset *) one)->plain->path, ((const Asset *) other)->plain->path);
}

static Asset *
lookup(const char *path)
{
    HttpAsset wanted = {.path = path};
    Asset key = {.plain = &wanted};

    return asset_count ? bsearch(&key, assets, (size_t) asset_count, sizeof(Asset), compare) : NULL;
}

static bool
is_packed(const HttpAsset *file)
{
    size_t length = strlen(file->path);

    return length > 3 && strcmp(file->path + length - 3, ".gz") == 0;
}

void
assets_load(void)
{
    unsigned char hash[32];
    char digits[33];

    assets = mem_new((size_t) http_asset_count + 1, sizeof(Asset));
    asset_count = 0;
    for (int i = 0; i < http_asset_count; i++) {
        Asset *asset = &assets[asset_count];

        if (is_packed(&http_assets[i]))
            continue;
        asset->plain = &http_assets[i];
        sha256(asset->plain->bytes, asset->plain->length, hash);
        hex_text(hash, 16, digits);
        snprintf(asset->etag, sizeof(asset->etag), "\"%s\"", digits);
        asset_count++;
    }
    qsort(assets, (size_t) asset_count, sizeof(Asset), compare);
    for (int i = 0; i < http_asset_count; i++)
        if (is_packed(&http_assets[i])) {
            AUTO_FREE char *name = str_copy_n(http_assets[i].path, strlen(http_assets[i].path) - 3);
            Asset *asset = lookup(name);

            if (asset)
                asset->packed = &http_assets[i];
        }
}

void
assets_unload(void)
{
    free(assets);
    assets = NULL;
    asset_count = 0;
}

const Asset *
asset_find(const ApiRequest *request)
{
    const char *accept;

    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
        return NULL;
    if (strcmp(request->raw_path, "/") != 0)
        return lookup(request->raw_path);
    accept = api_header(request, "Accept");
    return accept && strstr(accept, "text/html") ? lookup("/index.html") : NULL;
}

/* Whether the client takes gzip; a quality of zero, which nobody sends, is not looked for. */
static bool
takes_gzip(const ApiRequest *request)
{
    const char *codings = api_header(request, "Accept-Encoding");

    return codings && strstr(codings, "gzip");
}

struct MHD_Response *
asset_response(const Asset *asset, ApiRequest *request)
{
    const char *known = api_header(request, "If-None-Match");
    bool packed = asset->packed && takes_gzip(request);
    const HttpAsset *file = packed ? asset->packed : asset->plain;
    bool unchanged = known && strstr(known, asset->etag);
    bool lasting = strncmp(asset->plain->path, "/assets/", 8) == 0;

    request->status = unchanged ? 304 : 200;
    request->answer_type = asset->plain->type;
    api_answer_header(request, "ETag", asset->etag);
    api_answer_header(request, "Cache-Control",
                      lasting ? "public, max-age=31536000, immutable" : "no-cache");
    if (asset->packed)
        api_answer_header(request, "Vary", "Accept-Encoding");
    if (packed && !unchanged)
        api_answer_header(request, "Content-Encoding", "gzip");
    return MHD_create_response_from_buffer(unchanged ? 0 : file->length, (void *) file->bytes,
                                           MHD_RESPMEM_PERSISTENT);
}
