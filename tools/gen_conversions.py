#!/usr/bin/env python3
"""Writes CREATE FUNCTION sys.to_<type>(...) for every conversion of engine/types/conversions.def."""
import itertools
import re
import sys


def types_of(path):
    types = []
    for line in open(path, encoding="utf-8"):
        match = re.match(r'SQL_TYPE\((\w+), "([^"]+)", \d+, \d+, "(\w+)"', line)
        if match:
            types.append((match.group(1), match.group(3)))
    return types


BUILT_IN = {"bool", "int2", "int4", "int8", "float4", "float8", "date"}
DATES = {"time", "date", "smalldatetime", "datetime", "datetime2", "datetimeoffset"}
STRINGS = {"char", "varchar", "nchar", "nvarchar", "text", "ntext", "sql_variant"}


def pg(name):
    return f"pg_catalog.{name}" if name in BUILT_IN else f'sys."{name}"'


def main():
    types = types_of(sys.argv[1])
    pg_name = dict(types)
    done = set()
    sql = ""
    for line in open(sys.argv[2], encoding="utf-8"):
        match = re.match(r'CONVERSIONS\((\w+),\s*"([^"]+)"\)', line)
        if not match:
            continue
        source = pg_name[match.group(1)]
        letters = match.group(2).replace(" ", "")
        if len(letters) > len(types):
            sys.exit(f"{match.group(1)}: {len(letters)} letters for {len(types)} types")
        for letter, (_, target) in itertools.zip_longest(letters, types, fillvalue="-"):
            if (letter == "-" and source != target) or (source, target) in done:
                continue
            done.add((source, target))
            volatility = "STABLE" if source in STRINGS and target in DATES else "IMMUTABLE"
            # The date order is the session's, which parallel workers do not have.
            parallel = "SAFE" if volatility == "IMMUTABLE" else "RESTRICTED"
            sql += (f'CREATE FUNCTION sys."to_{target}"({pg(source)}, int4, int4, int4) RETURNS {pg(target)} '
                    f"LANGUAGE c AS 'MODULE_PATHNAME', 'sql_convert' {volatility} STRICT PARALLEL {parallel};\n")
    sql += "CREATE FUNCTION sys.at_run_time(int4) RETURNS int4 LANGUAGE internal AS 'int4up' VOLATILE STRICT PARALLEL SAFE;\n"
    for base in ("nvarchar", "varbinary"):
        sql += (f"CREATE FUNCTION sys.fit_column(sys.{base}, int4, oid, int4, int4) RETURNS sys.{base} "
                "LANGUAGE c AS 'MODULE_PATHNAME', 'sql_fit_column' STABLE STRICT PARALLEL SAFE;\n")
    open(sys.argv[3], "w", encoding="utf-8").write(sql)


main()
