#!/usr/bin/env python3
"""Declares the PostgreSQL functions of the @@functions from engine/bind/global.def."""
import re
import sys

RESULTS = {"int": "int4", "smallint": "int2", "tinyint": "sys.tinyint", "text": "sys.nvarchar",
           "identity": "sys.decimal", "dbts": "sys.varbinary"}
source, target = sys.argv[1:3]
with open(source, encoding="utf-8") as rows, open(target, "w", encoding="utf-8") as script:
    for suffix, ctype in re.findall(r'^GLOBAL\("[^"]+", (\w+), \w+, (\w+),', rows.read(), re.M):
        script.write(f"CREATE FUNCTION sys.global_{suffix}() RETURNS {RESULTS[ctype]} LANGUAGE c "
                     f"AS 'MODULE_PATHNAME', 'casement_global_{suffix}' STABLE PARALLEL RESTRICTED;\n")
