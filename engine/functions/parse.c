/*
 * PARSE and TRY_PARSE: the text of a culture of cultures.def rewritten into the form that every
 * conversion reads. The binder puts this under the conversion to the wanted type, so that only
 * what a culture decides is here: separators, signs and symbols; dates are in parse_date.c.
 */
#include "postgres.h"

#include "errors/errors.h"
#include "fmgr.h"
#include "functions/characters.h"
#include "functions/culture.h"
#include "functions/parse_date.h"
#include "lib/stringinfo.h"
#include "types/sqltype.h"
#include "utils/builtins.h"

#include <ctype.h>

PG_FUNCTION_INFO_V1(fn_parse);

/* What a number may hold beside digits, one sign and the decimal separator. */
typedef struct NumberRules {
    bool groups, currency, exponent, whole;
} NumberRules;

/* Steps over `word` when the text goes on with it; a no-break space is also a space. */
static bool
skip_word(const char **text, const char *word)
{
    size_t length = strlen(word);

    if (length > 0 && strncmp(*text, word, length) == 0) {
        *text += length;
        return true;
    }
    if (strcmp(word, "\302\240") == 0 && **text == ' ') {
        ++*text;
        return true;
    }
    return false;
}

static void
skip_space(const char **text)
{
    while (isspace((unsigned char) **text) || strncmp(*text, "\302\240", 2) == 0)
        *text += **text == '\302' ? 2 : 1;
}

/* Signs, parentheses and the symbol on one side of the digits. `open`: a parenthesis is open. */
static void
skip_marks(const char **text,
           const Culture *culture,
           NumberRules rules,
           int *signs,
           int *symbols,
           bool *negative,
           int *open)
{
    for (;;) {
        skip_space(text);
        if (**text == '-' || **text == '+') {
            ++*signs;
            *negative |= *(*text)++ == '-';
        } else if (rules.currency && skip_word(text, culture->currency))
            ++*symbols;
        else if (rules.currency && (**text == '(' || **text == ')')) {
            /* -1 stands for a pair that was closed */
            *open = *(*text)++ == '(' ? (*open == 0 ? 1 : 2) : (*open == 1 ? -1 : 2);
            *negative = true;
        } else
            return;
    }
}

/* The fraction; false when a whole number is wanted and it is not zero. */
static bool
read_fraction(const char **text, NumberRules rules, StringInfo out, int *digits)
{
    if (!rules.whole)
        appendStringInfoChar(out, '.');
    for (; isdigit((unsigned char) **text); ++*text, ++*digits)
        if (!rules.whole)
            appendStringInfoChar(out, **text);
        else if (**text != '0')
            return false;
    return true;
}

static bool
read_exponent(const char **text, StringInfo out)
{
    int length = 1;

    if ((*text)[length] == '-' || (*text)[length] == '+')
        length++;
    if (!isdigit((unsigned char) (*text)[length]))
        return false;
    while (isdigit((unsigned char) (*text)[length]))
        length++;
    appendBinaryStringInfo(out, *text, length);
    *text += length;
    return true;
}

static bool
rewrite_number(const char *text, const Culture *culture, NumberRules rules, StringInfo out)
{
    int signs = 0, symbols = 0, open = 0, digits = 0;
    bool negative = false;
    StringInfoData number;

    initStringInfo(&number);
    skip_marks(&text, culture, rules, &signs, &symbols, &negative, &open);
    for (;;) {
        if (isdigit((unsigned char) *text)) {
            appendStringInfoChar(&number, *text++);
            digits++;
            continue;
        }
        /* a group that is a space must not take the space before a trailing symbol */
        const char *after = text;

        if (!rules.groups || digits == 0 || !skip_word(&after, culture->group) ||
            (isspace((unsigned char) *text) && !isdigit((unsigned char) *after)))
            break;
        text = after;
    }
    if (digits == 0)
        appendStringInfoChar(&number, '0');
    if (skip_word(&text, culture->decimal) && !read_fraction(&text, rules, &number, &digits))
        return false;
    if (rules.exponent && digits > 0 && (*text == 'e' || *text == 'E') &&
        !read_exponent(&text, &number))
        return false;
    if (digits == 0)
        return false;
    skip_marks(&text, culture, rules, &signs, &symbols, &negative, &open);
    if (number.data[number.len - 1] == '.')
        number.data[--number.len] = '\0';
    appendStringInfo(out, "%s%s", negative ? "-" : "", number.data);
    return *text == '\0' && symbols <= 1 && (open == 0 || open == -1) &&
           signs + (open != 0 ? 1 : 0) <= 1;
}

static bool
rewrite(const char *text, const Culture *culture, SqlTypeId type, StringInfo out)
{
    NumberRules rules = {.groups = true};

    if (sql_type_info(type)->category == 'T')
        return parse_culture_date(text, culture, type, out);
    rules.whole = sql_type_is_integer(type);
    rules.currency = type == SQL_MONEY || type == SQL_SMALLMONEY;
    if (type == SQL_FLOAT || type == SQL_REAL)
        rules = (NumberRules){.exponent = true};
    return rewrite_number(text, culture, rules, out);
}

/* parse(text, culture, SqlTypeId, typmod, try): culture '' is the default. */
Datum
fn_parse(PG_FUNCTION_ARGS)
{
    char *input = text_to_cstring(PG_GETARG_TEXT_PP(0));
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
    SqlTypeId id = (SqlTypeId) PG_GETARG_INT32(2);
    SqlType from = sql_type_string(SQL_NVARCHAR, -1, PG_GET_COLLATION());
    SqlType to = sql_type_from_pg(sql_type_oid(id), PG_GETARG_INT32(3), InvalidOid);
    const Culture *culture = culture_by_name(*name == '\0' ? "en-US" : name);
    bool failed = false;
    StringInfoData out;
    Datum result = (Datum) 0;

    if (culture == NULL)
        tsql_error(ERR_9818, "culture", PG_GETARG_BOOL(4) ? "try_parse" : "parse");
    initStringInfo(&out);
    if (!rewrite(input, culture, id, &out))
        failed = true;
    else {
        result = string_datum(out.data, out.len);
        /* What is out of the type's range is an error of PARSE, not one of the conversion. */
        sql_convert_datum(result, false, &from, &to, CONVERSION_TRY, 0, &failed);
    }
    if (failed && !PG_GETARG_BOOL(4))
        tsql_error(ERR_9819, input, sql_type_info(id)->name, name);
    if (failed)
        PG_RETURN_NULL();
    return result;
}
