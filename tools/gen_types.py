#!/usr/bin/env python3
"""Writes the SQL of the types in engine/types/pg_types.def: types, operators, operator classes."""
import re
import sys

COLLATABLE = {"nvarchar", "varchar", "nchar", "char", "ntext", "text"}
OPERATORS = [
    # name, suffix, commutator, negator, restriction, join, btree strategy
    ("=", "eq", "=", "<>", "eqsel", "eqjoinsel", 3),
    ("<>", "ne", "<>", "=", "neqsel", "neqjoinsel", 0),
    ("<", "lt", ">", ">=", "scalarltsel", "scalarltjoinsel", 1),
    ("<=", "le", ">=", ">", "scalarlesel", "scalarlejoinsel", 2),
    (">", "gt", "<", "<=", "scalargtsel", "scalargtjoinsel", 5),
    (">=", "ge", "<=", "<", "scalargesel", "scalargejoinsel", 4),
]


def quoted(name):
    return f'sys."{name}"'


def body(symbol):
    if symbol.startswith("internal:"):
        return f"LANGUAGE internal AS '{symbol[9:]}'"
    return f"LANGUAGE c AS 'MODULE_PATHNAME', '{symbol}'"


def function(name, args, result, symbol, volatility="IMMUTABLE"):
    return f"CREATE FUNCTION sys.{name}({args}) RETURNS {result} {body(symbol)} {volatility} STRICT PARALLEL SAFE;\n"


def type_sql(t):
    name, q = t["name"], quoted(t["name"])
    # Reading dates depends on the session's date order.
    volatility = "STABLE" if "date" in name or name == "time" else "IMMUTABLE"
    needs_typmod = t["typmod"] in ("sql_decimal", "sql_scale")
    in_args = "cstring, oid, int4" if needs_typmod else "cstring"
    if t["in"] == "internal:bytearecv":
        in_args = "internal"
    sql = f"CREATE TYPE {q};\n"
    sql += function(f"{name}_in", in_args, q, t["in"], volatility)
    sql += function(f"{name}_out", q, "cstring", t["out"])
    options = [f"INPUT = sys.{name}_in", f"OUTPUT = sys.{name}_out"]
    if t["recv"]:
        recv_args = "internal, oid, int4" if name == "decimal" else "internal"
        sql += function(f"{name}_recv", recv_args, q, t["recv"])
        sql += function(f"{name}_send", q, "bytea", t["send"])
        options += [f"RECEIVE = sys.{name}_recv", f"SEND = sys.{name}_send"]
    if t["typmod"]:
        sql += function(f"{name}_typmod_in", "cstring[]", "int4", t["typmod"] + "_typmod_in")
        sql += function(f"{name}_typmod_out", "int4", "cstring", t["typmod"] + "_typmod_out")
        options += [f"TYPMOD_IN = sys.{name}_typmod_in", f"TYPMOD_OUT = sys.{name}_typmod_out"]
    options.append(f"INTERNALLENGTH = {'VARIABLE' if t['length'] == '-1' else t['length']}")
    if t["byval"] == "true":
        options.append("PASSEDBYVALUE")
    options += [f"ALIGNMENT = {t['align']}", f"STORAGE = {t['storage']}"]
    if name in COLLATABLE:
        options.append("COLLATABLE = true")
    family = "Z" if name in ("varbinary", "binary", "image") else "Y" if name in COLLATABLE else "U"
    options.append(f"CATEGORY = '{family}'")
    if name in ("nvarchar", "varbinary"):
        options.append("PREFERRED = true")
    sql += f"CREATE TYPE {q} ({', '.join(options)});\n"
    return sql


def comparison_symbol(compare, suffix):
    if compare in ("int4", "int8"):
        if suffix == "cmp":
            return f"internal:bt{compare}cmp"
        return f"internal:{compare}{suffix}"
    return f"{compare}_{suffix}"


def comparison_sql(t):
    name, q = t["name"], quoted(t["name"])
    sql = ""
    for op, suffix, commutator, negator, restrict, join, _ in OPERATORS:
        sql += function(f"{name}_{suffix}", f"{q}, {q}", "bool", comparison_symbol(t["compare"], suffix))
        extra = ", MERGES, HASHES" if op == "=" else ""
        sql += (f"CREATE OPERATOR sys.{op} (FUNCTION = sys.{name}_{suffix}, LEFTARG = {q}, RIGHTARG = {q}, "
                f"COMMUTATOR = OPERATOR(sys.{commutator}), NEGATOR = OPERATOR(sys.{negator}), "
                f"RESTRICT = {restrict}, JOIN = {join}{extra});\n")
    sql += function(f"{name}_cmp", f"{q}, {q}", "int4", comparison_symbol(t["compare"], "cmp"))
    for suffix in ("larger", "smaller"):
        sql += function(f"{name}_{suffix}", f"{q}, {q}", q, comparison_symbol(t["compare"], suffix))
    internal = t["compare"] in ("int4", "int8")
    sql += function(f"{name}_hash", q, "int4", ("internal:" if internal else "") + t["hash"])
    extended = f"internal:{t['hash']}extended" if internal else t["hash"] + "_extended"
    sql += function(f"{name}_hash_extended", f"{q}, int8", "int8", extended)
    if name == "tinyint":
        return sql  # its operator classes are in integer_ops: types.sql
    items = ", ".join(f"OPERATOR {strategy} sys.{op}" for op, *_, strategy in OPERATORS if strategy)
    support = f"FUNCTION 1 sys.{name}_cmp({q}, {q})"
    if name == "nvarchar":
        sql += "CREATE FUNCTION sys.nvarchar_sortsupport(internal) RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'sql_string_sortsupport' IMMUTABLE STRICT PARALLEL SAFE;\n"
        support += ", FUNCTION 2 sys.nvarchar_sortsupport(internal)"
    elif internal:
        support += f", FUNCTION 2 bt{t['compare']}sortsupport(internal)"
    if internal or name == "uniqueidentifier":
        support += ", FUNCTION 4 btequalimage(oid)"
    sql += f"CREATE OPERATOR CLASS sys.{name}_ops DEFAULT FOR TYPE {q} USING btree AS {items}, {support};\n"
    sql += (f"CREATE OPERATOR CLASS sys.{name}_ops DEFAULT FOR TYPE {q} USING hash AS OPERATOR 1 sys.=, "
            f"FUNCTION 1 sys.{name}_hash({q}), FUNCTION 2 sys.{name}_hash_extended({q}, int8);\n")
    return sql


def aggregate_sql(t):
    name, q = t["name"], quoted(t["name"])
    sql = ""
    for aggregate, suffix, op in (("max", "larger", ">"), ("min", "smaller", "<")):
        sql += (f"CREATE AGGREGATE sys.{aggregate}({q}) (SFUNC = sys.{name}_{suffix}, STYPE = {q}, "
                f"COMBINEFUNC = sys.{name}_{suffix}, SORTOP = OPERATOR(sys.{op}), PARALLEL = SAFE);\n")
    return sql


def main():
    source, out = sys.argv[1], sys.argv[2]
    fields = ["name", "length", "byval", "align", "storage", "in", "out", "recv", "send", "typmod", "compare", "hash"]
    types = []
    for line in open(source, encoding="utf-8"):
        match = re.match(r"PG_TYPE\((.*)\)\s*$", line)
        if match:
            values = [v.strip().strip('"') for v in match.group(1).split(",")]
            types.append(dict(zip(fields, values)))
    sql = "".join(type_sql(t) for t in types)
    for t in types:
        if t["compare"].startswith("like:"):
            base = quoted(t["compare"][5:])
            sql += f"CREATE CAST ({quoted(t['name'])} AS {base}) WITHOUT FUNCTION AS IMPLICIT;\n"
            sql += f"CREATE CAST ({base} AS {quoted(t['name'])}) WITHOUT FUNCTION AS ASSIGNMENT;\n"
    for t in types:
        if t["compare"] and not t["compare"].startswith("like:"):
            sql += comparison_sql(t) + aggregate_sql(t)
    open(out, "w", encoding="utf-8").write(sql)


main()
