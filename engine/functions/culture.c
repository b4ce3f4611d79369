/*
 * The table of cultures, and the names of months and days out of ICU.
 */
#include "functions/culture.h"

#include "mb/pg_wchar.h"

#include <unicode/udat.h>
#include <unicode/ustring.h>

static const Culture cultures[] = {
#define CULTURE(...) {__VA_ARGS__},
#include "functions/cultures.def"
#undef CULTURE
};

const Culture *
culture_by_name(const char *name)
{
    size_t length = strlen(name);
    bool language = length > 0 && strchr(name, '-') == NULL;

    for (int i = 0; i < lengthof(cultures); i++)
        if (pg_strcasecmp(cultures[i].name, name) == 0 ||
            (language && pg_strncasecmp(cultures[i].name, name, length) == 0 &&
             cultures[i].name[length] == '-'))
            return &cultures[i];
    return NULL;
}

char *
culture_name_of(const Culture *culture, CultureNames names, int index)
{
    static const UDateFormatSymbolType kinds[] = {
        [CULTURE_MONTHS] = UDAT_MONTHS,
        [CULTURE_MONTHS_ALONE] = UDAT_STANDALONE_MONTHS,
        [CULTURE_SHORT_MONTHS] = UDAT_SHORT_MONTHS,
        [CULTURE_DAYS] = UDAT_WEEKDAYS,
        [CULTURE_SHORT_DAYS] = UDAT_SHORT_WEEKDAYS,
    };
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format =
        udat_open(UDAT_DEFAULT, UDAT_DEFAULT, culture->name, NULL, 0, NULL, 0, &status);
    UChar wide[64];
    char *name = palloc0(256);
    /* ICU counts weekdays from 1, months from 0. */
    bool day = names == CULTURE_DAYS || names == CULTURE_SHORT_DAYS;

    if (U_SUCCESS(status)) {
        udat_getSymbols(format, kinds[names], index + (day ? 1 : 0), wide, lengthof(wide), &status);
        udat_close(format);
    }
    if (U_SUCCESS(status))
        u_strToUTF8(name, 256, NULL, wide, -1, &status);
    if (U_FAILURE(status))
        elog(ERROR, "ICU has no names for culture %s: %s", culture->name, u_errorName(status));
    return name;
}
