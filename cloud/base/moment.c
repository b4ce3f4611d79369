/*
 * moment.c: moments as services write and read them; see moment.h.
 */
#include "base/moment.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

Moment
moment_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (Moment) now.tv_sec * MOMENT_SECOND + now.tv_nsec / 1000;
}

/* The calendar's parts of a moment; microseconds within the second are returned. */
static int
parts_of(Moment moment, struct tm *parts)
{
    Moment micros = moment % MOMENT_SECOND;

    if (micros < 0)
        micros += MOMENT_SECOND;
    time_t seconds = (time_t) ((moment - micros) / MOMENT_SECOND);
    memset(parts, 0, sizeof(*parts));
    gmtime_r(&seconds, parts);
    return (int) micros;
}

void
moment_rds(Moment moment, char text[MOMENT_TEXT])
{
    struct tm parts;

    parts_of(moment, &parts);
    strftime(text, MOMENT_TEXT, "%Y-%m-%dT%H:%M:%S+0000", &parts);
}

void
moment_iso(Moment moment, char text[MOMENT_TEXT])
{
    struct tm parts;
    int micros = parts_of(moment, &parts);
    size_t length = strftime(text, MOMENT_TEXT, "%Y-%m-%dT%H:%M:%S", &parts);

    snprintf(text + length, MOMENT_TEXT - length, ".%06dZ", micros);
}

/* Reads exactly so many digits. */
static bool
digits(const char **at, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (!isdigit((unsigned char) **at))
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return true;
}

static bool
skip(const char **at, char byte)
{
    if (**at != byte)
        return false;
    (*at)++;
    return true;
}

/* "", "Z", "+0000", "+00:00" or "+00"; minutes east of Greenwich. */
static bool
read_zone(const char **at, int *minutes)
{
    int hour = 0, minute = 0;

    *minutes = 0;
    if (**at == '\0')
        return true;
    if (skip(at, 'Z') || skip(at, 'z'))
        return **at == '\0';
    int sign = **at == '-' ? -1 : 1;
    if (!skip(at, '+') && !skip(at, '-'))
        return false;
    if (!digits(at, 2, &hour))
        return false;
    skip(at, ':');
    if (**at != '\0' && !digits(at, 2, &minute))
        return false;
    if (hour > 15 || minute > 59)
        return false;
    *minutes = sign * (hour * 60 + minute);
    return **at == '\0';
}

/* ".123456": microseconds; digits beyond the sixth are dropped. */
static int
read_fraction(const char **at)
{
    int micros = 0, unit = 100000;

    if (!skip(at, '.'))
        return 0;
    for (; isdigit((unsigned char) **at); (*at)++, unit /= 10)
        micros += (**at - '0') * unit;
    return micros;
}

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool
is_date(const struct tm *parts)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (parts->tm_mon < 1 || parts->tm_mon > 12 || parts->tm_mday < 1)
        return false;
    int length = lengths[parts->tm_mon - 1] + (parts->tm_mon == 2 && is_leap(parts->tm_year));
    return parts->tm_mday <= length && parts->tm_hour < 24 && parts->tm_min < 60 &&
           parts->tm_sec <= 60;
}

bool
moment_parse(const char *text, Moment *moment)
{
    struct tm parts = {0};
    const char *at = text;
    int zone = 0;

    if (!digits(&at, 4, &parts.tm_year))
        return false;
    bool dashes = skip(&at, '-');
    if (!digits(&at, 2, &parts.tm_mon) || (dashes && !skip(&at, '-')) ||
        !digits(&at, 2, &parts.tm_mday) || (!skip(&at, 'T') && !skip(&at, ' ')))
        return false;
    if (!digits(&at, 2, &parts.tm_hour))
        return false;
    bool colons = skip(&at, ':');
    if (!digits(&at, 2, &parts.tm_min) || (colons && !skip(&at, ':')) ||
        !digits(&at, 2, &parts.tm_sec))
        return false;
    int micros = read_fraction(&at);
    if (!read_zone(&at, &zone) || !is_date(&parts))
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    *moment = ((Moment) timegm(&parts) - zone * 60) * MOMENT_SECOND + micros;
    return true;
}
