/*
 * no_assets.c: the table of embedded files of a build without the console.
 */
#include "http/server.h"

const HttpAsset http_assets[] = {{0}};
const int http_asset_count = 0;
