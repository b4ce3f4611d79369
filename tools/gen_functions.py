#!/usr/bin/env python3
"""Writes CREATE FUNCTION for the overloads in engine/functions/functions.def."""
import itertools
import re
import sys

OWN = {"tinyint", "decimal", "money", "smallmoney", "nvarchar", "varchar", "nchar", "varbinary", "binary",
       "rowversion", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset", "uniqueidentifier",
       "sql_variant", "xml"}
CLASSES = {
    "@date": ["date", "time", "smalldatetime", "datetime", "datetime2", "datetimeoffset"],
    "@number": ["int4", "int8", "decimal", "money", "float8"],
    "@text": ["nvarchar", "varbinary"],
}


def pg(name):
    if name == "any":
        return '"any"'
    if name.startswith("VARIADIC "):
        return "VARIADIC " + pg(name[9:])
    return f"sys.{name}" if name in OWN else name


def overload_sql(pg_name, overload, flags):
    match = re.match(r"\(([^)]*)\) *(SETOF )?(\S+) *= *(\S+)$", overload)
    if not match:
        sys.exit(f"{pg_name}: cannot read overload '{overload}'")
    arguments = [a.strip() for a in match.group(1).split(",") if a.strip()]
    sql = ""
    # A class stands for the same member everywhere it appears in the overload.
    classes = sorted({a for a in arguments + [match.group(3)] if a.startswith("@")})
    for members in itertools.product(*[CLASSES[c] for c in classes]):
        chosen = dict(zip(classes, members))
        types = ", ".join(pg(chosen.get(a, a)) for a in arguments)
        result = pg(chosen.get(match.group(3), match.group(3)))
        volatility = "VOLATILE" if "FUNCTION_VOLATILE" in flags else "STABLE" if "FUNCTION_STABLE" in flags else "IMMUTABLE"
        strict = "" if "FUNCTION_CALLED_ON_NULL" in flags else " STRICT"
        # Workers do not have the session: what depends on it stays with the leader.
        parallel = "SAFE" if volatility == "IMMUTABLE" else "RESTRICTED"
        sql += (f'CREATE FUNCTION sys."{pg_name}"({types}) RETURNS {match.group(2) or ""}{result} LANGUAGE c '
                f"AS 'MODULE_PATHNAME', '{match.group(4)}' {volatility}{strict} PARALLEL {parallel};\n")
    return sql


def main():
    sql = ""
    done = set()
    text = open(sys.argv[1], encoding="utf-8").read()
    for match in re.finditer(r'^SQL_FUNCTION\("([^"]+)", (\w+), [^"]*"([^"]*)", (\w+), "([^"]*)",\s*([^"]*),\s*((?:"[^"]*"\s*)+)\)', text, re.M):
        overloads = "".join(re.findall(r'"([^"]*)"', match.group(7)))
        for overload in overloads.split(";"):
            overload = overload.strip()
            if overload and (match.group(5), overload) not in done:
                done.add((match.group(5), overload))
                sql += overload_sql(match.group(5), overload, match.group(6))
    open(sys.argv[2], "w", encoding="utf-8").write(sql)


main()
