#!/usr/bin/env python3
"""Writes CREATE COLLATION for engine/types/collations.def, as collation.c expands it."""
import re
import sys

KEYS = {"CI_AI": "ks-level1", "CI_AS": "ks-level2", "CS_AI": "kc-ks-level1", "CS_AS": "ks-level3"}
SIX = ["BIN", "BIN2", "CI_AI", "CI_AS", "CS_AI", "CS_AS"]


def create(name, locale, sensitivity):
    if sensitivity.startswith("BIN"):
        return f"CREATE COLLATION sys.\"{name}\" (provider = libc, locale = 'C');\n"
    joint = "-" if "-u-" in locale else "-u-"
    # Keywords of an ICU locale stand in alphabetical order: co, kc, ks.
    return (f"CREATE COLLATION sys.\"{name}\" (provider = icu, locale = '{locale}{joint}{KEYS[sensitivity]}', "
            "deterministic = false);\n")


def main():
    sql = ""
    for line in open(sys.argv[1], encoding="utf-8"):
        match = re.match(r"(SQL_SORT|WINDOWS_100|WINDOWS)\((.*)\)\s*$", line)
        if not match:
            continue
        values = [v.strip().strip('"') for v in match.group(2).split(",")]
        if match.group(1) == "SQL_SORT":
            sql += create(values[0], values[4], values[5])
            continue
        base, locale = values[0], values[3]
        if match.group(1) == "WINDOWS_100":
            base += "_100"
        for sensitivity in SIX:
            sql += create(f"{base}_{sensitivity}", locale, sensitivity)
        if match.group(1) == "WINDOWS_100":
            for suffix in ("_SC", "_SC_UTF8"):
                for sensitivity in SIX[2:]:
                    sql += create(f"{base}_{sensitivity}{suffix}", locale, sensitivity)
            sql += create(f"{base}_BIN2_UTF8", "", "BIN2")
    open(sys.argv[2], "w", encoding="utf-8").write(sql)


main()
